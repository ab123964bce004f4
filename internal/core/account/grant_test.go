package account_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/audit"
	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/page"
)

func seedTree(t *testing.T, b *bundle) {
	t.Helper()
	require.NoError(t, b.org.Seed(t.Context()))
}

func (b *bundle) unit(t *testing.T, division string) org.Unit {
	t.Helper()
	u, ok := b.org.ByDivision(division)
	require.True(t, ok, division)
	return u
}

func (b *bundle) grant(t *testing.T, accountID, role string, u org.Unit) account.GrantRecord {
	t.Helper()
	g, err := b.Grant(system(t), account.NewGrant{AccountID: accountID, Role: role, UnitID: u.ID})
	require.NoError(t, err)
	return g
}

func TestGrantsReachTheirSubtreeAndEndAtOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		seedTree(t, b)
		jinan, lixia, shizhong := b.unit(t, "3701"), b.unit(t, "370102"), b.unit(t, "370103")
		clerk := b.staff(t, "clerk")
		g := b.grant(t, clerk.ID, access.RoleCounty, lixia)
		ctx := b.enter(t, clerk.ID)
		require.True(t, access.Can(ctx, access.VacancyReview, lixia.Path))
		require.False(t, access.Can(ctx, access.VacancyReview, shizhong.Path), "a sister county")
		require.False(t, access.Can(ctx, access.VacancyReview, jinan.Path))
		require.False(t, access.Can(ctx, access.GrantsManage, lixia.Path))

		require.NoError(t, b.Revoke(system(t), g.ID))
		require.False(t, access.Can(b.enter(t, clerk.ID), access.VacancyReview, lixia.Path), "gone with the next request")
		requireCode(t, "account.grant_unknown", b.Revoke(system(t), g.ID))
		requireCode(t, "account.grant_unknown", b.Revoke(system(t), "none"))

		// The last day counts, the day after does not.
		_, err := b.Grant(system(t), account.NewGrant{AccountID: clerk.ID, Role: access.RoleCounty, UnitID: lixia.ID, ExpiresOn: clock.Today(b.clock)})
		require.NoError(t, err)
		require.True(t, access.Can(b.enter(t, clerk.ID), access.VacancyReview, lixia.Path))
		b.clock.Set(clock.Today(b.clock).End())
		require.False(t, access.Can(b.enter(t, clerk.ID), access.VacancyReview, lixia.Path))

		// An edited role takes effect with the next request.
		b.grant(t, clerk.ID, access.RoleCounty, lixia)
		require.True(t, access.Can(b.enter(t, clerk.ID), access.VacancyReview, lixia.Path))
		require.NoError(t, b.Roles.Change(system(t), access.RoleCounty, []access.Capability{access.CaseView}, 1))
		ctx = b.enter(t, clerk.ID)
		require.False(t, access.Can(ctx, access.VacancyReview, lixia.Path))
		require.True(t, access.Can(ctx, access.CaseView, lixia.Path))
	})
}

