package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/access"
	"gonghui/internal/core/ledger"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

func TestOpenGivesTheAccountThatIsThere(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		require.Equal(t, b.bank, b.open("bank", ""))
		party := b.open("refund_payable", "c1")
		require.NotEqual(t, b.payable.ID, party.ID)
		var list []ledger.Account
		for i := range 1200 {
			list = append(list, ledger.Account{City: "3701", UnitID: b.unit.ID, OrgPath: b.unit.Path, Fund: fund, Code: "suspense", Party: fmt.Sprint(i % 700)})
		}
		first, err := b.OpenMany(b.house, list)
		require.NoError(t, err)
		again, err := b.OpenMany(b.house, list)
		require.NoError(t, err)
		require.Equal(t, first, again)
		require.Equal(t, first[0].ID, first[700].ID, "twice in one call is one account")
		for _, a := range []ledger.Account{
			{City: "3701", UnitID: b.unit.ID, OrgPath: b.unit.Path, Code: "bank"},
			{City: "3701", UnitID: b.unit.ID, OrgPath: "x", Fund: fund, Code: "bank"},
			{UnitID: b.unit.ID, OrgPath: b.unit.Path, Fund: fund, Code: "bank"},
		} {
			_, err := b.Open(b.house, a)
			code(t, err, "ledger.account")
		}
		_, err = b.Open(b.house, ledger.Account{City: "3701", UnitID: b.unit.ID, OrgPath: b.unit.Path, Fund: fund, Code: "nothing"})
		require.True(t, fault.IsKind(err, fault.Internal))
		require.Error(t, b.Register(ledger.Code{Code: "bank", Kind: ledger.Asset}))
		require.Error(t, b.Register(ledger.Code{Code: "Bank", Kind: ledger.Asset}))
		require.Error(t, b.Register(ledger.Code{Code: "other", Kind: "money"}))
		b.clean()
	})
}

func TestPost(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		e := b.post(b.entry("a", b.bank, b.income, 1000))
		require.EqualValues(t, 1, e.Seq)
		require.EqualValues(t, 1000, b.fen(b.bank))
		require.EqualValues(t, 1000, b.fen(b.income))
		got, err := b.Entry(b.house, "3701", 1)
		require.NoError(t, err)
		require.Equal(t, e, got)
		found, ok, err := b.FindByKey(b.house, "3701", "a")
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, e, found)
		_, ok, err = b.FindByKey(b.house, "3701", "b")
		require.NoError(t, err)
		require.False(t, ok)
		_, err = b.Entry(b.house, "3701", 2)
		code(t, err, "ledger.entry_unknown")

		// The same key is the same entry.
		b.clock.Advance(1e9)
		again := b.post(b.entry("a", b.bank, b.income, 1000))
		require.True(t, again.Repeated)
		again.Repeated = false
		require.Equal(t, e, again)
		_, err = b.Post(b.house, b.entry("a", b.bank, b.income, 1001))
		code(t, err, "ledger.key_reused")
		require.EqualValues(t, 1000, b.fen(b.bank))
		require.EqualValues(t, 1, b.clean().Entries)
	})
}

