package api

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"gonghui/internal/base/telemetry"
	"gonghui/internal/core/access"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
)

// maxBody bounds the body of a request, in bytes.
const maxBody = 1 << 20

// server is the operations behind one set of guards.
type server struct {
	Deps
	api   huma.API
	mux   *http.ServeMux
	guard *http.CrossOriginProtection
	pace  *web.Pace
}

// route names an operation. Its words are the messages "api.op." + id.
type route struct {
	id, method, path string
	tag              string        // jobs me company desk figures access
	status           int           // of success; 0 = 200
	open             bool          // for visitors too
	looks            bool          // changes nothing, though it is no GET
	keep             time.Duration // how long the answer of a call with a key is kept; 0 = keepAnswer
}

func newServer(d Deps) *server {
	speakFaults()
	if d.Log == nil {
		d.Log = telemetry.Quiet()
	}
	s := &server{Deps: d, mux: http.NewServeMux(), guard: http.NewCrossOriginProtection(), pace: web.NewPace(d.Clock)}
	s.api = humago.NewWithPrefix(s.mux, Prefix, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "gonghui API", Version: "1.0.0",
				Description: i18n.T(i18n.EN, "api.about") + "\n\n" + i18n.T(i18n.ZH, "api.about"),
				License:     &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
			},
			Servers: []*huma.Server{{URL: Prefix}},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"bearer":  {Type: "http", Scheme: "bearer", Description: i18n.T(i18n.EN, "api.bearer")},
					"session": {Type: "apiKey", In: "cookie", Name: "gonghui", Description: i18n.T(i18n.EN, "api.session")},
				},
			},
		},
		Formats:                      map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	})
	s.api.UseMiddleware(s.limit, s.sameOrigin)
	for _, t := range tags {
		s.api.OpenAPI().Tags = append(s.api.OpenAPI().Tags, &huma.Tag{Name: t, Description: i18n.T(i18n.EN, "api.tag."+t)})
	}
	s.jobs()
	s.me()
	s.companies()
	s.desk()
	s.audit()
	s.rules()
	s.figures()
	s.keys()
	return s
}

func (s *server) limit(ctx huma.Context, next func(huma.Context)) {
	if err := s.pace.Keep(ctx.Context(), "api.too_many"); err != nil {
		refuse(ctx, fault.As(err))
		return
	}
	next(ctx)
}

// tags are the groups of operations, in the order of the page.
var tags = []string{"jobs", "me", "company", "desk", "figures", "access"}

// out is an answer with a body.
type out[T any] struct{ Body T }

// nothing is the input or output of an operation that needs none.
type nothing struct{}

// add registers an operation that answers with a body.
func add[I, T any](s *server, r route, do func(context.Context, *I) (T, error)) {
	if r.once() {
		huma.Register(s.api, s.operation(r), func(ctx context.Context, in *I) (*keyedOut[T], error) {
			body, again, err := once(ctx, s, r, in, do)
			if err != nil {
				return nil, s.problem(ctx, err)
			}
			return &keyedOut[T]{Again: again, Body: body}, nil
		})
		return
	}
	huma.Register(s.api, s.operation(r), func(ctx context.Context, in *I) (*out[T], error) {
		body, err := do(ctx, in)
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		return &out[T]{Body: body}, nil
	})
}

// act registers an operation that answers with nothing but success.
func act[I any](s *server, r route, do func(context.Context, *I) error) {
	r.status = http.StatusNoContent
	if r.once() {
		huma.Register(s.api, s.operation(r), func(ctx context.Context, in *I) (*keyedNothing, error) {
			_, again, err := once(ctx, s, r, in, func(ctx context.Context, in *I) (nothing, error) { return nothing{}, do(ctx, in) })
			if err != nil {
				return nil, s.problem(ctx, err)
			}
			return &keyedNothing{Again: again}, nil
		})
		return
	}
	huma.Register(s.api, s.operation(r), func(ctx context.Context, in *I) (*nothing, error) {
		if err := do(ctx, in); err != nil {
			return nil, s.problem(ctx, err)
		}
		return &nothing{}, nil
	})
}

func (s *server) operation(r route) huma.Operation {
	op := huma.Operation{
		OperationID: r.id, Method: r.method, Path: r.path, Tags: []string{r.tag}, DefaultStatus: cmp.Or(r.status, http.StatusOK),
		Summary: i18n.T(i18n.EN, "api.op."+r.id), Description: i18n.T(i18n.ZH, "api.op."+r.id), MaxBodyBytes: maxBody,
		Errors: []int{http.StatusUnprocessableEntity, http.StatusTooManyRequests},
	}
	if strings.Contains(r.path, "{") || strings.HasSuffix(r.path, "/current") || r.tag == "figures" || r.tag == "desk" {
		op.Errors = append(op.Errors, http.StatusNotFound)
	}
	if r.method != http.MethodGet {
		op.Errors = append(op.Errors, http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if !r.open {
		op.Errors = append(op.Errors, http.StatusUnauthorized, http.StatusForbidden)
		op.Security = []map[string][]string{{"bearer": {}}, {"session": {}}}
		op.Middlewares = huma.Middlewares{s.signedIn}
	}
	if r.once() {
		op.Parameters = []*huma.Param{keyParameter()}
		op.Middlewares = append(op.Middlewares, s.keyed)
	}
	return op
}

// signedIn stops visitors before anything of the request is looked at.
func (s *server) signedIn(ctx huma.Context, next func(huma.Context)) {
	if _, ok := access.From(ctx.Context()); !ok {
		refuse(ctx, fault.New(fault.Unauthenticated, "access.sign_in"))
		return
	}
	next(ctx)
}

// sameOrigin stops another site's page from using a person's session. A bearer
// token is no cookie: no browser sends it by itself.
func (s *server) sameOrigin(ctx huma.Context, next func(huma.Context)) {
	if a, ok := access.From(ctx.Context()); !ok || a.TokenID == "" {
		r, _ := humago.Unwrap(ctx)
		if err := s.guard.Check(r); err != nil {
			refuse(ctx, fault.New(fault.Forbidden, "api.other_site", fault.Because(err)))
			return
		}
	}
	next(ctx)
}

// handler is the operations, their description, and an answer in the same
// manner for what is none of them.
func (s *server) handler() http.Handler {
	text := s.description()
	s.mux.HandleFunc("GET "+Prefix+"/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/openapi+json")
		w.Header().Set("Cache-Control", "public, max-age=300")
		_, _ = w.Write(text) // the reader may be gone
	})
	s.mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		if allow := s.methods(r); len(allow) > 0 {
			w.Header().Set("Allow", strings.Join(allow, ", "))
			writeProblem(w, r.Context(), http.StatusMethodNotAllowed, fault.New(fault.Invalid, "api.method"))
			return
		}
		writeProblem(w, r.Context(), 0, fault.New(fault.NotFound, "api.no_operation"))
	})
	return s.mux
}

// methods lists what may be done with the path of a request.
func (s *server) methods(r *http.Request) []string {
	var out []string
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		try := r.Clone(r.Context())
		try.Method = m
		if _, pattern := s.mux.Handler(try); pattern != "/api/" {
			out = append(out, m)
		}
	}
	return out
}

// lang is the language of the request.
func lang(ctx context.Context) i18n.Lang { return i18n.From(ctx) }
