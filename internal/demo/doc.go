// Package demo makes a believable province that does not exist, so that every
// page of the product shows what it is for.
//
// Everything is written through the services of the house, under a clock of its
// own that begins two months ago and walks to the present: histories, deadlines,
// notices, audit and figures come from the same code that serves real people.
//
// Invariants: the same seed and the same day give the same data (record ids and
// public numbers are random, nothing else is). No name, number or company is
// meant to be real: phone numbers of the crowd begin with 1990, company names
// are put together from syllables, nobody has a resident number. The row 'demo'
// of settings marks the installation; a build that was cut off is found there
// and refused, never mixed with a second one.
//
// While it is built nobody but the logins is written to by SMS. The story ends
// with yesterday: it depends on the day of building, not on the hour.
//
// Weights (population, pay by place, how often a trade is wanted) are ASSUMED;
// they only have to look right.
//
// Tables: settings, the row 'demo'. Faults: demo.half_built,
// demo.in_use, demo.size, demo.no_org.
package demo
