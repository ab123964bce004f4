package api

import (
	"context"
	"net/http"
	"time"

	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/notice"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/form"
	"gonghui/internal/measure/employment"
)

// Application is one bid for one vacancy. Name, summary and message are what the
// company sees.
type Application struct {
	Number         string    `json:"number"`
	Vacancy        string    `json:"vacancy" doc:"number of the vacancy"`
	Title          string    `json:"title"`
	Company        string    `json:"company"`
	State          string    `json:"state"`
	StateText      string    `json:"state_text"`
	Name           string    `json:"name"`
	Message        string    `json:"message,omitempty"`
	Summary        Summary   `json:"summary"`
	SharePhone     bool      `json:"share_phone" doc:"the company may read the worker's number"`
	InterviewAt    time.Time `json:"interview_at,omitzero"`
	InterviewPlace string    `json:"interview_place,omitempty"`
	Outcome        string    `json:"outcome,omitempty"`
	Version        int       `json:"version"`
	CreatedAt      time.Time `json:"created_at"`
	UpdatedAt      time.Time `json:"updated_at"`
}

// Summary is what the company sees of the applicant, frozen on the day of applying.
type Summary struct {
	Education string   `json:"education,omitempty"`
	Years     int      `json:"years,omitempty"`
	Wanted    string   `json:"wanted,omitempty"`
	Skills    string   `json:"skills,omitempty"`
	About     string   `json:"about,omitempty"`
	Groups    []string `json:"groups"`
	Place     string   `json:"place,omitempty"`
}

// ApplicationDetail is an application with its history and what may be done now.
type ApplicationDetail struct {
	Application
	DueAt   time.Time `json:"due_at,omitzero" doc:"until when the company should have answered"`
	History []Event   `json:"history"`
	Steps   []Step    `json:"steps"`
}

// Profile is what a worker says about himself. Numbers are masked.
type Profile struct {
	Name      string   `json:"name"`
	Phone     string   `json:"phone" doc:"masked"`
	Sex       string   `json:"sex,omitempty"`
	Division  string   `json:"division,omitempty"`
	Education string   `json:"education" doc:"any: not stated"`
	Years     int      `json:"years"`
	Wanted    string   `json:"wanted,omitempty"`
	Skills    string   `json:"skills,omitempty"`
	About     string   `json:"about,omitempty"`
	Groups    []string `json:"groups"`
}

// Me is who acts and what he may do.
type Me struct {
	Kind      string        `json:"kind" enum:"worker,staff"`
	Name      string        `json:"name"`
	Rights    []string      `json:"rights" doc:"capabilities held somewhere, after the token's narrowing"`
	Companies []CompanyName `json:"companies"`
	Units     []UnitName    `json:"units"`
	Unread    int           `json:"unread" doc:"new notices"`
}

// CompanyName names a company the actor acts for.
type CompanyName struct {
	City string `json:"city"`
	ID   string `json:"id"`
}

// UnitName names a union unit.
type UnitName struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// Notice is one line of the inbox.
type Notice struct {
	City   string    `json:"city"`
	ID     string    `json:"id"`
	Text   string    `json:"text"`
	Link   string    `json:"link,omitempty" doc:"page of this site"`
	At     time.Time `json:"at"`
	Unread bool      `json:"unread"`
}

// Recommendation is a vacancy the union recommends.
type Recommendation struct {
	ID      string    `json:"id"`
	State   string    `json:"state" enum:"offered,accepted,declined"`
	At      time.Time `json:"at"`
	OnOffer bool      `json:"on_offer"`
	Job     Job       `json:"job"`
}

type applyInput struct {
	Number
	Body struct {
		Name       string `json:"name,omitempty" maxLength:"50" doc:"needed once, where the profile has none"`
		Message    string `json:"message,omitempty" maxLength:"500"`
		SharePhone bool   `json:"share_phone,omitempty" doc:"consent: this company may read my number"`
	}
}

type stepInput struct {
	Number
	Body Steps
}

type shareInput struct {
	Number
	Body struct {
		Share bool `json:"share"`
	}
}

type profileInput struct {
	Body struct {
		Name      string   `json:"name" maxLength:"50"`
		Division  string   `json:"division,omitempty" maxLength:"12"`
		Education string   `json:"education,omitempty" maxLength:"20"`
		Years     int      `json:"years,omitempty" minimum:"0" maximum:"60"`
		Wanted    string   `json:"wanted,omitempty" maxLength:"60"`
		Skills    string   `json:"skills,omitempty" maxLength:"200"`
		About     string   `json:"about,omitempty" maxLength:"500"`
		Groups    []string `json:"groups,omitempty" maxItems:"20"`
	}
}

