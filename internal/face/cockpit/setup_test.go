package cockpit_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
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
	"gonghui/internal/face/cockpit"
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
	log    *audit.Log
	server *httptest.Server
	people int
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

type silent struct{}

func (silent) Send(context.Context, notice.Message) error { return nil }

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
	people := person.New(person.Deps{DB: d, Vault: v, Clock: c, Org: units, Audit: log})
	accounts := account.New(account.Deps{
		DB: d, Vault: v, Clock: c, Person: people, Org: units, Roles: access.NewRoles(d, log), Audit: log, SMS: silent{},
	})
	notices := notice.New(notice.Deps{DB: d, Queue: q, Clock: c, Gateway: silent{}, Directory: accounts})
	cases := casework.New(casework.Deps{DB: d, Clock: c, Audit: log})
	book, err := rules.New(rules.Deps{DB: d, Vault: v, Clock: c, Org: units, Cases: cases, Audit: log})
	require.NoError(t, err)
	numbers := figures.New(figures.Deps{DB: d, Clock: c, Org: units})
	s, err := employment.New(employment.Deps{
		DB: d, Clock: c, Org: units, People: people, Accounts: accounts, Notices: notices, Audit: log, Cases: cases,
		Companies: company.New(company.Deps{DB: d, Vault: v, Clock: c, Org: units, Audit: log}),
		Figures:   numbers, Signals: signal.New(d, q, c),
		Rules: book,
	})
	require.NoError(t, err)
	require.NoError(t, book.Load(t.Context()))
	site := web.New(web.Deps{
		Accounts: accounts, Notices: notices, Receipts: account.NewReceipts(d, c), Sessions: account.NewSessionStore(d, v, c),
		Vault: v, Clock: c, Log: telemetry.Quiet(), Demo: true,
	})
	cockpit.Mount(site, cockpit.Deps{Figures: numbers, Org: units, Employment: s, People: people, Cases: cases, Audit: log, Clock: c})
	site.Handle("GET /test/signin/{account}", web.Face{}, func(_ http.ResponseWriter, r *http.Request) error {
		return site.SignIn(r, r.PathValue("account"))
	})
	h := &house{Service: s, t: t, clock: c, log: log, server: httptest.NewServer(site.Handler())}
	t.Cleanup(h.server.Close)
	return h
}

func (h *house) system() context.Context { return access.System(h.t.Context(), "test") }

// serve gives n guidance sessions to new people of a division.
func (h *house) serve(division string, n int) {
	h.t.Helper()
	unit, ok := h.Org.ByDivision(division)
	require.True(h.t, ok)
	for range n {
		h.people++
		_, err := h.RecordService(h.system(), unit.ID, employment.ServiceInput{
			Kind: employment.Guidance, Phone: fmt.Sprintf("139%08d", h.people), Name: "欧阳建国",
		})
		require.NoError(h.t, err)
	}
}

// promise sets targets of the workers served.
func (h *house) promise(targets map[string]int64) {
	h.t.Helper()
	var list []figures.Target
	for division, n := range targets {
		u, ok := h.Org.ByDivision(division)
		require.True(h.t, ok)
		list = append(list, figures.Target{Indicator: employment.WorkersServed, Period: "2020", UnitID: u.ID, Target: n, Citation: "鲁会〔2020〕1号"})
	}
	require.NoError(h.t, h.Figures.SetTargets(h.system(), list))
}

// screen is a leader's browser.
type screen struct {
	h      *house
	client *http.Client
	lang   i18n.Lang
}

func (h *house) visitor() *screen {
	jar, err := cookiejar.New(nil)
	require.NoError(h.t, err)
	return &screen{h: h, lang: i18n.ZH, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// staff signs a member of staff in.
func (h *house) staff(login, role, division string) *screen {
	h.t.Helper()
	unit, ok := h.Org.ByDivision(division)
	require.True(h.t, ok)
	a, err := h.Accounts.CreateStaff(h.system(), account.NewStaff{Login: login, Name: "张明", Password: "six blue lorries"})
	require.NoError(h.t, err)
	_, err = h.Accounts.Grant(h.system(), account.NewGrant{AccountID: a.ID, Role: role, UnitID: unit.ID})
	require.NoError(h.t, err)
	return h.signedIn(a.ID)
}

func (h *house) signedIn(accountID string) *screen {
	h.t.Helper()
	s := h.visitor()
	s.get("/test/signin/" + accountID)
	return s
}

// seen is a page.
type seen struct {
	t      *testing.T
	path   string
	code   int
	header http.Header
	html   string
	doc    *goquery.Document
}

func (s *screen) do(method, path string, form url.Values) seen {
	t := s.h.t
	t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(t.Context(), method, s.h.server.URL+path, body)
	require.NoError(t, err)
	r.Header.Set("Accept-Language", string(s.lang))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := s.client.Do(r)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(text)))
	require.NoError(t, err)
	return seen{t: t, path: path, code: resp.StatusCode, header: resp.Header, html: string(text), doc: doc}
}

func (s *screen) get(path string) seen { s.h.t.Helper(); return s.do("GET", path, nil) }

func (p seen) ok(code int) seen {
	p.t.Helper()
	require.Equal(p.t, code, p.code, "%s: %s", p.path, p.text("main"))
	return p
}

func (p seen) text(selector string) string {
	return strings.Join(strings.Fields(p.doc.Find(selector).Text()), " ")
}

func (p seen) says(words ...string) seen {
	p.t.Helper()
	for _, w := range words {
		require.Contains(p.t, p.text("body"), w, p.path)
	}
	return p
}

func creditCode(t *testing.T) string {
	t.Helper()
	code, ok := ident.MakeCreditCode("91370102MA30001XY")
	require.True(t, ok)
	return code
}
