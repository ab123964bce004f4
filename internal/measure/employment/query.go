package employment

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/figures"
	"gonghui/internal/core/person"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/page"
)

// Published gives a vacancy that is on offer, to anybody. One that is off the
// list is found only by those whose it is. Fault: employment.no_vacancy.
func (s *Service) Published(ctx context.Context, number string) (Vacancy, company.Public, error) {
	v, err := s.store.vacancyByNumber(ctx, number)
	if err != nil {
		return v, company.Public{}, err
	}
	if !v.OnOffer(s.today()) {
		if scope, err := db.ScopeFrom(ctx); err != nil || !s.inScope(scope, v) {
			if _, mine, err := s.ownApplication(ctx, v); err != nil || !mine {
				return Vacancy{}, company.Public{}, errNoVacancy()
			}
		}
	}
	c, err := s.Companies.Public(ctx, v.CityCode, v.CompanyID)
	return v, c, err
}

func (s *Service) inScope(scope db.Scope, v Vacancy) bool {
	for _, c := range scope.Companies {
		if c == v.CompanyID {
			return true
		}
	}
	return scope.Covers(v.OrgPath)
}

func (s *Service) ownApplication(ctx context.Context, v Vacancy) (Application, bool, error) {
	self, ok := access.Self(ctx)
	if !ok {
		return Application{}, false, nil
	}
	return s.store.applicationOf(ctx, v, self.ID)
}

// MyApplicationFor gives the signed-in worker's application for a vacancy.
func (s *Service) MyApplicationFor(ctx context.Context, v Vacancy) (Application, bool, error) {
	return s.ownApplication(ctx, v)
}

// VacancyByNumber gives a vacancy under the scope: for its company and the desk.
func (s *Service) VacancyByNumber(ctx context.Context, number string) (Vacancy, error) {
	v, err := s.store.vacancyByNumber(ctx, number)
	if err != nil {
		return v, err
	}
	return s.store.vacancy(ctx, v.CityCode, v.ID)
}

// GetVacancy gives a vacancy by id under the scope.
func (s *Service) GetVacancy(ctx context.Context, city, id string) (Vacancy, error) {
	return s.store.vacancy(ctx, city, id)
}

// GetApplication gives an application by id under the scope.
func (s *Service) GetApplication(ctx context.Context, city, id string) (Application, error) {
	return s.store.application(ctx, city, id)
}

// ApplicationByNumber gives an application under the scope.
func (s *Service) ApplicationByNumber(ctx context.Context, number string) (Application, error) {
	city, ok := id.CityOf(applicationPrefix, number)
	if !ok {
		return Application{}, errNoApplication()
	}
	var r applicationRow
	q, err := scopedApplications(ctx, s.store.applications(s.DB.Reader(ctx).NewSelect().Model(&r)))
	if err != nil {
		return Application{}, err
	}
	err = q.Where("a.city_code = ? AND a.number = ?", city, number).Scan(ctx)
	if fault.IsKind(db.Fault(err), fault.NotFound) {
		return Application{}, errNoApplication()
	}
	return r.application(), db.Fault(err)
}

// VacancyFilter narrows a list of vacancies.
type VacancyFilter struct {
	CompanyID string
	State     string
	BatchID   string
	page.Request
}

// ListVacancies lists under the scope, newest first. Faults: casework.filter for an
// unknown state, page.cursor.
func (s *Service) ListVacancies(ctx context.Context, f VacancyFilter) (page.Page[Vacancy], error) {
	if f.State != "" && !contains(VacancyStates, f.State) {
		return page.Page[Vacancy]{}, fault.New(fault.Invalid, "casework.filter", fault.OnField("state", "choice"))
	}
	var rows []vacancyRow
	q, err := db.Scoped(ctx, withEmployer(s.DB.Reader(ctx).NewSelect().Model(&rows)), vacancyScope)
	if err != nil {
		return page.Page[Vacancy]{}, err
	}
	if f.CompanyID != "" {
		q = q.Where("v.company_id = ?", f.CompanyID)
	}
	if f.State != "" {
		q = q.Where("v.state = ?", f.State)
	}
	if f.BatchID != "" {
		q = q.Where("v.batch_id = ?", f.BatchID)
	}
	const list = "vacancies"
	var at time.Time
	var last string
	if ok, err := f.After.Decode(list, &at, &last); err != nil {
		return page.Page[Vacancy]{}, err
	} else if ok {
		q = q.Where("(v.created_at < ? OR (v.created_at = ? AND v.id < ?))", at, at, last)
	}
	if err := q.OrderExpr("v.created_at DESC, v.id DESC").Limit(int64(f.Size() + 1)).Scan(ctx); err != nil {
		return page.Page[Vacancy]{}, db.Fault(err)
	}
	cut := page.Cut(rows, f.Size(), func(r vacancyRow) page.Cursor { return page.Encode(list, r.CreatedAt, r.ID) })
	return page.Map(cut, func(r vacancyRow) Vacancy { return r.vacancy() }), nil
}

