package desk_test

import (
	"bytes"
	"context"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"gonghui/internal/base/audit"
	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/core/company"
	"gonghui/internal/face/facetest"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/employment"
)

func TestMain(m *testing.M) {
	code := m.Run()
	for key, n := range i18n.Missing() {
		if strings.Contains(key, "fund") { // the room that fundOf makes up has no texts
			continue
		}
		println("text missing:", key, n)
		code = 1
	}
	os.Exit(code)
}

// town is a house with a county's work in it.
type town struct {
	*facetest.House
	hr        context.Context // acts for company
	company   company.Company // verified
	submitted company.Company
	vacancy   employment.Vacancy // submitted
	offered   employment.Vacancy
	applied   employment.Application
	phone     string // of the applicant
	worker    access.PersonRef
}

func open(t *testing.T) *town {
	h := &town{House: facetest.Open(t)}
	h.Staff("lixia", access.RoleCounty, "370102")
	h.Staff("shizhong", access.RoleCounty, "370103")
	_, hr, c := h.Employer("济南钢构有限公司", "370102")
	h.hr, h.company = hr, c
	var err error
	h.offered = h.OnOffer(hr, c, facetest.Welder())
	in := facetest.Welder()
	in.Title = "仓库管理员"
	h.vacancy, err = h.Employment.PostVacancy(hr, c.CityCode, c.ID, in)
	require.NoError(t, err)
	_, boss := h.Worker("赵刚", "370102")
	h.submitted, err = h.Employment.RegisterEmployer(boss, company.Input{
		CreditCode: h.CreditCode(), Name: "历下区食品厂", DivisionCode: "370102", ContactName: "赵刚", ContactPhone: "19900008888",
	})
	require.NoError(t, err)
	number, worker := h.Worker("王小明", "370102")
	h.phone = number
	h.worker, _ = access.Self(worker)
	h.applied, err = h.Employment.Apply(worker, employment.ApplyInput{Number: h.offered.Number})
	require.NoError(t, err)
	return h
}

func vacancyPath(v employment.Vacancy) string {
	return "/desk/cases/employment.vacancy/" + v.CityCode + "/" + v.ID
}

func companyPath(c company.Company) string {
	return "/desk/cases/employment.employer/" + c.CityCode + "/" + c.ID
}

func TestSignInWithDevice(t *testing.T) {
	h := facetest.Open(t)
	unit, _ := h.Org.ByDivision("370102")
	a, err := h.Accounts.CreateStaff(h.System(), account.NewStaff{Login: "lixia", Name: "张明", Password: facetest.Password, TOTPRequired: true})
	require.NoError(t, err)
	_, err = h.Accounts.Grant(h.System(), account.NewGrant{AccountID: a.ID, Role: access.RoleCounty, UnitID: unit.ID})
	require.NoError(t, err)

	b := h.Browser()
	s := b.Get("/desk/vacancies")
	require.Equal(t, "/desk/signin?back=%2Fdesk%2Fvacancies", s.Path)
	s = b.Send(s, "/desk/signin", "user", "lixia", "password", "wrong horse battery")
	require.Equal(t, 401, s.Code)
	require.Equal(t, "lixia", s.Form("/desk/signin").Get("user"))
	require.Equal(t, "/desk/vacancies", s.Form("/desk/signin").Get("back"))
	s = b.Send(s, "/desk/signin", "password", facetest.Password)
	require.Equal(t, "/desk/totp", s.Path, "a device comes first")
	require.Equal(t, "/desk/totp", b.Get("/desk/vacancies").Path)
	require.True(t, s.Has(`img[src^="data:image/png"]`))

	secret := s.Form("/desk/totp").Get("secret")
	wrong := b.Send(s, "/desk/totp", "code", "000000")
	require.Equal(t, 422, wrong.Code)
	code := func() string {
		c, err := totp.GenerateCode(secret, h.Fake.Now())
		require.NoError(t, err)
		return c
	}
	s = b.Send(wrong, "/desk/totp", "code", code())
	require.Equal(t, "/desk", s.Path, s.Text("main"))

	h.Fake.Advance(time.Minute)
	b = h.Browser()
	s = b.Send(b.Get("/desk/signin?back=https://evil.example"), "/desk/signin", "user", "lixia", "password", facetest.Password)
	require.Equal(t, 401, s.Code)
	require.True(t, s.Has(`input[name="code"]`), "now the code is asked for")
	s = b.Send(s, "/desk/signin", "password", facetest.Password, "code", code())
	require.Equal(t, "/desk", s.Path, "and another site is never the way back")

	s = b.Send(b.Get("/desk/password"), "/desk/password", "old", facetest.Password, "password", "seven green lorries", "again", "seven grey lorries")
	require.Equal(t, 422, s.Code)
	s = b.Send(s, "/desk/password", "old", facetest.Password, "password", "seven green lorries", "again", "seven green lorries")
	require.Equal(t, 200, s.Code, s.Text("main"))
	require.Equal(t, 200, b.Get("/desk").Code, "this session goes on")
}

