package casework

import (
	"context"
	"slices"
	"strings"
	"time"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
)

// Filter narrows the queue. The zero value is the whole queue.
type Filter struct {
	Kinds   []string // flow names; an unknown one is a fault, never an empty list
	Overdue bool     // only cases whose shown deadline has passed
	Text    string   // part of the title, or the beginning of the number
	Unit    string   // only this unit and those below it: its path
}

// MaxText is the longest text of a filter, in characters.
const MaxText = 50

// KindCount is how much of one kind waits, each number up to CountLimit.
type KindCount struct {
	Kind    string
	Waiting int
	Overdue int
}

// CountLimit is how far the queue is counted: a number that has reached it means
// "that many or more". Beyond it nobody reads the number, and counting would read
// every waiting case.
const CountLimit = 500

const queueList = "casework/queue"

// Queue lists what waits for the actor's desk over all measures, the nearest
// deadline first, cases without one last: cases that wait for the desk, at or
// below a unit where the actor holds the capability of their state. One
// statement for each armsAtOnce of units and kinds, and the same work however
// much waits (a text is looked for along the deadlines). Faults: forbidden
// access.no_scope, invalid casework.filter, invalid page.cursor.
func (e *Engine) Queue(ctx context.Context, f Filter, req page.Request) (page.Page[Case], error) {
	var none page.Page[Case]
	w, err := e.wanted(ctx, f)
	if err != nil {
		return none, err
	}
	var due, after string
	more, err := req.After.Decode(queueList, &due, &after)
	if err != nil {
		return none, err
	}
	if more {
		if w.dueAfter, err = time.Parse(time.RFC3339Nano, due); err != nil {
			return none, fault.New(fault.Invalid, "page.cursor", fault.Because(err))
		}
		w.idAfter = after
	}
	rows, err := e.store.queue(ctx, w, req.Size()+1)
	if err != nil {
		return none, err
	}
	p := page.Cut(rows, req.Size(), func(r caseRow) page.Cursor {
		return page.Encode(queueList, r.DueAt.UTC().Format(time.RFC3339Nano), r.ID)
	})
	return page.Map(p, caseRow.model), nil
}

// QueueCounts counts the queue by kind, in the order of registration; kinds
// without cases are left out. The filter's Kinds do not narrow it, so that the
// numbers can stand beside the choices. Statements and faults as for Queue.
func (e *Engine) QueueCounts(ctx context.Context, f Filter) ([]KindCount, error) {
	f.Kinds = nil
	w, err := e.wanted(ctx, f)
	if err != nil || len(w.arms) == 0 {
		return nil, err
	}
	found, err := e.store.counts(ctx, w, CountLimit)
	if err != nil {
		return nil, err
	}
	var counts []KindCount
	for _, name := range e.order {
		sum := KindCount{Kind: name}
		for _, c := range found {
			if w.arms[c.Arm].kind == name {
				sum.Waiting, sum.Overdue = min(sum.Waiting+c.Waiting, CountLimit), min(sum.Overdue+c.Overdue, CountLimit)
			}
		}
		if sum.Waiting > 0 {
			counts = append(counts, sum)
		}
	}
	return counts, nil
}

// Overdue counts, exactly, what is past its deadline on the actor's desk at and
// below each of the units, given by their paths. Faults: those of Queue.
func (e *Engine) Overdue(ctx context.Context, units []string) ([]int, error) {
	var all wanted
	var unitOf []int
	for i, u := range units {
		w, err := e.wanted(ctx, Filter{Unit: u, Overdue: true})
		if err != nil {
			return nil, err
		}
		for _, a := range w.arms {
			all.arms, unitOf = append(all.arms, a), append(unitOf, i)
		}
		all.overdue, all.now = w.overdue, w.now
	}
	counts, err := e.store.counts(ctx, all, 0)
	if err != nil {
		return nil, err
	}
	out := make([]int, len(units))
	for _, c := range counts {
		out[unitOf[c.Arm]] += c.Overdue
	}
	return out, nil
}

// wanted is a filter resolved against what the actor may do.
type wanted struct {
	arms     []arm
	text     string
	now      time.Time
	overdue  bool
	dueAfter time.Time
	idAfter  string
}

func (e *Engine) wanted(ctx context.Context, f Filter) (wanted, error) {
	scope, err := db.ScopeFrom(ctx)
	if err != nil {
		return wanted{}, err
	}
	w := wanted{text: strings.TrimSpace(f.Text), overdue: f.Overdue, now: e.clock.Now()}
	for _, k := range f.Kinds {
		if _, ok := e.flows[k]; !ok {
			return w, fault.New(fault.Invalid, "casework.filter", fault.OnField("kind", "invalid"))
		}
	}
	if len([]rune(w.text)) > MaxText || !db.Possible(w.text) {
		return w, fault.New(fault.Invalid, "casework.filter", fault.OnField("text", "invalid"))
	}
	if f.Unit != "" && !access.ValidPath(f.Unit) {
		return w, fault.New(fault.Invalid, "casework.filter", fault.OnField("unit", "invalid"))
	}
	paths := map[access.Capability][]string{}
	for _, p := range e.deskPairs(f.Kinds) {
		reach, asked := paths[p.capability]
		if !asked {
			if reach, err = reachOf(ctx, scope, p.capability, f.Unit); err != nil {
				return w, err
			}
			paths[p.capability] = reach
		}
		for _, path := range reach {
			w.arms = append(w.arms, arm{path, p.kind, string(p.capability)})
		}
	}
	return w, nil
}

// reachOf gives the subtrees in which the actor holds a capability, as far as
// they lie in the unit wished for: a clerk of one county may be a mere reader of
// the whole city.
func reachOf(ctx context.Context, scope db.Scope, c access.Capability, unit string) ([]string, error) {
	if scope.System != "" {
		return []string{unit}, nil
	}
	if !access.CanAnywhere(ctx, c) {
		return nil, nil
	}
	narrow, err := access.For(ctx, c)
	if err != nil {
		return nil, err
	}
	own, err := db.ScopeFrom(narrow)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, path := range own.Paths {
		switch {
		case strings.HasPrefix(path, unit):
			out = append(out, path)
		case strings.HasPrefix(unit, path):
			out = append(out, unit)
		}
	}
	return out, nil
}

// pair is a kind with a capability that one of its states asks of the desk.
type pair struct {
	kind       string
	capability access.Capability
}

// deskPairs lists what can wait for the desk, of some kinds or of all.
func (e *Engine) deskPairs(kinds []string) []pair {
	var out []pair
	for _, name := range e.order {
		if len(kinds) > 0 && !slices.Contains(kinds, name) {
			continue
		}
		for _, s := range e.flows[name].States {
			if p := (pair{name, s.Capability}); s.WaitingFor == Desk && !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}
