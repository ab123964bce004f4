package figures_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/figures"
	"gonghui/internal/core/org"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
)

const (
	served = "test.served" // persons
	visits = "test.visits" // person-times
)

type bench struct {
	*figures.Service
	org    *org.Service
	clock  *clock.Fake
	source *[]figures.Fact // what the records say, for Recount
}

var noon = time.Date(2020, 7, 20, 4, 0, 0, 0, time.UTC)

func setup(t testing.TB, d *db.DB) bench {
	t.Helper()
	c := clock.NewFake(noon)
	o := org.New(d, c)
	require.NoError(t, o.Seed(sys(t)))
	b := bench{figures.New(figures.Deps{DB: d, Clock: c, Org: o}), o, c, &[]figures.Fact{}}
	require.NoError(t, b.Register(figures.Indicator{Key: served, Unit: figures.Persons, Owner: "test",
		Source: func(_ context.Context, _ string, yield func(figures.Fact) error) error {
			for _, f := range *b.source {
				if err := yield(f); err != nil {
					return err
				}
			}
			return nil
		}}))
	require.NoError(t, b.Register(figures.Indicator{Key: visits, Unit: figures.PersonTimes, Owner: "test"}))
	return b
}

func sys(t testing.TB) context.Context { return access.System(t.Context(), "test") }

func (b bench) unit(t testing.TB, division string) org.Unit {
	t.Helper()
	u, ok := b.org.ByDivision(division)
	require.True(t, ok, division)
	return u
}

func viewer(ctx context.Context, path string, caps ...access.Capability) context.Context {
	return access.Enter(ctx, access.Actor{AccountID: "v", Name: "v", Kind: access.KindStaff,
		Grants: []access.Grant{{ID: "g", Role: access.RoleCounty, UnitID: "u", Path: path, Caps: caps}}})
}

func fact(u org.Unit, person string, on clock.Day) figures.Fact {
	return figures.Fact{Indicator: served, City: u.CityCode, OrgPath: u.Path, On: on, Subject: person,
		SourceKind: "test.application", SourceID: "a-" + person}
}

func TestAPersonIsCountedOnceInAYear(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), sys(t)
		lixia, shinan := b.unit(t, "370102"), b.unit(t, "370202")
		day := clock.MakeDay(2020, 7, 20)
		for n, tc := range []struct {
			fact figures.Fact
			want bool
		}{
			{fact(lixia, "p1", day), true},
			{fact(lixia, "p1", day), false},
			{fact(lixia, "p1", day.Add(-3)), false},
			{fact(shinan, "p2", day), true},
			{fact(lixia, "p1", clock.MakeDay(2019, 12, 31)), true}, // another period
		} {
			got, err := b.Count(ctx, tc.fact)
			require.NoError(t, err)
			require.Equal(t, tc.want, got, "fact %d", n)
		}
		root, _ := b.org.Root()
		for _, tc := range []struct {
			unit   org.Unit
			period string
			want   int64
		}{{root, "2020", 2}, {root, "2019", 1}, {b.unit(t, "3701"), "2020", 1}, {lixia, "2020", 1}, {shinan, "2020", 1}, {b.unit(t, "3703"), "2020", 0}} {
			f, err := b.Progress(ctx, served, tc.period, tc.unit)
			require.NoError(t, err)
			require.Equal(t, tc.want, f.Done, "%s %s", tc.unit.Name, tc.period)
		}
	})
}

func TestCountRefusesWhatNoRecordCanSay(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), sys(t)
		day := clock.MakeDay(2020, 7, 20)
		for name, spoil := range map[string]func(f *figures.Fact){
			"tomorrow":          func(f *figures.Fact) { f.On = day.Add(1) },
			"no day":            func(f *figures.Fact) { f.On = 0 },
			"no place":          func(f *figures.Fact) { f.OrgPath = "" },
			"a broken place":    func(f *figures.Fact) { f.OrgPath = "00010" },
			"no person":         func(f *figures.Fact) { f.Subject = "" },
			"two of one person": func(f *figures.Fact) { f.Quantity = 2 },
			"negative":          func(f *figures.Fact) { f.Quantity = -1 },
			"no source":         func(f *figures.Fact) { f.SourceID = "" },
			"unknown indicator": func(f *figures.Fact) { f.Indicator = "test.none" },
		} {
			f := fact(b.unit(t, "370102"), "p1", day)
			spoil(&f)
			_, err := b.Count(ctx, f)
			require.True(t, fault.IsKind(err, fault.Internal), "%s: %v", name, err)
		}
		require.NoError(t, check(b, ctx))
	})
}

func check(b bench, ctx context.Context) error {
	for _, key := range []string{served, visits} {
		d, err := b.Recount(ctx, key, "2020")
		if err != nil {
			return err
		}
		if !d.Clean() {
			return fmt.Errorf("%s: %+v", key, d)
		}
	}
	return nil
}