func TestQueueAndBatch(t *testing.T) {
	h := open(t)
	b := h.Desk("lixia")
	s := b.Get("/desk")
	require.Equal(t, 2, s.Doc.Find("table.queue tbody tr").Length())
	require.Contains(t, s.Text("nav.views"), "全部 2")
	require.Contains(t, s.Text("table.queue"), "剩 2 个工作日")
	require.Equal(t, 1, b.Get("/desk?view=vacancy").Doc.Find("table.queue tbody tr").Length())
	require.Equal(t, 1, b.Get("/desk?q=食品").Doc.Find("table.queue tbody tr").Length())
	require.Contains(t, b.Get("/desk?view=overdue").Text("main"), "没有等您办理")
	require.Equal(t, 422, b.Get("/desk?view=mine").Code)
	require.Contains(t, b.Get("/desk?view=vacancy").Text("td.main"), "济南钢构有限公司 · "+h.vacancy.Number, "whose vacancy it is")
	none := b.Get("/desk?view=vacancy&q=挖掘机")
	require.Contains(t, none.Text("main"), "没有找到“挖掘机”")
	require.True(t, none.Has(`a[href="/desk?view=vacancy"]`))

	sister := h.Desk("shizhong")
	require.Contains(t, sister.Get("/desk").Text("main"), "没有等您办理")

	var picks []string
	s.Doc.Find("input[data-pick]").Each(func(_ int, x *goquery.Selection) { picks = append(picks, x.AttrOr("value", "")) })
	require.Len(t, picks, 2)
	form := url.Values{"_token": {s.Doc.Find(`input[name="_token"]`).First().AttrOr("value", "")}, "do": {"publish"}, "id": append(picks, "employment.vacancy/3701/none/1", "rubbish")}
	s = b.Post("/desk/batch", form)
	require.Contains(t, s.Text("main"), "办成 1 件，没办成 3 件")
	require.Contains(t, s.Text("main"), "历下区食品厂", "the one of the other kind is named")
	require.NotContains(t, b.Get("/desk").Text("main"), "没办成", "the summary stands once")
	v, err := h.Employment.GetVacancy(h.System(), h.vacancy.CityCode, h.vacancy.ID)
	require.NoError(t, err)
	require.Equal(t, "published", v.State)

	s = sister.Get("/desk/password")
	form = url.Values{"_token": {s.Doc.Find(`input[name="_token"]`).First().AttrOr("value", "")}, "do": {"accept"}, "id": picks}
	s = sister.Post("/desk/batch", form)
	require.Contains(t, s.Text("main"), "办成 0 件")
	require.NotContains(t, s.Text("main"), "食品厂", "a sister county learns nothing from a guessed id")
	c, err := h.Companies.Get(h.System(), h.submitted.CityCode, h.submitted.ID)
	require.NoError(t, err)
	require.Equal(t, company.StateSubmitted, c.State)
}

