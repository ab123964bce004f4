package ident

import (
	"strings"
	"unicode/utf8"
)

// creditAlphabet holds the 31 characters of GB 32100: digits and capitals
// without I, O, S, V and Z, which are mistaken for digits and each other.
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// creditWeights are 3 to the power of i, modulo 31.
var creditWeights = [17]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}

// CreditCode judges a unified social credit code: 18 places, the third to the
// eighth digits (the division), the last the check character. Any registration
// authority of the alphabet is legal: A1 (Y1) and others were added after the
// standard. Small letters are taken as capitals.
func CreditCode(s string) Reason {
	if utf8.RuneCountInString(s) != 18 {
		return Length
	}
	if len(s) != 18 {
		return Charset
	}
	s = strings.ToUpper(s)
	for i := range len(s) {
		if strings.IndexByte(creditAlphabet, s[i]) < 0 {
			return Charset
		}
	}
	if !digits(s[2:8]) {
		return Charset
	}
	if creditCheck(s) != s[17] {
		return Checksum
	}
	return OK
}

func creditCheck(s string) byte {
	sum := 0
	for i, w := range creditWeights {
		sum += strings.IndexByte(creditAlphabet, s[i]) * w
	}
	return creditAlphabet[(31-sum%31)%31]
}

// MakeCreditCode completes a code from its first 17 places by adding the check
// character. It gives false when they cannot begin a code.
func MakeCreditCode(first17 string) (string, bool) {
	if len(first17) != 17 {
		return "", false
	}
	s := strings.ToUpper(first17)
	for i := range len(s) {
		if strings.IndexByte(creditAlphabet, s[i]) < 0 {
			return "", false
		}
	}
	if !digits(s[2:8]) {
		return "", false
	}
	return s + string(creditCheck(s)), true
}

// IsUnion tells whether a credit code belongs to a trade union: unions register
// under authority 8, and 81 marks a base union.
func IsUnion(code string) bool { return strings.HasPrefix(code, "81") }
