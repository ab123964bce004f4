package casework_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/core/casework"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

func end(year int, month time.Month, day int) time.Time { return clock.MakeDay(year, month, day).End() }

func running(t *testing.T, b bench, ctx context.Context, c casework.Case) map[string]time.Time {
	t.Helper()
	list, err := b.Deadlines(ctx, c.Ref())
	require.NoError(t, err)
	out := map[string]time.Time{}
	for _, d := range list {
		out[d.Name] = d.At
	}
	return out
}

// A period over the holiday of 1–8 October 2020 ends with the next working day,
// and not a moment before that day is over in Shanghai.
func TestDeadlineOverAHoliday(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), clerk(t.Context(), "wang", county)
		b.clock.Set(time.Date(2020, 9, 21, 2, 0, 0, 0, time.UTC))
		c := b.open(t, t.Context(), county)
		in := fire(c, "return", casework.Desk)
		in.Reason = "缺身份证明"
		c, err := b.Fire(ctx, in)
		require.NoError(t, err)
		require.Equal(t, map[string]time.Time{"answer": end(2020, 10, 9)}, running(t, b, ctx, c),
			"14 days after 21 September is 5 October, a holiday; 9 October is worked")
		require.Equal(t, end(2020, 10, 9), c.DueAt)

		b.clock.Set(end(2020, 10, 9).Add(-time.Second))
		n, err := b.Tick(t.Context())
		require.NoError(t, err)
		require.Zero(t, n)
		b.clock.Advance(time.Second)
		n, err = b.Tick(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, n)
		got, err := b.Get(ctx, c.Ref())
		require.NoError(t, err)
		require.Equal(t, "lapsed", got.State)
		h, err := b.History(ctx, c.Ref())
		require.NoError(t, err)
		require.Equal(t, casework.Clock, h[len(h)-1].Role)
		n, err = b.Tick(t.Context())
		require.NoError(t, err)
		require.Zero(t, n, "once")
	})
}

func TestStepsThatStayKeepTheClocksRunning(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), clerk(t.Context(), "wang", county)
		c := b.open(t, t.Context(), county)
		before := running(t, b, ctx, c)
		require.Equal(t, map[string]time.Time{"review": end(2020, 9, 30), "remind": end(2020, 10, 5)}, before)
		b.clock.Set(end(2020, 10, 5))
		n, err := b.Tick(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, n, "review is only shown as overdue; remind fires")
		c, err = b.Get(ctx, c.Ref())
		require.NoError(t, err)
		require.Equal(t, "submitted", c.State)
		require.Equal(t, 2, c.Version)
		require.True(t, c.Overdue(b.clock.Now()))
		require.Equal(t, end(2020, 9, 30), c.DueAt, "an overdue case goes on showing since when")
	})
}

func TestInstantsOfTheRoom(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), clerk(t.Context(), "wang", county)
		c := b.open(t, t.Context(), county)
		in := fire(c, "return", casework.Desk)
		in.Reason = "缺身份证明"
		c, err := b.Fire(ctx, in)
		require.NoError(t, err)
		valid := end(2020, 10, 20)
		again := fire(c, "resubmit", casework.Worker)
		again.DueAt = map[string]time.Time{"valid": valid}
		c, err = b.Fire(worker(t.Context(), "p1"), again)
		require.NoError(t, err)
		require.Equal(t, valid, running(t, b, ctx, c)["valid"])
		c, err = b.Fire(ctx, fire(c, "check", casework.Desk))
		require.NoError(t, err)
		require.Equal(t, map[string]time.Time{"valid": valid}, running(t, b, ctx, c), "carried over; the others are dropped")
		require.Equal(t, valid, c.DueAt)
	})
}

