package company

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/notice"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/employment"
)

// waiting is the filter for all states in which an applicant has no answer yet.
const waiting = "waiting"

type applicationsView struct {
	State string
	Page  page.Page[employment.Application]
	Count map[string]int
	Start string
	Next  string
	Today clock.Day
}

func (f *face) applications(w http.ResponseWriter, r *http.Request, c company.Company) error {
	ctx := r.Context()
	v := applicationsView{State: r.URL.Query().Get("state"), Today: f.today()}
	filter := employment.ApplicationFilter{CompanyID: c.ID, Request: wanted(r)}
	switch {
	case v.State == waiting:
		filter.States = employment.UnansweredStates
	case slices.Contains(employment.ApplicationStates, v.State):
		filter.States = []string{v.State}
	case v.State != "":
		return fault.New(fault.Invalid, "casework.filter", fault.OnField("state", "choice"))
	}
	var err error
	if v.Page, err = f.Employment.ListApplications(ctx, filter); err != nil {
		return err
	}
	if v.Count, err = f.Employment.Applicants(ctx, c.ID); err != nil {
		return err
	}
	v.Start, v.Next = pager(r, v.Page.Next)
	return f.show(w, r, "applications", t(ctx, "company_face.nav.applications"), applicationsPage(v))
}

func (v applicationsView) views(ctx context.Context) []ui.SortOption {
	out := []ui.SortOption{
		{Label: t(ctx, "company_face.all"), Href: "/company/applications", Selected: v.State == ""},
		{Label: t(ctx, "company_face.home.unanswered") + " " + itoa(unanswered(v.Count)), Href: "/company/applications?state=" + waiting, Selected: v.State == waiting},
	}
	for _, s := range employment.ApplicationStates {
		if n := v.Count[s]; (n > 0 || s == v.State) && !employment.Unanswered(s) {
			out = append(out, ui.SortOption{
				Label: stateWord(ctx, employment.FlowApplication, s) + " " + itoa(n), Href: "/company/applications?state=" + s, Selected: v.State == s,
			})
		}
	}
	return out
}

func applicantColumns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: t(ctx, "company_face.application.name")}, {Label: t(ctx, "company_face.application.vacancy")}, {Label: t(ctx, "company_face.application.state")},
		{Label: t(ctx, "company_face.application.at")}, {Label: t(ctx, "company_face.application.due")},
	}
}

func applicantRows(ctx context.Context, list []employment.Application, today clock.Day) [][]templ.Component {
	rows := make([][]templ.Component, len(list))
	for i, a := range list {
		rest := ui.Text("")
		if due := a.Due(); !due.IsZero() && employment.Unanswered(a.State) {
			rest = ui.RestText(ui.RestOf(ctx, int(due-today), 3, false))
		}
		rows[i] = []templ.Component{
			ui.Link("/company/applications/"+a.Number, a.Name), ui.Text(a.VacancyTitle),
			ui.StatusTagText(look(a.State), stateWord(ctx, employment.FlowApplication, a.State)),
			ui.Text(ui.ShortDay(ctx, clock.DayOf(a.CreatedAt), today)), rest,
		}
	}
	return rows
}

// applicant reads an application to a company the actor acts for.
func (f *face) applicant(r *http.Request) (employment.Application, error) {
	if err := signedIn(r); err != nil {
		return employment.Application{}, err
	}
	a, err := f.Employment.ApplicationByNumber(r.Context(), r.PathValue("number"))
	if err == nil && (!f.acts(r, a.CompanyID) || !employment.MayManageApplicants(r.Context(), a.CompanyID)) {
		err = fault.New(fault.NotFound, "employment.no_application")
	}
	return a, err
}

type applicationView struct {
	Application employment.Application
	Case        casework.Case
	Steps       []string
	Events      []casework.Event
	Phone       string // in clear, on the one page that answers the request for it
	MayPhone    bool
	Errors      ui.Errors
	Event       string // whose form was sent back
	Typed       func(string) string
	Today       clock.Day
	Rest        ui.Rest
}

func (f *face) application(w http.ResponseWriter, r *http.Request) error {
	a, err := f.applicant(r)
	if err != nil {
		return err
	}
	if a.State == "delivered" && r.Method == http.MethodGet {
		// Two of the company may open it at once; the second finds it viewed.
		_, err := f.Employment.StepApplication(r.Context(), employment.StepInput{City: a.CityCode, ID: a.ID, Event: "view", Version: casework.AnyVersion})
		if err != nil && !fault.IsKind(err, fault.Conflict) {
			return err
		}
	}
	v, err := f.applicationView(r)
	if err != nil {
		return err
	}
	return f.show(w, r, "applications", v.Application.Name, applicationPage(v))
}