func TestWhoMayGrant(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		seedTree(t, b)
		jinan, lixia, qingdao := b.unit(t, "3701"), b.unit(t, "370102"), b.unit(t, "3702")
		admin, clerk := b.staff(t, "admin-jinan"), b.staff(t, "clerk")
		b.grant(t, admin.ID, access.RoleAdmin, jinan)
		by := b.enter(t, admin.ID)
		give := func(ctx context.Context, accountID, role, unitID string) error {
			_, err := b.Grant(ctx, account.NewGrant{AccountID: accountID, Role: role, UnitID: unitID})
			return err
		}
		require.NoError(t, give(by, clerk.ID, access.RoleCounty, lixia.ID))
		requireCode(t, "account.grant_exists", give(by, clerk.ID, access.RoleCounty, lixia.ID))
		requireCode(t, "access.denied", give(by, clerk.ID, access.RoleCounty, qingdao.ID))
		requireCode(t, "account.self", give(by, admin.ID, access.RoleCity, jinan.ID))
		requireCode(t, "account.unit", give(by, clerk.ID, access.RoleCounty, "none"))
		requireCode(t, "account.unknown", give(by, "none", access.RoleCounty, lixia.ID))
		requireCode(t, "access.role_unknown", give(by, clerk.ID, "king", lixia.ID))
		requireCode(t, "account.grant", give(by, clerk.ID, access.RoleCompany, lixia.ID))
		requireCode(t, "account.grant", give(by, clerk.ID, access.RoleCounty, ""))
		requireCode(t, "access.denied", give(b.enter(t, clerk.ID), admin.ID, access.RoleCounty, lixia.ID))
		requireCode(t, "access.sign_in", give(t.Context(), clerk.ID, access.RoleTownship, lixia.ID))
		_, err := b.Grant(by, account.NewGrant{AccountID: clerk.ID, Role: access.RoleTownship, UnitID: lixia.ID, ExpiresOn: clock.Today(b.clock).Add(-1)})
		requireCode(t, "account.grant", err)
		_, err = b.Grant(by, account.NewGrant{AccountID: clerk.ID, Role: access.RoleTownship, UnitID: lixia.ID, CompanyCity: "3701", CompanyID: "c1"})
		requireCode(t, "account.grant", err)

		// An administrator of one city neither sees nor ends the grants of another.
		foreign := b.staff(t, "clerk-qingdao")
		g := b.grant(t, foreign.ID, access.RoleCity, qingdao)
		requireCode(t, "account.grant_unknown", b.Revoke(by, g.ID))
		requireCode(t, "account.unknown", b.Disable(by, foreign.ID))
		requireCode(t, "account.unknown", b.ResetPassword(by, foreign.ID, "another good password"))
		requireCode(t, "account.self", b.Disable(by, admin.ID))
		require.NoError(t, b.Disable(by, clerk.ID))
		list, err := b.ListGrants(by, clerk.ID)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, admin.ID, list[0].GrantedBy)

		entries, err := audit.New(b.db, b.clock).ListForSubject(system(t), org.ProvinceCustody, clerk.ID, page20)
		require.NoError(t, err)
		require.Equal(t, audit.Action("account.disable"), entries.Items[0].Action)
		require.Equal(t, admin.ID, entries.Items[0].ActorID)
	})
}

func TestCompanyGrants(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		boss, colleague, stranger := b.signIn(t, phone), b.signIn(t, "13800000002"), b.signIn(t, "13800000003")
		give := func(ctx context.Context, accountID, company string) error {
			_, err := b.Grant(ctx, account.NewGrant{AccountID: accountID, Role: access.RoleCompany, CompanyCity: "3701", CompanyID: company})
			return err
		}
		requireCode(t, "access.denied", give(b.enter(t, stranger.ID), colleague.ID, "c1"))
		requireCode(t, "access.denied", give(b.enter(t, boss.ID), boss.ID, "c1"))
		// Registering a company: the house gives the first grant, the log names the person.
		require.NoError(t, give(access.System(b.enter(t, boss.ID), "employment.register"), boss.ID, "c1"))
		ctx := b.enter(t, boss.ID)
		require.True(t, access.CanCompany(ctx, access.VacancyPost, "c1"))
		require.False(t, access.CanCompany(ctx, access.VacancyPost, "c2"))
		require.NoError(t, give(ctx, colleague.ID, "c1"), "who acts for a company may bring in a colleague")
		requireCode(t, "access.denied", give(ctx, colleague.ID, "c2"))
		ids, err := b.ListForCompany(t.Context(), "c1")
		require.NoError(t, err)
		require.ElementsMatch(t, []string{boss.ID, colleague.ID}, ids)

		list, err := b.ListGrants(b.enter(t, colleague.ID), colleague.ID)
		require.NoError(t, err)
		requireCode(t, "account.grant_unknown", b.Revoke(b.enter(t, stranger.ID), list[0].ID))
		require.NoError(t, b.Revoke(b.enter(t, colleague.ID), list[0].ID), "everybody may lay down his own")
		ids, err = b.ListForCompany(t.Context(), "c1")
		require.NoError(t, err)
		require.Equal(t, []string{boss.ID}, ids)
	})
}

