package telemetry

import (
	"strings"

	"gonghui/internal/kit/id"
	"gonghui/internal/kit/ident"
)

// Redact masks every mobile number, resident number and bank card in a text,
// also where they are written in groups (138 0013 8000). Everything else is
// kept byte by byte. Tokens of 20 and more letters and digits are digests and
// keys, no numbers of people, and stay readable.
func Redact(s string) string {
	if !worthReading(s) {
		return s
	}
	var out strings.Builder
	out.Grow(len(s))
	done := 0 // s[:done] has been written
	for i := 0; i < len(s); {
		if !isDigit(s[i]) {
			i++
			continue
		}
		groups := groupsAt(s, i)
		for len(groups) > 0 {
			n, masked := classify(s, groups)
			if masked != "" {
				out.WriteString(s[done:groups[0].from])
				out.WriteString(masked)
				done = groups[n-1].to
			}
			i = groups[n-1].to
			groups = groups[n:]
		}
	}
	out.WriteString(s[done:])
	return out.String()
}

// worthReading is the cheap test that lets most texts pass: a number of a
// person has at least eleven digits.
func worthReading(s string) bool {
	n := 0
	for i := range len(s) {
		if isDigit(s[i]) {
			if n++; n == 11 {
				return true
			}
		}
	}
	return false
}

// group is one unbroken run of digits, s[from:to]; a resident number's last
// place may be an X.
type group struct{ from, to int }

func (g group) size() int { return g.to - g.from }

// groupsAt reads the digit runs that follow each other from i, parted by one
// space or hyphen each.
func groupsAt(s string, i int) []group {
	var gs []group
	for i < len(s) && isDigit(s[i]) {
		g := group{from: i}
		for i < len(s) && isDigit(s[i]) {
			i++
		}
		if i < len(s) && (s[i] == 'x' || s[i] == 'X') && (i-g.from == 17 || i-g.from == 3) {
			i++
		}
		g.to = i
		gs = append(gs, g)
		if i+1 < len(s) && (s[i] == ' ' || s[i] == '-') && isDigit(s[i+1]) {
			i++
		}
	}
	return gs
}

// written lists how people group such numbers: a mobile number, a resident
// number, bank cards.
var written = [][]int{{3, 4, 4}, {6, 8, 4}, {4, 4, 4, 4, 3}, {4, 4, 4, 4, 2}, {4, 4, 4, 4, 1}, {4, 4, 4, 4}, {6, 13}}

// classify looks at the start of the groups and tells how many of them are
// settled and what to write in their place; "" leaves them as they are.
func classify(s string, gs []group) (int, string) {
	if insideLongToken(s, gs[0]) {
		return 1, ""
	}
	for _, sizes := range written {
		if len(gs) < len(sizes) {
			continue
		}
		var digits strings.Builder
		fits := true
		for k, n := range sizes {
			fits = fits && gs[k].size() == n
			digits.WriteString(s[gs[k].from:gs[k].to])
		}
		if fits {
			if m := maskNumber(digits.String()); m != "" {
				return len(sizes), m
			}
		}
	}
	return 1, maskNumber(s[gs[0].from:gs[0].to])
}

// maskNumber gives the masked form of a run that looks like a number of a
// person, else "".
func maskNumber(d string) string {
	switch n := len(d); {
	case n == 11 && mobile(d):
		return ident.MaskPhone(d)
	case n == 13 && d[:2] == "86" && mobile(d[2:]):
		return "86" + ident.MaskPhone(d[2:])
	case n == 15 && mobile(d[4:]) && d[:4] == "0086":
		return "0086" + ident.MaskPhone(d[4:])
	case n == 18 && !strings.ContainsAny(d[:17], "xX"), n == 15:
		return ident.MaskResidentID(d)
	case n >= 16 && n <= 19 && !strings.ContainsAny(d, "xX"):
		return ident.MaskBankCard(d)
	}
	return ""
}

func mobile(d string) bool { return d[0] == '1' && d[1] >= '3' }

// insideLongToken tells whether the run is part of a longer word of letters and
// digits, as hexadecimal digests are, or of a UUID.
func insideLongToken(s string, g group) bool {
	from, to := grow(s, g, isWord)
	if to-from >= 20 && to-from > g.size() {
		return true
	}
	from, to = grow(s, g, func(c byte) bool { return isWord(c) || c == '-' })
	return to-from == 36 && id.Valid(strings.ToLower(s[from:to]))
}

func grow(s string, g group, in func(byte) bool) (from, to int) {
	from, to = g.from, g.to
	for from > 0 && in(s[from-1]) {
		from--
	}
	for to < len(s) && in(s[to]) {
		to++
	}
	return from, to
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isWord(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z' }
