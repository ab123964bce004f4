package company

import (
	"context"
	"maps"

	"gonghui/internal/base/registry"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
)

// Known is what EnsureListed found or made for one listed company.
type Known struct {
	CityCode string
	ID       string
	OrgPath  string
	Name     string // as it is kept, which may be written otherwise than in the list
	Division string // code of GB/T 2260; empty = not known
	Industry string // code of GB/T 4754-2017; empty = not known
	State    State
	Created  bool  // made by this call
	Err      error // a fault of this row; then nothing else is set
}

// chunk is the number of listed companies resolved with one set of statements.
const chunk = 500 // also the longest IN list

// EnsureListed finds or makes a company for each listed one, in one transaction
// and in the order given. One with a credit code is found by it; one without, or
// with a code not seen before, by its normalised name, unless that name belongs
// to another code. A row that cannot be a company has its fault in Err and
// changes nothing. It asks no scope and writes no audit entry for each company:
// the batch that calls it is the entry.
//
// Blocked companies are found like others; it is for the caller to refuse them.
func (s *Service) EnsureListed(ctx context.Context, list []Listed) ([]Known, error) {
	var out []Known
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		out = make([]Known, len(list))
		for from := 0; from < len(list); from += chunk {
			to := min(from+chunk, len(list))
			if err := s.ensure(ctx, list[from:to], out[from:to]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// races is how often a chunk is tried anew because another import was quicker.
const races = 5

func (s *Service) ensure(ctx context.Context, list []Listed, out []Known) error {
	b := s.bulk(list, out)
	for range races {
		won, err := b.resolve(ctx)
		if err != nil || won {
			return err
		}
	}
	return fault.New(fault.Unavailable, "company.busy")
}

// bulk checks the rows of a chunk and hashes what they are found by.
func (s *Service) bulk(list []Listed, out []Known) *bulk {
	b := &bulk{service: s, list: make([]Listed, len(list)), out: out, keys: make([]keys, len(list))}
	for i, l := range list {
		if out[i].Err = l.check(); out[i].Err != nil {
			continue
		}
		b.list[i], b.keys[i] = l, s.keysOf(l)
	}
	return b
}

// Preview tells what EnsureListed would find and make, over any number of calls,
// and writes nothing: a company that one call would have made is known to the
// next. It is for one goroutine.
type Preview struct {
	service      *Service
	codes, names map[registry.Key]*row // of the companies that would have been made or been given a code
}

// Preview begins a trial without consequences.
func (s *Service) Preview() *Preview {
	return &Preview{service: s, codes: map[registry.Key]*row{}, names: map[registry.Key]*row{}}
}

// List answers as EnsureListed would. Faults: those of reading.
func (p *Preview) List(ctx context.Context, list []Listed) ([]Known, error) {
	out := make([]Known, len(list))
	for from := 0; from < len(list); from += chunk {
		to := min(from+chunk, len(list))
		b := p.service.bulk(list[from:to], out[from:to])
		if err := b.read(ctx); err != nil {
			return nil, err
		}
		maps.Copy(b.codes, p.codes)
		maps.Copy(b.names, p.names)
		for i := range b.list {
			if b.out[i].Err == nil {
				b.one(i)
			}
		}
		for _, c := range b.claims {
			if c.Kind == byCreditCode {
				p.codes[c.Key] = b.codes[c.Key]
			} else {
				p.names[c.Key] = b.names[c.Key]
			}
		}
		for _, r := range b.coded { // found by its name, it now has a code
			p.names[p.service.nameKey(r.Name)] = r
		}
	}
	return out, nil
}

// keys are what a listed company is found by; code may be empty.
type keys struct{ code, name registry.Key }

func (s *Service) keysOf(l Listed) keys {
	k := keys{name: s.nameKey(l.Name)}
	if l.CreditCode != "" {
		k.code = s.registry.Key(byCreditCode, l.CreditCode)
	}
	return k
}

// bulk resolves one chunk.
type bulk struct {
	service *Service
	list    []Listed
	out     []Known
	keys    []keys

	codes, names map[registry.Key]*row // of the database and of this chunk
	made         []*row
	claims       []registry.Entry
	coded        []*row // there before, and given a code here
}

// resolve finds or makes all companies of the chunk. It gives false, and leaves
// nothing behind, when another transaction made one of them meanwhile.
func (b *bulk) resolve(ctx context.Context) (bool, error) {
	if err := b.read(ctx); err != nil {
		return false, err
	}
	for i := range b.list {
		if b.out[i].Err == nil {
			b.one(i)
		}
	}
	st := b.service.store
	won, err := b.service.registry.Claim(ctx, b.claims...)
	if err != nil {
		return false, err
	}
	if !won {
		return false, b.withdraw(ctx)
	}
	for _, r := range b.coded {
		if err := st.giveCode(ctx, Ref{r.CityCode, r.ID}, r.CreditCode, b.service.Clock.Now()); err != nil {
			return false, err
		}
	}
	return true, st.insertListed(ctx, b.made)
}

// read loads what the registry knows of the chunk's codes and names.
func (b *bulk) read(ctx context.Context) error {
	b.made, b.claims, b.coded = nil, nil, nil
	var codes, names []string
	for _, k := range b.keys {
		if k.code.Hash != "" {
			codes = append(codes, k.code.Hash)
		}
		if k.name.Hash != "" {
			names = append(names, k.name.Hash)
		}
	}
	byCode, err := b.service.registry.FindAll(ctx, byCreditCode, codes...)
	if err != nil {
		return err
	}
	named, err := b.service.registry.FindAll(ctx, byName, names...)
	if err != nil {
		return err
	}
	var refs []Ref
	for _, m := range []map[string]registry.Holder{byCode, named} {
		for _, holder := range m {
			refs = append(refs, Ref(holder))
		}
	}
	heads, err := b.service.store.heads(ctx, refs)
	if err != nil {
		return err
	}
	b.codes, b.names = make(map[registry.Key]*row, len(codes)), make(map[registry.Key]*row, len(names))
	for hash, holder := range byCode {
		b.codes[registry.Key{Kind: byCreditCode, Hash: hash}] = heads[Ref(holder)]
	}
	for hash, holder := range named {
		b.names[registry.Key{Kind: byName, Hash: hash}] = heads[Ref(holder)]
	}
	return nil
}

// one resolves one listed company in memory.
func (b *bulk) one(i int) {
	l, k := b.list[i], b.keys[i]
	r, created := b.codes[k.code], false
	named := b.names[k.name]
	switch {
	case r != nil: // the code decides
	case named != nil && k.code.Hash == "":
		r = named
	case named != nil && named.CreditCode == "":
		r = named
		b.give(r, k.code, l.CreditCode)
	default:
		r, created = b.create(l, k, named == nil), true
	}
	b.out[i] = r.known()
	b.out[i].Created = created
}

// give adds the code to a company known by its name only.
func (b *bulk) give(r *row, k registry.Key, code string) {
	r.CreditCode = code
	b.codes[k] = r
	b.claims = append(b.claims, r.holds(k))
	if r.CreatedAt.IsZero() { // read from the database, not made in this chunk
		b.coded = append(b.coded, r)
	}
}

func (b *bulk) create(l Listed, k keys, nameFree bool) *row {
	s := b.service
	now := s.Clock.Now()
	r := &row{
		CityCode: org.CityCodeOf(l.DivisionCode), ID: id.New(), Name: l.Name, IndustryCode: l.IndustryCode,
		State: StateListed, Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	s.settle(r, l.DivisionCode)
	if k.code.Hash != "" {
		r.CreditCode = l.CreditCode
		b.codes[k.code] = r
		b.claims = append(b.claims, r.holds(k.code))
	}
	if nameFree {
		b.names[k.name] = r
		b.claims = append(b.claims, r.holds(k.name))
	}
	b.made = append(b.made, r)
	return r
}

// withdraw takes back the claims of a chunk that lost one of them.
func (b *bulk) withdraw(ctx context.Context) error {
	made := make([]string, len(b.made))
	for i, r := range b.made {
		made[i] = r.ID
	}
	if err := b.service.registry.Release(ctx, []string{byCreditCode, byName}, made); err != nil {
		return err
	}
	coded := make([]string, len(b.coded)) // their names were theirs before
	for i, r := range b.coded {
		coded[i] = r.ID
	}
	return b.service.registry.Release(ctx, []string{byCreditCode}, coded)
}