// Whatever is decided, the list that one worked through comes again as it was.
func TestTheListComesAgainAsItWas(t *testing.T) {
	h := open(t)
	b := h.Desk("lixia")
	list := "/desk?view=vacancy&q=" + url.QueryEscape("仓库")
	s := b.Get(list)
	s = b.Send(s, "/desk/batch", "do", "publish")
	require.Equal(t, list, s.Path, "a batch with nothing picked")

	open := func(list string) facetest.Screen {
		t.Helper()
		s := b.Get(list)
		return b.Get(s.Doc.Find("main td a").First().AttrOr("href", ""))
	}
	s = open(list)
	require.Equal(t, "仓库管理员", s.Text("h1"))
	require.Equal(t, list, s.Doc.Find("a.back").AttrOr("href", ""))
	step := s.Doc.Find(`form[action*="/step"]`).First().AttrOr("action", "")
	s = b.Send(s, step, "event", "return", "reason.return", "")
	require.Equal(t, 422, s.Code)
	s = b.Send(s, step, "event", "return", "reason.return", "请写清班次")
	require.Equal(t, list, s.Path)

	s = open("/desk/companies?state=verified")
	require.Equal(t, "/desk/companies?state=verified", s.Doc.Find("a.back").AttrOr("href", ""))
	require.Equal(t, "企业", s.Text(".rail [aria-current]"), "the menu shows the list one came from")
	s = b.Get(s.Doc.Find("main td a").First().AttrOr("href", "")) // one of its vacancies
	require.Contains(t, s.Doc.Find("a.back").AttrOr("href", ""), companyPath(h.company))

	for _, foreign := range []string{"https://evil.example", "//evil.example", "/me", "/deskx", "javascript:alert(1)"} {
		require.Equal(t, "/desk", b.Get(vacancyPath(h.vacancy)+"?back="+url.QueryEscape(foreign)).Doc.Find("a.back").AttrOr("href", ""), foreign)
	}
}

func TestEmptyListsSayWhy(t *testing.T) {
	h := open(t)
	b := h.Desk("shizhong")
	require.Contains(t, b.Get("/desk/vacancies").Text("main"), "您负责的区域还没有岗位")
	require.Contains(t, b.Get("/desk/companies").Text("main"), "您负责的区域还没有企业")
	require.Contains(t, b.Get("/desk/companies?q=钢构").Text("main"), "没有符合条件的记录")
}

func TestDecideAndConflict(t *testing.T) {
	h := open(t)
	h.Staff("lixia2", access.RoleCounty, "370102")
	first, second := h.Desk("lixia"), h.Desk("lixia2")
	path := vacancyPath(h.vacancy)
	a, b := first.Get(path), second.Get(path)
	require.Contains(t, a.Text("aside"), "剩 2 个工作日")
	require.Contains(t, a.Text("aside"), "2 个工作日内")

	s := first.Send(a, path+"/step", "event", "return", "reason.return", "")
	require.Equal(t, 422, s.Code)
	require.True(t, s.Has(`a[href="#f-reason-return"]`), "a return needs its reason")
	s = first.Send(s, path+"/step", "event", "return", "reason.return", "请写清班次")
	require.Equal(t, "/desk", s.Path)

	s = second.Send(b, path+"/step", "event", "publish")
	require.Equal(t, 409, s.Code)
	require.Contains(t, s.Text("[role=alert]"), "张明")
	require.Contains(t, s.Text("[role=alert]"), "退回修改")
	require.Contains(t, s.Text("h1"), "仓库管理员")
	require.Contains(t, s.Text("main"), "已退回", "the newest state is shown")
	v, err := h.Employment.GetVacancy(h.System(), h.vacancy.CityCode, h.vacancy.ID)
	require.NoError(t, err)
	require.Equal(t, "returned", v.State)

	path = companyPath(h.submitted)
	s = first.Get(path)
	require.NotContains(t, s.HTML, "19900008888")
	require.Equal(t, 422, first.Send(s, path+"/contact").Code, "a number needs a purpose")
	require.Contains(t, first.Send(first.Get(path), path+"/contact", "purpose", "核对营业执照").Text("main"), "19900008888")
	s = first.Send(first.Get(path), path+"/step", "event", "accept")
	require.Equal(t, "/desk", s.Path, s.Text("main"))
	require.Contains(t, first.Get(path).Text("main"), "已核验")
}

