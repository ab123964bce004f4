package search_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/search"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/hanzi"
)

var today = clock.MakeDay(2026, time.November, 1)

func fakeClock() clock.Clock { return clock.NewFake(today.Start().Add(time.Hour)) }

func schema() search.Schema {
	return search.Schema{
		Fields: []search.Field{{Name: "title", Boost: 4}, {Name: "company", Boost: 2}, {Name: "body", Boost: 1}},
		Facets: []search.Facet{
			{Name: "place", Known: []search.Value{{Code: "37"}, {Code: "3701", Parent: "37"}, {Code: "3702", Parent: "37"}, {Code: "370102", Parent: "3701"}, {Code: "370103", Parent: "3701"}, {Code: "370202", Parent: "3702"}, {Code: "370211", Parent: "3702"}}},
			{Name: "occupation", Multi: true, Known: []search.Value{{Code: "4"}, {Code: "4-02", Parent: "4"}, {Code: "4-02-02", Parent: "4-02"}, {Code: "6"}, {Code: "6-18", Parent: "6"}, {Code: "6-18-02", Parent: "6-18"}}},
			{Name: "education", Known: []search.Value{{Code: "none"}, {Code: "college"}}},
			{Name: "group", Multi: true, Known: []search.Value{{Code: "veteran"}, {Code: "graduate"}}},
		},
		Numbers:  []string{"published", "pay_max"},
		Sorts:    []search.Sort{{Name: "date", Number: "published", Desc: true}, {Name: "pay", Number: "pay_max", Desc: true}, {Name: "cheap", Number: "pay_max"}},
		Recency:  "published",
		Synonyms: search.Synonyms{"骑手": {Words: []string{"外卖", "送餐员"}, Codes: []search.Code{{Facet: "occupation", Value: "4-02-02"}, {Facet: "occupation", Value: "9-99"}}}},
	}
}

var weights = []float64{4, 2, 1}

// The naive scan: every promise of the package, written as plainly as possible.

func occurs(text string, r hanzi.Run) bool {
	text = hanzi.Fold(text)
	if r.Han {
		if utf8.RuneCountInString(r.Text) == 1 {
			return strings.Contains(text, r.Text)
		}
		rs := []rune(r.Text)
		for i := 0; i+1 < len(rs); i++ {
			if !strings.Contains(text, string(rs[i:i+2])) {
				return false
			}
		}
		return true
	}
	found := false
	hanzi.EachRun(text, func(t hanzi.Run, _ bool) {
		if !t.Han && (t.Text == r.Text || utf8.RuneCountInString(r.Text) > 1 && strings.HasPrefix(t.Text, r.Text)) {
			found = true
		}
	})
	return found
}

func holds(text string, runs []hanzi.Run) bool {
	for _, r := range runs {
		if !occurs(text, r) {
			return false
		}
	}
	return len(runs) > 0
}

var parentOf = map[string]string{"3701": "37", "3702": "37", "370102": "3701", "370103": "3701", "370202": "3702", "370211": "3702",
	"4-02": "4", "4-02-02": "4-02", "6-18": "6", "6-18-02": "6-18"}

func has(vs []string, want string) bool {
	for _, v := range vs {
		for ; v != ""; v = parentOf[v] {
			if v == want {
				return true
			}
		}
	}
	return false
}

// weightOf is what a word weighs in a document; 0 = not found.
func weightOf(d search.Doc, runs []hanzi.Run) float64 {
	sum := 0.0
	for f, text := range d.Text {
		if holds(text, runs) {
			sum += weights[f]
		}
	}
	text := ""
	for _, r := range runs {
		text += r.Text
	}
	syn, ok := schema().Synonyms[text]
	if !ok {
		return sum
	}
	for f, t := range d.Text {
		for _, w := range syn.Words {
			if holds(t, hanzi.QueryTokens(w)[0]) {
				sum += 0.6 * weights[f]
				break
			}
		}
	}
	for _, c := range syn.Codes {
		if has(d.Facets[1], c.Value) {
			sum += 0.6 * 4
			break
		}
	}
	return sum
}

func km(a, b search.Point) float64 {
	const rad = math.Pi / 180
	s := math.Pow(math.Sin((b.Lat-a.Lat)*rad/2), 2) + math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*math.Pow(math.Sin((b.Lon-a.Lon)*rad/2), 2)
	return 2 * 6371.0088 * math.Asin(math.Sqrt(s))
}

type answer struct {
	docs  []search.Doc // in order of preference
	keys  map[string]float64
	count map[string]map[string]int
}

