package employment

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
)

// Prefixes of public numbers.
const (
	vacancyPrefix     = "V"
	applicationPrefix = "A"
)

type vacancyRow struct {
	bun.BaseModel `bun:"table:vacancies,alias:v"`

	CityCode       string    `bun:"city_code,pk"`
	ID             string    `bun:"id,pk"`
	Number         string    `bun:"number"`
	OrgPath        string    `bun:"org_path"`
	CompanyID      string    `bun:"company_id"`
	CompanyName    string    `bun:"company_name"`
	Title          string    `bun:"title"`
	OccupationCode string    `bun:"occupation_code"`
	IndustryCode   string    `bun:"industry_code"`
	Form           string    `bun:"form"`
	Headcount      int       `bun:"headcount"`
	Filled         int       `bun:"filled"`
	DivisionCode   string    `bun:"division_code"`
	PlaceDetail    string    `bun:"place_detail"`
	Lon            float64   `bun:"lon"`
	Lat            float64   `bun:"lat"`
	PayMinFen      int64     `bun:"pay_min_fen"`
	PayMaxFen      int64     `bun:"pay_max_fen"`
	PayPer         string    `bun:"pay_per"`
	PayMonths      int       `bun:"pay_months"`
	Negotiable     bool      `bun:"negotiable"`
	Hours          string    `bun:"hours"`
	Education      int       `bun:"education"`
	YearsMin       int       `bun:"years_min"`
	YearsMax       int       `bun:"years_max"`
	Insurance      string    `bun:"insurance"`
	Dormitory      bool      `bun:"dormitory"`
	Meals          bool      `bun:"meals"`
	Groups         string    `bun:"groups"`
	Tags           string    `bun:"tags"`
	Content        string    `bun:"content"`
	Link           string    `bun:"link"`
	Source         string    `bun:"source"`
	BatchID        string    `bun:"batch_id"`
	State          string    `bun:"state"`
	Identity       *string   `bun:"identity"`
	ContentHash    string    `bun:"content_hash"`
	ValidTo        clock.Day `bun:"valid_to"`
	PublishedAt    time.Time `bun:"published_at,nullzero"`
	Version        int       `bun:"version"`
	CreatedAt      time.Time `bun:"created_at"`
	UpdatedAt      time.Time `bun:"updated_at"`

	EmployerState company.State `bun:"employer_state,scanonly"`
}

// withEmployer reads along where the vacancy's company stands.
func withEmployer(q *bun.SelectQuery) *bun.SelectQuery {
	return q.ColumnExpr("v.*").ColumnExpr("co.state AS employer_state").
		Join("JOIN companies AS co ON co.city_code = v.city_code AND co.id = v.company_id")
}

func rowOf(v Vacancy) *vacancyRow {
	r := &vacancyRow{
		CityCode: v.CityCode, ID: v.ID, Number: v.Number, OrgPath: v.OrgPath,
		CompanyID: v.CompanyID, CompanyName: v.CompanyName, Title: v.Title,
		OccupationCode: v.OccupationCode, IndustryCode: v.IndustryCode, Form: v.Form,
		Headcount: v.Headcount, Filled: v.Filled, DivisionCode: v.DivisionCode, PlaceDetail: v.PlaceDetail,
		Lon: v.Lon, Lat: v.Lat, PayMinFen: v.Pay.MinFen, PayMaxFen: v.Pay.MaxFen, PayPer: v.Pay.Per,
		PayMonths: v.Pay.Months, Negotiable: v.Pay.Negotiable, Hours: v.Hours, Education: v.Education,
		YearsMin: v.YearsMin, YearsMax: v.YearsMax, Insurance: v.Insurance, Dormitory: v.Dormitory, Meals: v.Meals,
		Groups: strings.Join(v.Groups, " "), Tags: strings.Join(v.Tags, "|"), Content: v.Content, Link: v.Link,
		Source: v.Source, BatchID: v.BatchID, State: v.State, ContentHash: v.contentHash, ValidTo: v.ValidTo,
		PublishedAt: v.PublishedAt, Version: v.Version, CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt,
	}
	if v.identity != "" && v.Alive() {
		r.Identity = &v.identity
	}
	return r
}

