package rules

import (
	"context"
	"strings"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/page"
)

// Standing is one parameter as it stands at a place on a day.
type Standing struct {
	Definition Definition
	Entry      Entry // of the place, or of the nearest place above that has one
	Found      bool  // false: nothing holds on the day
	Own        bool  // set at the place itself
}

// Filter narrows the list of parameters.
type Filter struct {
	Room  string
	Place string    // "" = the province
	Day   clock.Day // zero = today
	Text  string    // part of a title in either language, or of the key
	Basis Basis     // only such values; "" = all
}

// Parameters lists the parameters as they stand at a place on a day. It needs
// rules.read.
func (s *Service) Parameters(ctx context.Context, f Filter) ([]Standing, error) {
	if err := access.RequireAnywhere(ctx, access.RulesRead); err != nil {
		return nil, err
	}
	b, err := s.Book(ctx)
	if err != nil {
		return nil, err
	}
	if f.Day.IsZero() {
		f.Day = clock.Today(s.Clock)
	}
	at := Places(f.Place)
	out := []Standing{}
	for _, d := range b.Definitions() {
		if f.Room != "" && d.Room() != f.Room || !matches(d, f.Text) {
			continue
		}
		e, err := b.on(d.Key, at, f.Day)
		if f.Basis != "" && (err != nil || e.Basis != f.Basis) {
			continue
		}
		out = append(out, Standing{Definition: d, Entry: e, Found: err == nil, Own: err == nil && e.Place == at[0]})
	}
	return out, nil
}

func matches(d Definition, text string) bool {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" || strings.Contains(d.Key, text) {
		return true
	}
	for _, lang := range i18n.Langs {
		if strings.Contains(strings.ToLower(i18n.T(lang, d.TitleText())), text) {
			return true
		}
	}
	return false
}

// Parameter gives one parameter with everything that holds, held or will hold
// anywhere. It needs rules.read; fault not_found rules.unknown_key.
func (s *Service) Parameter(ctx context.Context, key string) (Definition, []Entry, error) {
	if err := access.RequireAnywhere(ctx, access.RulesRead); err != nil {
		return Definition{}, nil, err
	}
	b, err := s.Book(ctx)
	if err != nil {
		return Definition{}, nil, err
	}
	d, ok := b.Definition(key)
	if !ok {
		return Definition{}, nil, ErrNotFound
	}
	return d, b.Entries(key), nil
}

// changeColumns: only the desk sees changes.
var changeColumns = db.Columns{Path: "org_path"}

// Change gives one change inside the actor's scope for rules.read, or not_found.
func (s *Service) Change(ctx context.Context, ref casework.Ref) (Change, error) {
	ctx, err := access.For(ctx, access.RulesRead)
	if err != nil {
		return Change{}, err
	}
	row, err := s.store.change(ctx, ref)
	if err != nil {
		return Change{}, err
	}
	return row.model()
}

// ChangesOf gives those of the changes named that lie inside the actor's scope for
// rules.read, for lists of cases of every kind.
func (s *Service) ChangesOf(ctx context.Context, refs []casework.Ref) (map[casework.Ref]Change, error) {
	ctx, err := access.For(ctx, access.RulesRead)
	if err != nil {
		return nil, err
	}
	return s.store.changesOf(ctx, refs)
}

// Changes lists the changes inside the actor's scope for rules.read, the latest
// first; of one parameter, and open ones only, where asked.
func (s *Service) Changes(ctx context.Context, key string, open bool, req page.Request) (page.Page[Change], error) {
	ctx, err := access.For(ctx, access.RulesRead)
	if err != nil {
		return page.Page[Change]{}, err
	}
	return s.store.changes(ctx, key, open, req)
}
