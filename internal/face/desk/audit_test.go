package desk_test

import (
	"encoding/csv"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"gonghui/internal/base/audit"
	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/core/inspection"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/page"
)

// rowOf finds the line that tells something.
func rowOf(t *testing.T, doc *goquery.Document, words ...string) *goquery.Selection {
	t.Helper()
	found := doc.Find("table tbody tr").FilterFunction(func(_ int, x *goquery.Selection) bool {
		for _, w := range words {
			if !strings.Contains(x.Text(), w) {
				return false
			}
		}
		return true
	})
	require.NotZero(t, found.Length(), "no line with %v in %s", words, doc.Find("table").Text())
	return found.First()
}

func TestTheLogInWords(t *testing.T) {
	h := open(t)
	unit, _ := h.Org.ByDivision("370102")
	h.Staff("shenji", access.RoleAuditor, "370102")
	clerk := h.Desk("lixia")
	path := "/desk/people/" + h.worker.City + "/" + h.worker.ID
	clerk.Send(clerk.Get(path), path+"/phone", "purpose", "约面试")

	b := h.Desk("shenji")
	s := b.Get("/desk")
	require.Equal(t, "/desk/audit", s.Path, "an auditor comes for the log")
	require.True(t, s.Has(`nav a[href="/desk/audit"]`))
	require.Contains(t, s.Text("main"), "记录链还没有核对过")
	row := rowOf(t, s.Doc, "查看职工手机号")
	for _, word := range []string{"张明（lixia）", "职工", "用途：约面试", "历下区总工会", "2020年7月20日"} {
		require.Contains(t, row.Text(), word)
	}
	require.NotContains(t, s.Text("table"), "王小明", "a worker is masked")
	require.NotContains(t, s.HTML, h.phone)
	require.Equal(t, 0, row.Find(`a[href^="/desk/people"]`).Length(), "an auditor sees no people")
	require.Equal(t, 1, rowOf(t, s.Doc, "登录", "shenji").Find(`a[href="/desk/audit?actor=shenji"]`).Length())
	require.Contains(t, rowOf(t, s.Doc, "求职申请：投递申请").Text(), "职工 王**")

	s = b.Get("/desk/audit?subject=" + h.vacancy.Number + "&from=2020-07-20&to=2020-07-20")
	require.Equal(t, 1, s.Doc.Find("table tbody tr").Length())
	require.Contains(t, s.Text("table"), "仓库管理员")
	require.Equal(t, "2020-07-20", s.Form("/desk/audit").Get("from"), "what was asked stands there")
	s = b.Get("/desk/audit?action=person.phone_read&kind=person&actor=lixia")
	require.Equal(t, 1, s.Doc.Find("table tbody tr").Length())
	require.Equal(t, "person.phone_read", s.Form("/desk/audit").Get("action"))
	require.Contains(t, b.Get("/desk/audit?actor=nobody").Text("main"), "没有符合条件的记录")
	for query, id := range map[string]string{"from=x": "f-from", "from=2020-07-21&to=2020-07-20": "f-to", "action=eat": "f-action", "kind=king": "f-kind"} {
		s = b.Get("/desk/audit?" + query)
		require.Equal(t, 422, s.Code, query)
		require.True(t, s.Has(`.problem a[href="#`+id+`"]`), query)
		require.True(t, s.Has("#"+id+`[aria-invalid]`), query)
		require.False(t, s.Has("table"), query)
	}
	require.Equal(t, 422, b.Get("/desk/audit?after=rubbish").Code)

	// Pages, and one entry for the reading.
	for range 60 {
		require.NoError(t, h.Audit.Record(h.System(), audit.Entry{CityCode: "3701", OrgPath: unit.Path, Action: "document.attached", SubjectKind: "company", SubjectID: "c1"}))
	}
	before := readings(h, inspection.Searched)
	s = b.Get("/desk/audit?action=document.attached")
	require.Equal(t, 50, s.Doc.Find("table tbody tr").Length())
	next, _ := s.Doc.Find(`a[href*="after="]`).Attr("href")
	require.NotEmpty(t, next)
	require.Equal(t, 10, b.Get(next).Doc.Find("table tbody tr").Length())
	require.Equal(t, before+1, readings(h, inspection.Searched))

	// Whoever may open a record has the way there, and from the record to its log.
	_, err := h.Audit.Verify(h.System())
	require.NoError(t, err)
	h.Staff("chief", access.RoleCounty, "370102")
	chief, err := h.Accounts.ByLogin(h.System(), "chief")
	require.NoError(t, err)
	_, err = h.Accounts.Grant(h.System(), account.NewGrant{AccountID: chief.ID, Role: access.RoleAuditor, UnitID: unit.ID})
	require.NoError(t, err)
	c := h.Desk("chief")
	s = c.Get("/desk/audit?action=person.phone_read")
	require.Contains(t, s.Text("main"), "记录链完整")
	require.Equal(t, 1, rowOf(t, s.Doc, "查看职工手机号").Find(`a[href="`+path+`"]`).Length())
	require.Equal(t, 1, rowOf(t, c.Get("/desk/audit?subject="+h.applied.Number).Doc, "投递申请").Find(`a[href^="/desk/cases/employment.application/"]`).Length())
	for _, from := range []string{path, vacancyPath(h.vacancy), companyPath(h.submitted)} {
		require.True(t, c.Get(from).Has(`a[href^="/desk/audit?subject="]`), from)
		require.False(t, clerk.Get(from).Has(`a[href^="/desk/audit"]`), from)
	}
	c.Lang = i18n.EN
	require.Contains(t, rowOf(t, c.Get("/desk/audit?action=person.phone_read").Doc, "Read a worker's mobile number").Text(), "张明 (lixia)")
}

