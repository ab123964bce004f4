// Package db opens SQLite and PostgreSQL behind one handle and keeps the data
// rules of the house.
//
// One body of SQL serves both databases. A transaction travels in the context
// (InTx), so that a use case that spans rooms is one transaction without the
// rooms knowing each other. Each table is declared city, ref or local in
// tables.go; a test holds the declaration against both schemas. Row scope
// (Scope, Scoped) also lives here: no scope in the context means refuse.
//
// Drivers' errors become faults here and nowhere else (fault.go).
package db
