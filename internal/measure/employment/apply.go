package employment

import (
	"context"
	"strconv"
	"strings"
	"time"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/figures"
	"gonghui/internal/core/person"
	"gonghui/internal/core/signal"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
)

func itoa(n int) string { return strconv.Itoa(n) }

// SharePhonePurpose is the consent by which a company reads an applicant's number.
const SharePhonePurpose = "employment.share_phone"

// Apply delivers the signed-in worker's application with what the house knows.
// Applying twice gives the first application again. Faults: access.sign_in,
// employment.no_vacancy, employment.off_list, employment.external,
// employment.daily_applies, form.invalid.
func (s *Service) Apply(ctx context.Context, in ApplyInput) (Application, error) {
	self, err := access.RequireSelf(ctx)
	if err != nil {
		return Application{}, err
	}
	var a Application
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		v, err := s.store.vacancyByNumber(ctx, in.Number)
		if err != nil {
			return err
		}
		if a, err = s.deliver(ctx, v, self, in); err != nil {
			return err
		}
		return nil
	})
	return a, err
}

func (s *Service) deliver(ctx context.Context, v Vacancy, self access.PersonRef, in ApplyInput) (Application, error) {
	a, again, err := s.store.applicationOf(ctx, v, self.ID)
	if err != nil {
		return a, err
	}
	if again && a.State != "withdrawn" {
		return a, nil
	}
	switch {
	case v.External():
		return a, fault.New(fault.Conflict, "employment.external")
	case v.PublishedAt.IsZero():
		return a, errNoVacancy() // it was never on the list: nobody outside knows of it
	case !v.OnOffer(s.today()):
		return a, fault.New(fault.Conflict, "employment.off_list")
	}
	n, err := s.store.appliedSince(ctx, self.ID, s.today().Start())
	if err != nil {
		return a, err
	}
	if n >= s.Parameters().DailyApplies {
		return a, fault.New(fault.RateLimited, "employment.daily_applies", fault.With("Max", s.Parameters().DailyApplies))
	}
	p, err := s.People.Get(ctx, self.City, self.ID)
	if err != nil {
		return a, err
	}
	if p.Name == "" {
		if strings.TrimSpace(in.Name) == "" {
			return a, fault.New(fault.Invalid, "form.invalid", fault.OnField("name", "required"))
		}
		if p, err = s.People.Update(ctx, self.City, self.ID, person.Patch{Name: &in.Name, Version: p.Version}); err != nil {
			return a, err
		}
	}
	seeker, _, err := s.store.seeker(ctx, self.City, self.ID)
	if err != nil {
		return a, err
	}
	now := s.Clock.Now()
	fresh := Application{
		CityCode: v.CityCode, OrgPath: v.OrgPath, VacancyID: v.ID, CompanyID: v.CompanyID,
		PersonCity: self.City, PersonID: self.ID, Message: strings.TrimSpace(in.Message), Name: p.Name,
		Summary: Summary{
			Education: p.Education, Years: seeker.Years, Wanted: seeker.Wanted, Skills: seeker.Skills, About: seeker.About,
			Groups: welcomed(p.Groups, v.Groups), Place: p.DivisionCode,
		},
		SharePhone: in.SharePhone, State: "delivered", UpdatedAt: now,
		VacancyTitle: v.Title, VacancyNumber: v.Number, Employer: v.CompanyName,
	}
	var k casework.Case
	if again {
		fresh.ID, fresh.Number, fresh.Version, fresh.CreatedAt = a.ID, a.Number, a.Version, a.CreatedAt
		if k, err = s.Cases.Fire(ctx, casework.Fire{City: a.CityCode, ID: a.ID, Event: "reapply", Version: casework.AnyVersion, As: casework.Worker, DueAt: s.silenceDue()}); err != nil {
			return a, err
		}
		if err := s.store.updateApplication(ctx, fresh); err != nil {
			return a, err
		}
		fresh.Version++
	} else {
		fresh.ID, fresh.Version, fresh.CreatedAt = id.New(), 1, now
		fresh.Number = id.PublicIn(applicationPrefix, fresh.CityCode)
		if k, err = s.Cases.Open(ctx, casework.Open{
			City: fresh.CityCode, ID: fresh.ID, Number: fresh.Number, Kind: FlowApplication, Title: v.Title, OrgPath: fresh.OrgPath,
			PersonID: self.ID, CompanyID: v.CompanyID, As: casework.Worker, DueAt: s.silenceDue(),
		}); err != nil {
			return a, err
		}
		err := s.store.insertApplication(ctx, fresh)
		if db.Unique(err, "applications", "person_id") { // the same tap twice at the same time: the other one's is there
			return a, db.Again(err)
		}
		if err != nil {
			return a, db.Fault(err)
		}
	}
	if in.SharePhone {
		if _, err := s.People.GrantConsent(ctx, person.Ref{City: self.City, ID: self.ID}, SharePhonePurpose, v.CompanyID, time.Time{}); err != nil {
			return a, err
		}
	}
	if err := s.countServed(ctx, p, v.OrgPath, FlowApplication, fresh.ID, s.today()); err != nil {
		return a, err
	}
	if _, err := s.Signals.Emit(ctx, signal.Signal{City: fresh.CityCode, Kind: "employment.applied", PersonID: self.ID, CompanyID: v.CompanyID,
		Payload: map[string]string{"application": fresh.ID, "vacancy": v.ID}}); err != nil {
		return a, err
	}
	return fresh, s.tellCompany(ctx, v.CityCode, v.CompanyID, "applied", k, map[string]any{"Title": v.Title}, "/company/applications/"+fresh.Number)
}

