package signal_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/base/queue"
	"gonghui/internal/base/telemetry"
	"gonghui/internal/core/access"
	"gonghui/internal/core/signal"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
)

type hired struct{ Vacancy string }

type bench struct {
	*signal.Bus
	queue *queue.Queue
	clock *clock.Fake
}

func setup(t *testing.T, d *db.DB) bench {
	t.Helper()
	c := clock.NewFake(time.Date(2020, 7, 20, 4, 0, 0, 0, time.UTC))
	q := queue.New(d, c, telemetry.Quiet())
	require.NoError(t, q.Migrate(t.Context()))
	return bench{signal.New(d, q, c), q, c}
}

func note(ctx context.Context, d *db.DB, name string) error {
	_, err := d.Writer(ctx).NewRaw("INSERT INTO settings (name, value, updated_at) VALUES (?, '', '2020-07-20 04:00:00+00:00')", name).Exec(ctx)
	return db.Fault(err)
}

func notes(t *testing.T, d *db.DB) (names []string) {
	t.Helper()
	require.NoError(t, d.Reader(t.Context()).NewRaw("SELECT name FROM settings ORDER BY name").Scan(t.Context(), &names))
	return names
}

// One subscriber fails twice after it has written; the other hears the signal
// once, and in the end each has done its work exactly once.
func TestAFailingSubscriberRepeatsNobodyElse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), t.Context()
		tries, heard := 0, 0
		require.NoError(t, b.Subscribe("test.hired", "test.flaky", func(ctx context.Context, s signal.Received) error {
			if err := note(ctx, d, "flaky-"+s.PersonID); err != nil {
				return err
			}
			if tries++; tries < 3 {
				return errors.New("not yet")
			}
			return nil
		}))
		require.NoError(t, b.Subscribe("test.hired", "test.steady", func(ctx context.Context, s signal.Received) error {
			heard++
			var h hired
			if err := s.Decode(&h); err != nil {
				return err
			}
			return note(ctx, d, "steady-"+h.Vacancy)
		}))
		require.NoError(t, b.Subscribe("test.other", "test.deaf", func(context.Context, signal.Received) error {
			t.Error("not for me")
			return nil
		}))
		_, err := b.Emit(ctx, signal.Signal{City: "3701", Kind: "test.hired", PersonID: "p1", Payload: hired{"v1"}})
		require.NoError(t, err)
		require.NoError(t, b.queue.RunDue(ctx))
		require.Equal(t, []string{"steady-v1"}, notes(t, d), "what the failing one wrote is undone")
		for range 3 {
			b.clock.Advance(time.Minute)
			require.NoError(t, b.queue.RunDue(ctx))
		}
		require.Equal(t, []string{"flaky-p1", "steady-v1"}, notes(t, d))
		require.Equal(t, 3, tries)
		require.Equal(t, 1, heard)
	})
}

// A job that is delivered twice, as after a crash, does nothing more.
func TestDeliveredTwice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), t.Context()
		heard := 0
		require.NoError(t, b.Subscribe("test.hired", "test.steady", func(context.Context, signal.Received) error { heard++; return nil }))
		s, err := b.Emit(ctx, signal.Signal{City: "3701", Kind: "test.hired"})
		require.NoError(t, err)
		again := map[string]string{"City": "3701", "ID": s.ID, "Subscriber": "test.steady"}
		require.NoError(t, b.queue.Add(ctx, "signal.deliver", again, queue.Opts{}))
		require.NoError(t, b.queue.RunDue(ctx))
		require.Equal(t, 1, heard)
	})
}

func TestEmitIsPartOfTheChange(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), t.Context()
		require.NoError(t, b.Subscribe("test.hired", "test.steady", func(context.Context, signal.Received) error {
			t.Error("heard of what never happened")
			return nil
		}))
		require.Error(t, b.Subscribe("test.hired", "test.steady", nil), "a name is taken once")
		boom := errors.New("boom")
		require.ErrorIs(t, d.InTx(ctx, func(ctx context.Context) error {
			_, err := b.Emit(ctx, signal.Signal{City: "3701", Kind: "test.hired", PersonID: "p1"})
			require.NoError(t, err)
			return boom
		}), boom)
		require.NoError(t, b.queue.RunDue(ctx))
		_, err := b.Emit(ctx, signal.Signal{Kind: "test.hired"})
		require.True(t, fault.IsKind(err, fault.Internal), err)
		_, err = b.Emit(ctx, signal.Signal{City: "3701", Kind: "test.hired", Payload: func() {}})
		require.True(t, fault.IsKind(err, fault.Internal), err)
	})
}

func TestListForPerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), t.Context()
		ref := access.PersonRef{City: "3701", ID: "p1"}
		for n := range 5 {
			b.clock.Advance(time.Duration(n%2) * time.Second) // some at the same instant
			_, err := b.Emit(ctx, signal.Signal{City: "3701", Kind: "test.hired", PersonID: "p1", Payload: hired{string(rune('a' + n))}})
			require.NoError(t, err)
			_, err = b.Emit(ctx, signal.Signal{City: "3701", Kind: "test.hired", PersonID: "p2"})
			require.NoError(t, err)
		}
		self := access.Enter(ctx, access.Actor{AccountID: "a", Kind: access.KindWorker, Person: ref})
		var seen string
		var next page.Cursor
		for {
			p, err := b.ListForPerson(self, ref, "000100010001", page.Request{After: next, Limit: 2})
			require.NoError(t, err)
			for _, s := range p.Items {
				var h hired
				require.NoError(t, s.Decode(&h))
				seen += h.Vacancy
			}
			if next = p.Next; next == "" {
				break
			}
		}
		require.Len(t, seen, 5)
		require.Equal(t, "e", seen[:1], "the newest first")

		staff := func(path string) context.Context {
			return access.Enter(ctx, access.Actor{AccountID: "s", Kind: access.KindStaff, Grants: []access.Grant{{
				ID: "g", UnitID: "u", Path: path, Caps: []access.Capability{access.PeopleView}}}})
		}
		_, err := b.ListForPerson(staff("00010001"), ref, "000100010001", page.Request{})
		require.NoError(t, err)
		other := access.Enter(ctx, access.Actor{AccountID: "b", Kind: access.KindWorker, Person: access.PersonRef{City: "3701", ID: "p2"}})
		for _, c := range []context.Context{ctx, other, staff("00010002")} {
			_, err := b.ListForPerson(c, ref, "000100010001", page.Request{})
			require.True(t, fault.IsKind(err, fault.NotFound), err)
		}
		_, err = b.ListForPerson(self, ref, "", page.Request{After: page.Encode("signals/person", "yesterday", "x")})
		require.True(t, fault.HasCode(err, "page.cursor"), err)
	})
}
