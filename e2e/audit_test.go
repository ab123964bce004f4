package e2e_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/access"
	"gonghui/internal/measure/employment"
)

// A clerk looks up a worker's number; the auditor of the county finds out who did
// and why, in both languages and in large type; the sister county finds nothing.
func TestAuditLog(t *testing.T) {
	needBrowser(t)
	onBoth(t, func(t *testing.T, h *house) {
		h.staff("huaiyin.clerk", "county_clerk", county)
		h.staff("huaiyin.auditor", access.RoleAuditor, county)
		h.staff("shizhong.auditor", access.RoleAuditor, sister)
		phone := h.phone()
		a, err := h.app.Accounts.EnsureWorker(h.system(), phone, "欧阳建国", county)
		require.NoError(t, err)
		clerk, err := h.app.Accounts.ByLogin(h.system(), "huaiyin.clerk")
		require.NoError(t, err)
		actor, err := h.app.Accounts.Load(t.Context(), clerk.ID)
		require.NoError(t, err)
		acting := access.Enter(t.Context(), actor)
		_, err = h.app.People.RevealPhone(acting, a.Person.City, a.Person.ID, "约面试时间")
		require.NoError(t, err)
		require.NoError(t, h.app.Employment.ExportVacancies(acting, employment.DeskFilter{}, "季度汇总", func(employment.Vacancy) error { return nil }))
		_, err = h.app.Audit.Seal(h.system())
		require.NoError(t, err)
		_, err = h.app.Audit.Verify(h.system())
		require.NoError(t, err)
		for _, s := range []size{phoneSize, deskSize} {
			t.Run(s.name, func(t *testing.T) {
				p := h.tab(t, "audit", s, true)
				p.open("/desk").staffIn("huaiyin.auditor").see(say("desk.nav.audit"), say("audit.action.person.phone_read"), "约面试时间").unseen("欧阳建国", phone).step("log")
				require.Equal(t, "/desk/audit", p.at())
				p.fill("actor", "huaiyin.clerk").choose("action", "person.phone_read")
				p.press(say("ui.filters")).see("约面试时间").unseen("季度汇总").step("found")
				p.open("/desk/audit?from=2020-02-30", 422).see(say("field.date")).step("wrong-day") // the calendar has no such day
				p.open("/prefs?lang=en&back="+url.QueryEscape("/desk/audit")).see("Audit log", "The chain is whole").step("english")
				p.open("/prefs?type=large&back=" + url.QueryEscape("/desk/audit")).step("large-type")
				p.open("/prefs?lang=zh-CN&back=" + url.QueryEscape("/desk/audit?action=person.phone_read")).step("large-type-chinese")

				q := h.tab(t, "audit-sister", s, true)
				q.open("/desk").staffIn("shizhong.auditor").open("/desk/audit?subject=" + a.Person.ID).see(say("desk.list.none")).unseen("约面试时间").step("nothing")
			})
		}
	})
}