func TestImportFromUploadToErrorFile(t *testing.T) {
	h := open(t)
	b := h.Desk("lixia")
	s := b.Get("/desk/imports")
	require.Equal(t, 422, b.Send(s, "/desk/imports").Code, "no file")
	require.Equal(t, 422, b.Upload(b.Get("/desk/imports"), "/desk/imports", "a.xlsx", "no table at all").Code)

	text := "岗位,企业,地点,工资\n保安,历下物业有限公司,济南市历下区,4000元/月\n保洁,历下物业有限公司,济南市历下区,3500元/月\n保安,青岛物业,青岛市市南区,4000元/月\n搬运工(限男性),历下物业有限公司,济南市历下区,4000元/月\n"
	s = b.Upload(b.Get("/desk/imports"), "/desk/imports", "岗位.csv", text)
	require.Equal(t, 200, s.Code, s.Text("main"))
	path := s.Path
	require.Equal(t, "岗位", s.Form(path+"/check").Get("column.title"), "columns are recognised")
	require.Equal(t, 422, b.Send(s, path+"/check", "column.company", "").Code)
	s = b.Send(b.Get(path), path+"/check")
	require.Contains(t, s.Text("main"), "正在试读")
	require.True(t, s.Has(`[hx-get="`+path+`/progress"]`))
	require.Contains(t, s.HTML, `http-equiv="refresh"`)
	require.NoError(t, h.Queue.RunDue(t.Context()))

	s = b.Get(path)
	require.Contains(t, s.Text("ul.counts"), "可新增3")
	require.Contains(t, s.Text("ul.counts"), "要改正1")
	require.Contains(t, s.Text("main"), "不在您负责的区域内")
	s = b.Send(s, path+"/start")
	require.NoError(t, h.Queue.RunDue(t.Context()))
	s = b.Get(path)
	require.Contains(t, s.Text("ul.counts"), "新增岗位3")
	rows := b.Get(path + "/errors")
	require.Contains(t, rows.Type, "text/csv")
	require.Contains(t, rows.HTML, "青岛物业")

	// The ad that a rule holds back is in the queue with rule and law.
	s = b.Get("/desk?view=vacancy&q=限男性")
	require.Equal(t, 1, s.Doc.Find("table.queue tbody tr").Length())
	s = b.Get(s.Doc.Find("table.queue a[data-open]").AttrOr("href", ""))
	require.Contains(t, s.Text("main"), "不能限制性别")
	require.Contains(t, s.Text("details.fold"), "就业促进法")

	sister := h.Desk("shizhong")
	for _, x := range []string{path, path + "/progress", path + "/errors"} {
		require.Equal(t, 404, sister.Get(x).Code, x)
	}
	require.NotContains(t, sister.Get("/desk/imports").Text("main"), "岗位.csv")
}

func TestExportIsAskedForAndHarmless(t *testing.T) {
	h := open(t)
	in := facetest.Welder()
	in.Title = "=HYPERLINK(电焊)"
	in.OccupationCode = "6-18-02-04"
	h.OnOffer(h.hr, h.company, in)
	b := h.Desk("lixia")
	s := b.Send(b.Get("/desk/vacancies"), "/desk/vacancies/export")
	require.Equal(t, 422, s.Code, "what for?")
	s = b.Send(b.Get("/desk/vacancies"), "/desk/vacancies/export", "purpose", "月报", "format", "csv")
	require.Equal(t, 200, s.Code)
	require.Contains(t, s.Type, "text/csv")
	require.Contains(t, s.HTML, "'=HYPERLINK")
	require.Equal(t, 4, strings.Count(s.HTML, "\r\n"))
	s = b.Send(b.Get("/desk/companies"), "/desk/companies/export", "purpose", "月报")
	f, err := excelize.OpenReader(bytes.NewReader([]byte(s.HTML)))
	require.NoError(t, err)
	cells, err := f.GetRows(f.GetSheetName(0))
	require.NoError(t, err)
	require.Len(t, cells, 3)
	require.NoError(t, f.Close())
	log, err := h.Audit.List(h.System(), audit.Filter{Action: "employment.export_vacancies"}, page.Request{})
	require.NoError(t, err)
	require.NotEmpty(t, log.Items)
	require.Equal(t, "月报", log.Items[0].Purpose)

	sister := h.Desk("shizhong")
	s = sister.Send(sister.Get("/desk/vacancies"), "/desk/vacancies/export", "purpose", "月报", "format", "csv")
	require.Equal(t, 1, strings.Count(s.HTML, "\r\n"), "another county gets the heading only")
}

