package rules_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/rules"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
)

// shippedFund is the made-up measure without a database.
func shippedFund(t testing.TB) *rules.Book {
	t.Helper()
	b, err := rules.ShippedBook(fundRoom())
	require.NoError(t, err)
	return b
}

func definition(t testing.TB, key string) rules.Definition {
	t.Helper()
	d, ok := shippedFund(t).Definition(key)
	require.True(t, ok, key)
	return d
}

func TestValuesAreReadStrictly(t *testing.T) {
	row := func(more string) string { return `[{"payer":"ordinary","province":"40","city":"60"` + more + `}]` }
	for _, x := range []struct{ key, raw, code string }{
		{"fund.low", "5", ""}, {"fund.low", " 5 ", ""}, {"fund.low", "1", ""}, {"fund.low", "100", ""},
		{"fund.low", "0", "rules.range"}, {"fund.low", "101", "rules.range"}, {"fund.low", "-5", "rules.range"},
		{"fund.low", "5.0", "rules.value"}, {"fund.low", "5.5", "rules.value"}, {"fund.low", "5e1", "rules.value"}, {"fund.low", `"5"`, "rules.value"},
		{"fund.low", "null", "rules.value"}, {"fund.low", "", "rules.value"}, {"fund.low", "5 6", "rules.value"}, {"fund.low", "5]", "rules.value"},
		{"fund.low", "9223372036854775808", "rules.value"}, {"fund.low", "true", "rules.value"},
		{"fund.cap", "10000000000", "rules.range"},
		{"fund.rate", `"0.8"`, ""}, {"fund.rate", `"0.8%"`, ""}, {"fund.rate", "0.8", "rules.value"}, {"fund.rate", `"0.80001"`, "rules.percent"},
		{"fund.rate", `"101"`, "rules.range"}, {"fund.rate", `"-1"`, "rules.range"}, {"fund.rate", `""`, "rules.percent"},
		{"fund.mode", `"list"`, ""}, {"fund.mode", `"List"`, "rules.choice"}, {"fund.mode", `"other"`, "rules.choice"}, {"fund.mode", `""`, "rules.value"},
		{"fund.mode", `" list"`, "rules.value"}, {"fund.mode", `"list\u0000"`, "rules.value"},
		{"fund.open", "true", ""}, {"fund.open", "false", ""}, {"fund.open", `"true"`, "rules.value"}, {"fund.open", "1", "rules.value"}, {"fund.open", "true}", "rules.value"},
		{"fund.split", row(""), ""}, {"fund.split", row(`,"note":"按文件"`), ""}, {"fund.split", row(`,"note":null`), ""},
		{"fund.split", row(`,"note":""`), "rules.rows"}, {"fund.split", row(`,"note":"` + strings.Repeat("长", rules.MaxText+1) + `"`), "rules.rows"},
		{"fund.split", row(`,"secret":1`), "rules.rows"}, {"fund.split", `[{"payer":"ordinary","province":"40"}]`, "rules.rows"},
		{"fund.split", `[{"payer":"ordinary","province":"40","city":"50"}]`, "rules.range"}, {"fund.split", `[]`, "rules.value"}, {"fund.split", `{}`, "rules.value"},
		{"fund.split", `[{"payer":"a","province":"40","city":"60"},{"payer":"a","province":"10","city":"90"}]`, "rules.rows"},
		{"fund.split", "[" + strings.Repeat(`{"payer":"a","province":"40","city":"60"},`, rules.MaxRows) + `{"payer":"b","province":"40","city":"60"}]`, "rules.value"},
	} {
		v, err := definition(t, x.key).Parse([]byte(x.raw))
		if x.code == "" {
			require.NoError(t, err, "%s %s", x.key, x.raw)
			again, err := definition(t, x.key).Parse([]byte(v.JSON()))
			require.NoError(t, err)
			require.Equal(t, v.JSON(), again.JSON(), "one value, one spelling")
			continue
		}
		require.True(t, fault.HasCode(err, x.code), "%s %.60s: want %s, got %v", x.key, x.raw, x.code, err)
		require.True(t, fault.IsKind(err, fault.Invalid))
		require.True(t, v.Empty())
	}
}

