package calendar

import (
	"time"

	"gonghui/internal/kit/clock"
)

// Unit is what a period is counted in.
type Unit string

// The units of legal periods.
const (
	Day     Unit = "day"     // 日, every day counts
	Workday Unit = "workday" // 工作日, working days only
)

// Valid tells whether the unit is one of the two.
func (u Unit) Valid() bool { return u == Day || u == Workday }

// Calendar knows the working days. It is read-only and safe for concurrent use.
type Calendar struct {
	worked      map[clock.Day]bool // only the days that differ from plain weekends, or are named
	first, last int                // years of which something is named; 0 = none
}

// Arranged is the last year whose days off are known. Later years, and those
// before the first one, have plain weekends.
func (c *Calendar) Arranged() int { return c.last }

// Guessed gives the years from one day to another of which no days off are known.
func (c *Calendar) Guessed(from, to clock.Day) []int {
	var out []int
	for y := from.Year(); y <= to.Year(); y++ {
		if y < c.first || y > c.last {
			out = append(out, y)
		}
	}
	return out
}

// IsWorkday tells whether people work on the day: Monday to Friday that is no
// holiday, or a weekend day made up for one.
func (c *Calendar) IsWorkday(d clock.Day) bool {
	if worked, named := c.worked[d]; named {
		return worked
	}
	w := d.Weekday()
	return w != time.Saturday && w != time.Sunday
}

// NextWorkday gives the day itself when it is worked, else the first worked day
// after it.
func (c *Calendar) NextWorkday(d clock.Day) clock.Day {
	for !c.IsWorkday(d) {
		d++
	}
	return d
}

// AddWorkdays gives the n-th working day after from; with a negative n, the n-th
// before it ("five working days before the meeting"). Zero gives from, worked or
// not.
func (c *Calendar) AddWorkdays(from clock.Day, n int) clock.Day {
	step := clock.Day(1)
	if n < 0 {
		step, n = -1, -n
	}
	d := from
	for n > 0 {
		if d += step; c.IsWorkday(d) {
			n--
		}
	}
	return d
}

// WorkdaysBetween counts the working days after from up to and including to, so
// that it undoes AddWorkdays. It is negative when to lies before from: then the
// working days from to up to, but not including, from are counted.
func (c *Calendar) WorkdaysBetween(from, to clock.Day) int {
	n := 0
	for d := from + 1; d <= to; d++ {
		if c.IsWorkday(d) {
			n++
		}
	}
	for d := to; d < from; d++ {
		if c.IsWorkday(d) {
			n--
		}
	}
	return n
}

// Deadline gives the last day of a period of n units that an event on from sets
// running. The day of the event is not counted (民法典 第二百零一条). With roll,
// a last day on a day off moves to the next working day (第二百零三条); a period
// in working days ends on one anyway. A negative n counts as 0. The period lasts
// until that day is over: Deadline(…).End().
func (c *Calendar) Deadline(from clock.Day, n int, unit Unit, roll bool) clock.Day {
	n = max(n, 0)
	due := from
	if unit == Workday {
		due = c.AddWorkdays(from, n)
	} else {
		due = from.Add(n)
	}
	if roll {
		due = c.NextWorkday(due)
	}
	return due
}

// With gives a copy in which some more days are off or worked, such as a
// province's own arrangement in an emergency. A day in both is worked.
func (c *Calendar) With(off, worked []clock.Day) *Calendar {
	out := &Calendar{worked: make(map[clock.Day]bool, len(c.worked)+len(off)+len(worked)), first: c.first, last: c.last}
	for d, w := range c.worked {
		out.worked[d] = w
	}
	for _, d := range off {
		out.worked[d] = false
	}
	for _, d := range worked {
		out.worked[d] = true
	}
	return out
}

// IsWorkday asks the calendar of China.
func IsWorkday(d clock.Day) bool { return China().IsWorkday(d) }

// AddWorkdays asks the calendar of China.
func AddWorkdays(from clock.Day, n int) clock.Day { return China().AddWorkdays(from, n) }

// WorkdaysBetween asks the calendar of China.
func WorkdaysBetween(from, to clock.Day) int { return China().WorkdaysBetween(from, to) }

// Deadline asks the calendar of China.
func Deadline(from clock.Day, n int, unit Unit, roll bool) clock.Day {
	return China().Deadline(from, n, unit, roll)
}
