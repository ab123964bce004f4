package casework

import (
	"fmt"
	"slices"
	"strings"

	"gonghui/internal/core/access"
	"gonghui/internal/core/calendar"
)

// Role is the side on which somebody takes a step.
type Role = string

// The sides of a case. Clock is a deadline that has passed.
const (
	Worker  Role = "worker"
	Company Role = "company"
	Desk    Role = "desk"
	Clock   Role = "clock"
)

// Roles lists the sides in the order in which pages show them.
var Roles = []Role{Worker, Company, Desk, Clock}

// Opened is the event that starts every history.
const Opened = "open"

// Flow is a procedure: pure data, checked by Check, walked by flowtest.Walk and
// drawn by Doc.
type Flow struct {
	Name        string   // room.noun: employment.vacancy
	Prefix      string   // letters before the public number; "C" when empty
	Initial     []string // states in which a case may be opened; the first is the usual one
	States      []State
	Transitions []Transition
}

// State is one stage of a flow.
type State struct {
	Name       string
	Final      bool              // nothing follows
	WaitingFor Role              // worker, company or desk; "" = nobody has to act
	Capability access.Capability // what a desk user needs to take the next step
	Deadlines  []Deadline
	Due        string // which deadline is shown and sorts the queue; "" = none
}

// Deadline starts to run when a case enters its state and is dropped when the
// case leaves it. Steps that stay in the state leave it running.
type Deadline struct {
	Name  string
	N     int           // how many Unit; 0 = the room gives the instant in DueAt, or there is none
	Unit  calendar.Unit // calendar.Day or calendar.Workday
	Roll  bool          // a last day that is no working day moves to the next one
	Event string        // fired by the clock when due; "" = only shown as overdue
	Carry bool          // keeps running when the next state has a deadline of the same name
}

// Transition is one legal step.
type Transition struct {
	From       []string
	Event      string
	To         string            // "" = stays where it is; deadlines keep running
	By         []Role            // who may
	Capability access.Capability // what the desk needs, where it is not the state's capability
	Reason     bool              // a reason must be given
	FourEyes   bool              // not by the person who took the previous step of the desk
}

// State finds a state by name.
func (f Flow) State(name string) (State, bool) {
	for _, s := range f.States {
		if s.Name == name {
			return s, true
		}
	}
	return State{}, false
}

// Step finds the transition of an event in a state; To is filled in.
func (f Flow) Step(state, event string) (Transition, bool) {
	for _, t := range f.Transitions {
		if t.Event == event && slices.Contains(t.From, state) {
			if t.To == "" {
				t.To = state
			}
			return t, true
		}
	}
	return Transition{}, false
}

// Steps lists what role may do in a state, in the order of the table. It says
// what the procedure allows, not what a person is entitled to: for that see
// Engine.Steps.
func (f Flow) Steps(state string, role Role) []Transition {
	var out []Transition
	for _, t := range f.Transitions {
		if slices.Contains(t.From, state) && slices.Contains(t.By, role) {
			if t.To == "" {
				t.To = state
			}
			out = append(out, t)
		}
	}
	return out
}

// Events lists the events of the flow, each once, in the order of the table.
func (f Flow) Events() []string {
	var out []string
	for _, t := range f.Transitions {
		if !slices.Contains(out, t.Event) {
			out = append(out, t.Event)
		}
	}
	return out
}

// Message keys of the flow's own words; the texts belong to the room.
func (f Flow) TitleText() string               { return "flow." + f.Name + ".title" }
func (f Flow) StateText(name string) string    { return "flow." + f.Name + ".state." + name }
func (f Flow) EventText(name string) string    { return "flow." + f.Name + ".event." + name }
func (f Flow) DeadlineText(name string) string { return "flow." + f.Name + ".deadline." + name }

// Texts lists every message key the flow needs, for the test that none is missing.
func (f Flow) Texts() []string {
	keys := []string{f.TitleText()}
	for _, s := range f.States {
		keys = append(keys, f.StateText(s.Name))
		for _, d := range s.Deadlines {
			if k := f.DeadlineText(d.Name); !slices.Contains(keys, k) {
				keys = append(keys, k)
			}
		}
	}
	for _, e := range f.Events() {
		keys = append(keys, f.EventText(e))
	}
	return keys
}

// deadline finds a deadline of a state.
func (s State) deadline(name string) (Deadline, bool) {
	for _, d := range s.Deadlines {
		if d.Name == name {
			return d, true
		}
	}
	return Deadline{}, false
}

// Check proves that the table is a procedure: names are known and unique, an
// event means one thing in a state, every state can be reached, final states
// are final, no state is a dead end, and whoever a case waits for can act.
// The error lists every mistake.
func (f Flow) Check() error {
	c := checker{flow: f, states: map[string]State{}}
	c.names()
	for _, s := range f.States {
		c.state(s)
	}
	c.steps()
	if len(c.wrong) == 0 { // reachability means nothing while names are wrong
		c.reach()
	}
	if len(c.wrong) > 0 {
		return fmt.Errorf("flow %q: %s", f.Name, strings.Join(c.wrong, "; "))
	}
	return nil
}

type checker struct {
	flow   Flow
	states map[string]State
	wrong  []string
}

