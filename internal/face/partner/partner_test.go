package partner_test

import (
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/face/facetest"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
)

func TestMain(m *testing.M) {
	code := m.Run()
	for key, n := range i18n.Missing() {
		println("text missing:", key, n)
		code = 1
	}
	os.Exit(code)
}

// county is a house with a month of dues in one county, taken in and compared.
type county struct {
	*facetest.House
	file    dues.File
	path    string // of the file at the partner's
	voucher string // of a line without a break
	arrived []string
}

func open(t *testing.T) *county {
	t.Helper()
	h := &county{House: facetest.Open(t)}
	clerk := h.Staff("lixia", access.RoleCounty, "370102")
	h.Staff("shuiwu", access.RoleTax, "370102")
	m := h.TaxMonth("370102", "2020-06", 30, 9)
	unit, _ := h.Org.ByDivision("370102")
	var err error
	h.file, err = h.Dues.TakeFile(clerk, unit.ID, strings.NewReader(m.CSV), int64(len(m.CSV)), dues.FileOptions{Name: "6月.csv"})
	require.NoError(t, err)
	_, err = h.Dues.TakeReceipts(clerk, h.file.CityCode, h.file.ID, strings.NewReader(m.Statement()), int64(len(m.Statement())), dues.FileOptions{Name: "bank.csv"})
	require.NoError(t, err)
	h.path = "/partner/files/" + h.file.CityCode + "/" + h.file.ID
	broken := map[string]bool{}
	list, err := h.Dues.ListBreaks(clerk, dues.BreakFilter{}, page.Request{Limit: 50})
	require.NoError(t, err)
	repeated := map[string]bool{} // whose amounts are the tax office's own
	for _, b := range list.Items {
		broken[b.Voucher] = true
		repeated[b.Voucher] = repeated[b.Voucher] || b.Kind == dues.DuplicateVoucher
	}
	for _, b := range list.Items {
		if !repeated[b.Voucher] && (b.Kind == dues.UnionOnly || b.Kind == dues.AmountDiffers) {
			h.arrived = append(h.arrived, strings.TrimPrefix(b.Difference.Yuan(), "-"))
		}
	}
	lines, err := h.Dues.ListLines(clerk, h.file.CityCode, h.file.ID, "", page.Request{Limit: 100})
	require.NoError(t, err)
	for _, l := range lines.Items {
		if !broken[l.Voucher] {
			h.voucher = l.Voucher
		}
	}
	return h
}

// A tax officer signs in like staff, lands on the files of his county, and has no desk.
func TestTaxOfficerHasNoDesk(t *testing.T) {
	h := open(t)
	b := h.Browser()
	s := b.Get("/partner")
	require.Equal(t, "/desk/signin?back=%2Fpartner", s.Path, "who is not signed in does that first")
	s = b.Send(b.Get("/desk/signin"), "/desk/signin", "user", "shuiwu", "password", facetest.Password)
	require.Equal(t, "/partner", s.Path)
	require.Contains(t, s.Text("table"), "6月.csv")
	require.Contains(t, s.Text("table"), "等您签字")
	require.Contains(t, s.Text(".brand"), "合作单位")
	for _, path := range []string{
		"/desk/vacancies", "/desk/companies", "/desk/imports", "/desk/services", "/desk/staff", "/desk/audit", "/desk/rules", "/cockpit",
		"/desk/dues", "/desk/dues/breaks", "/desk/dues/files/" + h.file.CityCode + "/" + h.file.ID,
	} {
		require.Equal(t, 403, b.Get(path).Code, path)
	}
	password := b.Get("/desk/password")
	require.Equal(t, 200, password.Code)
	require.True(t, password.Has(`nav a[href="/partner"]`))
	token := password.Form("/desk/password").Get("_token")
	for _, path := range []string{
		"/desk/dues", "/desk/dues/files/" + h.file.CityCode + "/" + h.file.ID + "/sign", "/desk/dues/files/" + h.file.CityCode + "/" + h.file.ID + "/receipts",
		"/desk/dues/breaks/3701/x", "/desk/dues/corrections/3701/x",
	} {
		require.Equal(t, 403, b.Post(path, url.Values{"_token": {token}, "version": {"2"}}).Code, path)
	}

	// A device is asked for where the account needs one.
	unit, _ := h.Org.ByDivision("370102")
	a, err := h.Accounts.CreateStaff(h.System(), account.NewStaff{Login: "shuiwu2", Name: "李税", Password: facetest.Password, TOTPRequired: true})
	require.NoError(t, err)
	_, err = h.Accounts.Grant(h.System(), account.NewGrant{AccountID: a.ID, Role: access.RoleTax, UnitID: unit.ID})
	require.NoError(t, err)
	s = h.Browser().Send(h.Browser().Get("/desk/signin"), "/desk/signin", "user", "shuiwu2", "password", facetest.Password)
	require.Equal(t, "/desk/totp", s.Path)

	// And whoever is not of the tax office has nothing here.
	phone, _ := h.Worker("孙丽", "370102")
	require.Equal(t, 403, h.Phone(phone).Get("/partner").Code)
	clerk := h.Desk("lixia")
	require.Equal(t, 403, clerk.Get("/partner").Code)
	require.Equal(t, 403, clerk.Get(h.path).Code)
}

