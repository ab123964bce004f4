package employment

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
)

// DeskFilter narrows the desk's list of vacancies.
type DeskFilter struct {
	State  string // "" = all; an unknown one is a fault
	Source string // company, import; "" = both
	Text   string // part of the title or of the company's name, or a whole number
	page.Request
}

// VacancyStates lists the states of a vacancy, in the order of the flow.
var VacancyStates = []string{"submitted", "returned", "published", "paused", "full", "expired", "closed", "taken_down"}

// ApplicationStates lists the states of an application, in the order of the flow.
var ApplicationStates = []string{
	"delivered", "viewed", "no_reply", "invited", "interviewed", "offered", "agreed", "company_confirmed", "worker_confirmed",
	"arrived", "rejected", "declined", "no_show", "lapsed", "withdrawn",
}

func (f *DeskFilter) check() error {
	if f.State != "" && !contains(VacancyStates, f.State) {
		return fault.New(fault.Invalid, "casework.filter", fault.OnField("state", "choice"))
	}
	if f.Source != "" && f.Source != SourceCompany && f.Source != SourceImport {
		return fault.New(fault.Invalid, "casework.filter", fault.OnField("source", "choice"))
	}
	f.Text = strings.TrimSpace(f.Text)
	if len([]rune(f.Text)) > 50 || !db.Possible(f.Text) {
		return fault.New(fault.Invalid, "casework.filter", fault.OnField("q", "invalid"))
	}
	return nil
}

// DeskVacancies lists the vacancies of the units whose cases the actor may see,
// the newest first. Faults: access.denied, casework.filter, page.cursor.
func (s *Service) DeskVacancies(ctx context.Context, f DeskFilter) (page.Page[Vacancy], error) {
	var none page.Page[Vacancy]
	if err := f.check(); err != nil {
		return none, err
	}
	ctx, err := access.For(ctx, access.CaseView)
	if err != nil {
		return none, err
	}
	var rows []vacancyRow
	q, err := db.Scoped(ctx, s.DB.Reader(ctx).NewSelect().Model(&rows), db.Columns{Path: "v.org_path"})
	if err != nil {
		return none, err
	}
	if f.State != "" {
		q = q.Where("v.state = ?", f.State)
	}
	if f.Source != "" {
		q = q.Where("v.source = ?", f.Source)
	}
	if f.Text != "" {
		like := db.Contains(f.Text)
		q = q.Where(`(v.title LIKE ? ESCAPE '\' OR v.company_name LIKE ? ESCAPE '\' OR v.number = ?)`, like, like, strings.ToUpper(f.Text))
	}
	const list = "desk_vacancies"
	var at time.Time
	var id string
	if more, err := f.After.Decode(list, &at, &id); err != nil {
		return none, err
	} else if more {
		q = q.Where("(v.created_at < ? OR (v.created_at = ? AND v.id < ?))", at, at, id)
	}
	if err := q.OrderExpr("v.created_at DESC, v.id DESC").Limit(int64(f.Size() + 1)).Scan(ctx); err != nil {
		return none, db.Fault(err)
	}
	cut := page.Cut(rows, f.Size(), func(r vacancyRow) page.Cursor { return page.Encode(list, r.CreatedAt, r.ID) })
	return page.Map(cut, func(r vacancyRow) Vacancy { return r.vacancy() }), nil
}

// Employers names the companies of those records that are vacancies of the units
// whose cases the actor may see; what is no vacancy is left out. Fault: access.denied.
func (s *Service) Employers(ctx context.Context, refs []casework.Ref) (map[casework.Ref]string, error) {
	out := map[casework.Ref]string{}
	if len(refs) == 0 {
		return out, nil
	}
	ctx, err := access.For(ctx, access.CaseView)
	if err != nil {
		return nil, err
	}
	ids := map[string][]string{}
	for _, r := range refs {
		ids[r.City] = append(ids[r.City], r.ID)
	}
	var rows []vacancyRow
	q, err := db.Scoped(ctx, s.DB.Reader(ctx).NewSelect().Model(&rows).Column("city_code", "id", "company_name"), db.Columns{Path: "v.org_path"})
	if err != nil {
		return nil, err
	}
	q = q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		for city, list := range ids {
			q = q.WhereOr("v.city_code = ? AND v.id IN (?)", city, bun.List(list))
		}
		return q
	})
	if err := q.Scan(ctx); err != nil {
		return nil, db.Fault(err)
	}
	for _, r := range rows {
		out[casework.Ref{City: r.CityCode, ID: r.ID}] = r.CompanyName
	}
	return out, nil
}

