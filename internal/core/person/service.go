package person

import (
	"context"
	"slices"
	"strings"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/base/registry"
	"gonghui/internal/base/vault"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/form"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/ident"
	"gonghui/internal/kit/page"
	"gonghui/internal/kit/place"
)

// Faults of people.
var (
	ErrNotFound = fault.New(fault.NotFound, "person.not_found")
	ErrMovedOn  = fault.New(fault.Conflict, "person.moved_on") // changed since it was read
	ErrResident = fault.New(fault.Conflict, "person.resident_taken", fault.OnField("resident_id", "resident_taken"))
	ErrPurpose  = fault.New(fault.Invalid, "person.purpose", fault.OnField("purpose", "required"))
	ErrNoNumber = fault.New(fault.NotFound, "person.no_number") // the number is not known
	ErrInternal = fault.New(fault.Forbidden, "person.internal") // work of the house only
)

// Deps is what the service works with.
type Deps struct {
	DB    *db.DB
	Vault *vault.Vault
	Clock clock.Clock
	Org   *org.Service
	Audit *audit.Log
}

// Service keeps people. It is safe for concurrent use.
type Service struct {
	Deps
	store    store
	registry *registry.Registry
}

// New gives the service.
func New(d Deps) *Service {
	return &Service{Deps: d, store: store{d.DB}, registry: registry.New(d.DB, d.Vault)}
}

// FindOrCreateByPhone gives the person with the phone number, made now when there
// is none; of two calls at once one makes it and both get it. Name and division
// (both may be empty) are those of a new record; a record that is there stays as
// it is. It tells who holds a number, so it serves the house's own work only:
// without a system scope it is forbidden. Faults: form.invalid, person.internal.
func (s *Service) FindOrCreateByPhone(ctx context.Context, phone, name, division string) (Person, bool, error) {
	if sc, err := db.ScopeFrom(ctx); err != nil || sc.System == "" {
		return Person{}, false, ErrInternal
	}
	in := newcomer{Phone: phone, Name: name, Division: division}
	if err := form.Check(&in); err != nil {
		return Person{}, false, err
	}
	if _, ok := place.Get(in.Division); !ok && in.Division != "" {
		return Person{}, false, fault.New(fault.Invalid, "form.invalid", fault.OnField("division", "choice"))
	}
	var r *row
	var created bool
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		var err error
		r, created, err = s.findOrCreate(ctx, in)
		return err
	})
	if err != nil {
		return Person{}, false, err
	}
	return r.person(), created, nil
}

func (s *Service) findOrCreate(ctx context.Context, in newcomer) (*row, bool, error) {
	key := s.registry.Key(byPhone, in.Phone)
	holder, ok, err := s.registry.Find(ctx, key)
	if err != nil {
		return nil, false, err
	}
	if !ok {
		holder = registry.Holder{City: org.CityCodeOf(in.Division), ID: id.New()}
		won, err := s.registry.Claim(ctx, registry.Entry{Key: key, Holder: holder})
		if err != nil {
			return nil, false, err
		}
		if won {
			r, err := s.create(ctx, Ref(holder), in)
			return r, true, err
		}
		if holder, _, err = s.registry.Find(ctx, key); err != nil { // the one who was quicker
			return nil, false, err
		}
	}
	r, err := s.store.open(ctx, Ref(holder))
	return r, false, err
}