func (r *vacancyRow) vacancy() Vacancy {
	v := Vacancy{
		CityCode: r.CityCode, ID: r.ID, Number: r.Number, OrgPath: r.OrgPath,
		CompanyID: r.CompanyID, CompanyName: r.CompanyName, Title: r.Title,
		OccupationCode: r.OccupationCode, IndustryCode: r.IndustryCode, Form: r.Form,
		Headcount: r.Headcount, Filled: r.Filled, DivisionCode: r.DivisionCode, PlaceDetail: r.PlaceDetail,
		Lon: r.Lon, Lat: r.Lat,
		Pay:   Pay{MinFen: r.PayMinFen, MaxFen: r.PayMaxFen, Per: r.PayPer, Months: r.PayMonths, Negotiable: r.Negotiable},
		Hours: r.Hours, Education: r.Education, YearsMin: r.YearsMin, YearsMax: r.YearsMax, Insurance: r.Insurance,
		Dormitory: r.Dormitory, Meals: r.Meals, Groups: strings.Fields(r.Groups), Content: r.Content, Link: r.Link,
		Source: r.Source, BatchID: r.BatchID, State: r.State, contentHash: r.ContentHash, ValidTo: r.ValidTo,
		PublishedAt: r.PublishedAt, Version: r.Version, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
		employerState: r.EmployerState,
	}
	if r.Tags != "" {
		v.Tags = strings.Split(r.Tags, "|")
	}
	if r.Identity != nil {
		v.identity = *r.Identity
	}
	return v
}

type applicationRow struct {
	bun.BaseModel `bun:"table:applications,alias:a"`

	CityCode         string    `bun:"city_code,pk"`
	ID               string    `bun:"id,pk"`
	Number           string    `bun:"number"`
	OrgPath          string    `bun:"org_path"`
	VacancyID        string    `bun:"vacancy_id"`
	CompanyID        string    `bun:"company_id"`
	PersonCity       string    `bun:"person_city"`
	PersonID         string    `bun:"person_id"`
	State            string    `bun:"state"`
	Message          string    `bun:"message"`
	Name             string    `bun:"name"`
	Summary          string    `bun:"summary"`
	SharePhone       bool      `bun:"share_phone"`
	InterviewAt      time.Time `bun:"interview_at,nullzero"`
	InterviewPlace   string    `bun:"interview_place"`
	OutcomeNote      string    `bun:"outcome_note"`
	NoReplyAt        time.Time `bun:"no_reply_at,nullzero"`
	CompanyArrivedOn clock.Day `bun:"company_arrived_on"`
	WorkerArrivedOn  clock.Day `bun:"worker_arrived_on"`
	Version          int       `bun:"version"`
	CreatedAt        time.Time `bun:"created_at"`
	UpdatedAt        time.Time `bun:"updated_at"`

	VacancyTitle  string    `bun:"vacancy_title,scanonly"`
	VacancyNumber string    `bun:"vacancy_number,scanonly"`
	Employer      string    `bun:"employer,scanonly"`
	DueAt         time.Time `bun:"due_at,scanonly,nullzero"`
}

func applicationRowOf(a Application) *applicationRow {
	return &applicationRow{
		CityCode: a.CityCode, ID: a.ID, Number: a.Number, OrgPath: a.OrgPath, VacancyID: a.VacancyID,
		CompanyID: a.CompanyID, PersonCity: a.PersonCity, PersonID: a.PersonID, State: a.State,
		Message: a.Message, Name: a.Name, Summary: a.Summary.text(), SharePhone: a.SharePhone,
		InterviewAt: a.InterviewAt, InterviewPlace: a.InterviewPlace, OutcomeNote: a.OutcomeNote, NoReplyAt: a.NoReplyAt,
		CompanyArrivedOn: a.CompanyArrivedOn, WorkerArrivedOn: a.WorkerArrivedOn,
		Version: a.Version, CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt,
	}
}