func (s *server) me() {
	add(s, route{id: "me-get", method: http.MethodGet, path: "/me", tag: "me"}, s.whoami)
	add(s, route{id: "my-application-list", method: http.MethodGet, path: "/me/applications", tag: "me"},
		func(ctx context.Context, in *Paging) (List[Application], error) {
			p, err := s.Employment.MyApplications(ctx, in.request())
			if err != nil {
				return List[Application]{}, err
			}
			return mapped(p, func(a employment.Application) Application { return s.applicationOf(ctx, a) }), nil
		})
	add(s, route{id: "my-application-get", method: http.MethodGet, path: "/me/applications/{number}", tag: "me"},
		func(ctx context.Context, in *Number) (ApplicationDetail, error) {
			a, err := s.mine(ctx, in.Number)
			if err != nil {
				return ApplicationDetail{}, err
			}
			return s.applicationDetail(ctx, a, casework.Worker)
		})
	add(s, route{id: "my-application-step", method: http.MethodPost, path: "/me/applications/{number}/steps", tag: "me"},
		func(ctx context.Context, in *stepInput) (ApplicationDetail, error) {
			a, err := s.mine(ctx, in.Number.Number)
			if err != nil {
				return ApplicationDetail{}, err
			}
			return s.stepApplication(ctx, a, in.Body, casework.Worker)
		})
	act(s, route{id: "my-application-share-phone", method: http.MethodPut, path: "/me/applications/{number}/phone", tag: "me"},
		func(ctx context.Context, in *shareInput) error {
			a, err := s.mine(ctx, in.Number.Number)
			if err != nil {
				return err
			}
			return s.Employment.SetSharePhone(ctx, a.CityCode, a.ID, in.Body.Share)
		})
	add(s, route{id: "my-profile-get", method: http.MethodGet, path: "/me/profile", tag: "me"},
		func(ctx context.Context, _ *nothing) (Profile, error) { return s.profile(ctx) })
	add(s, route{id: "my-profile-save", method: http.MethodPut, path: "/me/profile", tag: "me"}, s.saveProfile)
	add(s, route{id: "my-notice-list", method: http.MethodGet, path: "/me/notices", tag: "me"},
		func(ctx context.Context, in *Paging) (List[Notice], error) {
			p, err := s.Notices.List(ctx, in.request())
			if err != nil {
				return List[Notice]{}, err
			}
			return mapped(p, func(n notice.Notice) Notice {
				return Notice{City: n.City, ID: n.ID, Text: n.Text(lang(ctx)), Link: n.Link, At: n.CreatedAt, Unread: n.Unread()}
			}), nil
		})
	act(s, route{id: "my-notice-read", method: http.MethodPut, path: "/me/notices/{city}/{id}/read", tag: "me"},
		func(ctx context.Context, in *Record) error {
			_, err := s.Notices.MarkRead(ctx, in.City, in.ID)
			return err
		})
	add(s, route{id: "my-recommendation-list", method: http.MethodGet, path: "/me/recommendations", tag: "me"},
		func(ctx context.Context, _ *nothing) (List[Recommendation], error) {
			all, err := s.Employment.MyRecommended(ctx)
			out := List[Recommendation]{Items: make([]Recommendation, len(all))}
			for n, r := range all {
				out.Items[n] = Recommendation{ID: r.ID, State: r.State, At: r.CreatedAt, OnOffer: r.OnOffer, Job: jobOf(lang(ctx), r.Vacancy)}
			}
			return out, err
		})
	act(s, route{id: "my-recommendation-answer", method: http.MethodPut, path: "/me/recommendations/{id}/answer", tag: "me"},
		func(ctx context.Context, in *struct {
			ID   string `path:"id" maxLength:"40" pattern:"^[0-9A-Za-z-]+$"`
			Body struct {
				Accept bool `json:"accept"`
			}
		}) error {
			if _, err := s.Employment.MyRecommendation(ctx, in.ID); err != nil {
				return err
			}
			_, err := s.Employment.AnswerRecommendation(ctx, in.ID, in.Body.Accept)
			return err
		})
}

