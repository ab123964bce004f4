package dues

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/ledger"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/pain"
)

// MaxAnswer is the largest answer of a bank that is read, in bytes.
const MaxAnswer = 64 << 20

// Oddity is what of a bank's answer cannot be.
type Oddity struct {
	Kind    OddityKind `json:"kind"`
	Payment string     `json:"payment"` // as the bank wrote it
	Was     string     `json:"was,omitempty"`
	Now     string     `json:"now,omitempty"`
}

// OddityKind says what is odd.
type OddityKind string

// The oddities.
const (
	OddUnknown   OddityKind = "unknown_payment" // nobody ordered it
	OddWord      OddityKind = "unknown_word"    // a status that this program does not know
	OddReturned  OddityKind = "returned"        // paid earlier, now sent back (退汇)
	OddRevived   OddityKind = "revived"         // rejected earlier, now paid
	OddPaidTwice OddityKind = "paid_twice"      // rejected earlier and ordered again, now paid as well
)

// Answer is one answer of a bank, and what it changed.
type Answer struct {
	ID         string
	BatchID    string
	Settled    int
	Rejected   int
	Pending    int
	Oddities   []Oddity
	ReceivedAt time.Time
	Repeated   bool // the same answer came before: nothing was changed
}

type answerRow struct {
	bun.BaseModel `bun:"table:dues_answers,alias:a"`

	CityCode   string    `bun:"city_code,pk"`
	ID         string    `bun:"id,pk"`
	OrgPath    string    `bun:"org_path"`
	BatchID    string    `bun:"batch_id"`
	SHA256     string    `bun:"sha256"`
	Settled    int       `bun:"settled"`
	Rejected   int       `bun:"rejected"`
	Pending    int       `bun:"pending"`
	Problems   string    `bun:"problems"`
	ReceivedAt time.Time `bun:"received_at"`
	ReceivedBy string    `bun:"received_by"`
}

func (r answerRow) answer() Answer {
	a := Answer{ID: r.ID, BatchID: r.BatchID, Settled: r.Settled, Rejected: r.Rejected, Pending: r.Pending, ReceivedAt: r.ReceivedAt}
	_ = json.Unmarshal([]byte(r.Problems), &a.Oddities) // written by TakeAnswer
	return a
}

// TakeAnswer reads what a bank says of an order of the city (pain.002) and books
// it: what is settled, what came back. The same answer twice changes nothing; a
// payment that nobody ordered, or a word against an earlier one, is kept as an
// oddity for people to ask the bank about. Faults: access.denied, not_found
// dues.no_batch, invalid pain.report, conflict dues.not_sent.
func (s *Service) TakeAnswer(ctx context.Context, city string, r io.Reader) (Answer, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxAnswer+1))
	if err != nil {
		return Answer{}, fault.New(fault.Invalid, "pain.report", fault.Because(err))
	}
	report, err := pain.ReadReport(bytes.NewReader(text))
	if err != nil {
		return Answer{}, err
	}
	hash := sha256.Sum256(text)
	sum := hex.EncodeToString(hash[:])
	var out Answer
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		b, err := s.store.batchByMessage(ctx, city, report.OrderID)
		if err != nil {
			return err
		}
		if err := access.Require(ctx, access.DuesRefund, b.OrgPath); err != nil {
			return errNoBatch()
		}
		var known answerRow
		err = db.Fault(s.DB.Writer(ctx).NewSelect().Model(&known).Where("a.city_code = ? AND a.sha256 = ?", city, sum).Scan(ctx))
		if err == nil {
			out = known.answer()
			out.Repeated = true
			return nil
		}
		if !fault.IsKind(err, fault.NotFound) {
			return err
		}
		if b.State != BatchSent && b.State != BatchDone {
			return fault.New(fault.Conflict, "dues.not_sent")
		}
		out, err = s.applyAnswer(ctx, b, report)
		if err != nil {
			return err
		}
		problems, err := json.Marshal(out.Oddities)
		if err != nil {
			return fault.New(fault.Internal, "internal", fault.Because(err))
		}
		actor, _ := access.From(ctx)
		out.ReceivedAt = s.Clock.Now()
		_, err = s.DB.Writer(ctx).NewInsert().Model(&answerRow{
			CityCode: city, ID: out.ID, OrgPath: b.OrgPath, BatchID: b.ID, SHA256: sum, Settled: out.Settled, Rejected: out.Rejected, Pending: out.Pending,
			Problems: string(problems), ReceivedAt: out.ReceivedAt, ReceivedBy: actor.AccountID,
		}).Returning("NULL").Exec(ctx)
		if db.Unique(err, "dues_answers", "sha256") {
			return casework.ErrMovedOn
		}
		return db.Fault(err)
	})
	return out, err
}

