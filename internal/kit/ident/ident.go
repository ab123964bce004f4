package ident

import (
	"strings"
	"unicode/utf8"
)

// Reason says why a number cannot be right; OK says that it can.
type Reason string

// The reasons, in the order in which they are judged.
const (
	OK       Reason = ""
	Length   Reason = "length"
	Charset  Reason = "charset"
	Date     Reason = "date"
	Checksum Reason = "checksum"
)

// Clean turns a number as people type or paste it into the form the judgements
// expect: full-width characters made half-width, spaces and hyphens dropped,
// letters in upper case. It does not shorten what is left.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～': // the full-width twins of ! to ~
			r -= '！' - '!'
		case r == ' ' || r == '\t' || r == '\u00a0' || r == '\u3000':
			return -1
		}
		switch {
		case r == '-':
			return -1
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		}
		return r
	}, s)
}

// BankCard judges a card number: 12 to 19 digits with a Luhn check digit.
func BankCard(s string) Reason {
	if n := utf8.RuneCountInString(s); n < 12 || n > 19 {
		return Length
	}
	if !digits(s) {
		return Charset
	}
	sum, double := 0, false
	for i := len(s) - 1; i >= 0; i-- {
		d := int(s[i] - '0')
		if double {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
		double = !double
	}
	if sum%10 != 0 {
		return Checksum
	}
	return OK
}

// Phone judges a mainland mobile number: 11 digits, the first 1, the second 3
// to 9. A number of another shape gives Charset.
func Phone(s string) Reason {
	if utf8.RuneCountInString(s) != 11 {
		return Length
	}
	if !digits(s) || s[0] != '1' || s[1] < '3' {
		return Charset
	}
	return OK
}

// digits tells whether s holds ASCII digits only.
func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
