// Package bank simulates a bank that takes payment orders (pain.001) and answers
// with status reports (pain.002).
//
// Nouns: an order taken, which is a message id; an account, which knows what was
// paid into it; an answer on its way.
//
// Like a good bank it takes a message id once and moves each payment once: an
// order sent again after an answer was lost is answered again and pays nobody
// twice. With ForgetOrders it behaves like a bad one.
//
// Faults, each at a rate between 0 and 1, drawn from a seed: Reject (a payment
// comes back: account closed), Late (a payment is pending first and settled with
// a later answer), Twice (an answer comes twice), Lose (an answer never comes,
// until asked for again), Refuse (the whole order), Down (sending fails, and
// nobody knows whether the order arrived), Stranger (an answer names a payment
// that nobody ordered), Contradict (a settled payment is rejected later: 退汇).
package bank
