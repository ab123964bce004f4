package rules_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/core/access"
	"gonghui/internal/core/rules"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
)

// small is a company to which the conditions of the fund fit.
func small(paid string) rules.Inputs {
	return rules.Inputs{"employees": 40, "kind": "trade", "subsidiary": false, "paid_fen": yuan(paid)}
}

// decide applies the rule of the fund to a company of a place.
func (h *house) decide(place string, in rules.Inputs) rules.Decision {
	h.t.Helper()
	unit, ok := h.org.ByDivision(place)
	require.True(h.t, ok)
	b, err := h.Book(h.t.Context())
	require.NoError(h.t, err)
	d, err := h.Decide(access.System(h.t.Context(), "test"), b, "fund.refund", rules.About{
		City: unit.CityCode, OrgPath: unit.Path, SubjectKind: "refund", SubjectID: "r1", CompanyID: "c-" + place, Place: place,
	}, in)
	require.NoError(h.t, err)
	return d
}

// A decision keeps everything it was made from, and nothing of it in the clear.
func TestADecisionIsKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		made := h.decide("370202", small("30000.50"))
		require.Equal(t, rules.Outcome{Result: "yes", Amount: yuan("450.01"), Lines: made.Outcome.Lines}, made.Outcome, "1.5 % of it, a half fen counted up")
		require.Len(t, made.Outcome.Lines, 3)
		require.Equal(t, h.Latest().Version(), made.Version)
		require.Equal(t, day("2020-07-20"), made.Day)
		require.Equal(t, []string{"fund.who", "fund.rate", "fund.cap"}, keys(made.Used))
		require.Equal(t, "3702", made.Used[1].Place)
		require.JSONEq(t, `"1.5"`, string(made.Used[1].Value))

		in := h.clerk("reader", "370202", rules0)
		read, err := h.Decision(in, made.City, made.ID)
		require.NoError(t, err)
		require.Equal(t, made.Outcome.Amount, read.Outcome.Amount)
		require.Equal(t, made.Used, read.Used)
		require.Equal(t, made.About, read.About)
		paid, ok := read.Inputs.Fen("paid_fen")
		require.True(t, ok)
		require.Equal(t, yuan("30000.50"), paid)
		for name, want := range map[string]bool{"kind": true, "colour": false, "employees": false} {
			_, ok := read.Inputs.Text(name)
			require.Equal(t, want, ok, name)
		}
		no, ok := read.Inputs.Bool("subsidiary")
		require.True(t, ok)
		require.False(t, no)

		var facts, sealed []string
		require.NoError(t, d.Reader(t.Context()).NewRaw("SELECT facts FROM rule_decisions").Scan(t.Context(), &facts))
		require.Equal(t, []string{""}, facts)
		require.NoError(t, d.Reader(t.Context()).NewRaw("SELECT facts_enc FROM rule_decisions").Scan(t.Context(), &sealed))
		require.NotContains(t, sealed[0], "paid_fen")
		require.NotContains(t, sealed[0], "3000050")

		_, err = h.Decision(h.clerk("sister", "370203", rules0), made.City, made.ID)
		require.ErrorIs(t, err, rules.ErrNotFound)
		_, err = h.Decision(h.clerk("other city", "3701", rules0), made.City, made.ID)
		require.ErrorIs(t, err, rules.ErrNotFound)
		_, err = h.Decision(t.Context(), made.City, made.ID)
		require.Error(t, err, "no scope means refuse")
		_, err = h.Decision(h.clerk("city", "3702", rules0), made.City, made.ID)
		require.NoError(t, err)
	})
}

func keys(used []rules.Used) []string {
	var out []string
	for _, u := range used {
		out = append(out, u.Key)
	}
	return out
}

