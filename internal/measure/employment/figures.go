package employment

import (
	"context"

	"gonghui/internal/core/figures"
)

// Indicators of measure 1 that this room counts from records.
const (
	WorkersServed = "employment.workers_served" // 就业对接服务人数, target 300,000
	Intentions    = "employment.intentions"     // 达成意向人数
	Placements    = "employment.placements"     // 实现就业人数
)

// indicators lists what the room counts. Workers served are distinct people in
// a calendar year with a delivered application, an accepted recommendation, a
// fair check-in or a guidance session. Views of pages never count.
func (s *Service) indicators() []figures.Indicator {
	var out []figures.Indicator
	for _, key := range []string{WorkersServed, Intentions, Placements} {
		out = append(out, figures.Indicator{
			Key: key, Unit: figures.Persons, Owner: "employment",
			Source: func(ctx context.Context, period string, yield func(figures.Fact) error) error {
				return s.store.earned(ctx, key, period, yield)
			},
		})
	}
	return out
}
