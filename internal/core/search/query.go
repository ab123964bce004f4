package search

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/hanzi"
)

// Query asks for documents. The zero Query asks for everything, newest first.
type Query struct {
	Text     string   // at most MaxText characters
	Filters  []Filter // all must hold
	Ranges   []Range  // all must hold
	Near     *Point   // for SortDistance, RadiusKm and Hit.Km
	RadiusKm float64  // 0 = any distance
	Sort     string   // SortFit, SortDistance or one of the schema; "" = SortFit
	Limit    int      // 1 to MaxLimit; 0 = DefaultLimit
	After    string   // Result.Next of the page before, of the same query
	Counts   []string // facets to count; nil = all; empty = none
}

// Filter takes the documents that have any of the values of a facet.
type Filter struct {
	Facet  string
	Values []string
}

// Range takes the documents whose number lies between Min and Max, both
// inclusive; nil is unbounded. Documents without the number are left out.
type Range struct {
	Number   string
	Min, Max *int64
}

// Limits of a query.
const (
	MaxText      = 100
	MaxLimit     = 100
	DefaultLimit = 20
)

type names struct{ facets, numbers, sorts map[string]int }

func makeNames(s *Schema) names {
	n := names{map[string]int{}, map[string]int{}, map[string]int{}}
	for i, f := range s.Facets {
		n.facets[f.Name] = i
	}
	for i, name := range s.Numbers {
		n.numbers[name] = i
	}
	for i, o := range s.Sorts {
		n.sorts[o.Name] = i
	}
	return n
}

// plan is a query understood.
type plan struct {
	groups  []group
	filters []filter
	ranges  []span
	near    *near
	order   order
	counts  []int
	limit   int
	after   *cursor
	today   clock.Day
	sign    uint32 // of everything but limit, counts and after
}

// group is one word of the query with everything that answers it.
type group struct {
	text  string
	own   phrase
	wide  []phrase
	codes []code
}

// phrase is runs that must all be in one field.
type phrase []term

// term is one run as the lexicon is asked for it.
type term struct {
	pairs  []hanzi.Pair // a Han run of two or more
	single rune         // a Han run of one
	word   string       // other scripts
	prefix bool         // the word may go on
}

type code struct {
	facet int
	value uint16
}

type filter struct {
	facet  int
	values []uint16
}

type span struct {
	number   int
	min, max int32
}

type near struct {
	x, y, z float32
	max     float32 // largest square of the straight distance
	bounded bool
}

type orderKind uint8

const (
	byNumber orderKind = iota
	byScore
	byDistance
	byID
	byNothing // only the total is wanted
)

type order struct {
	kind   orderKind
	number int
	desc   bool
}

func makePhrase(runs []hanzi.Run) phrase {
	var p phrase
	for _, r := range runs {
		switch {
		case !r.Han:
			p = append(p, term{word: r.Text, prefix: utf8.RuneCountInString(r.Text) > 1})
		case utf8.RuneCountInString(r.Text) == 1:
			c, _ := utf8.DecodeRuneInString(r.Text)
			p = append(p, term{single: c})
		default:
			p = append(p, term{pairs: r.Pairs()})
		}
	}
	return p
}

// widening is a synonym made ready.
type widening struct {
	also  []phrase
	codes []Code
}

func (x *Index) widenings(s Synonyms) map[string]widening {
	out := make(map[string]widening, len(s))
	for name, syn := range s {
		w := widening{codes: syn.Codes}
		for _, t := range syn.Words {
			if p := makePhrase(slices.Concat(hanzi.QueryTokens(t)...)); len(p) > 0 {
				w.also = append(w.also, p)
			}
		}
		out[hanzi.Normal(name)] = w
	}
	return out
}

func (x *Index) group(runs []hanzi.Run) group {
	g := group{own: makePhrase(runs)}
	for _, r := range runs {
		g.text += r.Text
	}
	if w, ok := x.wide[g.text]; ok {
		g.wide = w.also
		for _, c := range w.codes {
			if f, ok := x.names.facets[c.Facet]; ok {
				if v, ok := x.vocab[f].find(c.Value); ok {
					g.codes = append(g.codes, code{f, v})
				}
			}
		}
	}
	return g
}

func refuse(what, field, why string, opts ...fault.Option) error {
	return fault.New(fault.Invalid, "search."+what, append(opts, fault.OnField(field, why))...)
}

// parse understands a query. Faults, all Invalid: search.query_too_long,
// search.unknown_code, search.point_needed, search.bad_point, search.bad_radius,
// search.bad_range, search.bad_limit, search.bad_cursor.
func (x *Index) parse(q Query) (*plan, error) {
	p := &plan{limit: q.Limit}
	if len(q.Text) > 4*MaxText || utf8.RuneCountInString(q.Text) > MaxText {
		return nil, fault.New(fault.Invalid, "search.query_too_long", fault.With("Max", MaxText), fault.WithFields(
			fault.Field{Name: "text", Code: "too_long", Key: "field.too_long", Params: map[string]any{"Max": MaxText}}))
	}
	if p.limit == 0 {
		p.limit = DefaultLimit
	}
	if p.limit < 1 || p.limit > MaxLimit {
		return nil, fault.New(fault.Invalid, "search.bad_limit", fault.With("Max", MaxLimit), fault.WithFields(
			fault.Field{Name: "limit", Code: "range", Key: "field.range", Params: map[string]any{"Min": 1, "Max": MaxLimit}}))
	}
	for _, runs := range hanzi.QueryTokens(q.Text) {
		g := x.group(runs)
		if !slices.ContainsFunc(p.groups, func(o group) bool { return o.text == g.text }) {
			p.groups = append(p.groups, g)
		}
	}
	for _, step := range []func(*plan, Query) error{x.parseFilters, x.parseRanges, x.parseNear, x.parseOrder, x.parseCounts} {
		if err := step(p, q); err != nil {
			return nil, err
		}
	}
	p.sign = p.signature(q)
	p.today = clock.Today(x.clock)
	if q.After != "" {
		c, err := parseCursor(q.After)
		if err != nil || c.sign != p.sign {
			return nil, refuse("bad_cursor", "after", "invalid", fault.Because(err))
		}
		p.after, p.today = &c, c.today
	}
	return p, nil
}

