package desk_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"gonghui/internal/core/access"
	"gonghui/internal/face/facetest"
	"gonghui/internal/kit/clock"
	"gonghui/internal/simulator/taxoffice"
)

func companyCode(n int) string { return taxoffice.CreditCode(fmt.Sprintf("91370102MA6%06d", n)) }

// companyList writes a list; each row is what follows the code and the name.
func companyList(rows ...string) string {
	text := "统一社会信用代码,单位名称,行业代码,从业人员,营业收入（万元）,资产总额（万元）,上级单位,上级类型,登记状态\r\n"
	for i, r := range rows {
		text += fmt.Sprintf("%s,历下第%d纺织有限公司,%s\r\n", companyCode(i), i+1, r)
	}
	return text
}

// listTaken sends a list in at the desk, looks at what would come of it, and takes it in.
func listTaken(t *testing.T, h *facetest.House, b *facetest.Browser, source, text string) facetest.Screen {
	t.Helper()
	s := b.Upload(b.Get("/desk/dues/lists"), "/desk/dues/lists", source+".csv", text, "source", source)
	require.Equal(t, 200, s.Code, s.Text("main"))
	require.True(t, s.Has(`[hx-get="`+s.Path+`/progress"]`))
	require.NoError(t, h.Queue.RunDue(t.Context()))
	s = b.Get(s.Path)
	require.Contains(t, s.Text(".title-row"), "等您确认", s.Text("main"))
	old := b.Get(s.Path)
	s = b.Send(s, s.Path+"/start")
	require.Contains(t, s.Text(".title-row"), "正在收下", s.Text("main"))
	require.Equal(t, 409, b.Send(old, s.Path+"/start").Code, "the second click")
	require.NoError(t, h.Queue.RunDue(t.Context()))
	s = b.Get(s.Path)
	require.Contains(t, s.Text(".title-row"), "已收下", s.Text("main"))
	return s
}

