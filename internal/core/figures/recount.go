package figures

import (
	"context"
	"fmt"
	"slices"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/fault"
)

// Diff is what a recount found. All zero means that every number rests on records.
type Diff struct {
	Facts   int64 // facts looked at
	Missing int64 // subjects that the records earn and nobody counted
	Extra   int64 // subjects that were counted and no record earns
	Rollups int64 // rollups that do not equal the sum of their facts
	Samples []string
}

// Clean tells whether the recount agreed.
func (d Diff) Clean() bool { return d.Missing == 0 && d.Extra == 0 && d.Rollups == 0 }

func (d *Diff) sample(format string, args ...any) {
	if len(d.Samples) < 20 {
		d.Samples = append(d.Samples, fmt.Sprintf(format, args...))
	}
}

// Recount compares an indicator with itself at every level: the owner's records
// (where it has a Source) with the facts, and the facts with the rollups, at one
// moment. It is work of the house: forbidden access.denied without a system scope.
// It changes nothing.
func (s *Service) Recount(ctx context.Context, indicator, period string) (Diff, error) {
	i, err := s.house(ctx, indicator, period)
	if err != nil {
		return Diff{}, err
	}
	var d Diff
	err = s.db.InTx(ctx, func(ctx context.Context) error {
		d = Diff{}
		if err := s.store.oneMoment(ctx); err != nil {
			return err
		}
		if err := s.compareRollups(ctx, indicator, period, &d); err != nil {
			return err
		}
		if i.Source == nil {
			return nil
		}
		return s.compareSource(ctx, i, period, &d)
	})
	return d, err
}

func (s *Service) house(ctx context.Context, indicator, period string) (Indicator, error) {
	scope, err := db.ScopeFrom(ctx)
	if err != nil {
		return Indicator{}, err
	}
	if scope.System == "" {
		return Indicator{}, fault.New(fault.Forbidden, "access.denied")
	}
	if _, _, err := Days(period); err != nil {
		return Indicator{}, err
	}
	return s.Indicator(indicator)
}

// expected sums the facts anew, for each place and all above it.
func (s *Service) expected(ctx context.Context, indicator, period string) (tally, int64, error) {
	groups, err := s.store.grouped(ctx, indicator, period)
	if err != nil {
		return nil, 0, err
	}
	want := tally{}
	var facts int64
	for _, g := range groups {
		want.addSums(factRow{CityCode: g.CityCode, Indicator: indicator, Period: period, OrgPath: g.OrgPath, OnDay: g.OnDay}, sums{g.Quantity, g.Facts})
		facts += g.Facts
	}
	return want, facts, nil
}

func (s *Service) compareRollups(ctx context.Context, indicator, period string, d *Diff) error {
	want, facts, err := s.expected(ctx, indicator, period)
	if err != nil {
		return err
	}
	d.Facts = facts
	have, err := s.store.rollups(ctx, indicator, period)
	if err != nil {
		return err
	}
	for _, r := range have {
		k := rollupKey{r.CityCode, r.Indicator, r.Period, r.OrgPath, r.OnDay}
		if got := (sums{r.Quantity, r.Facts}); got != want[k] {
			d.Rollups++
			d.sample("rollup %s %s: %d of %d facts, counted again %d of %d", r.OrgPath, r.OnDay, got.quantity, got.facts, want[k].quantity, want[k].facts)
		}
		delete(want, k)
	}
	for k := range want {
		d.Rollups++
		d.sample("rollup %s %s is missing", k.path, k.on)
	}
	return nil
}

func (s *Service) compareSource(ctx context.Context, i Indicator, period string, d *Diff) error {
	type key struct{ city, subject string }
	counted := map[key]bool{} // false until a record earns it
	if err := s.store.eachSubject(ctx, i.Key, period, func(city, subject string) { counted[key{city, subject}] = false }); err != nil {
		return err
	}
	missing := map[key]bool{}
	err := i.Source(ctx, period, func(f Fact) error {
		k := key{f.City, f.subject()}
		if _, ok := counted[k]; ok {
			counted[k] = true
		} else if !missing[k] {
			missing[k] = true
			d.Missing++
			d.sample("%s %s earns it and was not counted", f.SourceKind, f.SourceID)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the records of %s: %w", i.Key, err)
	}
	for k, earned := range counted {
		if !earned {
			d.Extra++
			d.sample("subject %s of %s was counted, no record earns it", k.subject, k.city)
		}
	}
	return nil
}

// Rebuild writes the rollups of an indicator and period anew from its facts. It
// is work of the house, like Recount.
func (s *Service) Rebuild(ctx context.Context, indicator, period string) error {
	if _, err := s.house(ctx, indicator, period); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(ctx context.Context) error {
		// Whoever counts in between makes this fail, and it is tried again.
		if err := s.store.oneMoment(ctx); err != nil {
			return err
		}
		want, _, err := s.expected(ctx, indicator, period)
		if err != nil {
			return err
		}
		if err := s.store.dropRollups(ctx, indicator, period); err != nil {
			return err
		}
		for part := range slices.Chunk(want.rows(), batch) {
			if err := s.store.raise(ctx, part); err != nil {
				return err
			}
		}
		return nil
	})
}
