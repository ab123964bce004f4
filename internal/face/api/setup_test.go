package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
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
	"gonghui/internal/core/inspection"
	"gonghui/internal/core/notice"
	"gonghui/internal/core/org"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/core/person"
	"gonghui/internal/core/rules"
	"gonghui/internal/core/signal"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/ident"
	"gonghui/internal/measure/employment"
)

var monday = time.Date(2020, 7, 20, 1, 0, 0, 0, time.UTC)

// house is the face over all rooms, on a real database, behind a real server.
type house struct {
	*employment.Service
	t      *testing.T
	clock  *clock.Fake
	dir    string
	server *httptest.Server
	api    *server // for reading its description
	codes  int
}

func TestMain(m *testing.M) {
	code := m.Run()
	for key, n := range i18n.Missing() {
		println("text missing:", key, n)
		code = 1
	}
	os.Exit(code)
}

func each(t *testing.T, f func(t *testing.T, h *house)) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) { f(t, open(t, d)) })
}

func open(t *testing.T, d *db.DB) *house {
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
	companies := company.New(company.Deps{DB: d, Vault: v, Clock: c, Org: units, Audit: log})
	accounts := account.New(account.Deps{
		DB: d, Vault: v, Clock: c, Person: people, Org: units, Roles: access.NewRoles(d, log), Audit: log, SMS: outbox,
	})
	notices := notice.New(notice.Deps{DB: d, Queue: q, Clock: c, Gateway: outbox, Directory: accounts})
	cases := casework.New(casework.Deps{DB: d, Clock: c, Audit: log})
	book, err := rules.New(rules.Deps{DB: d, Vault: v, Clock: c, Org: units, Cases: cases, Audit: log})
	require.NoError(t, err)
	numbers := figures.New(figures.Deps{DB: d, Clock: c, Org: units})
	s, err := employment.New(employment.Deps{
		DB: d, Clock: c, Org: units, People: people, Companies: companies, Accounts: accounts, Notices: notices, Audit: log,
		Cases: cases, Figures: numbers, Signals: signal.New(d, q, c),
		Rules: book,
	})
	require.NoError(t, err)
	require.NoError(t, book.Load(t.Context()))
	require.NoError(t, s.BuildIndex(ctx))
	site := web.New(web.Deps{
		Accounts: accounts, Notices: notices, Receipts: account.NewReceipts(d, c), Sessions: account.NewSessionStore(d, v, c),
		Vault: v, Clock: c, Log: telemetry.Quiet(),
	})
	deps := Deps{
		Accounts: accounts, Companies: companies, Cases: cases, Figures: numbers, Org: units, Notices: notices, Employment: s, Clock: c,
		Inspection: inspection.New(inspection.Deps{Audit: log, Org: units, Accounts: accounts, Cases: cases}),
		Rules:      book, Answers: account.NewAnswers(d, v, c),
	}
	Mount(site, deps)
	site.Handle("GET /test/signin/{account}", web.Face{}, func(w http.ResponseWriter, r *http.Request) error {
		return site.SignIn(r, r.PathValue("account"))
	})
	h := &house{Service: s, t: t, clock: c, dir: dir, server: httptest.NewServer(site.Handler()), api: newServer(deps)}
	t.Cleanup(h.server.Close)
	return h
}

func (h *house) system() context.Context { return access.System(h.t.Context(), "test") }

// caller is one program.
type caller struct {
	h      *house
	client *http.Client
	token  string
	lang   string
	header http.Header
	id     string // of the account
}

func (h *house) visitor() *caller {
	return &caller{h: h, client: http.DefaultClient, lang: "en", header: http.Header{}}
}

// of is a program with a token of an account; without a scope it may all.
func (h *house) of(accountID string, scope ...access.Capability) *caller {
	h.t.Helper()
	if scope == nil {
		scope = access.All()
	}
	secret, _, err := h.Accounts.IssueToken(h.system(), accountID, "test", scope, time.Hour*24*30)
	require.NoError(h.t, err)
	c := h.visitor()
	c.token, c.id = secret, accountID
	return c
}

func (h *house) worker(phone, name, division string) *caller {
	h.t.Helper()
	a, err := h.Accounts.EnsureWorker(h.system(), phone, name, division)
	require.NoError(h.t, err)
	return h.of(a.ID)
}

func (h *house) clerk(login, role, division string) *caller {
	h.t.Helper()
	unit, ok := h.Org.ByDivision(division)
	require.True(h.t, ok)
	a, err := h.Accounts.CreateStaff(h.system(), account.NewStaff{Login: login, Name: "张明", Password: "six blue lorries"})
	require.NoError(h.t, err)
	_, err = h.Accounts.Grant(h.system(), account.NewGrant{AccountID: a.ID, Role: role, UnitID: unit.ID})
	require.NoError(h.t, err)
	return h.of(a.ID)
}

// browser is the session of an account.
func (h *house) browser(accountID string) *caller {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(h.t, err)
	c := h.visitor()
	c.client = &http.Client{Jar: jar}
	r, err := c.client.Get(h.server.URL + "/test/signin/" + accountID)
	require.NoError(h.t, err)
	require.NoError(h.t, r.Body.Close())
	return c
}

