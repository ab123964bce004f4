package ledger_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/access"
	"gonghui/internal/core/ledger"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
)

// posted is one line as the test remembers it.
type posted struct {
	account       string
	booked, known clock.Day
	debit, credit int64
}

// Random postings over half a year, many of them late: whatever day is asked for
// on either axis, the balance is the sum of the lines remembered; statements run
// from the one balance to the other; the replay agrees.
func TestRandomBooksAgreeWithTheirReplay(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		rng := rand.New(rand.NewPCG(2020, 3))
		b.clock.Set(time.Date(2020, 3, 1, 4, 0, 0, 0, time.UTC))
		first := clock.Today(b.clock)
		accounts := []ledger.Account{b.income, b.payable}
		for i := range 4 {
			accounts = append(accounts, b.open("suspense", fmt.Sprint("p", i)))
		}
		var lines []posted
		var alive []int64
		keep := func(e ledger.Entry) {
			for _, l := range e.Lines {
				p := posted{account: l.Account, booked: e.BookedOn, known: e.KnownOn}
				if l.Side == ledger.Debit {
					p.debit = int64(l.Fen)
				} else {
					p.credit = int64(l.Fen)
				}
				lines = append(lines, p)
			}
		}
		for step := range 40 {
			b.clock.Advance(time.Duration(rng.IntN(100)) * time.Hour)
			today := clock.Today(b.clock)
			var list []ledger.Entry
			for i := range 1 + rng.IntN(12) {
				e := ledger.Entry{City: "3701", Key: fmt.Sprint(step, "-", i), Kind: "test.random", BookedOn: max(first, today-clock.Day(rng.IntN(50)))}
				left := money.Fen(1 + rng.IntN(100_000))
				e.Lines = []ledger.Line{{Account: accounts[0].ID, Fen: left, Side: ledger.Debit}}
				for left > 0 {
					part := min(left, money.Fen(1+rng.IntN(60_000)))
					e.Lines = append(e.Lines, ledger.Line{Account: accounts[1+rng.IntN(len(accounts)-1)].ID, Fen: part, Side: ledger.Credit})
					left -= part
				}
				if rng.IntN(2) == 0 {
					for n := range e.Lines {
						e.Lines[n].Side = e.Lines[n].Side.Other()
					}
				}
				list = append(list, e)
			}
			require.NoError(t, b.PostMany(b.house, list, nil))
			for _, e := range list {
				got, ok, err := b.FindByKey(b.house, "3701", e.Key)
				require.NoError(t, err)
				require.True(t, ok)
				require.Equal(t, e.Lines, got.Lines)
				keep(got)
				alive = append(alive, got.Seq)
			}
			if n := rng.IntN(len(alive)); rng.IntN(3) == 0 {
				r, err := b.Reverse(b.house, "3701", alive[n], fmt.Sprint("r", step), ledger.Memo{Key: "ledger.memo.reversal"}, today)
				require.NoError(t, err)
				keep(r)
				alive = slices.Delete(alive, n, n+1)
			}
		}
		last := clock.Today(b.clock)
		ask := func(a ledger.Account, asOf, known clock.Day) int64 {
			got, err := b.Balance(b.house, a.City, a.ID, asOf, known)
			require.NoError(t, err)
			var debit, credit, n int64
			for _, l := range lines {
				if l.account == a.ID && (asOf == 0 || l.booked <= asOf) && (known == 0 || l.known <= known) {
					debit, credit, n = debit+l.debit, credit+l.credit, n+1
				}
			}
			require.EqualValues(t, debit, got.Debit, "%s as of %s known %s", a.Code, asOf, known)
			require.EqualValues(t, credit, got.Credit)
			require.Equal(t, n, got.Lines)
			return int64(got.Fen)
		}
		for range 120 {
			a := accounts[rng.IntN(len(accounts))]
			asOf, known := first+clock.Day(rng.IntN(int(last-first)+5)-2), first+clock.Day(rng.IntN(int(last-first)+5)-2)
			switch rng.IntN(4) {
			case 0:
				asOf = 0
			case 1:
				known = 0
			}
			ask(a, asOf, known)
		}
		for range 10 {
			a := accounts[rng.IntN(len(accounts))]
			from := first + clock.Day(rng.IntN(int(last-first)))
			q := ledger.StatementRequest{City: "3701", Account: a.ID, From: from, To: min(last, from+clock.Day(rng.IntN(60)))}
			if rng.IntN(2) == 0 {
				q.KnownOn = from + clock.Day(rng.IntN(60))
			}
			st, _, err := b.Statement(b.house, q, reqAll)
			require.NoError(t, err)
			require.Equal(t, ask(a, from-1, q.KnownOn), int64(st.Opening))
			require.Equal(t, ask(a, q.To, q.KnownOn), int64(st.Closing))
			for _, limit := range []int{200, 7} {
				all := b.lines(q, limit)
				require.Len(t, all, int(st.Lines))
				if len(all) > 0 {
					require.Equal(t, st.Closing, all[len(all)-1].Balance, "limit %d", limit)
				}
			}
		}
		r := b.clean()
		require.EqualValues(t, len(lines), r.Lines)
	})
}

