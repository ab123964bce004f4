package org

import (
	"slices"
	"strings"
)

// tree is one committed state of all units, read-only once built.
type tree struct {
	version string // of the settings row, read before the units

	units      []Unit // by path; dissolved units too
	byID       map[string]int
	byDivision map[string]int // standing territorial units
	children   map[string][]int
	byCompany  map[string]int // standing company unions by company id
}

func buildTree(units []Unit) *tree {
	t := &tree{
		units: units, byID: make(map[string]int, len(units)), byDivision: make(map[string]int, len(units)),
		children: map[string][]int{}, byCompany: map[string]int{},
	}
	slices.SortFunc(units, func(a, b Unit) int { return strings.Compare(a.Path, b.Path) })
	for i, u := range units {
		t.byID[u.ID] = i
		if !u.Stands() {
			continue
		}
		if u.Kind.territorial() {
			t.byDivision[u.DivisionCode] = i
		}
		if u.CompanyID != "" {
			t.byCompany[u.CompanyID] = i
		}
		if u.ParentID != "" {
			t.children[u.ParentID] = append(t.children[u.ParentID], i)
		}
	}
	return t
}

func (t *tree) at(i int, ok bool) (Unit, bool) {
	if !ok {
		return Unit{}, false
	}
	return t.units[i], true
}

func (t *tree) path(path string) (Unit, bool) {
	i, ok := slices.BinarySearchFunc(t.units, path, func(u Unit, p string) int { return strings.Compare(u.Path, p) })
	return t.at(i, ok)
}

// ByID gives the unit, dissolved or not.
func (s *Service) ByID(id string) (Unit, bool) {
	t := s.current()
	i, ok := t.byID[id]
	return t.at(i, ok)
}

// ByPath gives the unit that stands, or last stood, at the path.
func (s *Service) ByPath(path string) (Unit, bool) { return s.current().path(path) }

// ByDivision gives the standing territorial unit of exactly this division.
// Codes are taken in any length: 37, 3701, 370102, 370102001, 370100, 370102001201.
func (s *Service) ByDivision(code string) (Unit, bool) {
	t := s.current()
	i, ok := t.byDivision[divisionKey(code)]
	return t.at(i, ok)
}

// ByDivisionUp gives the standing unit of the division or, where there is none,
// of the nearest division above it. A division outside the province, or none,
// gives the province's unit, which keeps the records of everyone else. It is
// false only before Seed.
func (s *Service) ByDivisionUp(code string) (Unit, bool) {
	t := s.current()
	key := divisionKey(code)
	for key != "" {
		if i, ok := t.byDivision[key]; ok {
			return t.units[i], true
		}
		key = divisionUp(key)
	}
	i, ok := t.byDivision[provinceCode]
	return t.at(i, ok)
}

// ByCompany gives the standing union of a company.
func (s *Service) ByCompany(companyID string) (Unit, bool) {
	t := s.current()
	i, ok := t.byCompany[companyID]
	return t.at(i, ok)
}

// Root gives the province's unit; false before Seed.
func (s *Service) Root() (Unit, bool) { return s.ByDivision(provinceCode) }

// Children gives the standing units directly below, by path.
func (s *Service) Children(id string) []Unit {
	t := s.current()
	out := make([]Unit, 0, len(t.children[id]))
	for _, i := range t.children[id] {
		out = append(out, t.units[i])
	}
	return out
}

// Ancestors gives the units above the path, the province first, without the
// unit at the path itself.
func (s *Service) Ancestors(path string) []Unit {
	t := s.current()
	out := []Unit{}
	for n := SegmentLen; n < len(path); n += SegmentLen {
		if u, ok := t.path(path[:n]); ok {
			out = append(out, u)
		}
	}
	return out
}

// Subtree gives the standing units at and below the path, by path.
func (s *Service) Subtree(path string) []Unit {
	t := s.current()
	out := []Unit{}
	if path == "" {
		return out
	}
	from, _ := slices.BinarySearchFunc(t.units, path, func(u Unit, p string) int { return strings.Compare(u.Path, p) })
	for _, u := range t.units[from:] {
		if !Within(u.Path, path) {
			break
		}
		if u.Stands() {
			out = append(out, u)
		}
	}
	return out
}

// Above gives the unit of the kind at or above the path: the county of a
// township, the city of a county.
func (s *Service) Above(path string, kind Kind) (Unit, bool) {
	t := s.current()
	for p := path; p != ""; p = ParentPath(p) {
		if u, ok := t.path(p); ok && u.Kind == kind {
			return u, true
		}
	}
	return Unit{}, false
}
