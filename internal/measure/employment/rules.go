package employment

import (
	"encoding/json"
	"fmt"
	"sort"

	_ "embed"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// Parameters are the numbers of the room that a province may change. Each set
// holds from a day on; the citation says where it comes from. None of them is
// law: they are printed as "our promise", never under a statute.
type Parameters struct {
	ValidFrom      clock.Day `json:"valid_from"`
	Citation       string    `json:"citation"`
	ReviewWorkdays int       `json:"review_workdays"` // 工作日, county review of companies and vacancies
	ValidDays      int       `json:"valid_days"`      // 日, how long a vacancy stays up unless the company says otherwise
	MaxValidDays   int       `json:"max_valid_days"`  // 日, the longest a company may ask for
	RemindDays     int       `json:"remind_days"`     // 日 of silence until the company is reminded
	NoReplyDays    int       `json:"no_reply_days"`   // 日 of silence until the worker is told
	DailyApplies   int       `json:"daily_applies"`   // applications of one person a day
	MaxHeadcount   int       `json:"max_headcount"`   // people in one vacancy
}

//go:embed parameters.json
var defaultParameters []byte

// Rulebook is the room's dated parameters, oldest first.
type Rulebook []Parameters

// DefaultRulebook is what the program ships with.
func DefaultRulebook() Rulebook {
	b, err := ParseRulebook(defaultParameters)
	if err != nil {
		panic(err) // the embedded file is part of the program
	}
	return b
}

// ParseRulebook reads a JSON list of parameter sets and refuses numbers that
// make no sense.
func ParseRulebook(text []byte) (Rulebook, error) {
	var b Rulebook
	if err := json.Unmarshal(text, &b); err != nil {
		return nil, fault.New(fault.Invalid, "employment.parameters", fault.Because(err))
	}
	if len(b) == 0 {
		return nil, fault.New(fault.Invalid, "employment.parameters", fault.Because(fmt.Errorf("no parameter set")))
	}
	for i, p := range b {
		for _, n := range []int{p.ReviewWorkdays, p.ValidDays, p.MaxValidDays, p.RemindDays, p.NoReplyDays, p.DailyApplies, p.MaxHeadcount} {
			if n < 1 {
				return nil, fault.New(fault.Invalid, "employment.parameters", fault.Because(fmt.Errorf("set %d has a number below 1", i+1)))
			}
		}
		if p.NoReplyDays <= p.RemindDays || p.MaxValidDays < p.ValidDays {
			return nil, fault.New(fault.Invalid, "employment.parameters", fault.Because(fmt.Errorf("set %d contradicts itself", i+1)))
		}
	}
	sort.Slice(b, func(i, j int) bool { return b[i].ValidFrom < b[j].ValidFrom })
	return b, nil
}

// On gives the parameters in force on a day; days before the first set use the
// first.
func (b Rulebook) On(day clock.Day) Parameters {
	p := b[0]
	for _, x := range b[1:] {
		if x.ValidFrom > day {
			break
		}
		p = x
	}
	return p
}
