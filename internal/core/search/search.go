package search

import (
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Result is one page of an answer.
type Result struct {
	Total  int          // all documents that match, exact
	Hits   []Hit        // this page
	Next   string       // cursor of the following page; "" on the last
	Facets []FacetCount // in the order asked for
	// Relaxed is set when no document has all the words: the nearest answer
	// there is under the same filters. It must be shown as what it is.
	Relaxed *Relaxed
}

// Hit is one document found.
type Hit struct {
	ID    string
	Score float64 // by SortFit with words; otherwise 0
	Km    float64 // from Query.Near; -1 without it or without a point
}

// FacetCount tells how many documents there are by value, the filters of all
// other facets applied.
type FacetCount struct {
	Name   string
	Values []ValueCount // those with documents and those filtered by, in the order they became known
}

// ValueCount is one value of a facet.
type ValueCount struct {
	Code     string
	Parent   string // "" at the root
	Count    int
	Selected bool
}

// Relaxed is an answer to fewer words than were asked for.
type Relaxed struct {
	Words   []string // what was sought
	Dropped []string // what was left away
	Total   int
	Hits    []Hit // the first page; there is no second
}

// Search answers a query; the faults are those of a query that cannot be
// understood, all Invalid: search.query_too_long, search.unknown_code,
// search.point_needed, search.bad_point, search.bad_radius, search.bad_range,
// search.bad_limit, search.bad_cursor.
func (x *Index) Search(q Query) (*Result, error) {
	p, err := x.parse(q)
	if err != nil {
		return nil, err
	}
	r := x.run(p)
	if r.Total == 0 && len(p.groups) > 0 {
		r.Relaxed = x.relax(p)
	}
	return r, nil
}

// view is a query evaluated in one part.
type view struct {
	words []found
	hits  set
}

// worker is one goroutine's share of a run.
type worker struct {
	lend    scratch
	page    *page
	scorer  *scorer
	tallies []tally
	df      []int
	total   int
}

// parallelFrom is the number of documents from which a query is worth a second
// goroutine.
const parallelFrom = 100_000

func (x *Index) run(q *plan) *Result {
	snap := x.now.Load()
	codes, parents := make([][]string, len(q.counts)), make([][]uint16, len(q.counts))
	for i, f := range q.counts {
		codes[i], parents[i] = x.vocab[f].view()
	}
	workers := make([]*worker, 1)
	if snap.live >= parallelFrom {
		workers = make([]*worker, max(1, min(runtime.GOMAXPROCS(0), len(snap.parts), 4)))
	}
	for i := range workers {
		w := &worker{page: newPage(snap.parts, q.limit+1, q.after), df: make([]int, len(q.groups))}
		for j := range q.counts {
			w.tallies = append(w.tallies, newTally(len(codes[j])))
		}
		workers[i] = w
		defer w.lend.free()
	}
	views := make([]view, len(snap.parts))
	each := func(do func(w *worker, part int)) {
		var next atomic.Int64
		share := func(w *worker) {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(snap.parts) {
					return
				}
				do(w, i)
			}
		}
		var wg sync.WaitGroup
		for _, w := range workers[1:] {
			wg.Go(func() { share(w) })
		}
		share(workers[0])
		wg.Wait()
	}
	scored := q.order.kind == byScore
	each(func(w *worker, i int) {
		views[i] = x.look(w, snap.parts[i], q)
		if !scored {
			if views[i].hits != nil {
				w.page.walk(i, views[i].hits, q)
			}
			w.lend.free() // the sets of this part are not needed again
		}
	})
	first := workers[0]
	for _, w := range workers[1:] {
		first.total += w.total
		for g, n := range w.df {
			first.df[g] += n
		}
		for j, t := range w.tallies {
			first.tallies[j].add(t)
		}
	}
	if scored && first.total > 0 {
		each(func(w *worker, i int) {
			if views[i].hits != nil {
				if w.scorer == nil {
					w.scorer = x.newScorer(q, snap, first.df)
				}
				w.page.score(i, views[i].hits, views[i].words, w.scorer, &w.lend)
			}
		})
	}
	for _, w := range workers[1:] {
		first.page.join(w.page)
	}
	r := &Result{Total: first.total}
	r.Hits, r.Next = first.page.result(q)
	for j, f := range q.counts {
		first.tallies[j].settle(parents[j])
		r.Facets = append(r.Facets, x.counted(f, codes[j], parents[j], first.tallies[j].full, q))
	}
	return r
}

