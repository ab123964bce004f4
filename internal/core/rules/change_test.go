package rules_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/core/casework/flowtest"
	"gonghui/internal/core/rules"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
)

func TestFlowIsAProcedure(t *testing.T) {
	flowtest.Walk(t, rules.Flow())
	flowtest.Texts(t, rules.Flow())
}

func TestEveryParameterHasWords(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		for _, def := range h.Latest().Definitions() {
			if def.Room() == "fund" {
				continue
			}
			for _, key := range def.Texts() {
				for _, lang := range i18n.Langs {
					require.True(t, i18n.Bundle().Has(lang, key), "%s in %s", key, lang)
				}
			}
		}
	})
}

// One writes and sends in, another approves, and the next reading has it.
func TestAValueComesIntoForce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := setup(t, d)
		one, two := h.clerk("one", "37"), h.clerk("two", "37")
		other, _ := h.another()
		before, err := h.Book(t.Context())
		require.NoError(t, err)

		c, err := h.Propose(one, proposal("fund.cap", "37", "2020-08-01", "1,500.00"))
		require.NoError(t, err)
		require.Equal(t, "150000", c.Value)
		_, err = h.Approve(two, rules.Approval{Ref: c.Ref(), Version: 1})
		require.True(t, fault.HasCode(err, "casework.illegal"), "a draft is nobody's to approve: %v", err)
		c, err = h.Submit(one, c.Ref(), 1)
		require.NoError(t, err)
		require.Equal(t, "submitted", c.State)
		require.False(t, c.TriedAt.IsZero(), "what is sent in has been tried")
		_, err = h.Approve(one, rules.Approval{Ref: c.Ref(), Version: 2})
		require.True(t, fault.HasCode(err, "casework.four_eyes"), "%v", err)
		now, err := h.Book(t.Context())
		require.NoError(t, err)
		require.Same(t, before, now, "nothing holds before it is approved")

		_, err = h.Approve(two, rules.Approval{Ref: c.Ref(), Version: 2})
		require.NoError(t, err)
		for _, s := range []*rules.Service{h.Service, other} {
			b, err := s.Book(t.Context())
			require.NoError(t, err)
			amount, err := b.Fen("fund.cap", "370102", day("2020-08-01"))
			require.NoError(t, err)
			require.Equal(t, yuan("1500"), amount)
			amount, err = b.Fen("fund.cap", "370102", day("2020-07-31"))
			require.NoError(t, err)
			require.Equal(t, yuan("1000"), amount)
		}
		amount, err := before.Fen("fund.cap", "37", day("2020-08-01"))
		require.NoError(t, err)
		require.Equal(t, yuan("1000"), amount, "whoever began with a book ends with it")

		_, err = h.Withdraw(one, c.Ref(), 3, "搞错了")
		require.True(t, fault.HasCode(err, "casework.illegal"), "%v", err)
	})
}
