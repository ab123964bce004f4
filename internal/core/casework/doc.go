// Package casework moves cases: every procedure of every measure is a Flow, a
// table of states and events, and Fire is the one way in which a state changes.
//
// Noun: a case, one record of a room (an application, a vacancy, a relief claim)
// in its procedure. The case has the record's id and city.
//
// Invariants:
//   - A state changes only along a transition of the flow, by somebody the
//     transition names, seen at the version it was decided on: of two people
//     deciding at once exactly one wins, the other gets casework.moved_on.
//   - Each change appends one event; seq of the event = version of the case.
//     Events are never changed or removed.
//   - A deadline is a stored row. It fires once, in the transaction that does its
//     work, whoever restarts in the middle. It ends with the due civil day; a
//     pause keeps what was left of it.
//   - Who may take a step is checked against the scope and the grants in the
//     context, never believed from the input.
//
// States are the room's own; docs/flows is drawn from them. While a case waits
// for the desk it stands in the queue of everyone who holds the capability of its
// state at or above its unit.
//
// Tables: cases, case_events, deadlines. cases.due_at holds the far future where
// a state has no deadline, so that the queue is one walk along an index.
//
// Faults: casework.not_found, casework.moved_on, casework.illegal,
// casework.not_yours, casework.four_eyes, casework.reason, casework.paused,
// casework.not_paused, casework.exists, casework.state, casework.version,
// casework.reason_too_long, casework.filter, casework.unknown_flow.
//
// Law: periods are counted as 民法典 art. 200–204 says (the day itself is not
// counted, a period ends with its last day); package calendar holds the rule.
package casework
