package hanzi

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold gives the form in which texts are compared and searched: NFKC (which
// turns full-width letters into half-width ones and compatibility forms into
// ordinary characters), lower case, simplified where the own table knows the
// traditional character, control characters as spaces, invisible format
// characters and broken bytes dropped. Fold(Fold(s)) == Fold(s).
func Fold(s string) string {
	i := 0
	for i < len(s) && plain[s[i]] {
		i++
	}
	if i == len(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	b.WriteString(s[:i])
	for i < len(s) {
		c := s[i]
		if c < utf8.RuneSelf {
			b.WriteByte(lowerASCII(c))
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r >= firstHan && r <= lastHan:
			if t := simplified[r-firstHan]; t != 0 {
				b.WriteRune(rune(t))
			} else {
				b.WriteString(s[i : i+n])
			}
		case r >= 0xFF01 && r <= 0xFF5E: // full-width forms of ASCII
			b.WriteByte(lowerASCII(byte(r - 0xFEE0)))
		case r == 0x3000: // ideographic space
			b.WriteByte(' ')
		case r == '、' || r == '。' || r == '《' || r == '》' || r == '「' || r == '」' || r == '【' || r == '】' || r == '·':
			b.WriteString(s[i : i+n])
		case r == utf8.RuneError && n == 1:
			// A byte that is no text is dropped.
		default:
			return foldSlow(s)
		}
		i += n
	}
	return b.String()
}

// foldSlow handles everything, at the price of the full normalisation.
func foldSlow(s string) string {
	s = strings.ToValidUTF8(s, "")
	// Lower-casing can leave a pair that composes again, so normalise on both sides.
	s = norm.NFKC.String(strings.Map(foldRune, norm.NFKC.String(s)))
	return strings.Map(foldRune, s)
}

func foldRune(r rune) rune {
	switch {
	case r < utf8.RuneSelf:
		return rune(lowerASCII(byte(r)))
	case r >= firstHan && r <= lastHan:
		if t := simplified[r-firstHan]; t != 0 {
			return rune(t)
		}
		return r
	case r == utf8.RuneError || unicode.Is(unicode.Cf, r):
		return -1
	case unicode.IsControl(r) || unicode.IsSpace(r):
		return ' '
	}
	return unicode.ToLower(r)
}

// plain marks the bytes that folding leaves alone.
var plain = func() (t [256]bool) {
	for c := byte(' '); c < 0x7F; c++ {
		t[c] = c < 'A' || c > 'Z'
	}
	return t
}()

func lowerASCII(c byte) byte {
	switch {
	case c >= 'A' && c <= 'Z':
		return c + 'a' - 'A'
	case c < ' ' || c == 0x7F:
		return ' '
	}
	return c
}

// Normal is the key of identity of a text: folded, and only its letters,
// digits and the signs of "c++" and "c#" kept. Two spellings of one name that
// differ in width, case, spaces or punctuation have the same Normal.
func Normal(s string) string {
	kept := strings.Map(func(r rune) rune {
		if class(r) == other {
			return -1
		}
		return r
	}, Fold(s))
	return norm.NFKC.String(kept) // a mark may now stand behind a letter that takes it
}