func TestPauseKeepsWhatWasLeft(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), clerk(t.Context(), "wang", county)
		c := b.open(t, t.Context(), county) // Monday: review ends Wednesday, remind in 7 days
		stop := casework.Fire{City: c.City, ID: c.ID, Version: c.Version}
		_, err := b.Pause(ctx, stop)
		require.True(t, fault.HasCode(err, "casework.reason"), err)
		stop.Reason = "等待鉴定"
		_, err = b.Pause(clerk(t.Context(), "x", sister), stop)
		require.True(t, fault.IsKind(err, fault.NotFound), err)
		_, err = b.Pause(worker(t.Context(), "p1"), stop)
		require.True(t, fault.HasCode(err, "casework.not_yours"), err)
		_, err = b.Resume(ctx, stop)
		require.True(t, fault.HasCode(err, "casework.not_paused"), err)
		c, err = b.Pause(ctx, stop)
		require.NoError(t, err)
		require.Equal(t, monday, c.PausedAt)

		b.clock.Set(time.Date(2020, 10, 12, 2, 0, 0, 0, time.UTC)) // a Monday, two weeks later
		n, err := b.Tick(t.Context())
		require.NoError(t, err)
		require.Zero(t, n, "a paused clock does not pass")
		require.False(t, c.Overdue(b.clock.Now()))
		_, err = b.Fire(ctx, fire(c, "check", casework.Desk))
		require.True(t, fault.HasCode(err, "casework.paused"), err)
		require.Empty(t, b.Steps(ctx, c, casework.Desk))

		c, err = b.Resume(ctx, casework.Fire{City: c.City, ID: c.ID, Version: c.Version})
		require.NoError(t, err)
		require.Equal(t, map[string]time.Time{"review": end(2020, 10, 14), "remind": end(2020, 10, 19)}, running(t, b, ctx, c),
			"two working days and seven days were left")
		require.Equal(t, end(2020, 10, 14), c.DueAt)
		h, err := b.History(ctx, c.Ref())
		require.NoError(t, err)
		require.Len(t, h, 3)
		require.Equal(t, "submitted", h[1].From)
		require.Equal(t, "submitted", h[1].To)

		// The worker may withdraw out of a pause.
		stop.Version = c.Version
		c, err = b.Pause(ctx, stop)
		require.NoError(t, err)
		c, err = b.Fire(worker(t.Context(), "p1"), fire(c, "withdraw", casework.Worker))
		require.NoError(t, err)
		require.True(t, c.PausedAt.IsZero())
	})
}

// A handler that fails leaves its deadline for the next tick and holds up no
// other; nothing of its work stays.
func TestTickSurvivesAFailure(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.NewFake(monday)
		broken := atomic.Bool{}
		broken.Store(true)
		var poison string
		build := func() *casework.Engine { // a restart: a new engine over the same database
			e := casework.New(casework.Deps{DB: d, Clock: c, Audit: audit.New(d, c)})
			require.NoError(t, e.Register(grant(), func(ctx context.Context, due casework.Due) error {
				_, err := e.Fire(ctx, casework.Fire{City: due.Case.City, ID: due.Case.ID, Event: due.Event, Version: due.Case.Version, As: casework.Clock})
				if err == nil && due.Case.ID == poison && broken.Load() {
					return errors.New("the power went out")
				}
				return err
			}))
			return e
		}
		b := bench{build(), c, d}
		cases := make([]casework.Case, 5)
		for i := range cases {
			cases[i] = b.open(t, t.Context(), county)
		}
		poison = cases[1].ID
		c.Set(end(2020, 10, 5))
		n, err := b.Tick(t.Context())
		require.ErrorContains(t, err, "the power went out")
		require.Equal(t, 4, n)
		sys := clerk(t.Context(), "wang", county)
		got, err := b.Get(sys, cases[1].Ref())
		require.NoError(t, err)
		require.Equal(t, 1, got.Version, "its transaction is undone as a whole")

		broken.Store(false)
		b.Engine = build()
		n, err = b.Tick(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, n)
	})
}

// Several machines tick at once: each deadline is worked once.
func TestTwoTickersAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		const cases = 40
		for range cases {
			b.open(t, t.Context(), county)
		}
		b.clock.Set(end(2020, 10, 5))
		var total atomic.Int64
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				n, err := b.Tick(t.Context())
				if err != nil {
					t.Error(err)
				}
				total.Add(int64(n))
			})
		}
		wg.Wait()
		require.EqualValues(t, cases, total.Load())
		events, err := d.Reader(t.Context()).NewSelect().Table("case_events").Where("event = 'remind'").Count(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, cases, events)
	})
}
