package phone

import (
	"context"
	"net/http"

	"gonghui/internal/core/casework"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/employment"
)

// tones is how the states of an application look. What waits for the worker
// stands out; an end without a job is said plainly, not in red.
var tones = map[string]ui.State{
	"delivered": ui.Waiting, "viewed": ui.Waiting, "no_reply": ui.Info, "invited": ui.DueSoon, "interviewed": ui.Waiting,
	"offered": ui.DueSoon, "agreed": ui.DueSoon, "company_confirmed": ui.DueSoon, "worker_confirmed": ui.Waiting,
	"arrived": ui.Done, "rejected": ui.Refused, "declined": ui.Info, "no_show": ui.Refused, "lapsed": ui.Info, "withdrawn": ui.Info,
}

func toneOf(a employment.Application) ui.State { return tones[a.State] }

// mine tells whether the next step is the worker's: these come first. After an
// interview it is the company's.
func (f *face) mine(a employment.Application) bool {
	switch a.State {
	case "offered", "agreed", "company_confirmed":
		return true
	case "invited":
		return !f.interviewed(a)
	}
	return false
}

// interviewed tells whether the time of an interview is over, whether the company
// has recorded it or not.
func (f *face) interviewed(a employment.Application) bool {
	return a.State == "invited" && a.InterviewAt.Before(f.Clock.Now())
}

// casesView is the list of what the worker has under way.
type casesView struct {
	Applications page.Page[employment.Application]
	Recommended  []employment.Recommended
	Start, Next  string
}

func (f *face) cases(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var v casesView
	var err error
	if v.Applications, err = f.Employment.MyApplications(ctx, wanted(r)); err != nil {
		return err
	}
	v.Start, v.Next = startOf("/cases", r), nextOf("/cases", v.Applications.Next)
	if v.Start == "" {
		if v.Recommended, err = f.Employment.MyRecommended(ctx); err != nil {
			return err
		}
	}
	return f.show(w, r, "cases", t(ctx, "phone.cases.title"), cases(f, v))
}

// caseCard shows an application in a list.
func caseCard(ctx context.Context, f *face, a employment.Application) ui.Job {
	return ui.Job{
		Href: "/cases/" + a.Number, Title: a.VacancyTitle, Company: a.Employer,
		Place: t(ctx, "phone.cases.applied", "Day", ui.ShortDay(ctx, clock.DayOf(a.CreatedAt), f.today())),
		State: toneOf(a), Word: t(ctx, "flow.employment.application.state."+a.State),
	}
}

func recommendedCard(ctx context.Context, f *face, r employment.Recommended) ui.Job {
	j := ui.Job{
		Href: "/recommendations/" + r.ID, Title: r.Vacancy.Title, Company: r.Vacancy.CompanyName,
		Place: t(ctx, "phone.cases.recommended", "Day", ui.ShortDay(ctx, clock.DayOf(r.CreatedAt), f.today())),
		State: ui.Info, Word: t(ctx, "phone.recommendation."+r.State),
	}
	if r.State == "offered" {
		j.State = ui.DueSoon
	}
	return j
}

// caseView is one application with its timeline.
type caseView struct {
	A         employment.Application
	Case      casework.Case
	Steps     []casework.Transition
	History   []casework.Event
	Similar   []employment.FoundVacancy
	Vacancy   employment.Vacancy
	Reachable bool // the vacancy's page can be opened
	Over      bool // the time of the interview has passed
	OnOffer   bool // the vacancy can be applied for
	Errors    ui.Errors
	Arrived   string // as typed, 2006-01-02
	Remind    int    // 日
}

// may tells whether a step is legal for the worker now.
func (v caseView) may(event string) bool {
	for _, s := range v.Steps {
		if s.Event == event {
			return true
		}
	}
	return false
}

// own finds an application by its number if it is this worker's: a company's
// officer who is a worker too does not meet his applicants here.
func (f *face) own(r *http.Request) (employment.Application, error) {
	if _, err := f.self(r.Context()); err != nil {
		return employment.Application{}, err
	}
	a, err := f.Employment.ApplicationByNumber(r.Context(), r.PathValue("number"))
	if err == nil && !employment.IsApplicant(r.Context(), a) {
		err = noApplication()
	}
	return a, err
}

func (f *face) caseOf(r *http.Request) (caseView, error) {
	ctx := r.Context()
	var v caseView
	var err error
	if v.A, err = f.own(r); err != nil {
		return v, err
	}
	ref := casework.Ref{City: v.A.CityCode, ID: v.A.ID}
	if v.Case, err = f.Cases.Get(ctx, ref); err != nil {
		return v, err
	}
	v.Steps = f.Cases.Steps(ctx, v.Case, casework.Worker)
	if v.History, err = f.Cases.History(ctx, ref); err != nil {
		return v, err
	}
	vacancy, _, err := f.Employment.Published(ctx, v.A.VacancyNumber)
	if err != nil && !fault.IsKind(err, fault.NotFound) {
		return v, err
	}
	v.Vacancy, v.Reachable, v.OnOffer = vacancy, err == nil, err == nil && vacancy.OnOffer(f.today())
	v.Remind = f.Employment.Parameters().RemindDays
	v.Over = f.interviewed(v.A)
	v.Arrived = f.today().String()
	switch v.A.State {
	case "no_reply", "rejected", "lapsed", "declined":
		if v.Reachable {
			v.Similar, err = f.similar(ctx, vacancy)
			return v, err
		}
	}
	return v, nil
}

func (f *face) openCase(w http.ResponseWriter, r *http.Request) error {
	v, err := f.caseOf(r)
	if err != nil {
		return f.gone(w, r, err)
	}
	ctx := r.Context()
	if r.URL.Query().Get("sent") != "" && v.A.Open() {
		return f.show(w, r, "cases", t(ctx, "phone.sent.title"), sent(v))
	}
	return f.show(w, r, "cases", v.A.VacancyTitle, oneCase(f, v))
}

