package account

import (
	"sync"
	"time"

	"gonghui/internal/kit/clock"
)

// maxWindowKeys bounds the memory an attacker with many addresses can fill.
const maxWindowKeys = 100_000

// window counts events by key in fixed spans of time, in memory: it protects
// one running program and forgets at a restart. What must hold for ever is
// counted in the database.
type window struct {
	clock clock.Clock
	limit int
	span  time.Duration

	mu   sync.Mutex
	seen map[string]*count
}

type count struct {
	n     int
	until time.Time
}

func newWindow(c clock.Clock, limit int, span time.Duration) *window {
	return &window{clock: c, limit: limit, span: span, seen: map[string]*count{}}
}

// take counts one event of key, and tells how long to wait when there were
// too many. The empty key is not counted: work of the house has no address.
func (w *window) take(key string) (wait time.Duration, ok bool) {
	if key == "" {
		return 0, true
	}
	now := w.clock.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.seen[key]
	if c == nil || !c.until.After(now) {
		if len(w.seen) >= maxWindowKeys {
			w.sweep(now)
		}
		c = &count{until: now.Add(w.span)}
		w.seen[key] = c
	}
	if c.n >= w.limit {
		return c.until.Sub(now), false
	}
	c.n++
	return 0, true
}

// giveBack takes back one event that take counted: it was none after all.
func (w *window) giveBack(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c := w.seen[key]; c != nil && c.n > 0 {
		c.n--
	}
}

// sweep drops what is over and, if all is fresh, everything: to count anew is
// better than to stop serving.
func (w *window) sweep(now time.Time) {
	for k, c := range w.seen {
		if !c.until.After(now) {
			delete(w.seen, k)
		}
	}
	if len(w.seen) >= maxWindowKeys {
		clear(w.seen)
	}
}
