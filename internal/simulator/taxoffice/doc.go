// Package taxoffice is a tax office that collects union dues: it writes the
// monthly file of what it collected, moves the money to the union's account, and
// makes every mistake that such files are known for, on purpose.
//
// Noun: an Office, which makes a Month of companies. Invariants: the same seed
// gives the same months; each fault is told with the line it is in; a line has
// one fault at most, so that what is found can be held against what was made.
package taxoffice
