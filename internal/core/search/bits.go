package search

import (
	"math/bits"
	"sync"
)

// maxDocs is the most documents a segment holds.
const maxDocs = 1 << 16

// set is a set of documents of one segment, one bit each; the bits beyond the
// last document are zero.
type set []uint64

func (s set) has(doc int) bool { return s[doc>>6]&(1<<(doc&63)) != 0 }
func (s set) add(doc int)      { s[doc>>6] |= 1 << (doc & 63) }

func (s set) count() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

func (s set) and(o set) {
	o = o[:len(s)]
	for i := range s {
		s[i] &= o[i]
	}
}

func (s set) or(o set) {
	o = o[:len(s)]
	for i := range s {
		s[i] |= o[i]
	}
}

func (s set) andNot(o set) {
	o = o[:len(s)]
	for i := range s {
		s[i] &^= o[i]
	}
}

func andCount(a, b set) int {
	b = b[:len(a)]
	n := 0
	for i, w := range a {
		n += bits.OnesCount64(w & b[i])
	}
	return n
}

// fill makes s the set of the first n documents.
func (s set) fill(n int) {
	for i := range s {
		s[i] = ^uint64(0)
	}
	if r := n & 63; r != 0 {
		s[len(s)-1] = 1<<r - 1
	}
}

// list is a sorted list of documents or, when that is smaller, a set.
type list struct {
	docs []uint16
	set  set
}

func (l list) addTo(s set) {
	if l.set != nil {
		s.or(l.set)
		return
	}
	for _, d := range l.docs {
		s[d>>6] |= 1 << (d & 63)
	}
}

// countIn counts the members that are in s.
func (l list) countIn(s set) int {
	if l.set != nil {
		return andCount(l.set, s)
	}
	n := uint64(0)
	for _, d := range l.docs {
		n += s[d>>6] >> (d & 63) & 1
	}
	return int(n)
}

var blocks = sync.Pool{New: func() any { return new([maxDocs / 64]uint64) }}

// scratch lends sets for the time of one query by one goroutine.
type scratch struct{ lent []*[maxDocs / 64]uint64 }

// raw gives a set of n words with any content.
func (s *scratch) raw(words int) set {
	b := blocks.Get().(*[maxDocs / 64]uint64)
	s.lent = append(s.lent, b)
	return b[:words]
}

func (s *scratch) zero(words int) set {
	x := s.raw(words)
	clear(x)
	return x
}

func (s *scratch) copyOf(o set) set {
	x := s.raw(len(o))
	copy(x, o)
	return x
}

func (s *scratch) free() {
	for _, b := range s.lent {
		blocks.Put(b)
	}
	s.lent = s.lent[:0]
}

// list appends the members to docs, in order.
func (s set) list(docs []uint16) []uint16 {
	s.each(func(d int) { docs = append(docs, uint16(d)) })
	return docs
}

// each calls fn for every member in order.
func (s set) each(fn func(doc int)) {
	for i, w := range s {
		for ; w != 0; w &= w - 1 {
			fn(i<<6 + bits.TrailingZeros64(w))
		}
	}
}