func TestPostRefuses(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		other, _ := b.org.ByDivision("370202")
		foreign := b.openAt(other, "bank", "")
		good := func() ledger.Entry { return b.entry("x", b.bank, b.income, 5) }
		for name, c := range map[string]struct {
			change func(e *ledger.Entry)
			want   string
		}{
			"no key":     {func(e *ledger.Entry) { e.Key = "" }, "ledger.entry"},
			"no city":    {func(e *ledger.Entry) { e.City = "" }, "ledger.entry"},
			"NUL":        {func(e *ledger.Entry) { e.Key = "a\x00" }, "ledger.entry"},
			"no kind":    {func(e *ledger.Entry) { e.Kind = "" }, "ledger.entry"},
			"tomorrow":   {func(e *ledger.Entry) { e.BookedOn++ }, "ledger.day"},
			"no day":     {func(e *ledger.Entry) { e.BookedOn = 0 }, "ledger.day"},
			"one line":   {func(e *ledger.Entry) { e.Lines = e.Lines[:1] }, "ledger.lines"},
			"zero":       {func(e *ledger.Entry) { e.Lines[0].Fen, e.Lines[1].Fen = 0, 0 }, "ledger.amount"},
			"negative":   {func(e *ledger.Entry) { e.Lines[0].Fen, e.Lines[1].Fen = -5, -5 }, "ledger.amount"},
			"no side":    {func(e *ledger.Entry) { e.Lines[0].Side = "" }, "ledger.amount"},
			"unbalanced": {func(e *ledger.Entry) { e.Lines[0].Fen = 6 }, "ledger.unbalanced"},
			"one side":   {func(e *ledger.Entry) { e.Lines[1].Side = ledger.Debit }, "ledger.unbalanced"},
			"other city": {func(e *ledger.Entry) { e.Lines[1].Account = foreign.ID }, "ledger.account_unknown"},
			"no account": {func(e *ledger.Entry) { e.Lines[1].Account = "nothing" }, "ledger.account_unknown"},
			"by hand":    {func(e *ledger.Entry) { e.Reverses = 1 }, "ledger.entry"},
			"sum too large": {func(e *ledger.Entry) {
				e.Lines = append(e.Lines, ledger.Line{Account: b.bank.ID, Fen: math.MaxInt64, Side: ledger.Debit})
			}, "ledger.overflow"},
			"below zero": {func(e *ledger.Entry) { e.Lines[0].Side, e.Lines[1].Side = ledger.Credit, ledger.Debit }, "ledger.insufficient"},
		} {
			e := good()
			c.change(&e)
			_, err := b.Post(b.house, e)
			require.True(t, fault.HasCode(err, c.want), "%s: %v", name, err)
		}
		_, err := b.Post(t.Context(), good())
		code(t, err, "access.sign_in")
		require.Zero(t, b.clean().Entries, "nothing is booked")

		// Sums of an account that would not fit: a fault, never a wrong number.
		b.post(b.entry("large", b.bank, b.income, math.MaxInt64-10))
		_, err = b.Post(b.house, b.entry("more", b.bank, b.income, 11))
		code(t, err, "ledger.overflow")
		b.post(b.entry("just", b.bank, b.income, 10))
		require.EqualValues(t, math.MaxInt64, b.fen(b.bank))
		b.clean()
	})
}

func TestPostJoinsTheTransaction(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		boom := errors.New("boom")
		err := b.db.InTx(b.house, func(ctx context.Context) error {
			for _, key := range []string{"a", "b"} {
				if _, err := b.Post(ctx, b.entry(key, b.bank, b.income, 7)); err != nil {
					return err
				}
			}
			return boom
		})
		require.ErrorIs(t, err, boom)
		require.Zero(t, b.fen(b.bank))
		require.NoError(t, b.db.InTx(b.house, func(ctx context.Context) error {
			_, err := b.Post(ctx, b.entry("a", b.bank, b.income, 7))
			return err
		}))
		e := b.post(b.entry("c", b.bank, b.income, 7))
		require.EqualValues(t, 2, e.Seq, "numbers have no gap")
		b.clean()
	})
}

// Many at once, two programs on one database: each gets its own answer, a bad
// one fails alone, keys given twice are one entry.
func TestManyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		programs := []*ledger.Service{b.Service, b.another()}
		const n = 120
		entries, errs := make([]ledger.Entry, n), make([]error, n)
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				e := b.entry(fmt.Sprint("k", i/2), b.bank, b.income, int64(i/2+1))
				if i%10 == 9 {
					e.Lines[0].Account = "nothing"
				}
				entries[i], errs[i] = programs[i%2].Post(b.house, e)
			})
		}
		wg.Wait()
		seen := map[int64]bool{}
		for i := range n {
			if i%10 == 9 {
				code(t, errs[i], "ledger.account_unknown")
				continue
			}
			require.NoError(t, errs[i])
			require.EqualValues(t, i/2+1, entries[i].Lines[0].Fen)
			seen[entries[i].Seq] = true
			if i%2 == 1 {
				require.Equal(t, entries[i-1].Seq, entries[i].Seq)
			}
		}
		require.Len(t, seen, n/2)
		require.EqualValues(t, n/2, b.clean().Entries)
		require.EqualValues(t, n/2*(n/2+1)/2, b.fen(b.bank))
	})
}

func TestReverse(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		today := clock.Today(b.clock)
		why := ledger.Memo{Key: "ledger.memo.reversal", Params: map[string]string{"Seq": "1", "Reason": "E3-8"}}
		old := b.post(b.entry("a", b.bank, b.income, 1000))
		_, err := b.Reverse(b.house, "3701", old.Seq, "r", ledger.Memo{}, today)
		code(t, err, "ledger.reason")
		_, err = b.Reverse(b.house, "3701", 99, "r", why, today)
		code(t, err, "ledger.entry_unknown")

		// Two at once: one is refused.
		errs := make([]error, 2)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { _, errs[i] = b.Reverse(b.house, "3701", old.Seq, fmt.Sprint("r", i), why, today) })
		}
		wg.Wait()
		won := 0
		if errs[0] != nil {
			won = 1
		}
		require.NoError(t, errs[won])
		code(t, errs[1-won], "ledger.reversed")
		require.Zero(t, b.fen(b.bank))

		again, err := b.Reverse(b.house, "3701", old.Seq, fmt.Sprint("r", won), why, today)
		require.NoError(t, err, "the same reversal again is the same entry")
		require.True(t, again.Repeated)
		_, err = b.Reverse(b.house, "3701", again.Seq, "rr", why, today)
		code(t, err, "ledger.reversed")
		b.clean()
	})
}