func TestServicesAndPerson(t *testing.T) {
	h := open(t)
	h.Staff("zhihui", access.RoleTownship, "370102001")
	b := h.Desk("lixia")
	s := b.Send(b.Get("/desk/services"), "/desk/services", "phone", "123", "name", "王小明")
	require.Equal(t, 422, s.Code)
	require.Equal(t, "王小明", s.Form("/desk/services").Get("name"))
	s = b.Send(s, "/desk/services", "kind", "guidance", "phone", h.phone, "note", "改简历")
	require.Equal(t, "/desk/services", s.Path, s.Text("main"))
	require.Contains(t, s.Text("main"), "改简历")
	s = b.Send(b.Get("/desk/services"), "/desk/services", "kind", "recommendation", "phone", h.phone, "name", "王小明", "vacancy", "V0")
	require.Equal(t, 422, s.Code)
	require.True(t, s.Has(`a[href="#f-vacancy"]`))
	s = b.Send(s, "/desk/services", "vacancy", h.offered.Number)
	require.Contains(t, s.Text("main"), "岗位推荐：电焊工", "which vacancy was recommended")

	path := "/desk/people/" + h.worker.City + "/" + h.worker.ID
	s = b.Get(path)
	require.Contains(t, s.Text("main"), "职业指导")
	require.Contains(t, s.Text("main"), "电焊工")
	require.NotContains(t, s.HTML, h.phone)
	require.Equal(t, 422, b.Send(s, path+"/phone").Code)
	require.Contains(t, b.Send(b.Get(path), path+"/phone", "purpose", "约面试").Text("main"), h.phone)
	uses, err := h.Audit.ListForPerson(h.System(), h.worker.ID, page.Request{})
	require.NoError(t, err)
	require.Equal(t, "约面试", uses.Items[0].Purpose)
}

func TestStaffRights(t *testing.T) {
	h := open(t)
	h.Staff("boss", access.RoleAdmin, "370102")
	b := h.Desk("boss")
	s := b.Get("/desk")
	require.Equal(t, "/desk/staff", s.Path, "an administrator has no queue")
	require.Contains(t, s.Text("table"), "lixia")
	require.NotContains(t, s.Text("table"), "shizhong", "only one's own subtree")
	s = b.Send(s, "/desk/staff", "login", "wang.li", "name", "王丽", "password", "123")
	require.Equal(t, 422, s.Code)
	require.Equal(t, "wang.li", s.Form("/desk/staff").Get("login"))
	s = b.Send(s, "/desk/staff", "password", "nine yellow lorries")
	require.Equal(t, "/desk/staff", s.Path, s.Text("main"))
	unit, _ := h.Org.ByDivision("370102")
	other, _ := h.Org.ByDivision("370103")
	s = b.Send(s, "/desk/staff/grant", "user", "nobody", "role", access.RoleCounty, "unit", unit.ID)
	require.Equal(t, 422, s.Code)
	require.Equal(t, 403, b.Send(b.Get("/desk/staff"), "/desk/staff/grant", "user", "wang.li", "role", access.RoleCounty, "unit", other.ID).Code)
	s = b.Send(b.Get("/desk/staff"), "/desk/staff/grant", "user", "wang.li", "role", access.RoleCounty, "unit", unit.ID)
	require.Contains(t, s.Text("table"), "王丽")

	clerk := h.Desk("lixia")
	require.Equal(t, 200, clerk.Get("/desk/vacancies").Code)
	var grant string
	s.Doc.Find("table tr").Each(func(_ int, x *goquery.Selection) {
		if strings.Contains(x.Text(), "lixia") {
			grant = x.Find(`button[name="grant"]`).AttrOr("value", "")
		}
	})
	b.Post("/desk/staff/revoke", url.Values{"_token": {s.Form("/desk/staff").Get("_token")}, "grant": {grant}})
	require.Equal(t, 403, clerk.Get("/desk/vacancies").Code, "gone with the next click")
}

