package dues

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/hanzi"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/page"
)

// Side is one of the two that sign a file off.
type Side string

// The sides.
const (
	UnionSide Side = "union"
	TaxSide   Side = "tax"
)

// right is what a side needs to sign.
func (s Side) right() access.Capability {
	if s == TaxSide {
		return access.DuesTax
	}
	return access.DuesCollect
}

// signedBy is what the log says of a signature.
var signedBy = map[Side]audit.Action{UnionSide: "dues.file_signed_union", TaxSide: "dues.file_signed_tax"}

// SignFile signs a file for one side. When both have, it is frozen. The two sides
// are two people. Open breaks stop no signature: lines in break stay out of every
// refund until they are cleared. Faults: access.denied, not_found dues.no_file,
// conflict dues.same_signer, dues.no_receipts (nothing
// to hold it against), casework.moved_on.
func (s *Service) SignFile(ctx context.Context, city, fileID string, side Side, version int) (File, error) {
	var f File
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		var err error
		if f, err = s.GetFile(ctx, city, fileID); err != nil {
			return err
		}
		if err := access.Require(ctx, side.right(), f.OrgPath); err != nil {
			return err
		}
		if f.State != FileTaken || f.Version != version {
			return casework.ErrMovedOn
		}
		actor, _ := access.From(ctx)
		mine, at, other := &f.UnionBy, &f.UnionAt, &f.TaxBy
		if side == TaxSide {
			mine, at, other = &f.TaxBy, &f.TaxAt, &f.UnionBy
		}
		if *mine != "" {
			return casework.ErrMovedOn
		}
		if *other == actor.AccountID {
			return fault.New(fault.Conflict, "dues.same_signer")
		}
		*mine, *at = actor.AccountID, s.Clock.Now()
		if f.UnionBy != "" && f.TaxBy != "" {
			if err := s.freeze(ctx, &f); err != nil {
				return err
			}
			f.State = FileSigned
		}
		if err := s.store.moveFile(ctx, &f, FileTaken); err != nil {
			return err
		}
		return s.record(ctx, f, signedBy[side])
	})
	return f, err
}

// BreakState is where a break stands.
type BreakState string

// The states of a break.
const (
	BreakOpen       BreakState = "open"
	BreakCleared    BreakState = "cleared"
	BreakWrittenOff BreakState = "written_off"
)

// OpenBreak is a break in the ledger, with its age.
type OpenBreak struct {
	Break
	CityCode string
	ID       string
	FileID   string
	State    BreakState
	OpenedOn clock.Day
	DueOn    clock.Day
	Name     string // of the company, as the tax office wrote it; empty where no line stands
	Note     string // the union's
	Version  int
	Hidden   bool // what reached the union's account is none of the tax office's business
}

// forTax leaves out what is the union's own: how a break was cleared up, and how
// much reached its account.
func (b OpenBreak) forTax() OpenBreak {
	b.Note = ""
	if b.Kind == UnionOnly || b.Kind == AmountDiffers {
		b.Difference, b.Hidden = 0, true
	}
	return b
}

// BreakFilter narrows a list of breaks.
type BreakFilter struct {
	Unit    string // id of a unit: its part of the tree; empty = the whole scope
	FileID  string
	State   BreakState
	Kind    BreakKind
	Overdue bool   // only those whose time to be cleared is over
	Text    string // a voucher or a credit code
}

// breakFilter is a BreakFilter with what the store cannot know.
type breakFilter struct {
	BreakFilter
	path  string
	today clock.Day
}

// breakFilter checks a filter. Faults: invalid casework.filter, not_found org.no_unit.
func (s *Service) breakFilter(f BreakFilter) (breakFilter, error) {
	out := breakFilter{BreakFilter: f, today: clock.Today(s.Clock)}
	out.Text = strings.ToUpper(strings.TrimSpace(hanzi.Fold(f.Text)))
	switch {
	case f.Kind != "" && !slices.Contains(BreakKinds, f.Kind):
		return out, fault.New(fault.Invalid, "casework.filter", fault.OnField("kind", "choice"))
	case f.State != "" && f.State != BreakOpen && f.State != BreakCleared && f.State != BreakWrittenOff:
		return out, fault.New(fault.Invalid, "casework.filter", fault.OnField("state", "choice"))
	case !db.Possible(f.Text, f.FileID):
		return out, fault.New(fault.Invalid, "casework.filter", fault.OnField("q", "invalid"))
	case f.Unit != "":
		u, ok := s.Org.ByID(f.Unit)
		if !ok {
			return out, fault.New(fault.NotFound, "org.no_unit")
		}
		out.path = u.Path
	}
	return out, nil
}

