package facetest

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"gonghui/internal/kit/i18n"
)

// Browser is one person with cookies and without script.
type Browser struct {
	h      *House
	client *http.Client
	Lang   i18n.Lang
}

// Browser opens a fresh one.
func (h *House) Browser() *Browser {
	jar, err := cookiejar.New(nil)
	require.NoError(h.T, err)
	return &Browser{h: h, client: &http.Client{Jar: jar}, Lang: i18n.ZH}
}

// Phone is a browser signed in with a phone number.
func (h *House) Phone(number string) *Browser {
	h.T.Helper()
	h.Fake.Advance(time.Minute) // a number gets one code a minute
	b := h.Browser()
	s := b.Send(b.Get("/signin"), "/signin", "phone", number)
	s = b.Send(s, "/signin/code", "code", h.Code(number))
	require.Equal(h.T, 200, s.Code, s.Text("main"))
	return b
}

// Desk is a browser signed in as staff.
func (h *House) Desk(login string) *Browser {
	h.T.Helper()
	b := h.Browser()
	s := b.Send(b.Get("/desk/signin"), "/desk/signin", "user", login, "password", Password)
	require.True(h.T, strings.HasPrefix(s.Path, "/desk") || s.Path == "/partner", s.Path)
	require.NotEqual(h.T, "/desk/signin", s.Path, s.Text("main"))
	return b
}

// Screen is an answer.
type Screen struct {
	T    testing.TB
	Code int
	Path string // after redirects, with query
	HTML string
	Type string // media type
	Doc  *goquery.Document
}

// Get reads a page.
func (b *Browser) Get(path string) Screen { b.h.T.Helper(); return b.do("GET", path, "", nil) }

// Post sends a form that was filled in by hand.
func (b *Browser) Post(path string, form url.Values) Screen {
	b.h.T.Helper()
	return b.do("POST", path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

// Send fills in a form of the screen and sends it; answers go over what stands there.
func (b *Browser) Send(s Screen, action string, answers ...string) Screen {
	b.h.T.Helper()
	return b.Post(action, s.Form(action, answers...))
}

// Upload sends a form with a file; answers go over what stands there.
func (b *Browser) Upload(s Screen, action, name, text string, answers ...string) Screen {
	t := b.h.T
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for field, values := range s.Form(action, answers...) {
		if field != "file" {
			require.NoError(t, w.WriteField(field, values[0]))
		}
	}
	part, err := w.CreateFormFile("file", name)
	require.NoError(t, err)
	_, err = io.WriteString(part, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.do("POST", action, w.FormDataContentType(), &body)
}

func (b *Browser) do(method, path, media string, body io.Reader) Screen {
	t := b.h.T
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, b.h.Server.URL+path, body)
	require.NoError(t, err)
	r.Header.Set("Accept-Language", string(b.Lang))
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	resp, err := b.client.Do(r)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }() // read to its end
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(text))
	require.NoError(t, err)
	return Screen{
		T: t, Code: resp.StatusCode, Path: resp.Request.URL.RequestURI(), HTML: string(text), Type: resp.Header.Get("Content-Type"), Doc: doc,
	}
}

// Form gives the answers that stand in a form, with those given over them; of
// several forms for an action the one with the event wanted.
func (s Screen) Form(action string, answers ...string) url.Values {
	s.T.Helper()
	forms := s.Doc.Find(`form[action="` + action + `"]`)
	require.NotZero(s.T, forms.Length(), "no form for %s on %s:\n%s", action, s.Path, s.Text("main"))
	f := forms.First()
	for i := 0; i+1 < len(answers); i += 2 {
		if answers[i] == "event" {
			forms.Each(func(_ int, x *goquery.Selection) {
				if x.Find(`[name="event"][value="`+answers[i+1]+`"]`).Length() > 0 {
					f = x
				}
			})
		}
	}
	out := url.Values{}
	f.Find("input[name], textarea[name], select[name]").Each(func(_ int, in *goquery.Selection) {
		name := in.AttrOr("name", "")
		switch in.AttrOr("type", goquery.NodeName(in)) {
		case "checkbox", "radio":
			if _, on := in.Attr("checked"); on {
				out.Add(name, in.AttrOr("value", "on"))
			}
		case "textarea":
			out.Add(name, in.Text())
		case "select":
			out.Add(name, in.Find("option[selected]").AttrOr("value", ""))
		default:
			out.Add(name, in.AttrOr("value", ""))
		}
	})
	for i := 0; i+1 < len(answers); i += 2 {
		out.Set(answers[i], answers[i+1])
	}
	return out
}

// Text is what stands in the elements, blanks folded.
func (s Screen) Text(selector string) string {
	return strings.Join(strings.Fields(s.Doc.Find(selector).Text()), " ")
}

// Has tells whether an element is there.
func (s Screen) Has(selector string) bool { return s.Doc.Find(selector).Length() > 0 }
