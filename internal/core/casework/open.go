package casework

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"gonghui/internal/base/audit"
	"gonghui/internal/core/access"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
)

// batch is how many rows one insert of OpenMany carries: PostgreSQL and SQLite
// both take statements of that size at full speed.
const batch = 200

// Open begins a case. A room opens it in the transaction that creates its record.
// Whether the actor may do that is the room's policy. Faults: conflict
// casework.exists, invalid casework.state.
func (e *Engine) Open(ctx context.Context, in Open) (Case, error) {
	cases, err := e.OpenMany(ctx, []Open{in})
	if err != nil {
		return Case{}, err
	}
	return cases[0], nil
}

// OpenMany begins many cases, for imports: all of them or none. The answer has
// the order of the input.
func (e *Engine) OpenMany(ctx context.Context, in []Open) ([]Case, error) {
	actor, ok := access.From(ctx)
	if !ok {
		return nil, fault.New(fault.Unauthenticated, "access.sign_in")
	}
	now := e.clock.Now()
	out := make([]Case, 0, len(in))
	err := e.db.InTx(ctx, func(ctx context.Context) error {
		out = out[:0]
		for part := range slices.Chunk(in, batch) {
			rows := make([]caseRow, len(part))
			events := make([]eventRow, len(part))
			var deadlines []deadlineRow
			for i, o := range part {
				row, dues, err := e.begin(o, actor, now)
				if err != nil {
					return err
				}
				note, err := text(o.Detail)
				if err != nil {
					return err
				}
				role := o.As
				if role == "" {
					role = Desk
				}
				rows[i], deadlines = row, append(deadlines, dues...)
				events[i] = eventRow{
					CityCode: o.City, CaseID: o.ID, Seq: 1, Event: Opened, ToState: row.State,
					ActorID: actor.AccountID, ActorName: actor.Name, ActorRole: role, Detail: note, At: now,
				}
			}
			if err := e.insertAll(ctx, rows); err != nil {
				return err
			}
			if err := e.store.addEvents(ctx, events); err != nil {
				return err
			}
			if err := e.store.putDeadlines(ctx, deadlines); err != nil {
				return err
			}
			entries := make([]audit.Entry, len(rows))
			for i, row := range rows {
				entries[i] = entry(row, Opened, "")
				out = append(out, row.model())
			}
			if err := e.audit.RecordMany(ctx, entries); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (e *Engine) begin(o Open, actor access.Actor, now time.Time) (caseRow, []deadlineRow, error) {
	f, err := e.Flow(o.Kind)
	if err != nil {
		return caseRow{}, nil, err
	}
	if o.City == "" || o.ID == "" || !access.ValidPath(o.OrgPath) {
		return caseRow{}, nil, fault.New(fault.Internal, "internal",
			fault.Because(fmt.Errorf("case %q of %s in city %q at %q", o.ID, o.Kind, o.City, o.OrgPath)))
	}
	name := o.State
	if name == "" {
		name = f.Initial[0]
	}
	s, ok := f.State(name)
	if !ok || !slices.Contains(f.Initial, name) {
		return caseRow{}, nil, fault.New(fault.Invalid, "casework.state", fault.With("State", name))
	}
	dues, err := e.deadlines(f, s, Ref{o.City, o.ID}, now, o.DueAt)
	if err != nil {
		return caseRow{}, nil, err
	}
	row := caseRow{
		CityCode: o.City, ID: o.ID, Number: cmp.Or(o.Number, f.number()), Kind: o.Kind, Title: o.Title, OrgPath: o.OrgPath,
		PersonID: o.PersonID, CompanyID: o.CompanyID, Version: 1, OpenedAt: now, OpenedBy: actor.AccountID, StateAt: now,
	}
	enter(&row, s, dues)
	if s.Final {
		row.ClosedAt = now
	}
	return row, dues, nil
}

func (f Flow) number() string {
	if f.Prefix == "" {
		return id.Public("C")
	}
	return id.Public(f.Prefix)
}

// insertAll writes the rows, drawing new numbers for those whose number was
// taken: among 100,000 cases of a city a few draws meet.
func (e *Engine) insertAll(ctx context.Context, rows []caseRow) error {
	left := rows
	for range 10 {
		written, err := e.store.insert(ctx, left)
		if err != nil {
			return err
		}
		if len(written) == len(left) {
			return nil
		}
		var missing, cities []string
		var again []int
		for i := range rows {
			if slices.ContainsFunc(left, func(r caseRow) bool { return r.ID == rows[i].ID }) && !written[rows[i].ID] {
				missing, cities, again = append(missing, rows[i].ID), append(cities, rows[i].CityCode), append(again, i)
			}
		}
		if len(missing) == 0 { // an id stands twice in the input
			return fault.New(fault.Conflict, "casework.exists")
		}
		have, err := e.store.existing(ctx, cities, missing)
		if err != nil {
			return err
		}
		left = nil
		for _, i := range again {
			if have[rows[i].ID] {
				return fault.New(fault.Conflict, "casework.exists")
			}
			rows[i].Number = e.flows[rows[i].Kind].number()
			left = append(left, rows[i])
		}
	}
	return fault.New(fault.Unavailable, "db.busy")
}
