package company

import (
	"context"

	"gonghui/internal/base/registry"
)

// How a company was recognised, the surest first.
const (
	ByCreditCode = "credit_code"
	ByMergedCode = "merged_code" // the code of a company that it absorbed
	ByName       = "name"
	ByFormerName = "former_name" // what it was called before
)

// Match is a company that a name or code of a list means.
type Match struct {
	Known
	By         string // one of the above; "" = nobody was found
	Confidence int    // percent that it is the one; see Recognise
}

// Recognise finds the companies that the codes and names of a list mean, in the
// order given, and says how and how sure: by the code of a company that was
// absorbed the one that goes on (95), by the credit code (100), by the name as it
// is kept (80), by a former name (70). A name whose company has another code than
// the list says is worth 20 less. It makes none and asks no scope: the batch that
// calls it decides who sees what. Faults: those of reading.
func (s *Service) Recognise(ctx context.Context, list []Listed) ([]Match, error) {
	out := make([]Match, len(list))
	for from := 0; from < len(list); from += chunk {
		part := list[from:min(from+chunk, len(list))]
		b := &bulk{service: s, list: part, keys: make([]keys, len(part))}
		for i, l := range part {
			if l.CreditCode != "" {
				b.keys[i].code = s.registry.Key(byCreditCode, l.CreditCode)
			}
		}
		if err := b.lookUp(ctx); err != nil {
			return nil, err
		}
		old, err := b.formers(ctx)
		if err != nil {
			return nil, err
		}
		for i, l := range part {
			out[from+i] = b.match(old, i, l)
		}
	}
	return out, nil
}

func (b *bulk) match(old formerHolders, i int, l Listed) Match {
	k := b.keys[i]
	var r *row
	var m Match
	switch {
	case old.merged[i] != nil:
		r, m.By, m.Confidence = old.merged[i], ByMergedCode, 95
	case b.codes[k.code] != nil:
		r, m.By, m.Confidence = b.codes[k.code], ByCreditCode, 100
	case b.names[k.name] != nil:
		r, m.By, m.Confidence = b.names[k.name], ByName, 80
	case old.named[i] != nil:
		r, m.By, m.Confidence = old.named[i], ByFormerName, 70
	default:
		return m
	}
	if l.CreditCode != "" && r.CreditCode != "" && (m.By == ByName || m.By == ByFormerName) {
		m.Confidence -= 20 // it has another code
	}
	m.Known = r.known()
	return m
}

// lookUp reads the companies that the codes name, and for rows that no code tells
// those that the names name.
func (b *bulk) lookUp(ctx context.Context) error {
	s := b.service
	codes, names := map[int]string{}, map[int]string{}
	for i, k := range b.keys {
		if k.code.Hash != "" {
			codes[i] = k.code.Hash
		}
	}
	byCode, err := s.held(ctx, byCreditCode, codes)
	if err != nil {
		return err
	}
	for i, l := range b.list {
		if byCode[i] == nil {
			b.keys[i].name = s.nameKey(l.Name)
			names[i] = b.keys[i].name.Hash
		}
	}
	named, err := s.held(ctx, byName, names)
	if err != nil {
		return err
	}
	b.codes, b.names = make(map[registry.Key]*row, len(byCode)), make(map[registry.Key]*row, len(named))
	for i, r := range byCode {
		b.codes[b.keys[i].code] = r
	}
	for i, r := range named {
		b.names[b.keys[i].name] = r
	}
	return nil
}

// formerHolders are the companies that the rows of a chunk name by what is past,
// by the row.
type formerHolders struct{ merged, named map[int]*row }

// formers looks a chunk's codes up among those that were absorbed, and the names of
// rows that nobody was found for among the former ones.
func (b *bulk) formers(ctx context.Context) (formerHolders, error) {
	s := b.service
	codes, names := map[int]string{}, map[int]string{}
	for i, l := range b.list {
		k := b.keys[i]
		if l.CreditCode != "" {
			codes[i] = s.registry.Key(byMergedCode, l.CreditCode).Hash
		}
		if b.codes[k.code] == nil && b.names[k.name] == nil {
			names[i] = s.registry.Key(byFormerName, nameKey(l.Name)).Hash
		}
	}
	var out formerHolders
	var err error
	if out.merged, err = s.held(ctx, byMergedCode, codes); err != nil {
		return out, err
	}
	out.named, err = s.held(ctx, byFormerName, names)
	return out, err
}

// held gives the companies that hold values of a kind.
func (s *Service) held(ctx context.Context, kind string, hashes map[int]string) (map[int]*row, error) {
	list := make([]string, 0, len(hashes))
	for _, h := range hashes {
		list = append(list, h)
	}
	holders, err := s.registry.FindAll(ctx, kind, list...)
	if err != nil || len(holders) == 0 {
		return nil, err
	}
	refs := make([]Ref, 0, len(holders))
	for _, h := range holders {
		refs = append(refs, Ref(h))
	}
	heads, err := s.store.heads(ctx, refs)
	if err != nil {
		return nil, err
	}
	out := make(map[int]*row, len(holders))
	for i, hash := range hashes {
		if h, ok := holders[hash]; ok {
			out[i] = heads[Ref(h)]
		}
	}
	return out, nil
}

// absorbed tells who goes on for a company whose code was taken over.
func (s *Service) absorbed(ctx context.Context, code string) (Ref, bool, error) {
	if code == "" {
		return Ref{}, false, nil
	}
	h, ok, err := s.registry.Find(ctx, s.registry.Key(byMergedCode, code))
	return Ref(h), ok, err
}

// holdsFormer gives a key of what is past to a company.
func (s *Service) holdsFormer(r *row, kind, value string) registry.Entry {
	return r.holds(s.registry.Key(kind, value))
}
