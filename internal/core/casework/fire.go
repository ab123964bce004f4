package casework

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gonghui/internal/core/access"
	"gonghui/internal/kit/fault"
)

// Fire takes one step: it checks that the case is in the scope, that the step was
// decided on the present version, that the flow allows it from this state to this
// side, that the actor really stands on that side, and then moves the case, writes
// the history, stops and starts deadlines and audits, in one transaction.
//
// Faults: not_found casework.not_found; conflict casework.moved_on,
// casework.illegal, casework.paused; forbidden casework.not_yours,
// casework.four_eyes; invalid casework.reason, casework.version.
func (e *Engine) Fire(ctx context.Context, in Fire) (Case, error) {
	return e.step(ctx, in, func(ctx context.Context, row caseRow, actor access.Actor) (caseRow, error) {
		f, err := e.Flow(row.Kind)
		if err != nil {
			return row, err
		}
		t, ok := f.Step(row.State, in.Event)
		if !ok {
			return row, fault.New(fault.Conflict, "casework.illegal", fault.With("State", row.State), fault.With("Event", in.Event))
		}
		from, _ := f.State(row.State)
		to, _ := f.State(t.To)
		if !slices.Contains(t.By, in.As) || !entitled(ctx, row.model(), from, t, in.As) {
			return row, ErrNotYours
		}
		if !row.PausedAt.IsZero() && (in.As == Desk || in.As == Clock) {
			return row, ErrPaused
		}
		if t.FourEyes {
			last, err := e.store.lastDesk(ctx, Ref{in.City, in.ID})
			if err != nil {
				return row, err
			}
			if last == actor.AccountID {
				return row, ErrFourEyes
			}
		}
		why, err := reason(in.Reason, t.Reason)
		if err != nil {
			return row, err
		}
		return e.advance(ctx, row, f, to, in, actor, why)
	})
}

// step is the frame of every change: transaction, scope, version, actor.
func (e *Engine) step(ctx context.Context, in Fire, do func(context.Context, caseRow, access.Actor) (caseRow, error)) (Case, error) {
	actor, ok := access.From(ctx)
	if !ok {
		return Case{}, fault.New(fault.Unauthenticated, "access.sign_in")
	}
	if in.Version < 1 && in.Version != AnyVersion {
		return Case{}, fault.New(fault.Invalid, "casework.version")
	}
	var out Case
	err := e.db.InTx(ctx, func(ctx context.Context) error {
		row, err := e.store.get(ctx, Ref{in.City, in.ID})
		if err != nil {
			return err
		}
		if in.Version != AnyVersion && in.Version != row.Version {
			return ErrMovedOn
		}
		row, err = do(ctx, row, actor)
		out = row.model()
		return err
	})
	if err != nil {
		return Case{}, err
	}
	return out, nil
}

// advance writes the step.
func (e *Engine) advance(ctx context.Context, row caseRow, f Flow, to State, in Fire, actor access.Actor, why string) (caseRow, error) {
	now := e.clock.Now()
	ref, seen, from := Ref{row.CityCode, row.ID}, row.Version, row.State
	clocks, err := e.store.clocks(ctx, ref)
	if err != nil {
		return row, err
	}
	if !row.PausedAt.IsZero() { // any step ends a pause
		clocks = e.shift(f, from, clocks, row.PausedAt, now)
	}
	kept, fresh, err := e.carry(f, from, to, ref, clocks, now, in.DueAt)
	if err != nil {
		return row, err
	}
	row.Version++
	enter(&row, to, append(slices.Clone(kept), fresh...))
	if to.Name != from {
		row.StateAt = now
	}
	if to.Final {
		row.ClosedAt = now
	}
	started := fresh
	if !row.PausedAt.IsZero() {
		started = append(slices.Clone(kept), fresh...) // their instants have moved
		row.PausedAt = time.Time{}
	}
	if in.Title != "" {
		row.Title = in.Title
	}
	if in.OrgPath != "" {
		if !access.ValidPath(in.OrgPath) {
			return row, fault.New(fault.Internal, "internal", fault.Because(fmt.Errorf("hand case %s over to %q", row.ID, in.OrgPath)))
		}
		row.OrgPath = in.OrgPath
	}
	if err := e.store.move(ctx, row, seen); err != nil {
		return row, err
	}
	if len(kept) < len(clocks) {
		if err := e.store.dropDeadlines(ctx, ref, names(kept)); err != nil {
			return row, err
		}
	}
	if err := e.store.putDeadlines(ctx, started); err != nil {
		return row, err
	}
	return row, e.write(ctx, row, in, actor, from, why, now)
}

