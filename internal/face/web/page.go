package web

import (
	"bytes"
	"net/http"

	"github.com/a-h/templ"

	"gonghui/internal/base/telemetry"
	"gonghui/internal/face/ui"
)

// Page fills in all that a layout needs and the request knows; the handler sets
// Title, Nav and what is its own.
func (s *Site) Page(r *http.Request, title, nav string) ui.Page {
	st := stateOf(r.Context())
	p := ui.Page{
		Title: title, Nav: nav, Lang: st.lang, Large: st.large, Demo: s.deps.Demo,
		Path: r.URL.RequestURI(), Home: st.face.Home, Token: s.Token(r),
		SignIn: st.face.SignIn, SignOut: "/signout", Reference: telemetry.RequestID(r.Context()),
	}
	if r.Method != http.MethodGet {
		p.Path = st.face.Home // a language switch cannot send the form again
	}
	if a, ok := Actor(r); ok {
		p.Who = a.Name
		if p.Who == "" {
			p.Who = ui.T(r.Context(), "web.signed_in")
		}
		if n, err := s.deps.Notices.UnreadCount(r.Context()); err == nil {
			p.Unread = n
		}
	}
	if st.face.Navs != nil {
		p.Navs = st.face.Navs(r.Context())
	}
	if !inSession(r.Context()) {
		return p
	}
	if text := s.sessions.PopString(r.Context(), "flash"); text != "" {
		p.Flash = &ui.Flash{State: ui.Done, Text: text}
	}
	return p
}

// Flash leaves a message for the next page of this session.
func (s *Site) Flash(r *http.Request, text string) { s.sessions.Put(r.Context(), "flash", text) }

// Render writes the content in the layout of the route's face.
func (s *Site) Render(w http.ResponseWriter, r *http.Request, p ui.Page, content templ.Component) error {
	return s.RenderStatus(w, r, http.StatusOK, p, content)
}

// RenderStatus is Render with a status; 422 goes with a form shown again.
func (s *Site) RenderStatus(w http.ResponseWriter, r *http.Request, status int, p ui.Page, content templ.Component) error {
	layout := stateOf(r.Context()).face.Layout
	if layout == nil {
		layout = ui.Phone
	}
	if status != http.StatusOK {
		content = ui.Labelled(content)
	}
	var b bytes.Buffer
	if err := layout(p).Render(templ.WithChildren(r.Context(), content), &b); err != nil {
		return err
	}
	return write(w, status, b.Bytes())
}

// Fragment writes a part of a page, for htmx.
func (s *Site) Fragment(w http.ResponseWriter, r *http.Request, p ui.Page, content templ.Component) error {
	var b bytes.Buffer
	if err := ui.With(p, content).Render(r.Context(), &b); err != nil {
		return err
	}
	return write(w, http.StatusOK, b.Bytes())
}

func write(w http.ResponseWriter, status int, page []byte) error {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store") // pages hold personal data and one-time tokens
	}
	w.WriteHeader(status)
	_, err := w.Write(page)
	_ = err // the reader has gone; there is nobody to tell
	return nil
}

// See answers a sent form: the browser loads the next page with GET.
func See(w http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
