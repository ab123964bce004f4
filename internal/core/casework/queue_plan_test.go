package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/core/access"
	"gonghui/internal/kit/page"
)

// asked keeps what is asked of the database.
type asked struct{ queries []string }

func (a *asked) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }
func (a *asked) AfterQuery(_ context.Context, e *bun.QueryEvent) {
	a.queries = append(a.queries, e.Query)
}

// watch gives what the readers of a database ask from now on.
func watch(d *db.DB) *asked {
	a := &asked{}
	if h, ok := d.Reader(context.Background()).(*bun.DB); ok {
		*h = *h.WithQueryHook(a)
	}
	return a
}

// plan tells how a database goes about a query.
func plan(t *testing.T, d *db.DB, query string) string {
	t.Helper()
	var lines []string
	require.NoError(t, d.InTx(t.Context(), func(ctx context.Context) error {
		explain := "EXPLAIN QUERY PLAN "
		if d.Dialect == db.Postgres {
			// With so few rows reading all of them would be cheaper.
			if _, err := d.Writer(ctx).ExecContext(ctx, "SET LOCAL enable_seqscan = off"); err != nil {
				return err
			}
			explain = "EXPLAIN "
		}
		rows, err := d.Writer(ctx).QueryContext(ctx, explain+query)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var id, parent, unused int
			var line string
			to := []any{&line}
			if d.Dialect == db.SQLite {
				to = []any{&id, &parent, &unused, &line}
			}
			if err := rows.Scan(to...); err != nil {
				return err
			}
			lines = append(lines, line)
		}
		return rows.Err()
	}))
	return strings.Join(lines, "\n")
}

// The queue and its counts are one statement each and go along the index of the
// unit's level, for whomever: nothing is read in full.
func TestQueueGoesAlongItsIndexes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		e := fill(t, d, 2000)
		_, err := d.Writer(t.Context()).ExecContext(t.Context(), "ANALYZE")
		require.NoError(t, err)
		seen := watch(d)
		for path, index := range map[string]string{
			"0001": "cases_desk_idx", "00010003": "cases_desk_city_idx", "000100030004": "cases_desk_county_idx", "0001000300040002": "cases_desk_county_idx",
		} {
			seen.queries = nil
			p, err := e.Queue(desk(path), Filter{}, page.Request{Limit: 2})
			require.NoError(t, err)
			_, err = e.Queue(desk(path), Filter{Kinds: []string{"bench.relief"}, Overdue: true}, page.Request{After: p.Next, Limit: 2})
			require.NoError(t, err)
			_, err = e.QueueCounts(desk(path), Filter{})
			require.NoError(t, err)
			_, err = e.Overdue(access.System(t.Context(), "test"), []string{path})
			require.NoError(t, err)
			require.Len(t, seen.queries, 4)
			for _, q := range slices.Clone(seen.queries) {
				steps := plan(t, d, q)
				require.Contains(t, steps, index, q)
				for _, other := range []string{"Seq Scan", "SCAN c", "cases_kind_idx", "cases_pkey on cases c_"} {
					require.NotContains(t, steps, other, q)
				}
			}
		}
	})
}

