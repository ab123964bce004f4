package dues

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"gonghui/internal/base/audit"
	"gonghui/internal/core/access"
	"gonghui/internal/core/calendar"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/ledger"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/page"
)

// BatchState is where a payment order stands.
type BatchState string

// The states of a payment order.
const (
	BatchPrepared BatchState = "prepared" // by one person
	BatchApproved BatchState = "approved" // by a second one: its money is set aside, its file may go to the bank
	BatchSent     BatchState = "sent"     // the money is on its way
	BatchDone     BatchState = "done"     // every payment has its answer
	BatchDropped  BatchState = "dropped"  // never sent
)

// Batch is one order to a bank (支付批次). Two people stand behind its file.
type Batch struct {
	CityCode   string
	ID         string
	Number     string
	OrgPath    string
	MessageID  string // the bank takes it once
	Bank       string // whose file it is written as besides ISO 20022; "" = none
	State      BatchState
	Payments   int
	Amount     money.Fen
	ExecuteOn  clock.Day
	CreatedBy  string
	CreatedAt  time.Time
	ApprovedBy string
	ApprovedAt time.Time
	SentAt     time.Time
	Version    int

	holdID string
}

// AnswerBy is the last day on which the bank should have answered; the zero day
// before it was sent.
func (b Batch) AnswerBy(days int) clock.Day {
	if b.SentAt.IsZero() {
		return 0
	}
	return calendar.Deadline(clock.DayOf(b.SentAt), days, calendar.Workday, false)
}

// PaymentState is what has become of a payment.
type PaymentState string

// The states of a payment.
const (
	PaymentReady    PaymentState = "ready"
	PaymentPending  PaymentState = "pending" // the bank has it
	PaymentSettled  PaymentState = "settled"
	PaymentRejected PaymentState = "rejected"
	PaymentReturned PaymentState = "returned" // paid, and sent back by the payee's bank (退汇)
	PaymentDropped  PaymentState = "dropped"  // of an order that was never sent
	PaymentDoubled  PaymentState = "doubled"  // paid although it had been rejected and ordered anew: the bank is to be asked
)

// PaymentStates are all states.
func PaymentStates() []PaymentState {
	return []PaymentState{PaymentReady, PaymentPending, PaymentSettled, PaymentRejected, PaymentReturned, PaymentDoubled, PaymentDropped}
}

// Payment is one payment of an order. Its number goes to the bank and comes back.
type Payment struct {
	CityCode    string
	ID          string
	BatchID     string
	ClaimID     string
	Name        string
	Amount      money.Fen
	AccountMask string
	Bank        string
	State       PaymentState
	Reason      string // code of the bank
	Info        string // its own words
	Reference   string // its serial number
	AnsweredAt  time.Time
	Version     int
}

// PrepareBatch orders everything that is approved and has an account: new claims,
// bounced ones whose account was put right, and what was kept for a union that has
// an account now. Nothing approved gives no batch. Faults: access.denied, not_found
// org.no_unit, dues.nothing_to_pay, conflict casework.moved_on.
func (s *Service) PrepareBatch(ctx context.Context, unitID, bank string, executeOn clock.Day) (Batch, error) {
	unit, ok := s.Org.ByID(unitID)
	if !ok || !unit.Stands() {
		return Batch{}, fault.New(fault.NotFound, "org.no_unit")
	}
	if err := access.Require(ctx, access.DuesRefund, unit.Path); err != nil {
		return Batch{}, err
	}
	actor, _ := access.From(ctx)
	today := clock.Today(s.Clock)
	if executeOn < today {
		executeOn = today
	}
	b := Batch{
		CityCode: unit.CityCode, ID: id.New(), Number: id.Public("B"), OrgPath: unit.Path, Bank: bank, State: BatchPrepared, ExecuteOn: executeOn,
		CreatedBy: actor.AccountID, CreatedAt: s.Clock.Now(), Version: 1,
	}
	b.MessageID = b.Number
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.releaseKept(ctx, unit); err != nil {
			return err
		}
		payees, err := s.store.payable(ctx, unit)
		if err != nil {
			return err
		}
		if len(payees) == 0 {
			return fault.New(fault.NotFound, "dues.nothing_to_pay")
		}
		b.Payments, b.Amount = len(payees), 0
		rows := make([]paymentRow, len(payees))
		for i, p := range payees {
			if b.Amount, err = money.Add(b.Amount, p.AmountFen); err != nil {
				return err
			}
			rows[i] = p.payment(b)
			account, err := s.Vault.Open(accountPlace(p.CompanyCity, p.CompanyID), p.AccountEnc)
			if err != nil {
				return err
			}
			rows[i].AccountEnc = s.Vault.Seal(paymentPlace(b.CityCode, rows[i].ID), account)
		}
		if err := s.store.insertBatch(ctx, b); err != nil {
			return err
		}
		if err := s.store.insertPayments(ctx, rows); err != nil {
			return err
		}
		if n, err := s.store.orderClaims(ctx, b, s.Clock.Now()); err != nil {
			return err
		} else if n != int64(len(rows)) {
			return casework.ErrMovedOn
		}
		return s.recordBatch(ctx, b, "dues.batch_prepared", nil)
	})
	return b, err
}

