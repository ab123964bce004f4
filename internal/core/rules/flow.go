package rules

import (
	_ "embed"

	"gonghui/internal/core/access"
	"gonghui/internal/core/calendar"
	"gonghui/internal/core/casework"
)

// FlowChange is the procedure of a change.
const FlowChange = "rules.change"

// Flow is how a value comes into force: written and tried by one person, sent
// in, approved by another. Sending in is a step of the desk, so casework's own
// four eyes hold; the service also refuses whoever wrote the value last.
func Flow() casework.Flow {
	desk := []casework.Role{casework.Desk}
	return casework.Flow{
		Name:    FlowChange,
		Prefix:  "R",
		Initial: []string{"draft"},
		States: []casework.State{
			{Name: "draft", WaitingFor: casework.Desk, Capability: access.RulesPropose},
			{Name: "submitted", WaitingFor: casework.Desk, Capability: access.RulesApprove, Deadlines: []casework.Deadline{{Name: "review", Unit: calendar.Workday}}, Due: "review"},
			{Name: "returned", WaitingFor: casework.Desk, Capability: access.RulesPropose},
			{Name: "approved", Final: true},
			{Name: "withdrawn", Final: true},
		},
		Transitions: []casework.Transition{
			{From: []string{"draft", "returned"}, Event: "edit", By: desk, Capability: access.RulesPropose},
			{From: []string{"draft", "returned"}, Event: "submit", To: "submitted", By: desk, Capability: access.RulesPropose},
			{From: []string{"submitted"}, Event: "approve", To: "approved", By: desk, Capability: access.RulesApprove, FourEyes: true},
			{From: []string{"submitted"}, Event: "return", To: "returned", By: desk, Capability: access.RulesApprove, Reason: true},
			{From: []string{"draft", "submitted", "returned"}, Event: "withdraw", To: "withdrawn", By: desk, Capability: access.RulesPropose, Reason: true},
		},
	}
}

// ReviewWorkdays is how long the second person has, in 工作日.
const ReviewWorkdays = "rules.review_workdays"

//go:embed defaults.json
var defaults []byte

// own is what this room registers with itself.
func own() Room {
	return Room{
		Name:        "rules",
		Definitions: []Definition{{Key: ReviewWorkdays, Kind: Workdays, Bounds: Between(1, 60)}},
		Defaults:    defaults,
	}
}
