package dues

import (
	"context"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/core/casework"
	"gonghui/internal/kit/page"
)

// intakeRow is a row of the table that all rooms share. The report's lines are
// imported, its repeats collapsed.
type intakeRow struct {
	bun.BaseModel `bun:"table:batches,alias:b"`

	CityCode   string      `bun:"city_code,pk"`
	ID         string      `bun:"id,pk"`
	OrgPath    string      `bun:"org_path"`
	Kind       IntakeKind  `bun:"kind"`
	Name       string      `bun:"name"`
	SHA256     string      `bun:"sha256"`
	Size       int64       `bun:"size"`
	Mapping    string      `bun:"mapping"`
	State      IntakeState `bun:"state"`
	Rows       int64       `bun:"rows"`
	Imported   int64       `bun:"imported"`
	Collapsed  int64       `bun:"collapsed"`
	Failed     int64       `bun:"failed"`
	ErrorBlob  string      `bun:"error_blob"`
	Sample     string      `bun:"sample"`
	Problem    string      `bun:"problem"`
	CreatedBy  string      `bun:"created_by"`
	CreatedAt  time.Time   `bun:"created_at"`
	FinishedAt time.Time   `bun:"finished_at,nullzero"`
}

// intakeMore is what stands in the column of the mapping.
type intakeMore struct {
	FileID string            `json:"file,omitempty"`
	Total  int64             `json:"total"`
	Breaks int64             `json:"breaks"`
	By     string            `json:"by"`
	Params map[string]string `json:"params,omitempty"`
	List   *ListIntake       `json:"list,omitempty"`
}

func intakeRowOf(in Intake) *intakeRow {
	more, _ := json.Marshal(intakeMore{in.FileID, in.Total, in.Report.Breaks, in.By, in.Params, in.List}) // plain values always encode
	sample, _ := json.Marshal(in.Broken)
	return &intakeRow{
		CityCode: in.CityCode, ID: in.ID, OrgPath: in.OrgPath, Kind: in.Kind, Name: in.Name, SHA256: in.SHA256, Size: in.Size,
		Mapping: string(more), State: in.State, Rows: in.Report.Rows, Imported: in.Report.Lines, Collapsed: in.Report.Repeated, Failed: in.Report.Failed,
		ErrorBlob: in.ErrorFile, Sample: string(sample), Problem: in.Problem, CreatedBy: in.CreatedBy, CreatedAt: in.CreatedAt, FinishedAt: in.FinishedAt,
	}
}

func (r intakeRow) intake() Intake {
	in := Intake{
		CityCode: r.CityCode, ID: r.ID, OrgPath: r.OrgPath, Kind: r.Kind, Name: r.Name, SHA256: r.SHA256, Size: r.Size, State: r.State,
		ErrorFile: r.ErrorBlob, Problem: r.Problem, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt, FinishedAt: r.FinishedAt,
	}
	var more intakeMore
	_ = json.Unmarshal([]byte(r.Mapping), &more) // written by intakeRowOf
	_ = json.Unmarshal([]byte(r.Sample), &in.Broken)
	in.FileID, in.Total, in.By, in.Params, in.List = more.FileID, more.Total, more.By, more.Params, more.List
	in.Report = FileReport{Rows: r.Rows, Lines: r.Imported, Failed: r.Failed, Repeated: r.Collapsed, Breaks: more.Breaks}
	return in
}

var intakeKinds = bun.List([]IntakeKind{IntakeTax, IntakeReceipts, IntakeList})

func (s store) insertIntake(ctx context.Context, in Intake) error {
	_, err := s.db.Writer(ctx).NewInsert().Model(intakeRowOf(in)).Returning("NULL").Exec(ctx)
	return db.Fault(err)
}

// updateIntake writes an intake that is still running.
func (s store) updateIntake(ctx context.Context, in Intake) error {
	return s.moveIntake(ctx, in, IntakeRunning)
}

// moveIntake writes an intake that is in a state.
func (s store) moveIntake(ctx context.Context, in Intake, from IntakeState) error {
	res, err := s.db.Writer(ctx).NewUpdate().Model(intakeRowOf(in)).WherePK().
		ExcludeColumn("created_at", "kind").Where("state = ?", from).Exec(ctx)
	return db.Affected(res, err, casework.ErrMovedOn)
}

func (s store) intake(ctx context.Context, city, intakeID string) (Intake, error) {
	var r intakeRow
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&r), db.Columns{Path: "b.org_path"})
	if err != nil {
		return Intake{}, err
	}
	err = q.Where("b.city_code = ? AND b.id = ? AND b.kind IN (?)", city, intakeID, intakeKinds).Scan(ctx)
	return r.intake(), db.Found(err, errNoIntake())
}

func (s store) intakesOf(ctx context.Context, kinds []IntakeKind, req page.Request) (page.Page[Intake], error) {
	const list = "dues_intakes"
	var rows []intakeRow
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&rows), db.Columns{Path: "b.org_path"})
	if err != nil {
		return page.Page[Intake]{}, err
	}
	var at time.Time
	var last string
	if more, err := req.After.Decode(list, &at, &last); err != nil {
		return page.Page[Intake]{}, err
	} else if more {
		q = q.Where("(b.created_at < ? OR (b.created_at = ? AND b.id < ?))", at, at, last)
	}
	err = q.Where("b.kind IN (?) AND b.state IN (?)", bun.List(kinds), bun.List([]IntakeState{IntakeRunning, IntakeReady, IntakeFailed})).
		OrderExpr("b.created_at DESC, b.id DESC").Limit(int64(req.Size() + 1)).Scan(ctx)
	if err != nil {
		return page.Page[Intake]{}, db.Fault(err)
	}
	cut := page.Cut(rows, req.Size(), func(r intakeRow) page.Cursor { return page.Encode(list, r.CreatedAt, r.ID) })
	return page.Map(cut, intakeRow.intake), nil
}
