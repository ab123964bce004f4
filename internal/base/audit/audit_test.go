package audit_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/base/telemetry"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
)

var start = time.Date(2020, 7, 20, 1, 2, 3, 456789123, time.UTC)

// entry belongs to a unit when i is even.
func entry(city string, i int) audit.Entry {
	path := "00010001"
	if i%2 == 1 {
		path = ""
	}
	return audit.Entry{
		CityCode: city, OrgPath: path, Action: "employment.vacancy_approved", SubjectKind: "vacancy",
		SubjectID: fmt.Sprintf("v%d", i), PersonID: "p1", Purpose: "核对", Detail: `{"n":1}`,
	}
}

func each(t *testing.T, test func(t *testing.T, ctx context.Context, d *db.DB, l *audit.Log, c *clock.Fake)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.NewFake(start)
		test(t, db.SystemScope(t.Context(), "test"), d, audit.New(d, c), c)
	})
}

func fill(t *testing.T, ctx context.Context, l *audit.Log, city string, n int) {
	t.Helper()
	entries := make([]audit.Entry, n)
	for i := range entries {
		entries[i] = entry(city, i)
	}
	require.NoError(t, l.RecordMany(ctx, entries))
}

func exec(t *testing.T, ctx context.Context, d *db.DB, query string, args ...any) {
	t.Helper()
	res, err := d.Writer(ctx).NewRaw(query, args...).Exec(ctx)
	require.NoError(t, err)
	n, err := res.RowsAffected()
	require.NoError(t, err)
	require.Positive(t, n, "the forgery must touch a row")
}

func TestRecord(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, d *db.DB, l *audit.Log, _ *clock.Fake) {
		acting := telemetry.WithRequestID(audit.WithActor(ctx, "a1", "张三"), "req1")
		e := entry("3701", 1)
		e.Detail = "called 13800138000"
		require.NoError(t, l.Record(acting, e))
		boom := errors.New("boom")
		require.ErrorIs(t, d.InTx(acting, func(ctx context.Context) error {
			require.NoError(t, l.Record(ctx, entry("3701", 2)))
			return boom
		}), boom)
		for _, spoil := range []func(*audit.Entry){
			func(e *audit.Entry) { e.CityCode = "" }, func(e *audit.Entry) { e.Action = "" },
			func(e *audit.Entry) { e.SubjectKind = "" }, func(e *audit.Entry) { e.SubjectID = "" },
		} {
			e := entry("3701", 3)
			spoil(&e)
			require.True(t, fault.HasCode(l.RecordMany(acting, []audit.Entry{entry("3701", 3), e}), "audit.incomplete"))
		}
		p, err := l.ListForPerson(ctx, "p1", page.Request{})
		require.NoError(t, err)
		require.Len(t, p.Items, 1, "an undone change leaves no entry")
		got := p.Items[0]
		require.Equal(t, "a1", got.ActorID)
		require.Equal(t, "张三", got.ActorName)
		require.Equal(t, "req1", got.RequestID)
		require.Equal(t, "called 138****8000", got.Detail)
		require.Equal(t, start.Truncate(time.Microsecond), got.At)

		require.NoError(t, l.Record(ctx, entry("3702", 1)))
		p, err = l.ListForSubject(ctx, "3702", "v1", page.Request{})
		require.NoError(t, err)
		require.Equal(t, "system", p.Items[0].ActorID)
		require.Equal(t, "test", p.Items[0].ActorName)
	})
}

func TestSealAndVerify(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, _ *db.DB, l *audit.Log, _ *clock.Fake) {
		rep, err := l.Verify(ctx)
		require.NoError(t, err)
		require.True(t, rep.OK())

		fill(t, ctx, l, "3701", 1203) // several batches of sealing and reading
		fill(t, ctx, l, "3702", 3)
		n, err := l.Seal(ctx)
		require.NoError(t, err)
		require.Equal(t, 1206, n)
		n, err = l.Seal(ctx)
		require.NoError(t, err)
		require.Zero(t, n, "sealed once")
		fill(t, ctx, l, "3701", 2)
		rep, err = l.Verify(ctx)
		require.NoError(t, err)
		require.Equal(t, audit.Report{Sealed: 1206, Unsealed: 2}, rep)

		before, err := l.Heads(ctx)
		require.NoError(t, err)
		require.Len(t, before, 2)
		require.Equal(t, int64(1203), before[0].Seq)
		_, err = l.Seal(ctx)
		require.NoError(t, err)
		after, err := l.Heads(ctx)
		require.NoError(t, err)
		require.Equal(t, int64(1205), after[0].Seq)
		require.NotEqual(t, before[0].Chain, after[0].Chain)
		require.Equal(t, before[1], after[1])
		rep, err = l.Verify(ctx)
		require.NoError(t, err)
		require.True(t, rep.OK(), rep.Problems)
	})
}