// write appends the event and audits it.
func (e *Engine) write(ctx context.Context, row caseRow, in Fire, actor access.Actor, from, why string, now time.Time) error {
	note, err := text(in.Detail)
	if err != nil {
		return err
	}
	event := eventRow{
		CityCode: row.CityCode, CaseID: row.ID, Seq: row.Version, Event: in.Event, FromState: from, ToState: row.State,
		ActorID: actor.AccountID, ActorName: actor.Name, ActorRole: in.As, Reason: why, Detail: note, At: now,
	}
	if err := e.store.addEvents(ctx, []eventRow{event}); err != nil {
		return err
	}
	return e.audit.Record(ctx, entry(row, in.Event, from))
}

// Pause stops the clock of a case (中止): deadlines do not pass and the desk
// decides nothing until Resume. A step of the worker or the company, such as a
// withdrawal, ends the pause. It needs the capability of the state, and a reason;
// a state that names no capability has no clock of the desk to stop.
func (e *Engine) Pause(ctx context.Context, in Fire) (Case, error) {
	in.Event, in.As = Paused, Desk
	return e.step(ctx, in, func(ctx context.Context, row caseRow, actor access.Actor) (caseRow, error) {
		_, s, err := e.place(ctx, row)
		if err != nil {
			return row, err
		}
		if s.Final {
			return row, fault.New(fault.Conflict, "casework.illegal", fault.With("State", s.Name), fault.With("Event", Paused))
		}
		if !row.PausedAt.IsZero() {
			return row, ErrPaused
		}
		why, err := reason(in.Reason, true)
		if err != nil {
			return row, err
		}
		now, seen := e.clock.Now(), row.Version
		row.PausedAt, row.DueAt, row.Version = now, never, row.Version+1
		if err := e.store.move(ctx, row, seen); err != nil {
			return row, err
		}
		return row, e.write(ctx, row, in, actor, s.Name, why, now)
	})
}

// Resume lets the clock of a case run again; each deadline has as much time left
// as when it was paused. Fault conflict casework.not_paused.
func (e *Engine) Resume(ctx context.Context, in Fire) (Case, error) {
	in.Event, in.As = Resumed, Desk
	return e.step(ctx, in, func(ctx context.Context, row caseRow, actor access.Actor) (caseRow, error) {
		f, s, err := e.place(ctx, row)
		if err != nil {
			return row, err
		}
		if row.PausedAt.IsZero() {
			return row, fault.New(fault.Conflict, "casework.not_paused")
		}
		why, err := reason(in.Reason, false)
		if err != nil {
			return row, err
		}
		now, seen := e.clock.Now(), row.Version
		clocks, err := e.store.clocks(ctx, Ref{row.CityCode, row.ID})
		if err != nil {
			return row, err
		}
		clocks = e.shift(f, s.Name, clocks, row.PausedAt, now)
		row.PausedAt, row.Version = time.Time{}, row.Version+1
		enter(&row, s, clocks)
		if err := e.store.move(ctx, row, seen); err != nil {
			return row, err
		}
		if err := e.store.putDeadlines(ctx, clocks); err != nil {
			return row, err
		}
		return row, e.write(ctx, row, in, actor, s.Name, why, now)
	})
}

// place gives flow and state of a case for a step of the desk outside the table.
func (e *Engine) place(ctx context.Context, row caseRow) (Flow, State, error) {
	f, err := e.Flow(row.Kind)
	if err != nil {
		return f, State{}, err
	}
	s, _ := f.State(row.State)
	if !entitled(ctx, row.model(), s, Transition{}, Desk) {
		return f, s, ErrNotYours
	}
	return f, s, nil
}
