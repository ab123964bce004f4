package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"gonghui/internal/app"
	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/notice"
	personroom "gonghui/internal/core/person"
	"gonghui/internal/core/rules"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/ident"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/employment"
)

// ownRule is a parameter that a county may set: none of the rooms has one yet.
const ownRule = "sister.days"

// furnishSisters sets both counties up through the services.
func furnishSisters(t *testing.T, c app.Config) *sisters {
	t.Helper()
	s := &sisters{t: t, clock: clock.NewFake(clock.System().Now()), ours: map[string]*person{}, other: map[string]*person{}}
	var err error
	s.app, err = app.Open(t.Context(), c, app.Options{Create: true, Clock: s.clock})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.app.Close()) })
	require.NoError(t, s.app.Employment.BuildIndex(t.Context()))
	require.NoError(t, s.app.Rules.Register(rules.Room{
		Name:        "sister",
		Definitions: []rules.Definition{{Key: ownRule, Kind: rules.Days, Levels: rules.Everywhere}},
		Defaults:    []byte(`[{"key":"sister.days","place":"37","valid_from":"2020-01-01","value":5,"citation":"ASSUMED","basis":"assumed"}]`),
	}))
	require.NoError(t, s.app.Rules.Load(t.Context()))
	server := httptest.NewServer(s.app.Handler(false))
	t.Cleanup(server.Close)
	s.base = server.URL
	s.furnish("370104", "寻常", 1, s.ours)
	s.them = s.furnish("370103", secret, 2, s.other)
	s.ours["visitor"] = s.visitor()
	return s
}

