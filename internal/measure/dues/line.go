package dues

import (
	"errors"
	"io"
	"strings"

	"gonghui/internal/core/exchange"
	"gonghui/internal/core/rules"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/hanzi"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/money"
)

// Line is one payment of the tax office's file (收缴台账): what one company paid
// for one month under one voucher.
type Line struct {
	Row        int // in the file, 1 = the heading
	CreditCode string
	Name       string
	Office     string // the tax office that collected it
	Item       Item
	Month      clock.Day // first day of the month that it is for (归属期)
	Payroll    money.Fen // 工资总额
	Rate       rules.Percent
	Due        money.Fen // as the tax office reckoned it
	Paid       money.Fen
	Voucher    string    // 电子税票号码
	PaidOn     clock.Day // into the treasury
	Account    string    // that paid, where the file tells it; not kept
}

// Totals are the control totals of a file (控制总数).
type Totals struct {
	Rows    int64     `json:"rows"`
	Payroll money.Fen `json:"payroll_fen"`
	Paid    money.Fen `json:"paid_fen"`
}

// add counts a line. Fault: invalid money.range.
func (t *Totals) add(l Line) (err error) {
	t.Rows++
	if t.Payroll, err = money.Add(t.Payroll, l.Payroll); err != nil {
		return err
	}
	t.Paid, err = money.Add(t.Paid, l.Paid)
	return err
}

// LineFields are the columns of a tax file, the required ones first.
var LineFields = []exchange.Field{
	{Name: "credit_code", Aliases: []string{"统一社会信用代码", "信用代码", "纳税人识别号", "社会信用代码"}, Required: true},
	{Name: "name", Aliases: []string{"缴费人名称", "纳税人名称", "单位名称"}, Required: true},
	{Name: "item", Aliases: []string{"征收品目", "品目", "项目"}, Required: true},
	{Name: "month", Aliases: []string{"费款所属期", "所属期", "归属期"}, Required: true},
	{Name: "payroll", Aliases: []string{"工资总额", "计费依据"}, Required: true},
	{Name: "paid", Aliases: []string{"实缴金额", "实缴费额"}, Required: true},
	{Name: "voucher", Aliases: []string{"电子税票号码", "税票号码", "票证号码"}, Required: true},
	{Name: "paid_on", Aliases: []string{"入库日期", "缴款日期"}, Required: true},
	{Name: "office", Aliases: []string{"主管税务机关", "税务机关"}},
	{Name: "rate", Aliases: []string{"费率", "征收率"}},
	{Name: "due", Aliases: []string{"应缴金额", "应缴费额"}},
	{Name: "account", Aliases: []string{"付款账号", "缴费账号", "付款人账号"}},
}

// totalsWord begins the last row of a file, which holds the control totals.
const totalsWord = "合计"

// items are the words for the items.
var items = map[string]Item{
	"工会经费": Dues, "工会经费收入": Dues, "dues": Dues,
	"建会筹备金": Preparation, "工会筹备金": Preparation, "筹备金": Preparation, "preparation": Preparation,
}

// Lines reads a tax file row by row.
type Lines struct {
	table   *exchange.Table
	mapping exchange.Mapping
	terms   func(Item, clock.Day) (Terms, error)
	counted Totals
	stated  *Totals
}

// OpenLines maps the columns of a table; terms gives the rate of an item and
// month where the file has no rate column. Faults: exchange.missing_column,
// exchange.unknown_column, exchange.unknown_field.
func OpenLines(t *exchange.Table, given map[string]string, terms func(Item, clock.Day) (Terms, error)) (*Lines, error) {
	m, err := exchange.NewMapping(t.Header(), LineFields, given)
	if err != nil {
		return nil, err
	}
	return &Lines{table: t, mapping: m, terms: terms}, nil
}

// Next gives the next line. A row that is none comes as a *exchange.Problem list
// with the row, and reading goes on; the end is io.EOF. Faults: those of
// reading, and invalid dues.after_totals where rows follow the control totals.
func (x *Lines) Next() (Line, exchange.Row, []exchange.Problem, error) {
	row, err := x.table.Next()
	var wrong *exchange.RowError
	switch {
	case errors.As(err, &wrong):
		row.Line = wrong.Row
		x.counted.Rows++
		return Line{}, row, []exchange.Problem{{Column: wrong.Column, ZH: i18n.T(i18n.ZH, wrong.Key()), EN: i18n.T(i18n.EN, wrong.Key())}}, nil
	case err != nil:
		return Line{}, row, nil, err
	case x.stated != nil:
		return Line{}, row, nil, fault.New(fault.Invalid, "dues.after_totals", fault.With("Row", row.Line))
	}
	if strings.HasPrefix(hanzi.Normal(x.mapping.Get(row, "credit_code")), totalsWord) {
		t, problems := x.totals(row)
		if len(problems) > 0 {
			return Line{}, row, problems, nil
		}
		x.stated = &t
		return x.Next()
	}
	l, problems := x.parse(row)
	if len(problems) > 0 {
		x.counted.Rows++
		return Line{}, row, problems, nil
	}
	return l, row, nil, x.counted.add(l)
}

// Counted are the totals of the rows so far; rows that were no lines count as rows.
func (x *Lines) Counted() Totals { return x.counted }

// Stated are the control totals of the last row. False = the file has none, as
// when it was cut off.
func (x *Lines) Stated() (Totals, bool) {
	if x.stated == nil {
		return Totals{}, false
	}
	return *x.stated, true
}

