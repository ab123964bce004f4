package api

import (
	"context"
	"net/http"

	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/form"
	"gonghui/internal/measure/employment"
)

// Company is a company as its own people see it. The contact's number is masked.
type Company struct {
	Employer
	ContactName  string `json:"contact_name,omitempty"`
	ContactPhone string `json:"contact_phone,omitempty" doc:"masked"`
	State        string `json:"state" enum:"listed,submitted,returned,verified,blocked"`
	Version      int    `json:"version"`
	CaseVersion  int    `json:"case_version,omitempty" doc:"version of its verification, carried back when it is sent again"`
	Reason       string `json:"reason,omitempty" doc:"why the county sent it back or blocked it"`
}

// Vacancy is a vacancy as its company and the desk see it.
type Vacancy struct {
	Job
	State     string  `json:"state"`
	StateText string  `json:"state_text"`
	Filled    int     `json:"filled"`
	Version   int     `json:"version"`
	History   []Event `json:"history,omitempty"`
	Steps     []Step  `json:"steps,omitempty"`
}

// VacancyDraft is what a company writes. It is refused on the spot for
// discrimination, deposits or fees, no pay range, a duplicate.
type VacancyDraft struct {
	Title       string   `json:"title" maxLength:"100"`
	Occupation  string   `json:"occupation,omitempty" maxLength:"12" doc:"code; guessed from the title when absent"`
	Industry    string   `json:"industry,omitempty" maxLength:"6"`
	Form        string   `json:"form,omitempty" enum:"direct,dispatch,part_time,internship,share"`
	Headcount   int      `json:"headcount" minimum:"1"`
	Division    string   `json:"division" maxLength:"12" doc:"county or deeper"`
	PlaceDetail string   `json:"place_detail,omitempty" maxLength:"120"`
	Pay         string   `json:"pay" maxLength:"60" example:"6000-8000元/月"`
	Hours       string   `json:"hours,omitempty" enum:"day,two_shift,three_shift,night,flexible,part_time"`
	Education   string   `json:"education,omitempty" maxLength:"20"`
	YearsMin    int      `json:"years_min,omitempty" minimum:"0" maximum:"40"`
	Insurance   string   `json:"insurance,omitempty" enum:"five_one,five,partial,none"`
	Dormitory   bool     `json:"dormitory,omitempty"`
	Meals       bool     `json:"meals,omitempty"`
	Groups      []string `json:"groups,omitempty" maxItems:"20"`
	Content     string   `json:"content" maxLength:"5000"`
	ValidTo     string   `json:"valid_to,omitempty" format:"date"`
	Version     int      `json:"version,omitempty" doc:"when a vacancy is sent again: the version that was seen"`
}

func (d VacancyDraft) input() (employment.VacancyInput, error) {
	out := employment.VacancyInput{
		Title: d.Title, OccupationCode: d.Occupation, IndustryCode: d.Industry, Form: d.Form, Headcount: d.Headcount, DivisionCode: d.Division,
		PlaceDetail: d.PlaceDetail, Pay: d.Pay, Hours: d.Hours, YearsMin: d.YearsMin, Insurance: d.Insurance, Dormitory: d.Dormitory,
		Meals: d.Meals, Groups: d.Groups, Content: d.Content, Version: d.Version,
	}
	var err error
	if out.Education, err = schooling("education", d.Education); err != nil {
		return out, err
	}
	if out.ValidTo, err = day("valid_to", d.ValidTo); err != nil {
		return out, err
	}
	return out, form.Check(&out)
}

// Registration is what a company writes about itself.
type Registration struct {
	CreditCode   string `json:"credit_code" maxLength:"30"`
	Name         string `json:"name" maxLength:"100"`
	Industry     string `json:"industry,omitempty" maxLength:"6"`
	Division     string `json:"division" maxLength:"12"`
	Address      string `json:"address,omitempty" maxLength:"200"`
	About        string `json:"about,omitempty" maxLength:"2000"`
	ContactName  string `json:"contact_name" maxLength:"50"`
	ContactPhone string `json:"contact_phone" maxLength:"20"`
}

