package form

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Text cleans one typed text: NFC, trimmed, control characters dropped, line
// breaks kept as "\n" or turned into spaces. It gives false for a NUL or invalid
// UTF-8, which no keyboard produces.
func Text(s string, lines bool) (string, bool) {
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return "", false
	}
	s = norm.NFC.String(strings.ReplaceAll(s, "\r\n", "\n"))
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r':
			if lines {
				return '\n'
			}
			return ' '
		case r == '\t':
			return ' '
		case unicode.IsControl(r), turnsDirection(r), r == '\ufeff', r == '\u200b':
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s), true
}

// turnsDirection finds the marks that make a text read differently from how it
// is stored (fake file names, hidden digits). The joiners inside emoji stay.
func turnsDirection(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// narrow makes full-width digits and signs half-width and drops spaces, for
// fields that hold a number.
func narrow(s string) string {
	return strings.Join(strings.Fields(norm.NFKC.String(s)), "")
}

// isName tells whether a text is written as a person's name: letters of any
// script, marks on them, the middle dot of transcribed names and single spaces.
func isName(s string) bool {
	letters := 0
	for _, r := range s {
		switch {
		case unicode.IsLetter(r):
			letters++
		case unicode.IsMark(r) && letters > 0 && r != '\u20e3' && !(r >= '\ufe00' && r <= '\ufe0f'): // the latter dress up emoji
		case r == '·' || r == ' ':
		default:
			return false
		}
	}
	return letters > 0
}

// middleDots are the signs people type for the dot in 买买提·阿不都.
var middleDots = strings.NewReplacer("•", "·", "・", "·", "‧", "·", "∙", "·", "．", "·", "˙", "·")
