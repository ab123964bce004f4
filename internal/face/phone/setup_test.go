package phone_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/base/queue"
	"gonghui/internal/base/telemetry"
	"gonghui/internal/base/vault/vaulttest"
	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/figures"
	"gonghui/internal/core/notice"
	"gonghui/internal/core/org"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/core/person"
	"gonghui/internal/core/rules"
	"gonghui/internal/core/signal"
	"gonghui/internal/face/phone"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/ident"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/employment"
)

// monday is a working day with a full working week behind it.
var monday = time.Date(2020, 7, 20, 1, 0, 0, 0, time.UTC)

// house is the worker's face over all rooms, on a real database, served by a
// real server.
type house struct {
	*employment.Service
	t      *testing.T
	clock  *clock.Fake
	dir    string // of the outbox
	server *httptest.Server
	codes  int // companies made so far
}

func TestMain(m *testing.M) {
	code := m.Run()
	for key, n := range i18n.Missing() {
		if strings.HasPrefix(key, "phone.") || strings.HasPrefix(key, "ui.") {
			println("text missing:", key, n)
			code = 1
		}
	}
	os.Exit(code)
}

// open builds the house with its search filled; closed leaves that out.
func open(t *testing.T, d *db.DB) *house {
	t.Helper()
	h := closed(t, d)
	require.NoError(t, h.BuildIndex(t.Context()))
	return h
}

func closed(t *testing.T, d *db.DB) *house {
	t.Helper()
	ctx := t.Context()
	c := clock.NewFake(monday)
	v := vaulttest.New(t)
	log := audit.New(d, c)
	q := queue.New(d, c, telemetry.Quiet())
	require.NoError(t, q.Migrate(ctx))
	require.NoError(t, access.SeedRoles(ctx, d))
	units := org.New(d, c)
	require.NoError(t, units.Seed(ctx))
	dir := t.TempDir()
	outbox, err := notice.OpenOutbox(dir, c)
	require.NoError(t, err)
	t.Cleanup(func() { _ = outbox.Close() })
	people := person.New(person.Deps{DB: d, Vault: v, Clock: c, Org: units, Audit: log})
	accounts := account.New(account.Deps{
		DB: d, Vault: v, Clock: c, Person: people, Org: units, Roles: access.NewRoles(d, log), Audit: log, SMS: outbox,
	})
	notices := notice.New(notice.Deps{DB: d, Queue: q, Clock: c, Gateway: outbox, Directory: accounts})
	cases := casework.New(casework.Deps{DB: d, Clock: c, Audit: log})
	book, err := rules.New(rules.Deps{DB: d, Vault: v, Clock: c, Org: units, Cases: cases, Audit: log})
	require.NoError(t, err)
	s, err := employment.New(employment.Deps{
		DB: d, Clock: c, Org: units, People: people, Accounts: accounts, Notices: notices, Audit: log, Cases: cases,
		Companies: company.New(company.Deps{DB: d, Vault: v, Clock: c, Org: units, Audit: log}),
		Figures:   figures.New(figures.Deps{DB: d, Clock: c, Org: units}),
		Signals:   signal.New(d, q, c),
		Rules:     book,
	})
	require.NoError(t, err)
	require.NoError(t, book.Load(t.Context()))
	site := web.New(web.Deps{
		Accounts: accounts, Notices: notices, Receipts: account.NewReceipts(d, c), Sessions: account.NewSessionStore(d, v, c),
		Vault: v, Clock: c, Log: telemetry.Quiet(), Demo: true,
	})
	phone.Mount(site, phone.Deps{
		Accounts: accounts, People: people, Notices: notices, Cases: cases, Employment: s, Clock: c, BaseURL: "https://gonghui.example",
	})
	h := &house{Service: s, t: t, clock: c, dir: dir, server: httptest.NewServer(site.Handler())}
	t.Cleanup(h.server.Close)
	return h
}

// each runs a test on every database there is.
func each(t *testing.T, f func(t *testing.T, h *house)) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) { f(t, open(t, d)) })
}

// eachClosed is each with a search that has not been filled yet.
func eachClosed(t *testing.T, f func(t *testing.T, h *house)) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) { f(t, closed(t, d)) })
}

func wholeList() page.Request { return page.Request{Limit: page.MaxLimit} }

func system(t *testing.T) context.Context { return access.System(t.Context(), "test") }

// employer registers a company and has it verified; the context acts for it.
func (h *house) employer(name, division string) (context.Context, company.Company) {
	h.t.Helper()
	h.codes++
	n := string(rune('A' + h.codes))
	a, err := h.Accounts.EnsureWorker(system(h.t), "1990000000"+string(rune('0'+h.codes)), "李华", division)
	require.NoError(h.t, err)
	code, ok := ident.MakeCreditCode("91370102MA3000" + n + "XY")
	require.True(h.t, ok)
	c, err := h.RegisterEmployer(h.as(a.ID), company.Input{
		CreditCode: code, Name: name, DivisionCode: division, IndustryCode: "C", Address: "工业北路 88 号", About: "做钢结构二十年。\n在岗职工三百人。",
		ContactName: "李华", ContactPhone: "19900009999",
	})
	require.NoError(h.t, err)
	_, err = h.DecideEmployer(system(h.t), employment.StepInput{City: c.CityCode, ID: c.ID, Event: "accept", Version: 1})
	require.NoError(h.t, err)
	return h.as(a.ID), c
}