func TestVerifyFindsForgery(t *testing.T) {
	const last = 10
	for name, c := range map[string]struct {
		forge func(t *testing.T, ctx context.Context, d *db.DB)
		want  []audit.Problem
	}{
		"changed": {
			func(t *testing.T, ctx context.Context, d *db.DB) {
				exec(t, ctx, d, "UPDATE audit_entries SET actor_name = 'x' WHERE seq = 5")
			},
			[]audit.Problem{{What: audit.Changed, Seq: 5}},
		},
		"changed time": {
			func(t *testing.T, ctx context.Context, d *db.DB) {
				exec(t, ctx, d, "UPDATE audit_entries SET at = '2020-07-20 01:02:04+00:00' WHERE seq = 1")
			},
			[]audit.Problem{{What: audit.Changed, Seq: 1}},
		},
		"removed": {
			func(t *testing.T, ctx context.Context, d *db.DB) {
				exec(t, ctx, d, "DELETE FROM audit_entries WHERE seq IN (5, 6)")
			},
			[]audit.Problem{{What: audit.Missing, Seq: 5}},
		},
		"removed at the end": {
			func(t *testing.T, ctx context.Context, d *db.DB) {
				exec(t, ctx, d, "DELETE FROM audit_entries WHERE seq = 10")
			},
			[]audit.Problem{{What: audit.Missing, Seq: last}},
		},
		"removed and closed up": {
			func(t *testing.T, ctx context.Context, d *db.DB) {
				exec(t, ctx, d, "DELETE FROM audit_entries WHERE seq = 5")
				exec(t, ctx, d, "UPDATE audit_entries SET seq = seq - 1 WHERE seq > 5")
				exec(t, ctx, d, "UPDATE audit_heads SET seq = 9")
			},
			[]audit.Problem{{What: audit.Unchained, Seq: 5}},
		},
		"moved to another unit": {
			func(t *testing.T, ctx context.Context, d *db.DB) {
				exec(t, ctx, d, "UPDATE audit_entries SET org_path = '00010002' WHERE seq = 5")
			},
			[]audit.Problem{{What: audit.Changed, Seq: 5}},
		},
		"taken from its unit": {
			func(t *testing.T, ctx context.Context, d *db.DB) {
				exec(t, ctx, d, "UPDATE audit_entries SET org_path = '' WHERE seq = 5")
			},
			[]audit.Problem{{What: audit.Changed, Seq: 5}},
		},
		"given to a unit": {
			func(t *testing.T, ctx context.Context, d *db.DB) {
				exec(t, ctx, d, "UPDATE audit_entries SET org_path = '00010002' WHERE seq = 6")
			},
			[]audit.Problem{{What: audit.Changed, Seq: 6}},
		},
		"all removed": {
			func(t *testing.T, ctx context.Context, d *db.DB) { exec(t, ctx, d, "DELETE FROM audit_entries") },
			[]audit.Problem{{What: audit.Missing, Seq: 1}},
		},
		"reordered": {
			func(t *testing.T, ctx context.Context, d *db.DB) {
				exec(t, ctx, d, "UPDATE audit_entries SET seq = 99 WHERE seq = 4")
				exec(t, ctx, d, "UPDATE audit_entries SET seq = 4 WHERE seq = 5")
				exec(t, ctx, d, "UPDATE audit_entries SET seq = 5 WHERE seq = 99")
			},
			[]audit.Problem{{What: audit.Unchained, Seq: 4}, {What: audit.Unchained, Seq: 5}, {What: audit.Unchained, Seq: 6}},
		},
		"put in": {
			func(t *testing.T, ctx context.Context, d *db.DB) {
				exec(t, ctx, d, "UPDATE audit_entries SET seq = 11 WHERE seq IS NULL")
			},
			[]audit.Problem{{What: audit.BadHead, Seq: 11}},
		},
		"head moved back": {
			func(t *testing.T, ctx context.Context, d *db.DB) {
				exec(t, ctx, d, "UPDATE audit_heads SET chain = 'x'")
			},
			[]audit.Problem{{What: audit.BadHead, Seq: last}},
		},
		"unsealed changed": {
			func(t *testing.T, ctx context.Context, d *db.DB) {
				exec(t, ctx, d, "UPDATE audit_entries SET detail = '' WHERE seq IS NULL")
			},
			[]audit.Problem{{What: audit.Changed}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, ctx context.Context, d *db.DB, l *audit.Log, _ *clock.Fake) {
				fill(t, ctx, l, "3701", last)
				_, err := l.Seal(ctx)
				require.NoError(t, err)
				fill(t, ctx, l, "3701", 1)
				c.forge(t, ctx, d)
				rep, err := l.Verify(ctx)
				require.NoError(t, err)
				require.False(t, rep.OK())
				for i := range rep.Problems {
					require.Equal(t, "3701", rep.Problems[i].CityCode)
					rep.Problems[i].CityCode, rep.Problems[i].ID = "", ""
				}
				require.Equal(t, c.want, rep.Problems)
			})
		})
	}
}

