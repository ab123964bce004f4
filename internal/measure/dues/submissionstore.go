package dues

import (
	"context"
	"strings"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/page"
)

// lines gives the lines of a file; late money is told the union only.
func (s store) lines(ctx context.Context, f File, late bool, text string, req page.Request) (page.Page[FileLine], error) {
	const list = "dues_lines"
	type row struct {
		lineRow `bun:",extend"`
		Live    bool `bun:"live,scanonly"`
	}
	var rows []row
	q := s.db.Reader(ctx).NewSelect().Model(&rows).ColumnExpr("?TableColumns").ColumnExpr("("+live+") AS live").
		Where("l.city_code = ? AND l.file_id = ?", f.CityCode, f.ID)
	if !late {
		q = q.Where("l.supplements = ''")
	}
	var at int
	var last string
	if more, err := req.After.Decode(list, &at, &last); err != nil {
		return page.Page[FileLine]{}, err
	} else if more {
		q = q.Where("(l.file_row > ? OR (l.file_row = ? AND l.id > ?))", at, at, last)
	}
	if text != "" {
		upper := strings.ToUpper(text)
		q = q.Where(`(l.voucher = ? OR l.voucher LIKE ? ESCAPE '\' OR l.credit_code = ? OR l.name LIKE ? ESCAPE '\')`,
			upper, db.Begins(upper+correctionMark), upper, db.Contains(text))
	}
	if err := q.OrderExpr("l.file_row, l.id").Limit(int64(req.Size() + 1)).Scan(ctx); err != nil {
		return page.Page[FileLine]{}, db.Fault(err)
	}
	cut := page.Cut(rows, req.Size(), func(r row) page.Cursor { return page.Encode(list, r.FileRow, r.ID) })
	return page.Map(cut, func(r row) FileLine {
		return FileLine{Line: r.line(), ID: r.ID, Arrived: r.ArrivedFen, Corrects: r.Corrects != "" && !r.Reverses, Reverses: r.Reverses, Late: r.Supplements != "", Live: r.Live && r.Supplements == ""}
	}), nil
}

func (s store) standingSums(ctx context.Context, f File) (Standing, error) {
	var r struct{ Rows, Payroll, Paid, Arrived int64 }
	err := s.db.Reader(ctx).NewSelect().Model((*lineRow)(nil)).
		ColumnExpr("count(*) AS rows").ColumnExpr("coalesce(CAST(sum(l.payroll_fen) AS bigint), 0) AS payroll").
		ColumnExpr("coalesce(CAST(sum(l.paid_fen) AS bigint), 0) AS paid").ColumnExpr("coalesce(CAST(sum(l.arrived_fen) AS bigint), 0) AS arrived").
		Where("l.city_code = ? AND l.file_id = ? AND l.supplements = ''", f.CityCode, f.ID).Where(live).Scan(ctx, &r.Rows, &r.Payroll, &r.Paid, &r.Arrived)
	return Standing{Totals: Totals{Rows: r.Rows, Payroll: money.Fen(r.Payroll), Paid: money.Fen(r.Paid)}, Arrived: money.Fen(r.Arrived)}, db.Fault(err)
}

// mostSubmissions is how many files of the same months are offered.
const mostSubmissions = 20

func (s store) submissions(ctx context.Context, f File) ([]File, error) {
	if f.From.IsZero() {
		return nil, nil
	}
	var rows []fileRow
	err := s.db.Reader(ctx).NewSelect().Model(&rows).
		Where("f.city_code = ? AND f.org_path = ? AND f.id <> ?", f.CityCode, f.OrgPath, f.ID).
		Where("f.from_month <> '' AND f.from_month <= ? AND f.to_month >= ?", f.To.String(), f.From.String()).
		OrderExpr("f.created_at DESC, f.id DESC").Limit(mostSubmissions).Scan(ctx)
	out := make([]File, len(rows))
	for i, r := range rows {
		out[i] = r.file()
	}
	return out, db.Fault(err)
}

// sent is a voucher with what each of two files says of it.
type sent struct {
	Voucher             string
	ACode, AName, AItem *string
	BCode, BName, BItem *string
	AMonth, BMonth      *string
	APayroll, APaid     *money.Fen
	BPayroll, BPaid     *money.Fen
}

func stand(code, name, item, month *string, payroll, paid *money.Fen) *Stand {
	if paid == nil {
		return nil
	}
	m, _ := clock.ParseDay(*month) // written from a line
	return &Stand{CreditCode: *code, Name: *name, Item: Item(*item), Month: m, Payroll: *payroll, Paid: *paid}
}

// oneSide is what a file says, as it was sent: its lines, and those that were
// refused because their voucher stood already.
const oneSide = `SELECT ? AS side, voucher, credit_code, name, item, month, payroll_fen, paid_fen FROM dues_lines WHERE city_code = ? AND file_id = ? AND corrects = '' AND supplements = ''
	UNION ALL SELECT ? AS side, voucher, credit_code, name, item, month, payroll_fen, paid_fen FROM dues_repeats WHERE city_code = ? AND file_id = ?`

func (s store) differences(ctx context.Context, a, b File, req page.Request) (page.Page[Difference], error) {
	const list = "dues_differences"
	after := ""
	if _, err := req.After.Decode(list, &after); err != nil {
		return page.Page[Difference]{}, err
	}
	var columns []string
	for _, side := range []string{"a", "b"} {
		for _, c := range []string{"code credit_code", "name name", "item item", "month month", "payroll payroll_fen", "paid paid_fen"} {
			name, column, _ := strings.Cut(c, " ")
			columns = append(columns, "max(CASE WHEN side = '"+side+"' THEN "+column+" END) AS "+side+"_"+name)
		}
	}
	var rows []sent
	err := s.db.Reader(ctx).NewRaw(`SELECT * FROM (SELECT voucher, `+strings.Join(columns, ", ")+` FROM (`+oneSide+` UNION ALL `+oneSide+`) AS x GROUP BY voucher) AS y
		WHERE voucher > ? AND (a_paid IS NULL OR b_paid IS NULL OR a_paid <> b_paid OR a_payroll <> b_payroll OR a_code <> b_code OR a_item <> b_item OR a_month <> b_month)
		ORDER BY voucher LIMIT ?`,
		"a", a.CityCode, a.ID, "a", a.CityCode, a.ID, "b", b.CityCode, b.ID, "b", b.CityCode, b.ID, after, req.Size()+1).Scan(ctx, &rows)
	if err != nil {
		return page.Page[Difference]{}, db.Fault(err)
	}
	cut := page.Cut(rows, req.Size(), func(r sent) page.Cursor { return page.Encode(list, r.Voucher) })
	return page.Map(cut, func(r sent) Difference {
		return Difference{
			Voucher: r.Voucher, A: stand(r.ACode, r.AName, r.AItem, r.AMonth, r.APayroll, r.APaid),
			B: stand(r.BCode, r.BName, r.BItem, r.BMonth, r.BPayroll, r.BPaid),
		}
	}), nil
}
