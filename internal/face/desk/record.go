package desk

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"gonghui/internal/core/access"
	"gonghui/internal/core/calendar"
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

// recordView is one case with what it is about; exactly one of Company, Vacancy
// and Application is what the case is, Company is its employer otherwise.
type recordView struct {
	Case        casework.Case
	Title       string
	Unit        string
	Steps       []casework.Transition
	Events      []casework.Event
	Company     *company.Company
	Vacancy     *employment.Vacancy
	Application *employment.Application
	Applicant   bool // the applicant's own record can be opened
	Refusals    []employment.Refusal
	Vacancies   []employment.Vacancy // of the company
	Rest        ui.Rest
	DueText     string
	Rule        string
	Errors      ui.Errors
	Event       string // whose form was sent back
	Reason      string // as typed there
	Conflict    string // what a colleague did meanwhile
	Today       clock.Day
	Back        string // the list the record was opened from
	Contact     string // the contact's number, on the page that answers for it
}

func (f *face) record(w http.ResponseWriter, r *http.Request) error {
	v, err := f.recordView(r)
	if err != nil {
		return err
	}
	return f.show(w, r, v.nav(), v.Title, recordPage(v))
}

// nav is the entry of the menu that the record stands under: the list it was
// opened from.
func (v recordView) nav() string {
	for _, list := range []string{"vacancies", "companies"} {
		if path, _, _ := strings.Cut(v.Back, "?"); path == "/desk/"+list {
			return list
		}
	}
	return "queue"
}

// path is the address of the record or of one of its forms, which keeps the way back.
func (v recordView) path(tail string) string {
	return caseHref(v.Case.Kind, v.Case.City, v.Case.ID) + tail + knowing(v.Back)
}

// here is the address that other records lead back to; it remembers one list.
func (v recordView) here() string {
	if strings.HasPrefix(v.Back, "/desk/cases/") {
		return caseHref(v.Case.Kind, v.Case.City, v.Case.ID)
	}
	return v.path("")
}

func (f *face) recordView(r *http.Request) (v recordView, err error) {
	ctx := r.Context()
	v.Back = came(r)
	ref := casework.Ref{City: r.PathValue("city"), ID: r.PathValue("id")}
	kind := r.PathValue("kind")
	var path string
	switch kind {
	case employment.FlowEmployer:
		path, err = f.ofCompany(ctx, ref, &v)
	case employment.FlowVacancy:
		path, err = f.ofVacancy(ctx, ref, &v)
	case employment.FlowApplication:
		path, err = f.ofApplication(ctx, ref, &v)
	default:
		err = casework.ErrNotFound
	}
	if err != nil {
		return v, err
	}
	if !access.Can(ctx, access.CaseView, path) {
		return v, casework.ErrNotFound
	}
	v.Unit = f.unitAt(ctx, path)
	switch k, err := f.Cases.Get(ctx, ref); {
	case err == nil:
		v.Case = k
		if v.Events, err = f.Cases.History(ctx, ref); err != nil {
			return v, err
		}
	case !fault.IsKind(err, fault.NotFound):
		return v, err
	}
	v.Steps, v.Today = f.steps(ctx, v), f.today()
	v.Rest = f.rest(ctx, v.Case)
	if last := v.Case.LastDay(); !last.IsZero() {
		v.DueText = t(ctx, "desk.record.due", "Day", ui.Day(ctx, last))
	}
	d := f.deadline(v.Case)
	if d.Name == "review" && d.N > 0 {
		d.N = f.Employment.Parameters().ReviewWorkdays // the flow was drawn with what the program ships
	}
	if d.N > 0 {
		unit := "day"
		if d.Unit == calendar.Workday {
			unit = "workday"
		}
		v.Rule = t(ctx, "desk.record.rule."+unit, "N", strconv.Itoa(d.N))
	}
	return v, nil
}

