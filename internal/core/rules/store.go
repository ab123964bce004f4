package rules

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/core/casework"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
)

// store is the SQL of the room.
type store struct{ db *db.DB }

// versionSetting counts the approvals: each one makes a new version of the book.
const versionSetting = "rules.version"

type editionRow struct {
	bun.BaseModel `bun:"table:rule_editions,alias:re"`
	Digest        string `bun:",pk"`
	Body          string
	CreatedAt     time.Time
}

type entryRow struct {
	bun.BaseModel `bun:"table:rule_entries,alias:e"`
	ID            string `bun:",pk"`
	Param         string
	Place         string
	ValidFrom     clock.Day
	ValidTo       clock.Day
	Value         string
	Citation      string
	Basis         string
	SinceSeq      int64
	UntilSeq      int64 // 0 = still
	ChangeCity    string
	ChangeID      string
	ApprovedBy    string
	ApprovedAt    time.Time
}

func (r entryRow) entry(d Definition) Entry {
	v, err := d.Parse([]byte(r.Value))
	return Entry{
		ID: r.ID, Key: r.Param, Place: r.Place, From: r.ValidFrom, To: r.ValidTo, Value: v, Citation: r.Citation, Basis: Basis(r.Basis),
		Seq: r.SinceSeq, Change: casework.Ref{City: r.ChangeCity, ID: r.ChangeID}, By: r.ApprovedBy, At: r.ApprovedAt.UTC(), broken: err != nil,
	}
}

// seq is the number of the last approval; 0 before the first.
func (s store) seq(ctx context.Context) (int64, error) {
	text, ok, err := s.db.Setting(ctx, versionSetting)
	if err != nil || !ok {
		return 0, err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fault.New(fault.Internal, "internal", fault.Because(fmt.Errorf("setting %s: %w", versionSetting, err)))
	}
	return n, nil
}

// next counts one approval. Writing the row first makes it the lock on which
// approvals queue, so that the second of two sees what the first decided.
func (s store) next(ctx context.Context, now time.Time) (int64, error) {
	_, err := s.db.Writer(ctx).NewRaw(
		`INSERT INTO settings (name, value, updated_at) VALUES (?, '0', ?) ON CONFLICT (name) DO UPDATE SET updated_at = EXCLUDED.updated_at`,
		versionSetting, now).Exec(ctx)
	if err != nil {
		return 0, db.Fault(err)
	}
	n, err := s.seq(ctx)
	if err != nil {
		return 0, err
	}
	res, err := s.db.Writer(ctx).NewUpdate().Table("settings").Set("value = ?", strconv.FormatInt(n+1, 10)).
		Where("name = ? AND value = ?", versionSetting, strconv.FormatInt(n, 10)).Exec(ctx)
	return n + 1, db.Affected(res, err, ErrMovedOn)
}

func (s store) keepEdition(ctx context.Context, digest, body string, now time.Time) error {
	have, err := s.db.Reader(ctx).NewSelect().Model((*editionRow)(nil)).Where("digest = ?", digest).Exists(ctx)
	if err != nil || have {
		return db.Fault(err)
	}
	_, err = s.db.Writer(ctx).NewInsert().Model(&editionRow{Digest: digest, Body: body, CreatedAt: now}).On("CONFLICT (digest) DO NOTHING").Exec(ctx)
	return db.Fault(err)
}

// edition finds the edition whose digest begins so.
func (s store) edition(ctx context.Context, prefix string) (digest, body string, err error) {
	var row editionRow
	err = s.db.Reader(ctx).NewSelect().Model(&row).Where("digest >= ? AND digest < ?", prefix, prefix+"~").Limit(1).Scan(ctx)
	return row.Digest, row.Body, db.Fault(err)
}

// entriesAt lists the decided entries of a version.
func (s store) entriesAt(ctx context.Context, seq int64) ([]entryRow, error) {
	var rows []entryRow
	err := s.db.Reader(ctx).NewSelect().Model(&rows).
		Where("since_seq <= ? AND (until_seq = 0 OR until_seq > ?)", seq, seq).Order("since_seq", "id").Scan(ctx)
	return rows, db.Fault(err)
}

func (s store) addEntry(ctx context.Context, r entryRow) error {
	_, err := s.db.Writer(ctx).NewInsert().Model(&r).Exec(ctx)
	return db.Fault(err)
}

