package search

import (
	"math"
	"slices"
	"sort"
	"strings"

	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/hanzi"
)

// builder collects up to maxDocs documents in any order and makes a segment.
// It keeps terms, not texts.
type builder struct {
	schema *Schema
	vocab  []*vocabulary
	ids    []string
	sums   []uint64
	lens   []uint8
	nums   [][]int32
	points []float32
	anyPt  bool
	fields []fieldBuilder
	facets []facetBuilder
}

type fieldBuilder struct {
	pairs map[hanzi.Pair]uint32
	words map[string]uint32
	seen  []int32  // by term: the last document that had it, plus one
	terms []uint32 // the distinct terms of each document, joined
	ends  []uint32
}

type facetBuilder struct {
	one  []uint16
	many []uint16
	ends []uint32
}

func newBuilder(schema *Schema, vocab []*vocabulary) *builder {
	b := &builder{schema: schema, vocab: vocab}
	b.fields = make([]fieldBuilder, len(schema.Fields))
	for i := range b.fields {
		b.fields[i] = fieldBuilder{pairs: map[hanzi.Pair]uint32{}, words: map[string]uint32{}}
	}
	b.facets = make([]facetBuilder, len(schema.Facets))
	b.nums = make([][]int32, len(schema.Numbers))
	return b
}

func (b *builder) full() bool { return len(b.ids) == maxDocs }

// checkDoc refuses a document that does not fit the schema.
func checkDoc(s *Schema, d *Doc) error {
	switch {
	case d.ID == "" || len(d.ID) > 200:
		return fault.New(fault.Invalid, "search.bad_id", fault.OnField("id", "length"))
	case len(d.Text) > len(s.Fields) || len(d.Facets) > len(s.Facets) || len(d.Numbers) > len(s.Numbers):
		return fault.New(fault.Internal, "search.bad_document", fault.With("ID", d.ID))
	case d.Point != nil && !d.Point.valid():
		return fault.New(fault.Invalid, "search.bad_point", fault.OnField("point", "invalid"))
	}
	for i, vs := range d.Facets {
		if len(vs) > 1 && !s.Facets[i].Multi {
			return fault.New(fault.Internal, "search.bad_document", fault.With("ID", d.ID))
		}
		for _, v := range vs {
			if v == "" {
				return fault.New(fault.Invalid, "search.unknown_code", fault.OnField(s.Facets[i].Name, "unknown_code"))
			}
		}
	}
	return nil
}

// add takes a document that has passed checkDoc.
func (b *builder) add(d *Doc) error {
	// Codes first: they are the only thing that can fail.
	codes := make([]uint16, 0, 16)
	for i, vs := range d.Facets {
		for _, v := range vs {
			id, err := b.vocab[i].intern(v)
			if err != nil {
				return err
			}
			codes = append(codes, id)
		}
	}
	b.ids = append(b.ids, d.ID)
	b.sums = append(b.sums, d.Checksum())
	for i := range b.facets {
		f := &b.facets[i]
		var own []uint16
		if i < len(d.Facets) {
			own, codes = codes[:len(d.Facets[i])], codes[len(d.Facets[i]):]
		}
		if b.schema.Facets[i].Multi {
			from := len(f.many)
			_, parent := b.vocab[i].view()
			for _, v := range own {
				for ; v != 0; v = parent[v] {
					if !slices.Contains(f.many[from:], v) {
						f.many = append(f.many, v)
					}
				}
			}
			f.ends = append(f.ends, uint32(len(f.many)))
		} else if len(own) == 1 {
			f.one = append(f.one, own[0])
		} else {
			f.one = append(f.one, 0)
		}
	}
	for i := range b.nums {
		v := int32(noNumber)
		if i < len(d.Numbers) && d.Numbers[i] != None {
			v = int32(max(noNumber+1, min(math.MaxInt32, d.Numbers[i])))
		}
		b.nums[i] = append(b.nums[i], v)
	}
	x, y, z := float32(math.NaN()), float32(math.NaN()), float32(math.NaN())
	if d.Point != nil {
		x, y, z = sphere(*d.Point)
		b.anyPt = true
	}
	b.points = append(b.points, x, y, z)
	length := 0
	for i := range b.fields {
		text := ""
		if i < len(d.Text) {
			text = d.Text[i]
		}
		length += b.fields[i].add(int32(len(b.ids)), text)
	}
	b.lens = append(b.lens, lengthStep(length))
	return nil
}

// add notes the distinct terms of a text and gives the number of all of them.
func (f *fieldBuilder) add(stamp int32, text string) int {
	n := 0
	term := func(t uint32) {
		n++
		if f.seen[t] != stamp {
			f.seen[t] = stamp
			f.terms = append(f.terms, t)
		}
	}
	hanzi.Scan(hanzi.Fold(text), func(p hanzi.Pair) {
		t, ok := f.pairs[p]
		if !ok {
			t = uint32(len(f.seen))
			f.pairs[p] = t
			f.seen = append(f.seen, 0)
		}
		term(t)
	}, func(w string) {
		t, ok := f.words[w]
		if !ok {
			t = uint32(len(f.seen))
			f.words[strings.Clone(w)] = t
			f.seen = append(f.seen, 0)
		}
		term(t)
	})
	f.ends = append(f.ends, uint32(len(f.terms)))
	return n
}

