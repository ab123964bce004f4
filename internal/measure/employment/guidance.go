package employment

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/notice"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/page"
)

// Kinds of service that are logged one by one.
const (
	Guidance       = "guidance"       // 职业指导, one session
	FairCheckIn    = "fair_check_in"  // 招聘会签到
	Recommendation = "recommendation" // 岗位推荐, counts once the worker accepts
)

// ServiceRecord is one service given to one worker.
type ServiceRecord struct {
	CityCode, ID, OrgPath string
	PersonID, PersonName  string
	PersonPath            string // where the worker belongs, for who may open the record; in lists
	Kind, State           string // done; offered accepted declined for a recommendation
	VacancyCity           string
	VacancyID             string
	VacancyTitle          string    // of the recommended vacancy; in lists
	On                    clock.Day // of the service; of the answer to a recommendation
	Note                  string
	CreatedAt             time.Time
	Version               int
}

// ServiceInput records a service; the worker is named by phone number and is
// taken into the registry when new.
type ServiceInput struct {
	Kind    string    `form:"kind" json:"kind" check:"required,choice=guidance|fair_check_in|recommendation"`
	Phone   string    `form:"phone" json:"phone" check:"required,phone"`
	Name    string    `form:"name" json:"name" check:"required,name,max=50"`
	Vacancy string    `form:"vacancy" json:"vacancy" check:"max=40"` // number, for a recommendation
	On      clock.Day `form:"on" json:"on" check:"day"`
	Event   string    `form:"event" json:"event" check:"max=60"` // the fair's name
	Note    string    `form:"note" json:"note" check:"max=300"`
}

type serviceRow struct {
	bun.BaseModel `bun:"table:employment_services,alias:e"`

	CityCode    string    `bun:"city_code,pk"`
	ID          string    `bun:"id,pk"`
	OrgPath     string    `bun:"org_path"`
	PersonID    string    `bun:"person_id"`
	Kind        string    `bun:"kind"`
	State       string    `bun:"state"`
	VacancyCity string    `bun:"vacancy_city"`
	VacancyID   string    `bun:"vacancy_id"`
	OnDay       clock.Day `bun:"on_day"`
	Note        string    `bun:"note"`
	OnceKey     string    `bun:"once_key"`
	CreatedBy   string    `bun:"created_by"`
	CreatedAt   time.Time `bun:"created_at"`
	Version     int       `bun:"version"`

	PersonName   string `bun:"person_name,scanonly"`
	PersonPath   string `bun:"person_path,scanonly"`
	VacancyTitle string `bun:"vacancy_title,scanonly"`
}

func (r serviceRow) record() ServiceRecord {
	return ServiceRecord{
		CityCode: r.CityCode, ID: r.ID, OrgPath: r.OrgPath, PersonID: r.PersonID, PersonName: r.PersonName, PersonPath: r.PersonPath, Kind: r.Kind,
		State: r.State, VacancyCity: r.VacancyCity, VacancyID: r.VacancyID, VacancyTitle: r.VacancyTitle, On: r.OnDay, Note: r.Note, CreatedAt: r.CreatedAt, Version: r.Version,
	}
}

// RecordService logs a service of the unit at unitID. The same check-in on the
// same day, or the same vacancy recommended again, is one record. Faults:
// access.denied, form.invalid, employment.no_vacancy.
func (s *Service) RecordService(ctx context.Context, unitID string, in ServiceInput) (ServiceRecord, error) {
	unit, ok := s.Org.ByID(unitID)
	if !ok {
		return ServiceRecord{}, fault.New(fault.NotFound, "org.no_unit")
	}
	if err := access.Require(ctx, access.ServicesRecord, unit.Path); err != nil {
		return ServiceRecord{}, err
	}
	actor, _ := access.From(ctx)
	if in.On.IsZero() {
		in.On = s.today()
	}
	if !contains([]string{Guidance, FairCheckIn, Recommendation}, in.Kind) {
		return ServiceRecord{}, fault.New(fault.Invalid, "form.invalid", fault.OnField("kind", "choice"))
	}
	if in.On > s.today() || in.On < s.today().Add(-31) {
		return ServiceRecord{}, fault.New(fault.Invalid, "form.invalid", fault.OnField("on", "out_of_range"))
	}
	var r serviceRow
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		p, _, err := s.People.FindOrCreateByPhone(access.System(ctx, "employment.record_service"), in.Phone, in.Name, unit.DivisionCode)
		if err != nil {
			return err
		}
		r = serviceRow{
			CityCode: p.CityCode, ID: id.New(), OrgPath: unit.Path, PersonID: p.ID, PersonName: p.Name, Kind: in.Kind, State: "done",
			OnDay: in.On, Note: strings.TrimSpace(in.Note), CreatedBy: actor.AccountID, CreatedAt: s.Clock.Now(), Version: 1,
		}
		r.OnceKey = strings.Join([]string{in.Kind, p.ID, in.On.String(), strings.TrimSpace(in.Event)}, ":")
		var v Vacancy
		if in.Kind == Recommendation {
			if v, err = s.store.vacancyByNumber(ctx, strings.TrimSpace(in.Vacancy)); err != nil {
				return err
			}
			if !v.OnOffer(s.today()) {
				return fault.New(fault.Conflict, "employment.off_list")
			}
			r.State, r.VacancyCity, r.VacancyID = "offered", v.CityCode, v.ID
			r.OnceKey = strings.Join([]string{in.Kind, p.ID, v.ID}, ":")
		}
		res, err := s.DB.Writer(ctx).NewInsert().Model(&r).On("CONFLICT (city_code, once_key) DO NOTHING").Returning("NULL").Exec(ctx)
		if err != nil {
			return db.Fault(err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			if err != nil {
				return db.Fault(err)
			}
			return db.Fault(s.DB.Reader(ctx).NewSelect().Model(&r).
				Where("e.city_code = ? AND e.once_key = ?", p.CityCode, r.OnceKey).Scan(ctx))
		}
		if in.Kind == Recommendation {
			return s.Notices.Tell(ctx, notice.News{
				City: p.CityCode, PersonCity: p.CityCode, PersonID: p.ID, Template: "employment.recommended",
				Params: map[string]any{"Title": v.Title, "Company": v.CompanyName}, Link: "/recommendations/" + r.ID, OnceKey: "recommended:" + r.ID,
			})
		}
		return s.countServed(ctx, p, unit.Path, "employment.service", r.ID, in.On)
	})
	return r.record(), err
}