// ApplicationFilter narrows a list of applications.
type ApplicationFilter struct {
	PersonID  string
	CompanyID string
	VacancyID string
	States    []string
	page.Request
}

// ListApplications lists under the scope, newest first. Faults: casework.filter for
// an unknown state, page.cursor.
func (s *Service) ListApplications(ctx context.Context, f ApplicationFilter) (page.Page[Application], error) {
	for _, state := range f.States {
		if !contains(ApplicationStates, state) {
			return page.Page[Application]{}, fault.New(fault.Invalid, "casework.filter", fault.OnField("state", "choice"))
		}
	}
	var rows []applicationRow
	q, err := scopedApplications(ctx, s.store.applications(s.DB.Reader(ctx).NewSelect().Model(&rows)))
	if err != nil {
		return page.Page[Application]{}, err
	}
	if f.PersonID != "" {
		q = q.Where("a.person_id = ?", f.PersonID)
	}
	if f.CompanyID != "" {
		q = q.Where("a.company_id = ?", f.CompanyID)
	}
	if f.VacancyID != "" {
		q = q.Where("a.vacancy_id = ?", f.VacancyID)
	}
	if len(f.States) > 0 {
		q = q.Where("a.state IN (?)", bun.List(f.States))
	}
	const list = "applications"
	var at time.Time
	var last string
	if ok, err := f.After.Decode(list, &at, &last); err != nil {
		return page.Page[Application]{}, err
	} else if ok {
		q = q.Where("(a.created_at < ? OR (a.created_at = ? AND a.id < ?))", at, at, last)
	}
	if err := q.OrderExpr("a.created_at DESC, a.id DESC").Limit(int64(f.Size() + 1)).Scan(ctx); err != nil {
		return page.Page[Application]{}, db.Fault(err)
	}
	cut := page.Cut(rows, f.Size(), func(r applicationRow) page.Cursor { return page.Encode(list, r.CreatedAt, r.ID) })
	return page.Map(cut, func(r applicationRow) Application { return r.application() }), nil
}

// MyApplications lists the signed-in worker's applications.
func (s *Service) MyApplications(ctx context.Context, r page.Request) (page.Page[Application], error) {
	self, err := access.RequireSelf(ctx)
	if err != nil {
		return page.Page[Application]{}, err
	}
	return s.ListApplications(ctx, ApplicationFilter{PersonID: self.ID, Request: r})
}

// Applicants counts a company's applications by state.
func (s *Service) Applicants(ctx context.Context, companyID string) (map[string]int, error) {
	var rows []struct {
		State string
		N     int
	}
	q, err := scopedApplications(ctx, s.DB.Reader(ctx).NewSelect().Model((*applicationRow)(nil)))
	if err != nil {
		return nil, err
	}
	err = q.ColumnExpr("a.state AS state, count(*) AS n").Where("a.company_id = ?", companyID).GroupExpr("a.state").Scan(ctx, &rows)
	out := map[string]int{}
	for _, r := range rows {
		out[r.State] = r.N
	}
	return out, db.Fault(err)
}

// MyProfile gives the signed-in worker's own profile.
func (s *Service) MyProfile(ctx context.Context) (person.Person, Seeker, error) {
	self, err := access.RequireSelf(ctx)
	if err != nil {
		return person.Person{}, Seeker{}, err
	}
	p, err := s.People.Get(ctx, self.City, self.ID)
	if err != nil {
		return person.Person{}, Seeker{}, err
	}
	k, _, err := s.store.seeker(ctx, self.City, self.ID)
	return p, k, err
}

