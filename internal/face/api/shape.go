package api

import (
	"context"
	"strings"
	"time"

	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/form"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/page"
	"gonghui/internal/kit/place"
	"gonghui/internal/measure/employment"
)

// List is one page of a list.
type List[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty" doc:"send as after for the next page; absent on the last"`
}

// Paging is how a page of a list is asked for.
type Paging struct {
	After string `query:"after" maxLength:"2000" doc:"the next of the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" doc:"rows of a page; 20 unless said"`
}

func (p Paging) request() page.Request {
	return page.Request{After: page.Cursor(p.After), Limit: p.Limit}
}

// Number names a record by its public number.
type Number struct {
	Number string `path:"number" maxLength:"40" pattern:"^[0-9A-Za-z-]+$" doc:"public number"`
}

// Record names a record by custody city and id.
type Record struct {
	City string `path:"city" pattern:"^[0-9]{4}$" doc:"custody city, 3700 for the province"`
	ID   string `path:"id" maxLength:"40" pattern:"^[0-9A-Za-z-]+$"`
}

// Coded is a code and its word in the language asked for.
type Coded struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// Step is something that may be done with a case now.
type Step struct {
	Event       string `json:"event"`
	Text        string `json:"text"`
	NeedsReason bool   `json:"needs_reason"`
}

// Event is one line of a case's history.
type Event struct {
	Event  string    `json:"event"`
	Text   string    `json:"text"`
	From   string    `json:"from,omitempty"`
	To     string    `json:"to"`
	By     string    `json:"by" doc:"side that took the step: worker company desk clock"`
	Reason string    `json:"reason,omitempty"`
	At     time.Time `json:"at"`
}

// Steps is the input of a step; what an event needs beyond itself is optional here
// and asked for by the use case.
type Steps struct {
	Event     string    `json:"event" maxLength:"40" doc:"one of the steps shown with the record"`
	Version   int       `json:"version" minimum:"1" doc:"the version the step was decided on; another one is a conflict"`
	Reason    string    `json:"reason,omitempty" maxLength:"500"`
	At        time.Time `json:"at,omitzero" doc:"interview, with event invite"`
	Place     string    `json:"place,omitempty" maxLength:"200" doc:"interview, with event invite"`
	ArrivedOn string    `json:"arrived_on,omitempty" format:"date" doc:"first day at work, with events confirm and confirm_own"`
	Note      string    `json:"note,omitempty" maxLength:"500"`
}

func (in Steps) input(city, id string) (employment.StepInput, error) {
	out := employment.StepInput{City: city, ID: id, Event: in.Event, Version: in.Version, Reason: in.Reason, At: in.At, Place: in.Place, Note: in.Note}
	var err error
	if out.ArrivedOn, err = day("arrived_on", in.ArrivedOn); err != nil {
		return out, err
	}
	return out, form.Check(&out)
}

// day reads a day; the empty text is none.
func day(field, text string) (clock.Day, error) {
	if text == "" {
		return 0, nil
	}
	d, err := clock.ParseDay(text)
	if err != nil {
		return 0, fault.New(fault.Invalid, "form.invalid", fault.OnField(field, "date"))
	}
	return d, nil
}

// schooling reads a code of education; the empty code asks for nothing.
func schooling(field, code string) (int, error) {
	if code == "" {
		return 0, nil
	}
	e, ok := employment.EducationByCode(code)
	if !ok {
		return 0, fault.New(fault.Invalid, "form.invalid", fault.OnField(field, "choice"))
	}
	return int(e), nil
}

func dayText(d clock.Day) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// mapped turns a page of a room into a page of the API; no list is ever null.
func mapped[T, U any](p page.Page[T], f func(T) U) List[U] {
	out := List[U]{Items: make([]U, len(p.Items)), Next: string(p.Next)}
	for n, x := range p.Items {
		out.Items[n] = f(x)
	}
	return out
}

func texts(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// history gives the events of a case the actor may see.
func (s *server) history(ctx context.Context, c casework.Case) ([]Event, error) {
	flow, err := s.Cases.Flow(c.Kind)
	if err != nil {
		return nil, err
	}
	events, err := s.Cases.History(ctx, c.Ref())
	if err != nil {
		return nil, err
	}
	out := make([]Event, len(events))
	for n, e := range events {
		key := flow.EventText(e.Event)
		if e.Event == casework.Paused || e.Event == casework.Resumed {
			key = "case.event." + e.Event
		}
		out[n] = Event{Event: e.Event, Text: i18n.T(lang(ctx), key), From: e.From, To: e.To, By: e.Role, Reason: e.Reason, At: e.At}
	}
	return out, nil
}

// steps gives what the actor may do with a case now.
func (s *server) steps(ctx context.Context, c casework.Case, side casework.Role) ([]Step, error) {
	flow, err := s.Cases.Flow(c.Kind)
	if err != nil {
		return nil, err
	}
	out := []Step{}
	for _, t := range s.Cases.Steps(ctx, c, side) {
		out = append(out, Step{Event: t.Event, Text: i18n.T(lang(ctx), flow.EventText(t.Event)), NeedsReason: t.Reason})
	}
	return out, nil
}

// stateText is the word of a state.
func (s *server) stateText(ctx context.Context, kind, state string) string {
	flow, err := s.Cases.Flow(kind)
	if err != nil {
		return state
	}
	return i18n.T(lang(ctx), flow.StateText(state))
}

func placeText(l i18n.Lang, code string) string {
	at, ok := place.Get(code)
	if !ok {
		return ""
	}
	return at.NameIn(string(l))
}

// label is the word of a facet's value.
func label(l i18n.Lang, facet, code string) string {
	switch facet {
	case "place":
		return placeText(l, code)
	case "occupation":
		o, _ := employment.OccupationByCode(code)
		return o.NameIn(string(l))
	case "education":
		return i18n.T(l, "screen.education."+code)
	}
	return i18n.T(l, "employment."+facet+"."+code)
}

// unit finds the unit a code names; without a code the actor's highest unit where
// the capability holds. What is not the actor's to see does not exist.
func (s *server) unit(ctx context.Context, code string, c access.Capability) (org.Unit, error) {
	none := fault.New(fault.NotFound, "org.not_found", fault.OnField("unit", "unknown"))
	var u org.Unit
	ok := false
	if code != "" {
		u, ok = s.Org.ByDivision(strings.TrimSpace(code))
	} else {
		a, _ := access.From(ctx)
		for _, g := range a.Units() {
			if access.Can(ctx, c, g.Path) {
				u, ok = s.Org.ByPath(g.Path)
				break
			}
		}
	}
	if !ok || !access.Can(ctx, c, u.Path) {
		if err := access.RequireAnywhere(ctx, c); err != nil {
			return u, err
		}
		return u, none
	}
	return u, nil
}

// kindText is the name of a procedure.
func (s *server) kindText(ctx context.Context, kind string) string {
	flow, err := s.Cases.Flow(kind)
	if err != nil {
		return kind
	}
	return i18n.T(lang(ctx), flow.TitleText())
}
