// Package registry keeps values that are unique in the whole province, and
// whose they are: a phone number, a credit code.
//
// Noun: a key, the kind of a value with its keyed hash, and the holder, the
// record that the value belongs to. The value itself is not kept.
//
// Invariants: a key has one holder at most; of two claims at once one wins, and
// the other learns of it only when the winner's transaction has ended.
//
// Tables: registry (ref), the one that is not separable by city: a value can be
// unique in all cities only where all cities look.
package registry
