package app_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/app"
	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/kit/fault"
)

func TestCreateUser(t *testing.T) {
	each(t, func(t *testing.T, c app.Config) {
		setUp(t, c)
		a := open(t, c)
		ctx := t.Context()
		var out bytes.Buffer
		require.NoError(t, a.CreateUser(ctx, app.NewUser{Login: "wangfang", Name: "王芳", Role: "county_clerk", Unit: "370102"}, &out))
		password := regexp.MustCompile(`[a-z0-9]{4}(-[a-z0-9]{4}){3}`).FindString(out.String())
		require.NotEmpty(t, password, out.String())
		signed, err := a.Accounts.SignInStaff(ctx, "wangfang", password, "", "")
		require.NoError(t, err)
		require.True(t, signed.MustEnrol())
		actor, err := a.Accounts.Load(ctx, signed.ID)
		require.NoError(t, err)
		require.Empty(t, actor.Grants, "nothing is open before the second factor is set up")

		out.Reset()
		require.NoError(t, a.CreateUser(ctx, app.NewUser{
			Login: "lilei", Name: "李雷", Role: "city_clerk", Unit: "3702", Password: strings.NewReader("Correct-Horse-9\nsecond line\n"),
		}, &out))
		require.NotContains(t, out.String(), "Correct-Horse")
		_, err = a.Accounts.SignInStaff(ctx, "lilei", "Correct-Horse-9", "", "")
		require.NoError(t, err)

		for name, x := range map[string]struct {
			in   app.NewUser
			code string
		}{
			"no such unit":   {app.NewUser{Login: "x1234", Name: "X", Role: "county_clerk", Unit: "999999"}, "user.unit"},
			"no such role":   {app.NewUser{Login: "x1234", Name: "X", Role: "king", Unit: "370102"}, "access.role_unknown"},
			"a company role": {app.NewUser{Login: "x1234", Name: "X", Role: "company_hr", Unit: "370102"}, "account.grant"},
			"a bad login":    {app.NewUser{Login: "王", Name: "X", Role: "county_clerk", Unit: "370102"}, "account.staff"},
			"a weak one":     {app.NewUser{Login: "x1234", Name: "X", Role: "county_clerk", Unit: "370102", Password: strings.NewReader("12345\n")}, "account.password"},
			"no password":    {app.NewUser{Login: "x1234", Name: "X", Role: "county_clerk", Unit: "370102", Password: strings.NewReader("")}, "account.password"},
			"a taken login":  {app.NewUser{Login: "lilei", Name: "X", Role: "county_clerk", Unit: "370102"}, "account.login_taken"},
		} {
			err := a.CreateUser(ctx, x.in, &out)
			require.True(t, fault.HasCode(err, x.code), "%s: %v", name, err)
		}
		_, err = a.Accounts.ByLogin(access.System(ctx, "test"), "x1234")
		require.True(t, fault.IsKind(err, fault.NotFound), "a refused grant leaves no account: %v", err)
	})
}

func TestMadeUpPasswords(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		p := app.MakePassword()
		require.False(t, seen[p])
		seen[p] = true
		require.NoError(t, account.CheckPassword(p, "login"))
	}
}
