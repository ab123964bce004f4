package rules_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework/flowtest"
	"gonghui/internal/core/rules"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/page"
)

func TestFlowIsAProcedure(t *testing.T) {
	flowtest.Walk(t, rules.Flow())
	flowtest.Texts(t, rules.Flow())
}

func TestEveryParameterHasWords(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		for _, def := range h.Latest().Definitions() {
			if def.Room() == "fund" {
				continue
			}
			for _, key := range def.Texts() {
				for _, lang := range i18n.Langs {
					require.True(t, i18n.Bundle().Has(lang, key), "%s in %s", key, lang)
				}
			}
		}
	})
}

// One writes and sends in, another approves, and the next reading has it.
func TestAValueComesIntoForce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		one, two := h.clerk("one", "37"), h.clerk("two", "37")
		other, _ := h.another()
		before, err := h.Book(t.Context())
		require.NoError(t, err)

		c, err := h.Propose(one, proposal("fund.cap", "37", "2020-08-01", "1,500.00"))
		require.NoError(t, err)
		require.Equal(t, "150000", c.Value)
		_, err = h.Approve(two, rules.Approval{Ref: c.Ref(), Version: 1})
		require.True(t, fault.HasCode(err, "casework.illegal"), "a draft is nobody's to approve: %v", err)
		c, err = h.Submit(one, c.Ref(), 1)
		require.NoError(t, err)
		require.Equal(t, "submitted", c.State)
		require.False(t, c.TriedAt.IsZero(), "what is sent in has been tried")
		_, err = h.Approve(one, rules.Approval{Ref: c.Ref(), Version: 2})
		require.True(t, fault.HasCode(err, "casework.four_eyes"), "%v", err)
		now, err := h.Book(t.Context())
		require.NoError(t, err)
		require.Same(t, before, now, "nothing holds before it is approved")

		_, err = h.Approve(two, rules.Approval{Ref: c.Ref(), Version: 2})
		require.NoError(t, err)
		for _, s := range []*rules.Service{h.Service, other} {
			b, err := s.Book(t.Context())
			require.NoError(t, err)
			amount, err := b.Fen("fund.cap", "370102", day("2020-08-01"))
			require.NoError(t, err)
			require.Equal(t, yuan("1500"), amount)
			amount, err = b.Fen("fund.cap", "370102", day("2020-07-31"))
			require.NoError(t, err)
			require.Equal(t, yuan("1000"), amount)
		}
		amount, err := before.Fen("fund.cap", "37", day("2020-08-01"))
		require.NoError(t, err)
		require.Equal(t, yuan("1000"), amount, "whoever began with a book ends with it")

		_, err = h.Withdraw(one, c.Ref(), 3, "搞错了")
		require.True(t, fault.HasCode(err, "casework.illegal"), "%v", err)
	})
}

func TestProposalsThatAreRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		one := h.clerk("one", "37")
		for name, x := range map[string]struct {
			change func(*rules.Proposal)
			code   string
			field  string
		}{
			"no such parameter": {func(p *rules.Proposal) { p.Key = "fund.top" }, "rules.unknown_key", ""},
			"no such place":     {func(p *rules.Proposal) { p.Place = "9999" }, "rules.place", "place"},
			"no place":          {func(p *rules.Proposal) { p.Place = "" }, "rules.place", "place"},
			"a place in full":   {func(p *rules.Proposal) { p.Place = "370100" }, "rules.place", "place"},
			"a township":        {func(p *rules.Proposal) { p.Place = "370102001" }, "rules.place", "place"},
			"not for counties":  {func(p *rules.Proposal) { p.Key, p.Place, p.Value = "fund.rate", "370102", "1" }, "rules.level", "place"},
			"not for cities":    {func(p *rules.Proposal) { p.Key, p.Place, p.Value = "fund.mode", "3701", "apply" }, "rules.level", "place"},
			"no first day":      {func(p *rules.Proposal) { p.From = 0 }, "rules.period", "from"},
			"ends before":       {func(p *rules.Proposal) { p.To = p.From - 1 }, "rules.period", "from"},
			"too long ago":      {func(p *rules.Proposal) { p.From = day("1989-12-31") }, "rules.period", "from"},
			"too far away":      {func(p *rules.Proposal) { p.From = day("2101-01-01") }, "rules.period", "from"},
			"ends too far away": {func(p *rules.Proposal) { p.To = day("2101-01-01") }, "rules.period", "from"},
			"no citation":       {func(p *rules.Proposal) { p.Citation = " \n " }, "rules.citation", "citation"},
			"a long citation":   {func(p *rules.Proposal) { p.Citation = strings.Repeat("长", 301) }, "rules.citation", "citation"},
			"an odd citation":   {func(p *rules.Proposal) { p.Citation = "文件\x00" }, "rules.citation", "citation"},
			"no reason":         {func(p *rules.Proposal) { p.Reason = "" }, "rules.reason", "reason"},
			"a long reason":     {func(p *rules.Proposal) { p.Reason = strings.Repeat("长", 501) }, "rules.reason", "reason"},
			"no basis":          {func(p *rules.Proposal) { p.Basis = "" }, "rules.basis", "basis"},
			"an unknown basis":  {func(p *rules.Proposal) { p.Basis = "law" }, "rules.basis", "basis"},
			"no value":          {func(p *rules.Proposal) { p.Value = " " }, "rules.value", "value"},
			"no amount":         {func(p *rules.Proposal) { p.Value = "很多" }, "rules.value", "value"},
			"too much":          {func(p *rules.Proposal) { p.Value = "100000000.01" }, "rules.range", "value"},
			"a contradiction":   {func(p *rules.Proposal) { p.Key, p.Value = "fund.low", "9" }, "fund.low_high", "value"},
			"replaces nothing":  {func(p *rules.Proposal) { p.Replaces = "0190aaaa-0000-7000-8000-000000000000" }, "rules.replaced", ""},
			"a broken expression": {func(p *rules.Proposal) {
				p.Key, p.Value = "fund.who", `[{"name":"a","expr":"salary > 1","zh":"是","en":"Is"}]`
			}, "rules.expression_name", "value"},
			"shares of 110 %":      {func(p *rules.Proposal) { p.Key, p.Value = "fund.split", `[{"payer":"a","province":"50","city":"60"}]` }, "rules.range", "value"},
			"the last day as well": {func(p *rules.Proposal) { p.To = p.From }, "", ""},
		} {
			p := proposal("fund.cap", "37", "2020-08-01", "1500")
			x.change(&p)
			c, err := h.Propose(one, p)
			if x.code == "" {
				require.NoError(t, err, name)
				continue
			}
			requireCode(t, x.code, err, name)
			if f := fault.As(err); x.field != "" {
				require.Len(t, f.Fields, 1, name)
				require.Equal(t, x.field, f.Fields[0].Name, name)
			}
			require.Empty(t, c.ID, name)
		}
		all, err := h.Changes(one, "", false, page.Request{})
		require.NoError(t, err)
		require.Len(t, all.Items, 1, "what is refused leaves nothing")
		_, err = h.Propose(t.Context(), proposal("fund.cap", "37", "2020-08-01", "1500"))
		requireCode(t, "access.sign_in", err)
		_, err = h.Propose(h.clerk("leader", "37", rules0), proposal("fund.cap", "37", "2020-08-01", "1500"))
		requireCode(t, "access.denied", err)
	})
}

