package facetest

import (
	"context"
	"strings"
	"sync"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
)

// Statements is what the house asks of its database.
type Statements struct {
	mu  sync.Mutex
	all []string
}

// BeforeQuery is bun's.
func (s *Statements) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

// AfterQuery is bun's.
func (s *Statements) AfterQuery(_ context.Context, e *bun.QueryEvent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, e.Query)
}

// Take gives what was asked since the last Take.
func (s *Statements) Take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.all
	s.all = nil
	return all
}

// Statements watches the house's database from now on.
func (h *House) Statements() *Statements {
	s := &Statements{}
	for _, pool := range []bun.IDB{h.DB.Reader(h.T.Context()), h.DB.Writer(h.T.Context())} {
		if d, ok := pool.(*bun.DB); ok {
			*d = *d.WithQueryHook(s)
		}
	}
	return s
}

// Reads loads a page a second time, when caches are full, and demands that it
// asks at most so many statements and writes nothing.
func (s *Statements) Reads(b *Browser, path string, most int) Screen {
	t := b.h.T
	t.Helper()
	b.Get(path)
	s.Take()
	page := b.Get(path)
	all := s.Take()
	t.Logf("%-60s %d statements", path, len(all))
	require.Equal(t, 200, page.Code, path)
	require.LessOrEqual(t, len(all), most, "%s asks\n%s", path, strings.Join(all, "\n"))
	for _, q := range all {
		require.Regexp(t, `^\s*\(*(SELECT|WITH)\b`, q, "%s only reads", path)
	}
	return page
}
