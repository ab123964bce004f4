// Package cockpit is the face for leaders: every promised number with its target,
// its pace, its forecast and the places behind it, opened down to the records.
//
// Nouns: a view, one unit in one period (and, where asked for, as it stood on a
// past day); the pace, how far a figure is ahead of or behind the straight line
// from the first day of the period to its deadline; a stuck point, a place
// furthest behind that line.
//
// Invariants: nobody sees figures of a unit outside the subtree of a right to see
// figures (it is not found); the rows by place sum up to the figure above them;
// a number shown for a past day is the number published then; names of people are
// masked, also in an export; an export needs a purpose and is written to the log.
package cockpit
