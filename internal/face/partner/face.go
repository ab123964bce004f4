package partner

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/core/org"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
)

// Deps is what the face stands on.
type Deps struct {
	Accounts *account.Service
	Org      *org.Service
	Dues     *dues.Service
	Clock    clock.Clock
}

type face struct {
	Deps
	site *web.Site
}

// home is where a partner begins.
const home = "/partner"

// Mount adds the routes.
func Mount(site *web.Site, d Deps) {
	f := &face{Deps: d, site: site}
	door := web.Face{Name: "partner", Layout: ui.Partner, SignIn: "/desk/signin", Home: home, Navs: navs}
	for pattern, handle := range map[string]web.HandlerFunc{
		"GET /partner":                                      f.files,
		"GET /partner/files/{city}/{id}":                    f.file,
		"POST /partner/files/{city}/{id}/sign":              f.sign,
		"GET /partner/files/{city}/{id}/lines":              f.lines,
		"GET /partner/files/{city}/{id}/compare/{other}":    f.compare,
		"GET /partner/files/{city}/{id}/correct/{voucher}":  f.askCorrection,
		"POST /partner/files/{city}/{id}/correct/{voucher}": f.sendCorrection,
		"GET /partner/breaks":                               f.breaks,
		"GET /partner/corrections":                          f.corrections,
	} {
		site.Handle(pattern, door, taxOffice(handle))
	}
}

// taxOffice lets people of the tax office through.
func taxOffice(next web.HandlerFunc) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		a, ok := access.From(r.Context())
		switch {
		case !ok:
			return fault.New(fault.Unauthenticated, "access.sign_in")
		case a.Kind != access.KindStaff:
			return fault.New(fault.Forbidden, "access.denied")
		}
		if err := access.RequireAnywhere(r.Context(), access.DuesTax); err != nil {
			return err
		}
		return next(w, r)
	}
}

func navs(ctx context.Context) []ui.NavItem {
	if !access.CanAnywhere(ctx, access.DuesTax) {
		return nil
	}
	work, house := t(ctx, "partner.nav.dues"), t(ctx, "partner.nav.house")
	out := []ui.NavItem{
		{Key: "files", Label: t(ctx, "partner.nav.files"), Href: home, Group: work},
		{Key: "breaks", Label: t(ctx, "partner.nav.breaks"), Href: home + "/breaks", Group: work},
		{Key: "corrections", Label: t(ctx, "partner.nav.corrections"), Href: home + "/corrections", Group: work},
		{Key: "password", Label: t(ctx, "partner.nav.password"), Href: "/desk/password", Group: house},
	}
	if access.CanAnywhere(ctx, access.CaseView) {
		out = append(out, ui.NavItem{Key: "desk", Label: t(ctx, "partner.nav.desk"), Href: "/desk", Group: house})
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

// listSize is the number of rows of one page of a list.
const listSize = 50

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

// unitAt names the union that keeps a record.
func (f *face) unitAt(ctx context.Context, path string) string {
	u, ok := f.Org.ByPath(path)
	if !ok {
		return ""
	}
	return u.NameIn(string(i18n.From(ctx)))
}
