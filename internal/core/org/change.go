package org

import (
	"context"
	"strings"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
)

// Faults of changes.
var (
	ErrNotFound  = fault.New(fault.NotFound, "org.not_found")
	ErrMovedOn   = fault.New(fault.Conflict, "org.moved_on")       // another change came first
	ErrParent    = fault.New(fault.Invalid, "org.parent")          // the parent does not stand, or is of a wrong kind
	ErrRoot      = fault.New(fault.Invalid, "org.root")            // the province stands where it is
	ErrDissolved = fault.New(fault.Conflict, "org.dissolved")      // the unit no longer stands
	ErrChildren  = fault.New(fault.Conflict, "org.has_children")   // units still stand below
	ErrFuture    = fault.New(fault.Invalid, "org.future")          // changes are recorded on or after their day
	ErrBackdated = fault.New(fault.Invalid, "org.backdated")       // a later change is already recorded
	ErrDivision  = fault.New(fault.Conflict, "org.division_taken") // the division has a unit
	ErrCompany   = fault.New(fault.Conflict, "org.company_taken")  // the company has a union
	ErrFull      = fault.New(fault.Conflict, "org.full")           // no segment is left below the parent
)

// Found founds a unit below a parent and gives it. The segment of its path is
// the next one never used there, also when several are founded at once. Faults:
// org.invalid (with fields), org.parent, org.division_taken, org.company_taken,
// org.future, org.backdated, org.full.
func (s *Service) Found(ctx context.Context, f Founding) (Unit, error) {
	var u Unit
	err := s.change(ctx, func(ctx context.Context) ([]Unit, error) {
		var err error
		u, err = s.found(ctx, f)
		return []Unit{u}, err
	})
	return orNone(u, err)
}

func (s *Service) found(ctx context.Context, f Founding) (Unit, error) {
	title, err := name("name", f.Name, true, maxName)
	if err != nil {
		return Unit{}, err
	}
	titleEn, err := name("name_en", f.NameEn, false, maxNameEn)
	if err != nil {
		return Unit{}, err
	}
	on, err := s.dayOf(f.On)
	if err != nil {
		return Unit{}, err
	}
	parent, err := s.parentOn(ctx, f.ParentID, f.Kind, on)
	if err != nil {
		return Unit{}, err
	}
	u := Unit{
		ID: id.New(), Kind: f.Kind, Name: title, NameEn: titleEn, DivisionCode: parent.DivisionCode,
		CityCode: parent.CityCode, ParentID: parent.ID, FoundedOn: on, Version: 1,
	}
	if f.DivisionCode != "" {
		u.DivisionCode = divisionKey(f.DivisionCode)
		if !Within(u.DivisionCode, parent.DivisionCode) || strings.Trim(u.DivisionCode, "0123456789") != "" {
			return Unit{}, fault.New(fault.Invalid, "org.invalid", fault.OnField("division", "choice"))
		}
	}
	if f.Kind.territorial() {
		if u.DivisionCode == parent.DivisionCode {
			return Unit{}, fault.New(fault.Invalid, "org.invalid", fault.OnField("division", "required"))
		}
		if taken, err := s.store.divisionTaken(ctx, u.DivisionCode); err != nil || taken {
			return Unit{}, orFault(err, ErrDivision)
		}
		if f.Kind == City {
			u.CityCode = CityCodeOf(u.DivisionCode)
		}
	}
	if f.Kind == Company && f.CompanyID != "" {
		u.CompanyCity, u.CompanyID = f.CompanyCity, f.CompanyID
		if taken, err := s.store.companyTaken(ctx, f.CompanyID); err != nil || taken {
			return Unit{}, orFault(err, ErrCompany)
		}
	}
	if u.Path, err = s.nextPath(ctx, parent.Path); err != nil {
		return Unit{}, err
	}
	for taken := true; taken; { // a random number rarely repeats
		u.Code = id.Public("U")
		if taken, err = s.store.codeTaken(ctx, u.Code); err != nil {
			return Unit{}, err
		}
	}
	if err := s.store.insert(ctx, []Unit{u}); err != nil {
		return Unit{}, err
	}
	return u, s.store.openSpans(ctx, alone(u.Path), on, "founded")
}

