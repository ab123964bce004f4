package phone

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/notice"
	"gonghui/internal/core/org"
	"gonghui/internal/core/person"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
	"gonghui/internal/measure/employment"
)

// Deps is what the pages call.
type Deps struct {
	Accounts   *account.Service
	People     *person.Service
	Notices    *notice.Service
	Cases      *casework.Engine
	Employment *employment.Service
	Dues       *dues.Service
	Org        *org.Service
	Clock      clock.Clock
	BaseURL    string // https://… as people see the site, for the address in a job posting; may be empty
}

// face is the handlers of this package.
type face struct {
	Deps
	site *web.Site
}

// Mount adds the worker's pages to the site.
func Mount(site *web.Site, d Deps) {
	f := &face{Deps: d, site: site}
	door := web.Face{Name: "phone", Layout: ui.Phone, SignIn: "/signin", Home: "/"}
	for pattern, h := range map[string]web.HandlerFunc{
		"GET /{$}":                        f.home,
		"GET /signin":                     f.askPhone,
		"POST /signin":                    f.sendCode,
		"GET /signin/code":                f.askCode,
		"POST /signin/code":               f.signIn,
		"POST /signin/again":              f.sendAgain,
		"POST /signout":                   f.signOut,
		"GET /jobs":                       f.find,
		"GET /jobs/{number}":              f.job,
		"GET /jobs/{number}/apply":        f.checkAnswers,
		"POST /jobs/{number}/apply":       f.apply,
		"GET /cases":                      f.cases,
		"GET /cases/{number}":             f.openCase,
		"POST /cases/{number}/step":       f.step,
		"POST /cases/{number}/phone":      f.sharePhone,
		"GET /recommendations/{id}":       f.recommendation,
		"POST /recommendations/{id}":      f.answerRecommendation,
		"GET /messages":                   f.messages,
		"POST /messages/read":             f.readAll,
		"GET /messages/{city}/{id}":       f.openMessage,
		"GET /notices/dues/{number}":      f.duesNotice,
		"GET /me":                         f.me,
		"GET /me/profile":                 f.profile,
		"POST /me/profile":                f.saveProfile,
		"GET /me/data":                    f.data,
		"POST /me/data/consents/withdraw": f.withdrawConsent,
	} {
		site.Handle(pattern, door, h)
	}
}

// show renders a page; again renders a form that was sent back, with the status
// of what was wrong.
func (f *face) show(w http.ResponseWriter, r *http.Request, nav, title string, c templ.Component) error {
	return f.site.Render(w, r, f.site.Page(r, title, nav), c)
}

func (f *face) again(w http.ResponseWriter, r *http.Request, nav, title string, err error, c templ.Component) error {
	return f.site.RenderStatus(w, r, web.Status(fault.As(err).Kind), f.site.Page(r, title, nav), c)
}

// gone answers for what is not there with a way on to the jobs; other faults go
// to the site.
func (f *face) gone(w http.ResponseWriter, r *http.Request, err error) error {
	if !fault.IsKind(err, fault.NotFound) && !fault.IsKind(err, fault.Invalid) {
		return err
	}
	p := f.site.Page(r, ui.T(r.Context(), "web.error_title"), "jobs")
	it := fault.As(err)
	return f.site.RenderStatus(w, r, web.Status(it.Kind), p, lost(it.Kind, i18n.Fault(i18n.From(r.Context()), it), p.Reference))
}

func (f *face) today() clock.Day { return clock.Today(f.Clock) }

func t(ctx context.Context, key string, params ...any) string { return ui.T(ctx, key, params...) }

// faults gives the sentences of a refused form in the language of the page.
func faults(r *http.Request, err error) ui.Errors {
	return ui.ErrorsOf(i18n.From(r.Context()), err)
}

// self gives the signed-in worker's record.
func (f *face) self(ctx context.Context) (person.Person, error) {
	me, err := access.RequireSelf(ctx)
	if err != nil {
		return person.Person{}, err
	}
	return f.People.Get(ctx, me.City, me.ID)
}

// wanted is which page of a list the address asks for.
func wanted(r *http.Request) page.Request {
	return page.Request{After: page.Cursor(r.URL.Query().Get("after"))}
}

// nextOf and startOf are the addresses of a pager.
func nextOf(path string, next page.Cursor) string {
	if next == "" {
		return ""
	}
	return path + "?after=" + string(next) // a cursor is base64url
}

func startOf(path string, r *http.Request) string {
	if r.URL.Query().Get("after") == "" {
		return ""
	}
	return path
}
