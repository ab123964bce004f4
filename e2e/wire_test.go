package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"gonghui/internal/app"
	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/kit/clock"
)

// served starts the program as `gonghui serve` does, with the machine's clock,
// on each database. The house h stands beside it on the same database, so that
// a test can prepare records and look at what the program did with them.
func served(t *testing.T, prepare func(h *house) (test func(*testing.T))) {
	t.Helper()
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		t.Run(dialect, func(t *testing.T) {
			address := dbtest.URL(t, dialect)
			t.Parallel()
			config, err := app.LoadConfig(t.TempDir(), func(name string) string {
				return map[string]string{app.EnvPrefix + "DATABASE": address, app.EnvPrefix + "ADDR": "127.0.0.1:0", app.EnvPrefix + "MAX_CONNS": "8"}[name]
			})
			require.NoError(t, err)
			h := &house{t: t, clock: clock.NewFake(clock.System().Now())}
			h.app, err = app.Open(t.Context(), config, app.Options{Create: true})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, h.app.Close()) })
			test := prepare(h)

			ctx, stop := context.WithCancel(context.Background())
			said, ended := &heardOut{line: make(chan string, 1)}, make(chan error, 1)
			go func() { ended <- app.Serve(ctx, config, said, io.Discard) }()
			t.Cleanup(func() { stop(); require.NoError(t, <-ended) })
			select {
			case line := <-said.line:
				h.base = strings.TrimSpace(line[strings.Index(line, "http://"):])
			case err := <-ended:
				ended <- err
				require.NoError(t, err)
			}
			test(t)
		})
	}
}

// heardOut hands on what the program prints.
type heardOut struct {
	once sync.Once
	line chan string
}

func (w *heardOut) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte("http://")) {
		w.once.Do(func() { w.line <- string(b) })
	}
	return len(b), nil
}

// visitor is somebody with cookies and no browser.
type visitor struct {
	t    testing.TB
	h    *house
	http *http.Client
}

func (h *house) visitor(t testing.TB) *visitor {
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &visitor{t: t, h: h, http: &http.Client{
		Jar: jar, Timeout: time.Minute, Transport: &http.Transport{},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// answer is what the program said.
type answer struct {
	status int
	to     string // where a redirect leads
	text   string
}

func (v *visitor) do(req *http.Request) answer {
	v.t.Helper()
	if req.Header.Get("Accept-Language") == "" {
		req.Header.Set("Accept-Language", "zh-CN")
	}
	res, err := v.http.Do(req)
	require.NoError(v.t, err, "%s %s", req.Method, req.URL.Path)
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(res.Body, 4<<20))
	require.NoError(v.t, err)
	require.Less(v.t, res.StatusCode, 500, "%s %s: %s", req.Method, req.URL, b)
	return answer{res.StatusCode, res.Header.Get("Location"), string(b)}
}

func (v *visitor) get(path string) answer {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, v.h.base+path, nil)
	require.NoError(v.t, err)
	return v.do(req)
}

// send posts fields as they are.
func (v *visitor) send(path string, fields url.Values) answer {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.h.base+path, strings.NewReader(fields.Encode()))
	require.NoError(v.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.do(req)
}

// form reads the fields of the form on a page that is sent to action.
func (v *visitor) form(page, action string) url.Values {
	v.t.Helper()
	a := v.get(page)
	require.Equal(v.t, 200, a.status, "%s: %s %s", page, a.to, a.says())
	fields, ok := fieldsOf(v.t, a.text, action)
	require.True(v.t, ok, "%s has no form for %s", page, action)
	return fields
}

func fieldsOf(t testing.TB, html, action string) (url.Values, bool) {
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(html))
	require.NoError(t, err)
	form := doc.Find("form[action='" + action + "']").First()
	fields := url.Values{}
	form.Find("input, textarea, select").Each(func(_ int, s *goquery.Selection) {
		name, kind := s.AttrOr("name", ""), s.AttrOr("type", "")
		_, on := s.Attr("checked")
		switch {
		case name == "" || (kind == "checkbox" || kind == "radio") && !on:
		case goquery.NodeName(s) == "textarea":
			fields.Add(name, s.Text())
		case goquery.NodeName(s) == "select":
			fields.Add(name, s.Find("option[selected]").AttrOr("value", ""))
		default:
			fields.Add(name, s.AttrOr("value", ""))
		}
	})
	return fields, form.Length() > 0
}

// post fills the page's form in and sends it.
func (v *visitor) post(page, action string, pairs ...string) answer {
	v.t.Helper()
	fields := v.form(page, action)
	for i := 0; i+1 < len(pairs); i += 2 {
		fields.Set(pairs[i], pairs[i+1])
	}
	return v.send(action, fields)
}

// signIn proves a number.
func (v *visitor) signIn(phone string) *visitor {
	v.t.Helper()
	a := v.post("/signin", "/signin", "phone", phone)
	require.Equal(v.t, "/signin/code", a.to, a.text)
	a = v.post("/signin/code", "/signin/code", "code", v.h.code(phone))
	require.Equal(v.t, "/", a.to, a.text)
	return v
}

// says gives what stands on the page for people, without markup.
func (a answer) says() string {
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(a.text))
	if err != nil {
		return a.text
	}
	return strings.Join(strings.Fields(doc.Find("body").Text()), " ")
}

// endless gives n bytes of filling without holding them.
type endless struct {
	n    int64
	head io.Reader
}

func (e *endless) Read(b []byte) (int, error) {
	if n, err := e.head.Read(b); n > 0 || !errors.Is(err, io.EOF) {
		return n, err
	}
	if e.n <= 0 {
		return 0, io.EOF
	}
	n := min(int64(len(b)), e.n)
	for i := range b[:n] {
		b[i] = 'a'
	}
	e.n -= n
	return int(n), nil
}
