package dues

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
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
}

func (r fileRow) file() File {
	return File{
		CityCode: r.CityCode, ID: r.ID, OrgPath: r.OrgPath, Name: r.Name, SHA256: r.SHA256,
		Totals: Totals{r.Rows, r.PayrollFen, r.PaidFen}, Report: FileReport{r.DoneRows, r.Lines, r.Failed, r.Repeated, r.Breaks},
		State: r.State, UnionBy: r.UnionBy, UnionAt: r.UnionAt, TaxBy: r.TaxBy, TaxAt: r.TaxAt, Version: r.Version, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt,
		RulesVersion: r.RulesVersion,
	}
}

func (s store) insertFile(ctx context.Context, f File) error {
	_, err := s.db.Writer(ctx).NewInsert().Model(&fileRow{
		CityCode: f.CityCode, ID: f.ID, OrgPath: f.OrgPath, Name: f.Name, SHA256: f.SHA256,
		Rows: f.Totals.Rows, PayrollFen: f.Totals.Payroll, PaidFen: f.Totals.Paid, State: f.State, Version: f.Version,
		CreatedBy: f.CreatedBy, CreatedAt: f.CreatedAt, RulesVersion: f.RulesVersion,
	}).Returning("NULL").Exec(ctx)
	if db.Unique(err, "dues_files", "sha256") { // two clerks with the same file at once
		return fault.New(fault.Conflict, "dues.same_file", fault.With("Name", f.Name), fault.With("On", clock.DayOf(f.CreatedAt).String()))
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

func (s store) insertBreaks(ctx context.Context, f File, list []Break, ids map[string]string, today, due clock.Day) error {
	rows := make([][]any, len(list))
	for i, b := range list {
		month := ""
		if !b.Month.IsZero() {
			month = b.Month.String()
		}
		rows[i] = []any{
			f.CityCode, id.New(), f.OrgPath, f.ID, ids[b.Voucher], b.Row, string(b.Kind), b.CreditCode, b.Voucher, month, int64(b.Difference),
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
}

func (r breakRow) open() OpenBreak {
	b := OpenBreak{
		Break:    Break{Kind: r.Kind, Row: r.FileRow, CreditCode: r.CreditCode, Voucher: r.Voucher, Difference: r.DifferenceFen},
		CityCode: r.CityCode, ID: r.ID, FileID: r.FileID, State: r.State, OpenedOn: r.OpenedOn, DueOn: r.DueOn, Note: r.Note, Version: r.Version,
	}
	if r.Month != "" {
		b.Month, _ = clock.ParseDay(r.Month) // written by insertBreaks
	}
	return b
}

func (s store) getBreak(ctx context.Context, city, breakID string) (OpenBreak, string, error) {
	var r breakRow
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&r), db.Columns{Path: "b.org_path"})
	if err != nil {
		return OpenBreak{}, "", err
	}
	err = q.Where("b.city_code = ? AND b.id = ?", city, breakID).Scan(ctx)
	return r.open(), r.OrgPath, db.Found(err, errNoBreak())
}

func (s store) breaks(ctx context.Context, fileID string, state BreakState, req page.Request) (page.Page[breakRow], error) {
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
	if fileID != "" {
		q = q.Where("b.file_id = ?", fileID)
	}
	if state != "" {
		q = q.Where("b.state = ?", state)
	}
	if err := q.OrderExpr("b.due_on, b.id").Limit(int64(req.Size() + 1)).Scan(ctx); err != nil {
		return page.Page[breakRow]{}, db.Fault(err)
	}
	return page.Cut(rows, req.Size(), func(r breakRow) page.Cursor { return page.Encode(list, r.DueOn, r.ID) }), nil
}

func (s store) clearBreak(ctx context.Context, b OpenBreak, to BreakState, note, by string, at time.Time, version int) error {
	res, err := s.db.Writer(ctx).NewUpdate().Model((*breakRow)(nil)).
		Set("state = ?, note = ?, cleared_by = ?, cleared_at = ?, version = version + 1", to, note, by, at).
		Where("city_code = ? AND id = ? AND state = ? AND version = ?", b.CityCode, b.ID, BreakOpen, version).Exec(ctx)
	return db.Affected(res, err, casework.ErrMovedOn)
}

type lineRow struct {
	bun.BaseModel `bun:"table:dues_lines,alias:l"`

	CityCode   string    `bun:"city_code,pk"`
	ID         string    `bun:"id,pk"`
	FileRow    int       `bun:"file_row"`
	CreditCode string    `bun:"credit_code"`
	Item       Item      `bun:"item"`
	Month      clock.Day `bun:"month"`
	PaidFen    money.Fen `bun:"paid_fen"`
	Voucher    string    `bun:"voucher"`
}

// linesOf gives what comparing needs of the lines of a file, and their ids by voucher.
func (s store) linesOf(ctx context.Context, f File) ([]Line, map[string]string, error) {
	var rows []lineRow
	err := s.db.Reader(ctx).NewSelect().Model(&rows).Where("l.city_code = ? AND l.file_id = ?", f.CityCode, f.ID).OrderExpr("l.file_row").Scan(ctx)
	if err != nil {
		return nil, nil, db.Fault(err)
	}
	lines, ids := make([]Line, len(rows)), make(map[string]string, len(rows))
	for i, r := range rows {
		lines[i] = Line{Row: r.FileRow, CreditCode: r.CreditCode, Item: r.Item, Month: r.Month, Paid: r.PaidFen, Voucher: r.Voucher}
		ids[r.Voucher] = r.ID
	}
	return lines, ids, nil
}

// insertReceipts enters bank entries; one whose serial stands already is passed over.
func (s store) insertReceipts(ctx context.Context, f File, list []BankEntry) error {
	rows := make([][]any, len(list))
	for i, x := range list {
		rows[i] = []any{f.CityCode, id.New(), f.OrgPath, x.Serial, x.Voucher, int64(x.Amount), x.On}
	}
	_, err := s.db.InsertNew(ctx, "dues_receipts", []string{"city_code", "id", "org_path", "serial", "voucher", "amount_fen", "on_day"}, "city_code, serial", rows)
	return db.Fault(err)
}

type receiptRow struct {
	bun.BaseModel `bun:"table:dues_receipts,alias:r"`

	CityCode  string    `bun:"city_code,pk"`
	ID        string    `bun:"id,pk"`
	Voucher   string    `bun:"voucher"`
	AmountFen money.Fen `bun:"amount_fen"`
	OnDay     clock.Day `bun:"on_day"`
}

// receiptsFor gives the receipts that concern a file: those for its lines, and
// those of the list, or of its open differences, that no line of any file has.
func (s store) receiptsFor(ctx context.Context, f File, lines []Line, list []BankEntry) ([]Receipt, error) {
	mine := map[string]bool{}
	vouchers := make([]string, 0, len(lines)+len(list))
	for _, l := range lines {
		mine[l.Voucher] = true
		vouchers = append(vouchers, l.Voucher)
	}
	var left []string
	err := s.db.Reader(ctx).NewSelect().Model((*breakRow)(nil)).Column("voucher").
		Where("b.city_code = ? AND b.file_id = ? AND b.kind = ? AND b.state = ?", f.CityCode, f.ID, UnionOnly, BreakOpen).Scan(ctx, &left)
	if err != nil {
		return nil, db.Fault(err)
	}
	for _, x := range list {
		left = append(left, x.Voucher)
	}
	for _, v := range left {
		if !mine[v] {
			vouchers = append(vouchers, v)
		}
	}
	slices.Sort(vouchers)
	var out []Receipt
	for part := range slices.Chunk(slices.Compact(vouchers), 500) {
		var taken []string // by lines of other files
		err := s.db.Reader(ctx).NewSelect().Model((*lineRow)(nil)).Column("voucher").
			Where("l.city_code = ? AND l.voucher IN (?) AND l.file_id <> ?", f.CityCode, bun.List(part), f.ID).Scan(ctx, &taken)
		if err != nil {
			return nil, db.Fault(err)
		}
		var rows []receiptRow
		err = s.db.Reader(ctx).NewSelect().Model(&rows).Where("r.city_code = ? AND r.voucher IN (?)", f.CityCode, bun.List(part)).
			OrderExpr("r.voucher, r.id").Scan(ctx)
		if err != nil {
			return nil, db.Fault(err)
		}
		for _, r := range rows {
			if !slices.Contains(taken, r.Voucher) {
				out = append(out, Receipt{Voucher: r.Voucher, Amount: r.AmountFen, On: r.OnDay})
			}
		}
	}
	return out, nil
}

// arrive writes on the lines of a file what has reached the union's account.
func (s store) arrive(ctx context.Context, f File) error {
	_, err := s.db.Writer(ctx).NewUpdate().Model((*lineRow)(nil)).
		Set("arrived_fen = (SELECT sum(r.amount_fen) FROM dues_receipts AS r WHERE r.city_code = l.city_code AND r.voucher = l.voucher)").
		Where("l.city_code = ? AND l.file_id = ?", f.CityCode, f.ID).Exec(ctx)
	return db.Fault(err)
}

// replaceDifferences opens the new differences between the two sides and clears
// those that are none any more. It gives how many it opened.
func (s store) replaceDifferences(ctx context.Context, f File, breaks []Break, ids map[string]string, today, due clock.Day, at time.Time) (int, error) {
	var standing []breakRow
	err := s.db.Reader(ctx).NewSelect().Model(&standing).
		Where("b.city_code = ? AND b.file_id = ? AND b.kind IN (?)", f.CityCode, f.ID, bun.List([]BreakKind{TaxOnly, UnionOnly, AmountDiffers})).Scan(ctx)
	if err != nil {
		return 0, db.Fault(err)
	}
	type key struct {
		kind    BreakKind
		voucher string
	}
	now := map[key]Break{}
	for _, b := range breaks {
		now[key{b.Kind, b.Voucher}] = b
	}
	for _, r := range standing {
		b, still := now[key{r.Kind, r.Voucher}]
		switch {
		case r.State != BreakOpen:
		case !still:
			if err := s.clearBreak(ctx, r.open(), BreakCleared, "", "", at, r.Version); err != nil {
				return 0, err
			}
		case b.Difference != r.DifferenceFen:
			_, err := s.db.Writer(ctx).NewUpdate().Model((*breakRow)(nil)).Set("difference_fen = ?, version = version + 1", b.Difference).
				Where("city_code = ? AND id = ?", r.CityCode, r.ID).Exec(ctx)
			if err != nil {
				return 0, db.Fault(err)
			}
		}
		delete(now, key{r.Kind, r.Voucher})
	}
	var fresh []Break
	for _, b := range breaks {
		if _, ok := now[key{b.Kind, b.Voucher}]; ok {
			fresh = append(fresh, b)
		}
	}
	return len(fresh), s.insertBreaks(ctx, f, fresh, ids, today, due)
}