// What the arms give, merged, is what one would find by looking at every case.
func TestQueueIsWhole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		e := fill(t, d, 3000)
		ctx := t.Context()
		var all []caseRow
		require.NoError(t, d.Reader(ctx).NewSelect().Model(&all).OrderExpr("due_at, id").Scan(ctx))
		// A clerk of many counties has more arms than one statement reads.
		scattered := access.Actor{AccountID: "x", Name: "x", Kind: access.KindStaff}
		for city := range 10 {
			for county := range 5 {
				scattered.Grants = append(scattered.Grants, access.Grant{
					ID: "g", UnitID: "u", Path: fmt.Sprintf("0001%04d%04d", city+1, county+1), Caps: []access.Capability{access.VacancyReview, access.CompanyVerify},
				})
			}
		}
		reviewer := access.Actor{AccountID: "x", Name: "x", Kind: access.KindStaff, Grants: []access.Grant{
			{ID: "g", UnitID: "u", Path: "00010003", Caps: []access.Capability{access.VacancyReview}},
			{ID: "h", UnitID: "v", Path: "00010004", Caps: []access.Capability{access.CompanyVerify}},
		}}
		for name, who := range map[string]struct {
			ctx  context.Context
			sees func(caseRow) bool
		}{
			"the house": {access.System(ctx, "test"), func(caseRow) bool { return true }},
			"province":  {desk("0001"), func(caseRow) bool { return true }},
			"city":      {desk("00010003"), func(c caseRow) bool { return strings.HasPrefix(c.OrgPath, "00010003") }},
			"county":    {desk("000100030004"), func(c caseRow) bool { return c.OrgPath == "000100030004" }},
			"township":  {desk("0001000300040001"), func(caseRow) bool { return false }},
			"scattered": {access.Enter(ctx, scattered), func(c caseRow) bool {
				return slices.ContainsFunc(scattered.Grants, func(g access.Grant) bool { return g.Path == c.OrgPath })
			}},
			"two rights in two cities": {access.Enter(ctx, reviewer), func(c caseRow) bool {
				return strings.HasPrefix(c.OrgPath, "00010003") && c.Kind != "bench.company" || strings.HasPrefix(c.OrgPath, "00010004") && c.Kind == "bench.company"
			}},
		} {
			for filter, f := range map[string]struct {
				Filter
				wanted func(caseRow) bool
			}{
				"all":     {Filter{}, func(caseRow) bool { return true }},
				"kind":    {Filter{Kinds: []string{"bench.relief", "bench.company"}}, func(c caseRow) bool { return c.Kind != "bench.vacancy" }},
				"overdue": {Filter{Overdue: true}, func(c caseRow) bool { return !c.DueAt.After(e.clock.Now()) }},
				"text":    {Filter{Text: "工 12"}, func(c caseRow) bool { return strings.Contains(c.Title, "工 12") }},
				"unit":    {Filter{Unit: "000100030002"}, func(c caseRow) bool { return c.OrgPath == "000100030002" }},
			} {
				want := []string{}
				counted := map[string]KindCount{}
				for _, c := range all {
					if !who.sees(c) || filter != "kind" && !f.wanted(c) {
						continue
					}
					k := counted[c.Kind]
					k.Kind, k.Waiting = c.Kind, min(k.Waiting+1, CountLimit)
					if !c.DueAt.After(e.clock.Now()) {
						k.Overdue = min(k.Overdue+1, CountLimit)
					}
					counted[c.Kind] = k
					if f.wanted(c) {
						want = append(want, c.ID)
					}
				}
				got := []string{}
				for req := (page.Request{Limit: 150}); ; {
					p, err := e.Queue(who.ctx, f.Filter, req)
					require.NoError(t, err)
					for _, c := range p.Items {
						got = append(got, c.ID)
					}
					if req.After = p.Next; p.Next == "" {
						break
					}
				}
				require.Equal(t, want, got, "%s, %s", name, filter)
				counts, err := e.QueueCounts(who.ctx, f.Filter)
				require.NoError(t, err)
				require.Len(t, counts, len(counted))
				for _, c := range counts {
					require.Equal(t, counted[c.Kind], c, "%s, %s", name, filter)
				}
			}
		}
		units := []string{"00010001", "00010002", "000100030004", "0001"}
		late, err := e.Overdue(access.System(ctx, "test"), units)
		require.NoError(t, err)
		for i, u := range units {
			n := 0
			for _, c := range all {
				if strings.HasPrefix(c.OrgPath, u) && !c.DueAt.After(e.clock.Now()) {
					n++
				}
			}
			require.Equal(t, n, late[i], u)
		}
		mine, err := e.Overdue(desk("00010002"), []string{"00010001", "00010002"})
		require.NoError(t, err)
		require.Equal(t, []int{0, late[1]}, mine, "nobody counts what is not his to see")
		_, err = e.Overdue(desk("0001"), []string{"0001%"})
		require.Error(t, err)
		none, err := e.Overdue(desk("0001"), nil)
		require.NoError(t, err)
		require.Empty(t, none)
	})
}
