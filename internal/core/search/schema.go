package search

import (
	"fmt"
	"math"
)

// Schema declares what the documents of an index are made of. The order of
// Fields, Facets and Numbers is the order of a Doc's slices.
type Schema struct {
	Fields  []Field
	Facets  []Facet
	Numbers []string // names of numeric columns
	Sorts   []Sort   // beside SortFit and SortDistance
	Recency string   // the number holding the day that ages a document; "" for none
	// HalfLife is the age in days at which a document has lost half of what
	// age can take from its score; 30 unless set.
	HalfLife int
	Synonyms Synonyms
}

// Field is a searched text; a word found in it weighs Boost.
type Field struct {
	Name  string
	Boost float64
}

// Facet is a coded property that can be filtered and counted. Codes may form a
// tree: a filter by a code takes its descendants too, and their documents are
// counted at every ancestor.
type Facet struct {
	Name  string
	Multi bool    // a document may have several values
	Known []Value // codes that are legal though no document has them yet
}

// Value is a declared code; Parent is "" at the root.
type Value struct{ Code, Parent string }

// Sort names an order by a number; documents without it come last.
type Sort struct {
	Name   string
	Number string
	Desc   bool
}

// The sorts every index has.
const (
	SortFit      = "fit"      // best match first; without words the newest first
	SortDistance = "distance" // nearest first; needs a point; documents without one last
)

// Synonyms maps a word as people say it to what also answers it. Keys and
// words are folded by the index.
type Synonyms map[string]Synonym

// Synonym is one widening: other words, and codes of facets. Codes an index
// does not know are left out.
type Synonym struct {
	Words []string
	Codes []Code
}

// Code is one value of one facet.
type Code struct{ Facet, Value string }

// Doc is one document. Slices follow the order of the Schema and may be
// shorter; what is missing is empty.
type Doc struct {
	ID      string
	Text    []string
	Facets  [][]string
	Numbers []int64 // clamped to 32 bits; None where there is none
	Point   *Point
}

// None stands for a missing number.
const None = math.MinInt64

// Point is a place in degrees (WGS 84).
type Point struct{ Lon, Lat float64 }

func (p Point) valid() bool {
	return p.Lon >= -180 && p.Lon <= 180 && p.Lat >= -90 && p.Lat <= 90 // false for NaN
}

// Checksum is a digest of everything in the document, for comparing an index
// with its store. It is the same in every process.
func (d *Doc) Checksum() uint64 {
	h := uint64(fnvOffset)
	str := func(s string) {
		for i := 0; i < len(s); i++ {
			h = (h ^ uint64(s[i])) * fnvPrime
		}
		h = (h ^ 0xFF) * fnvPrime // no byte of a text is 0xFF, so "ab","c" differs from "a","bc"
	}
	num := func(v uint64) {
		for range 8 {
			h = (h ^ v&0xFF) * fnvPrime
			v >>= 8
		}
	}
	str(d.ID)
	for _, s := range d.Text {
		str(s)
	}
	for _, f := range d.Facets {
		num(uint64(len(f)))
		for _, s := range f {
			str(s)
		}
	}
	for _, n := range d.Numbers {
		num(uint64(n))
	}
	if d.Point != nil {
		num(math.Float64bits(d.Point.Lon))
		num(math.Float64bits(d.Point.Lat))
	}
	return h
}

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// maxFields bounds the bit sets of one word; ads have three or four texts.
const maxFields = 8

// check reports a mistake of the programmer in the declaration.
func (s *Schema) check() error {
	if len(s.Fields) > maxFields {
		return fmt.Errorf("search: %d fields, at most %d", len(s.Fields), maxFields)
	}
	seen := map[string]bool{}
	numbers := map[string]bool{}
	for _, n := range s.Numbers {
		numbers[n] = true
	}
	for _, f := range s.Facets {
		if f.Name == "" || seen[f.Name] {
			return fmt.Errorf("search: facet %q is unnamed or declared twice", f.Name)
		}
		seen[f.Name] = true
	}
	for _, o := range s.Sorts {
		if o.Name == SortFit || o.Name == SortDistance || !numbers[o.Number] {
			return fmt.Errorf("search: sort %q is reserved or orders by an undeclared number %q", o.Name, o.Number)
		}
	}
	if s.Recency != "" && !numbers[s.Recency] {
		return fmt.Errorf("search: recency by an undeclared number %q", s.Recency)
	}
	return nil
}
