package account_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/kit/clock"
)

// admin makes an administrator of a unit and gives his context.
func (b *bundle) admin(t *testing.T, login, division string) context.Context {
	t.Helper()
	a := b.staff(t, login)
	b.grant(t, a.ID, access.RoleAdmin, b.unit(t, division))
	return b.enter(t, a.ID)
}

// worker makes the account of a worker who lives in a division.
func (b *bundle) worker(t *testing.T, phone, division string) account.Account {
	t.Helper()
	a, err := b.EnsureWorker(system(t), phone, "欧阳师傅", division)
	require.NoError(t, err)
	return a
}

// over is everything that is done to somebody else's account.
func (b *bundle) over(t *testing.T, accountID string) map[string]func(ctx context.Context) error {
	t.Helper()
	return map[string]func(ctx context.Context) error{
		"disable":  func(ctx context.Context) error { return b.Disable(ctx, accountID) },
		"enable":   func(ctx context.Context) error { return b.Enable(ctx, accountID) },
		"sign out": func(ctx context.Context) error { return b.SignOutEverywhere(ctx, accountID) },
		"drop":     func(ctx context.Context) error { return b.DropTOTP(ctx, accountID) },
		"tokens":   func(ctx context.Context) error { _, err := b.ListTokens(ctx, accountID); return err },
	}
}

func (b *bundle) requireNone(t *testing.T, ctx context.Context, accountID, why string) {
	t.Helper()
	before := b.column(t, "SELECT id FROM audit_entries ORDER BY id")
	for what, do := range b.over(t, accountID) {
		err := do(ctx)
		requireCode(t, "account.unknown", err)
		require.Error(t, err, "%s: %s", what, why)
	}
	requireCode(t, "account.unknown", b.ResetPassword(ctx, accountID, "another good password"))
	require.Equal(t, before, b.column(t, "SELECT id FROM audit_entries ORDER BY id"), "nothing happened: %s", why)
	_, err := b.Load(t.Context(), accountID)
	require.NoError(t, err, "still in use: %s", why)
}

func (b *bundle) requireAll(t *testing.T, ctx context.Context, accountID string) {
	t.Helper()
	for what, do := range b.over(t, accountID) {
		require.NoError(t, do(ctx), what)
	}
	require.NoError(t, b.Disable(ctx, accountID))
	_, err := b.Load(t.Context(), accountID)
	requireCode(t, "account.disabled", err)
	require.NoError(t, b.Enable(ctx, accountID))
}

func TestAWorkersAccountIsItsOwnCountys(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		seedTree(t, b)
		county, sister := b.admin(t, "admin-lixia", "370102"), b.admin(t, "admin-shizhong", "370103")
		city, otherCity, province := b.admin(t, "admin-jinan", "3701"), b.admin(t, "admin-qingdao", "3702"), b.admin(t, "admin-province", "37")
		a := b.worker(t, phone, "370102")
		b.requireNone(t, sister, a.ID, "the sister county")
		b.requireNone(t, otherCity, a.ID, "another city")
		for what, do := range b.over(t, "nobody") {
			require.Equal(t, b.over(t, a.ID)[what](sister), do(county), "%s: what is not there is answered the same", what)
		}
		for _, ctx := range []context.Context{county, city, province} {
			b.requireAll(t, ctx, a.ID)
		}
		clerk := b.staff(t, "clerk")
		b.grant(t, clerk.ID, access.RoleCounty, b.unit(t, "370102"))
		b.requireNone(t, b.enter(t, clerk.ID), a.ID, "the right county, but no administrator")
		b.requireNone(t, b.enter(t, b.worker(t, "13800000002", "370102").ID), a.ID, "another worker")
		requireCode(t, "access.sign_in", b.Disable(t.Context(), a.ID))

		// Whoever has not said where he lives is kept by the province.
		nowhere := b.worker(t, "13800000003", "")
		b.requireNone(t, city, nowhere.ID, "kept by the province")
		b.requireAll(t, province, nowhere.ID)
	})
}

func TestAWorkerWhoActsForACompanyElsewhere(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		seedTree(t, b)
		home, companys := b.admin(t, "admin-lixia", "370102"), b.admin(t, "admin-shizhong", "370103")
		a := b.worker(t, phone, "370102")
		_, err := b.Grant(system(t), account.NewGrant{AccountID: a.ID, Role: access.RoleCompany, CompanyCity: "3701", CompanyID: "c1"})
		require.NoError(t, err)
		b.requireNone(t, companys, a.ID, "the county of the company, not of the person")
		b.requireAll(t, home, a.ID)

		// A worker with a right on a unit is both: either place alone is not enough.
		b.grant(t, a.ID, access.RoleTownship, b.unit(t, "370103"))
		b.requireNone(t, companys, a.ID, "a right given here does not bring the person here")
		b.requireNone(t, home, a.ID, "the person of here, a right elsewhere")
		b.requireAll(t, b.admin(t, "admin-jinan", "3701"), a.ID)
	})
}