// Whoever has not the right of a route gets nothing of it, and sees no way there.
func TestEveryRouteAsksForItsRight(t *testing.T) {
	h := open(t)
	h.Staff("zhihui", access.RoleTownship, "370102001")
	h.Staff("boss", access.RoleAdmin, "370102")
	h.Staff("leader", access.RoleLeader, "370102")
	phone, _ := h.Worker("孙丽", "370102")
	gets := map[string]string{
		"/desk/vacancies": "case.view", "/desk/companies": "case.view", "/desk/imports": "vacancy.import", "/desk/services": "services.record",
		"/desk/people/" + h.worker.City + "/" + h.worker.ID: "people.view", "/desk/staff": "grants.manage", "/desk/audit": "audit.view",
		vacancyPath(h.vacancy): "case.view", "/desk/imports/3701/x": "vacancy.import", "/desk/imports/3701/x/progress": "vacancy.import", "/desk/imports/3701/x/errors": "vacancy.import",
	}
	posts := map[string]string{
		vacancyPath(h.vacancy) + "/step": "case.view", companyPath(h.submitted) + "/contact": "company.verify",
		"/desk/vacancies/export": "batch.run", "/desk/companies/export": "batch.run", "/desk/imports/3701/x/check": "vacancy.import",
		"/desk/imports/3701/x/start": "vacancy.import", "/desk/services": "services.record",
		"/desk/people/" + h.worker.City + "/" + h.worker.ID + "/phone": "people.view",
		"/desk/audit/export": "audit.view", "/desk/staff": "grants.manage", "/desk/staff/grant": "grants.manage", "/desk/staff/revoke": "grants.manage",
	}
	for login, role := range map[string]string{"zhihui": access.RoleTownship, "boss": access.RoleAdmin, "leader": access.RoleLeader} {
		b := h.Desk(login)
		r, err := h.Roles.Get(h.System(), role)
		require.NoError(t, err)
		token := b.Get("/desk/password").Form("/desk/password").Get("_token")
		has := func(c string) bool {
			for _, x := range r.Capabilities {
				if string(x) == c {
					return true
				}
			}
			return false
		}
		nav := b.Get("/desk/password")
		for path, need := range gets {
			if !has(need) {
				require.Equal(t, 403, b.Get(path).Code, "%s GET %s", login, path)
				require.False(t, nav.Has(`nav a[href="`+path+`"]`), "%s sees %s", login, path)
			}
		}
		for path, need := range posts {
			if !has(need) {
				require.Equal(t, 403, b.Post(path, url.Values{"_token": {token}}).Code, "%s POST %s", login, path)
			}
		}
	}
	leader := h.Desk("leader")
	s := leader.Get(vacancyPath(h.vacancy))
	require.Equal(t, 200, s.Code)
	require.False(t, s.Has("section.act"), "a reader sees no buttons")
	require.False(t, leader.Get("/desk/vacancies").Has(`form[action="/desk/vacancies/export"]`))
	require.Equal(t, 403, h.Phone(phone).Get("/desk").Code, "a worker has no desk")
}

