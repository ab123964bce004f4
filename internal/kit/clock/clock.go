package clock

import (
	"sync"
	"time"
	_ "time/tzdata" // the zone must be known on machines without a zone database
)

// Clock tells the present instant, always in UTC.
type Clock interface{ Now() time.Time }

// Shanghai is the civil time zone of the product (UTC+8).
var Shanghai = mustZone("Asia/Shanghai")

func mustZone(name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // the zone database is linked into the program
	}
	return l
}

type system struct{}

func (system) Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// System is the machine's clock, in UTC, cut to microseconds: the finest that
// both databases keep.
func System() Clock { return system{} }

// Fake is a clock moved by hand. It is safe for concurrent use.
type Fake struct {
	mu  sync.Mutex
	now time.Time
}

// NewFake starts a fake clock at t.
func NewFake(t time.Time) *Fake { return &Fake{now: t.UTC()} }

// Now gives the fake present.
func (f *Fake) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// Set moves the present to t.
func (f *Fake) Set(t time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = t.UTC()
}

// Advance moves the present forward by d.
func (f *Fake) Advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}
