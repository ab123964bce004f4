package hanzi

import (
	"unicode"
	"unicode/utf8"
)

type kind uint8

const (
	other kind = iota // separates: space, punctuation, symbols
	han
	word // letters and digits of other scripts
	sign // '+' and '#', part of a word only behind a letter: c++, c#
)

// class tells what a folded rune does in a text.
func class(r rune) kind {
	switch {
	case r < utf8.RuneSelf:
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r >= 'A' && r <= 'Z':
			return word
		case r == '+' || r == '#':
			return sign
		}
		return other
	case r >= firstHan && r <= lastHan, r == '〇':
		return han
	case r >= 0x3001 && r <= 0x3020 && r != '々', r >= 0x2010 && r <= 0x2027: // most punctuation, for speed
		return other
	case r >= 0x3400 && r <= 0x4DBF, r >= 0x20000 && r <= 0x3FFFF:
		return han
	case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
		return word
	}
	return other
}

// Run is a piece of folded text of one kind without a gap.
type Run struct {
	Text string
	Han  bool // Han characters; otherwise letters and digits of other scripts
}

// EachRun calls fn for every run of a folded text, in order; joined says whether
// the run follows the one before without anything between ("java开发").
func EachRun(folded string, fn func(r Run, joined bool)) {
	end := -1 // where the last run ended
	for i := 0; i < len(folded); {
		r, n := decode(folded, i)
		k := class(r)
		if k == other || k == sign {
			i += n
			continue
		}
		start := i
		for i += n; i < len(folded); i += n {
			r, n = decode(folded, i)
			next := class(r)
			if next == k || k == word && next == sign {
				continue
			}
			break
		}
		fn(Run{Text: folded[start:i], Han: k == han}, start == end)
		end = i
	}
}

func decode(s string, i int) (rune, int) {
	if c := s[i]; c < utf8.RuneSelf {
		return rune(c), 1
	}
	return utf8.DecodeRuneInString(s[i:])
}

// Pair is a term of the index made of Han characters: two neighbours, or the
// last character of a run alone. Pairs sort by their first character, so all
// the terms that begin with one character are one range.
type Pair uint64

// MakePair joins two neighbours; b is 0 for a character standing last.
func MakePair(a, b rune) Pair { return Pair(a)<<21 | Pair(b) }

// First and Last bound the terms that begin with the character a: the text
// contains a if and only if it has a term p with First(a) <= p < Last(a).
func First(a rune) Pair { return Pair(a) << 21 }

// Last is the first term behind those that begin with a.
func Last(a rune) Pair { return Pair(a+1) << 21 }

// String gives the one or two characters.
func (p Pair) String() string {
	a, b := rune(p>>21), rune(p&(1<<21-1))
	if b == 0 {
		return string(a)
	}
	return string([]rune{a, b})
}

// Scan cuts a folded text into the terms of an index, without allocating:
// pair is called for each pair of a Han run and for its last character, word
// for each word of another script. Terms repeat as often as they occur.
func Scan(folded string, pair func(Pair), word func(string)) {
	EachRun(folded, func(r Run, _ bool) {
		if !r.Han {
			word(r.Text)
			return
		}
		var last rune
		for _, c := range r.Text {
			if last != 0 {
				pair(MakePair(last, c))
			}
			last = c
		}
		pair(MakePair(last, 0))
	})
}

// Pairs gives the pairs by which a run of Han characters is sought: its
// neighbours, without the single last character. A run of one character gives
// none; it is sought between First and Last.
func (r Run) Pairs() []Pair {
	var out []Pair
	var last rune
	for _, c := range r.Text {
		if last != 0 {
			out = append(out, MakePair(last, c))
		}
		last = c
	}
	return out
}

// Tokens folds a text and gives its terms as words, for engines that keep a
// space-joined column (tsvector 'simple', FTS5). Terms repeat as they occur.
func Tokens(s string) []string {
	var out []string
	Scan(Fold(s),
		func(p Pair) { out = append(out, p.String()) },
		func(w string) { out = append(out, w) })
	return out
}

// QueryTokens folds what a person typed and cuts it into words at spaces and
// punctuation; each word is the list of its runs ("java开发" has two). A text
// of nothing but punctuation has no words.
func QueryTokens(s string) [][]Run {
	var out [][]Run
	EachRun(Fold(s), func(r Run, joined bool) {
		if joined {
			out[len(out)-1] = append(out[len(out)-1], r)
		} else {
			out = append(out, []Run{r})
		}
	})
	return out
}
