package app_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/app"
	"gonghui/internal/kit/fault"
)

func TestVerifyFindsWhatWasTamperedWith(t *testing.T) {
	each(t, func(t *testing.T, c app.Config) {
		setUp(t, c)
		furnish(t, c)
		a := open(t, c)
		require.NoError(t, a.CreateUser(t.Context(), app.NewUser{Login: "xian", Name: "王芳", Role: "county_clerk", Unit: "370102"}, &bytes.Buffer{}))
		var out bytes.Buffer
		require.NoError(t, a.Verify(t.Context(), &out), out.String())

		for _, x := range []struct{ part, harm, mend string }{
			{"FAIL audit", "UPDATE audit_entries SET actor_name = actor_name || 'x'", "UPDATE audit_entries SET actor_name = substr(actor_name, 1, length(actor_name) - 1)"},
			{"FAIL figures", `INSERT INTO figure_rollups (city_code, indicator, period, org_path, on_day, quantity, facts)
				VALUES ('3701', 'employment.workers_served', '2020', '0001', '2020-07-20', 1, 1)`, "DELETE FROM figure_rollups"},
			{"FAIL registry", "INSERT INTO registry (kind, hash, city_code, subject_id) VALUES ('phone', 'x', '3701', 'nobody')", "DELETE FROM registry WHERE hash = 'x'"},
		} {
			_, err := a.DB.Writer(t.Context()).ExecContext(t.Context(), x.harm)
			require.NoError(t, err)
			out.Reset()
			err = a.Verify(t.Context(), &out)
			require.True(t, fault.HasCode(err, "verify.differs"), "%s: %v\n%s", x.part, err, out.String())
			require.Contains(t, out.String(), x.part)
			_, err = a.DB.Writer(t.Context()).ExecContext(t.Context(), x.mend)
			require.NoError(t, err)
		}
		out.Reset()
		require.NoError(t, a.Verify(t.Context(), &out), out.String())
	})
}
