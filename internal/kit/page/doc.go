// Package page cuts long lists into pages that stay right while the list grows.
//
// Noun: a cursor, the sort key of the last row shown. The next page asks for
// what comes after it, so a row added or removed meanwhile neither repeats nor
// skips another, and page 10,000 costs what page 1 does.
//
// Invariants: a cursor carries only values that the list has shown (it is not
// signed and must not be trusted with more); a cursor that is broken, too long or
// of another list is a fault Invalid "page.cursor", never the first page.
package page
