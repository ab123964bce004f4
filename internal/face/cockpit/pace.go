package cockpit

import (
	"cmp"
	"context"
	"math/bits"
	"slices"

	"gonghui/internal/core/figures"
	"gonghui/internal/face/ui"
	"gonghui/internal/kit/clock"
)

// soonDays is how many days behind the line still count as to be caught up.
const soonDays = 14

// pace says where a figure stands against the straight line from the first day of
// the period to its deadline.
type pace struct {
	known   bool  // there is a target
	reached bool  // done ≥ target
	gap     int64 // how many are missing to the line of today; ≤ 0 = none
	days    int64 // the same in days of the line, rounded up
	due     int   // percent of the target that the line has reached
	late    bool  // the deadline is over and the target was not reached
}

// paceOf compares a figure at the end of day on.
func paceOf(f figures.Figure, first, last, on clock.Day) pace {
	if f.Target <= 0 {
		return pace{}
	}
	due := f.DueOn
	if due < first || due.IsZero() {
		due = last
	}
	p := pace{known: true, reached: f.Done >= f.Target}
	whole := int64(due-first) + 1
	gone := min(max(int64(on-first)+1, 0), whole)
	p.gap = share(f.Target, gone, whole) - f.Done
	p.due = percent(gone, whole)
	p.late = !p.reached && on > due
	if p.gap > 0 {
		p.days = max(1, ceilShare(p.gap, whole, f.Target))
	}
	return p
}

// share is total·part/whole rounded down, without overflow; part ≤ whole.
func share(total, part, whole int64) int64 {
	hi, lo := bits.Mul64(uint64(total), uint64(part))
	q, _ := bits.Div64(hi, lo, uint64(whole))
	return int64(q)
}

// ceilShare is a·b/c rounded up, for a ≤ c.
func ceilShare(a, b, c int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	q, r := bits.Div64(hi, lo, uint64(c))
	if r > 0 {
		q++
	}
	return int64(q)
}

// word is the state a page shows for a pace.
func (p pace) word(ctx context.Context) (ui.State, string) {
	switch {
	case !p.known:
		return "", ""
	case p.reached:
		return ui.Done, ui.T(ctx, "cockpit.pace.reached")
	case p.late:
		return ui.Overdue, ui.T(ctx, "cockpit.pace.missed")
	case p.gap <= 0:
		return ui.Info, ui.T(ctx, "cockpit.pace.on_time")
	case p.days <= soonDays:
		return ui.DueSoon, ui.T(ctx, "cockpit.pace.behind", "Days", p.days)
	}
	return ui.Overdue, ui.T(ctx, "cockpit.pace.behind", "Days", p.days)
}

// stuck gives the places furthest behind, at most n: by days, then by what is
// missing.
func stuck(rows []row, n int) []row {
	behind := slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return !r.pace.known || r.pace.reached || r.pace.gap <= 0 || r.itself })
	slices.SortStableFunc(behind, func(a, b row) int {
		return cmp.Or(cmp.Compare(b.pace.days, a.pace.days), cmp.Compare(b.pace.gap, a.pace.gap))
	})
	return behind[:min(n, len(behind))]
}

// percent is done of target, or of the largest place where there is no target.
func percent(done, of int64) int {
	if of <= 0 || done <= 0 {
		return 0
	}
	return int(min(done/of, 99)*100 + share(100, done%of, of))
}

func sortByOverdue(rows []row) {
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(b.overdue, a.overdue) })
}

// tenths is the percentage with one decimal, for the map.
func tenths(done, of int64) float64 {
	if of <= 0 || done <= 0 {
		return 0
	}
	return float64(min(done/of, 99)*1000+share(1000, done%of, of)) / 10
}