func TestTokens(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		seedTree(t, b)
		lixia := b.unit(t, "370102")
		clerk := b.staff(t, "clerk")
		b.grant(t, clerk.ID, access.RoleCounty, lixia)
		mine := b.enter(t, clerk.ID)
		scope := []access.Capability{access.FiguresView, access.AuditView}
		secret, token, err := b.IssueToken(mine, clerk.ID, "weekly report", scope, time.Hour)
		require.NoError(t, err)
		require.NotContains(t, b.column(t, "SELECT token_hash FROM tokens")[0], secret)

		a, err := b.ActorForToken(t.Context(), secret)
		require.NoError(t, err)
		ctx := access.Enter(t.Context(), a)
		require.True(t, access.Can(ctx, access.FiguresView, lixia.Path))
		require.False(t, access.Can(ctx, access.VacancyReview, lixia.Path), "the account has it, the token has not")
		require.False(t, access.CanAnywhere(ctx, access.AuditView), "the token has it, the account has not")
		require.Equal(t, "weekly report", access.Purpose(ctx))
		_, _, err = b.IssueToken(ctx, clerk.ID, "more", scope, time.Hour)
		requireCode(t, "account.unknown", err)
		_, err = b.BeginTOTP(ctx, clerk.ID)
		requireCode(t, "account.unknown", err)
		list, err := b.ListTokens(mine, clerk.ID)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, b.clock.Now(), list[0].LastUsedAt)

		for _, bad := range []string{"", "gonghui_", "gonghui_x", secret + "x", "x' OR '1'='1"} {
			_, err := b.ActorForToken(t.Context(), bad)
			requireCode(t, "account.token", err)
		}
		other := b.staff(t, "other")
		requireCode(t, "account.token_unknown", b.RevokeToken(b.enter(t, other.ID), token.ID))
		require.NoError(t, b.Disable(system(t), clerk.ID))
		_, err = b.ActorForToken(t.Context(), secret)
		requireCode(t, "account.disabled", err)
		require.NoError(t, b.Enable(system(t), clerk.ID))

		b.clock.Advance(time.Hour)
		_, err = b.ActorForToken(t.Context(), secret)
		requireCode(t, "account.token", err)
		mine = b.enter(t, clerk.ID)
		secret, token, err = b.IssueToken(mine, clerk.ID, "weekly report", scope, time.Hour)
		require.NoError(t, err)
		require.NoError(t, b.RevokeToken(mine, token.ID))
		_, err = b.ActorForToken(t.Context(), secret)
		requireCode(t, "account.token", err)

		_, _, err = b.IssueToken(mine, clerk.ID, " ", nil, time.Second)
		requireCode(t, "account.token_input", err)
		_, _, err = b.IssueToken(mine, clerk.ID, "x", []access.Capability{"root"}, 400*24*time.Hour)
		requireCode(t, "account.token_input", err)
		_, _, err = b.IssueToken(mine, other.ID, "x", scope, time.Hour)
		requireCode(t, "account.unknown", err)
	})
}

func TestListStaff(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		seedTree(t, b)
		jinan, lixia, qingdao := b.unit(t, "3701"), b.unit(t, "370102"), b.unit(t, "3702")
		admin, one, two, foreign := b.staff(t, "admin-jinan"), b.staff(t, "one"), b.staff(t, "two"), b.staff(t, "foreign")
		b.grant(t, admin.ID, access.RoleAdmin, jinan)
		b.grant(t, two.ID, access.RoleCounty, lixia)
		b.grant(t, one.ID, access.RoleCounty, lixia)
		b.grant(t, one.ID, access.RoleTownship, lixia)
		gone := b.grant(t, two.ID, access.RoleTownship, lixia)
		require.NoError(t, b.Revoke(system(t), gone.ID))
		b.grant(t, foreign.ID, access.RoleAdmin, qingdao)

		names := func(ctx context.Context) []string {
			out := []string{}
			req := page.Request{Limit: 2}
			for {
				p, err := b.ListStaff(ctx, req)
				require.NoError(t, err)
				for _, g := range p.Items {
					out = append(out, g.Login)
				}
				if req.After = p.Next; req.After == "" {
					return out
				}
			}
		}
		require.Equal(t, []string{"admin-jinan", "one", "one", "two"}, names(b.enter(t, admin.ID)))
		require.Equal(t, []string{"foreign"}, names(b.enter(t, foreign.ID)))
		_, err := b.ListStaff(b.enter(t, one.ID), page.Request{})
		requireCode(t, "access.denied", err)
		_, err = b.ListStaff(t.Context(), page.Request{})
		requireCode(t, "access.sign_in", err)
	})
}