func (c *checker) say(format string, args ...any) {
	c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
}

func (c *checker) names() {
	if c.flow.Name == "" {
		c.say("has no name")
	}
	if strings.Trim(c.flow.Prefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		c.say("prefix %q is not upper-case letters", c.flow.Prefix)
	}
	for _, s := range c.flow.States {
		if s.Name == "" {
			c.say("a state has no name")
		}
		if _, twice := c.states[s.Name]; twice {
			c.say("state %q stands twice", s.Name)
		}
		c.states[s.Name] = s
	}
	if len(c.flow.Initial) == 0 {
		c.say("has no initial state")
	}
	for _, name := range c.flow.Initial {
		if _, ok := c.states[name]; !ok {
			c.say("initial state %q is unknown", name)
		}
	}
}

func (c *checker) state(s State) {
	steps := 0
	for _, t := range c.flow.Transitions {
		if slices.Contains(t.From, s.Name) {
			steps++
		}
	}
	switch {
	case s.Final && steps > 0:
		c.say("final state %q has a way out", s.Name)
	case s.Final && (s.WaitingFor != "" || len(s.Deadlines) > 0):
		c.say("final state %q waits for something", s.Name)
	case !s.Final && steps == 0:
		c.say("state %q is a dead end", s.Name)
	}
	switch s.WaitingFor {
	case "":
	case Worker, Company, Desk:
		if len(c.flow.Steps(s.Name, s.WaitingFor)) == 0 {
			c.say("state %q waits for %s, who can do nothing", s.Name, s.WaitingFor)
		}
		if s.WaitingFor == Desk && s.Capability == "" {
			c.say("state %q waits for the desk and names no capability", s.Name)
		}
		if s.Capability != "" && !access.Known(s.Capability) {
			c.say("state %q needs the unknown capability %q", s.Name, s.Capability)
		}
	default:
		c.say("state %q waits for %q", s.Name, s.WaitingFor)
	}
	seen := map[string]bool{}
	for _, d := range s.Deadlines {
		if d.Name == "" || seen[d.Name] {
			c.say("state %q: deadline %q has no name of its own", s.Name, d.Name)
		}
		seen[d.Name] = true
		if d.N < 0 || d.N > 0 && d.Unit != calendar.Day && d.Unit != calendar.Workday {
			c.say("state %q: deadline %q has no length", s.Name, d.Name)
		}
		if d.Event == "" {
			continue
		}
		if t, ok := c.flow.Step(s.Name, d.Event); !ok || !slices.Contains(t.By, Clock) {
			c.say("state %q: the clock cannot fire %q of deadline %q", s.Name, d.Event, d.Name)
		}
	}
	if s.Due != "" && !seen[s.Due] {
		c.say("state %q shows the unknown deadline %q", s.Name, s.Due)
	}
}

func (c *checker) steps() {
	type pair struct{ state, event string }
	seen := map[pair]bool{}
	for _, t := range c.flow.Transitions {
		if t.Event == "" || t.Event == Opened {
			c.say("an event may not be called %q", t.Event)
		}
		if _, ok := c.states[t.To]; !ok && t.To != "" {
			c.say("event %q leads to the unknown state %q", t.Event, t.To)
		}
		if len(t.From) == 0 || len(t.By) == 0 {
			c.say("event %q has no beginning or nobody to take it", t.Event)
		}
		if t.Capability != "" && !access.Known(t.Capability) {
			c.say("event %q needs the unknown capability %q", t.Event, t.Capability)
		}
		for _, r := range t.By {
			if !slices.Contains(Roles, r) {
				c.say("event %q is taken by %q", t.Event, r)
			}
		}
		for _, from := range t.From {
			s, ok := c.states[from]
			if !ok {
				c.say("event %q begins in the unknown state %q", t.Event, from)
			}
			if slices.Contains(t.By, Desk) && t.Capability == "" && s.Capability == "" {
				c.say("event %q in state %q asks no capability of the desk", t.Event, from)
			}
			if p := (pair{from, t.Event}); seen[p] {
				c.say("event %q means two things in state %q", t.Event, from)
			} else {
				seen[p] = true
			}
		}
	}
}

func (c *checker) reach() {
	from := c.flow.Reachable(c.flow.Initial...)
	finals := false
	for _, s := range c.flow.States {
		if !from[s.Name] {
			c.say("state %q cannot be reached", s.Name)
		}
		finals = finals || s.Final
	}
	if !finals {
		return // a standing record, such as a company, need not end
	}
	for _, s := range c.flow.States {
		ends := false
		for name := range c.flow.Reachable(s.Name) {
			ends = ends || c.states[name].Final
		}
		if !ends {
			c.say("state %q never comes to an end", s.Name)
		}
	}
}

// Reachable gives the states that can follow the named ones, themselves included.
func (f Flow) Reachable(from ...string) map[string]bool {
	seen := map[string]bool{}
	todo := slices.Clone(from)
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		if seen[name] {
			continue
		}
		seen[name] = true
		for _, t := range f.Transitions {
			if t.To != "" && slices.Contains(t.From, name) {
				todo = append(todo, t.To)
			}
		}
	}
	return seen
}
