package search

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"gonghui/internal/kit/hanzi"
)

// merge makes one segment of the living documents of several. Together they
// have at most maxDocs of them, and at least one. Each id lives in one only.
func merge(parts []*part) *segment {
	type place struct{ part, doc int }
	var order []place
	for i, p := range parts {
		for d := range p.n {
			if !p.isDead(d) {
				order = append(order, place{i, d})
			}
		}
	}
	slices.SortFunc(order, func(a, b place) int {
		if a.part == b.part {
			return cmp.Compare(a.doc, b.doc)
		}
		return parts[a.part].ids.compare(a.doc, &parts[b.part].ids, b.doc)
	})
	n := len(order)
	out := &segment{n: n, sums: make([]uint64, n), lens: make([]uint8, n)}
	ids := make([]string, n)
	moved := make([][]int32, len(parts)) // by part, by old number: the new one, or -1
	anyPoint := false
	for i, p := range parts {
		moved[i] = make([]int32, p.n)
		for d := range moved[i] {
			moved[i][d] = -1
		}
		anyPoint = anyPoint || p.points != nil
	}
	for i, o := range order {
		p := parts[o.part]
		moved[o.part][o.doc] = int32(i)
		ids[i], out.sums[i], out.lens[i] = p.ids.get(o.doc), p.sums[o.doc], p.lens[o.doc]
	}
	out.ids = makeIDs(ids)
	for k := range parts[0].numbers {
		col := make([]int32, n)
		for i, o := range order {
			col[i] = parts[o.part].numbers[k][o.doc]
		}
		out.numbers = append(out.numbers, col)
	}
	if anyPoint {
		out.points = make([]float32, 0, 3*n)
		none := float32(math.NaN())
		for _, o := range order {
			if pts := parts[o.part].points; pts != nil {
				out.points = append(out.points, pts[3*o.doc:3*o.doc+3]...)
			} else {
				out.points = append(out.points, none, none, none)
			}
		}
	}
	m := merger{parts: parts, moved: moved, words: out.words(), member: make(set, out.words())}
	for f := range parts[0].fields {
		out.fields = append(out.fields, m.lexicon(f))
	}
	for f := range parts[0].facets {
		c := column{}
		if parts[0].facets[f].ends == nil {
			c.one = make([]uint16, n)
			for i, o := range order {
				c.one[i] = parts[o.part].facets[f].one[o.doc]
			}
		} else {
			c.ends = make([]uint32, n)
			for i, o := range order {
				c.many = append(c.many, parts[o.part].facets[f].of(o.doc)...)
				c.ends[i] = uint32(len(c.many))
			}
			c.many = slices.Clip(c.many)
		}
		m.values(&c, f)
		c.price(m.words)
		out.facets = append(out.facets, c)
	}
	return out
}

// merger joins lists of documents under their new numbers.
type merger struct {
	parts  []*part
	moved  [][]int32
	words  int
	member set
	docs   []uint16
}

func (m *merger) take(part int, l list) {
	to := m.moved[part]
	each(l, func(d int) {
		if t := to[d]; t >= 0 {
			m.member.add(int(t))
		}
	})
}

// each calls fn for every member in order.
func each(l list, fn func(doc int)) {
	if l.set == nil {
		for _, d := range l.docs {
			fn(int(d))
		}
		return
	}
	l.set.each(fn)
}

// flush moves the collected documents into out and reports whether there were any.
func (m *merger) flush(out *lists) bool {
	m.docs = m.member.list(m.docs[:0])
	if len(m.docs) == 0 {
		return false
	}
	clear(m.member)
	out.add(m.docs, m.words)
	return true
}

func (m *merger) lexicon(f int) lexicon {
	var out lexicon
	at := make([]int, len(m.parts)) // how far each part's pairs are read
	for {
		next, any := hanzi.Pair(0), false
		for i, p := range m.parts {
			if x := &p.fields[f]; at[i] < len(x.pairs) && (!any || x.pairs[at[i]] < next) {
				next, any = x.pairs[at[i]], true
			}
		}
		if !any {
			break
		}
		for i, p := range m.parts {
			if x := &p.fields[f]; at[i] < len(x.pairs) && x.pairs[at[i]] == next {
				m.take(i, x.lists.get(at[i], p.words()))
				at[i]++
			}
		}
		if m.flush(&out.lists) {
			out.pairs = append(out.pairs, next)
		}
	}
	var text strings.Builder
	clear(at)
	for {
		next, any := "", false
		for i, p := range m.parts {
			if x := &p.fields[f]; at[i] < len(x.ends) && (!any || x.word(at[i]) < next) {
				next, any = x.word(at[i]), true
			}
		}
		if !any {
			break
		}
		for i, p := range m.parts {
			if x := &p.fields[f]; at[i] < len(x.ends) && x.word(at[i]) == next {
				m.take(i, x.lists.get(at[i]+len(x.pairs), p.words()))
				at[i]++
			}
		}
		if m.flush(&out.lists) {
			text.WriteString(next)
			out.ends = append(out.ends, uint32(text.Len()))
		}
	}
	out.text = text.String()
	out.pairs, out.ends = slices.Clip(out.pairs), slices.Clip(out.ends)
	out.lists.clip()
	return out
}

func (m *merger) values(c *column, f int) {
	at := make([]int, len(m.parts))
	for {
		next, any := uint16(0), false
		for i, p := range m.parts {
			if v := p.facets[f].values; at[i] < len(v) && (!any || v[at[i]] < next) {
				next, any = v[at[i]], true
			}
		}
		if !any {
			break
		}
		for i, p := range m.parts {
			if v := p.facets[f].values; at[i] < len(v) && v[at[i]] == next {
				m.take(i, p.facets[f].lists.get(at[i], p.words()))
				at[i]++
			}
		}
		if m.flush(&c.lists) {
			c.values = append(c.values, next)
		}
	}
	c.values = slices.Clip(c.values)
	c.lists.clip()
}
