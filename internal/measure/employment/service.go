package employment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/blob"
	"gonghui/internal/base/db"
	"gonghui/internal/base/queue"
	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/figures"
	"gonghui/internal/core/notice"
	"gonghui/internal/core/org"
	"gonghui/internal/core/person"
	"gonghui/internal/core/rules"
	"gonghui/internal/core/search"
	"gonghui/internal/core/signal"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
)

// Deps is what the room stands on.
type Deps struct {
	DB        *db.DB
	Clock     clock.Clock
	Org       *org.Service
	People    *person.Service
	Companies *company.Service
	Accounts  *account.Service
	Cases     *casework.Engine
	Figures   *figures.Service
	Notices   *notice.Service
	Signals   *signal.Bus
	Audit     *audit.Log
	Queue     *queue.Queue // files of vacancies are taken in by a job
	Blobs     *blob.Store  // and lie here until then
	Rules     *rules.Service
}

// Service is the use cases of the room.
type Service struct {
	Deps
	store store
	index *search.Index
	feed  feed
}

// New makes the service and registers its flows, indicators and deadlines.
func New(d Deps) (*Service, error) {
	index, err := search.New(searchSchema(), d.Clock)
	if err != nil {
		return nil, err
	}
	s := &Service{Deps: d, store: store{d.DB}, index: index}
	book := Rulebook()
	book.Trials = s.trials()
	if err := d.Rules.Register(book); err != nil {
		return nil, err
	}
	p := s.Parameters()
	for _, f := range []struct {
		flow casework.Flow
		due  casework.DeadlineFunc
	}{{EmployerFlow(p), nil}, {VacancyFlow(p), nil}, {ApplicationFlow(p), s.onDue}} {
		if err := d.Cases.Register(f.flow, f.due); err != nil {
			return nil, err
		}
	}
	for _, i := range s.indicators() {
		if err := d.Figures.Register(i); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Service) today() clock.Day { return clock.Today(s.Clock) }

// Parameters gives the room's numbers in force today. A number that an older
// program let in and this one cannot read leaves what the program ships.
func (s *Service) Parameters() Parameters {
	p, err := ParametersOn(s.Rules.Latest(), s.today())
	if err != nil {
		return DefaultParameters()
	}
	return p
}

// RegisterEmployer puts a company into the county's queue and makes the actor
// its personnel officer. A company known from an import is claimed, not doubled.
// Faults: form.invalid, company.registered, company.blocked.
func (s *Service) RegisterEmployer(ctx context.Context, in company.Input) (company.Company, error) {
	self, err := access.RequireSelf(ctx)
	if err != nil {
		return company.Company{}, err
	}
	actor, _ := access.From(ctx)
	var c company.Company
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		var err error
		if c, err = s.Companies.Register(ctx, in); err != nil {
			return err
		}
		// The first officer's right comes from the registration itself; what it
		// opens is decided by the county's verification.
		house := access.System(ctx, "employment.register_employer")
		if _, err := s.Accounts.Grant(house, account.NewGrant{
			AccountID: actor.AccountID, Role: "company_hr", CompanyCity: c.CityCode, CompanyID: c.ID,
		}); err != nil {
			return err
		}
		_, err = s.Cases.Open(ctx, casework.Open{
			City: c.CityCode, ID: c.ID, Kind: FlowEmployer, Title: c.Name, OrgPath: c.OrgPath,
			PersonID: self.ID, CompanyID: c.ID, As: casework.Company, DueAt: s.reviewDue(),
		})
		return err
	})
	return c, err
}

// ResubmitEmployer sends a returned registration back to the county, mended.
func (s *Service) ResubmitEmployer(ctx context.Context, city, id string, in company.Patch, version int) (company.Company, error) {
	if err := access.RequireCompany(ctx, access.VacancyPost, id); err != nil {
		return company.Company{}, err
	}
	var c company.Company
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		var err error
		ref := company.Ref{City: city, ID: id}
		if _, err = s.Companies.Update(ctx, ref, in); err != nil {
			return err
		}
		if c, err = s.Companies.SetState(ctx, ref, company.StateSubmitted, 0); err != nil {
			return err
		}
		_, err = s.Cases.Fire(ctx, casework.Fire{
			City: city, ID: id, Event: "resubmit", Version: version, As: casework.Company, Title: c.Name,
			OrgPath: c.OrgPath, // where it has moved, another county decides
			DueAt:   s.reviewDue(),
		})
		return err
	})
	return c, err
}

// employerStates says what the company record shows after each event.
var employerStates = map[string]company.State{
	"accept": company.StateVerified, "return": company.StateReturned, "block": company.StateBlocked, "unblock": company.StateReturned,
}

