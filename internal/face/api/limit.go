package api

import (
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/time/rate"

	"gonghui/internal/core/access"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// The pace at which one token, one account or one address may call.
const (
	perSecond = 20
	burst     = 100
	keepFor   = 10 * time.Minute // an idle caller is forgotten
	maxKnown  = 50_000           // callers remembered at once, so that memory is bounded
)

// limiter is a token bucket for each caller. Each process counts by itself.
type limiter struct {
	clock clock.Clock
	mu    sync.Mutex
	known map[string]*bucket
	swept time.Time
	rate  rate.Limit
	burst int
}

// bucket is one caller's.
type bucket struct {
	*rate.Limiter
	seen time.Time
}

func newLimiter(c clock.Clock) *limiter {
	return &limiter{clock: c, known: map[string]*bucket{}, rate: perSecond, burst: burst}
}

// wait tells how long the caller has to wait; zero = go on.
func (l *limiter) wait(who string) time.Duration {
	now := l.clock.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.swept) > keepFor || len(l.known) >= maxKnown {
		l.swept = now
		for k, c := range l.known {
			if now.Sub(c.seen) > keepFor || c.TokensAt(now) >= float64(l.burst) {
				delete(l.known, k) // a full bucket is as good as a new one
			}
		}
	}
	c, ok := l.known[who]
	if !ok {
		c = &bucket{Limiter: rate.NewLimiter(l.rate, l.burst)}
		l.known[who] = c
	}
	c.seen = now
	r := c.ReserveN(now, 1)
	d := r.DelayFrom(now)
	if d > 0 {
		r.CancelAt(now)
	}
	return d
}

func (s *server) limit(ctx huma.Context, next func(huma.Context)) {
	who := "ip:" + web.Address(ctx.Context())
	if a, ok := access.From(ctx.Context()); ok {
		who = "account:" + a.AccountID
		if a.TokenID != "" {
			who = "token:" + a.TokenID
		}
	}
	if d := s.pace.wait(who); d > 0 {
		refuse(ctx, fault.New(fault.RateLimited, "api.too_many", fault.After(max(d, time.Second))))
		return
	}
	next(ctx)
}
