package dues_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
	"gonghui/internal/measure/dues"
	"gonghui/internal/simulator/taxoffice"
)

var usual = dues.Terms{Rate: 20_000, Split: dues.Split{National: 5, Province: 5, City: 10, County: 20, Grassroots: 60}, Refunded: true, Mode: dues.Full}

func TestReckonExamples(t *testing.T) {
	for name, c := range map[string]struct {
		payroll money.Fen
		item    dues.Item
		want    dues.Reckoning
	}{
		"E3-1": {50_000_000, dues.Dues, dues.Reckoning{Due: 1_000_000, Retained: 600_000, Remitted: 400_000,
			Shares: dues.Shares{National: 50_000, Province: 50_000, City: 100_000, County: 200_000}, Refund: 400_000}},
		"E3-2, rounding": {12_345_678, dues.Dues, dues.Reckoning{Due: 246_914, Retained: 148_148, Remitted: 98_766,
			Shares: dues.Shares{National: 12_346, Province: 12_346, City: 24_691, County: 49_383}, Refund: 98_766}},
		"E3-3, half a year": {50_400_000, dues.Dues, dues.Reckoning{Due: 1_008_000, Retained: 604_800, Remitted: 403_200,
			Shares: dues.Shares{National: 50_400, Province: 50_400, City: 100_800, County: 201_600}, Refund: 403_200}},
		"E3-4, preparation fund": {48_000_000, dues.Preparation, dues.Reckoning{Due: 960_000, Retained: 576_000, Remitted: 384_000,
			Shares: dues.Shares{National: 48_000, Province: 48_000, City: 96_000, County: 192_000}, Refund: 960_000}},
		"nothing": {0, dues.Dues, dues.Reckoning{}},
	} {
		got, err := usual.Reckon(c.payroll, c.item)
		require.NoError(t, err, name)
		require.Equal(t, c.want, got, name)
	}
}

func TestReckonOutsideThePeriod(t *testing.T) {
	later := usual
	later.Refunded = false
	r, err := later.Reckon(50_000_000, dues.Dues)
	require.NoError(t, err)
	require.Zero(t, r.Refund)
	r, err = later.Reckon(48_000_000, dues.Preparation)
	require.NoError(t, err)
	require.Equal(t, money.Fen(576_000), r.Refund, "its own part comes back at any time")
}

func TestReckonRefuses(t *testing.T) {
	_, err := usual.Reckon(-1, dues.Dues)
	require.True(t, fault.HasCode(err, "dues.payroll"), "%v", err)
	odd := usual
	odd.Split.County = 21
	_, err = odd.Reckon(1, dues.Dues)
	require.True(t, fault.HasCode(err, "dues.split"), "%v", err)
	odd.Split = dues.Split{National: -5, Grassroots: 105}
	require.Error(t, odd.Split.Check())
	r, err := usual.Reckon(math.MaxInt64, dues.Dues)
	require.NoError(t, err, "2 % of the largest amount still fits")
	require.Equal(t, money.Fen(184_467_440_737_095_516), r.Due)
	double := dues.Terms{Rate: 2_000_000, Split: usual.Split}
	_, err = double.Reckon(math.MaxInt64, dues.Dues)
	require.ErrorIs(t, err, money.ErrRange)
}

// Whatever is paid, no fen is lost between the levels.
func TestReckonLosesNoFen(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 14))
	for range 20_000 {
		terms := usual
		if r.IntN(2) == 0 { // payers that remit a tenth only, for one
			terms.Split = dues.Split{National: 2, Province: 1, City: 3, County: 4, Grassroots: 90}
		}
		x, err := terms.Reckon(money.Fen(r.Int64N(1<<40)), dues.Dues)
		require.NoError(t, err)
		require.Equal(t, x.Due, x.Retained+x.Remitted)
		s := x.Shares
		require.Equal(t, x.Remitted, s.National+s.Province+s.City+s.County)
	}
}

