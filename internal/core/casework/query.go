package casework

import (
	"context"
	"strings"
)

// Get gives one case inside the scope, or not_found.
func (e *Engine) Get(ctx context.Context, ref Ref) (Case, error) {
	row, err := e.store.get(ctx, ref)
	if err != nil {
		return Case{}, err
	}
	return row.model(), nil
}

// Find gives the case with a public number inside the scope; false when there is none.
func (e *Engine) Find(ctx context.Context, number string) (Case, bool, error) {
	rows, err := e.store.numbered(ctx, strings.ToUpper(strings.TrimSpace(number)))
	if err != nil || len(rows) == 0 {
		return Case{}, false, err
	}
	return rows[0].model(), true, nil
}

// Named gives the cases inside the scope among those named.
func (e *Engine) Named(ctx context.Context, refs []Ref) (map[Ref]Case, error) {
	out := make(map[Ref]Case, len(refs))
	if len(refs) == 0 {
		return out, nil
	}
	rows, err := e.store.named(ctx, refs)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		c := r.model()
		out[c.Ref()] = c
	}
	return out, nil
}

// History gives the events of a case, oldest first.
func (e *Engine) History(ctx context.Context, ref Ref) ([]Event, error) {
	if _, err := e.store.get(ctx, ref); err != nil {
		return nil, err
	}
	rows, err := e.store.events(ctx, ref)
	if err != nil {
		return nil, err
	}
	out := make([]Event, len(rows))
	for i, r := range rows {
		out[i] = r.model()
	}
	return out, nil
}
