package figures

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
)

// Deps is what the service works with.
type Deps struct {
	DB    *db.DB
	Clock clock.Clock
	Org   *org.Service
}

// Service counts and reports. It is safe for concurrent use once all
// indicators are registered.
type Service struct {
	db    *db.DB
	store store
	clock clock.Clock
	org   *org.Service

	indicators map[string]Indicator
	order      []string
}

// New makes a service without indicators.
func New(d Deps) *Service {
	return &Service{db: d.DB, store: store{d.DB}, clock: d.Clock, org: d.Org, indicators: map[string]Indicator{}}
}

// Register adds an indicator at start-up; it refuses a key twice or none.
func (s *Service) Register(i Indicator) error {
	if _, twice := s.indicators[i.Key]; twice || i.Key == "" {
		return fmt.Errorf("indicator %q is registered twice or has no key", i.Key)
	}
	switch i.Unit {
	case Persons, PersonTimes, Things, Fen:
	default:
		return fmt.Errorf("indicator %q counts %q", i.Key, i.Unit)
	}
	s.indicators[i.Key] = i
	s.order = append(s.order, i.Key)
	return nil
}

// Indicators lists the registered indicators in the order of registration.
func (s *Service) Indicators() []Indicator {
	out := make([]Indicator, len(s.order))
	for n, key := range s.order {
		out[n] = s.indicators[key]
	}
	return out
}

// Indicator gives one, or not_found figures.unknown.
func (s *Service) Indicator(key string) (Indicator, error) {
	i, ok := s.indicators[key]
	if !ok {
		return i, fault.New(fault.NotFound, "figures.unknown")
	}
	return i, nil
}

// Count writes a fact in the transaction of ctx. It tells whether the subject
// was new in this period: the same subject again changes nothing.
func (s *Service) Count(ctx context.Context, f Fact) (counted bool, err error) {
	n, err := s.CountMany(ctx, []Fact{f})
	return n == 1, err
}

// batch is how many facts one statement carries.
const batch = 200

// CountMany writes many facts, all or none, and tells how many were new.
func (s *Service) CountMany(ctx context.Context, facts []Fact) (counted int, err error) {
	now := s.clock.Now()
	rows := make([]factRow, len(facts))
	for n, f := range facts {
		i, err := s.Indicator(f.Indicator)
		if err != nil {
			return 0, internal(fmt.Errorf("indicator %q is not registered", f.Indicator))
		}
		if err := f.check(i, clock.DayOf(now)); err != nil {
			return 0, err
		}
		rows[n] = factRow{
			CityCode: f.City, ID: id.New(), Indicator: f.Indicator, Period: PeriodOf(f.On), OnDay: f.On, OrgPath: f.OrgPath,
			Subject: f.subject(), Quantity: max(f.Quantity, 1), SourceKind: f.SourceKind, SourceID: f.SourceID, CreatedAt: now,
		}
	}
	err = s.db.InTx(ctx, func(ctx context.Context) error {
		counted = 0
		for part := range slices.Chunk(rows, batch) {
			written, err := s.store.insert(ctx, part)
			if err != nil {
				return err
			}
			sums := tally{}
			for _, r := range part {
				if written[r.ID] {
					counted++
					sums.add(r)
				}
			}
			if err := s.store.raise(ctx, sums.rows()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return counted, nil
}

// tally gathers what facts add to the rollups.
type tally map[rollupKey]sums

type rollupKey struct {
	city, indicator, period, path string
	on                            clock.Day
}

type sums struct{ quantity, facts int64 }

func (t tally) add(r factRow) { t.addSums(r, sums{r.Quantity, 1}) }

func (t tally) addSums(r factRow, s sums) {
	for _, path := range above(r.OrgPath) {
		k := rollupKey{r.CityCode, r.Indicator, r.Period, path, r.OnDay}
		have := t[k]
		t[k] = sums{have.quantity + s.quantity, have.facts + s.facts}
	}
}

// rows lists the additions in one fixed order, so that two transactions that
// raise the same rollups queue up instead of blocking each other.
func (t tally) rows() []rollupRow {
	keys := slices.SortedFunc(maps.Keys(t), func(a, b rollupKey) int {
		return cmp.Or(cmp.Compare(a.indicator, b.indicator), cmp.Compare(a.period, b.period),
			cmp.Compare(a.path, b.path), cmp.Compare(a.on, b.on), cmp.Compare(a.city, b.city))
	})
	out := make([]rollupRow, len(keys))
	for n, k := range keys {
		out[n] = rollupRow{CityCode: k.city, Indicator: k.indicator, Period: k.period, OrgPath: k.path, OnDay: k.on,
			Quantity: t[k].quantity, Facts: t[k].facts}
	}
	return out
}

// may refuses a place whose figures the actor may not see: it does not exist for him.
func (s *Service) may(ctx context.Context, indicator, path string) (Indicator, error) {
	i, err := s.Indicator(indicator)
	if err != nil {
		return i, err
	}
	if !access.Can(ctx, access.FiguresView, path) {
		return i, fault.New(fault.NotFound, "figures.not_found")
	}
	return i, nil
}
