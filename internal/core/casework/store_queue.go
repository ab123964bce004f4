package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
)

// The queue is read in arms. An arm is what waits at and below one unit, of one
// kind, for one capability: one stretch of an index in which the nearest deadline
// stands first. So a page costs the same for the province and for a county, however
// much waits: the beginnings of the arms, merged. cases_desk_idx serves the
// province, cases_desk_city_idx and cases_desk_county_idx the units below.
type arm struct{ path, kind, capability string }

// armsAtOnce is how many arms one statement reads.
const armsAtOnce = 100

// level is how many characters of a unit's path its index has: those of the
// city's, else of the county's. 0 is the province's.
func level(path string) int {
	switch {
	case path == "" || path == access.Root:
		return 0
	case len(path) <= 2*access.Segment:
		return 2 * access.Segment
	default:
		return 3 * access.Segment
	}
}

// head names the part of org_path that an index has.
func head(level int) bun.Safe { return bun.Safe(fmt.Sprintf("substr(c.org_path, 1, %d)", level)) }

// where narrows a query to the arm and to the filter's other wishes.
func (a arm) where(q *bun.SelectQuery, w wanted) *bun.SelectQuery {
	q = q.Where("c.waiting_for = ? AND c.kind = ? AND c.capability = ?", Desk, a.kind, a.capability)
	if n := level(a.path); n > 0 {
		q = q.Where("? = ?", head(n), a.path[:min(n, len(a.path))])
		if len(a.path) > n {
			from, to := db.Subtree(a.path)
			q = q.Where("c.org_path >= ? AND c.org_path < ?", from, to)
		}
	}
	if w.overdue {
		q = q.Where("c.due_at <= ?", w.now)
	}
	if w.text != "" {
		q = q.Where(`(c.title LIKE ? ESCAPE '\' OR c.number LIKE ? ESCAPE '\')`, db.Contains(w.text), db.Begins(strings.ToUpper(w.text)))
	}
	return q
}

// union joins what one makes of each arm.
func union(arms []arm, one func(arm) *bun.SelectQuery) *bun.SelectQuery {
	q := one(arms[0])
	for _, a := range arms[1:] {
		q = q.UnionAll(one(a))
	}
	return q
}

// queue reads one page along the deadlines: index entries first, then the rows
// of the page alone.
func (s store) queue(ctx context.Context, w wanted, limit int) ([]caseRow, error) {
	var all []caseRow
	r := s.db.Reader(ctx)
	for arms := range slices.Chunk(w.arms, armsAtOnce) {
		var rows []caseRow
		keys := union(arms, func(a arm) *bun.SelectQuery {
			q := a.where(r.NewSelect().Model((*caseRow)(nil)), w).Column("c.due_at", "c.id", "c.city_code")
			if w.idAfter != "" {
				q = q.Where("(c.due_at, c.id) > (?, ?)", w.dueAfter, w.idAfter)
			}
			return r.NewSelect().ColumnExpr("a.*").TableExpr("(?) AS a", q.OrderExpr("c.due_at, c.id").Limit(int64(limit)))
		})
		first := r.NewSelect().ColumnExpr("u.*").TableExpr("(?) AS u", keys).OrderExpr("u.due_at, u.id").Limit(int64(limit))
		err := r.NewSelect().Model(&rows).With("keys", first).
			Join("JOIN keys AS k ON k.city_code = c.city_code AND k.id = c.id").
			OrderExpr("c.due_at, c.id").Scan(ctx)
		if err != nil {
			return nil, db.Fault(err)
		}
		all = append(all, rows...)
	}
	if len(w.arms) > armsAtOnce {
		slices.SortFunc(all, func(a, b caseRow) int {
			if c := a.DueAt.Compare(b.DueAt); c != 0 {
				return c
			}
			return strings.Compare(a.ID, b.ID)
		})
		all = all[:min(limit, len(all))]
	}
	return all, nil
}

// armCount is what waits in one arm, by its place in the list.
type armCount struct{ Arm, Waiting, Overdue int }

// counts counts each arm, up to a limit if there is one. Within an arm the overdue
// come first, so one look gives both numbers.
func (s store) counts(ctx context.Context, w wanted, limit int) ([]armCount, error) {
	var all []armCount
	r := s.db.Reader(ctx)
	for arms := range slices.Chunk(w.arms, armsAtOnce) {
		var counts []armCount
		n := len(all)
		err := union(arms, func(a arm) *bun.SelectQuery {
			q := a.where(r.NewSelect().Model((*caseRow)(nil)), w).Column("c.due_at")
			if limit > 0 {
				q = q.OrderExpr("c.due_at").Limit(int64(limit))
			}
			n++
			return r.NewSelect().ColumnExpr("? AS arm", n-1).ColumnExpr("COUNT(*) AS waiting").
				ColumnExpr("COUNT(CASE WHEN a.due_at <= ? THEN 1 END) AS overdue", w.now).TableExpr("(?) AS a", q)
		}).Scan(ctx, &counts)
		if err != nil {
			return nil, db.Fault(err)
		}
		all = append(all, counts...)
	}
	return all, nil
}