func TestHolds(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.post(b.entry("in", b.bank, b.income, 100))
		hold := func(key string, fen int64) (ledger.Hold, error) {
			return b.Reserve(b.house, ledger.Hold{City: "3701", Key: key, Account: b.bank.ID, Fen: money.Fen(fen), Subject: ledger.Subject{Kind: "refund", ID: key}})
		}
		for _, fen := range []int64{0, -1} {
			_, err := hold("h0", fen)
			code(t, err, "ledger.amount")
		}
		h, err := hold("h1", 60)
		require.NoError(t, err)
		again, err := hold("h1", 60)
		require.NoError(t, err)
		require.Equal(t, h, again)
		_, err = hold("h1", 61)
		code(t, err, "ledger.key_reused")

		// Two want the last 40: one gets them.
		errs := make([]error, 2)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { _, errs[i] = hold(fmt.Sprint("race", i), 40) })
		}
		wg.Wait()
		won := 0
		if errs[0] != nil {
			won = 1
		}
		require.NoError(t, errs[won])
		code(t, errs[1-won], "ledger.insufficient")
		n, err := b.Balance(b.house, "3701", b.bank.ID, 0, 0)
		require.NoError(t, err)
		require.EqualValues(t, []money.Fen{100, 100, 0}, []money.Fen{n.Fen, n.Held, n.Avail})

		// What is held cannot be taken by others, only by its capture.
		_, err = b.Post(b.house, b.entry("out", b.payable, b.bank, 1))
		code(t, err, "ledger.insufficient")
		_, err = b.Capture(b.house, "3701", h.ID, b.entry("too much", b.payable, b.bank, 61))
		code(t, err, "ledger.capture")
		_, err = b.Capture(b.house, "3701", h.ID, b.entry("wrong way", b.bank, b.payable, 10))
		code(t, err, "ledger.capture")
		_, err = b.Capture(b.house, "3701", "nothing", b.entry("pay", b.payable, b.bank, 50))
		code(t, err, "ledger.hold_unknown")
		e, err := b.Capture(b.house, "3701", h.ID, b.entry("pay", b.payable, b.bank, 50))
		require.NoError(t, err)
		twice, err := b.Capture(b.house, "3701", h.ID, b.entry("pay", b.payable, b.bank, 50))
		require.NoError(t, err)
		require.Equal(t, e.Seq, twice.Seq)
		_, err = b.Capture(b.house, "3701", h.ID, b.entry("pay again", b.payable, b.bank, 10))
		code(t, err, "ledger.hold_ended")
		_, err = b.Release(b.house, "3701", h.ID)
		code(t, err, "ledger.hold_ended")
		require.EqualValues(t, 50, b.fen(b.bank))

		open, err := b.Holds(b.house, "3701", b.bank.ID)
		require.NoError(t, err)
		require.Len(t, open, 1)
		code(t, b.CloseAccount(b.house, "3701", b.bank.ID), "ledger.not_empty")
		for range 2 {
			r, err := b.Release(b.house, "3701", open[0].ID)
			require.NoError(t, err)
			require.Equal(t, ledger.Released, r.State)
		}
		_, err = b.Capture(b.house, "3701", open[0].ID, b.entry("late", b.payable, b.bank, 10))
		code(t, err, "ledger.hold_ended")
		b.post(b.entry("rest", b.payable, b.bank, 50))
		require.Zero(t, b.fen(b.bank))
		b.clean()

		require.NoError(t, b.CloseAccount(b.house, "3701", b.bank.ID))
		code(t, b.CloseAccount(b.house, "3701", b.bank.ID), "ledger.account_closed")
		_, err = b.Post(b.house, b.entry("closed", b.bank, b.income, 1))
		code(t, err, "ledger.account_closed")
		first := b.post(b.entry("in", b.bank, b.income, 100))
		require.True(t, first.Repeated, "a repeated key is answered even then")
	})
}

