package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// request is one entry on its way into the books, with its answer.
type request struct {
	entry  Entry
	input  []byte // hash of what was given
	params string // of the memo, as stored
	may    func(path string) error
	freed  *holdRow // a hold that the entry captures

	err error
}

// prepare looks at all that can be judged without the books.
func (s *Service) prepare(ctx context.Context, e Entry) (*request, error) {
	actor, ok := access.From(ctx)
	if !ok {
		return nil, fault.New(fault.Unauthenticated, "access.sign_in")
	}
	now := s.clock.Now()
	if err := e.check(clock.DayOf(now)); err != nil {
		return nil, err
	}
	e.Lines = slices.Clone(e.Lines)
	e.Seq, e.KnownOn, e.Hash, e.Repeated = 0, 0, nil, false
	e.RecordedAt, e.ActorID = now.UTC().Truncate(time.Microsecond), actor.AccountID
	r := &request{entry: e, params: e.Memo.params(), may: func(path string) error { return may(ctx, access.LedgerPost, path) }}
	r.input = e.inputHash(r.params)
	return r, nil
}

// Post books an entry, or gives the answer that its key got before. It joins the
// transaction of ctx; without one it is committed together with what others post
// at the same time, and is on disk when it returns. Faults: those of a wrong
// entry (Invalid: ledger.entry, ledger.day, ledger.lines, ledger.amount,
// ledger.unbalanced, ledger.overflow), not_found ledger.account_unknown (none of
// this city, or out of scope), forbidden access.denied, conflict
// ledger.key_reused, ledger.account_closed, ledger.period_closed,
// ledger.insufficient.
func (s *Service) Post(ctx context.Context, e Entry) (Entry, error) {
	if e.Reverses != 0 {
		return Entry{}, fault.New(fault.Invalid, "ledger.entry")
	}
	return s.post(ctx, e, nil)
}

func (s *Service) post(ctx context.Context, e Entry, freed *holdRow) (Entry, error) {
	r, err := s.prepare(ctx, e)
	if err != nil {
		return Entry{}, err
	}
	r.freed = freed
	if db.InsideTx(ctx) {
		if err := s.book(ctx, e.City, []*request{r}); err != nil {
			return Entry{}, err
		}
		return r.answer()
	}
	return s.grouped(ctx, r)
}

func (r *request) answer() (Entry, error) {
	if r.err != nil {
		return Entry{}, r.err
	}
	return r.entry, nil
}

// postChunk is how many entries PostMany commits at once, outside a transaction
// of the caller.
const postChunk = 2000

