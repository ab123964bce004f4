package company

import (
	"context"
	"net/http"
	"slices"

	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/place"
	"gonghui/internal/measure/employment"
)

// counties lists the counties and development zones of the province, each with
// its city, so that one select without script is enough.
func counties(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, city := range place.Children(place.Shandong) {
		for _, c := range place.Children(city.Code) {
			label := city.Name + " " + c.Name
			if i18n.From(ctx) == i18n.EN {
				label = ui.PlaceShort(ctx, c.Code)
			}
			out = append(out, ui.Option{Value: c.Code, Label: label})
		}
	}
	return out
}

// countyOf cuts a deeper place down to what the select offers.
func countyOf(code string) string {
	if len(code) > 6 {
		return code[:6]
	}
	return code
}

// industries lists sections and divisions of GB/T 4754.
func industries(ctx context.Context) []ui.Option {
	lang := string(i18n.From(ctx))
	var out []ui.Option
	for _, i := range company.Industries() {
		switch i.Level() {
		case 1:
			out = append(out, ui.Option{Value: i.Code, Label: i.Code + " " + i.NameIn(lang)})
		case 2:
			out = append(out, ui.Option{Value: i.Code, Label: "\u3000" + i.Code + " " + i.NameIn(lang)})
		}
	}
	return out
}

// guessed stands for "find the occupation by the title".
const guessed = "auto"

// occupations lists the minor groups; a finer code that a vacancy has already is
// offered in front.
func occupations(ctx context.Context, present string) []ui.Option {
	lang := string(i18n.From(ctx))
	out := []ui.Option{{Value: guessed, Label: t(ctx, "company_face.vacancy.occupation_auto")}}
	if o, ok := employment.OccupationByCode(present); ok && o.Level != 3 {
		out = append(out, ui.Option{Value: o.Code, Label: o.Code + " " + o.NameIn(lang)})
	}
	for _, o := range employment.Occupations() {
		if o.Level == 3 {
			out = append(out, ui.Option{Value: o.Code, Label: o.Code + " " + o.NameIn(lang)})
		}
	}
	return out
}

// words makes options of codes whose texts stand under a prefix.
func words(ctx context.Context, prefix string, codes []string) []ui.Option {
	out := make([]ui.Option, len(codes))
	for i, c := range codes {
		out[i] = ui.Option{Value: c, Label: t(ctx, prefix+c)}
	}
	return out
}

// looks says in which condition a state of a flow is shown.
var looks = map[string]ui.State{
	"submitted": ui.Waiting, "returned": ui.Refused, "verified": ui.Done, "blocked": ui.Refused,
	"published": ui.Done, "paused": ui.Draft, "full": ui.Done, "expired": ui.Overdue, "closed": ui.Draft, "taken_down": ui.Refused,
	"delivered": ui.Waiting, "viewed": ui.Waiting, "no_reply": ui.Overdue, "invited": ui.Waiting, "interviewed": ui.Waiting,
	"offered": ui.Waiting, "agreed": ui.Waiting, "company_confirmed": ui.Waiting, "worker_confirmed": ui.DueSoon,
	"arrived": ui.Done, "rejected": ui.Refused, "declined": ui.Refused, "no_show": ui.Refused, "lapsed": ui.Draft, "withdrawn": ui.Draft,
}

func look(state string) ui.State { return looks[state] }

func stateWord(ctx context.Context, flow, state string) string {
	if flow == employment.FlowApplication { // the flow's own words address the worker
		return t(ctx, "company_face.application.state."+state)
	}
	return t(ctx, "flow."+flow+".state."+state)
}

// history turns a case's events into the lines of a timeline, newest first.
func history(ctx context.Context, flow string, events []casework.Event) []ui.Event {
	out := make([]ui.Event, 0, len(events))
	for i, e := range slices.Backward(events) {
		line := ui.Event{When: ui.Past, At: ui.Moment(ctx, e.At), Who: t(ctx, "case.role."+e.Role), Note: e.Reason}
		if i == len(events)-1 {
			line.When = ui.Current
		}
		if e.Event == casework.Paused || e.Event == casework.Resumed {
			line.Text = t(ctx, "case.event."+e.Event)
		} else {
			line.Text = t(ctx, "flow."+flow+".event."+e.Event)
		}
		out = append(out, line)
	}
	return out
}

type chooseView struct {
	Companies []company.Company
	Back      string
}

func (f *face) choose(w http.ResponseWriter, r *http.Request) error {
	if err := signedIn(r); err != nil {
		return err
	}
	v := chooseView{Back: web.Local(r.URL.Query().Get("back"), "/company")}
	a, _ := access.From(r.Context())
	for _, g := range a.Companies() {
		c, err := f.Companies.Get(r.Context(), g.CompanyCity, g.CompanyID)
		if err != nil {
			return err
		}
		v.Companies = append(v.Companies, c)
	}
	if len(v.Companies) == 0 {
		return web.See(w, r, "/company/register")
	}
	return f.show(w, r, "home", t(r.Context(), "company_face.choose.title"), choosePage(v))
}

func (f *face) chosen(w http.ResponseWriter, r *http.Request) error {
	if err := signedIn(r); err != nil {
		return err
	}
	if !f.acts(r, r.PostFormValue("c")) {
		return fault.New(fault.NotFound, "company.not_found")
	}
	return web.See(w, r, web.Local(r.PostFormValue("back"), "/company"))
}
