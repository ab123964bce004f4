package money_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/kit/money"
)

func TestYuan(t *testing.T) {
	for in, want := range map[money.Fen]string{
		0: "0.00", 5: "0.05", -5: "-0.05", 99999: "999.99", 100000: "1,000.00",
		1234567: "12,345.67", -123456789: "-1,234,567.89",
		math.MaxInt64: "92,233,720,368,547,758.07", math.MinInt64: "-92,233,720,368,547,758.08",
	} {
		require.Equal(t, want, in.Yuan())
	}
	require.Equal(t, "12345.67", money.Fen(1234567).Plain())
}

func TestParse(t *testing.T) {
	for in, want := range map[string]money.Fen{
		"0": 0, "0.1": 10, "0.01": 1, "12345.67": 1234567, "12,345.6": 1234560, "-3": -300, "007": 700,
		"92233720368547758.07": math.MaxInt64,
	} {
		got, err := money.Parse(in)
		require.NoError(t, err, in)
		require.Equal(t, want, got, in)
	}
	for _, in := range []string{"", "-", ".", "1.", ".5", "1.234", "1,23", ",123", "1,2345", "1e3", "+1", "--1", "1.-1", "１", "1 000", "NaN", "1.0.0", "1,234,", "0x10"} {
		_, err := money.Parse(in)
		require.ErrorIs(t, err, money.ErrSyntax, in)
	}
	for _, in := range []string{"92233720368547758.08", "99999999999999999999999"} {
		_, err := money.Parse(in)
		require.ErrorIs(t, err, money.ErrRange, in)
	}
}

func TestArithmeticIsChecked(t *testing.T) {
	sum, err := money.Sum(1, -2, 3)
	require.NoError(t, err)
	require.Equal(t, money.Fen(2), sum)
	_, err = money.Add(math.MaxInt64, 1)
	require.ErrorIs(t, err, money.ErrRange)
	_, err = money.Add(math.MinInt64, -1)
	require.ErrorIs(t, err, money.ErrRange)
	got, err := money.Mul(-250, 4)
	require.NoError(t, err)
	require.Equal(t, money.Fen(-1000), got)
	for _, c := range []struct {
		a money.Fen
		n int64
	}{{math.MaxInt64, 2}, {math.MinInt64, -1}, {-1, math.MinInt64}, {1 << 40, 1 << 40}} {
		_, err = money.Mul(c.a, c.n)
		require.ErrorIs(t, err, money.ErrRange)
	}
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		total   money.Fen
		weights []int64
		want    []money.Fen
	}{
		{98766, []int64{5, 5, 10, 20}, []money.Fen{12346, 12346, 24691, 49383}},
		{100, []int64{1, 1, 1}, []money.Fen{34, 33, 33}},
		{-100, []int64{1, 1, 1}, []money.Fen{-34, -33, -33}},
		{1, []int64{0, 1, 0}, []money.Fen{0, 1, 0}},
		{0, []int64{3, 4}, []money.Fen{0, 0}},
		{math.MaxInt64, []int64{math.MaxInt64 - 1, 1}, []money.Fen{math.MaxInt64 - 1, 1}},
		{math.MinInt64 + 1, []int64{1}, []money.Fen{math.MinInt64 + 1}},
	} {
		got, err := money.Split(c.total, c.weights...)
		require.NoError(t, err)
		require.Equal(t, c.want, got)
	}
	for _, weights := range [][]int64{nil, {0, 0}, {-1, 2}, {math.MaxInt64, math.MaxInt64}} {
		_, err := money.Split(100, weights...)
		require.ErrorIs(t, err, money.ErrRange)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("12,345.67")
	f.Fuzz(func(t *testing.T, s string) {
		v, err := money.Parse(s)
		if err != nil {
			return
		}
		for _, again := range []string{v.Yuan(), v.Plain()} {
			w, err := money.Parse(again)
			require.NoError(t, err)
			require.Equal(t, v, w)
		}
	})
}

func TestPortion(t *testing.T) {
	for _, c := range []struct {
		total       money.Fen
		part, whole int64
		want        money.Fen
	}{
		{12_345_678, 2, 100, 246_914}, {246_914, 40, 100, 98_766}, {5, 1, 10, 1}, {4, 1, 10, 0}, {-5, 1, 10, -1}, {-4, 1, 10, 0},
		{0, 7, 9, 0}, {7, 0, 9, 0}, {1, 1, 3, 0}, {2, 1, 3, 1}, {math.MaxInt64, 1, 1, math.MaxInt64}, {math.MaxInt64, 1, 2, math.MaxInt64/2 + 1},
		{math.MaxInt64, math.MaxInt64, math.MaxInt64, math.MaxInt64}, {math.MinInt64, 1, 2, math.MinInt64 / 2},
	} {
		got, err := money.Portion(c.total, c.part, c.whole)
		require.NoError(t, err)
		require.Equal(t, c.want, got, "%+v", c)
	}
	for _, c := range []struct {
		total       money.Fen
		part, whole int64
	}{{1, 1, 0}, {1, -1, 2}, {1, 1, -2}, {math.MaxInt64, 3, 2}, {math.MinInt64, 1, 1}, {math.MaxInt64, math.MaxInt64, 1},
		{1<<63 - 2, 2*2_459_565_876_494_606_882 + 1, 2_459_565_876_494_606_882}, // rounds up to 2 to the 64th
	} {
		_, err := money.Portion(c.total, c.part, c.whole)
		require.ErrorIs(t, err, money.ErrRange, "%+v", c)
	}
}
