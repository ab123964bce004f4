// Package simulator holds the partners of the house in a box, one package each,
// behind the same interfaces as the real ones and with faults to inject, so that
// every failure of an outside party can be had at will in a test, a demo or a
// rehearsal.
//
// Invariants of every simulator: the same seed and the same calls give the same
// faults; it opens no socket; it tells what it has seen (inspection) without a
// log; time comes from a clock.Clock.
package simulator
