package casework

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gonghui/internal/core/access"
	"gonghui/internal/core/calendar"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// deadlines starts the clocks of a state at now. given sets single instants; a
// name the state does not know is a mistake of the room.
func (e *Engine) deadlines(f Flow, s State, ref Ref, now time.Time, given map[string]time.Time) ([]deadlineRow, error) {
	for name := range given {
		if _, ok := s.deadline(name); !ok {
			return nil, fault.New(fault.Internal, "internal",
				fault.Because(fmt.Errorf("flow %s: state %s has no deadline %q", f.Name, s.Name, name)))
		}
	}
	var rows []deadlineRow
	for _, d := range s.Deadlines {
		due, ok := given[d.Name]
		if !ok {
			if d.N == 0 {
				continue
			}
			due = e.calendar.Deadline(clock.DayOf(now), d.N, d.Unit, d.Roll).End()
		}
		rows = append(rows, deadlineRow{CityCode: ref.City, CaseID: ref.ID, Name: d.Name, Kind: f.Name, DueAt: due.UTC()})
	}
	return rows, nil
}

// carry decides which deadlines go on and which start: a step that stays
// in its state changes only the instants given; a deadline marked Carry goes on
// under the same name; everything else begins anew.
func (e *Engine) carry(f Flow, from string, to State, ref Ref, clocks []deadlineRow, now time.Time, given map[string]time.Time) (kept, fresh []deadlineRow, err error) {
	all, err := e.deadlines(f, to, ref, now, given)
	if err != nil {
		return nil, nil, err
	}
	old, _ := f.State(from)
	goesOn := map[string]bool{}
	for _, r := range clocks {
		_, reset := given[r.Name]
		d, there := to.deadline(r.Name)
		before, _ := old.deadline(r.Name)
		if there && !reset && (from == to.Name || d.Carry || before.Carry) {
			kept = append(kept, r)
			goesOn[r.Name] = true
		}
	}
	for _, r := range all {
		_, reset := given[r.Name]
		if reset || from != to.Name && !goesOn[r.Name] {
			fresh = append(fresh, r)
		}
	}
	return kept, fresh, nil
}

// shift gives deadlines the time back that a pause took. A deadline that ends
// with a day moves by days or working days and ends with a day again; any other
// instant moves by the length of the pause.
func (e *Engine) shift(f Flow, state string, rows []deadlineRow, from, to time.Time) []deadlineRow {
	s, _ := f.State(state)
	out := make([]deadlineRow, len(rows))
	for i, r := range rows {
		if out[i] = r; !r.FiredAt.IsZero() {
			continue // it had passed before the pause
		}
		last := clock.LastDay(r.DueAt)
		d, _ := s.deadline(r.Name)
		switch {
		case !last.End().Equal(r.DueAt):
			r.DueAt = r.DueAt.Add(to.Sub(from))
		case d.Unit == calendar.Workday:
			left := e.calendar.WorkdaysBetween(clock.DayOf(from), last)
			r.DueAt = e.calendar.AddWorkdays(clock.DayOf(to), max(left, 0)).End()
		default:
			last = last.Add(int(clock.DayOf(to) - clock.DayOf(from)))
			if d.Roll {
				last = e.calendar.NextWorkday(last)
			}
			r.DueAt = last.End()
		}
		out[i] = r
	}
	return out
}

func names(rows []deadlineRow) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.Name
	}
	return out
}

// RunningDeadline is a deadline that has not passed its work yet.
type RunningDeadline struct {
	Name string
	At   time.Time // it has passed from this instant on
}

// Deadlines lists the running deadlines of a case, next first.
func (e *Engine) Deadlines(ctx context.Context, ref Ref) ([]RunningDeadline, error) {
	if _, err := e.Get(ctx, ref); err != nil {
		return nil, err
	}
	rows, err := e.store.clocks(ctx, ref)
	if err != nil {
		return nil, err
	}
	out := make([]RunningDeadline, 0, len(rows))
	for _, r := range rows {
		if r.FiredAt.IsZero() {
			out = append(out, RunningDeadline{Name: r.Name, At: r.DueAt.UTC()})
		}
	}
	return out, nil
}

// Tick fires every deadline that has passed and tells how many. Each has a
// transaction of its own, so a crash loses and doubles nothing, and several
// machines may tick at once. A deadline whose handler fails stays for the next
// Tick and holds up no other; the errors come back joined.
func (e *Engine) Tick(ctx context.Context) (fired int, err error) {
	ctx = access.System(ctx, "job:casework.tick")
	now := e.clock.Now()
	var after deadlineRow
	var wrong []error
	for {
		rows, err := e.store.due(ctx, now, after, 200)
		if err != nil {
			return fired, errors.Join(append(wrong, err)...)
		}
		for _, r := range rows {
			after = r
			did, err := e.fire(ctx, r, now)
			if err != nil {
				if ctx.Err() != nil {
					return fired, errors.Join(append(wrong, err)...)
				}
				wrong = append(wrong, fmt.Errorf("deadline %s of %s %s: %w", r.Name, r.Kind, r.CaseID, err))
				continue
			}
			if did {
				fired++
			}
		}
		if len(rows) == 0 {
			return fired, errors.Join(wrong...)
		}
	}
}

// fire takes one deadline and does its work in the same transaction.
func (e *Engine) fire(ctx context.Context, r deadlineRow, now time.Time) (did bool, err error) {
	err = e.db.InTx(ctx, func(ctx context.Context) error {
		did = false
		won, err := e.store.take(ctx, r, now)
		if err != nil || !won {
			return err
		}
		row, err := e.store.get(ctx, Ref{r.CityCode, r.CaseID})
		if err != nil {
			return err
		}
		f, err := e.Flow(row.Kind)
		if err != nil {
			return err
		}
		s, _ := f.State(row.State)
		d, ok := s.deadline(r.Name)
		if !ok || d.Event == "" {
			return nil // only shown as overdue
		}
		if !row.PausedAt.IsZero() {
			return ErrPaused // paused since the list was read; undone, it waits
		}
		did = true
		return e.handlers[row.Kind](ctx, Due{Case: row.model(), Name: r.Name, Event: d.Event})
	})
	if errors.Is(err, ErrPaused) {
		return false, nil
	}
	return did && err == nil, err
}
