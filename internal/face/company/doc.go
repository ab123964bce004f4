// Package company is the face for companies: register, post vacancies, answer
// applicants.
//
// Nouns: the company one acts for, its vacancies, its applicants, the inbox. Who
// acts for a company is a person signed in by phone who holds a grant on it; one
// who acts for several chooses, and the choice stays in the session.
//
// Invariants: a page shows and changes the records of the chosen company only,
// whatever other rights the person has, so another company's number is not
// found; a button is shown only for a step that is legal now; a refusal of a
// vacancy stands beside its field, with the rule and the law folded below it.
//
// Opening an applicant's page counts as having viewed the application: the GET
// fires the step "view", which changes nothing when it was viewed before. It is
// the one GET here that writes; the worker is owed that fact, not a button that
// a company may forget to press.
//
// States and rules are in measure/employment; this package holds none.
package company