// DeskCompanies lists the companies of the units whose cases the actor may see.
func (s *Service) DeskCompanies(ctx context.Context, f company.Filter, req page.Request) (page.Page[company.Company], error) {
	ctx, err := access.For(ctx, access.CaseView)
	if err != nil {
		return page.Page[company.Company]{}, err
	}
	return s.Companies.List(ctx, f, req)
}

// ExportVacancies gives every vacancy of DeskVacancies to row, for a file. Taking
// records out in bulk needs BatchRun and a purpose, and is audited. Faults:
// access.denied, employment.purpose, those of DeskVacancies.
func (s *Service) ExportVacancies(ctx context.Context, f DeskFilter, purpose string, row func(Vacancy) error) error {
	ctx, err := s.exporting(ctx, "employment.export_vacancies", purpose)
	if err != nil {
		return err
	}
	f.Request = page.Request{Limit: page.MaxLimit}
	for {
		p, err := s.DeskVacancies(ctx, f)
		if err != nil {
			return err
		}
		for _, v := range p.Items {
			if err := row(v); err != nil {
				return err
			}
		}
		if f.After = p.Next; f.After == "" {
			return nil
		}
	}
}

// ExportCompanies is ExportVacancies for companies; contacts stay masked.
func (s *Service) ExportCompanies(ctx context.Context, f company.Filter, purpose string, row func(company.Company) error) error {
	ctx, err := s.exporting(ctx, "employment.export_companies", purpose)
	if err != nil {
		return err
	}
	req := page.Request{Limit: page.MaxLimit}
	for {
		p, err := s.DeskCompanies(ctx, f, req)
		if err != nil {
			return err
		}
		for _, c := range p.Items {
			if err := row(c); err != nil {
				return err
			}
		}
		if req.After = p.Next; req.After == "" {
			return nil
		}
	}
}

// exporting checks the right to take records out and writes it down first: a
// file that was half sent was sent.
func (s *Service) exporting(ctx context.Context, what audit.Action, purpose string) (context.Context, error) {
	ctx, err := access.For(ctx, access.BatchRun)
	if err != nil {
		return nil, err
	}
	if purpose = strings.TrimSpace(purpose); purpose == "" || len([]rune(purpose)) > 200 {
		return nil, fault.New(fault.Invalid, "employment.purpose", fault.OnField("purpose", "required"))
	}
	at, _ := s.Org.Root()
	actor, _ := access.From(ctx)
	for _, g := range actor.Units() {
		if u, ok := s.Org.ByID(g.UnitID); ok && access.Can(ctx, access.BatchRun, g.Path) {
			at = u
			break
		}
	}
	return ctx, s.Audit.Record(ctx, audit.Entry{
		CityCode: at.CityCode, OrgPath: at.Path, Action: what, SubjectKind: "unit", SubjectID: at.ID, Purpose: purpose,
	})
}

// Refusals tells which rules a vacancy breaks, for the desk that decides on it.
func (s *Service) Refusals(v Vacancy) []Refusal {
	pay := v.Pay.Text("zh-CN")
	if v.External() {
		return screenImported(v, pay, s.today())
	}
	return Screen(ScreenInput{Title: v.Title, Content: v.Content, Tags: v.Tags, Pay: v.Pay, PayText: pay}, s.today())
}

// ServicesFor lists the services given to one worker by the actor's units, the
// newest first.
func (s *Service) ServicesFor(ctx context.Context, city, personID string) ([]ServiceRecord, error) {
	ctx, err := access.For(ctx, access.PeopleView)
	if err != nil {
		return nil, err
	}
	var rows []serviceRow
	q, err := db.Scoped(ctx, s.DB.Reader(ctx).NewSelect().Model(&rows), db.Columns{Path: "e.org_path"})
	if err != nil {
		return nil, err
	}
	err = withVacancy(q).Where("e.city_code = ? AND e.person_id = ?", city, personID).OrderExpr("e.created_at DESC, e.id DESC").Limit(100).Scan(ctx)
	out := make([]ServiceRecord, len(rows))
	for i := range rows {
		out[i] = rows[i].record()
	}
	return out, db.Fault(err)
}
