package ident

import (
	"strings"
	"unicode/utf8"
)

// MaskPhone gives 138****1234. What is too short to keep a secret is all stars.
func MaskPhone(s string) string { return mask(s, 3, 4) }

// MaskResidentID gives 3701**********0013.
func MaskResidentID(s string) string { return mask(s, 4, 4) }

// MaskBankCard gives the last four digits only: ************0005.
func MaskBankCard(s string) string { return mask(s, 0, 4) }

// MaskName gives the first character and a star for each of the others, at most
// three, so that the length of a long name is not told: 张*, 欧**, J***.
func MaskName(s string) string {
	if s == "" {
		return ""
	}
	_, size := utf8.DecodeRuneInString(s)
	rest := utf8.RuneCountInString(s[size:])
	if rest == 0 {
		return "*"
	}
	return s[:size] + strings.Repeat("*", min(rest, 3))
}

// mask keeps head and tail and stars the middle. At least as much is hidden as
// is shown of a short text: with less than head+tail+4 characters all is hidden.
func mask(s string, head, tail int) string {
	r := []rune(s)
	if len(r) < head+tail+4 {
		return strings.Repeat("*", len(r))
	}
	return string(r[:head]) + strings.Repeat("*", len(r)-head-tail) + string(r[len(r)-tail:])
}