// welcomed gives the groups of a person that a vacancy asks for by itself.
func welcomed(mine, wanted []string) []string {
	var out []string
	for _, g := range mine {
		if contains(wanted, g) {
			out = append(out, g)
		}
	}
	return out
}

// countServed counts the person among the workers served, once a year. The
// statistical owner is the person's own county; somebody who has not said where
// he lives belongs to the county that served him.
func (s *Service) countServed(ctx context.Context, p person.Person, servedBy, kind, source string, on clock.Day) error {
	_, err := s.Figures.Count(ctx, figures.Fact{
		Indicator: WorkersServed, City: p.CityCode, OrgPath: ownerOf(p.OrgPath, servedBy), On: on, Subject: p.ID, Quantity: 1,
		SourceKind: kind, SourceID: source,
	})
	return err
}

// ownerOf is the statistical owner of what a person earned at a place.
func ownerOf(home, servedBy string) string {
	if len(home) < 3*access.Segment {
		return servedBy
	}
	return home
}

// StepApplication takes one step of the application flow for the side the
// actor is on: the worker accepts, declines, confirms, withdraws; the company
// views, invites, records, offers, rejects, confirms.
func (s *Service) StepApplication(ctx context.Context, in StepInput) (Application, error) {
	var a Application
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		var err error
		if a, err = s.store.application(ctx, in.City, in.ID); err != nil {
			return err
		}
		side := SideOf(ctx, a)
		if side == "" || side == casework.Desk {
			return errNoApplication()
		}
		return s.moveApplication(ctx, &a, in, side)
	})
	return a, err
}

// news says who hears of an event and by which template; workers also get a
// text message for what cannot wait.
var news = map[string]struct {
	worker  string
	sms     bool
	company string
}{
	"invite":      {worker: "invited", sms: true},
	"reject":      {worker: "rejected"},
	"offer":       {worker: "offered", sms: true},
	"confirm":     {worker: "company_confirmed"},
	"no_show":     {worker: "no_show"},
	"no_reply":    {worker: "no_reply", company: "silent"},
	"remind":      {company: "remind"},
	"accept":      {company: "agreed"},
	"decline":     {company: "declined"},
	"withdraw":    {company: "withdrawn"},
	"confirm_own": {company: "worker_confirmed"},
}

