package dues_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/company"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
	"gonghui/internal/simulator/taxoffice"
)

const listHead = "统一社会信用代码,单位名称,行业代码,从业人员,营业收入（万元）,资产总额（万元）,上级单位,上级单位信用代码,上级类型,登记状态\r\n"

// list writes a list; each row is code, name and the rest.
func list(rows ...string) string { return listHead + strings.Join(rows, "\r\n") + "\r\n" }

func (b *bundle) census(ctx context.Context, source dues.Source, year int, text string, o dues.ListOptions) (dues.List, error) {
	b.t.Helper()
	if o.Name == "" {
		o.Name = string(source) + ".csv"
	}
	return b.ImportList(ctx, b.unit(lixia), source, year, strings.NewReader(text), int64(len(text)), o)
}

func (b *bundle) taken(ctx context.Context, source dues.Source, year int, rows ...string) dues.List {
	b.t.Helper()
	l, err := b.census(ctx, source, year, list(rows...), dues.ListOptions{})
	require.NoError(b.t, err)
	require.Equal(b.t, dues.FileTaken, l.State)
	require.Zero(b.t, l.Report.Failed)
	return l
}

func creditCode(n int) string { return taxoffice.CreditCode(fmt.Sprintf("91370102MA3%06d", n)) }

func (b *bundle) payer(ctx context.Context, code string) dues.Payer {
	b.t.Helper()
	p := b.listed(ctx, dues.PayerFilter{Text: code})
	require.Len(b.t, p, 1, code)
	return p[0]
}

// The worked examples of the rule, through a list: E3-5, and E3-6, the micro branch
// of an insurer that gets nothing all the same.
func TestListClassifies(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		clerk := b.clerk("clerk", lixia)
		var rows []string
		examples := []struct {
			row   string
			class company.SizeClass
		}{
			{"C34,25,280,,,,,存续", company.Micro},
			{"C3411,350,1900,,,,,存续", company.Small},
			{"通用设备制造业,350,2500,,,,,存续", company.Medium},
			{"65,99,999,,,,,存续", company.Small},
			{"65,100,1000,,,,,存续", company.Medium},
			{"零售业,10,100,,,,,存续", company.Small},
			{"52,9,100,,,,,存续", company.Micro},
			{"E,,6000,4999,,,,存续", company.Small},
			{"701,,1500,4000,,,,存续", company.Small},
			{"7010,,50,20000,,,,存续", company.Micro},
			{"A,,499.99,,,,,存续", company.Small},
			{"A,,500,,,,,存续", company.Medium},
			{"M,99,,,,,,存续", company.Small},
			{"其他未列明行业,100,,,,,,存续", company.Medium},
			{"6820,3,50,,某保险公司,,保险,存续", company.Unclassified}, // finance is no industry of the rule
			{"租赁和商务服务业,5,,80,某保险公司,,金融,存续", company.Micro},    // E3-6
			{"51,4,900,,某集团,,集团,存续", company.Micro},
			{"C34,25,,,,,,存续", company.Unclassified},
			{",25,280,,,,,存续", company.Unclassified},
		}
		for i, x := range examples {
			rows = append(rows, fmt.Sprintf("%s,历下第%d公司,%s", creditCode(i), i, x.row))
		}
		l := b.taken(clerk, dues.FromStatistics, 2019, rows...)
		require.Equal(t, dues.ListReport{Rows: 19, Taken: 19, Companies: 19, Unclassified: 3, Excluded: 3}, l.Report)
		for i, x := range examples {
			p := b.payer(clerk, creditCode(i))
			require.Equal(t, x.class, p.Class, "%d %s", i, x.row)
			require.Equal(t, dues.ByRule, p.ClassBy)
			require.Equal(t, 2019, p.ClassYear)
			require.Equal(t, b.payer(clerk, creditCode(0)).OrgPath, p.OrgPath)
		}
		insurer := b.payer(clerk, creditCode(15))
		require.Equal(t, company.Micro, insurer.Class)
		require.Equal(t, dues.FinancialSub, insurer.Excluded, "NOT_ELIGIBLE(FIN_SUB) although micro")
		require.Equal(t, dues.GroupSub, b.payer(clerk, creditCode(16)).Excluded)
		ev, err := b.Evidence(clerk, b.payer(clerk, creditCode(14)).Ref())
		require.NoError(t, err)
		require.Equal(t, dues.Outside, ev[0].Why)
		ev, err = b.Evidence(clerk, b.payer(clerk, creditCode(17)).Ref())
		require.NoError(t, err)
		require.Equal(t, dues.NoFigure, ev[0].Why)
		ev, err = b.Evidence(clerk, b.payer(clerk, creditCode(0)).Ref())
		require.NoError(t, err)
		require.Equal(t, int64(280_000_000), ev[0].Size.Evidence[1].Value)
		require.True(t, ev[0].Counts && ev[0].Wins)
	})
}

