package queue

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/base/telemetry"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

var noon = time.Date(2020, 7, 20, 4, 0, 0, 0, time.UTC)

func each(t *testing.T, test func(t *testing.T, q *Queue, c *clock.Fake)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.NewFake(noon)
		q := New(d, c, telemetry.Quiet())
		require.NoError(t, q.Migrate(t.Context()))
		test(t, q, c)
	})
}

func TestAddInsideTheTransaction(t *testing.T) {
	each(t, func(t *testing.T, q *Queue, _ *clock.Fake) {
		ctx := t.Context()
		var mu sync.Mutex
		var got []string
		q.Handle("test.note", func(ctx context.Context, payload []byte) error {
			s, err := db.ScopeFrom(ctx)
			if err != nil || s.System != "job:test.note" {
				t.Errorf("scope %v %v", s, err)
			}
			var p struct{ Word string }
			if err := json.Unmarshal(payload, &p); err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			got = append(got, p.Word)
			return nil
		})
		word := func(s string) any { return map[string]string{"Word": s} }
		require.NoError(t, q.db.InTx(ctx, func(ctx context.Context) error { return q.Add(ctx, "test.note", word("kept 济南"), Opts{}) }))
		boom := errors.New("boom")
		require.ErrorIs(t, q.db.InTx(ctx, func(ctx context.Context) error {
			require.NoError(t, q.Add(ctx, "test.note", word("undone"), Opts{}))
			return boom
		}), boom)
		require.NoError(t, q.Add(ctx, "test.note", word("alone"), Opts{}))
		d, err := q.Depth(ctx)
		require.NoError(t, err)
		require.Equal(t, Depth{Waiting: 2, Oldest: noon}, d)
		require.NoError(t, q.RunDue(ctx))
		require.ElementsMatch(t, []string{"kept 济南", "alone"}, got)
		require.True(t, fault.HasCode(q.Add(ctx, "test.note", func() {}, Opts{}), "queue.payload"))
		require.NoError(t, q.AddMany(ctx, "test.note", nil))
		require.NoError(t, q.Migrate(ctx), "a second migration finds nothing to do")
	})
}

func TestRunAt(t *testing.T) {
	each(t, func(t *testing.T, q *Queue, c *clock.Fake) {
		ctx := t.Context()
		ran := 0
		q.Handle("test.later", func(context.Context, []byte) error { ran++; return nil })
		require.NoError(t, q.Add(ctx, "test.later", nil, Opts{RunAt: noon.Add(time.Hour)}))
		require.NoError(t, q.RunDue(ctx))
		require.Zero(t, ran)
		d, err := q.Depth(ctx)
		require.NoError(t, err)
		require.Equal(t, Depth{Later: 1}, d)
		c.Advance(time.Hour)
		require.NoError(t, q.RunDue(ctx))
		require.Equal(t, 1, ran)
	})
}

func TestUniqueKey(t *testing.T) {
	each(t, func(t *testing.T, q *Queue, _ *clock.Fake) {
		ctx := t.Context()
		var ran []string
		q.Handle("test.index", func(ctx context.Context, payload []byte) error {
			ran = append(ran, string(payload))
			if len(ran) == 1 { // news while the work is going on
				return q.Add(ctx, "test.index", "again", Opts{UniqueKey: "company 1"})
			}
			return nil
		})
		q.Handle("test.other", func(context.Context, []byte) error { ran = append(ran, "other"); return nil })
		for i := range 3 {
			require.NoError(t, q.Add(ctx, "test.index", i, Opts{UniqueKey: "company 1"}))
		}
		require.NoError(t, q.RunDue(ctx))
		require.Equal(t, []string{"0", `"again"`}, ran, "one waiting is enough, but news during the work is not lost")

		ran = []string{"x"}
		require.NoError(t, q.Add(ctx, "test.index", 7, Opts{UniqueKey: "company 1"}))
		require.NoError(t, q.Add(ctx, "test.index", 8, Opts{UniqueKey: "company 2"}))
		require.NoError(t, q.Add(ctx, "test.other", 9, Opts{UniqueKey: "company 1"}))
		d, err := q.Depth(ctx)
		require.NoError(t, err)
		require.EqualValues(t, 3, d.Waiting, "done work may be asked for again; the key belongs to its kind")
	})
}

