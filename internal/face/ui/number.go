package ui

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"gonghui/internal/face/assets"
)

// Indicator is one number of the cockpit.
type Indicator struct {
	Title      string
	Href       string // opens the number by place
	Value      string // written by the caller: 123,456
	Unit       string // 人
	Target     string // 300,000; empty when there is none
	Percent    int    // of the target
	Due        int    // percent of the target that should be done by now; 0 shows no mark
	State      State  // with Word: on the way, behind
	Word       string
	Trend      []float64 // oldest first
	TrendText  string    // the same in words: 近12周,每周约 5,000 人
	Forecast   string    // a sentence with the range
	AsOf       string    // 2020年7月20日 18:00
	Some       bool      // more than nothing is done: below one per cent is then said as that
	Definition string
	Open       bool   // the definition is not folded
	Source     string // document in which the number is promised
}

// Place is one line of a table by place.
type Place struct {
	Name    string
	Href    string // opens the place below; empty when there is none
	Value   string
	Target  string
	Percent int  // of the target, or of the largest place when no place has one
	Some    bool // more than nothing is done: below one per cent is then said as that
	Due     int  // as in Indicator
	Rank    int  // among the places; 0 is not shown
	State   State
	Word    string
}

// clamp keeps a bar inside its box; the number beside it tells the truth.
func clamp(percent int) string { return strconv.Itoa(min(max(percent, 0), 100)) }

// percentText is the figure beside a bar; what has begun is never 0 %.
func percentText(percent int, some bool) string {
	if percent == 0 && some {
		return "<1%"
	}
	return Number(int64(percent)) + "%"
}

// aimed tells whether there is a target for some place: without any, a place can
// only be compared with the largest.
func aimed(places []Place) bool {
	return slices.ContainsFunc(places, func(p Place) bool { return p.Target != "" })
}

func ranked(places []Place) bool {
	return slices.ContainsFunc(places, func(p Place) bool { return p.Rank > 0 })
}

// sparkPoints places a trend in a box of 100 × 28.
func sparkPoints(values []float64) string {
	if len(values) < 2 {
		return ""
	}
	low, high := values[0], values[0]
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	span := high - low
	var b strings.Builder
	for i, v := range values {
		y := 14.0
		if span > 0 {
			y = 26 - (v-low)/span*24
		}
		fmt.Fprintf(&b, "%.1f,%.1f ", float64(i)/float64(len(values)-1)*100, y)
	}
	return strings.TrimSpace(b.String())
}

// ChartArgs is one chart: Option is any value that encodes to ECharts options
// (map kind "map" or geo with map "shandong" needs Map). A data item may hold
// "href"; a click opens it. Label tells in a sentence what the chart shows, and
// the same figures must stand in a table on the page.
type ChartArgs struct {
	ID     string
	Label  string
	Option any
	Map    bool
	Tall   bool
}

// Chart draws on the cockpit when script runs; without script it leaves no gap.
func Chart(c ChartArgs) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		// Marshal writes <, > and & as escapes, so the text cannot end the script element.
		option, err := json.Marshal(c.Option)
		if err != nil {
			return fmt.Errorf("encode chart %s: %w", c.ID, err)
		}
		class, data := "chart", ""
		if c.Tall {
			class += " tall"
		}
		if c.Map {
			data = fmt.Sprintf(` data-map="%s"`, html.EscapeString(assets.URL("shandong.json")))
		}
		id, label := html.EscapeString(c.ID), html.EscapeString(c.Label)
		_, err = fmt.Fprintf(w, `<div id="%s" class="%s" role="img" aria-label="%s"></div><script type="application/json" data-chart="%s"%s>%s</script>`,
			id, class, label, id, data, option)
		return err
	})
}