// What a form shows is what a form reads.
func TestWhatIsTyped(t *testing.T) {
	for _, x := range []struct{ key, typed, json, shown string }{
		{"fund.cap", "1,500", "150000", "1500.00"}, {"fund.cap", " 0.01 ", "1", "0.01"},
		{"fund.rate", "0.8", `"0.8"`, "0.8"}, {"fund.rate", "2 %", `"2"`, "2"}, {"fund.rate", "02.50％", `"2.5"`, "2.5"}, {"fund.rate", "0", `"0"`, "0"},
		{"fund.open", "是", "true", "true"}, {"fund.open", "否", "false", "false"}, {"fund.open", "true", "true", "true"}, {"fund.open", "false", "false", "false"},
		{"fund.mode", "apply ", `"apply"`, "apply"}, {"fund.low", " 7 ", "7", "7"},
		{"fund.split", `[ {"city":"60","payer":"ordinary", "province":"40%"} ]`, `[{"payer":"ordinary","province":"40","city":"60","note":null}]`,
			`[{"payer":"ordinary","province":"40","city":"60","note":null}]`},
	} {
		d := definition(t, x.key)
		v, err := d.FromText(x.typed)
		require.NoError(t, err, x.typed)
		require.Equal(t, x.json, v.JSON())
		require.Equal(t, x.shown, v.Typed())
		again, err := d.FromText(v.Typed())
		require.NoError(t, err)
		require.Equal(t, v.JSON(), again.JSON())
	}
	for key, typed := range map[string]string{"fund.cap": "很多", "fund.rate": "一半", "fund.open": "maybe", "fund.low": "五", "fund.mode": "  ", "fund.split": "ordinary 40 60"} {
		_, err := definition(t, key).FromText(typed)
		require.True(t, fault.IsKind(err, fault.Invalid), "%s: %v", key, err)
	}
}

func TestATableIsAskedByItsColumns(t *testing.T) {
	v, err := shippedFund(t).Table("fund.split", "37", day("2020-07-20"))
	require.NoError(t, err)
	require.Equal(t, 2, v.Len())
	r, ok := v.Find("payer", "bank")
	require.True(t, ok)
	require.Equal(t, rules.Percent(900_000), r.Percent("city"))
	require.True(t, r.Empty("note"))
	require.Equal(t, "bank", r.Text("payer"))
	_, ok = v.Find("payer", "bank", "city", "60")
	require.False(t, ok)
	require.Panics(t, func() { r.Cell("colour") })
}

func TestPercentages(t *testing.T) {
	for text, want := range map[string]rules.Percent{
		"2": 20_000, "0.8": 8_000, "-1.25": -12_500, "100": rules.Whole, "0.0001": 1, " 40 % ": 400_000, "007": 70_000, "-0": 0, "999999999999": 9_999_999_999_990_000,
	} {
		p, err := rules.ParsePercent(text)
		require.NoError(t, err, text)
		require.Equal(t, want, p, text)
		again, err := rules.ParsePercent(p.String())
		require.NoError(t, err)
		require.Equal(t, p, again)
	}
	for _, text := range []string{"", "%", "-", "1.", ".5", "1.00001", "1,5", "--1", "+1", "１", "1e2", "1000000000000", "1 2"} {
		_, err := rules.ParsePercent(text)
		require.ErrorIs(t, err, rules.ErrPercent, text)
	}
	require.Equal(t, "-922337203685477.5808", rules.Percent(math.MinInt64).String())
}

