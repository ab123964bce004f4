package company_test

import (
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/face/facetest"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/employment"
)

func TestMain(m *testing.M) {
	code := m.Run()
	for key, n := range i18n.Missing() {
		println("text missing:", key, n)
		code = 1
	}
	os.Exit(code)
}

func TestRegisterReturnedCorrected(t *testing.T) {
	h := facetest.Open(t)
	visitor := h.Browser()
	s := visitor.Get("/company")
	require.Equal(t, 200, s.Code)
	require.True(t, s.Has(`a[href="/signin?back=/company"]`), "a visitor can sign in")
	require.Equal(t, "/signin?back=%2Fcompany%2Fregister", visitor.Get("/company/register").Path)

	phone, _ := h.Worker("李华", "370102")
	b := h.Phone(phone)
	require.True(t, b.Get("/company").Has(`a[href="/company/register"]`))
	require.Equal(t, "/company/register", b.Get("/company/vacancies").Path, "nobody's company leads to registration")

	form := b.Get("/company/register")
	s = b.Send(form, "/company/register", "credit_code", "91370102MA3C1KJ25X", "name", "历下区精密机械<b>厂", "division", "370102", "contact_phone", "138")
	require.Equal(t, 422, s.Code)
	require.Contains(t, s.HTML, `href="#f-credit_code"`)
	require.Contains(t, s.HTML, `href="#f-contact_name"`)
	require.Contains(t, s.HTML, `href="#f-contact_phone"`)
	require.Equal(t, "91370102MA3C1KJ25X", s.Form("/company/register").Get("credit_code"), "what was typed stays")
	require.Equal(t, "370102", s.Form("/company/register").Get("division"))

	s = b.Send(s, "/company/register", "credit_code", h.CreditCode(), "name", "历下区精密机械厂", "contact_name", "李华", "contact_phone", "19900009999", "industry", "34")
	require.Equal(t, "/company", s.Path)
	require.Contains(t, s.Text("main"), "待县级工会核验")
	require.False(t, s.Has(`a[href="/company/vacancies/new"]`), "no posting before the county has agreed")
	require.Equal(t, "/company", b.Get("/company/vacancies/new").Path)

	actor, _ := access.From(h.As(accountOf(t, h, phone)))
	g := actor.Companies()[0]
	_, err := h.Employment.DecideEmployer(h.System(), employment.StepInput{City: g.CompanyCity, ID: g.CompanyID, Event: "return", Version: 1, Reason: "请写全称"})
	require.NoError(t, err)
	require.Contains(t, b.Get("/company").Text("main"), "请写全称")
	form = b.Get("/company/correct")
	require.NotContains(t, form.HTML, "19900009999", "the contact's number is masked")
	s = b.Send(form, "/company/correct", "name", "济南历下精密机械有限公司")
	require.Equal(t, "/company", s.Path)
	require.Contains(t, s.Text("main"), "待县级工会核验")
	k, err := h.Cases.Get(h.System(), casework.Ref{City: g.CompanyCity, ID: g.CompanyID})
	require.NoError(t, err)
	require.Equal(t, "submitted", k.State)
	require.Equal(t, "济南历下精密机械有限公司", k.Title)
}

func accountOf(t *testing.T, h *facetest.House, phone string) string {
	t.Helper()
	a, err := h.Accounts.EnsureWorker(h.System(), phone, "", "")
	require.NoError(t, err)
	return a.ID
}

// vacancyAnswers is a form that breaks no rule.
var vacancyAnswers = []string{
	"title", "电焊工", "occupation", "auto", "headcount", "2", "division", "370104", "pay", "6000-8000元/月", "hours", "day", "insurance", "five",
	"content", "焊接钢结构件。\n持证优先。",
}