// as enters with the rights that an account has at this moment.
func (h *house) as(accountID string) context.Context {
	h.t.Helper()
	actor, err := h.Accounts.Load(h.t.Context(), accountID)
	require.NoError(h.t, err)
	return access.Enter(h.t.Context(), actor)
}

func welder() employment.VacancyInput {
	return employment.VacancyInput{
		Title: "电焊工", Headcount: 2, DivisionCode: "370104", PlaceDetail: "兴福街道 12 号", Pay: "6000-8000元/月", Hours: "day",
		Insurance: "five", Dormitory: true, Content: "焊接钢结构件。\n会看图纸,持证优先。", Form: "direct", Groups: []string{"veteran"},
	}
}

// onOffer posts a vacancy and has the county publish it.
func (h *house) onOffer(hr context.Context, c company.Company, in employment.VacancyInput) employment.Vacancy {
	h.t.Helper()
	v, err := h.PostVacancy(hr, c.CityCode, c.ID, in)
	require.NoError(h.t, err)
	v, err = h.StepVacancy(system(h.t), employment.StepInput{City: v.CityCode, ID: v.ID, Event: "publish", Version: 1})
	require.NoError(h.t, err)
	return v
}

// hand is one worker's telephone.
type hand struct {
	h      *house
	client *http.Client
	lang   i18n.Lang
}

func (h *house) hand() *hand {
	jar, err := cookiejar.New(nil)
	require.NoError(h.t, err)
	return &hand{h: h, lang: i18n.ZH, client: &http.Client{Jar: jar}}
}

// screen is an answer.
type screen struct {
	t    *testing.T
	code int
	path string // after redirects, with query
	html string
	doc  *goquery.Document
}

func (p *hand) do(method, path string, form url.Values) screen {
	t := p.h.t
	t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(t.Context(), method, p.h.server.URL+path, body)
	require.NoError(t, err)
	r.Header.Set("Accept-Language", string(p.lang))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := p.client.Do(r)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(text)))
	require.NoError(t, err)
	return screen{t: t, code: resp.StatusCode, path: resp.Request.URL.RequestURI(), html: string(text), doc: doc}
}

func (p *hand) get(path string) screen { p.h.t.Helper(); return p.do("GET", path, nil) }

// send fills in a form of the screen and sends it; answers are added to what
// stands in the form.
func (p *hand) send(s screen, action string, answers ...string) screen {
	s.t.Helper()
	form := s.form(action)
	for i := 0; i+1 < len(answers); i += 2 {
		form.Set(answers[i], answers[i+1])
	}
	return p.do("POST", action, form)
}

// form gives what stands in a form before anything is typed.
func (s screen) form(action string) url.Values {
	s.t.Helper()
	f := s.doc.Find(`form[action="` + action + `"]`).First()
	require.Equal(s.t, 1, f.Length(), "no form for %s on %s:\n%s", action, s.path, s.text("main"))
	out := url.Values{}
	f.Find("input[name], textarea[name], select[name]").Each(func(_ int, in *goquery.Selection) {
		name := in.AttrOr("name", "")
		switch in.AttrOr("type", "") {
		case "checkbox", "radio":
			if _, on := in.Attr("checked"); on {
				out.Add(name, in.AttrOr("value", "on"))
			}
		default:
			switch goquery.NodeName(in) {
			case "textarea":
				out.Add(name, in.Text())
			case "select":
				out.Add(name, in.Find("option[selected]").AttrOr("value", ""))
			default:
				out.Add(name, in.AttrOr("value", ""))
			}
		}
	})
	return out
}

func (s screen) text(selector string) string {
	return strings.Join(strings.Fields(s.doc.Find(selector).Text()), " ")
}

func (s screen) ok(code int) screen {
	s.t.Helper()
	require.Equal(s.t, code, s.code, "%s: %s", s.path, s.text("main"))
	return s
}

func (s screen) says(words ...string) screen {
	s.t.Helper()
	for _, w := range words {
		require.Contains(s.t, s.text("body"), w, s.path)
	}
	return s
}

var sixDigits = regexp.MustCompile(`\d{6}`)

// lastCode reads the newest code that was sent to a number.
func (h *house) lastCode(number string) string {
	h.t.Helper()
	sent, err := notice.ReadOutbox(h.dir)
	require.NoError(h.t, err)
	for i := len(sent) - 1; i >= 0; i-- {
		if sent[i].To == number {
			return sixDigits.FindString(sent[i].Text)
		}
	}
	h.t.Fatalf("no message to %s", number)
	return ""
}

// signIn goes through both pages and comes back where back says.
func (p *hand) signIn(number, back string) screen {
	p.h.t.Helper()
	s := p.send(p.get("/signin?back="+url.QueryEscape(back)).ok(200), "/signin", "phone", number).ok(200)
	require.Equal(p.h.t, "/signin/code", s.path)
	return p.send(s, "/signin/code", "code", p.h.lastCode(number)).ok(200)
}

// worker is a signed-in telephone whose owner is known by name and place.
func (h *house) worker(number, name, division string) *hand {
	h.t.Helper()
	_, err := h.Accounts.EnsureWorker(system(h.t), number, name, division)
	require.NoError(h.t, err)
	p := h.hand()
	p.signIn(number, "/")
	return p
}

// self is the context of the telephone's owner.
func (h *house) self(number string) context.Context {
	h.t.Helper()
	a, err := h.Accounts.EnsureWorker(system(h.t), number, "", "")
	require.NoError(h.t, err)
	return h.as(a.ID)
}
