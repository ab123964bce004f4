package company

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
)

// Faults of companies.
var (
	ErrNotFound   = fault.New(fault.NotFound, "company.not_found")
	ErrRegistered = fault.New(fault.Conflict, "company.registered") // somebody has registered it
	ErrBlocked    = fault.New(fault.Conflict, "company.blocked")
	ErrMovedOn    = fault.New(fault.Conflict, "company.moved_on") // changed since it was read
	ErrState      = fault.New(fault.Conflict, "company.state")    // this state does not follow that one
	ErrNameFixed  = fault.New(fault.Conflict, "company.name_fixed")
	ErrPurpose    = fault.New(fault.Invalid, "company.purpose", fault.OnField("purpose", "required"))
	ErrNoContact  = fault.New(fault.NotFound, "company.no_contact")
)

// Deps is what the service works with.
type Deps struct {
	DB    *db.DB
	Vault *vault.Vault
	Clock clock.Clock
	Org   *org.Service
	Audit *audit.Log
}

// Service keeps companies. It is safe for concurrent use.
type Service struct {
	Deps
	store    store
	registry *registry.Registry
}

// New gives the service.
func New(d Deps) *Service {
	return &Service{Deps: d, store: store{d.DB}, registry: registry.New(d.DB, d.Vault)}
}

// Register puts in a company by its own people; it is then submitted to the
// county. A company that an import has listed is claimed. Who may act for it
// afterwards is for the caller to grant. Faults: form.invalid (with fields),
// company.registered, company.blocked.
func (s *Service) Register(ctx context.Context, in Input) (Company, error) {
	if err := in.check(); err != nil {
		return Company{}, err
	}
	var c Company
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		r, err := s.register(ctx, in)
		if err != nil {
			return err
		}
		c = r.company()
		return s.record(ctx, r, "company.registered", "", "")
	})
	return c, err
}

func (s *Service) register(ctx context.Context, in Input) (*row, error) {
	code, title := s.registry.Key(byCreditCode, in.CreditCode), s.nameKey(in.Name)
	known, named, err := s.known(ctx, code, title)
	if err != nil {
		return nil, err
	}
	if known == nil && named != nil && named.CreditCode == "" && named.State == StateListed {
		if err := s.take(ctx, code, named); err != nil {
			return nil, err
		}
		known = named
	}
	if known != nil {
		return s.claimListed(ctx, known, in)
	}
	now := s.Clock.Now()
	r := &row{ID: id.New(), CityCode: org.CityCodeOf(in.DivisionCode), State: StateSubmitted, Version: 1, CreatedAt: now}
	s.fill(r, in)
	if err := s.take(ctx, code, r); err != nil {
		return nil, err
	}
	if named == nil {
		// Losing this one to another company is no fault: names repeat in a country.
		if _, err := s.registry.Claim(ctx, r.holds(title)); err != nil {
			return nil, err
		}
	}
	return r, s.store.insert(ctx, r)
}

// known reads the companies that hold the credit code and the name, nil for none.
func (s *Service) known(ctx context.Context, code, title registry.Key) (byCode, named *row, err error) {
	for _, k := range []registry.Key{code, title} {
		holder, ok, err := s.registry.Find(ctx, k)
		if err != nil {
			return nil, nil, err
		}
		if !ok {
			continue
		}
		r, err := s.store.open(ctx, Ref(holder))
		if err != nil {
			return nil, nil, err
		}
		if k.Kind == byCreditCode {
			byCode = r
		} else {
			named = r
		}
	}
	return byCode, named, nil
}

// take claims a credit code for a company. Another transaction that was quicker has
// registered it, or listed it, which a fresh look tells.
func (s *Service) take(ctx context.Context, code registry.Key, r *row) error {
	free, err := s.registry.Claim(ctx, r.holds(code))
	if err == nil && !free {
		err = db.Again(ErrRegistered)
	}
	return err
}

func (s *Service) claimListed(ctx context.Context, r *row, in Input) (*row, error) {
	switch r.State {
	case StateListed:
	case StateBlocked:
		return nil, ErrBlocked
	default:
		return nil, ErrRegistered
	}
	if err := s.rename(ctx, r, in.Name); err != nil {
		return nil, err
	}
	s.fill(r, in)
	r.State, r.Version = StateSubmitted, r.Version+1
	err := s.store.update(ctx, r)
	if fault.HasCode(err, ErrMovedOn.Code) {
		err = ErrRegistered // two claimed it at once
	}
	return r, err
}

// fill writes a registration into a row, the custody excepted.
func (s *Service) fill(r *row, in Input) {
	r.CreditCode, r.Name, r.IndustryCode = in.CreditCode, in.Name, in.IndustryCode
	r.Address, r.About, r.ContactName = in.Address, in.About, in.ContactName
	s.settle(r, in.DivisionCode)
	s.sealPhone(r, in.ContactPhone)
	r.UpdatedAt = s.Clock.Now()
}

// nameKey is what a company is found by when only its name is known.
func (s *Service) nameKey(name string) registry.Key { return s.registry.Key(byName, nameKey(name)) }

