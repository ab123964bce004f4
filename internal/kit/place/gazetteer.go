package place

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed data/divisions.csv.gz
var divisionsGz []byte

//go:embed data/centroids.csv
var centroidsCSV string

//go:embed data/former.csv
var formerCSV string

// gazetteer holds places by index; 0 is the nation.
type gazetteer struct {
	places   []Place
	parent   []int
	children [][]int
	byCode   map[string]int
	// names[i] finds the divisions below place i by full or short name, cities
	// and counties for a province, counties for a city, townships for a county.
	// names[0] is what may stand first: provinces, cities and counties.
	names []map[string]entry
	short []string
}

// entry is what a name means: one place, or several among which the context
// must choose.
type entry struct {
	at   int
	full bool  // the official name
	more []int // all of them when there are several of the same rank
}

// load reads the embedded tables once. They are part of the program: a table
// that cannot be read stops it.
var load = sync.OnceValue(func() *gazetteer {
	zr, err := gzip.NewReader(bytes.NewReader(divisionsGz))
	if err != nil {
		panic(err)
	}
	raw, err := io.ReadAll(zr)
	if err != nil {
		panic(err)
	}
	g := &gazetteer{byCode: make(map[string]int, 6000)}
	g.add(Place{Code: Nation, Name: "全国"}, -1)
	var last [5]int // the current place of each level; the table is sorted by code
	for _, row := range rows(string(raw)) {
		p := Place{Code: row[0], Name: row[1], Level: levelOf(row[0])}
		up := last[p.Level-1]
		for l := p.Level - 1; l > National && !strings.HasPrefix(p.Code, g.places[up].Code); l-- {
			up = last[l-1]
		}
		p.Parent = g.places[up].Code
		p.Zone = p.Level == County && p.Code[4:] >= "71" && p.Code[4:] <= "80"
		last[p.Level] = g.add(p, up)
	}
	for _, row := range rows(centroidsCSV) {
		i := g.byCode[row[0]]
		g.places[i].Lon, g.places[i].Lat = number(row[1]), number(row[2])
		for _, c := range g.children[i] {
			g.places[c].Lon, g.places[c].Lat = g.places[i].Lon, g.places[i].Lat
		}
	}
	g.index()
	for _, row := range rows(formerCSV) {
		g.former(row[0], row[1], row[2])
	}
	return g
})

func rows(csv string) [][]string {
	lines := strings.Split(strings.TrimSpace(csv), "\n")[1:]
	out := make([][]string, len(lines))
	for i, l := range lines {
		out[i] = strings.Split(strings.TrimRight(l, "\r"), ",")
	}
	return out
}

func number(s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		panic(err)
	}
	return v
}

func levelOf(code string) Level {
	switch len(code) {
	case 2:
		return Province
	case 4:
		return City
	case 6:
		return County
	default:
		return Township
	}
}

func (g *gazetteer) add(p Place, up int) int {
	i := len(g.places)
	g.places = append(g.places, p)
	g.parent = append(g.parent, max(up, 0))
	g.children = append(g.children, nil)
	g.names = append(g.names, nil)
	g.short = append(g.short, short(p))
	g.byCode[p.Code] = i
	if up >= 0 {
		g.children[up] = append(g.children[up], i)
	}
	return i
}

func (g *gazetteer) find(code string) (int, bool) {
	if i, ok := g.byCode[code]; ok {
		return i, true
	}
	switch len(code) {
	case 12:
		code = strings.TrimSuffix(code, "000")
	case 6:
		code = strings.TrimSuffix(strings.TrimSuffix(code, "00"), "00")
	case 4:
		code = strings.TrimSuffix(code, "00")
	}
	i, ok := g.byCode[code]
	return i, ok
}

// index builds the name tables, best meaning first: a name already taken by a
// wider level or by the official name of another place is not given again.
func (g *gazetteer) index() {
	for i := range g.places {
		p := &g.places[i]
		if i == 0 || p.Hollow() {
			continue
		}
		up := g.parent[i]
		if p.Level == County && g.places[up].Hollow() {
			up = g.parent[up] // 北京 → 朝阳区
		}
		g.name(up, i)
		if p.Level == County && g.places[up].Level == City {
			g.name(g.parent[up], i) // 山东 → 章丘区
		}
		if p.Level < Township && up != 0 {
			g.name(0, i)
		}
	}
}

func (g *gazetteer) name(ctx, i int) {
	if g.names[ctx] == nil {
		g.names[ctx] = map[string]entry{}
	}
	g.put(ctx, g.places[i].Name, i, true)
	for _, s := range shortForms(g.places[i], g.short[i], g.short[g.parent[i]]) {
		if s != g.places[i].Name {
			g.put(ctx, s, i, false)
		}
	}
}

// rank orders the meanings of one name in one context; lower is better. Shandong
// comes before the rest of the country, official names before short ones, wide
// levels before narrow ones.
func (g *gazetteer) rank(i int, full bool) int {
	p := g.places[i]
	r := int(p.Level) * 2
	if p.Level == Province {
		return 0
	}
	if !full {
		r++
	}
	if !strings.HasPrefix(p.Code, Shandong) {
		r += 20
	}
	return r
}

func (g *gazetteer) put(ctx int, name string, i int, full bool) {
	old, taken := g.names[ctx][name]
	if !taken {
		g.names[ctx][name] = entry{at: i, full: full}
		return
	}
	if old.at == i {
		return
	}
	a, b := g.rank(old.at, old.full), g.rank(i, full)
	switch {
	case b < a:
		g.names[ctx][name] = entry{at: i, full: full}
	case b == a:
		if len(old.more) == 0 {
			old.more = []int{old.at}
		}
		old.more = append(old.more, i)
		g.names[ctx][name] = old
	}
}

// former adds an abolished code and name to where the area is now.
func (g *gazetteer) former(code, name, now string) {
	i := g.byCode[now]
	if _, taken := g.byCode[code]; !taken {
		g.byCode[code] = i
	}
	// 莱芜市 was a city; written alone it means the district that kept the name.
	if g.places[i].Level == City {
		return
	}
	s := strip(name, countySuffixes)
	for _, ctx := range []int{0, g.byCode[Shandong], g.parent[i]} {
		for _, n := range []string{name, s} {
			if _, taken := g.names[ctx][n]; !taken && utf8.RuneCountInString(n) > 1 {
				g.names[ctx][n] = entry{at: i, full: n == name}
			}
		}
	}
}