// closeEntry ends an entry with a version.
func (s store) closeEntry(ctx context.Context, id string, seq int64) error {
	res, err := s.db.Writer(ctx).NewUpdate().Model((*entryRow)(nil)).Set("until_seq = ?", seq).Where("id = ? AND until_seq = 0", id).Exec(ctx)
	return db.Affected(res, err, ErrReplaced)
}

// parseEdition reads an older program's shipped entries under this program's
// definitions.
func (s *Service) parseEdition(body string) ([]Entry, error) {
	var in []shippedEntry
	if err := json.Unmarshal([]byte(body), &in); err != nil {
		return nil, fault.New(fault.Internal, "internal", fault.Because(fmt.Errorf("rule edition: %w", err)))
	}
	var out []Entry
	for _, x := range in {
		d, ok := s.byKey[x.Key]
		if !ok {
			continue
		}
		e, err := x.entry(d)
		if err != nil {
			e = Entry{Key: x.Key, Place: x.Place, From: x.From, To: x.To, Citation: x.Citation, Basis: x.Basis, broken: true}
		}
		out = append(out, e)
	}
	return out, nil
}

type decisionRow struct {
	bun.BaseModel `bun:"table:rule_decisions,alias:d"`
	CityCode      string `bun:",pk"`
	ID            string `bun:",pk"`
	OrgPath       string
	Rule          string
	Edition       int
	SubjectKind   string
	SubjectID     string
	PersonID      string
	CompanyID     string
	Place         string
	OnDay         clock.Day
	BookVersion   string
	Facts         string
	FactsEnc      []byte
	Used          string
	Result        string
	AmountFen     int64
	DecidedBy     string
	DecidedAt     time.Time
}

func (s store) addDecision(ctx context.Context, r decisionRow) error {
	_, err := s.db.Writer(ctx).NewInsert().Model(&r).Exec(ctx)
	return db.Fault(err)
}

func (s store) decision(ctx context.Context, city, id string) (decisionRow, error) {
	var row decisionRow
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&row).Where("city_code = ? AND id = ?", city, id), scopeColumns)
	if err != nil {
		return row, err
	}
	err = db.Fault(q.Scan(ctx))
	if fault.IsKind(err, fault.NotFound) {
		return row, ErrNotFound
	}
	return row, err
}

// decisionsWith lists the latest decisions at and below a unit that read a
// parameter. What a decision read is JSON, opaque to SQL, so it is looked for as
// text: a key is unique in its quotes.
func (s store) decisionsWith(ctx context.Context, key, path string, limit int) ([]decisionRow, error) {
	var rows []decisionRow
	from, to := db.Subtree(path)
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&rows).
		Where("org_path >= ? AND org_path < ?", from, to).Where("used LIKE ?", `%"key":"`+key+`"%`).
		OrderExpr("decided_at DESC, id DESC").Limit(int64(limit)), scopeColumns)
	if err != nil {
		return nil, err
	}
	if err := q.Scan(ctx); err != nil {
		return nil, db.Fault(err)
	}
	// LIKE takes the _ of a key for any letter.
	return slices.DeleteFunc(rows, func(r decisionRow) bool { return !strings.Contains(r.Used, `"key":"`+key+`"`) }), nil
}