func creditCode(t *testing.T, n int) string {
	t.Helper()
	code, ok := ident.MakeCreditCode("91370102MA3000" + string(rune('A'+n)) + "XY")
	require.True(t, ok)
	return code
}

// employer registers a company through the API and has it verified.
func (h *house) employer(hr *caller, name, division string) Company {
	h.t.Helper()
	h.codes++
	var c Company
	hr.do("POST", "/companies", map[string]any{
		"credit_code": creditCode(h.t, h.codes), "name": name, "division": division, "contact_name": "李华", "contact_phone": "19900009999",
	}).ok(201).into(&c)
	_, err := h.DecideEmployer(h.system(), employment.StepInput{City: c.City, ID: c.ID, Event: "accept", Version: 1})
	require.NoError(h.t, err)
	return c
}

func welder() map[string]any {
	return map[string]any{
		"title": "电焊工", "headcount": 2, "division": "370104", "pay": "6000-8000元/月", "hours": "day", "insurance": "five",
		"content": "焊接钢结构件,会看图纸。", "groups": []string{"veteran"},
	}
}

// onOffer posts a vacancy through the API and has it published.
func (h *house) onOffer(hr *caller, c Company, draft map[string]any) Vacancy {
	h.t.Helper()
	var v Vacancy
	hr.do("POST", "/companies/"+c.City+"/"+c.ID+"/vacancies", draft).ok(201).into(&v)
	full, err := h.VacancyByNumber(h.system(), v.Number)
	require.NoError(h.t, err)
	_, err = h.StepVacancy(h.system(), employment.StepInput{City: full.CityCode, ID: full.ID, Event: "publish", Version: 1})
	require.NoError(h.t, err)
	return v
}

// answer is what came back.
type answer struct {
	t      *testing.T
	call   string
	code   int
	header http.Header
	body   []byte
}

func (c *caller) do(method, path string, body any) answer {
	c.h.t.Helper()
	var text []byte
	switch b := body.(type) {
	case nil:
	case string:
		text = []byte(b)
	default:
		var err error
		text, err = json.Marshal(b)
		require.NoError(c.h.t, err)
	}
	return c.send(method, Prefix+path, text)
}

func (c *caller) send(method, path string, body []byte) answer {
	t := c.h.t
	t.Helper()
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, c.h.server.URL+path, reader)
	require.NoError(t, err)
	r.Header.Set("Accept-Language", c.lang)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	for k, v := range c.header {
		r.Header[k] = v
	}
	resp, err := c.client.Do(r)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	a := answer{t: t, call: method + " " + path, code: resp.StatusCode, header: resp.Header, body: text}
	c.h.fits(r, a)
	return a
}

// fits holds every answer of every test against the description.
func (h *house) fits(r *http.Request, a answer) {
	h.t.Helper()
	_, pattern := h.api.mux.Handler(r)
	method, path, ok := strings.Cut(pattern, " "+Prefix)
	if !ok || len(a.body) == 0 || path == "/openapi.json" {
		return
	}
	item := h.api.api.OpenAPI().Paths[path]
	require.NotNil(h.t, item, pattern)
	op := map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PUT": item.Put, "DELETE": item.Delete}[method]
	answer := op.Responses[strconv.Itoa(a.code)]
	require.NotNil(h.t, answer, "%s answers %d, which is not described: %s", a.call, a.code, a.body)
	kind := "application/json"
	if a.code >= 400 {
		kind = "application/problem+json"
	}
	require.Contains(h.t, a.header.Get("Content-Type"), kind)
	var value any
	require.NoError(h.t, json.Unmarshal(a.body, &value))
	res := &huma.ValidateResult{}
	huma.Validate(h.api.api.OpenAPI().Components.Schemas, answer.Content[kind].Schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, value, res)
	require.Empty(h.t, res.Errors, "%s: %s", a.call, a.body)
}

func (a answer) ok(code int) answer {
	a.t.Helper()
	require.Equal(a.t, code, a.code, "%s: %s", a.call, a.body)
	return a
}

func (a answer) into(v any) {
	a.t.Helper()
	require.NoError(a.t, json.Unmarshal(a.body, v), a.call)
}

// refused checks a problem and gives it.
func (a answer) refused(status int, code string) Problem {
	a.t.Helper()
	a.ok(status)
	require.Equal(a.t, "application/problem+json", a.header.Get("Content-Type"))
	var p Problem
	a.into(&p)
	require.Equal(a.t, code, p.Code, "%s: %s", a.call, a.body)
	require.Equal(a.t, status, p.Status)
	return p
}

// fields lists the wrong fields of a problem.
func (p Problem) fields() string {
	var out []string
	for _, f := range p.Errors {
		out = append(out, f.Field+"="+f.Code)
	}
	return strings.Join(out, " ")
}

var sixDigits = regexp.MustCompile(`\d{6}`)

func (h *house) lastCode(phone string) string {
	h.t.Helper()
	sent, err := notice.ReadOutbox(h.dir)
	require.NoError(h.t, err)
	for i := len(sent) - 1; i >= 0; i-- {
		if sent[i].To == phone {
			return sixDigits.FindString(sent[i].Text)
		}
	}
	h.t.Fatalf("no message to %s", phone)
	return ""
}
