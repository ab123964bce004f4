package org

import (
	"slices"
	"strings"
	"unicode/utf8"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/form"
	"gonghui/internal/kit/place"
)

// Kind is what a unit is.
type Kind string

// The kinds of units.
const (
	Province   Kind = "province"
	City       Kind = "city"
	County     Kind = "county"
	Township   Kind = "township"
	Industrial Kind = "industrial" // a union of one branch of industry
	Federation Kind = "federation" // a joint union of several companies, or of a quarter
	Company    Kind = "company"    // the union of one company
)

// territorial kinds belong to an administrative division, one unit for each.
func (k Kind) territorial() bool {
	return k == Province || k == City || k == County || k == Township
}

// parents says under which kinds a unit of a kind may be founded or moved. No
// kind may come to stand below itself, so that no move can close a circle.
var parents = map[Kind][]Kind{
	City:       {Province},
	County:     {City},
	Township:   {County},
	Industrial: {Province, City, County},
	Federation: {Province, City, County, Township, Industrial},
	Company:    {Province, City, County, Township, Industrial, Federation},
}

// Unit is one union unit as it stands.
type Unit struct {
	ID           string
	Code         string // public and stable: the division code, or a check-digited number
	Kind         Kind
	Name         string
	NameEn       string // may be empty
	DivisionCode string // GB/T 2260 and below: 37, 3701, 370102, 370102001
	CityCode     string // custody of the records it creates: 3701 … 3717, 3700 for the province
	ParentID     string // empty for the root
	Path         string
	CompanyCity  string // of a company union: the company's record
	CompanyID    string
	Zone         bool      // a development zone: a reporting unit, no legal county
	FoundedOn    clock.Day // zero = before the records begin
	DissolvedOn  clock.Day // zero = stands
	Version      int
}

// Stands tells whether the unit is not dissolved.
func (u Unit) Stands() bool { return u.DissolvedOn.IsZero() }

// NameIn is the name in a language: the English one for "en" where the unit has
// one, else the Chinese.
func (u Unit) NameIn(lang string) string {
	if lang == place.English && u.NameEn != "" {
		return u.NameEn
	}
	return u.Name
}

// Level is the depth of the unit: 1 for the province.
func (u Unit) Level() int { return len(u.Path) / SegmentLen }

// Founding is the wish to found a unit.
type Founding struct {
	ParentID     string
	Kind         Kind
	Name         string
	NameEn       string
	DivisionCode string // empty = the parent's
	CompanyCity  string // with CompanyID, of a company union
	CompanyID    string
	On           clock.Day // zero = today
}

// Limits of a unit's name, in characters.
const (
	minName   = 2
	maxName   = 80
	maxNameEn = 160
)

// name judges and cleans a unit's name.
func name(field, s string, required bool, longest int) (string, error) {
	clean, ok := form.Text(s, false)
	n := utf8.RuneCountInString(clean)
	switch {
	case !ok:
		return "", fault.New(fault.Invalid, "org.invalid", fault.OnField(field, "charset"))
	case n == 0 && required:
		return "", fault.New(fault.Invalid, "org.invalid", fault.OnField(field, "required"))
	case n == 0:
		return "", nil
	case n < minName || n > longest:
		return "", fault.New(fault.Invalid, "org.invalid", fault.OnField(field, "length"))
	}
	return clean, nil
}

// mayStandUnder tells whether a unit of the kind may have the parent.
func mayStandUnder(kind Kind, parent Unit) bool { return slices.Contains(parents[kind], parent.Kind) }

// SegmentLen is the width of one level of a path, in characters.
const SegmentLen = 4

const digits36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

const maxSegment = 36*36*36*36 - 1

// segment writes n (from 1) in base 36, so that byte order is number order.
func segment(n int) string {
	var b [SegmentLen]byte
	for i := SegmentLen - 1; i >= 0; i-- {
		b[i] = digits36[n%36]
		n /= 36
	}
	return string(b[:])
}

// segmentNumber reads the last segment of a path; 0 when it is none.
func segmentNumber(path string) int {
	if len(path) < SegmentLen {
		return 0
	}
	n := 0
	for _, c := range []byte(path[len(path)-SegmentLen:]) {
		d := strings.IndexByte(digits36, c)
		if d < 0 {
			return 0
		}
		n = n*36 + d
	}
	return n
}

// Within tells whether the path lies at or below the unit with the path above.
// An empty above covers nothing.
func Within(path, above string) bool {
	return above != "" && strings.HasPrefix(path, above)
}

// ParentPath is the path one level up; empty for the root.
func ParentPath(path string) string {
	if len(path) <= SegmentLen {
		return ""
	}
	return path[:len(path)-SegmentLen]
}
