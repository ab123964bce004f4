package clock

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Day is a civil date of Asia/Shanghai, counted as days since 1970-01-01. The
// zero value is 1970-01-01 and stands for "no day" where a Day is optional.
// It is kept as text 2006-01-02 in databases and JSON, which sorts as dates do.
type Day int32

// MakeDay builds a day; an overflowing month or date rolls over as in time.Date.
func MakeDay(year int, month time.Month, date int) Day {
	return Day(time.Date(year, month, date, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// DayOf is the civil day in Shanghai at the instant t.
func DayOf(t time.Time) Day {
	y, m, d := t.In(Shanghai).Date()
	return MakeDay(y, m, d)
}

// Today is the civil day now.
func Today(c Clock) Day { return DayOf(c.Now()) }

// ParseDay reads 2006-01-02 and refuses dates that do not exist.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse("2006-01-02", s)
	if err != nil {
		return 0, fmt.Errorf("day %q is not YYYY-MM-DD: %w", s, err)
	}
	return Day(floorDiv(t.Unix(), 86400)), nil
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func (d Day) utc() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// String gives 2006-01-02.
func (d Day) String() string { return d.utc().Format("2006-01-02") }

// IsZero tells whether the day is unset.
func (d Day) IsZero() bool { return d == 0 }

// Add gives the day n days later.
func (d Day) Add(n int) Day { return d + Day(n) }

// Date gives year, month and date.
func (d Day) Date() (int, time.Month, int) { return d.utc().Date() }

// Year gives the civil year.
func (d Day) Year() int { return d.utc().Year() }

// Weekday gives the day of the week.
func (d Day) Weekday() time.Weekday { return d.utc().Weekday() }

// Start is the instant at which the day begins in Shanghai.
func (d Day) Start() time.Time {
	y, m, dd := d.Date()
	return time.Date(y, m, dd, 0, 0, 0, 0, Shanghai).UTC()
}

// End is the instant at which the next day begins: the day is over then.
func (d Day) End() time.Time { return d.Add(1).Start() }

// LastDay is the day that is over at the instant end, which is how deadlines are
// kept; for an instant within a day it is that day. The zero day for no instant.
func LastDay(end time.Time) Day {
	if end.IsZero() {
		return 0
	}
	return DayOf(end.Add(-time.Nanosecond))
}

// MarshalText gives 2006-01-02, or nothing for the zero day.
func (d Day) MarshalText() ([]byte, error) {
	if d == 0 {
		return nil, nil
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads 2006-01-02; empty text is the zero day.
func (d *Day) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = 0
		return nil
	}
	v, err := ParseDay(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}

// Value stores the day as text, the zero day as empty text.
func (d Day) Value() (driver.Value, error) {
	if d == 0 {
		return "", nil
	}
	return d.String(), nil
}

// Scan reads what Value stored.
func (d *Day) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = 0
		return nil
	case string:
		return d.UnmarshalText([]byte(v))
	case []byte:
		return d.UnmarshalText(v)
	case time.Time:
		*d = DayOf(v)
		return nil
	}
	return fmt.Errorf("cannot read a day from %T", src)
}
