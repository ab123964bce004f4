package dues

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/rules"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/page"
)

type store struct{ db *db.DB }

type fileRow struct {
	bun.BaseModel `bun:"table:dues_files,alias:f"`

	CityCode     string    `bun:"city_code,pk"`
	ID           string    `bun:"id,pk"`
	OrgPath      string    `bun:"org_path"`
	Name         string    `bun:"name"`
	SHA256       string    `bun:"sha256"`
	Rows         int64     `bun:"rows"`
	PayrollFen   money.Fen `bun:"payroll_fen"`
	PaidFen      money.Fen `bun:"paid_fen"`
	DoneRows     int64     `bun:"done_rows"`
	Lines        int64     `bun:"lines"`
	Failed       int64     `bun:"failed"`
	Repeated     int64     `bun:"repeated"`
	Breaks       int64     `bun:"breaks"`
	State        FileState `bun:"state"`
	UnionBy      string    `bun:"union_by"`
	UnionAt      time.Time `bun:"union_at,nullzero"`
	TaxBy        string    `bun:"tax_by"`
	TaxAt        time.Time `bun:"tax_at,nullzero"`
	Version      int       `bun:"version"`
	CreatedBy    string    `bun:"created_by"`
	CreatedAt    time.Time `bun:"created_at"`
	RulesVersion string    `bun:"rules_version"`
	FromMonth    string    `bun:"from_month"`
	ToMonth      string    `bun:"to_month"`
}

func (r fileRow) file() File {
	return File{
		CityCode: r.CityCode, ID: r.ID, OrgPath: r.OrgPath, Name: r.Name, SHA256: r.SHA256,
		Totals: Totals{r.Rows, r.PayrollFen, r.PaidFen}, Report: FileReport{r.DoneRows, r.Lines, r.Failed, r.Repeated, r.Breaks},
		State: r.State, UnionBy: r.UnionBy, UnionAt: r.UnionAt, TaxBy: r.TaxBy, TaxAt: r.TaxAt, Version: r.Version, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt,
		RulesVersion: r.RulesVersion, From: monthOf(r.FromMonth), To: monthOf(r.ToMonth),
	}
}

// months are kept as text, empty where there is none.
func monthOf(text string) clock.Day {
	d, _ := clock.ParseDay(text) // written by monthText
	return d
}

func monthText(d clock.Day) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func (s store) insertFile(ctx context.Context, f File) error {
	_, err := s.db.Writer(ctx).NewInsert().Model(&fileRow{
		CityCode: f.CityCode, ID: f.ID, OrgPath: f.OrgPath, Name: f.Name, SHA256: f.SHA256,
		Rows: f.Totals.Rows, PayrollFen: f.Totals.Payroll, PaidFen: f.Totals.Paid, State: f.State, Version: f.Version,
		CreatedBy: f.CreatedBy, CreatedAt: f.CreatedAt, RulesVersion: f.RulesVersion,
		FromMonth: monthText(f.From), ToMonth: monthText(f.To),
	}).Returning("NULL").Exec(ctx)
	if db.Unique(err, "dues_files", "sha256") { // two clerks with the same file at once
		return errSameFile(f)
	}
	return db.Fault(err)
}

// fileBySum finds a file by its content.
func (s store) fileBySum(ctx context.Context, city, sum string) (File, bool, error) {
	var r fileRow
	err := db.Fault(s.db.Reader(ctx).NewSelect().Model(&r).Where("f.city_code = ? AND f.sha256 = ?", city, sum).Scan(ctx))
	if fault.IsKind(err, fault.NotFound) {
		return File{}, false, nil
	}
	return r.file(), err == nil, err
}

func (s store) file(ctx context.Context, city, fileID string) (File, error) {
	var r fileRow
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&r), db.Columns{Path: "f.org_path"})
	if err != nil {
		return File{}, err
	}
	err = q.Where("f.city_code = ? AND f.id = ?", city, fileID).Scan(ctx)
	return r.file(), db.Found(err, errNoFile())
}

func (s store) files(ctx context.Context, req page.Request) (page.Page[File], error) {
	const list = "dues_files"
	var rows []fileRow
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&rows), db.Columns{Path: "f.org_path"})
	if err != nil {
		return page.Page[File]{}, err
	}
	var at time.Time
	var last string
	if more, err := req.After.Decode(list, &at, &last); err != nil {
		return page.Page[File]{}, err
	} else if more {
		q = q.Where("(f.created_at < ? OR (f.created_at = ? AND f.id < ?))", at, at, last)
	}
	if err := q.OrderExpr("f.created_at DESC, f.id DESC").Limit(int64(req.Size() + 1)).Scan(ctx); err != nil {
		return page.Page[File]{}, db.Fault(err)
	}
	cut := page.Cut(rows, req.Size(), func(r fileRow) page.Cursor { return page.Encode(list, r.CreatedAt, r.ID) })
	return page.Map(cut, fileRow.file), nil
}

