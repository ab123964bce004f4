package calc

import (
	"fmt"

	"gonghui/internal/core/calendar"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/ident"
	"gonghui/internal/kit/quorum"
)

// The largest numbers that are answered: a century of days, and more voters than
// there are people in the country's unions.
const (
	maxDays   = 36525
	maxVoters = 1_000_000_000
)

// Ident judges a number: {"kind":"resident_id|credit_code|bank_card","value":"…"}
// gives {"valid":true} or {"valid":false,"reason":"length|charset|date|checksum"}.
func Ident(line []byte) (any, error) {
	var q struct {
		Kind  *string `json:"kind"`
		Value *string `json:"value"`
	}
	if err := decode(line, &q); err != nil {
		return nil, err
	}
	if q.Kind == nil {
		return nil, missing("kind")
	}
	if q.Value == nil {
		return nil, missing("value")
	}
	var why ident.Reason
	switch *q.Kind {
	case "resident_id":
		why = ident.ResidentID(*q.Value)
	case "credit_code":
		why = ident.CreditCode(*q.Value)
	case "bank_card":
		why = ident.BankCard(*q.Value)
	default:
		return nil, fmt.Errorf("kind: want resident_id, credit_code or bank_card")
	}
	return struct {
		Valid  bool         `json:"valid"`
		Reason ident.Reason `json:"reason,omitempty"`
	}{why == ident.OK, why}, nil
}

// Deadline ends a period: {"from":"2020-03-17","days":20,"unit":"day|workday",
// "roll":true} gives {"due":"2020-04-07"}. Roll is optional and false. Years whose
// days off are not known are named: {"due":"2027-01-04","weekends_only":[2027]}.
func Deadline(line []byte) (any, error) {
	var q struct {
		From *string        `json:"from"`
		Days *int64         `json:"days"`
		Unit *calendar.Unit `json:"unit"`
		Roll bool           `json:"roll"`
	}
	if err := decode(line, &q); err != nil {
		return nil, err
	}
	switch {
	case q.From == nil:
		return nil, missing("from")
	case q.Days == nil:
		return nil, missing("days")
	case q.Unit == nil:
		return nil, missing("unit")
	case !q.Unit.Valid():
		return nil, fmt.Errorf("unit: want %s or %s", calendar.Day, calendar.Workday)
	case *q.Days < 0 || *q.Days > maxDays:
		return nil, fmt.Errorf("days: want 0 to %d", maxDays)
	}
	from, err := clock.ParseDay(*q.From)
	if err != nil {
		return nil, fmt.Errorf("from: want a date that exists, YYYY-MM-DD")
	}
	due := calendar.Deadline(from, int(*q.Days), *q.Unit, q.Roll)
	if due.Year() > 9999 {
		return nil, fmt.Errorf("days: the period ends after the year 9999")
	}
	// A year that the State Council has not arranged is counted with plain
	// weekends: the answer says so.
	seen := from + 1
	if *q.Unit == calendar.Day {
		seen = from.Add(int(*q.Days))
	}
	var guessed []int
	if *q.Unit == calendar.Workday && *q.Days > 0 || q.Roll {
		guessed = calendar.China().Guessed(seen, due)
	}
	return struct {
		Due     string `json:"due"`
		Guessed []int  `json:"weekends_only,omitempty"` // years
	}{due.String(), guessed}, nil
}

// Vote counts the votes that carry: {"of":90,"rule":"half_or_more|more_than_half|
// two_thirds"} gives {"needed":45}, 46, 60.
func Vote(line []byte) (any, error) {
	var q struct {
		Of   *int64       `json:"of"`
		Rule *quorum.Rule `json:"rule"`
	}
	if err := decode(line, &q); err != nil {
		return nil, err
	}
	switch {
	case q.Of == nil:
		return nil, missing("of")
	case q.Rule == nil:
		return nil, missing("rule")
	case *q.Of < 1 || *q.Of > maxVoters:
		return nil, fmt.Errorf("of: want 1 to %d", maxVoters)
	}
	needed, err := quorum.Needed(*q.Of, *q.Rule)
	if err != nil {
		return nil, fmt.Errorf("rule: want %s, %s or %s", quorum.HalfOrMore, quorum.MoreThanHalf, quorum.TwoThirds)
	}
	return struct {
		Needed int64 `json:"needed"`
	}{needed}, nil
}

// Text makes a calculator of a function that understands a written text, such as
// employment.ParsePay: {"text":"150/天"} gives what parse gives, as JSON.
func Text[T any](parse func(string) (T, error)) Calculator {
	return func(line []byte) (any, error) {
		var q struct {
			Text *string `json:"text"`
		}
		if err := decode(line, &q); err != nil {
			return nil, err
		}
		if q.Text == nil {
			return nil, missing("text")
		}
		v, err := parse(*q.Text)
		if err != nil {
			return nil, err
		}
		return v, nil
	}
}
