package employment

import (
	"time"

	"gonghui/internal/core/access"
	"gonghui/internal/core/calendar"
	"gonghui/internal/core/casework"
)

// The three procedures of the room.
const (
	FlowEmployer    = "employment.employer"
	FlowVacancy     = "employment.vacancy"
	FlowApplication = "employment.application"
)

// Flows lists the procedures of the room.
func Flows(p Parameters) []casework.Flow {
	return []casework.Flow{EmployerFlow(p), VacancyFlow(p), ApplicationFlow(p)}
}

// EmployerFlow is the verification of a company by its county: 资质核验.
// A company without a union is not turned away (it is a lead for organising).
func EmployerFlow(p Parameters) casework.Flow {
	review := casework.Deadline{Name: "review", N: p.ReviewWorkdays, Unit: calendar.Workday}
	return casework.Flow{
		Name:    FlowEmployer,
		Prefix:  "E",
		Initial: []string{"submitted"},
		States: []casework.State{
			{Name: "submitted", WaitingFor: casework.Desk, Capability: access.CompanyVerify, Deadlines: []casework.Deadline{review}, Due: "review"},
			{Name: "returned", WaitingFor: casework.Company},
			{Name: "verified"},
			{Name: "blocked"},
		},
		Transitions: []casework.Transition{
			{From: []string{"submitted"}, Event: "accept", To: "verified", By: []string{casework.Desk}},
			{From: []string{"submitted"}, Event: "return", To: "returned", By: []string{casework.Desk}, Reason: true},
			{From: []string{"returned"}, Event: "resubmit", To: "submitted", By: []string{casework.Company}},
			{From: []string{"submitted", "returned", "verified"}, Event: "block", To: "blocked", By: []string{casework.Desk}, Capability: access.CompanyVerify, Reason: true},
			{From: []string{"blocked"}, Event: "unblock", To: "returned", By: []string{casework.Desk}, Capability: access.CompanyVerify, Reason: true},
		},
	}
}

// VacancyFlow is the life of a post on offer. Expiry is fired by the clock
// from the vacancy's own valid_to, for posted and imported vacancies alike.
func VacancyFlow(p Parameters) casework.Flow {
	review := casework.Deadline{Name: "review", N: p.ReviewWorkdays, Unit: calendar.Workday}
	company, desk, clock := casework.Company, casework.Desk, casework.Clock
	return casework.Flow{
		Name:    FlowVacancy,
		Prefix:  "V",
		Initial: []string{"submitted", "published"}, // an imported ad is published at once
		States: []casework.State{
			{Name: "submitted", WaitingFor: desk, Capability: access.VacancyReview, Deadlines: []casework.Deadline{review}, Due: "review"},
			{Name: "returned", WaitingFor: company},
			{Name: "published"},
			{Name: "paused", WaitingFor: company},
			{Name: "full"},
			{Name: "expired", WaitingFor: company},
			{Name: "closed", Final: true},
			{Name: "taken_down", Final: true},
		},
		Transitions: []casework.Transition{
			{From: []string{"submitted"}, Event: "publish", To: "published", By: []string{desk}},
			{From: []string{"submitted"}, Event: "return", To: "returned", By: []string{desk}, Reason: true},
			{From: []string{"returned", "expired"}, Event: "resubmit", To: "submitted", By: []string{company}},
			{From: []string{"published"}, Event: "suspend", To: "paused", By: []string{company}},
			{From: []string{"paused", "full"}, Event: "reopen", To: "published", By: []string{company}},
			{From: []string{"published"}, Event: "refresh", By: []string{company}},
			{From: []string{"published", "paused"}, Event: "fill", To: "full", By: []string{company, clock}},
			{From: []string{"published", "paused", "full"}, Event: "expire", To: "expired", By: []string{clock}},
			{From: []string{"published", "paused", "full"}, Event: "take_down", To: "taken_down", By: []string{desk}, Capability: access.VacancyReview, Reason: true},
			{From: []string{"submitted", "returned", "published", "paused", "full", "expired"}, Event: "close", To: "closed", By: []string{company}, Reason: true},
		},
	}
}

