package dues

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"gonghui/internal/core/exchange"
	"gonghui/internal/kit/hanzi"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/ident"
	"gonghui/internal/kit/money"
)

// BankEntry is one entry of the union's bank statement.
type BankEntry struct {
	Serial string // the bank's number, which it gives once
	Receipt
}

// StatementFields are the columns of a bank statement. The voucher stands in a
// column of its own, or in what the payer wrote.
var StatementFields = []exchange.Field{
	{Name: "serial", Aliases: []string{"流水号", "交易流水号", "银行流水号", "交易流水"}, Required: true},
	{Name: "amount", Aliases: []string{"金额", "入账金额", "贷方金额", "贷方发生额", "收入金额", "收入", "交易金额"}, Required: true},
	{Name: "on", Aliases: []string{"日期", "入账日期", "交易日期", "记账日期", "到账日期"}, Required: true},
	{Name: "voucher", Aliases: []string{"电子税票号码", "税票号码", "税票号", "票证号码"}},
	{Name: "memo", Aliases: []string{"摘要", "附言", "用途", "备注", "交易摘要"}},
}

// Statement reads a bank statement row by row.
type Statement struct {
	table   *exchange.Table
	mapping exchange.Mapping
}

// OpenStatement maps the columns of a table. Faults: exchange.missing_column,
// exchange.unknown_column, exchange.unknown_field.
func OpenStatement(t *exchange.Table, given map[string]string) (*Statement, error) {
	m, err := exchange.NewMapping(t.Header(), StatementFields, given)
	if err != nil {
		return nil, err
	}
	_, voucher := m.Index("voucher")
	if _, memo := m.Index("memo"); !voucher && !memo {
		needed := append([]exchange.Field(nil), StatementFields...)
		needed[3].Required = true // said as the table says it
		_, err = exchange.NewMapping(t.Header(), needed, given)
	}
	return &Statement{table: t, mapping: m}, err
}

// Next gives the next entry. A row that is none comes as a list of problems, and
// reading goes on; the end is io.EOF. Faults: those of reading.
func (x *Statement) Next() (BankEntry, exchange.Row, []exchange.Problem, error) {
	row, err := x.table.Next()
	var wrong *exchange.RowError
	switch {
	case errors.As(err, &wrong):
		row.Line = wrong.Row
		return BankEntry{}, row, []exchange.Problem{{Column: wrong.Column, ZH: i18n.T(i18n.ZH, wrong.Key()), EN: i18n.T(i18n.EN, wrong.Key())}}, nil
	case err != nil:
		return BankEntry{}, row, nil, err
	}
	p := cells{mapping: x.mapping, row: row}
	e := BankEntry{Serial: strings.ToUpper(p.text("serial"))}
	if e.Serial == "" {
		p.wrong("serial", "required")
	}
	if e.Amount, err = money.Parse(strings.TrimPrefix(p.text("amount"), "¥")); err != nil {
		p.wrong("amount", "money")
	} else if e.Amount <= 0 {
		p.wrong("amount", "incoming")
	}
	if e.On, err = readDay(p.text("on")); err != nil {
		p.wrong("on", "date")
	}
	if e.Voucher = strings.ToUpper(p.text("voucher")); e.Voucher == "" {
		e.Voucher = voucherIn(p.text("memo"))
	}
	if e.Voucher == "" || strings.Contains(e.Voucher, correctionMark) {
		column := "voucher"
		if _, ok := x.mapping.Index(column); !ok {
			column = "memo"
		}
		p.wrong(column, "voucher")
	}
	return e, row, p.problems, nil
}

// numbers are what may be the number of a voucher.
var numbers = regexp.MustCompile(`[0-9A-Z]{12,30}`)

// voucherIn finds the voucher in what a payer wrote: its one long number, credit
// codes beside it left aside. With two of them nobody can know.
func voucherIn(memo string) string {
	found := numbers.FindAllString(strings.ToUpper(hanzi.Fold(memo)), -1)
	slices.Sort(found)
	if found = slices.Compact(found); len(found) > 1 {
		found = slices.DeleteFunc(found, func(n string) bool { return n[0] == '9' && ident.CreditCode(n) == ident.OK })
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
}
