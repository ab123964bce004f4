package org

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/id"
)

// versionSetting names the settings row that every change of the tree writes.
const versionSetting = "org.tree"

type store struct{ db *db.DB }

type unitRow struct {
	bun.BaseModel `bun:"table:org_units,alias:u"`

	ID           string `bun:",pk"`
	Code         string
	Kind         Kind
	Name         string
	NameEn       string
	DivisionCode string
	CityCode     string
	ParentID     string
	Path         string
	CompanyCity  string
	CompanyID    string
	Zone         bool
	FoundedOn    clock.Day
	DissolvedOn  clock.Day
	Version      int
}

func (r unitRow) unit() Unit {
	return Unit{
		r.ID, r.Code, r.Kind, r.Name, r.NameEn, r.DivisionCode, r.CityCode, r.ParentID, r.Path,
		r.CompanyCity, r.CompanyID, r.Zone, r.FoundedOn, r.DissolvedOn, r.Version,
	}
}

func rowOf(u Unit) unitRow {
	return unitRow{
		bun.BaseModel{},
		u.ID, u.Code, u.Kind, u.Name, u.NameEn, u.DivisionCode, u.CityCode, u.ParentID, u.Path,
		u.CompanyCity, u.CompanyID, u.Zone, u.FoundedOn, u.DissolvedOn, u.Version,
	}
}

type spanRow struct {
	bun.BaseModel `bun:"table:org_spans,alias:s"`

	UnitID    string `bun:",pk"`
	ValidFrom clock.Day
	ValidTo   clock.Day
	ParentID  string
	Path      string
	Name      string
	Cause     string
}

// pathRange is a half-open range of paths.
type pathRange struct{ from, to string }

// below is the range of a unit and all below it.
func below(path string) pathRange {
	from, to := db.Subtree(path)
	return pathRange{from, to}
}

// alone is the range of the unit only: the paths below it go on with a segment,
// whose first character is "0" at least.
func alone(path string) pathRange { return pathRange{path, path + "0"} }

func (s store) version(ctx context.Context) (string, error) {
	v, _, err := s.db.Setting(ctx, versionSetting)
	return v, err
}

func (s store) touch(ctx context.Context, now time.Time) error {
	return s.db.PutSetting(ctx, versionSetting, id.New(), now)
}

func (s store) all(ctx context.Context) ([]Unit, error) {
	var rows []unitRow
	if err := s.db.Reader(ctx).NewSelect().Model(&rows).Scan(ctx); err != nil {
		return nil, db.Fault(err)
	}
	return units(rows), nil
}

func units(rows []unitRow) []Unit {
	out := make([]Unit, len(rows))
	for i, r := range rows {
		out[i] = r.unit()
	}
	return out
}

func (s store) get(ctx context.Context, unitID string) (Unit, error) {
	var r unitRow
	if !db.Possible(unitID) {
		return Unit{}, ErrNotFound
	}
	err := s.db.Reader(ctx).NewSelect().Model(&r).Where("id = ?", unitID).Scan(ctx)
	return r.unit(), db.Found(err, ErrNotFound)
}

func (s store) insert(ctx context.Context, us []Unit) error {
	const batch = 500
	for ; len(us) > 0; us = us[min(batch, len(us)):] {
		part := us[:min(batch, len(us))]
		rows := make([]unitRow, len(part))
		for i, u := range part {
			rows[i] = rowOf(u)
		}
		if _, err := s.db.Writer(ctx).NewInsert().Model(&rows).Exec(ctx); err != nil {
			return db.Fault(err)
		}
	}
	return nil
}

// update writes what changes of one unit alter; the version must be the next one.
func (s store) update(ctx context.Context, u Unit) error {
	res, err := s.db.Writer(ctx).NewRaw(`UPDATE org_units SET name = ?, name_en = ?, dissolved_on = ?, version = ?
		WHERE id = ? AND version = ?`, u.Name, u.NameEn, u.DissolvedOn, u.Version, u.ID, u.Version-1).Exec(ctx)
	return db.Affected(res, err, ErrMovedOn)
}

