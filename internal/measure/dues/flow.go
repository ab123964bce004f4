package dues

import (
	"time"

	"gonghui/internal/core/access"
	"gonghui/internal/core/calendar"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/rules"
)

// The procedures of the room.
const (
	FlowRefund = "dues.refund"
	FlowAppeal = "dues.appeal"
)

// Flows lists the procedures of the room.
func Flows() []casework.Flow { return []casework.Flow{RefundFlow(), AppealFlow()} }

// RefundFlow is the way of a list of refunds, or of one company's application:
// the township looks it through, the county gives public notice, a second person
// approves. Periods are the parameters' of the day on which a state begins.
func RefundFlow() casework.Flow {
	within := func(name string) []casework.Deadline { return []casework.Deadline{{Name: name}} }
	desk, company, clock := casework.Desk, casework.Company, casework.Clock
	return casework.Flow{
		Name:    FlowRefund,
		Prefix:  "R",
		Initial: []string{"submitted"},
		States: []casework.State{
			{Name: "submitted", WaitingFor: desk, Capability: access.DuesReview, Deadlines: within("review"), Due: "review"},
			{Name: "returned", WaitingFor: company, Deadlines: []casework.Deadline{{Name: "resubmit", Event: "lapse"}}, Due: "resubmit"},
			{Name: "reviewed", WaitingFor: desk, Capability: access.DuesRefund, Deadlines: within("county"), Due: "county"},
			{Name: "noticed", Deadlines: []casework.Deadline{{Name: "notice", Event: "notice_over"}}, Due: "notice"},
			{Name: "approving", WaitingFor: desk, Capability: access.DuesApprove, Deadlines: within("county"), Due: "county"},
			{Name: "approved", Final: true},
			{Name: "rejected", Final: true},
			{Name: "lapsed", Final: true},
		},
		Transitions: []casework.Transition{
			{From: []string{"submitted"}, Event: "review", To: "reviewed", By: []string{desk}},
			{From: []string{"submitted", "reviewed"}, Event: "return", To: "returned", By: []string{desk}, Reason: true},
			{From: []string{"returned"}, Event: "resubmit", To: "submitted", By: []string{company}},
			{From: []string{"returned"}, Event: "lapse", To: "lapsed", By: []string{clock}},
			{From: []string{"reviewed"}, Event: "notice", To: "noticed", By: []string{desk}},
			{From: []string{"noticed"}, Event: "notice_over", To: "approving", By: []string{clock}},
			{From: []string{"approving"}, Event: "approve", To: "approved", By: []string{desk}, FourEyes: true},
			{From: []string{"approving"}, Event: "send_back", To: "reviewed", By: []string{desk}, Reason: true},
			{From: []string{"submitted", "reviewed", "approving"}, Event: "reject", To: "rejected", By: []string{desk}, Reason: true},
		},
	}
}

// AppealFlow is a company's objection: to its size class, its exclusion, an amount.
func AppealFlow() casework.Flow {
	desk, company := casework.Desk, casework.Company
	return casework.Flow{
		Name:    FlowAppeal,
		Prefix:  "O",
		Initial: []string{"submitted"},
		States: []casework.State{
			{Name: "submitted", WaitingFor: desk, Capability: access.DuesRefund, Deadlines: []casework.Deadline{{Name: "county"}}, Due: "county"},
			{Name: "upheld", Final: true},
			{Name: "declined", Final: true},
			{Name: "withdrawn", Final: true},
		},
		Transitions: []casework.Transition{
			{From: []string{"submitted"}, Event: "uphold", To: "upheld", By: []string{desk}, Reason: true},
			{From: []string{"submitted"}, Event: "decline", To: "declined", By: []string{desk}, Reason: true},
			{From: []string{"submitted"}, Event: "withdraw", To: "withdrawn", By: []string{company}},
		},
	}
}

// dueAt gives the end of a period of a parameter that begins today.
func (s *Service) dueAt(r *rules.Reading, deadline, key string) map[string]time.Time {
	return map[string]time.Time{deadline: calendar.Deadline(r.Day(), r.Days(key), calendar.Workday, false).End()}
}
