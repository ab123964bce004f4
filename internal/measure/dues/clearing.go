package dues

import (
	"context"
	"encoding/json"
	"strings"

	"gonghui/internal/base/audit"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
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
// conflict dues.same_signer, casework.moved_on.
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

// ListBreaks pages through the breaks of a file, or of all files of the scope
// when fileID is empty, those due first. The tax office is not told the union's
// money. Fault: access.denied.
func (s *Service) ListBreaks(ctx context.Context, fileID string, state BreakState, r page.Request) (page.Page[OpenBreak], error) {
	ctx, err := seen(ctx)
	if err != nil {
		return page.Page[OpenBreak]{}, err
	}
	p, err := s.store.breaks(ctx, fileID, state, r)
	return page.Map(p, func(r breakRow) OpenBreak {
		if access.Can(ctx, access.DuesCollect, r.OrgPath) {
			return r.open()
		}
		return r.open().forTax()
	}), err
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

// Receipts enters what reached the union's account, and compares it with the
// lines of a file: the three lists of differences become breaks, those that have
// been settled by it are cleared. Entering the same bank entry again changes nothing.
// Faults: not_found dues.no_file, conflict dues.file_frozen.
func (s *Service) Receipts(ctx context.Context, city, fileID string, list []BankEntry) (FileReport, error) {
	var f File
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		var err error
		if f, err = s.GetFile(ctx, city, fileID); err != nil {
			return err
		}
		if err := access.Require(ctx, access.DuesCollect, f.OrgPath); err != nil {
			return err
		}
		if f.State != FileTaken {
			return fault.New(fault.Conflict, "dues.file_frozen")
		}
		if err := s.store.insertReceipts(ctx, f, list); err != nil {
			return err
		}
		lines, ids, err := s.store.linesOf(ctx, f)
		if err != nil {
			return err
		}
		receipts, err := s.store.receiptsFor(ctx, f, lines, list)
		if err != nil {
			return err
		}
		by, err := s.measureAt(ctx, f)
		if err != nil {
			return err
		}
		breaks := by.Compare(lines, receipts)
		if err := s.store.arrive(ctx, f); err != nil {
			return err
		}
		today := clock.Today(s.Clock)
		opened, err := s.store.replaceDifferences(ctx, f, breaks, ids, today, by.due(today), s.Clock.Now())
		if err != nil {
			return err
		}
		f.Report.Breaks += int64(opened)
		if err := s.store.moveFile(ctx, &f, FileTaken); err != nil {
			return err
		}
		return s.record(ctx, f, "dues.receipts")
	})
	return f.Report, err
}

// BankEntry is one entry of the union's bank statement.
type BankEntry struct {
	Serial string // the bank's number, which it gives once
	Receipt
}

// KindLabel gives the message key of a kind of break.
func (k BreakKind) KindLabel() string { return "dues.break." + string(k) }

// Explain says in a language what a break is.
func (k BreakKind) Explain(lang i18n.Lang) string { return i18n.T(lang, k.KindLabel()) }
