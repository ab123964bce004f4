package figures

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/clock"
)

type factRow struct {
	bun.BaseModel `bun:"table:figure_facts,alias:f"`
	CityCode      string `bun:",pk"`
	ID            string `bun:",pk"`
	Indicator     string
	Period        string
	OnDay         clock.Day
	OrgPath       string
	Subject       string
	Quantity      int64
	SourceKind    string
	SourceID      string
	CreatedAt     time.Time
}

type rollupRow struct {
	bun.BaseModel `bun:"table:figure_rollups,alias:r"`
	CityCode      string    `bun:",pk"`
	Indicator     string    `bun:",pk"`
	Period        string    `bun:",pk"`
	OrgPath       string    `bun:",pk"`
	OnDay         clock.Day `bun:",pk"`
	Quantity      int64
	Facts         int64
}

type targetRow struct {
	bun.BaseModel `bun:"table:figure_targets,alias:t"`
	Indicator     string `bun:",pk"`
	Period        string `bun:",pk"`
	UnitID        string `bun:",pk"`
	OrgPath       string
	Target        int64
	DueOn         clock.Day
	Citation      string
}

// store is the only place of the package with SQL.
type store struct{ db *db.DB }

// insert writes facts and tells which are new.
func (s store) insert(ctx context.Context, rows []factRow) (map[string]bool, error) {
	return db.Inserted(ctx, s.db.Writer(ctx).NewInsert().Model(&rows).On("CONFLICT (city_code, indicator, period, subject) DO NOTHING"))
}

// raise adds to rollups.
func (s store) raise(ctx context.Context, rows []rollupRow) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := s.db.Writer(ctx).NewInsert().Model(&rows).
		On("CONFLICT (city_code, indicator, period, org_path, on_day) DO UPDATE").
		Set("quantity = r.quantity + EXCLUDED.quantity").Set("facts = r.facts + EXCLUDED.facts").Exec(ctx)
	return db.Fault(err)
}

type placeSum struct {
	OrgPath  string
	Quantity int64
	Facts    int64
}

// at sums the rollups of each named place.
func (s store) at(ctx context.Context, indicator, period string, paths []string) (map[string]placeSum, error) {
	out := map[string]placeSum{}
	if len(paths) == 0 {
		return out, nil
	}
	var rows []placeSum
	err := s.db.Reader(ctx).NewSelect().Model((*rollupRow)(nil)).
		ColumnExpr("org_path, CAST(SUM(quantity) AS bigint) AS quantity, CAST(SUM(facts) AS bigint) AS facts").
		Where("indicator = ? AND period = ? AND org_path IN (?)", indicator, period, bun.List(paths)).
		Group("org_path").Scan(ctx, &rows)
	if err != nil {
		return nil, db.Fault(err)
	}
	for _, r := range rows {
		out[r.OrgPath] = r
	}
	return out, nil
}

type daySum struct {
	OnDay    clock.Day
	Quantity int64
}

// days sums the rollups of one place by day, the first day first.
func (s store) days(ctx context.Context, indicator, period, path string) ([]daySum, error) {
	var rows []daySum
	err := s.db.Reader(ctx).NewSelect().Model((*rollupRow)(nil)).
		ColumnExpr("on_day, CAST(SUM(quantity) AS bigint) AS quantity").
		Where("indicator = ? AND period = ? AND org_path = ?", indicator, period, path).
		Group("on_day").Order("on_day").Scan(ctx, &rows)
	return rows, db.Fault(err)
}

// asOf is the sum at a place without the facts written at t or later, in one
// statement so that both halves are of one moment.
func (s store) asOf(ctx context.Context, indicator, period, path string, t time.Time) (int64, error) {
	from, to := db.Subtree(path)
	var n int64
	err := s.db.Reader(ctx).NewRaw(`SELECT CAST(
		(SELECT COALESCE(SUM(quantity), 0) FROM figure_rollups WHERE indicator = ? AND period = ? AND org_path = ?) -
		(SELECT COALESCE(SUM(quantity), 0) FROM figure_facts WHERE indicator = ? AND period = ? AND created_at >= ?
			AND org_path >= ? AND org_path < ?) AS bigint)`,
		indicator, period, path, indicator, period, t, from, to).Scan(ctx, &n)
	return n, db.Fault(err)
}

