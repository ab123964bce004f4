package api

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"gonghui/internal/core/access"
	"gonghui/internal/core/figures"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
)

// Figure is where a unit stands with an indicator.
type Figure struct {
	Key        string   `json:"key"`
	Title      string   `json:"title"`
	Definition string   `json:"definition"`
	Measure    string   `json:"measure" doc:"persons person_times things fen"`
	Unit       UnitName `json:"unit"`
	Period     string   `json:"period"`
	AsOf       string   `json:"as_of" format:"date"`
	Done       int64    `json:"done"`
	Records    int64    `json:"records" doc:"how many records stand behind it today"`
	Target     int64    `json:"target,omitempty"`
	PerMille   int64    `json:"per_mille,omitempty" doc:"done of target, rounded down"`
	DueOn      string   `json:"due_on,omitempty" format:"date"`
	Citation   string   `json:"citation,omitempty"`
}

// FigureDetail is a figure with its course and forecast.
type FigureDetail struct {
	Figure
	Trend    []TrendPoint `json:"trend"`
	Forecast *Forecast    `json:"forecast,omitempty"`
}

// TrendPoint is one step of a trend.
type TrendPoint struct {
	From       string `json:"from" format:"date"`
	To         string `json:"to" format:"date"`
	Quantity   int64  `json:"quantity"`
	Cumulative int64  `json:"cumulative"`
}

// Forecast says where the unit will be at the end of the period.
type Forecast struct {
	Expected  int64  `json:"expected"`
	Low       int64  `json:"low" doc:"in four of five cases the end lies between low and high"`
	High      int64  `json:"high"`
	ReachedOn string `json:"reached_on,omitempty" format:"date"`
}

// PlaceFigure is the figure of a unit below. Itself is what the unit counted
// without any of them, so that the rows sum up.
type PlaceFigure struct {
	Unit     UnitName `json:"unit"`
	Itself   bool     `json:"itself,omitempty"`
	Done     int64    `json:"done"`
	Records  int64    `json:"records"`
	Target   int64    `json:"target,omitempty"`
	PerMille int64    `json:"per_mille,omitempty"`
	Rank     int      `json:"rank,omitempty"`
}

// FigureRecord is one record behind a figure. It names what earned it, not whom.
type FigureRecord struct {
	ID         string    `json:"id"`
	Unit       UnitName  `json:"unit"`
	On         string    `json:"on" format:"date"`
	Quantity   int64     `json:"quantity"`
	SourceKind string    `json:"source_kind"`
	SourceID   string    `json:"source_id"`
	RecordedAt time.Time `json:"recorded_at"`
}

// Where names a unit and a period.
type Where struct {
	Unit   string `query:"unit" maxLength:"12" doc:"code; the actor's own when absent"`
	Period string `query:"period" maxLength:"4" doc:"year; this one when absent"`
}

// Keyed names an indicator at a unit in a period.
type Keyed struct {
	Key string `path:"key" maxLength:"60" pattern:"^[a-z._]+$" example:"employment.workers_served"`
	Where
}