// A half fen is counted up, away from nothing, and nothing wraps.
func TestSharesOfAnAmount(t *testing.T) {
	for _, x := range []struct {
		p          rules.Percent
		amount, is money.Fen
	}{
		{20_000, 100, 2}, {20_000, 125, 3}, {20_000, 124, 2}, {20_000, 25, 1}, {20_000, 24, 0}, {-20_000, 25, -1}, {20_000, -25, -1}, {-20_000, -25, 1},
		{0, 5, 0}, {rules.Whole, math.MaxInt64, math.MaxInt64}, {rules.Whole, math.MinInt64 + 1, math.MinInt64 + 1}, {1, 499_999, 0}, {1, 500_000, 1},
	} {
		got, err := x.p.Of(x.amount)
		require.NoError(t, err)
		require.Equal(t, x.is, got, "%s %% of %s", x.p, x.amount)
	}
	for _, p := range []rules.Percent{2 * rules.Whole, math.MaxInt64, math.MinInt64} {
		_, err := p.Of(math.MaxInt64)
		require.ErrorIs(t, err, money.ErrRange)
	}
}

// What a room registers wrongly stops the program at its start.
func TestARoomIsRefused(t *testing.T) {
	for name, change := range map[string]func(*rules.Room){
		"key of another room":    func(r *rules.Room) { r.Definitions[0].Key = "other.rate" },
		"key is no key":          func(r *rules.Room) { r.Definitions[0].Key = "Fund.Rate" },
		"kind unknown":           func(r *rules.Room) { r.Definitions[0].Kind = "number" },
		"choice without choices": func(r *rules.Room) { r.Definitions[4].Choices = nil },
		"table without columns":  func(r *rules.Room) { r.Definitions[6].Columns = nil },
		"row key without column": func(r *rules.Room) { r.Definitions[6].RowKey = []string{"colour"} },
		"conditions without env": func(r *rules.Room) { r.Definitions[7].Env = nil },
		"level unknown":          func(r *rules.Room) { r.Definitions[0].Levels = []rules.Level{"street"} },
		"no value for province": func(r *rules.Room) {
			r.Defaults = []byte(strings.Replace(fund, `"fund.cap","place":"37"`, `"fund.cap","place":"3702"`, 1))
		},
		"no citation":           func(r *rules.Room) { r.Defaults = []byte(strings.Replace(fund, `"工会法"`, `" "`, 1)) },
		"no basis":              func(r *rules.Room) { r.Defaults = []byte(strings.Replace(fund, `"basis":"known"`, `"basis":"law"`, 1)) },
		"out of bounds":         func(r *rules.Room) { r.Defaults = []byte(strings.Replace(fund, `"value":5,`, `"value":500,`, 1)) },
		"ends before it begins": func(r *rules.Room) { r.Defaults = []byte(strings.Replace(fund, `"2020-12-31"`, `"2020-05-31"`, 1)) },
		"two from one day": func(r *rules.Room) {
			r.Defaults = []byte(strings.Replace(fund, `"3702"`, `"37"`, 1))
			r.Defaults = []byte(strings.Replace(string(r.Defaults), "2020-06-01", "2020-01-01", 1))
		},
		"unknown parameter":       func(r *rules.Room) { r.Defaults = []byte(strings.Replace(fund, `"fund.cap"`, `"fund.top"`, 1)) },
		"values that contradict":  func(r *rules.Room) { r.Defaults = []byte(strings.Replace(fund, `"value":9,`, `"value":5,`, 1)) },
		"a condition that breaks": func(r *rules.Room) { r.Defaults = []byte(strings.Replace(fund, `!subsidiary`, `!employees`, 1)) },
		"a rule without code":     func(r *rules.Room) { r.Rules[0].Compute = nil },
		"a rule twice":            func(r *rules.Room) { r.Rules = append(r.Rules, r.Rules[0]) },
	} {
		room := fundRoom()
		change(&room)
		_, err := rules.ShippedBook(room)
		require.Error(t, err, name)
	}
	_, err := rules.ShippedBook(fundRoom(), fundRoom())
	require.Error(t, err, "one room twice")
}
