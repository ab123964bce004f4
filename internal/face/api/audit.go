package api

import (
	"context"
	"net/http"
	"time"

	"gonghui/internal/core/inspection"
)

// AuditEntry is one thing done, with words in the language asked for. Workers are
// masked.
type AuditEntry struct {
	City    string       `json:"city" doc:"custody of the record touched"`
	ID      string       `json:"id"`
	At      time.Time    `json:"at"`
	Action  Coded        `json:"action"`
	Detail  string       `json:"detail,omitempty" doc:"what exactly, in words"`
	Actor   AuditActor   `json:"actor"`
	Subject AuditSubject `json:"subject"`
	Unit    UnitName     `json:"unit" doc:"the unit that keeps the record"`
	Purpose string       `json:"purpose,omitempty"`
	Request string       `json:"request,omitempty" doc:"reference of the request, as in a problem's instance"`
	Seq     int64        `json:"seq,omitempty" doc:"place in the chain of the city; absent until sealed, within a minute or two"`
}

// AuditActor is who did it.
type AuditActor struct {
	Kind  string `json:"kind" enum:"staff,worker,house,visitor"`
	ID    string `json:"id,omitempty"`
	Login string `json:"login,omitempty"`
	Text  string `json:"text"`
}

// AuditSubject is what it was done to.
type AuditSubject struct {
	Kind   Coded  `json:"kind"`
	ID     string `json:"id"`
	Number string `json:"number,omitempty"`
	Text   string `json:"text"`
}

type auditQuery struct {
	Actor   string `query:"actor" maxLength:"60" doc:"login of staff, id of an account, or system"`
	Action  string `query:"action" maxLength:"80" pattern:"^[a-z0-9_.]*$" doc:"code of an action, such as person.phone_read"`
	Kind    string `query:"kind" maxLength:"60" pattern:"^[a-z_.]*$" doc:"kind of record: person company account role unit batch, or a procedure such as employment.vacancy"`
	Subject string `query:"subject" maxLength:"60" doc:"id or public number of a record"`
	From    string `query:"from" format:"date" doc:"the first day, in Shandong"`
	To      string `query:"to" format:"date" doc:"the last day"`
	Paging
}

func (s *server) audit() {
	add(s, route{id: "audit-list", method: http.MethodGet, path: "/audit", tag: "desk"}, s.auditEntries)
}

func (s *server) auditEntries(ctx context.Context, in *auditQuery) (List[AuditEntry], error) {
	q := inspection.Query{Actor: in.Actor, Action: in.Action, Kind: in.Kind, Subject: in.Subject}
	var err error
	if q.From, err = day("from", in.From); err == nil {
		q.To, err = day("to", in.To)
	}
	if err != nil {
		return List[AuditEntry]{}, err
	}
	p, err := s.Inspection.Search(ctx, q, in.request())
	if err != nil {
		return List[AuditEntry]{}, err
	}
	return mapped(p, func(l inspection.Line) AuditEntry { return s.auditEntry(ctx, l) }), nil
}

func (s *server) auditEntry(ctx context.Context, x inspection.Line) AuditEntry {
	l := lang(ctx)
	w := s.Inspection.Words(l, x)
	return AuditEntry{
		City: x.CityCode, ID: x.ID, At: x.At, Action: Coded{string(x.Action), w.Did}, Detail: w.Detail,
		Actor: AuditActor{Kind: string(x.Actor.Kind), ID: x.ActorID, Login: x.Actor.Login, Text: w.Who},
		Subject: AuditSubject{
			Kind: Coded{x.SubjectKind, s.Inspection.KindText(l, x.SubjectKind)}, ID: x.SubjectID, Number: x.Number,
			Text: w.About,
		},
		Unit: s.unitName(ctx, x.OrgPath), Purpose: w.Why, Request: x.RequestID, Seq: x.Seq,
	}
}
