package casework

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/core/access"
	"gonghui/internal/core/calendar"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/page"
)

// fill puts n cases that wait for the desk into a database, spread over 150
// counties, so that the queue can be measured at size.
func fill(tb testing.TB, d *db.DB, n int) *Engine {
	tb.Helper()
	ctx := context.Background()
	c := clock.NewFake(time.Date(2020, 7, 20, 4, 0, 0, 0, time.UTC))
	e := New(Deps{DB: d, Clock: c, Audit: audit.New(d, c)})
	for _, name := range []string{"bench.vacancy", "bench.company", "bench.relief"} {
		capability := access.VacancyReview
		if name == "bench.company" {
			capability = access.CompanyVerify
		}
		require.NoError(tb, e.Register(Flow{Name: name, Initial: []string{"submitted"}, States: []State{
			{Name: "submitted", WaitingFor: Desk, Capability: capability, Due: "review",
				Deadlines: []Deadline{{Name: "review", N: 2, Unit: calendar.Workday}}},
			{Name: "done", Final: true},
		}, Transitions: []Transition{{From: []string{"submitted"}, Event: "accept", To: "done", By: []Role{Desk}}}}, nil))
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	require.NoError(tb, d.InTx(ctx, func(ctx context.Context) error {
		rows := make([]caseRow, 0, 500)
		for i := range n {
			city, county := rnd.IntN(16), rnd.IntN(9)+1
			f := e.flows[e.order[rnd.IntN(3)]]
			row := caseRow{
				CityCode: fmt.Sprint(3701 + city), ID: id.New(), Number: fmt.Sprint("N", i), Kind: f.Name, Title: fmt.Sprint("数控车床操作工 ", i),
				OrgPath: fmt.Sprintf("0001%04d%04d", city+1, county), Version: 1,
				OpenedAt: c.Now(), StateAt: c.Now(),
			}
			enter(&row, f.States[0], []deadlineRow{{Name: "review", DueAt: c.Now().Add(time.Duration(rnd.IntN(96*60)-48*60) * time.Minute)}})
			if rows = append(rows, row); len(rows) == cap(rows) || i == n-1 {
				if _, err := e.store.insert(ctx, rows); err != nil {
					return err
				}
				rows = rows[:0]
			}
		}
		return nil
	}))
	return e
}

func desk(path string) context.Context {
	return access.Enter(context.Background(), access.Actor{AccountID: "x", Name: "x", Kind: access.KindStaff, Grants: []access.Grant{{
		ID: "g", UnitID: "u", Path: path, Caps: []access.Capability{access.VacancyReview, access.CompanyVerify}}}})
}

// BenchmarkQueue prints, for the widest and narrower users at 100,000 waiting
// cases, the mean and the 99th of a hundred of one queue page and of its counts.
func BenchmarkQueue(b *testing.B) {
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		b.Run(dialect, func(b *testing.B) {
			ctx := context.Background()
			d, err := db.Open(ctx, db.Config{URL: dbtest.URL(b, dialect)})
			require.NoError(b, err)
			b.Cleanup(func() { _ = d.Close() })
			e := fill(b, d, 100_000)
			_, err = d.Writer(ctx).ExecContext(ctx, "ANALYZE")
			require.NoError(b, err)
			for _, who := range []struct{ name, path string }{{"province", "0001"}, {"city", "00010003"}, {"county", "000100030004"}} {
				b.Run(who.name, func(b *testing.B) { benchmarkUser(b, e, desk(who.path)) })
			}
		})
	}
}

func benchmarkUser(b *testing.B, e *Engine, ctx context.Context) {
	first, err := e.Queue(ctx, Filter{}, page.Request{Limit: 200})
	require.NoError(b, err)
	ask := func(f Filter, after page.Cursor) func() error {
		return func() error {
			_, err := e.Queue(ctx, f, page.Request{After: after, Limit: 20})
			return err
		}
	}
	for _, part := range []struct {
		name string
		do   func() error
	}{
		{"page", ask(Filter{}, "")},
		{"deep", ask(Filter{Kinds: []string{"bench.relief"}}, first.Next)},
		{"overdue", ask(Filter{Overdue: true, Kinds: []string{"bench.company"}}, "")},
		{"counts", func() error { _, err := e.QueueCounts(ctx, Filter{}); return err }},
	} {
		b.Run(part.name, func(b *testing.B) {
			var times []time.Duration
			for b.Loop() {
				start := clock.System().Now()
				require.NoError(b, part.do())
				times = append(times, clock.System().Now().Sub(start))
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}
