package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"gonghui/internal/core/account"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/form"
	"gonghui/internal/kit/id"
)

// tokenLife is how long a form may lie open: long enough for a lunch break and
// a bus ride, and the same as the session's idle time would allow.
const tokenLife = 24 * time.Hour

// Token makes the anti-forgery token of one rendered form: good for this
// session, for a day, and for one sending.
func (s *Site) Token(r *http.Request) string {
	expires := strconv.FormatInt(s.deps.Clock.Now().Add(tokenLife).Unix(), 36)
	body := id.Token(10) + "." + expires
	return body + "." + s.deps.Vault.Sign("form", body+"."+s.sessionOf(r))
}

// sessionOf names the session for signing. A visitor without one shares a name
// with other visitors; the cross-origin check protects those forms.
func (s *Site) sessionOf(r *http.Request) string {
	if !inSession(r.Context()) {
		return "visitor"
	}
	if accountID := s.sessions.GetString(r.Context(), account.SessionKey); accountID != "" {
		return s.sessions.Token(r.Context())
	}
	return "visitor"
}

// checkToken refuses forged forms and answers a form sent twice with the
// answer of the first sending; then it runs the handler.
func (s *Site) checkToken(w http.ResponseWriter, r *http.Request, next HandlerFunc) error {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return next(w, r)
	}
	if err := s.guard.Check(r); err != nil {
		return fault.New(fault.Forbidden, "web.forged", fault.Because(err))
	}
	if err := parse(r); err != nil {
		return err
	}
	token := r.PostFormValue("_token")
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return fault.New(fault.Forbidden, "web.forged")
	}
	body := parts[0] + "." + parts[1]
	if !s.deps.Vault.Verify("form", body+"."+s.sessionOf(r), parts[2]) {
		return fault.New(fault.Forbidden, "web.forged")
	}
	if expires, err := strconv.ParseInt(parts[1], 36, 64); err != nil || s.deps.Clock.Now().Unix() > expires {
		return fault.New(fault.Forbidden, "web.form_expired")
	}
	return s.once(w, r, receipt(r, token), next)
}

// once does the work of a sending, or answers it like the first of its kind.
func (s *Site) once(w http.ResponseWriter, r *http.Request, hash string, next HandlerFunc) error {
	ctx := r.Context()
	leave, err := s.sendings.enter(ctx, hash)
	if err != nil {
		return err
	}
	defer leave()
	location, seen, err := s.deps.Receipts.Once(ctx, hash)
	if err != nil {
		return err
	}
	came, before := cookie(r, s.sessions.Cookie.Name), s.sessions.Token(ctx)
	if seen {
		if session, ok := s.sendings.session(hash, came); ok {
			s.sessions.WriteSessionCookie(ctx, w, session, s.deps.Clock.Now().Add(s.sessions.IdleTimeout))
		}
		http.Redirect(w, r, Local(location, "/"), http.StatusSeeOther)
		return nil
	}
	if err := next(w, r); err != nil {
		return errors.Join(err, s.deps.Receipts.Forget(ctx, hash))
	}
	// A handler that changed something answers with a redirect; that is the
	// answer a second sending gets. A page shown again with faults is no answer.
	to := w.Header().Get("Location")
	if to == "" {
		return s.deps.Receipts.Forget(ctx, hash)
	}
	if now := s.sessions.Token(ctx); now != before && s.sessions.Status(ctx) != scs.Destroyed {
		s.sendings.keep(hash, came, now)
	}
	if err := s.deps.Receipts.Remember(ctx, hash, to); err != nil {
		s.deps.Log.WarnContext(ctx, "form receipt not kept", "error", err)
	}
	return nil
}

// receipt names one sending: the forms of a page share its token, so what was
// sent and where to belong to the name.
func receipt(r *http.Request, token string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n%s\n", token, r.URL.Path, r.PostForm.Encode())
	if r.MultipartForm != nil {
		for _, field := range slices.Sorted(maps.Keys(r.MultipartForm.File)) {
			for _, f := range r.MultipartForm.File[field] {
				fmt.Fprintf(h, "%s %q %d\n", field, f.Filename, f.Size)
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

func parse(r *http.Request) error {
	var err error
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		err = r.ParseMultipartForm(1 << 20)
	} else {
		err = r.ParseForm()
	}
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &tooLarge):
		return fault.New(fault.Invalid, "web.too_large", fault.With("MB", tooLarge.Limit>>20))
	default:
		return fault.New(fault.Invalid, "web.bad_request", fault.Because(err))
	}
}

// Decode reads the request's form into dst by its tags; faults name the fields.
func Decode(r *http.Request, dst any) error {
	if r.MultipartForm != nil {
		return form.DecodeMultipart(r.MultipartForm, dst)
	}
	return form.Decode(r.PostForm, dst)
}

// DecodeQuery reads the address's query into dst by its tags.
func DecodeQuery(r *http.Request, dst any) error { return form.Decode(r.URL.Query(), dst) }
