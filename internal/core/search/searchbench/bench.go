package searchbench

import (
	"context"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"gonghui/internal/core/search"
	"gonghui/internal/kit/clock"
)

// Options chooses what is measured.
type Options struct {
	Docs        int    // one size instead of 10,000, 100,000 and 1,000,000
	PostgresDSN string // an empty database to compare with; "" for none
	Detail      bool   // also print each kind of query
}

// Run measures and prints; it returns the faults of building, querying and of
// PostgreSQL. It needs about 1 GB of memory for a million documents.
func Run(ctx context.Context, w io.Writer, o Options) error {
	sizes := []int{10_000, 100_000, 1_000_000}
	if o.Docs > 0 {
		sizes = []int{o.Docs}
	}
	for _, n := range sizes {
		if err := measure(ctx, w, n, o); err != nil {
			return fmt.Errorf("measure search over %d documents: %w", n, err)
		}
	}
	return nil
}

func measure(ctx context.Context, w io.Writer, n int, o Options) error {
	c := clock.System()
	docs := corpus{today: clock.Today(c)}
	print := func(name string, value float64, unit string) {
		fmt.Fprintf(w, "search.%s.%d %.3g %s\n", name, n, value, unit)
	}
	x, err := search.New(schema(), c)
	if err != nil {
		return err
	}
	start := c.Now()
	if err := x.Rebuild(ctx, docs.all(n)); err != nil {
		return err
	}
	print("build", c.Now().Sub(start).Seconds(), "s")
	runtime.GC()
	stats := x.Stats()
	print("memory", float64(stats.Bytes)/1e6, "MB")
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	print("heap", float64(m.HeapAlloc)/1e6, "MB")

	const rounds = 60
	mine := newTimes()
	r := rand.New(rand.NewPCG(7, uint64(n)))
	ask := func(t *times, kind string, q search.Query) (*search.Result, error) {
		start := c.Now()
		res, err := x.Search(q)
		t.add(kind, c.Now().Sub(start))
		return res, err
	}
	for round := range rounds {
		if err := ctx.Err(); err != nil {
			return err
		}
		t := mine
		if round < 2 {
			t = newTimes() // warm
		}
		for _, q := range questions(r) {
			if _, err := ask(t, q.name, q.q); err != nil {
				return err
			}
		}
		// What PostgreSQL has no counterpart for: deep pages and the nearest answer.
		q := search.Query{Text: "服务", Limit: 100}
		for range 5 {
			res, err := ask(t, "deep page", q)
			if err != nil {
				return err
			}
			q.After = res.Next
		}
		if _, err := ask(t, "nothing found", search.Query{Text: cities[r.IntN(len(cities))] + "电焊工"}); err != nil {
			return err
		}
	}
	print("p50", ms(mine.quantile(0.50)), "ms")
	print("p99", ms(mine.quantile(0.99)), "ms")
	if o.Detail {
		mine.print(w, "search", n)
	}
	if err := underWrites(x, docs, n, print); err != nil {
		return err
	}
	if o.PostgresDSN == "" {
		return nil
	}
	return postgres(ctx, w, n, docs, x, o, print)
}

// underWrites measures readers while documents are put in one by one.
func underWrites(x *search.Index, docs corpus, n int, print func(string, float64, string)) error {
	c := clock.System()
	done, failed := make(chan struct{}), make(chan error, 1)
	writes := newTimes()
	go func() {
		defer close(failed)
		for i := n; ; i++ {
			select {
			case <-done:
				return
			default:
			}
			start := c.Now()
			if err := x.Upsert(docs.doc(i%n + n/2)); err != nil {
				failed <- err
				return
			}
			writes.add("", c.Now().Sub(start))
		}
	}()
	reads := newTimes()
	r := rand.New(rand.NewPCG(8, uint64(n)))
	for range 20 {
		for _, q := range questions(r) {
			start := c.Now()
			if _, err := x.Search(q.q); err != nil {
				close(done)
				return err
			}
			reads.add("", c.Now().Sub(start))
		}
	}
	close(done)
	err := <-failed
	print("p99_under_writes", ms(reads.quantile(0.99)), "ms")
	print("upsert_p50", ms(writes.quantile(0.5)), "ms")
	print("upsert_p99", ms(writes.quantile(0.99)), "ms")
	return err
}

func (c corpus) all(n int) iter.Seq2[search.Doc, error] {
	return func(yield func(search.Doc, error) bool) {
		for i := range n {
			if !yield(c.doc(i), nil) {
				return
			}
		}
	}
}

// times collects durations by kind.
type times struct {
	all    []time.Duration
	byKind map[string][]time.Duration
}

func newTimes() *times { return &times{byKind: map[string][]time.Duration{}} }

func (t *times) add(kind string, d time.Duration) {
	t.all = append(t.all, d)
	t.byKind[kind] = append(t.byKind[kind], d)
}

func (t *times) quantile(q float64) time.Duration { return quantile(t.all, q) }

func quantile(ds []time.Duration, q float64) time.Duration {
	if len(ds) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(ds))
	return s[min(len(s)-1, int(q*float64(len(s))))]
}

func (t *times) print(w io.Writer, who string, n int) {
	kinds := make([]string, 0, len(t.byKind))
	for k := range t.byKind {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	for _, k := range kinds {
		fmt.Fprintf(w, "# %s %d %-22s p50 %8.3f ms  max %8.3f ms\n", who, n, k, ms(quantile(t.byKind[k], 0.5)), ms(quantile(t.byKind[k], 1)))
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