// Random facts with many repeats, from two writers at once: the rollups equal a
// recount, at every level.
func TestRollupsEqualARecount(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), sys(t)
		var places []org.Unit
		for _, division := range []string{"370102", "370103", "370202", "3705", "37"} {
			places = append(places, b.unit(t, division))
		}
		places = append(places, b.org.Children(places[0].ID)[:3]...)
		home := map[string]org.Unit{} // a person's custody never changes
		people := make([]string, 60)
		rnd := rand.New(rand.NewPCG(7, 20))
		for n := range people {
			people[n] = fmt.Sprintf("p%02d", n)
			home[people[n]] = places[rnd.IntN(len(places))]
		}
		random := func(rnd *rand.Rand) figures.Fact {
			p := people[rnd.IntN(len(people))]
			f := fact(home[p], p, clock.MakeDay(2020, 7, 1+rnd.IntN(20)))
			f.SourceID = fmt.Sprint(rnd.IntN(200))
			if rnd.IntN(2) == 0 {
				f.Indicator, f.Subject, f.Quantity = visits, "", int64(rnd.IntN(3))
			}
			return f
		}
		var mu sync.Mutex
		counted := map[string]int{}
		var wg sync.WaitGroup
		for w := range 2 {
			wg.Go(func() {
				rnd := rand.New(rand.NewPCG(7, uint64(w)))
				for range 60 {
					many := []figures.Fact{random(rnd)}
					for range rnd.IntN(4) {
						if f := random(rnd); f.Indicator == many[0].Indicator {
							many = append(many, f)
						}
					}
					n, err := b.CountMany(ctx, many)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					counted[many[0].Indicator] += n
					for _, f := range many {
						if f.Indicator == served {
							*b.source = append(*b.source, f)
						}
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		require.NoError(t, check(b, ctx))
		root, _ := b.org.Root()
		for _, key := range []string{served, visits} {
			f, err := b.Progress(ctx, key, "2020", root)
			require.NoError(t, err)
			require.EqualValues(t, counted[key], f.Facts, key)
			children, err := b.ByChild(ctx, key, "2020", root)
			require.NoError(t, err)
			var sum int64
			for _, c := range children {
				sum += c.Done
			}
			require.Equal(t, f.Done, sum, "the places sum up to the whole")
		}

		// A rollup that was tampered with is found, and mended from the facts.
		_, err := d.Writer(ctx).NewRaw("UPDATE figure_rollups SET quantity = quantity + 1 WHERE org_path = ? AND indicator = ?", root.Path, served).Exec(ctx)
		require.NoError(t, err)
		_, err = d.Writer(ctx).NewRaw("DELETE FROM figure_rollups WHERE org_path = ? AND indicator = ?", home["p01"].Path, served).Exec(ctx)
		require.NoError(t, err)
		require.Error(t, check(b, ctx))
		require.NoError(t, b.Rebuild(ctx, served, "2020"))
		require.NoError(t, check(b, ctx))

		// A fact without a record, and a record without a fact.
		*b.source = append((*b.source)[:0], fact(places[0], "ghost", clock.MakeDay(2020, 7, 1)))
		diff, err := b.Recount(ctx, served, "2020")
		require.NoError(t, err)
		require.EqualValues(t, 1, diff.Missing)
		require.Equal(t, diff.Facts, diff.Extra)
	})
}

func TestTwoCountTheSamePersonAtOnce(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), sys(t)
		u := b.unit(t, "370102")
		won := make(chan bool, 8)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				ok, err := b.Count(ctx, fact(u, "p1", clock.MakeDay(2020, 7, 20)))
				if err != nil {
					t.Error(err)
				}
				won <- ok
			})
		}
		wg.Wait()
		close(won)
		n := 0
		for ok := range won {
			if ok {
				n++
			}
		}
		require.Equal(t, 1, n)
	})
}

func TestYesterdaysFigure(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), sys(t)
		lixia, root := b.unit(t, "370102"), b.unit(t, "37")
		_, err := b.Count(ctx, fact(lixia, "p1", clock.MakeDay(2020, 7, 18)))
		require.NoError(t, err)
		b.clock.Set(clock.MakeDay(2020, 7, 20).End()) // the next day begins
		_, err = b.Count(ctx, fact(lixia, "p2", clock.MakeDay(2020, 7, 18)))
		require.NoError(t, err, "recorded late, for a day before")
		for day, want := range map[clock.Day]int64{clock.MakeDay(2020, 7, 19): 0, clock.MakeDay(2020, 7, 20): 1, clock.MakeDay(2020, 7, 21): 2} {
			got, err := b.AsOf(ctx, served, "2020", root, day)
			require.NoError(t, err)
			require.Equal(t, want, got, day.String())
		}
	})
}