// settle puts a company into a division and under the union in charge there.
func (s *Service) settle(r *row, division string) {
	r.DivisionCode = division
	r.OrgPath = s.pathOf(division)
}

// pathOf is the path of the county (or zone) union in charge of a division; of
// the city or the province where no county is known.
func (s *Service) pathOf(division string) string {
	u, _ := s.Org.ByDivisionUp(division)
	if county, ok := s.Org.Above(u.Path, org.County); ok {
		return county.Path
	}
	return u.Path
}

func (s *Service) sealPhone(r *row, phone string) {
	r.ContactPhoneEnc = s.Vault.Seal(phonePlace(r), []byte(phone))
	r.ContactPhoneMask = ident.MaskPhone(phone)
}

func phonePlace(r *row) string { return vault.Place(r.CityCode, "companies", r.ID, "contact_phone") }

// rename gives a company another name and its key in the registry.
func (s *Service) rename(ctx context.Context, r *row, name string) error {
	if nameKey(name) == nameKey(r.Name) {
		r.Name = name
		return nil
	}
	r.Name = name
	_, err := s.registry.Replace(ctx, r.holds(s.nameKey(name))) // taken by a namesake: found by its code only
	return err
}

// Update corrects a company in scope. The name can be changed until it is
// verified; after that it is the county's. Faults: form.invalid,
// company.not_found, company.moved_on, company.name_fixed, company.blocked.
func (s *Service) Update(ctx context.Context, ref Ref, p Patch) (Company, error) {
	if err := p.check(); err != nil {
		return Company{}, err
	}
	return s.edit(ctx, ref, p.Version, "company.updated", func(ctx context.Context, r *row) error {
		if r.State == StateBlocked {
			return ErrBlocked
		}
		if p.Name != nil && *p.Name != r.Name {
			if r.State == StateVerified {
				return ErrNameFixed
			}
			if err := s.rename(ctx, r, *p.Name); err != nil {
				return err
			}
		}
		set(&r.IndustryCode, p.IndustryCode)
		set(&r.Address, p.Address)
		set(&r.About, p.About)
		set(&r.ContactName, p.ContactName)
		if p.DivisionCode != nil {
			s.settle(r, *p.DivisionCode)
		}
		if p.ContactPhone != nil {
			s.sealPhone(r, *p.ContactPhone)
		}
		return nil
	})
}

func set(to *string, from *string) {
	if from != nil {
		*to = *from
	}
}

// SetState moves a company in scope to another state. It is called by the
// procedure that decides; version 0 takes the company as it stands, for a
// procedure whose case carries the version. Faults: company.not_found,
// company.state, company.moved_on.
func (s *Service) SetState(ctx context.Context, ref Ref, to State, version int) (Company, error) {
	return s.edit(ctx, ref, version, became[to], func(_ context.Context, r *row) error {
		if !slices.Contains(next[r.State], to) {
			return ErrState
		}
		r.State = to
		return nil
	})
}

// SetUnion says which unit is the company's union; empty for none. Faults:
// company.not_found, org.not_found.
func (s *Service) SetUnion(ctx context.Context, ref Ref, unitID string) (Company, error) {
	if _, ok := s.Org.ByID(unitID); !ok && unitID != "" {
		return Company{}, org.ErrNotFound
	}
	return s.edit(ctx, ref, 0, "company.union_set", func(_ context.Context, r *row) error {
		r.UnionUnitID = unitID
		return nil
	})
}

// edit reads a company in scope, changes it and writes it with its audit entry.
func (s *Service) edit(ctx context.Context, ref Ref, version int, action audit.Action, fn func(context.Context, *row) error) (Company, error) {
	return s.editTold(ctx, ref, version, action, func(ctx context.Context, r *row) (string, error) { return "", fn(ctx, r) })
}

// editTold is edit with a detail for the log, which fn gives.
func (s *Service) editTold(ctx context.Context, ref Ref, version int, action audit.Action, fn func(context.Context, *row) (string, error)) (Company, error) {
	var c Company
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		r, err := s.store.get(ctx, ref)
		if err != nil {
			return err
		}
		if version != 0 && version != r.Version {
			return ErrMovedOn
		}
		detail, err := fn(ctx, r)
		if err != nil {
			return err
		}
		r.Version, r.UpdatedAt = r.Version+1, s.Clock.Now()
		if err := s.store.update(ctx, r); err != nil {
			return err
		}
		c = r.company()
		return s.record(ctx, r, action, "", detail)
	})
	return c, err
}

func (s *Service) record(ctx context.Context, r *row, action audit.Action, purpose, detail string) error {
	return s.Audit.Record(ctx, audit.Entry{
		CityCode: r.CityCode, OrgPath: r.OrgPath, Action: action, SubjectKind: "company", SubjectID: r.ID, Purpose: purpose, Detail: detail,
	})
}

// Get gives a company in scope: of a desk's subtree, or one's own. Otherwise company.not_found.
func (s *Service) Get(ctx context.Context, city, companyID string) (Company, error) {
	r, err := s.store.get(ctx, Ref{city, companyID})
	if err != nil {
		return Company{}, err
	}
	return r.company(), nil
}