// Two periods of one place must not contradict each other; of two places they may.
func TestPeriodsThatOverlap(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		one := h.clerk("one", "37")
		august := proposal("fund.cap", "37", "2020-08-01", "1500")
		august.To = day("2020-08-31")
		had := h.decided(august)
		for _, x := range []struct {
			place, from, to string
			ok              bool
		}{
			{"37", "2020-08-01", "", false}, {"37", "2020-08-01", "2020-08-01", false}, {"37", "2020-08-31", "", false}, {"37", "2020-08-15", "2020-08-20", false},
			{"37", "2020-07-01", "2020-08-01", false}, {"37", "2020-07-01", "2020-12-31", false},
			{"37", "2020-09-01", "", true}, {"37", "2020-07-21", "2020-07-31", true}, {"37", "2020-07-21", "", true},
			{"3701", "2020-08-01", "2020-08-31", true}, {"370102", "2020-08-15", "", true},
		} {
			p := proposal("fund.cap", x.place, x.from, "1600")
			if x.to != "" {
				p.To = day(x.to)
			}
			_, err := h.Propose(one, p)
			if x.ok {
				require.NoError(t, err, "%+v", x)
			} else {
				requireCode(t, "rules.overlap", err, x)
				require.Equal(t, "2020-08-01", fault.As(err).Params["From"])
			}
		}
		// Whoever says that it replaces the value may have its days.
		p := proposal("fund.cap", "37", "2020-08-15", "1600")
		p.Replaces = h.entry(had).ID
		h.decided(p)
		b, err := h.Book(t.Context())
		require.NoError(t, err)
		for on, want := range map[string]string{"2020-08-01": "1000.00", "2020-08-14": "1000.00", "2020-08-15": "1600.00", "2020-09-01": "1600.00"} {
			e, err := b.On("fund.cap", "37", day(on))
			require.NoError(t, err)
			require.Equal(t, want, e.Value.Typed(), on)
		}
		_, err = h.Propose(one, func() rules.Proposal { p := p; p.From = day("2020-10-01"); return p }())
		requireCode(t, "rules.replaced", err, "it has been replaced already")
	})
}

// A city's value goes before the province's there and nowhere else; when it ends,
// the province's is back, as it stands by then.
func TestACityOverridesTheProvince(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		p := proposal("fund.rate", "3701", "2020-08-01", "1")
		p.To = day("2020-08-31")
		c := h.submitted(h.clerk("ji", "3701"), p)
		_, err := h.Approve(h.clerk("nan", "3701"), rules.Approval{Ref: c.Ref(), Version: 2})
		require.NoError(t, err, "the city decides for itself")
		h.decided(proposal("fund.rate", "37", "2020-08-15", "3"))
		b, err := h.Book(t.Context())
		require.NoError(t, err)
		for _, x := range []struct{ at, on, want string }{
			{"370102", "2020-07-31", "2"}, {"370102", "2020-08-01", "1"}, {"370102", "2020-08-31", "1"}, {"370102", "2020-09-01", "3"},
			{"370602", "2020-08-01", "2"}, {"370602", "2020-08-15", "3"}, {"37", "2020-08-20", "3"},
		} {
			rate, err := b.Percent("fund.rate", x.at, day(x.on))
			require.NoError(t, err)
			require.Equal(t, x.want, rate.String(), "%+v", x)
		}
	})
}

// Of the values that must fit each other each place and day is looked at, and once
// more when the change is approved.
func TestValuesThatContradict(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		one, two := h.clerk("one", "37"), h.clerk("two", "37")
		h.decided(proposal("fund.high", "370102", "2020-10-01", "7"))
		_, err := h.Propose(one, proposal("fund.low", "37", "2020-08-01", "7"))
		requireCode(t, "fund.low_high", err, "one county will be at 7 from October")
		p := proposal("fund.low", "37", "2020-08-01", "7")
		p.To = day("2020-09-30")
		_, err = h.Propose(one, p)
		require.NoError(t, err, "it ends before")
		p.To = day("2020-10-01")
		_, err = h.Propose(one, p)
		requireCode(t, "fund.low_high", err)

		// Each is right by itself; the second is judged by the book of its moment.
		low, high := h.submitted(one, proposal("fund.low", "3706", "2020-08-01", "8")), h.submitted(one, proposal("fund.high", "3706", "2020-08-01", "6"))
		_, err = h.Approve(two, rules.Approval{Ref: low.Ref(), Version: 2})
		require.NoError(t, err)
		_, err = h.Approve(two, rules.Approval{Ref: high.Ref(), Version: 2})
		requireCode(t, "fund.low_high", err)
		c, err := h.Change(one, high.Ref())
		require.NoError(t, err)
		require.Equal(t, "submitted", c.State, "it still waits, to be returned")

		// When a value is put off, what lay below it is back, and has to fit too.
		h.decided(proposal("fund.low", "3707", "2020-08-01", "3"))
		now := h.decided(proposal("fund.low", "3702", "2020-08-01", "3"))
		h.decided(proposal("fund.high", "3702", "2020-08-01", "4"))
		p = proposal("fund.low", "3702", "2020-09-01", "3")
		p.Replaces = h.entry(now).ID
		_, err = h.Propose(one, p)
		requireCode(t, "fund.low_high", err, "5 against 4 through August")
	})
}

