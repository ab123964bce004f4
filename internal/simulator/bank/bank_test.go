package bank_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/pain"
	"gonghui/internal/simulator/bank"
)

var now = time.Date(2020, 7, 20, 9, 0, 0, 0, time.UTC)

func order(t *testing.T, id string, n int) []byte {
	t.Helper()
	o := pain.Order{MessageID: id, CreatedAt: now, ExecuteOn: clock.DayOf(now), From: pain.Party{Name: "历下区总工会", Account: "1"}}
	for i := range n {
		o.Payments = append(o.Payments, pain.Payment{
			EndToEndID: fmt.Sprintf("%s-%d", id, i), Amount: money.Fen(100 + i), To: pain.Party{Name: "某某工会", Account: fmt.Sprintf("62%04d", i)},
		})
	}
	var b bytes.Buffer
	require.NoError(t, pain.Write(&b, o))
	return b.Bytes()
}

func answers(t *testing.T, b *bank.Bank) []pain.Report {
	t.Helper()
	list, err := b.Answers(t.Context())
	require.NoError(t, err)
	out := make([]pain.Report, len(list))
	for i, text := range list {
		out[i], err = pain.ReadReport(bytes.NewReader(text))
		require.NoError(t, err)
	}
	return out
}

func TestGoodDay(t *testing.T) {
	b := bank.New(clock.NewFake(now), 1, bank.Faults{})
	require.NoError(t, b.Send(t.Context(), order(t, "R1", 3)))
	require.NoError(t, b.Send(t.Context(), order(t, "R1", 3)), "sent again")
	got := answers(t, b)
	require.Len(t, got, 2)
	require.Len(t, got[0].Payments, 3)
	require.Equal(t, pain.Settled, got[0].Payments[2].Outcome)
	require.Equal(t, money.Fen(102), b.PaidIn("620002"))
	require.Empty(t, b.Doubled())
	require.Empty(t, answers(t, b))
}

func TestBadBankPaysTwice(t *testing.T) {
	b := bank.New(clock.NewFake(now), 1, bank.Faults{ForgetOrders: true})
	require.NoError(t, b.Send(t.Context(), order(t, "R1", 2)))
	require.NoError(t, b.Send(t.Context(), order(t, "R1", 2)))
	require.Equal(t, []string{"R1-0", "R1-1"}, b.Doubled())
}

func TestFaults(t *testing.T) {
	one := func(f bank.Faults) (*bank.Bank, []pain.Report) {
		b := bank.New(clock.NewFake(now), 3, f)
		_ = b.Send(t.Context(), order(t, "R1", 4)) // Down fails on purpose
		return b, answers(t, b)
	}
	b, got := one(bank.Faults{Reject: 1})
	require.Equal(t, pain.Rejected, got[0].Payments[0].Outcome)
	require.Zero(t, b.PaidIn("620000"))
	_, got = one(bank.Faults{Late: 1})
	require.Equal(t, []pain.Outcome{pain.Pending, pain.Settled}, []pain.Outcome{got[0].Payments[0].Outcome, got[1].Payments[0].Outcome})
	_, got = one(bank.Faults{Twice: 1})
	require.Equal(t, got[0], got[1])
	b, got = one(bank.Faults{Lose: 1})
	require.Empty(t, got)
	require.True(t, b.Ask("R1"))
	require.Len(t, answers(t, b)[0].Payments, 4)
	require.False(t, b.Ask("R2"))
	_, got = one(bank.Faults{Refuse: 1})
	require.Equal(t, pain.Rejected, got[0].Outcome())
	require.Empty(t, got[0].Payments)
	_, got = one(bank.Faults{Stranger: 1})
	require.Len(t, got[0].Payments, 5)
	b, got = one(bank.Faults{Contradict: 1})
	require.Equal(t, pain.Settled, got[0].Payments[1].Outcome)
	require.Equal(t, pain.Rejected, got[1].Payments[1].Outcome)
	require.Zero(t, b.PaidIn("620001"))

	b = bank.New(clock.NewFake(now), 3, bank.Faults{Down: 1})
	arrived := 0
	for i := range 40 {
		id := fmt.Sprintf("R%d", i)
		if err := b.Send(t.Context(), order(t, id, 1)); err == nil {
			continue
		}
		if b.Ask(id) {
			arrived++
		}
	}
	require.Positive(t, arrived, "some orders arrive though the line breaks")
	require.Less(t, arrived, 40)
	b.Set(bank.Faults{})
	require.ErrorIs(t, b.Send(t.Context(), []byte("<Document/>")), bank.ErrOrder)
}