// move rewrites the paths of the subtree. The new prefix has never been used, so
// no two paths can meet on the way. Every unit of the subtree gets its next
// version: whoever edits one has seen it in its old place.
func (s store) move(ctx context.Context, u, parent Unit, path string) error {
	w := s.db.Writer(ctx)
	res, err := w.NewRaw(`UPDATE org_units SET parent_id = ? WHERE id = ? AND version = ?`,
		parent.ID, u.ID, u.Version).Exec(ctx)
	if err := db.Affected(res, err, ErrMovedOn); err != nil {
		return err
	}
	r := below(u.Path)
	_, err = w.NewRaw(`UPDATE org_units SET path = ? || substr(path, ?), city_code = ?, version = version + 1
		WHERE path >= ? AND path < ?`, path, len(u.Path)+1, parent.CityCode, r.from, r.to).Exec(ctx)
	return db.Fault(err)
}

// in reads the units of a range, by path.
func (s store) in(ctx context.Context, r pathRange) ([]Unit, error) {
	var rows []unitRow
	err := s.db.Reader(ctx).NewSelect().Model(&rows).Where("path >= ? AND path < ?", r.from, r.to).Order("path").Scan(ctx)
	return units(rows), db.Fault(err)
}

func (s store) exists(ctx context.Context, query string, args ...any) (bool, error) {
	var found []int
	err := s.db.Reader(ctx).NewRaw(query+" LIMIT 1", args...).Scan(ctx, &found)
	return len(found) > 0, db.Fault(err)
}

func (s store) divisionTaken(ctx context.Context, code string) (bool, error) {
	return s.exists(ctx, `SELECT 1 FROM org_units WHERE division_code = ? AND dissolved_on = ''
		AND kind IN ('province', 'city', 'county', 'township')`, code)
}

func (s store) companyTaken(ctx context.Context, companyID string) (bool, error) {
	return s.exists(ctx, `SELECT 1 FROM org_units WHERE company_id = ? AND dissolved_on = ''`, companyID)
}

func (s store) codeTaken(ctx context.Context, code string) (bool, error) {
	return s.exists(ctx, `SELECT 1 FROM org_units WHERE code = ?`, code)
}

// changedAfter tells whether a unit of the range has a change later than the day.
func (s store) changedAfter(ctx context.Context, r pathRange, on clock.Day) (bool, error) {
	return s.exists(ctx, `SELECT 1 FROM org_spans s JOIN org_units u ON u.id = s.unit_id
		WHERE u.path >= ? AND u.path < ? AND s.valid_to = '' AND s.valid_from > ?`, r.from, r.to, on)
}

// childrenOn tells whether units stand below now, and whether some stood below
// on the day or later that do not now.
func (s store) childrenOn(ctx context.Context, unitID string, on clock.Day) (now, later bool, err error) {
	if now, err = s.exists(ctx, `SELECT 1 FROM org_units WHERE parent_id = ? AND dissolved_on = ''`, unitID); err != nil {
		return false, false, err
	}
	later, err = s.exists(ctx, `SELECT 1 FROM org_spans WHERE parent_id = ? AND valid_to > ?`, unitID, on)
	return now, later, err
}

// lastSegment gives the number of the highest segment ever used below a path: a
// unit that moved away has left its path in the spans and in old records.
func (s store) lastSegment(ctx context.Context, parent string) (int, error) {
	from, to := db.Subtree(parent)
	var highest []string
	err := s.db.Reader(ctx).NewRaw(`SELECT coalesce(max(path), '') FROM (
			SELECT path FROM org_units WHERE path > ? AND path < ? AND length(path) = ?
			UNION ALL
			SELECT path FROM org_spans WHERE path > ? AND path < ? AND length(path) = ?) p`,
		from, to, len(parent)+SegmentLen, from, to, len(parent)+SegmentLen).Scan(ctx, &highest)
	if err != nil || len(highest) == 0 {
		return 0, db.Fault(err)
	}
	return segmentNumber(highest[0]), nil
}

