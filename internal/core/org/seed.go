package org

import (
	"context"

	"github.com/google/uuid"

	"gonghui/internal/kit/place"
)

// divisionSpace is the name space of the ids of seeded units (UUID version 5):
// the same division has the same id in every installation.
var divisionSpace = uuid.MustParse("6f1d1c52-3c0b-5b0e-9d0a-7a1f4c2e8b37")

// SeedID is the id that Seed gives to the unit of a division.
func SeedID(division string) string {
	return uuid.NewSHA1(divisionSpace, []byte(divisionKey(division))).String()
}

// kinds of territorial units by level of division.
var kinds = map[place.Level]Kind{
	place.Province: Province, place.City: City, place.County: County, place.Township: Township,
}

// englishName is the English name of the unit of a division.
func englishName(p place.Place) string {
	name := p.NameIn(place.English)
	switch p.Level {
	case place.Province:
		name += " Provincial"
	case place.City:
		name += " City"
	case place.National, place.County, place.Township:
	}
	return name + " Federation of Trade Unions"
}

// Seed founds the units of all divisions that have none yet: the province, its
// cities, counties and development zones, townships and streets, in the order of
// their codes. It changes no unit that is there and writes nothing when none is
// missing. Their history begins before the records do. It ends with Load, and is
// called like it outside a transaction.
func (s *Service) Seed(ctx context.Context) error {
	if err := s.Load(ctx); err != nil || s.whole() {
		return err
	}
	if err := s.change(ctx, s.seed); err != nil {
		return err
	}
	return s.Load(ctx)
}

func (s *Service) seed(ctx context.Context) ([]Unit, error) {
	have, err := s.store.all(ctx) // read again, behind the lock of change
	if err != nil {
		return nil, err
	}
	n := seeding{service: s, paths: map[string]string{}, last: map[string]int{}}
	for _, u := range have {
		n.paths[u.ID] = u.Path
	}
	if err := n.add(ctx, provinceCode, ""); err != nil {
		return nil, err
	}
	if err := s.store.insert(ctx, n.units); err != nil {
		return nil, err
	}
	return n.units, s.store.openSpans(ctx, below(n.paths[SeedID(provinceCode)]), 0, "founded")
}

// whole tells whether every division has its unit.
func (s *Service) whole() bool {
	known := s.tree.Load().byID
	var all func(code string) bool
	all = func(code string) bool {
		if _, ok := known[SeedID(code)]; !ok {
			return false
		}
		for _, p := range place.Children(code) {
			if !all(p.Code) {
				return false
			}
		}
		return true
	}
	return all(provinceCode)
}

// seeding collects the units to be founded.
type seeding struct {
	service *Service
	paths   map[string]string // by unit id
	last    map[string]int    // the last segment used below a path
	units   []Unit
}

func (n *seeding) add(ctx context.Context, code, parentCode string) error {
	p, _ := place.Get(code)
	u := Unit{
		ID: SeedID(code), Code: code, Kind: kinds[p.Level], Name: p.Name + "总工会", DivisionCode: code,
		CityCode: CityCodeOf(code), Zone: p.Zone, Version: 1,
	}
	u.NameEn = englishName(p)
	if _, ok := n.paths[u.ID]; !ok {
		above := ""
		if parentCode != "" {
			u.ParentID = SeedID(parentCode)
			above = n.paths[u.ParentID]
		}
		if _, ok := n.last[above]; !ok {
			last, err := n.service.store.lastSegment(ctx, above)
			if err != nil {
				return err
			}
			n.last[above] = last
		}
		if n.last[above] >= maxSegment {
			return ErrFull
		}
		n.last[above]++
		u.Path = above + segment(n.last[above])
		n.paths[u.ID] = u.Path
		n.units = append(n.units, u)
	}
	for _, c := range place.Children(code) {
		if err := n.add(ctx, c.Code, code); err != nil {
			return err
		}
	}
	return nil
}
