package casework_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/core/access"
	"gonghui/internal/core/calendar"
	"gonghui/internal/core/casework"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
)

// grant is a made-up procedure with everything in it: a review by two people, a
// return with a period, a reminder that stays in the state, an instant given by
// the record, a final state of each kind.
func grant() casework.Flow {
	return casework.Flow{
		Name: "test.grant", Prefix: "G", Initial: []string{"submitted", "listed"},
		States: []casework.State{
			{Name: "listed"},
			{Name: "submitted", WaitingFor: casework.Desk, Capability: access.VacancyReview, Due: "review",
				Deadlines: []casework.Deadline{
					{Name: "review", N: 2, Unit: calendar.Workday},
					{Name: "remind", N: 7, Unit: calendar.Day, Event: "remind"},
					{Name: "valid", Event: "lapse", Carry: true},
				}},
			{Name: "checked", WaitingFor: casework.Desk, Capability: access.VacancyReview, Due: "valid",
				Deadlines: []casework.Deadline{{Name: "valid", Event: "lapse"}}},
			{Name: "returned", WaitingFor: casework.Worker, Due: "answer",
				Deadlines: []casework.Deadline{{Name: "answer", N: 14, Unit: calendar.Day, Roll: true, Event: "lapse"}}},
			{Name: "approved", Final: true},
			{Name: "withdrawn", Final: true},
			{Name: "lapsed", Final: true},
		},
		Transitions: []casework.Transition{
			{From: []string{"listed"}, Event: "claim", To: "submitted", By: []string{casework.Company}},
			{From: []string{"submitted"}, Event: "check", To: "checked", By: []string{casework.Desk}},
			{From: []string{"checked"}, Event: "approve", To: "approved", By: []string{casework.Desk}, FourEyes: true},
			{From: []string{"submitted", "checked"}, Event: "return", To: "returned", By: []string{casework.Desk}, Reason: true},
			{From: []string{"returned"}, Event: "resubmit", To: "submitted", By: []string{casework.Worker}},
			{From: []string{"submitted", "returned"}, Event: "withdraw", To: "withdrawn", By: []string{casework.Worker, casework.Company}},
			{From: []string{"submitted"}, Event: "remind", By: []string{casework.Clock}},
			{From: []string{"submitted", "checked", "returned"}, Event: "lapse", To: "lapsed", By: []string{casework.Clock}},
		},
	}
}

const (
	county = "000100010001"
	sister = "000100010002"
	city   = "3701"
)

// monday is 2020-09-28; the holidays of that year run from 1 to 8 October, and
// 27 September and 10 October are worked for them.
var monday = time.Date(2020, 9, 28, 2, 0, 0, 0, time.UTC)

type bench struct {
	*casework.Engine
	clock *clock.Fake
	db    *db.DB
}

func setup(t testing.TB, d *db.DB) bench {
	t.Helper()
	c := clock.NewFake(monday)
	e := casework.New(casework.Deps{DB: d, Clock: c, Audit: audit.New(d, c)})
	require.NoError(t, e.Register(grant(), nil))
	return bench{e, c, d}
}

func clerk(ctx context.Context, name, path string) context.Context {
	return access.Enter(ctx, access.Actor{AccountID: name, Name: name, Kind: access.KindStaff, Grants: []access.Grant{{
		ID: "g-" + name, Role: access.RoleCounty, UnitID: "u-" + path, Path: path,
		Caps: []access.Capability{access.VacancyReview, access.CaseView},
	}}})
}

func worker(ctx context.Context, person string) context.Context {
	return access.Enter(ctx, access.Actor{AccountID: "a-" + person, Name: person, Kind: access.KindWorker,
		Person: access.PersonRef{City: city, ID: person}})
}

func company(ctx context.Context, id string) context.Context {
	return access.Enter(ctx, access.Actor{AccountID: "hr-" + id, Name: id, Kind: access.KindWorker, Grants: []access.Grant{{
		ID: "g-" + id, Role: access.RoleCompany, CompanyCity: city, CompanyID: id, Caps: []access.Capability{access.VacancyPost},
	}}})
}

func (b bench) open(t testing.TB, ctx context.Context, path string) casework.Case {
	t.Helper()
	c, err := b.Open(access.System(ctx, "test"), casework.Open{
		City: city, ID: id.New(), Kind: "test.grant", Title: "钳工培训补贴", OrgPath: path, PersonID: "p1", CompanyID: "c1",
	})
	require.NoError(t, err)
	return c
}

func fire(c casework.Case, event, as string) casework.Fire {
	return casework.Fire{City: c.City, ID: c.ID, Event: event, Version: c.Version, As: as}
}

