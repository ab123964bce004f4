package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/calendar"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// Deps is what the engine works with.
type Deps struct {
	DB       *db.DB
	Clock    clock.Clock
	Audit    *audit.Log
	Calendar *calendar.Calendar // nil = China's
}

// DeadlineFunc does the work of a passed deadline, inside the transaction that
// marks it as fired: an error leaves the deadline for the next Tick. Most rooms
// call their own service, which fires Due.Event as Clock.
type DeadlineFunc func(ctx context.Context, due Due) error

// Due is a deadline that has just passed.
type Due struct {
	Case  Case
	Name  string
	Event string
}

// Engine runs the registered flows. It is safe for concurrent use once all
// flows are registered.
type Engine struct {
	db       *db.DB
	store    store
	clock    clock.Clock
	audit    *audit.Log
	calendar *calendar.Calendar

	flows    map[string]Flow
	order    []string
	handlers map[string]DeadlineFunc
}

// New makes an engine without flows.
func New(d Deps) *Engine {
	if d.Calendar == nil {
		d.Calendar = calendar.China()
	}
	return &Engine{
		db: d.DB, store: store{d.DB}, clock: d.Clock, audit: d.Audit, calendar: d.Calendar,
		flows: map[string]Flow{}, handlers: map[string]DeadlineFunc{},
	}
}

// Register adds a flow at start-up. A nil handler fires the deadline's event on
// the case and nothing more. It refuses a flow that fails Check or a name twice.
func (e *Engine) Register(f Flow, handler DeadlineFunc) error {
	if err := f.Check(); err != nil {
		return err
	}
	if _, twice := e.flows[f.Name]; twice {
		return fmt.Errorf("flow %q is registered twice", f.Name)
	}
	if handler == nil {
		handler = e.plain
	}
	e.flows[f.Name], e.handlers[f.Name] = f, handler
	e.order = append(e.order, f.Name)
	return nil
}

func (e *Engine) plain(ctx context.Context, due Due) error {
	_, err := e.Fire(ctx, Fire{City: due.Case.City, ID: due.Case.ID, Event: due.Event, Version: due.Case.Version, As: Clock})
	return err
}

// Flows lists the registered flows in the order of registration.
func (e *Engine) Flows() []Flow {
	out := make([]Flow, 0, len(e.order))
	for _, name := range e.order {
		out = append(out, e.flows[name])
	}
	return out
}

// Flow gives one registered flow, or not_found casework.unknown_flow.
func (e *Engine) Flow(name string) (Flow, error) {
	f, ok := e.flows[name]
	if !ok {
		return Flow{}, fault.New(fault.NotFound, "casework.unknown_flow", fault.With("Kind", name))
	}
	return f, nil
}

// Steps lists what the actor of ctx may do with a case now on the given side:
// pages show these buttons and no others. Four eyes is decided only by Fire.
func (e *Engine) Steps(ctx context.Context, c Case, as Role) []Transition {
	f, ok := e.flows[c.Kind]
	if !ok || as == Clock {
		return nil
	}
	s, _ := f.State(c.State)
	return slices.DeleteFunc(f.Steps(c.State, as), func(t Transition) bool {
		return !entitled(ctx, c, s, t, as) || !c.PausedAt.IsZero() && as == Desk
	})
}

// entitled tells whether the actor of ctx really stands on the side he claims.
// What the room's own policy asks beyond that is the room's to check.
func entitled(ctx context.Context, c Case, s State, t Transition, as Role) bool {
	scope, err := db.ScopeFrom(ctx)
	if err != nil {
		return false
	}
	if scope.System != "" {
		return true // the house itself acts for anyone; only it moves the clock
	}
	switch as {
	case Worker:
		self, ok := access.Self(ctx)
		return ok && c.PersonID != "" && self.ID == c.PersonID
	case Company:
		return c.CompanyID != "" && slices.Contains(scope.Companies, c.CompanyID)
	case Desk:
		need := t.Capability
		if need == "" {
			need = s.Capability
		}
		return access.Can(ctx, need, c.OrgPath) // no capability named: nobody
	}
	return false
}

// enter fills in what a case shows in a state. dues are the deadlines running there.
func enter(row *caseRow, s State, dues []deadlineRow) {
	row.State, row.WaitingFor, row.Capability = s.Name, s.WaitingFor, string(s.Capability)
	row.DueAt = never
	for _, d := range dues {
		if d.Name == s.Due {
			row.DueAt = d.DueAt
		}
	}
}

// text turns a room's note into the stored JSON.
func text(detail any) (string, error) {
	if detail == nil {
		return "", nil
	}
	b, err := json.Marshal(detail)
	if err != nil {
		return "", fault.New(fault.Internal, "internal", fault.Because(fmt.Errorf("detail of a case event: %w", err)))
	}
	return string(b), nil
}

func reason(given string, needed bool) (string, error) {
	given = strings.TrimSpace(given)
	if given == "" && needed {
		return "", fault.New(fault.Invalid, "casework.reason", fault.OnField("reason", "required"))
	}
	if len([]rune(given)) > MaxReason {
		return "", fault.New(fault.Invalid, "casework.reason_too_long", fault.With("Max", MaxReason),
			fault.WithFields(fault.Field{Name: "reason", Code: "too_long", Key: "field.too_long", Params: map[string]any{"Max": MaxReason}}))
	}
	return given, nil
}

// entry is the audit of a step.
func entry(c caseRow, event, from string) audit.Entry {
	detail := c.State
	if from != "" && from != c.State {
		detail = from + " → " + c.State
	}
	return audit.Entry{
		CityCode: c.CityCode, OrgPath: c.OrgPath, Action: audit.Action(c.Kind + "." + event), SubjectKind: c.Kind, SubjectID: c.ID,
		PersonID: c.PersonID, Detail: detail,
	}
}
