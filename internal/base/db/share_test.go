package db

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
)

// crowd is a database whose writer is held until everybody queues for it.
type crowd struct {
	*DB
	t       *testing.T
	release chan struct{}
	wg      sync.WaitGroup
	queued  int
}

func gather(t *testing.T) *crowd {
	t.Helper()
	d, err := Open(t.Context(), Config{URL: filepath.Join(t.TempDir(), "a.db")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	_, err = d.Pool().ExecContext(t.Context(), "CREATE TABLE t (a text PRIMARY KEY)")
	require.NoError(t, err)
	c := &crowd{DB: d, t: t, release: make(chan struct{})}
	held := make(chan struct{})
	c.wg.Go(func() {
		if err := d.InTx(t.Context(), func(context.Context) error {
			close(held)
			<-c.release
			return nil
		}); err != nil {
			t.Error(err)
		}
	})
	<-held
	return c
}

// next queues a transaction behind the others and gives its result when over.
func (c *crowd) next(ctx context.Context, fn func(ctx context.Context) error) (result *error) {
	result = new(error)
	c.wg.Go(func() { *result = c.InTx(ctx, fn) })
	c.queued++
	c.wait()
	return result
}

// wait waits until as many queue as should.
func (c *crowd) wait() {
	for n := -1; n != c.queued; runtime.Gosched() {
		c.turns.mu.Lock()
		n = len(c.turns.waiting)
		c.turns.mu.Unlock()
	}
}

// run lets all who queue do their work.
func (c *crowd) run() {
	close(c.release)
	c.wg.Wait()
	require.False(c.t, c.turns.taken)
	require.Empty(c.t, c.turns.waiting)
}

func (c *crowd) put(ctx context.Context, a string) error {
	_, err := c.Writer(ctx).NewRaw("INSERT INTO t (a) VALUES (?)", a).Exec(ctx)
	return err
}

func (c *crowd) all() []string {
	var out []string
	require.NoError(c.t, c.Reader(c.t.Context()).NewRaw("SELECT a FROM t ORDER BY a").Scan(c.t.Context(), &out))
	return out
}

func txOf(ctx context.Context) bun.Tx { return ctx.Value(txKey{}).(*txState).tx }

// Who queues for the writer shares one transaction; what one undoes, what panics
// and who gives up waiting disturb nobody.
func TestWhoQueuesSharesACommit(t *testing.T) {
	c := gather(t)
	ctx := t.Context()
	var shared []bun.Tx
	boom := errors.New("boom")
	var told atomic.Int64 // each hears in its own goroutine
	write := func(a string, result error) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			AfterCommit(ctx, func() { told.Add(1) })
			shared = append(shared, txOf(ctx))
			if err := c.put(ctx, a); err != nil {
				return err
			}
			return c.InTx(ctx, func(ctx context.Context) error { // joins
				if err := c.put(ctx, a+a); err != nil {
					return err
				}
				return result
			})
		}
	}
	one := c.next(ctx, write("a", nil))
	two := c.next(ctx, write("b", boom))
	three := c.next(ctx, func(ctx context.Context) error {
		var n int
		if err := c.Reader(ctx).NewRaw("SELECT count(*) FROM t").Scan(ctx, &n); err != nil || n != 2 {
			return fmt.Errorf("sees %d rows: %w", n, err)
		}
		return write("c", nil)(ctx)
	})
	impatient, giveUp := context.WithCancel(ctx)
	four := c.next(impatient, write("d", nil))
	five := c.next(ctx, write("a", nil)) // taken by the first, whom it sees
	var panicked any
	six := c.next(ctx, func(ctx context.Context) error { return c.put(ctx, "f") })
	c.wg.Go(func() {
		defer func() { panicked = recover() }()
		_ = c.InTx(ctx, func(ctx context.Context) error {
			_ = c.put(ctx, "g")
			panic("in the middle")
		})
	})
	c.queued++
	c.wait()
	eight := c.next(ctx, write("h", nil))
	giveUp()
	c.queued--
	c.wait()
	c.run()
	require.NoError(t, *one)
	require.ErrorIs(t, *two, boom)
	require.NoError(t, *three)
	require.ErrorIs(t, *four, context.Canceled)
	require.True(t, Unique(*five, "t", "a"), "%v", *five)
	require.NoError(t, *six)
	require.Equal(t, "in the middle", panicked)
	require.NoError(t, *eight)
	require.Equal(t, []string{"a", "aa", "c", "cc", "f", "h", "hh"}, c.all())
	require.EqualValues(t, 3, told.Load(), "whose work was committed hears of it")
	for _, tx := range shared {
		require.Equal(t, shared[0].Tx, tx.Tx, "one transaction for all")
	}
}