type changeRow struct {
	bun.BaseModel `bun:"table:rule_changes,alias:c"`
	CityCode      string `bun:",pk"`
	ID            string `bun:",pk"`
	Number        string
	OrgPath       string
	Param         string
	Place         string
	ValidFrom     clock.Day
	ValidTo       clock.Day
	Value         string
	Citation      string
	Basis         string
	Reason        string
	Replaces      string
	State         string
	Trial         string
	TriedAt       time.Time `bun:",nullzero"`
	EditNo        int
	EditedBy      string
	EditedName    string
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

func (r changeRow) model() (Change, error) {
	c := Change{
		City: r.CityCode, ID: r.ID, Number: r.Number, OrgPath: r.OrgPath, Key: r.Param, Place: r.Place, From: r.ValidFrom, To: r.ValidTo,
		Value: r.Value, Citation: r.Citation, Basis: Basis(r.Basis), Reason: r.Reason, Replaces: r.Replaces, State: r.State, TriedAt: r.TriedAt.UTC(),
		EditedBy: r.EditedBy, EditedName: r.EditedName, CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(), editNo: r.EditNo,
	}
	if r.TriedAt.IsZero() {
		c.TriedAt = time.Time{}
	}
	if r.Trial != "" {
		if err := json.Unmarshal([]byte(r.Trial), &c.Trials); err != nil {
			return c, fault.New(fault.Internal, "internal", fault.Because(fmt.Errorf("trial of change %s: %w", r.ID, err)))
		}
	}
	return c, nil
}

func rowOf(c Change) (changeRow, error) {
	r := changeRow{
		CityCode: c.City, ID: c.ID, Number: c.Number, OrgPath: c.OrgPath, Param: c.Key, Place: c.Place, ValidFrom: c.From, ValidTo: c.To,
		Value: c.Value, Citation: c.Citation, Basis: string(c.Basis), Reason: c.Reason, Replaces: c.Replaces, State: c.State, TriedAt: c.TriedAt,
		EditNo: c.editNo, EditedBy: c.EditedBy, EditedName: c.EditedName, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
	if c.Trials != nil {
		text, err := json.Marshal(c.Trials)
		if err != nil {
			return r, fault.New(fault.Internal, "internal", fault.Because(err))
		}
		r.Trial = string(text)
	}
	return r, nil
}

func (s store) addChange(ctx context.Context, r changeRow) error {
	_, err := s.db.Writer(ctx).NewInsert().Model(&r).Exec(ctx)
	return db.Fault(err)
}

func (s store) putChange(ctx context.Context, r changeRow) error {
	res, err := s.db.Writer(ctx).NewUpdate().Model(&r).WherePK().Exec(ctx)
	return db.Affected(res, err, ErrNotFound)
}

// putTrial keeps what was found, if the change still stands as it was tried.
func (s store) putTrial(ctx context.Context, ref casework.Ref, editNo int, text string, now time.Time) error {
	res, err := s.db.Writer(ctx).NewUpdate().Model((*changeRow)(nil)).Set("trial = ?", text).Set("tried_at = ?", now).
		Where("city_code = ? AND id = ? AND edit_no = ?", ref.City, ref.ID, editNo).Exec(ctx)
	return db.Affected(res, err, ErrMovedOn)
}

func (s store) change(ctx context.Context, ref casework.Ref) (changeRow, error) {
	var row changeRow
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&row).Where("city_code = ? AND id = ?", ref.City, ref.ID), changeColumns)
	if err != nil {
		return row, err
	}
	err = db.Fault(q.Scan(ctx))
	if fault.IsKind(err, fault.NotFound) {
		return row, ErrNotFound
	}
	return row, err
}

func (s store) changesOf(ctx context.Context, refs []casework.Ref) (map[casework.Ref]Change, error) {
	out := make(map[casework.Ref]Change, len(refs))
	if len(refs) == 0 {
		return out, nil
	}
	ids := make([]string, len(refs))
	for i, r := range refs {
		ids[i] = r.ID
	}
	var rows []changeRow
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&rows).Where("id IN (?)", bun.List(ids)), changeColumns)
	if err != nil {
		return nil, err
	}
	if err := q.Scan(ctx); err != nil {
		return nil, db.Fault(err)
	}
	for _, r := range rows {
		c, err := r.model()
		if err != nil {
			return nil, err
		}
		out[c.Ref()] = c
	}
	return out, nil
}

func (s store) changes(ctx context.Context, key string, open bool, req page.Request) (page.Page[Change], error) {
	const name = "rules/changes"
	var rows []changeRow
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&rows), changeColumns)
	if err != nil {
		return page.Page[Change]{}, err
	}
	if key != "" {
		q = q.Where("param = ?", key)
	}
	if open {
		q = q.Where("state IN ('draft', 'submitted', 'returned')")
	}
	var at time.Time
	var id string
	if more, err := req.After.Decode(name, &at, &id); err != nil {
		return page.Page[Change]{}, err
	} else if more {
		q = q.Where("(created_at < ? OR created_at = ? AND id < ?)", at, at, id)
	}
	if err := q.OrderExpr("created_at DESC, id DESC").Limit(int64(req.Size()) + 1).Scan(ctx); err != nil {
		return page.Page[Change]{}, db.Fault(err)
	}
	out := make([]Change, 0, len(rows))
	for _, r := range rows {
		c, err := r.model()
		if err != nil {
			return page.Page[Change]{}, err
		}
		out = append(out, c)
	}
	return page.Cut(out, req.Size(), func(c Change) page.Cursor { return page.Encode(name, c.CreatedAt, c.ID) }), nil
}