func TestFailures(t *testing.T) {
	each(t, func(t *testing.T, q *Queue, c *clock.Fake) {
		ctx := t.Context()
		var out syncBuffer
		q.log = telemetry.NewLogger(&out, slog.LevelInfo)
		tries := map[string]int{}
		var mu sync.Mutex
		fail := func(kind string, then error) Handler {
			return func(context.Context, []byte) error {
				mu.Lock()
				defer mu.Unlock()
				if tries[kind]++; tries[kind] < 3 {
					return then
				}
				return nil
			}
		}
		q.Handle("test.flaky", fail("test.flaky", errors.New("no answer for 13800138000")))
		q.Handle("test.hopeless", fail("test.hopeless", GiveUp(errors.New("no such number"))))
		q.Handle("test.panics", func(context.Context, []byte) error {
			mu.Lock()
			defer mu.Unlock()
			if tries["test.panics"]++; tries["test.panics"] < 2 {
				panic("oops")
			}
			return nil
		})
		for kind := range q.handlers {
			require.NoError(t, q.Add(ctx, kind, nil, Opts{}))
		}
		require.NoError(t, q.Add(ctx, "test.unknown", nil, Opts{}))
		require.NoError(t, q.RunDue(ctx))
		require.Equal(t, map[string]int{"test.flaky": 1, "test.hopeless": 1, "test.panics": 1}, tries)
		d, err := q.Depth(ctx)
		require.NoError(t, err)
		require.Equal(t, Depth{Later: 3}, d)
		c.Advance(1200 * time.Millisecond)
		require.NoError(t, q.RunDue(ctx))
		require.Equal(t, map[string]int{"test.flaky": 2, "test.hopeless": 1, "test.panics": 2}, tries)
		require.NoError(t, q.RunDue(ctx))
		require.Equal(t, 2, tries["test.flaky"], "the second pause is longer")
		c.Advance(2400 * time.Millisecond)
		require.NoError(t, q.RunDue(ctx))
		require.Equal(t, 3, tries["test.flaky"])

		var stored []string
		require.NoError(t, q.db.Reader(ctx).NewRaw("SELECT CAST(errors AS text) FROM river_job WHERE kind = 'test.flaky'").Scan(ctx, &stored))
		require.Contains(t, stored[0], "138****8000")
		require.NotContains(t, stored[0], "13800138000", "what is stored with a job holds no number of a person")
		require.Contains(t, out.String(), "job failed and will be tried again")
		require.NotContains(t, out.String(), "13800138000")
		require.NotContains(t, out.String(), "River", "River's chatter stays out of the log")
		require.NotContains(t, out.String(), "JobExecutor: ")
		require.Contains(t, out.String(), "panic: oops")
	})
}

// With HandleOnce a failure undoes the effects, and a job that somebody else
// has taken over meanwhile has none.
func TestHandleOnce(t *testing.T) {
	each(t, func(t *testing.T, q *Queue, c *clock.Fake) {
		ctx := t.Context()
		var tries atomic.Int32
		q.HandleOnce("test.once", func(ctx context.Context, _ []byte) error {
			if !db.InsideTx(ctx) {
				t.Error("not in a transaction")
			}
			if err := bump(ctx, q.db, "once"); err != nil {
				return err
			}
			if tries.Add(1) == 1 {
				return errors.New("after the effect")
			}
			return nil
		})
		value := func() (s string) {
			require.NoError(t, q.db.Reader(ctx).NewRaw("SELECT coalesce(max(value), '') FROM settings WHERE name = 'once'").Scan(ctx, &s))
			return s
		}
		require.NoError(t, q.Add(ctx, "test.once", nil, Opts{}))
		require.NoError(t, q.RunDue(ctx))
		require.Empty(t, value())
		c.Advance(time.Minute)
		require.NoError(t, q.RunDue(ctx))
		require.Equal(t, "1", value())

		for _, stale := range []struct{ id, attempt int }{{1, 1}, {1, 2}, {99, 1}} {
			require.ErrorIs(t, q.hold(ctx, int64(stale.id), stale.attempt), errTakenOver, stale)
		}
	})
}

func TestEveryStartStop(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		q := New(d, clock.System(), telemetry.Quiet())
		require.NoError(t, q.Migrate(ctx))
		ran := make(chan struct{}, 100)
		entered, leave := make(chan struct{}), make(chan struct{})
		finished := false
		q.Every("test.tick", time.Hour)
		q.Handle("test.tick", func(context.Context, []byte) error { ran <- struct{}{}; return nil })
		q.Handle("test.slow", func(ctx context.Context, _ []byte) error {
			close(entered)
			<-leave
			finished = ctx.Err() == nil
			return nil
		})
		require.NoError(t, q.Stop(ctx), "stopping what never started does nothing")
		starting, cancel := context.WithCancel(ctx)
		require.NoError(t, q.Start(starting))
		cancel() // the signal to end has come; the job below is still finished
		require.True(t, fault.HasCode(q.Start(ctx), "queue.started"))
		require.Panics(t, func() { q.Handle("test.late", nil) })
		require.NoError(t, q.Add(ctx, "test.slow", nil, Opts{}))
		select {
		case <-ran:
		case <-time.After(20 * time.Second):
			t.Fatal("the periodic job did not run")
		}
		<-entered
		stopped := make(chan error)
		go func() { stopped <- q.Stop(ctx) }()
		close(leave)
		require.NoError(t, <-stopped)
		require.True(t, finished)
		depth, err := q.Depth(ctx)
		require.NoError(t, err)
		require.Equal(t, Depth{}, depth)
	})
}