// Nothing that is the union's: no amount that arrived, no word on how a break was
// settled, no name of its people.
func TestTheUnionsOwnStaysItsOwn(t *testing.T) {
	h := open(t)
	clerk := h.As(mustID(t, h, "lixia"))
	list, err := h.Dues.ListBreaks(clerk, dues.BreakFilter{Kind: dues.TaxOnly}, page.Request{Limit: 1})
	require.NoError(t, err)
	one := list.Items[0]
	require.NoError(t, h.Dues.ClearBreak(clerk, one.CityCode, one.ID, dues.BreakCleared, "内部说明", one.Version))
	f, err := h.Dues.GetFile(clerk, h.file.CityCode, h.file.ID)
	require.NoError(t, err)
	_, err = h.Dues.SignFile(clerk, f.CityCode, f.ID, dues.UnionSide, f.Version)
	require.NoError(t, err)
	require.Len(t, h.arrived, 2)
	b := h.Desk("shuiwu")
	for _, path := range []string{"/partner", h.path, h.path + "/lines", h.path + "/lines?after=", "/partner/breaks", "/partner/corrections", h.path + "/correct/" + h.voucher} {
		s := b.Get(path)
		require.Equal(t, 200, s.Code, path)
		require.NotContains(t, s.HTML, "内部说明", path)
		require.NotContains(t, s.Text("main"), "张明", path)
		for _, amount := range h.arrived {
			require.NotContains(t, s.HTML, amount, path)
		}
	}
	require.Contains(t, b.Get("/partner/breaks").Text("table"), "不显示")
	require.Contains(t, b.Get("/partner/breaks").Text("table"), "请核对单位的统一社会信用代码")
}

func mustID(t *testing.T, h *county, login string) string {
	t.Helper()
	id, err := h.Accounts.IDOfLogin(t.Context(), login)
	require.NoError(t, err)
	return id
}

