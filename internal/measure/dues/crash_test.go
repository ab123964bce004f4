package dues_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
	"gonghui/internal/simulator/bank"
	"gonghui/internal/simulator/taxoffice"
)

// mortal dies at a statement: from then on no statement of the run is heard by the
// database, as when the process was killed there.
type mortal struct{ left atomic.Int64 }

var errKilled = errors.New("killed")

func (m *mortal) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context {
	if m.left.Add(-1) >= 0 {
		return ctx
	}
	dead, cancel := context.WithCancelCause(ctx)
	cancel(errKilled)
	return dead
}

func (m *mortal) AfterQuery(context.Context, *bun.QueryEvent) {}

// A process that dies between any two statements of a refund, again and again: what
// was begun goes on, the books balance, and nobody is paid twice.
func TestDiesAnywhere(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		clerk := b.finance("clerk", lixia)
		var firms []taxoffice.Company
		var due money.Fen
		for i := range 5 {
			firm, ref := b.firm(lixia, i, false, 10_000_000+int64(i)*1_000_000)
			firms = append(firms, firm)
			b.small(clerk, ref, fmt.Sprintf("16020098765432%02d", i))
			due += money.Fen(6 * (firm.PayrollFen / 50 * 40 / 100))
		}
		b.collected(lixia, firms, halfMonths...)
		at := bank.New(b.clock, 9, bank.Faults{Twice: 0.3, Lose: 0.3, Down: 0.3, Late: 0.3, Stranger: 0.2})
		life := &mortal{}
		life.left.Store(1 << 40)
		b.watch(life)
		dice := rand.New(rand.NewPCG(11, 3))
		deaths, whole := 0, false
		for !whole {
			life.left.Store(1 + dice.Int64N(40))
			if deaths >= 300 {
				life.left.Store(1 << 40)
			}
			var err error
			whole, err = b.work(at)
			if life.left.Load() < 0 {
				deaths++
			} else {
				require.NoError(t, err, "after %d deaths", deaths)
			}
			require.Less(t, deaths, 400)
			b.clock.Advance(time.Hour)
		}
		life.left.Store(1 << 40)
		b.drain()
		t.Logf("died %d times", deaths)
		require.Greater(t, deaths, 50, "the test kills")
		require.Empty(t, at.Doubled())
		require.Equal(t, due, at.Total())
		county, _ := b.Org.ByDivision(lixia)
		require.Zero(t, b.balance(county.Path, "dues_payable"))
		require.Zero(t, b.balance(county.Path, "dues_transit"))
		b.whole()
		sum, err := b.DueOf(clerk, b.unit(lixia), firstHalf())
		require.NoError(t, err)
		require.Equal(t, dues.Total{Companies: 5, Due: due, Paid: due}, sum)
	})
}

// watch hangs a hook on every statement of the room.
func (b *bundle) watch(h bun.QueryHook) {
	b.t.Helper()
	for _, h2 := range []bun.IDB{b.DB.Reader(b.t.Context()), b.DB.Writer(b.t.Context())} {
		d, ok := h2.(*bun.DB)
		require.True(b.t, ok)
		*d = *d.WithQueryHook(h)
	}
}

// work does whatever is next with the refunds of the county, from what the database
// says, as people would who know nothing of what happened before. It tells whether
// all is done.
func (b *bundle) work(at *bank.Bank) (bool, error) {
	ctx := b.t.Context()
	clerk, second := b.finance("clerk", lixia), b.finance("second", lixia)
	if _, err := b.MakeLists(clerk, b.unit(lixia), dues.GiveBack, firstHalf()); err != nil {
		return false, err
	}
	lists, err := b.ListRefunds(clerk, page.Request{Limit: 50})
	if err != nil {
		return false, err
	}
	for _, r := range lists.Items {
		_, k, err := b.GetRefund(clerk, r.CityCode, r.ID)
		if err != nil {
			return false, err
		}
		next, who := map[string]string{"submitted": "review", "reviewed": "notice", "approving": "approve"}[k.State], clerk
		if next == "approve" {
			who = second
		}
		if next == "" {
			continue
		}
		if _, err := b.Decide(who, casework.Ref{City: r.CityCode, ID: r.ID}, next, k.Version, ""); err != nil {
			return false, err
		}
	}
	b.clock.Advance(36 * time.Hour)
	if _, err := b.Cases.Tick(access.System(ctx, "test")); err != nil {
		return false, err
	}
	if err := b.Queue.RunDue(ctx); err != nil {
		return false, err
	}
	if _, err := b.PrepareBatch(clerk, b.unit(lixia), "", clock.Today(b.clock)); err != nil && !fault.HasCode(err, "dues.nothing_to_pay") {
		return false, err
	}
	batches, err := b.ListBatches(clerk, page.Request{Limit: 50})
	if err != nil {
		return false, err
	}
	done := len(batches.Items) > 0
	for _, x := range batches.Items {
		if x.State == dues.BatchDone {
			continue
		}
		done = false
		if x.State == dues.BatchPrepared {
			if x, err = b.ApproveBatch(second, x.CityCode, x.ID, x.Version); err != nil {
				return false, err
			}
		}
		if _, err := b.SendBatch(clerk, x.CityCode, x.ID); err != nil {
			return false, err
		}
		if !at.Ask(x.MessageID) {
			var file bytes.Buffer
			if err := b.WriteOrder(clerk, x.CityCode, x.ID, house, &file); err != nil {
				return false, err
			}
			if err := at.Send(ctx, file.Bytes()); err != nil && !errors.Is(err, bank.ErrLine) {
				return false, err
			}
		}
		texts, err := at.Answers(ctx)
		if err != nil {
			return false, err
		}
		for _, text := range texts {
			if _, err := b.TakeAnswer(clerk, "3701", bytes.NewReader(text)); err != nil {
				return false, err
			}
		}
	}
	return done, nil
}