func (f *face) ofCompany(ctx context.Context, ref casework.Ref, v *recordView) (string, error) {
	c, err := f.Companies.Get(ctx, ref.City, ref.ID)
	if err != nil {
		return "", err
	}
	v.Company, v.Title = &c, c.Name
	v.Case = casework.Case{City: ref.City, ID: ref.ID, Kind: employment.FlowEmployer, State: string(c.State), OrgPath: c.OrgPath, CompanyID: c.ID}
	p, err := f.Employment.ListVacancies(ctx, employment.VacancyFilter{CompanyID: c.ID, Request: page.Request{Limit: 10}})
	v.Vacancies = p.Items
	return c.OrgPath, err
}

func (f *face) ofVacancy(ctx context.Context, ref casework.Ref, v *recordView) (string, error) {
	x, err := f.Employment.GetVacancy(ctx, ref.City, ref.ID)
	if err != nil {
		return "", err
	}
	v.Vacancy, v.Title = &x, x.Title
	// The case of an imported vacancy is opened by the first step, at version 1.
	v.Case = casework.Case{
		City: ref.City, ID: ref.ID, Kind: employment.FlowVacancy, State: x.State, OrgPath: x.OrgPath, CompanyID: x.CompanyID, Version: 1,
	}
	v.Refusals = f.Employment.Refusals(x)
	c, err := f.Companies.Get(ctx, x.CityCode, x.CompanyID)
	switch {
	case err == nil:
		v.Company = &c
	case !fault.IsKind(err, fault.NotFound): // a company that has moved to another county is named only
		return "", err
	}
	return x.OrgPath, nil
}

func (f *face) ofApplication(ctx context.Context, ref casework.Ref, v *recordView) (string, error) {
	a, err := f.Employment.GetApplication(ctx, ref.City, ref.ID)
	if err != nil {
		return "", err
	}
	v.Application, v.Title = &a, a.VacancyTitle
	if people, err := access.For(ctx, access.PeopleView); err == nil {
		_, err = f.People.Get(people, a.PersonCity, a.PersonID)
		v.Applicant = err == nil
		if err != nil && !fault.IsKind(err, fault.NotFound) {
			return "", err
		}
	}
	v.Case = casework.Case{City: ref.City, ID: ref.ID, Kind: employment.FlowApplication, State: a.State, OrgPath: a.OrgPath}
	return a.OrgPath, nil
}

// steps are what the procedure and the room's policy both allow.
func (f *face) steps(ctx context.Context, v recordView) []casework.Transition {
	if v.Case.Version == 0 {
		return nil // a company that is only listed has no case
	}
	may := false
	switch {
	case v.Vacancy != nil:
		may = employment.MayReview(ctx, *v.Vacancy)
	case v.Company != nil && v.Application == nil:
		may = employment.MayVerify(ctx, v.Company.OrgPath, v.Company.ID)
	}
	if !may {
		return nil
	}
	return f.Cases.Steps(ctx, v.Case, casework.Desk)
}

type stepForm struct {
	Event   string `form:"event" check:"required,max=40"`
	Version int    `form:"version"`
	Reason  string `form:"reason" check:"lines,max=500"`
}

// reasonName is the name of the field for a step's reason. A page may ask for
// several, and each needs a name of its own.
func reasonName(event string) string { return "reason." + event }

