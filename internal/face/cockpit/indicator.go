package cockpit

import (
	"context"
	"net/http"
	"slices"

	"gonghui/internal/core/access"
	"gonghui/internal/core/figures"
	"gonghui/internal/core/org"
	"gonghui/internal/face/ui"
	"gonghui/internal/kit/clock"
)

// stuckShown is how many stuck points a page names.
const stuckShown = 5

func (f *face) indicator(w http.ResponseWriter, r *http.Request) error {
	v, err := f.look(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	i, err := f.Figures.Indicator(r.PathValue("indicator"))
	if err != nil {
		return err
	}
	s, err := f.standing(ctx, i, v)
	if err != nil {
		return err
	}
	points, err := f.trend(ctx, i, v, v.step)
	if err != nil {
		return err
	}
	if s.weeks, err = f.trend(ctx, i, v, figures.ByWeek); err != nil {
		return err
	}
	if s.rows, err = f.rows(ctx, i, v); err != nil {
		return err
	}
	slow, err := f.slowest(ctx, v, s.rows)
	if err != nil {
		return err
	}
	p := f.page(r, v, ui.T(ctx, i.TitleText()), i.Key)
	p.Charts = len(points) > 1 || v.unit.Kind == org.Province
	return f.site.Render(w, r, p, f.indicatorPage(v, s, points, slow))
}

// slowest lists the places below with reviews past their deadline, the most
// first. Only numbers are shown, so that a leader who decides nothing himself sees
// where decisions are waited for; the cases themselves stay where they are.
func (f *face) slowest(ctx context.Context, v view, rows []row) ([]row, error) {
	if v.unit.Kind == org.Township || !v.asOf.IsZero() || !access.Can(ctx, access.CaseView, v.unit.Path) {
		return nil, nil
	}
	rows = slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return r.itself })
	paths := make([]string, len(rows))
	for i, r := range rows {
		paths[i] = r.unit.Path
	}
	overdue, err := f.Cases.Overdue(access.System(ctx, "cockpit.overdue_reviews"), paths)
	if err != nil {
		return nil, err
	}
	var out []row
	for i, r := range rows {
		if r.overdue = overdue[i]; r.overdue > 0 {
			out = append(out, r)
		}
	}
	sortByOverdue(out)
	return out[:min(stuckShown, len(out))], nil
}

// up is the unit above, where the viewer may see it.
func (f *face) up(ctx context.Context, v view) (org.Unit, bool) {
	u, ok := f.Org.ByID(v.unit.ParentID)
	return u, ok && access.Can(ctx, access.FiguresView, u.Path)
}

// steps offers the widths of a point of the trend.
func (v view) steps(ctx context.Context, indicator string) []ui.View {
	var out []ui.View
	for _, s := range []figures.Step{figures.ByDay, figures.ByWeek, figures.ByMonth} {
		out = append(out, ui.View{
			Label: ui.T(ctx, "figures.trend."+string(s)), Href: v.at(indicator, "", v.unit, "step", string(s)), Count: -1, Selected: s == v.step,
		})
	}
	return out
}

// pointText names a point by its first day, a month by itself.
func (v view) pointText(ctx context.Context, p figures.Point) string {
	if v.step == figures.ByMonth {
		_, m, _ := p.From.Date()
		return ui.T(ctx, "cockpit.month."+m.String()[:3])
	}
	return ui.ShortDay(ctx, p.From, v.today)
}

// course draws the quantity of each step as bars, the sum as a line, and the
// straight line to the target beside it.
func (f *face) course(ctx context.Context, v view, s standing, points []figures.Point) ui.ChartArgs {
	labels, bars, sums, line := []string{}, []int64{}, []int64{}, []int64{}
	due := s.figure.DueOn
	if due.IsZero() {
		due = v.last
	}
	for _, p := range points {
		labels = append(labels, v.pointText(ctx, p))
		bars, sums = append(bars, p.Quantity), append(sums, p.Cumulative)
		if s.figure.Target > 0 {
			whole := int64(due-v.first) + 1
			line = append(line, share(s.figure.Target, min(max(int64(p.To-v.first)+1, 0), whole), whole))
		}
	}
	series := []any{
		map[string]any{"type": "line", "name": ui.T(ctx, "figures.cumulative"), "data": sums, "symbol": "none"},
		map[string]any{"type": "bar", "name": ui.T(ctx, "cockpit.new"), "data": bars, "yAxisIndex": 1},
	}
	if len(line) > 0 {
		series = append(series, map[string]any{
			"type": "line", "name": ui.T(ctx, "cockpit.line"), "data": line, "symbol": "none", "lineStyle": map[string]any{"type": "dashed"},
		})
	}
	return ui.ChartArgs{
		ID: "course", Label: ui.T(ctx, "cockpit.course.label", "Title", ui.T(ctx, s.indicator.TitleText())),
		Option: map[string]any{
			"tooltip": map[string]any{"trigger": "axis"}, "legend": map[string]any{"top": 0},
			"grid":   map[string]any{"left": 64, "right": 48, "top": 40, "bottom": 32},
			"xAxis":  map[string]any{"type": "category", "data": labels},
			"yAxis":  []any{map[string]any{"type": "value"}, map[string]any{"type": "value", "splitLine": map[string]any{"show": false}}},
			"series": series,
		},
	}
}

// tail is the last points, for the table beside the chart.
func tail(points []figures.Point, n int) []figures.Point { return points[max(0, len(points)-n):] }

// days is the range of a point.
func (v view) days(ctx context.Context, from, to clock.Day) string {
	if from == to {
		return ui.ShortDay(ctx, from, v.today)
	}
	return ui.ShortDay(ctx, from, v.today) + " – " + ui.ShortDay(ctx, to, v.today)
}
