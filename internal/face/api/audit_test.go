package api

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/access"
)

func TestTheAuditLogIsReadByItsOwnPart(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		hr := h.worker("19900000001", "李华", "370104")
		c := h.employer(hr, "济南钢花机械有限公司", "370104")
		v := h.onOffer(hr, c, welder())
		county, sister := h.clerk("huaiyin", access.RoleAuditor, "370104"), h.clerk("shizhong", access.RoleAdmin, "370103")

		var list List[AuditEntry]
		county.do("GET", "/audit?subject="+v.Number, nil).ok(200).into(&list)
		require.Len(t, list.Items, 2)
		require.Equal(t, Coded{"employment.vacancy.publish", "Vacancy: Publish"}, list.Items[0].Action)
		require.Equal(t, AuditActor{Kind: "house", ID: "system", Text: "The platform itself"}, list.Items[0].Actor)
		first := list.Items[1]
		require.Equal(t, "worker", first.Actor.Kind)
		require.Equal(t, "Worker 李*", first.Actor.Text)
		require.Equal(t, "employment.vacancy", first.Subject.Kind.Code)
		require.Contains(t, first.Subject.Text, "电焊工")
		require.Equal(t, "370104", first.Unit.Code)
		require.NotEmpty(t, first.Request)
		county.lang = "zh-CN"
		county.do("GET", "/audit?subject="+v.Number, nil).ok(200).into(&list)
		require.Equal(t, "招聘岗位：通过并上架", list.Items[0].Action.Text)

		sister.do("GET", "/audit?subject="+v.Number, nil).ok(200).into(&list)
		require.Empty(t, list.Items, "not found")
		county.do("GET", "/audit?action=audit.search&limit=2", nil).ok(200).into(&list)
		require.Len(t, list.Items, 2, "two readings before this one")
		require.Empty(t, list.Next)
		county.do("GET", "/audit?limit=2", nil).ok(200).into(&list)
		next := list.Next
		require.NotEmpty(t, next)
		county.do("GET", "/audit?limit=2&after="+url.QueryEscape(next), nil).ok(200).into(&list)
		sister.do("GET", "/audit?limit=2&after="+url.QueryEscape(next), nil).refused(422, "page.cursor")

		h.visitor().do("GET", "/audit", nil).refused(401, "access.sign_in")
		hr.do("GET", "/audit", nil).refused(403, "access.denied")
		h.of(county.id, access.FiguresView).do("GET", "/audit", nil).refused(403, "access.denied")
		for query, fields := range map[string]string{
			"action=SECRET.X": "action=api_type", "action=secret.x": "action=choice", "kind=secret": "kind=choice",
			"from=2020-02-30": "from=date", "from=2020-07-20&to=2020-07-19": "to=date_order",
		} {
			p := county.do("GET", "/audit?"+query, nil)
			require.Equal(t, http.StatusUnprocessableEntity, p.code, query)
			var problem Problem
			p.into(&problem)
			require.Equal(t, fields, problem.fields(), query)
		}
	})
}
