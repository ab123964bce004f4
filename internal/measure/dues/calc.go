package dues

import (
	"encoding/json"
	"errors"
	"fmt"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/money"
)

// Calculation is the answer of Calculate.
type Calculation struct {
	Due      money.Fen `json:"due_fen"`
	Retained money.Fen `json:"retained_fen"`
	Remitted money.Fen `json:"remitted_fen"`
	Shares   Shares    `json:"shares"`
	Refund   money.Fen `json:"refund_fen"`
}

// Calculate reckons one payroll under the shipped parameters of the province:
// {"payroll_fen":12345678,"item":"dues|preparation","on":"2020-03"} gives due_fen,
// retained_fen, remitted_fen, shares and refund_fen, as a small company would have them.
func Calculate(line []byte) (any, error) {
	var q struct {
		Payroll *int64  `json:"payroll_fen"`
		Item    *Item   `json:"item"`
		On      *string `json:"on"`
	}
	if err := json.Unmarshal(line, &q); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return nil, fmt.Errorf("%s: cannot be a %s", wrong.Field, wrong.Value)
		}
		return nil, err
	}
	switch {
	case q.Payroll == nil:
		return nil, errors.New("payroll_fen: missing")
	case *q.Payroll < 0:
		return nil, errors.New("payroll_fen: want at least 0")
	case q.Item == nil:
		return nil, errors.New("item: missing")
	case *q.Item != Dues && *q.Item != Preparation:
		return nil, fmt.Errorf("item: want %s or %s", Dues, Preparation)
	case q.On == nil:
		return nil, errors.New("on: missing")
	}
	month, err := ParseMonth(*q.On)
	if err != nil {
		return nil, errors.New("on: want a month that exists, YYYY-MM")
	}
	terms, err := TermsFor(ShippedBook(), "37", General, month)
	if err != nil {
		return nil, err
	}
	r, err := terms.Reckon(money.Fen(*q.Payroll), *q.Item)
	if err != nil {
		return nil, err
	}
	return Calculation(r), nil
}

// ParseMonth reads YYYY-MM and gives the first day of the month. Its error is
// that of the day.
func ParseMonth(s string) (clock.Day, error) { return clock.ParseDay(s + "-01") }