// Lists that disagree: the order of the parameter decides, the conflict is shown,
// what somebody decides by hand stays.
func TestListsThatDisagree(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		clerk := b.clerk("clerk", lixia)
		row := func(rest string) string { return creditCode(1) + ",历下机械有限公司," + rest }
		b.taken(clerk, dues.FromTax, 2019, row("C34,350,2500,,,,,"))
		p := b.payer(clerk, creditCode(1))
		require.Equal(t, company.Medium, p.Class)
		require.Equal(t, dues.FromTax, p.ClassSource)
		require.False(t, p.Conflict)

		b.taken(clerk, dues.FromMarket, 2019, row("C34,350,1900,,,,,"))
		p = b.payer(clerk, creditCode(1))
		require.Equal(t, company.Small, p.Class, "the market's list counts before the tax office's")
		require.True(t, p.Conflict)
		require.Len(t, b.listed(clerk, dues.PayerFilter{Conflict: true}), 1)

		l := b.taken(clerk, dues.FromStatistics, 2019, row("C34,,,,,,,"))
		require.EqualValues(t, 1, l.Report.Conflicts)
		require.Equal(t, company.Small, b.payer(clerk, creditCode(1)).Class, "a list without figures leaves it to the others")
		b.taken(clerk, dues.FromStatistics, 2019, row("C34,10,100,,,,,"))
		require.Equal(t, company.Micro, b.payer(clerk, creditCode(1)).Class, "the later statement of a source takes the place of its earlier one")
		b.taken(clerk, dues.FromTax, 2018, row("C34,2000,50000,,,,,"))
		require.Equal(t, company.Micro, b.payer(clerk, creditCode(1)).Class, "an older year says nothing against a newer one")

		ev, err := b.Evidence(clerk, b.payer(clerk, creditCode(1)).Ref())
		require.NoError(t, err)
		var told []string
		for _, e := range ev {
			told = append(told, fmt.Sprintf("%s %d %s %t %t", e.Source, e.Year, e.Size.Class, e.Counts, e.Wins))
		}
		require.Equal(t, []string{"statistics 2019 micro true true", "market 2019 small true false", "tax 2019 medium true false"}, told)

		p = b.payer(clerk, creditCode(1))
		_, err = b.Classify(clerk, p.Ref(), dues.ClassInput{Class: "giant", Version: p.Version})
		require.Len(t, fault.As(err).Fields, 2, "%v", err)
		p, err = b.Classify(clerk, p.Ref(), dues.ClassInput{Class: company.Small, Reason: "统计口径为法人全部产业活动单位", Version: p.Version})
		require.NoError(t, err)
		require.Equal(t, dues.ByHand, p.ClassBy)
		b.taken(clerk, dues.FromStatistics, 2019, row("C34,1200,50000,,某集团,,集团,"))
		p = b.payer(clerk, creditCode(1))
		require.Equal(t, company.Small, p.Class, "by hand stays by hand")
		require.Equal(t, dues.GroupSub, p.Excluded)
		p, err = b.Exclude(clerk, p.Ref(), dues.ExclusionInput{Reason: "已于2019年底脱离集团", Version: p.Version})
		require.NoError(t, err)
		b.taken(clerk, dues.FromMarket, 2019, row("C34,350,1901,,某集团,,集团,"))
		p = b.payer(clerk, creditCode(1))
		require.Empty(t, p.Excluded, "taken in by hand stays in")
		ev, err = b.Evidence(clerk, p.Ref())
		require.NoError(t, err)
		require.Equal(t, company.Large, ev[0].Size.Class, "what the lists say is shown beside")

		b.set("dues.list_order", clock.MakeDay(2020, 1, 1), "tax_market_statistics")
		p, err = b.Classify(clerk, p.Ref(), dues.ClassInput{Reason: "恢复", Version: p.Version})
		require.NoError(t, err)
		require.Equal(t, dues.ByRule, p.ClassBy)
		require.Equal(t, company.Medium, p.Class, "the tax office's list counts first now")
		require.Empty(t, p.Excluded)
	})
}

