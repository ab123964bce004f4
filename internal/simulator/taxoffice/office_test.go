package taxoffice_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/exchange"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/ident"
	"gonghui/internal/measure/dues"
	"gonghui/internal/simulator/taxoffice"
)

func companies(n int) []taxoffice.Company {
	out := make([]taxoffice.Company, n)
	for i := range out {
		out[i] = taxoffice.Company{
			CreditCode: taxoffice.CreditCode(fmt.Sprintf("913701%02d%09d", i%90+10, i)), Name: fmt.Sprintf("济南第%d机械有限公司", i),
			Preparation: i%7 == 0, PayrollFen: int64(3_000_000 + i*997),
		}
	}
	return out
}

// The office's own mistakes, and only those, are found, each with its line.
func TestEachFaultIsFoundAndNothingElse(t *testing.T) {
	all := companies(400)
	known := map[string]bool{}
	for _, c := range all {
		require.Equal(t, ident.OK, ident.CreditCode(c.CreditCode), c.CreditCode)
		known[c.CreditCode] = true
	}
	terms := func(_ dues.Item, month clock.Day) (dues.Terms, error) {
		return dues.TermsFor(dues.ShippedBook(), "370102", dues.General, month)
	}
	for seed := range uint64(20) {
		office := taxoffice.New("历下税务所", 20_000, seed)
		for month := 1; month <= 3; month++ {
			m := office.Month(fmt.Sprintf("2020-%02d", month), all, int(seed)*3)
			table, err := exchange.OpenReader(strings.NewReader(m.CSV), int64(len(m.CSV)), "tax.csv", exchange.DefaultLimits())
			require.NoError(t, err)
			x, err := dues.OpenLines(table, nil, terms)
			require.NoError(t, err)
			lines, err := x.ReadAll(func(row exchange.Row, p []exchange.Problem) error { return fmt.Errorf("row %d: %v", row.Line, p) })
			require.NoError(t, err)
			require.NoError(t, x.CheckTotals())
			require.Len(t, lines, m.Rows)
			r := dues.Rules{Terms: terms, Known: func(c string) bool { return known[c] }, Seen: func(string) bool { return false }}
			breaks, err := r.Judge(lines)
			require.NoError(t, err)
			breaks = append(breaks, differences(lines, m.Receipts)...)
			var want, got []string
			for _, s := range m.Seeded {
				want = append(want, string(s.Fault)+" "+s.Voucher)
			}
			for _, b := range breaks {
				got = append(got, string(b.Kind)+" "+b.Voucher)
			}
			slices.Sort(want)
			slices.Sort(got)
			require.Equal(t, want, got, "seed %d month %d", seed, month)
		}
	}
}

// differences holds the lines against the money by voucher.
func differences(lines []dues.Line, receipts []taxoffice.Receipt) []dues.Break {
	came := map[string]int64{}
	for _, r := range receipts {
		came[r.Voucher] += r.AmountFen
	}
	paid := map[string]int64{}
	for _, l := range lines {
		paid[l.Voucher] += int64(l.Paid)
	}
	var out []dues.Break
	for v, n := range paid {
		switch fen, ok := came[v]; {
		case !ok:
			out = append(out, dues.Break{Kind: dues.TaxOnly, Voucher: v})
		case fen != n:
			out = append(out, dues.Break{Kind: dues.AmountDiffers, Voucher: v})
		}
	}
	for v := range came {
		if _, ok := paid[v]; !ok {
			out = append(out, dues.Break{Kind: dues.UnionOnly, Voucher: v})
		}
	}
	return out
}

func TestSameSeedSameMonth(t *testing.T) {
	a := taxoffice.New("历下税务所", 20_000, 7).Month("2020-03", companies(50), 9)
	b := taxoffice.New("历下税务所", 20_000, 7).Month("2020-03", companies(50), 9)
	require.Equal(t, a, b)
	require.Len(t, a.Seeded, len(taxoffice.Faults))
	c := taxoffice.New("历下税务所", 20_000, 8).Month("2020-03", companies(50), 9)
	require.NotEqual(t, a.CSV, c.CSV)
}
