package employment

import (
	"context"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/page"
)

// Standing is how many vacancies of a company are in each state, and how many
// applicants each vacancy has.
type Standing struct {
	Vacancies map[string]int        // by state
	Expiring  []Vacancy             // on offer, the last day within a week
	Applied   map[string]Applicants // by vacancy id
}

// Applicants counts the applications for one vacancy.
type Applicants struct {
	Total int // all but the withdrawn
	New   int // not answered yet
}

// expiringWithin is how early a company is told of a vacancy's last day, in days.
const expiringWithin = 7

// CompanyStanding counts for a company's home page and list. It shows what the
// scope of ctx opens.
func (s *Service) CompanyStanding(ctx context.Context, companyID string) (Standing, error) {
	out := Standing{Vacancies: map[string]int{}, Applied: map[string]Applicants{}}
	var states []struct {
		State string
		N     int
	}
	q, err := db.Scoped(ctx, s.DB.Reader(ctx).NewSelect().Model((*vacancyRow)(nil)), vacancyScope)
	if err != nil {
		return out, err
	}
	err = q.ColumnExpr("v.state AS state, count(*) AS n").Where("v.company_id = ?", companyID).GroupExpr("v.state").Scan(ctx, &states)
	if err != nil {
		return out, db.Fault(err)
	}
	for _, r := range states {
		out.Vacancies[r.State] = r.N
	}
	var applied []struct {
		VacancyID string
		State     string
		N         int
	}
	if q, err = scopedApplications(ctx, s.DB.Reader(ctx).NewSelect().Model((*applicationRow)(nil))); err != nil {
		return out, err
	}
	err = q.ColumnExpr("a.vacancy_id AS vacancy_id, a.state AS state, count(*) AS n").
		Where("a.company_id = ? AND a.state <> 'withdrawn'", companyID).GroupExpr("a.vacancy_id, a.state").Scan(ctx, &applied)
	if err != nil {
		return out, db.Fault(err)
	}
	for _, r := range applied {
		x := out.Applied[r.VacancyID]
		x.Total += r.N
		if Unanswered(r.State) {
			x.New += r.N
		}
		out.Applied[r.VacancyID] = x
	}
	out.Expiring, err = s.expiring(ctx, companyID)
	return out, err
}

func (s *Service) expiring(ctx context.Context, companyID string) ([]Vacancy, error) {
	var rows []vacancyRow
	q, err := db.Scoped(ctx, s.DB.Reader(ctx).NewSelect().Model(&rows), vacancyScope)
	if err != nil {
		return nil, err
	}
	err = q.Where("v.company_id = ? AND v.state = 'published' AND v.valid_to >= ? AND v.valid_to <= ?", companyID, s.today(), s.today().Add(expiringWithin)).
		OrderExpr("v.valid_to, v.id").Limit(20).Scan(ctx)
	return vacancies(rows), db.Fault(err)
}

// UnansweredStates are those in which an applicant has not heard from the company.
var UnansweredStates = []string{"delivered", "viewed", "no_reply"}

// Unanswered tells whether an applicant waits for the company's first answer.
func Unanswered(state string) bool { return contains(UnansweredStates, state) }

// WaitingApplicants lists the applicants who wait for an answer, those first whose
// time runs out first.
func (s *Service) WaitingApplicants(ctx context.Context, companyID string, limit int) ([]Application, error) {
	var rows []applicationRow
	q, err := scopedApplications(ctx, s.store.applications(s.DB.Reader(ctx).NewSelect().Model(&rows)))
	if err != nil {
		return nil, err
	}
	err = q.Where("a.company_id = ?", companyID).Where("c.waiting_for = 'company'").
		OrderExpr("c.due_at, a.created_at, a.id").Limit(int64(page.Clamp(limit))).Scan(ctx)
	out := make([]Application, len(rows))
	for i := range rows {
		out[i] = rows[i].application()
	}
	return out, db.Fault(err)
}

// Due is the civil day until which an application waits for an answer; the zero
// day where none runs.
func (a Application) Due() clock.Day {
	if a.DueAt.IsZero() || a.DueAt.Year() > 9000 {
		return 0
	}
	return clock.LastDay(a.DueAt)
}