func TestACaseFromOpenToApproved(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), t.Context()
		c := b.open(t, ctx, county)
		require.Equal(t, "submitted", c.State)
		require.Equal(t, 1, c.Version)
		require.True(t, id.ValidPublic("G", c.Number), c.Number)
		require.Equal(t, clock.MakeDay(2020, 9, 30).End(), c.DueAt, "two working days after Monday")

		wang, li := clerk(ctx, "wang", county), clerk(ctx, "li", "0001")
		in := fire(c, "check", casework.Desk)
		in.Detail = map[string]int{"points": 3}
		checked, err := b.Fire(wang, in)
		require.NoError(t, err)
		require.Equal(t, 2, checked.Version)
		require.True(t, checked.DueAt.IsZero(), "no validity was given, so nothing is due")

		_, err = b.Fire(wang, fire(checked, "approve", casework.Desk))
		require.True(t, fault.HasCode(err, "casework.four_eyes"), err)
		done, err := b.Fire(li, fire(checked, "approve", casework.Desk))
		require.NoError(t, err)
		require.Equal(t, monday, done.ClosedAt)
		require.Empty(t, done.WaitingFor)

		h, err := b.History(worker(ctx, "p1"), c.Ref())
		require.NoError(t, err)
		require.Len(t, h, 3)
		require.Equal(t, []string{"open", "check", "approve"}, []string{h[0].Event, h[1].Event, h[2].Event})
		require.Equal(t, 2, h[1].Seq)
		require.JSONEq(t, `{"points":3}`, string(h[1].Detail))
		require.Equal(t, "li", h[2].ActorName)
		left, err := b.Deadlines(li, c.Ref())
		require.NoError(t, err)
		require.Empty(t, left, "a closed case has no running clock")
	})
}

func TestFireRefuses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), t.Context()
		c := b.open(t, ctx, county)
		at := func(version int) casework.Fire { f := fire(c, "check", casework.Desk); f.Version = version; return f }
		long := fire(c, "return", casework.Desk)
		long.Reason = strings.Repeat("长", casework.MaxReason+1)
		blank := fire(c, "return", casework.Desk)
		blank.Reason = " \n "
		foreign := fire(c, "check", casework.Desk)
		foreign.City = "3702"
		for _, tc := range []struct {
			name string
			ctx  context.Context
			in   casework.Fire
			kind fault.Kind
			code string
		}{
			{"nobody", ctx, fire(c, "check", casework.Desk), fault.Unauthenticated, "access.sign_in"},
			{"a sister county", clerk(ctx, "x", sister), fire(c, "check", casework.Desk), fault.NotFound, "casework.not_found"},
			{"another worker", worker(ctx, "p2"), fire(c, "withdraw", casework.Worker), fault.NotFound, "casework.not_found"},
			{"another company", company(ctx, "c2"), fire(c, "withdraw", casework.Company), fault.NotFound, "casework.not_found"},
			{"another city's id", clerk(ctx, "x", "0001"), foreign, fault.NotFound, "casework.not_found"},
			{"no version", clerk(ctx, "x", county), at(0), fault.Invalid, "casework.version"},
			{"an old version", clerk(ctx, "x", county), at(7), fault.Conflict, "casework.moved_on"},
			{"an unknown event", clerk(ctx, "x", county), fire(c, "explode", casework.Desk), fault.Conflict, "casework.illegal"},
			{"an event of another state", clerk(ctx, "x", county), fire(c, "approve", casework.Desk), fault.Conflict, "casework.illegal"},
			{"the worker as desk", worker(ctx, "p1"), fire(c, "check", casework.Desk), fault.Forbidden, "casework.not_yours"},
			{"the clerk as worker", clerk(ctx, "x", county), fire(c, "withdraw", casework.Worker), fault.Forbidden, "casework.not_yours"},
			{"the clerk as clock", clerk(ctx, "x", county), fire(c, "lapse", casework.Clock), fault.Forbidden, "casework.not_yours"},
			{"the desk where only the worker may", clerk(ctx, "x", county), fire(c, "withdraw", casework.Desk), fault.Forbidden, "casework.not_yours"},
			{"no reason", clerk(ctx, "x", county), fire(c, "return", casework.Desk), fault.Invalid, "casework.reason"},
			{"a blank reason", clerk(ctx, "x", county), blank, fault.Invalid, "casework.reason"},
			{"an endless reason", clerk(ctx, "x", county), long, fault.Invalid, "casework.reason_too_long"},
		} {
			_, err := b.Fire(tc.ctx, tc.in)
			require.True(t, fault.IsKind(err, tc.kind) && fault.HasCode(err, tc.code), "%s: %v", tc.name, err)
		}
		h, err := b.History(clerk(ctx, "x", county), c.Ref())
		require.NoError(t, err)
		require.Len(t, h, 1, "what is refused leaves no trace in the history")
	})
}