// Move puts a unit and all below it under another parent from the day on. It
// rewrites the paths of the subtree and, where the parent keeps its records in
// another city, the custody of what the subtree will record from now on. Faults:
// org.not_found, org.moved_on, org.parent, org.root, org.dissolved,
// org.future, org.backdated, org.full.
func (s *Service) Move(ctx context.Context, unitID, parentID string, on clock.Day, version int) (Unit, error) {
	var u Unit
	err := s.change(ctx, func(ctx context.Context) ([]Unit, error) {
		var err error
		if u, on, err = s.toChange(ctx, unitID, on, version); err != nil {
			return nil, err
		}
		parent, err := s.parentOn(ctx, parentID, u.Kind, on)
		if err != nil {
			return nil, err
		}
		if parent.ID == u.ParentID {
			return nil, ErrParent
		}
		if late, err := s.store.changedAfter(ctx, below(u.Path), on); err != nil || late {
			return nil, orFault(err, ErrBackdated)
		}
		path, err := s.nextPath(ctx, parent.Path)
		if err != nil {
			return nil, err
		}
		if err := s.store.move(ctx, u, parent, path); err != nil {
			return nil, err
		}
		if err := s.turnSpans(ctx, below(path), on, "moved"); err != nil {
			return nil, err
		}
		moved, err := s.store.in(ctx, below(path)) // the unit first
		if err == nil {
			u = moved[0]
		}
		return moved, err
	})
	return orNone(u, err)
}

// Rename gives a unit another name from the day on. Faults: org.invalid,
// org.not_found, org.moved_on, org.dissolved, org.future, org.backdated.
func (s *Service) Rename(ctx context.Context, unitID, newName, newNameEn string, on clock.Day, version int) (Unit, error) {
	var u Unit
	err := s.change(ctx, func(ctx context.Context) ([]Unit, error) {
		title, err := name("name", newName, true, maxName)
		if err != nil {
			return nil, err
		}
		titleEn, err := name("name_en", newNameEn, false, maxNameEn)
		if err != nil {
			return nil, err
		}
		u, on, err = s.standing(ctx, unitID, on, version)
		if err != nil {
			return nil, err
		}
		if late, err := s.store.changedAfter(ctx, alone(u.Path), on); err != nil || late {
			return nil, orFault(err, ErrBackdated)
		}
		u.Name, u.NameEn, u.Version = title, titleEn, u.Version+1
		if err := s.store.update(ctx, u); err != nil {
			return nil, err
		}
		return []Unit{u}, s.turnSpans(ctx, alone(u.Path), on, "renamed")
	})
	return orNone(u, err)
}

// Dissolve ends a unit: the day is the first on which it no longer stands. What
// stood below must have been moved or dissolved before. Its path stays its own.
// Faults: org.not_found, org.moved_on, org.root, org.dissolved, org.has_children,
// org.future, org.backdated.
func (s *Service) Dissolve(ctx context.Context, unitID string, on clock.Day, version int) (Unit, error) {
	var u Unit
	err := s.change(ctx, func(ctx context.Context) ([]Unit, error) {
		var err error
		if u, on, err = s.toChange(ctx, unitID, on, version); err != nil {
			return nil, err
		}
		now, later, err := s.store.childrenOn(ctx, u.ID, on)
		switch {
		case err != nil:
			return nil, err
		case now:
			return nil, ErrChildren
		case later:
			return nil, ErrBackdated
		}
		if late, err := s.store.changedAfter(ctx, alone(u.Path), on); err != nil || late {
			return nil, orFault(err, ErrBackdated)
		}
		u.DissolvedOn, u.Version = on, u.Version+1
		if err := s.store.update(ctx, u); err != nil {
			return nil, err
		}
		return []Unit{u}, s.store.closeSpans(ctx, alone(u.Path), on)
	})
	return orNone(u, err)
}