func (s *Service) moveApplication(ctx context.Context, a *Application, in StepInput, side casework.Role) error {
	if err := in.complete(*a, s.today(), s.Clock.Now()); err != nil {
		return err
	}
	k, err := s.Cases.Fire(ctx, in.fire(side))
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	before := a.State
	a.State, a.UpdatedAt, a.DueAt = k.State, now, k.DueAt
	switch in.Event {
	case "invite":
		a.InterviewAt, a.InterviewPlace = in.At, strings.TrimSpace(in.Place)
	case "record", "offer":
		a.OutcomeNote = strings.TrimSpace(in.Note)
	case "no_reply":
		a.NoReplyAt = now
	case "confirm":
		a.CompanyArrivedOn = in.ArrivedOn
	case "confirm_own":
		a.WorkerArrivedOn = in.ArrivedOn
	case "withdraw":
		if err := s.unshare(ctx, a); err != nil {
			return err
		}
	}
	if err := s.store.updateApplication(ctx, *a); err != nil {
		return err
	}
	a.Version++
	if err := s.results(ctx, *a, before); err != nil {
		return err
	}
	n := news[in.Event]
	if n.worker != "" {
		if err := s.tellWorker(ctx, *a, n.worker, k, n.sms); err != nil {
			return err
		}
	}
	if n.company != "" {
		return s.tellCompany(ctx, a.CityCode, a.CompanyID, n.company, k, map[string]any{"Title": a.VacancyTitle}, "/company/applications/"+a.Number)
	}
	return nil
}

// unshare closes the number with the application that is withdrawn. The consent
// is given to the company: it stands while another application needs it.
func (s *Service) unshare(ctx context.Context, a *Application) error {
	if !a.SharePhone {
		return nil
	}
	a.SharePhone = false
	if needed, err := s.store.sharesElsewhere(ctx, *a); err != nil || needed {
		return err
	}
	return s.People.WithdrawConsent(ctx, person.Ref{City: a.PersonCity, ID: a.PersonID}, SharePhonePurpose, a.CompanyID)
}

// complete asks for what an event needs beyond the state.
func (in *StepInput) complete(a Application, today clock.Day, now time.Time) error {
	var fields []fault.Field
	bad := func(name, code string) {
		fields = append(fields, fault.Field{Name: name, Code: code, Key: "field." + code})
	}
	switch in.Event {
	case "invite":
		if in.At.IsZero() {
			bad("at", "required")
		} else if in.At.Before(now) {
			bad("at", "past")
		} else if in.At.After(now.AddDate(1, 0, 0)) {
			bad("at", "out_of_range")
		}
		if strings.TrimSpace(in.Place) == "" {
			bad("place", "required")
		}
	case "confirm", "confirm_own":
		if in.ArrivedOn.IsZero() {
			in.ArrivedOn = today
		}
		if in.ArrivedOn > today || in.ArrivedOn < clock.DayOf(a.CreatedAt) {
			bad("arrived_on", "out_of_range")
		}
	}
	if len(fields) > 0 {
		return fault.New(fault.Invalid, "form.invalid", fault.WithFields(fields...))
	}
	return nil
}

// results counts what an application has led to.
func (s *Service) results(ctx context.Context, a Application, before string) error {
	if a.State == before {
		return nil
	}
	indicator := map[string]string{"agreed": Intentions, "arrived": Placements}[a.State]
	if indicator == "" {
		return nil
	}
	p, err := s.People.Get(access.System(ctx, "employment.count"), a.PersonCity, a.PersonID)
	if err != nil {
		return err
	}
	if _, err := s.Figures.Count(ctx, figures.Fact{
		Indicator: indicator, City: p.CityCode, OrgPath: ownerOf(p.OrgPath, a.OrgPath), On: s.today(), Subject: p.ID, Quantity: 1,
		SourceKind: FlowApplication, SourceID: a.ID,
	}); err != nil {
		return err
	}
	if a.State != "arrived" {
		return nil
	}
	if err := s.filledOne(ctx, a); err != nil {
		return err
	}
	_, err = s.Signals.Emit(ctx, signal.Signal{City: a.CityCode, Kind: "employment.hired", PersonID: a.PersonID, CompanyID: a.CompanyID,
		Payload: map[string]string{"application": a.ID, "vacancy": a.VacancyID}})
	return err
}