// A correction is asked for, and answered by the union; then the tax office signs.
func TestCorrectionAndSignature(t *testing.T) {
	h := open(t)
	clerk := h.As(mustID(t, h, "lixia"))
	b := h.Desk("shuiwu")
	s := b.Get(h.path + "/lines?q=" + h.voucher)
	at := h.path + "/correct/" + h.voucher
	require.True(t, s.Has(`a[href="`+at+`"]`), s.Text("main"))
	s = b.Get(at)
	form := s.Form(at)
	require.Equal(t, "2020-06", form.Get("month"), "what stands is filled in")
	for field, value := range map[string]string{"reason": "", "month": "2020-13", "paid": "一元", "item": "x"} {
		answers := []string{"reason", "报错", "paid", "1.00"}
		s := b.Send(b.Get(at), at, append(answers, field, value)...)
		require.Equal(t, 422, s.Code, field)
		require.True(t, s.Has(fmt.Sprintf(`#f-%s[aria-invalid="true"]`, field)), "%s: %s", field, s.Text("main"))
	}
	require.Equal(t, 422, b.Send(b.Get(at), at, "reason", "没有改").Code, "nothing changes")
	s = b.Send(b.Get(at), at, "month", "2020-05", "reason", "所属期报错")
	require.Equal(t, h.path, s.Path, s.Text("main"))
	require.Contains(t, s.Text("article"), "2020-06 → 2020-05")
	require.Contains(t, s.Text("article"), "等工会答复")
	require.Equal(t, 409, b.Send(b.Get(at), at, "month", "2020-04", "reason", "再改").Code, "one waits already")

	list, err := h.Dues.ListCorrections(clerk, h.file.ID, dues.CorrectionOpen, page.Request{})
	require.NoError(t, err)
	_, err = h.Dues.AnswerCorrection(clerk, h.file.CityCode, list.Items[0].ID, true, "已核实", list.Items[0].Version)
	require.NoError(t, err)
	s = b.Get("/partner/corrections")
	require.Contains(t, s.Text("article"), "已更正")
	require.Contains(t, s.Text("article"), "已核实")
	s = b.Get(h.path + "/lines?q=" + h.voucher)
	require.Equal(t, 3, s.Doc.Find("tbody tr").Length())
	require.Equal(t, 1, s.Doc.Find(`tbody a[href*="/correct/"]`).Length(), "only what stands can be corrected")
	again := s.Doc.Find(`tbody a[href*="/correct/"]`).AttrOr("href", "")
	require.Contains(t, again, "%23")
	require.Equal(t, 200, b.Get(again).Code)
	require.Equal(t, 404, b.Get(h.path+"/correct/337").Code)

	s = b.Get(h.path)
	require.Contains(t, s.Text("aside"), "条差异没清")
	old := b.Get(h.path)
	s = b.Send(s, h.path+"/sign")
	require.Contains(t, s.Text(".flash"), "已代表税务部门签字", s.Text("main"))
	require.Contains(t, s.Text("dl.facts"), "张明")
	require.False(t, s.Has(`form[action="`+h.path+`/sign"]`))
	require.Equal(t, 409, b.Send(old, h.path+"/sign").Code)
	f, err := h.Dues.GetFile(clerk, h.file.CityCode, h.file.ID)
	require.NoError(t, err)
	require.Equal(t, mustID(t, h, "shuiwu"), f.TaxBy)
	require.Empty(t, f.UnionBy)
}

// Another county's tax office finds nothing, whatever it guesses.
func TestSisterTaxOffice(t *testing.T) {
	h := open(t)
	h.Staff("shinan", access.RoleTax, "370202")
	h.Staff("shizhong", access.RoleTax, "370103")
	for _, login := range []string{"shinan", "shizhong"} {
		b := h.Desk(login)
		for _, path := range []string{"/partner", "/partner/breaks", "/partner/corrections"} {
			s := b.Get(path)
			require.Equal(t, 200, s.Code)
			require.NotContains(t, s.HTML, "6月.csv")
			require.NotContains(t, s.HTML, h.voucher)
		}
		token := b.Get("/desk/password").Form("/desk/password").Get("_token")
		for _, path := range []string{h.path, h.path + "/lines", h.path + "/correct/" + h.voucher, h.path + "/compare/" + h.file.ID, "/partner/files/3702/" + h.file.ID, "/partner/files/3701/x"} {
			require.Equal(t, 404, b.Get(path).Code, path)
		}
		for _, path := range []string{h.path + "/sign", h.path + "/correct/" + h.voucher} {
			require.Equal(t, 404, b.Post(path, url.Values{"_token": {token}, "version": {"3"}, "what": {"void"}, "reason": {"x"}}).Code, path)
		}
	}
	f, err := h.Dues.GetFile(h.System(), h.file.CityCode, h.file.ID)
	require.NoError(t, err)
	require.Empty(t, f.TaxBy)
}

func TestStatementsOfAPage(t *testing.T) {
	h := open(t)
	b := h.Desk("shuiwu")
	s := h.Statements()
	for _, path := range []string{"/partner", "/partner/breaks", "/partner/corrections", h.path, h.path + "/lines", h.path + "/correct/" + h.voucher} {
		s.Reads(b, path, 12)
	}
}