func TestOpenRefuses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), access.System(t.Context(), "test")
		in := casework.Open{City: city, ID: id.New(), Kind: "test.grant", OrgPath: county}
		_, err := b.Open(ctx, in)
		require.NoError(t, err)
		_, err = b.Open(ctx, in)
		require.True(t, fault.HasCode(err, "casework.exists"), err)

		in.ID, in.State = id.New(), "approved"
		_, err = b.Open(ctx, in)
		require.True(t, fault.HasCode(err, "casework.state"), err)
		in.State, in.Kind = "", "test.unknown"
		_, err = b.Open(ctx, in)
		require.True(t, fault.HasCode(err, "casework.unknown_flow"), err)
		_, err = b.Open(t.Context(), in)
		require.True(t, fault.HasCode(err, "access.sign_in"), err)
		in.Kind, in.OrgPath = "test.grant", "somewhere"
		_, err = b.Open(ctx, in)
		require.True(t, fault.IsKind(err, fault.Internal), err)
		in.OrgPath, in.DueAt = county, map[string]time.Time{"nonsense": monday}
		_, err = b.Open(ctx, in)
		require.True(t, fault.IsKind(err, fault.Internal), err)
	})
}

func TestOpenManyIsAllOrNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), access.System(t.Context(), "test")
		many := make([]casework.Open, 501)
		for i := range many {
			many[i] = casework.Open{City: city, ID: id.New(), Kind: "test.grant", State: "listed", OrgPath: county}
		}
		many[450].ID = many[3].ID
		_, err := b.OpenMany(ctx, many)
		require.True(t, fault.HasCode(err, "casework.exists"), err)
		_, err = b.Get(ctx, casework.Ref{City: city, ID: many[0].ID})
		require.True(t, fault.IsKind(err, fault.NotFound), err)

		many[450].ID = many[449].ID // twice in one statement
		_, err = b.OpenMany(ctx, many)
		require.True(t, fault.HasCode(err, "casework.exists"), err)

		many[450].ID = id.New()
		got, err := b.OpenMany(ctx, many)
		require.NoError(t, err)
		require.Len(t, got, 501)
		require.Equal(t, many[450].ID, got[450].ID)
	})
}

// Two clerks decide the same case on the same version: one wins.
func TestTwoDecideAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), t.Context()
		for range 10 {
			c := b.open(t, ctx, county)
			errs := make([]error, 4)
			var wg sync.WaitGroup
			for i, event := range []string{"check", "return", "check", "return"} {
				wg.Go(func() {
					in := fire(c, event, casework.Desk)
					in.Reason = "材料不全"
					_, errs[i] = b.Fire(clerk(ctx, id.New(), county), in)
				})
			}
			wg.Wait()
			won := 0
			for _, err := range errs {
				if err == nil {
					won++
					continue
				}
				require.True(t, fault.HasCode(err, "casework.moved_on"), err)
			}
			require.Equal(t, 1, won)
			h, err := b.History(clerk(ctx, "x", county), c.Ref())
			require.NoError(t, err)
			require.Len(t, h, 2)
		}
	})
}

// A case handed over to another county leaves the first one's sight.
func TestHandOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), t.Context()
		c := b.open(t, ctx, county)
		in := fire(c, "check", casework.Desk)
		in.OrgPath, in.Title = sister, "焊工培训补贴"
		_, err := b.Fire(clerk(ctx, "wang", county), in)
		require.NoError(t, err)
		_, err = b.Get(clerk(ctx, "wang", county), c.Ref())
		require.True(t, fault.IsKind(err, fault.NotFound), err)
		_, err = b.History(clerk(ctx, "wang", county), c.Ref())
		require.True(t, fault.IsKind(err, fault.NotFound), err)
		_, err = b.Deadlines(clerk(ctx, "wang", county), c.Ref())
		require.True(t, fault.IsKind(err, fault.NotFound), err)
		got, err := b.Get(clerk(ctx, "li", sister), c.Ref())
		require.NoError(t, err)
		require.Equal(t, "焊工培训补贴", got.Title)
		in = fire(got, "return", casework.Desk)
		in.OrgPath, in.Reason = "nowhere", "材料不全"
		_, err = b.Fire(clerk(ctx, "li", sister), in)
		require.True(t, fault.IsKind(err, fault.Internal), err)
	})
}

func TestOpenManyOverCities(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), access.System(t.Context(), "test")
		many := []casework.Open{
			{City: "3701", ID: id.New(), Kind: "test.grant", OrgPath: county},
			{City: "3702", ID: id.New(), Kind: "test.grant", OrgPath: county},
		}
		_, err := b.OpenMany(ctx, many)
		require.NoError(t, err)
		_, err = b.OpenMany(ctx, []casework.Open{{City: "3701", ID: id.New(), Kind: "test.grant", OrgPath: county}, many[1]})
		require.True(t, fault.HasCode(err, "casework.exists"), err)
	})
}
