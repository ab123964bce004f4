package dues

import (
	"context"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/org"
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
		RulesVersion: r.RulesVersion, From: storedDay(r.FromMonth), To: storedDay(r.ToMonth),
	}
}

// storedDay and dayText read and write days that are kept as text, empty where there
// is none.
func storedDay(text string) clock.Day {
	d, _ := clock.ParseDay(text) // written by dayText
	return d
}

func dayText(d clock.Day) string {
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
		FromMonth: dayText(f.From), ToMonth: dayText(f.To),
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
	"counted_fen", "retained_fen", "national_fen", "province_fen", "city_fen", "county_fen", "refunded",
}

// share is whose the counted part of a line is.
type share struct {
	Counted money.Fen
	Reckoning
	Refunded bool
}

// insertLines writes the lines of a chunk; one whose voucher stands already is
// not fresh. It gives the ids by voucher.
func (s store) insertLines(ctx context.Context, f File, lines []Line, matches []company.Match, shares []share) ([]bool, map[string]string, error) {
	rows := make([][]any, len(lines))
	for i, l := range lines {
		m, x := matches[i], shares[i]
		rows[i] = []any{
			f.CityCode, id.New(), f.OrgPath, f.ID, l.Row, m.CityCode, m.ID, m.By, m.Confidence, l.CreditCode, l.Name,
			l.Office, string(l.Item), l.Month, int64(l.Payroll), int64(l.Rate), int64(l.Due), int64(l.Paid), l.Voucher, l.PaidOn,
			int64(x.Counted), int64(x.Retained), int64(x.Shares.National), int64(x.Shares.Province), int64(x.Shares.City), int64(x.Shares.County), x.Refunded,
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
			f.CityCode, id.New(), f.OrgPath, f.ID, ids[b.Voucher], b.Row, string(b.Kind), b.CreditCode, b.Voucher, dayText(b.Month), int64(b.Difference),
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
		Break:    Break{Kind: r.Kind, Row: r.FileRow, CreditCode: r.CreditCode, Voucher: r.Voucher, Month: storedDay(r.Month), Difference: r.DifferenceFen},
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

// openOf counts what is open of files, breaks or corrections, by the files' ids.
func (s store) openOf(ctx context.Context, table string, files []File) (map[string]int64, error) {
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
		err := s.db.Reader(ctx).NewSelect().TableExpr(table+" AS b").ColumnExpr("b.file_id").ColumnExpr("count(*) AS n").
			Where("b.city_code = ? AND b.file_id IN (?) AND b.state = 'open'", city, bun.List(list)).GroupExpr("b.file_id").Scan(ctx, &rows)
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
	Supplements string        `bun:"supplements"`
	CountedFen  money.Fen     `bun:"counted_fen"`
	RetainedFen money.Fen     `bun:"retained_fen"`
	NationalFen money.Fen     `bun:"national_fen"`
	ProvinceFen money.Fen     `bun:"province_fen"`
	CityFen     money.Fen     `bun:"city_fen"`
	CountyFen   money.Fen     `bun:"county_fen"`
	Refunded    bool          `bun:"refunded"`
}

// unequalLines gives the lines of a file that stand and that its receipts do not
// simply confirm, with what is counted of them so far, supplements included.
func (s store) unequalLines(ctx context.Context, f File) ([]lineRow, error) {
	var rows []lineRow
	err := s.db.Writer(ctx).NewSelect().Model(&rows).
		Where("l.city_code = ? AND l.file_id = ? AND l.supplements = ''", f.CityCode, f.ID).Where(live).
		Where("(l.arrived_fen IS NULL OR l.arrived_fen <> l.paid_fen OR l.counted_fen <> l.paid_fen)").OrderExpr("l.file_row, l.id").Scan(ctx)
	if err != nil {
		return nil, db.Fault(err)
	}
	var more []struct {
		Supplements string
		Fen         money.Fen
	}
	err = s.db.Writer(ctx).NewRaw("SELECT supplements, sum(counted_fen) AS fen FROM dues_lines WHERE city_code = ? AND file_id = ? AND supplements <> '' GROUP BY supplements",
		f.CityCode, f.ID).Scan(ctx, &more)
	late := make(map[string]money.Fen, len(more))
	for _, m := range more {
		late[m.Supplements] = m.Fen
	}
	for i := range rows {
		rows[i].CountedFen += late[rows[i].ID]
	}
	return rows, db.Fault(err)
}

// repeatedMoney is what the refused repeats of a file's vouchers come to: money
// that came twice is told once, by the break of the repeat.
func (s store) repeatedMoney(ctx context.Context, f File) (map[string]money.Fen, error) {
	var rows []struct {
		Voucher string
		Fen     money.Fen
	}
	err := s.db.Writer(ctx).NewRaw("SELECT voucher, sum(difference_fen) AS fen FROM dues_breaks WHERE city_code = ? AND file_id = ? AND kind = ? GROUP BY voucher",
		f.CityCode, f.ID, DuplicateVoucher).Scan(ctx, &rows)
	out := make(map[string]money.Fen, len(rows))
	for _, r := range rows {
		out[r.Voucher] = r.Fen
	}
	return out, db.Fault(err)
}

// strayReceipts sums up the receipts of a file that no line of any file is for.
func (s store) strayReceipts(ctx context.Context, f File) ([]Receipt, error) {
	var rows []struct {
		Voucher   string
		AmountFen money.Fen
	}
	err := s.db.Writer(ctx).NewRaw(`SELECT r.voucher, sum(r.amount_fen) AS amount_fen FROM dues_receipts AS r
		WHERE r.city_code = ? AND r.file_id = ? AND NOT EXISTS (SELECT 1 FROM dues_lines AS l WHERE l.city_code = r.city_code AND l.voucher = r.voucher)
		GROUP BY r.voucher ORDER BY r.voucher`, f.CityCode, f.ID).Scan(ctx, &rows)
	out := make([]Receipt, len(rows))
	for i, r := range rows {
		out[i] = Receipt{Voucher: r.Voucher, Amount: r.AmountFen}
	}
	if err != nil {
		return nil, db.Fault(err)
	}
	var voided []string // nothing stands for them any more
	err = s.db.Writer(ctx).NewRaw("SELECT voucher FROM dues_corrections WHERE city_code = ? AND file_id = ? AND state = ? AND void ORDER BY voucher",
		f.CityCode, f.ID, CorrectionAccepted).Scan(ctx, &voided)
	if err != nil {
		return nil, db.Fault(err)
	}
	for _, v := range voided {
		var sum money.Fen
		err := s.db.Writer(ctx).NewRaw("SELECT coalesce(sum(amount_fen), 0) FROM dues_receipts WHERE city_code = ? AND voucher = ?", f.CityCode, v).Scan(ctx, &sum)
		if err != nil {
			return nil, db.Fault(err)
		}
		if sum != 0 {
			out = append(out, Receipt{Voucher: v, Amount: sum})
		}
	}
	return out, nil
}

// recount writes what is counted of a line that is not signed yet, and whose it is.
func (s store) recount(ctx context.Context, city, lineID string, x share) error {
	_, err := s.db.Writer(ctx).NewRaw(`UPDATE dues_lines SET counted_fen = ?, retained_fen = ?, national_fen = ?, province_fen = ?, city_fen = ?, county_fen = ?,
			refunded = ? WHERE city_code = ? AND id = ?`, x.Counted, x.Retained, x.Shares.National, x.Shares.Province, x.Shares.City, x.Shares.County, x.Refunded, city, lineID).Exec(ctx)
	return db.Fault(err)
}

// received is what was entered on the union's account with a file and is not in the
// books yet.
func (s store) received(ctx context.Context, f File) (n int64, sum money.Fen, err error) {
	var r struct {
		N   int64
		Fen money.Fen
	}
	err = s.db.Writer(ctx).NewRaw("SELECT count(*) AS n, coalesce(sum(amount_fen), 0) AS fen FROM dues_receipts WHERE city_code = ? AND file_id = ? AND NOT booked", f.CityCode, f.ID).Scan(ctx, &r)
	return r.N, r.Fen, db.Fault(err)
}

// book says that the receipts of a file are in the books.
func (s store) book(ctx context.Context, f File) error {
	_, err := s.db.Writer(ctx).NewRaw("UPDATE dues_receipts SET booked = ? WHERE city_code = ? AND file_id = ? AND NOT booked", true, f.CityCode, f.ID).Exec(ctx)
	return db.Fault(err)
}

// compared tells whether anything was entered with a file.
func (s store) compared(ctx context.Context, f File) (bool, error) {
	var n int64
	err := s.db.Writer(ctx).NewRaw("SELECT count(*) FROM (SELECT 1 FROM dues_receipts WHERE city_code = ? AND file_id = ? LIMIT 1) AS x", f.CityCode, f.ID).Scan(ctx, &n)
	return n > 0, db.Fault(err)
}

// itemSum is whose the counted part of an item's lines is, in total.
type itemSum struct {
	Item        Item
	Lines       int64
	CountedFen  money.Fen
	RetainedFen money.Fen
	NationalFen money.Fen
	ProvinceFen money.Fen
	CityFen     money.Fen
	CountyFen   money.Fen
}

// itemSums adds up the lines of a file; ids narrows to some of them.
func (s store) itemSums(ctx context.Context, f File, ids ...string) ([]itemSum, error) {
	q := s.db.Writer(ctx).NewSelect().TableExpr("dues_lines AS l").ColumnExpr(`l.item, count(*) AS lines, sum(l.counted_fen) AS counted_fen,
		sum(l.retained_fen) AS retained_fen, sum(l.national_fen) AS national_fen, sum(l.province_fen) AS province_fen, sum(l.city_fen) AS city_fen,
		sum(l.county_fen) AS county_fen`).Where("l.city_code = ? AND l.file_id = ?", f.CityCode, f.ID).GroupExpr("l.item").OrderExpr("l.item")
	if len(ids) > 0 {
		q = q.Where("l.id IN (?)", bun.List(ids))
	}
	var out []itemSum
	err := q.Scan(ctx, &out)
	return out, db.Fault(err)
}

// specialPayers gives the companies of a city whose dues are divided otherwise
// than usual.
func (s store) specialPayers(ctx context.Context, city string) (map[string]PayerType, error) {
	var rows []struct {
		CompanyID string
		PayerType PayerType
	}
	err := s.db.Reader(ctx).NewRaw("SELECT company_id, payer_type FROM dues_payers WHERE city_code = ? AND payer_type <> ?", city, General).Scan(ctx, &rows)
	out := make(map[string]PayerType, len(rows))
	for _, r := range rows {
		out[r.CompanyID] = r.PayerType
	}
	return out, db.Fault(err)
}

// supplementMark stands between a voucher and the count of its late payments.
const supplementMark = "+"

// addSupplement writes a line for late money beside the line that it is for.
func (s store) addSupplement(ctx context.Context, l lineRow, x share) (string, error) {
	n, err := s.db.Writer(ctx).NewSelect().Model((*lineRow)(nil)).Where("l.city_code = ? AND l.file_id = ? AND l.supplements = ?", l.CityCode, l.FileID, l.ID).Count(ctx)
	if err != nil {
		return "", db.Fault(err)
	}
	more := l
	more.ID, more.Corrects, more.Supplements, more.Voucher = id.New(), "", l.ID, l.Voucher+supplementMark+strconv.FormatInt(n+1, 10)
	more.PayrollFen, more.DueFen, more.PaidFen, more.ArrivedFen = 0, 0, x.Counted, nil
	more.take(x)
	_, err = s.db.Writer(ctx).NewInsert().Model(&more).Returning("NULL").Exec(ctx)
	return more.ID, db.Fault(err)
}

// take writes whose the counted part of a line is.
func (r *lineRow) take(x share) {
	r.CountedFen, r.RetainedFen, r.Refunded = x.Counted, x.Retained, x.Refunded
	r.NationalFen, r.ProvinceFen, r.CityFen, r.CountyFen = x.Shares.National, x.Shares.Province, x.Shares.City, x.Shares.County
}

// weakLines gives the lines of a unit that no code says a company of, and that are
// on no list of refunds.
func (s store) weakLines(ctx context.Context, unit org.Unit) ([]lineRow, error) {
	var rows []lineRow
	err := s.db.Writer(ctx).NewSelect().Model(&rows).
		Where("l.city_code = ? AND l.org_path = ? AND l.confidence < ? AND l.claim_id = '' AND l.part_claim_id = ''", unit.CityCode, unit.Path, sure).
		Where(live).OrderExpr("l.id").Scan(ctx)
	return rows, db.Fault(err)
}

// rematch writes which company a line is of.
func (s store) rematch(ctx context.Context, r lineRow) error {
	_, err := s.db.Writer(ctx).NewRaw("UPDATE dues_lines SET company_city = ?, company_id = ?, matched_by = ?, confidence = ? WHERE city_code = ? AND id = ?",
		r.CompanyCity, r.CompanyID, r.MatchedBy, r.Confidence, r.CityCode, r.ID).Exec(ctx)
	return db.Fault(err)
}

// clearUnknown clears the break of a line whose company is known now.
func (s store) clearUnknown(ctx context.Context, r lineRow, at time.Time) error {
	_, err := s.db.Writer(ctx).NewUpdate().Model((*breakRow)(nil)).
		Set("state = ?, cleared_at = ?, version = version + 1", BreakCleared, at).
		Where("city_code = ? AND file_id = ? AND line_id = ? AND kind = ? AND state = ?", r.CityCode, r.FileID, r.ID, UnknownCompany, BreakOpen).Exec(ctx)
	return db.Fault(err)
}