// releaseKept makes payable what was kept for unions that have an account now.
func (s *Service) releaseKept(ctx context.Context, unit org.Unit) error {
	kept, err := s.store.keptWithAccount(ctx, unit)
	if err != nil || len(kept) == 0 {
		return err
	}
	l, err := s.levelsOf(unit.Path)
	if err != nil {
		return err
	}
	on := clock.Today(s.Clock)
	for _, c := range kept {
		b := s.booking(ctx, c.CityCode)
		b.move(l.collector, accKept, c.CompanyID, ledger.Debit, c.AmountFen)
		b.credit(l.collector, accPayable, c.AmountFen)
		if _, err := b.post("dues.released", "dues.released/"+c.ID, on, ledger.Subject{Kind: "dues_claim", ID: c.ID}, map[string]string{"Of": c.Name}); err != nil {
			return err
		}
		c.State = ClaimApproved
		if err := s.store.moveClaim(ctx, c, ClaimKept, s.Clock.Now()); err != nil {
			return err
		}
	}
	return nil
}

// GetBatch gives a payment order of the scope. Faults: access.denied, not_found dues.no_batch.
func (s *Service) GetBatch(ctx context.Context, city, batchID string) (Batch, error) {
	ctx, err := s.payersDesk(ctx)
	if err != nil {
		return Batch{}, err
	}
	return s.store.batch(ctx, city, batchID)
}

// FindBatch gives the payment order of the scope with a number. Faults: those of GetBatch.
func (s *Service) FindBatch(ctx context.Context, number string) (Batch, error) {
	ctx, err := s.payersDesk(ctx)
	if err != nil {
		return Batch{}, err
	}
	return s.store.batchByNumber(ctx, number)
}

// payersDesk is the scope of whoever orders or approves payments.
func (s *Service) payersDesk(ctx context.Context) (context.Context, error) {
	scoped, err := access.For(ctx, access.DuesRefund)
	if err != nil {
		return access.For(ctx, access.DuesApprove)
	}
	return scoped, nil
}

// ListBatches pages through the payment orders of the scope, the newest first.
// Fault: access.denied.
func (s *Service) ListBatches(ctx context.Context, req page.Request) (page.Page[Batch], error) {
	ctx, err := s.payersDesk(ctx)
	if err != nil {
		return page.Page[Batch]{}, err
	}
	return s.store.batches(ctx, req)
}

// ListPayments pages through the payments of an order; state "" = all. Faults:
// those of GetBatch.
func (s *Service) ListPayments(ctx context.Context, city, batchID string, state PaymentState, req page.Request) (page.Page[Payment], error) {
	b, err := s.GetBatch(ctx, city, batchID)
	if err != nil {
		return page.Page[Payment]{}, err
	}
	return s.store.payments(ctx, b, state, req)
}

// ApproveBatch is the second person's word: the money is set aside on the bank
// account, so that nothing else can use it. Faults: those of GetBatch;
// access.denied, forbidden casework.four_eyes, conflict casework.moved_on,
// ledger.insufficient.
func (s *Service) ApproveBatch(ctx context.Context, city, batchID string, version int) (Batch, error) {
	return s.onBatch(ctx, city, batchID, access.DuesApprove, func(ctx context.Context, b *Batch) error {
		if b.State != BatchPrepared || b.Version != version {
			return casework.ErrMovedOn
		}
		actor, _ := access.From(ctx)
		if actor.AccountID == b.CreatedBy {
			return casework.ErrFourEyes
		}
		l, err := s.levelsOf(b.OrgPath)
		if err != nil {
			return err
		}
		x := s.booking(ctx, b.CityCode)
		bank := x.account(l.collector, accBank, "")
		if x.err != nil {
			return x.err
		}
		h, err := s.Ledger.Reserve(x.ctx, ledger.Hold{City: b.CityCode, Key: "dues.batch/" + b.ID, Account: bank.ID, Fen: b.Amount, Subject: ledger.Subject{Kind: "dues_batch", ID: b.ID}})
		if err != nil {
			return err
		}
		b.State, b.ApprovedBy, b.ApprovedAt, b.holdID = BatchApproved, actor.AccountID, s.Clock.Now(), h.ID
		if err := s.store.moveBatch(ctx, b, BatchPrepared); err != nil {
			return err
		}
		return s.recordBatch(ctx, *b, "dues.batch_approved", nil)
	})
}