// Who wrote the value last, and who sent it in, cannot approve it.
func TestNobodyApprovesAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		one, two, three := h.clerk("one", "37"), h.clerk("two", "37"), h.clerk("three", "37")
		refused := func(ctx context.Context, c rules.Change, version int, why string) {
			t.Helper()
			_, err := h.Approve(ctx, rules.Approval{Ref: c.Ref(), Version: version, ConfirmPast: true, Reason: "确认"})
			requireCode(t, "casework.four_eyes", err, why)
			require.Equal(t, why != "wrote it", rules.MayApprove(ctx, c), "the page hides the button from who wrote it")
		}
		c := h.submitted(one, proposal("fund.cap", "37", "2020-08-01", "1500"))
		refused(one, c, 2, "wrote it")
		require.True(t, rules.MayApprove(two, c))

		c, err := h.Propose(one, proposal("fund.cap", "3701", "2020-08-01", "1500"))
		require.NoError(t, err)
		c, err = h.Submit(two, c.Ref(), 1)
		require.NoError(t, err)
		refused(one, c, 2, "wrote it")
		refused(two, c, 2, "sent it in")
		_, err = h.Approve(three, rules.Approval{Ref: c.Ref(), Version: 2})
		require.NoError(t, err)

		// Written anew by the one to whom it went back: now the first may approve.
		c = h.submitted(one, proposal("fund.cap", "3702", "2020-08-01", "1500"))
		_, err = h.Return(two, c.Ref(), 2, " ")
		requireCode(t, "casework.reason", err)
		c, err = h.Return(two, c.Ref(), 2, "请附文件")
		require.NoError(t, err)
		require.Equal(t, "returned", c.State)
		_, err = h.Approve(two, rules.Approval{Ref: c.Ref(), Version: 3})
		requireCode(t, "casework.illegal", err)
		require.False(t, c.TriedAt.IsZero(), "what was tried is still there")
		c, err = h.Edit(two, c.Ref(), 3, proposal("fund.low", "37", "2020-08-02", "1600"))
		require.NoError(t, err)
		require.Equal(t, []string{"fund.cap", "3702", "160000"}, []string{c.Key, c.Place, c.Value}, "parameter and place stay")
		require.True(t, c.TriedAt.IsZero(), "what was tried was another value")
		c, err = h.Submit(two, c.Ref(), 4)
		require.NoError(t, err)
		refused(two, c, 5, "wrote it")
		_, err = h.Approve(one, rules.Approval{Ref: c.Ref(), Version: 5})
		require.NoError(t, err)
		events, err := h.cases.History(one, c.Ref())
		require.NoError(t, err)
		var said []string
		for _, e := range events {
			said = append(said, strings.TrimSpace(e.Event+" "+e.ActorName+" "+e.Reason))
		}
		require.Equal(t, []string{"open one", "submit one", "return two 请附文件", "edit two", "submit two", "approve one"}, said)

		// Who may only write, or only approve, does not do the other.
		writer, judge := h.clerk("writer", "37", rules0, access.RulesPropose), h.clerk("judge", "37", rules0, access.RulesApprove)
		_, err = h.Propose(judge, proposal("fund.cap", "3703", "2020-08-01", "1500"))
		requireCode(t, "access.denied", err)
		c = h.submitted(writer, proposal("fund.cap", "3703", "2020-08-01", "1500"))
		other := h.clerk("other writer", "37", rules0, access.RulesPropose)
		_, err = h.Approve(other, rules.Approval{Ref: c.Ref(), Version: 2})
		requireCode(t, "casework.not_yours", err)
		_, err = h.Return(other, c.Ref(), 2, "不行")
		requireCode(t, "casework.not_yours", err)
		_, err = h.Withdraw(judge, c.Ref(), 2, "不行")
		requireCode(t, "casework.not_yours", err)
		_, err = h.Approve(judge, rules.Approval{Ref: c.Ref(), Version: 2})
		require.NoError(t, err)
	})
}

func TestTwoApproveAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		other, _ := h.another()
		c := h.submitted(h.clerk("one", "37"), proposal("fund.cap", "37", "2020-08-01", "1500"))
		errs := atOnce(6, func(i int) error {
			_, err := []*rules.Service{h.Service, other}[i%2].Approve(h.clerk(fmt.Sprintf("judge %d", i), "37"), rules.Approval{Ref: c.Ref(), Version: 2})
			return err
		})
		require.Len(t, errs, 5, "one of them wins")
		for _, err := range errs {
			requireCode(t, "casework.moved_on", err)
		}
		_, entries, err := h.Parameter(h.clerk("reader", "37"), "fund.cap")
		require.NoError(t, err)
		require.Len(t, entries, 2, "the shipped one and this one")
		require.Equal(t, "1-", h.Latest().Version()[:2])
		var n int
		require.NoError(t, d.Reader(t.Context()).NewRaw("SELECT count(*) FROM audit_entries WHERE action = 'rules.entry_added'").Scan(t.Context(), &n))
		require.Equal(t, 1, n)
	})
}

// Of two changes for the same days, approved at once, one wins and the other is
// told why.
func TestTwoChangesOfOneValueAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		one := h.clerk("one", "37")
		var list []rules.Change
		for _, v := range []string{"1500", "1600", "1700"} {
			list = append(list, h.submitted(one, proposal("fund.cap", "37", "2020-08-01", v)))
		}
		errs := atOnce(len(list), func(i int) error {
			_, err := h.Approve(h.clerk(fmt.Sprintf("judge %d", i), "37"), rules.Approval{Ref: list[i].Ref(), Version: 2})
			return err
		})
		require.Len(t, errs, 2)
		for _, err := range errs {
			requireCode(t, "rules.overlap", err)
		}
		// The same for two that replace one entry.
		_, all, err := h.Parameter(one, "fund.cap")
		require.NoError(t, err)
		list = nil
		for _, from := range []string{"2020-08-01", "2020-09-01"} {
			p := proposal("fund.cap", "37", from, "900")
			p.Replaces = all[0].ID
			list = append(list, h.submitted(one, p))
		}
		errs = atOnce(len(list), func(i int) error {
			_, err := h.Approve(h.clerk(fmt.Sprintf("judge %d", i), "37"), rules.Approval{Ref: list[i].Ref(), Version: 2})
			return err
		})
		require.Len(t, errs, 1)
		requireCode(t, "rules.replaced", errs[0])
	})
}

// atOnce gives the faults of calls made at the same time.
func atOnce(n int, f func(i int) error) []error {
	var mu sync.Mutex
	var wg sync.WaitGroup
	var errs []error
	for i := range n {
		wg.Go(func() {
			if err := f(i); err != nil {
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			}
		})
	}
	wg.Wait()
	return errs
}

// Nobody decides on anything but what he has seen.
func TestChangedUnderTheFeet(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		one, two := h.clerk("one", "37"), h.clerk("two", "37")
		p := proposal("fund.cap", "37", "2020-08-01", "1500")
		c := h.submitted(one, p)
		_, err := h.Return(two, c.Ref(), 2, "请改")
		require.NoError(t, err)
		p.Value = "9000"
		_, err = h.Edit(one, c.Ref(), 2, p)
		requireCode(t, "casework.moved_on", err)
		_, err = h.Edit(one, c.Ref(), 3, p)
		require.NoError(t, err)
		_, err = h.Edit(one, c.Ref(), 3, p)
		requireCode(t, "casework.moved_on", err, "the second click")
		_, err = h.Submit(one, c.Ref(), 4)
		require.NoError(t, err)
		_, err = h.Approve(h.clerk("three", "37"), rules.Approval{Ref: c.Ref(), Version: 2})
		requireCode(t, "casework.moved_on", err, "three has seen 1500, not 9000")
		now, err := h.Withdraw(one, c.Ref(), 5, "搞错了")
		require.NoError(t, err)
		require.Equal(t, "withdrawn", now.State)
		_, err = h.Approve(two, rules.Approval{Ref: c.Ref(), Version: 5})
		require.True(t, fault.HasCode(err, "casework.illegal") || fault.HasCode(err, "casework.moved_on"), "%v", err)

		// What was found while somebody rewrote the change is not kept with it.
		c, err = h.Propose(one, proposal("fund.cap", "3701", "2020-08-01", "1500"))
		require.NoError(t, err)
		trying, _ := h.another(func(r *rules.Room) {
			r.Trials = []rules.Trial{{Name: "fund.count", Keys: []string{"fund.cap"}, Run: func(context.Context, rules.Try) ([]rules.TrialLine, error) {
				_, err := h.Edit(one, c.Ref(), 1, proposal("fund.cap", "3701", "2020-08-01", "1700"))
				return nil, err
			}}}
		})
		_, err = trying.Try(two, c.Ref())
		requireCode(t, "rules.moved_on", err)
		c, err = h.Change(one, c.Ref())
		require.NoError(t, err)
		require.True(t, c.TriedAt.IsZero())
		require.Equal(t, "170000", c.Value)
	})
}