func (f *face) applicationView(r *http.Request) (v applicationView, err error) {
	ctx := r.Context()
	if v.Application, err = f.applicant(r); err != nil {
		return v, err
	}
	a := v.Application
	ref := casework.Ref{City: a.CityCode, ID: a.ID}
	if v.Case, err = f.Cases.Get(ctx, ref); err != nil {
		return v, err
	}
	if v.Events, err = f.Cases.History(ctx, ref); err != nil {
		return v, err
	}
	for _, s := range f.Cases.Steps(ctx, v.Case, casework.Company) {
		if s.Event != "view" {
			v.Steps = append(v.Steps, s.Event)
		}
	}
	// In the order of the page: what is hoped for comes first and stands open.
	slices.SortFunc(v.Steps, func(a, b string) int { return slices.Index(stepOrder, a) - slices.Index(stepOrder, b) })
	v.Today = f.today()
	v.MayPhone = employment.MaySeePhone(ctx, a)
	v.Typed = func(string) string { return "" }
	if due := a.Due(); !due.IsZero() && employment.Unanswered(a.State) {
		v.Rest = ui.RestOf(ctx, int(due-v.Today), 3, false)
	}
	return v, nil
}

// by is until when the worker waits for an answer.
func (v applicationView) by(ctx context.Context) string {
	if v.Rest.Text == "" {
		return ""
	}
	return ui.Day(ctx, v.Application.Due())
}

var stepOrder = []string{"confirm", "invite", "record", "offer", "reject", "no_show"}

func (v applicationView) may(event string) bool { return slices.Contains(v.Steps, event) }

// val is what stood in the field of the form that was sent back.
func (v applicationView) val(event, name string) string {
	if v.Event != event {
		return ""
	}
	return v.Typed(name)
}

func (v applicationView) on(event, name string) string {
	if v.Event != event {
		return ""
	}
	return v.Errors.On(name)
}

// arrivedOn is today, unless something else was typed.
func (v applicationView) arrivedOn() string {
	if s := v.val("confirm", "arrived_on"); s != "" {
		return s
	}
	return v.Today.String()
}

// next says in a sentence what the company does now.
func (v applicationView) next(ctx context.Context) string {
	key := v.Application.State
	if employment.Unanswered(key) {
		key = "unanswered"
	}
	return t(ctx, "company_face.application.next."+key)
}

func (v applicationView) facts(ctx context.Context) []ui.Fact {
	a, s := v.Application, v.Application.Summary
	said := func(text string) string {
		if text == "" {
			return t(ctx, "company_face.application.unsaid")
		}
		return text
	}
	education, years, where := "", "", ""
	if s.Education > 0 && s.Education < len(employment.Educations) {
		education = t(ctx, "screen.education."+employment.Educations[s.Education])
	}
	if s.Years > 0 {
		years = t(ctx, "company_face.application.years_n", "N", s.Years)
	}
	if s.Place != "" {
		where = ui.PlaceShort(ctx, s.Place)
	}
	facts := []ui.Fact{
		{Label: t(ctx, "company_face.application.number"), Value: a.Number},
		{Label: t(ctx, "company_face.application.vacancy"), Body: ui.Link("/company/vacancies/"+a.VacancyNumber, a.VacancyTitle)},
		{Label: t(ctx, "company_face.application.at"), Value: ui.Moment(ctx, a.CreatedAt)},
		{Label: t(ctx, "company_face.application.education"), Value: said(education)},
		{Label: t(ctx, "company_face.application.years"), Value: said(years)},
		{Label: t(ctx, "company_face.application.place"), Value: said(where)},
		{Label: t(ctx, "company_face.application.skills"), Value: said(s.Skills)},
	}
	if s.Wanted != "" {
		facts = append(facts, ui.Fact{Label: t(ctx, "company_face.application.wanted"), Value: s.Wanted})
	}
	if s.About != "" {
		facts = append(facts, ui.Fact{Label: t(ctx, "company_face.application.about"), Value: s.About})
	}
	if a.Message != "" {
		facts = append(facts, ui.Fact{Label: t(ctx, "company_face.application.message"), Value: a.Message})
	}
	if !a.InterviewAt.IsZero() {
		facts = append(facts, ui.Fact{Label: t(ctx, "company_face.application.interview"), Value: ui.Moment(ctx, a.InterviewAt) + " " + a.InterviewPlace})
	}
	if a.OutcomeNote != "" {
		facts = append(facts, ui.Fact{Label: t(ctx, "company_face.application.note"), Value: a.OutcomeNote})
	}
	if !a.WorkerArrivedOn.IsZero() {
		facts = append(facts, ui.Fact{Label: t(ctx, "company_face.application.worker_arrived"), Value: ui.Day(ctx, a.WorkerArrivedOn)})
	}
	return facts
}