// From lists that disagree to a class by hand, at the desk.
func TestListsAndPayersAtTheDesk(t *testing.T) {
	h := facetest.Open(t)
	h.Staff("lixia", access.RoleCounty, "370102")
	b, today := h.Desk("lixia"), clock.Today(h.Fake).String()
	require.Contains(t, b.Get("/desk/dues/payers").Text(".empty"), "还没有缴费单位")
	s := b.Get("/desk/dues/lists")
	require.Contains(t, s.Text(".empty"), "还没有企业名单")
	require.True(t, s.Has(`.views a[href="/desk/dues/lists"][aria-current]`))

	statistics := companyList("C17,25,280,,,,存续", "L,8,,90,某保险公司,保险,存续", "造机器,1,1,,,,", "J66,5,50,,,,存续")
	for name, form := range map[string][]string{"no source": {}, "year": {"source", "tax", "year", "1999"}} {
		require.Equal(t, 422, b.Upload(s, "/desk/dues/lists", "a.csv", statistics, form...).Code, name)
	}
	require.Equal(t, 422, b.Upload(s, "/desk/dues/lists", "a.csv", "a,b\r\n1,2\r\n", "source", "tax").Code, "no list")
	require.Equal(t, 422, b.Send(s, "/desk/dues/lists", "source", "tax").Code, "no file")

	up := listTaken(t, h, b, "statistics", statistics)
	require.Contains(t, up.Text("main"), "看不懂这个行业")
	require.Contains(t, b.Get(up.Path+"/errors").HTML, "造机器")
	up = listTaken(t, h, b, "market", companyList("C17,350,2500,,,,存续"))
	require.True(t, up.Has(`a[href="/desk/dues/payers?only=conflict"]`))
	again := b.Upload(b.Get("/desk/dues/lists"), "/desk/dues/lists", "x.csv", statistics, "source", "statistics")
	require.NoError(t, h.Queue.RunDue(t.Context()))
	require.Contains(t, b.Get(again.Path).Text("main"), "以前已经收下")
	s = b.Get("/desk/dues/lists")
	require.Equal(t, 2, s.Doc.Find("tbody tr").Length(), s.Text("main"))

	s = b.Get("/desk/dues/payers")
	require.Equal(t, 3, s.Doc.Find("tbody tr").Length())
	require.Contains(t, s.Text("main"), "已排除")
	require.Equal(t, 1, b.Get("/desk/dues/payers?class=unclassified").Doc.Find("tbody tr").Length())
	require.Equal(t, 1, b.Get("/desk/dues/payers?only=excluded").Doc.Find("tbody tr").Length())
	require.Equal(t, 3, b.Get("/desk/dues/payers?only=no_account").Doc.Find("tbody tr").Length())
	require.Equal(t, 422, b.Get("/desk/dues/payers?only=x").Code)
	require.Equal(t, 422, b.Get("/desk/dues/payers?class=x").Code)
	require.Contains(t, b.Get("/desk/dues/payers?q=nobody").Text(".empty"), "")
	s = b.Get("/desk/dues/payers?only=conflict")
	at := s.Doc.Find("tbody a").AttrOr("href", "")
	s = b.Get(at)
	require.Equal(t, 2, s.Doc.Find("tbody tr").Length())
	require.Contains(t, s.Text("tbody tr:first-child"), "统计部门名单")
	require.Contains(t, s.Text("tbody tr:first-child"), "采用")
	require.Contains(t, s.Text(".title-row"), "微型企业")

	old := b.Get(at)
	require.Equal(t, 422, b.Send(s, at+"/class", "class.class", "small").Code, "why?")
	require.Equal(t, 422, b.Send(b.Get(at), at+"/class", "class.class", "", "class.reason", "没有选").Code)
	s = b.Send(s, at+"/class", "class.class", "small", "class.reason", "核对社保名单")
	require.Contains(t, s.Text(".flash"), "划型已保存", s.Text("main"))
	require.Contains(t, s.Text("dl.facts"), "核对社保名单")
	require.Equal(t, 409, b.Send(old, at+"/class", "class.class", "medium", "class.reason", "又一次").Code)
	s = b.Send(b.Get(at), at+"/exclusion", "exclusion.kind", "group", "exclusion.reason", "集团控股")
	require.Contains(t, s.Text("dl.facts"), "GROUP_SUB", s.Text("main"))
	bad := b.Send(b.Get(at+"/account"), at+"/account", "account.kind", "union", "account.name", "某工会", "account.number", "12", "account.bank_as", "某行")
	require.Equal(t, 422, bad.Code)
	require.Contains(t, bad.Text(".problem, .error-summary, main"), "账号")
	s = b.Send(b.Get(at+"/account"), at+"/account", "account.kind", "union", "account.name", "某工会", "account.number", "1602001209024112345", "account.bank_as", "某行")
	require.Contains(t, s.Text("dl.facts"), "2345", s.Text("main"))
	require.NotContains(t, s.HTML, "1602001209024112345")
	s = b.Send(b.Get(at+"/account"), at+"/union", "union.founded_on", today, "union.approval", "历工组〔2020〕8号")
	require.Contains(t, s.Text("dl.facts"), "历工组〔2020〕8号", s.Text("main"))
	require.Equal(t, 422, b.Send(b.Get(at+"/account"), at+"/union", "union.founded_on", "tomorrow", "union.approval", "x").Code)

	s = b.Send(b.Get(at+"/past"), at+"/name", "name.name", "泉城纺织股份有限公司", "name.on", today, "name.reason", "变更通知书")
	require.Contains(t, s.Text("h1"), "泉城纺织股份有限公司", s.Text("main"))
	require.Contains(t, s.Text("main"), "曾用名：历下第1纺织有限公司")
	s = b.Send(b.Get(at+"/past"), at+"/former", "former.name", "历下织布厂", "former.reason", "改制")
	require.Contains(t, s.Text("main"), "曾用名：历下织布厂")
	s = b.Send(b.Get(at+"/past"), at+"/merger", "merger.code", companyCode(1), "merger.on", today, "merger.reason", "公告")
	require.Contains(t, s.Text("main"), "吸收了信用代码为 "+companyCode(1))
	require.Equal(t, 409, b.Send(b.Get(at+"/past"), at+"/merger", "merger.code", companyCode(1), "merger.on", today, "merger.reason", "公告").Code)
	other := b.Get("/desk/dues/payers?q="+companyCode(1)).Doc.Find("tbody a").AttrOr("href", "")
	require.Contains(t, b.Get(other).Text("main"), "已被泉城纺织股份有限公司吸收合并")

	// Each id of a page is one element's.
	for _, p := range []string{at, at + "/account", at + "/past"} {
		seen := map[string]bool{}
		b.Get(p).Doc.Find("[id]").Each(func(_ int, x *goquery.Selection) {
			id := x.AttrOr("id", "")
			require.False(t, seen[id], "%s %s", p, id)
			seen[id] = true
		})
	}

	// Nobody of a sister county, and nobody without the right.
	h.Staff("shinan", access.RoleCounty, "370202")
	h.Staff("zhen", access.RoleTownship, "370102001")
	sister, township := h.Desk("shinan"), h.Desk("zhen")
	require.Contains(t, sister.Get("/desk/dues/payers").Text("main"), "还没有缴费单位")
	for _, p := range []string{at, at + "/account", at + "/past", up.Path, up.Path + "/progress", up.Path + "/errors"} {
		require.Equal(t, 404, sister.Get(p).Code, p)
		require.Equal(t, 403, township.Get(p).Code, p)
	}
	require.NotContains(t, strings.Join(strings.Fields(sister.Get("/desk/dues/lists").Text("main")), " "), "statistics.csv")

	st := h.Statements()
	for _, path := range []string{"/desk/dues/payers", "/desk/dues/lists", at, up.Path} {
		st.Reads(b, path, 16)
	}
}