func readings(h *town, a audit.Action) int {
	p, err := h.Audit.List(h.System(), audit.Filter{Action: a}, page.Request{Limit: page.MaxLimit})
	require.NoError(h.T, err)
	return len(p.Items)
}

func TestTheLogAsAFile(t *testing.T) {
	h := open(t)
	h.Staff("shenji", access.RoleAuditor, "370102")
	unit, _ := h.Org.ByDivision("370102")
	evil := audit.WithActor(h.System(), "gone", "x")
	require.NoError(t, h.Audit.Record(evil, audit.Entry{
		CityCode: "3701", OrgPath: unit.Path, Action: "employment.batch_uploaded", SubjectKind: "batch", SubjectID: "b1",
		Detail: `{"file":"=cmd|' /c calc'!A0"}`, Purpose: "@SUM(1)",
	}))
	b := h.Desk("shenji")
	s := b.Get("/desk/audit?kind=batch")
	require.Equal(t, "batch", s.Form("/desk/audit/export").Get("kind"), "the file holds what the list shows")
	refused := b.Send(s, "/desk/audit/export")
	require.Equal(t, 422, refused.Code)
	require.True(t, refused.Has(`#f-purpose[aria-invalid]`))
	require.Equal(t, "batch", refused.Form("/desk/audit/export").Get("kind"))
	require.Zero(t, readings(h, inspection.Exported))
	require.Equal(t, 422, b.Send(b.Get("/desk/audit"), "/desk/audit/export", "kind", "king", "purpose", "季度检查").Code)

	h.Fake.Advance(time.Minute)
	s = b.Send(b.Get("/desk/audit?kind=batch"), "/desk/audit/export", "purpose", "季度检查", "format", "csv")
	require.Equal(t, 200, s.Code)
	require.Equal(t, "text/csv; charset=utf-8", s.Type)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(s.HTML, "\ufeff"))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 2)
	require.Equal(t, []string{"时间", "谁", "做了什么", "具体内容", "对象", "用途"}, rows[0][:6])
	require.Equal(t, []string{
		"2020-07-20 09:00:00", "职工 *", "上传岗位文件", "'=cmd|' /c calc'!A0", "导入文件", "'@SUM(1)", "历下区总工会", "employment.batch_uploaded", "batch", "b1", "", "",
	}, rows[1])
	require.Equal(t, 1, readings(h, inspection.Exported))
	s = b.Send(b.Get("/desk/audit?kind=batch"), "/desk/audit/export", "purpose", "季度检查", "format", "xlsx")
	require.Contains(t, s.Type, "spreadsheetml")
	require.Equal(t, 403, h.Desk("lixia").Post("/desk/audit/export", url.Values{"purpose": {"x"}}).Code)
}