// ListBreaks pages through the breaks of the scope, those due first. The tax office
// is not told the union's money. Faults: access.denied, invalid casework.filter,
// not_found org.no_unit.
func (s *Service) ListBreaks(ctx context.Context, f BreakFilter, r page.Request) (page.Page[OpenBreak], error) {
	ctx, err := seen(ctx)
	if err != nil {
		return page.Page[OpenBreak]{}, err
	}
	filter, err := s.breakFilter(f)
	if err != nil {
		return page.Page[OpenBreak]{}, err
	}
	p, err := s.store.breaks(ctx, filter, r)
	return page.Map(p, func(r breakRow) OpenBreak {
		if access.Can(ctx, access.DuesCollect, r.OrgPath) {
			return r.open()
		}
		return r.open().forTax()
	}), err
}

// GetBreak gives one break of the scope, like ListBreaks. Faults: access.denied,
// not_found dues.no_break.
func (s *Service) GetBreak(ctx context.Context, city, breakID string) (OpenBreak, error) {
	ctx, err := seen(ctx)
	if err != nil {
		return OpenBreak{}, err
	}
	b, path, err := s.store.getBreak(ctx, city, breakID)
	if err == nil && !access.Can(ctx, access.DuesCollect, path) {
		b = b.forTax()
	}
	return b, err
}

// BreakAge counts the open breaks of a kind by their age.
type BreakAge struct {
	Kind    BreakKind
	Week    int64 // up to seven days old
	Older   int64 // older, their time is not over yet
	Overdue int64
}

// All is how many there are.
func (a BreakAge) All() int64 { return a.Week + a.Older + a.Overdue }

// BreakAges counts the open breaks of a filter by kind and age, in the order of
// BreakKinds; kinds without one are left out. Faults: those of ListBreaks.
func (s *Service) BreakAges(ctx context.Context, f BreakFilter) ([]BreakAge, error) {
	ctx, err := seen(ctx)
	if err != nil {
		return nil, err
	}
	f.State = BreakOpen
	filter, err := s.breakFilter(f)
	if err != nil {
		return nil, err
	}
	out, err := s.store.ages(ctx, filter)
	slices.SortFunc(out, func(a, b BreakAge) int { return slices.Index(BreakKinds, a.Kind) - slices.Index(BreakKinds, b.Kind) })
	return out, err
}

// ClearBreak says how a break was cleared up, or writes it off, also after both
// sides have signed; a reason must be given. Faults: not_found dues.no_break,
// invalid dues.reason, conflict casework.moved_on (somebody was quicker).
func (s *Service) ClearBreak(ctx context.Context, city, breakID string, to BreakState, reason string, version int) error {
	if reason = strings.TrimSpace(reason); reason == "" || to != BreakCleared && to != BreakWrittenOff {
		return fault.New(fault.Invalid, "dues.reason", fault.OnField("reason", "required"))
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		scoped, err := access.For(ctx, access.DuesCollect)
		if err != nil {
			return err
		}
		b, path, err := s.store.getBreak(scoped, city, breakID)
		if err != nil {
			return err
		}
		if err := access.Require(ctx, access.DuesCollect, path); err != nil {
			return err
		}
		actor, _ := access.From(ctx)
		if err := s.store.clearBreak(ctx, b, to, reason, actor.AccountID, s.Clock.Now(), version); err != nil {
			return err
		}
		detail, err := json.Marshal(map[string]string{"kind": "dues.break." + string(b.Kind), "reason": reason})
		if err != nil {
			return fault.New(fault.Internal, "internal", fault.Because(err))
		}
		action := audit.Action("dues.break_cleared")
		if to == BreakWrittenOff {
			action = "dues.break_written_off"
		}
		return s.Audit.Record(ctx, audit.Entry{
			CityCode: city, OrgPath: path, Action: action, SubjectKind: "dues_break", SubjectID: breakID, Detail: string(detail),
		})
	})
}

// KindLabel gives the message key of a kind of break.
func (k BreakKind) KindLabel() string { return "dues.break." + string(k) }

// Explain says in a language what a break is.
func (k BreakKind) Explain(lang i18n.Lang) string { return i18n.T(lang, k.KindLabel()) }