// Correction is a returned registration, mended; what is absent stays.
type Correction struct {
	Name         *string `json:"name,omitempty" maxLength:"100"`
	Industry     *string `json:"industry,omitempty" maxLength:"6"`
	Division     *string `json:"division,omitempty" maxLength:"12"`
	Address      *string `json:"address,omitempty" maxLength:"200"`
	About        *string `json:"about,omitempty" maxLength:"2000"`
	ContactName  *string `json:"contact_name,omitempty" maxLength:"50"`
	ContactPhone *string `json:"contact_phone,omitempty" maxLength:"20"`
	Version      int     `json:"version"`
	CaseVersion  int     `json:"case_version"`
}

// Phone is a number in clear.
type Phone struct {
	Phone string `json:"phone"`
}

type vacancyQuery struct {
	Record
	State string `query:"state" maxLength:"20" doc:"one state of the vacancy's procedure"`
	Paging
}

type applicantQuery struct {
	Record
	Vacancy string   `query:"vacancy" maxLength:"40" doc:"number of one vacancy"`
	State   []string `query:"state,explode" maxItems:"20"`
	Paging
}

func (s *server) companies() {
	add(s, route{id: "company-register", method: http.MethodPost, path: "/companies", tag: "company", status: http.StatusCreated}, s.register)
	add(s, route{id: "company-mine", method: http.MethodGet, path: "/companies/mine", tag: "company"}, s.myCompanies)
	add(s, route{id: "company-get", method: http.MethodGet, path: "/companies/{city}/{id}", tag: "company"},
		func(ctx context.Context, in *Record) (Company, error) { return s.company(ctx, in.City, in.ID) })
	add(s, route{id: "company-resubmit", method: http.MethodPut, path: "/companies/{city}/{id}", tag: "company"}, s.resubmit)
	add(s, route{id: "vacancy-list", method: http.MethodGet, path: "/companies/{city}/{id}/vacancies", tag: "company"}, s.vacancies)
	add(s, route{id: "vacancy-post", method: http.MethodPost, path: "/companies/{city}/{id}/vacancies", tag: "company", status: http.StatusCreated},
		func(ctx context.Context, in *struct {
			Record
			Body VacancyDraft
		}) (Vacancy, error) {
			if _, err := s.ownCompany(ctx, in.City, in.ID, access.VacancyPost); err != nil {
				return Vacancy{}, err
			}
			draft, err := in.Body.input()
			if err != nil {
				return Vacancy{}, err
			}
			v, err := s.Employment.PostVacancy(ctx, in.City, in.ID, draft)
			if err != nil {
				return Vacancy{}, err
			}
			return s.vacancyDetail(ctx, v)
		})
	add(s, route{id: "vacancy-get", method: http.MethodGet, path: "/vacancies/{number}", tag: "company"},
		func(ctx context.Context, in *Number) (Vacancy, error) {
			v, err := s.Employment.VacancyByNumber(ctx, in.Number)
			if err != nil {
				return Vacancy{}, err
			}
			return s.vacancyDetail(ctx, v)
		})
	add(s, route{id: "vacancy-resubmit", method: http.MethodPut, path: "/vacancies/{number}", tag: "company"},
		func(ctx context.Context, in *struct {
			Number
			Body VacancyDraft
		}) (Vacancy, error) {
			v, err := s.Employment.VacancyByNumber(ctx, in.Number.Number)
			if err != nil {
				return Vacancy{}, err
			}
			draft, err := in.Body.input()
			if err != nil {
				return Vacancy{}, err
			}
			if v, err = s.Employment.ResubmitVacancy(ctx, v.CityCode, v.ID, draft); err != nil {
				return Vacancy{}, err
			}
			return s.vacancyDetail(ctx, v)
		})
	add(s, route{id: "vacancy-step", method: http.MethodPost, path: "/vacancies/{number}/steps", tag: "company"},
		func(ctx context.Context, in *stepInput) (Vacancy, error) {
			v, err := s.Employment.VacancyByNumber(ctx, in.Number.Number)
			if err != nil {
				return Vacancy{}, err
			}
			step, err := in.Body.input(v.CityCode, v.ID)
			if err != nil {
				return Vacancy{}, err
			}
			if v, err = s.Employment.StepVacancy(ctx, step); err != nil {
				return Vacancy{}, err
			}
			return s.vacancyDetail(ctx, v)
		})
	add(s, route{id: "applicant-list", method: http.MethodGet, path: "/companies/{city}/{id}/applications", tag: "company"}, s.applicants)
	add(s, route{id: "applicant-get", method: http.MethodGet, path: "/applications/{number}", tag: "company"},
		func(ctx context.Context, in *Number) (ApplicationDetail, error) {
			a, err := s.applicant(ctx, in.Number)
			if err != nil {
				return ApplicationDetail{}, err
			}
			return s.applicationDetail(ctx, a, casework.Company)
		})
	add(s, route{id: "applicant-step", method: http.MethodPost, path: "/applications/{number}/steps", tag: "company"},
		func(ctx context.Context, in *stepInput) (ApplicationDetail, error) {
			a, err := s.applicant(ctx, in.Number.Number)
			if err != nil {
				return ApplicationDetail{}, err
			}
			return s.stepApplication(ctx, a, in.Body, casework.Company)
		})
	// Reading a number is written down, therefore it is no GET.
	add(s, route{id: "applicant-phone", method: http.MethodPost, path: "/applications/{number}/phone", tag: "company", looks: true},
		func(ctx context.Context, in *Number) (Phone, error) {
			a, err := s.applicant(ctx, in.Number)
			if err != nil {
				return Phone{}, err
			}
			number, err := s.Employment.ApplicantPhone(ctx, a.CityCode, a.ID)
			return Phone{Phone: number}, err
		})
}

