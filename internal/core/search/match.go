package search

import (
	"math/bits"
	"slices"
)

// wideWeight is what a synonym weighs against the word itself.
const wideWeight = 0.6

// found is where one word of the query was found in one part: a layer for each
// field, one for each field by synonym, and one by code. Sets are read-only;
// nil where nothing was found.
type found struct {
	layers []set
	any    set
}

// layerCount is the number of layers of one word.
func (x *Index) layerCount() int { return 2*len(x.schema.Fields) + 1 }

// layerWeight is what being in a layer weighs.
func (x *Index) layerWeight(layer int) float64 {
	n, top := len(x.schema.Fields), 0.0
	for _, f := range x.schema.Fields {
		top = max(top, f.Boost)
	}
	switch {
	case layer < n:
		return x.schema.Fields[layer].Boost
	case layer < 2*n:
		return wideWeight * x.schema.Fields[layer-n].Boost
	}
	return wideWeight * top
}

// find seeks one word in one part.
func (x *Index) find(p *part, g *group, s *scratch) found {
	n := len(x.schema.Fields)
	out := found{layers: make([]set, x.layerCount())}
	for f := range n {
		out.layers[f] = p.phrase(f, g.own, s)
		var sets []set
		for _, w := range g.wide {
			if m := p.phrase(f, w, s); m != nil {
				sets = append(sets, m)
			}
		}
		out.layers[n+f] = union(sets, s)
	}
	if len(g.codes) > 0 {
		m := s.zero(p.words())
		for _, c := range g.codes {
			p.facets[c.facet].list(c.value, p.words()).addTo(m)
		}
		out.layers[2*n] = m
	}
	out.any = union(slices.DeleteFunc(slices.Clone(out.layers), func(l set) bool { return l == nil }), s)
	return out
}

// union gives the documents of any of the sets; nil of none.
func union(sets []set, s *scratch) set {
	switch len(sets) {
	case 0:
		return nil
	case 1:
		return sets[0]
	}
	out := s.copyOf(sets[0])
	for _, o := range sets[1:] {
		out.or(o)
	}
	return out
}

// phrase gives the documents with all terms of a phrase in a field; nil if none.
func (p *part) phrase(field int, ph phrase, s *scratch) set {
	x, words := &p.fields[field], p.words()
	var buf [16]list
	all := buf[:0]
	within := func(from, to int) bool {
		switch {
		case from == to:
			return false
		case to == from+1:
			all = append(all, x.lists.get(from, words))
		default:
			m := s.zero(words)
			for i := from; i < to; i++ {
				x.lists.get(i, words).addTo(m)
			}
			all = append(all, list{set: m})
		}
		return true
	}
	for i := range ph {
		t := &ph[i]
		switch {
		case t.pairs != nil:
			for _, pr := range t.pairs {
				at, ok := x.pair(pr)
				if !ok {
					return nil
				}
				all = append(all, x.lists.get(at, words))
			}
		case t.single != 0:
			if !within(x.pairRange(t.single)) {
				return nil
			}
		default:
			if !within(x.wordRange(t.word, t.prefix)) {
				return nil
			}
		}
	}
	return intersect(all, words, s)
}

// intersect gives the documents that are in every list; nil if there are none.
func intersect(all []list, words int, s *scratch) set {
	short := -1
	for i, l := range all {
		if l.set == nil && (short < 0 || len(l.docs) < len(all[short].docs)) {
			short = i
		}
	}
	if short < 0 {
		if len(all) == 1 {
			return all[0].set
		}
		out := s.copyOf(all[0].set)
		for _, l := range all[1:] {
			out.and(l.set)
		}
		if out.count() == 0 {
			return nil
		}
		return out
	}
	docs := all[short].docs
	var kept []uint16
	for i, l := range all {
		if i == short {
			continue
		}
		if kept == nil {
			kept = make([]uint16, len(docs))
		}
		docs = keep(kept, docs, l)
		if len(docs) == 0 {
			return nil
		}
	}
	out := s.zero(words)
	list{docs: docs}.addTo(out)
	return out
}

// keep writes the docs that are in l to the front of out, which may be docs.
func keep(out, docs []uint16, l list) []uint16 {
	n := 0
	if l.set != nil {
		for _, d := range docs {
			out[n] = d
			n += int(l.set[d>>6] >> (d & 63) & 1)
		}
		return out[:n]
	}
	rest := l.docs
	for _, d := range docs {
		// Step over what is too small, in doubling strides.
		step := 1
		for step < len(rest) && rest[step-1] < d {
			rest = rest[step:]
			step *= 2
		}
		for len(rest) > 0 && rest[0] < d {
			i, _ := slices.BinarySearch(rest[:min(step, len(rest))], d)
			rest = rest[i:]
		}
		if len(rest) == 0 {
			break
		}
		if rest[0] == d {
			out[n] = d
			n++
		}
	}
	return out[:n]
}

// narrow drops from m the documents outside the query's ranges and radius.
func (p *part) narrow(m set, q *plan) {
	for _, r := range q.ranges {
		m.keepBetween(p.numbers[r.number], r.min, r.max)
	}
	if q.near == nil || !q.near.bounded {
		return
	}
	if p.points == nil {
		clear(m)
		return
	}
	n := q.near
	m.keepIf(func(d int) bool { return n.chord2(p, d) <= n.max }) // false for NaN
}

// chord2 is the square of the straight distance of a document, NaN without a point.
func (n *near) chord2(p *part, doc int) float32 {
	at := p.points[3*doc : 3*doc+3 : 3*doc+3]
	dx, dy, dz := at[0]-n.x, at[1]-n.y, at[2]-n.z
	return dx*dx + dy*dy + dz*dz
}

// keepBetween drops the documents whose number is outside min to max. It looks
// at all 64 documents of a word, which without branches is quicker than finding
// those that are members.
func (s set) keepBetween(col []int32, min, max int32) {
	span := uint32(max - min) // no number below min wraps into it
	for i, w := range s {
		if w == 0 {
			continue
		}
		at := col[i<<6:]
		if len(at) > 64 {
			at = at[:64]
		}
		var in uint64
		for j, v := range at {
			var bit uint64
			if uint32(v-min) <= span {
				bit = 1
			}
			in |= bit << (j & 63)
		}
		s[i] = w & in
	}
}

func (s set) keepIf(fn func(doc int) bool) {
	for i, w := range s {
		for m := w; m != 0; m &= m - 1 {
			b := bits.TrailingZeros64(m)
			if !fn(i<<6 + b) {
				w &^= 1 << b
			}
		}
		s[i] = w
	}
}

// chosen gives the documents that pass one filter.
func (p *part) chosen(f filter, s *scratch) set {
	c := &p.facets[f.facet]
	if len(f.values) == 1 {
		if l := c.list(f.values[0], p.words()); l.set != nil {
			return l.set
		}
	}
	m := s.zero(p.words())
	for _, v := range f.values {
		c.list(v, p.words()).addTo(m)
	}
	return m
}
