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

// Indicators lists what the room counts. Workers served are distinct people in
// a calendar year with a delivered application, an accepted recommendation, a
// fair check-in or a guidance session. Views of pages never count.
func Indicators() []figures.Indicator {
	person := func(key string) figures.Indicator {
		return figures.Indicator{
			Key: key, Unit: figures.People, Title: "indicator." + key, Definition: "indicator." + key + ".definition", Owner: "employment",
		}
	}
	return []figures.Indicator{person(WorkersServed), person(Intentions), person(Placements)}
}

// Earned streams what the records say should have been counted: the recount
// compares it with the facts.
func (s *Service) Earned(ctx context.Context, indicator string, yield func(figures.Fact) error) error {
	return s.store.earned(ctx, indicator, yield)
}
