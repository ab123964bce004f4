package employment

import (
	"context"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/person"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
)

// Recommended is a recommendation with the vacancy it is about.
type Recommended struct {
	ServiceRecord
	Vacancy Vacancy
	OnOffer bool // the vacancy can still be applied for
}

// MyRecommended lists what was recommended to the signed-in worker, newest
// first, each with its vacancy.
func (s *Service) MyRecommended(ctx context.Context) ([]Recommended, error) {
	records, err := s.MyRecommendations(ctx)
	if err != nil || len(records) == 0 {
		return []Recommended{}, err
	}
	byCity := map[string][]string{}
	for _, r := range records {
		byCity[r.VacancyCity] = append(byCity[r.VacancyCity], r.VacancyID)
	}
	var rows []vacancyRow
	q := s.DB.Reader(ctx).NewSelect().Model(&rows)
	for city, ids := range byCity {
		q = q.WhereOr("(v.city_code = ? AND v.id IN (?))", city, bun.List(ids))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, db.Fault(err)
	}
	known := map[string]Vacancy{}
	for i := range rows {
		known[docID(rows[i].CityCode, rows[i].ID)] = rows[i].vacancy()
	}
	out := make([]Recommended, 0, len(records))
	for _, r := range records {
		if v, ok := known[docID(r.VacancyCity, r.VacancyID)]; ok {
			out = append(out, Recommended{ServiceRecord: r, Vacancy: v, OnOffer: v.OnOffer(s.today())})
		}
	}
	return out, nil
}

// MyRecommendation gives one recommendation of the signed-in worker. Fault:
// employment.no_recommendation, also for that of another worker.
func (s *Service) MyRecommendation(ctx context.Context, recordID string) (Recommended, error) {
	all, err := s.MyRecommended(ctx)
	if err != nil {
		return Recommended{}, err
	}
	for _, r := range all {
		if r.ID == recordID {
			return r, nil
		}
	}
	return Recommended{}, fault.New(fault.NotFound, "employment.no_recommendation")
}

// PhoneConsent is a consent of the signed-in worker with the name of the company
// it was given to; the name is empty where the recipient is the union.
type PhoneConsent struct {
	person.Consent
	Employer string
}

// MyConsents lists the signed-in worker's consents, the latest first.
func (s *Service) MyConsents(ctx context.Context) ([]PhoneConsent, error) {
	self, err := access.RequireSelf(ctx)
	if err != nil {
		return nil, err
	}
	consents, err := s.People.ListConsents(ctx, person.Ref{City: self.City, ID: self.ID})
	if err != nil {
		return nil, err
	}
	mine, err := s.ListApplications(ctx, ApplicationFilter{PersonID: self.ID, Request: page.Request{Limit: page.MaxLimit}})
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, a := range mine.Items {
		names[a.CompanyID] = a.Employer
	}
	out := make([]PhoneConsent, len(consents))
	for i, c := range consents {
		out[i] = PhoneConsent{Consent: c, Employer: names[c.Recipient]}
	}
	return out, nil
}

// CloseMyPhone withdraws the consent by which a company reads the signed-in
// worker's number. The consent is given to the company, so that all applications
// to it are closed together, at once.
func (s *Service) CloseMyPhone(ctx context.Context, companyID string) error {
	self, err := access.RequireSelf(ctx)
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.setShare(ctx, self.ID, companyID, false, s.Clock.Now()); err != nil {
			return err
		}
		return s.People.WithdrawConsent(ctx, person.Ref{City: self.City, ID: self.ID}, SharePhonePurpose, companyID)
	})
}