func (x *Index) parseFilters(p *plan, q Query) error {
	for _, f := range q.Filters {
		i, ok := x.names.facets[f.Facet]
		if !ok {
			return refuse("unknown_code", f.Facet, "unknown_code")
		}
		if len(f.Values) == 0 {
			continue
		}
		at := slices.IndexFunc(p.filters, func(o filter) bool { return o.facet == i })
		if at < 0 {
			at = len(p.filters)
			p.filters = append(p.filters, filter{facet: i})
		}
		for _, v := range f.Values {
			id, ok := x.vocab[i].find(v)
			if !ok {
				return refuse("unknown_code", f.Facet, "unknown_code", fault.With("Value", v))
			}
			if !slices.Contains(p.filters[at].values, id) {
				p.filters[at].values = append(p.filters[at].values, id)
			}
		}
	}
	slices.SortFunc(p.filters, func(a, b filter) int { return cmp.Compare(a.facet, b.facet) })
	for _, f := range p.filters {
		slices.Sort(f.values)
	}
	return nil
}

func (x *Index) parseRanges(p *plan, q Query) error {
	for _, r := range q.Ranges {
		i, ok := x.names.numbers[r.Number]
		if !ok {
			return refuse("unknown_code", r.Number, "unknown_code")
		}
		if r.Min != nil && r.Max != nil && *r.Min > *r.Max {
			return refuse("bad_range", r.Number, "invalid")
		}
		s := span{number: i, min: noNumber + 1, max: math.MaxInt32}
		if r.Min != nil {
			s.min = int32(max(noNumber+1, min(math.MaxInt32, *r.Min)))
		}
		if r.Max != nil {
			s.max = int32(max(noNumber+1, min(math.MaxInt32, *r.Max)))
		}
		p.ranges = append(p.ranges, s)
	}
	return nil
}

func (x *Index) parseNear(p *plan, q Query) error {
	if q.RadiusKm < 0 || math.IsNaN(q.RadiusKm) {
		return refuse("bad_radius", "radius", "invalid")
	}
	if q.Near == nil {
		if q.RadiusKm > 0 || q.Sort == SortDistance {
			return refuse("point_needed", "near", "required")
		}
		return nil
	}
	if !q.Near.valid() {
		return refuse("bad_point", "near", "invalid")
	}
	p.near = &near{}
	p.near.x, p.near.y, p.near.z = sphere(*q.Near)
	if q.RadiusKm > 0 {
		p.near.bounded, p.near.max = true, float32(chord2(q.RadiusKm))
	}
	return nil
}

func (x *Index) parseOrder(p *plan, q Query) error {
	switch i, ok := x.names.sorts[q.Sort]; {
	case ok:
		s := x.schema.Sorts[i]
		p.order = order{kind: byNumber, number: x.names.numbers[s.Number], desc: s.Desc}
	case q.Sort == SortDistance:
		p.order.kind = byDistance
	case q.Sort != SortFit && q.Sort != "":
		return refuse("unknown_code", "sort", "unknown_code", fault.With("Value", q.Sort))
	case len(p.groups) > 0:
		p.order.kind = byScore
	case x.schema.Recency != "":
		p.order = order{kind: byNumber, number: x.names.numbers[x.schema.Recency], desc: true}
	default:
		p.order.kind = byID
	}
	return nil
}

func (x *Index) parseCounts(p *plan, q Query) error {
	if q.Counts == nil {
		for i := range x.schema.Facets {
			p.counts = append(p.counts, i)
		}
	}
	for _, name := range q.Counts {
		i, ok := x.names.facets[name]
		if !ok {
			return refuse("unknown_code", "counts", "unknown_code", fault.With("Value", name))
		}
		if !slices.Contains(p.counts, i) {
			p.counts = append(p.counts, i)
		}
	}
	return nil
}

// signature ties a cursor to its query.
func (p *plan) signature(q Query) uint32 {
	h := uint64(fnvOffset)
	num := func(v uint64) {
		for range 8 {
			h = (h ^ v&0xFF) * fnvPrime
			v >>= 8
		}
	}
	var texts []string
	for _, g := range p.groups {
		texts = append(texts, g.text)
	}
	for _, c := range []byte(strings.Join(texts, " ")) {
		h = (h ^ uint64(c)) * fnvPrime
	}
	for _, f := range p.filters {
		num(1<<32 | uint64(f.facet))
		for _, v := range f.values {
			num(uint64(v))
		}
	}
	for _, r := range p.ranges {
		num(2<<32 | uint64(r.number))
		num(uint64(uint32(r.min))<<32 | uint64(uint32(r.max)))
	}
	if p.near != nil {
		num(math.Float64bits(q.Near.Lon))
		num(math.Float64bits(q.Near.Lat))
		num(math.Float64bits(q.RadiusKm))
	}
	num(uint64(p.order.kind)<<40 | uint64(p.order.number)<<1)
	if p.order.desc {
		num(1)
	}
	return uint32(h ^ h>>32)
}