type stepForm struct {
	Event     string    `form:"event" check:"required,choice=accept|decline|confirm_own|withdraw"`
	Version   int       `form:"version"`
	ArrivedOn clock.Day `form:"arrived_on"`
}

func (f *face) step(w http.ResponseWriter, r *http.Request) error {
	a, err := f.own(r)
	if err != nil {
		return f.gone(w, r, err)
	}
	web.JoinDates(r, "arrived_on")
	var in stepForm
	if err = web.Decode(r, &in); err == nil {
		_, err = f.Employment.StepApplication(r.Context(), employment.StepInput{
			City: a.CityCode, ID: a.ID, Event: in.Event, Version: in.Version, ArrivedOn: in.ArrivedOn,
		})
	}
	if err == nil {
		f.site.Flash(r, t(r.Context(), "phone.did."+in.Event))
		return web.See(w, r, "/cases/"+a.Number)
	}
	return f.caseAgain(w, r, err)
}

// caseAgain shows the case as it is now, with why a step was not taken.
func (f *face) caseAgain(w http.ResponseWriter, r *http.Request, err error) error {
	if !web.Shown(err) {
		return err
	}
	v, seeErr := f.caseOf(r)
	if seeErr != nil {
		return f.gone(w, r, seeErr)
	}
	v.Errors = faults(r, err)
	if typed := r.PostFormValue("arrived_on"); typed != "" {
		v.Arrived = typed
	}
	return f.again(w, r, "cases", v.A.VacancyTitle, err, oneCase(f, v))
}

type shareForm struct {
	Share bool `form:"share"`
}

// sharePhone opens the number to the company, or closes it. The consent is the
// company's, so closing it closes all applications there.
func (f *face) sharePhone(w http.ResponseWriter, r *http.Request) error {
	a, err := f.own(r)
	if err != nil {
		return f.gone(w, r, err)
	}
	var in shareForm
	if err := web.Decode(r, &in); err != nil {
		return err
	}
	ctx := r.Context()
	word := "phone.did.closed"
	if in.Share {
		word = "phone.did.opened"
		err = f.Employment.SetSharePhone(ctx, a.CityCode, a.ID, true)
	} else {
		err = f.Employment.CloseMyPhone(ctx, a.CompanyID)
	}
	if err != nil {
		return f.caseAgain(w, r, err)
	}
	f.site.Flash(r, t(ctx, word, "Company", a.Employer))
	return web.See(w, r, "/cases/"+a.Number)
}

// now is where the case stands, in the worker's words.
func (v caseView) now(ctx context.Context) ui.Now {
	n := ui.Now{
		State: toneOf(v.A), Word: t(ctx, "flow.employment.application.state."+v.A.State),
		Next: t(ctx, "phone.next."+v.A.State),
	}
	if v.Over {
		n.State, n.Next = ui.Waiting, t(ctx, "phone.next.interview_over")
	}
	switch v.Case.WaitingFor {
	case casework.Company:
		n.Who = v.A.Employer
	case casework.Worker:
		n.Who = t(ctx, "phone.you")
	}
	if !v.Case.DueAt.IsZero() {
		n.By = ui.Day(ctx, v.Case.LastDay())
	}
	return n
}

// events are the timeline, newest first: what is to come by a known day, what is
// now, what was.
func (v caseView) events(ctx context.Context) []ui.Event {
	var out []ui.Event
	switch {
	case v.Over:
	case v.A.State == "invited" && !v.A.InterviewAt.IsZero():
		out = append(out, ui.Event{When: ui.Coming, Text: t(ctx, "phone.case.interview"), At: ui.Moment(ctx, v.A.InterviewAt)})
	case !v.Case.DueAt.IsZero():
		out = append(out, ui.Event{When: ui.Coming, Text: t(ctx, "phone.case.reply"), At: t(ctx, "phone.home.by", "Day", ui.Day(ctx, v.Case.LastDay()))})
	}
	for i := len(v.History) - 1; i >= 0; i-- {
		h := v.History[i]
		e := ui.Event{When: ui.Past, Text: t(ctx, "phone.event."+h.Event), At: ui.Moment(ctx, h.At), Who: v.who(ctx, h), Note: h.Reason}
		if i == len(v.History)-1 {
			e.When = ui.Current
		}
		if i == 0 && v.A.Message != "" {
			e.Note = t(ctx, "phone.case.message", "Message", v.A.Message)
		}
		out = append(out, e)
	}
	return out
}

func (v caseView) who(ctx context.Context, h casework.Event) string {
	switch h.Role {
	case casework.Company:
		return v.A.Employer
	case casework.Worker:
		return t(ctx, "phone.you")
	}
	return ""
}

// interview tells when and where, as long as it matters.
func (v caseView) interview(ctx context.Context) []ui.Fact {
	if v.A.InterviewAt.IsZero() || v.A.State != "invited" {
		return nil
	}
	return []ui.Fact{
		{Label: t(ctx, "phone.case.interview_at"), Value: ui.Moment(ctx, v.A.InterviewAt)},
		{Label: t(ctx, "phone.case.interview_place"), Value: v.A.InterviewPlace},
	}
}

// replyBy tells by when the company answers.
func (v caseView) replyBy(ctx context.Context) string {
	if v.Case.DueAt.IsZero() {
		return ""
	}
	return t(ctx, "phone.sent.by", "Day", ui.Day(ctx, v.Case.LastDay()))
}

// hasDue tells whether an application has a deadline that is shown.
func hasDue(a employment.Application) bool { return !a.Due().IsZero() }