func TestStaffBelongWhereAllTheirRightsLie(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		seedTree(t, b)
		lixia, shizhong := b.unit(t, "370102"), b.unit(t, "370103")
		county, sister := b.admin(t, "admin-lixia", "370102"), b.admin(t, "admin-shizhong", "370103")
		city, province := b.admin(t, "admin-jinan", "3701"), b.admin(t, "admin-province", "37")
		a := b.staff(t, "clerk")
		b.requireNone(t, city, a.ID, "never had a right: the province's")
		b.requireAll(t, province, a.ID)

		g := b.grant(t, a.ID, access.RoleCounty, lixia)
		b.requireNone(t, sister, a.ID, "the sister county")
		b.requireAll(t, county, a.ID)
		require.NoError(t, b.ResetPassword(county, a.ID, "another good password"))

		b.clock.Advance(time.Minute)
		_, err := b.Grant(system(t), account.NewGrant{AccountID: a.ID, Role: access.RoleTownship, UnitID: shizhong.ID, ExpiresOn: clock.Today(b.clock)})
		require.NoError(t, err)
		b.requireNone(t, county, a.ID, "one right elsewhere")
		b.requireNone(t, sister, a.ID, "one right elsewhere")
		b.requireAll(t, city, a.ID)
		b.clock.Advance(24 * time.Hour) // it was good until yesterday
		b.requireAll(t, county, a.ID)

		// Rights that are gone: the last one says whose the account is.
		require.NoError(t, b.Revoke(system(t), g.ID))
		b.requireNone(t, county, a.ID, "the right in the sister county was given later")
		b.requireAll(t, sister, a.ID)

		// Nobody locks himself out, and the upper level is not the lower one's.
		me, _ := access.From(county)
		requireCode(t, "account.self", b.Disable(county, me.AccountID))
		up, _ := access.From(city)
		b.requireNone(t, county, up.AccountID, "the city's administrator")
		require.NoError(t, b.SignOutEverywhere(county, me.AccountID), "one's own sessions are one's own")
		_, err = b.ListTokens(county, me.AccountID)
		require.NoError(t, err)
	})
}

// A token narrows who administers, too.
func TestATokenAdministersNoMoreThanItsScope(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		seedTree(t, b)
		county := b.admin(t, "admin-lixia", "370102")
		me, _ := access.From(county)
		a := b.worker(t, phone, "370102")
		for _, c := range []access.Capability{access.AuditView, access.GrantsManage} {
			secret, _, err := b.IssueToken(county, me.AccountID, "维护", []access.Capability{c}, time.Hour)
			require.NoError(t, err)
			actor, err := b.ActorForToken(t.Context(), secret)
			require.NoError(t, err)
			ctx := access.Enter(t.Context(), actor)
			if c == access.AuditView {
				b.requireNone(t, ctx, a.ID, "a token for something else")
				continue
			}
			b.requireAll(t, ctx, a.ID)
			requireCode(t, "account.self", b.Disable(ctx, me.AccountID))
		}
	})
}

// What is done to an account stands in the log of the unit that answers for it.
func TestWhoseLogAnAccountStandsIn(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		seedTree(t, b)
		county := b.admin(t, "admin-lixia", "370102")
		clerk, err := b.CreateStaff(county, account.NewStaff{Login: "clerk", Name: "李静", Password: password})
		require.NoError(t, err)
		_, err = b.Grant(county, account.NewGrant{AccountID: clerk.ID, Role: access.RoleCounty, UnitID: b.unit(t, "370102").ID})
		require.NoError(t, err)
		_, err = b.SignInStaff(t.Context(), "clerk", password, "", "10.0.0.1")
		require.NoError(t, err)
		b.grant(t, clerk.ID, access.RoleTownship, b.unit(t, "370103"))
		require.NoError(t, b.Disable(system(t), clerk.ID))
		worker := b.worker(t, phone, "370102001")
		require.NoError(t, b.SignOutEverywhere(system(t), worker.ID))
		b.signIn(t, "13800000002")
		own := b.staff(t, "nobody-yet")

		want := map[string]string{
			"account.create_staff " + clerk.ID:         b.unit(t, "370102").Path, // of who made it
			"account.grant " + clerk.ID:                b.unit(t, "370103").Path, // the later one: each stands with its unit
			"account.sign_in " + clerk.ID:              b.unit(t, "370102").Path,
			"account.disable " + clerk.ID:              b.unit(t, "3701").Path, // above both
			"account.sign_out_everywhere " + worker.ID: b.unit(t, "370102001").Path,
			"account.create_staff " + own.ID:           access.Root,
		}
		var rows []struct{ Action, SubjectID, OrgPath string }
		require.NoError(t, b.db.Reader(t.Context()).NewRaw("SELECT action, subject_id, org_path FROM audit_entries WHERE subject_kind = 'account' ORDER BY id").
			Scan(t.Context(), &rows))
		got := map[string]string{}
		for _, r := range rows {
			require.NotEmpty(t, r.OrgPath, r.Action)
			if key := r.Action + " " + r.SubjectID; want[key] != "" {
				got[key] = r.OrgPath
			}
		}
		require.Equal(t, want, got)
	})
}
