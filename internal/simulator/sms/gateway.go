package sms

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"gonghui/internal/core/notice"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// Faults says how often what goes wrong. Rates are between 0 and 1.
type Faults struct {
	Refuse     float64       // answered: never (fault Invalid "sms.refused")
	Busy       float64       // answered: later (fault Unavailable "sms.busy")
	AnswerLost float64       // accepted, but the caller gets an error
	Twice      float64       // delivered twice
	Lose       float64       // accepted, never delivered
	Delay      time.Duration // until an accepted message reaches the phone
	ForgetKeys bool          // the same Key is delivered again
}

// Outcome is what became of a call.
type Outcome string

// The outcomes.
const (
	Accepted   Outcome = "accepted"
	Refused    Outcome = "refused"
	Busy       Outcome = "busy"
	AnswerLost Outcome = "answer_lost"
	Repeated   Outcome = "repeated" // a Key accepted before
	Lost       Outcome = "lost"     // accepted, and will not arrive
)

// Call is one message handed to the gateway.
type Call struct {
	notice.Message
	At      time.Time
	Outcome Outcome
}

// Arrival is one message on a phone.
type Arrival struct {
	notice.Message
	At time.Time
}

// Gateway is the simulator. It is safe for concurrent use.
type Gateway struct {
	clock clock.Clock

	mu       sync.Mutex
	rnd      *rand.Rand
	faults   Faults
	accepted map[string]bool
	calls    []Call
	arrivals []Arrival
}

var _ notice.Gateway = (*Gateway)(nil)

// New makes a gateway whose faults are drawn from the seed.
func New(c clock.Clock, seed uint64, f Faults) *Gateway {
	return &Gateway{clock: c, rnd: rand.New(rand.NewPCG(seed, 0x5353)), faults: f, accepted: map[string]bool{}}
}

// Set changes the faults from the next call on.
func (g *Gateway) Set(f Faults) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.faults = f
}

var errAnswerLost = errors.New("connection reset while waiting for the gateway's answer")

// Send takes a message, or fails as the faults have it.
func (g *Gateway) Send(ctx context.Context, m notice.Message) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	// Every call draws all its lots, so that one fault's rate does not move
	// another's sequence.
	refuse, busy, answer, twice, lose := g.draw(g.faults.Refuse), g.draw(g.faults.Busy), g.draw(g.faults.AnswerLost), g.draw(g.faults.Twice), g.draw(g.faults.Lose)
	call := Call{Message: m, At: g.clock.Now()}
	err := g.judge(&call, refuse, busy, answer, twice, lose)
	g.calls = append(g.calls, call)
	return err
}

func (g *Gateway) judge(call *Call, refuse, busy, answer, twice, lose bool) error {
	switch {
	case g.accepted[call.Key] && !g.faults.ForgetKeys:
		call.Outcome = Repeated
		return nil
	case refuse:
		call.Outcome = Refused
		return fault.New(fault.Invalid, "sms.refused")
	case busy:
		call.Outcome = Busy
		return fault.New(fault.Unavailable, "sms.busy")
	}
	g.accepted[call.Key] = true
	call.Outcome = Accepted
	if lose {
		call.Outcome = Lost
	} else {
		arrival := Arrival{Message: call.Message, At: call.At.Add(g.faults.Delay)}
		g.arrivals = append(g.arrivals, arrival)
		if twice {
			g.arrivals = append(g.arrivals, arrival)
		}
	}
	if answer {
		call.Outcome = AnswerLost
		return errAnswerLost
	}
	return nil
}

func (g *Gateway) draw(rate float64) bool { return g.rnd.Float64() < rate }

// Calls gives every call so far.
func (g *Gateway) Calls() []Call {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]Call{}, g.calls...)
}

// Phone gives what has reached a phone by now, the oldest first.
func (g *Gateway) Phone(number string) []Arrival {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := []Arrival{}
	for _, a := range g.arrivals {
		if a.To == number && !a.At.After(g.clock.Now()) {
			out = append(out, a)
		}
	}
	return out
}

// Last gives the text that reached a phone last; false when none has.
func (g *Gateway) Last(number string) (string, bool) {
	got := g.Phone(number)
	if len(got) == 0 {
		return "", false
	}
	return got[len(got)-1].Text, true
}