// When SQLite rolls the shared transaction back because of one, the others do
// their work again; nothing is lost and nothing done twice.
func TestALostCommitIsDoneAgain(t *testing.T) {
	c := gather(t)
	ctx := t.Context()
	ran := map[string]int{}
	write := func(a string) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			ran[a]++
			return c.put(ctx, a)
		}
	}
	one := c.next(ctx, write("a"))
	two := c.next(ctx, write("b"))
	three := c.next(ctx, func(ctx context.Context) error {
		ran["lost"]++
		if ran["lost"] > 1 {
			return c.put(ctx, "c")
		}
		// What an interrupted write or a full disk does to the transaction.
		_, err := txOf(ctx).Tx.ExecContext(ctx, "ROLLBACK")
		return err
	})
	four := c.next(ctx, write("d"))
	c.run()
	for _, err := range []*error{one, two, three, four} {
		require.NoError(t, *err)
	}
	require.Equal(t, []string{"a", "b", "c", "d"}, c.all())
	require.Equal(t, map[string]int{"a": 2, "b": 2, "lost": 2, "d": 1}, ran)
}

// Long work has a transaction to itself, and a commit is not shared by too many.
func TestUnshared(t *testing.T) {
	c := gather(t)
	ctx := t.Context()
	var order []bun.Tx
	write := func(a string) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			order = append(order, txOf(ctx))
			return c.put(ctx, a)
		}
	}
	var results []*error
	for i := range 2 {
		results = append(results, c.next(ctx, write(fmt.Sprint("a", i))))
	}
	results = append(results, c.next(Unshared(ctx), write("long")))
	for i := range mostShare + 1 {
		results = append(results, c.next(ctx, write(fmt.Sprint("b", i))))
	}
	c.run()
	for _, err := range results {
		require.NoError(t, *err)
	}
	require.Len(t, c.all(), len(results))
	require.Equal(t, order[0].Tx, order[1].Tx)
	require.NotEqual(t, order[1].Tx, order[2].Tx)
	require.NotEqual(t, order[2].Tx, order[3].Tx)
	require.Equal(t, order[3].Tx, order[2+mostShare].Tx)
	require.NotEqual(t, order[3].Tx, order[3+mostShare].Tx)
}

// Many writers at once: each gets its own answer, whatever it shares.
func TestManyAtOnceShare(t *testing.T) {
	c := gather(t)
	const writers, each = 8, 50
	close(c.release)
	odd := errors.New("odd")
	for w := range writers {
		c.wg.Go(func() {
			for i := range each {
				a := fmt.Sprintf("%d-%03d", w, i)
				ctx, cancel := context.WithCancel(t.Context())
				err := c.InTx(ctx, func(ctx context.Context) error {
					if err := c.put(ctx, a); err != nil {
						return err
					}
					if i%5 == 1 {
						return odd
					}
					if i%5 == 2 {
						cancel() // the request is given up
						return c.put(ctx, a+"x")
					}
					return nil
				})
				switch i % 5 {
				case 1:
					if !errors.Is(err, odd) {
						t.Errorf("%s: %v", a, err)
					}
				case 2:
					if err == nil {
						t.Errorf("%s was given up", a)
					}
				default:
					if err != nil {
						t.Errorf("%s: %v", a, err)
					}
				}
				cancel()
			}
		})
	}
	c.wg.Wait()
	require.Len(t, c.all(), writers*each*3/5)
	for _, a := range c.all() {
		require.NotContains(t, []byte{'1', '2', '6', '7'}, a[len(a)-1], a)
	}
}
