package company

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/employment"
)

type vacanciesView struct {
	Company  company.Company
	State    string
	Page     page.Page[employment.Vacancy]
	Standing employment.Standing
	Start    string
	Next     string
	Today    clock.Day
}

func (f *face) vacancies(w http.ResponseWriter, r *http.Request, c company.Company) error {
	ctx := r.Context()
	v := vacanciesView{Company: c, State: r.URL.Query().Get("state"), Today: f.today()}
	if v.State != "" && !slices.Contains(employment.VacancyStates, v.State) {
		return fault.New(fault.Invalid, "casework.filter", fault.OnField("state", "choice"))
	}
	var err error
	if v.Page, err = f.Employment.ListVacancies(ctx, employment.VacancyFilter{CompanyID: c.ID, State: v.State, Request: wanted(r)}); err != nil {
		return err
	}
	if v.Standing, err = f.Employment.CompanyStanding(ctx, c.ID); err != nil {
		return err
	}
	v.Start, v.Next = pager(r, v.Page.Next)
	return f.show(w, r, "vacancies", t(ctx, "company_face.nav.vacancies"), vacanciesPage(v))
}

// views are the states that hold something, and always those on offer.
func (v vacanciesView) views(ctx context.Context) []ui.SortOption {
	out := []ui.SortOption{{Label: t(ctx, "company_face.all"), Href: "/company/vacancies", Selected: v.State == ""}}
	for _, s := range employment.VacancyStates {
		if n := v.Standing.Vacancies[s]; n > 0 || s == v.State {
			out = append(out, ui.SortOption{
				Label: stateWord(ctx, employment.FlowVacancy, s) + " " + strconv.Itoa(n), Href: "/company/vacancies?state=" + s, Selected: v.State == s,
			})
		}
	}
	return out
}

func vacancyColumns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: t(ctx, "company_face.vacancy.title")}, {Label: t(ctx, "company_face.vacancy.state")},
		{Label: t(ctx, "company_face.vacancy.applicants"), Right: true}, {Label: t(ctx, "company_face.vacancy.new_applicants"), Right: true},
		{Label: t(ctx, "company_face.vacancy.filled"), Right: true}, {Label: t(ctx, "company_face.vacancy.valid_to")},
	}
}

func vacancyRows(ctx context.Context, list []employment.Vacancy, applied map[string]employment.Applicants, today clock.Day) [][]templ.Component {
	rows := make([][]templ.Component, len(list))
	for i, x := range list {
		rows[i] = []templ.Component{
			ui.Link("/company/vacancies/"+x.Number, x.Title), ui.StatusTagText(look(x.State), stateWord(ctx, employment.FlowVacancy, x.State)),
			ui.Text(strconv.Itoa(applied[x.ID].Total)), ui.Text(strconv.Itoa(applied[x.ID].New)),
			ui.Text(strconv.Itoa(x.Filled) + " / " + strconv.Itoa(x.Headcount)), ui.Text(ui.ShortDay(ctx, x.ValidTo, today)),
		}
	}
	return rows
}

// theirs reads a vacancy of a company the actor acts for; of another it is not found.
func (f *face) theirs(r *http.Request) (employment.Vacancy, error) {
	if err := signedIn(r); err != nil {
		return employment.Vacancy{}, err
	}
	v, err := f.Employment.VacancyByNumber(r.Context(), r.PathValue("number"))
	if err == nil && !f.acts(r, v.CompanyID) {
		err = fault.New(fault.NotFound, "employment.no_vacancy")
	}
	return v, err
}

type vacancyView struct {
	Vacancy employment.Vacancy
	Case    casework.Case
	Steps   []string
	Reason  string
	Events  []casework.Event
	Applied page.Page[employment.Application]
	Errors  ui.Errors
	Today   clock.Day
}

func (f *face) vacancy(w http.ResponseWriter, r *http.Request) error {
	v, err := f.vacancyView(r)
	if err != nil {
		return err
	}
	return f.show(w, r, "vacancies", v.Vacancy.Title, vacancyPage(v))
}

func (f *face) vacancyView(r *http.Request) (v vacancyView, err error) {
	ctx := r.Context()
	if v.Vacancy, err = f.theirs(r); err != nil {
		return v, err
	}
	v.Today = f.today()
	ref := casework.Ref{City: v.Vacancy.CityCode, ID: v.Vacancy.ID}
	switch v.Case, err = f.Cases.Get(ctx, ref); {
	case fault.IsKind(err, fault.NotFound): // an imported vacancy without a step yet
		v.Case = casework.Case{
			City: ref.City, ID: ref.ID, Kind: employment.FlowVacancy, State: v.Vacancy.State, OrgPath: v.Vacancy.OrgPath,
			CompanyID: v.Vacancy.CompanyID, Version: 1,
		}
	case err != nil:
		return v, err
	default:
		if v.Events, err = f.Cases.History(ctx, ref); err != nil {
			return v, err
		}
		v.Reason = lastReason(v.Case, v.Events)
	}
	for _, s := range f.Cases.Steps(ctx, v.Case, casework.Company) {
		v.Steps = append(v.Steps, s.Event)
	}
	v.Applied, err = f.Employment.ListApplications(ctx, employment.ApplicationFilter{
		CompanyID: v.Vacancy.CompanyID, VacancyID: v.Vacancy.ID, Request: page.Request{Limit: 50},
	})
	return v, err
}