func TestPeriods(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		other, _ := b.org.ByDivision("370103")
		bank, income := b.openAt(other, "bank", ""), b.openAt(other, "dues_income", "")
		june := func(key string, debit, credit ledger.Account) error {
			e := b.entry(key, debit, credit, 5)
			e.BookedOn = clock.MakeDay(2020, 6, 30)
			_, err := b.Post(b.house, e)
			return err
		}
		for _, m := range []string{"2020", "2020-6", "2020-13", "", "2020-06-01"} {
			_, err := b.ClosePeriod(b.house, "3701", b.unit.ID, m)
			code(t, err, "ledger.month")
		}
		for _, m := range []string{"2020-07", "2020-08"} {
			_, err := b.ClosePeriod(b.house, "3701", b.unit.ID, m)
			code(t, err, "ledger.period_running")
		}
		require.NoError(t, june("a", b.bank, b.income))
		anna, bo := clerk(t.Context(), "anna", b.unit, access.LedgerRead, access.LedgerClose), clerk(t.Context(), "bo", b.unit, access.LedgerRead, access.LedgerClose)
		p, err := b.ClosePeriod(anna, "3701", b.unit.ID, "2020-06")
		require.NoError(t, err)
		again, err := b.ClosePeriod(bo, "3701", b.unit.ID, "2020-06")
		require.NoError(t, err)
		require.Equal(t, p, again)
		require.EqualValues(t, 1, p.Seq)
		code(t, june("b", b.bank, b.income), "ledger.period_closed")
		require.NoError(t, june("a", b.bank, b.income), "the first answer")
		require.NoError(t, june("c", bank, income), "another unit's books are open")
		_, err = b.Reverse(b.house, "3701", 1, "r", ledger.Memo{Key: "x"}, clock.MakeDay(2020, 6, 30))
		code(t, err, "ledger.period_closed")

		_, err = b.ReopenPeriod(anna, "3701", b.unit.ID, "2020-06", "漏记一笔")
		code(t, err, "ledger.second_person")
		_, err = b.ReopenPeriod(bo, "3701", b.unit.ID, "2020-06", "  ")
		code(t, err, "ledger.reason")
		_, err = b.ReopenPeriod(bo, "3701", b.unit.ID, "2020-05", "漏记一笔")
		code(t, err, "ledger.period_open")
		p, err = b.ReopenPeriod(bo, "3701", b.unit.ID, "2020-06", "漏记一笔")
		require.NoError(t, err)
		require.False(t, p.Closed)
		require.NoError(t, june("b", b.bank, b.income))

		// A whole city closes all of its units.
		_, err = b.ClosePeriod(anna, "3701", "", "2020-06")
		require.True(t, fault.IsKind(err, fault.NotFound), "a county does not close the city: %v", err)
		_, err = b.ClosePeriod(b.house, "3701", "", "2020-06")
		require.NoError(t, err)
		code(t, june("d", b.bank, b.income), "ledger.period_closed")
		code(t, june("e", bank, income), "ledger.period_closed")
		list, err := b.Periods(anna, "3701", b.unit.ID)
		require.NoError(t, err)
		require.Len(t, list, 2)
		_, err = b.ClosePeriod(b.house, "3702", b.unit.ID, "2020-06")
		require.True(t, fault.IsKind(err, fault.NotFound), "a unit of another city")
		b.clean()
	})
}