func (f *face) step(w http.ResponseWriter, r *http.Request) error {
	v, err := f.recordView(r)
	if err != nil {
		return err
	}
	var in stepForm
	event := r.PostFormValue("event")
	r.PostForm.Set("reason", r.PostForm.Get(reasonName(event)))
	if err = web.Decode(r, &in); err == nil {
		step := employment.StepInput{City: v.Case.City, ID: v.Case.ID, Event: in.Event, Version: in.Version, Reason: in.Reason}
		switch v.Case.Kind {
		case employment.FlowEmployer:
			_, err = f.Employment.DecideEmployer(r.Context(), step)
		case employment.FlowVacancy:
			_, err = f.Employment.StepVacancy(r.Context(), step)
		default:
			err = casework.ErrNotYours // the desk watches an application and decides nothing
		}
	}
	if err == nil {
		f.site.Flash(r, t(r.Context(), "desk.record.done", "What", t(r.Context(), "flow."+v.Case.Kind+".event."+in.Event), "Title", v.Title))
		return web.See(w, r, v.Back)
	}
	if !web.Shown(err) {
		return err
	}
	if v, seeErr := f.recordView(r); seeErr == nil {
		v.Event, v.Reason = event, r.PostFormValue("reason")
		if fault.HasCode(err, "casework.moved_on") || fault.HasCode(err, "casework.illegal") {
			v.Conflict = f.meanwhile(r.Context(), v.Case.Kind, v.Events)
		} else {
			v.Errors = faults(r, err)
			for i := range v.Errors {
				if v.Errors[i].Field == "reason" {
					v.Errors[i].Field = reasonName(event)
				}
			}
		}
		return f.again(w, r, v.nav(), v.Title, err, recordPage(v))
	}
	return err
}

// meanwhile says who did what to a case since the page was read.
func (f *face) meanwhile(ctx context.Context, kind string, events []casework.Event) string {
	if len(events) == 0 {
		return i18n.Fault(i18n.From(ctx), casework.ErrMovedOn)
	}
	last := events[len(events)-1]
	who := last.ActorName
	if who == "" {
		who = t(ctx, "case.role."+last.Role)
	}
	return t(ctx, "desk.record.meanwhile", "Who", who, "When", ui.Moment(ctx, last.At), "What", eventWord(ctx, kind, last.Event))
}

// contact answers a request for the number of a company's contact with the page
// itself, this once.
func (f *face) contact(w http.ResponseWriter, r *http.Request) error {
	v, err := f.recordView(r)
	if err != nil {
		return err
	}
	if v.Company == nil || v.Application != nil {
		return casework.ErrNotFound
	}
	if err := access.Require(r.Context(), access.CompanyVerify, v.Company.OrgPath); err != nil {
		return err
	}
	v.Contact, err = f.Companies.RevealContact(r.Context(), v.Company.CityCode, v.Company.ID, r.PostFormValue("purpose"))
	if err != nil {
		if !web.Shown(err) {
			return err
		}
		v.Errors = faults(r, err)
		return f.again(w, r, v.nav(), v.Title, err, recordPage(v))
	}
	return f.show(w, r, v.nav(), v.Title, recordPage(v))
}

func eventWord(ctx context.Context, kind, event string) string {
	if event == casework.Paused || event == casework.Resumed {
		return t(ctx, "case.event."+event)
	}
	return t(ctx, "flow."+kind+".event."+event)
}

// historyOf tells what happened to a case, the latest first.
func historyOf(ctx context.Context, kind string, events []casework.Event) []ui.Event {
	out := make([]ui.Event, 0, len(events))
	for i, e := range slices.Backward(events) {
		line := ui.Event{When: ui.Past, Text: eventWord(ctx, kind, e.Event), At: ui.Moment(ctx, e.At), Who: t(ctx, "case.role."+e.Role), Note: reasonText(ctx, e.Reason)}
		if i == len(events)-1 {
			line.When = ui.Current
		}
		if e.Role == casework.Desk && e.ActorName != "" {
			line.Who += " " + e.ActorName
		}
		out = append(out, line)
	}
	return out
}

// reasonText shows a reason; those of closing a vacancy are codes.
func reasonText(ctx context.Context, reason string) string {
	if slices.Contains([]string{"filled_here", "filled_elsewhere", "cancelled"}, reason) {
		return t(ctx, "desk.closing."+reason)
	}
	return reason
}

