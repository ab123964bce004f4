package search

import (
	"bytes"
	"encoding/hex"
	"math"
	"slices"
	"sort"
	"strings"

	"gonghui/internal/kit/hanzi"
)

// segment is an immutable part of the index. Document numbers follow the order
// of the ids.
type segment struct {
	n       int
	ids     idTable
	sums    []uint64  // Doc.Checksum
	lens    []uint8   // lengthStep of the number of terms
	numbers [][]int32 // by number, by document; noNumber where there is none
	points  []float32 // three coordinates on the unit sphere per document, NaN for none; nil if none has
	fields  []lexicon
	facets  []column
}

const noNumber = math.MinInt32

func (s *segment) words() int { return (s.n + 63) / 64 }

// lists keeps many lists of documents in two arrays, so that the collector has
// nothing to follow.
type lists struct {
	refs  []ref
	docs  []uint16
	dense []uint64
}

type ref struct{ at, n uint32 }

// dense tells whether a set is smaller than a list of n documents.
func isDense(n, words int) bool { return n > 4*words }

func (l *lists) get(i, words int) list {
	r := l.refs[i]
	if isDense(int(r.n), words) {
		return list{set: l.dense[r.at : int(r.at)+words]}
	}
	return list{docs: l.docs[r.at : r.at+r.n]}
}

// add appends a list of the sorted documents.
func (l *lists) add(docs []uint16, words int) {
	if isDense(len(docs), words) {
		at := len(l.dense)
		l.dense = append(l.dense, make([]uint64, words)...)
		s := set(l.dense[at:])
		for _, d := range docs {
			s.add(int(d))
		}
		l.refs = append(l.refs, ref{uint32(at), uint32(len(docs))})
		return
	}
	l.refs = append(l.refs, ref{uint32(len(l.docs)), uint32(len(docs))})
	l.docs = append(l.docs, docs...)
}

func (l *lists) clip() {
	l.refs, l.docs, l.dense = slices.Clip(l.refs), slices.Clip(l.docs), slices.Clip(l.dense)
}

func (l *lists) bytes() int { return cap(l.refs)*8 + cap(l.docs)*2 + cap(l.dense)*8 }

// lexicon is the terms of one field: pairs first, then words, each in order.
type lexicon struct {
	pairs []hanzi.Pair
	text  string   // the words, joined
	ends  []uint32 // where each word ends in text
	lists lists
}

func (x *lexicon) word(i int) string {
	from := uint32(0)
	if i > 0 {
		from = x.ends[i-1]
	}
	return x.text[from:x.ends[i]]
}

// pair finds the place of a pair's list.
func (x *lexicon) pair(p hanzi.Pair) (int, bool) { return slices.BinarySearch(x.pairs, p) }

// pairRange gives the places of the terms that begin with a character.
func (x *lexicon) pairRange(c rune) (from, to int) {
	from, _ = slices.BinarySearch(x.pairs, hanzi.First(c))
	to, _ = slices.BinarySearch(x.pairs, hanzi.Last(c))
	return from, to
}

// wordRange gives the places of a word, or of all words that begin with it.
func (x *lexicon) wordRange(w string, prefix bool) (from, to int) {
	from = sort.Search(len(x.ends), func(i int) bool { return x.word(i) >= w })
	to = from
	for to < len(x.ends) && (x.word(to) == w || prefix && strings.HasPrefix(x.word(to), w)) {
		to++
	}
	return from + len(x.pairs), to + len(x.pairs)
}

// column is one facet: by document for counting, by value for filtering.
type column struct {
	one    []uint16 // the value of each document; nil for a multi facet
	ends   []uint32 // multi: where each document's values end in many
	many   []uint16 // multi: values with all their ancestors, each once
	values []uint16 // the values that occur, ancestors included, in order
	lists  lists    // by place in values
	cost   int      // rough price of counting by value, in documents visited
}

func (c *column) of(doc int) []uint16 {
	from := uint32(0)
	if doc > 0 {
		from = c.ends[doc-1]
	}
	return c.many[from:c.ends[doc]]
}

// list gives the documents with a value.
func (c *column) list(value uint16, words int) list {
	if i, ok := slices.BinarySearch(c.values, value); ok {
		return c.lists.get(i, words)
	}
	return list{}
}

