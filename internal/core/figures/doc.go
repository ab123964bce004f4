// Package figures counts every promised number, from records, once.
//
// Nouns: an indicator (a definition with a unit and a period), a fact (one
// subject earned it, at one place, on one day), a rollup (the sum of the facts at
// and below a place on a day), a target (what a unit has promised).
//
// Invariants:
//   - A fact is written in the transaction that earns it, and never changed.
//   - (city, indicator, period, subject) is unique. Where the definition says
//     persons the subject is the person, so nobody is counted twice in a period;
//     where it says person-times it is the record of the service.
//   - Each new fact adds to the rollup of its day at its own place and at every
//     place above, in the same transaction; so the rollup of a unit is one
//     equality in an index, whether the unit is a township or the province.
//     Verify proves it, Rebuild mends it.
//   - Yesterday's published figure can be said again: AsOf leaves out what was
//     recorded later, whatever day it was earned on.
//   - Numerator and denominator are kept; rates are computed when shown.
//   - Targets of children may exceed the target of their parent (加压).
//
// Tables: figure_facts, figure_rollups (city), figure_targets (ref).
//
// Law: 统计法 (2009) art. 9, art. 21: figures rest on original records and
// accounts (原始记录、统计台账) that can be examined.
package figures