func (v recordView) companyFacts(ctx context.Context) []ui.Fact {
	c := v.Company
	industry := c.IndustryCode
	if i, ok := company.IndustryByCode(c.IndustryCode); ok {
		industry = i.NameIn(string(i18n.From(ctx)))
	}
	union := t(ctx, "desk.company.no_union")
	if c.UnionUnitID != "" {
		union = t(ctx, "desk.company.union")
	}
	facts := []ui.Fact{{Label: t(ctx, "desk.company.credit_code"), Value: c.CreditCode}}
	if v.Vacancy != nil { // the title of the company's own page says it
		facts = append(facts, ui.Fact{Label: t(ctx, "desk.company.state"), Body: ui.StatusTagText(look(string(c.State)), companyState(ctx, c.State))})
	}
	return append(facts, []ui.Fact{
		{Label: t(ctx, "desk.company.industry"), Value: industry},
		{Label: t(ctx, "desk.company.address"), Value: ui.Address(ctx, c.DivisionCode, c.Address)},
		{Label: t(ctx, "desk.company.has_union"), Value: union},
		{Label: t(ctx, "desk.company.contact"), Value: c.ContactName + " " + c.ContactPhoneMask},
		{Label: t(ctx, "desk.company.about"), Value: c.About},
	}...)
}

func companyState(ctx context.Context, s company.State) string {
	if s == company.StateListed {
		return t(ctx, "desk.company.listed")
	}
	return t(ctx, "flow.employment.employer.state."+string(s))
}

func (v recordView) vacancyFacts(ctx context.Context) []ui.Fact {
	x := v.Vacancy
	occupation := x.OccupationCode
	if o, ok := employment.OccupationByCode(occupation); ok {
		occupation = o.NameIn(string(i18n.From(ctx)))
	}
	facts := []ui.Fact{
		{Label: t(ctx, "desk.vacancy.number"), Value: x.Number},
		{Label: t(ctx, "desk.vacancy.company"), Body: ui.Link(caseFrom(employment.FlowEmployer, x.CityCode, x.CompanyID, v.here()), x.CompanyName)},
		{Label: t(ctx, "desk.vacancy.pay"), Value: x.Pay.Text(string(i18n.From(ctx)))},
		{Label: t(ctx, "desk.vacancy.headcount"), Value: strconv.Itoa(x.Filled) + " / " + strconv.Itoa(x.Headcount)},
		{Label: t(ctx, "desk.vacancy.place"), Value: ui.Address(ctx, x.DivisionCode, x.PlaceDetail)},
		{Label: t(ctx, "desk.vacancy.occupation"), Value: occupation},
		{Label: t(ctx, "desk.vacancy.form"), Value: t(ctx, "employment.form."+x.Form)},
		{Label: t(ctx, "desk.vacancy.valid_to"), Value: ui.Day(ctx, x.ValidTo)},
		{Label: t(ctx, "desk.vacancy.source"), Value: t(ctx, "desk.vacancy.source."+x.Source)},
	}
	if x.Link != "" {
		facts = append(facts, ui.Fact{Label: t(ctx, "desk.vacancy.link"), Body: ui.Link(x.Link, x.Link)})
	}
	return facts
}

func (v recordView) applicationFacts(ctx context.Context) []ui.Fact {
	a := v.Application
	name := ui.Text(a.Name)
	if v.Applicant {
		name = ui.Link("/desk/people/"+a.PersonCity+"/"+a.PersonID, a.Name)
	}
	facts := []ui.Fact{
		{Label: t(ctx, "desk.application.number"), Value: a.Number},
		{Label: t(ctx, "desk.application.name"), Body: name},
		{Label: t(ctx, "desk.application.vacancy"), Body: ui.Link(caseFrom(employment.FlowVacancy, a.CityCode, a.VacancyID, v.here()), a.VacancyTitle)},
		{Label: t(ctx, "desk.vacancy.company"), Value: a.Employer},
		{Label: t(ctx, "desk.application.at"), Value: ui.Moment(ctx, a.CreatedAt)},
	}
	if !a.InterviewAt.IsZero() {
		facts = append(facts, ui.Fact{Label: t(ctx, "desk.application.interview"), Value: ui.Moment(ctx, a.InterviewAt)})
	}
	return facts
}
