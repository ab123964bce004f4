package figures

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/kit/clock"
)

func TestApportion(t *testing.T) {
	for _, tc := range []struct {
		name    string
		total   int64
		weights []int64
		want    []int64
	}{
		{"exact", 100, []int64{1, 1, 2}, []int64{25, 25, 50}},
		{"largest remainder", 10, []int64{5, 3, 2, 2}, []int64{4, 2, 2, 2}},
		{"ties go to the earlier", 2, []int64{1, 1, 1}, []int64{1, 1, 0}},
		{"no weights are equal weights", 5, []int64{0, 0, 0}, []int64{2, 2, 1}},
		{"a negative weight counts nothing", 9, []int64{-5, 1, 2}, []int64{0, 3, 6}},
		{"nothing to split", 0, []int64{1, 2}, []int64{0, 0}},
		{"nobody", 7, nil, []int64{}},
		{"large", 1 << 60, []int64{1 << 40, 1 << 40}, []int64{1 << 59, 1 << 59}},
	} {
		require.Equal(t, tc.want, Apportion(tc.total, tc.weights), tc.name)
	}
}

func TestStepEnd(t *testing.T) {
	for _, tc := range []struct{ day, step, want string }{
		{"2020-07-20", "day", "2020-07-20"},
		{"2020-07-20", "week", "2020-07-26"}, // a Monday
		{"2020-07-26", "week", "2020-07-26"}, // a Sunday
		{"2020-02-03", "month", "2020-02-29"},
		{"2020-12-31", "month", "2020-12-31"},
	} {
		day, err := clock.ParseDay(tc.day)
		require.NoError(t, err)
		got, ok := stepEnd(day, Step(tc.step))
		require.True(t, ok)
		require.Equal(t, tc.want, got.String())
	}
	_, ok := stepEnd(0, "year")
	require.False(t, ok)
}

func line(from clock.Day, quantities ...int64) []Point {
	var out []Point
	var total int64
	for n, q := range quantities {
		total += q
		out = append(out, Point{From: from.Add(n), To: from.Add(n), Quantity: q, Cumulative: total})
	}
	return out
}

func TestForecast(t *testing.T) {
	first, last := clock.MakeDay(2020, 7, 1), clock.MakeDay(2020, 7, 20)
	steady := line(first, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 4) // today has 4 so far
	f := forecast(steady, Figure{Done: 104, Target: 150}, first.Add(10), last)
	require.True(t, f.Known)
	require.EqualValues(t, 200, f.Expected, "ten days of 10 are left, today included")
	require.Equal(t, f.Expected, f.Low)
	require.Equal(t, f.Expected, f.High, "no spread, no range")
	require.Equal(t, clock.MakeDay(2020, 7, 15), f.ReachedOn, "100 + 5 days")
	require.Equal(t, first.Add(9), f.LearnedToward)

	uneven := line(first, 0, 20, 0, 20, 0, 20, 0, 20, 0, 20, 30)
	f = forecast(uneven, Figure{Done: 130, Target: 1000}, first.Add(10), last)
	require.EqualValues(t, 200, f.Expected)
	require.EqualValues(t, 200-43, f.Low)
	require.EqualValues(t, 200+43, f.High)
	require.Zero(t, f.ReachedOn)

	f = forecast(uneven, Figure{Done: 130, Target: 120}, first.Add(10), last)
	require.Equal(t, first.Add(10), f.ReachedOn, "reached already")
	burst := line(first, 0, 0, 0, 0, 0, 0, 0, 500)
	f = forecast(burst, Figure{Done: 500}, first.Add(7), last)
	require.EqualValues(t, 500, f.Expected, "never below what is done")

	require.False(t, forecast(line(first, 1, 2, 3), Figure{Done: 6}, first.Add(3), last).Known, "too young")
	require.False(t, forecast(steady, Figure{Done: 104}, last.Add(5), last).Known, "over")
}