// Public gives what anybody may know of a company, without a scope.
func (s *Service) Public(ctx context.Context, city, companyID string) (Public, error) {
	r, err := s.store.open(ctx, Ref{city, companyID})
	if err != nil {
		return Public{}, err
	}
	return r.company().Public(), nil
}

// Heads gives what a batch needs to know of many companies: all but what they
// say of themselves. It asks no scope: the batch that calls it decides who sees
// what. Those that are not there are missing. Faults: those of reading.
func (s *Service) Heads(ctx context.Context, refs []Ref) (map[Ref]Company, error) {
	out := make(map[Ref]Company, len(refs))
	for part := range slices.Chunk(refs, chunk) {
		rows, err := s.store.heads(ctx, part)
		if err != nil {
			return nil, err
		}
		for ref, r := range rows {
			out[ref] = r.company()
		}
	}
	return out, nil
}

// FindByCreditCode finds the public facts of the company with the code, without
// a scope. A code that cannot be right finds nothing.
func (s *Service) FindByCreditCode(ctx context.Context, code string) (Public, bool, error) {
	code = ident.Clean(code)
	if ident.CreditCode(code) != ident.OK {
		return Public{}, false, nil
	}
	return s.findBy(ctx, s.registry.Key(byCreditCode, code))
}

// FindByName finds the public facts of the company that holds the name, however
// it is written, without a scope.
func (s *Service) FindByName(ctx context.Context, name string) (Public, bool, error) {
	clean, ok := form.Text(name, false)
	if !ok || nameProblem(clean) != "" {
		return Public{}, false, nil
	}
	return s.findBy(ctx, s.nameKey(clean))
}

func (s *Service) findBy(ctx context.Context, k registry.Key) (Public, bool, error) {
	holder, ok, err := s.registry.Find(ctx, k)
	if err != nil || !ok {
		return Public{}, false, err
	}
	p, err := s.Public(ctx, holder.City, holder.ID)
	return p, err == nil, err
}

// Filter narrows a list.
type Filter struct {
	State   State
	Text    string // part of the name, or the whole credit code
	OrgPath string // a subtree within the scope
}

// List gives the companies in scope, the newest first.
func (s *Service) List(ctx context.Context, f Filter, req page.Request) (page.Page[Company], error) {
	if _, ok := next[f.State]; f.State != "" && !ok {
		return page.Page[Company]{}, fault.New(fault.Invalid, "form.invalid", fault.OnField("state", "choice"))
	}
	text, ok := form.Text(f.Text, false)
	if !ok {
		return page.Page[Company]{}, fault.New(fault.Invalid, "form.invalid", fault.OnField("q", "charset"))
	}
	f.Text = strings.TrimSpace(text)
	rows, err := s.store.list(ctx, f, req)
	if err != nil {
		return page.Page[Company]{}, err
	}
	p := page.Cut(rows, req.Size(), func(r *row) page.Cursor { return page.Encode(listName, r.ID) })
	return page.Map(p, (*row).company), nil
}

// RevealContact gives the contact's phone number of a company in scope; the
// reading is audited with its purpose. Faults: company.purpose,
// company.not_found, company.no_contact.
func (s *Service) RevealContact(ctx context.Context, city, companyID, purpose string) (string, error) {
	if strings.TrimSpace(purpose) == "" {
		return "", ErrPurpose
	}
	var phone string
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		r, err := s.store.get(ctx, Ref{city, companyID})
		if err != nil {
			return err
		}
		if len(r.ContactPhoneEnc) == 0 {
			return ErrNoContact
		}
		plain, err := s.Vault.Open(phonePlace(r), r.ContactPhoneEnc)
		if err != nil {
			return err
		}
		phone = string(plain)
		return s.record(ctx, r, "company.contact_read", purpose, "")
	})
	return phone, err
}

// AddFact states a fact about a company in scope. The same statement again
// gives the one that is there. Faults: form.invalid, company.not_found.
func (s *Service) AddFact(ctx context.Context, ref Ref, f Fact) (Fact, error) {
	if err := f.check(clock.Today(s.Clock)); err != nil {
		return Fact{}, err
	}
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		r, err := s.store.get(ctx, ref)
		if err != nil {
			return err
		}
		f, err = s.store.addFact(ctx, factRow{
			CityCode: r.CityCode, ID: id.New(), CompanyID: r.ID,
			Kind: f.Kind, Year: f.Year, Quantity: f.Quantity, Source: f.Source, StatedOn: f.StatedOn,
		})
		if err != nil {
			return err
		}
		return s.record(ctx, r, "company.fact_added", "", string(f.Kind))
	})
	return f, err
}

// Facts gives the facts of a company in scope, the latest year first.
func (s *Service) Facts(ctx context.Context, ref Ref) ([]Fact, error) {
	if _, err := s.store.get(ctx, ref); err != nil {
		return nil, err
	}
	return s.store.facts(ctx, ref)
}