// A run that ends between two chunks, by a cancelled context or by a crash of
// what listens, is run again: nothing is missing and nothing doubled.
func TestPostManyIsRunAgain(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		list := make([]ledger.Entry, 4500)
		var sum int64
		for i := range list {
			list[i] = b.entry(fmt.Sprintf("line-%05d", i), b.bank, b.income, int64(i+1))
			sum += int64(i + 1)
		}
		ctx, cancel := context.WithCancel(b.house)
		err := b.PostMany(ctx, list, func(int) { cancel() })
		code(t, err, "db.cancelled")
		require.EqualValues(t, 2000, b.clean().Entries)
		require.PanicsWithValue(t, "crash", func() {
			_ = b.PostMany(b.house, list, func(done int) {
				if done == 4000 {
					panic("crash")
				}
			})
		})
		require.EqualValues(t, 4000, b.clean().Entries)
		// One key in the middle of a chunk is known under other content: the chunk is not booked.
		bad := b.entry("line-04300", b.bank, b.payable, 1)
		b.post(bad)
		code(t, b.PostMany(b.house, list, nil), "ledger.key_reused")
		require.EqualValues(t, 4001, b.clean().Entries)
		list[4300] = bad
		require.NoError(t, b.PostMany(b.house, list, nil))
		require.NoError(t, b.PostMany(b.house, list, nil))
		require.EqualValues(t, 4500, b.clean().Entries)
		require.Equal(t, sum-4301+1, b.fen(b.bank))
		code(t, b.PostMany(b.house, []ledger.Entry{b.entry("ok", b.bank, b.income, 1), b.entry("bad", b.payable, b.bank, 1<<50)}, nil), "ledger.insufficient")
		_, ok, err := b.FindByKey(b.house, "3701", "ok")
		require.NoError(t, err)
		require.False(t, ok, "a chunk is booked as a whole")
	})
}

