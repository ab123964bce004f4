package web

import (
	"context"
	"sync"
	"time"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// workWithin bounds the work of one sending. It goes on when the sender has hung
// up: a phone that changes its network in the moment of the tap, or a second tap
// that ends the first, would otherwise take back what was already sent.
const workWithin = 3 * time.Minute // as long as the server lets an answer take

// begunFor is how long a repeated sign-in is given the session of the first.
const begunFor = time.Minute

// maxBegun bounds the sessions that are remembered for repeated sign-ins.
const maxBegun = 10_000

// sendings are the forms this process is working on. A second sending of the same
// form waits for the first and is then answered like it. It may be the only one
// whose answer arrives, so it also gets the session that the first has begun.
type sendings struct {
	clock clock.Clock
	mu    sync.Mutex
	busy  map[string]chan struct{} // by receipt; closed when the sending is answered
	begun map[string]begun         // by receipt and cookie of the sender
}

type begun struct {
	session string // the new cookie; kept in memory only, never written down
	until   time.Time
}

func newSendings(c clock.Clock) *sendings {
	return &sendings{clock: c, busy: map[string]chan struct{}{}, begun: map[string]begun{}}
}

// enter waits until nobody else works on the receipt; leave must be called.
// Fault: Conflict "account.form_busy" when that takes longer than ctx allows.
func (s *sendings) enter(ctx context.Context, receipt string) (leave func(), err error) {
	mine := make(chan struct{})
	for {
		s.mu.Lock()
		other, taken := s.busy[receipt]
		if !taken {
			s.busy[receipt] = mine
			s.mu.Unlock()
			return func() {
				s.mu.Lock()
				delete(s.busy, receipt)
				s.mu.Unlock()
				close(mine)
			}, nil
		}
		s.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
			return nil, fault.New(fault.Conflict, "account.form_busy", fault.Because(ctx.Err()))
		}
	}
}

// keep remembers that a sending has begun a session.
func (s *sendings) keep(receipt, cookie, session string) {
	now := s.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.begun) >= maxBegun {
		for k, b := range s.begun {
			if !b.until.After(now) {
				delete(s.begun, k)
			}
		}
		if len(s.begun) >= maxBegun {
			clear(s.begun) // a second tap then signs in once more by hand
		}
	}
	s.begun[receipt+"\n"+cookie] = begun{session, now.Add(begunFor)}
}

// session gives the one that the first sending of the receipt, with the same
// cookie, has begun.
func (s *sendings) session(receipt, cookie string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.begun[receipt+"\n"+cookie]
	return b.session, ok && b.until.After(s.clock.Now())
}
