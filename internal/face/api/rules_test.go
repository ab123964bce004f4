package api

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/access"
	"gonghui/internal/core/rules"
	"gonghui/internal/kit/clock"
)

func TestTheParametersAreRead(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		one, two := h.clerk("one", access.RoleProvince, "37"), h.clerk("two", access.RoleProvince, "37")
		in := func(c *caller) (a access.Actor) {
			a, err := h.Accounts.Load(t.Context(), c.id)
			require.NoError(t, err)
			return a
		}
		from := clock.Today(h.clock) + 12
		c, err := h.Rules.Propose(access.Enter(t.Context(), in(one)), rules.Proposal{
			Key: "employment.review_workdays", Place: "37", From: from, Value: "3", Citation: "鲁工办发〔2020〕21号", Basis: rules.Fact, Reason: "人手不足",
		})
		require.NoError(t, err)
		_, err = h.Rules.Submit(access.Enter(t.Context(), in(one)), c.Ref(), 1)
		require.NoError(t, err)
		_, err = h.Rules.Approve(access.Enter(t.Context(), in(two)), rules.Approval{Ref: c.Ref(), Version: 2})
		require.NoError(t, err)

		county := h.clerk("huaiyin", access.RoleCounty, "370104")
		find := func(query string) Rule {
			t.Helper()
			var list List[Rule]
			county.do("GET", "/rules?room=employment"+query, nil).ok(200).into(&list)
			require.Len(t, list.Items, 7)
			require.Equal(t, "employment.review_workdays", list.Items[0].Key)
			return list.Items[0]
		}
		now := find("&place=370104")
		require.Equal(t, "Time to review", now.Title)
		require.Equal(t, RuleValue{
			Place: "37", From: "2020-01-01", Value: 2.0, Text: "2 working days", Basis: Coded{"assumed", "Assumed by this province"},
			Citation: "A default of the program, until the province confirms it",
		}, *now.Value)
		require.False(t, now.Own)
		later := find("&on=" + from.String())
		require.Equal(t, 3.0, later.Value.Value)
		require.Equal(t, "鲁工办发〔2020〕21号", later.Value.Citation)
		require.Equal(t, "张明", later.Value.By)
		require.True(t, later.Own)
		require.Nil(t, find("&on=2019-12-31").Value)
		var list List[Rule]
		county.do("GET", "/rules?basis=fact&on="+from.String(), nil).ok(200).into(&list)
		require.Len(t, list.Items, 1)

		var d RuleDetail
		county.lang = "zh-CN"
		county.do("GET", "/rules/employment.review_workdays", nil).ok(200).into(&d)
		require.Equal(t, []string{"province"}, d.Levels)
		require.Len(t, d.Values, 2)
		require.Equal(t, []string{"3 个工作日", from.String(), "有文件依据"}, []string{d.Values[0].Text, d.Values[0].From, d.Values[0].Basis.Text})
		county.do("GET", "/rules/employment.nothing", nil).refused(404, "rules.not_found")

		h.visitor().do("GET", "/rules", nil).refused(401, "access.sign_in")
		h.worker("13900000001", "王大力", "370104").do("GET", "/rules", nil).refused(403, "access.denied")
		h.of(county.id, access.CaseView).do("GET", "/rules/employment.review_workdays", nil).refused(403, "access.denied")
		for query, fields := range map[string]string{"place=9999": "place=unknown_code", "on=x": "on=date", "basis=law": "basis=choice", "room=A": "room=api_type"} {
			p := county.do("GET", "/rules?"+query, nil)
			require.Equal(t, http.StatusUnprocessableEntity, p.code, query)
			var problem Problem
			p.into(&problem)
			require.Equal(t, fields, problem.fields(), query)
		}
	})
}
