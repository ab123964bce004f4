package ledger

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/money"
)

// The states of a hold.
const (
	Held     = "held"
	Captured = "captured"
	Released = "released"
)

// Hold is an amount set aside on an account.
type Hold struct {
	City    string
	ID      string // given by Reserve
	Key     string // idempotency
	Account string
	Fen     money.Fen
	Subject Subject

	State    string
	EntrySeq int64 // what captured it
	HeldAt   time.Time
	EndedAt  time.Time // zero while held
}

var (
	errHoldUnknown = fault.New(fault.NotFound, "ledger.hold_unknown")
	errHoldEnded   = fault.New(fault.Conflict, "ledger.hold_ended")
)

type holdRow struct {
	bun.BaseModel `bun:"table:ledger_holds,alias:h"`
	CityCode      string `bun:",pk"`
	ID            string `bun:",pk"`
	Key           string
	AccountID     string
	Fen           money.Fen
	SubjectKind   string
	SubjectID     string
	State         string
	EntrySeq      int64 `bun:",nullzero"`
	ActorID       string
	HeldAt        time.Time
	EndedAt       time.Time `bun:",nullzero"`
}

func (r holdRow) hold() Hold {
	h := Hold{City: r.CityCode, ID: r.ID, Key: r.Key, Account: r.AccountID, Fen: r.Fen, Subject: Subject{r.SubjectKind, r.SubjectID},
		State: r.State, EntrySeq: r.EntrySeq, HeldAt: r.HeldAt.UTC()}
	if !r.EndedAt.IsZero() {
		h.EndedAt = r.EndedAt.UTC()
	}
	return h
}

// Reserve sets an amount aside, so that nobody else can take it, until it is
// captured or released. The same key with the same input gets the first answer.
// It joins the transaction of ctx. Faults: invalid ledger.entry, ledger.amount;
// not_found ledger.account_unknown; forbidden; conflict ledger.key_reused,
// ledger.account_closed, ledger.insufficient.
func (s *Service) Reserve(ctx context.Context, h Hold) (Hold, error) {
	actor, ok := access.From(ctx)
	if !ok {
		return Hold{}, fault.New(fault.Unauthenticated, "access.sign_in")
	}
	if h.Fen <= 0 {
		return Hold{}, fault.New(fault.Invalid, "ledger.amount")
	}
	if h.City == "" || h.Key == "" || !plain(h.Key, maxKey) || !plain(h.Subject.Kind, maxKey) || !plain(h.Subject.ID, maxKey) || !plain(h.Account, maxKey) {
		return Hold{}, fault.New(fault.Invalid, "ledger.entry")
	}
	row := holdRow{CityCode: h.City, ID: id.New(), Key: h.Key, AccountID: h.Account, Fen: h.Fen, SubjectKind: h.Subject.Kind,
		SubjectID: h.Subject.ID, State: Held, ActorID: actor.AccountID, HeldAt: s.clock.Now()}
	err := s.db.InTx(ctx, func(ctx context.Context) error {
		states, err := s.store.states(ctx, h.City, []string{h.Account})
		if err != nil {
			return err
		}
		a, ok := states[h.Account]
		if !ok {
			return errAccountUnknown
		}
		if err := may(ctx, access.LedgerPost, a.OrgPath); err != nil {
			return err
		}
		first, again, err := s.store.holdByKey(ctx, h.City, h.Key)
		if err != nil {
			return err
		}
		if again {
			if first.AccountID != row.AccountID || first.Fen != row.Fen || first.SubjectKind != row.SubjectKind || first.SubjectID != row.SubjectID {
				return errKeyReused
			}
			row = first
			return nil
		}
		if a.ClosedOn != 0 {
			return fault.New(fault.Conflict, "ledger.account_closed")
		}
		held, err := money.Add(a.HeldFen, h.Fen)
		if err != nil {
			return errOverflow
		}
		if a.HeldFen = held; a.available() < 0 {
			return errInsufficient
		}
		if err := s.store.setHeld(ctx, h.City, h.Account, held); err != nil {
			return err
		}
		return s.store.insertHold(ctx, row)
	})
	return row.hold(), err
}

// Release gives a held amount free again. A hold that is released already stays
// so. Faults: not_found ledger.hold_unknown, conflict ledger.hold_ended
// (captured), forbidden.
func (s *Service) Release(ctx context.Context, city, holdID string) (Hold, error) {
	var row holdRow
	err := s.db.InTx(ctx, func(ctx context.Context) error {
		var a *state
		var err error
		if row, a, err = s.heldFor(ctx, city, holdID); err != nil {
			return err
		}
		switch row.State {
		case Released:
			return nil
		case Captured:
			return errHoldEnded
		}
		if err := s.store.setHeld(ctx, city, row.AccountID, a.HeldFen-row.Fen); err != nil {
			return err
		}
		row.State, row.EndedAt = Released, s.clock.Now()
		return s.store.endHold(ctx, row)
	})
	return row.hold(), err
}

