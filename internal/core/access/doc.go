// Package access decides who may do what, and where.
//
// Nouns: a Capability is a verb of the house ("vacancy.review"), a constant of
// the program. A role is a named set of capabilities: data, which the
// federation may edit (table roles). A grant is account + role + union unit, or
// account + role + company. An Actor is the person or program behind a request
// with its grants resolved.
//
// Invariants:
//   - No actor in the context: refuse. No scope in the context: refuse.
//   - A grant on a unit reaches the unit's subtree and nothing else; a grant on
//     a company reaches that company and nothing else.
//   - A capability over one's own records (SelfUse) comes with being a worker
//     and is not in any role.
//   - A bearer token narrows: the actor has what both the account and the
//     token have, never more, in decisions (Can) and in lists (the scope) alike.
//   - What lies outside the scope is not found; what is visible but not one's to
//     do is Forbidden "access.denied".
//
// A detail is decided by Can, a list by the scope that Enter and For put into
// the context; both read the same grants, so they cannot disagree. The matrix
// of the built-in roles is testdata/matrix.txt, written to be read by anyone.
//
// Table: roles (local).
//
// Law: 个人信息保护法 (2021) art. 51(二): 合理确定个人信息处理的操作权限.
package access