func TestVacancyFromFormToClosing(t *testing.T) {
	h := facetest.Open(t)
	phone, _, c := h.Employer("济南钢构有限公司", "370102")
	b := h.Phone(phone)
	form := b.Get("/company/vacancies/new")
	require.Equal(t, 200, form.Code)

	s := b.Send(form, "/company/vacancies/new", "title", "", "content", "", "headcount", "许多")
	require.Equal(t, 422, s.Code)
	for _, field := range []string{"title", "content", "headcount"} {
		require.True(t, s.Has(`a[href="#f-`+field+`"]`), field)
	}
	require.Equal(t, "许多", s.Form("/company/vacancies/new").Get("headcount"))

	answers := append([]string{}, vacancyAnswers...)
	answers[1] = "电焊工(限男性)"
	s = b.Send(form, "/company/vacancies/new", answers...)
	require.Equal(t, 422, s.Code)
	require.Contains(t, s.Text(".field-error"), "不能限制性别")
	require.Contains(t, s.Text("details.fold"), "就业促进法", "the law stands folded under the field")
	require.NotContains(t, s.Text(".field-error"), "就业促进法")
	require.Contains(t, s.Form("/company/vacancies/new").Get("content"), "持证优先", "what was typed stays")

	mended := s
	s = b.Send(mended, "/company/vacancies/new", vacancyAnswers...)
	require.Equal(t, 200, s.Code, s.Text("main"))
	number := strings.TrimPrefix(s.Path, "/company/vacancies/")
	v, err := h.Employment.VacancyByNumber(h.System(), number)
	require.NoError(t, err)
	require.Equal(t, "焊接钢结构件。\n持证优先。", v.Content, "line breaks stay")
	require.Equal(t, "6-18-02-04", v.OccupationCode)

	again := b.Send(mended, "/company/vacancies/new", vacancyAnswers...)
	require.Equal(t, "/company/vacancies/"+number, again.Path, "the same form sent again gives the first answer")

	_, err = h.Employment.StepVacancy(h.System(), employment.StepInput{City: v.CityCode, ID: v.ID, Event: "publish", Version: 1})
	require.NoError(t, err)
	s = b.Get(s.Path)
	step := "/company/vacancies/" + number + "/step"
	s = b.Post(step, with(s.Form(step), "event", "suspend"))
	require.Contains(t, s.Text("main"), "已暂停")
	s = b.Post(step, with(s.Form(step), "event", "reopen"))
	require.Contains(t, s.Text("main"), "招聘中")
	s = b.Send(s, step, "event", "close")
	require.Equal(t, 422, s.Code, "closing asks why")
	s = b.Send(s, step, "event", "close", "reason", "filled_here")
	require.Contains(t, s.Text("main"), "已关闭")
	require.Contains(t, s.Text("main"), "在这里招到了")
	s = b.Post(step, with(url.Values{"_token": {b.Get("/company/vacancies/new").Form("/company/vacancies/new").Get("_token")}}, "event", "reopen", "version", "9"))
	require.Equal(t, 409, s.Code, "a closed vacancy stays closed")

	require.Equal(t, 200, b.Get("/company/vacancies?state=closed").Code)
	require.Equal(t, 422, b.Get("/company/vacancies?state=open").Code, "an unknown filter is an error, not an empty list")
	require.Equal(t, 422, b.Get("/company/vacancies?after=xyz").Code)
	_ = c
}