// A room's own trial sees both books, and only its own parameters call it.
func TestARoomTries(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		one := h.clerk("one", "370102")
		failing := fault.New(fault.Unavailable, "db.busy")
		var err error
		s, _ := h.another(func(r *rules.Room) {
			r.Trials = []rules.Trial{{Name: "fund.count", Keys: []string{"fund.cap"}, Run: func(_ context.Context, try rules.Try) ([]rules.TrialLine, error) {
				was, _ := try.Before.Fen("fund.cap", try.Place, try.Day)
				is, _ := try.After.Fen("fund.cap", try.Place, try.Day)
				eve, _ := try.After.Fen("fund.cap", try.Place, try.Day-1)
				return []rules.TrialLine{{Line: "cap", Money: true, SumBefore: was, SumAfter: is}, {Line: "eve", Money: true, SumAfter: eve}}, err
			}}}
		})
		c, fails := s.Propose(one, proposal("fund.cap", "370102", "2020-08-01", "1500"))
		require.NoError(t, fails)
		got, fails := s.Try(one, c.Ref())
		require.NoError(t, fails)
		require.Equal(t, []rules.TrialResult{{Trial: "fund.count", Lines: []rules.TrialLine{
			{Line: "cap", Money: true, SumBefore: yuan("1000"), SumAfter: yuan("1500")}, {Line: "eve", Money: true, SumAfter: yuan("1000")},
		}}}, got)
		low, fails := s.Propose(one, proposal("fund.low", "370102", "2020-08-01", "6"))
		require.NoError(t, fails)
		got, fails = s.Try(one, low.Ref())
		require.NoError(t, fails)
		require.Empty(t, got)
		err = failing
		_, fails = s.Try(one, c.Ref())
		require.ErrorIs(t, fails, failing)
		c, fails = s.Change(one, c.Ref())
		require.NoError(t, fails)
		require.Len(t, c.Trials, 1, "what was found before stays")
	})
}

