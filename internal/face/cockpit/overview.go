package cockpit

import (
	"context"
	"net/http"
	"strconv"

	"gonghui/internal/core/figures"
	"gonghui/internal/core/org"
	"gonghui/internal/face/ui"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/i18n"
)

// row is one place below a unit.
type row struct {
	unit    org.Unit
	itself  bool
	done    int64
	target  int64
	rank    int
	pace    pace
	overdue int // reviews past their deadline; -1 = not the viewer's to see
}

// standing is an indicator at a unit.
type standing struct {
	indicator figures.Indicator
	figure    figures.Figure
	pace      pace
	forecast  figures.Forecast
	weeks     []figures.Point
	rows      []row
}

func (f *face) overview(w http.ResponseWriter, r *http.Request) error {
	v, err := f.look(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	var all []standing
	for _, i := range f.Figures.Indicators() {
		s, err := f.standing(ctx, i, v)
		if err != nil {
			return err
		}
		if s.weeks, err = f.trend(ctx, i, v, figures.ByWeek); err != nil {
			return err
		}
		if s.rows, err = f.rows(ctx, i, v); err != nil {
			return err
		}
		all = append(all, s)
	}
	p := f.page(r, v, ui.T(ctx, "cockpit.overview.title"), "overview")
	p.Charts = v.unit.Kind == org.Province && len(all) > 0
	return f.site.Render(w, r, p, f.overviewPage(v, all, f.others(ctx, v)))
}

// others offers the viewer's other units.
func (f *face) others(ctx context.Context, v view) []ui.View {
	own := f.own(ctx)
	if len(own) < 2 {
		return nil
	}
	var out []ui.View
	for _, u := range own {
		out = append(out, ui.View{Label: name(ctx, u), Href: v.at("", "", u), Count: -1, Selected: u.ID == v.unit.ID})
	}
	return out
}

// standing reads the figure of an indicator as the view asks: now, or as it was
// published on a past day.
func (f *face) standing(ctx context.Context, i figures.Indicator, v view) (standing, error) {
	s := standing{indicator: i}
	var err error
	if s.figure, err = f.Figures.Progress(ctx, i.Key, v.period, v.unit); err != nil {
		return s, err
	}
	if !v.asOf.IsZero() {
		if s.figure.Done, err = f.Figures.AsOf(ctx, i.Key, v.period, v.unit, v.asOf); err != nil {
			return s, err
		}
	} else if s.forecast, err = f.Figures.Forecast(ctx, i.Key, v.period, v.unit); err != nil {
		return s, err
	}
	s.pace = paceOf(s.figure, v.first, v.last, v.upTo())
	return s, nil
}

// upTo is the day whose end the view shows.
func (v view) upTo() clock.Day {
	if !v.asOf.IsZero() {
		return v.asOf
	}
	return min(v.today, v.last+1) // a day after the period: the deadline is over
}

// trend is empty for a past day: the course known then is not kept.
func (f *face) trend(ctx context.Context, i figures.Indicator, v view, step figures.Step) ([]figures.Point, error) {
	if !v.asOf.IsZero() {
		return nil, nil
	}
	return f.Figures.Trend(ctx, i.Key, v.period, v.unit, step)
}

// rows reads the places below the unit. For a past day each is asked for as it
// was published then, and what remains is the unit's own.
func (f *face) rows(ctx context.Context, i figures.Indicator, v view) ([]row, error) {
	list, err := f.Figures.ByChild(ctx, i.Key, v.period, v.unit)
	if err != nil {
		return nil, err
	}
	out := make([]row, 0, len(list))
	var whole int64
	if !v.asOf.IsZero() {
		if whole, err = f.Figures.AsOf(ctx, i.Key, v.period, v.unit, v.asOf); err != nil {
			return nil, err
		}
	}
	for _, p := range list {
		if !v.asOf.IsZero() {
			p.Rank = 0
			if p.Itself {
				p.Done = whole
			} else if p.Done, err = f.Figures.AsOf(ctx, i.Key, v.period, p.Unit, v.asOf); err != nil {
				return nil, err
			}
			whole -= p.Done
			if p.Itself && p.Done == 0 {
				continue
			}
		}
		x := row{unit: p.Unit, itself: p.Itself, done: p.Done, target: p.Target, rank: p.Rank, overdue: -1}
		if !p.Itself {
			x.pace = paceOf(p.Figure, v.first, v.last, v.upTo())
		}
		out = append(out, x)
	}
	return out, nil
}

// card writes a standing as a number card.
func (f *face) card(ctx context.Context, v view, s standing) ui.Indicator {
	state, word := s.pace.word(ctx)
	out := ui.Indicator{
		Title: ui.T(ctx, s.indicator.TitleText()), Href: v.at(s.indicator.Key, "", v.unit), Value: amount(ctx, s.indicator, s.figure.Done),
		Unit: unitWord(ctx, s.indicator, ui.Number(s.figure.Done)), State: state, Word: word, Forecast: forecastText(ctx, s),
		Definition: ui.T(ctx, s.indicator.DefinitionText()), Source: s.figure.Citation,
	}
	if s.figure.Target > 0 {
		out.Target, out.Percent = amount(ctx, s.indicator, s.figure.Target), percent(s.figure.Done, s.figure.Target)
		out.Due, out.Some = s.pace.due, s.figure.Done > 0
	}
	weeks := s.weeks
	if n := len(weeks); n > 0 && weeks[n-1].To >= v.today { // this week is not over and would look like a fall
		weeks = weeks[:n-1]
	}
	weeks = weeks[max(0, len(weeks)-12):]
	var sum int64
	for _, p := range weeks {
		out.Trend = append(out.Trend, float64(p.Quantity))
		sum += p.Quantity
	}
	if len(weeks) > 1 {
		each := mean(ctx, s.indicator, sum, int64(len(weeks)))
		out.TrendText = ui.T(ctx, "cockpit.trend.weeks", "Weeks", len(weeks), "Mean", each, "Unit", unitWord(ctx, s.indicator, each))
	}
	return out
}

// mean writes an average, with one decimal where a whole number would say little.
func mean(ctx context.Context, i figures.Indicator, sum, n int64) string {
	if i.Unit == figures.Fen || sum >= 10*n || sum%n == 0 {
		return amount(ctx, i, sum/n)
	}
	return strconv.FormatFloat(float64(sum)/float64(n), 'f', 1, 64)
}

// moment says as of when a number holds.
func (f *face) moment(ctx context.Context, v view) string {
	if !v.asOf.IsZero() {
		return ui.T(ctx, "cockpit.end_of", "Day", ui.Day(ctx, v.asOf))
	}
	return ui.Moment(ctx, f.Clock.Now())
}

func amount(ctx context.Context, i figures.Indicator, n int64) string {
	if i.Unit == figures.Fen {
		return ui.Money(ctx, n)
	}
	return ui.Number(n)
}

// unitWord is what is counted, behind the number as it is written; money says so
// itself.
func unitWord(ctx context.Context, i figures.Indicator, number string) string {
	switch {
	case i.Unit == figures.Fen:
		return ""
	case number == "1":
		return ui.T(ctx, i.Unit.UnitText()+".one")
	}
	return ui.T(ctx, i.Unit.UnitText())
}

func forecastText(ctx context.Context, s standing) string {
	if !s.forecast.Known {
		return ""
	}
	text := ui.T(ctx, "cockpit.forecast", "Expected", amount(ctx, s.indicator, s.forecast.Expected),
		"Low", amount(ctx, s.indicator, s.forecast.Low), "High", amount(ctx, s.indicator, s.forecast.High))
	sep := " "
	if i18n.From(ctx) == i18n.ZH {
		sep = ""
	}
	switch {
	case s.figure.Target <= 0, s.pace.reached:
	case s.forecast.ReachedOn.IsZero():
		text += sep + ui.T(ctx, "cockpit.forecast.short")
	default:
		text += sep + ui.T(ctx, "cockpit.forecast.reached", "Day", ui.Day(ctx, s.forecast.ReachedOn))
	}
	return text
}

// table writes rows as the table by place.
func (f *face) table(ctx context.Context, v view, i figures.Indicator, rows []row) []ui.Place {
	var largest int64
	for _, r := range rows {
		largest = max(largest, r.done)
	}
	out := make([]ui.Place, len(rows))
	for n, r := range rows {
		p := ui.Place{Name: short(ctx, r.unit), Value: amount(ctx, i, r.done), Percent: percent(r.done, largest)}
		if r.itself {
			p.Name = ui.T(ctx, "figures.itself")
			p.Href = v.at(i.Key, "/records", v.unit)
		} else {
			p.Href = f.open(v, i.Key, r.unit)
		}
		if r.target > 0 {
			p.Target, p.Percent = amount(ctx, i, r.target), percent(r.done, r.target)
			p.Due, p.Some = r.pace.due, r.done > 0
			p.State, p.Word = r.pace.word(ctx)
			p.Rank = r.rank
		}
		out[n] = p
	}
	return out
}

// cityMap colours the cities by their share of the target, or by their number
// where there is no target.
func (f *face) cityMap(ctx context.Context, v view, s standing) ui.ChartArgs {
	data, names := []any{}, map[string]string{}
	ofTarget := s.figure.Target > 0
	top := 1.0
	for _, r := range s.rows {
		code := r.unit.DivisionCode
		if r.itself || len(code) < 4 {
			continue
		}
		names[code[:4]+"00"] = short(ctx, r.unit)
		value := float64(r.done)
		if ofTarget {
			value = tenths(r.done, r.target)
		}
		top = max(top, value)
		data = append(data, map[string]any{"name": short(ctx, r.unit), "value": value, "href": f.open(v, s.indicator.Key, r.unit)})
	}
	// The darkest colour is the best city, so that differences show early in the
	// year too; what is reached is reached.
	low, high := "0", ui.Number(int64(top))
	if ofTarget {
		top = min(top, 100)
		low, high = "0%", strconv.FormatFloat(top, 'f', -1, 64)+"%"
	}
	return ui.ChartArgs{
		ID: "map", Map: true, Tall: true, Label: ui.T(ctx, "cockpit.map.label", "Title", ui.T(ctx, s.indicator.TitleText())),
		Option: map[string]any{
			"tooltip":   map[string]any{"trigger": "item"},
			"visualMap": map[string]any{"min": 0, "max": top, "left": 0, "bottom": 0, "calculable": false, "text": []string{high, low}},
			"series": []any{map[string]any{
				"type": "map", "map": "shandong", "nameMap": names, "data": data, "label": map[string]any{"show": true},
				"left": 56, "right": 8, "top": 8, "bottom": 8,
				"selectedMode": false, "name": ui.T(ctx, s.indicator.TitleText()),
			}},
		},
	}
}
