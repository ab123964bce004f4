package cockpit

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"gonghui/internal/base/audit"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/figures"
	"gonghui/internal/core/org"
	"gonghui/internal/core/person"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/place"
	"gonghui/internal/measure/employment"
)

// Deps is what the face stands on.
type Deps struct {
	Figures    *figures.Service
	Org        *org.Service
	Employment *employment.Service
	People     *person.Service
	Cases      *casework.Engine
	Audit      *audit.Log
	Clock      clock.Clock
}

type face struct {
	Deps
	site *web.Site
	door web.Face
}

// Mount adds the routes.
func Mount(site *web.Site, d Deps) {
	f := &face{Deps: d, site: site}
	f.door = web.Face{Name: "cockpit", Layout: ui.Cockpit, SignIn: "/desk/signin", Home: "/cockpit", Navs: f.navs}
	site.Handle("GET /cockpit", f.door, f.leaders(f.overview))
	site.Handle("GET /cockpit/{indicator}", f.door, f.leaders(f.indicator))
	site.Handle("GET /cockpit/{indicator}/records", f.door, f.leaders(f.records))
	site.Handle("POST /cockpit/{indicator}/records", f.door, f.leaders(f.export))
}

// leaders lets those through who may see figures somewhere.
func (f *face) leaders(next web.HandlerFunc) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := access.RequireAnywhere(r.Context(), access.FiguresView); err != nil {
			return err
		}
		return next(w, r)
	}
}

func (f *face) navs(ctx context.Context) []ui.NavItem {
	if !access.CanAnywhere(ctx, access.FiguresView) {
		return nil
	}
	out := []ui.NavItem{{Key: "overview", Label: ui.T(ctx, "cockpit.nav.overview"), Href: "/cockpit"}}
	for _, i := range f.Figures.Indicators() {
		out = append(out, ui.NavItem{Key: i.Key, Label: ui.T(ctx, i.TitleText()), Href: "/cockpit/" + i.Key})
	}
	if access.CanAnywhere(ctx, access.CaseView) {
		out = append(out, ui.NavItem{Key: "desk", Label: ui.T(ctx, "cockpit.nav.desk"), Href: "/desk"})
	}
	return out
}

// asked is what an address asks for.
type asked struct {
	Unit   string    `form:"unit" check:"max=12"`
	Period string    `form:"period" check:"max=4"`
	AsOf   clock.Day `form:"as_of" check:"day"`
	Step   string    `form:"step" check:"choice=day|week|month"`
	Wall   string    `form:"wall" check:"choice=1"`
	After  string    `form:"after" check:"max=2000"`
}

// view is one unit in one period.
type view struct {
	unit   org.Unit
	period string
	first  clock.Day
	last   clock.Day
	today  clock.Day
	asOf   clock.Day // zero = now
	step   figures.Step
	wall   bool
	after  string
}

// look reads the address. A unit that is not the viewer's to see does not exist;
// a wrong code is a fault, never another page. Faults: figures.not_found,
// figures.period, form.invalid.
func (f *face) look(r *http.Request) (view, error) {
	var in asked
	if err := web.DecodeQuery(r, &in); err != nil {
		return view{}, err
	}
	v := view{today: clock.Today(f.Clock), asOf: in.AsOf, step: figures.Step(in.Step), wall: in.Wall == "1", after: in.After, period: in.Period}
	if v.asOf == v.today {
		v.asOf = 0 // today is not over: its number is the one of now
	}
	if v.step == "" {
		v.step = figures.ByWeek
	}
	if v.period == "" {
		v.period = figures.PeriodOf(v.today)
		if !v.asOf.IsZero() {
			v.period = figures.PeriodOf(v.asOf)
		}
	}
	var err error
	if v.first, v.last, err = figures.Days(v.period); err != nil {
		return v, err
	}
	if !v.asOf.IsZero() && (v.asOf < v.first || v.asOf > v.last || v.asOf >= v.today) {
		return v, fault.New(fault.Invalid, "cockpit.as_of")
	}
	v.unit, err = f.unit(r.Context(), in.Unit)
	return v, err
}

func (f *face) unit(ctx context.Context, code string) (org.Unit, error) {
	ok := false
	var u org.Unit
	if code != "" {
		u, ok = f.Org.ByDivision(code)
	} else if own := f.own(ctx); len(own) > 0 {
		u, ok = own[0], true
	}
	if !ok || !access.Can(ctx, access.FiguresView, u.Path) {
		return u, fault.New(fault.NotFound, "figures.not_found")
	}
	return u, nil
}

// own lists the units on which the viewer's rights to see figures lie, the
// highest first.
func (f *face) own(ctx context.Context) []org.Unit {
	var out []org.Unit
	a, _ := access.From(ctx)
	for _, g := range a.Units() {
		if u, ok := f.Org.ByPath(g.Path); ok && access.Can(ctx, access.FiguresView, g.Path) {
			if len(out) == 0 || !org.Within(u.Path, out[len(out)-1].Path) {
				out = append(out, u)
			}
		}
	}
	return out
}

// at is the address of a page of an indicator (or of the overview, when empty)
// for a unit, in the view's period.
func (v view) at(indicator, tail string, u org.Unit, more ...string) string {
	q := url.Values{"unit": {u.Code}}
	if v.period != figures.PeriodOf(v.today) {
		q.Set("period", v.period)
	}
	if !v.asOf.IsZero() {
		q.Set("as_of", v.asOf.String())
	}
	if v.wall {
		q.Set("wall", "1")
	}
	for i := 0; i+1 < len(more); i += 2 {
		if q.Set(more[i], more[i+1]); more[i+1] == "" {
			q.Del(more[i])
		}
	}
	path := "/cockpit"
	if indicator != "" {
		path += "/" + indicator
	}
	return path + tail + "?" + q.Encode()
}

// open is the address of a unit below; empty where it has no page of its own.
func (f *face) open(v view, indicator string, u org.Unit) string {
	if same, ok := f.Org.ByDivision(u.Code); !ok || same.ID != u.ID {
		return ""
	}
	return v.at(indicator, "", u)
}

// periods offers this year and the two before.
func (v view) periods(indicator string, u org.Unit) []ui.View {
	var out []ui.View
	for year := v.today.Year(); year > v.today.Year()-3; year-- {
		p := strconv.Itoa(year)
		out = append(out, ui.View{Label: p, Href: v.at(indicator, "", u, "period", p, "as_of", ""), Count: -1, Selected: p == v.period})
	}
	return out
}

// name is the unit's name in the language of the page.
func name(ctx context.Context, u org.Unit) string { return u.NameIn(string(i18n.From(ctx))) }

// short is the name of the place a territorial unit stands for: rows of places
// need no 总工会 behind each name.
func short(ctx context.Context, u org.Unit) string {
	at, ok := place.Get(u.DivisionCode)
	if !ok || u.CompanyID != "" || (u.Kind != org.Province && u.Kind != org.City && u.Kind != org.County && u.Kind != org.Township) {
		return name(ctx, u)
	}
	return at.NameIn(string(i18n.From(ctx)))
}

// page is the frame of a view.
func (f *face) page(r *http.Request, v view, title, nav string) ui.Page {
	p := f.site.Page(r, title, nav)
	if v.wall {
		p.Wall, p.Head = true, refresh()
	}
	return p
}