func TestTransferBetweenCities(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		other, _ := b.org.ByDivision("370202")
		theirs := b.openAt(other, "bank", "")
		b.post(b.entry("in", b.bank, b.income, 1000))
		tr := ledger.Transfer{
			Key: "t1", BookedOn: clock.MakeDay(2020, 6, 30), Memo: ledger.Memo{Key: "ledger.code.clearing"},
			FromCity: "3701", From: ledger.Line{Account: b.bank.ID, Fen: 400, Side: ledger.Credit},
			ToCity: "3702", To: ledger.Line{Account: theirs.ID, Fen: 400, Side: ledger.Debit},
		}
		for name, change := range map[string]func(*ledger.Transfer){
			"same city":    func(x *ledger.Transfer) { x.ToCity = "3701" },
			"other amount": func(x *ledger.Transfer) { x.To.Fen = 401 },
			"same side":    func(x *ledger.Transfer) { x.To.Side = ledger.Credit },
			"no key":       func(x *ledger.Transfer) { x.Key = "" },
		} {
			bad := tr
			change(&bad)
			_, err := b.Transfer(b.house, bad)
			require.True(t, fault.HasCode(err, "ledger.transfer"), name)
		}
		tr.BookedOn = clock.Today(b.clock)
		_, err := b.Transfer(b.house, func() ledger.Transfer { x := tr; x.From.Fen, x.To.Fen = 1001, 1001; return x }())
		code(t, err, "ledger.insufficient")

		sent, err := b.Transfer(b.house, tr)
		require.NoError(t, err)
		again, err := b.Transfer(b.house, tr)
		require.NoError(t, err)
		require.True(t, again.Repeated)
		require.Equal(t, sent.OutboxID, again.OutboxID)
		elsewhere := tr
		elsewhere.To.Account = b.openAt(other, "suspense", "").ID
		_, err = b.Transfer(b.house, elsewhere)
		code(t, err, "ledger.key_reused")
		require.EqualValues(t, 600, b.fen(b.bank))
		require.Zero(t, b.fen(theirs))
		require.EqualValues(t, 1, b.clean().InTransit)

		require.NoError(t, b.queue.RunDue(b.house))
		require.NoError(t, b.queue.RunDue(b.house))
		require.EqualValues(t, 400, b.fen(theirs))
		require.EqualValues(t, 0, b.clean().InTransit)
		require.Zero(t, b.fen(b.openAt(b.unit, ledger.Clearing, ""))+b.fen(b.openAt(other, ledger.Clearing, "")), "clearing comes to zero")
		_, err = b.Reverse(b.house, "3701", sent.Seq, "r", ledger.Memo{Key: "x"}, tr.BookedOn)
		code(t, err, "ledger.reversed")

		// The month is closed there when the second half arrives.
		tr.Key = "t2"
		_, err = b.Transfer(b.house, tr)
		require.NoError(t, err)
		b.clock.Set(time.Date(2020, 8, 3, 4, 0, 0, 0, time.UTC))
		_, err = b.ClosePeriod(b.house, "3702", "", "2020-07")
		require.NoError(t, err)
		require.NoError(t, b.queue.RunDue(b.house))
		require.EqualValues(t, 800, b.fen(theirs))
		n, err := b.Balance(b.house, "3702", theirs.ID, clock.MakeDay(2020, 7, 31), 0)
		require.NoError(t, err)
		require.EqualValues(t, 400, n.Fen)
		b.clean()
	})
}

