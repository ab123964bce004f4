// Package pain writes payment orders for a bank and reads its answers: ISO 20022
// pain.001.001.10 (customer credit transfer initiation) and pain.002 (payment
// status report, version 03 and later).
//
// Nouns: an Order, payments out of one account; a Report, what the bank says
// became of them. Invariants: the control sums are those of the payments; a
// payment is known by its end-to-end id, which the bank gives back; a report is
// read as far as it can be understood or not at all.
//
// It knows no databases and no business words.
package pain