// price fills cost once the lists are complete.
func (c *column) price(words int) {
	c.cost = 0
	for _, r := range c.lists.refs {
		if isDense(int(r.n), words) {
			c.cost += words / 4 // four words at once are about the price of one document
		} else {
			c.cost += int(r.n)
		}
	}
}

// idTable keeps the ids in order: 16 bytes each where all are UUIDs.
type idTable struct {
	uuids []byte
	text  []byte
	ends  []uint32
}

func makeIDs(ids []string) idTable {
	var t idTable
	for _, id := range ids {
		var ok bool
		if t.uuids, ok = appendUUID(t.uuids, id); !ok {
			t.uuids = nil
			break
		}
	}
	if t.uuids != nil {
		t.uuids = slices.Clip(t.uuids)
		return t
	}
	for _, id := range ids {
		t.text = append(t.text, id...)
		t.ends = append(t.ends, uint32(len(t.text)))
	}
	t.text, t.ends = slices.Clip(t.text), slices.Clip(t.ends)
	return t
}

// appendUUID appends the 16 bytes of an id written the canonical way. Their
// order is the order of the written form.
func appendUUID(b []byte, id string) ([]byte, bool) {
	if len(id) != 36 || id[8] != '-' || id[13] != '-' || id[18] != '-' || id[23] != '-' {
		return b, false
	}
	hi := -1
	for i := 0; i < 36; i++ {
		c := id[i]
		switch {
		case i == 8 || i == 13 || i == 18 || i == 23:
			continue
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		default:
			return b, false
		}
		if hi < 0 {
			hi = int(c)
		} else {
			b = append(b, byte(hi<<4)|c)
			hi = -1
		}
	}
	return b, true
}

func (t *idTable) get(doc int) string {
	if t.uuids != nil {
		u := t.uuids[doc*16 : doc*16+16]
		var b [36]byte
		hex.Encode(b[:8], u[:4])
		hex.Encode(b[9:13], u[4:6])
		hex.Encode(b[14:18], u[6:8])
		hex.Encode(b[19:23], u[8:10])
		hex.Encode(b[24:], u[10:])
		b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
		return string(b[:])
	}
	return string(t.raw(doc))
}

func (t *idTable) raw(doc int) []byte {
	from := uint32(0)
	if doc > 0 {
		from = t.ends[doc-1]
	}
	return t.text[from:t.ends[doc]]
}

// compare orders a document of t and one of o by their ids.
func (t *idTable) compare(a int, o *idTable, b int) int {
	switch {
	case t.uuids != nil && o.uuids != nil:
		return bytes.Compare(t.uuids[a*16:a*16+16], o.uuids[b*16:b*16+16])
	case t.uuids == nil && o.uuids == nil:
		return bytes.Compare(t.raw(a), o.raw(b))
	}
	return strings.Compare(t.get(a), o.get(b))
}

// search finds the place of an id, or where it would stand.
func (t *idTable) search(n int, id string) (int, bool) {
	if t.uuids != nil {
		if u, ok := appendUUID(make([]byte, 0, 16), id); ok {
			i := sort.Search(n, func(i int) bool { return bytes.Compare(t.uuids[i*16:i*16+16], u) >= 0 })
			return i, i < n && bytes.Equal(t.uuids[i*16:i*16+16], u)
		}
		i := sort.Search(n, func(i int) bool { return t.get(i) >= id })
		return i, false
	}
	i := sort.Search(n, func(i int) bool { return string(t.raw(i)) >= id })
	return i, i < n && string(t.raw(i)) == id
}

// bytes is about how much memory the segment holds.
func (s *segment) bytes() int {
	b := cap(s.ids.uuids) + cap(s.ids.text) + cap(s.ids.ends)*4 + cap(s.sums)*8 + cap(s.lens) + cap(s.points)*4
	for _, c := range s.numbers {
		b += cap(c) * 4
	}
	for i := range s.fields {
		x := &s.fields[i]
		b += cap(x.pairs)*8 + len(x.text) + cap(x.ends)*4 + x.lists.bytes()
	}
	for i := range s.facets {
		c := &s.facets[i]
		b += cap(c.one)*2 + cap(c.ends)*4 + cap(c.many)*2 + cap(c.values)*2 + c.lists.bytes()
	}
	return b
}