// TreeOn gives the units that stood on a day, by path, with the name, parent and
// path they had then. The other fields are today's.
func (s *Service) TreeOn(ctx context.Context, day clock.Day) ([]Unit, error) {
	return s.store.treeOn(ctx, day)
}

// Span is one stretch of a unit's history.
type Span struct {
	From, To clock.Day // To is exclusive; zero = still
	ParentID string
	Path     string
	Name     string
	Cause    string // founded moved renamed
}

// History gives the spans of a unit, the oldest first; org.not_found for none.
func (s *Service) History(ctx context.Context, unitID string) ([]Span, error) {
	spans, err := s.store.history(ctx, unitID)
	if err == nil && len(spans) == 0 {
		return nil, ErrNotFound
	}
	return spans, err
}

// toChange is standing, for changes the root does not take part in.
func (s *Service) toChange(ctx context.Context, unitID string, on clock.Day, version int) (Unit, clock.Day, error) {
	u, on, err := s.standing(ctx, unitID, on, version)
	if err == nil && u.ParentID == "" {
		err = ErrRoot
	}
	return u, on, err
}

// standing reads the unit to be changed and judges version and day.
func (s *Service) standing(ctx context.Context, unitID string, on clock.Day, version int) (Unit, clock.Day, error) {
	on, err := s.dayOf(on)
	if err != nil {
		return Unit{}, on, err
	}
	u, err := s.store.get(ctx, unitID)
	switch {
	case err != nil:
		return Unit{}, on, err
	case u.Version != version:
		return Unit{}, on, ErrMovedOn
	case !u.Stands():
		return Unit{}, on, ErrDissolved
	}
	return u, on, nil
}

// parentOn reads a parent that may have the kind below it on the day.
func (s *Service) parentOn(ctx context.Context, parentID string, kind Kind, on clock.Day) (Unit, error) {
	p, err := s.store.get(ctx, parentID)
	switch {
	case fault.IsKind(err, fault.NotFound):
		return Unit{}, ErrParent
	case err != nil:
		return Unit{}, err
	case !p.Stands(), !mayStandUnder(kind, p):
		return Unit{}, ErrParent
	}
	if late, err := s.store.changedAfter(ctx, alone(p.Path), on); err != nil || late {
		return Unit{}, orFault(err, ErrBackdated)
	}
	return p, nil
}

// dayOf takes today for no day and refuses the future: org_units is the present.
func (s *Service) dayOf(on clock.Day) (clock.Day, error) {
	today := clock.Today(s.clock)
	if on.IsZero() {
		return today, nil
	}
	if on > today {
		return on, ErrFuture
	}
	return on, nil
}

// nextPath gives the path of the next child. The caller holds the lock of change.
func (s *Service) nextPath(ctx context.Context, parent string) (string, error) {
	n, err := s.store.lastSegment(ctx, parent)
	if err != nil {
		return "", err
	}
	if n >= maxSegment {
		return "", ErrFull
	}
	return parent + segment(n+1), nil
}

// turnSpans ends the open spans of a range on the day and opens new ones that
// say what the units are now. Of several changes on one day the last one counts.
func (s *Service) turnSpans(ctx context.Context, r pathRange, on clock.Day, cause string) error {
	if err := s.store.rewriteSpansOf(ctx, r, on); err != nil {
		return err
	}
	if err := s.store.closeOlderSpans(ctx, r, on); err != nil {
		return err
	}
	return s.store.openSpans(ctx, r, on, cause)
}

// orNone gives no unit beside a fault.
func orNone(u Unit, err error) (Unit, error) {
	if err != nil {
		return Unit{}, err
	}
	return u, nil
}

// orFault gives the error of a question, or else the fault its answer means.
func orFault(err error, f *fault.Fault) error {
	if err != nil {
		return err
	}
	return f
}