func TestSisterUnitsSeeNothing(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		all := []access.Capability{access.LedgerRead, access.LedgerPost, access.LedgerClose}
		sister, _ := b.org.ByDivision("370103")
		ours, theirs := clerk(t.Context(), "a1", b.unit, all...), clerk(t.Context(), "a2", sister, all...)
		reader := clerk(t.Context(), "a3", b.unit, access.LedgerRead)
		e := b.post(b.entry("a", b.bank, b.income, 10))
		hold, err := b.Reserve(b.house, ledger.Hold{City: "3701", Key: "h", Account: b.bank.ID, Fen: 1})
		require.NoError(t, err)
		today := clock.Today(b.clock)
		for name, try := range map[string]func(ctx context.Context) error{
			"account": func(ctx context.Context) error { _, err := b.Get(ctx, "3701", b.bank.ID); return err },
			"balance": func(ctx context.Context) error { _, err := b.Balance(ctx, "3701", b.bank.ID, 0, 0); return err },
			"entry":   func(ctx context.Context) error { _, err := b.Entry(ctx, "3701", e.Seq); return err },
			"statement": func(ctx context.Context) error {
				_, _, err := b.Statement(ctx, ledger.StatementRequest{City: "3701", Account: b.bank.ID, From: today, To: today}, reqAll)
				return err
			},
			"holds":   func(ctx context.Context) error { _, err := b.Holds(ctx, "3701", b.bank.ID); return err },
			"periods": func(ctx context.Context) error { _, err := b.Periods(ctx, "3701", b.unit.ID); return err },
		} {
			require.NoError(t, try(ours), name)
			require.NoError(t, try(reader), name)
			require.True(t, fault.IsKind(try(theirs), fault.NotFound), name)
			require.Error(t, try(t.Context()), name)
		}
		for name, try := range map[string]func(ctx context.Context) error{
			"post": func(ctx context.Context) error { _, err := b.Post(ctx, b.entry("a", b.bank, b.income, 10)); return err },
			"reverse": func(ctx context.Context) error {
				_, err := b.Reverse(ctx, "3701", e.Seq, "r", ledger.Memo{Key: "x"}, today)
				return err
			},
			"reserve": func(ctx context.Context) error {
				_, err := b.Reserve(ctx, ledger.Hold{City: "3701", Key: "h2", Account: b.bank.ID, Fen: 1})
				return err
			},
			"release": func(ctx context.Context) error { _, err := b.Release(ctx, "3701", hold.ID); return err },
			"capture": func(ctx context.Context) error {
				_, err := b.Capture(ctx, "3701", hold.ID, b.entry("cap", b.income, b.bank, 1))
				return err
			},
			"open": func(ctx context.Context) error {
				_, err := b.Open(ctx, ledger.Account{City: "3701", UnitID: b.unit.ID, OrgPath: b.unit.Path, Fund: fund, Code: "bank"})
				return err
			},
			"close": func(ctx context.Context) error {
				_, err := b.ClosePeriod(ctx, "3701", b.unit.ID, "2020-06")
				return err
			},
			"account": func(ctx context.Context) error { return b.CloseAccount(ctx, "3701", b.payable.ID) },
		} {
			require.True(t, fault.IsKind(try(theirs), fault.NotFound), name)
			require.True(t, fault.IsKind(try(reader), fault.Forbidden), "%s: %v", name, try(reader))
		}
		list, err := b.Accounts(theirs, ledger.AccountFilter{}, reqAll)
		require.NoError(t, err)
		require.Empty(t, list.Items)
		list, err = b.Accounts(ours, ledger.AccountFilter{Fund: fund}, reqAll)
		require.NoError(t, err)
		require.Len(t, list.Items, 3)
		_, err = b.Accounts(clerk(t.Context(), "a4", b.unit, access.CaseView), ledger.AccountFilter{}, reqAll)
		require.True(t, fault.IsKind(err, fault.Forbidden))
		_, err = b.Verify(ours)
		require.True(t, fault.IsKind(err, fault.Forbidden))
		_, err = b.Post(ours, b.entry("mine", b.bank, b.income, 10))
		require.NoError(t, err)
	})
}
