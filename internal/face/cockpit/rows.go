package cockpit

import (
	"context"

	"github.com/a-h/templ"

	"gonghui/internal/core/figures"
	"gonghui/internal/core/org"
	"gonghui/internal/face/ui"
)

// big is the card of the page's own number: without a link to itself.
func (f *face) big(ctx context.Context, v view, s standing) ui.Indicator {
	c := f.card(ctx, v, s)
	c.Title, c.Href, c.Open = name(ctx, v.unit), "", !v.wall
	return c
}

func columns(ctx context.Context, keys ...string) []ui.Column {
	out := make([]ui.Column, len(keys))
	for n, k := range keys {
		out[n] = ui.Column{Label: ui.T(ctx, k), Right: n > 0}
	}
	return out
}

func courseColumns(ctx context.Context) []ui.Column {
	return columns(ctx, "cockpit.days", "cockpit.new", "figures.cumulative")
}

func courseRows(ctx context.Context, v view, s standing, points []figures.Point) [][]templ.Component {
	out := make([][]templ.Component, 0, len(points))
	for n := len(points) - 1; n >= 0; n-- {
		p := points[n]
		out = append(out, []templ.Component{
			ui.Text(v.days(ctx, p.From, p.To)), ui.Text(amount(ctx, s.indicator, p.Quantity)), ui.Text(amount(ctx, s.indicator, p.Cumulative)),
		})
	}
	return out
}

func stuckColumns(ctx context.Context) []ui.Column {
	return columns(ctx, "figures.place", "cockpit.behind", "cockpit.missing")
}

func (f *face) stuckRows(ctx context.Context, v view, s standing, rows []row) [][]templ.Component {
	out := make([][]templ.Component, len(rows))
	for n, r := range rows {
		out[n] = []templ.Component{f.placeLink(ctx, v, s, r.unit), behindText(r), ui.Text(amount(ctx, s.indicator, r.pace.gap))}
	}
	return out
}

func slowColumns(ctx context.Context) []ui.Column {
	return columns(ctx, "figures.place", "cockpit.overdue")
}

func (f *face) slowRows(ctx context.Context, v view, s standing, rows []row) [][]templ.Component {
	out := make([][]templ.Component, len(rows))
	for n, r := range rows {
		out[n] = []templ.Component{f.placeLink(ctx, v, s, r.unit), overdueText(r)}
	}
	return out
}

func (f *face) placeLink(ctx context.Context, v view, s standing, u org.Unit) templ.Component {
	if to := f.open(v, s.indicator.Key, u); to != "" {
		return ui.Link(to, short(ctx, u))
	}
	return ui.Text(short(ctx, u))
}
