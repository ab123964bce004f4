package rules_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/core/rules"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
)

func TestPlacesOfAPlace(t *testing.T) {
	for code, want := range map[string][]string{
		"37": {"37"}, "370000": {"37"}, "3700": {"37"}, "": {"37"}, "1101": {"37"}, "110101": {"37"}, "3702": {"3702", "37"}, "370200": {"3702", "37"},
		"370202": {"370202", "3702", "37"}, "370202001": {"370202", "3702", "37"}, "370202001000": {"370202", "3702", "37"}, "SECRET": {"37"},
	} {
		require.Equal(t, want, rules.Places(code), code)
	}
	require.Equal(t, []rules.Level{rules.Province, rules.City, rules.County}, []rules.Level{rules.LevelOf("37"), rules.LevelOf("3702"), rules.LevelOf("370202")})
}

// A value holds from its first day to its last one, both counted; outside, the
// place above counts again.
func TestTheDaysOfAValue(t *testing.T) {
	b := shippedFund(t)
	for _, x := range []struct{ at, on, want string }{
		{"3702", "2020-05-31", "2"}, {"3702", "2020-06-01", "1.5"}, {"3702", "2020-12-31", "1.5"}, {"3702", "2021-01-01", "2"},
		{"370202", "2020-06-01", "1.5"}, {"370202001", "2020-12-31", "1.5"}, {"370202", "2021-01-01", "2"},
		{"37", "2020-06-01", "2"}, {"3701", "2020-06-01", "2"}, {"370102", "2020-06-01", "2"}, {"110101", "2020-06-01", "2"}, {"37", "2020-01-01", "2"},
	} {
		p, err := b.Percent("fund.rate", x.at, day(x.on))
		require.NoError(t, err)
		require.Equal(t, x.want, p.String(), "%s on %s", x.at, x.on)
	}
	_, err := b.Percent("fund.rate", "37", day("2019-12-31"))
	requireCode(t, "rules.no_value", err)
	require.True(t, fault.IsKind(err, fault.NotFound))
	_, err = b.Percent("fund.top", "37", day("2020-01-01"))
	requireCode(t, "rules.unknown_key", err)
	_, err = b.Int("fund.rate", "37", day("2020-01-01"))
	requireCode(t, "rules.broken", err, "asked as another kind than it is")

	// The first fault stays, and a value that was read twice is named once.
	r := b.At("3702", day("2020-06-01"))
	require.Equal(t, rules.Percent(15_000), r.Percent("fund.rate"))
	require.Equal(t, rules.Percent(15_000), r.Percent("fund.rate"))
	require.Equal(t, yuan("1000"), r.Fen("fund.cap"))
	require.Equal(t, []string{"fund.rate 3702", "fund.cap 37"}, []string{r.Used()[0].Key + " " + r.Used()[0].Place, r.Used()[1].Key + " " + r.Used()[1].Place})
	require.Len(t, r.Used(), 2)
	require.NoError(t, r.Err())
	require.False(t, r.Bool("fund.top"))
	require.Empty(t, r.Text("fund.mode"), "nothing after a fault")
	requireCode(t, "rules.unknown_key", r.Err())
}

func TestOnlyAFactIsCited(t *testing.T) {
	b := shippedFund(t)
	for key, want := range map[string][2]string{"fund.rate": {"工会法", "工会法"}, "fund.cap": {"本省的规定", "This province's setting"}, "fund.split": {"本省的规定", "This province's setting"}} {
		e, err := b.On(key, "37", day("2020-07-20"))
		require.NoError(t, err)
		require.Equal(t, want, [2]string{e.Source(i18n.ZH), e.Source(i18n.EN)}, key)
	}
}

