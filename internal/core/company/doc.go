// Package company keeps one record for each company.
//
// Noun: a Company, found by its unified social credit code (GB 32100-2015) or,
// where a source gives none, by its normalised name. Facts about it (staff,
// revenue, assets by year) are kept side by side with their source.
//
// States:
//
//	listed    known from an import only; nobody has claimed it
//	submitted registered by somebody, to be verified by the county
//	returned  sent back by the county with a reason
//	verified  may post vacancies
//	blocked   shut out; it can neither register again nor be claimed
//
// Invariants:
//   - a credit code belongs to one company in the whole province, and a listed
//     company is claimed by its registration, never doubled; the registry decides
//     also between two at once;
//   - custody (city_code) follows the division at the first record and never
//     changes; org_path is that of the county (or zone) union in charge, of the
//     city or the province where no county is known;
//   - the contact's phone is sealed; lists and details show it masked; reading it
//     needs a purpose and is audited; Public holds no contact at all;
//   - what a company was called, and whose codes it took over, is kept with its day
//     and reason; lists find it by them, with less confidence than by its own.
//
// Tables: companies, company_facts, company_formers (city); in registry (ref) the
// kinds credit_code, company_name, company_former_name and merged_credit_code.
package company