func TestTargetsRatesAndRanks(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), sys(t)
		root := b.unit(t, "37")
		whole := figures.Target{Indicator: served, Period: "2020", UnitID: root.ID, Target: 300_000, Citation: "12项措施"}
		cities := b.org.Children(root.ID)
		parts := figures.Split(whole, cities, func(u org.Unit) int64 { return int64(len(u.Name)) }, 5)
		require.NoError(t, b.SetTargets(ctx, append(parts, whole)))
		var sum int64
		for _, p := range parts {
			sum += p.Target
		}
		require.EqualValues(t, 315_000, sum)

		require.True(t, fault.HasCode(b.SetTargets(viewer(t.Context(), root.Path, access.FiguresView), parts), "access.denied"))
		bad := whole
		bad.Period = "20"
		require.True(t, fault.HasCode(b.SetTargets(ctx, []figures.Target{bad}), "figures.period"))
		bad = whole
		bad.UnitID = "nowhere"
		require.True(t, fault.HasCode(b.SetTargets(ctx, []figures.Target{bad}), "figures.target"))

		small := []figures.Target{}
		for n, want := range []int64{4, 2, 2} {
			small = append(small, figures.Target{Indicator: served, Period: "2020", UnitID: cities[n].ID, Target: want})
		}
		require.NoError(t, b.SetTargets(ctx, small), "a target may be set again")
		for n, at := range []org.Unit{cities[0], cities[1], cities[2]} {
			_, err := b.Count(ctx, fact(at, fmt.Sprint("p", n), clock.MakeDay(2020, 7, 20)))
			require.NoError(t, err)
		}
		_, err := b.Count(ctx, fact(root, "p9", clock.MakeDay(2020, 7, 20)))
		require.NoError(t, err)
		list, err := b.ByChild(ctx, served, "2020", root)
		require.NoError(t, err)
		require.Len(t, list, len(cities)+1)
		require.Equal(t, []int{3, 1, 1}, []int{list[0].Rank, list[1].Rank, list[2].Rank})
		rate, ok := list[0].Rate()
		require.True(t, ok)
		require.EqualValues(t, 250, rate)
		last := list[len(list)-1]
		require.True(t, last.Itself)
		require.EqualValues(t, 1, last.Done, "what the province counted itself")
		require.Equal(t, clock.MakeDay(2020, 12, 31), list[0].DueOn)

		counties, err := b.ByChild(ctx, served, "2020", b.unit(t, "3701"))
		require.NoError(t, err)
		require.Len(t, counties, len(b.org.Children(b.unit(t, "3701").ID))+1)
		_, ok = counties[0].Rate()
		require.False(t, ok, "no target, no rate")
	})
}

func TestFiguresStayInsideTheScope(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := setup(t, d), sys(t)
		lixia, shizhong := b.unit(t, "370102"), b.unit(t, "370103")
		for n := range 5 {
			_, err := b.Count(ctx, fact(lixia, fmt.Sprint("l", n), clock.MakeDay(2020, 7, 20-n)))
			require.NoError(t, err)
			_, err = b.Count(ctx, fact(shizhong, fmt.Sprint("s", n), clock.MakeDay(2020, 7, 20-n)))
			require.NoError(t, err)
		}
		clerk := viewer(t.Context(), lixia.Path, access.FiguresView)
		_, err := b.Progress(clerk, served, "2020", lixia)
		require.NoError(t, err)
		for _, path := range []org.Unit{shizhong, b.unit(t, "3701")} {
			_, err = b.Progress(clerk, served, "2020", path)
			require.True(t, fault.HasCode(err, "figures.not_found"), err)
			_, err = b.ByChild(clerk, served, "2020", path)
			require.True(t, fault.HasCode(err, "figures.not_found"), err)
			_, err = b.Trend(clerk, served, "2020", path, figures.ByDay)
			require.True(t, fault.HasCode(err, "figures.not_found"), err)
			_, err = b.Forecast(clerk, served, "2020", path)
			require.True(t, fault.HasCode(err, "figures.not_found"), err)
			_, err = b.AsOf(clerk, served, "2020", path, clock.MakeDay(2020, 7, 20))
			require.True(t, fault.HasCode(err, "figures.not_found"), err)
		}
		got, err := b.Records(clerk, served, "2020", shizhong.Path, page.Request{})
		require.NoError(t, err)
		require.Empty(t, got.Items, "a sister county")
		_, err = b.Records(viewer(t.Context(), lixia.Path, access.CaseView), served, "2020", lixia.Path, page.Request{})
		require.True(t, fault.IsKind(err, fault.Forbidden), err)
		_, err = b.Recount(clerk, served, "2020")
		require.True(t, fault.HasCode(err, "access.denied"), err)

		var seen []string
		var next page.Cursor
		for {
			p, err := b.Records(clerk, served, "2020", "0001", page.Request{After: next, Limit: 2})
			require.NoError(t, err)
			for _, r := range p.Items {
				seen = append(seen, r.Subject)
			}
			if next = p.Next; next == "" {
				break
			}
		}
		require.Equal(t, []string{"l0", "l1", "l2", "l3", "l4"}, seen, "the newest first, own county only")
		_, err = b.Records(clerk, served, "2020", "0001", page.Request{After: "rubbish"})
		require.True(t, fault.HasCode(err, "page.cursor"), err)
	})
}