func (s *sisters) visitor() *person {
	jar, err := cookiejar.New(nil)
	require.NoError(s.t, err)
	return &person{s.t, s.base, &http.Client{Jar: jar, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// furnish gives a county one record of each kind; word stands in what only the
// county's own people may read.
func (s *sisters) furnish(division, word string, n int, people map[string]*person) records {
	t, ctx, e := s.t, access.System(s.t.Context(), "test"), s.app.Employment
	as := func(accountID string) access.Actor {
		a, err := s.app.Accounts.Load(s.t.Context(), accountID)
		require.NoError(t, err)
		return a
	}
	officerPhone, workerPhone, secondPhone := fmt.Sprintf("1990001%d001", n), fmt.Sprintf("1990001%d002", n), fmt.Sprintf("1990001%d003", n)
	officer, err := s.app.Accounts.EnsureWorker(ctx, officerPhone, word+"经理", division)
	require.NoError(t, err)
	officerCtx := access.Enter(s.t.Context(), as(officer.ID))
	register := func(ctx2 access.Actor, name string, code int) company.Company {
		credit, ok := ident.MakeCreditCode(fmt.Sprintf("91%sMA3F%04dX", division, code))
		require.True(t, ok)
		c, err := e.RegisterEmployer(access.Enter(s.t.Context(), ctx2), company.Input{
			CreditCode: credit, Name: name, DivisionCode: division, ContactName: word + "联系人", ContactPhone: officerPhone, Address: word + "路 1 号",
		})
		require.NoError(t, err)
		return c
	}
	c := register(as(officer.ID), fmt.Sprintf("济南公开机械第%d有限公司", n), n)
	_, err = e.DecideEmployer(ctx, employment.StepInput{City: c.CityCode, ID: c.ID, Event: "accept", Version: 1})
	require.NoError(t, err)
	officerCtx = access.Enter(s.t.Context(), as(officer.ID))
	post := func(title string) employment.Vacancy {
		v, err := e.PostVacancy(officerCtx, c.CityCode, c.ID, employment.VacancyInput{
			Title: title, OccupationCode: "", Headcount: 2, DivisionCode: division, Pay: "6000-8000元/月", Hours: "day", Insurance: "five", Content: "焊接钢结构件,会看图纸。", Form: "direct",
		})
		require.NoError(t, err)
		return v
	}
	open := post("电焊工")
	open, err = e.StepVacancy(ctx, employment.StepInput{City: open.CityCode, ID: open.ID, Event: "publish", Version: 1})
	require.NoError(t, err)
	waiting := post(word + "焊工")
	second, err := s.app.Accounts.EnsureWorker(ctx, secondPhone, word+"老板", division)
	require.NoError(t, err)
	unverified := register(as(second.ID), word+"企业有限公司", 100+n)

	worker, err := s.app.Accounts.EnsureWorker(ctx, workerPhone, "欧阳"+word, division)
	require.NoError(t, err)
	workerCtx := access.Enter(s.t.Context(), as(worker.ID))
	application, err := e.Apply(workerCtx, employment.ApplyInput{Number: open.Number, Message: word + "留言", SharePhone: true})
	require.NoError(t, err)

	unit, ok := s.app.Org.ByDivision(division)
	require.True(t, ok)
	staff := func(role string) string {
		a, err := s.app.Accounts.CreateStaff(ctx, account.NewStaff{Login: role + division, Name: word + "职员", Password: "six blue lorries"})
		require.NoError(t, err)
		_, err = s.app.Accounts.Grant(ctx, account.NewGrant{AccountID: a.ID, Role: role, UnitID: unit.ID})
		require.NoError(t, err)
		return a.ID
	}
	clerkCtx := access.Enter(s.t.Context(), as(staff(access.RoleCounty)))
	taxCtx := access.Enter(s.t.Context(), as(staff(access.RoleTax)))
	staff(access.RoleLeader)
	staff(access.RoleAdmin)
	_, err = e.RecordService(clerkCtx, unit.ID, employment.ServiceInput{Kind: employment.Recommendation, Phone: workerPhone, Name: "欧阳" + word, Vacancy: open.Number, Note: word + "备注"})
	require.NoError(t, err)
	recommended, err := e.MyRecommendations(workerCtx)
	require.NoError(t, err)
	require.NotEmpty(t, recommended)
	batch, err := e.CreateBatch(clerkCtx, unit.ID, word+".csv", strings.NewReader("职位,公司,地点\n"+word+"工,"+word+"公司,济南市\n"))
	require.NoError(t, err)
	clerk, _ := access.From(clerkCtx)
	_, token, err := s.app.Accounts.IssueToken(ctx, clerk.AccountID, "报表", []access.Capability{access.FiguresView}, time.Hour)
	require.NoError(t, err)

	change, err := s.app.Rules.Propose(clerkCtx, rules.Proposal{
		Key: ownRule, Place: division, From: clock.Today(s.clock) + 30, Value: "7", Citation: word + "文件", Basis: rules.Assumed, Reason: word + "理由",
	})
	require.NoError(t, err)

	people["worker"] = s.visitor().signIn(s, workerPhone)
	people["officer"] = s.visitor().signIn(s, officerPhone)
	for role, login := range map[string]string{"clerk": access.RoleCounty, "leader": access.RoleLeader, "admin": access.RoleAdmin, "tax": access.RoleTax} {
		people[role] = s.visitor().signInStaff(login + division)
	}
	me, _ := access.Self(workerCtx)
	return records{
		city: c.CityCode, company: c.ID, unverified: unverified.ID, vacancy: open.Number, waiting: waiting.Number, vacancyID: open.ID, waitingID: waiting.ID,
		application: application.Number, applicationID: application.ID, notice: s.newest(worker.ID), companyNotice: s.newest(officer.ID),
		recommendation: recommended[0].ID, batch: batch.ID, personCity: me.City, person: me.ID, phone: workerPhone, token: token.ID, unit: unit.ID, clerk: clerk.AccountID,
		change: change.ID, dues: s.furnishDues(ctx, clerkCtx, taxCtx, division, word, unit.ID),
	}
}

// newest gives the id of the newest notice in somebody's inbox.
func (s *sisters) newest(accountID string) string {
	actor, err := s.app.Accounts.Load(s.t.Context(), accountID)
	require.NoError(s.t, err)
	p, err := s.app.Notices.List(access.Enter(s.t.Context(), actor), page.Request{Limit: 1})
	require.NoError(s.t, err)
	require.NotEmpty(s.t, p.Items)
	return p.Items[0].ID
}

// picture is the state of the other county's records, to be compared.
func (s *sisters) picture() string {
	ctx, e, r := access.System(s.t.Context(), "test"), s.app.Employment, s.them
	var all []any
	take := func(v any, err error) {
		s.t.Helper()
		require.NoError(s.t, err)
		all = append(all, v)
	}
	a, err := e.ApplicationByNumber(ctx, r.application)
	take(a, err)
	for _, n := range []string{r.vacancy, r.waiting} {
		v, err := e.VacancyByNumber(ctx, n)
		take(v, err)
	}
	for _, id := range []string{r.company, r.unverified} {
		c, err := s.app.Companies.Get(ctx, r.city, id)
		take(c, err)
		k, err := s.app.Cases.Get(ctx, casework.Ref{City: r.city, ID: id})
		take(k, err)
	}
	for _, id := range []string{r.waitingID, r.vacancyID, r.applicationID} {
		k, err := s.app.Cases.Get(ctx, casework.Ref{City: r.city, ID: id})
		take(k, err)
	}
	changes, err := s.app.Rules.Changes(ctx, ownRule, false, page.Request{})
	take(changes.Items, err)
	b, err := e.GetBatch(ctx, r.city, r.batch)
	take(b, err)
	vacancies, err := e.ListVacancies(ctx, employment.VacancyFilter{CompanyID: r.company})
	take(len(vacancies.Items), err)
	consents, err := s.app.People.ListConsents(ctx, personref(r))
	take(consents, err)
	uses, err := s.app.People.Uses(ctx, personref(r), page.Request{})
	take(len(uses.Items), err)
	s.duesPicture(ctx, take)
	text, err := json.MarshalIndent(all, "", " ")
	require.NoError(s.t, err)
	return string(text)
}

func personref(r records) personroom.Ref { return personroom.Ref{City: r.personCity, ID: r.person} }

// ask opens or sends what a probe says.
func (p *person) ask(t *testing.T, method string, x probe) (status int, to, text string) {
	t.Helper()
	body, kind := x.body, "application/json"
	if x.form != nil {
		form := url.Values{"_token": {p.token(t)}}
		for k, v := range x.form {
			form[k] = v
		}
		body, kind = form.Encode(), "application/x-www-form-urlencoded"
	}
	req, err := http.NewRequestWithContext(t.Context(), method, p.base+x.path, strings.NewReader(body))
	require.NoError(t, err)
	if body != "" {
		req.Header.Set("Content-Type", kind)
	}
	return p.do(t, req)
}

func (p *person) do(t *testing.T, req *http.Request) (status int, to, text string) {
	t.Helper()
	res, err := p.http.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Less(t, res.StatusCode, 500, "%s %s: %s", req.Method, req.URL, b)
	return res.StatusCode, res.Header.Get("Location"), string(b)
}

// token takes a form's token from a page that everybody can open: the search
// needs none, the button that signs out has one, and for visitors the sign-in.
func (p *person) token(t *testing.T) string {
	t.Helper()
	for _, path := range []string{"/", "/signin"} {
		_, _, text := p.ask(t, http.MethodGet, probe{path: path})
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(text))
		require.NoError(t, err)
		if token, ok := doc.Find("input[name=_token]").First().Attr("value"); ok {
			return token
		}
	}
	require.Fail(t, "no form anywhere")
	return ""
}

func (p *person) post(path string, pairs ...string) string {
	p.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	status, to, text := p.ask(p.t, http.MethodPost, probe{path: path, form: form})
	require.Equal(p.t, http.StatusSeeOther, status, text)
	return to
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

func (p *person) signIn(s *sisters, phone string) *person {
	p.t.Helper()
	p.post("/signin", "phone", phone)
	sent, err := notice.ReadOutbox(s.app.Config.DataDir)
	require.NoError(p.t, err)
	code := ""
	for _, m := range sent {
		if m.To == phone {
			code = sixDigits.FindString(m.Text)
		}
	}
	p.post("/signin/code", "code", code)
	return p
}

func (p *person) signInStaff(login string) *person {
	p.t.Helper()
	p.post("/desk/signin", "user", login, "password", "six blue lorries")
	return p
}
