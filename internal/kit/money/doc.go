// Package money counts in fen.
//
// Noun: Fen, an integer amount of 0.01 yuan. Invariants: no floating point
// anywhere; arithmetic that would not fit is a fault, never a wrong number; the
// parts of a split always add up to the whole.
package money
