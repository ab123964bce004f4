package search

import (
	"context"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// Index is safe for any number of readers and writers. Readers never wait;
// writers wait for each other.
type Index struct {
	schema Schema
	clock  clock.Clock
	vocab  []*vocabulary
	names  names
	wide   map[string]widening
	decay  []float32 // by age in days, what is left of a score

	rebuilding sync.Mutex // one rebuild at a time
	writing    sync.Mutex // guards log and the replacing of now
	log        *[]change  // what was written while a rebuild runs; nil otherwise
	now        atomic.Pointer[snapshot]
}

// change is one write to be repeated on a rebuilt index.
type change struct {
	docs []Doc
	gone []string
}

// snapshot is one state of the index; it never changes.
type snapshot struct {
	parts  []*part
	live   int
	length float64 // sum of the rounded lengths of the living documents
}

// part is a segment with its dead documents.
type part struct {
	*segment
	dead   set // nil while all live
	deadN  int
	length float64
}

func (p *part) live() int           { return p.n - p.deadN }
func (p *part) isDead(doc int) bool { return p.dead != nil && p.dead.has(doc) }

func newPart(s *segment) *part {
	p := &part{segment: s}
	for _, l := range s.lens {
		p.length += lengthSteps[l]
	}
	return p
}

// without gives the part with more documents dead.
func (p *part) without(docs []int) *part {
	q := &part{segment: p.segment, dead: make(set, p.words()), deadN: p.deadN, length: p.length}
	copy(q.dead, p.dead)
	for _, d := range docs {
		if !q.dead.has(d) {
			q.dead.add(d)
			q.deadN++
			q.length -= lengthSteps[q.lens[d]]
		}
	}
	return q
}

func newSnapshot(parts []*part) *snapshot {
	s := &snapshot{parts: parts}
	for _, p := range parts {
		s.live += p.live()
		s.length += p.length
	}
	return s
}

// find gives the place of a living document.
func (s *snapshot) find(id string) (part, doc int, ok bool) {
	for i, p := range s.parts {
		if d, ok := p.ids.search(p.n, id); ok && !p.isDead(d) {
			return i, d, true
		}
	}
	return 0, 0, false
}

// New makes an empty index. The error is a mistake in the declaration.
func New(schema Schema, c clock.Clock) (*Index, error) {
	if err := schema.check(); err != nil {
		return nil, err
	}
	if schema.HalfLife <= 0 {
		schema.HalfLife = 30
	}
	x := &Index{schema: schema, clock: c, decay: decay(schema.HalfLife)}
	for _, f := range schema.Facets {
		v, err := newVocabulary(f.Known)
		if err != nil {
			return nil, err
		}
		x.vocab = append(x.vocab, v)
	}
	x.names = makeNames(&schema)
	x.wide = x.widenings(schema.Synonyms)
	x.now.Store(newSnapshot(nil))
	return x, nil
}

// Upsert puts documents in, in the place of those with the same ids; of two
// with one id the later counts. All become visible together, or none and a
// fault search.bad_id, search.bad_point, search.bad_document or
// search.too_many_codes.
func (x *Index) Upsert(docs ...Doc) error {
	for i := range docs {
		if err := checkDoc(&x.schema, &docs[i]); err != nil {
			return err
		}
	}
	x.writing.Lock()
	defer x.writing.Unlock()
	parts, err := x.put(x.now.Load().parts, docs)
	if err != nil {
		return err
	}
	x.now.Store(newSnapshot(parts))
	if x.log != nil {
		*x.log = append(*x.log, change{docs: slices.Clone(docs)})
	}
	return nil
}

// Delete takes documents out; ids it does not have are passed over.
func (x *Index) Delete(ids ...string) {
	x.writing.Lock()
	defer x.writing.Unlock()
	x.now.Store(newSnapshot(compact(kill(x.now.Load().parts, ids))))
	if x.log != nil {
		*x.log = append(*x.log, change{gone: slices.Clone(ids)})
	}
}

func (x *Index) put(parts []*part, docs []Doc) ([]*part, error) {
	last := make(map[string]int, len(docs))
	for i := range docs {
		last[docs[i].ID] = i
	}
	var fresh []*part
	ids := make([]string, 0, len(last))
	b := newBuilder(&x.schema, x.vocab)
	for i := range docs {
		if last[docs[i].ID] != i {
			continue
		}
		if err := b.add(&docs[i]); err != nil {
			return nil, err
		}
		ids = append(ids, docs[i].ID)
		if b.full() {
			fresh = append(fresh, newPart(b.build()))
			b = newBuilder(&x.schema, x.vocab)
		}
	}
	if len(b.ids) > 0 {
		fresh = append(fresh, newPart(b.build()))
	}
	return compact(append(kill(parts, ids), fresh...)), nil
}

// kill gives the parts, in a new slice, without the documents.
func kill(parts []*part, ids []string) []*part {
	out := slices.Clone(parts)
	for i, p := range parts {
		var dead []int
		for _, id := range ids {
			if d, ok := p.ids.search(p.n, id); ok && !p.isDead(d) {
				dead = append(dead, d)
			}
		}
		if dead != nil {
			out[i] = p.without(dead)
		}
	}
	return out
}

// fan is how many parts of one size may stand side by side; a write then costs
// about fan × log(documents) merges over its life.
const fan = 8

// compact merges small parts of like size so that there are few, drops empty
// ones and rewrites those that are mostly dead.
func compact(parts []*part) []*part {
	for {
		var bySize [17][]*part // by the bits of the number of living documents, in threes
		kept := parts[:0:0]
		for _, p := range parts {
			switch n := p.live(); {
			case n == 0:
			case n <= maxDocs/2 || p.deadN > n:
				t := tier(n)
				bySize[t] = append(bySize[t], p)
				kept = append(kept, p)
			default:
				kept = append(kept, p)
			}
		}
		parts = kept
		var group []*part
		for _, ps := range bySize {
			if len(ps) >= fan {
				group = ps
				break
			}
			for _, p := range ps {
				if p.deadN > p.live() && p.n > 64 {
					group = []*part{p}
				}
			}
		}
		if group == nil {
			return parts
		}
		slices.SortFunc(group, func(a, b *part) int { return a.live() - b.live() })
		sum := 0
		for i, p := range group {
			if sum += p.live(); sum > maxDocs {
				group = group[:i]
				break
			}
		}
		parts = slices.DeleteFunc(parts, func(p *part) bool { return slices.Contains(group, p) })
		parts = append(parts, newPart(merge(group)))
	}
}

func tier(n int) int {
	t := 0
	for n > 1 {
		n /= fan
		t++
	}
	return t
}

// Rebuild reads every document of the store and puts the result in the place
// of all that was there. Searches meanwhile see the old state; what is written
// meanwhile is repeated on the new. A fault of the sequence, a document that
// does not fit, or the same id twice (search.duplicate_id) leaves the old state.
func (x *Index) Rebuild(ctx context.Context, docs iter.Seq2[Doc, error]) error {
	x.rebuilding.Lock()
	defer x.rebuilding.Unlock()
	var log []change
	x.writing.Lock()
	x.log = &log
	x.writing.Unlock()
	parts, err := x.bulk(ctx, docs)
	x.writing.Lock()
	defer x.writing.Unlock()
	x.log = nil
	if err != nil {
		return err
	}
	for _, c := range log {
		if len(c.docs) > 0 {
			if parts, err = x.put(parts, c.docs); err != nil {
				return err
			}
		}
		parts = kill(parts, c.gone)
	}
	x.now.Store(newSnapshot(compact(parts)))
	return nil
}

// bulk builds segments on all processors.
func (x *Index) bulk(ctx context.Context, docs iter.Seq2[Doc, error]) ([]*part, error) {
	const batch = 256
	var (
		mu    sync.Mutex
		parts []*part
		ch    = make(chan []Doc, 4)
	)
	keep := func(b *builder) {
		p := newPart(b.build())
		mu.Lock()
		parts = append(parts, p)
		mu.Unlock()
	}
	g, ctx := errgroup.WithContext(ctx)
	for range min(runtime.GOMAXPROCS(0), 8) {
		g.Go(func() error {
			b := newBuilder(&x.schema, x.vocab)
			for ds := range ch {
				for i := range ds {
					if err := checkDoc(&x.schema, &ds[i]); err != nil {
						return err
					}
					if err := b.add(&ds[i]); err != nil {
						return err
					}
					if b.full() {
						keep(b)
						b = newBuilder(&x.schema, x.vocab)
					}
				}
			}
			if len(b.ids) > 0 {
				keep(b)
			}
			return nil
		})
	}
	g.Go(func() error {
		defer close(ch)
		ds := make([]Doc, 0, batch)
		send := func() error {
			if err := ctx.Err(); err != nil {
				return err // the choice below is random when both are ready
			}
			select {
			case ch <- ds:
				ds = make([]Doc, 0, batch)
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		for d, err := range docs {
			if err != nil {
				return err
			}
			if ds = append(ds, d); len(ds) == batch {
				if err := send(); err != nil {
					return err
				}
			}
		}
		return send()
	})
	if err := g.Wait(); err != nil {
		return nil, err
	}
	last, first := "", true
	for id := range newSnapshot(parts).ids() {
		if id == last && !first {
			return nil, fault.New(fault.Invalid, "search.duplicate_id", fault.With("ID", id), fault.OnField("id", "duplicate"))
		}
		last, first = id, false
	}
	return parts, nil
}

// Has tells whether the index holds a document.
func (x *Index) Has(id string) bool {
	_, _, ok := x.now.Load().find(id)
	return ok
}

// Checksum finds the digest of a document as it was put in (Doc.Checksum).
func (x *Index) Checksum(id string) (uint64, bool) {
	s := x.now.Load()
	if p, d, ok := s.find(id); ok {
		return s.parts[p].sums[d], true
	}
	return 0, false
}

// IDs gives every document's id, ascending, with its digest: one state of the
// index, however long the reading takes.
func (x *Index) IDs() iter.Seq2[string, uint64] { return x.now.Load().ids() }

func (s *snapshot) ids() iter.Seq2[string, uint64] {
	type head struct {
		*part
		at int
		id string
	}
	return func(yield func(string, uint64) bool) {
		var heads []head
		step := func(h *head) bool {
			for h.at < h.n && h.isDead(h.at) {
				h.at++
			}
			if h.at < h.n {
				h.id = h.ids.get(h.at)
				return true
			}
			return false
		}
		for _, p := range s.parts {
			if h := (head{part: p}); step(&h) {
				heads = append(heads, h)
			}
		}
		for len(heads) > 0 {
			m := 0
			for i := range heads {
				if strings.Compare(heads[i].id, heads[m].id) < 0 {
					m = i
				}
			}
			h := &heads[m]
			if !yield(h.id, h.sums[h.at]) {
				return
			}
			h.at++
			if !step(h) {
				heads = slices.Delete(heads, m, m+1)
			}
		}
	}
}

// Stats describes the size of an index.
type Stats struct {
	Docs     int   // living documents
	Segments int   // immutable parts they are spread over
	Terms    int   // entries in all lexicons
	Bytes    int64 // about what the segments hold in memory
}

// Stats measures the index as it is now.
func (x *Index) Stats() Stats {
	s := x.now.Load()
	out := Stats{Docs: s.live, Segments: len(s.parts)}
	for _, p := range s.parts {
		out.Bytes += int64(p.bytes())
		for i := range p.fields {
			out.Terms += len(p.fields[i].lists.refs)
		}
	}
	return out
}