func TestTermsByMonthAndPlace(t *testing.T) {
	month := func(s string) clock.Day {
		d, err := dues.ParseMonth(s)
		require.NoError(t, err)
		return d
	}
	p := dues.ShippedBook()
	for m, refunded := range map[string]bool{"2019-12": false, "2020-01": true, "2021-12": true, "2022-01": false} { // E3-7: the month decides
		terms, err := dues.TermsFor(p, "370102", dues.General, month(m))
		require.NoError(t, err)
		require.Equal(t, dues.Terms{Rate: 20_000, Split: usual.Split, Refunded: refunded, Mode: dues.Full}, terms, m)
	}
	tenth, err := dues.TermsFor(p, "370102", dues.Finance, month("2020-03"))
	require.NoError(t, err)
	require.EqualValues(t, 10, tenth.Split.Upper())
	_, err = dues.TermsFor(p, "370102", dues.General, month("1999-01"))
	require.True(t, fault.HasCode(err, "dues.no_terms"), "%v", err)
	_, err = dues.TermsFor(p, "370102", "navy", month("2020-03"))
	require.True(t, fault.HasCode(err, "dues.no_terms"), "%v", err)
}

// A split that loses or invents money, and a number that cannot be meant, never
// become a parameter.
func TestRulebookRefuses(t *testing.T) {
	for key, values := range map[string][]string{
		"dues.split": {
			`[{"payer":"general","national":5,"province":5,"city":10,"county":21,"grassroots":60}]`,
			`[{"payer":"general","national":-5,"province":5,"city":10,"county":30,"grassroots":60}]`,
			`[{"payer":"navy","national":5,"province":5,"city":10,"county":20,"grassroots":60}]`,
			`[{"payer":"general","national":5,"province":5,"city":10,"grassroots":80}]`, `[]`,
		},
		"dues.rate": {`"101"`, `"-2"`, `2`, `"two"`}, "dues.mode": {`"half"`}, "dues.tolerance": {`-1`, `0.5`}, "dues.break_days": {`0`},
	} {
		d, ok := dues.ShippedBook().Definition(key)
		require.True(t, ok)
		for _, value := range values {
			_, err := d.Parse(json.RawMessage(value))
			require.True(t, fault.IsKind(err, fault.Invalid), "%s %s: %v", key, value, err)
		}
	}
}

// In a city whose tax office collects only the part of the upper levels all of it
// goes up; preparation funds are collected whole there too.
func TestUpperOnly(t *testing.T) {
	city := usual
	city.Mode = dues.UpperOnly
	r, err := city.Divide(400_000, dues.Dues)
	require.NoError(t, err)
	require.Equal(t, dues.Reckoning{Due: 400_000, Remitted: 400_000, Refund: 400_000,
		Shares: dues.Shares{National: 50_000, Province: 50_000, City: 100_000, County: 200_000}}, r)
	whole, err := city.Reckon(50_000_000, dues.Dues)
	require.NoError(t, err)
	require.Equal(t, money.Fen(600_000), whole.Retained, "the company pays it to its union itself")
	fund, err := city.Divide(960_000, dues.Preparation)
	require.NoError(t, err)
	require.Equal(t, money.Fen(576_000), fund.Retained)

	month := clock.MakeDay(2020, 3, 1)
	judge := dues.Rules{
		Terms: func(dues.Item, clock.Day) (dues.Terms, error) { return city, nil },
		Known: func(string) bool { return true }, Seen: func(string) bool { return false },
	}
	line := dues.Line{CreditCode: taxoffice.CreditCode("91370102MA3000001"), Item: dues.Dues, Month: month, Payroll: 50_000_000, Due: 400_000, Paid: 400_000, Voucher: "1"}
	breaks, err := judge.Judge([]dues.Line{line})
	require.NoError(t, err)
	require.Empty(t, breaks)
	line.Due, line.Paid = 1_000_000, 1_000_000
	breaks, err = judge.Judge([]dues.Line{line})
	require.NoError(t, err)
	require.Len(t, breaks, 1)
	require.Equal(t, dues.WrongAmount, breaks[0].Kind)
}
