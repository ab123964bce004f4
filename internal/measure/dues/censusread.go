package dues

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"gonghui/internal/core/company"
	"gonghui/internal/core/exchange"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/hanzi"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/money"
)

// ListFields are the columns of a list of companies, the required ones first.
// Amounts are in 万元 unless the heading names 千元 or 元.
var ListFields = []exchange.Field{
	{Name: "credit_code", Aliases: []string{"统一社会信用代码", "信用代码", "社会信用代码", "纳税人识别号"}, Required: true},
	{Name: "name", Aliases: []string{"单位名称", "企业名称", "单位详细名称", "纳税人名称", "名称"}, Required: true},
	{Name: "industry", Aliases: []string{"行业代码", "行业", "行业类别", "国民经济行业", "所属行业"}},
	{Name: "employees", Aliases: []string{"从业人员", "从业人数", "从业人员数", "从业人员平均人数", "从业人员期末人数", "职工人数", "人数"}},
	{Name: "revenue", Aliases: amountNames("营业收入")},
	{Name: "assets", Aliases: amountNames("资产总额", "资产总计")},
	{Name: "parent", Aliases: []string{"上级单位", "母公司", "上级法人", "控股单位", "母公司名称"}},
	{Name: "parent_code", Aliases: []string{"上级单位信用代码", "母公司信用代码", "上级法人统一社会信用代码", "控股单位信用代码"}},
	{Name: "parent_kind", Aliases: []string{"上级类型", "母公司类型", "上级单位类型", "控股单位类型"}},
	{Name: "state", Aliases: []string{"登记状态", "营业状态", "企业状态", "状态"}},
	{Name: "division", Aliases: []string{"行政区划代码", "区划代码", "街道代码"}},
}

func amountNames(names ...string) []string {
	var out []string
	for _, n := range names {
		out = append(out, n, n+"（万元）", n+"（千元）", n+"（元）")
	}
	return out
}

// parentKinds are the words for parents.
var parentKinds = map[string]Exclusion{
	"": "", "无": "", "其他": "", "none": "", "other": "",
	"集团": GroupSub, "集团公司": GroupSub, "企业集团": GroupSub, "group": GroupSub,
	"金融": FinancialSub, "金融机构": FinancialSub, "银行": FinancialSub, "保险": FinancialSub, "证券": FinancialSub, "保险公司": FinancialSub, "financial": FinancialSub,
}

// entry is one row of a list.
type entry struct {
	row     exchange.Row
	listed  company.Listed
	listing Listing
	figures company.SizeFigures
}

// entries reads a list row by row.
type entries struct {
	table   *exchange.Table
	mapping exchange.Mapping
	rules   []company.SizeRule
}

// openEntries maps the columns of a table. Faults: exchange.missing_column,
// exchange.unknown_column, exchange.unknown_field.
func openEntries(t *exchange.Table, given map[string]string) (*entries, error) {
	m, err := exchange.NewMapping(t.Header(), ListFields, given)
	if err != nil {
		return nil, err
	}
	return &entries{table: t, mapping: m, rules: company.SizeRules()}, nil
}

// next gives the next row. One that is no entry comes with its problems, and
// reading goes on; the end is io.EOF. Faults: those of reading.
func (x *entries) next() (entry, []exchange.Problem, error) {
	row, err := x.table.Next()
	var wrong *exchange.RowError
	switch {
	case errors.As(err, &wrong):
		row.Line = wrong.Row
		return entry{row: row}, []exchange.Problem{{Column: wrong.Column, ZH: i18n.T(i18n.ZH, wrong.Key()), EN: i18n.T(i18n.EN, wrong.Key())}}, nil
	case err != nil:
		return entry{}, nil, err
	}
	e, problems := x.parse(row)
	return e, problems, nil
}