// countFile writes the counts of a chunk in its transaction. Of two runs over the
// same file the second to a chunk finds other counts and is rolled back.
func (s store) countFile(ctx context.Context, f File, r FileReport) error {
	res, err := s.db.Writer(ctx).NewUpdate().Model((*fileRow)(nil)).
		Set("done_rows = ?, lines = ?, failed = ?, repeated = ?, breaks = ?", r.Rows, r.Lines, r.Failed, r.Repeated, r.Breaks).
		Where("city_code = ? AND id = ? AND state = ? AND done_rows = ?", f.CityCode, f.ID, FileRunning, f.Report.Rows).Exec(ctx)
	return db.Affected(res, err, casework.ErrMovedOn)
}

// moveFile writes state, signatures and the count of breaks, and raises the version.
func (s store) moveFile(ctx context.Context, f *File, from FileState) error {
	res, err := s.db.Writer(ctx).NewUpdate().Model((*fileRow)(nil)).
		Set("state = ?, union_by = ?, union_at = ?, tax_by = ?, tax_at = ?, breaks = ?, version = version + 1",
			f.State, f.UnionBy, bun.NullZero(f.UnionAt), f.TaxBy, bun.NullZero(f.TaxAt), f.Report.Breaks).
		Where("city_code = ? AND id = ? AND state = ? AND version = ?", f.CityCode, f.ID, from, f.Version).Exec(ctx)
	if err := db.Affected(res, err, casework.ErrMovedOn); err != nil {
		return err
	}
	f.Version++
	return nil
}

var lineColumns = []string{
	"city_code", "id", "org_path", "file_id", "file_row", "company_city", "company_id", "matched_by", "confidence", "credit_code", "name",
	"office", "item", "month", "payroll_fen", "rate", "due_fen", "paid_fen", "voucher", "paid_on",
}

// insertLines writes the lines of a chunk; one whose voucher stands already is
// not fresh. It gives the ids by voucher.
func (s store) insertLines(ctx context.Context, f File, lines []Line, matches []company.Match) ([]bool, map[string]string, error) {
	rows := make([][]any, len(lines))
	for i, l := range lines {
		m := matches[i]
		rows[i] = []any{
			f.CityCode, id.New(), f.OrgPath, f.ID, l.Row, m.CityCode, m.ID, m.By, m.Confidence, l.CreditCode, l.Name,
			l.Office, string(l.Item), l.Month, int64(l.Payroll), int64(l.Rate), int64(l.Due), int64(l.Paid), l.Voucher, l.PaidOn,
		}
	}
	fresh, err := s.db.InsertNew(ctx, "dues_lines", lineColumns, "city_code, voucher", rows)
	if err != nil {
		return nil, nil, db.Fault(err)
	}
	ids := make(map[string]string, len(lines))
	for i, l := range lines {
		if fresh[i] {
			ids[l.Voucher] = rows[i][1].(string)
		}
	}
	return fresh, ids, nil
}

var breakColumns = []string{
	"city_code", "id", "org_path", "file_id", "line_id", "file_row", "kind", "credit_code", "voucher", "month", "difference_fen", "state", "opened_on", "due_on",
}

// insertRepeats keeps the lines whose voucher stands already, as they came.
func (s store) insertRepeats(ctx context.Context, f File, lines []Line) error {
	rows := make([][]any, len(lines))
	for i, l := range lines {
		rows[i] = []any{
			f.CityCode, id.New(), f.OrgPath, f.ID, l.Row, l.CreditCode, l.Name, string(l.Item), l.Month, int64(l.Payroll), int64(l.Paid), l.Voucher,
		}
	}
	_, err := s.db.InsertNew(ctx, "dues_repeats", []string{
		"city_code", "id", "org_path", "file_id", "file_row", "credit_code", "name", "item", "month", "payroll_fen", "paid_fen", "voucher",
	}, "city_code, file_id, file_row", rows)
	return db.Fault(err)
}

func (s store) insertBreaks(ctx context.Context, f File, list []Break, ids map[string]string, today, due clock.Day) error {
	rows := make([][]any, len(list))
	for i, b := range list {
		rows[i] = []any{
			f.CityCode, id.New(), f.OrgPath, f.ID, ids[b.Voucher], b.Row, string(b.Kind), b.CreditCode, b.Voucher, monthText(b.Month), int64(b.Difference),
			string(BreakOpen), today, due,
		}
	}
	_, err := s.db.InsertNew(ctx, "dues_breaks", breakColumns, "city_code, file_id, kind, voucher, file_row", rows)
	return db.Fault(err)
}

