package ledger

import (
	"context"
	"fmt"

	"gonghui/internal/base/db"
)

// groupMax is how many entries are committed together. They wait for one fsync,
// and nobody waits for more than two.
const groupMax = 512

// group is who waits to be posted in one city.
type group struct {
	waiting []*waiter
	busy    bool // somebody is committing
}

type waiter struct {
	*request
	done chan struct{}
}

// grouped commits a request together with those that come while another group is
// being written: the first starts at once, so nobody waits for company.
func (s *Service) grouped(ctx context.Context, r *request) (Entry, error) {
	w := &waiter{request: r, done: make(chan struct{})}
	city := r.entry.City
	s.mu.Lock()
	g := s.groups[city]
	if g == nil {
		g = &group{}
		s.groups[city] = g
	}
	g.waiting = append(g.waiting, w)
	first := !g.busy
	g.busy = true
	s.mu.Unlock()
	if first {
		// Others are served too, so the work does not end with this caller.
		go s.commitAll(context.WithoutCancel(ctx), city, g)
	}
	select {
	case <-w.done:
		return w.answer()
	case <-ctx.Done():
		return Entry{}, db.Fault(ctx.Err()) // the key tells later whether it was booked
	}
}

// commitAll commits groups until nobody waits.
func (s *Service) commitAll(ctx context.Context, city string, g *group) {
	for {
		s.mu.Lock()
		n := min(len(g.waiting), groupMax)
		if n == 0 {
			g.busy = false
			delete(s.groups, city)
			s.mu.Unlock()
			return
		}
		part := g.waiting[:n:n]
		g.waiting = g.waiting[n:]
		s.mu.Unlock()
		s.commit(ctx, city, part)
	}
}

// commit writes one group. Where the group as a whole fails, each is tried by
// itself, so that a bad entry fails alone.
func (s *Service) commit(ctx context.Context, city string, part []*waiter) {
	defer func() {
		for _, w := range part {
			close(w.done)
		}
	}()
	list := make([]*request, len(part))
	for i, w := range part {
		list[i] = w.request
	}
	err := s.commitTogether(ctx, city, list)
	if err == nil {
		return
	}
	for _, r := range list {
		if len(list) > 1 {
			err = s.commitTogether(ctx, city, []*request{r})
		}
		if err != nil {
			r.err = err
		}
	}
}

func (s *Service) commitTogether(ctx context.Context, city string, list []*request) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = internal(fmt.Errorf("posting: %v", p))
		}
	}()
	return s.db.InTx(ctx, func(ctx context.Context) error { return s.book(ctx, city, list) })
}
