package dues

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	_ "embed"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// PayerType chooses the split that holds for a company.
type PayerType string

// The payer types of the shipped parameters; a province may have more.
const (
	General PayerType = "general"
	Finance PayerType = "finance" // finance, insurance, telecommunications and post lines that remit a tenth
)

// parameter is one dated value.
type parameter struct {
	Key       string          `json:"key"`
	Place     string          `json:"place"`
	ValidFrom clock.Day       `json:"valid_from"`
	ValidTo   *clock.Day      `json:"valid_to"` // inclusive; nil = until further notice
	Value     json.RawMessage `json:"value"`
	Basis     string          `json:"basis"`
	Citation  string          `json:"citation"`
}

// Parameters are the dated numbers of the room, oldest first. Days before the
// first value of a key have none.
type Parameters []parameter

//go:embed parameters.json
var shippedParameters []byte

// ShippedParameters is what the program comes with.
func ShippedParameters() Parameters {
	p, err := ParseParameters(shippedParameters)
	if err != nil {
		panic(err) // the embedded file is part of the program
	}
	return p
}

// ParseParameters reads a JSON list. Fault: invalid dues.parameters.
func ParseParameters(text []byte) (Parameters, error) {
	var p Parameters
	if err := json.Unmarshal(text, &p); err != nil {
		return nil, fault.New(fault.Invalid, "dues.parameters", fault.Because(err))
	}
	slices.SortStableFunc(p, func(a, b parameter) int {
		return cmp.Or(cmp.Compare(len(a.Place), len(b.Place)), cmp.Compare(a.ValidFrom, b.ValidFrom))
	})
	for _, x := range p {
		if strings.HasPrefix(x.Key, "dues.split.") {
			var s Split
			err := json.Unmarshal(x.Value, &s)
			if err == nil {
				err = s.Check()
			}
			if err != nil {
				return nil, fault.New(fault.Invalid, "dues.parameters", fault.Because(fmt.Errorf("%s: %w", x.Key, err)))
			}
		}
	}
	return p, nil
}

// find gives the value of the nearest place that covers the division, the latest
// that holds on the day.
func (p Parameters) find(key, division string, on clock.Day, into any) (bool, error) {
	for _, x := range slices.Backward(p) {
		if x.Key == key && strings.HasPrefix(division, x.Place) && x.ValidFrom <= on && (x.ValidTo == nil || on <= *x.ValidTo) {
			if err := json.Unmarshal(x.Value, into); err != nil {
				return false, fault.New(fault.Invalid, "dues.parameters", fault.Because(fmt.Errorf("%s: %w", key, err)))
			}
			return true, nil
		}
	}
	return false, nil
}

// TermsFor gives the terms of a payer for the month that begins on the day
// (归属期: the month the dues are for decides, not the day of payment). Faults:
// not_found dues.no_terms, invalid dues.parameters.
func (p Parameters) TermsFor(division string, payer PayerType, month clock.Day) (Terms, error) {
	var t Terms
	var percent string
	missing := func(key string) error {
		return fault.New(fault.NotFound, "dues.no_terms", fault.With("Key", key), fault.With("Month", month.String()[:7]))
	}
	ok, err := p.find("dues.rate", division, month, &percent)
	if err == nil && !ok {
		err = missing("dues.rate")
	}
	if err != nil {
		return t, err
	}
	if t.Rate, err = millionths(percent); err != nil {
		return t, err
	}
	key := "dues.split." + string(payer)
	if ok, err = p.find(key, division, month, &t.Split); err == nil && !ok {
		err = missing(key)
	}
	if err != nil {
		return t, err
	}
	_, err = p.find("dues.refund", division, month, &t.Refunded)
	return t, err
}

// millionths reads a percentage with at most four decimals exactly.
func millionths(percent string) (int64, error) {
	whole, part, _ := strings.Cut(percent, ".")
	var n int64
	digits := whole + part + strings.Repeat("0", max(0, 4-len(part)))
	if whole == "" || len(part) > 4 || len(digits) > 8 {
		return 0, fault.New(fault.Invalid, "dues.parameters", fault.Because(fmt.Errorf("rate %q", percent)))
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, fault.New(fault.Invalid, "dues.parameters", fault.Because(fmt.Errorf("rate %q", percent)))
		}
		n = n*10 + int64(c-'0')
	}
	return n, nil
}