type breakRow struct {
	bun.BaseModel `bun:"table:dues_breaks,alias:b"`

	CityCode      string     `bun:"city_code,pk"`
	ID            string     `bun:"id,pk"`
	OrgPath       string     `bun:"org_path"`
	FileID        string     `bun:"file_id"`
	LineID        string     `bun:"line_id"`
	FileRow       int        `bun:"file_row"`
	Kind          BreakKind  `bun:"kind"`
	CreditCode    string     `bun:"credit_code"`
	Voucher       string     `bun:"voucher"`
	Month         string     `bun:"month"`
	DifferenceFen money.Fen  `bun:"difference_fen"`
	State         BreakState `bun:"state"`
	OpenedOn      clock.Day  `bun:"opened_on"`
	DueOn         clock.Day  `bun:"due_on"`
	Note          string     `bun:"note"`
	ClearedBy     string     `bun:"cleared_by"`
	ClearedAt     time.Time  `bun:"cleared_at,nullzero"`
	Version       int        `bun:"version"`
	Name          string     `bun:"name,scanonly"` // on the line
}

func (r breakRow) open() OpenBreak {
	return OpenBreak{
		Break:    Break{Kind: r.Kind, Row: r.FileRow, CreditCode: r.CreditCode, Voucher: r.Voucher, Month: monthOf(r.Month), Difference: r.DifferenceFen},
		CityCode: r.CityCode, ID: r.ID, FileID: r.FileID, State: r.State, OpenedOn: r.OpenedOn, DueOn: r.DueOn, Note: r.Note, Version: r.Version, Name: r.Name,
	}
}

// withLine adds what the line of a break says.
func withLine(q *bun.SelectQuery) *bun.SelectQuery {
	return q.ColumnExpr("b.*").ColumnExpr("coalesce(l.name, '') AS name").
		Join("LEFT JOIN dues_lines AS l ON l.city_code = b.city_code AND l.id = b.line_id")
}

func (s store) getBreak(ctx context.Context, city, breakID string) (OpenBreak, string, error) {
	var r breakRow
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&r), db.Columns{Path: "b.org_path"})
	if err != nil {
		return OpenBreak{}, "", err
	}
	err = withLine(q).Where("b.city_code = ? AND b.id = ?", city, breakID).Scan(ctx)
	return r.open(), r.OrgPath, db.Found(err, errNoBreak())
}

// narrow keeps the breaks of a filter.
func (f breakFilter) narrow(q *bun.SelectQuery) *bun.SelectQuery {
	if f.path != "" {
		from, to := db.Subtree(f.path)
		q = q.Where("b.org_path >= ? AND b.org_path < ?", from, to)
	}
	if f.FileID != "" {
		q = q.Where("b.file_id = ?", f.FileID)
	}
	if f.State != "" {
		q = q.Where("b.state = ?", f.State)
	}
	if f.Kind != "" {
		q = q.Where("b.kind = ?", f.Kind)
	}
	if f.Overdue {
		q = q.Where("b.due_on < ?", f.today)
	}
	if f.Text != "" {
		q = q.Where("(b.voucher = ? OR b.credit_code = ?)", f.Text, f.Text)
	}
	return q
}

func (s store) breaks(ctx context.Context, f breakFilter, req page.Request) (page.Page[breakRow], error) {
	const list = "dues_breaks"
	var rows []breakRow
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&rows), db.Columns{Path: "b.org_path"})
	if err != nil {
		return page.Page[breakRow]{}, err
	}
	var due clock.Day
	var last string
	if more, err := req.After.Decode(list, &due, &last); err != nil {
		return page.Page[breakRow]{}, err
	} else if more {
		q = q.Where("(b.due_on > ? OR (b.due_on = ? AND b.id > ?))", due, due, last)
	}
	err = withLine(f.narrow(q)).
		OrderExpr("b.due_on, b.id").Limit(int64(req.Size() + 1)).Scan(ctx)
	if err != nil {
		return page.Page[breakRow]{}, db.Fault(err)
	}
	return page.Cut(rows, req.Size(), func(r breakRow) page.Cursor { return page.Encode(list, r.DueOn, r.ID) }), nil
}

