package casework

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
)

// The queue has two indexes. cases_due_idx gives the order of the deadlines and
// is right for whoever sees most of what it passes: the province. For everyone
// else cases_queue_idx gives the rows of the unit alone, which are then sorted.
// SQLite cannot know which is better, so wide says it.

// wide tells whether the condition reaches the whole province.
func (w wanted) wide() bool {
	if len(w.unit) > access.Segment {
		return false
	}
	for _, r := range w.reach {
		if len(r.path) <= access.Segment {
			return true
		}
	}
	return w.all
}

// path is how the condition names the column org_path: as part of an expression
// it is out of reach of cases_queue_idx.
func (w wanted) path() string {
	if w.wide() {
		return "(c.org_path || '')"
	}
	return "c.org_path"
}

// where writes the condition of the queue.
func (w wanted) where(q *bun.SelectQuery) *bun.SelectQuery {
	q = q.Where("c.waiting_for = ?", Desk)
	path := bun.Safe(w.path())
	if !w.all {
		q = q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			for _, r := range w.reach {
				from, to := db.Subtree(r.path)
				q = q.WhereOr("(? >= ? AND ? < ? AND c.capability IN (?))", path, from, path, to, bun.List(r.caps))
			}
			if len(w.reach) == 0 {
				q = q.Where("1 = 0")
			}
			return q
		})
	}
	if w.unit != "" {
		from, to := db.Subtree(w.unit)
		q = q.Where("? >= ? AND ? < ?", path, from, path, to)
	}
	if len(w.kinds) > 0 {
		q = q.Where("c.kind IN (?)", bun.List(w.kinds))
	}
	if w.overdue {
		q = q.Where("c.due_at <= ?", w.now)
	}
	if w.text != "" {
		like := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(w.text)
		q = q.Where(`(c.title LIKE ? ESCAPE '\' OR c.number LIKE ? ESCAPE '\')`, "%"+like+"%", strings.ToUpper(like)+"%")
	}
	return q
}

// queue reads one page along the deadlines. It sorts index entries and fetches
// only the rows of the page.
func (s store) queue(ctx context.Context, w wanted, limit int) ([]caseRow, error) {
	var rows []caseRow
	r := s.db.Reader(ctx)
	keys := w.where(r.NewSelect().Model((*caseRow)(nil))).Column("city_code", "id")
	if w.idAfter != "" {
		keys = keys.Where("(c.due_at, c.id) > (?, ?)", w.dueAfter, w.idAfter)
	}
	keys = keys.OrderExpr("c.due_at, c.id").Limit(int64(limit))
	err := r.NewSelect().Model(&rows).With("keys", keys).
		Join("JOIN keys AS k ON k.city_code = c.city_code AND k.id = c.id").
		OrderExpr("c.due_at, c.id").Scan(ctx)
	return rows, db.Fault(err)
}

// counts counts by kind, exactly: for a unit below the province.
func (s store) counts(ctx context.Context, w wanted) ([]KindCount, error) {
	var counts []KindCount
	err := w.where(s.db.Reader(ctx).NewSelect().Model((*caseRow)(nil))).
		ColumnExpr("c.kind AS kind, COUNT(*) AS waiting").
		ColumnExpr("COUNT(CASE WHEN c.due_at <= ? THEN 1 END) AS overdue", w.now).
		GroupExpr("c.kind").Scan(ctx, &counts)
	return counts, db.Fault(err)
}

// countsUpTo counts each kind up to a limit: for the whole province, where an
// exact count would read every waiting case. states are those in which cases of
// a kind wait for the desk.
func (s store) countsUpTo(ctx context.Context, w wanted, order []string, states map[string][]string, limit int) ([]KindCount, error) {
	r := s.db.Reader(ctx)
	var union *bun.SelectQuery
	for _, kind := range order {
		if len(states[kind]) == 0 {
			continue
		}
		some := w.where(r.NewSelect().Model((*caseRow)(nil))).ColumnExpr("1").
			Where("c.kind = ? AND c.state IN (?)", kind, bun.List(states[kind])).Limit(int64(limit))
		late := w.where(r.NewSelect().Model((*caseRow)(nil))).ColumnExpr("1").
			Where("c.kind = ? AND c.due_at <= ?", kind, w.now).Limit(int64(limit))
		q := r.NewSelect().ColumnExpr("? AS kind", kind).
			ColumnExpr("(SELECT COUNT(*) FROM (?) AS a) AS waiting", some).
			ColumnExpr("(SELECT COUNT(*) FROM (?) AS b) AS overdue", late)
		if union == nil {
			union = q
		} else {
			union = union.UnionAll(q)
		}
	}
	var counts []KindCount
	if union == nil {
		return counts, nil
	}
	err := union.Scan(ctx, &counts)
	return counts, db.Fault(err)
}
