package inspection

import (
	"slices"
	"strings"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/core/casework"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
)

// What the room itself records.
const (
	Searched audit.Action = "audit.search"
	Exported audit.Action = "audit.export"
)

// Query is what is looked for; what is empty is not asked.
type Query struct {
	Actor   string    `form:"actor" json:"actor,omitempty" check:"max=60"`     // login of staff, id of an account, "system"
	Action  string    `form:"action" json:"action,omitempty" check:"max=80"`   // one of Actions
	Kind    string    `form:"kind" json:"kind,omitempty" check:"max=60"`       // one of Kinds
	Subject string    `form:"subject" json:"subject,omitempty" check:"max=60"` // id or public number of a record
	From    clock.Day `form:"from" json:"from,omitzero" check:"day"`           // the first day
	To      clock.Day `form:"to" json:"to,omitzero" check:"day"`               // the last day
}

// House is the actor of what the program did by itself.
const House = "system"

// ActorKind says who stands behind an entry.
type ActorKind string

// The kinds of actors.
const (
	Staff   ActorKind = "staff"
	Worker  ActorKind = "worker"
	Program ActorKind = "house"
	Visitor ActorKind = "visitor"
)

// Line is an entry with the names that belong to it.
type Line struct {
	audit.Stored
	Actor  Actor
	Number string // public number of the record, where it has one
	Title  string // of the record, where it may be named
}

// Actor is who did it.
type Actor struct {
	Kind  ActorKind
	Name  string // of a worker masked; empty for the program and for visitors
	Login string // of staff
}

// What begins the keys of actions and of kinds of records. A law test holds the
// keys against the code: they are what the program writes, no more and no less.
const (
	actionKey = "audit.action."
	kindKey   = "audit.kind."
	otherKind = kindKey + "other"
)

// keyed lists what has a text under a beginning of keys, sorted.
func keyed(beginning string) []string {
	var out []string
	for _, key := range i18n.Bundle().Keys(i18n.ZH) {
		if word, ok := strings.CutPrefix(key, beginning); ok && key != otherKind {
			out = append(out, word)
		}
	}
	slices.Sort(out)
	return out
}

// Kinds lists the kinds of records one can ask for.
func (s *Service) Kinds() []string {
	out := keyed(kindKey)
	for _, f := range s.Cases.Flows() {
		out = append(out, f.Name)
	}
	return out
}

// Actions lists what one can ask for: every action with a text, and every step of
// every procedure.
func (s *Service) Actions() []audit.Action {
	var out []audit.Action
	for _, a := range keyed(actionKey) {
		out = append(out, audit.Action(a))
	}
	for _, f := range s.Cases.Flows() {
		out = append(out, Steps(f)...)
	}
	return out
}

// Steps lists the actions of a procedure.
func Steps(f casework.Flow) []audit.Action {
	var out []audit.Action
	for _, e := range slices.Concat([]string{casework.Opened}, f.Events(), []string{casework.Paused, casework.Resumed}) {
		if a := audit.Action(f.Name + "." + e); !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// filter is the query as the log takes it, names not yet looked up.
func (s *Service) filter(q Query) (audit.Filter, error) {
	f := audit.Filter{ActorID: strings.TrimSpace(q.Actor), Action: audit.Action(q.Action), SubjectKind: q.Kind, SubjectID: strings.TrimSpace(q.Subject)}
	bad := fault.New(fault.Invalid, "inspection.filter")
	if q.Action != "" && !slices.Contains(s.Actions(), f.Action) {
		fault.OnField("action", "choice")(bad)
	}
	if q.Kind != "" && !slices.Contains(s.Kinds(), q.Kind) {
		fault.OnField("kind", "choice")(bad)
	}
	if !q.From.IsZero() {
		f.From = q.From.Start()
	}
	if !q.To.IsZero() {
		f.To = q.To.End()
		if q.To < q.From {
			fault.OnField("to", "date_order")(bad)
		}
	}
	for name, text := range map[string]string{"actor": q.Actor, "subject": q.Subject} {
		if !db.Possible(text) {
			fault.OnField(name, "charset")(bad)
		}
	}
	if len(bad.Fields) > 0 {
		return f, bad
	}
	return f, nil
}