// CheckTotals holds what was counted against what the file states. Faults:
// invalid dues.no_totals (cut off, or sent without), dues.totals (they differ).
func (x *Lines) CheckTotals() error {
	if x.stated == nil {
		return fault.New(fault.Invalid, "dues.no_totals", fault.With("Rows", x.counted.Rows))
	}
	if s, c := *x.stated, x.counted; s != c {
		return fault.New(fault.Invalid, "dues.totals", fault.With("Rows", c.Rows), fault.With("StatedRows", s.Rows),
			fault.With("Paid", c.Paid.Yuan()), fault.With("StatedPaid", s.Paid.Yuan()),
			fault.With("Payroll", c.Payroll.Yuan()), fault.With("StatedPayroll", s.Payroll.Yuan()))
	}
	return nil
}

func (x *Lines) totals(row exchange.Row) (Totals, []exchange.Problem) {
	p := cells{mapping: x.mapping, row: row}
	t := Totals{Payroll: p.amount("payroll"), Paid: p.amount("paid")}
	for _, c := range p.text("name") { // 共 12 户, or 12
		if c >= '0' && c <= '9' && t.Rows < 1<<40 {
			t.Rows = t.Rows*10 + int64(c-'0')
		}
	}
	return t, p.problems
}

// parse understands one row; every problem of it is told.
func (x *Lines) parse(row exchange.Row) (Line, []exchange.Problem) {
	p := cells{mapping: x.mapping, row: row}
	l := Line{
		Row: row.Line, CreditCode: strings.ToUpper(p.text("credit_code")), Name: p.raw("name"), Office: p.raw("office"),
		Payroll: p.amount("payroll"), Paid: p.amount("paid"), Voucher: strings.ToUpper(p.text("voucher")),
		Account: accountNumber(p.raw("account")),
	}
	var ok bool
	if l.Item, ok = items[p.text("item")]; !ok {
		p.wrong("item", "item")
	}
	var err error
	if l.Month, err = readMonth(p.text("month")); err != nil {
		p.wrong("month", "month")
	}
	if l.PaidOn, err = readDay(p.text("paid_on")); err != nil {
		p.wrong("paid_on", "date")
	}
	if l.Voucher == "" {
		p.wrong("voucher", "required")
	} else if strings.Contains(l.Voucher, correctionMark) {
		p.wrong("voucher", "voucher")
	}
	if l.CreditCode == "" && l.Name == "" {
		p.wrong("credit_code", "required")
	}
	if len(p.problems) > 0 {
		return l, p.problems
	}
	if rate := p.text("rate"); rate != "" {
		if l.Rate, err = rules.ParsePercent(rate); err != nil || l.Rate < 0 || l.Rate > rules.Whole {
			p.wrong("rate", "number")
		} else if l.Due, err = l.Rate.Of(l.Payroll); err != nil {
			p.wrong("payroll", "money")
		}
	} else if terms, err := x.terms(l.Item, l.Month); err != nil {
		p.wrong("month", "no_terms")
	} else if l.Rate, l.Due, err = terms.collected(l.Payroll, l.Item); err != nil {
		p.wrong("payroll", "money")
	}
	if p.text("due") != "" {
		l.Due = p.amount("due")
	}
	return l, p.problems
}

// cells reads the cells of one row and collects what is wrong.
type cells struct {
	mapping  exchange.Mapping
	row      exchange.Row
	problems []exchange.Problem
}

// text is a cell with its width and case folded; raw is the cell as it stands.
func (p *cells) text(field string) string { return strings.TrimSpace(hanzi.Fold(p.raw(field))) }

func (p *cells) raw(field string) string {
	return strings.TrimSpace(p.mapping.Get(p.row, field))
}

func (p *cells) wrong(field, why string) {
	key := "field." + why
	p.problems = append(p.problems, exchange.Problem{
		Column: p.mapping.Column(field), ZH: i18n.T(i18n.ZH, key), EN: i18n.T(i18n.EN, key),
	})
}

// amount reads yuan, not below zero.
func (p *cells) amount(field string) money.Fen {
	f, err := money.Parse(strings.TrimPrefix(p.text(field), "¥"))
	if err != nil || f < 0 {
		p.wrong(field, "money")
		return 0
	}
	return f
}

// readMonth understands 2020-03, 202003, 2020年3月, 2020/03 and a whole month
// from its first to its last day.
func readMonth(s string) (clock.Day, error) {
	if from, to, ok := strings.Cut(s, "至"); ok {
		a, err := readDay(from)
		if err != nil {
			return 0, err
		}
		b, err := readDay(to)
		if err != nil {
			return 0, err
		}
		month, err := ParseMonth(a.String()[:7])
		if err != nil || a != month || b.Add(1).String()[8:] != "01" || b.String()[:7] != a.String()[:7] {
			return 0, fault.New(fault.Invalid, "dues.month")
		}
		return month, nil
	}
	d := digits(s)
	switch {
	case len(d) == 6:
		return ParseMonth(d[:4] + "-" + d[4:])
	case len(d) == 5 && strings.Contains(s, "年"):
		return ParseMonth(d[:4] + "-0" + d[4:])
	}
	return 0, fault.New(fault.Invalid, "dues.month")
}

// readDay understands 2020-03-15, 20200315 and 2020/03/15.
func readDay(s string) (clock.Day, error) {
	d := digits(s)
	if len(d) != 8 {
		return 0, fault.New(fault.Invalid, "dues.day")
	}
	return clock.ParseDay(d[:4] + "-" + d[4:6] + "-" + d[6:])
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// ReadAll reads the whole file: its lines, and the problems of rows that are
// none. Faults: those of Next.
func (x *Lines) ReadAll(bad func(exchange.Row, []exchange.Problem) error) ([]Line, error) {
	var out []Line
	for {
		l, row, problems, err := x.Next()
		switch {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, err
		case len(problems) > 0:
			if err := bad(row, problems); err != nil {
				return nil, err
			}
		default:
			out = append(out, l)
		}
	}
}