func naive(docs map[string]search.Doc, q search.Query) answer {
	words := hanzi.QueryTokens(q.Text)
	passes := func(d search.Doc, but string) bool {
		for _, w := range words {
			if weightOf(d, w) == 0 {
				return false
			}
		}
		for _, f := range q.Filters {
			i := slices.IndexFunc(schema().Facets, func(x search.Facet) bool { return x.Name == f.Facet })
			if f.Facet != but && !slices.ContainsFunc(f.Values, func(v string) bool { return has(d.Facets[i], v) }) {
				return false
			}
		}
		for _, r := range q.Ranges {
			v := d.Numbers[slices.Index(schema().Numbers, r.Number)]
			if v == search.None || r.Min != nil && v < *r.Min || r.Max != nil && v > *r.Max {
				return false
			}
		}
		return q.RadiusKm == 0 || d.Point != nil && km(*q.Near, *d.Point) <= q.RadiusKm
	}
	a := answer{keys: map[string]float64{}, count: map[string]map[string]int{}}
	terms := 0.0
	length := func(d search.Doc) float64 {
		n := 0
		for _, t := range d.Text {
			n += len(hanzi.Tokens(t))
		}
		l := 8.0
		for _, s := range []float64{8, 11, 16, 23, 32, 45, 64, 91, 128, 181, 256, 362, 512, 724, 1024, 1448} {
			l = s
			if float64(n) <= s {
				break
			}
		}
		return l
	}
	df := make([]float64, len(words))
	for _, d := range docs {
		terms += length(d)
		for i, w := range words {
			if weightOf(d, w) > 0 {
				df[i]++
			}
		}
	}
	n := float64(len(docs))
	for _, f := range schema().Facets {
		a.count[f.Name] = map[string]int{}
	}
	for _, d := range docs {
		for i, f := range schema().Facets {
			if passes(d, f.Name) {
				seen := map[string]bool{}
				for _, v := range d.Facets[i] {
					for ; v != "" && !seen[v]; v = parentOf[v] {
						seen[v] = true
						a.count[f.Name][v]++
					}
				}
			}
		}
		if !passes(d, "") {
			continue
		}
		key := 0.0
		number := func(i int, sign float64) float64 {
			if d.Numbers[i] == search.None {
				return math.Inf(1)
			}
			return sign * float64(d.Numbers[i])
		}
		switch {
		case q.Sort == "date" || (q.Sort == "" || q.Sort == search.SortFit) && len(words) == 0:
			key = number(0, -1)
		case q.Sort == "pay":
			key = number(1, -1)
		case q.Sort == "cheap":
			key = number(1, 1)
		case q.Sort == search.SortDistance:
			key = math.Inf(1)
			if d.Point != nil {
				key = km(*q.Near, *d.Point)
			}
		default:
			for i, w := range words {
				tf := weightOf(d, w)
				key -= math.Log(1+(n-df[i]+0.5)/(df[i]+0.5)) * tf / (tf + 1.2*(0.7+0.3*length(d)/(terms/n)))
			}
			age := 0.0
			if d.Numbers[0] != search.None {
				age = math.Exp2(-math.Max(0, float64(int64(today)-d.Numbers[0])) / 30)
			}
			key *= 0.5 + 0.5*age
		}
		a.docs = append(a.docs, d)
		a.keys[d.ID] = key
	}
	slices.SortFunc(a.docs, func(x, y search.Doc) int {
		return cmp.Or(cmp.Compare(a.keys[x.ID], a.keys[y.ID]), strings.Compare(x.ID, y.ID))
	})
	return a
}

func randomDoc(r *rand.Rand, id string) search.Doc {
	pick := func(from []string, most int) string {
		var b strings.Builder
		for range r.IntN(most + 1) {
			b.WriteString(from[r.IntN(len(from))])
		}
		return b.String()
	}
	syllables := []string{"电", "焊", "工", "司机", "骑手", "外卖", "济南", "电工", "會計", "，", " ", "java", "Ｃ＋＋", "jav", "8", "送餐员", "5000"}
	one := func(vs ...string) []string {
		if v := vs[r.IntN(len(vs))]; v != "" {
			return []string{v}
		}
		return nil
	}
	d := search.Doc{
		ID:   id,
		Text: []string{pick(syllables, 4), pick(syllables, 3), pick(syllables, 30)},
		Facets: [][]string{one("", "37", "3701", "370102", "370103", "370202", "370211"), nil,
			one("none", "college", "master"), nil},
		Numbers: []int64{int64(today) - int64(r.IntN(40)), 100 * int64(r.IntN(30))},
	}
	for _, v := range []string{"4-02-02", "4-02", "6-18-02", "6"} {
		if r.IntN(4) == 0 {
			d.Facets[1] = append(d.Facets[1], v)
		}
	}
	for _, v := range []string{"veteran", "graduate", "migrant"} {
		if r.IntN(3) == 0 {
			d.Facets[3] = append(d.Facets[3], v)
		}
	}
	if r.IntN(5) == 0 {
		d.Numbers[1] = search.None
	}
	if r.IntN(5) > 0 {
		d.Point = &search.Point{Lon: 117 + r.Float64()*3, Lat: 35 + r.Float64()*2}
	}
	return d
}

