package demo_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/access"
	"gonghui/internal/core/company"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
)

// refundStory looks at the refunds of the county of the logins: lists and claims in
// their states, an order that the bank has answered and one that waits, objections.
func refundStory(t *testing.T, h house) {
	for flow, states := range map[string][]string{
		dues.FlowRefund: {"submitted", "reviewed", "noticed", "approving", "approved", "rejected"}, // no list is returned: companies apply nowhere
		dues.FlowAppeal: {"submitted", "upheld", "declined"},
	} {
		for _, s := range states {
			require.Positive(t, count(t, h.DB, "SELECT count(*) FROM cases WHERE kind = '"+flow+"' AND state = '"+s+"'"), "%s %s", flow, s)
		}
	}
	for _, s := range []dues.ClaimState{
		dues.ClaimListed, dues.ClaimHeld, dues.ClaimStruck, dues.ClaimKept, dues.ClaimOrdered, dues.ClaimPaid, dues.ClaimBounced,
	} {
		require.Positive(t, count(t, h.DB, "SELECT count(*) FROM dues_claims WHERE state = '"+string(s)+"'"), s)
	}
	require.Equal(t, 1, count(t, h.DB, "SELECT count(*) FROM dues_payments WHERE state = 'rejected'"))
	home, ok := h.Org.ByDivision("370102")
	require.True(t, ok)
	require.Positive(t, count(t, h.DB, "SELECT count(*) FROM cases WHERE kind = 'dues.refund' AND state = 'approving' AND org_path = '"+home.Path+"'"), "one waits for a second person")
	require.Positive(t, count(t, h.DB, "SELECT count(*) FROM cases WHERE kind = 'dues.refund' AND state = 'submitted' AND org_path > '"+home.Path+"'"), "and one for a township")
	ctx := access.System(t.Context(), "test")
	orders, err := h.Dues.ListBatches(ctx, page.Request{})
	require.NoError(t, err)
	require.Len(t, orders.Items, 2)
	require.Equal(t, dues.BatchPrepared, orders.Items[0].State)
	require.Equal(t, dues.BatchDone, orders.Items[1].State)
	require.Greater(t, orders.Items[1].Payments, 1)
}

// ownDues looks at what the company of the login sees of its dues.
func ownDues(t *testing.T, h house, actor access.Actor) {
	c := actor.Companies()[0]
	own, err := h.Dues.CompanyDues(access.Enter(t.Context(), actor), company.Ref{City: c.CompanyCity, ID: c.CompanyID})
	require.NoError(t, err)
	require.True(t, own.Eligible)
	require.Len(t, own.Months, 3)
	require.Positive(t, own.Refunded)
	require.Len(t, own.Appeals, 1)
	require.Equal(t, "submitted", own.Appeals[0].State)
}