// showPhone answers a request for the number with the page itself: the number is
// shown this once and never stands in an address or a session. It is posted
// because reading it is written down.
func (f *face) showPhone(w http.ResponseWriter, r *http.Request) error {
	v, err := f.applicationView(r)
	if err != nil {
		return err
	}
	if v.Phone, err = f.Employment.ApplicantPhone(r.Context(), v.Application.CityCode, v.Application.ID); err != nil {
		return err
	}
	return f.show(w, r, "applications", v.Application.Name, applicationPage(v))
}

// stepApplicationForm is one step of the company.
type stepApplicationForm struct {
	Event     string    `form:"event" check:"required,max=40"`
	Version   int       `form:"version"`
	Reason    string    `form:"reason" check:"max=500"`
	Day       clock.Day `form:"at"`
	Time      string    `form:"time" check:"max=5"`
	Place     string    `form:"place" check:"max=200"`
	Note      string    `form:"note" check:"max=500"`
	ArrivedOn clock.Day `form:"arrived_on"`
}

// at is the moment of an interview, in Shanghai; zero when day or hour is missing.
func (in stepApplicationForm) at() time.Time {
	if in.Day.IsZero() || !slices.Contains(halfHours(), in.Time) {
		return time.Time{}
	}
	hour, minute, _ := strings.Cut(in.Time, ":")
	two := func(s string) time.Duration { return time.Duration(10*(s[0]-'0') + (s[1] - '0')) }
	return in.Day.Start().Add(two(hour)*time.Hour + two(minute)*time.Minute)
}

// halfHours are the times offered for an interview.
func halfHours() []string {
	var out []string
	for h := byte(8); h < 20; h++ {
		hour := string([]byte{'0' + h/10, '0' + h%10})
		out = append(out, hour+":00", hour+":30")
	}
	return out
}

func times() []ui.Option {
	var out []ui.Option
	for _, h := range halfHours() {
		out = append(out, ui.Option{Value: h, Label: h})
	}
	return out
}

func (f *face) stepApplication(w http.ResponseWriter, r *http.Request) error {
	a, err := f.applicant(r)
	if err != nil {
		return err
	}
	var in stepApplicationForm
	web.JoinDates(r, "at", "arrived_on")
	r.PostForm.Set("note", r.PostForm.Get("note."+r.PostFormValue("event"))) // two forms of the page have a note
	if err = web.Decode(r, &in); err == nil {
		_, err = f.Employment.StepApplication(r.Context(), employment.StepInput{
			City: a.CityCode, ID: a.ID, Event: in.Event, Version: in.Version, Reason: in.Reason, At: in.at(), Place: in.Place,
			ArrivedOn: in.ArrivedOn, Note: in.Note,
		})
	}
	return f.ended(w, r, err, "/company/applications/"+a.Number, stepped(r, "application", in.Event), func() error {
		v, seeErr := f.applicationView(r)
		if seeErr != nil {
			return seeErr
		}
		v.Errors, v.Event, v.Typed = faults(r, err), r.PostFormValue("event"), r.PostFormValue
		return f.again(w, r, "applications", a.Name, err, applicationPage(v))
	})
}

type messagesView struct {
	Page   page.Page[notice.Notice]
	Unread int // in the whole inbox
	Start  string
	Next   string
}

func (f *face) messages(w http.ResponseWriter, r *http.Request) error {
	if err := signedIn(r); err != nil {
		return err
	}
	p, err := f.Notices.List(r.Context(), wanted(r))
	if err != nil {
		return err
	}
	v := messagesView{Page: p}
	if v.Unread, err = f.Notices.UnreadCount(r.Context()); err != nil {
		return err
	}
	v.Start, v.Next = pager(r, p.Next)
	return f.show(w, r, "messages", t(r.Context(), "company_face.nav.messages"), messagesPage(v))
}

func (f *face) readAll(w http.ResponseWriter, r *http.Request) error {
	if err := f.Notices.MarkAllRead(r.Context()); err != nil {
		return err
	}
	return web.See(w, r, "/company/messages")
}

func (f *face) openMessage(w http.ResponseWriter, r *http.Request) error {
	if err := signedIn(r); err != nil {
		return err
	}
	n, err := f.Notices.MarkRead(r.Context(), r.PathValue("city"), r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.See(w, r, web.Local(n.Link, "/company/messages"))
}
