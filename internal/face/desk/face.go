package desk

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/blob"
	"gonghui/internal/base/queue"
	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/figures"
	"gonghui/internal/core/inspection"
	"gonghui/internal/core/notice"
	"gonghui/internal/core/org"
	"gonghui/internal/core/person"
	"gonghui/internal/core/rules"
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
	Accounts   *account.Service
	People     *person.Service
	Companies  *company.Service
	Cases      *casework.Engine
	Figures    *figures.Service
	Org        *org.Service
	Notices    *notice.Service
	Audit      *audit.Log
	Queue      *queue.Queue
	Blobs      *blob.Store
	Employment *employment.Service
	Dues       *dues.Service
	Inspection *inspection.Service
	Rules      *rules.Service
	Clock      clock.Clock
}

// partnerPath is where people of the tax office work.
const partnerPath = "/partner"

type face struct {
	Deps
	site *web.Site
}

// route is an address with the right it needs; "" is any signed-in staff.
type route struct {
	pattern string
	need    access.Capability
	handle  web.HandlerFunc
	upload  bool
}

func (f *face) routes() []route {
	return []route{
		{pattern: "GET /desk", handle: f.queue},
		{pattern: "POST /desk/batch", handle: f.decideMany},
		{pattern: "GET /desk/password", handle: f.askPassword},
		{pattern: "POST /desk/password", handle: f.changePassword},
		{pattern: "GET /desk/cases/{kind}/{city}/{id}", need: access.CaseView, handle: f.record},
		{pattern: "POST /desk/cases/{kind}/{city}/{id}/step", need: access.CaseView, handle: f.step},
		{pattern: "POST /desk/cases/{kind}/{city}/{id}/contact", need: access.CompanyVerify, handle: f.contact},
		{pattern: "GET /desk/vacancies", need: access.CaseView, handle: f.vacancies},
		{pattern: "POST /desk/vacancies/export", need: access.BatchRun, handle: f.exportVacancies},
		{pattern: "GET /desk/companies", need: access.CaseView, handle: f.companies},
		{pattern: "POST /desk/companies/export", need: access.BatchRun, handle: f.exportCompanies},
		{pattern: "GET /desk/imports", need: access.VacancyImport, handle: f.imports},
		{pattern: "POST /desk/imports", need: access.VacancyImport, handle: f.upload, upload: true},
		{pattern: "GET /desk/imports/{city}/{id}", need: access.VacancyImport, handle: f.batch},
		{pattern: "POST /desk/imports/{city}/{id}/check", need: access.VacancyImport, handle: f.check},
		{pattern: "POST /desk/imports/{city}/{id}/start", need: access.VacancyImport, handle: f.start},
		{pattern: "GET /desk/imports/{city}/{id}/progress", need: access.VacancyImport, handle: f.progress},
		{pattern: "GET /desk/imports/{city}/{id}/errors", need: access.VacancyImport, handle: f.brokenRows},
		{pattern: "GET /desk/services", need: access.ServicesRecord, handle: f.services},
		{pattern: "POST /desk/services", need: access.ServicesRecord, handle: f.recordService},
		{pattern: "GET /desk/people/{city}/{id}", need: access.PeopleView, handle: f.person},
		{pattern: "POST /desk/people/{city}/{id}/phone", need: access.PeopleView, handle: f.phone},
		{pattern: "GET /desk/rules", need: access.RulesRead, handle: f.rules},
		{pattern: "GET /desk/rules/changes", need: access.RulesRead, handle: f.ruleChanges},
		{pattern: "GET /desk/rules/changes/{city}/{id}", need: access.RulesRead, handle: f.ruleChange},
		{pattern: "GET /desk/rules/changes/{city}/{id}/edit", need: access.RulesPropose, handle: f.askEdit},
		{pattern: "POST /desk/rules/changes/{city}/{id}/edit", need: access.RulesPropose, handle: f.edit},
		{pattern: "POST /desk/rules/changes/{city}/{id}/step", need: access.RulesRead, handle: f.ruleStep},
		{pattern: "POST /desk/rules/changes/{city}/{id}/try", need: access.RulesRead, handle: f.tryRule},
		{pattern: "POST /desk/rules/changes/{city}/{id}/example", need: access.RulesRead, handle: f.exampleOf},
		{pattern: "GET /desk/rules/{key}", need: access.RulesRead, handle: f.rule},
		{pattern: "GET /desk/rules/{key}/propose", need: access.RulesPropose, handle: f.askRule},
		{pattern: "POST /desk/rules/{key}/propose", need: access.RulesPropose, handle: f.propose},
		{pattern: "GET /desk/audit", need: access.AuditView, handle: f.audit},
		{pattern: "POST /desk/audit/export", need: access.AuditView, handle: f.exportAudit},
		{pattern: "GET /desk/staff", need: access.GrantsManage, handle: f.staff},
		{pattern: "POST /desk/staff", need: access.GrantsManage, handle: f.createStaff},
		{pattern: "POST /desk/staff/grant", need: access.GrantsManage, handle: f.grant},
		{pattern: "POST /desk/staff/revoke", need: access.GrantsManage, handle: f.revoke},
	}
}