// look finds the documents of one part and counts their facets.
func (x *Index) look(w *worker, p *part, q *plan) view {
	var v view
	words := p.words()
	var base set
	for i := range q.groups {
		f := x.find(p, &q.groups[i], &w.lend)
		v.words = append(v.words, f)
		switch {
		case f.any == nil:
		case p.dead == nil:
			w.df[i] += f.any.count()
		default:
			w.df[i] += f.any.count() - andCount(f.any, p.dead)
		}
	}
	for i := range v.words {
		switch any := v.words[i].any; {
		case any == nil:
			return v
		case base == nil:
			base = w.lend.copyOf(any)
		default:
			base.and(any)
		}
	}
	if base == nil {
		base = w.lend.raw(words)
		base.fill(p.n)
	}
	if p.dead != nil {
		base.andNot(p.dead)
	}
	p.narrow(base, q)
	size := base.count()
	if size == 0 {
		return v // no filter left out brings anything back
	}
	chosen := make([]set, len(q.filters))
	v.hits = base
	for i, f := range q.filters {
		chosen[i] = p.chosen(f, &w.lend)
		if i == 0 {
			v.hits = w.lend.copyOf(base)
		}
		v.hits.and(chosen[i])
	}
	w.total += v.hits.count()
	var listed []uint16 // hits, where base is small
	if size <= few {
		listed = v.hits.list(make([]uint16, 0, size))
	}
	for j, f := range q.counts {
		m, docs := v.hits, listed
		if own := slices.IndexFunc(q.filters, func(x filter) bool { return x.facet == f }); own >= 0 {
			m = w.lend.copyOf(base)
			for k, c := range chosen {
				if k != own {
					m.and(c)
				}
			}
			if size <= few {
				docs = m.list(make([]uint16, 0, size))
			}
		}
		if size <= few {
			p.facets[f].countFew(docs, w.tallies[j])
		} else {
			p.facets[f].count(m, p.n, w.tallies[j], &w.lend)
		}
	}
	return v
}

// result makes the hits and the cursor behind them.
func (g *page) result(q *plan) (hits []Hit, next string) {
	best := g.best
	more := len(best) > q.limit
	best = best[:min(len(best), q.limit)]
	for _, c := range best {
		p := g.parts[c.part]
		h := Hit{ID: p.ids.get(int(c.doc)), Km: -1}
		if q.order.kind == byScore {
			h.Score = keyScore(c.key)
		}
		if q.near != nil && p.points != nil {
			if d := float64(q.near.chord2(p, int(c.doc))); !math.IsNaN(d) {
				h.Km = groundKm(d)
			}
		}
		hits = append(hits, h)
	}
	if more {
		last := best[len(best)-1]
		next = cursor{sign: q.sign, key: last.key, today: q.today, id: hits[len(hits)-1].ID}.String()
	}
	return hits, next
}

func (x *Index) counted(facet int, codes []string, parent []uint16, counts []int32, q *plan) FacetCount {
	out := FacetCount{Name: x.schema.Facets[facet].Name}
	selected := map[uint16]bool{}
	for _, f := range q.filters {
		if f.facet == facet {
			for _, v := range f.values {
				selected[v] = true
			}
		}
	}
	for v := 1; v < len(codes); v++ {
		if sel := selected[uint16(v)]; counts[v] > 0 || sel {
			out.Values = append(out.Values, ValueCount{Code: codes[v], Parent: codes[parent[v]], Count: int(counts[v]), Selected: sel})
		}
	}
	return out
}
