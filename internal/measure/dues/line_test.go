package dues_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/exchange"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
	"gonghui/internal/measure/dues"
)

func terms(item dues.Item, month clock.Day) (dues.Terms, error) {
	return dues.TermsFor(dues.ShippedBook(), "370102", dues.General, month)
}

// read takes a file in and gives its lines, the columns of its bad rows, and the reader.
func read(t *testing.T, text string) ([]dues.Line, []string, *dues.Lines, error) {
	t.Helper()
	table, err := exchange.OpenReader(strings.NewReader(text), int64(len(text)), "tax.csv", exchange.DefaultLimits())
	require.NoError(t, err)
	x, err := dues.OpenLines(table, nil, terms)
	require.NoError(t, err)
	var bad []string
	lines, err := x.ReadAll(func(_ exchange.Row, problems []exchange.Problem) error {
		for _, p := range problems {
			bad = append(bad, p.Column)
		}
		return nil
	})
	return lines, bad, x, err
}

const taxHead = "统一社会信用代码,缴费人名称,主管税务机关,征收品目,费款所属期,工资总额,费率,应缴金额,实缴金额,电子税票号码,入库日期\n"

func TestTaxFile(t *testing.T) {
	lines, bad, x, err := read(t, taxHead+
		"91370200MA3EQWHN6N,青岛海风商贸有限公司,市南税务所,工会经费,2020-03,\"123,456.78\",2%,2469.14,2469.14,337200300000000701,2020-04-15\n"+
		"91370200ma3eqwhn6n,青岛海风商贸有限公司,市南税务所,建会筹备金,2020年4月,１００,,,2,337200400000000702,20200515\n"+
		"91370200MA3EQWHN6N,青岛海风商贸有限公司,市南税务所,工会经费,2020-05-01至2020-05-31,0,2%,0,0,337200500000000703,2020/06/15\n"+
		"合计,共3户,,,,123556.78,,,2471.14,,\n")
	require.NoError(t, err)
	require.Empty(t, bad)
	require.NoError(t, x.CheckTotals())
	require.Len(t, lines, 3)
	march, err := dues.ParseMonth("2020-03")
	require.NoError(t, err)
	require.Equal(t, dues.Line{
		Row: 2, CreditCode: "91370200MA3EQWHN6N", Name: "青岛海风商贸有限公司", Office: "市南税务所", Item: dues.Dues, Month: march,
		Payroll: 12_345_678, Rate: 20_000, Due: 246_914, Paid: 246_914, Voucher: "337200300000000701", PaidOn: clock.MakeDay(2020, 4, 15),
	}, lines[0])
	require.Equal(t, "91370200MA3EQWHN6N", lines[1].CreditCode)
	require.Equal(t, dues.Preparation, lines[1].Item)
	require.Equal(t, money.Fen(200), lines[1].Due, "reckoned where the file does not say")
	require.Equal(t, "2020-05-01", lines[2].Month.String())
}

func TestTaxFileRowsThatAreNone(t *testing.T) {
	row := func(cells ...string) string { return strings.Join(cells, ",") + "\n" }
	for name, c := range map[string]struct {
		row  string
		want []string
	}{
		"item":          {row("C", "N", "O", "水费", "2020-03", "1", "2", "1", "1", "V", "2020-04-15"), []string{"征收品目"}},
		"month 13":      {row("C", "N", "O", "工会经费", "2020-13", "1", "2", "1", "1", "V", "2020-04-15"), []string{"费款所属期"}},
		"half a month":  {row("C", "N", "O", "工会经费", "2020-03-01至2020-03-15", "1", "2", "1", "1", "V", "2020-04-15"), []string{"费款所属期"}},
		"two months":    {row("C", "N", "O", "工会经费", "2020-03-01至2020-04-30", "1", "2", "1", "1", "V", "2020-04-15"), []string{"费款所属期"}},
		"negative":      {row("C", "N", "O", "工会经费", "2020-03", "-1", "2", "1", "1", "V", "2020-04-15"), []string{"工资总额"}},
		"three places":  {row("C", "N", "O", "工会经费", "2020-03", "1.001", "2", "1", "1", "V", "2020-04-15"), []string{"工资总额"}},
		"overflow":      {row("C", "N", "O", "工会经费", "2020-03", "92233720368547758.08", "2", "1", "1", "V", "2020-04-15"), []string{"工资总额"}},
		"no voucher":    {row("C", "N", "O", "工会经费", "2020-03", "1", "2", "1", "1", "", "2020-04-15"), []string{"电子税票号码"}},
		"30 February":   {row("C", "N", "O", "工会经费", "2020-03", "1", "2", "1", "1", "V", "2020-02-30"), []string{"入库日期"}},
		"rate":          {row("C", "N", "O", "工会经费", "2020-03", "1", "two", "1", "1", "V", "2020-04-15"), []string{"费率"}},
		"nobody":        {row("", "", "O", "工会经费", "2020-03", "1", "2", "1", "1", "V", "2020-04-15"), []string{"统一社会信用代码"}},
		"several":       {row("C", "N", "O", "x", "x", "x", "2", "1", "1", "V", "x"), []string{"工资总额", "征收品目", "费款所属期", "入库日期"}},
		"a month of no": {row("C", "N", "O", "工会经费", "1990-03", "1", "", "1", "1", "V", "2020-04-15"), []string{"费款所属期"}},
	} {
		lines, bad, x, err := read(t, taxHead+c.row)
		require.NoError(t, err, name)
		require.Empty(t, lines, name)
		require.Equal(t, c.want, bad, name)
		require.EqualValues(t, 1, x.Counted().Rows, "a row that is none still counts against the totals")
	}
}

func TestTaxFileTotals(t *testing.T) {
	good := "91370200MA3EQWHN6N,青岛海风商贸有限公司,,工会经费,2020-03,100,2,2,2,V1,2020-04-15\n"
	_, _, x, err := read(t, taxHead+good)
	require.NoError(t, err)
	require.True(t, fault.HasCode(x.CheckTotals(), "dues.no_totals"), "cut in the middle")
	for name, total := range map[string]string{"rows": "合计,共2户,,,,100,,,2,,\n", "payroll": "合计,共1户,,,,101,,,2,,\n", "paid": "合计,共1户,,,,100,,,2.01,,\n"} {
		_, _, x, err := read(t, taxHead+good+total)
		require.NoError(t, err)
		require.True(t, fault.HasCode(x.CheckTotals(), "dues.totals"), name)
	}
	_, _, _, err = read(t, taxHead+good+"合计,共1户,,,,100,,,2,,\n"+good)
	require.True(t, fault.HasCode(err, "dues.after_totals"), "%v", err)
	largest := "92233720368547758.07"
	_, _, _, err = read(t, taxHead+strings.Replace(good, ",100,", ","+largest+",", 1)+strings.Replace(good, ",100,", ","+largest+",", 1))
	require.ErrorIs(t, err, money.ErrRange, "sums that would overflow")
}
