package org

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/clock"
)

const (
	// checkEvery is how often a read asks whether another process changed the tree.
	checkEvery = time.Second
	// refreshLimit bounds that question; a tree a moment old beats a page that waits.
	refreshLimit = 2 * time.Second
)

// Service keeps the tree. It is safe for concurrent use.
type Service struct {
	db    *db.DB
	clock clock.Clock
	store store

	tree       atomic.Pointer[tree]
	generation atomic.Uint64 // raised after each commit of a change of this process
	checkedAt  atomic.Int64  // µs since 1970, of the last look at the settings row
	mu         sync.Mutex    // one refresh at a time
}

// New gives a service on a migrated database. It reads nothing yet.
func New(d *db.DB, c clock.Clock) *Service {
	return &Service{db: d, clock: c, store: store{d}}
}

// Load reads the tree now. A program calls it at start-up so that a database
// that does not answer is noticed there.
func (s *Service) Load(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reload(ctx)
}

// reload needs mu.
func (s *Service) reload(ctx context.Context) error {
	// Both marks are taken before the units are read: a change in between makes
	// the tree look older than it is, and it is read once more.
	generation := s.generation.Load()
	version, err := s.store.version(ctx)
	if err != nil {
		return err
	}
	units, err := s.store.all(ctx)
	if err != nil {
		return err
	}
	t := buildTree(units)
	t.version, t.generation = version, generation
	s.tree.Store(t)
	s.checkedAt.Store(s.clock.Now().UnixMicro())
	return nil
}

// current gives the tree to read from; the usual way takes no lock.
func (s *Service) current() *tree {
	t := s.tree.Load()
	if t != nil && t.generation == s.generation.Load() && !s.checkIsDue() {
		return t
	}
	return s.refresh(t)
}

func (s *Service) checkIsDue() bool {
	return s.clock.Now().Sub(time.UnixMicro(s.checkedAt.Load())) >= checkEvery
}

// refresh brings the tree up to date. Whoever knows that the tree is old waits;
// whoever only wants to ask lets another one ask.
func (s *Service) refresh(t *tree) *tree {
	if t == nil || t.generation != s.generation.Load() {
		s.mu.Lock()
	} else if !s.mu.TryLock() {
		return t
	}
	defer s.mu.Unlock()
	t = s.tree.Load() // another one may have done it meanwhile
	old := t == nil || t.generation != s.generation.Load()
	if !old && !s.checkIsDue() {
		return t
	}
	// Reading the tree is memory to its callers and takes no context; this
	// refresh is the service's own work and must not die with one request, nor
	// read inside that request's transaction.
	ctx, cancel := context.WithTimeout(context.Background(), refreshLimit)
	defer cancel()
	if !old {
		s.checkedAt.Store(s.clock.Now().UnixMicro())
		version, err := s.store.version(ctx)
		if err != nil || version == t.version {
			return t
		}
	}
	if err := s.reload(ctx); err != nil && t == nil {
		return buildTree(nil) // nothing is known: every answer is "no such unit"
	} else if err != nil {
		return t
	}
	return s.tree.Load()
}

// change runs a change of the tree: one at a time in the whole installation,
// and seen by every reader once it is committed.
func (s *Service) change(ctx context.Context, fn func(ctx context.Context) error) error {
	return s.db.InTx(ctx, func(ctx context.Context) error {
		// Writing the row first makes it the lock on which changes queue.
		if err := s.store.touch(ctx, s.clock.Now()); err != nil {
			return err
		}
		db.AfterCommit(ctx, func() { s.generation.Add(1) })
		return fn(ctx)
	})
}