// SaveProfile keeps what the worker says about himself and the work wanted.
func (s *Service) SaveProfile(ctx context.Context, in SeekerInput) error {
	self, err := access.RequireSelf(ctx)
	if err != nil {
		return err
	}
	if in.Years < 0 || in.Years > 60 {
		return fault.New(fault.Invalid, "form.invalid", fault.OnField("years", "out_of_range"))
	}
	if in.Education < 0 || in.Education >= len(Educations) {
		return fault.New(fault.Invalid, "form.invalid", fault.OnField("education", "choice"))
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		p, err := s.People.Get(ctx, self.City, self.ID)
		if err != nil {
			return err
		}
		patch := person.Patch{Name: &in.Name, Education: &in.Education, Groups: &in.Groups, Version: p.Version}
		if in.Division != "" {
			patch.Division = &in.Division
		}
		if _, err := s.People.Update(ctx, self.City, self.ID, patch); err != nil {
			return err
		}
		k := Seeker{
			CityCode: self.City, PersonID: self.ID, Wanted: in.Wanted, Years: in.Years, Skills: in.Skills, About: in.About,
			UpdatedAt: s.Clock.Now(),
		}
		if o, ok := OccupationGuess(in.Wanted); ok {
			k.OccupationCode = o.Code
		}
		return s.store.putSeeker(ctx, k)
	})
}

func (s store) aliveOf(ctx context.Context, city, companyID string) ([]Vacancy, error) {
	var rows []vacancyRow
	err := withEmployer(s.db.Reader(ctx).NewSelect().Model(&rows)).
		Where("v.city_code = ? AND v.company_id = ? AND v.state IN ('submitted', 'returned', 'published', 'paused', 'full')", city, companyID).Scan(ctx)
	return vacancies(rows), db.Fault(err)
}

func vacancies(rows []vacancyRow) []Vacancy {
	out := make([]Vacancy, len(rows))
	for i := range rows {
		out[i] = rows[i].vacancy()
	}
	return out
}

// openApplications lists those for a vacancy that have led to no offer yet; for
// all vacancies of its company where the vacancy has no id.
func (s store) openApplications(ctx context.Context, v Vacancy) ([]Application, error) {
	var rows []applicationRow
	q := s.applications(s.db.Reader(ctx).NewSelect().Model(&rows)).Where("a.city_code = ? AND a.company_id = ?", v.CityCode, v.CompanyID)
	if v.ID != "" {
		q = q.Where("a.vacancy_id = ?", v.ID)
	}
	err := q.Where("a.state IN ('delivered', 'viewed', 'no_reply', 'invited', 'interviewed')").OrderExpr("a.id").Scan(ctx)
	out := make([]Application, len(rows))
	for i := range rows {
		out[i] = rows[i].application()
	}
	return out, db.Fault(err)
}

// pastValid lists vacancies whose last day is over, after the given one.
func (s store) pastValid(ctx context.Context, today clock.Day, after Vacancy, limit int) ([]Vacancy, error) {
	var rows []vacancyRow
	q := s.db.Reader(ctx).NewSelect().Model(&rows).Where("v.state IN ('published', 'paused', 'full') AND v.valid_to < ?", today)
	if after.ID != "" {
		q = q.Where("(v.valid_to > ? OR (v.valid_to = ? AND v.id > ?))", after.ValidTo, after.ValidTo, after.ID)
	}
	err := q.OrderExpr("v.valid_to, v.id").Limit(int64(limit)).Scan(ctx)
	return vacancies(rows), db.Fault(err)
}

// published reads the proposed vacancies that are on offer today, by doc id.
func (s store) published(ctx context.Context, byCity map[string][]string, today clock.Day) (map[string]Vacancy, error) {
	out := map[string]Vacancy{}
	if len(byCity) == 0 {
		return out, nil
	}
	// Only keys are asked for here: with the state beside them SQLite walks all
	// that is published instead of reading the twenty rows.
	var rows []vacancyRow
	q := withEmployer(s.db.Reader(ctx).NewSelect().Model(&rows)).WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		for city, ids := range byCity {
			q = q.WhereOr("(v.city_code = ? AND v.id IN (?))", city, bun.List(ids))
		}
		return q
	})
	if err := q.Scan(ctx); err != nil {
		return nil, db.Fault(err)
	}
	for i := range rows {
		if v := rows[i].vacancy(); v.OnOffer(today) {
			out[docID(v.CityCode, v.ID)] = v
		}
	}
	return out, nil
}

// eachPublished streams all vacancies on offer; it stops when f says false.
func (s store) eachPublished(ctx context.Context, today clock.Day, f func(Vacancy) bool) error {
	city, id := "", ""
	for {
		var rows []vacancyRow
		err := s.db.Reader(ctx).NewSelect().Model(&rows).
			Where("(v.city_code, v.id) > (?, ?)", city, id).OrderExpr("v.city_code, v.id").Limit(2000).Scan(ctx)
		if err != nil {
			return db.Fault(err)
		}
		for i := range rows {
			if v := rows[i].vacancy(); v.OnOffer(today) && !f(v) {
				return nil
			}
		}
		if len(rows) < 2000 {
			return nil
		}
		city, id = rows[len(rows)-1].CityCode, rows[len(rows)-1].ID
	}
}