// ownCompany finds a company the actor acts for; any other does not exist.
func (s *server) ownCompany(ctx context.Context, city, id string, c access.Capability) (company.Company, error) {
	a, _ := access.From(ctx)
	for _, g := range a.Companies() {
		if g.CompanyID == id {
			if err := access.RequireCompany(ctx, c, id); err != nil {
				return company.Company{}, err
			}
			return s.Companies.Get(ctx, city, id)
		}
	}
	return company.Company{}, company.ErrNotFound
}

// applicant finds an application to a company the actor acts for.
func (s *server) applicant(ctx context.Context, number string) (employment.Application, error) {
	a, err := s.Employment.ApplicationByNumber(ctx, number)
	if err == nil && !employment.MayManageApplicants(ctx, a.CompanyID) {
		err = fault.New(fault.NotFound, "employment.no_application")
	}
	return a, err
}

func (s *server) register(ctx context.Context, in *struct{ Body Registration }) (Company, error) {
	b := in.Body
	want := company.Input{
		CreditCode: b.CreditCode, Name: b.Name, IndustryCode: b.Industry, DivisionCode: b.Division, Address: b.Address, About: b.About,
		ContactName: b.ContactName, ContactPhone: b.ContactPhone,
	}
	if err := form.Check(&want); err != nil {
		return Company{}, err
	}
	c, err := s.Employment.RegisterEmployer(ctx, want)
	if err != nil {
		return Company{}, err
	}
	// The right to act for it counts from the next request on.
	return companyOf(c, casework.Case{Version: 1}, ""), nil
}

func (s *server) resubmit(ctx context.Context, in *struct {
	Record
	Body Correction
}) (Company, error) {
	if _, err := s.ownCompany(ctx, in.City, in.ID, access.VacancyPost); err != nil {
		return Company{}, err
	}
	b := in.Body
	patch := company.Patch{
		Name: b.Name, IndustryCode: b.Industry, DivisionCode: b.Division, Address: b.Address, About: b.About,
		ContactName: b.ContactName, ContactPhone: b.ContactPhone, Version: b.Version,
	}
	if err := form.Check(&patch); err != nil {
		return Company{}, err
	}
	if _, err := s.Employment.ResubmitEmployer(ctx, in.City, in.ID, patch, b.CaseVersion); err != nil {
		return Company{}, err
	}
	return s.company(ctx, in.City, in.ID)
}

func (s *server) myCompanies(ctx context.Context, _ *nothing) (List[Company], error) {
	out := List[Company]{Items: []Company{}}
	a, _ := access.From(ctx)
	seen := map[string]bool{}
	for _, g := range a.Companies() {
		if seen[g.CompanyID] {
			continue
		}
		seen[g.CompanyID] = true
		c, err := s.company(ctx, g.CompanyCity, g.CompanyID)
		if err != nil {
			return out, err
		}
		out.Items = append(out.Items, c)
	}
	return out, nil
}

