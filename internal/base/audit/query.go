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