func with(form url.Values, pairs ...string) url.Values {
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

func TestApplicantFromViewToArrival(t *testing.T) {
	h := facetest.Open(t)
	phone, hr, c := h.Employer("济南钢构有限公司", "370102")
	v := h.OnOffer(hr, c, facetest.Welder())
	number, worker := h.Worker("王小明", "370104")
	a, err := h.Employment.Apply(worker, employment.ApplyInput{Number: v.Number, SharePhone: true, Message: "有焊工证"})
	require.NoError(t, err)

	b := h.Phone(phone)
	home := b.Get("/company")
	require.Contains(t, home.Text("main"), "王小明")
	path := "/company/applications/" + a.Number
	s := b.Get(path)
	require.Contains(t, s.Text("main"), "有焊工证")
	require.NotContains(t, s.HTML, number, "no number before it is asked for")
	a, err = h.Employment.GetApplication(h.System(), a.CityCode, a.ID)
	require.NoError(t, err)
	require.Equal(t, "viewed", a.State, "opening the page counts as viewing")
	require.Equal(t, 200, b.Get(path).Code, "and again changes nothing")

	seen := b.Send(s, path+"/phone")
	require.Contains(t, seen.Text("main"), number)
	require.NotContains(t, b.Get(path).HTML, number, "shown once")
	me, _ := access.Self(worker)
	uses, err := h.Audit.ListForPerson(h.System(), me.ID, page.Request{})
	require.NoError(t, err)
	found := false
	for _, u := range uses.Items {
		found = found || u.Purpose == employment.SharePhonePurpose
	}
	require.True(t, found, "the worker can see who read the number: %+v", uses.Items)

	s = b.Get(path)
	s = b.Send(s, path+"/step", "event", "invite", "at.year", "2020", "at.month", "7", "at.day", "19", "time", "09:30", "place", "厂区 3 号楼")
	require.Equal(t, 422, s.Code, "an interview yesterday")
	require.Equal(t, "厂区 3 号楼", s.Form(path+"/step", "event", "invite").Get("place"))
	s = b.Send(s, path+"/step", "event", "invite", "at.year", "2020", "at.month", "7", "at.day", "23", "time", "09:30", "place", "厂区 3 号楼")
	require.Equal(t, 200, s.Code, s.Text("main"))
	require.Contains(t, s.Text("main"), "2020年7月23日 09:30")

	stale := b.Get(path)
	s = b.Send(s, path+"/step", "event", "offer", "note.offer", "周一报到")
	require.Contains(t, s.Text("main"), "已发录用")
	s = b.Send(stale, path+"/step", "event", "reject", "reason", "人满了")
	require.Equal(t, 409, s.Code, "a page that is no longer true changes nothing")

	step := func(ctx string, event string) {
		x, err := h.Employment.GetApplication(h.System(), a.CityCode, a.ID)
		require.NoError(t, err, ctx)
		k, err := h.Cases.Get(h.System(), casework.Ref{City: x.CityCode, ID: x.ID})
		require.NoError(t, err)
		_, err = h.Employment.StepApplication(worker, employment.StepInput{City: x.CityCode, ID: x.ID, Event: event, Version: k.Version})
		require.NoError(t, err, ctx)
	}
	step("the worker accepts", "accept")
	s = b.Send(b.Get(path), path+"/step", "event", "confirm")
	require.Contains(t, s.Text("main"), "等本人确认到岗")
	step("the worker confirms", "confirm_own")
	require.Contains(t, b.Get(path).Text("main"), "已到岗")

	messages := b.Get("/company/messages")
	require.Contains(t, messages.Text("main"), "电焊工")
	b.Send(messages, "/company/messages/read")
	require.NotContains(t, b.Get("/company/messages").Text("main"), "未读")
}

func TestAnotherCompanysRecordsAreNotFound(t *testing.T) {
	h := facetest.Open(t)
	_, hr, c := h.Employer("济南钢构有限公司", "370102")
	v := h.OnOffer(hr, c, facetest.Welder())
	_, worker := h.Worker("王小明", "370104")
	a, err := h.Employment.Apply(worker, employment.ApplyInput{Number: v.Number})
	require.NoError(t, err)

	other, otherHR, _ := h.Employer("历城建材有限公司", "370112")
	b := h.Phone(other)
	token := b.Get("/company/vacancies/new").Form("/company/vacancies/new").Get("_token")
	for _, path := range []string{"/company/vacancies/" + v.Number, "/company/vacancies/" + v.Number + "/edit", "/company/applications/" + a.Number, "/company/vacancies/V-none"} {
		require.Equal(t, 404, b.Get(path).Code, path)
	}
	for _, path := range []string{"/company/vacancies/" + v.Number + "/step", "/company/vacancies/" + v.Number + "/edit", "/company/applications/" + a.Number + "/step", "/company/applications/" + a.Number + "/phone"} {
		s := b.Post(path, url.Values{"_token": {token}, "event": {"close"}, "version": {"2"}, "reason": {"cancelled"}})
		require.Equal(t, 404, s.Code, path)
	}
	// Nor one's own application to another company: that is the phone's matter.
	mine, err := h.Employment.Apply(otherHR, employment.ApplyInput{Number: v.Number})
	require.NoError(t, err)
	require.Equal(t, 404, b.Get("/company/applications/"+mine.Number).Code)

	s := b.Post("/company/messages/read", url.Values{"_token": {"x.y.z"}})
	require.Equal(t, 403, s.Code, "a forged token")
	require.Equal(t, "/signin?back=%2Fcompany%2Fapplications%2F"+a.Number, h.Browser().Get("/company/applications/"+a.Number).Path)
}

func TestChooserForSeveralCompanies(t *testing.T) {
	h := facetest.Open(t)
	phone, hr, c := h.Employer("济南钢构有限公司", "370102")
	v := h.OnOffer(hr, c, facetest.Welder())
	b := h.Phone(phone)
	s := b.Send(b.Get("/company/register"), "/company/register", "credit_code", h.CreditCode(), "name", "济南钢构第二厂", "division", "370103",
		"contact_name", "李华", "contact_phone", "19900009999")
	require.Contains(t, s.Text("h1"), "济南钢构第二厂", "the new one is chosen")

	b = h.Phone(phone)
	s = b.Get("/company/vacancies")
	require.Equal(t, "/company/choose?back=%2Fcompany%2Fvacancies", s.Path)
	require.Contains(t, s.Text("main"), "济南钢构第二厂")
	s = b.Get("/company/vacancies/" + v.Number)
	require.Equal(t, 200, s.Code, "a message's link chooses its company")
	require.Contains(t, b.Get("/company").Text("h1"), "济南钢构有限公司")
	require.Equal(t, "/company/choose?back=%2Fcompany", h.Phone(phone).Get("/company?c=no-such").Path)
	require.Contains(t, b.Get("/company?c="+c.ID).Text("h1"), c.Name)
}

// Every page in both languages, small enough for a slow line.
func TestPagesInBothLanguages(t *testing.T) {
	h := facetest.Open(t)
	phone, hr, c := h.Employer("济南钢构有限公司", "370102")
	v := h.OnOffer(hr, c, facetest.Welder())
	_, worker := h.Worker("王小明", "370104")
	a, err := h.Employment.Apply(worker, employment.ApplyInput{Number: v.Number, SharePhone: true})
	require.NoError(t, err)
	b := h.Phone(phone)
	for _, lang := range i18n.Langs {
		b.Lang = lang
		for _, path := range []string{
			"/company", "/company/register", "/company/choose", "/company/vacancies", "/company/vacancies/new", "/company/vacancies/" + v.Number,
			"/company/applications", "/company/applications?state=waiting", "/company/applications/" + a.Number, "/company/messages",
		} {
			s := b.Get(path)
			require.Equal(t, 200, s.Code, path)
			require.Equal(t, string(lang), s.Doc.Find("html").AttrOr("lang", ""), path)
			require.NotContains(t, s.HTML, "company_face.", path)
			if lang == i18n.EN {
				require.Empty(t, facetest.Chinese(s.Doc, append(facetest.OwnWords, "济南钢构有限公司", "王小明")...), path)
			}
			require.NotContains(t, s.HTML, " style=", path)
			require.Less(t, len(s.HTML), 100<<10, path)
			require.Equal(t, 1, s.Doc.Find("h1").Length(), path)
			require.LessOrEqual(t, s.Doc.Find("script[src], link[rel=stylesheet]").Length(), 5, path)
		}
	}
}
