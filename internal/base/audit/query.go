package audit

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/page"
)

// ListForPerson lists every use of a person's data, newest first. A worker sees
// the uses of their own data and nobody else's; staff see a person's whose
// record they may see, which the caller (core/person) has checked.
func (l *Log) ListForPerson(ctx context.Context, personID string, req page.Request) (page.Page[Stored], error) {
	return l.list(ctx, "audit/person", req, func(q *bun.SelectQuery, s db.Scope) *bun.SelectQuery {
		if s.System == "" && len(s.Paths) == 0 && s.PersonID != personID {
			q = q.Where("1 = 0")
		}
		return q.Where("a.person_id = ?", personID)
	})
}

// ListForSubject lists what was done to one record, newest first, for those who
// work with it: without a unit or the house itself in the scope it is empty.
func (l *Log) ListForSubject(ctx context.Context, city, subjectID string, req page.Request) (page.Page[Stored], error) {
	return l.list(ctx, "audit/subject", req, func(q *bun.SelectQuery, s db.Scope) *bun.SelectQuery {
		if s.System == "" && len(s.Paths) == 0 {
			q = q.Where("1 = 0")
		}
		return q.Where("a.subject_id = ?", subjectID).Where("a.city_code = ?", city)
	})
}

// Filter narrows a reading of the log; empty fields ask for nothing.
type Filter struct {
	From, To    time.Time // from From on, before To
	ActorID     string    // an account, or "system"
	Action      Action
	SubjectKind string
	SubjectID   string
}

// List lists the entries of the units in the scope, newest first. Who may read the
// log, and that it was read, is the caller's to check and to record
// (core/inspection). Faults: access.no_scope, page.cursor.
func (l *Log) List(ctx context.Context, f Filter, req page.Request) (page.Page[Stored], error) {
	return l.list(ctx, "audit/log", req, func(q *bun.SelectQuery, _ db.Scope) *bun.SelectQuery { return f.where(ctx, q) })
}

// MoreThan tells whether List would give more than n entries. Faults as in List.
func (l *Log) MoreThan(ctx context.Context, f Filter, n int) (bool, error) {
	if _, err := db.ScopeFrom(ctx); err != nil {
		return false, err
	}
	q := f.where(ctx, l.db.Reader(ctx).NewSelect().Model((*row)(nil)).ColumnExpr("1")).OrderExpr("a.at DESC, a.id DESC").Offset(int64(n)).Limit(1)
	more, err := q.Exists(ctx)
	return more, db.Fault(err)
}

// where writes the condition; the caller has seen that there is a scope.
func (f Filter) where(ctx context.Context, q *bun.SelectQuery) *bun.SelectQuery {
	q, _ = db.Scoped(ctx, q, db.Columns{Path: "a.org_path"})
	if !f.From.IsZero() {
		q = q.Where("a.at >= ?", f.From.UTC())
	}
	if !f.To.IsZero() {
		q = q.Where("a.at < ?", f.To.UTC())
	}
	for _, c := range []struct{ column, value string }{
		{"a.actor_id", f.ActorID}, {"a.action", string(f.Action)}, {"a.subject_kind", f.SubjectKind}, {"a.subject_id", f.SubjectID},
	} {
		if c.value != "" {
			q = q.Where("? = ?", bun.Ident(c.column), c.value)
		}
	}
	return q
}

// Find gives one entry, whoever asks: for the rooms that wrote it.
func (l *Log) Find(ctx context.Context, city, entryID string) (Stored, bool, error) {
	var rows []row
	err := l.db.Reader(ctx).NewSelect().Model(&rows).Where("a.city_code = ?", city).Where("a.id = ?", entryID).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return Stored{}, false, db.Fault(err)
	}
	return rows[0].stored(), true, nil
}

func (l *Log) list(ctx context.Context, name string, req page.Request,
	filter func(*bun.SelectQuery, db.Scope) *bun.SelectQuery,
) (page.Page[Stored], error) {
	var none page.Page[Stored]
	scope, err := db.ScopeFrom(ctx)
	if err != nil {
		return none, err
	}
	var rows []row
	q := filter(l.db.Reader(ctx).NewSelect().Model(&rows), scope).
		OrderExpr("a.at DESC, a.id DESC").Limit(int64(req.Size()) + 1)
	var at time.Time
	var last string
	if ok, err := req.After.Decode(name, &at, &last); err != nil {
		return none, err
	} else if ok {
		q = q.Where("(a.at < ? OR (a.at = ? AND a.id < ?))", at.UTC(), at.UTC(), last)
	}
	if err := q.Scan(ctx); err != nil {
		return none, db.Fault(err)
	}
	p := page.Cut(rows, req.Size(), func(r row) page.Cursor { return page.Encode(name, r.At.UTC(), r.ID) })
	return page.Map(p, func(r row) Stored { return r.stored() }), nil
}