// DecideEmployer is the county's decision: accept, return, block, unblock.
func (s *Service) DecideEmployer(ctx context.Context, in StepInput) (casework.Case, error) {
	var out casework.Case
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		c, err := s.Companies.Get(ctx, in.City, in.ID)
		if err != nil {
			return err
		}
		if !MayVerify(ctx, c.OrgPath, c.ID) {
			return fault.New(fault.Forbidden, "access.denied")
		}
		state, ok := employerStates[in.Event]
		if !ok {
			return casework.ErrIllegal
		}
		if out, err = s.Cases.Fire(ctx, in.fire(casework.Desk)); err != nil {
			return err
		}
		if _, err := s.Companies.SetState(ctx, company.Ref{City: in.City, ID: in.ID}, state, 0); err != nil {
			return err
		}
		if in.Event == "block" {
			if err := s.takeDownAll(ctx, c, in.Reason); err != nil {
				return err
			}
		}
		return s.tellCompany(ctx, c.CityCode, c.ID, "employer_"+in.Event, out, map[string]any{"Company": c.Name, "Reason": in.Reason}, "/company")
	})
	return out, err
}

func (in StepInput) fire(as casework.Role) casework.Fire {
	return casework.Fire{City: in.City, ID: in.ID, Event: in.Event, Version: in.Version, As: as, Reason: in.Reason}
}

// tellCompany sends news to everybody who acts for a company.
func (s *Service) tellCompany(ctx context.Context, city, companyID, template string, c casework.Case, params map[string]any, link string) error {
	return s.Notices.Tell(ctx, notice.News{
		City: city, CompanyID: companyID, Template: "employment." + template, Params: s.withDays(params), Link: link, OnceKey: once(template, c),
	})
}

// tellWorker sends news to the worker of an application.
func (s *Service) tellWorker(ctx context.Context, a Application, template string, c casework.Case, sms bool) error {
	return s.Notices.Tell(ctx, notice.News{
		City: a.PersonCity, PersonCity: a.PersonCity, PersonID: a.PersonID, Template: "employment." + template,
		Params: s.withDays(map[string]any{"Title": a.VacancyTitle, "Company": a.Employer}), Link: "/cases/" + a.Number,
		OnceKey: once(template, c), SMS: sms,
	})
}

// withDays adds the waiting times that some texts name.
func (s *Service) withDays(params map[string]any) map[string]any {
	p := s.Parameters()
	params["RemindDays"], params["NoReplyDays"] = p.RemindDays, p.NoReplyDays
	return params
}

func once(template string, c casework.Case) string {
	return template + ":" + c.ID + ":" + itoa(c.Version)
}

// takeDownAll removes a blocked company's vacancies from the list, gives those
// under review back, and ends every application that has not led to an
// agreement. The house does it in the name of the clerk who blocked: imported
// ads may lie with another county.
func (s *Service) takeDownAll(ctx context.Context, c company.Company, reason string) error {
	house := access.System(ctx, "employment.block")
	alive, err := s.store.aliveOf(house, c.CityCode, c.ID)
	if err != nil {
		return err
	}
	for _, v := range alive {
		event := "take_down"
		switch v.State {
		case "submitted":
			event = "return"
		case "returned":
			continue
		}
		if _, err := s.moveVacancy(house, v, casework.Fire{
			City: v.CityCode, ID: v.ID, Event: event, Version: casework.AnyVersion, As: casework.Desk, Reason: reason,
		}); err != nil {
			return err
		}
	}
	open, err := s.store.openApplications(house, Vacancy{CityCode: c.CityCode, CompanyID: c.ID})
	if err != nil {
		return err
	}
	return s.lapse(house, open)
}

// PostVacancy sends a vacancy to the county. It is refused on the spot, with
// the rule named, for discrimination, deposits or fees, a missing pay range and
// a duplicate. Faults: form.invalid, employment.duplicate_vacancy,
// employment.not_verified.
func (s *Service) PostVacancy(ctx context.Context, city, companyID string, in VacancyInput) (Vacancy, error) {
	if err := access.RequireCompany(ctx, access.VacancyPost, companyID); err != nil {
		return Vacancy{}, err
	}
	v, err := in.vacancy(s.Parameters(), s.today())
	if err != nil {
		return Vacancy{}, err
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		c, err := s.Companies.Get(ctx, city, companyID)
		if err != nil {
			return err
		}
		if c.State != company.StateVerified {
			return errNotVerified()
		}
		s.belong(&v, c)
		v.ID, v.State, v.Version = id.New(), "submitted", 1
		v.CreatedAt = s.Clock.Now()
		v.UpdatedAt = v.CreatedAt
		v.Number = id.PublicIn(vacancyPrefix, v.CityCode)
		if _, err := s.Cases.Open(ctx, casework.Open{
			City: v.CityCode, ID: v.ID, Number: v.Number, Kind: FlowVacancy, Title: v.Title, OrgPath: v.OrgPath,
			CompanyID: c.ID, As: casework.Company, DueAt: s.reviewDue(),
		}); err != nil {
			return err
		}
		return s.store.insertVacancy(ctx, v)
	})
	return v, err
}