// Rows that cannot be taken come back with what is wrong in both languages, the
// others go in; a mended file goes on from there, and the same again changes nothing.
func TestListsWithBadRows(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		clerk := b.clerk("clerk", lixia)
		elsewhere := b.register(shinan, 1)[0]
		b.register(lixia, 3)
		gone := creditCode(777)
		into := b.refs(b.firms[1:2])[0]
		_, err := b.Companies.Merge(access.System(t.Context(), "test"), into, company.Merging{Code: gone, On: clock.MakeDay(2020, 5, 1), Reason: "吸收合并"})
		require.NoError(t, err)
		good := b.firms[1].CreditCode + "," + b.firms[1].Name + ",C34,25人,\"1,280.5\",,,,,存续"
		text := list(good,
			"91370102MA3000000X,坏代码公司,C34,1,1,,,,,",
			creditCode(5)+",,C34,1,1,,,,,",
			creditCode(6)+",坏行业公司,造机器,1,1,,,,,",
			creditCode(7)+",坏数字公司,C34,一百,1,,,,,",
			creditCode(8)+",坏金额公司,C34,1,-1,,,,,",
			creditCode(9)+",坏上级公司,C34,1,1,,甲,,叔叔,",
			elsewhere.CreditCode+",别处公司,C34,1,1,,,,,",
			gone+",并入公司,C34,1,1,,,,,",
			",没有代码的公司,C34,1,1,,,,,",
			creditCode(10)+",=HYPERLINK(1),C34,1,99999999999999999,,,,,",
		)
		var errs bytes.Buffer
		l, err := b.census(clerk, dues.FromMarket, 2019, text, dues.ListOptions{Errors: &errs})
		require.NoError(t, err)
		require.Equal(t, dues.ListReport{Rows: 11, Taken: 1, Failed: 10}, l.Report)
		lines := strings.Split(strings.TrimSpace(errs.String()), "\r\n")
		require.Len(t, lines, 11)
		for i, word := range []string{"单位名称", "行业代码", "从业人员", "营业收入", "上级类型", "统一社会信用代码", "吸收合并", "统一社会信用代码"} {
			require.Contains(t, lines[i+2], word, i)
		}
		require.Contains(t, lines[8], "has absorbed this company")
		require.NotContains(t, "\n"+errs.String(), "\n=")

		p := b.payer(clerk, b.firms[1].CreditCode)
		require.Equal(t, company.Small, p.Class)
		facts, err := b.Companies.Facts(clerkScope(b, clerk), p.Ref())
		require.NoError(t, err)
		require.Len(t, facts, 2)
		require.EqualValues(t, 1_280_500_000, facts[0].Quantity)

		again, err := b.census(clerk, dues.FromMarket, 2019, text, dues.ListOptions{})
		require.NoError(t, err)
		require.True(t, again.Again)
		require.Equal(t, l.ID, again.ID)
		mended := b.taken(clerk, dues.FromMarket, 2019, good, creditCode(5)+",补上名称的公司,C34,1,1,,,,,")
		require.Equal(t, dues.ListReport{Rows: 2, Taken: 1, Unchanged: 1, Companies: 1}, mended.Report)
		facts, err = b.Companies.Facts(clerkScope(b, clerk), p.Ref())
		require.NoError(t, err)
		require.Len(t, facts, 2, "nothing is doubled")
		require.Equal(t, p.Version, b.payer(clerk, b.firms[1].CreditCode).Version)
		pg, err := b.ListLists(clerk, page.Request{})
		require.NoError(t, err)
		require.Len(t, pg.Items, 2)

		sister := b.clerk("sister", shinan)
		pg, err = b.ListLists(sister, page.Request{})
		require.NoError(t, err)
		require.Empty(t, pg.Items)
		_, err = b.GetList(sister, company.Ref{City: l.CityCode, ID: l.ID})
		require.True(t, fault.HasCode(err, "dues.no_list"), "%v", err)
		require.Empty(t, b.listed(sister, dues.PayerFilter{}))
		_, err = b.census(sister, dues.FromTax, 2019, text, dues.ListOptions{})
		require.True(t, fault.HasCode(err, "access.denied"), "%v", err)
		for _, x := range []struct {
			source dues.Source
			year   int
		}{{"uncle", 2019}, {dues.FromTax, 2021}, {dues.FromTax, 1999}} {
			_, err = b.census(clerk, x.source, x.year, text, dues.ListOptions{})
			require.True(t, fault.HasCode(err, "form.invalid"), "%v", err)
		}
		_, err = b.census(clerk, dues.FromTax, 2019, "名称\r\n甲\r\n", dues.ListOptions{})
		require.True(t, fault.HasCode(err, "exchange.missing_column"), "%v", err)
	})
}

// clerkScope gives the context of a clerk the scope of what he collects.
func clerkScope(b *bundle, ctx context.Context) context.Context {
	scoped, err := access.For(ctx, access.DuesCollect)
	require.NoError(b.t, err)
	return scoped
}

