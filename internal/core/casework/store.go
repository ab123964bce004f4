package casework

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/place"
)

// provinceCustody keeps the province's own cases.
const provinceCustody = "3700"

// never is kept in due_at where no deadline is shown. A NULL would sort first
// in one database and last in the other, and no index could give the order.
var never = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

type caseRow struct {
	bun.BaseModel `bun:"table:cases,alias:c"`
	CityCode      string `bun:",pk"`
	ID            string `bun:",pk"`
	Number        string
	Kind          string
	State         string
	Title         string
	OrgPath       string
	PersonID      string
	CompanyID     string
	WaitingFor    string
	Capability    string
	DueAt         time.Time
	PausedAt      time.Time `bun:",nullzero"`
	Version       int
	OpenedAt      time.Time
	OpenedBy      string
	StateAt       time.Time
	ClosedAt      time.Time `bun:",nullzero"`
}

func (r caseRow) model() Case {
	c := Case{
		City: r.CityCode, ID: r.ID, Number: r.Number, Kind: r.Kind, State: r.State, Title: r.Title,
		OrgPath: r.OrgPath, PersonID: r.PersonID, CompanyID: r.CompanyID,
		WaitingFor: r.WaitingFor, Capability: r.Capability, Version: r.Version,
		OpenedAt: r.OpenedAt.UTC(), OpenedBy: r.OpenedBy, StateAt: r.StateAt.UTC(),
	}
	if !r.DueAt.IsZero() && r.DueAt.Before(never) {
		c.DueAt = r.DueAt.UTC()
	}
	if !r.PausedAt.IsZero() {
		c.PausedAt = r.PausedAt.UTC()
	}
	if !r.ClosedAt.IsZero() {
		c.ClosedAt = r.ClosedAt.UTC()
	}
	return c
}

type eventRow struct {
	bun.BaseModel `bun:"table:case_events,alias:e"`
	CityCode      string `bun:",pk"`
	CaseID        string `bun:",pk"`
	Seq           int    `bun:",pk"`
	Event         string
	FromState     string
	ToState       string
	ActorID       string
	ActorName     string
	ActorRole     string
	Reason        string
	Detail        string
	At            time.Time
}

func (r eventRow) model() Event {
	e := Event{
		Seq: r.Seq, Event: r.Event, From: r.FromState, To: r.ToState,
		ActorID: r.ActorID, ActorName: r.ActorName, Role: r.ActorRole, Reason: r.Reason, At: r.At.UTC(),
	}
	if r.Detail != "" {
		e.Detail = []byte(r.Detail)
	}
	return e
}

type deadlineRow struct {
	bun.BaseModel `bun:"table:deadlines,alias:d"`
	CityCode      string `bun:",pk"`
	CaseID        string `bun:",pk"`
	Name          string `bun:",pk"`
	Kind          string
	DueAt         time.Time
	FiredAt       time.Time `bun:",nullzero"`
}

// store is the only place of the room with SQL.
type store struct{ db *db.DB }

var columns = db.Columns{Path: "c.org_path", Person: "c.person_id", Company: "c.company_id"}

// get reads one case inside the scope of ctx.
func (s store) get(ctx context.Context, ref Ref) (caseRow, error) {
	var row caseRow
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&row), columns)
	if err != nil {
		return row, err
	}
	err = q.Where("c.city_code = ? AND c.id = ?", ref.City, ref.ID).Scan(ctx)
	return row, db.Found(err, ErrNotFound)
}

// numbered reads the cases with a public number inside the scope of ctx: it is
// unique in each city.
func (s store) numbered(ctx context.Context, number string) ([]caseRow, error) {
	var rows []caseRow
	if number == "" || !db.Possible(number) {
		return nil, nil
	}
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&rows), columns)
	if err != nil {
		return nil, err
	}
	cities := []string{provinceCustody}
	for _, p := range place.Children(place.Shandong) {
		cities = append(cities, p.Code)
	}
	// City by city, because that is how the key begins.
	err = q.Where("c.city_code IN (?)", bun.List(cities)).Where("c.number = ?", number).OrderExpr("c.id").Limit(1).Scan(ctx)
	return rows, db.Fault(err)
}

// named reads those of the cases that are inside the scope of ctx.
func (s store) named(ctx context.Context, refs []Ref) ([]caseRow, error) {
	ids := map[string][]string{}
	for _, r := range refs {
		ids[r.City] = append(ids[r.City], r.ID)
	}
	var rows []caseRow
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&rows), columns)
	if err != nil {
		return nil, err
	}
	q = q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		for city, list := range ids {
			q = q.WhereOr("c.city_code = ? AND c.id IN (?)", city, bun.List(list))
		}
		return q
	})
	return rows, db.Fault(q.Scan(ctx))
}

// insert writes new cases and tells which ids were written: a case that is there
// already, or whose number is taken, is left out.
func (s store) insert(ctx context.Context, rows []caseRow) (map[string]bool, error) {
	return db.Inserted(ctx, s.db.Writer(ctx).NewInsert().Model(&rows).On("CONFLICT DO NOTHING"))
}

