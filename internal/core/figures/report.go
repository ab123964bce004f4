package figures

import (
	"cmp"
	"context"
	"math"
	"math/bits"
	"slices"
	"time"

	"gonghui/internal/core/access"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/page"
)

// share gives total*weight/sum and its remainder without overflow; weight ≤ sum.
func share(total, weight, sum int64) (quotient, remainder int64) {
	hi, lo := bits.Mul64(uint64(total), uint64(weight))
	q, r := bits.Div64(hi, lo, uint64(sum))
	return int64(q), int64(r)
}

// Figure is where a unit stands with an indicator.
type Figure struct {
	Unit     org.Unit
	Done     int64 // numerator
	Facts    int64 // how many records stand behind it
	Target   int64 // denominator; 0 = none set
	DueOn    clock.Day
	Citation string
}

// Rate is done of target in parts of a thousand, rounded down so that 1000 means
// reached; false where there is no target.
func (f Figure) Rate() (perMille int64, ok bool) {
	if f.Target <= 0 {
		return 0, false
	}
	return min(max(f.Done, 0), math.MaxInt64/1000) * 1000 / f.Target, true
}

// PlaceFigure is the figure of one of several places.
type PlaceFigure struct {
	Figure
	Rank   int  // by rate, equal rates share a rank; 0 = no target
	Itself bool // what the parent counted itself, below none of its units
}

// Progress gives the figure of a unit. Fault not_found figures.not_found where
// the actor may not see figures.
func (s *Service) Progress(ctx context.Context, indicator, period string, unit org.Unit) (Figure, error) {
	if _, err := s.may(ctx, indicator, unit.Path); err != nil {
		return Figure{}, err
	}
	out, err := s.figures(ctx, indicator, period, []org.Unit{unit})
	if err != nil {
		return Figure{}, err
	}
	return out[0], nil
}

// figures reads sums and targets of units: two statements however many units.
func (s *Service) figures(ctx context.Context, indicator, period string, units []org.Unit) ([]Figure, error) {
	if _, _, err := Days(period); err != nil {
		return nil, err
	}
	paths, ids := make([]string, len(units)), make([]string, len(units))
	for n, u := range units {
		paths[n], ids[n] = u.Path, u.ID
	}
	done, err := s.store.at(ctx, indicator, period, paths)
	if err != nil {
		return nil, err
	}
	targets, err := s.store.targets(ctx, indicator, period, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Figure, len(units))
	for n, u := range units {
		d, t := done[u.Path], targets[u.ID]
		out[n] = Figure{Unit: u, Done: d.Quantity, Facts: d.Facts, Target: t.Target, DueOn: t.DueOn, Citation: t.Citation}
	}
	return out, nil
}

// ByChild gives the figures of the units below one, in the order of the tree:
// province → cities, city → counties and zones, county → townships. What the
// unit counted itself comes last, so that the rows sum up to its own figure.
func (s *Service) ByChild(ctx context.Context, indicator, period string, unit org.Unit) ([]PlaceFigure, error) {
	if _, err := s.may(ctx, indicator, unit.Path); err != nil {
		return nil, err
	}
	figures, err := s.figures(ctx, indicator, period, append([]org.Unit{unit}, s.org.Children(unit.ID)...))
	if err != nil {
		return nil, err
	}
	itself := PlaceFigure{Figure: figures[0], Itself: true}
	itself.Target = 0
	out := make([]PlaceFigure, 0, len(figures))
	for _, f := range figures[1:] {
		out = append(out, PlaceFigure{Figure: f})
		itself.Done -= f.Done
		itself.Facts -= f.Facts
	}
	rank(out)
	if itself.Facts != 0 || itself.Done != 0 {
		out = append(out, itself)
	}
	return out, nil
}

func rank(list []PlaceFigure) {
	order := make([]int, 0, len(list))
	rates := make([]int64, len(list))
	for n, f := range list {
		if r, ok := f.Rate(); ok {
			rates[n] = r
			order = append(order, n)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rates[b], rates[a]) })
	for at, n := range order {
		list[n].Rank = at + 1
		if at > 0 && rates[order[at-1]] == rates[n] {
			list[n].Rank = list[order[at-1]].Rank
		}
	}
}

// AsOf gives the figure of a unit as it stood when the day was over: the number
// published then, whatever was recorded since, even for earlier days.
func (s *Service) AsOf(ctx context.Context, indicator, period string, unit org.Unit, day clock.Day) (int64, error) {
	if _, err := s.may(ctx, indicator, unit.Path); err != nil {
		return 0, err
	}
	return s.store.asOf(ctx, indicator, period, unit.Path, day.End())
}

// Record is a fact in a drill-down: what earned it and whom it counts.
type Record struct {
	ID         string
	City       string
	OrgPath    string
	On         clock.Day
	Subject    string
	Quantity   int64
	SourceKind string
	SourceID   string
	RecordedAt time.Time
}

// Records opens a figure down to the facts behind it, inside the places whose
// figures the actor may see: place by place, the newest first.
func (s *Service) Records(ctx context.Context, indicator, period, path string, req page.Request) (page.Page[Record], error) {
	var none page.Page[Record]
	if _, err := s.Indicator(indicator); err != nil {
		return none, err
	}
	if _, _, err := Days(period); err != nil {
		return none, err
	}
	ctx, err := access.For(ctx, access.FiguresView)
	if err != nil {
		return none, err
	}
	list := "figures/" + indicator + "/" + period
	var after place
	if _, err := req.After.Decode(list, &after.path, &after.on, &after.id); err != nil {
		return none, err
	}
	rows, err := s.store.facts(ctx, indicator, period, path, after, req.Size()+1)
	if err != nil {
		return none, err
	}
	p := page.Cut(rows, req.Size(), func(r factRow) page.Cursor { return page.Encode(list, r.OrgPath, r.OnDay, r.ID) })
	return page.Map(p, func(r factRow) Record {
		return Record{ID: r.ID, City: r.CityCode, OrgPath: r.OrgPath, On: r.OnDay, Subject: r.Subject, Quantity: r.Quantity,
			SourceKind: r.SourceKind, SourceID: r.SourceID, RecordedAt: r.CreatedAt.UTC()}
	}), nil
}