// applyAnswer moves payments, claims and money by what a bank says.
func (s *Service) applyAnswer(ctx context.Context, b Batch, report pain.Report) (Answer, error) {
	out := Answer{ID: id.New(), BatchID: b.ID}
	statuses := report.Payments
	if len(statuses) == 0 && report.Outcome() != pain.Unknown { // one word for the whole order
		rows, err := s.store.paymentRows(ctx, b, "", "", 0)
		if err != nil {
			return out, err
		}
		for _, p := range rows {
			statuses = append(statuses, pain.Status{EndToEndID: endToEnd(p.ID), Code: report.Code, Outcome: report.Outcome(), Reason: report.Reason})
		}
	}
	ids := make([]string, 0, len(statuses))
	for _, st := range statuses {
		ids = append(ids, paymentID(st.EndToEndID))
	}
	rows, err := s.store.paymentsByID(ctx, b, ids)
	if err != nil {
		return out, err
	}
	x := answering{out: &out, rows: rows}
	for _, st := range statuses {
		if err := s.hear(ctx, &x, st); err != nil {
			return out, err
		}
	}
	on, now := clock.Today(s.Clock), s.Clock.Now()
	for _, o := range []outcome{
		{x.pending, ""}, {x.settled, ClaimPaid}, {x.revived, ClaimPaid}, {x.rejected, ClaimBounced}, {x.returned, ClaimBounced}, {x.twice, ""},
	} {
		if err := s.store.settle(ctx, o, on, now); err != nil {
			return out, err
		}
	}
	if err := s.countPaid(ctx, b.CityCode, x.settled, x.revived); err != nil {
		return out, err
	}
	if err := s.bookAnswer(ctx, b, &x, on); err != nil {
		return out, err
	}
	if n, err := s.store.waiting(ctx, b); err != nil {
		return out, err
	} else if n == 0 && b.State == BatchSent {
		b.State = BatchDone
		if err := s.store.moveBatch(ctx, &b, BatchSent); err != nil {
			return out, err
		}
	}
	return out, s.recordBatch(ctx, b, "dues.batch_answered", nil)
}

// answering sorts the payments of an answer by what becomes of them.
type answering struct {
	out                                                     *Answer
	rows                                                    map[string]paymentRow
	pending, settled, revived, rejected, returned, twice    []paymentRow
	settledFen, revivedFen, rejectedFen, returnedFen, twFen money.Fen
}

// hear takes one status in.
func (s *Service) hear(ctx context.Context, x *answering, st pain.Status) error {
	p, ok := x.rows[paymentID(st.EndToEndID)]
	odd := func(kind OddityKind) {
		x.out.Oddities = append(x.out.Oddities, Oddity{Kind: kind, Payment: st.EndToEndID, Was: string(p.State), Now: st.Code})
	}
	if !ok {
		odd(OddUnknown)
		return nil
	}
	was := p.State
	p.Reason, p.Info, p.Reference = st.Reason, st.Info, st.Reference
	put := func(list *[]paymentRow, sum *money.Fen, to PaymentState) error {
		p.State = to
		*list = append(*list, p)
		p.Version++
		x.rows[p.ID] = p // named twice in one answer: the second word is held against the first
		if sum == nil {
			return nil
		}
		var err error
		*sum, err = money.Add(*sum, p.AmountFen)
		return err
	}
	alive := was == PaymentReady || was == PaymentPending
	switch st.Outcome {
	case pain.Pending:
		x.out.Pending++
		if was == PaymentReady {
			return put(&x.pending, nil, PaymentPending)
		}
	case pain.Settled:
		switch {
		case alive:
			x.out.Settled++
			return put(&x.settled, &x.settledFen, PaymentSettled)
		case was == PaymentRejected || was == PaymentReturned:
			again, err := s.store.aliveElsewhere(ctx, p)
			if err != nil {
				return err
			}
			if again {
				odd(OddPaidTwice)
				return put(&x.twice, &x.twFen, PaymentDoubled)
			}
			odd(OddRevived)
			x.out.Settled++
			return put(&x.revived, &x.revivedFen, PaymentSettled)
		}
	case pain.Rejected:
		switch {
		case alive:
			x.out.Rejected++
			return put(&x.rejected, &x.rejectedFen, PaymentRejected)
		case was == PaymentSettled:
			odd(OddReturned)
			x.out.Rejected++
			return put(&x.returned, &x.returnedFen, PaymentReturned)
		}
	default:
		odd(OddWord)
	}
	return nil
}

// bookAnswer books what an answer says of the money.
func (s *Service) bookAnswer(ctx context.Context, b Batch, x *answering, on clock.Day) error {
	l, err := s.levelsOf(b.OrgPath)
	if err != nil {
		return err
	}
	for _, e := range []struct {
		kind          string
		debit, credit string
		fen           money.Fen
	}{
		{"dues.settled", accPayable, accTransit, x.settledFen},
		{"dues.rejected", accBank, accTransit, x.rejectedFen},
		{"dues.returned", accBank, accPayable, x.returnedFen},
		{"dues.revived", accPayable, accBank, x.revivedFen},
		{"dues.paid_twice", accSuspense, accBank, x.twFen},
	} {
		k := s.booking(ctx, b.CityCode)
		k.debit(l.collector, e.debit, e.fen)
		k.credit(l.collector, e.credit, e.fen)
		_, err := k.post(e.kind, e.kind+"/"+x.out.ID, on, ledger.Subject{Kind: "dues_batch", ID: b.ID}, map[string]string{"Of": b.Number})
		if err != nil {
			return err
		}
	}
	return nil
}

// Answers lists what the bank said of an order, the latest first. Faults: those of GetBatch.
func (s *Service) Answers(ctx context.Context, city, batchID string) ([]Answer, error) {
	if _, err := s.GetBatch(ctx, city, batchID); err != nil {
		return nil, err
	}
	var rows []answerRow
	err := s.DB.Reader(ctx).NewSelect().Model(&rows).Where("a.city_code = ? AND a.batch_id = ?", city, batchID).OrderExpr("a.received_at DESC, a.id DESC").Scan(ctx)
	out := make([]Answer, len(rows))
	for i, r := range rows {
		out[i] = r.answer()
	}
	return out, db.Fault(err)
}
