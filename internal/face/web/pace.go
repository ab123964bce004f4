package web

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"gonghui/internal/core/access"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// The pace at which one token, one account or one address may call the API and
// send forms. Pages are read without a limit of ours.
const (
	PerSecond = 20
	Burst     = 100
)

const (
	keepFor  = 10 * time.Minute // an idle caller is forgotten
	maxKnown = 50_000           // callers remembered at once, so that memory is bounded
)

// Pace is a token bucket for each caller. Each process counts by itself.
type Pace struct {
	clock clock.Clock
	mu    sync.Mutex
	known map[string]*bucket
	swept time.Time
}

// bucket is one caller's.
type bucket struct {
	*rate.Limiter
	seen time.Time
}

// NewPace makes one for which nobody has called yet.
func NewPace(c clock.Clock) *Pace { return &Pace{clock: c, known: map[string]*bucket{}} }

// Keep lets the caller of this context go on. Fault: RateLimited with the code
// given and the time to wait.
func (p *Pace) Keep(ctx context.Context, code string) error {
	who := "ip:" + Address(ctx)
	if a, ok := access.From(ctx); ok {
		who = "account:" + a.AccountID
		if a.TokenID != "" {
			who = "token:" + a.TokenID
		}
	}
	if d := p.wait(who); d > 0 {
		return fault.New(fault.RateLimited, code, fault.After(max(d, time.Second)))
	}
	return nil
}

// wait tells how long the caller has to wait; zero = go on.
func (p *Pace) wait(who string) time.Duration {
	now := p.clock.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.swept) > keepFor || len(p.known) >= maxKnown {
		p.swept = now
		for k, c := range p.known {
			if now.Sub(c.seen) > keepFor || c.TokensAt(now) >= Burst {
				delete(p.known, k) // a full bucket is as good as a new one
			}
		}
	}
	c, ok := p.known[who]
	if !ok {
		c = &bucket{Limiter: rate.NewLimiter(PerSecond, Burst)}
		p.known[who] = c
	}
	c.seen = now
	r := c.ReserveN(now, 1)
	d := r.DelayFrom(now)
	if d > 0 {
		r.CancelAt(now)
	}
	return d
}
