package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"gonghui/internal/base/telemetry"
	"gonghui/internal/face/ui"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
)

// Status is the only table from kinds of faults to HTTP.
func Status(k fault.Kind) int {
	switch k {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.RateLimited:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// Problem is the body of a fault for machines (RFC 9457). It never repeats a
// rejected value.
type Problem struct {
	Type     string         `json:"type"`
	Title    string         `json:"title"`
	Status   int            `json:"status"`
	Code     string         `json:"code"`
	Instance string         `json:"instance,omitempty"`
	Errors   []ProblemField `json:"errors,omitempty"`
}

// ProblemField is one wrong field.
type ProblemField struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// ProblemOf builds the body for a fault in a language.
func ProblemOf(lang i18n.Lang, f *fault.Fault, reference string) Problem {
	p := Problem{Type: "about:blank", Title: i18n.Fault(lang, f), Status: Status(f.Kind), Code: f.Code, Instance: reference}
	for _, x := range f.Fields {
		p.Errors = append(p.Errors, ProblemField{Field: x.Name, Code: x.Code, Detail: i18n.Field(lang, x)})
	}
	return p
}

// Fail answers a request that went wrong: a visitor who must sign in is sent
// there, a machine gets a problem document, a person a page that says what to
// do, with a reference number. Causes go to the log only.
func (s *Site) Fail(w http.ResponseWriter, r *http.Request, err error) {
	ctx := r.Context()
	f := fault.As(err)
	if f.Kind == fault.Internal || f.Kind == fault.Unavailable {
		s.deps.Log.ErrorContext(ctx, "request failed", "error", err)
	} else {
		s.deps.Log.DebugContext(ctx, "request refused", "code", f.Code)
	}
	status := Status(f.Kind)
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(f.RetryAfter.Seconds()+0.5)))
	}
	st := stateOf(ctx)
	if strings.HasPrefix(r.URL.Path, "/api/") || strings.Contains(r.Header.Get("Accept"), "application/json") {
		if status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Bearer realm="gonghui"`)
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(ProblemOf(st.lang, f, telemetry.RequestID(ctx))) // the reader may be gone
		return
	}
	if f.Kind == fault.Unauthenticated && r.Method == http.MethodGet && st.face.SignIn != "" {
		http.Redirect(w, r, st.face.SignIn+"?back="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		return
	}
	p := s.Page(r, ui.T(ctx, "web.error_title"), "")
	page := ui.ErrorPage(f.Kind, i18n.Fault(st.lang, f), p.Reference)
	if err := s.RenderStatus(w, r, status, p, page); err != nil {
		s.deps.Log.ErrorContext(ctx, "error page", "error", err)
		http.Error(w, i18n.Fault(st.lang, f), status)
	}
}

// Shown tells whether a fault belongs beside the form that caused it (wrong
// fields, a conflict, a wait) rather than on a page of its own.
func Shown(err error) bool {
	return fault.IsKind(err, fault.Invalid) || fault.IsKind(err, fault.Conflict) || fault.IsKind(err, fault.RateLimited)
}
