package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/scs/v2"
	"github.com/klauspost/compress/gzhttp"

	"gonghui/internal/base/telemetry"
	"gonghui/internal/base/vault"
	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/core/notice"
	"gonghui/internal/face/assets"
	"gonghui/internal/face/ui"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/id"

	"github.com/a-h/templ"
)

// Deps is what the site stands on.
type Deps struct {
	Accounts *account.Service
	Notices  *notice.Service
	Receipts *account.Receipts
	Sessions scs.CtxStore
	Vault    *vault.Vault
	Clock    clock.Clock
	Log      *slog.Logger
	Metrics  *telemetry.Metrics
	Demo     bool           // every page says that its data is made up
	Secure   bool           // the site is served by TLS: cookies are marked so
	Proxies  []netip.Prefix // whose word about the visitor's address is believed
}

// Face is one of the houses' doors: its layout and where one signs in.
type Face struct {
	Name   string
	Layout func(ui.Page) templ.Component
	SignIn string // page where a visitor is sent who must sign in
	Home   string
	Navs   func(ctx context.Context) []ui.NavItem // nil: the layout's own
}

// Site is the web server's inside: routes of all faces behind one middleware.
type Site struct {
	deps     Deps
	mux      *http.ServeMux
	sessions *scs.SessionManager
	guard    *http.CrossOriginProtection
	sendings *sendings
	pace     *Pace
	plain    Face
}

// HandlerFunc answers a request or says why it cannot.
type HandlerFunc func(w http.ResponseWriter, r *http.Request) error

// Limits of a request's body, in bytes.
const (
	maxForm   = 1 << 20
	MaxUpload = 60 << 20
	maxDrain  = 256 << 20 // read after a refusal, so that the refusal arrives
)

// retryAfter is what is said to who comes while the database is away.
const retryAfter = 5 * time.Second

// New makes an empty site; faces add their routes with Handle.
func New(d Deps) *Site {
	m := scs.New()
	m.Store = d.Sessions
	m.Lifetime = 30 * 24 * time.Hour // the store ends a session that lies idle
	m.Cookie.Name = "gonghui"
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Secure = d.Secure
	s := &Site{deps: d, mux: http.NewServeMux(), sessions: m, guard: http.NewCrossOriginProtection(), sendings: newSendings(d.Clock), pace: NewPace(d.Clock)}
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		s.Fail(w, r, fault.New(fault.Unavailable, "db.busy", fault.After(retryAfter), fault.Because(err)))
	}
	s.plain = Face{Name: "phone", Layout: ui.Phone, SignIn: "/signin", Home: "/"}
	s.mux.Handle("GET "+assets.Prefix, assets.Handler())
	s.mux.Handle("GET /prefs", http.HandlerFunc(s.prefs))
	s.mux.Handle("GET /favicon.ico", http.NotFoundHandler())
	s.Handle("/", s.plain, func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.NotFound, "not_found")
	})
	return s
}

// Handle adds a route: a ServeMux pattern such as "GET /jobs/{number}".
func (s *Site) Handle(pattern string, face Face, h HandlerFunc) {
	s.handle(pattern, face, maxForm, nil, h)
}

// HandleUpload adds a route that takes a file of up to MaxUpload bytes from whom
// may lets through. It is asked before anything is read: what is sent by others
// never lies on our disk.
func (s *Site) HandleUpload(pattern string, face Face, may func(r *http.Request) error, h HandlerFunc) {
	s.handle(pattern, face, MaxUpload, may, h)
}

func (s *Site) handle(pattern string, face Face, limit int64, may func(r *http.Request) error, h HandlerFunc) {
	s.mux.Handle(pattern, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		st := stateOf(r.Context())
		st.face = face
		body := r.Body
		r.Body = http.MaxBytesReader(w, body, limit)
		// The server cleans up after its own copy of the request only.
		defer func() {
			if r.MultipartForm != nil {
				_ = r.MultipartForm.RemoveAll() // what is left lies in the system's folder for such files
			}
		}()
		var err error
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			err = s.pace.Keep(r.Context(), "web.too_fast")
		}
		if err == nil && may != nil {
			err = may(r)
		}
		if err != nil {
			_, _ = io.CopyN(io.Discard, body, limit)
		} else if err = s.checkToken(w, r, h); fault.HasCode(err, "web.too_large") {
			// A connection closed on somebody who still sends loses the answer on
			// its way: what comes is read and thrown away first.
			_, _ = io.CopyN(io.Discard, body, maxDrain)
		}
		if err != nil {
			s.Fail(w, r, err)
		}
	}))
}