// parse understands one row; every problem of it is told.
func (x *entries) parse(row exchange.Row) (entry, []exchange.Problem) {
	p := cells{mapping: x.mapping, row: row}
	e := entry{row: row, listed: company.Listed{CreditCode: strings.ToUpper(p.text("credit_code")), Name: p.raw("name"), DivisionCode: p.text("division")}}
	if e.listed.CreditCode == "" {
		p.wrong("credit_code", "required")
	} else if err := e.listed.Check(); err != nil {
		for _, f := range fault.As(err).Fields {
			name := f.Name
			if name == "company" {
				name = "name"
			}
			p.wrong(name, f.Code)
		}
	}
	s := &e.listing
	s.Name, s.Standing = e.listed.Name, p.bounded("state", 50)
	s.ParentName, s.ParentCode = p.bounded("parent", 100), p.bounded("parent_code", 30)
	var ok bool
	if s.ParentKind, ok = parentKinds[p.text("parent_kind")]; !ok {
		p.wrong("parent_kind", "parent_kind")
	}
	if s.Industry, ok = x.industry(p.raw("industry")); !ok {
		p.wrong("industry", "industry")
	} else if i, ok := company.IndustryByCode(s.Industry); ok {
		e.listed.IndustryCode = i.Code
	}
	e.figures.Employees = p.people("employees")
	e.figures.RevenueFen, e.figures.AssetsFen = p.large("revenue"), p.large("assets")
	return e, p.problems
}

// industry reads a code or a name of GB/T 4754-2017, or the name of one of the
// sixteen industries of the rule of sizes.
func (x *entries) industry(s string) (string, bool) {
	if blankCell(s) {
		return "", true
	}
	if i, ok := company.ReadIndustry(s); ok {
		return i.Code, true
	}
	for _, r := range x.rules {
		if i, ok := r.Named(strings.TrimSpace(s)); ok {
			return i.Name, true
		}
	}
	return "", false
}

// blankCell tells whether a cell says that nothing is known.
func blankCell(s string) bool {
	switch strings.TrimSpace(s) {
	case "", "-", "—", "－", "/", "无":
		return true
	}
	return false
}

// bounded is a cell of at most n characters.
func (p *cells) bounded(field string, n int) string {
	s := p.raw(field)
	if blankCell(s) {
		return ""
	}
	if len([]rune(s)) > n {
		p.wrong(field, "length")
		return ""
	}
	return s
}

// people reads a number of people; of an average the whole people. Nil = not told.
func (p *cells) people(field string) *int64 {
	s := p.text(field)
	if blankCell(s) {
		return nil
	}
	n, ok := scaled(strings.TrimSuffix(s, "人"), 1, false)
	if !ok || n > 100_000_000 {
		p.wrong(field, "number")
		return nil
	}
	return &n
}

// large reads an amount in the unit that the cell or the heading names, else 万元.
// Nil = not told.
func (p *cells) large(field string) *money.Fen {
	s := strings.TrimPrefix(p.text(field), "¥")
	if blankCell(s) {
		return nil
	}
	unit := unitOf(p.mapping.Column(field))
	for _, suffix := range []string{"万元", "千元", "万", "元"} {
		if cut, ok := strings.CutSuffix(s, suffix); ok {
			s, unit = cut, unitOf(suffix)
			break
		}
	}
	n, ok := scaled(s, unit, true)
	if !ok {
		p.wrong(field, "amount")
		return nil
	}
	f := money.Fen(n)
	return &f
}

// unitOf gives the fen of the unit that a heading names.
func unitOf(heading string) int64 {
	h := hanzi.Normal(heading)
	switch {
	case strings.Contains(h, "万"):
		return 1_000_000
	case strings.Contains(h, "千元"):
		return 100_000
	case strings.HasSuffix(h, "元"):
		return 100
	}
	return 1_000_000
}

// scaled reads a decimal that is not below zero, times a unit; what is less than one
// is rounded half up, or cut off. False = no number, or too large a one.
func scaled(s string, unit int64, round bool) (int64, bool) {
	whole, part, dot := strings.Cut(strings.ReplaceAll(strings.TrimSpace(s), ",", ""), ".")
	if whole == "" || digits(whole) != whole || digits(part) != part || dot && part == "" || len(part) > 40 {
		return 0, false
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n > math.MaxInt64/unit-1 {
		return 0, false
	}
	n *= unit
	for _, d := range part {
		if unit /= 10; unit == 0 {
			if round && d >= '5' {
				n++
			}
			break
		}
		n += int64(d-'0') * unit
	}
	return n, true
}
