package api

import (
	"context"
	"net/http"
	"time"

	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/form"
	"gonghui/internal/measure/employment"
)

// Case is a record in its procedure.
type Case struct {
	Kind      string    `json:"kind"`
	City      string    `json:"city"`
	ID        string    `json:"id"`
	Number    string    `json:"number"`
	Title     string    `json:"title"`
	State     string    `json:"state"`
	StateText string    `json:"state_text"`
	Unit      UnitName  `json:"unit" doc:"the union unit in charge"`
	Waiting   string    `json:"waiting_for,omitempty" doc:"worker company desk; absent: nobody has to act"`
	DueAt     time.Time `json:"due_at,omitzero"`
	Overdue   bool      `json:"overdue,omitempty"`
	OpenedAt  time.Time `json:"opened_at"`
	Version   int       `json:"version"`
}

// CaseDetail is a case with its history and what may be done now.
type CaseDetail struct {
	Case
	History []Event `json:"history"`
	Steps   []Step  `json:"steps"`
}

// Cases is a page of the queue.
type Cases struct {
	List[Case]
	Counts []KindCount `json:"counts" doc:"what waits, by kind; 500 means that many or more"`
}

// KindCount is how much of one kind waits.
type KindCount struct {
	Kind    string `json:"kind"`
	Text    string `json:"text"`
	Waiting int    `json:"waiting"`
	Overdue int    `json:"overdue"`
}

// CaseRef names a case by kind, custody city and id.
type CaseRef struct {
	Kind string `path:"kind" maxLength:"60" pattern:"^[a-z._]+$" example:"employment.vacancy"`
	Record
}

// ServiceRecord is a service given to a worker.
type ServiceRecord struct {
	City  string    `json:"city"`
	ID    string    `json:"id"`
	Kind  string    `json:"kind"`
	State string    `json:"state" doc:"done; offered accepted declined for a recommendation"`
	Name  string    `json:"name"`
	On    string    `json:"on" format:"date"`
	Note  string    `json:"note,omitempty"`
	Unit  UnitName  `json:"unit"`
	At    time.Time `json:"at"`
}

// ServiceDraft records a service. The worker is named by phone number.
type ServiceDraft struct {
	Unit    string `json:"unit,omitempty" maxLength:"12" doc:"code of the unit that gave it; the actor's own when absent"`
	Kind    string `json:"kind" enum:"guidance,fair_check_in,recommendation"`
	Phone   string `json:"phone" maxLength:"20"`
	Name    string `json:"name" maxLength:"50"`
	Vacancy string `json:"vacancy,omitempty" maxLength:"40" doc:"number, for a recommendation"`
	On      string `json:"on,omitempty" format:"date" doc:"today when absent"`
	Event   string `json:"event,omitempty" maxLength:"60" doc:"name of the fair"`
	Note    string `json:"note,omitempty" maxLength:"300"`
}

type caseQuery struct {
	Kind    []string `query:"kind,explode" maxItems:"20"`
	Overdue bool     `query:"overdue"`
	Text    string   `query:"q" maxLength:"50" doc:"part of the title or the beginning of the number"`
	Unit    string   `query:"unit" maxLength:"12" doc:"only this unit and those below"`
	Paging
}

func (s *server) desk() {
	add(s, route{id: "case-list", method: http.MethodGet, path: "/cases", tag: "desk"}, s.queue)
	add(s, route{id: "case-get", method: http.MethodGet, path: "/cases/{kind}/{city}/{id}", tag: "desk"},
		func(ctx context.Context, in *CaseRef) (CaseDetail, error) {
			c, err := s.deskCase(ctx, *in)
			if err != nil {
				return CaseDetail{}, err
			}
			return s.caseDetail(ctx, c)
		})
	add(s, route{id: "case-step", method: http.MethodPost, path: "/cases/{kind}/{city}/{id}/steps", tag: "desk"},
		func(ctx context.Context, in *struct {
			CaseRef
			Body Steps
		}) (CaseDetail, error) {
			return s.decide(ctx, in.CaseRef, in.Body)
		})
	add(s, route{id: "service-list", method: http.MethodGet, path: "/services", tag: "desk"},
		func(ctx context.Context, in *Paging) (List[ServiceRecord], error) {
			p, err := s.Employment.ListServices(ctx, in.request())
			if err != nil {
				return List[ServiceRecord]{}, err
			}
			return mapped(p, func(r employment.ServiceRecord) ServiceRecord { return s.serviceOf(ctx, r) }), nil
		})
	add(s, route{id: "service-record", method: http.MethodPost, path: "/services", tag: "desk", status: http.StatusCreated}, s.recordService)
}

