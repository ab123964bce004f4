// Package i18n turns message keys into the sentences people read.
//
// Noun: a message, a key ("fault.not_found") with one text per language.
// Chinese (zh-CN) is the first language of the house, English the second.
//
// Texts live in locales/<area>.<lang>.json, flat key→text, one pair of twins per
// area; all areas are merged when the first text is asked for. A text may hold
// parameters in go-i18n's form, "{{.Name}}".
//
// Invariants, held by tests: a key stands in exactly one area and in both
// languages, no text is empty, twins take the same parameters, and every key
// written as a literal in Go or templ code has a text.
package i18n