func (r *applicationRow) application() Application {
	return Application{
		CityCode: r.CityCode, ID: r.ID, Number: r.Number, OrgPath: r.OrgPath, VacancyID: r.VacancyID,
		CompanyID: r.CompanyID, PersonCity: r.PersonCity, PersonID: r.PersonID, State: r.State,
		Message: r.Message, Name: r.Name, Summary: readSummary(r.Summary), SharePhone: r.SharePhone,
		InterviewAt: r.InterviewAt, InterviewPlace: r.InterviewPlace, OutcomeNote: r.OutcomeNote, NoReplyAt: r.NoReplyAt,
		CompanyArrivedOn: r.CompanyArrivedOn, WorkerArrivedOn: r.WorkerArrivedOn,
		Version: r.Version, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
		VacancyTitle: r.VacancyTitle, VacancyNumber: r.VacancyNumber, Employer: r.Employer, DueAt: shown(r.DueAt),
	}
}

type store struct{ db *db.DB }

// errNoVacancy and errNoApplication are also the answer to a foreign id.
func errNoVacancy() error     { return fault.New(fault.NotFound, "employment.no_vacancy") }
func errNoApplication() error { return fault.New(fault.NotFound, "employment.no_application") }

func (s store) insertVacancy(ctx context.Context, v Vacancy) error {
	_, err := s.db.Writer(ctx).NewInsert().Model(rowOf(v)).Exec(ctx)
	if db.Unique(err, "vacancies", "identity") {
		return fault.New(fault.Conflict, "employment.duplicate_vacancy", fault.OnField("title", "duplicate_vacancy"))
	}
	return db.Fault(err)
}

// updateVacancy writes all columns when the version is still the one seen, and
// gives the vacancy with the version raised by one.
func (s store) updateVacancy(ctx context.Context, v Vacancy) (Vacancy, error) {
	seen := v.Version
	v.Version++
	r := rowOf(v)
	res, err := s.db.Writer(ctx).NewUpdate().Model(r).WherePK().Where("version = ?", seen).Exec(ctx)
	if db.Unique(err, "vacancies", "identity") {
		return v, fault.New(fault.Conflict, "employment.duplicate_vacancy", fault.OnField("title", "duplicate_vacancy"))
	}
	return v, db.Affected(res, err, casework.ErrMovedOn)
}

// fillOne counts one more place as filled, whatever else happens to the vacancy.
func (s store) fillOne(ctx context.Context, city, id string, now time.Time) error {
	res, err := s.db.Writer(ctx).NewUpdate().Model((*vacancyRow)(nil)).
		Set("filled = filled + 1, version = version + 1, updated_at = ?", now).Where("city_code = ? AND id = ?", city, id).Exec(ctx)
	return db.Affected(res, err, errNoVacancy())
}

func (s store) vacancyByNumber(ctx context.Context, number string) (Vacancy, error) {
	city, ok := id.CityOf(vacancyPrefix, number)
	if !ok {
		return Vacancy{}, errNoVacancy()
	}
	var r vacancyRow
	err := withEmployer(s.db.Reader(ctx).NewSelect().Model(&r)).Where("v.city_code = ? AND v.number = ?", city, number).Scan(ctx)
	if fault.IsKind(db.Fault(err), fault.NotFound) {
		return Vacancy{}, errNoVacancy()
	}
	return r.vacancy(), db.Fault(err)
}

