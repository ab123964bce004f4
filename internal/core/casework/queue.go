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

// KindCount is how much of one kind waits.
type KindCount struct {
	Kind    string
	Waiting int
	Overdue int
}

// CountLimit is how far the queue of the whole province is counted: a number
// that has reached it means "that many or more". Below the province counts are exact.
const CountLimit = 1000

const queueList = "casework/queue"

// Queue lists what waits for the actor's desk over all measures, the nearest
// deadline first, cases without one last: cases that wait for the desk, at or
// below a unit where the actor holds the capability of their state. One
// statement, whatever the number of units, kinds and pages. Faults: forbidden
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
// numbers can stand beside the choices. One statement.
func (e *Engine) QueueCounts(ctx context.Context, f Filter) ([]KindCount, error) {
	f.Kinds = nil
	w, err := e.wanted(ctx, f)
	if err != nil {
		return nil, err
	}
	var counts []KindCount
	if w.wide() {
		states := map[string][]string{}
		for _, name := range e.order {
			for _, st := range e.flows[name].States {
				if st.WaitingFor == Desk {
					states[name] = append(states[name], st.Name)
				}
			}
		}
		counts, err = e.store.countsUpTo(ctx, w, e.order, states, CountLimit)
	} else {
		counts, err = e.store.counts(ctx, w)
	}
	if err != nil {
		return nil, err
	}
	counts = slices.DeleteFunc(counts, func(c KindCount) bool { return c.Waiting == 0 })
	slices.SortFunc(counts, func(a, b KindCount) int {
		return slices.Index(e.order, a.Kind) - slices.Index(e.order, b.Kind)
	})
	return counts, nil
}

// wanted is a filter resolved against what the actor may do.
type wanted struct {
	all      bool // the house itself
	reach    []reach
	kinds    []string
	unit     string
	text     string
	now      time.Time
	overdue  bool
	dueAfter time.Time
	idAfter  string
}

// reach is one subtree and the capabilities held on it.
type reach struct {
	path string
	caps []string
}

func (e *Engine) wanted(ctx context.Context, f Filter) (wanted, error) {
	scope, err := db.ScopeFrom(ctx)
	if err != nil {
		return wanted{}, err
	}
	w := wanted{kinds: f.Kinds, unit: f.Unit, text: strings.TrimSpace(f.Text), overdue: f.Overdue, now: e.clock.Now(), all: scope.System != ""}
	for _, k := range f.Kinds {
		if _, ok := e.flows[k]; !ok {
			return w, fault.New(fault.Invalid, "casework.filter", fault.OnField("kind", "invalid"))
		}
	}
	if len([]rune(w.text)) > MaxText || strings.ContainsRune(w.text, 0) {
		return w, fault.New(fault.Invalid, "casework.filter", fault.OnField("text", "invalid"))
	}
	if w.unit != "" && !access.ValidPath(w.unit) {
		return w, fault.New(fault.Invalid, "casework.filter", fault.OnField("unit", "invalid"))
	}
	if w.all {
		return w, nil
	}
	w.reach, err = e.reach(ctx)
	return w, err
}

// reach asks for each capability that the desk can need where the actor holds
// it: a clerk of one county may be a mere reader of the whole city.
func (e *Engine) reach(ctx context.Context) ([]reach, error) {
	var out []reach
	for _, c := range e.deskCapabilities() {
		if !access.CanAnywhere(ctx, c) {
			continue
		}
		narrow, err := access.For(ctx, c)
		if err != nil {
			return nil, err
		}
		scope, err := db.ScopeFrom(narrow)
		if err != nil {
			return nil, err
		}
		for _, path := range scope.Paths {
			i := slices.IndexFunc(out, func(r reach) bool { return r.path == path })
			if i < 0 {
				out, i = append(out, reach{path: path}), len(out)
			}
			out[i].caps = append(out[i].caps, string(c))
		}
	}
	return out, nil
}

func (e *Engine) deskCapabilities() []access.Capability {
	var out []access.Capability
	for _, name := range e.order {
		for _, s := range e.flows[name].States {
			if s.WaitingFor == Desk && !slices.Contains(out, s.Capability) {
				out = append(out, s.Capability)
			}
		}
	}
	return out
}