func (s *server) company(ctx context.Context, city, id string) (Company, error) {
	c, err := s.Companies.Get(ctx, city, id)
	if err != nil {
		return Company{}, err
	}
	k, err := s.Cases.Get(ctx, casework.Ref{City: city, ID: id})
	if fault.IsKind(err, fault.NotFound) { // known from an import only
		return companyOf(c, casework.Case{}, ""), nil
	}
	if err != nil {
		return Company{}, err
	}
	events, err := s.Cases.History(ctx, k.Ref())
	reason := ""
	if len(events) > 0 && (c.State == company.StateReturned || c.State == company.StateBlocked) {
		reason = events[len(events)-1].Reason
	}
	return companyOf(c, k, reason), err
}

func companyOf(c company.Company, k casework.Case, reason string) Company {
	return Company{
		Employer: employerOf(c.Public()), ContactName: c.ContactName, ContactPhone: c.ContactPhoneMask,
		State: string(c.State), Version: c.Version, CaseVersion: k.Version, Reason: reason,
	}
}

func (s *server) vacancies(ctx context.Context, in *vacancyQuery) (List[Vacancy], error) {
	if _, err := s.Companies.Get(ctx, in.City, in.ID); err != nil {
		return List[Vacancy]{}, err
	}
	if err := s.knownStates(employment.FlowVacancy, in.State); err != nil {
		return List[Vacancy]{}, err
	}
	p, err := s.Employment.ListVacancies(ctx, employment.VacancyFilter{CompanyID: in.ID, State: in.State, Request: in.request()})
	if err != nil {
		return List[Vacancy]{}, err
	}
	return mapped(p, func(v employment.Vacancy) Vacancy { return s.vacancyOf(ctx, v) }), nil
}

// knownStates refuses a state that the procedure does not have: a wrong filter
// is a fault, never an empty list.
func (s *server) knownStates(kind string, states ...string) error {
	flow, err := s.Cases.Flow(kind)
	if err != nil {
		return err
	}
	for _, name := range states {
		if _, ok := flow.State(name); name != "" && !ok {
			return fault.New(fault.Invalid, "form.invalid", fault.OnField("state", "unknown_code"))
		}
	}
	return nil
}

func (s *server) vacancyOf(ctx context.Context, v employment.Vacancy) Vacancy {
	return Vacancy{Job: jobOf(lang(ctx), v), State: v.State, StateText: s.stateText(ctx, employment.FlowVacancy, v.State), Filled: v.Filled, Version: v.Version}
}

// vacancyDetail adds the case to a vacancy; an imported one has none before its
// first step.
func (s *server) vacancyDetail(ctx context.Context, v employment.Vacancy) (Vacancy, error) {
	out := s.vacancyOf(ctx, v)
	c, err := s.Cases.Get(ctx, casework.Ref{City: v.CityCode, ID: v.ID})
	if fault.IsKind(err, fault.NotFound) {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	side := casework.Desk
	if employment.MayPost(ctx, v.CompanyID) {
		side = casework.Company
	}
	out.Version = c.Version
	if out.History, err = s.history(ctx, c); err != nil {
		return out, err
	}
	out.Steps, err = s.steps(ctx, c, side)
	return out, err
}

func (s *server) applicants(ctx context.Context, in *applicantQuery) (List[Application], error) {
	if _, err := s.ownCompany(ctx, in.City, in.ID, access.ApplicantManage); err != nil {
		return List[Application]{}, err
	}
	if err := s.knownStates(employment.FlowApplication, in.State...); err != nil {
		return List[Application]{}, err
	}
	f := employment.ApplicationFilter{CompanyID: in.ID, States: in.State, Request: in.request()}
	if in.Vacancy != "" {
		v, err := s.Employment.VacancyByNumber(ctx, in.Vacancy)
		if err != nil {
			return List[Application]{}, err
		}
		f.VacancyID = v.ID
	}
	p, err := s.Employment.ListApplications(ctx, f)
	if err != nil {
		return List[Application]{}, err
	}
	return mapped(p, func(a employment.Application) Application { return s.applicationOf(ctx, a) }), nil
}