func randomQuery(r *rand.Rand) search.Query {
	texts := []string{"", "", "电焊工", "工", "骑手", "java", "ja 电", "会计 司机", "C++开发", "c++", "电工济南", "8", "50", "外卖 骑手 工", "司机司机", "、"}
	q := search.Query{Text: texts[r.IntN(len(texts))], Limit: 1 + r.IntN(9)}
	for f, vs := range map[string][]string{"place": {"37", "3701", "370202"}, "occupation": {"4", "6-18-02"}, "education": {"none", "college"}, "group": {"veteran", "graduate"}} {
		if r.IntN(4) == 0 {
			q.Filters = append(q.Filters, search.Filter{Facet: f, Values: vs[:1+r.IntN(len(vs))]})
		}
	}
	if r.IntN(4) == 0 {
		lo := int64(r.IntN(2000))
		q.Ranges = append(q.Ranges, search.Range{Number: "pay_max", Min: &lo})
	}
	if r.IntN(3) == 0 {
		q.Near = &search.Point{Lon: 117 + r.Float64()*3, Lat: 35 + r.Float64()*2}
		q.RadiusKm = float64(r.IntN(2)) * 60
		q.Sort = search.SortDistance
	} else {
		q.Sort = []string{"", "fit", "date", "pay", "cheap"}[r.IntN(5)]
	}
	return q
}

// compare pages through the whole answer and holds it against the naive scan.
func compare(t *testing.T, x *search.Index, docs map[string]search.Doc, q search.Query) {
	t.Helper()
	want := naive(docs, q)
	got := map[string]int{}
	last, first := math.Inf(-1), true
	lastID := ""
	tolerance := 1e-5 // of scores
	if q.Sort == search.SortDistance {
		tolerance = 0.005 // km
	}
	for {
		r, err := x.Search(q)
		require.NoError(t, err)
		require.Equal(t, len(want.docs), r.Total, "total of %+v", q)
		require.LessOrEqual(t, len(r.Hits), q.Limit)
		require.Len(t, r.Facets, len(schema().Facets))
		for _, f := range r.Facets {
			counts := map[string]int{}
			for _, v := range f.Values {
				require.Equal(t, parentOf[v.Code], v.Parent)
				if v.Count > 0 {
					counts[v.Code] = v.Count
				} else {
					require.True(t, v.Selected)
				}
			}
			require.Equal(t, want.count[f.Name], counts, "%s of %+v", f.Name, q)
		}
		for _, h := range r.Hits {
			key, ok := want.keys[h.ID]
			require.True(t, ok, "%s does not answer %+v", h.ID, q)
			if math.IsInf(last, 1) {
				require.Equal(t, last, key, "order of %+v", q)
			}
			require.False(t, key < last-tolerance, "order of %+v", q)
			if key == last && !first && q.Sort != search.SortDistance && q.Sort != "" && q.Sort != "fit" {
				require.Greater(t, h.ID, lastID)
			}
			if q.Near != nil && docs[h.ID].Point != nil {
				require.InDelta(t, km(*q.Near, *docs[h.ID].Point), h.Km, 0.005)
			} else {
				require.Equal(t, -1.0, h.Km)
			}
			if h.Score != 0 {
				require.InEpsilon(t, -key, h.Score, 1e-4)
			}
			got[h.ID]++
			last, lastID, first = key, h.ID, false
		}
		if r.Next == "" {
			break
		}
		require.Len(t, r.Hits, q.Limit, "a page before the last is full")
		q.After = r.Next
	}
	require.Len(t, got, len(want.docs), "all pages of %+v", q)
	for id, n := range got {
		require.Equal(t, 1, n, "%s shown twice", id)
	}
}
