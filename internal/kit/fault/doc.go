// Package fault is the one error vocabulary of the house.
//
// A Fault says what kind of thing went wrong (Kind), which thing exactly
// (Code), which sentence tells the person what to do (Key with Params), which
// form fields are meant (Fields) and, for the log only, what caused it
// (Cause). Faults are translated twice only: a driver's error becomes a fault
// in base/db, and a fault becomes a response in the faces. A cause never
// reaches a page.
package fault
