// Package rules keeps the numbers and conditions that a federation may set, with
// the day and the place from which each of them holds.
//
// Nouns: a parameter is a named, typed value ("employment.valid_days") that a
// room registers with a Definition when the program starts. An entry is one
// value of it at one place for one period, with a citation and a basis: fact
// (read in its source), known (believed, not read) or assumed (a default that
// the province has yet to confirm). Shipped entries are part of the program;
// those that a unit of the union decided lie in the database, on top of them.
// A Book is one state of all entries. A change is the procedure by which an
// entry comes about. A condition is a list of expressions in CEL, each with its
// words in both languages. A decision is one result of a rule, kept with
// everything it was made from.
//
// Invariants:
//   - The nearest place that has a value on the day counts: county, city,
//     province. At one place what was decided goes before what was shipped, and
//     of two periods that hold on a day the one that began last counts.
//   - Entries are never changed or removed: one that is replaced keeps the number
//     of the version up to which it held. So every version of the book can be
//     read again; shipped entries are kept as editions for the same reason.
//   - A Book is immutable. Whoever began with one ends with it; a new approval
//     makes a new Book, which the next call of Service.Book sees in every process.
//   - A value comes into force by the approval of a second person, who neither
//     wrote it nor sent it in. It may not reach into the past unless that person
//     confirms it and says why.
//   - Money is whole fen, percentages are millionths; no expression computes with
//     fractions.
//   - Nothing that is not a fact is shown as law: see Entry.Source.
//
// Tables: rule_editions, rule_entries (ref), rule_changes, rule_decisions (city);
// settings "rules.version" is the number of the last approval.
//
// Faults: rules.unknown_key, rules.no_value, rules.value, rules.range,
// rules.choice, rules.rows, rules.expression_*, rules.overlap, rules.level,
// rules.place, rules.period, rules.past, rules.contradicts, rules.moved_on,
// rules.replaced, rules.not_found, rules.version_missing.
//
// Law: none of its own. Periods end with their last day, as 民法典 art. 200–204
// counts them.
package rules
