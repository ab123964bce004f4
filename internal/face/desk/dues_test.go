package desk_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/access"
	"gonghui/internal/face/facetest"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
)

// taken sends a month's file in at the desk and gives the address of what came of it.
func taken(t *testing.T, h *facetest.House, b *facetest.Browser, name, text string) string {
	t.Helper()
	s := b.Upload(b.Get("/desk/dues"), "/desk/dues", name, text)
	require.Equal(t, 200, s.Code, s.Text("main"))
	require.Contains(t, s.Text("main"), "正在")
	require.True(t, s.Has(`[hx-get="`+s.Path+`/progress"]`))
	require.Contains(t, s.HTML, `http-equiv="refresh"`)
	require.NoError(t, h.Queue.RunDue(t.Context()))
	s = b.Get(s.Path)
	require.Contains(t, s.Text("h1 + .tag, .title-row .tag"), "已收下", s.Text("main"))
	return s.Doc.Find(".actions a").AttrOr("href", "")
}

// From the tax office's file to the union's signature, at the desk.
func TestDuesAtTheDesk(t *testing.T) {
	h := facetest.Open(t)
	h.Staff("lixia", access.RoleCounty, "370102")
	officer := h.Staff("shuiwu", access.RoleTax, "370102")
	m := h.TaxMonth("370102", "2020-06", 30, 9)
	b := h.Desk("lixia")
	s := b.Get("/desk/dues")
	require.Contains(t, s.Text(".empty"), "还没有税务文件")
	require.True(t, s.Has(`.views a[href="/desk/dues"][aria-current]`))

	// What is no tax file is refused where it was sent.
	require.Equal(t, 422, b.Send(s, "/desk/dues").Code, "no file")
	for name, text := range map[string]string{"a.xlsx": "no table", "b.csv": m.Statement(), "c.csv": ""} {
		s = b.Upload(b.Get("/desk/dues"), "/desk/dues", name, text)
		require.Equal(t, 422, s.Code, name)
		require.True(t, s.Has("#f-file-error, [id='f-file'][aria-invalid], .problem"), name)
	}
	broken := strings.Replace(m.CSV, "合计,共", "合计,共9", 1)
	s = b.Upload(b.Get("/desk/dues"), "/desk/dues", "合计不对.csv", broken)
	require.NoError(t, h.Queue.RunDue(t.Context()))
	s = b.Get(s.Path)
	require.Contains(t, s.Text("main"), "合计对不上")
	require.Contains(t, b.Get("/desk/dues").Text("main"), "合计不对.csv")

	file := taken(t, h, b, "6月.csv", m.CSV)
	require.Equal(t, 409, b.Upload(b.Get("/desk/dues"), "/desk/dues", "again.csv", m.CSV).Code)
	s = b.Get("/desk/dues")
	require.Contains(t, s.Text("table"), "2020-06")
	require.Contains(t, s.Text("table"), "等两方签字")

	// The bank statement, with a row that is none.
	s = b.Get(file)
	require.Contains(t, s.Text("dl.facts"), "31 行")
	up := b.Upload(s, file+"/receipts", "流水.csv", m.Statement()+"S,2020-06-31,1.00,x\r\n")
	require.Equal(t, 200, up.Code)
	require.NoError(t, h.Queue.RunDue(t.Context()))
	up = b.Get(up.Path)
	require.Contains(t, up.Text("ul.counts"), "新登记到账")
	errors := up.Path + "/errors"
	require.True(t, up.Has(`a[href="`+errors+`"]`))
	require.Contains(t, b.Get(errors).HTML, "2020-06-31")
	require.Equal(t, 422, b.Upload(b.Get(file), file+"/receipts", "x.csv", "x").Code)

	// A break is settled with a reason, once.
	s = b.Get(file + "?kind=tax_only")
	require.Equal(t, 1, s.Doc.Find(`table [href^="/desk/dues/breaks/"]`).Length())
	at := s.Doc.Find(`table [href^="/desk/dues/breaks/"]`).AttrOr("href", "")
	s = b.Get(at)
	action, _, _ := strings.Cut(at, "?")
	require.Contains(t, s.Text("main"), "剩 30 天")
	require.Equal(t, 422, b.Send(s, action).Code, "why?")
	second := s
	s = b.Send(s, action, "reason", "6月20日补到账")
	require.Equal(t, 200, s.Code)
	require.Contains(t, s.Text(".flash"), "已处理")
	s = b.Send(second, action, "reason", "又一次", "to", "written_off")
	require.Equal(t, 409, s.Code, "a colleague was quicker")
	require.Contains(t, s.Text("dl.facts"), "6月20日补到账")

	// The list of all breaks, by age.
	s = b.Get("/desk/dues/breaks")
	require.Equal(t, 8, s.Doc.Find(`table [href^="/desk/dues/breaks/"][href*="back="]`).Length(), s.Text("main"))
	require.Contains(t, s.Text("table"), "7 天以内")
	require.Empty(t, b.Get("/desk/dues/breaks?state=overdue").Doc.Find(`table [href*="back="]`).Nodes)
	require.Equal(t, 422, b.Get("/desk/dues/breaks?state=x").Code)
	require.Contains(t, b.Get("/desk/dues/breaks?state=cleared").Text("main"), "已查清")
	require.Equal(t, 404, b.Get("/desk/dues/breaks/3701/x").Code)

	// What the tax office asks is answered on the page of the file.
	parts := strings.Split(strings.TrimPrefix(file, "/desk/dues/files/"), "/")
	ask := func(voucher string) dues.Correction {
		c, err := h.Dues.AskCorrection(officer, parts[0], parts[1], dues.CorrectionInput{Voucher: voucher, Void: true, Reason: "误收"})
		require.NoError(t, err)
		return c
	}
	c := ask(m.Seeded[3].Voucher)
	require.Contains(t, b.Get("/desk/dues").Text("table"), "更正申请等答复 1")
	s = b.Get(file)
	require.Contains(t, s.Text("article"), "误收")
	path := "/desk/dues/corrections/" + c.CityCode + "/" + c.ID
	s = b.Send(s, path, "do", "decline")
	require.Equal(t, 422, s.Code)
	s = b.Send(s, path, "do", "accept", "answer."+c.ID, "同意")
	require.Contains(t, s.Text(".flash"), "已更正", s.Text("main"))
	lines := b.Get(file + "/lines?q=" + c.Voucher)
	require.Equal(t, 2, lines.Doc.Find("tbody tr").Length())
	require.Contains(t, lines.Text("tbody"), "已被冲正")

	// The union signs; open breaks are said, and stop nothing.
	s = b.Get(file)
	require.Contains(t, s.Text("aside"), "条差异没清")
	old := b.Get(file)
	s = b.Send(s, file+"/sign")
	require.Contains(t, s.Text(".flash"), "等税务一方签字", s.Text("main"))
	require.False(t, s.Has(`form[action="`+file+`/sign"]`))
	require.Equal(t, 409, b.Send(old, file+"/sign").Code)

	// The same month anew: what differs.
	rows := strings.Split(m.CSV, "\r\n")
	cells := strings.Split(rows[1], ",")
	cells[9] = "337200600000009999"
	anew := taken(t, h, b, "6月重报.csv", strings.Replace(m.CSV, rows[1], strings.Join(cells, ","), 1))
	s = b.Get(anew)
	compare := s.Doc.Find(`aside a[href*="/compare/"]`).AttrOr("href", "")
	s = b.Get(compare)
	require.Contains(t, s.Text("tbody"), "只在先报的里有")
	require.Contains(t, s.Text("tbody"), "337200600000009999")

	// Nobody of a sister county, and nobody without the right.
	h.Staff("shinan", access.RoleCounty, "370202")
	h.Staff("zhen", access.RoleTownship, "370102001")
	sister, township := h.Desk("shinan"), h.Desk("zhen")
	require.Contains(t, sister.Get("/desk/dues").Text("main"), "还没有税务文件")
	for _, p := range []string{file, file + "/lines", compare, at, up.Path, up.Path + "/progress", errors} {
		require.Equal(t, 404, sister.Get(p).Code, p)
		require.Equal(t, 403, township.Get(p).Code, p)
	}
	require.False(t, township.Get("/desk").Has(`nav a[href="/desk/dues"]`))
	list, err := h.Dues.ListFiles(officer, page.Request{})
	require.NoError(t, err)
	require.Len(t, list.Items, 2)
}

// The pages of the ledger ask few statements and write nothing.
func TestStatementsOfDues(t *testing.T) {
	h := facetest.Open(t)
	h.Staff("lixia", access.RoleCounty, "370102")
	m := h.TaxMonth("370102", "2020-06", 60, 30)
	b := h.Desk("lixia")
	file := taken(t, h, b, "6月.csv", m.CSV)
	some := b.Get("/desk/dues/breaks").Doc.Find(`table [href*="back="]`).First().AttrOr("href", "")
	s := h.Statements()
	for _, path := range []string{"/desk/dues", "/desk/dues/breaks", file, file + "/lines", some} {
		s.Reads(b, path, 12)
	}
}
