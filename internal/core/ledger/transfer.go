package ledger

import (
	"context"
	"maps"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/signal"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
)

// transferSent is the signal that carries the second half of a transfer, and the
// name under which the ledger hears it.
const transferSent = "ledger.transfer"

// The kinds of the two halves of a transfer.
const (
	KindSent    = "ledger.transfer_sent"
	KindArrived = "ledger.transfer_arrived"
)

// Transfer moves an amount from the books of one city to those of another. Each
// half is an entry of its own over a clearing account beside the account named.
type Transfer struct {
	Key      string
	BookedOn clock.Day
	Subject  Subject
	Memo     Memo
	FromCity string
	From     Line // usually the credit of a bank account
	ToCity   string
	To       Line // the same amount on the other side
}

// arrival is what the signal carries.
type arrival struct {
	Account  string
	Side     Side
	Fen      money.Fen
	BookedOn clock.Day
	Subject  Subject
	Memo     Memo
}

// Transfer books the first half and sends the second on its way, in one
// transaction; it arrives by the queue, once. The entry given carries the outbox
// id that both halves bear. A half that arrives when its month is closed counts
// for the day of its arrival. Faults: those of Post; invalid ledger.transfer.
func (s *Service) Transfer(ctx context.Context, t Transfer) (Entry, error) {
	if t.FromCity == t.ToCity || t.From.Fen != t.To.Fen || t.From.Side != t.To.Side.Other() || t.Key == "" {
		return Entry{}, fault.New(fault.Invalid, "ledger.transfer")
	}
	from, err := s.store.account(ctx, t.FromCity, t.From.Account)
	if err != nil {
		return Entry{}, err
	}
	if err := may(ctx, access.LedgerPost, from.OrgPath); err != nil {
		return Entry{}, err
	}
	to, err := s.store.account(ctx, t.ToCity, t.To.Account)
	if err != nil {
		return Entry{}, err
	}
	if to.ClosedOn != 0 {
		return Entry{}, fault.New(fault.Conflict, "ledger.account_closed")
	}
	memo := Memo{Key: t.Memo.Key, Params: map[string]string{}}
	maps.Copy(memo.Params, t.Memo.Params)
	memo.Params["ToCity"], memo.Params["ToAccount"] = t.ToCity, t.To.Account // so that the input hash covers them
	var out Entry
	err = s.db.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.store.lockHead(ctx, t.FromCity); err != nil { // one of two with the same key waits here
			return err
		}
		clearing, err := s.clearing(ctx, from)
		if err != nil {
			return err
		}
		outbox, err := s.store.outboxOf(ctx, t.FromCity, t.Key)
		if err != nil {
			return err
		}
		if outbox == "" {
			sent, err := s.signals.Emit(ctx, signal.Signal{City: t.ToCity, Kind: transferSent, Payload: arrival{
				Account: t.To.Account, Side: t.To.Side, Fen: t.To.Fen, BookedOn: t.BookedOn, Subject: t.Subject, Memo: t.Memo,
			}})
			if err != nil {
				return err
			}
			outbox = sent.ID
		}
		out, err = s.post(ctx, Entry{City: t.FromCity, Key: t.Key, BookedOn: t.BookedOn, Kind: KindSent, Subject: t.Subject, Memo: memo,
			OutboxID: outbox, Lines: []Line{t.From, {Account: clearing.ID, Fen: t.From.Fen, Side: t.From.Side.Other()}}}, nil)
		return err
	})
	return out, err
}

// clearing gives the clearing account that stands beside an account.
func (s *Service) clearing(ctx context.Context, beside accountRow) (Account, error) {
	return s.Open(ctx, Account{City: beside.CityCode, UnitID: beside.UnitID, OrgPath: beside.OrgPath, Fund: beside.Fund, Code: Clearing})
}

// arrive books the second half, in the transaction of the signal's receipt.
func (s *Service) arrive(ctx context.Context, r signal.Received) error {
	var a arrival
	if err := r.Decode(&a); err != nil {
		return err
	}
	to, err := s.store.account(ctx, r.City, a.Account)
	if err != nil {
		return err
	}
	if _, err := s.store.lockHead(ctx, r.City); err != nil {
		return err
	}
	clearing, err := s.clearing(ctx, to)
	if err != nil {
		return err
	}
	m := month(a.BookedOn.String())
	closed, err := s.store.closed(ctx, r.City, []string{"", to.UnitID}, []string{m})
	if err != nil {
		return err
	}
	if closed[periodKey{"", m}] || closed[periodKey{to.UnitID, m}] {
		a.BookedOn = clock.Today(s.clock)
	}
	_, err = s.post(ctx, Entry{City: r.City, Key: transferSent + ":" + r.ID, BookedOn: a.BookedOn, Kind: KindArrived, Subject: a.Subject,
		Memo: a.Memo, OutboxID: r.ID, Lines: []Line{{a.Account, a.Fen, a.Side}, {clearing.ID, a.Fen, a.Side.Other()}}}, nil)
	return err
}

func (s store) outboxOf(ctx context.Context, city, key string) (string, error) {
	var ids []string
	err := s.db.Writer(ctx).NewRaw("SELECT outbox_id FROM ledger_entries WHERE city_code = ? AND key = ?", city, key).Scan(ctx, &ids)
	if err != nil || len(ids) == 0 {
		return "", db.Fault(err)
	}
	return ids[0], nil
}