// Mount adds the routes.
func Mount(site *web.Site, d Deps) {
	f := &face{Deps: d, site: site}
	door := web.Face{Name: "desk", Layout: ui.Desk, SignIn: "/desk/signin", Home: "/desk", Navs: navs}
	site.Handle("GET /desk/signin", door, f.askSignIn)
	site.Handle("POST /desk/signin", door, f.signIn)
	site.Handle("GET /desk/totp", door, f.askTOTP)
	site.Handle("POST /desk/totp", door, f.confirmTOTP)
	for _, r := range slices.Concat(f.routes(), f.duesRoutes(), f.duesPayerRoutes(), f.duesListRoutes(), f.refundRoutes(), f.batchRoutes(), f.appealRoutes()) {
		if r.upload {
			site.HandleUpload(r.pattern, door, func(req *http.Request) error { return mayEnter(req.Context(), r) }, f.staffOnly(r))
		} else {
			site.Handle(r.pattern, door, f.staffOnly(r))
		}
	}
}

// staffOnly lets staff with the route's right through. Staff who have yet to
// enrol a device have no rights at all and are sent to do that.
func (f *face) staffOnly(x route) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		a, _ := access.From(r.Context())
		if a.Kind == access.KindStaff && len(a.Grants) == 0 && r.Method == http.MethodGet {
			me, err := f.Accounts.Get(r.Context(), a.AccountID)
			if err != nil {
				return err
			}
			if me.MustEnrol() {
				return web.See(w, r, "/desk/totp")
			}
		}
		if err := mayEnter(r.Context(), x); err != nil {
			return err
		}
		return x.handle(w, r)
	}
}

// mayEnter refuses visitors, workers, and staff without the route's right.
func mayEnter(ctx context.Context, x route) error {
	a, ok := access.From(ctx)
	switch {
	case !ok:
		return fault.New(fault.Unauthenticated, "access.sign_in")
	case a.Kind != access.KindStaff:
		return fault.New(fault.Forbidden, "access.denied")
	case x.need == "":
		return nil
	}
	return access.RequireAnywhere(ctx, x.need)
}

