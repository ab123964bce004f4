package dues

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/page"
)

// live is the condition of a line that stands: it takes nothing back and was not
// corrected itself.
const live = "NOT l.reverses AND NOT EXISTS (SELECT 1 FROM dues_lines AS k WHERE k.city_code = l.city_code AND k.corrects = l.id AND k.corrects <> '')"

func (r lineRow) stand() Stand {
	return Stand{CreditCode: r.CreditCode, Name: r.Name, Item: r.Item, Month: r.Month, Payroll: r.PayrollFen, Paid: r.PaidFen}
}

func (r lineRow) line() Line {
	return Line{
		Row: r.FileRow, CreditCode: r.CreditCode, Name: r.Name, Office: r.Office, Item: r.Item, Month: r.Month,
		Payroll: r.PayrollFen, Rate: r.Rate, Due: r.DueFen, Paid: r.PaidFen, Voucher: r.Voucher, PaidOn: r.PaidOn,
	}
}

func (r *lineRow) match(m company.Match) {
	r.CompanyCity, r.CompanyID, r.MatchedBy, r.Confidence = m.CityCode, m.ID, m.By, m.Confidence
}

// standing finds the line of a file that stands for a voucher.
func (s store) standing(ctx context.Context, f File, voucher string) (lineRow, bool, error) {
	var r lineRow
	err := db.Fault(s.db.Reader(ctx).NewSelect().Model(&r).
		Where("l.city_code = ? AND l.file_id = ? AND l.supplements = ''", f.CityCode, f.ID).
		Where(`(l.voucher = ? OR l.voucher LIKE ? ESCAPE '\')`, voucher, db.Begins(voucher+correctionMark)).
		Where(live).Scan(ctx))
	if fault.IsKind(err, fault.NotFound) {
		return lineRow{}, false, nil
	}
	return r, err == nil, err
}

// corrections counts the lines that corrections of a voucher have written.
func (s store) corrections(ctx context.Context, f File, voucher string) (int64, error) {
	n, err := s.db.Reader(ctx).NewSelect().Model((*lineRow)(nil)).
		Where(`l.city_code = ? AND l.file_id = ? AND l.voucher LIKE ? ESCAPE '\'`, f.CityCode, f.ID, db.Begins(voucher+correctionMark)).Count(ctx)
	return n, db.Fault(err)
}

// insertPair writes the lines of a correction. Of two that are accepted at once the
// second finds its voucher taken.
func (s store) insertPair(ctx context.Context, rows []lineRow) error {
	_, err := s.db.Writer(ctx).NewInsert().Model(&rows).Returning("NULL").Exec(ctx)
	if db.Unique(err, "dues_lines", "voucher") {
		return casework.ErrMovedOn
	}
	return db.Fault(err)
}

// clearBreaksOf clears what was open of a line that stands no more; the money that
// came with a repeated voucher stays in question.
func (s store) clearBreaksOf(ctx context.Context, f File, lineID string, c Correction) error {
	_, err := s.db.Writer(ctx).NewUpdate().Model((*breakRow)(nil)).
		Set("state = ?, note = ?, cleared_by = ?, cleared_at = ?, version = version + 1", BreakCleared, c.Reason, c.AnsweredBy, c.AnsweredAt).
		Where("city_code = ? AND file_id = ? AND line_id = ? AND state = ?", f.CityCode, f.ID, lineID, BreakOpen).
		Where("kind NOT IN (?)", bun.List(append([]BreakKind{DuplicateVoucher}, differences...))).Exec(ctx)
	return db.Fault(err)
}

type correctionRow struct {
	bun.BaseModel `bun:"table:dues_corrections,alias:c"`

	CityCode   string          `bun:"city_code,pk"`
	ID         string          `bun:"id,pk"`
	OrgPath    string          `bun:"org_path"`
	FileID     string          `bun:"file_id"`
	LineID     string          `bun:"line_id"`
	Voucher    string          `bun:"voucher"`
	Void       bool            `bun:"void"`
	CreditCode string          `bun:"credit_code"`
	Name       string          `bun:"name"`
	Item       Item            `bun:"item"`
	Month      clock.Day       `bun:"month"`
	PayrollFen money.Fen       `bun:"payroll_fen"`
	PaidFen    money.Fen       `bun:"paid_fen"`
	Reason     string          `bun:"reason"`
	State      CorrectionState `bun:"state"`
	AskedBy    string          `bun:"asked_by"`
	AskedAt    time.Time       `bun:"asked_at"`
	Answer     string          `bun:"answer"`
	AnsweredBy string          `bun:"answered_by"`
	AnsweredAt time.Time       `bun:"answered_at,nullzero"`
	Version    int             `bun:"version"`

	Was *lineRow `bun:"rel:belongs-to,join:city_code=city_code,join:line_id=id"`
}

