package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/uptrace/bun"
)

// SQLite has one writer, and each of its transactions ends with waiting for the
// disk. Those who queue for the writer therefore share that end: each does its
// work in turn, behind a savepoint in one transaction, and all hear of the commit
// together. What one of them undoes is undone alone. Whoever finds nobody waiting
// has a transaction to itself.

// mostShare is how many share one commit.
const mostShare = 32

// errLost is what those hear whose shared transaction was rolled back by SQLite
// because of another one (its request was given up in the middle of a write, the
// disk was full): they do their work again, alone.
var errLost = errors.New("the shared transaction was lost")

type unsharedKey struct{}

// Unshared keeps the transactions of ctx from sharing a commit. It is for work on
// many rows, so that nobody waits for it who has done his own.
func Unshared(ctx context.Context) context.Context {
	return context.WithValue(ctx, unsharedKey{}, true)
}

// turns is the queue for the writer.
type turns struct {
	mu      sync.Mutex
	taken   bool
	waiting []waiter
}

type waiter struct {
	unshared bool
	turn     chan *shared // gives the transaction to join, nil for none
}

// shared is a transaction of several.
type shared struct {
	tx   bun.Tx
	n    int  // who had a turn in it
	lost bool // SQLite has rolled it back
	over chan struct{}
	err  error // read when over
}

// take waits for the turn. alone tells that nobody waits behind.
func (t *turns) take(ctx context.Context, unshared bool) (join *shared, alone bool, err error) {
	t.mu.Lock()
	if !t.taken {
		t.taken = true
		t.mu.Unlock()
		return nil, true, nil
	}
	w := waiter{unshared, make(chan *shared, 1)}
	t.waiting = append(t.waiting, w)
	t.mu.Unlock()
	select {
	case join = <-w.turn:
	case <-ctx.Done():
		t.mu.Lock()
		i := slices.IndexFunc(t.waiting, func(x waiter) bool { return x.turn == w.turn })
		if i >= 0 {
			t.waiting = slices.Delete(t.waiting, i, i+1)
		}
		t.mu.Unlock()
		if i >= 0 {
			return nil, false, ctx.Err()
		}
		join = <-w.turn // it came at the same moment and has to be passed on
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return join, unshared || len(t.waiting) == 0, nil
}

// pass gives the turn to who waits longest. A shared transaction is passed on only
// to one who shares; else the answer is false, and it has to be ended first.
func (t *turns) pass(s *shared) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s != nil && (s.lost || s.n >= mostShare || len(t.waiting) == 0 || t.waiting[0].unshared) {
		return false
	}
	if len(t.waiting) == 0 {
		t.taken = false
		return true
	}
	w := t.waiting[0]
	t.waiting = slices.Delete(t.waiting, 0, 1)
	w.turn <- s
	return true
}

// inTurn runs fn in a transaction on SQLite.
func (d *DB) inTurn(ctx context.Context, fn func(ctx context.Context) error) error {
	unshared := ctx.Value(unsharedKey{}) != nil
	s, alone, err := d.turns.take(ctx, unshared)
	if err != nil {
		return Fault(fmt.Errorf("wait for the writer: %w", err))
	}
	if s == nil && alone {
		defer d.turns.pass(nil)
		return d.once(ctx, fn)
	}
	if s == nil {
		// It outlives the request that begins it.
		tx, err := d.write.BeginTx(context.WithoutCancel(ctx), nil)
		if err != nil {
			d.turns.pass(nil)
			return Fault(fmt.Errorf("begin: %w", err))
		}
		s = &shared{tx: tx, over: make(chan struct{})}
	}
	st := &txState{db: d, tx: s.tx}
	if err := d.share(context.WithValue(ctx, txKey{}, st), s, fn); err != nil {
		return err
	}
	<-s.over
	if s.err != nil {
		return s.err
	}
	for _, f := range st.after {
		f()
	}
	return nil
}

// share does one's work in a shared transaction and passes the turn on.
func (d *DB) share(ctx context.Context, s *shared, fn func(ctx context.Context) error) (err error) {
	done := false
	defer func() {
		if !done { // an error, or a panic on its way
			s.exec(ctx, "ROLLBACK TO one_of_many")
			s.exec(ctx, "RELEASE one_of_many")
		}
		s.n++
		if !d.turns.pass(s) {
			s.end()
			d.turns.pass(nil)
		}
	}()
	if err := s.exec(ctx, "SAVEPOINT one_of_many"); err != nil {
		return err
	}
	if err := fn(ctx); err != nil {
		return err
	}
	err = s.exec(ctx, "RELEASE one_of_many")
	done = true
	return err
}

// exec runs a statement about the transaction itself. One that fails tells that
// the transaction is no more.
func (s *shared) exec(ctx context.Context, statement string) error {
	if s.lost {
		return errLost
	}
	if _, err := s.tx.Tx.ExecContext(context.WithoutCancel(ctx), statement); err != nil {
		s.lost = true
		return errors.Join(errLost, err)
	}
	return nil
}

// end commits for all, or says that there is nothing left to commit.
func (s *shared) end() {
	defer close(s.over)
	if s.lost {
		_ = s.tx.Rollback() // SQLite was faster
		s.err = errLost
		return
	}
	if err := s.tx.Commit(); err != nil {
		s.err = Fault(fmt.Errorf("commit: %w", err))
	}
}