// DropBatch gives an order up that was never sent: its claims can be ordered again.
// Faults: those of ApproveBatch but for four eyes; invalid dues.reason.
func (s *Service) DropBatch(ctx context.Context, city, batchID, reason string, version int) (Batch, error) {
	if strings.TrimSpace(reason) == "" {
		return Batch{}, fault.New(fault.Invalid, "dues.reason", fault.OnField("reason", "required"))
	}
	return s.onBatch(ctx, city, batchID, access.DuesRefund, func(ctx context.Context, b *Batch) error {
		from := b.State
		if from != BatchPrepared && from != BatchApproved || b.Version != version {
			return casework.ErrMovedOn
		}
		if b.holdID != "" {
			if _, err := s.Ledger.Release(access.System(ctx, "dues.batch"), b.CityCode, b.holdID); err != nil {
				return err
			}
		}
		b.State = BatchDropped
		if err := s.store.moveBatch(ctx, b, from); err != nil {
			return err
		}
		if err := s.store.dropPayments(ctx, *b, s.Clock.Now()); err != nil {
			return err
		}
		return s.recordBatch(ctx, *b, "dues.batch_dropped", map[string]string{"reason": reason})
	})
}

// SendBatch says that the file goes to the bank: the money leaves the account for
// what is under way. Saying it again changes nothing, so that a file that got lost
// can be sent again under the same number. Faults: those of GetBatch; conflict
// dues.not_approved.
func (s *Service) SendBatch(ctx context.Context, city, batchID string) (Batch, error) {
	return s.onBatch(ctx, city, batchID, access.DuesRefund, func(ctx context.Context, b *Batch) error {
		switch b.State {
		case BatchSent, BatchDone:
			return nil
		case BatchApproved:
		default:
			return fault.New(fault.Conflict, "dues.not_approved")
		}
		l, err := s.levelsOf(b.OrgPath)
		if err != nil {
			return err
		}
		x := s.booking(ctx, b.CityCode)
		x.debit(l.collector, accTransit, b.Amount)
		x.credit(l.collector, accBank, b.Amount)
		if x.err != nil {
			return x.err
		}
		_, err = s.Ledger.Capture(x.ctx, b.CityCode, b.holdID, ledger.Entry{
			City: b.CityCode, Key: "dues.ordered/" + b.ID, BookedOn: clock.Today(s.Clock), Kind: "dues.ordered", Subject: ledger.Subject{Kind: "dues_batch", ID: b.ID},
			Memo: ledger.Memo{Key: "ledger.memo.dues.ordered", Params: map[string]string{"Of": b.Number}}, Lines: x.lines,
		})
		if err != nil {
			return err
		}
		b.State, b.SentAt = BatchSent, s.Clock.Now()
		if err := s.store.moveBatch(ctx, b, BatchApproved); err != nil {
			return err
		}
		return s.recordBatch(ctx, *b, "dues.batch_sent", nil)
	})
}

func (s *Service) onBatch(ctx context.Context, city, batchID string, right access.Capability, do func(context.Context, *Batch) error) (Batch, error) {
	var b Batch
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		var err error
		if b, err = s.store.batch(access.System(ctx, "dues.batch"), city, batchID); err != nil {
			return err
		}
		if err := access.Require(ctx, right, b.OrgPath); err != nil {
			if _, lookErr := s.GetBatch(ctx, city, batchID); lookErr != nil {
				return errNoBatch() // whoever may not see it does not learn that it is there
			}
			return err
		}
		return do(ctx, &b)
	})
	return b, err
}

func (s *Service) recordBatch(ctx context.Context, b Batch, action audit.Action, more map[string]string) error {
	detail := map[string]string{"batch": b.Number, "payments": strconv.Itoa(b.Payments), "amount": b.Amount.Yuan()}
	for k, v := range more {
		detail[k] = v
	}
	text, err := json.Marshal(detail)
	if err != nil {
		return fault.New(fault.Internal, "internal", fault.Because(err))
	}
	return s.Audit.Record(ctx, audit.Entry{
		CityCode: b.CityCode, OrgPath: b.OrgPath, Action: action, SubjectKind: "dues_batch", SubjectID: b.ID, Detail: string(text),
	})
}

func errNoBatch() error { return fault.New(fault.NotFound, "dues.no_batch") }
