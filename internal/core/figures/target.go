package figures

import (
	"context"
	"slices"

	"gonghui/internal/base/db"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// Target is what one unit has promised for a period.
type Target struct {
	Indicator string
	Period    string
	UnitID    string
	Target    int64
	DueOn     clock.Day // zero = the last day of the period
	Citation  string    // the paper that says so
}

// SetTargets writes targets, over any that the units had. It is work of the
// house (seeding, the command line): forbidden access.denied without a system scope.
func (s *Service) SetTargets(ctx context.Context, targets []Target) error {
	scope, err := db.ScopeFrom(ctx)
	if err != nil {
		return err
	}
	if scope.System == "" {
		return fault.New(fault.Forbidden, "access.denied")
	}
	rows := make([]targetRow, len(targets))
	for n, t := range targets {
		if _, err := s.Indicator(t.Indicator); err != nil {
			return err
		}
		_, last, err := Days(t.Period)
		if err != nil {
			return err
		}
		u, ok := s.org.ByID(t.UnitID)
		if !ok || t.Target < 0 {
			return fault.New(fault.Invalid, "figures.target")
		}
		if t.DueOn.IsZero() {
			t.DueOn = last
		}
		rows[n] = targetRow{Indicator: t.Indicator, Period: t.Period, UnitID: u.ID, OrgPath: u.Path, Target: t.Target, DueOn: t.DueOn, Citation: t.Citation}
	}
	return s.db.InTx(ctx, func(ctx context.Context) error {
		for part := range slices.Chunk(rows, batch) {
			if err := s.store.putTargets(ctx, part); err != nil {
				return err
			}
		}
		return nil
	})
}

// Split hands a target down to units below by weight, adding percent on top
// (加压): with 5, the parts sum up to 105 % of the whole, rounded up.
func Split(whole Target, units []org.Unit, weight func(org.Unit) int64, percent int64) []Target {
	weights := make([]int64, len(units))
	for n, u := range units {
		weights[n] = weight(u)
	}
	parts := Apportion(whole.Target+(whole.Target*percent+99)/100, weights)
	out := make([]Target, len(units))
	for n, u := range units {
		out[n] = whole
		out[n].UnitID, out[n].Target = u.ID, parts[n]
	}
	return out
}

// Apportion splits total by weights so that the parts sum up to total exactly:
// the largest-remainder method of Hamilton, ties to the earlier part. Weights
// below nothing count as nothing; without any weight all parts weigh the same.
func Apportion(total int64, weights []int64) []int64 {
	if len(weights) == 0 || total <= 0 {
		return make([]int64, len(weights))
	}
	clean := make([]int64, len(weights))
	var sum int64
	for n, w := range weights {
		clean[n] = max(w, 0)
		sum += clean[n]
	}
	if sum == 0 {
		for n := range clean {
			clean[n] = 1
		}
		sum = int64(len(clean))
	}
	parts, rest := make([]int64, len(clean)), make([]int64, len(clean))
	order := make([]int, len(clean))
	left := total
	for n, w := range clean {
		parts[n], rest[n] = share(total, w, sum)
		left -= parts[n]
		order[n] = n
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case rest[a] > rest[b]:
			return -1
		case rest[a] < rest[b]:
			return 1
		}
		return 0
	})
	for n := range left {
		parts[order[n]]++
	}
	return parts
}