// PostMany books many entries of any cities, in the order given. Inside the
// caller's transaction all or none are booked. Outside of one they are committed
// in chunks, and what was booked before a fault or a crash stays: run again with
// the same keys it books the rest and doubles nothing. progress, which may be
// nil, hears how many are done. The first fault ends it, as fault of Post.
func (s *Service) PostMany(ctx context.Context, list []Entry, progress func(done int)) error {
	for from := 0; from < len(list); {
		if err := ctx.Err(); err != nil {
			return db.Fault(err)
		}
		city, n := list[from].City, 0
		for from+n < len(list) && n < postChunk && list[from+n].City == city {
			n++
		}
		part := make([]*request, n)
		for i, e := range list[from : from+n] {
			if e.Reverses != 0 {
				return fault.New(fault.Invalid, "ledger.entry")
			}
			r, err := s.prepare(ctx, e)
			if err != nil {
				return err
			}
			part[i] = r
		}
		err := s.db.InTx(ctx, func(ctx context.Context) error {
			if err := s.book(ctx, city, part); err != nil {
				return err
			}
			for _, r := range part {
				if r.err != nil {
					return r.err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if from += n; progress != nil {
			progress(from)
		}
	}
	return nil
}

// book books requests of one city in the transaction of ctx. A request that cannot be booked gets its
// fault and does not touch the others; an error means that the transaction is lost.
func (s *Service) book(ctx context.Context, city string, list []*request) error {
	if !db.InsideTx(ctx) {
		return internal(errors.New("book outside a transaction"))
	}
	head, err := s.store.lockHead(ctx, city)
	if err != nil {
		return err
	}
	keys, accounts, months, reverses := map[string]bool{}, map[string]bool{}, map[string]bool{}, []int64(nil)
	for _, r := range list {
		keys[r.entry.Key], months[month(r.entry.BookedOn.String())] = true, true
		for _, l := range r.entry.Lines {
			accounts[l.Account] = true
		}
		if r.entry.Reverses != 0 {
			reverses = append(reverses, r.entry.Reverses)
		}
	}
	back, err := s.store.reversed(ctx, city, reverses)
	if err != nil {
		return err
	}
	// To look for every key costs a third of the work, and nearly all are new. So only
	// the ends are looked for; a key in between that is met undoes the attempt.
	all := slices.Sorted(maps.Keys(keys))
	ends := []string{list[0].entry.Key, list[len(list)-1].entry.Key}
	known, err := s.store.byKeys(ctx, city, ends)
	if err != nil {
		return err
	}
	b := &booking{city: city, head: head, list: list, accounts: slices.Sorted(maps.Keys(accounts)), months: slices.Sorted(maps.Keys(months)), back: back}
	if len(known) == 0 && len(all) > 1 {
		if err := s.bookKnowing(ctx, b, nil); !errors.Is(err, errKeyMet) {
			return err
		}
	}
	if len(all) > len(known) {
		if known, err = s.store.byKeys(ctx, city, all); err != nil {
			return err
		}
	}
	return s.bookKnowing(ctx, b, known)
}

// booking is a group on its way.
type booking struct {
	city             string
	head             headRow
	list             []*request
	accounts, months []string
	back             map[int64]int64 // entries that are taken back, and by which
}

// bookKnowing books a group, with the entries whose keys are in the books already.
func (s *Service) bookKnowing(ctx context.Context, b *booking, known map[string]entryRow) error {
	states, err := s.store.states(ctx, b.city, b.accounts)
	if err != nil {
		return err
	}
	units := map[string]bool{"": true}
	for _, a := range states {
		units[a.UnitID] = true
	}
	closed, err := s.store.closed(ctx, b.city, slices.Sorted(maps.Keys(units)), b.months)
	if err != nil {
		return err
	}
	p, today := newPlan(b.city, b.head, states), clock.Today(s.clock)
	fresh, back := map[string]*request{}, maps.Clone(b.back)
	for _, r := range b.list {
		r.err, r.entry.Repeated = nil, false
		r.err = func() error {
			for _, l := range r.entry.Lines {
				a, ok := states[l.Account]
				if !ok {
					return errAccountUnknown
				}
				if err := r.may(a.OrgPath); err != nil {
					return err
				}
			}
			if row, ok := known[r.entry.Key]; ok {
				return r.repeat(row)
			}
			if twin, ok := fresh[r.entry.Key]; ok {
				return r.repeatOf(twin)
			}
			if _, twice := back[r.entry.Reverses]; twice {
				return errReversed
			}
			if err := p.book(r, today, closed); err != nil {
				return err
			}
			if r.entry.Reverses != 0 {
				back[r.entry.Reverses] = r.entry.Seq
			}
			fresh[r.entry.Key] = r
			return nil
		}()
	}
	if len(p.entryRows) == 0 {
		return nil
	}
	return s.store.write(ctx, p)
}

// repeat gives the first answer to a key that is in the books.
func (r *request) repeat(row entryRow) error {
	if !bytes.Equal(row.InputHash, r.input) {
		return errKeyReused
	}
	e := &r.entry
	e.Seq, e.KnownOn, e.RecordedAt, e.ActorID, e.Hash, e.Repeated = row.Seq, row.KnownOn, row.RecordedAt.UTC(), row.ActorID, row.Hash, true
	return nil
}

// repeatOf is repeat for a key that came twice in one group.
func (r *request) repeatOf(first *request) error {
	if !bytes.Equal(first.input, r.input) {
		return errKeyReused
	}
	r.entry = first.entry
	r.entry.Repeated = true
	return nil
}

var errReversed = fault.New(fault.Conflict, "ledger.reversed")

// KindReversal is the kind of entries that take another back.
const KindReversal = "ledger.reversal"

// Reverse takes an entry back by its mirror image, once, on a day of an open
// month. reason is a message key with what stands in its text. Faults: those of
// Post, not_found ledger.entry_unknown, conflict ledger.reversed (it is taken
// back, or is itself a reversal or half of a transfer).
func (s *Service) Reverse(ctx context.Context, city string, seq int64, key string, reason Memo, on clock.Day) (Entry, error) {
	old, err := s.Entry(ctx, city, seq)
	if err != nil {
		return Entry{}, err
	}
	if old.Reverses != 0 || old.OutboxID != "" {
		return Entry{}, errReversed
	}
	if reason.Key == "" {
		return Entry{}, fault.New(fault.Invalid, "ledger.reason")
	}
	e := Entry{City: city, Key: key, BookedOn: on, Kind: KindReversal, Subject: old.Subject, Memo: reason, Reverses: old.Seq}
	for _, l := range old.Lines {
		e.Lines = append(e.Lines, Line{Account: l.Account, Fen: l.Fen, Side: l.Side.Other()})
	}
	return s.post(ctx, e, nil)
}

// String names an entry in logs and files: city and voucher number.
func (e Entry) String() string { return fmt.Sprintf("%s-%08d", e.City, e.Seq) }
