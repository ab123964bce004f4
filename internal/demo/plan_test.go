package demo

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/company"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/ident"
	"gonghui/internal/kit/place"
	"gonghui/internal/measure/employment"
)

var today = clock.MakeDay(2026, 7, 22)

func TestTrades(t *testing.T) {
	all := trades()
	require.GreaterOrEqual(t, len(all), 80)
	hires := map[string]bool{}
	for _, x := range all {
		name := list(x.titles)[0]
		o, ok := employment.OccupationByCode(x.occupation)
		require.True(t, ok, "%s: %s", name, x.occupation)
		require.Equal(t, 4, o.Level, name)
		require.Less(t, x.low, x.high, name)
		require.Positive(t, x.weight, name)
		require.Contains(t, []string{"", "hour", "day"}, x.per, name)
		for _, h := range list(x.hours) {
			require.Contains(t, employment.HourKinds, h, name)
		}
		for _, g := range list(x.groups) {
			require.Contains(t, employment.GroupCodes, g, name)
		}
		for _, part := range []string{x.titles, x.work, x.need, x.perk} {
			require.NotEmpty(t, part, name)
			for _, p := range list(part) {
				require.NotEmpty(t, p, name)
			}
		}
		require.GreaterOrEqual(t, len(list(x.work)), 3, name)
		for _, h := range list(x.hire) {
			hires[h] = true
		}
		// No part may hit a rule that refuses vacancies.
		pay := employment.Pay{MinFen: 1, MaxFen: 2, Per: "month"}
		for _, p := range append(append(append(list(x.titles), list(x.work)...), list(x.need)...), list(x.perk)...) {
			require.Empty(t, employment.Screen(employment.ScreenInput{Title: p, Content: p, Pay: pay}, today), p)
		}
	}
	for _, l := range lines {
		_, ok := company.IndustryByCode(l.division)
		require.True(t, ok, l.division)
		require.True(t, hires[l.division] || hires["*"], l.division)
	}
}

func TestAtlas(t *testing.T) {
	a := newAtlas()
	require.Len(t, a.cities, 16)
	require.Len(t, a.counties, 151, "136 counties and 15 zones")
	require.Equal(t, "历下区", a.county(homeCounty).Name)
	for _, c := range a.counties {
		require.Positive(t, c.weight, c.Name)
	}
}

func TestEmployers(t *testing.T) {
	m := newMakers(1, newAtlas(), trades())
	names, codes := map[string]bool{}, map[string]bool{}
	for range 9000 {
		e := m.next("", "")
		require.Equal(t, ident.OK, ident.CreditCode(e.credit), e.credit)
		require.False(t, names[e.name] || codes[e.credit], "%s %s", e.name, e.credit)
		names[e.name], codes[e.credit] = true, true
		require.NotEmpty(t, e.trades, e.name)
		_, ok := company.IndustryByCode(e.industry)
		require.True(t, ok, e.industry)
		require.LessOrEqual(t, utf8.RuneCountInString(e.name), 40)
	}
}

func TestAdverts(t *testing.T) {
	a := newAtlas()
	m, w := newMakers(3, a, trades()), newWriters(3, a, trades())
	texts := map[string]bool{}
	per := map[string]int{}
	const n = 4000
	for range n {
		e := m.next("", "")
		x := w.next(e)
		pay, err := employment.ParsePay(x.pay)
		require.NoError(t, err, x.pay)
		require.True(t, pay.HasFigures(), x.pay)
		per[pay.Per]++
		if low, high, ok := pay.Monthly(); ok {
			require.GreaterOrEqual(t, low, int64(2_300_00), "%s %s", x.title, x.pay)
			require.LessOrEqual(t, high, int64(30_000_00), "%s %s", x.title, x.pay)
		}
		require.Empty(t, employment.Screen(employment.ScreenInput{Title: x.title, Content: x.content, Pay: pay, PayText: x.pay}, today), x.content)
		require.True(t, strings.HasPrefix(x.place.Code, e.county.city.Code), "one custody")
		got, ok := place.Get(x.place.Code)
		require.True(t, ok)
		require.Equal(t, got, x.place)
		require.LessOrEqual(t, utf8.RuneCountInString(x.title), employment.MaxTitle)
		require.GreaterOrEqual(t, utf8.RuneCountInString(x.content), 20)
		texts[x.content] = true
	}
	require.Greater(t, len(texts), n*95/100, "texts do not repeat")
	require.Positive(t, per["hour"])
	require.Positive(t, per["day"])
	require.Greater(t, per["month"], n/2)
}

func TestPlanIsPure(t *testing.T) {
	one, two := newPlan(Small, 7, today), newPlan(Small, 7, today)
	require.Equal(t, one, two)
	require.Len(t, one.crowd, one.people)
	require.Len(t, one.ads, one.posts-one.imported)
	require.Len(t, append(one.files, one.sheet...), one.imported)
	require.Len(t, one.stories, one.applications)
	phones := map[string]bool{}
	for _, h := range one.crowd {
		require.Equal(t, ident.OK, ident.Phone(h.phone))
		require.False(t, phones[h.phone])
		phones[h.phone] = true
	}
	for _, x := range one.ads {
		require.True(t, one.past(x.at))
		require.True(t, x.at.After(x.firm.decideAt), "no ad before the company is verified")
		require.GreaterOrEqual(t, x.validTo, clock.DayOf(x.at))
	}
	for _, s := range one.stories {
		at := s.at
		require.True(t, at.After(s.post.decideAt))
		for _, step := range s.steps {
			require.True(t, step.at.After(at), "steps follow each other")
			require.True(t, one.past(step.at))
			at = step.at
		}
	}
	require.NotEqual(t, one.crowd[1].name+one.firms[20].name, newPlan(Small, 8, today).crowd[1].name+newPlan(Small, 8, today).firms[20].name)
}
