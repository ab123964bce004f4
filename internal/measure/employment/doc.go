// Package employment is measure 1, 就业服务提升行动: a worker finds a vacancy and
// applies, a company hires, and the union counts whom it served.
//
// Nouns: an employer is a company that the county has verified; a Vacancy is
// one post on offer; an Application is one person's bid for one vacancy; a
// ServiceRecord is a guidance session, a fair check-in or a recommendation.
//
// Invariants: only a verified company has vacancies on offer that it posted
// itself; an imported vacancy keeps its source; the same post of the same
// company at the same place is one vacancy (Identity); one person applies for a
// vacancy once; a company reads a phone number only with the worker's consent;
// a vacancy is off the list the day after valid_to.
//
// States are in flow.go and drawn in docs/flows. Tables: vacancies,
// applications, seekers, employment_services.
//
// Law: 就业促进法 第九条 (unions assist), 第二十六至三十一条 (no discrimination);
// 人力资源市场暂行条例 (国务院令第700号); 网络招聘服务管理规定 (人社部令第44号,
// in force 2021-03-01). Rules are dated: screen.go.
package employment
