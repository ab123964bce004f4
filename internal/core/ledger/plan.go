package ledger

import (
	"cmp"
	"maps"
	"slices"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
)

// plan gathers what a group of entries of one city comes to, before anything is
// written. An entry that cannot be booked leaves no trace in it.
type plan struct {
	city   string
	first  int64 // where the chain stood
	head   headRow
	states map[string]*state

	entryRows, lineRows [][]any
	days                map[rollupKey]*sums
	months              map[rollupKey]*sums
}

type rollupKey struct{ account, booked, known string }

type sums struct {
	debit, credit money.Fen
	lines         int64
}

func newPlan(city string, head headRow, states map[string]*state) *plan {
	return &plan{city: city, first: head.Seq, head: head, states: states, days: map[rollupKey]*sums{}, months: map[rollupKey]*sums{}}
}

// month of a day: 2020-07.
func month(day string) string { return day[:7] }

// book puts an entry at the end of the chain, or says why it cannot be. freed is
// an amount held on an account that the entry takes with it.
func (p *plan) book(r *request, today clock.Day, closed map[periodKey]bool) error {
	day := r.entry.BookedOn.String()
	if closed[periodKey{"", month(day)}] {
		return errPeriodClosed(day)
	}
	for _, l := range r.entry.Lines {
		a := p.states[l.Account]
		switch {
		case a.ClosedOn != 0:
			return fault.New(fault.Conflict, "ledger.account_closed")
		case closed[periodKey{a.UnitID, month(day)}]:
			return errPeriodClosed(day)
		}
	}
	after, err := p.after(r)
	if err != nil {
		return err
	}
	for id, n := range after {
		*p.states[id] = n
	}
	p.append(r, today)
	return nil
}

func errPeriodClosed(day string) error {
	return fault.New(fault.Conflict, "ledger.period_closed", fault.With("Month", month(day)))
}

// after gives the accounts as they are once the entry is booked.
func (p *plan) after(r *request) (map[string]state, error) {
	out := make(map[string]state, len(r.entry.Lines))
	if r.freed != nil {
		a := *p.states[r.freed.AccountID]
		a.HeldFen, a.changed = a.HeldFen-r.freed.Fen, true
		out[r.freed.AccountID] = a
	}
	for _, l := range r.entry.Lines {
		a, ok := out[l.Account]
		if !ok {
			a = *p.states[l.Account]
		}
		var err error
		if l.Side == Debit {
			a.DebitFen, err = money.Add(a.DebitFen, l.Fen)
		} else {
			a.CreditFen, err = money.Add(a.CreditFen, l.Fen)
		}
		if err != nil {
			return nil, errOverflow
		}
		a.changed = true
		out[l.Account] = a
	}
	for id, a := range out {
		// What does not fall may stay below: an account can have become guarded late.
		if left := a.available(); a.Guarded && left < 0 && left < p.states[id].available() {
			return nil, errInsufficient
		}
	}
	return out, nil
}

var errInsufficient = fault.New(fault.Conflict, "ledger.insufficient")

// available is what may still be taken from an account.
func (a state) available() money.Fen { return a.Kind.natural(a.DebitFen, a.CreditFen) - a.HeldFen }

func (p *plan) append(r *request, today clock.Day) {
	e := &r.entry
	p.head.Seq++
	p.head.KnownOn = max(p.head.KnownOn, today) // a clock set back does not turn the chain back
	e.Seq, e.KnownOn = p.head.Seq, p.head.KnownOn
	e.Hash = e.chained(p.head.Hash, r.input)
	p.head.Hash = e.Hash

	booked, known := e.BookedOn.String(), e.KnownOn.String()
	var reverses any
	if e.Reverses != 0 {
		reverses = e.Reverses
	}
	p.entryRows = append(p.entryRows, []any{e.City, e.Seq, e.Key, r.input, booked, known, e.RecordedAt, e.Kind, e.Subject.Kind,
		e.Subject.ID, e.Memo.Key, r.params, reverses, e.OutboxID, e.ActorID, e.Hash})
	for i, l := range e.Lines {
		p.lineRows = append(p.lineRows, []any{e.City, e.Seq, i + 1, l.Account, booked, string(l.Side), int64(l.Fen)})
		add(p.days, rollupKey{l.Account, booked, known}, l)
		add(p.months, rollupKey{l.Account, month(booked), known}, l)
	}
}

// add cannot overflow: the account's own sums, which are larger, were checked.
func add(to map[rollupKey]*sums, k rollupKey, l Line) {
	have, ok := to[k]
	if !ok {
		have = &sums{}
		to[k] = have
	}
	if l.Side == Debit {
		have.debit += l.Fen
	} else {
		have.credit += l.Fen
	}
	have.lines++
}

func (p *plan) dayRows() [][]any   { return p.rollupRows(p.days) }
func (p *plan) monthRows() [][]any { return p.rollupRows(p.months) }

// rollupRows come in the order of the key, so that pages are written in a row.
func (p *plan) rollupRows(of map[rollupKey]*sums) [][]any {
	keys := slices.SortedFunc(maps.Keys(of), func(a, b rollupKey) int {
		return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.booked, b.booked), cmp.Compare(a.known, b.known))
	})
	out := make([][]any, len(keys))
	for i, k := range keys {
		s := of[k]
		out[i] = []any{p.city, k.account, k.booked, k.known, int64(s.debit), int64(s.credit), s.lines}
	}
	return out
}

func (p *plan) balanceRows() [][]any {
	var out [][]any
	for _, id := range slices.Sorted(maps.Keys(p.states)) {
		if a := p.states[id]; a.changed {
			out = append(out, []any{p.city, id, int64(a.DebitFen), int64(a.CreditFen), int64(a.HeldFen)})
		}
	}
	return out
}
