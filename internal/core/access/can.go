package access

import (
	"context"
	"slices"
	"strings"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/fault"
)

// Segment is the width of one step of a unit path: 0001, 00010003 …
const Segment = 4

// ValidPath tells whether p is a unit path: one or more segments of digits and
// upper-case letters. Because all segments are equally wide, one valid path is
// a text prefix of another exactly when it is the same unit or stands above it.
func ValidPath(p string) bool {
	if p == "" || len(p)%Segment != 0 {
		return false
	}
	for i := range len(p) {
		if c := p[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

func covers(grant, path string) bool {
	return ValidPath(grant) && ValidPath(path) && strings.HasPrefix(path, grant)
}

// Can tells whether the actor of ctx may do c to something that hangs at path.
// Without an actor nothing may be done.
func Can(ctx context.Context, c Capability, path string) bool {
	a, ok := From(ctx)
	if !ok || !Known(c) {
		return false
	}
	if a.Kind == KindSystem {
		return true
	}
	return slices.ContainsFunc(a.Grants, func(g Grant) bool {
		return g.CompanyID == "" && slices.Contains(g.Caps, c) && covers(g.Path, path)
	})
}

// CanCompany tells whether the actor of ctx acts for the company with c.
func CanCompany(ctx context.Context, c Capability, companyID string) bool {
	a, ok := From(ctx)
	if !ok || !Known(c) {
		return false
	}
	if a.Kind == KindSystem {
		return true
	}
	return companyID != "" && slices.ContainsFunc(a.Grants, func(g Grant) bool {
		return g.CompanyID == companyID && slices.Contains(g.Caps, c)
	})
}

// CanAnywhere tells whether the actor has c at all: whether a menu shows the
// page. It decides nothing about a record.
func CanAnywhere(ctx context.Context, c Capability) bool {
	a, ok := From(ctx)
	if !ok || !Known(c) {
		return false
	}
	if a.Kind == KindSystem || c == SelfUse && a.Person.ID != "" {
		return true
	}
	return slices.ContainsFunc(a.Grants, func(g Grant) bool { return slices.Contains(g.Caps, c) })
}

// Held lists every capability the actor has somewhere, in the order of All.
func Held(ctx context.Context) []Capability {
	var out []Capability
	for _, c := range All() {
		if CanAnywhere(ctx, c) {
			out = append(out, c)
		}
	}
	return out
}

// Self gives the person the actor may act for as himself or herself.
func Self(ctx context.Context) (PersonRef, bool) {
	a, ok := From(ctx)
	return a.Person, ok && a.Person.ID != ""
}

// Require is Can as a fault: Unauthenticated "access.sign_in" without an actor,
// Forbidden "access.denied" otherwise.
func Require(ctx context.Context, c Capability, path string) error {
	return require(ctx, Can(ctx, c, path), c)
}

// RequireCompany is CanCompany as a fault, like Require.
func RequireCompany(ctx context.Context, c Capability, companyID string) error {
	return require(ctx, CanCompany(ctx, c, companyID), c)
}

// RequireAnywhere is CanAnywhere as a fault, like Require.
func RequireAnywhere(ctx context.Context, c Capability) error {
	return require(ctx, CanAnywhere(ctx, c), c)
}

// RequireSelf gives the actor's own person, or a fault like Require.
func RequireSelf(ctx context.Context) (PersonRef, error) {
	p, ok := Self(ctx)
	return p, require(ctx, ok, SelfUse)
}

func require(ctx context.Context, ok bool, c Capability) error {
	if ok {
		return nil
	}
	if _, in := From(ctx); !in {
		return fault.New(fault.Unauthenticated, "access.sign_in")
	}
	return fault.New(fault.Forbidden, "access.denied", fault.With("Capability", string(c)))
}

// For narrows the scope of ctx to the rows that the actor may see *by virtue of
// c*, or of one of the others: a clerk of one county who also reads the figures of
// the whole city lists the cases of the county only. It gives the fault of Require
// when the actor has none of them anywhere. The own record stays open only for SelfUse.
func For(ctx context.Context, c Capability, or ...Capability) (context.Context, error) {
	wanted := append([]Capability{c}, or...)
	if err := require(ctx, slices.ContainsFunc(wanted, func(c Capability) bool { return CanAnywhere(ctx, c) }), c); err != nil {
		return nil, err
	}
	a, _ := From(ctx)
	if a.Kind == KindSystem {
		return ctx, nil
	}
	s := a.scope(func(g Grant) bool { return len(intersect(g.Caps, wanted)) > 0 })
	if !slices.Contains(wanted, SelfUse) {
		s.PersonID = ""
	}
	return db.WithScope(ctx, s), nil
}