// Writers, two sealers and a verifier at once: nothing is chained twice or left out.
func TestSealersAtOnce(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, _ *db.DB, l *audit.Log, _ *clock.Fake) {
		const writers, entries = 4, 60
		var writing, sealing sync.WaitGroup
		stop := make(chan struct{})
		for range 2 {
			sealing.Go(func() {
				for {
					if _, err := l.Seal(ctx); err != nil {
						t.Errorf("seal: %v", err)
						return
					}
					select {
					case <-stop:
						return
					default:
					}
				}
			})
		}
		for w := range writers {
			writing.Go(func() {
				for i := range entries {
					if err := l.Record(ctx, entry("3701", w*entries+i)); err != nil {
						t.Errorf("record: %v", err)
					}
				}
			})
		}
		rep, err := l.Verify(ctx)
		require.NoError(t, err)
		require.True(t, rep.OK(), rep.Problems)
		writing.Wait()
		close(stop)
		sealing.Wait()
		_, err = l.Seal(ctx)
		require.NoError(t, err)
		rep, err = l.Verify(ctx)
		require.NoError(t, err)
		require.Equal(t, audit.Report{Sealed: writers * entries}, rep)
	})
}

func TestListPagesAndScope(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, _ *db.DB, l *audit.Log, c *clock.Fake) {
		for i := range 25 {
			require.NoError(t, l.Record(ctx, entry([]string{"3701", "3702"}[i%2], i)))
			if i%3 == 0 {
				c.Advance(time.Millisecond)
			}
		}
		var seen []string
		req := page.Request{Limit: 7}
		for {
			p, err := l.ListForPerson(ctx, "p1", req)
			require.NoError(t, err)
			for _, s := range p.Items {
				seen = append(seen, s.SubjectID)
			}
			if p.Next == "" {
				break
			}
			req.After = p.Next
		}
		require.Len(t, seen, 25)
		for i, s := range seen {
			require.Equal(t, fmt.Sprintf("v%d", 24-i), s, "newest first, none twice, over all cities")
		}

		count := func(s db.Scope) int {
			p, err := l.ListForPerson(db.WithScope(t.Context(), s), "p1", page.Request{Limit: 100})
			require.NoError(t, err)
			return len(p.Items)
		}
		require.Equal(t, 25, count(db.Scope{PersonID: "p1"}))
		require.Zero(t, count(db.Scope{PersonID: "p2"}))
		require.Zero(t, count(db.Scope{Companies: []string{"c1"}}))
		require.Zero(t, count(db.Scope{}))
		_, err := l.ListForPerson(t.Context(), "p1", page.Request{})
		require.True(t, fault.HasCode(err, "access.no_scope"))
		p, err := l.ListForSubject(db.WithScope(t.Context(), db.Scope{PersonID: "p1"}), "3701", "v0", page.Request{})
		require.NoError(t, err)
		require.Empty(t, p.Items)
		_, err = l.ListForPerson(ctx, "p1", page.Request{After: "rubbish"})
		require.True(t, fault.HasCode(err, "page.cursor"))
	})
}

