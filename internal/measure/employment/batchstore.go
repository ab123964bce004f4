package employment

import (
	"context"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/core/casework"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
)

// batchKind marks the batches of this room in the table that all rooms share.
const batchKind = "employment.jobs"

type batchRow struct {
	bun.BaseModel `bun:"table:batches,alias:b"`

	CityCode   string     `bun:"city_code,pk"`
	ID         string     `bun:"id,pk"`
	OrgPath    string     `bun:"org_path"`
	Kind       string     `bun:"kind"`
	Name       string     `bun:"name"`
	SHA256     string     `bun:"sha256"`
	Size       int64      `bun:"size"`
	Mapping    string     `bun:"mapping"`
	State      BatchState `bun:"state"`
	DryRun     bool       `bun:"dry_run"`
	Rows       int64      `bun:"rows"`
	Imported   int64      `bun:"imported"`
	Collapsed  int64      `bun:"collapsed"`
	Unchanged  int64      `bun:"unchanged"`
	Failed     int64      `bun:"failed"`
	ErrorBlob  string     `bun:"error_blob"`
	Sample     string     `bun:"sample"`
	Problem    string     `bun:"problem"`
	CreatedBy  string     `bun:"created_by"`
	CreatedAt  time.Time  `bun:"created_at"`
	FinishedAt time.Time  `bun:"finished_at,nullzero"`
}

// mapping is what the column mapping keeps.
type mapping struct {
	Header []string          `json:"header"`
	Map    map[string]string `json:"map"`
	Total  int64             `json:"total"`
}

func batchRowOf(b Batch) *batchRow {
	m, _ := json.Marshal(mapping{b.Header, b.Map, b.Total}) // plain values always encode
	sample, _ := json.Marshal(b.Broken)
	return &batchRow{
		CityCode: b.CityCode, ID: b.ID, OrgPath: b.OrgPath, Kind: batchKind, Name: b.Name, SHA256: b.SHA256, Size: b.Size,
		Mapping: string(m), State: b.State, DryRun: b.State == BatchChecking || b.State == BatchReady,
		Rows: b.Report.Rows, Imported: b.Report.Imported, Collapsed: b.Report.Collapsed, Unchanged: b.Report.Unchanged, Failed: b.Report.Failed,
		ErrorBlob: b.ErrorFile, Sample: string(sample), Problem: b.Problem, CreatedBy: b.CreatedBy, CreatedAt: b.CreatedAt, FinishedAt: b.FinishedAt,
	}
}

func (r batchRow) batch() Batch {
	b := Batch{
		CityCode: r.CityCode, ID: r.ID, OrgPath: r.OrgPath, Name: r.Name, SHA256: r.SHA256, Size: r.Size, State: r.State,
		Report:    ImportReport{Rows: r.Rows, Imported: r.Imported, Collapsed: r.Collapsed, Unchanged: r.Unchanged, Failed: r.Failed},
		ErrorFile: r.ErrorBlob, Problem: r.Problem, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt, FinishedAt: r.FinishedAt,
	}
	var m mapping
	_ = json.Unmarshal([]byte(r.Mapping), &m) // written by batchRowOf; without it the columns are asked for again
	b.Header, b.Map, b.Total = m.Header, m.Map, m.Total
	_ = json.Unmarshal([]byte(r.Sample), &b.Broken)
	return b
}

func (s store) insertBatch(ctx context.Context, b Batch) error {
	_, err := s.db.Writer(ctx).NewInsert().Model(batchRowOf(b)).Exec(ctx)
	return db.Fault(err)
}

// updateBatch writes a batch that is still in the state it was read in.
func (s store) updateBatch(ctx context.Context, b Batch, before BatchState) error {
	res, err := s.db.Writer(ctx).NewUpdate().Model(batchRowOf(b)).WherePK().
		ExcludeColumn("created_at", "created_by", "kind").Where("state = ?", before).Exec(ctx)
	return db.Affected(res, err, casework.ErrMovedOn)
}

// countBatch writes the counts of a chunk in the chunk's transaction. Of two
// jobs that work the same batch by accident, the one that comes second to a
// chunk finds other counts, and its chunk is rolled back.
func (s store) countBatch(ctx context.Context, b Batch, done ImportReport) error {
	res, err := s.db.Writer(ctx).NewUpdate().Model((*batchRow)(nil)).
		Set("rows = ?, imported = ?, collapsed = ?, unchanged = ?, failed = ?", done.Rows, done.Imported, done.Collapsed, done.Unchanged, done.Failed).
		Where("city_code = ? AND id = ? AND state = ? AND rows < ?", b.CityCode, b.ID, BatchRunning, done.Rows).Exec(ctx)
	return db.Affected(res, err, casework.ErrMovedOn)
}

func (s store) batch(ctx context.Context, city, id string) (Batch, error) {
	var r batchRow
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&r), db.Columns{Path: "b.org_path"})
	if err != nil {
		return Batch{}, err
	}
	err = q.Where("b.city_code = ? AND b.id = ? AND b.kind = ?", city, id, batchKind).Scan(ctx)
	if fault.IsKind(db.Fault(err), fault.NotFound) {
		return Batch{}, errNoBatch()
	}
	return r.batch(), db.Fault(err)
}

func (s store) batches(ctx context.Context, req page.Request) (page.Page[Batch], error) {
	const list = "batches"
	var rows []batchRow
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&rows), db.Columns{Path: "b.org_path"})
	if err != nil {
		return page.Page[Batch]{}, err
	}
	var at time.Time
	var id string
	if more, err := req.After.Decode(list, &at, &id); err != nil {
		return page.Page[Batch]{}, err
	} else if more {
		q = q.Where("(b.created_at < ? OR (b.created_at = ? AND b.id < ?))", at, at, id)
	}
	err = q.Where("b.kind = ?", batchKind).OrderExpr("b.created_at DESC, b.id DESC").Limit(int64(req.Size() + 1)).Scan(ctx)
	if err != nil {
		return page.Page[Batch]{}, db.Fault(err)
	}
	cut := page.Cut(rows, req.Size(), func(r batchRow) page.Cursor { return page.Encode(list, r.CreatedAt, r.ID) })
	return page.Map(cut, batchRow.batch), nil
}