// errNotVerified keeps a company from acting that the county has not verified,
// or has blocked since.
func errNotVerified() error { return fault.New(fault.Conflict, "employment.not_verified") }

// belong ties a vacancy to its company: custody, reviewing county, names, keys.
// The county where the company is registered reviews all its vacancies, so that
// custody never has to move with the place of work.
func (s *Service) belong(v *Vacancy, c company.Company) {
	v.CityCode, v.OrgPath, v.CompanyID, v.CompanyName = c.CityCode, c.OrgPath, c.ID, c.Name
	if v.IndustryCode == "" {
		v.IndustryCode = c.IndustryCode
	}
	v.identity = identityOf(*v)
}

// ResubmitVacancy mends a returned or expired vacancy and sends it in again.
func (s *Service) ResubmitVacancy(ctx context.Context, city, vacancyID string, in VacancyInput) (Vacancy, error) {
	var v Vacancy
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		old, err := s.store.vacancy(ctx, city, vacancyID)
		if err != nil {
			return err
		}
		if err := access.RequireCompany(ctx, access.VacancyPost, old.CompanyID); err != nil {
			return err
		}
		if v, err = in.vacancy(s.Parameters(), s.today()); err != nil {
			return err
		}
		c, err := s.Companies.Get(ctx, city, old.CompanyID)
		if err != nil {
			return err
		}
		if c.State != company.StateVerified {
			return errNotVerified()
		}
		s.belong(&v, c)
		v.ID, v.Number, v.Source, v.Filled, v.CreatedAt, v.Version = old.ID, old.Number, old.Source, old.Filled, old.CreatedAt, old.Version
		v.BatchID, v.Link, v.Tags = old.BatchID, old.Link, s.innocentTags(old.Tags)
		v.State, v.UpdatedAt = "submitted", s.Clock.Now()
		if _, err := s.Cases.Fire(ctx, casework.Fire{
			City: city, ID: vacancyID, Event: "resubmit", Version: in.Version, As: casework.Company, Title: v.Title, OrgPath: v.OrgPath,
			DueAt: s.reviewDue(),
		}); err != nil {
			return err
		}
		v, err = s.store.updateVacancy(ctx, v)
		return err
	})
	return v, err
}

// innocentTags keeps the tags that no rule refuses: a company's form has no tags,
// so it could not mend those of an imported ad.
func (s *Service) innocentTags(tags []string) []string {
	var out []string
	for _, t := range tags {
		if !slices.ContainsFunc(Screen(ScreenInput{Tags: []string{t}}, s.today()), func(r Refusal) bool { return r.Field == "tags" }) {
			out = append(out, t)
		}
	}
	return out
}

// StepVacancy takes one step of the vacancy flow for the side the actor is on.
func (s *Service) StepVacancy(ctx context.Context, in StepInput) (Vacancy, error) {
	var v Vacancy
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		var err error
		if v, err = s.store.vacancy(ctx, in.City, in.ID); err != nil {
			return err
		}
		side := casework.Company
		switch in.Event {
		case "publish", "return", "take_down":
			side = casework.Desk
			if !MayReview(ctx, v) {
				return fault.New(fault.Forbidden, "access.denied")
			}
		case "suspend", "reopen", "refresh", "fill", "close":
			if err := access.RequireCompany(ctx, access.VacancyPost, v.CompanyID); err != nil {
				return err
			}
			// Registering claims a company that a file has named, with its ads:
			// nobody touches them before the county knows who that is.
			if v.employerState != company.StateVerified {
				return errNotVerified()
			}
		default:
			return casework.ErrIllegal
		}
		v, err = s.moveVacancy(ctx, v, in.fire(side))
		return err
	})
	return v, err
}

