package casework_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/page"
)

func ids(cases []casework.Case) []string {
	out := make([]string, len(cases))
	for i, c := range cases {
		out[i] = c.ID
	}
	return out
}

func staff(ctx context.Context, grants ...access.Grant) context.Context {
	for i := range grants {
		grants[i].ID, grants[i].UnitID = id.New(), "u"
	}
	return access.Enter(ctx, access.Actor{AccountID: "x", Name: "x", Kind: access.KindStaff, Grants: grants})
}

func caps(c ...access.Capability) []access.Capability { return c }

func TestQueue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), t.Context()
		// Opened on three days, so due on three days; the sister county has one too.
		var own []casework.Case
		for day := range 3 {
			b.clock.Set(monday.Add(time.Duration(-day) * 24 * time.Hour))
			own = append(own, b.open(t, ctx, county))
		}
		other := b.open(t, ctx, sister)
		b.clock.Set(monday)
		closed := b.open(t, ctx, county)
		_, err := b.Fire(worker(ctx, "p1"), fire(closed, "withdraw", casework.Worker))
		require.NoError(t, err)
		checked := b.open(t, ctx, county) // waits too, with nothing due
		checked, err = b.Fire(clerk(ctx, "li", county), fire(checked, "check", casework.Desk))
		require.NoError(t, err)

		clerkOf := clerk(ctx, "wang", county)
		got, err := b.Queue(clerkOf, casework.Filter{}, page.Request{})
		require.NoError(t, err)
		require.Equal(t, checked.ID, got.Items[3].ID, "what has no deadline comes last")
		require.ElementsMatch(t, append(ids(own), checked.ID), ids(got.Items))
		for i := 1; i < 3; i++ {
			require.False(t, got.Items[i].DueAt.Before(got.Items[i-1].DueAt), "the nearest deadline first")
		}

		for name, tc := range map[string]struct {
			ctx  context.Context
			f    casework.Filter
			want int
		}{
			"the province sees both counties":   {clerk(ctx, "z", "0001"), casework.Filter{}, 5},
			"narrowed to the sister county":     {clerk(ctx, "z", "0001"), casework.Filter{Unit: sister}, 1},
			"narrowed beyond the own county":    {clerkOf, casework.Filter{Unit: sister}, 0},
			"the house":                         {access.System(ctx, "test"), casework.Filter{}, 5},
			"a mere reader":                     {staff(ctx, access.Grant{Path: county, Caps: caps(access.CaseView)}), casework.Filter{}, 0},
			"a worker":                          {worker(ctx, "p1"), casework.Filter{}, 0},
			"a company":                         {company(ctx, "c1"), casework.Filter{}, 0},
			"reader of the city, clerk below":   {staff(ctx, access.Grant{Path: "00010001", Caps: caps(access.CaseView)}, access.Grant{Path: sister, Caps: caps(access.VacancyReview)}), casework.Filter{}, 1},
			"two grants":                        {staff(ctx, access.Grant{Path: county, Caps: caps(access.VacancyReview)}, access.Grant{Path: sister, Caps: caps(access.VacancyReview)}), casework.Filter{}, 5},
			"kind":                              {clerkOf, casework.Filter{Kinds: []string{"test.grant"}}, 4},
			"title":                             {clerkOf, casework.Filter{Text: " 培训 "}, 4},
			"no such title":                     {clerkOf, casework.Filter{Text: "%"}, 0},
			"an underscore is an underscore":    {clerkOf, casework.Filter{Text: "钳_培训"}, 0},
			"a quote":                           {clerkOf, casework.Filter{Text: `'; DROP TABLE cases; --\`}, 0},
			"number, small letters":             {clerkOf, casework.Filter{Text: strings.ToLower(own[1].Number)}, 1},
			"overdue: none yet":                 {clerkOf, casework.Filter{Overdue: true}, 0},
			"the sister's number stays hidden":  {clerkOf, casework.Filter{Text: other.Number}, 0},
			"a number's tail is no beginning":   {clerkOf, casework.Filter{Text: own[1].Number[3:]}, 0},
			"all of the province, by its title": {clerk(ctx, "z", "0001"), casework.Filter{Text: "钳工", Kinds: []string{"test.grant"}}, 5},
		} {
			got, err := b.Queue(tc.ctx, tc.f, page.Request{})
			require.NoError(t, err, name)
			require.Len(t, got.Items, tc.want, name)
			counts, err := b.QueueCounts(tc.ctx, tc.f)
			require.NoError(t, err, name)
			sum := 0
			for _, c := range counts {
				sum += c.Waiting
			}
			require.Equal(t, tc.want, sum, "counted: %s", name)
		}
		for name, f := range map[string]casework.Filter{
			"unknown kind": {Kinds: []string{"test.none"}}, "a broken path": {Unit: "0001%"}, "endless": {Text: strings.Repeat("长", 51)}, "nul": {Text: "a\x00"},
		} {
			_, err := b.Queue(clerkOf, f, page.Request{})
			require.True(t, fault.HasCode(err, "casework.filter"), "%s: %v", name, err)
		}
		_, err = b.Queue(ctx, casework.Filter{}, page.Request{})
		require.True(t, fault.HasCode(err, "access.no_scope"), err)
		_, err = b.Queue(clerkOf, casework.Filter{}, page.Request{After: page.Encode("casework/queue", "tomorrow", "x")})
		require.True(t, fault.HasCode(err, "page.cursor"), err)
		_, err = b.Queue(clerkOf, casework.Filter{}, page.Request{After: "!"})
		require.True(t, fault.HasCode(err, "page.cursor"), err)

		b.clock.Set(got.Items[0].DueAt)
		late, err := b.Queue(clerkOf, casework.Filter{Overdue: true}, page.Request{})
		require.NoError(t, err)
		require.NotEmpty(t, late.Items)
		require.True(t, late.Items[0].Overdue(b.clock.Now()))
		for _, who := range []context.Context{clerkOf, clerk(ctx, "z", "0001")} {
			counts, err := b.QueueCounts(who, casework.Filter{Unit: county})
			require.NoError(t, err)
			require.Equal(t, []casework.KindCount{{Kind: "test.grant", Waiting: 4, Overdue: len(late.Items)}}, counts)
		}

		// A stopped clock is not overdue and stands behind the others.
		_, err = b.Pause(clerkOf, casework.Fire{City: city, ID: late.Items[0].ID, Version: late.Items[0].Version, Reason: "等待鉴定"})
		require.NoError(t, err)
		after, err := b.Queue(clerkOf, casework.Filter{Overdue: true}, page.Request{})
		require.NoError(t, err)
		require.Len(t, after.Items, len(late.Items)-1)
	})
}

// Paging neither repeats nor skips, though many cases are due at the same
// instant and one is decided between two pages.
func TestQueuePages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), t.Context()
		want := map[string]bool{}
		for range 11 {
			want[b.open(t, ctx, county).ID] = true
		}
		for _, who := range []context.Context{clerk(ctx, "wang", county), clerk(ctx, "z", "0001")} {
			seen := map[string]bool{}
			var next page.Cursor
			for {
				p, err := b.Queue(who, casework.Filter{}, page.Request{After: next, Limit: 3})
				require.NoError(t, err)
				for _, c := range p.Items {
					require.False(t, seen[c.ID], "twice")
					seen[c.ID] = true
				}
				if next == "" {
					_, err = b.Fire(worker(ctx, "p1"), fire(p.Items[0], "withdraw", casework.Worker))
					require.NoError(t, err)
				}
				if next = p.Next; next == "" {
					break
				}
			}
			require.Equal(t, want, seen)
			for id := range seen { // the one that was withdrawn is gone for the second reader
				c, err := b.Get(access.System(ctx, "test"), casework.Ref{City: city, ID: id})
				require.NoError(t, err)
				if c.State == "withdrawn" {
					delete(want, id)
				}
			}
		}
	})
}
