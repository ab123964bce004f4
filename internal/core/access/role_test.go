package access_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/core/access"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

func TestRolesAreSeededAndEdited(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		clk := clock.NewFake(time.Date(2020, 7, 20, 1, 0, 0, 0, time.UTC))
		roles := access.NewRoles(d, audit.New(d, clk))
		require.NoError(t, access.SeedRoles(ctx, d))
		require.NoError(t, access.SeedRoles(ctx, d))
		list, err := roles.List(ctx)
		require.NoError(t, err)
		require.Len(t, list, len(access.BuiltIn()))
		for _, want := range access.BuiltIn() {
			got, err := roles.Get(ctx, want.Code)
			require.NoError(t, err)
			require.Equal(t, want, got, "seeding twice changes nothing")
		}
		_, err = roles.Get(ctx, "king")
		require.True(t, fault.HasCode(err, "access.role_unknown"))

		// An older program's built-in role is brought up to date, with a new version.
		_, err = d.Writer(ctx).NewRaw("UPDATE roles SET capabilities = 'case.view' WHERE code = ?", access.RoleCounty).Exec(ctx)
		require.NoError(t, err)
		require.NoError(t, access.SeedRoles(ctx, d))
		r, err := roles.Get(ctx, access.RoleCounty)
		require.NoError(t, err)
		require.Equal(t, 2, r.Version)
		require.Contains(t, r.Capabilities, access.VacancyReview)

		// An edit needs the right at the root, the version seen, and real capabilities.
		admin := func(path string) access.Actor {
			return access.Actor{AccountID: "a", Kind: access.KindStaff, Grants: []access.Grant{{UnitID: "u", Path: path, Caps: []access.Capability{access.GrantsManage}}}}
		}
		caps := []access.Capability{access.CaseView}
		require.True(t, fault.HasCode(roles.Change(ctx, access.RoleCounty, caps, 2), "access.sign_in"))
		require.True(t, fault.HasCode(roles.Change(access.Enter(ctx, admin("00010001")), access.RoleCounty, caps, 2), "access.denied"))
		root := access.Enter(ctx, admin(access.Root))
		require.True(t, fault.HasCode(roles.Change(root, access.RoleCounty, caps, 1), "access.role_moved_on"))
		require.True(t, fault.HasCode(roles.Change(root, "king", caps, 1), "access.role_unknown"))
		require.True(t, fault.HasCode(roles.Change(root, access.RoleCounty, []access.Capability{"root"}, 2), "access.capability"))
		require.True(t, fault.HasCode(roles.Change(root, access.RoleCounty, []access.Capability{access.SelfUse}, 2), "access.capability"))

		before, err := roles.AtVersion(ctx, access.RoleCounty, 2)
		require.NoError(t, err)
		require.Contains(t, before, access.VacancyReview)
		require.NoError(t, roles.Change(root, access.RoleCounty, caps, 2))
		after, err := roles.AtVersion(ctx, access.RoleCounty, 3)
		require.NoError(t, err)
		require.Equal(t, caps, after, "the cache does not outlive the version")
		require.NoError(t, access.SeedRoles(ctx, d))
		r, err = roles.Get(ctx, access.RoleCounty)
		require.NoError(t, err)
		require.Equal(t, caps, r.Capabilities, "seeding leaves an edited role alone")
		none, err := roles.AtVersion(ctx, "gone", 1)
		require.NoError(t, err)
		require.Empty(t, none)
	})
}
