package ui

import (
	"context"
	"strconv"
)

// State is the condition a thing is shown in: a word, an icon and a colour.
type State string

// The states.
const (
	Waiting State = "waiting"
	DueSoon State = "due_soon"
	Overdue State = "overdue"
	Done    State = "done"
	Refused State = "refused"
	Draft   State = "draft"
	Info    State = "info"
)

// States lists all states.
var States = []State{Waiting, DueSoon, Overdue, Done, Refused, Draft, Info}

func (s State) known() State {
	for _, k := range States {
		if s == k {
			return s
		}
	}
	return Info
}

func (s State) class() string { return "tone-" + string(s.known()) }

func (s State) icon() string {
	return map[State]string{Waiting: "clock", DueSoon: "hourglass", Overdue: "alert", Done: "check", Refused: "cross", Draft: "pencil", Info: "info"}[s.known()]
}

// word is the state's own word, used when the caller has none better.
func (s State) word(ctx context.Context) string { return T(ctx, "ui.state."+string(s.known())) }

// Rest is the time left until a deadline, as shown in a queue.
type Rest struct {
	State State
	Text  string
}

// RestOf tells the days left in words: below zero is overdue, up to soon days is
// due soon. Whether days are 日 or 工作日 is the caller's matter; workdays says
// which word is used.
func RestOf(ctx context.Context, days, soon int, workdays bool) Rest {
	unit := "day"
	if workdays {
		unit = "workday"
	}
	switch {
	case days < 0:
		return Rest{Overdue, T(ctx, "ui.rest.over."+unit, "Days", strconv.Itoa(-days))}
	case days == 0:
		return Rest{DueSoon, T(ctx, "ui.rest.today")}
	case days <= soon:
		return Rest{DueSoon, T(ctx, "ui.rest.left."+unit, "Days", strconv.Itoa(days))}
	}
	return Rest{Waiting, T(ctx, "ui.rest.left."+unit, "Days", strconv.Itoa(days))}
}