// A value reaches into days that have passed only when the second person says so
// and why.
func TestThePast(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		one, two := h.clerk("one", "37"), h.clerk("two", "37")
		approve := func(p rules.Proposal, confirm bool, reason string) error {
			t.Helper()
			c := h.submitted(one, p)
			_, err := h.Approve(two, rules.Approval{Ref: c.Ref(), Version: 2, ConfirmPast: confirm, Reason: reason})
			if err != nil {
				_, err2 := h.Withdraw(one, c.Ref(), 2, "不再需要")
				require.NoError(t, err2)
			}
			return err
		}
		past := func(err error, why string) {
			t.Helper()
			requireCode(t, "rules.past", err, why)
			require.Equal(t, "confirm_past", fault.As(err).Fields[0].Name)
		}
		require.NoError(t, approve(proposal("fund.cap", "3701", "2020-07-20", "1500"), false, ""), "today has not passed")
		require.NoError(t, approve(proposal("fund.cap", "3702", "2020-07-21", "1500"), false, ""))
		past(approve(proposal("fund.cap", "3703", "2020-07-19", "1500"), false, ""), "yesterday has")
		past(approve(proposal("fund.cap", "3703", "2020-07-19", "1500"), true, "  "), "no reason")
		past(approve(proposal("fund.cap", "3703", "2020-07-19", "1500"), false, "补录"), "not confirmed")
		require.NoError(t, approve(proposal("fund.cap", "3703", "2020-07-19", "1500"), true, "补录"))
		over := proposal("fund.cap", "3704", "2020-07-01", "1500")
		over.To = day("2020-07-10")
		past(approve(over, false, ""), "altogether over")

		// A change on its way while the first day passes reaches into the past by then.
		waiting := h.submitted(one, proposal("fund.cap", "3705", "2020-07-21", "1500"))
		h.clock.Advance(48 * time.Hour)
		_, err := h.Approve(two, rules.Approval{Ref: waiting.Ref(), Version: 2})
		past(err, "today is the 22nd")

		_, all, err := h.Parameter(one, "fund.cap")
		require.NoError(t, err)
		ids := map[string]string{}
		for _, e := range all {
			ids[e.Place] = e.ID
		}
		replaced := func(place, from, to, value string) rules.Proposal {
			p := proposal("fund.cap", place, from, value)
			if p.Replaces = ids[place]; to != "" {
				p.To = day(to)
			}
			return p
		}
		past(approve(replaced("3701", "2020-07-20", "", "1600"), false, ""), "another value for days that have passed")
		past(approve(replaced("3701", "2020-07-30", "", "1500"), false, ""), "the days until then lose theirs")
		past(approve(replaced("3701", "2020-07-20", "2020-07-20", "1500"), false, ""), "it ended the day before yesterday")
		words := replaced("3702", "2020-07-21", "", "1500")
		words.Citation = "鲁工发〔2020〕10号"
		require.NoError(t, approve(words, false, ""), "only the document is another")
		require.NoError(t, approve(replaced("3701", "2020-07-20", "2020-07-22", "1500"), false, ""), "it ends with today")
		b, err := h.Book(t.Context())
		require.NoError(t, err)
		for on, want := range map[string]string{"2020-07-20": "1500.00", "2020-07-22": "1500.00", "2020-07-23": "1000.00"} {
			e, err := b.On("fund.cap", "3701", day(on))
			require.NoError(t, err)
			require.Equal(t, want, e.Value.Typed(), on)
		}
	})
}

