// Package e2e walks the journeys of the product through the running program in
// a real browser, at phone and desk width, on SQLite and on PostgreSQL.
//
// Nouns: a house is the opened program with its queue at work and a clock moved
// by hand, listening on a port of its own; a tab is one person's browser window
// with cookies of its own; a step is a page of a journey, which is looked at by
// axe-core, measured for overflow and touch targets, and kept as a picture when
// GONGHUI_SHOTS is set (in e2e/shots, which git ignores).
//
// Invariants: nothing is clicked that a person could not click (the element
// under the pointer is the one that was meant); a word from the browser's
// console, a refused piece of content or an answer with an unexpected status
// fails the test; what cannot be run is said loudly ("LEFT OUT: …").
//
// What the pages must withstand without a browser (broken bodies, huge files,
// foreign numbers) is asked of the program over the wire in badinput_test.go.
package e2e
