package place

import (
	"strings"
	"sync"
	"unicode"
)

// maxEnglishWords is more than the longest name has.
const maxEnglishWords = 12

// meaning is a place that English words may name.
type meaning struct {
	at   int
	full bool // with its kind: Licheng District
}

// loadMeanings indexes the English names, folded; the Chinese side needs no such
// index, its names stand in the gazetteer.
var loadMeanings = sync.OnceValue(func() map[string][]meaning {
	g, names := load(), loadEnglish()
	out := make(map[string][]meaning, 2*len(names))
	put := func(name string, m meaning) {
		key := strings.Join(EnglishWords(name), " ")
		for _, old := range out[key] {
			if old.at == m.at {
				return
			}
		}
		out[key] = append(out[key], m)
	}
	for i, p := range g.places {
		if i == 0 || p.Hollow() {
			continue
		}
		put(names[i].full(), meaning{i, true})
		put(shortEnglish(p), meaning{i, false})
		switch p.Level {
		case Province:
			put(names[i].full()+" Province", meaning{i, true})
		case City:
			put(names[i].full()+" City", meaning{i, true})
		case National, County, Township:
		}
	}
	return out
})

// EnglishWords cuts a text into folded words as English place names are compared:
// lower case, no apostrophes, u for ü. "Tai'an City" gives taian, city.
func EnglishWords(text string) []string {
	return strings.FieldsFunc(strings.Map(func(r rune) rune {
		switch r {
		case '\'', '’', '‘', '`':
			return -1
		case 'ü', 'Ü':
			return 'u'
		}
		return unicode.ToLower(r)
	}, fold(text)), func(r rune) bool { return separator(r) || r == '，' })
}

// english tells whether a text is written in Latin letters only.
func english(s string) bool {
	letters := false
	for _, r := range s {
		if unicode.Is(unicode.Han, r) {
			return false
		}
		letters = letters || unicode.Is(unicode.Latin, r)
	}
	return letters
}

// parseEnglish reads Huaiyin District, Jinan, Shandong in either order, with or
// without the kinds. Of the places that all the names fit, the widest wins, as in
// Parse; a township needs what it lies in beside it. Words that name nothing
// before the first name and after the last are kept in Detail.
func parseEnglish(text string) (Place, error) {
	g, names := load(), loadMeanings()
	words := EnglishWords(text)
	var found [][]meaning
	var rest []string
	for i := 0; i < len(words); {
		n := min(maxEnglishWords, len(words)-i)
		for n > 0 && names[strings.Join(words[i:i+n], " ")] == nil {
			n--
		}
		switch {
		case n > 0:
			found = append(found, names[strings.Join(words[i:i+n], " ")])
		case words[i] != "china" && words[i] != "prc":
			rest = append(rest, words[i])
		}
		i += max(n, 1)
	}
	if len(found) == 0 {
		if s := strings.Join(words, " "); s == "china" || s == "prc" || s == "nationwide" {
			return g.places[0], nil
		}
		return Place{}, unknown(text)
	}
	var best []meaning
	lowest := 0
	for _, set := range found {
		for _, m := range set {
			if !g.fits(m.at, found) {
				continue
			}
			switch r := g.rank(m.at, m.full); {
			case len(best) == 0 || r < lowest:
				best, lowest = []meaning{m}, r
			case r == lowest && m.at != best[0].at:
				best = append(best, m)
			}
		}
	}
	switch len(best) {
	case 0:
		return Place{}, unknown(text)
	case 1:
		p := g.places[best[0].at]
		p.Detail = strings.Join(rest, " ")
		return p, nil
	}
	e := entry{at: best[0].at}
	for _, m := range best {
		e.more = append(e.more, m.at)
	}
	return Place{}, g.ambiguous(e)
}

// fits tells whether each of the names can mean the place or what it lies in; a
// township by itself fits nothing.
func (g *gazetteer) fits(at int, found [][]meaning) bool {
	above := false
	for _, set := range found {
		ok := false
		for _, m := range set {
			for i := at; i > 0; i = g.parent[i] {
				if i == m.at {
					ok, above = true, above || i != at
				}
			}
		}
		if !ok {
			return false
		}
	}
	return above || g.places[at].Level < Township
}
