package desk

import (
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"gonghui/internal/core/access"
	"gonghui/internal/core/person"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/employment"
)

var serviceKinds = []string{employment.Guidance, employment.FairCheckIn, employment.Recommendation}

type servicesView struct {
	Page   page.Page[employment.ServiceRecord]
	Start  string
	Next   string
	Units  []ui.Option
	Errors ui.Errors
	Typed  func(string) string
	Open   bool // the form was sent back
	Today  clock.Day
}

func (f *face) services(w http.ResponseWriter, r *http.Request) error {
	v, err := f.servicesView(r)
	if err != nil {
		return err
	}
	return f.show(w, r, "services", t(r.Context(), "desk.nav.services"), servicesPage(v))
}

func (f *face) servicesView(r *http.Request) (v servicesView, err error) {
	if v.Page, err = f.Employment.ListServices(r.Context(), wanted(r, 30)); err != nil {
		return v, err
	}
	v.Start, v.Next = pager(r, v.Page.Next)
	v.Units, v.Today = f.units(r.Context(), access.ServicesRecord), f.today()
	v.Typed = func(name string) string {
		if name == "on" {
			return f.today().String()
		}
		return ""
	}
	return v, nil
}

func (f *face) recordService(w http.ResponseWriter, r *http.Request) error {
	var in employment.ServiceInput
	web.JoinDates(r, "on")
	err := web.Decode(r, &in)
	if err == nil && in.Kind == employment.Recommendation && strings.TrimSpace(in.Vacancy) == "" {
		err = fault.New(fault.Invalid, "form.invalid", fault.OnField("vacancy", "required"))
	}
	if err == nil {
		if _, err = f.Employment.RecordService(r.Context(), f.unit(r, access.ServicesRecord), in); err == nil {
			f.site.Flash(r, t(r.Context(), "desk.service.done"))
			return web.See(w, r, "/desk/services")
		}
	}
	if fault.HasCode(err, "employment.no_vacancy") {
		err = fault.New(fault.Invalid, "form.invalid", fault.WithFields(fault.Field{Name: "vacancy", Code: "unknown", Key: "fault.employment.no_vacancy"}))
	}
	if !web.Shown(err) {
		return err
	}
	v, seeErr := f.servicesView(r)
	if seeErr != nil {
		return seeErr
	}
	v.Errors, v.Typed, v.Open = faults(r, err), r.PostFormValue, true
	return f.again(w, r, "services", t(r.Context(), "desk.nav.services"), err, servicesPage(v))
}

func serviceColumns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: t(ctx, "desk.service.person")}, {Label: t(ctx, "desk.service.kind")}, {Label: t(ctx, "desk.list.state")},
		{Label: t(ctx, "desk.service.on")}, {Label: t(ctx, "desk.service.note")},
	}
}

func serviceRows(ctx context.Context, list []employment.ServiceRecord, named bool, today clock.Day) [][]templ.Component {
	rows := make([][]templ.Component, len(list))
	for i, s := range list {
		who := ui.Text(s.PersonName)
		// The county serves a worker of another county without reading his record.
		if named && access.Can(ctx, access.PeopleView, s.PersonPath) {
			who = ui.Link("/desk/people/"+s.CityCode+"/"+s.PersonID, s.PersonName)
		}
		rows[i] = []templ.Component{
			who, ui.Text(serviceWord(ctx, s)), ui.StatusTagText(serviceLook(s.State), t(ctx, "employment.service_state."+s.State)),
			ui.Text(ui.ShortDay(ctx, s.On, today)), ui.Text(s.Note),
		}
		if !named {
			rows[i] = rows[i][1:]
		}
	}
	return rows
}

// serviceWord is what was done; a recommendation says which vacancy.
func serviceWord(ctx context.Context, s employment.ServiceRecord) string {
	word := t(ctx, "employment.service."+s.Kind)
	if s.VacancyTitle == "" {
		return word
	}
	return t(ctx, "desk.service.of", "Service", word, "Title", s.VacancyTitle)
}

