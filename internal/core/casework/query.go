package casework

import "context"

// Get gives one case inside the scope, or not_found.
func (e *Engine) Get(ctx context.Context, ref Ref) (Case, error) {
	row, err := e.store.get(ctx, ref)
	if err != nil {
		return Case{}, err
	}
	return row.model(), nil
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