func (s store) changedSince(ctx context.Context, at time.Time, id string, limit int) ([]Vacancy, error) {
	var rows []vacancyRow
	err := s.db.Reader(ctx).NewSelect().Model(&rows).
		Where("(v.updated_at > ? OR (v.updated_at = ? AND v.id > ?))", at, at, id).
		OrderExpr("v.updated_at, v.id").Limit(int64(limit)).Scan(ctx)
	return vacancies(rows), db.Fault(err)
}

// earned streams the facts that the records of an indicator stand for, each on the
// day on which it was earned: an application when it was made or made again, an
// agreement and an arrival when the case says so, a service on its day. The owner
// is that of the person's present place; the counted fact keeps that of its day.
func (s store) earned(ctx context.Context, indicator, period string, yield func(figures.Fact) error) error {
	type row struct {
		City, Person, Home, Path, Source string
		At                               time.Time
		OnDay                            clock.Day
	}
	stream := func(kind string, q *bun.SelectQuery) error {
		var rows []row
		if err := q.ColumnExpr("p.org_path AS home").Scan(ctx, &rows); err != nil {
			return db.Fault(err)
		}
		for _, r := range rows {
			on := r.OnDay
			if on.IsZero() {
				on = clock.DayOf(r.At)
			}
			if figures.PeriodOf(on) != period {
				continue
			}
			err := yield(figures.Fact{
				Indicator: indicator, City: r.City, OrgPath: ownerOf(r.Home, r.Path), On: on, Subject: r.Person, Quantity: 1,
				SourceKind: kind, SourceID: r.Source,
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	steps := func(where string, args ...any) *bun.SelectQuery {
		return s.db.Reader(ctx).NewSelect().TableExpr("applications AS a").
			ColumnExpr("a.person_city AS city, a.person_id AS person, a.org_path AS path, a.id AS source, ev.at AS at").
			Join("JOIN case_events AS ev ON ev.city_code = a.city_code AND ev.case_id = a.id").
			Join("JOIN persons AS p ON p.city_code = a.person_city AND p.id = a.person_id").Where(where, args...)
	}
	switch indicator {
	case WorkersServed:
		if err := stream(FlowApplication, steps("ev.event IN (?, 'reapply')", casework.Opened)); err != nil {
			return err
		}
		return stream("employment.service", s.db.Reader(ctx).NewSelect().TableExpr("employment_services AS e").
			ColumnExpr("e.city_code AS city, e.person_id AS person, e.org_path AS path, e.id AS source, e.on_day AS on_day").
			Join("JOIN persons AS p ON p.city_code = e.city_code AND p.id = e.person_id").Where("e.state IN ('done', 'accepted')"))
	case Intentions:
		return stream(FlowApplication, steps("ev.to_state = 'agreed' AND ev.from_state <> 'agreed'"))
	case Placements:
		return stream(FlowApplication, steps("ev.to_state = 'arrived' AND ev.from_state <> 'arrived'"))
	}
	return fault.New(fault.NotFound, "figures.unknown")
}

// postedSince reads what a trial needs of the latest vacancies of a subtree.
func (s store) postedSince(ctx context.Context, path string, since time.Time, limit int) ([]vacancyRow, error) {
	var rows []vacancyRow
	from, to := db.Subtree(path)
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&rows).Column("headcount", "valid_to", "created_at"), db.Columns{Path: "v.org_path"})
	if err != nil {
		return nil, err
	}
	err = q.Where("v.org_path >= ? AND v.org_path < ? AND v.created_at >= ?", from, to, since).
		OrderExpr("v.created_at DESC").Limit(int64(limit)).Scan(ctx)
	return rows, db.Fault(err)
}

// appliedBelow reads what a trial needs of the latest applications of a subtree.
func (s store) appliedBelow(ctx context.Context, path string, since time.Time, limit int) ([]applicationRow, error) {
	var rows []applicationRow
	from, to := db.Subtree(path)
	q, err := db.Scoped(ctx, s.db.Reader(ctx).NewSelect().Model(&rows).Column("person_id", "state", "created_at"), db.Columns{Path: "a.org_path"})
	if err != nil {
		return nil, err
	}
	err = q.Where("a.org_path >= ? AND a.org_path < ? AND a.created_at >= ?", from, to, since).
		OrderExpr("a.created_at DESC").Limit(int64(limit)).Scan(ctx)
	return rows, db.Fault(err)
}