func navs(ctx context.Context) []ui.NavItem {
	work, people, house := t(ctx, "desk.nav.work"), t(ctx, "desk.nav.people"), t(ctx, "desk.nav.house")
	all := []struct {
		need access.Capability
		item ui.NavItem
	}{
		{access.CaseView, ui.NavItem{Key: "queue", Label: t(ctx, "desk.nav.queue"), Href: "/desk", Group: work}},
		{access.CaseView, ui.NavItem{Key: "vacancies", Label: t(ctx, "desk.nav.vacancies"), Href: "/desk/vacancies", Group: work}},
		{access.CaseView, ui.NavItem{Key: "companies", Label: t(ctx, "desk.nav.companies"), Href: "/desk/companies", Group: work}},
		{access.VacancyImport, ui.NavItem{Key: "imports", Label: t(ctx, "desk.nav.imports"), Href: "/desk/imports", Group: work}},
		{access.DuesCollect, ui.NavItem{Key: "dues", Label: t(ctx, "desk.nav.dues"), Href: duesPath, Group: work}},
		{access.ServicesRecord, ui.NavItem{Key: "services", Label: t(ctx, "desk.nav.services"), Href: "/desk/services", Group: people}},
		{access.FiguresView, ui.NavItem{Key: "cockpit", Label: t(ctx, "desk.nav.cockpit"), Href: "/cockpit", Group: people}},
		{access.RulesRead, ui.NavItem{Key: "rules", Label: t(ctx, "desk.nav.rules"), Href: rulesPath, Group: house}},
		{access.GrantsManage, ui.NavItem{Key: "staff", Label: t(ctx, "desk.nav.staff"), Href: "/desk/staff", Group: house}},
		{access.AuditView, ui.NavItem{Key: "audit", Label: t(ctx, "desk.nav.audit"), Href: auditPath, Group: house}},
	}
	var out []ui.NavItem
	for _, x := range all {
		if access.CanAnywhere(ctx, x.need) {
			out = append(out, x.item)
		}
	}
	if access.CanAnywhere(ctx, access.DuesReview) && !access.CanAnywhere(ctx, access.DuesCollect) { // a township looks refunds through
		out = append(out, ui.NavItem{Key: "dues", Label: t(ctx, "desk.nav.dues"), Href: refundsPath, Group: work})
	}
	if access.CanAnywhere(ctx, access.DuesTax) {
		out = append(out, ui.NavItem{Key: "partner", Label: t(ctx, "desk.nav.partner"), Href: partnerPath, Group: work})
	}
	if a, ok := access.From(ctx); ok && a.Kind == access.KindStaff {
		out = append(out, ui.NavItem{Key: "password", Label: t(ctx, "desk.nav.password"), Href: "/desk/password", Group: house})
	}
	return out
}

func (f *face) show(w http.ResponseWriter, r *http.Request, nav, title string, c templ.Component) error {
	return f.site.Render(w, r, f.site.Page(r, title, nav), c)
}

func (f *face) again(w http.ResponseWriter, r *http.Request, nav, title string, err error, c templ.Component) error {
	return f.site.RenderStatus(w, r, web.Status(fault.As(err).Kind), f.site.Page(r, title, nav), c)
}

func (f *face) today() clock.Day { return clock.Today(f.Clock) }

func t(ctx context.Context, key string, params ...any) string { return ui.T(ctx, key, params...) }

func faults(r *http.Request, err error) ui.Errors { return ui.ErrorsOf(i18n.From(r.Context()), err) }

func wanted(r *http.Request, limit int) page.Request {
	return page.Request{After: page.Cursor(r.URL.Query().Get("after")), Limit: limit}
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

// units lists the actor's own units on which he holds a capability.
func (f *face) units(ctx context.Context, c access.Capability) []ui.Option {
	a, _ := access.From(ctx)
	var out []ui.Option
	for _, g := range a.Units() {
		u, ok := f.Org.ByID(g.UnitID)
		if !ok || !access.Can(ctx, c, u.Path) || len(out) > 0 && out[len(out)-1].Value == u.ID {
			continue
		}
		out = append(out, ui.Option{Value: u.ID, Label: unitName(ctx, u)})
	}
	return out
}

// unit is the unit a form names, or the only one there is.
func (f *face) unit(r *http.Request, c access.Capability) string {
	if id := r.PostFormValue("unit"); id != "" {
		return id
	}
	if all := f.units(r.Context(), c); len(all) > 0 {
		return all[0].Value
	}
	return ""
}

func unitName(ctx context.Context, u org.Unit) string { return u.NameIn(string(i18n.From(ctx))) }

// unitAt names the unit in charge of a record.
func (f *face) unitAt(ctx context.Context, path string) string {
	u, ok := f.Org.ByPath(path)
	if !ok {
		return ""
	}
	return unitName(ctx, u)
}

// soon is how many days before its end a deadline is shown as near.
const soon = 1
