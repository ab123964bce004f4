package access

import (
	"context"
	"slices"
	"strings"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
)

// Kind says what sort of actor stands behind a request.
type Kind string

// The kinds of actors.
const (
	KindWorker Kind = "worker" // signed in by phone; may also act for a company
	KindStaff  Kind = "staff"  // union staff, signed in by password and TOTP
	KindSystem Kind = "system" // the house itself; Purpose says why
)

// PersonRef names a person's record: custody city and id.
type PersonRef struct{ City, ID string }

// Grant is a role given to an account, resolved: the unit's present path, the
// role's present capabilities. It is on a unit or on a company, never on both.
type Grant struct {
	ID          string
	Role        string
	UnitID      string
	Path        string // of the unit; empty for a company grant
	CompanyCity string
	CompanyID   string
	Caps        []Capability
}

// Actor is who acts.
type Actor struct {
	AccountID string
	Name      string
	Kind      Kind
	Person    PersonRef // the worker's own record; empty for staff and system
	Grants    []Grant
	TokenID   string       // set when a bearer token was shown instead of a session
	Purpose   string       // why, for the audit of reads; a token's purpose, or set by WithPurpose
	Narrow    []Capability // with TokenID: all that the token may be used for
}

// narrowed tells whether the actor came with a bearer token. An empty scope of a
// token means nothing, not everything.
func (a Actor) narrowed() bool { return a.TokenID != "" || a.Narrow != nil }

// effective gives the actor with its token's narrowing already applied to each
// grant; grants that are left with nothing, or that name no valid place, go.
func (a Actor) effective() Actor {
	grants := make([]Grant, 0, len(a.Grants))
	for _, g := range a.Grants {
		if a.narrowed() {
			g.Caps = intersect(g.Caps, a.Narrow)
		}
		onUnit, onCompany := ValidPath(g.Path), g.CompanyID != ""
		if len(g.Caps) > 0 && onUnit != onCompany {
			grants = append(grants, g)
		}
	}
	a.Grants = grants
	if a.narrowed() && !slices.Contains(a.Narrow, SelfUse) {
		a.Person = PersonRef{}
	}
	return a
}

// scope is the set of rows these grants open, together with the own record.
func (a Actor) scope(wanted func(Grant) bool) db.Scope {
	s := db.Scope{PersonID: a.Person.ID}
	for _, g := range a.Grants {
		switch {
		case !wanted(g):
		case g.CompanyID != "":
			s.Companies = append(s.Companies, g.CompanyID)
		default:
			s.Paths = append(s.Paths, g.Path)
		}
	}
	s.Paths = outermost(s.Paths)
	slices.Sort(s.Companies)
	s.Companies = slices.Compact(s.Companies)
	return s
}

// outermost drops repeats and paths that lie below another of the list.
func outermost(paths []string) []string {
	slices.Sort(paths)
	var out []string
	for _, p := range paths {
		if len(out) == 0 || !strings.HasPrefix(p, out[len(out)-1]) {
			out = append(out, p)
		}
	}
	return out
}

// HasRole tells whether one of the actor's grants is of the role. It is for
// choosing a home page, never for a decision.
func (a Actor) HasRole(code string) bool {
	return slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Role == code })
}

// Companies lists the company grants, for the chooser of the company face.
func (a Actor) Companies() []Grant {
	var out []Grant
	for _, g := range a.Grants {
		if g.CompanyID != "" {
			out = append(out, g)
		}
	}
	return out
}

// Units lists the unit grants, the highest unit first.
func (a Actor) Units() []Grant {
	var out []Grant
	for _, g := range a.Grants {
		if g.Path != "" {
			out = append(out, g)
		}
	}
	slices.SortStableFunc(out, func(x, y Grant) int { return len(x.Path) - len(y.Path) })
	return out
}

type actorKey struct{}

// Enter makes a the actor of ctx: it sets the row scope of every list and the
// name under which the audit log records. A token's narrowing is applied here
// once, so From, Can and the scope all see the narrowed actor.
func Enter(ctx context.Context, a Actor) context.Context {
	a = a.effective()
	if a.Kind == KindSystem {
		ctx = db.SystemScope(ctx, a.Purpose)
	} else {
		ctx = db.WithScope(ctx, a.scope(func(Grant) bool { return true }))
	}
	ctx = audit.WithActor(ctx, a.AccountID, a.Name)
	return context.WithValue(ctx, actorKey{}, a)
}

// From gives the actor of ctx. A job, whose context carries only the system
// scope given by the queue, counts as the house itself.
func From(ctx context.Context) (Actor, bool) {
	if a, ok := ctx.Value(actorKey{}).(Actor); ok {
		return a, true
	}
	if s, err := db.ScopeFrom(ctx); err == nil && s.System != "" {
		return Actor{AccountID: "system", Name: s.System, Kind: KindSystem, Purpose: s.System}, true
	}
	return Actor{}, false
}

// System makes the house itself the actor: all rows, all capabilities, for work
// that no single person is entitled to (a job, an import, the first grant of a
// new company). The reason is recorded with what is done. Where a person set
// the work going, the audit log keeps that person's name.
func System(ctx context.Context, reason string) context.Context {
	a := Actor{AccountID: "system", Name: reason, Kind: KindSystem, Purpose: reason}
	if by, ok := ctx.Value(actorKey{}).(Actor); ok {
		a.AccountID, a.Name = by.AccountID, by.Name
	}
	return Enter(ctx, a)
}

type purposeKey struct{}

// WithPurpose says why the actor reads personal data from here on; reads of
// sensitive fields record it.
func WithPurpose(ctx context.Context, purpose string) context.Context {
	return context.WithValue(ctx, purposeKey{}, purpose)
}

// Purpose gives the purpose set last, else that of the actor's token, else "".
func Purpose(ctx context.Context) string {
	if p, ok := ctx.Value(purposeKey{}).(string); ok {
		return p
	}
	a, _ := From(ctx)
	return a.Purpose
}
