package org

import (
	"context"
	"slices"
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
	refreshLimit = 5 * time.Second
)

// Service keeps the tree. It is safe for concurrent use once Load or Seed has
// been called; before that every read answers "no such unit".
type Service struct {
	db    *db.DB
	clock clock.Clock
	store store

	tree      atomic.Pointer[tree]
	checkedAt atomic.Int64    // µs since 1970, of the last look at the settings row
	mu        sync.Mutex      // who replaces the tree
	own       context.Context // for looking at the settings row; set by Load
}

// New gives a service on a migrated database. It reads nothing yet.
func New(d *db.DB, c clock.Clock) *Service {
	return &Service{db: d, clock: c, store: store{d}}
}

// Load reads the tree. A program calls it, or Seed, at start-up and outside a
// transaction. Later refreshes are the service's own work: they keep the values
// of this context but do not end with it.
func (s *Service) Load(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.own = context.WithoutCancel(ctx)
	return s.reload(ctx)
}

// reload needs mu.
func (s *Service) reload(ctx context.Context) error {
	// The mark is taken before the units are read: a change in between makes the
	// tree look older than it is, and it is read once more.
	version, err := s.store.version(ctx)
	if err != nil {
		return err
	}
	units, err := s.store.all(ctx)
	if err != nil {
		return err
	}
	t := buildTree(units)
	t.version = version
	s.tree.Store(t)
	s.checkedAt.Store(s.clock.Now().UnixMicro())
	return nil
}

// current gives the tree to read from. It takes no lock; once a second one
// reader looks whether another process has changed the tree.
func (s *Service) current() *tree {
	t := s.tree.Load()
	if t == nil {
		return empty
	}
	if !s.checkIsDue() || !s.mu.TryLock() {
		return t // another one is looking, and this tree is a second old at most
	}
	defer s.mu.Unlock()
	if !s.checkIsDue() {
		return s.tree.Load()
	}
	s.checkedAt.Store(s.clock.Now().UnixMicro())
	ctx, cancel := context.WithTimeout(s.own, refreshLimit)
	defer cancel()
	if version, err := s.store.version(ctx); err == nil && version != t.version {
		_ = s.reload(ctx) // without an answer the last tree known stays
	}
	return s.tree.Load()
}

var empty = buildTree(nil)

func (s *Service) checkIsDue() bool {
	return s.clock.Now().Sub(time.UnixMicro(s.checkedAt.Load())) >= checkEvery
}

// change runs a change of the tree, one at a time in the whole installation. fn
// gives the units as they are after it; readers of this process see them as soon
// as they are committed.
func (s *Service) change(ctx context.Context, fn func(ctx context.Context) ([]Unit, error)) error {
	return s.db.InTx(ctx, func(ctx context.Context) error {
		// Writing the row first makes it the lock on which changes queue.
		if err := s.store.touch(ctx, s.clock.Now()); err != nil {
			return err
		}
		changed, err := fn(ctx)
		if err == nil {
			db.AfterCommit(ctx, func() { s.publish(changed) })
		}
		return err
	})
}

// publish puts committed units into the tree. It keeps the tree's mark, so that
// the next look reads everything anew: changes of others may lie in between.
func (s *Service) publish(changed []Unit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tree.Load()
	if t == nil {
		return // the first Load will read them
	}
	units := slices.Clone(t.units)
	for _, u := range changed {
		i, ok := t.byID[u.ID]
		switch {
		case !ok:
			units = append(units, u)
		case units[i].Version < u.Version: // two commits may be published in either order
			units[i] = u
		}
	}
	fresh := buildTree(units)
	fresh.version = t.version
	s.tree.Store(fresh)
}
