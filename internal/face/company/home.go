package company

import (
	"net/http"

	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/employment"
)

// homeView is what a company sees first: where its registration stands and what
// waits for it.
type homeView struct {
	Company  company.Company
	Reason   string    // of the county, when returned or blocked
	ReviewBy clock.Day // until when the county promises to answer
	Several  bool      // the actor acts for others too
	Waiting  []employment.Application
	Standing employment.Standing
	Returned []employment.Vacancy
	States   map[string]int // applications by state
	Today    clock.Day
}

func (f *face) home(w http.ResponseWriter, r *http.Request) error {
	if _, ok := access.From(r.Context()); !ok {
		return f.show(w, r, "home", t(r.Context(), "company_face.welcome.title"), welcomePage(false))
	}
	a, _ := access.From(r.Context())
	if len(a.Companies()) == 0 {
		return f.show(w, r, "home", t(r.Context(), "company_face.welcome.title"), welcomePage(true))
	}
	return f.own(f.ownHome)(w, r)
}

func (f *face) ownHome(w http.ResponseWriter, r *http.Request, c company.Company) error {
	ctx := r.Context()
	a, _ := access.From(ctx)
	v := homeView{Company: c, Several: len(a.Companies()) > 1, Today: f.today()}
	k, reason, err := f.registration(r, c)
	if err != nil {
		return err
	}
	v.Reason = reason
	if c.State == company.StateSubmitted {
		v.ReviewBy = k.LastDay()
	}
	if v.Waiting, err = f.Employment.WaitingApplicants(ctx, c.ID, 10); err != nil {
		return err
	}
	if v.Standing, err = f.Employment.CompanyStanding(ctx, c.ID); err != nil {
		return err
	}
	if v.States, err = f.Employment.Applicants(ctx, c.ID); err != nil {
		return err
	}
	for _, state := range []string{"returned", "expired"} {
		p, err := f.Employment.ListVacancies(ctx, employment.VacancyFilter{CompanyID: c.ID, State: state, Request: page.Request{Limit: 5}})
		if err != nil {
			return err
		}
		v.Returned = append(v.Returned, p.Items...)
	}
	return f.show(w, r, "home", c.Name, homePage(v))
}

// registration gives the case of a company and the county's latest reason. A
// company that was entered otherwise has no case.
func (f *face) registration(r *http.Request, c company.Company) (casework.Case, string, error) {
	ref := casework.Ref{City: c.CityCode, ID: c.ID}
	k, err := f.Cases.Get(r.Context(), ref)
	if fault.IsKind(err, fault.NotFound) {
		return casework.Case{}, "", nil
	}
	if err != nil {
		return k, "", err
	}
	events, err := f.Cases.History(r.Context(), ref)
	if err != nil {
		return k, "", err
	}
	return k, lastReason(k, events), nil
}

// lastReason is why the desk brought a case into its present state.
func lastReason(k casework.Case, events []casework.Event) string {
	for i := len(events) - 1; i >= 0; i-- {
		if events[i].Role == casework.Desk && events[i].To == k.State {
			return events[i].Reason
		}
	}
	return ""
}

type registerView struct {
	Form    company.Input
	Errors  ui.Errors
	Version int // of the case; 0 = a first registration
	Reason  string
	Mask    string // of the contact's number that is known
}

func (f *face) askRegister(w http.ResponseWriter, r *http.Request) error {
	if _, err := access.RequireSelf(r.Context()); err != nil {
		return err
	}
	return f.show(w, r, "home", t(r.Context(), "company_face.register.title"), registerPage(registerView{}))
}

func (f *face) register(w http.ResponseWriter, r *http.Request) error {
	var in company.Input
	err := web.Decode(r, &in)
	if err == nil {
		var c company.Company
		if c, err = f.Employment.RegisterEmployer(r.Context(), in); err == nil {
			f.site.Put(r, chosenKey, c.ID)
			return web.See(w, r, "/company")
		}
	}
	if !web.Shown(err) {
		return err
	}
	return f.again(w, r, "home", t(r.Context(), "company_face.register.title"), err, registerPage(registerView{Form: typed(r), Errors: faults(r, err)}))
}

// typed gives the registration back as it was typed.
func typed(r *http.Request) company.Input {
	v := r.PostFormValue
	return company.Input{
		CreditCode: v("credit_code"), Name: v("name"), IndustryCode: v("industry"), DivisionCode: v("division"), Address: v("address"),
		About: v("about"), ContactName: v("contact_name"), ContactPhone: v("contact_phone"),
	}
}

func (f *face) askCorrect(w http.ResponseWriter, r *http.Request, c company.Company) error {
	if c.State != company.StateReturned {
		return web.See(w, r, "/company")
	}
	v, err := f.correction(r, c)
	if err != nil {
		return err
	}
	return f.show(w, r, "home", t(r.Context(), "company_face.correct.title"), registerPage(v))
}

func (f *face) correction(r *http.Request, c company.Company) (registerView, error) {
	k, reason, err := f.registration(r, c)
	return registerView{
		Form: company.Input{
			CreditCode: c.CreditCode, Name: c.Name, IndustryCode: c.IndustryCode, DivisionCode: c.DivisionCode, Address: c.Address,
			About: c.About, ContactName: c.ContactName,
		},
		Version: k.Version, Reason: reason, Mask: c.ContactPhoneMask,
	}, err
}

// correctForm is a correction; Version is that of the case.
type correctForm struct {
	company.Patch
	Case int `form:"case"`
}

func (f *face) correct(w http.ResponseWriter, r *http.Request, c company.Company) error {
	var in correctForm
	err := web.Decode(r, &in)
	if err == nil {
		in.Patch.Version = 0 // the case carries the version
		_, err = f.Employment.ResubmitEmployer(r.Context(), c.CityCode, c.ID, in.Patch, in.Case)
	}
	done := func() string { return t(r.Context(), "company_face.correct.done") }
	return f.ended(w, r, err, "/company", done, func() error {
		v, seeErr := f.correction(r, c)
		if seeErr != nil {
			return seeErr
		}
		code := v.Form.CreditCode
		v.Form, v.Errors = typed(r), faults(r, err)
		v.Form.CreditCode = code
		return f.again(w, r, "home", t(r.Context(), "company_face.correct.title"), err, registerPage(v))
	})
}