// ages counts the breaks of a filter by kind and age.
func (s store) ages(ctx context.Context, f breakFilter) ([]BreakAge, error) {
	var out []BreakAge
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model((*breakRow)(nil)), db.Columns{Path: "b.org_path"})
	if err != nil {
		return nil, err
	}
	week := f.today.Add(-7)
	err = f.narrow(q).ColumnExpr("b.kind").
		ColumnExpr("sum(CASE WHEN b.due_on >= ? AND b.opened_on >= ? THEN 1 ELSE 0 END) AS week", f.today, week).
		ColumnExpr("sum(CASE WHEN b.due_on >= ? AND b.opened_on < ? THEN 1 ELSE 0 END) AS older", f.today, week).
		ColumnExpr("sum(CASE WHEN b.due_on < ? THEN 1 ELSE 0 END) AS overdue", f.today).
		GroupExpr("b.kind").OrderExpr("b.kind").Scan(ctx, &out)
	return out, db.Fault(err)
}

// openOf counts the open breaks of files by the files' ids.
func (s store) openOf(ctx context.Context, files []File) (map[string]int64, error) {
	ids := map[string][]string{}
	for _, f := range files {
		ids[f.CityCode] = append(ids[f.CityCode], f.ID)
	}
	out := map[string]int64{}
	for city, list := range ids {
		var rows []struct {
			FileID string
			N      int64
		}
		err := s.db.Reader(ctx).NewSelect().Model((*breakRow)(nil)).ColumnExpr("b.file_id").ColumnExpr("count(*) AS n").
			Where("b.city_code = ? AND b.file_id IN (?) AND b.state = ?", city, bun.List(list), BreakOpen).GroupExpr("b.file_id").Scan(ctx, &rows)
		if err != nil {
			return nil, db.Fault(err)
		}
		for _, r := range rows {
			out[r.FileID] = r.N
		}
	}
	return out, nil
}

func (s store) clearBreak(ctx context.Context, b OpenBreak, to BreakState, note, by string, at time.Time, version int) error {
	res, err := s.db.Writer(ctx).NewUpdate().Model((*breakRow)(nil)).
		Set("state = ?, note = ?, cleared_by = ?, cleared_at = ?, version = version + 1", to, note, by, at).
		Where("city_code = ? AND id = ? AND state = ? AND version = ?", b.CityCode, b.ID, BreakOpen, version).Exec(ctx)
	return db.Affected(res, err, casework.ErrMovedOn)
}

type lineRow struct {
	bun.BaseModel `bun:"table:dues_lines,alias:l"`

	CityCode    string        `bun:"city_code,pk"`
	ID          string        `bun:"id,pk"`
	OrgPath     string        `bun:"org_path"`
	FileID      string        `bun:"file_id"`
	FileRow     int           `bun:"file_row"`
	CompanyCity string        `bun:"company_city"`
	CompanyID   string        `bun:"company_id"`
	MatchedBy   string        `bun:"matched_by"`
	Confidence  int           `bun:"confidence"`
	CreditCode  string        `bun:"credit_code"`
	Name        string        `bun:"name"`
	Office      string        `bun:"office"`
	Item        Item          `bun:"item"`
	Month       clock.Day     `bun:"month"`
	PayrollFen  money.Fen     `bun:"payroll_fen"`
	Rate        rules.Percent `bun:"rate"`
	DueFen      money.Fen     `bun:"due_fen"`
	PaidFen     money.Fen     `bun:"paid_fen"`
	Voucher     string        `bun:"voucher"`
	PaidOn      clock.Day     `bun:"paid_on"`
	ArrivedFen  *money.Fen    `bun:"arrived_fen"`
	Corrects    string        `bun:"corrects"`
	Reverses    bool          `bun:"reverses"`
}

// linesOf gives what comparing needs of the lines of a file that stand, under the
// vouchers that the tax office gave, and their ids by voucher.
func (s store) linesOf(ctx context.Context, f File) ([]Line, map[string]string, error) {
	var rows []lineRow
	err := s.db.Reader(ctx).NewSelect().Model(&rows).Column("id", "file_row", "credit_code", "item", "month", "paid_fen", "voucher").
		Where("l.city_code = ? AND l.file_id = ?", f.CityCode, f.ID).Where(live).OrderExpr("l.file_row").Scan(ctx)
	if err != nil {
		return nil, nil, db.Fault(err)
	}
	lines, ids := make([]Line, len(rows)), make(map[string]string, len(rows))
	for i, r := range rows {
		lines[i] = Line{Row: r.FileRow, CreditCode: r.CreditCode, Item: r.Item, Month: r.Month, Paid: r.PaidFen, Voucher: voucherOf(r.Voucher)}
		ids[lines[i].Voucher] = r.ID
	}
	return lines, ids, nil
}