// vacancy reads one under the scope in ctx.
func (s store) vacancy(ctx context.Context, city, id string) (Vacancy, error) {
	var r vacancyRow
	q, err := db.Scoped(ctx, withEmployer(s.db.Reader(ctx).NewSelect().Model(&r)), vacancyScope)
	if err != nil {
		return Vacancy{}, err
	}
	err = q.Where("v.city_code = ? AND v.id = ?", city, id).Scan(ctx)
	if fault.IsKind(db.Fault(err), fault.NotFound) {
		return Vacancy{}, errNoVacancy()
	}
	return r.vacancy(), db.Fault(err)
}

var (
	vacancyScope     = db.Columns{Path: "v.org_path", Company: "v.company_id"}
	applicationScope = db.Columns{Path: "a.org_path", Person: "a.person_id", Company: "a.company_id"}
)

func (s store) insertApplication(ctx context.Context, a Application) error {
	_, err := s.db.Writer(ctx).NewInsert().Model(applicationRowOf(a)).Exec(ctx)
	return err
}

func (s store) updateApplication(ctx context.Context, a Application) error {
	seen := a.Version
	r := applicationRowOf(a)
	r.Version = seen + 1
	res, err := s.db.Writer(ctx).NewUpdate().Model(r).WherePK().Where("version = ?", seen).Exec(ctx)
	return db.Affected(res, err, casework.ErrMovedOn)
}

func (s store) applications(q *bun.SelectQuery) *bun.SelectQuery {
	return q.ColumnExpr("a.*").
		ColumnExpr("v.title AS vacancy_title, v.number AS vacancy_number, v.company_name AS employer").
		ColumnExpr("c.due_at AS due_at").
		Join("JOIN vacancies AS v ON v.city_code = a.city_code AND v.id = a.vacancy_id").
		Join("JOIN cases AS c ON c.city_code = a.city_code AND c.id = a.id")
}

// scopedApplications narrows a query to the applications that the actor may see:
// his own, those of the companies whose applicants he manages, those of the units
// whose cases he may look at. Other rights on a unit or a company open none.
func scopedApplications(ctx context.Context, q *bun.SelectQuery) (*bun.SelectQuery, error) {
	scope, err := db.ScopeFrom(ctx)
	if err != nil {
		return nil, err
	}
	if a, ok := access.From(ctx); ok && scope.System == "" {
		scope.Paths, scope.Companies = nil, nil
		for _, g := range a.Grants {
			switch {
			case g.CompanyID != "" && slices.Contains(g.Caps, access.ApplicantManage):
				scope.Companies = append(scope.Companies, g.CompanyID)
			case g.CompanyID == "" && slices.Contains(g.Caps, access.CaseView):
				scope.Paths = append(scope.Paths, g.Path)
			}
		}
		ctx = db.WithScope(ctx, scope)
	}
	return db.Scoped(ctx, q, applicationScope)
}

func (s store) application(ctx context.Context, city, id string) (Application, error) {
	var r applicationRow
	q, err := scopedApplications(ctx, s.applications(s.db.Reader(ctx).NewSelect().Model(&r)))
	if err != nil {
		return Application{}, err
	}
	err = q.Where("a.city_code = ? AND a.id = ?", city, id).Scan(ctx)
	if fault.IsKind(db.Fault(err), fault.NotFound) {
		return Application{}, errNoApplication()
	}
	return r.application(), db.Fault(err)
}

// applicationOf finds a person's application for a vacancy.
func (s store) applicationOf(ctx context.Context, v Vacancy, personID string) (Application, bool, error) {
	var rows []applicationRow
	err := s.applications(s.db.Reader(ctx).NewSelect().Model(&rows)).
		Where("a.city_code = ? AND a.vacancy_id = ? AND a.person_id = ?", v.CityCode, v.ID, personID).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return Application{}, false, db.Fault(err)
	}
	return rows[0].application(), true, nil
}

// appliedSince counts how often a person has applied; applying again after a
// withdrawal is one more.
func (s store) appliedSince(ctx context.Context, personID string, since time.Time) (int, error) {
	n, err := s.db.Reader(ctx).NewSelect().Model((*applicationRow)(nil)).
		Join("JOIN case_events AS ev ON ev.city_code = a.city_code AND ev.case_id = a.id").
		Where("a.person_id = ? AND a.updated_at >= ?", personID, since).
		Where("ev.event IN (?, 'reapply') AND ev.at >= ?", casework.Opened, since).Count(ctx)
	return int(n), db.Fault(err)
}