func serviceLook(state string) ui.State {
	switch state {
	case "done", "accepted":
		return ui.Done
	case "declined":
		return ui.Refused
	}
	return ui.Waiting
}

type personView struct {
	Person       person.Person
	Unit         string
	Today        clock.Day
	Services     []employment.ServiceRecord
	Applications []employment.Application
	Phone        string // in clear, on the one page that answers for it
	Purpose      string
	Errors       ui.Errors
}

func (f *face) person(w http.ResponseWriter, r *http.Request) error {
	v, err := f.personView(r)
	if err != nil {
		return err
	}
	return f.show(w, r, "services", v.title(r.Context()), personPage(v))
}

func (v personView) title(ctx context.Context) string {
	if v.Person.Name == "" {
		return t(ctx, "desk.person.unnamed")
	}
	return v.Person.Name
}

func (f *face) personView(r *http.Request) (v personView, err error) {
	ctx, err := access.For(r.Context(), access.PeopleView)
	if err != nil {
		return v, err
	}
	city, id := r.PathValue("city"), r.PathValue("id")
	if v.Person, err = f.People.Get(ctx, city, id); err != nil {
		return v, err
	}
	v.Unit, v.Today = f.unitAt(ctx, v.Person.OrgPath), f.today()
	if v.Services, err = f.Employment.ServicesFor(ctx, city, id); err != nil {
		return v, err
	}
	p, err := f.Employment.ListApplications(ctx, employment.ApplicationFilter{PersonID: id, Request: page.Request{Limit: 50}})
	v.Applications = p.Items
	return v, err
}

// phone answers a request for a worker's number with the page itself, this once;
// the worker sees who read it and why.
func (f *face) phone(w http.ResponseWriter, r *http.Request) error {
	v, err := f.personView(r)
	if err != nil {
		return err
	}
	ctx, err := access.For(r.Context(), access.PeopleView)
	if err != nil {
		return err
	}
	v.Purpose = r.PostFormValue("purpose")
	if v.Phone, err = f.People.RevealPhone(ctx, v.Person.CityCode, v.Person.ID, v.Purpose); err != nil {
		if !web.Shown(err) {
			return err
		}
		v.Errors = faults(r, err)
		return f.again(w, r, "services", v.title(r.Context()), err, personPage(v))
	}
	return f.show(w, r, "services", v.title(r.Context()), personPage(v))
}

func (v personView) facts(ctx context.Context) []ui.Fact {
	p := v.Person
	var groups []string
	for _, g := range p.Groups {
		groups = append(groups, t(ctx, "group."+g))
	}
	education := ""
	if p.Education > 0 && p.Education < len(employment.Educations) {
		education = t(ctx, "screen.education."+employment.Educations[p.Education])
	}
	belongs := ui.Text("—")
	if len(groups) > 0 {
		belongs = ui.Labels(groups)
	}
	phone := ui.MaskedText(p.PhoneMask, "")
	if v.Phone != "" {
		phone = ui.Text(v.Phone)
	}
	return []ui.Fact{
		{Label: t(ctx, "desk.person.phone"), Body: phone},
		{Label: t(ctx, "desk.person.resident"), Value: p.ResidentMask},
		{Label: t(ctx, "desk.person.place"), Value: ui.PlaceName(ctx, p.DivisionCode)},
		{Label: t(ctx, "desk.person.unit"), Value: v.Unit},
		{Label: t(ctx, "desk.person.education"), Value: education},
		{Label: t(ctx, "desk.person.groups"), Body: belongs},
	}
}

func applicationRows(ctx context.Context, list []employment.Application, here string) [][]templ.Component {
	rows := make([][]templ.Component, len(list))
	for i, a := range list {
		rows[i] = []templ.Component{
			ui.Link(caseFrom(employment.FlowApplication, a.CityCode, a.ID, here), a.VacancyTitle), ui.Text(a.Employer),
			ui.StatusTagText(look(a.State), t(ctx, "flow.employment.application.state."+a.State)), ui.Text(ui.Moment(ctx, a.CreatedAt)),
		}
	}
	return rows
}