// ApplicationFlow goes from delivery to arrival: 投递 → 已查看 → 邀约面试 →
// 面试结果 → 录用意向 → 到岗确认. A company's silence reminds it first and then
// tells the worker; it may still answer after that.
func ApplicationFlow(p Parameters) casework.Flow {
	silence := []casework.Deadline{
		{Name: "remind", N: p.RemindDays, Unit: calendar.Day, Event: "remind", Carry: true},
		{Name: "no_reply", N: p.NoReplyDays, Unit: calendar.Day, Event: "no_reply", Carry: true},
	}
	company, worker, clock := casework.Company, casework.Worker, casework.Clock
	return casework.Flow{
		Name:    FlowApplication,
		Prefix:  "A",
		Initial: []string{"delivered"},
		States: []casework.State{
			{Name: "delivered", WaitingFor: company, Deadlines: silence, Due: "no_reply"},
			{Name: "viewed", WaitingFor: company, Deadlines: silence, Due: "no_reply"},
			{Name: "no_reply", WaitingFor: company},
			{Name: "invited", WaitingFor: company},
			{Name: "interviewed", WaitingFor: company},
			{Name: "offered", WaitingFor: worker},
			{Name: "agreed", WaitingFor: company},
			{Name: "company_confirmed", WaitingFor: worker},
			{Name: "worker_confirmed", WaitingFor: company},
			{Name: "arrived", Final: true},
			{Name: "rejected", Final: true},
			{Name: "declined", Final: true},
			{Name: "no_show", Final: true},
			{Name: "lapsed", Final: true},
			{Name: "withdrawn"},
		},
		Transitions: []casework.Transition{
			{From: []string{"delivered"}, Event: "view", To: "viewed", By: []string{company}},
			{From: []string{"delivered", "viewed"}, Event: "remind", By: []string{clock}},
			{From: []string{"delivered", "viewed"}, Event: "no_reply", To: "no_reply", By: []string{clock}},
			{From: []string{"delivered", "viewed", "no_reply"}, Event: "invite", To: "invited", By: []string{company}},
			{From: []string{"invited"}, Event: "record", To: "interviewed", By: []string{company}},
			{From: []string{"delivered", "viewed", "no_reply", "invited", "interviewed"}, Event: "reject", To: "rejected", By: []string{company}, Reason: true},
			{From: []string{"viewed", "no_reply", "invited", "interviewed"}, Event: "offer", To: "offered", By: []string{company}},
			{From: []string{"offered"}, Event: "accept", To: "agreed", By: []string{worker}},
			{From: []string{"offered"}, Event: "decline", To: "declined", By: []string{worker}},
			{From: []string{"agreed"}, Event: "confirm", To: "company_confirmed", By: []string{company}},
			{From: []string{"agreed"}, Event: "confirm_own", To: "worker_confirmed", By: []string{worker}},
			{From: []string{"worker_confirmed"}, Event: "confirm", To: "arrived", By: []string{company}},
			{From: []string{"company_confirmed"}, Event: "confirm_own", To: "arrived", By: []string{worker}},
			{From: []string{"agreed", "company_confirmed", "worker_confirmed"}, Event: "no_show", To: "no_show", By: []string{company}, Reason: true},
			{From: []string{"delivered", "viewed", "no_reply", "invited", "interviewed", "offered", "agreed"}, Event: "withdraw", To: "withdrawn", By: []string{worker}},
			{From: []string{"withdrawn"}, Event: "reapply", To: "delivered", By: []string{worker}},
			{From: []string{"delivered", "viewed", "no_reply", "invited", "interviewed"}, Event: "lapse", To: "lapsed", By: []string{clock}},
		},
	}
}

// reviewDue and silenceDue set the deadlines by the parameters of today: a flow is
// made once, when the program starts, and a new set of parameters may come into
// force while it runs.
func (s *Service) reviewDue() map[string]time.Time {
	return map[string]time.Time{"review": s.due(s.Parameters().ReviewWorkdays, calendar.Workday)}
}

func (s *Service) silenceDue() map[string]time.Time {
	p := s.Parameters()
	return map[string]time.Time{"remind": s.due(p.RemindDays, calendar.Day), "no_reply": s.due(p.NoReplyDays, calendar.Day)}
}

func (s *Service) due(n int, unit calendar.Unit) time.Time {
	return calendar.Deadline(s.today(), n, unit, false).End()
}