// A job starts when its transaction commits, not when somebody next looks.
func TestWakeUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		q := New(d, clock.System(), telemetry.Quiet())
		require.NoError(t, q.Migrate(ctx))
		ran := make(chan struct{}, 1)
		q.Handle("test.now", func(context.Context, []byte) error { ran <- struct{}{}; return nil })
		require.NoError(t, q.start(ctx, time.Hour, nil)) // nobody looks for an hour
		for range 3 {
			require.NoError(t, q.Add(ctx, "test.now", nil, Opts{}))
			select {
			case <-ran:
			case <-time.After(20 * time.Second):
				t.Fatal("nobody woke up")
			}
		}
		require.NoError(t, q.Stop(ctx))
		require.NoError(t, q.Add(ctx, "test.now", nil, Opts{}), "adding to a stopped queue is fine")
	})
}

// A handler that does not end is cancelled when Stop's patience is over, and its
// job is there again after the next start.
func TestStopIsNotForEver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		q := New(d, clock.System(), telemetry.Quiet())
		require.NoError(t, q.Migrate(ctx))
		entered := make(chan struct{}, 1)
		q.Handle("test.endless", func(ctx context.Context, _ []byte) error {
			entered <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		})
		require.NoError(t, q.Add(ctx, "test.endless", nil, Opts{}))
		require.NoError(t, q.Start(ctx))
		<-entered
		impatient, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		require.NoError(t, q.Stop(impatient))
		depth, err := q.Depth(ctx)
		require.NoError(t, err)
		require.EqualValues(t, 1, depth.Waiting+depth.Later)
	})
}

func TestOneWorkerPerSQLiteFile(t *testing.T) {
	ctx := t.Context()
	d := dbtest.SQLite(t)
	first, second := New(d, clock.System(), telemetry.Quiet()), New(d, clock.System(), telemetry.Quiet())
	require.NoError(t, first.Migrate(ctx))
	require.NoError(t, first.Start(ctx))
	require.True(t, fault.HasCode(second.Start(ctx), "queue.busy"))
	require.NoError(t, second.Add(ctx, "test.x", nil, Opts{}), "adding is open to all")
	require.NoError(t, first.Stop(ctx))
	require.NoError(t, second.Start(ctx))
	require.NoError(t, second.Stop(ctx))
}

// A job that kills its process each time is not tried for ever.
func TestPoisonEnds(t *testing.T) {
	each(t, func(t *testing.T, q *Queue, _ *clock.Fake) {
		ctx := t.Context()
		require.NoError(t, q.Add(ctx, "test.poison", nil, Opts{}))
		require.NoError(t, q.Add(ctx, "test.fine", nil, Opts{}))
		_, err := q.db.Writer(ctx).NewRaw("UPDATE river_job SET state = 'running', attempt = CASE kind WHEN 'test.poison' THEN max_attempts ELSE 1 END").Exec(ctx)
		require.NoError(t, err)
		g, err := q.takeOver(ctx, "me")
		require.NoError(t, err)
		require.NoError(t, g.end(ctx))
		d, err := q.Depth(ctx)
		require.NoError(t, err)
		require.Equal(t, Depth{Waiting: 1, Discarded: 1, Oldest: noon}, d)
	})
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// BenchmarkStart prints what the queue adds to a cold start, BenchmarkJob what a
// job costs from Add to done.
func BenchmarkStart(b *testing.B) {
	d := dbtest.SQLite(b)
	ctx := b.Context()
	for b.Loop() {
		q := New(d, clock.System(), telemetry.Quiet())
		if err := errors.Join(q.Migrate(ctx), q.Start(ctx)); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := q.Stop(ctx); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func BenchmarkJob(b *testing.B) {
	d := dbtest.SQLite(b)
	ctx := b.Context()
	q := New(d, clock.System(), telemetry.Quiet())
	if err := q.Migrate(ctx); err != nil {
		b.Fatal(err)
	}
	q.Handle("test.nothing", func(context.Context, []byte) error { return nil })
	n := 0
	for b.Loop() {
		jobs := make([]Job, 500)
		for i := range jobs {
			jobs[i].Payload = fmt.Sprint(n, i)
		}
		n++
		if err := errors.Join(q.AddMany(ctx, "test.nothing", jobs), q.RunDue(ctx)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n*500)/b.Elapsed().Seconds(), "jobs/s")
}

func BenchmarkAdd(b *testing.B) {
	d := dbtest.SQLite(b)
	ctx := b.Context()
	q := New(d, clock.System(), telemetry.Quiet())
	if err := q.Migrate(ctx); err != nil {
		b.Fatal(err)
	}
	err := d.InTx(ctx, func(ctx context.Context) error {
		for b.Loop() {
			if err := q.Add(ctx, "test.nothing", "a job", Opts{}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}
