package db

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"
	"gonghui/internal/kit/fault"
)

// Scope is the set of rows the person behind a request may see. It is set once
// at the edge, by access.Enter, and read by every list. The parts are joined
// with "or": a clerk sees the subtrees of the units granted, a worker the rows
// about himself, a company its own rows.
type Scope struct {
	Paths     []string // subtrees: org_path prefixes
	PersonID  string   // rows about this person
	Companies []string // rows of these companies
	System    string   // the reason why work of the house itself sees all; audited by the caller
}

type scopeKey struct{}

// WithScope puts a scope into the context, in place of any other.
func WithScope(ctx context.Context, s Scope) context.Context {
	return context.WithValue(ctx, scopeKey{}, s)
}

// SystemScope is the scope of the house's own work: jobs, imports from the
// command line, verification. The reason says which.
func SystemScope(ctx context.Context, reason string) context.Context {
	return WithScope(ctx, Scope{System: reason})
}

// ScopeFrom reads the scope. Without one it is a fault: refuse, never "all".
func ScopeFrom(ctx context.Context) (Scope, error) {
	s, ok := ctx.Value(scopeKey{}).(Scope)
	if !ok {
		return Scope{}, fault.New(fault.Forbidden, "access.no_scope")
	}
	return s, nil
}

// Covers tells whether a row with this path lies in one of the scope's subtrees.
func (s Scope) Covers(path string) bool {
	if s.System != "" {
		return true
	}
	for _, p := range s.Paths {
		if p != "" && strings.HasPrefix(path, p) {
			return true
		}
	}
	return false
}

// Columns says which columns of a query carry the scope. An empty name means
// that the table has no such column, so that part of the scope opens nothing.
type Columns struct{ Path, Person, Company string }

// Scoped adds the scope in ctx to a query. A subtree is one half-open index
// range. A scope that opens nothing gives no rows; no scope at all is a fault.
func Scoped(ctx context.Context, q *bun.SelectQuery, c Columns) (*bun.SelectQuery, error) {
	s, err := ScopeFrom(ctx)
	if err != nil {
		return nil, err
	}
	if s.System != "" {
		return q, nil
	}
	return q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		open := false
		if c.Path != "" {
			for _, p := range s.Paths {
				if p == "" {
					continue // an empty path would be all rows
				}
				from, to := Subtree(p)
				q = q.WhereOr("(? >= ? AND ? < ?)", bun.Ident(c.Path), from, bun.Ident(c.Path), to)
				open = true
			}
		}
		if c.Person != "" && s.PersonID != "" {
			q = q.WhereOr("? = ?", bun.Ident(c.Person), s.PersonID)
			open = true
		}
		// An empty company id would match the rows that have none.
		if mine := slices.DeleteFunc(slices.Clone(s.Companies), func(id string) bool { return id == "" }); c.Company != "" && len(mine) > 0 {
			q = q.WhereOr("? IN (?)", bun.Ident(c.Company), bun.List(mine))
			open = true
		}
		if !open {
			q = q.Where("1 = 0")
		}
		return q
	}), nil
}

// Subtree gives the half-open range of paths at and below a unit's path. Path
// segments use digits and upper-case letters only, so "~" lies behind them all.
func Subtree(path string) (from, to string) { return path, path + "~" }
