// Package partner is the face for people of offices that work with the union: so
// far the tax office, which collects the dues.
//
// Nouns: the tax office's own files as they stand in the collection ledger, the
// breaks found in them, two submissions of one month, corrections asked for.
//
// Invariants: a partner sees the records of his own county and of those nothing
// that is the union's: no account, no contact, no amount that reached the union,
// no word on how the union settled a break; he writes nothing but a request and a
// signature; he signs in like staff and has no desk.
//
// States and rules are in measure/dues; this package holds none.
package partner