func (s *server) queue(ctx context.Context, in *caseQuery) (Cases, error) {
	if err := access.RequireAnywhere(ctx, access.CaseView); err != nil {
		return Cases{}, err
	}
	f := casework.Filter{Kinds: in.Kind, Overdue: in.Overdue, Text: in.Text}
	if in.Unit != "" {
		u, err := s.unit(ctx, in.Unit, access.CaseView)
		if err != nil {
			return Cases{}, err
		}
		f.Unit = u.Path
	}
	p, err := s.Cases.Queue(ctx, f, in.request())
	if err != nil {
		return Cases{}, err
	}
	counts, err := s.Cases.QueueCounts(ctx, f)
	if err != nil {
		return Cases{}, err
	}
	out := Cases{List: mapped(p, func(c casework.Case) Case { return s.caseOf(ctx, c) }), Counts: []KindCount{}}
	for _, k := range counts {
		out.Counts = append(out.Counts, KindCount{Kind: k.Kind, Text: s.kindText(ctx, k.Kind), Waiting: k.Waiting, Overdue: k.Overdue})
	}
	return out, nil
}

// deskCase finds a case of a unit where the actor may see cases. One's own as a
// worker or a company is under /me and /companies.
func (s *server) deskCase(ctx context.Context, in CaseRef) (casework.Case, error) {
	c, err := s.Cases.Get(ctx, casework.Ref{City: in.City, ID: in.ID})
	if err == nil && (c.Kind != in.Kind || !access.Can(ctx, access.CaseView, c.OrgPath)) {
		err = casework.ErrNotFound
	}
	return c, err
}

// decide takes a step of the desk. An imported vacancy has no case before its
// first step, so the record is asked for, not the case.
func (s *server) decide(ctx context.Context, ref CaseRef, in Steps) (CaseDetail, error) {
	step, err := in.input(ref.City, ref.ID)
	if err != nil {
		return CaseDetail{}, err
	}
	switch ref.Kind {
	case employment.FlowEmployer:
		if _, err := s.deskCase(ctx, ref); err != nil {
			return CaseDetail{}, err
		}
		_, err = s.Employment.DecideEmployer(ctx, step)
	case employment.FlowVacancy:
		var v employment.Vacancy
		if v, err = s.Employment.GetVacancy(ctx, ref.City, ref.ID); err != nil {
			return CaseDetail{}, err
		}
		if !access.Can(ctx, access.CaseView, v.OrgPath) {
			return CaseDetail{}, casework.ErrNotFound
		}
		_, err = s.Employment.StepVacancy(ctx, step)
	default:
		err = casework.ErrNotFound
	}
	if err != nil {
		return CaseDetail{}, err
	}
	c, err := s.deskCase(ctx, ref)
	if err != nil {
		return CaseDetail{}, err
	}
	return s.caseDetail(ctx, c)
}

func (s *server) caseOf(ctx context.Context, c casework.Case) Case {
	return Case{
		Kind: c.Kind, City: c.City, ID: c.ID, Number: c.Number, Title: c.Title, State: c.State, StateText: s.stateText(ctx, c.Kind, c.State),
		Unit: s.unitName(ctx, c.OrgPath), Waiting: c.WaitingFor, DueAt: c.DueAt, Overdue: c.Overdue(s.Clock.Now()), OpenedAt: c.OpenedAt, Version: c.Version,
	}
}

func (s *server) caseDetail(ctx context.Context, c casework.Case) (CaseDetail, error) {
	out := CaseDetail{Case: s.caseOf(ctx, c)}
	var err error
	if out.History, err = s.history(ctx, c); err != nil {
		return out, err
	}
	out.Steps, err = s.steps(ctx, c, casework.Desk)
	return out, err
}

func (s *server) unitName(ctx context.Context, path string) UnitName {
	u, ok := s.Org.ByPath(path)
	if !ok {
		return UnitName{}
	}
	return unitOf(ctx, u)
}

func unitOf(ctx context.Context, u org.Unit) UnitName {
	return UnitName{Code: u.Code, Name: u.NameIn(string(lang(ctx)))}
}

func (s *server) recordService(ctx context.Context, in *struct{ Body ServiceDraft }) (ServiceRecord, error) {
	b := in.Body
	u, err := s.unit(ctx, b.Unit, access.ServicesRecord)
	if err != nil {
		return ServiceRecord{}, err
	}
	want := employment.ServiceInput{Kind: b.Kind, Phone: b.Phone, Name: b.Name, Vacancy: b.Vacancy, Event: b.Event, Note: b.Note}
	if want.On, err = day("on", b.On); err != nil {
		return ServiceRecord{}, err
	}
	if err := form.Check(&want); err != nil {
		return ServiceRecord{}, err
	}
	if want.Kind == employment.Recommendation && want.Vacancy == "" {
		return ServiceRecord{}, fault.New(fault.Invalid, "form.invalid", fault.OnField("vacancy", "required"))
	}
	r, err := s.Employment.RecordService(ctx, u.ID, want)
	if err != nil {
		return ServiceRecord{}, err
	}
	return s.serviceOf(ctx, r), nil
}

func (s *server) serviceOf(ctx context.Context, r employment.ServiceRecord) ServiceRecord {
	return ServiceRecord{
		City: r.CityCode, ID: r.ID, Kind: r.Kind, State: r.State, Name: r.PersonName, On: dayText(r.On), Note: r.Note,
		Unit: s.unitName(ctx, r.OrgPath), At: r.CreatedAt,
	}
}
