package web

import (
	"context"
	"net/http"
	"strings"
	"unicode"

	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
)

// SignIn makes the account the owner of a fresh session: the old session id is
// thrown away, so a planted one is worth nothing.
func (s *Site) SignIn(r *http.Request, accountID string) error {
	if err := s.sessions.RenewToken(r.Context()); err != nil {
		return fault.New(fault.Unavailable, "db.busy", fault.Because(err))
	}
	s.sessions.Put(r.Context(), account.SessionKey, accountID)
	return nil
}

// SignOut ends the session.
func (s *Site) SignOut(r *http.Request) error {
	if err := s.sessions.Destroy(r.Context()); err != nil {
		return fault.New(fault.Unavailable, "db.busy", fault.Because(err))
	}
	return nil
}

// Put keeps a short text in the session, such as the phone number being proved.
func (s *Site) Put(r *http.Request, key, value string) { s.sessions.Put(r.Context(), "x."+key, value) }

// Get reads what Put kept; empty when there is none.
func (s *Site) Get(r *http.Request, key string) string {
	return s.sessions.GetString(r.Context(), "x."+key)
}

// Forget removes what Put kept.
func (s *Site) Forget(r *http.Request, key string) { s.sessions.Remove(r.Context(), "x."+key) }

// withActor finds out who acts, from a bearer token or the session. Rights are
// read afresh for each request: a revoked one is gone on the next click.
func (s *Site) withActor(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := context.WithValue(r.Context(), sessionKey{}, true)
		r = r.WithContext(ctx)
		if scheme, secret, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
			actor, err := s.deps.Accounts.ActorForToken(ctx, strings.TrimSpace(secret))
			if err != nil {
				s.Fail(w, r, err)
				return
			}
			stateOf(ctx).bearer = true
			next.ServeHTTP(w, r.WithContext(access.Enter(ctx, actor)))
			return
		}
		if accountID := s.sessions.GetString(ctx, account.SessionKey); accountID != "" {
			switch actor, err := s.deps.Accounts.Load(ctx, accountID); {
			case err == nil:
				r = r.WithContext(access.Enter(ctx, actor))
			case fault.IsKind(err, fault.Unavailable) || fault.IsKind(err, fault.Internal):
				s.Fail(w, r, err)
				return
			default: // disabled or gone: a visitor from now on
				if err := s.sessions.Destroy(ctx); err != nil {
					s.Fail(w, r, fault.New(fault.Unavailable, "db.busy", fault.Because(err)))
					return
				}
			}
		}
		next.ServeHTTP(w, r)
	})
}

// prefs keeps language and type size in cookies and goes back where the person was.
func (s *Site) prefs(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	set := func(name, value string) {
		http.SetCookie(w, &http.Cookie{
			Name: name, Value: value, Path: "/", MaxAge: 365 * 24 * 3600,
			HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.deps.Secure,
		})
	}
	if l, ok := i18n.Parse(q.Get("lang")); ok {
		set("lang", string(l))
	}
	if t := q.Get("type"); t == "large" || t == "normal" {
		set("type", t)
	}
	http.Redirect(w, r, Local(q.Get("back"), "/"), http.StatusSeeOther)
}

// Local gives the address when it stays on this site, else the fallback. No
// control character passes: browsers drop tabs and line ends before they read an
// address, so that "/\t/host" would be another site's.
func Local(to, fallback string) string {
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsRune(to, '\\') ||
		strings.ContainsFunc(to, unicode.IsControl) || len(to) > 2000 {
		return fallback
	}
	return to
}