func (s *server) figures() {
	add(s, route{id: "figure-list", method: http.MethodGet, path: "/figures", tag: "figures"},
		func(ctx context.Context, in *Where) (List[Figure], error) {
			u, period, err := s.where(ctx, *in)
			if err != nil {
				return List[Figure]{}, err
			}
			out := List[Figure]{Items: []Figure{}}
			for _, i := range s.Figures.Indicators() {
				f, err := s.Figures.Progress(ctx, i.Key, period, u)
				if err != nil {
					return out, err
				}
				out.Items = append(out.Items, s.figureOf(ctx, i, period, f))
			}
			return out, nil
		})
	add(s, route{id: "figure-get", method: http.MethodGet, path: "/figures/{key}", tag: "figures"}, s.figure)
	add(s, route{id: "figure-places", method: http.MethodGet, path: "/figures/{key}/places", tag: "figures"},
		func(ctx context.Context, in *Keyed) (List[PlaceFigure], error) {
			u, period, err := s.where(ctx, in.Where)
			if err != nil {
				return List[PlaceFigure]{}, err
			}
			rows, err := s.Figures.ByChild(ctx, in.Key, period, u)
			out := List[PlaceFigure]{Items: make([]PlaceFigure, len(rows))}
			for n, r := range rows {
				rate, _ := r.Rate()
				out.Items[n] = PlaceFigure{
					Unit: unitOf(ctx, r.Unit), Itself: r.Itself, Done: r.Done, Records: r.Facts,
					Target: r.Target, PerMille: rate, Rank: r.Rank,
				}
			}
			return out, err
		})
	add(s, route{id: "figure-records", method: http.MethodGet, path: "/figures/{key}/records", tag: "figures"},
		func(ctx context.Context, in *struct {
			Keyed
			Paging
		}) (List[FigureRecord], error) {
			u, period, err := s.where(ctx, in.Where)
			if err != nil {
				return List[FigureRecord]{}, err
			}
			p, err := s.Figures.Records(ctx, in.Key, period, u.Path, in.request())
			if err != nil {
				return List[FigureRecord]{}, err
			}
			return mapped(p, func(r figures.Record) FigureRecord {
				return FigureRecord{
					ID: r.ID, Unit: s.unitName(ctx, r.OrgPath), On: dayText(r.On), Quantity: r.Quantity,
					SourceKind: r.SourceKind, SourceID: r.SourceID, RecordedAt: r.RecordedAt,
				}
			}), nil
		})
}

func (s *server) where(ctx context.Context, in Where) (org.Unit, string, error) {
	u, err := s.unit(ctx, in.Unit, access.FiguresView)
	if err != nil {
		return u, "", err
	}
	period := cmp.Or(in.Period, figures.PeriodOf(clock.Today(s.Clock)))
	if _, _, err := figures.Days(period); err != nil {
		return u, "", fault.New(fault.Invalid, "figures.period", fault.OnField("period", "unknown_code"))
	}
	return u, period, nil
}

func (s *server) figure(ctx context.Context, in *struct {
	Keyed
	AsOf string `query:"as_of" format:"date" doc:"the figure as it stood when this day was over"`
	Step string `query:"step" enum:"day,week,month" doc:"width of a point of the trend; month unless said"`
}) (FigureDetail, error) {
	u, period, err := s.where(ctx, in.Where)
	if err != nil {
		return FigureDetail{}, err
	}
	i, err := s.Figures.Indicator(in.Key)
	if err != nil {
		return FigureDetail{}, err
	}
	f, err := s.Figures.Progress(ctx, i.Key, period, u)
	if err != nil {
		return FigureDetail{}, err
	}
	out := FigureDetail{Figure: s.figureOf(ctx, i, period, f), Trend: []TrendPoint{}}
	on, err := day("as_of", in.AsOf)
	if err != nil {
		return FigureDetail{}, err
	}
	if !on.IsZero() {
		if f.Done, err = s.Figures.AsOf(ctx, i.Key, period, u, on); err != nil {
			return FigureDetail{}, err
		}
		out.Figure = s.figureOf(ctx, i, period, f)
		out.AsOf = on.String()
		return out, nil
	}
	points, err := s.Figures.Trend(ctx, i.Key, period, u, figures.Step(cmp.Or(in.Step, "month")))
	if err != nil {
		return FigureDetail{}, err
	}
	for _, p := range points {
		out.Trend = append(out.Trend, TrendPoint{From: dayText(p.From), To: dayText(p.To), Quantity: p.Quantity, Cumulative: p.Cumulative})
	}
	next, err := s.Figures.Forecast(ctx, i.Key, period, u)
	if err == nil && next.Known {
		out.Forecast = &Forecast{Expected: next.Expected, Low: next.Low, High: next.High, ReachedOn: dayText(next.ReachedOn)}
	}
	return out, err
}

func (s *server) figureOf(ctx context.Context, i figures.Indicator, period string, f figures.Figure) Figure {
	rate, _ := f.Rate()
	return Figure{
		Key: i.Key, Title: i18n.T(lang(ctx), i.TitleText()), Definition: i18n.T(lang(ctx), i.DefinitionText()), Measure: string(i.Unit),
		Unit: unitOf(ctx, f.Unit), Period: period, AsOf: clock.Today(s.Clock).String(),
		Done: f.Done, Records: f.Facts, Target: f.Target, PerMille: rate, DueOn: dayText(f.DueOn), Citation: f.Citation,
	}
}