// existing tells which of the ids have a case in one of the cities.
func (s store) existing(ctx context.Context, cities, ids []string) (map[string]bool, error) {
	var found []string
	err := s.db.Reader(ctx).NewSelect().Model((*caseRow)(nil)).Column("id").
		Where("city_code IN (?) AND id IN (?)", bun.List(cities), bun.List(ids)).Scan(ctx, &found)
	if err != nil {
		return nil, db.Fault(err)
	}
	have := make(map[string]bool, len(found))
	for _, id := range found {
		have[id] = true
	}
	return have, nil
}

// move writes the next version over the one that was read. Whoever comes second
// meets no row.
func (s store) move(ctx context.Context, row caseRow, seen int) error {
	res, err := s.db.Writer(ctx).NewUpdate().Model(&row).
		Column("state", "title", "org_path", "waiting_for", "capability", "due_at", "paused_at", "version", "state_at", "closed_at").
		Where("city_code = ? AND id = ? AND version = ?", row.CityCode, row.ID, seen).Exec(ctx)
	return db.Affected(res, err, ErrMovedOn)
}

func (s store) addEvents(ctx context.Context, rows []eventRow) error {
	_, err := s.db.Writer(ctx).NewInsert().Model(&rows).Exec(ctx)
	return db.Fault(err)
}

func (s store) events(ctx context.Context, ref Ref) ([]eventRow, error) {
	var rows []eventRow
	err := s.db.Reader(ctx).NewSelect().Model(&rows).
		Where("city_code = ? AND case_id = ?", ref.City, ref.ID).Order("seq").Scan(ctx)
	return rows, db.Fault(err)
}

// lastDesk gives the id of whoever took the last step of the desk, "" if nobody.
func (s store) lastDesk(ctx context.Context, ref Ref) (string, error) {
	var actor string
	err := s.db.Reader(ctx).NewSelect().Model((*eventRow)(nil)).Column("actor_id").
		Where("city_code = ? AND case_id = ? AND actor_role = ?", ref.City, ref.ID, Desk).
		Where("event NOT IN (?)", bun.List([]string{Opened, Paused, Resumed})).
		Order("seq DESC").Limit(1).Scan(ctx, &actor)
	return actor, db.Found(err, nil)
}

// clocks lists the deadlines of a case's present state, fired or not.
func (s store) clocks(ctx context.Context, ref Ref) ([]deadlineRow, error) {
	var rows []deadlineRow
	err := s.db.Reader(ctx).NewSelect().Model(&rows).
		Where("city_code = ? AND case_id = ?", ref.City, ref.ID).Order("due_at", "name").Scan(ctx)
	return rows, db.Fault(err)
}

// putDeadlines starts deadlines, anew where the name was used before.
func (s store) putDeadlines(ctx context.Context, rows []deadlineRow) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := s.db.Writer(ctx).NewInsert().Model(&rows).
		On("CONFLICT (city_code, case_id, name) DO UPDATE").
		Set("due_at = EXCLUDED.due_at").Set("fired_at = EXCLUDED.fired_at").Exec(ctx)
	return db.Fault(err)
}

// dropDeadlines removes the deadlines of the state that is left, but for the
// names to keep: what they did stands in the history.
func (s store) dropDeadlines(ctx context.Context, ref Ref, keep []string) error {
	q := s.db.Writer(ctx).NewDelete().Model((*deadlineRow)(nil)).
		Where("city_code = ? AND case_id = ?", ref.City, ref.ID)
	if len(keep) > 0 {
		q = q.Where("name NOT IN (?)", bun.List(keep))
	}
	_, err := q.Exec(ctx)
	return db.Fault(err)
}

// due lists deadlines that have passed and not fired, oldest first, after the
// given one. Paused cases wait.
func (s store) due(ctx context.Context, now time.Time, after deadlineRow, limit int64) ([]deadlineRow, error) {
	var rows []deadlineRow
	q := s.db.Reader(ctx).NewSelect().Model(&rows).
		Join("JOIN cases AS c ON c.city_code = d.city_code AND c.id = d.case_id").
		Where("d.fired_at IS NULL AND d.due_at <= ? AND c.paused_at IS NULL", now)
	if after.CaseID != "" {
		q = q.Where("(d.due_at, d.city_code, d.case_id, d.name) > (?, ?, ?, ?)", after.DueAt, after.CityCode, after.CaseID, after.Name)
	}
	err := q.OrderExpr("d.due_at, d.city_code, d.case_id, d.name").Limit(limit).Scan(ctx)
	return rows, db.Fault(err)
}

// take marks a deadline as fired. Only one taker gets true.
func (s store) take(ctx context.Context, d deadlineRow, now time.Time) (bool, error) {
	res, err := s.db.Writer(ctx).NewUpdate().Model((*deadlineRow)(nil)).Set("fired_at = ?", now).
		Where("city_code = ? AND case_id = ? AND name = ? AND fired_at IS NULL AND due_at <= ?", d.CityCode, d.CaseID, d.Name, now).Exec(ctx)
	if err != nil {
		return false, db.Fault(err)
	}
	n, err := res.RowsAffected()
	return n == 1, db.Fault(err)
}
