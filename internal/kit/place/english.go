package place

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed data/english.csv
var englishCSV string

// English is the language in which NameIn, FullNameIn and ShortNameIn write
// English names; in every other language they write the Chinese ones.
const English = "en"

// englishName is the proper name and what kind of place bears it: Licheng,
// District. The kind is empty where the name is used alone (Jinan) or would be
// too short for that (Ju County).
type englishName struct{ name, kind string }

func (e englishName) full() string {
	if e.kind == "" {
		return e.name
	}
	return e.name + " " + e.kind
}

// loadEnglish reads the English names in the order of the gazetteer's places. A
// program that only speaks Chinese never does.
var loadEnglish = sync.OnceValue(func() []englishName {
	g := load()
	out := make([]englishName, len(g.places))
	for line := range strings.Lines(englishCSV) {
		code, rest, _ := strings.Cut(strings.TrimRight(line, "\r\n"), ",")
		name, kind, _ := strings.Cut(rest, ",")
		if i, ok := g.byCode[code]; ok {
			out[i] = englishName{name, strings.Trim(kind, `"`)}
		}
	}
	return out
})

// NameIn is the official name in a language: 槐荫区, Huaiyin District.
func (p Place) NameIn(lang string) string {
	i, ok := load().byCode[p.Code]
	if lang != English || !ok {
		return p.Name
	}
	return loadEnglish()[i].full()
}

// ShortIn is the name people use, without what the place lies in: 槐荫, Huaiyin.
func (p Place) ShortIn(lang string) string {
	if _, ok := load().byCode[p.Code]; lang == English && ok {
		return shortEnglish(p)
	}
	return short(p)
}

// FullNameIn writes a code out as the language does: 山东省济南市槐荫区; Huaiyin
// District, Jinan, Shandong. Empty for an unknown code.
func FullNameIn(code, lang string) string {
	if lang != English {
		return FullName(code)
	}
	return fromTheNarrowest(code, func(p Place) string { return p.NameIn(English) })
}

// ShortNameIn writes a code as people do: 济南·槐荫; Huaiyin, Jinan. Empty for an
// unknown code.
func ShortNameIn(code, lang string) string {
	if lang != English {
		return ShortName(code)
	}
	return fromTheNarrowest(code, func(p Place) string {
		if p.Level == Province && len(code) > 2 && !municipality(p.Code) {
			return ""
		}
		return shortEnglish(p)
	})
}

// shortEnglish is the name without its kind; that of a development zone keeps
// as much of the kind as the Chinese one does.
func shortEnglish(p Place) string {
	e := loadEnglish()[load().byCode[p.Code]]
	if p.Zone {
		for _, k := range zoneKinds {
			if strings.HasSuffix(p.Name, k.kind) {
				return e.name + " " + k.english
			}
		}
	}
	return e.name
}

// fromTheNarrowest joins the names of a place and of what it lies in, up to its
// province. The city whose name a development zone bears is not said again.
func fromTheNarrowest(code string, name func(Place) string) string {
	if code == Nation {
		return name(load().places[0])
	}
	path := Path(code)
	var b strings.Builder
	for i := len(path) - 1; i >= 0; i-- {
		s := name(path[i])
		if s == "" || path[i].Hollow() || i+1 < len(path) && path[i+1].Zone && strings.Contains(name(path[i+1]), s) {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(s)
	}
	return b.String()
}
