package demo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gonghui/internal/kit/fault"
	"gonghui/internal/measure/dues"
	"gonghui/internal/simulator/taxoffice"
)

// What the lists of the demonstration are made to show, by the place of the company.
const (
	listedTwice   = 3 // two lists give it other classes
	listedInsurer = 5 // small, and below an insurer
	listedNowhere = 7 // a figure is missing in every list
)

// planLists has three offices tell the county of the logins how large its payers are,
// some days after its first tax file.
func (b *builder) planLists(firms []taxoffice.Company, day time.Time) {
	d := newDice(b.o.Seed, "dues lists")
	year := b.plan.today.Year() - 1
	rows := map[dues.Source]*strings.Builder{}
	for _, s := range dues.Sources() {
		rows[s] = &strings.Builder{}
		rows[s].WriteString("统一社会信用代码,单位名称,行业代码,从业人员,营业收入（万元）,资产总额（万元）,上级单位,上级类型,登记状态\r\n")
	}
	for i, f := range firms {
		staff := fmt.Sprint(d.between(8, 260))
		revenue, assets := d.between(120, 1900), d.between(90, 3000)
		parent := ","
		industry := "C34"
		switch i {
		case listedInsurer:
			industry, parent = "L72", "某保险股份有限公司,保险"
		case listedNowhere:
			staff = ""
		}
		write := func(s dues.Source, staff string, revenue int) {
			fmt.Fprintf(rows[s], "%s,%s,%s,%s,%d,%d,%s,存续\r\n", f.CreditCode, f.Name, industry, staff, revenue, assets, parent)
		}
		write(dues.FromStatistics, staff, revenue)
		if i%2 == 1 { // the other offices know fewer
			other := revenue
			if i == listedTwice {
				staff, other = "350", 2600
			}
			write(dues.FromMarket, staff, other)
		}
		if i%3 == 0 && i != listedTwice {
			write(dues.FromTax, staff, revenue)
		}
	}
	for i, s := range dues.Sources() {
		name, text := map[dues.Source]string{dues.FromStatistics: "统计局", dues.FromMarket: "市场监管局", dues.FromTax: "税务局"}[s], rows[s].String()
		b.steps.add(day.Add(time.Duration(i)*time.Hour), func(ctx context.Context) error {
			unit, ok := b.Org.ByDivision(homeCounty)
			if !ok {
				return fault.New(fault.Conflict, "demo.no_org")
			}
			_, err := b.Dues.ImportList(b.collector(ctx), unit.ID, s, year, strings.NewReader(text), int64(len(text)), dues.ListOptions{Name: name + "企业名单.csv"})
			return err
		})
	}
}