// sharesElsewhere tells whether another open application of the person lets the
// same company read the number.
func (s store) sharesElsewhere(ctx context.Context, a Application) (bool, error) {
	n, err := s.db.Reader(ctx).NewSelect().Model((*applicationRow)(nil)).
		Where("person_id = ? AND company_id = ? AND share_phone = ? AND id <> ?", a.PersonID, a.CompanyID, true, a.ID).
		Where("state NOT IN (?)", bun.List(closedStates)).Count(ctx)
	return n > 0, db.Fault(err)
}

// setShare opens or closes the number for all of a person's applications to a company.
func (s store) setShare(ctx context.Context, personID, companyID string, share bool, now time.Time) error {
	_, err := s.db.Writer(ctx).NewUpdate().Model((*applicationRow)(nil)).
		Set("share_phone = ?, updated_at = ?, version = version + 1", share, now).
		Where("person_id = ? AND company_id = ? AND share_phone <> ?", personID, companyID, share).Exec(ctx)
	return db.Fault(err)
}

type seekerRow struct {
	bun.BaseModel `bun:"table:seekers,alias:s"`

	CityCode       string    `bun:"city_code,pk"`
	PersonID       string    `bun:"person_id,pk"`
	OccupationCode string    `bun:"occupation_code"`
	Wanted         string    `bun:"wanted"`
	Places         string    `bun:"places"`
	PayMinFen      int64     `bun:"pay_min_fen"`
	Years          int       `bun:"years"`
	Skills         string    `bun:"skills"`
	About          string    `bun:"about"`
	Version        int       `bun:"version"`
	UpdatedAt      time.Time `bun:"updated_at"`
}

func (s store) seeker(ctx context.Context, city, personID string) (Seeker, bool, error) {
	var rows []seekerRow
	err := s.db.Reader(ctx).NewSelect().Model(&rows).Where("city_code = ? AND person_id = ?", city, personID).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return Seeker{CityCode: city, PersonID: personID}, false, db.Fault(err)
	}
	r := rows[0]
	return Seeker{
		CityCode: r.CityCode, PersonID: r.PersonID, OccupationCode: r.OccupationCode, Wanted: r.Wanted,
		Places: strings.Fields(r.Places), PayMinFen: r.PayMinFen, Years: r.Years, Skills: r.Skills, About: r.About,
		Version: r.Version, UpdatedAt: r.UpdatedAt,
	}, true, nil
}

func (s store) putSeeker(ctx context.Context, k Seeker) error {
	r := &seekerRow{
		CityCode: k.CityCode, PersonID: k.PersonID, OccupationCode: k.OccupationCode, Wanted: k.Wanted,
		Places: strings.Join(k.Places, " "), PayMinFen: k.PayMinFen, Years: k.Years, Skills: k.Skills, About: k.About,
		Version: 1, UpdatedAt: k.UpdatedAt,
	}
	_, err := s.db.Writer(ctx).NewInsert().Model(r).
		On("CONFLICT (city_code, person_id) DO UPDATE").
		Set("occupation_code = EXCLUDED.occupation_code, wanted = EXCLUDED.wanted, places = EXCLUDED.places").
		Set("pay_min_fen = EXCLUDED.pay_min_fen, years = EXCLUDED.years, skills = EXCLUDED.skills").
		Set("about = EXCLUDED.about, version = s.version + 1, updated_at = EXCLUDED.updated_at").Exec(ctx)
	return db.Fault(err)
}

// shown turns casework's "never" back into no time at all.
func shown(t time.Time) time.Time {
	if t.Year() > 9000 {
		return time.Time{}
	}
	return t
}