func (s *Service) create(ctx context.Context, ref Ref, in newcomer) (*row, error) {
	now := s.Clock.Now()
	r := &row{
		CityCode: ref.City, ID: ref.ID, Name: in.Name, DivisionCode: in.Division, OrgPath: s.pathOf(in.Division),
		PhoneMask: ident.MaskPhone(in.Phone), Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	r.PhoneEnc = s.Vault.Seal(placeOf(ref, byPhone), []byte(in.Phone))
	if err := s.store.insert(ctx, r); err != nil {
		return nil, err
	}
	return r, s.record(ctx, r, "person.created", "", "")
}

// placeOf is where a sealed number stands.
func placeOf(ref Ref, field string) string { return vault.Place(ref.City, "persons", ref.ID, field) }

func (s *Service) pathOf(division string) string {
	u, _ := s.Org.ByDivisionUp(division)
	return u.Path
}

func (s *Service) record(ctx context.Context, r *row, action audit.Action, purpose, detail string) error {
	return s.Audit.Record(ctx, audit.Entry{
		CityCode: r.CityCode, OrgPath: r.OrgPath, Action: action, SubjectKind: "person", SubjectID: r.ID, PersonID: r.ID, Purpose: purpose, Detail: detail,
	})
}

// Get gives a person in scope: oneself, or one of a desk's subtree. Otherwise person.not_found.
func (s *Service) Get(ctx context.Context, city, personID string) (Person, error) {
	r, err := s.store.get(ctx, Ref{city, personID})
	if err != nil {
		return Person{}, err
	}
	return r.person(), nil
}

// PathOf gives the path of the unit that keeps a person's record, for rooms that
// have to know whose it is. It tells nothing else of the person and asks for no
// scope. Fault: person.not_found.
func (s *Service) PathOf(ctx context.Context, ref Ref) (string, error) {
	r, err := s.store.open(ctx, ref)
	if err != nil {
		return "", err
	}
	return r.OrgPath, nil
}

// GetForUse gives a person to a room that works on a record of its own about him,
// which it has checked the viewer's right to. The use is audited with its purpose
// and shown to the person. It needs some scope, but not one that covers the
// person. Faults: person.purpose, person.not_found.
func (s *Service) GetForUse(ctx context.Context, ref Ref, purpose string) (Person, error) {
	if _, err := db.ScopeFrom(ctx); err != nil {
		return Person{}, err
	}
	purpose, err := purposeOf(purpose)
	if err != nil {
		return Person{}, err
	}
	var r *row
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		var err error
		if r, err = s.store.open(ctx, ref); err != nil {
			return err
		}
		return s.record(ctx, r, "person.used", purpose, "")
	})
	if err != nil {
		return Person{}, err
	}
	return r.person(), nil
}

// Filter narrows a list.
type Filter struct {
	Name    string // a part of the name
	Group   string // one of Groups
	OrgPath string // a subtree within the scope
}

// List gives the people in scope, the newest record first, numbers masked.
// Faults: form.invalid for an unknown group, page.cursor.
func (s *Service) List(ctx context.Context, f Filter, req page.Request) (page.Page[Person], error) {
	name, ok := form.Text(f.Name, false)
	if !ok {
		return page.Page[Person]{}, fault.New(fault.Invalid, "form.invalid", fault.OnField("name", "charset"))
	}
	if f.Group != "" && !slices.Contains(Groups, f.Group) {
		return page.Page[Person]{}, fault.New(fault.Invalid, "form.invalid", fault.OnField("group", "choice"))
	}
	f.Name = name
	rows, err := s.store.list(ctx, f, req)
	if err != nil {
		return page.Page[Person]{}, err
	}
	p := page.Cut(rows, req.Size(), func(r *row) page.Cursor { return page.Encode(listName, r.ID) })
	return page.Map(p, (*row).person), nil
}

// Update corrects a person in scope. Faults: form.invalid (with fields),
// person.not_found, person.moved_on, person.resident_taken.
func (s *Service) Update(ctx context.Context, city, personID string, p Patch) (Person, error) {
	if err := p.check(clock.Today(s.Clock)); err != nil {
		return Person{}, err
	}
	var out Person
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		r, err := s.store.get(ctx, Ref{city, personID})
		if err != nil {
			return err
		}
		if r.Version != p.Version {
			return ErrMovedOn
		}
		changed, err := s.apply(ctx, r, p)
		if err != nil {
			return err
		}
		r.Version, r.UpdatedAt = r.Version+1, s.Clock.Now()
		if err := s.store.update(ctx, r); err != nil {
			return err
		}
		out = r.person()
		return s.record(ctx, r, "person.updated", "", strings.Join(changed, " "))
	})
	if err != nil {
		return Person{}, err
	}
	return out, nil
}