// filledOne raises the number of filled places and takes a full vacancy off
// the list.
func (s *Service) filledOne(ctx context.Context, a Application) error {
	house := access.System(ctx, "employment.filled")
	if err := s.store.fillOne(ctx, a.CityCode, a.VacancyID, s.Clock.Now()); err != nil {
		return err
	}
	v, err := s.store.vacancy(house, a.CityCode, a.VacancyID)
	if err != nil {
		return err
	}
	if v.Filled >= v.Headcount && (v.State == "published" || v.State == "paused") {
		_, err = s.moveVacancy(house, v, casework.Fire{City: v.CityCode, ID: v.ID, Event: "fill", Version: casework.AnyVersion, As: casework.Clock})
	}
	return err
}

// onDue is called by the casework clock: 7 days of silence remind the company,
// 14 days tell the worker.
func (s *Service) onDue(ctx context.Context, due casework.Due) error {
	house := access.System(ctx, "employment.deadline")
	a, err := s.store.application(house, due.Case.City, due.Case.ID)
	if err != nil {
		return err
	}
	return s.moveApplication(house, &a, StepInput{City: a.CityCode, ID: a.ID, Event: due.Event, Version: casework.AnyVersion}, casework.Clock)
}

// SetSharePhone lets the worker open or close the number to this company later.
// Closing it closes it for all applications to the company: the consent is one.
func (s *Service) SetSharePhone(ctx context.Context, city, applicationID string, share bool) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		a, err := s.store.application(ctx, city, applicationID)
		if err != nil {
			return err
		}
		if !IsApplicant(ctx, a) {
			return errNoApplication()
		}
		ref := person.Ref{City: a.PersonCity, ID: a.PersonID}
		if !share {
			if err := s.store.setShare(ctx, a.PersonID, a.CompanyID, false, s.Clock.Now()); err != nil {
				return err
			}
			return s.People.WithdrawConsent(ctx, ref, SharePhonePurpose, a.CompanyID)
		}
		if _, err = s.People.GrantConsent(ctx, ref, SharePhonePurpose, a.CompanyID, time.Time{}); err != nil {
			return err
		}
		a.SharePhone, a.UpdatedAt = true, s.Clock.Now()
		return s.store.updateApplication(ctx, a)
	})
}

// ApplicantPhone reveals the number to the company, if the worker consented;
// the reading is audited and the worker can see it. Faults:
// employment.no_application, employment.no_consent, employment.company_blocked.
func (s *Service) ApplicantPhone(ctx context.Context, city, applicationID string) (string, error) {
	a, err := s.store.application(ctx, city, applicationID)
	if err != nil {
		return "", err
	}
	if !MaySeePhone(ctx, a) {
		return "", errNoConsent()
	}
	c, err := s.Companies.Public(ctx, a.CityCode, a.CompanyID)
	if err != nil {
		return "", err
	}
	if c.State == company.StateBlocked {
		return "", fault.New(fault.Forbidden, "employment.company_blocked")
	}
	phone, err := s.People.RevealPhoneByConsent(ctx, person.Ref{City: a.PersonCity, ID: a.PersonID}, SharePhonePurpose, a.CompanyID)
	if fault.HasCode(err, person.ErrNotFound.Code) {
		err = errNoConsent() // withdrawn where all consents are listed
	}
	return phone, err
}

func errNoConsent() error { return fault.New(fault.Forbidden, "employment.no_consent") }
