package sms_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/notice"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/simulator/sms"
)

const phone = "13800000001"

func message(key string) notice.Message {
	return notice.Message{To: phone, Text: "text " + key, Key: key}
}

func TestSameSeedSameFaults(t *testing.T) {
	run := func(seed uint64) string {
		g := sms.New(clock.NewFake(time.Unix(0, 0)), seed, sms.Faults{Refuse: .2, Busy: .2, AnswerLost: .2, Twice: .2, Lose: .2})
		for i := range 200 {
			_ = g.Send(t.Context(), message(fmt.Sprint(i)))
		}
		out := ""
		for _, c := range g.Calls() {
			out += string(c.Outcome) + " "
		}
		return out + fmt.Sprint(len(g.Phone(phone)))
	}
	require.Equal(t, run(1), run(1))
	require.NotEqual(t, run(1), run(2))
	for _, o := range []sms.Outcome{sms.Accepted, sms.Refused, sms.Busy, sms.AnswerLost, sms.Lost} {
		require.Contains(t, run(1), string(o))
	}
}

func TestEachFault(t *testing.T) {
	tests := []struct {
		name      string
		faults    sms.Faults
		outcome   sms.Outcome
		fails     bool
		permanent bool
		arrives   int
	}{
		{"none", sms.Faults{}, sms.Accepted, false, false, 1},
		{"refuse", sms.Faults{Refuse: 1}, sms.Refused, true, true, 0},
		{"busy", sms.Faults{Busy: 1}, sms.Busy, true, false, 0},
		{"answer lost", sms.Faults{AnswerLost: 1}, sms.AnswerLost, true, false, 1},
		{"twice", sms.Faults{Twice: 1}, sms.Accepted, false, false, 2},
		{"lose", sms.Faults{Lose: 1}, sms.Lost, false, false, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := sms.New(clock.NewFake(time.Unix(0, 0)), 1, tt.faults)
			err := g.Send(t.Context(), message("k"))
			require.Equal(t, tt.fails, err != nil)
			require.Equal(t, tt.permanent, fault.IsKind(err, fault.Invalid))
			require.Equal(t, tt.outcome, g.Calls()[0].Outcome)
			require.Len(t, g.Phone(phone), tt.arrives)
		})
	}
}

func TestAKeyIsDeliveredOnce(t *testing.T) {
	g := sms.New(clock.NewFake(time.Unix(0, 0)), 1, sms.Faults{AnswerLost: 1})
	require.Error(t, g.Send(t.Context(), message("k")))
	require.NoError(t, g.Send(t.Context(), message("k")), "the second time the gateway knows the key")
	require.Len(t, g.Phone(phone), 1)
	g.Set(sms.Faults{ForgetKeys: true})
	require.NoError(t, g.Send(t.Context(), message("k")))
	require.Len(t, g.Phone(phone), 2)
}

func TestDelay(t *testing.T) {
	c := clock.NewFake(time.Unix(0, 0))
	g := sms.New(c, 1, sms.Faults{Delay: time.Minute})
	require.NoError(t, g.Send(t.Context(), message("k")))
	_, ok := g.Last(phone)
	require.False(t, ok)
	c.Advance(time.Minute)
	text, ok := g.Last(phone)
	require.True(t, ok)
	require.Equal(t, "text k", text)
}

func TestACallerThatHasGoneSendsNothing(t *testing.T) {
	g := sms.New(clock.NewFake(time.Unix(0, 0)), 1, sms.Faults{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, g.Send(ctx, message("k")))
	require.Empty(t, g.Calls())
}
