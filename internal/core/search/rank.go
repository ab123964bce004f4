package search

import (
	"math"
	"math/bits"
	"slices"
	"sort"
)

// BM25's constants: how soon more weight stops helping, and how much a long
// text is held against a document. Ads differ little in length, so b is small.
const (
	bm25K = 1.2
	bm25B = 0.3
)

// ageFloor is what age can never take from a score.
const ageFloor = 0.5

// decay is the factor by age in days.
func decay(halfLife int) []float32 {
	out := make([]float32, 16*halfLife) // beyond, what is left of the rest is below 1/65536
	for d := range out {
		out[d] = float32(ageFloor + (1-ageFloor)*math.Exp2(-float64(d)/float64(halfLife)))
	}
	return out
}

// candidate is a document on its way to the page. A smaller key is better;
// equal keys are in the order of ids.
type candidate struct {
	key  uint32
	doc  int32
	part int32
}

// page keeps the best candidates behind the cursor.
type page struct {
	parts []*part
	want  int
	best  []candidate
	after *cursor

	// The part at hand.
	part int
	from int // documents from here on have ids behind the cursor's
	// A candidate is worth a look if its key is below worst, or equal to it
	// and its document before tie.
	worst uint32
	tie   int
}

func newPage(parts []*part, want int, after *cursor) *page {
	return &page{parts: parts, want: want, after: after, best: make([]candidate, 0, want+1)}
}

// open prepares for the documents of one part.
func (g *page) open(i int) {
	g.part = i
	if g.after != nil {
		at, ok := g.parts[i].ids.search(g.parts[i].n, g.after.id)
		if ok {
			at++
		}
		g.from = at
	}
	g.mark()
}

// mark sets worst and tie.
func (g *page) mark() {
	g.worst, g.tie = math.MaxUint32, math.MaxInt
	if len(g.best) < g.want {
		return
	}
	last := g.best[len(g.best)-1]
	g.worst, g.tie = last.key, int(last.doc)
	if own := g.parts[g.part]; int(last.part) != g.part {
		of := g.parts[last.part]
		g.tie = sort.Search(own.n, func(d int) bool {
			return own.ids.compare(d, &of.ids, int(last.doc)) > 0
		})
	}
}

// hopeful tells whether a document may be offered.
func (g *page) hopeful(key uint32, doc int) bool {
	return key < g.worst || key == g.worst && doc < g.tie
}

func (g *page) less(a, b candidate) bool {
	if a.key != b.key {
		return a.key < b.key
	}
	if a.part == b.part {
		return a.doc < b.doc
	}
	return g.parts[a.part].ids.compare(int(a.doc), &g.parts[b.part].ids, int(b.doc)) < 0
}

// offer takes a hopeful candidate of the part at hand.
func (g *page) offer(key uint32, doc int) {
	if a := g.after; a != nil && (key < a.key || key == a.key && doc < g.from) {
		return
	}
	c := candidate{key, int32(doc), int32(g.part)}
	if len(g.best) == g.want {
		g.best = g.best[:len(g.best)-1]
	}
	i, j := 0, len(g.best)
	for i < j {
		if h := (i + j) / 2; g.less(g.best[h], c) {
			i = h + 1
		} else {
			j = h
		}
	}
	g.best = slices.Insert(g.best, i, c)
	g.mark()
}

// join takes over the candidates of another page.
func (g *page) join(o *page) {
	g.best = append(g.best, o.best...)
	slices.SortFunc(g.best, func(a, b candidate) int {
		if g.less(a, b) {
			return -1
		}
		return 1
	})
	g.best = g.best[:min(len(g.best), g.want)]
}

// orderKey is the key of a document by number; what has none comes last.
func orderKey(v int32, desc bool) uint32 {
	switch {
	case v == noNumber:
		return math.MaxUint32
	case desc:
		return ^(uint32(v) ^ 1<<31)
	}
	return uint32(v) ^ 1<<31
}

// walk offers the documents of m in an order that needs no score.
func (g *page) walk(i int, m set, q *plan) {
	g.open(i)
	p := g.parts[i]
	switch q.order.kind {
	case byNumber:
		col, desc := p.numbers[q.order.number], q.order.desc
		for w, word := range m {
			base := w << 6
			for ; word != 0; word &= word - 1 {
				d := base + bits.TrailingZeros64(word)
				if key := orderKey(col[d], desc); key <= g.worst && g.hopeful(key, d) {
					g.offer(key, d)
				}
			}
		}
	case byDistance:
		m.each(func(d int) {
			key := uint32(math.MaxUint32)
			if p.points != nil {
				if c := q.near.chord2(p, d); c == c { // not NaN
					key = math.Float32bits(c) // grows with c, as c is not negative
				}
			}
			if g.hopeful(key, d) {
				g.offer(key, d)
			}
		})
	case byID:
		m.each(func(d int) {
			if g.hopeful(0, d) {
				g.offer(0, d)
			}
		})
	}
}