// The log of a unit is that of its subtree, narrowed by what is asked.
func TestListOfUnits(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, _ *db.DB, l *audit.Log, c *clock.Fake) {
		acting := audit.WithActor(ctx, "a1", "张三")
		for i, path := range []string{"0001", "00010001", "000100010001", "00010002", "", "000100010001"} {
			e := entry("3701", i)
			e.OrgPath, e.Action, e.SubjectKind = path, audit.Action([]string{"a.one", "a.two"}[i%2]), []string{"case", "person"}[i/3]
			who := ctx
			if i == 2 {
				who = acting
			}
			require.NoError(t, l.Record(who, e))
			c.Advance(time.Hour)
		}
		seen := func(s db.Scope, f audit.Filter) string {
			p, err := l.List(db.WithScope(t.Context(), s), f, page.Request{})
			require.NoError(t, err)
			out := ""
			for _, e := range p.Items {
				out += e.SubjectID[1:]
			}
			return out
		}
		county := db.Scope{Paths: []string{"00010001"}}
		require.Equal(t, "521", seen(county, audit.Filter{}), "newest first, the subtree only")
		require.Equal(t, "5", seen(db.Scope{Paths: []string{"000100010001"}}, audit.Filter{From: start.Add(3 * time.Hour)}))
		require.Equal(t, "53210", seen(db.Scope{Paths: []string{"0001"}}, audit.Filter{}), "what belongs to no unit is no unit's")
		require.Equal(t, "543210", seen(db.Scope{System: "test"}, audit.Filter{}))
		require.Empty(t, seen(db.Scope{PersonID: "p1", Companies: []string{"c1"}}, audit.Filter{}))
		require.Empty(t, seen(db.Scope{}, audit.Filter{}))
		require.Equal(t, "2", seen(county, audit.Filter{ActorID: "a1"}))
		require.Equal(t, "51", seen(county, audit.Filter{Action: "a.two"}))
		require.Equal(t, "5", seen(county, audit.Filter{SubjectKind: "person"}))
		require.Equal(t, "1", seen(county, audit.Filter{SubjectID: "v1"}))
		require.Empty(t, seen(county, audit.Filter{SubjectID: "v3"}), "another unit's")
		at := start.Truncate(time.Microsecond)
		require.Equal(t, "1", seen(county, audit.Filter{From: at.Add(time.Hour), To: at.Add(2 * time.Hour)}), "from on, before")
		_, err := l.List(t.Context(), audit.Filter{}, page.Request{})
		require.True(t, fault.HasCode(err, "access.no_scope"))

		for n, want := range map[int]bool{0: true, 2: true, 3: false} {
			more, err := l.MoreThan(db.WithScope(t.Context(), county), audit.Filter{}, n)
			require.NoError(t, err)
			require.Equal(t, want, more, n)
		}
		_, err = l.MoreThan(t.Context(), audit.Filter{}, 1)
		require.True(t, fault.HasCode(err, "access.no_scope"))
	})
}

func TestTheLastVerdictIsKept(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, d *db.DB, l *audit.Log, c *clock.Fake) {
		_, ok, err := l.LastVerdict(ctx)
		require.NoError(t, err)
		require.False(t, ok, "nobody has looked yet")
		fill(t, ctx, l, "3701", 3)
		_, err = l.Seal(ctx)
		require.NoError(t, err)
		for _, problems := range []int{0, 1} {
			_, err = l.Verify(ctx)
			require.NoError(t, err)
			v, ok, err := l.LastVerdict(ctx)
			require.NoError(t, err)
			require.True(t, ok)
			require.Equal(t, audit.Verdict{At: c.Now(), Sealed: 3, Problems: problems}, v)
			exec(t, ctx, d, "UPDATE audit_entries SET detail = 'x' WHERE seq = 2")
			c.Advance(time.Hour)
		}
	})
}
