package search

import "math/bits"

// tally counts the values of one facet over all parts.
type tally struct {
	full []int32 // by value, ancestors included
	leaf []int32 // by a document's own value; still to be added to its ancestors
}

func newTally(values int) tally {
	b := make([]int32, 2*values)
	return tally{full: b[:values], leaf: b[values:]}
}

func (t tally) add(o tally) {
	for i, n := range o.full {
		t.full[i] += n
	}
	for i, n := range o.leaf {
		t.leaf[i] += n
	}
}

// settle brings the leaves up their tree and leaves the answer in full.
func (t tally) settle(parent []uint16) {
	for v, n := range t.leaf {
		if n == 0 {
			continue
		}
		for a := uint16(v); a != 0; a = parent[a] {
			t.full[a] += n
		}
	}
}

// count adds the documents of m to t. It visits whichever is least: the
// documents of m, those not in m (and takes them from the totals), or the
// lists of the values.
func (c *column) count(m set, docs int, t tally, s *scratch) {
	n := m.count()
	if n == 0 {
		return
	}
	sign := int32(1)
	if n > docs/2 {
		for i, v := range c.values {
			t.full[v] += int32(c.lists.refs[i].n)
		}
		rest := s.raw(len(m))
		rest.fill(docs)
		rest.andNot(m)
		m, n, sign = rest, docs-n, -1
		if n == 0 {
			return
		}
	}
	if c.cost < n*c.perDoc(docs) {
		for i, v := range c.values {
			t.full[v] += sign * int32(c.lists.get(i, len(m)).countIn(m))
		}
		return
	}
	if c.one == nil {
		for i, w := range m {
			for ; w != 0; w &= w - 1 {
				for _, v := range c.of(i<<6 + bits.TrailingZeros64(w)) {
					t.full[v] += sign
				}
			}
		}
		return
	}
	leaf := t.leaf
	for i, w := range m {
		col := c.one[i<<6:]
		for ; w != 0; w &= w - 1 {
			leaf[col[bits.TrailingZeros64(w)]] += sign
		}
	}
}

// few is the number of documents up to which a list of them is quicker to visit
// than their set.
const few = 512

// countFew adds listed documents to t.
func (c *column) countFew(docs []uint16, t tally) {
	for _, d := range docs {
		if c.one != nil {
			t.leaf[c.one[d]]++
			continue
		}
		for _, v := range c.of(int(d)) {
			t.full[v]++
		}
	}
}

// perDoc is about the price of counting one document by column.
func (c *column) perDoc(docs int) int {
	if c.one != nil {
		return 1
	}
	return 1 + 2*len(c.many)/docs
}