// scorer turns places of words into scores.
type scorer struct {
	idf    []float64
	norm   [len(lengthSteps)]float64 // BM25's K by length step
	weight []float64                 // by layer
	strong float64                   // layers of at least this weight are looked at first
	bound  float64                   // the most a document can score without a strong layer
	decay  []float32
	day    int // the number of the day of a document, or -1
	today  int
	table  []float32 // by layers, then length step: score before age; 0 = not yet known
}

// newScorer needs, for each word, how many living documents have it.
func (x *Index) newScorer(q *plan, snap *snapshot, df []int) *scorer {
	s := &scorer{decay: x.decay, day: -1, today: int(q.today)}
	if x.schema.Recency != "" {
		s.day = x.names.numbers[x.schema.Recency]
	}
	for _, n := range df {
		s.idf = append(s.idf, math.Log(1+(float64(snap.live-n)+0.5)/(float64(n)+0.5)))
	}
	mean := snap.length / float64(max(1, snap.live))
	for i, l := range lengthSteps {
		s.norm[i] = bm25K * (1 - bm25B + bm25B*l/mean)
	}
	top := 0.0
	for l := range x.layerCount() {
		s.weight = append(s.weight, x.layerWeight(l))
		top = max(top, s.weight[l])
	}
	s.strong = top / 2
	weak := 0.0
	for _, w := range s.weight {
		if w < s.strong {
			weak += w
		}
	}
	for _, idf := range s.idf {
		s.bound += idf * weak / (weak + s.norm[0])
	}
	return s
}

func scoreKey(score float32) uint32 { return ^math.Float32bits(score) }
func keyScore(key uint32) float64   { return float64(math.Float32frombits(^key)) }

func (s *scorer) age(p *part, doc int) float32 {
	if s.day < 0 {
		return 1
	}
	v := p.numbers[s.day][doc]
	if v == noNumber {
		return ageFloor
	}
	if age := s.today - int(v); age > 0 {
		if age < len(s.decay) {
			return s.decay[age]
		}
		return ageFloor
	}
	return 1
}

// layer is one set in which a document gains weight for one word.
type layer struct {
	set    set
	word   int
	weight float64
}

// maxTable is the most layers for which all scores are kept in a table.
const maxTable = 8

// score offers the documents of hits by score: first those found in a strong
// layer, the others only if they could still reach the page.
func (g *page) score(i int, hits set, words []found, s *scorer, lend *scratch) {
	g.open(i)
	p := g.parts[i]
	var layers []layer
	strong := lend.zero(len(hits))
	for w := range words {
		for l, m := range words[w].layers {
			if m == nil {
				continue
			}
			layers = append(layers, layer{m, w, s.weight[l]})
			if s.weight[l] >= s.strong {
				strong.or(m)
			}
		}
	}
	if len(layers) <= maxTable {
		n := len(lengthSteps) << len(layers)
		if cap(s.table) < n {
			s.table = make([]float32, len(lengthSteps)<<maxTable)
		}
		s.table = s.table[:n]
		clear(s.table)
	}
	strong.and(hits)
	g.scoreSet(p, strong, layers, s)
	if scoreKey(float32(s.bound*(1+1e-6))) > g.worst {
		return
	}
	weak := lend.copyOf(hits)
	weak.andNot(strong)
	g.scoreSet(p, weak, layers, s)
}

func (g *page) scoreSet(p *part, m set, layers []layer, s *scorer) {
	tabled := len(layers) <= maxTable
	at := make([]uint64, len(layers))
	tf := make([]float64, len(s.idf))
	for w, word := range m {
		if word == 0 {
			continue
		}
		for j := range layers {
			at[j] = layers[j].set[w]
		}
		for ; word != 0; word &= word - 1 {
			b := bits.TrailingZeros64(word)
			d := w<<6 + b
			var score float32
			if tabled {
				mask := 0
				for j, lw := range at {
					mask |= int(lw>>b&1) << j
				}
				cell := &s.table[mask*len(lengthSteps)+int(p.lens[d])]
				if *cell == 0 {
					*cell = s.bm25(layers, at, b, p.lens[d], tf)
				}
				score = *cell
			} else {
				score = s.bm25(layers, at, b, p.lens[d], tf)
			}
			if key := scoreKey(score * s.age(p, d)); key <= g.worst && g.hopeful(key, d) {
				g.offer(key, d)
			}
		}
	}
}

func (s *scorer) bm25(layers []layer, at []uint64, bit int, length uint8, tf []float64) float32 {
	clear(tf)
	for j := range layers {
		if at[j]>>bit&1 != 0 {
			tf[layers[j].word] += layers[j].weight
		}
	}
	sum := 0.0
	for w, f := range tf {
		sum += s.idf[w] * f / (f + s.norm[length])
	}
	return float32(sum)
}
