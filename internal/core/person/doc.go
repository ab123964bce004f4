// Package person keeps one record for each worker, across all measures.
//
// Noun: a Person, found by the phone number or the resident number (GB
// 11643-1999), both through a keyed hash in the registry. Consents say to whom a
// person has opened what, for which purpose and until when.
//
// Invariants:
//   - a phone number and a resident number belong to one person in the whole
//     province; the registry decides also between two first sign-ins at once;
//   - both numbers are sealed in place (vault.Place: city, persons, id, field) and
//     shown masked everywhere; reading one in clear needs a purpose and is audited;
//   - custody (city_code) follows the division at the first record and never
//     changes; org_path follows the division where the person lives or works now;
//   - sex and birth day come from the resident number and are not asked;
//   - a person sees the own record, its consents and every use of it (Uses); a
//     desk sees the records of its subtree; companies see none.
//
// Merging two records, and undoing it, is not part of this package yet.
//
// Tables: persons, consents (city); in registry (ref) the kinds phone and resident_id.
// Law: 个人信息保护法 第十三条、第十五条 (consent and its withdrawal), 第四十五条 (a person
// may see the use of their data), 第五十一条 (encryption, de-identification).
package person