func (r correctionRow) correction() Correction {
	c := Correction{
		CityCode: r.CityCode, ID: r.ID, OrgPath: r.OrgPath, FileID: r.FileID, LineID: r.LineID, Voucher: r.Voucher, Void: r.Void,
		Want:   Stand{CreditCode: r.CreditCode, Name: r.Name, Item: r.Item, Month: r.Month, Payroll: r.PayrollFen, Paid: r.PaidFen},
		Reason: r.Reason, State: r.State, AskedBy: r.AskedBy, AskedAt: r.AskedAt,
		Answer: r.Answer, AnsweredBy: r.AnsweredBy, AnsweredAt: r.AnsweredAt, Version: r.Version,
	}
	if r.Was != nil {
		c.Was = r.Was.stand()
	}
	return c
}

func (s store) insertCorrection(ctx context.Context, c Correction) error {
	w := c.Want
	_, err := s.db.Writer(ctx).NewInsert().Model(&correctionRow{
		CityCode: c.CityCode, ID: c.ID, OrgPath: c.OrgPath, FileID: c.FileID, LineID: c.LineID, Voucher: c.Voucher, Void: c.Void,
		CreditCode: w.CreditCode, Name: w.Name, Item: w.Item, Month: w.Month, PayrollFen: w.Payroll, PaidFen: w.Paid,
		Reason: c.Reason, State: c.State, AskedBy: c.AskedBy, AskedAt: c.AskedAt, Version: c.Version,
	}).Returning("NULL").Exec(ctx)
	if db.Unique(err, "dues_corrections", "line_id") {
		return fault.New(fault.Conflict, "dues.correction_waits")
	}
	return db.Fault(err)
}

func (s store) correction(ctx context.Context, city, correctionID string) (Correction, error) {
	var r correctionRow
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&r).Relation("Was"), db.Columns{Path: "c.org_path"})
	if err != nil {
		return Correction{}, err
	}
	err = q.Where("c.city_code = ? AND c.id = ?", city, correctionID).Scan(ctx)
	return r.correction(), db.Found(err, errNoCorrection())
}

func (s store) listCorrections(ctx context.Context, fileID string, state CorrectionState, req page.Request) (page.Page[Correction], error) {
	const list = "dues_corrections"
	var rows []correctionRow
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&rows).Relation("Was"), db.Columns{Path: "c.org_path"})
	if err != nil {
		return page.Page[Correction]{}, err
	}
	var at time.Time
	var last string
	if more, err := req.After.Decode(list, &at, &last); err != nil {
		return page.Page[Correction]{}, err
	} else if more {
		q = q.Where("(c.asked_at < ? OR (c.asked_at = ? AND c.id < ?))", at, at, last)
	}
	if fileID != "" {
		q = q.Where("c.file_id = ?", fileID)
	}
	if state != "" {
		q = q.Where("c.state = ?", state)
	}
	if err := q.OrderExpr("c.asked_at DESC, c.id DESC").Limit(int64(req.Size() + 1)).Scan(ctx); err != nil {
		return page.Page[Correction]{}, db.Fault(err)
	}
	cut := page.Cut(rows, req.Size(), func(r correctionRow) page.Cursor { return page.Encode(list, r.AskedAt, r.ID) })
	return page.Map(cut, correctionRow.correction), nil
}

func (s store) answerCorrection(ctx context.Context, c *Correction) error {
	res, err := s.db.Writer(ctx).NewUpdate().Model((*correctionRow)(nil)).
		Set("state = ?, answer = ?, answered_by = ?, answered_at = ?, version = version + 1", c.State, c.Answer, c.AnsweredBy, c.AnsweredAt).
		Where("city_code = ? AND id = ? AND state = ? AND version = ?", c.CityCode, c.ID, CorrectionOpen, c.Version).Exec(ctx)
	if err := db.Affected(res, err, casework.ErrMovedOn); err != nil {
		return err
	}
	c.Version++
	return nil
}