// Whatever changes afterwards, an old decision comes out as it did, to the fen; a
// new one is made of the new values.
func TestAnOldDecisionIsMadeAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		var made []rules.Decision
		for _, in := range []rules.Inputs{
			small("30000.50"), small("99999999.99"), {"employees": 300, "kind": "trade", "subsidiary": false, "paid_fen": 5_000}, {"kind": "farm"}, {},
			{"employees": 40, "kind": "trade", "subsidiary": true, "paid_fen": money.Fen(0)},
		} {
			made = append(made, h.decide("370202", in))
		}
		require.Equal(t, []string{"yes", "yes", "no", "no", "no", "no"}, results(made))
		require.Equal(t, yuan("1000"), made[1].Outcome.Amount, "the cap")

		rate := proposal("fund.rate", "3702", "2020-01-01", "3") // into the past, over the shipped one
		h.decided(rate)
		first := h.decided(proposal("fund.cap", "37", "2020-07-01", "1200"))
		again := proposal("fund.cap", "37", "2020-07-01", "900")
		again.Replaces = h.entry(first).ID
		h.decided(again)
		h.decided(proposal("fund.who", "37", "2020-07-01", `[{"name":"small","expr":"employees < 10","zh":"小","en":"Small"}]`))
		newer, _ := h.another(func(r *rules.Room) {
			r.Defaults = replaced(r.Defaults, `"value":"2","citation":"工会法"`, `"value":"4","citation":"工会法"`)
			second := r.Rules[0]
			second.Edition = 2
			second.Compute = func(r *rules.Reading, in rules.Inputs) (rules.Outcome, error) {
				out, err := refund(r, in)
				out.Result = "edition 2"
				return out, err
			}
			r.Rules = append(r.Rules, second)
		})
		in := h.clerk("reader", "3702", rules0)
		for _, s := range []*rules.Service{h.Service, newer} {
			for _, m := range made {
				stored, err := s.Decision(in, m.City, m.ID)
				require.NoError(t, err)
				for _, from := range []rules.Decision{m, stored} {
					r, err := s.Recompute(t.Context(), from)
					require.NoError(t, err)
					require.True(t, r.Same, "%+v\n%+v", r.Was, r.Is)
					require.Equal(t, r.Was.Amount, r.Is.Amount)
				}
			}
		}
		fresh := h.decide("370202", small("30000.50"))
		require.Equal(t, "no", fresh.Outcome.Result)
		require.NotEqual(t, made[0].Version, fresh.Version)
		b, err := newer.Book(t.Context())
		require.NoError(t, err)
		unit, _ := h.org.ByDivision("370202")
		second, err := newer.Decide(access.System(t.Context(), "test"), b, "fund.refund", rules.About{City: unit.CityCode, OrgPath: unit.Path, SubjectID: "r2", Place: "370202"}, small("1"))
		require.NoError(t, err)
		require.Equal(t, 2, second.Edition)

		// A stored decision that was tampered with is found out.
		_, err = d.Writer(t.Context()).NewRaw("UPDATE rule_decisions SET amount_fen = amount_fen + 1 WHERE id = ?", made[0].ID).Exec(t.Context())
		require.NoError(t, err)
		stored, err := h.Decision(in, made[0].City, made[0].ID)
		require.NoError(t, err)
		r, err := h.Recompute(t.Context(), stored)
		require.NoError(t, err)
		require.False(t, r.Same)
		require.Equal(t, r.Is.Amount+1, r.Was.Amount)

		// What this installation no longer has is named.
		_, err = h.Recompute(t.Context(), second)
		requireCode(t, "rules.version_missing", err)
		gone := made[0]
		gone.Version = "99-0123456789abcdef"
		_, err = h.Recompute(t.Context(), gone)
		requireCode(t, "rules.version_missing", err)
		require.Equal(t, gone.Version, fault.As(err).Params["Version"])
	})
}

func results(list []rules.Decision) []string {
	var out []string
	for _, d := range list {
		out = append(out, d.Outcome.Result)
	}
	return out
}

// A batch ends with the book it began with.
func TestABatchKeepsItsBook(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		b, err := h.Book(t.Context())
		require.NoError(t, err)
		h.decided(proposal("fund.rate", "37", "2020-07-01", "4"))
		unit, _ := h.org.ByDivision("370102")
		about := rules.About{City: unit.CityCode, OrgPath: unit.Path, SubjectID: "r1", Place: "370102"}
		old, err := h.Decide(access.System(t.Context(), "test"), b, "fund.refund", about, small("10000"))
		require.NoError(t, err)
		require.Equal(t, yuan("200"), old.Outcome.Amount)
		require.Equal(t, yuan("400"), h.decide("370102", small("10000")).Outcome.Amount)
		about.Day = day("2020-06-30")
		b, err = h.Book(t.Context())
		require.NoError(t, err)
		before, err := h.Decide(access.System(t.Context(), "test"), b, "fund.refund", about, small("10000"))
		require.NoError(t, err)
		require.Equal(t, yuan("200"), before.Outcome.Amount, "the day decides, not the moment")
		r, err := h.Recompute(t.Context(), before)
		require.NoError(t, err)
		require.True(t, r.Same)
	})
}