// reviewBy is until when the county promises to answer; empty where no deadline runs.
func (v vacancyView) reviewBy(ctx context.Context) string {
	if last := v.Case.LastDay(); !last.IsZero() {
		return ui.Day(ctx, last)
	}
	return ""
}

func (v vacancyView) may(event string) bool { return slices.Contains(v.Steps, event) }

func (v vacancyView) facts(ctx context.Context) []ui.Fact {
	x := v.Vacancy
	occupation := x.OccupationCode
	if o, ok := employment.OccupationByCode(occupation); ok {
		occupation = o.NameIn(string(i18n.From(ctx)))
	}
	facts := []ui.Fact{
		{Label: t(ctx, "company_face.vacancy.number"), Value: x.Number},
		{Label: t(ctx, "company_face.vacancy.pay"), Value: x.Pay.Text(string(i18n.From(ctx)))},
		{Label: t(ctx, "company_face.vacancy.filled"), Value: strconv.Itoa(x.Filled) + " / " + strconv.Itoa(x.Headcount)},
		{Label: t(ctx, "company_face.vacancy.division"), Value: ui.Address(ctx, x.DivisionCode, x.PlaceDetail)},
		{Label: t(ctx, "company_face.vacancy.occupation"), Value: occupation},
		{Label: t(ctx, "company_face.vacancy.form"), Value: t(ctx, "employment.form."+x.Form)},
		{Label: t(ctx, "company_face.vacancy.education"), Value: t(ctx, "screen.education."+employment.Educations[min(max(x.Education, 0), len(employment.Educations)-1)])},
		{Label: t(ctx, "company_face.vacancy.valid_to"), Value: ui.Day(ctx, x.ValidTo)},
	}
	if x.Hours != "" {
		facts = append(facts, ui.Fact{Label: t(ctx, "company_face.vacancy.hours"), Value: t(ctx, "employment.hours."+x.Hours)})
	}
	var good []string
	if x.Insurance != "" {
		good = append(good, t(ctx, "employment.insurance."+x.Insurance))
	}
	if x.Dormitory {
		good = append(good, t(ctx, "employment.benefit.dormitory"))
	}
	if x.Meals {
		good = append(good, t(ctx, "employment.benefit.meals"))
	}
	for _, g := range x.Groups {
		good = append(good, t(ctx, "employment.group."+g))
	}
	if len(good) > 0 {
		facts = append(facts, ui.Fact{Label: t(ctx, "company_face.vacancy.benefits"), Body: ui.Labels(good)})
	}
	return facts
}

// stepForm is one step of a vacancy.
type stepForm struct {
	Event   string `form:"event" check:"required,max=40"`
	Version int    `form:"version"`
	Reason  string `form:"reason" check:"max=40"`
}

// closing are the reasons for closing a vacancy; they are counted, so they are codes.
var closing = []string{"filled_here", "filled_elsewhere", "cancelled"}

func (f *face) stepVacancy(w http.ResponseWriter, r *http.Request) error {
	x, err := f.theirs(r)
	if err != nil {
		return err
	}
	var in stepForm
	if err = web.Decode(r, &in); err == nil {
		if in.Event == "close" && !slices.Contains(closing, in.Reason) {
			err = fault.New(fault.Invalid, "form.invalid", fault.OnField("reason", "required"))
		} else {
			_, err = f.Employment.StepVacancy(r.Context(), employment.StepInput{
				City: x.CityCode, ID: x.ID, Event: in.Event, Version: in.Version, Reason: in.Reason,
			})
		}
	}
	return f.ended(w, r, err, "/company/vacancies/"+x.Number, stepped(r, "vacancy", in.Event), func() error {
		v, seeErr := f.vacancyView(r)
		if seeErr != nil {
			return seeErr
		}
		v.Errors = faults(r, err)
		return f.again(w, r, "vacancies", x.Title, err, vacancyPage(v))
	})
}

// reasonText shows a reason; the codes of a closing have texts of their own.
func reasonText(ctx context.Context, reason string) string {
	if slices.Contains(closing, reason) {
		return t(ctx, "company_face.vacancy.closing."+reason)
	}
	return reason
}

func (v vacancyView) history(ctx context.Context) []ui.Event {
	out := history(ctx, employment.FlowVacancy, v.Events)
	for i := range out {
		out[i].Note = reasonText(ctx, out[i].Note)
	}
	return out
}

func mayPost(ctx context.Context, companyID string) error {
	return access.RequireCompany(ctx, access.VacancyPost, companyID)
}
