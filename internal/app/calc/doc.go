// Package calc tries a rule without a database: JSON lines in, JSON lines out.
//
// Noun: a calculator, a pure function from one JSON object to one answer. The
// answer to a line it cannot use is {"error":"…"}; the next line is read all the
// same. Blank lines have no answer. The order of answers is that of the lines.
//
// Calculators stand in a Table that app fills, so that rules of measure rooms
// join without this package knowing the rooms.
package calc
