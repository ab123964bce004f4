package figures

import (
	"context"
	"math"

	"gonghui/internal/core/org"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// Step is the width of a point of a trend.
type Step string

// The steps. Weeks begin on Monday.
const (
	ByDay   Step = "day"
	ByWeek  Step = "week"
	ByMonth Step = "month"
)

// Point is one step of a trend.
type Point struct {
	From, To   clock.Day // both included, cut to the period
	Quantity   int64     // in this step
	Cumulative int64     // since the period began
}

// Trend gives the course of an indicator at a unit from the first day of the
// period to today, or to its last day, without gaps. The unknown step is a fault
// invalid figures.step.
func (s *Service) Trend(ctx context.Context, indicator, period string, unit org.Unit, step Step) ([]Point, error) {
	if _, err := s.may(ctx, indicator, unit.Path); err != nil {
		return nil, err
	}
	first, last, err := Days(period)
	if err != nil {
		return nil, err
	}
	days, err := s.store.days(ctx, indicator, period, unit.Path)
	if err != nil {
		return nil, err
	}
	var out []Point
	var total int64
	last = min(last, clock.Today(s.clock))
	for from := first; from <= last; {
		to, ok := stepEnd(from, step)
		if !ok {
			return nil, fault.New(fault.Invalid, "figures.step", fault.OnField("step", "invalid"))
		}
		p := Point{From: from, To: min(to, last)}
		for len(days) > 0 && days[0].OnDay <= p.To {
			p.Quantity += days[0].Quantity
			days = days[1:]
		}
		total += p.Quantity
		p.Cumulative = total
		out = append(out, p)
		from = to + 1
	}
	return out, nil
}

// stepEnd gives the last day of the step that the day lies in.
func stepEnd(d clock.Day, step Step) (clock.Day, bool) {
	switch step {
	case ByDay:
		return d, true
	case ByWeek:
		return d.Add((7 - int(d.Weekday())) % 7), true
	case ByMonth:
		y, m, _ := d.Date()
		return clock.MakeDay(y, m+1, 0), true
	}
	return 0, false
}

// Forecast says where a unit will be at the end of the period if it goes on as in
// the last four weeks.
type Forecast struct {
	Known         bool      // false: fewer than 7 complete days to learn from, or the period is over
	Expected      int64     // at the end of the period
	Low, High     int64     // in four of five cases the end lies between them
	ReachedOn     clock.Day // the day the target is expected to be reached; zero = not in this period
	PerDay        float64
	LearnedFrom   clock.Day // first day used
	LearnedToward clock.Day // last day used: yesterday
}

// learn is how many days a forecast looks back. Whole weeks, so that weekends
// weigh what they weigh.
const learn = 28

// z80 is the quantile of the normal distribution that leaves 10 % on either side.
const z80 = 1.2816

// Forecast extends the last complete 28 days (fewer when the period is younger,
// at least 7) in a straight line: mean per day × days left, added to what is done.
// The range takes the days as independent: ± 1.2816 × standard deviation of a
// day × √(days left). It never falls below what is done already.
func (s *Service) Forecast(ctx context.Context, indicator, period string, unit org.Unit) (Forecast, error) {
	points, err := s.Trend(ctx, indicator, period, unit, ByDay)
	if err != nil {
		return Forecast{}, err
	}
	figure, err := s.Progress(ctx, indicator, period, unit)
	if err != nil {
		return Forecast{}, err
	}
	_, last, err := Days(period)
	if err != nil {
		return Forecast{}, err
	}
	return forecast(points, figure, clock.Today(s.clock), last), nil
}

func forecast(points []Point, figure Figure, today, last clock.Day) Forecast {
	if len(points) > 0 && points[len(points)-1].To == today {
		points = points[:len(points)-1] // today is not over
	}
	points = points[max(0, len(points)-learn):]
	if len(points) < 7 || today > last {
		return Forecast{Expected: figure.Done, Low: figure.Done, High: figure.Done}
	}
	n := float64(len(points))
	var sum, squares float64
	for _, p := range points {
		sum += float64(p.Quantity)
	}
	mean := sum / n
	for _, p := range points {
		squares += (float64(p.Quantity) - mean) * (float64(p.Quantity) - mean)
	}
	deviation := math.Sqrt(squares / (n - 1))
	// What was counted today belongs to today's share of the days left.
	base := float64(figure.Done) - float64(doneToday(points, figure))
	left := float64(last - today + 1)
	end, margin := base+mean*left, z80*deviation*math.Sqrt(left)
	f := Forecast{
		Known: true, PerDay: mean, LearnedFrom: points[0].From, LearnedToward: points[len(points)-1].To,
		Expected: atLeast(end, figure.Done), Low: atLeast(end-margin, figure.Done), High: atLeast(end+margin, figure.Done),
	}
	switch missing := float64(figure.Target) - base; {
	case figure.Target <= 0:
	case figure.Done >= figure.Target:
		f.ReachedOn = today
	case mean > 0 && missing <= mean*left:
		f.ReachedOn = today.Add(int(math.Ceil(missing/mean)) - 1)
		f.ReachedOn = max(f.ReachedOn, today)
	}
	return f
}

func doneToday(points []Point, figure Figure) int64 {
	return max(0, figure.Done-points[len(points)-1].Cumulative)
}

func atLeast(x float64, floor int64) int64 { return max(int64(math.Round(x)), floor) }