func TestDecisionsThatAreNotMade(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		b, err := h.Book(t.Context())
		require.NoError(t, err)
		unit, _ := h.org.ByDivision("370102")
		good := rules.About{City: unit.CityCode, OrgPath: unit.Path, SubjectID: "r1", Place: "370102"}
		system := access.System(t.Context(), "test")
		with := func(change func(*rules.About)) rules.About { a := good; change(&a); return a }
		for name, x := range map[string]struct {
			ctx   context.Context
			rule  string
			about rules.About
			in    rules.Inputs
			code  string
		}{
			"nobody":                {t.Context(), "fund.refund", good, small("1"), "access.sign_in"},
			"no such rule":          {system, "fund.gift", good, small("1"), "internal"},
			"no city":               {system, "fund.refund", with(func(a *rules.About) { a.City = "" }), small("1"), "internal"},
			"no subject":            {system, "fund.refund", with(func(a *rules.About) { a.SubjectID = "" }), small("1"), "internal"},
			"no unit":               {system, "fund.refund", with(func(a *rules.About) { a.OrgPath = "" }), small("1"), "internal"},
			"before there is a law": {system, "fund.refund", with(func(a *rules.About) { a.Day = day("2019-12-31") }), small("1"), "rules.no_value"},
			"an unknown input":      {system, "fund.refund", good, rules.Inputs{"colour": "red"}, "rules.inputs"},
			"a fraction":            {system, "fund.refund", good, rules.Inputs{"employees": 1.5}, "rules.inputs"},
		} {
			_, err := h.Decide(x.ctx, b, x.rule, x.about, x.in)
			requireCode(t, x.code, err, name)
		}
		var n int
		require.NoError(t, d.Reader(t.Context()).NewRaw("SELECT count(*) FROM rule_decisions").Scan(t.Context(), &n))
		require.Zero(t, n)
	})
}

// A change is tried on what was really decided, within the scope of who tries it.
func TestAChangeIsTriedOnDecisions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		for _, x := range []struct{ place, paid string }{{"370102", "10000"}, {"370102", "90000"}, {"370103", "20000"}, {"370202", "10000"}} {
			h.decide(x.place, small(x.paid))
			h.clock.Advance(time.Second)
		}
		h.decide("370102", rules.Inputs{"employees": 1000})

		try := func(who, place, key, value string) []rules.TrialResult {
			t.Helper()
			p := proposal(key, place, "2020-08-01", value)
			c, err := h.Propose(h.clerk(who, place), p)
			require.NoError(t, err)
			out, err := h.Try(h.clerk(who, place), c.Ref())
			require.NoError(t, err)
			c, err = h.Change(h.clerk(who, place), c.Ref())
			require.NoError(t, err)
			require.Equal(t, out, c.Trials)
			require.False(t, c.TriedAt.IsZero())
			return out
		}
		require.Equal(t, []rules.TrialResult{{Trial: "rules.decisions", Lines: []rules.TrialLine{
			{Line: "all", Before: 5, After: 5, Money: true, SumBefore: yuan("1750"), SumAfter: yuan("950")}, {Line: "other", After: 2},
		}}}, try("one", "37", "fund.cap", "300"), "200 + 1000 + 400 + 150 against 200 + 300 + 300 + 150")
		require.Equal(t, []rules.TrialResult{{Trial: "rules.decisions", Lines: []rules.TrialLine{
			{Line: "all", Before: 3, After: 3, Money: true, SumBefore: yuan("1200"), SumAfter: yuan("500")}, {Line: "other", After: 1},
		}}}, try("county", "370102", "fund.cap", "300"), "a county counts its own")
		require.Empty(t, try("one", "37", "fund.mode", "apply"), "no decision has read it")
		require.Equal(t, int64(5), try("one", "37", "fund.who", `[{"name":"own","expr":"!subsidiary","zh":"独立","en":"Own"}]`)[0].Lines[0].Before)

		var facts int
		require.NoError(t, d.Reader(t.Context()).NewRaw("SELECT count(*) FROM audit_entries WHERE action = 'rules.change.try'").Scan(t.Context(), &facts))
		require.Equal(t, 4, facts, "each trial is on record")
	})
}
