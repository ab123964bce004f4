package employment

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"gonghui/internal/core/search"
	"gonghui/internal/kit/hanzi"
	"gonghui/internal/kit/place"
)

// synonyms are all that widens a query: what people call a trade, the names of
// places in both languages, and the English words of the classification, by
// which vacancies written in Chinese are found too.
var synonyms = sync.OnceValue(makeSynonyms)

func makeSynonyms() search.Synonyms {
	out := TradeNames()
	for _, o := range Occupations() {
		for _, w := range englishTrade(o.English) {
			addCode(out, w, search.Code{Facet: "occupation", Value: o.Code})
		}
	}
	for _, row := range englishTradeNames {
		for _, name := range strings.Fields(row.names) {
			for _, code := range strings.Fields(row.codes) {
				addCode(out, name, search.Code{Facet: "occupation", Value: code})
			}
		}
	}
	for w, s := range out {
		s.Codes = withoutCovered(s.Codes)
		out[w] = s
	}
	addPlaces(out)
	return out
}

// addCode adds what a word means besides, once.
func addCode(out search.Synonyms, word string, c search.Code) {
	if s := out[word]; !slices.Contains(s.Codes, c) {
		s.Codes = append(s.Codes, c)
		out[word] = s
	}
}

// withoutCovered leaves out occupations whose group is there too: a filter by a
// group takes all in it.
func withoutCovered(codes []search.Code) []search.Code {
	var out []search.Code
	for _, c := range codes {
		covered := false
		for up := (Occupation{Code: c.Value}).Parent(); up != "" && !covered; up = (Occupation{Code: up}).Parent() {
			covered = slices.Contains(codes, search.Code{Facet: c.Facet, Value: up})
		}
		if !covered {
			out = append(out, c)
		}
	}
	return out
}

// addPlaces takes the names of provinces and cities and of all that lies in
// Shandong, long and short; of a township not the short Chinese one, which is
// often a word of trade (园艺, 商店). A word that names a trade names no place.
func addPlaces(out search.Synonyms) {
	trade := make(map[string]bool, len(out))
	for w := range out {
		trade[hanzi.Normal(w)] = true
	}
	put := func(name, code string) {
		if key := hanzi.Normal(strings.Join(place.EnglishWords(name), "")); len(key) > 1 && !trade[key] {
			addCode(out, key, search.Code{Facet: "place", Value: code})
		}
	}
	var walk func(code string)
	walk = func(code string) {
		for _, p := range place.Children(code) {
			if !p.Hollow() {
				put(p.Name, p.Code)
				put(p.NameIn(place.English), p.Code)
				put(p.ShortIn(place.English), p.Code)
				if p.Level < place.Township {
					put(p.ShortIn(""), p.Code)
				}
			}
			if p.Level < place.City || strings.HasPrefix(p.Code, place.Shandong) {
				walk(p.Code)
			}
		}
	}
	walk(place.Nation)
}

// englishTrade are the words of an English occupation that tell it from others,
// in the singular.
func englishTrade(name string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if w = singular(w); len(w) > 1 && !smallWords[w] {
			out = append(out, w)
		}
	}
	return out
}

// smallWords say nothing of the work or the place; a query holds more when any
// other word stands beside them.
var smallWords = func() map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(`a an and at by city county district for full general in job labour near of on or other our per person personnel position
		prefecture province related service staff the time to town township subdistrict vacancy with work worker`) {
		out[w] = true
	}
	return out
}()

// englishTradeNames are everyday names that no occupation bears in its English
// one, and the codes of the trade.
var englishTradeNames = []struct{ names, codes string }{
	{"truck trucker hgv", "4-02-02-02"},
	{"bus taxi chauffeur", "4-02-02-01"},
	{"takeaway deliveryman", "4-10-08-01"},
	{"forklift", "6-30-05-01"},
	{"excavator digger bulldozer", "6-30-05-05"},
	{"storekeeper storeman", "4-02-06-01"},
	{"picker", "4-02-06-02 4-02-07-09"},
	{"nanny babysitter", "4-10-01-06 4-10-01-01"},
	{"housekeeper maid", "4-10-01-06 4-03-01-02"},
	{"caregiver", "4-10-01-05 4-14-01-02"},
	{"cleaning janitor", "4-09-08-01"},
	{"chef", "4-03-02-01 4-03-02-03"},
	{"kitchen restaurant", "4-03-02"},
	{"waitress", "4-03-02-05"},
	{"hotel", "4-03-01"},
	{"receptionist", "4-03-01-01"},
	{"salesman saleswoman salesperson selling", "4-01-02"},
	{"shop store", "4-01-02-03"},
	{"livestream livestreamer", "4-01-06-02"},
	{"developer coder programming", "4-04-05-01 2-02-10-03"},
	{"accounting bookkeeper bookkeeping", "2-06-03"},
	{"hr", "2-06-08 4-07-03"},
	{"office admin", "3-01"},
	{"nursing", "2-05-08"},
	{"tutor lecturer", "2-08"},
	{"plumber", "6-29-03-04"},
	{"builder", "6-29"},
	{"mason", "6-29-01-01"},
	{"painter", "6-18-03-03 6-29-04-01"},
	{"machinist", "6-18-01"},
	{"cnc", "6-18-01-07"},
	{"turner", "6-18-01-01"},
	{"seamstress sewing", "6-05-01-03"},
	{"factory", "6"},
	{"farming", "5-01"},
	{"fisherman", "5-04-03"},
	{"barber", "4-10-03-02"},
}

// singular is good enough for the words of the table.
func singular(w string) string {
	switch {
	case strings.HasSuffix(w, "ies") && len(w) > 4:
		return strings.TrimSuffix(w, "ies") + "y"
	case strings.HasSuffix(w, "sses") || strings.HasSuffix(w, "ches") || strings.HasSuffix(w, "shes"):
		return strings.TrimSuffix(w, "es")
	case strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "us") && len(w) > 3:
		return strings.TrimSuffix(w, "s")
	}
	return w
}

// maxNameWords is how many English words a name of a place may have.
const maxNameWords = 6

// readEnglish makes a query of English words one that the index understands: the
// words of a place stand together (Licheng District becomes lichengdistrict),
// words of a trade in the singular, and small words go. written gives the changed
// words as they were typed. What is not Latin stays as it is.
func readEnglish(text string) (query string, written map[string]string) {
	if !strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Latin, r) }) {
		return text, nil
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",;，；、", r) })
	written = map[string]string{}
	var kept, small []string
	for len(words) > 0 {
		key, n := knownWords(words)
		switch {
		case n > 0:
			kept = append(kept, key)
			written[key] = strings.Join(words[:n], " ")
		case smallWords[singular(strings.ToLower(words[0]))]:
			small = append(small, words[0])
		default:
			kept = append(kept, words[0])
		}
		words = words[max(n, 1):]
	}
	if len(kept) == 0 {
		kept = small
	}
	return strings.Join(kept, " "), written
}

// knownWords finds the longest name that the words begin with, and how many of
// them it takes.
func knownWords(words []string) (key string, n int) {
	table := synonyms()
	for n := min(maxNameWords, len(words)); n > 0; n-- {
		key := strings.Join(place.EnglishWords(strings.Join(words[:n], " ")), "")
		for _, k := range []string{key, singular(key)} {
			if _, ok := table[k]; ok {
				return k, n
			}
		}
	}
	return "", 0
}