// Whatever is changed behind the ledger's back is found and named.
func TestTamperingIsFound(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for day := range 3 {
			b.clock.Set(time.Date(2020, 7, 20+day, 4, 0, 0, 0, time.UTC))
			for i := range 4 {
				b.post(b.entry(fmt.Sprint(day, i), b.bank, b.income, int64(100+i)))
			}
		}
		_, err := b.Reserve(b.house, ledger.Hold{City: "3701", Key: "h", Account: b.bank.ID, Fen: 7})
		require.NoError(t, err)
		b.clean()
		for name, c := range map[string]struct{ statement, back, want string }{
			"amount":       {"UPDATE ledger_lines SET fen = fen + 1 WHERE seq = 5 AND no = 1", "UPDATE ledger_lines SET fen = fen - 1 WHERE seq = 5 AND no = 1", ledger.Changed},
			"both amounts": {"UPDATE ledger_lines SET fen = fen + 1 WHERE seq = 5", "UPDATE ledger_lines SET fen = fen - 1 WHERE seq = 5", ledger.Changed},
			"day":          {"UPDATE ledger_entries SET booked_on = '2020-07-01' WHERE seq = 5", "UPDATE ledger_entries SET booked_on = '2020-07-21' WHERE seq = 5", ledger.Changed},
			"day of lines": {"UPDATE ledger_lines SET booked_on = '2020-07-01' WHERE seq = 5", "UPDATE ledger_lines SET booked_on = '2020-07-21' WHERE seq = 5", ledger.Changed},
			"memo":         {"UPDATE ledger_entries SET memo_params = '{\"a\":\"b\"}' WHERE seq = 5", "UPDATE ledger_entries SET memo_params = '' WHERE seq = 5", ledger.Changed},
			"who":          {"UPDATE ledger_entries SET actor_id = 'x' WHERE seq = 5", "UPDATE ledger_entries SET actor_id = 'system' WHERE seq = 5", ledger.Changed},
			"order":        {"UPDATE ledger_entries SET known_on = '2020-07-19' WHERE seq = 5", "UPDATE ledger_entries SET known_on = '2020-07-21' WHERE seq = 5", ledger.Unchained},
			"line gone":    {"UPDATE ledger_lines SET seq = 500 WHERE seq = 5 AND no = 2", "UPDATE ledger_lines SET seq = 5 WHERE seq = 500", ledger.Unbalanced},
			"voucher gone": {"UPDATE ledger_entries SET city_code = '9999' WHERE seq = 5", "UPDATE ledger_entries SET city_code = '3701' WHERE seq = 5", ledger.Missing},
			"last gone":    {"UPDATE ledger_entries SET city_code = '9999' WHERE seq = 12", "UPDATE ledger_entries SET city_code = '3701' WHERE seq = 12", ledger.Missing},
			"head":         {"UPDATE ledger_heads SET seq = 11", "UPDATE ledger_heads SET seq = 12", ledger.BadHead},
			"closing":      {"UPDATE ledger_closings SET seq = 7 WHERE known_on = '2020-07-21'", "UPDATE ledger_closings SET seq = 8 WHERE known_on = '2020-07-21'", ledger.BadHead},
			"day sum":      {"UPDATE ledger_days SET debit_fen = debit_fen + 1 WHERE booked_on = '2020-07-20'", "UPDATE ledger_days SET debit_fen = debit_fen - 1 WHERE booked_on = '2020-07-20'", ledger.BadSums},
			"month sum":    {"UPDATE ledger_months SET lines = lines + 1", "UPDATE ledger_months SET lines = lines - 1", ledger.BadSums},
			"balance":      {"UPDATE ledger_balances SET credit_fen = credit_fen + 1", "UPDATE ledger_balances SET credit_fen = credit_fen - 1", ledger.BadSums},
			"held":         {"UPDATE ledger_holds SET fen = 8", "UPDATE ledger_holds SET fen = 7", ledger.BadSums},
		} {
			_, err := b.db.Writer(t.Context()).NewRaw(c.statement).Exec(t.Context())
			require.NoError(t, err, name)
			r, err := b.Verify(b.house)
			require.NoError(t, err)
			require.True(t, slices.ContainsFunc(r.Problems, func(p ledger.Problem) bool { return p.What == c.want }), "%s: want %s in %+v", name, c.want, r.Problems)
			_, err = b.db.Writer(t.Context()).NewRaw(c.back).Exec(t.Context())
			require.NoError(t, err, name)
			b.clean()
		}
	})
}

// A clock that is set back does not turn the chain back, and a day's closing hash covers what was
// known on it.
func TestTheDayOfRecordingNeverFalls(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.post(b.entry("a", b.bank, b.income, 1))
		first, err := b.Head(b.house, "3701", 0)
		require.NoError(t, err)
		b.clock.Advance(48 * time.Hour)
		b.post(b.entry("b", b.bank, b.income, 1))
		b.clock.Advance(-48 * time.Hour)
		e := b.post(b.entry("c", b.bank, b.income, 1))
		require.Equal(t, clock.MakeDay(2020, 7, 22), e.KnownOn)
		kept, err := b.Head(b.house, "3701", clock.MakeDay(2020, 7, 21))
		require.NoError(t, err)
		require.Equal(t, first, kept)
		now, err := b.Head(b.house, "3701", 0)
		require.NoError(t, err)
		require.EqualValues(t, 3, now.Seq)
		require.Equal(t, e.Hash, now.Hash)
		b.clean()
	})
}
