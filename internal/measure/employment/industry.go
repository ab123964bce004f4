package employment

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed data/industries.csv
var industriesCSV string

// Industry is an entry of GB/T 4754-2017: a section (A), a division (01), a
// group (011) or a class (0111).
type Industry struct {
	Code    string `json:"code"`
	Name    string `json:"name"`
	English string `json:"english"` // our own rendering
	Parent  string `json:"parent,omitempty"`
}

// NameIn is the name in a language; Chinese in every language but English.
func (i Industry) NameIn(lang string) string { return nameIn(lang, i.Name, i.English) }

// Level is 1 for a section, 2 division, 3 group, 4 class.
func (i Industry) Level() int {
	if i.Parent == "" {
		return 1
	}
	return len(i.Code)
}

type industryTable struct {
	all    []Industry
	byCode map[string]int
}

var industryTables = sync.OnceValue(func() *industryTable {
	lines := tableLines(industriesCSV)
	t := &industryTable{byCode: make(map[string]int, len(lines))}
	for _, l := range lines {
		code, rest, _ := strings.Cut(l, ",")
		name, rest, _ := strings.Cut(rest, ",")
		parent, english, _ := strings.Cut(rest, ",")
		t.byCode[code] = len(t.all)
		t.all = append(t.all, Industry{Code: code, Name: name, English: unquote(english), Parent: parent})
	}
	return t
})

// Industries lists the table in its own order, each section before its parts.
func Industries() []Industry { return slices.Clone(industryTables().all) }

// IndustryByCode finds an entry of any level.
func IndustryByCode(code string) (Industry, bool) {
	t := industryTables()
	i, ok := t.byCode[code]
	if !ok {
		return Industry{}, false
	}
	return t.all[i], true
}

// IndustriesBelow lists the entries directly below a code; of "" the sections.
func IndustriesBelow(code string) []Industry {
	var out []Industry
	for _, i := range industryTables().all {
		if i.Parent == code {
			out = append(out, i)
		}
	}
	return out
}

// IndustrySection is the section (one letter) a code lies in, empty when unknown.
func IndustrySection(code string) string {
	for range 4 {
		i, ok := IndustryByCode(code)
		if !ok {
			return ""
		}
		if i.Parent == "" {
			return i.Code
		}
		code = i.Parent
	}
	return ""
}