// oneMoment makes all reads of the transaction in ctx see one moment. SQLite
// does so anyway; in PostgreSQL it must be the first statement.
func (s store) oneMoment(ctx context.Context) error {
	if s.db.Dialect != db.Postgres {
		return nil
	}
	_, err := s.db.Writer(ctx).NewRaw("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").Exec(ctx)
	return db.Fault(err)
}

type place struct {
	path, id string
	on       clock.Day
}

// facts lists facts at and below a place inside the scope, along the index:
// place by place, the newest first.
func (s store) facts(ctx context.Context, indicator, period, path string, after place, limit int) ([]factRow, error) {
	from, to := db.Subtree(path)
	var rows []factRow
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&rows), db.Columns{Path: "f.org_path"})
	if err != nil {
		return nil, err
	}
	q = q.Where("f.indicator = ? AND f.period = ?", indicator, period).Where("f.org_path >= ? AND f.org_path < ?", from, to)
	if after.id != "" {
		q = q.Where("(f.org_path, f.on_day, f.id) < (?, ?, ?)", after.path, after.on, after.id)
	}
	err = q.OrderExpr("f.org_path DESC, f.on_day DESC, f.id DESC").Limit(int64(limit)).Scan(ctx)
	return rows, db.Fault(err)
}

func (s store) putTargets(ctx context.Context, rows []targetRow) error {
	_, err := s.db.Writer(ctx).NewInsert().Model(&rows).
		On("CONFLICT (indicator, period, unit_id) DO UPDATE").
		Set("org_path = EXCLUDED.org_path").Set("target = EXCLUDED.target").
		Set("due_on = EXCLUDED.due_on").Set("citation = EXCLUDED.citation").Exec(ctx)
	return db.Fault(err)
}

func (s store) targets(ctx context.Context, indicator, period string, units []string) (map[string]targetRow, error) {
	out := map[string]targetRow{}
	if len(units) == 0 {
		return out, nil
	}
	var rows []targetRow
	err := s.db.Reader(ctx).NewSelect().Model(&rows).
		Where("indicator = ? AND period = ? AND unit_id IN (?)", indicator, period, bun.List(units)).Scan(ctx)
	if err != nil {
		return nil, db.Fault(err)
	}
	for _, r := range rows {
		out[r.UnitID] = r
	}
	return out, nil
}

// grouped sums the facts of an indicator and period by custody, place and day.
func (s store) grouped(ctx context.Context, indicator, period string) ([]rollupRow, error) {
	var rows []rollupRow
	err := s.db.Reader(ctx).NewSelect().Model((*factRow)(nil)).
		ColumnExpr("city_code, indicator, period, org_path, on_day").
		ColumnExpr("CAST(SUM(quantity) AS bigint) AS quantity, COUNT(*) AS facts").
		Where("indicator = ? AND period = ?", indicator, period).
		Group("city_code", "indicator", "period", "org_path", "on_day").Scan(ctx, &rows)
	return rows, db.Fault(err)
}

func (s store) rollups(ctx context.Context, indicator, period string) ([]rollupRow, error) {
	var rows []rollupRow
	err := s.db.Reader(ctx).NewSelect().Model(&rows).Where("indicator = ? AND period = ?", indicator, period).Scan(ctx)
	return rows, db.Fault(err)
}

func (s store) dropRollups(ctx context.Context, indicator, period string) error {
	_, err := s.db.Writer(ctx).NewDelete().Model((*rollupRow)(nil)).
		Where("indicator = ? AND period = ?", indicator, period).Exec(ctx)
	return db.Fault(err)
}

// eachSubject walks all facts of an indicator and period, in no order.
func (s store) eachSubject(ctx context.Context, indicator, period string, fn func(city, subject string)) error {
	rows, err := s.db.Reader(ctx).NewSelect().Model((*factRow)(nil)).Column("city_code", "subject").
		Where("indicator = ? AND period = ?", indicator, period).Rows(ctx)
	if err != nil {
		return db.Fault(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var city, subject string
		if err := rows.Scan(&city, &subject); err != nil {
			return db.Fault(err)
		}
		fn(city, subject)
	}
	return db.Fault(rows.Err())
}