// Mount adds a handler that writes its own errors, such as the API. It sits
// behind the same middleware and finds the actor in the context.
func (s *Site) Mount(pattern string, h http.Handler) { s.mux.Handle(pattern, h) }

// Handler builds the middleware, in this order: request id and log, recovery,
// compression, security headers, session, actor, routes.
func (s *Site) Handler() http.Handler {
	var h http.Handler = http.HandlerFunc(s.route)
	h = s.withActor(h)
	h = s.sessions.LoadAndSave(h)
	h = s.withHeaders(h)
	h = gzhttp.GzipHandler(h)
	h = s.withRecovery(h)
	return s.withRequest(h)
}

// route lets the middleware know which pattern answered: the request it holds
// is not the copy that the mux marks.
func (s *Site) route(w http.ResponseWriter, r *http.Request) {
	defer func() { stateOf(r.Context()).route = r.Pattern }()
	s.mux.ServeHTTP(w, r)
}

// state is what middleware and handlers share about one request.
type state struct {
	face    Face
	lang    i18n.Lang
	large   bool
	bearer  bool
	route   string // the pattern that answered
	address string // of the visitor, see Address
}

type stateKey struct{}

// sessionKey marks the contexts in which scs has a session loaded. An address
// refused before the session, a session that cannot be read and a panic are
// answered outside of it, where scs itself would panic.
type sessionKey struct{}

func inSession(ctx context.Context) bool { return ctx.Value(sessionKey{}) != nil }

func stateOf(ctx context.Context) *state {
	if st, ok := ctx.Value(stateKey{}).(*state); ok {
		return st
	}
	return &state{lang: i18n.ZH}
}

type recorder struct {
	http.ResponseWriter
	status int
	bytes  int
}

func (w *recorder) WriteHeader(code int) {
	if w.status == 0 {
		w.status = code
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (s *Site) withRequest(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := s.deps.Clock.Now()
		st := &state{face: s.plain, lang: i18n.Match(r.Header.Get("Accept-Language"), cookie(r, "lang")), large: cookie(r, "type") == "large", address: s.address(r)}
		ctx := telemetry.WithRequestID(r.Context(), id.Token(10))
		ctx = i18n.With(context.WithValue(ctx, stateKey{}, st), st.lang)
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			var done context.CancelFunc
			ctx, done = context.WithTimeout(context.WithoutCancel(ctx), workWithin)
			defer done()
		}
		r = r.WithContext(ctx)
		rec := &recorder{ResponseWriter: w}
		if clean(r) {
			next.ServeHTTP(rec, r)
		} else {
			s.Fail(rec, r, fault.New(fault.Invalid, "web.bad_address"))
		}
		took := s.deps.Clock.Now().Sub(began)
		route := st.route
		if route == "" {
			route = "none"
		}
		if s.deps.Metrics != nil {
			s.deps.Metrics.ObserveHTTP(route, r.Method, rec.status, took)
		}
		if !strings.HasPrefix(r.URL.Path, assets.Prefix) {
			// The pattern, not the path: paths may hold numbers of records.
			s.deps.Log.InfoContext(ctx, "request", "method", r.Method, "route", route, "status", rec.status, "bytes", rec.bytes, "ms", took.Milliseconds())
		}
	})
}

// clean refuses addresses with a NUL or with bytes that are no text, before
// anybody looks anything up by them.
func clean(r *http.Request) bool {
	query, err := url.QueryUnescape(r.URL.RawQuery)
	return err == nil && plain(r.URL.Path) && plain(query)
}

func plain(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

func (s *Site) withRecovery(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				s.deps.Log.ErrorContext(r.Context(), "panic", "value", p, "stack", string(debug.Stack()))
				s.Fail(w, r, fault.New(fault.Internal, "internal"))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func (s *Site) withHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		if s.deps.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// Actor gives who acts in this request; false for a visitor.
func Actor(r *http.Request) (access.Actor, bool) { return access.From(r.Context()) }

func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}
