// Package flowtest walks a flow on real databases. Every room calls Walk and
// Texts on each of its flows.
package flowtest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/id"
)

const (
	city    = "3701"
	path    = "000100010001"
	person  = "walker"
	company = "walkers"
)

// Texts asserts that each word of the flow (title, states, events, deadlines)
// has a text in every language.
func Texts(t *testing.T, flow casework.Flow) {
	t.Helper()
	for _, lang := range i18n.Langs {
		for _, key := range flow.Texts() {
			require.True(t, i18n.Bundle().Has(lang, key), "%s has no text in %s", key, lang)
		}
	}
}

// Walk proves the flow on each database at hand: Check passes; every state is
// reached by real steps of real actors; in every state every event is tried by
// every side, and each legal one leads where the table says while each other
// one is refused and changes nothing.
func Walk(t *testing.T, flow casework.Flow) {
	t.Helper()
	require.NoError(t, flow.Check())
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.NewFake(time.Date(2020, 7, 20, 1, 0, 0, 0, time.UTC))
		e := casework.New(casework.Deps{DB: d, Clock: c, Audit: audit.New(d, c)})
		require.NoError(t, e.Register(flow, nil))
		w := walker{t: t, engine: e, flow: flow, ways: ways(flow)}
		for _, s := range flow.States {
			w.visit(s)
		}
	})
}

type step struct{ event, as string }

// way leads to a state: where to open the case and which steps to take.
type way struct {
	initial string
	steps   []step
}

// ways finds the shortest way to each state.
func ways(f casework.Flow) map[string]way {
	out := map[string]way{}
	var todo []string
	for _, s := range f.Initial {
		out[s] = way{initial: s}
		todo = append(todo, s)
	}
	for len(todo) > 0 {
		at := todo[0]
		todo = todo[1:]
		for _, t := range f.Transitions {
			if _, known := out[t.To]; known || t.To == "" || !slices.Contains(t.From, at) {
				continue
			}
			out[t.To] = way{out[at].initial, append(slices.Clone(out[at].steps), step{t.Event, t.By[0]})}
			todo = append(todo, t.To)
		}
	}
	return out
}

type walker struct {
	t      *testing.T
	engine *casework.Engine
	flow   casework.Flow
	ways   map[string]way
}

// as gives a context in which a fresh person stands on the side.
func (w walker) as(role string) context.Context {
	ctx := w.t.Context()
	a := access.Actor{AccountID: id.New(), Name: role, Kind: access.KindWorker}
	switch role {
	case casework.Worker:
		a.Person = access.PersonRef{City: city, ID: person}
	case casework.Company:
		a.Grants = []access.Grant{{ID: "g", Role: access.RoleCompany, CompanyCity: city, CompanyID: company, Caps: access.All()}}
	case casework.Desk:
		a.Kind = access.KindStaff
		a.Grants = []access.Grant{{ID: "g", Role: access.RoleCounty, UnitID: "u", Path: path, Caps: access.All()}}
	case casework.Clock:
		return access.System(ctx, "flowtest")
	}
	return access.Enter(ctx, a)
}

// reach opens a case and takes it to the state.
func (w walker) reach(state string) casework.Case {
	w.t.Helper()
	route := w.ways[state]
	c, err := w.engine.Open(access.System(w.t.Context(), "flowtest"), casework.Open{
		City: city, ID: id.New(), Kind: w.flow.Name, Title: state, OrgPath: path, PersonID: person, CompanyID: company,
		State: route.initial, As: casework.Desk,
	})
	require.NoError(w.t, err)
	for _, s := range route.steps {
		c, err = w.fire(c, s.event, s.as)
		require.NoError(w.t, err, "%s in %s by %s", s.event, c.State, s.as)
	}
	require.Equal(w.t, state, c.State)
	return c
}

func (w walker) fire(c casework.Case, event, role string) (casework.Case, error) {
	return w.engine.Fire(w.as(role), casework.Fire{
		City: c.City, ID: c.ID, Event: event, Version: c.Version, As: role, Reason: "flowtest",
	})
}

func (w walker) visit(s casework.State) {
	c := w.reach(s.Name)
	require.Equal(w.t, s.Final, !c.ClosedAt.IsZero(), "state %s: closed", s.Name)
	require.Equal(w.t, s.WaitingFor, c.WaitingFor, "state %s: waiting for", s.Name)
	for _, event := range append(w.flow.Events(), "no-such-event") {
		for _, role := range casework.Roles {
			t, there := w.flow.Step(s.Name, event)
			if there && slices.Contains(t.By, role) {
				moved, err := w.fire(w.reach(s.Name), event, role)
				require.NoError(w.t, err, "%s in %s by %s", event, s.Name, role)
				require.Equal(w.t, t.To, moved.State, "%s in %s by %s", event, s.Name, role)
				continue
			}
			want := "casework.illegal"
			if there {
				want = "casework.not_yours"
			}
			_, err := w.fire(c, event, role)
			require.True(w.t, fault.HasCode(err, want), "%s in %s by %s: %v", event, s.Name, role, err)
		}
	}
	after, err := w.engine.Get(w.as(casework.Clock), c.Ref())
	require.NoError(w.t, err)
	require.Equal(w.t, c, after, "state %s: refused steps change nothing", s.Name)
	for _, role := range []string{casework.Worker, casework.Company, casework.Desk} {
		require.Equal(w.t, w.flow.Steps(s.Name, role), w.engine.Steps(w.as(role), c, role), "buttons in %s for %s", s.Name, role)
	}
}