// MyRecommendations lists what was recommended to the signed-in worker.
func (s *Service) MyRecommendations(ctx context.Context) ([]ServiceRecord, error) {
	self, err := access.RequireSelf(ctx)
	if err != nil {
		return nil, err
	}
	var rows []serviceRow
	err = s.DB.Reader(ctx).NewSelect().Model(&rows).
		Where("e.person_id = ? AND e.kind = ?", self.ID, Recommendation).OrderExpr("e.created_at DESC, e.id DESC").Limit(50).Scan(ctx)
	out := make([]ServiceRecord, len(rows))
	for i := range rows {
		out[i] = rows[i].record()
	}
	return out, db.Fault(err)
}

// AnswerRecommendation accepts or declines a recommendation; accepting counts
// the worker as served. Answering twice the same way changes nothing.
func (s *Service) AnswerRecommendation(ctx context.Context, recordID string, accept bool) (Vacancy, error) {
	self, err := access.RequireSelf(ctx)
	if err != nil {
		return Vacancy{}, err
	}
	var v Vacancy
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		var r serviceRow
		err := s.DB.Reader(ctx).NewSelect().Model(&r).
			Where("e.city_code = ? AND e.id = ? AND e.person_id = ? AND e.kind = ?", self.City, recordID, self.ID, Recommendation).Scan(ctx)
		if fault.IsKind(db.Fault(err), fault.NotFound) {
			return fault.New(fault.NotFound, "employment.no_recommendation")
		}
		if err != nil {
			return db.Fault(err)
		}
		state := "declined"
		if accept {
			state = "accepted"
		}
		if v, err = s.store.vacancy(access.System(ctx, "employment.recommendation"), r.VacancyCity, r.VacancyID); err != nil {
			return err
		}
		if r.State == state {
			return nil
		}
		// The day becomes that of the answer: it is the day on which it counts.
		res, err := s.DB.Writer(ctx).NewUpdate().Model((*serviceRow)(nil)).Set("state = ?, on_day = ?, version = version + 1", state, s.today()).
			Where("city_code = ? AND id = ? AND state = 'offered'", r.CityCode, r.ID).Exec(ctx)
		err = db.Affected(res, err, casework.ErrMovedOn)
		if fault.HasCode(err, casework.ErrMovedOn.Code) {
			if now, err := s.recommendationState(ctx, r); err != nil || now == state {
				return err // the same tap twice at the same time
			}
		}
		if err != nil || !accept {
			return err
		}
		p, err := s.People.Get(ctx, self.City, self.ID)
		if err != nil {
			return err
		}
		return s.countServed(ctx, p, r.OrgPath, "employment.service", r.ID, s.today())
	})
	return v, err
}

func (s *Service) recommendationState(ctx context.Context, r serviceRow) (state string, err error) {
	err = s.DB.Reader(ctx).NewSelect().Model((*serviceRow)(nil)).Column("state").
		Where("city_code = ? AND id = ?", r.CityCode, r.ID).Scan(ctx, &state)
	return state, db.Fault(err)
}

// withVacancy brings the title of a recommended vacancy along; the desk that
// recommended it has seen it.
func withVacancy(q *bun.SelectQuery) *bun.SelectQuery {
	return q.ColumnExpr("e.*").ColumnExpr("COALESCE(v.title, '') AS vacancy_title").
		Join("LEFT JOIN vacancies AS v ON v.city_code = e.vacancy_city AND v.id = e.vacancy_id")
}

// ListServices lists the services logged under the scope, newest first.
func (s *Service) ListServices(ctx context.Context, r page.Request) (page.Page[ServiceRecord], error) {
	ctx, err := access.For(ctx, access.ServicesRecord)
	if err != nil {
		return page.Page[ServiceRecord]{}, err
	}
	var rows []serviceRow
	q, err := db.Scoped(ctx, s.DB.Reader(ctx).NewSelect().Model(&rows), db.Columns{Path: "e.org_path"})
	if err != nil {
		return page.Page[ServiceRecord]{}, err
	}
	const list = "services"
	var at time.Time
	var after string
	if ok, err := r.After.Decode(list, &at, &after); err != nil {
		return page.Page[ServiceRecord]{}, err
	} else if ok {
		q = q.Where("(e.created_at < ? OR (e.created_at = ? AND e.id < ?))", at, at, after)
	}
	err = withVacancy(q).ColumnExpr("p.name AS person_name").ColumnExpr("p.org_path AS person_path").
		Join("JOIN persons AS p ON p.city_code = e.city_code AND p.id = e.person_id").
		OrderExpr("e.created_at DESC, e.id DESC").Limit(int64(r.Size() + 1)).Scan(ctx)
	if err != nil {
		return page.Page[ServiceRecord]{}, db.Fault(err)
	}
	cut := page.Cut(rows, r.Size(), func(x serviceRow) page.Cursor { return page.Encode(list, x.CreatedAt, x.ID) })
	return page.Map(cut, serviceRow.record), nil
}