// build makes the segment; the builder is spent.
func (b *builder) build() *segment {
	n := len(b.ids)
	order := make([]int, n) // by new place: the old one
	for i := range order {
		order[i] = i
	}
	sort.Slice(order, func(i, j int) bool { return b.ids[order[i]] < b.ids[order[j]] })
	s := &segment{n: n, sums: make([]uint64, n), lens: make([]uint8, n)}
	words := s.words()
	ids := make([]string, n)
	for i, o := range order {
		ids[i], s.sums[i], s.lens[i] = b.ids[o], b.sums[o], b.lens[o]
	}
	s.ids = makeIDs(ids)
	for _, c := range b.nums {
		out := make([]int32, n)
		for i, o := range order {
			out[i] = c[o]
		}
		s.numbers = append(s.numbers, out)
	}
	if b.anyPt {
		s.points = make([]float32, 3*n)
		for i, o := range order {
			copy(s.points[3*i:3*i+3], b.points[3*o:3*o+3])
		}
	}
	for i := range b.fields {
		s.fields = append(s.fields, b.fields[i].build(order, words))
		b.fields[i] = fieldBuilder{}
	}
	for i := range b.facets {
		s.facets = append(s.facets, b.facets[i].build(order, words, b.vocab[i]))
	}
	return s
}

func (f *fieldBuilder) build(order []int, words int) lexicon {
	var x lexicon
	// sorted is the terms in the order of the lexicon.
	x.pairs = make([]hanzi.Pair, 0, len(f.pairs))
	for p := range f.pairs {
		x.pairs = append(x.pairs, p)
	}
	slices.Sort(x.pairs)
	texts := make([]string, 0, len(f.words))
	for w := range f.words {
		texts = append(texts, w)
	}
	slices.Sort(texts)
	sorted := make([]uint32, 0, len(f.seen))
	for _, p := range x.pairs {
		sorted = append(sorted, f.pairs[p])
	}
	for _, w := range texts {
		sorted = append(sorted, f.words[w])
	}
	x.text = strings.Join(texts, "")
	x.ends = make([]uint32, len(texts))
	at := 0
	for i, w := range texts {
		at += len(w)
		x.ends[i] = uint32(at)
	}
	// A counting sort of (term, document), documents in their new order.
	next := make([]uint32, len(f.seen)+1)
	for _, t := range f.terms {
		next[t+1]++
	}
	for i := 1; i < len(next); i++ {
		next[i] += next[i-1]
	}
	docs := make([]uint16, len(f.terms))
	for i, o := range order {
		from := uint32(0)
		if o > 0 {
			from = f.ends[o-1]
		}
		for _, t := range f.terms[from:f.ends[o]] {
			docs[next[t]] = uint16(i)
			next[t]++
		}
	}
	x.lists.refs = make([]ref, 0, len(sorted))
	for _, t := range sorted {
		from := uint32(0)
		if t > 0 {
			from = next[t-1] // where the term before ended
		}
		x.lists.add(docs[from:next[t]], words)
	}
	x.lists.clip()
	return x
}

func (f *facetBuilder) build(order []int, words int, v *vocabulary) column {
	var c column
	_, parent := v.view()
	byValue := make([][]uint16, len(parent))
	if f.ends == nil {
		c.one = make([]uint16, len(order))
		for i, o := range order {
			c.one[i] = f.one[o]
			for a := f.one[o]; a != 0; a = parent[a] {
				byValue[a] = append(byValue[a], uint16(i))
			}
		}
	} else {
		c.ends = make([]uint32, len(order))
		for i, o := range order {
			from := uint32(0)
			if o > 0 {
				from = f.ends[o-1]
			}
			for _, a := range f.many[from:f.ends[o]] {
				c.many = append(c.many, a)
				byValue[a] = append(byValue[a], uint16(i))
			}
			c.ends[i] = uint32(len(c.many))
		}
		c.many = slices.Clip(c.many)
	}
	for a, docs := range byValue {
		if len(docs) > 0 {
			c.values = append(c.values, uint16(a))
			c.lists.add(docs, words)
		}
	}
	c.values = slices.Clip(c.values)
	c.lists.clip()
	c.price(words)
	return c
}

// sphere gives the point on the unit sphere. The square of the straight
// distance of two such points grows with the distance over ground.
func sphere(p Point) (x, y, z float32) {
	lon, lat := p.Lon*math.Pi/180, p.Lat*math.Pi/180
	return float32(math.Cos(lat) * math.Cos(lon)), float32(math.Cos(lat) * math.Sin(lon)), float32(math.Sin(lat))
}

const earthKm = 6371.0088 // mean radius

// chord2 is the square of the straight distance, on the unit sphere, that
// belongs to a distance over ground.
func chord2(km float64) float64 {
	half := min(km/(2*earthKm), math.Pi/2)
	c := 2 * math.Sin(half)
	return c * c
}

// groundKm undoes chord2; with it the haversine formula is complete.
func groundKm(chord2 float64) float64 {
	return 2 * earthKm * math.Asin(min(1, math.Sqrt(chord2)/2))
}

// lengthSteps are the lengths, in terms, that a document's length is rounded
// to: each is √2 times the one before.
var lengthSteps = [16]float64{8, 11, 16, 23, 32, 45, 64, 91, 128, 181, 256, 362, 512, 724, 1024, 1448}

func lengthStep(terms int) uint8 {
	i := 0
	for i < len(lengthSteps)-1 && float64(terms) > lengthSteps[i] {
		i++
	}
	return uint8(i)
}