// What was decided goes before what was shipped, the nearest place before the
// wider one; an open period gives way to a later one and comes back behind it.
func TestDecidedValuesByDay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		other, _ := h.another()
		month := proposal("fund.cap", "37", "2020-08-01", "1500")
		month.To = day("2020-08-31")
		h.decided(month)
		h.decided(proposal("fund.cap", "370102", "2020-08-15", "2000"))
		city := proposal("fund.rate", "3702", "2020-07-01", "1")
		city.To = day("2020-07-31")
		h.decided(city)
		h.decided(proposal("fund.cap", "3702", "2020-09-01", "700"))
		later := proposal("fund.cap", "3702", "2020-10-01", "800")
		later.To = day("2020-10-07")
		h.decided(later)
		early := proposal("fund.open", "37", "2019-01-01", "否")
		h.decided(early)

		for _, s := range []*rules.Service{h.Service, other} {
			b, err := s.Book(t.Context())
			require.NoError(t, err)
			for _, x := range []struct{ key, at, on, want string }{
				{"fund.cap", "37", "2020-07-31", "1000.00"}, {"fund.cap", "37", "2020-08-01", "1500.00"}, {"fund.cap", "37", "2020-08-31", "1500.00"}, {"fund.cap", "37", "2020-09-01", "1000.00"},
				{"fund.cap", "370102", "2020-08-14", "1500.00"}, {"fund.cap", "370102", "2020-08-15", "2000.00"}, {"fund.cap", "370102", "2030-01-01", "2000.00"},
				{"fund.cap", "370103", "2020-08-15", "1500.00"},
				{"fund.rate", "3702", "2020-06-30", "1.5"}, {"fund.rate", "3702", "2020-07-01", "1"}, {"fund.rate", "370202", "2020-07-31", "1"}, {"fund.rate", "3702", "2020-08-01", "1.5"},
				{"fund.rate", "3701", "2020-07-01", "2"}, {"fund.rate", "3702", "2021-01-01", "2"},
				{"fund.cap", "370202", "2020-08-31", "1500.00"}, {"fund.cap", "370202", "2020-09-01", "700.00"}, {"fund.cap", "370202", "2020-10-01", "800.00"},
				{"fund.cap", "370202", "2020-10-07", "800.00"}, {"fund.cap", "370202", "2020-10-08", "700.00"},
				{"fund.open", "37", "2019-01-01", "false"}, {"fund.open", "37", "2020-07-20", "false"},
			} {
				e, err := b.On(x.key, x.at, day(x.on))
				require.NoError(t, err, "%+v", x)
				require.Equal(t, x.want, e.Value.Typed(), "%+v", x)
			}
			_, err = b.On("fund.open", "37", day("2018-12-31"))
			requireCode(t, "rules.no_value", err)
		}

		in := h.clerk("reader", "370202", rules0)
		all, err := h.Parameters(in, rules.Filter{Room: "fund", Place: "370202", Day: day("2020-10-02")})
		require.NoError(t, err)
		require.Len(t, all, 8)
		byKey := map[string]rules.Standing{}
		for _, s := range all {
			byKey[s.Definition.Key] = s
		}
		require.Equal(t, "800.00", byKey["fund.cap"].Entry.Value.Typed())
		require.False(t, byKey["fund.cap"].Own, "it is the city's")
		require.Equal(t, "3702", byKey["fund.cap"].Entry.Place)
		all, err = h.Parameters(in, rules.Filter{Place: "3702", Day: day("2020-10-02"), Basis: rules.Fact})
		require.NoError(t, err)
		require.Len(t, all, 3, "the rate, the cap and the switch were read in a document")
		all, err = h.Parameters(in, rules.Filter{Room: "fund", Day: day("2018-01-01")})
		require.NoError(t, err)
		require.False(t, all[0].Found)
	})
}

// A process that only looks sees another one's approval a second later; who asks
// for the book sees it at once.
func TestAnApprovalOfAnotherProcess(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		other, _ := h.another()
		read := func(b *rules.Book) string {
			e, err := b.On("fund.cap", "37", day("2020-08-01"))
			require.NoError(t, err)
			return e.Value.Typed()
		}
		h.decided(proposal("fund.cap", "37", "2020-08-01", "1500"))
		require.Equal(t, "1500.00", read(h.Latest()), "one's own approval is there at once")
		require.Equal(t, "1000.00", read(other.Latest()))
		h.clock.Advance(time.Second)
		require.Equal(t, "1500.00", read(other.Latest()))
		h.decided(proposal("fund.cap", "37", "2020-07-25", "1600"))
		b, err := other.Book(t.Context())
		require.NoError(t, err)
		e, err := b.On("fund.cap", "37", day("2020-07-25"))
		require.NoError(t, err)
		require.Equal(t, "1600.00", e.Value.Typed())
	})
}

// Every version can be read again, whatever came later, and whatever a later
// program ships.
func TestOldVersionsOfTheBook(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		value := func(s *rules.Service, version string) string {
			t.Helper()
			b, err := s.BookAt(t.Context(), version)
			require.NoError(t, err)
			require.Equal(t, version, b.Version())
			e, err := b.On("fund.cap", "37", day("2020-09-01"))
			require.NoError(t, err)
			return e.Value.Typed()
		}
		v0 := h.Latest().Version()
		first := h.decided(proposal("fund.cap", "37", "2020-08-01", "1500"))
		v1 := h.Latest().Version()
		again := proposal("fund.cap", "37", "2020-08-01", "1700")
		again.Replaces = h.entry(first).ID
		h.decided(again)
		v2 := h.Latest().Version()
		newer, _ := h.another(func(r *rules.Room) {
			r.Defaults = replaced(r.Defaults, `"value":100000,"citation":"ASSUMED"`, `"value":90000,"citation":"ASSUMED"`)
		})
		require.NotEqual(t, v2, newer.Latest().Version())
		for _, s := range []*rules.Service{h.Service, newer} {
			require.Equal(t, []string{"1000.00", "1500.00", "1700.00"}, []string{value(s, v0), value(s, v1), value(s, v2)})
		}
		for _, version := range []string{"", "x", "7-" + v0[2:], "-1-" + v0[2:], "0-0123456789abcdef", v0 + "0", "0-" + v0[2:17] + "~"} {
			_, err := h.BookAt(t.Context(), version)
			requireCode(t, "rules.version_missing", err, version)
		}
		// A value that a later program's definition refuses is not silently another one.
		strict, _ := h.another(func(r *rules.Room) { r.Definitions[1].Bounds = rules.Between(0, 120_000) })
		b, err := strict.Book(t.Context())
		require.NoError(t, err)
		e, err := b.On("fund.cap", "37", day("2020-09-01"))
		if err == nil {
			t.Fatalf("a value that no longer fits gave way to %s", e.Value.Typed())
		}
		requireCode(t, "rules.broken", err)
	})
}