// What a sister proposes does not exist, and nobody proposes for a sister. What
// holds is known to everybody who may read: it is the same for all.
func TestSistersDoNotMeet(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		mine := h.submitted(h.clerk("own", "370102"), proposal("fund.cap", "370102", "2020-08-01", "1500"))
		draft, err := h.Propose(h.clerk("own", "370102"), proposal("fund.cap", "370102", "2020-09-01", "1700"))
		require.NoError(t, err)
		for _, at := range []string{"370103", "370202", "3702"} {
			sister := h.clerk("sister", at)
			for _, place := range []string{"370102", "3701", "37"} {
				_, err := h.Propose(sister, proposal("fund.cap", place, "2020-10-01", "1500"))
				requireCode(t, "rules.place", err, at, place)
				_, unknown := h.Propose(sister, proposal("fund.cap", "9999", "2020-10-01", "1500"))
				require.Equal(t, unknown.Error(), err.Error(), "the same words as for a place that is none")
			}
			for _, c := range []rules.Change{mine, draft} {
				for name, f := range map[string]func() error{
					"read": func() error { _, err := h.Change(sister, c.Ref()); return err },
					"try":  func() error { _, err := h.Try(sister, c.Ref()); return err },
					"edit": func() error {
						_, err := h.Edit(sister, c.Ref(), 1, proposal("fund.cap", "370102", "2020-08-01", "1"))
						return err
					},
					"submit":   func() error { _, err := h.Submit(sister, c.Ref(), 1); return err },
					"approve":  func() error { _, err := h.Approve(sister, rules.Approval{Ref: c.Ref(), Version: 2}); return err },
					"return":   func() error { _, err := h.Return(sister, c.Ref(), 2, "不"); return err },
					"withdraw": func() error { _, err := h.Withdraw(sister, c.Ref(), 2, "不"); return err },
				} {
					require.ErrorIs(t, f(), rules.ErrNotFound, "%s of %s", name, at)
				}
			}
			all, err := h.Changes(sister, "", false, page.Request{})
			require.NoError(t, err)
			require.Empty(t, all.Items)
			_, _, err = h.Parameter(sister, "fund.cap")
			require.NoError(t, err)
		}
		require.Equal(t, int64(0), h.seq(), "nothing was counted as approved")

		// Below one's own unit one sees and decides; above it one does neither.
		for _, at := range []string{"370102", "3701", "37"} {
			all, err := h.Changes(h.clerk("above", at), "fund.cap", true, page.Request{Limit: 1})
			require.NoError(t, err)
			require.Len(t, all.Items, 1)
			require.Equal(t, draft.ID, all.Items[0].ID, "the latest first")
			more, err := h.Changes(h.clerk("above", at), "fund.cap", true, page.Request{Limit: 1, After: all.Next})
			require.NoError(t, err)
			require.Equal(t, mine.ID, more.Items[0].ID)
			require.Empty(t, more.Next)
		}
		county := h.clerk("county", "370102")
		up := h.submitted(h.clerk("city", "3701"), proposal("fund.cap", "3701", "2020-08-01", "1500"))
		_, err = h.Approve(county, rules.Approval{Ref: up.Ref(), Version: 2})
		require.ErrorIs(t, err, rules.ErrNotFound)
		_, err = h.Approve(h.clerk("city", "3701"), rules.Approval{Ref: mine.Ref(), Version: 2})
		require.NoError(t, err, "the city may decide for its county")

		// Without rules.read there is nothing to see, and nobody sees without signing in.
		for _, ctx := range []context.Context{h.clerk("recorder", "370102", access.ServicesRecord), t.Context()} {
			_, err = h.Change(ctx, mine.Ref())
			require.Error(t, err)
			_, err = h.Changes(ctx, "", false, page.Request{})
			require.Error(t, err)
			_, err = h.Parameters(ctx, rules.Filter{})
			require.Error(t, err)
			_, _, err = h.Parameter(ctx, "fund.cap")
			require.Error(t, err)
		}
		_, _, err = h.Parameter(county, "fund.top")
		require.ErrorIs(t, err, rules.ErrNotFound)
		leader := h.clerk("leader", "37", rules0)
		_, err = h.Change(leader, mine.Ref())
		require.NoError(t, err)
		_, err = h.Try(leader, mine.Ref())
		requireCode(t, "access.denied", err, "to look is not to try")
	})
}

// seq is the number of approvals so far.
func (h *house) seq() int64 {
	h.t.Helper()
	b, err := h.Book(h.t.Context())
	require.NoError(h.t, err)
	n, _, _ := strings.Cut(b.Version(), "-")
	count, err := strconv.ParseInt(n, 10, 64)
	require.NoError(h.t, err)
	return count
}

// An approval that is cut off leaves neither value nor version, and another may
// take it up.
func TestAnApprovalThatIsCutOff(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		c := h.submitted(h.clerk("one", "37"), proposal("fund.cap", "37", "2020-08-01", "1500"))
		two := h.clerk("two", "37")
		undone := fault.New(fault.Unavailable, "db.busy")
		err := d.InTx(two, func(ctx context.Context) error {
			_, err := h.Approve(ctx, rules.Approval{Ref: c.Ref(), Version: 2})
			require.NoError(t, err)
			b, err := h.Book(ctx)
			require.NoError(t, err)
			amount, err := b.Fen("fund.cap", "37", day("2020-08-01"))
			require.NoError(t, err)
			require.Equal(t, yuan("1500"), amount, "a transaction sees what it wrote")
			return undone
		})
		require.ErrorIs(t, err, undone)
		require.Zero(t, h.seq())
		for _, b := range []*rules.Book{h.Latest(), func() *rules.Book { b, err := h.Book(t.Context()); require.NoError(t, err); return b }()} {
			amount, err := b.Fen("fund.cap", "37", day("2020-08-01"))
			require.NoError(t, err)
			require.Equal(t, yuan("1000"), amount, "and nobody else does")
		}
		_, err = h.Approve(h.clerk("three", "37"), rules.Approval{Ref: c.Ref(), Version: 2})
		require.NoError(t, err)
		require.Equal(t, int64(1), h.seq())
	})
}