// Amounts in the units that offices write: 千元 and 元 in the heading or the cell.
func TestListUnits(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		clerk := b.clerk("clerk", lixia)
		text := "统一社会信用代码,名称,行业,人数,营业收入（千元）,资产总计（元）\r\n" +
			creditCode(1) + ",甲公司,E,7.9,3000.005,\"3,000,000.005\"\r\n" + creditCode(2) + ",乙公司,E,-,300万元,\r\n"
		_, err := b.census(clerk, dues.FromTax, 2019, text, dues.ListOptions{})
		require.NoError(t, err)
		ev, err := b.Evidence(clerk, b.payer(clerk, creditCode(1)).Ref())
		require.NoError(t, err)
		require.EqualValues(t, 7, *ev[0].Figures.Employees)
		require.Equal(t, money.Fen(300_000_500), *ev[0].Figures.RevenueFen)
		require.Equal(t, money.Fen(300_000_001), *ev[0].Figures.AssetsFen)
		require.Equal(t, company.Small, ev[0].Size.Class)
		ev, err = b.Evidence(clerk, b.payer(clerk, creditCode(2)).Ref())
		require.NoError(t, err)
		require.Nil(t, ev[0].Figures.Employees)
		require.Equal(t, money.Fen(300_000_000), *ev[0].Figures.RevenueFen)
	})
}

// A dry run tells what would come and leaves nothing; what a crash interrupts goes
// on with the same file.
func TestListDryRunAndCrash(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		clerk := b.clerk("clerk", lixia)
		rows := make([]string, 0, 6_001)
		for i := range 6_000 {
			rows = append(rows, fmt.Sprintf("%s,历下第%d机械有限公司,C34,%d,%d,,,,,", creditCode(i), i, i%400, i))
		}
		rows = append(rows, creditCode(1)+",坏行业公司,造机器,1,1,,,,,")
		text := list(rows...)
		dry, err := b.census(clerk, dues.FromStatistics, 2019, text, dues.ListOptions{DryRun: true})
		require.NoError(t, err)
		require.Equal(t, dues.ListReport{Rows: 6_001, Taken: 6_000, Failed: 1, Companies: 6_000}, dry.Report)
		require.Empty(t, b.listed(clerk, dues.PayerFilter{}))
		pg, err := b.ListLists(clerk, page.Request{})
		require.NoError(t, err)
		require.Empty(t, pg.Items)

		stop := errors.New("the machine is switched off")
		chunks := 0
		_, err = b.census(clerk, dues.FromStatistics, 2019, text, dues.CommitList(dues.ListOptions{}, func(dues.ListReport) error {
			if chunks++; chunks == 2 {
				return stop
			}
			return nil
		}))
		require.ErrorIs(t, err, stop)
		count, err := b.CountPayers(clerk, "")
		require.NoError(t, err)
		require.EqualValues(t, 5000, count.All)
		var errs bytes.Buffer
		l, err := b.census(clerk, dues.FromStatistics, 2019, text, dues.ListOptions{Errors: &errs})
		require.NoError(t, err)
		require.Equal(t, dry.Report, l.Report)
		require.Equal(t, 2, strings.Count(errs.String(), "\n"))
		count, err = b.CountPayers(clerk, "")
		require.NoError(t, err)
		require.EqualValues(t, 6_000, count.All)
		require.EqualValues(t, 6_000, count.Micro+count.Small+count.Medium+count.Large)
	})
}

// Two clerks with the same list, and one with another at the same companies: all
// ends as if they had come one after the other.
func TestListsAtOnce(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		var tax, market []string
		for i := range 300 {
			tax = append(tax, fmt.Sprintf("%s,历下第%d机械有限公司,C34,25,280,,,,,", creditCode(i), i))
			market = append(market, fmt.Sprintf("%s,历下第%d机械有限公司,C34,350,1900,,,,,", creditCode(299-i), 299-i))
		}
		var wg sync.WaitGroup
		errs := make([]error, 3)
		for i, x := range []struct {
			source dues.Source
			rows   []string
		}{{dues.FromTax, tax}, {dues.FromTax, tax}, {dues.FromMarket, market}} {
			ctx := b.clerk(fmt.Sprint("clerk", i), lixia)
			wg.Go(func() { _, errs[i] = b.census(ctx, x.source, 2019, list(x.rows...), dues.ListOptions{}) })
		}
		wg.Wait()
		require.NoError(t, errs[2])
		require.True(t, errs[0] == nil || errs[1] == nil, "%v %v", errs[0], errs[1])
		for _, err := range errs[:2] {
			require.True(t, err == nil || fault.HasCode(err, "casework.moved_on"), "%v", err)
		}
		clerk := b.clerk("clerk", lixia)
		count, err := b.CountPayers(clerk, "")
		require.NoError(t, err)
		require.Equal(t, dues.PayerCounts{All: 300, Small: 300, Conflict: 300, NoAccount: 300}, count)
	})
}