// moveVacancy fires the event, keeps the record in step with its case, tells
// those concerned and refreshes the search.
func (s *Service) moveVacancy(ctx context.Context, v Vacancy, f casework.Fire) (Vacancy, error) {
	if f.Event == "publish" && (v.employerState == company.StateBlocked || v.Source == SourceCompany && v.employerState != company.StateVerified) {
		return v, errNotVerified()
	}
	if err := s.ensureCase(ctx, v); err != nil {
		return v, err
	}
	k, err := s.Cases.Fire(ctx, f)
	if err != nil {
		return v, err
	}
	now := s.Clock.Now()
	v.State, v.UpdatedAt = k.State, now
	switch f.Event {
	case "publish":
		v.PublishedAt = now
	case "refresh":
		v.PublishedAt = now
		v.ValidTo = max(v.ValidTo, s.today().Add(s.Parameters().ValidDays))
	}
	if (f.Event == "publish" || f.Event == "reopen") && v.ValidTo < s.today() {
		return v, fault.New(fault.Conflict, "employment.valid_to_passed")
	}
	if v, err = s.store.updateVacancy(ctx, v); err != nil {
		return v, err
	}
	s.reindex(ctx, v)
	if v.State == "closed" || v.State == "taken_down" {
		house := access.System(ctx, "employment.lapse")
		open, err := s.store.openApplications(house, v)
		if err == nil {
			err = s.lapse(house, open)
		}
		if err != nil {
			return v, err
		}
	}
	if f.As == casework.Desk || f.As == casework.Clock {
		return v, s.tellCompany(ctx, v.CityCode, v.CompanyID, "vacancy_"+f.Event, k,
			map[string]any{"Title": v.Title, "Reason": f.Reason}, "/company/vacancies/"+v.Number)
	}
	return v, nil
}

// ensureCase opens the case of an imported vacancy on its first step: a file of
// a hundred thousand ads needs no hundred thousand cases.
func (s *Service) ensureCase(ctx context.Context, v Vacancy) error {
	if v.Source != SourceImport {
		return nil
	}
	house := access.System(ctx, "employment.imported_vacancy")
	_, err := s.Cases.Get(house, casework.Ref{City: v.CityCode, ID: v.ID})
	if !fault.IsKind(err, fault.NotFound) {
		return err
	}
	_, err = s.Cases.Open(house, casework.Open{
		City: v.CityCode, ID: v.ID, Number: v.Number, Kind: FlowVacancy, Title: v.Title, OrgPath: v.OrgPath, CompanyID: v.CompanyID, State: "published",
	})
	if fault.HasCode(err, "casework.exists") {
		return nil // somebody else took the first step at the same moment
	}
	return err
}

// lapse ends applications whose vacancy is gone; ctx is the house's. An offer
// stands: its worker may still accept and arrive.
func (s *Service) lapse(ctx context.Context, open []Application) error {
	for _, a := range open {
		k, err := s.Cases.Fire(ctx, casework.Fire{City: a.CityCode, ID: a.ID, Event: "lapse", Version: casework.AnyVersion, As: casework.Clock})
		if err != nil {
			return err
		}
		a.State, a.UpdatedAt = k.State, s.Clock.Now()
		if err := s.store.updateApplication(ctx, a); err != nil {
			return err
		}
		if err := s.tellWorker(ctx, a, "lapsed", k, false); err != nil {
			return err
		}
	}
	return nil
}

// ExpireDue takes vacancies off the list whose last day is over; the job calls
// it. Each is its own transaction, so that a crash loses nothing and one that
// fails holds up no other; it waits for the next run.
func (s *Service) ExpireDue(ctx context.Context) (expired int, err error) {
	house := access.System(ctx, "employment.expire")
	var last Vacancy
	var wrong []error
	for {
		due, err := s.store.pastValid(house, s.today(), last, 200)
		if err != nil || len(due) == 0 {
			return expired, errors.Join(append(wrong, err)...)
		}
		for _, v := range due {
			last = v
			err := s.DB.InTx(house, func(ctx context.Context) error {
				_, err := s.moveVacancy(ctx, v, casework.Fire{
					City: v.CityCode, ID: v.ID, Event: "expire", Version: casework.AnyVersion, As: casework.Clock,
				})
				return err
			})
			switch {
			case err == nil:
				expired++
			case fault.HasCode(err, "casework.moved_on") || fault.HasCode(err, "casework.illegal"): // somebody was quicker
			case ctx.Err() != nil:
				return expired, errors.Join(append(wrong, err)...)
			default:
				wrong = append(wrong, fmt.Errorf("vacancy %s: %w", v.ID, err))
			}
		}
	}
}

// Clocked is when the present moment is, for pages that show rest times.
func (s *Service) Clocked() time.Time { return s.Clock.Now() }
