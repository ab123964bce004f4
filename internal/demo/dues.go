package demo

import (
	"context"
	"strings"
	"time"

	"gonghui/internal/core/access"
	"gonghui/internal/core/company"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
	"gonghui/internal/simulator/taxoffice"
)

// duesMonth is one file of the tax office of the county of the logins, and what
// became of it. Days are days ago; 0 = not yet.
type duesMonth struct {
	back     int // months before the present one
	taken    int
	mistakes int
	open     int // breaks that nobody has settled
	receipts int
	union    int // signed
	tax      int
}

// duesMonths show a file that both sides have signed and that left a break behind, one that
// waits for the tax office, and one with all its breaks.
var duesMonths = []duesMonth{
	{back: 3, taken: 50, mistakes: 9, open: 1, receipts: 48, union: 46, tax: 45},
	{back: 2, taken: 18, mistakes: 9, open: 3, receipts: 16, union: 13},
	{back: 1, taken: 3, mistakes: 12, open: 99},
}

// duesPayers is how many companies pay dues in the county of the logins.
const duesPayers = 36

// planDues has the county of the logins collect dues.
func (b *builder) planDues() {
	d := newDice(b.o.Seed, "dues")
	office := taxoffice.New(b.plan.atlas.county(homeCounty).Name+"税务局", 20_000, b.o.Seed)
	var firms []taxoffice.Company
	var listed []company.Listed
	seen := map[string]bool{}
	for _, f := range b.plan.firms {
		if f.county.Code != homeCounty || len(firms) == duesPayers || seen[f.credit] {
			continue
		}
		seen[f.credit] = true
		firms = append(firms, taxoffice.Company{
			CreditCode: f.credit, Name: f.name, PayrollFen: int64(d.between(6, 90)) * 600_000, Preparation: d.chance(15),
		})
		listed = append(listed, company.Listed{CreditCode: f.credit, Name: f.name, DivisionCode: f.town})
	}
	b.planLists(firms, b.plan.day(duesMonths[0].taken).Start().Add(11*time.Hour))
	for i, x := range duesMonths {
		y, m, _ := b.plan.today.Date()
		month := clock.MakeDay(y, m-time.Month(x.back), 1)
		at := func(ago, hour int) time.Time { return b.plan.day(ago).Start().Add(time.Duration(hour) * time.Hour) }
		sent := office.Month(month.String()[:7], firms, min(x.mistakes, len(firms)))
		var file dues.File
		b.steps.add(at(x.taken, 9), func(ctx context.Context) (err error) {
			if i == 0 { // what the tax office knows, the county knows too
				if err := b.listPayers(ctx, listed); err != nil {
					return err
				}
			}
			unit, ok := b.Org.ByDivision(homeCounty)
			if !ok {
				return fault.New(fault.Conflict, "demo.no_org")
			}
			file, err = b.Dues.TakeFile(b.collector(ctx), unit.ID, strings.NewReader(sent.CSV), int64(len(sent.CSV)), dues.FileOptions{Name: month.String()[:7] + "工会经费代收明细.csv"})
			return err
		})
		if x.receipts > 0 {
			b.steps.add(at(x.receipts, 10), func(ctx context.Context) error {
				text := sent.Statement()
				_, err := b.Dues.TakeReceipts(b.collector(ctx), file.CityCode, file.ID, strings.NewReader(text), int64(len(text)), dues.FileOptions{Name: "bank.csv"})
				return err
			})
			b.steps.add(at(x.receipts, 15), func(ctx context.Context) error { return b.settle(b.collector(ctx), file, x.open) })
		}
		if i > 0 {
			b.steps.add(at(x.taken, 16), func(ctx context.Context) error { return b.askCorrection(ctx, file, i == 1) })
		}
		b.signDues(x, &file)
	}
	b.planRefunds(firms)
}

// signDues has the two sides sign a file on their days.
func (b *builder) signDues(x duesMonth, file *dues.File) {
	sign := func(ago, hour int, side dues.Side, who func(context.Context) context.Context) {
		if ago == 0 {
			return
		}
		b.steps.add(b.plan.day(ago).Start().Add(time.Duration(hour)*time.Hour), func(ctx context.Context) error {
			ctx = who(ctx)
			f, err := b.Dues.GetFile(ctx, file.CityCode, file.ID)
			if err != nil {
				return err
			}
			_, err = b.Dues.SignFile(ctx, f.CityCode, f.ID, side, f.Version)
			return err
		})
	}
	sign(x.union, 11, dues.UnionSide, b.collector)
	sign(x.tax, 14, dues.TaxSide, b.taxOfficer)
}

func (b *builder) collector(ctx context.Context) context.Context {
	return access.Enter(ctx, b.desks[homeCounty])
}

func (b *builder) taxOfficer(ctx context.Context) context.Context { return access.Enter(ctx, b.tax) }

// listPayers makes the companies known that no page has registered yet.
func (b *builder) listPayers(ctx context.Context, listed []company.Listed) error {
	known, err := b.Companies.EnsureListed(ctx, listed)
	if err != nil {
		return err
	}
	for _, k := range known {
		if k.Err != nil {
			return k.Err
		}
	}
	return nil
}

// settle clears the breaks of a file but for the last few.
func (b *builder) settle(ctx context.Context, file dues.File, leave int) error {
	list, err := b.Dues.ListBreaks(ctx, dues.BreakFilter{FileID: file.ID, State: dues.BreakOpen}, page.Request{Limit: page.MaxLimit})
	if err != nil {
		return err
	}
	for n, x := range list.Items[:max(0, len(list.Items)-leave)] {
		to, why := dues.BreakCleared, "与税务所电话核对，双方一致"
		if n%4 == 3 {
			to, why = dues.BreakWrittenOff, "金额很小，查无来源"
		}
		if err := b.Dues.ClearBreak(ctx, x.CityCode, x.ID, to, why, x.Version); err != nil {
			return err
		}
	}
	return nil
}

// askCorrection has the tax office ask for a correction, and the union answer.
func (b *builder) askCorrection(ctx context.Context, file dues.File, answered bool) error {
	tax := b.taxOfficer(ctx)
	lines, err := b.Dues.ListLines(tax, file.CityCode, file.ID, "", page.Request{Limit: page.MaxLimit})
	if err != nil || len(lines.Items) == 0 {
		return err
	}
	l := lines.Items[len(lines.Items)-1]
	want := dues.Stand{CreditCode: l.CreditCode, Name: l.Name, Item: l.Item, Month: l.Month, Payroll: l.Payroll, Paid: l.Paid}
	y, m, _ := l.Month.Date()
	want.Month = clock.MakeDay(y, m-1, 1)
	c, err := b.Dues.AskCorrection(tax, file.CityCode, file.ID, dues.CorrectionInput{Voucher: l.Voucher, Want: want, Reason: "所属期报错，应为上个月"})
	if err != nil || !answered {
		return err
	}
	_, err = b.Dues.AnswerCorrection(b.collector(ctx), c.CityCode, c.ID, true, "凭证已核对", c.Version)
	return err
}
