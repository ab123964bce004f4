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
//     needs a purpose and is audited; Public holds no contact at all.
//
// Tables: companies, company_facts (city); in registry (ref) the kinds
// credit_code and company_name.
package company