// apply writes a patch into a row and names what it touched.
func (s *Service) apply(ctx context.Context, r *row, p Patch) (changed []string, err error) {
	if p.Name != nil {
		if *p.Name == "" && r.Name != "" {
			return nil, fault.New(fault.Invalid, "form.invalid", fault.OnField("name", "required"))
		}
		r.Name = *p.Name
		changed = append(changed, "name")
	}
	if p.Division != nil {
		r.DivisionCode, r.OrgPath = *p.Division, s.pathOf(*p.Division)
		changed = append(changed, "division")
	}
	if p.Education != nil {
		r.Education = *p.Education
		changed = append(changed, "education")
	}
	if p.Groups != nil {
		r.Groups = joinGroups(*p.Groups)
		changed = append(changed, "groups")
	}
	if p.ResidentID != nil {
		changed = append(changed, "resident_id")
		return changed, s.setResident(ctx, r, *p.ResidentID)
	}
	return changed, nil
}

// setResident seals a judged number and makes it this person's alone.
func (s *Service) setResident(ctx context.Context, r *row, number string) error {
	ref := Ref{r.CityCode, r.ID}
	won, err := s.registry.Replace(ctx, registry.Entry{Key: s.registry.Key(byResident, number), Holder: registry.Holder(ref)})
	if err != nil {
		return err
	}
	if !won {
		return ErrResident
	}
	said, _ := ident.Read(number)
	r.Sex, r.BirthOn = sexOf(said.Sex), said.BornOn
	r.ResidentEnc = s.Vault.Seal(placeOf(ref, byResident), []byte(number))
	r.ResidentMask = ident.MaskResidentID(number)
	return nil
}

// RevealPhone gives the phone number of a person in scope in clear; the reading
// is audited with its purpose. Faults: person.purpose, person.not_found,
// person.no_number.
func (s *Service) RevealPhone(ctx context.Context, city, personID, purpose string) (string, error) {
	return s.reveal(ctx, Ref{city, personID}, byPhone, purpose, s.store.get)
}

// RevealResidentID gives the resident number, like RevealPhone.
func (s *Service) RevealResidentID(ctx context.Context, city, personID, purpose string) (string, error) {
	return s.reveal(ctx, Ref{city, personID}, byResident, purpose, s.store.get)
}

// RevealPhoneByConsent gives the phone number to a recipient to whom the person
// has opened it for the purpose; whether the viewer acts for that recipient is
// the caller's to check. Without a standing consent the person is not found.
func (s *Service) RevealPhoneByConsent(ctx context.Context, ref Ref, purpose, recipient string) (string, error) {
	return s.reveal(ctx, ref, byPhone, purpose, func(ctx context.Context, ref Ref) (*row, error) {
		if ok, err := s.HasConsent(ctx, ref, purpose, recipient); err != nil || !ok {
			return nil, orFault(err, ErrNotFound)
		}
		return s.store.open(ctx, ref)
	})
}

func (s *Service) reveal(ctx context.Context, ref Ref, field, purpose string, read func(context.Context, Ref) (*row, error)) (string, error) {
	purpose, err := purposeOf(purpose)
	if err != nil {
		return "", err
	}
	var number string
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		r, err := read(ctx, ref)
		if err != nil {
			return err
		}
		sealed, action := r.PhoneEnc, audit.Action("person.phone_read")
		if field == byResident {
			sealed, action = r.ResidentEnc, "person.resident_id_read"
		}
		if len(sealed) == 0 {
			return ErrNoNumber
		}
		plain, err := s.Vault.Open(placeOf(ref, field), sealed)
		if err != nil {
			return err
		}
		number = string(plain)
		return s.record(ctx, r, action, purpose, "")
	})
	if err != nil {
		return "", err
	}
	return number, nil
}

// Uses lists every use of a person's data, the latest first, for the person and
// for desks in whose scope the person is. Faults: person.not_found, page.cursor.
func (s *Service) Uses(ctx context.Context, ref Ref, req page.Request) (page.Page[audit.Stored], error) {
	if _, err := s.store.get(ctx, ref); err != nil {
		return page.Page[audit.Stored]{}, err
	}
	return s.Audit.ListForPerson(ctx, ref.ID, req)
}

// orFault gives the error of a question, or else the fault its answer means.
func orFault(err error, f *fault.Fault) error {
	if err != nil {
		return err
	}
	return f
}