// rewriteSpansOf brings the spans that began on this very day up to date. They
// keep their cause: founded stays founded.
func (s store) rewriteSpansOf(ctx context.Context, r pathRange, on clock.Day) error {
	_, err := s.db.Writer(ctx).NewRaw(`UPDATE org_spans SET
			parent_id = (SELECT u.parent_id FROM org_units u WHERE u.id = org_spans.unit_id),
			path = (SELECT u.path FROM org_units u WHERE u.id = org_spans.unit_id),
			name = (SELECT u.name FROM org_units u WHERE u.id = org_spans.unit_id)
		WHERE valid_to = '' AND valid_from = ?
			AND unit_id IN (SELECT id FROM org_units WHERE path >= ? AND path < ?)`, on, r.from, r.to).Exec(ctx)
	return db.Fault(err)
}

func (s store) closeOlderSpans(ctx context.Context, r pathRange, on clock.Day) error {
	_, err := s.db.Writer(ctx).NewRaw(`UPDATE org_spans SET valid_to = ? WHERE valid_to = '' AND valid_from < ?
		AND unit_id IN (SELECT id FROM org_units WHERE path >= ? AND path < ?)`, on, on, r.from, r.to).Exec(ctx)
	return db.Fault(err)
}

func (s store) closeSpans(ctx context.Context, r pathRange, on clock.Day) error {
	_, err := s.db.Writer(ctx).NewRaw(`UPDATE org_spans SET valid_to = ? WHERE valid_to = ''
		AND unit_id IN (SELECT id FROM org_units WHERE path >= ? AND path < ?)`, on, r.from, r.to).Exec(ctx)
	return db.Fault(err)
}

// openSpans opens a span for each standing unit of the range that has none.
func (s store) openSpans(ctx context.Context, r pathRange, on clock.Day, cause string) error {
	_, err := s.db.Writer(ctx).NewRaw(`INSERT INTO org_spans (unit_id, valid_from, valid_to, parent_id, path, name, cause)
		SELECT u.id, ?, '', u.parent_id, u.path, u.name, ? FROM org_units u
		WHERE u.path >= ? AND u.path < ? AND u.dissolved_on = ''
			AND NOT EXISTS (SELECT 1 FROM org_spans s WHERE s.unit_id = u.id AND s.valid_to = '')`,
		on, cause, r.from, r.to).Exec(ctx)
	return db.Fault(err)
}

func (s store) treeOn(ctx context.Context, day clock.Day) ([]Unit, error) {
	var rows []unitRow
	err := s.db.Reader(ctx).NewRaw(`SELECT u.id, u.code, u.kind, s.name, u.name_en, u.division_code, u.city_code,
			s.parent_id, s.path, u.company_city, u.company_id, u.zone, u.founded_on, u.dissolved_on, u.version
		FROM org_spans s JOIN org_units u ON u.id = s.unit_id
		WHERE s.valid_from <= ? AND (s.valid_to = '' OR s.valid_to > ?) ORDER BY s.path`, day, day).Scan(ctx, &rows)
	return units(rows), db.Fault(err)
}

func (s store) history(ctx context.Context, unitID string) ([]Span, error) {
	var rows []spanRow
	if !db.Possible(unitID) {
		return nil, ErrNotFound
	}
	err := s.db.Reader(ctx).NewSelect().Model(&rows).Where("unit_id = ?", unitID).Order("valid_from").Scan(ctx)
	out := make([]Span, len(rows))
	for i, r := range rows {
		out[i] = Span{r.ValidFrom, r.ValidTo, r.ParentID, r.Path, r.Name, r.Cause}
	}
	return out, db.Fault(err)
}
