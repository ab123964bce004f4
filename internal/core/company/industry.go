package company

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"gonghui/internal/kit/hanzi"
	"gonghui/internal/kit/place"
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
func (i Industry) NameIn(lang string) string {
	if lang == place.English {
		return i.English
	}
	return i.Name
}

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
	byName map[string]int // of several of one name the widest; they lie in one another
}

var industryTables = sync.OnceValue(func() *industryTable {
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(industriesCSV, "\r", "")), "\n")[1:]
	t := &industryTable{byCode: make(map[string]int, len(lines)), byName: make(map[string]int, len(lines))}
	for _, l := range lines {
		code, rest, _ := strings.Cut(l, ",")
		name, rest, _ := strings.Cut(rest, ",")
		parent, english, _ := strings.Cut(rest, ",")
		t.byCode[code] = len(t.all)
		if key := hanzi.Normal(name); t.byName[key] == 0 {
			t.byName[key] = len(t.all) + 1
		}
		t.all = append(t.all, Industry{Code: code, Name: name, English: strings.Trim(english, `"`), Parent: parent})
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

// IndustryNamed finds an entry by its Chinese name; of several the widest.
func IndustryNamed(name string) (Industry, bool) {
	t := industryTables()
	i := t.byName[hanzi.Normal(name)]
	if i == 0 {
		return Industry{}, false
	}
	return t.all[i-1], true
}

// ReadIndustry understands an industry as lists write it: a code (C, 34, C3411), a
// name, or a code with its name behind it (C34 通用设备制造业).
func ReadIndustry(s string) (Industry, bool) {
	s = strings.ToUpper(strings.TrimSpace(hanzi.Fold(s)))
	n := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && (r < 'A' || r > 'Z') })
	if n == 0 {
		return IndustryNamed(s)
	}
	if n < 0 {
		n = len(s)
	}
	code, section := s[:n], ""
	if len(code) > 1 && code[0] >= 'A' {
		section, code = code[:1], code[1:]
	}
	i, ok := IndustryByCode(code)
	if !ok || section != "" && IndustrySection(code) != section {
		return Industry{}, false
	}
	return i, true
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
