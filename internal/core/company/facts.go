package company

import (
	"context"
	"iter"
	"slices"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/id"
)

// Latest is what sources last said of companies: of each kind, year and source
// the last statement.
type Latest map[Ref][]Fact

// Get gives the last statement; false = there is none.
func (l Latest) Get(ref Ref, kind FactKind, year int, source string) (int64, bool) {
	if f := l.find(ref, kind, year, source); f != nil {
		return f.Quantity, true
	}
	return 0, false
}

func (l Latest) find(ref Ref, kind FactKind, year int, source string) *Fact {
	facts := l[ref]
	i := slices.IndexFunc(facts, func(f Fact) bool { return f.Kind == kind && f.Year == year && f.Source == source })
	if i < 0 {
		return nil
	}
	return &facts[i]
}

// Put takes a later statement in.
func (l Latest) Put(ref Ref, f Fact) {
	if old := l.find(ref, f.Kind, f.Year, f.Source); old != nil {
		*old = f
		return
	}
	l[ref] = append(l[ref], f)
}

// Facts gives the figures that are known, as facts count them.
func (f SizeFigures) Facts() iter.Seq2[FactKind, int64] {
	return func(yield func(FactKind, int64) bool) {
		if f.Employees != nil && !yield(Staff, *f.Employees) {
			return
		}
		if f.RevenueFen != nil && !yield(Revenue, int64(*f.RevenueFen)) {
			return
		}
		if f.AssetsFen != nil {
			yield(Assets, int64(*f.AssetsFen))
		}
	}
}

// LatestFacts gives what some sources last said of companies. It asks no scope: the
// batch that calls it decides who sees what. Faults: those of reading.
func (s *Service) LatestFacts(ctx context.Context, refs []Ref, sources ...string) (Latest, error) {
	out := make(Latest, len(refs))
	byCity := map[string][]string{}
	for _, r := range refs {
		byCity[r.City] = append(byCity[r.City], r.ID)
	}
	for city, ids := range byCity {
		for part := range slices.Chunk(ids, chunk) {
			var rows []factRow
			err := s.DB.Reader(ctx).NewSelect().Model(&rows).
				Where("f.city_code = ? AND f.company_id IN (?) AND f.source IN (?)", city, bun.List(part), bun.List(sources)).
				OrderExpr("f.stated_on, f.id").Scan(ctx)
			if err != nil {
				return nil, db.Fault(err)
			}
			for _, r := range rows {
				out.Put(Ref{r.CityCode, r.CompanyID}, r.fact())
			}
		}
	}
	return out, nil
}

// Statement is a fact about one company among many.
type Statement struct {
	Ref
	Fact
}

var factColumns = []string{"city_code", "id", "company_id", "kind", "year", "quantity", "source", "stated_on"}

// AddFacts states many facts, today where a statement has no day. It asks no scope,
// does not look whether the same was said before (see Latest) and writes no entry
// for each company: the batch that calls it is the entry. Faults: form.invalid,
// those of writing.
func (s *Service) AddFacts(ctx context.Context, list []Statement) error {
	today := clock.Today(s.Clock)
	rows := make([][]any, len(list))
	for i, x := range list {
		if err := x.check(today); err != nil {
			return err
		}
		rows[i] = []any{x.City, id.New(), x.Ref.ID, string(x.Kind), x.Year, x.Quantity, x.Source, x.StatedOn}
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		_, err := s.DB.InsertNew(ctx, "company_facts", factColumns, "city_code, id", rows)
		return db.Fault(err)
	})
}
