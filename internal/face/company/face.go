package company

import (
	"context"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/notice"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
	"gonghui/internal/measure/employment"
)

// Deps is what the face stands on.
type Deps struct {
	Companies  *company.Service
	Cases      *casework.Engine
	Notices    *notice.Service
	Employment *employment.Service
	Dues       *dues.Service
	Clock      clock.Clock
}

type face struct {
	Deps
	site *web.Site
}

// Mount adds the routes.
func Mount(site *web.Site, d Deps) {
	f := &face{Deps: d, site: site}
	door := web.Face{Name: "company", Layout: ui.Company, SignIn: "/signin", Home: "/company", Navs: navs}
	for pattern, h := range map[string]web.HandlerFunc{
		"GET /company":                              f.home,
		"GET /company/register":                     f.askRegister,
		"POST /company/register":                    f.register,
		"GET /company/choose":                       f.choose,
		"POST /company/choose":                      f.chosen,
		"GET /company/correct":                      f.own(f.askCorrect),
		"POST /company/correct":                     f.own(f.correct),
		"GET /company/vacancies":                    f.own(f.vacancies),
		"GET /company/vacancies/new":                f.own(f.askVacancy),
		"POST /company/vacancies/new":               f.own(f.postVacancy),
		"GET /company/vacancies/{number}":           f.vacancy,
		"GET /company/vacancies/{number}/edit":      f.editVacancy,
		"POST /company/vacancies/{number}/edit":     f.resubmitVacancy,
		"POST /company/vacancies/{number}/step":     f.stepVacancy,
		"GET /company/applications":                 f.own(f.applications),
		"GET /company/applications/{number}":        f.application,
		"POST /company/applications/{number}/step":  f.stepApplication,
		"POST /company/applications/{number}/phone": f.showPhone,
		"GET /company/messages":                     f.messages,
		"POST /company/messages/read":               f.readAll,
		"GET /company/messages/{city}/{id}":         f.openMessage,
	} {
		site.Handle(pattern, door, h)
	}
	for pattern, h := range f.duesHandlers() {
		site.Handle(pattern, door, h)
	}
}

func navs(ctx context.Context) []ui.NavItem {
	a, ok := access.From(ctx)
	if !ok || len(a.Companies()) == 0 {
		return nil
	}
	return []ui.NavItem{
		{Key: "home", Label: t(ctx, "company_face.nav.home"), Href: "/company"},
		{Key: "vacancies", Label: t(ctx, "company_face.nav.vacancies"), Href: "/company/vacancies"},
		{Key: "applications", Label: t(ctx, "company_face.nav.applications"), Href: "/company/applications"},
		{Key: "dues", Label: t(ctx, "company_face.nav.dues"), Href: duesPath},
		{Key: "messages", Label: t(ctx, "company_face.nav.messages"), Href: "/company/messages"},
	}
}

func (f *face) page(r *http.Request, nav, title string) ui.Page {
	p := f.site.Page(r, title, nav)
	for i := range p.Navs {
		if p.Navs[i].Key == "messages" {
			p.Navs[i].Count = p.Unread
		}
	}
	return p
}

func (f *face) show(w http.ResponseWriter, r *http.Request, nav, title string, c templ.Component) error {
	return f.site.Render(w, r, f.page(r, nav, title), c)
}

// again shows a form that was sent back, with the status of what was wrong.
func (f *face) again(w http.ResponseWriter, r *http.Request, nav, title string, err error, c templ.Component) error {
	return f.site.RenderStatus(w, r, web.Status(fault.As(err).Kind), f.page(r, nav, title), c)
}

// ended answers a form that was tried. When it is done the browser goes on to a
// page, with a word; after a mistake of the person, again shows the form with what
// was typed; any other fault is for the error page.
func (f *face) ended(w http.ResponseWriter, r *http.Request, err error, to string, word func() string, again func() error) error {
	switch {
	case err == nil:
		f.site.Flash(r, word())
		return web.See(w, r, to)
	case !web.Shown(err):
		return err
	}
	return again()
}

// stepped is the word for a step of a vacancy or an application.
func stepped(r *http.Request, noun, event string) func() string {
	return func() string {
		ctx := r.Context()
		return t(ctx, "company_face."+noun+".stepped", "What", t(ctx, "flow.employment."+noun+".event."+event))
	}
}

func (f *face) today() clock.Day { return clock.Today(f.Clock) }

func t(ctx context.Context, key string, params ...any) string { return ui.T(ctx, key, params...) }

func faults(r *http.Request, err error) ui.Errors { return ui.ErrorsOf(i18n.From(r.Context()), err) }

// chosenKey keeps the chosen company in the session.
const chosenKey = "company"

// own finds the company that the actor acts for and hands it on. A visitor signs
// in first, somebody without a company registers one, somebody with several
// chooses (?c= or before).
func (f *face) own(h func(http.ResponseWriter, *http.Request, company.Company) error) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		a, ok := access.From(r.Context())
		if !ok {
			return fault.New(fault.Unauthenticated, "access.sign_in")
		}
		g, ok := f.grant(r, a)
		switch {
		case len(a.Companies()) == 0:
			return web.See(w, r, "/company/register")
		case !ok:
			return web.See(w, r, "/company/choose?back="+url.QueryEscape(r.URL.Path))
		}
		c, err := f.Companies.Get(r.Context(), g.CompanyCity, g.CompanyID)
		if err != nil {
			return err
		}
		return h(w, r, c)
	}
}

// grant is the right under which the actor acts now; false when he has to choose.
func (f *face) grant(r *http.Request, a access.Actor) (access.Grant, bool) {
	all := a.Companies()
	if len(all) == 1 {
		return all[0], true
	}
	wanted := r.URL.Query().Get("c")
	if wanted == "" {
		wanted = f.site.Get(r, chosenKey)
	}
	for _, g := range all {
		if g.CompanyID == wanted {
			f.site.Put(r, chosenKey, wanted)
			return g, true
		}
	}
	return access.Grant{}, false
}

// acts tells whether the actor acts for the company, and chooses it.
func (f *face) acts(r *http.Request, companyID string) bool {
	a, _ := access.From(r.Context())
	for _, g := range a.Companies() {
		if g.CompanyID == companyID {
			if len(a.Companies()) > 1 {
				f.site.Put(r, chosenKey, companyID)
			}
			return true
		}
	}
	return false
}

func signedIn(r *http.Request) error {
	if _, ok := access.From(r.Context()); !ok {
		return fault.New(fault.Unauthenticated, "access.sign_in")
	}
	return nil
}

func wanted(r *http.Request) page.Request {
	return page.Request{After: page.Cursor(r.URL.Query().Get("after"))}
}

// pager gives the addresses of the first and the next page of a filtered list.
func pager(r *http.Request, next page.Cursor) (start, on string) {
	q := r.URL.Query()
	if q.Get("after") != "" {
		q.Del("after")
		start = r.URL.Path + "?" + q.Encode()
	}
	if next != "" {
		q.Set("after", string(next))
		on = r.URL.Path + "?" + q.Encode()
	}
	return start, on
}
