package calendar_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/calendar"
	"gonghui/internal/kit/clock"
)

func day(t *testing.T, s string) clock.Day {
	t.Helper()
	d, err := clock.ParseDay(s)
	require.NoError(t, err)
	return d
}

func TestIsWorkday(t *testing.T) {
	for s, want := range map[string]bool{
		"2020-04-03": true, "2020-04-04": false, "2020-04-06": false, "2020-04-07": true, // 清明
		"2020-04-26": true, "2020-05-01": false, "2020-05-05": false, "2020-05-06": true, "2020-05-09": true, // 劳动节
		"2020-06-25": false, "2020-06-26": false, "2020-06-27": false, "2020-06-28": true, // 端午
		"2020-09-27": true, "2020-10-01": false, "2020-10-08": false, "2020-10-09": true, "2020-10-10": true, "2020-10-11": false,
		"2020-01-31": false, "2020-02-03": true, // the Spring Festival holiday lengthened in the epidemic
		"2004-01-22": false, "2004-01-17": true, // the first year of the data
		"2026-10-07": false, "2026-10-10": true, // the last
		"2031-10-01": true, "2031-10-04": false, // not yet arranged: plain weekends
		"2003-10-01": true, "1969-12-31": true, "1969-12-28": false,
	} {
		require.Equal(t, want, calendar.IsWorkday(day(t, s)), s)
	}
}

func TestDeadline(t *testing.T) {
	for _, c := range []struct {
		from string
		n    int
		unit calendar.Unit
		roll bool
		due  string
	}{
		{"2020-09-30", 5, calendar.Workday, false, "2020-10-14"},
		{"2020-03-17", 20, calendar.Day, true, "2020-04-07"},
		{"2020-03-17", 20, calendar.Day, false, "2020-04-06"},
		{"2020-06-24", 1, calendar.Workday, false, "2020-06-28"}, // a Sunday made up for 端午
		{"2020-06-24", 1, calendar.Day, true, "2020-06-28"},
		{"2020-04-30", 2, calendar.Workday, false, "2020-05-07"},
		{"2020-04-24", 2, calendar.Workday, false, "2020-04-27"}, // Sunday the 26th is worked
		{"2020-10-01", 1, calendar.Workday, true, "2020-10-09"},  // an event on a holiday
		{"2020-10-01", 0, calendar.Day, true, "2020-10-09"},
		{"2020-10-01", 0, calendar.Day, false, "2020-10-01"},
		{"2020-10-01", 0, calendar.Workday, false, "2020-10-01"},
		{"2020-07-20", -3, calendar.Workday, false, "2020-07-20"},
		{"2020-02-28", 1, calendar.Day, false, "2020-02-29"},
		{"2019-12-31", 30, calendar.Day, true, "2020-02-03"}, // 30 January lies in the lengthened holiday
		{"2026-12-30", 3, calendar.Workday, false, "2027-01-04"},
	} {
		got := calendar.Deadline(day(t, c.from), c.n, c.unit, c.roll)
		require.Equal(t, c.due, got.String(), "%s + %d %s", c.from, c.n, c.unit)
	}
}

func TestThePeriodEndsWithTheDay(t *testing.T) {
	due := calendar.Deadline(day(t, "2020-03-17"), 20, calendar.Day, true)
	require.Equal(t, time.Date(2020, 4, 7, 16, 0, 0, 0, time.UTC), due.End(), "24:00 in Shanghai")
}

func TestWorkdaysBetweenUndoesAddWorkdays(t *testing.T) {
	for from := day(t, "2019-12-15"); from < day(t, "2020-11-01"); from++ {
		for n := range 15 {
			to := calendar.AddWorkdays(from, n)
			require.Equal(t, n, calendar.WorkdaysBetween(from, to), "%s + %d", from, n)
			if n > 0 {
				back := calendar.AddWorkdays(from, -n)
				require.True(t, calendar.IsWorkday(back))
				require.Equal(t, -n, calendar.WorkdaysBetween(from, back), "%s - %d", from, n)
			}
		}
	}
}

func TestWith(t *testing.T) {
	monday := day(t, "2020-02-03")
	own := calendar.China().With([]clock.Day{monday}, []clock.Day{day(t, "2020-02-08")})
	require.False(t, own.IsWorkday(monday))
	require.True(t, own.IsWorkday(day(t, "2020-02-08")))
	require.True(t, calendar.IsWorkday(monday), "the calendar of China is untouched")
}

func TestWhatIsArranged(t *testing.T) {
	c := calendar.China()
	require.GreaterOrEqual(t, c.Arranged(), 2026)
	require.Empty(t, c.Guessed(day(t, "2004-01-01"), day(t, "2026-12-31")))
	require.Equal(t, []int{2003}, c.Guessed(day(t, "2003-12-31"), day(t, "2004-02-01")))
	next := c.Arranged() + 1
	require.Equal(t, []int{next, next + 1}, c.Guessed(clock.MakeDay(next-1, 12, 31), clock.MakeDay(next+1, 1, 1)))
	require.Equal(t, c.Arranged(), c.With(nil, []clock.Day{day(t, "2020-02-08")}).Arranged())
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{
		"2020", "2020 free 01-01", "2020 off 13-01", "2020 off 02-30", "2020 off 01-05..01-01",
		"2020 off 01-01\n2020 work 01-01", "soon off 01-01", "2020 off 01-01..",
	} {
		_, err := calendar.Parse(text)
		require.Error(t, err, text)
	}
}

// Every year of the data is plausible: at least ten days off, and make-up days
// only where weekends are.
func TestData(t *testing.T) {
	for year := 2004; year <= 2026; year++ {
		off, moved := 0, 0
		for d := clock.MakeDay(year, 1, 1); d.Year() == year; d++ {
			weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
			switch {
			case !weekend && !calendar.IsWorkday(d):
				off++
			case weekend && calendar.IsWorkday(d):
				moved++
			}
		}
		require.GreaterOrEqual(t, off-moved, 6, "year %d", year)
		require.LessOrEqual(t, off-moved, 13, "year %d", year)
		require.NotZero(t, moved, "year %d", year)
	}
}