func (s *server) whoami(ctx context.Context, _ *nothing) (Me, error) {
	a, _ := access.From(ctx)
	me := Me{Kind: string(a.Kind), Name: a.Name, Rights: []string{}, Companies: []CompanyName{}, Units: []UnitName{}}
	for _, c := range access.Held(ctx) {
		me.Rights = append(me.Rights, string(c))
	}
	for _, g := range a.Companies() {
		me.Companies = append(me.Companies, CompanyName{City: g.CompanyCity, ID: g.CompanyID})
	}
	for _, g := range a.Units() {
		if u, ok := s.Org.ByPath(g.Path); ok {
			me.Units = append(me.Units, unitOf(ctx, u))
		}
	}
	var err error
	me.Unread, err = s.Notices.UnreadCount(ctx)
	return me, err
}

// mine finds an application of the signed-in worker himself.
func (s *server) mine(ctx context.Context, number string) (employment.Application, error) {
	if _, err := access.RequireSelf(ctx); err != nil {
		return employment.Application{}, err
	}
	a, err := s.Employment.ApplicationByNumber(ctx, number)
	if err == nil && !employment.IsApplicant(ctx, a) {
		err = fault.New(fault.NotFound, "employment.no_application")
	}
	return a, err
}

func (s *server) apply(ctx context.Context, in *applyInput) (Application, error) {
	want := employment.ApplyInput{Number: in.Number.Number, Name: in.Body.Name, Message: in.Body.Message, SharePhone: in.Body.SharePhone}
	if err := form.Check(&want); err != nil {
		return Application{}, err
	}
	a, err := s.Employment.Apply(ctx, want)
	if err != nil {
		return Application{}, err
	}
	return s.applicationOf(ctx, a), nil
}

func (s *server) applicationOf(ctx context.Context, a employment.Application) Application {
	out := Application{
		Number: a.Number, Vacancy: a.VacancyNumber, Title: a.VacancyTitle, Company: a.Employer, State: a.State,
		StateText: s.stateText(ctx, employment.FlowApplication, a.State), Name: a.Name, Message: a.Message, SharePhone: a.SharePhone,
		InterviewAt: a.InterviewAt, InterviewPlace: a.InterviewPlace, Outcome: employment.NoteFor(ctx, a), Version: a.Version,
		CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt,
		Summary: Summary{
			Years: a.Summary.Years, Wanted: a.Summary.Wanted, Skills: a.Summary.Skills, About: a.Summary.About,
			Groups: texts(a.Summary.Groups), Place: a.Summary.Place,
		},
	}
	if e := a.Summary.Education; e > 0 && e < len(employment.Educations) {
		out.Summary.Education = employment.Educations[e]
	}
	return out
}

func (s *server) applicationDetail(ctx context.Context, a employment.Application, side casework.Role) (ApplicationDetail, error) {
	out := ApplicationDetail{Application: s.applicationOf(ctx, a)}
	c, err := s.Cases.Get(ctx, casework.Ref{City: a.CityCode, ID: a.ID})
	if err != nil {
		return out, err
	}
	out.Version, out.DueAt = c.Version, c.DueAt
	if out.History, err = s.history(ctx, c); err != nil {
		return out, err
	}
	out.Steps, err = s.steps(ctx, c, side)
	return out, err
}

func (s *server) stepApplication(ctx context.Context, a employment.Application, in Steps, side casework.Role) (ApplicationDetail, error) {
	step, err := in.input(a.CityCode, a.ID)
	if err != nil {
		return ApplicationDetail{}, err
	}
	if a, err = s.Employment.StepApplication(ctx, step); err != nil {
		return ApplicationDetail{}, err
	}
	return s.applicationDetail(ctx, a, side)
}

func (s *server) profile(ctx context.Context) (Profile, error) {
	p, k, err := s.Employment.MyProfile(ctx)
	if err != nil {
		return Profile{}, err
	}
	return Profile{
		Name: p.Name, Phone: p.PhoneMask, Sex: p.Sex, Division: p.DivisionCode, Education: employment.Educations[p.Education],
		Years: k.Years, Wanted: k.Wanted, Skills: k.Skills, About: k.About, Groups: texts(p.Groups),
	}, nil
}

func (s *server) saveProfile(ctx context.Context, in *profileInput) (Profile, error) {
	b := in.Body
	education, err := schooling("education", b.Education)
	if err != nil {
		return Profile{}, err
	}
	want := employment.SeekerInput{
		Name: b.Name, Division: b.Division, Education: education, Years: b.Years, Wanted: b.Wanted, Groups: b.Groups, Skills: b.Skills, About: b.About,
	}
	if err := form.Check(&want); err != nil {
		return Profile{}, err
	}
	if err := s.Employment.SaveProfile(ctx, want); err != nil {
		return Profile{}, err
	}
	return s.profile(ctx)
}
