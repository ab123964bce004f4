package page_test

import (
	"encoding/base64"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
)

func TestCursorRoundTrip(t *testing.T) {
	c := page.Encode("jobs/pay", int64(math.MaxInt64), "济南\x00\"", clock.MakeDay(2020, 7, 20), true)
	require.NotContains(t, string(c), "=")
	var (
		pay  int64
		text string
		day  clock.Day
		flag bool
	)
	ok, err := c.Decode("jobs/pay", &pay, &text, &day, &flag)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, int64(math.MaxInt64), pay, "no detour through a float")
	require.Equal(t, "济南\x00\"", text)
	require.Equal(t, "2020-07-20", day.String())
	require.True(t, flag)

	ok, err = page.Cursor("").Decode("jobs/pay", &pay)
	require.NoError(t, err)
	require.False(t, ok)
}

func TestBrokenCursors(t *testing.T) {
	enc := func(s string) page.Cursor { return page.Cursor(base64.RawURLEncoding.EncodeToString([]byte(s))) }
	for name, c := range map[string]page.Cursor{
		"no base64":          "!!!",
		"padding":            page.Encode("l", 1, "x") + "=",
		"cut":                page.Encode("l", 1, "x")[:5],
		"no JSON":            enc("nonsense"),
		"an object":          enc(`{"l":1}`),
		"too few values":     page.Encode("l", 1),
		"too many values":    page.Encode("l", 1, "x", 2),
		"of another list":    page.Encode("m", 1, "x"),
		"of another type":    page.Encode("l", "1", "x"),
		"a float":            enc(`["l",1.5,"x"]`),
		"too large a number": enc(`["l",99999999999999999999,"x"]`),
		"null":               enc(`["l",null,"x"]`),
		"long":               page.Cursor(strings.Repeat("A", 5000)),
		"rubbish":            page.Cursor("\x00\xff济"),
	} {
		t.Run(name, func(t *testing.T) {
			var n int64
			var s string
			_, err := c.Decode("l", &n, &s)
			require.True(t, fault.HasCode(err, "page.cursor"), "%v", err)
			require.True(t, fault.IsKind(err, fault.Invalid))
		})
	}
}

func TestClamp(t *testing.T) {
	for in, want := range map[int]int{-1: 20, 0: 20, 1: 1, 200: 200, 201: 200, math.MaxInt: 200} {
		require.Equal(t, want, page.Clamp(in))
		require.Equal(t, want, page.Request{Limit: in}.Size())
	}
}

func TestCut(t *testing.T) {
	cursor := func(n int) page.Cursor { return page.Encode("l", n) }
	p := page.Cut([]int{1, 2, 3}, 2, cursor)
	require.Equal(t, []int{1, 2}, p.Items)
	require.Equal(t, page.Encode("l", 2), p.Next)
	p = page.Cut([]int{1, 2}, 2, cursor)
	require.Equal(t, []int{1, 2}, p.Items)
	require.Empty(t, p.Next)
	p = page.Cut[int](nil, 2, cursor)
	require.NotNil(t, p.Items)
	require.Equal(t, []string{"x", "x"}, page.Map(page.Cut([]int{1, 2}, 5, cursor), func(int) string { return "x" }).Items)
}

func FuzzDecode(f *testing.F) {
	f.Add(string(page.Encode("l", 1, "x")))
	f.Fuzz(func(t *testing.T, s string) {
		var n int64
		var text string
		if _, err := page.Cursor(s).Decode("l", &n, &text); err != nil {
			require.True(t, fault.HasCode(err, "page.cursor"))
		}
	})
}