// Capture books an entry that takes the held amount from its account, and ends
// the hold, in one transaction. The entry may take less than was held; the rest is
// free again. The same capture again gets the first answer. Faults: those of
// Post and Release; invalid ledger.capture when the entry does not take between
// one fen and the whole hold from the account.
func (s *Service) Capture(ctx context.Context, city, holdID string, e Entry) (Entry, error) {
	if e.City != city || e.Reverses != 0 {
		return Entry{}, fault.New(fault.Invalid, "ledger.entry")
	}
	var out Entry
	err := s.db.InTx(ctx, func(ctx context.Context) error {
		// The head first, then accounts: the order of Post.
		if _, err := s.store.lockHead(ctx, city); err != nil {
			return err
		}
		row, a, err := s.heldFor(ctx, city, holdID)
		if err != nil {
			return err
		}
		if taken, err := takes(e, row.AccountID, a.Kind); err != nil {
			return err
		} else if taken <= 0 || taken > row.Fen {
			return fault.New(fault.Invalid, "ledger.capture")
		}
		switch row.State {
		case Released:
			return errHoldEnded
		case Captured:
			if out, err = s.post(ctx, e, nil); err == nil && out.Seq != row.EntrySeq {
				err = errHoldEnded
			}
			return err
		}
		if out, err = s.post(ctx, e, &row); err != nil {
			return err
		}
		if out.Repeated { // an entry of before the hold cannot be what captures it
			return errKeyReused
		}
		row.State, row.EndedAt, row.EntrySeq = Captured, s.clock.Now(), out.Seq
		return s.store.endHold(ctx, row)
	})
	if err != nil {
		return Entry{}, err
	}
	return out, nil
}

// takes is what an entry takes from an account.
func takes(e Entry, account string, k Kind) (money.Fen, error) {
	var debit, credit money.Fen
	var err error
	for _, l := range e.Lines {
		if l.Account != account {
			continue
		}
		if l.Side == Debit {
			debit, err = money.Add(debit, max(l.Fen, 0))
		} else {
			credit, err = money.Add(credit, max(l.Fen, 0))
		}
		if err != nil {
			return 0, errOverflow
		}
	}
	return -k.natural(debit, credit), nil
}

// Holds lists what is held on an account, the oldest first.
func (s *Service) Holds(ctx context.Context, city, accountID string) ([]Hold, error) {
	if _, err := s.Get(ctx, city, accountID); err != nil {
		return nil, err
	}
	rows, err := s.store.holds(ctx, city, accountID)
	out := make([]Hold, len(rows))
	for i, r := range rows {
		out[i] = r.hold()
	}
	return out, err
}

// heldFor gives a hold with its account, locked, to whoever may post there.
func (s *Service) heldFor(ctx context.Context, city, holdID string) (holdRow, *state, error) {
	row, err := s.store.hold(ctx, city, holdID)
	if err != nil {
		return row, nil, err
	}
	states, err := s.store.states(ctx, city, []string{row.AccountID})
	if err != nil {
		return row, nil, err
	}
	a, ok := states[row.AccountID]
	if !ok || may(ctx, access.LedgerPost, a.OrgPath) != nil && !access.Can(ctx, access.LedgerRead, a.OrgPath) {
		return row, nil, errHoldUnknown
	}
	if err := may(ctx, access.LedgerPost, a.OrgPath); err != nil {
		return row, nil, err
	}
	row, err = s.store.hold(ctx, city, holdID) // again, behind the lock
	return row, a, err
}

func (s store) hold(ctx context.Context, city, holdID string) (holdRow, error) {
	var row holdRow
	if !db.Possible(city, holdID) {
		return row, errHoldUnknown
	}
	err := s.db.Writer(ctx).NewSelect().Model(&row).Where("city_code = ? AND id = ?", city, holdID).Scan(ctx)
	return row, db.Found(err, errHoldUnknown)
}

func (s store) holdByKey(ctx context.Context, city, key string) (holdRow, bool, error) {
	var rows []holdRow
	err := s.db.Writer(ctx).NewSelect().Model(&rows).Where("city_code = ? AND key = ?", city, key).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return holdRow{}, false, db.Fault(err)
	}
	return rows[0], true, nil
}

func (s store) holds(ctx context.Context, city, account string) ([]holdRow, error) {
	var rows []holdRow
	err := s.db.Reader(ctx).NewSelect().Model(&rows).Where("city_code = ? AND account_id = ? AND state = ?", city, account, Held).
		OrderExpr("held_at, id").Scan(ctx)
	return rows, db.Fault(err)
}

func (s store) insertHold(ctx context.Context, row holdRow) error {
	_, err := s.db.Writer(ctx).NewInsert().Model(&row).Exec(ctx)
	if db.Unique(err, "ledger_holds", "city_code", "key") {
		return errKeyReused // two at once, on two accounts
	}
	return db.Fault(err)
}

func (s store) endHold(ctx context.Context, row holdRow) error {
	res, err := s.db.Writer(ctx).NewUpdate().Model(&row).Column("state", "ended_at", "entry_seq").WherePK().Where("state = ?", Held).Exec(ctx)
	return db.Affected(res, err, errHoldEnded)
}

// setHeld writes what is held; the row is locked by states, or SQLite's writer is ours.
func (s store) setHeld(ctx context.Context, city, account string, fen money.Fen) error {
	res, err := s.db.Writer(ctx).NewRaw("UPDATE ledger_balances SET held_fen = ? WHERE city_code = ? AND account_id = ?", fen, city, account).Exec(ctx)
	return db.Affected(res, err, errAccountUnknown)
}
