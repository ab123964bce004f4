// Package hanzi prepares Chinese text for comparing and searching.
//
// It keeps four promises. Fold makes texts that a reader takes for the same
// equal: full- and half-width, upper and lower case, compatibility forms and
// common traditional characters; folding twice changes nothing. Normal goes
// further and drops everything but letters and digits, for keys of identity
// ("the same company written differently"). Scan and Tokens cut folded text
// into the terms of an index: overlapping pairs of Han characters, the last
// character of each Han run alone, and words of other scripts and digits.
// QueryTokens cuts what a person typed into words and runs, so that a run of
// Han characters can be sought as a substring through its pairs, and a single
// character through the terms that begin with it.
//
// There is no dictionary: docs/decisions/0003 says why, with figures. The
// package knows no business words and imports nothing of the house.
package hanzi