// A record of another county does not exist, whoever guesses its id.
func TestSisterCountyFindsNothing(t *testing.T) {
	h := open(t)
	b := h.Desk("shizhong")
	application := "/desk/cases/employment.application/" + h.applied.CityCode + "/" + h.applied.ID
	person := "/desk/people/" + h.worker.City + "/" + h.worker.ID
	for _, path := range []string{vacancyPath(h.vacancy), vacancyPath(h.offered), companyPath(h.submitted), companyPath(h.company), application, person} {
		require.Equal(t, 404, b.Get(path).Code, path)
	}
	token := b.Get("/desk/password").Form("/desk/password").Get("_token")
	for _, path := range []string{vacancyPath(h.vacancy) + "/step", companyPath(h.submitted) + "/step", companyPath(h.submitted) + "/contact", application + "/step", person + "/phone"} {
		s := b.Post(path, url.Values{"_token": {token}, "event": {"publish"}, "version": {"1"}, "purpose": {"x"}})
		require.Equal(t, 404, s.Code, path)
	}
	h.Staff("auditor", access.RoleAuditor, "370103")
	auditor := h.Desk("auditor")
	for _, path := range []string{
		"/desk", "/desk/vacancies", "/desk/companies", "/desk/services",
		"/desk/audit", "/desk/audit?subject=" + h.vacancy.ID, "/desk/audit?subject=" + h.vacancy.Number, "/desk/audit?actor=lixia",
	} {
		who := b
		if strings.HasPrefix(path, "/desk/audit") {
			who = auditor
		}
		s := who.Get(path)
		require.Equal(t, 200, s.Code, path)
		for _, word := range []string{"仓库管理员", "钢构", "食品厂", "王小明"} {
			require.NotContains(t, s.Text("main"), word, path)
		}
	}
	mine := h.Desk("lixia")
	for _, path := range []string{vacancyPath(h.vacancy), companyPath(h.submitted), application, person} {
		require.Equal(t, 200, mine.Get(path).Code, path)
	}
	require.Equal(t, 404, mine.Get("/desk/cases/employment.nothing/3701/x").Code)
	require.Equal(t, 403, mine.Post("/desk/batch", url.Values{"_token": {"a.b.c"}, "do": {"publish"}}).Code, "a forged form")
}

// Every page in both languages, small enough for a slow line.
func TestPagesInBothLanguages(t *testing.T) {
	h := open(t)
	h.Staff("boss", access.RoleAdmin, "370000")
	clerk, boss, visitor := h.Desk("lixia"), h.Desk("boss"), h.Browser()
	own := []string{"济南钢构有限公司", "仓库管理员", "历下区食品厂", "赵刚", "王小明", "王**", "赵*", "李*"}
	for _, d := range h.Rules.Latest().Definitions() { // a document keeps the name it has
		for _, e := range h.Rules.Latest().Entries(d.Key) {
			own = append(own, e.Citation)
		}
	}
	for _, lang := range i18n.Langs {
		clerk.Lang, boss.Lang, visitor.Lang = lang, lang, lang
		for path, b := range map[string]*facetest.Browser{
			"/desk": clerk, "/desk/vacancies": clerk, "/desk/companies": clerk, "/desk/imports": clerk, "/desk/services": clerk, "/desk/password": clerk,
			"/desk/totp": clerk, vacancyPath(h.vacancy): clerk, vacancyPath(h.offered): clerk, companyPath(h.submitted): clerk, companyPath(h.company): clerk,
			"/desk/cases/employment.application/" + h.applied.CityCode + "/" + h.applied.ID: clerk,
			"/desk/people/" + h.worker.City + "/" + h.worker.ID:                             clerk, "/desk/rules": clerk, "/desk/rules/dues.split": clerk, "/desk/rules/changes": clerk, "/desk/staff": boss, "/desk/audit": boss, "/desk/signin": visitor,
		} {
			s := b.Get(path)
			require.Equal(t, 200, s.Code, path)
			require.NotContains(t, s.HTML, "desk.view.", path)
			require.NotContains(t, s.HTML, " style=", path)
			require.Less(t, len(s.HTML), 100<<10, path)
			require.Equal(t, 1, s.Doc.Find("h1").Length(), path)
			require.LessOrEqual(t, s.Doc.Find("script[src], link[rel=stylesheet]").Length(), 5, path)
			if lang == i18n.EN {
				require.Empty(t, facetest.Chinese(s.Doc, append(facetest.OwnWords, own...)...), path)
			}
			seen := map[string]bool{}
			s.Doc.Find("[id]").Each(func(_ int, x *goquery.Selection) {
				id := x.AttrOr("id", "")
				require.False(t, seen[id], "%s: id %s stands twice", path, id)
				seen[id] = true
			})
		}
	}
}
