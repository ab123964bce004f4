package rules

import (
	"context"
	"slices"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
)

// Trial says what a change would do before it takes effect: a room counts its
// records, or examples, with the book as it is and as it would be.
type Trial struct {
	Name string   // room.name; words "trial.<name>.title"
	Keys []string // the parameters it is about
	Run  func(ctx context.Context, try Try) ([]TrialLine, error)
}

// Title is the message key of a trial's words.
func (t Trial) Title() string { return "trial." + t.Name + ".title" }

// LineText is the message key of one line's words.
func (t Trial) LineText(line string) string { return "trial." + t.Name + ".line." + line }

// Try is what a trial compares. The scope of the context is the actor's own.
type Try struct {
	Before, After *Book
	Key           string
	Place         string    // only this place and those below are touched
	Path          string    // of its unit
	Day           clock.Day // the first day of the change
}

// TrialLine is one figure before and after. Sums are amounts in fen.
type TrialLine struct {
	Line      string    `json:"line"` // last part of LineText
	Before    int64     `json:"before"`
	After     int64     `json:"after"`
	Money     bool      `json:"money,omitempty"` // the line also has sums
	SumBefore money.Fen `json:"sum_before,omitempty"`
	SumAfter  money.Fen `json:"sum_after,omitempty"`
}

// TrialResult is what one trial found.
type TrialResult struct {
	Trial string      `json:"trial"`
	Lines []TrialLine `json:"lines"`
}

// trials lists the registered trials of a parameter.
func (s *Service) trials(key string) []Trial {
	var out []Trial
	for _, r := range s.rooms {
		for _, t := range r.Trials {
			if slices.Contains(t.Keys, key) {
				out = append(out, t)
			}
		}
	}
	return out
}

// decisionTrial is the trial that every parameter has which stored decisions have read.
const decisionTrial = "rules.decisions"

// trialDecisions is how many of the latest decisions are made again.
const trialDecisions = 2000

// retry makes the latest decisions again that read the parameter at the place:
// how many come out otherwise, and what is paid in sum.
func (s *Service) retry(ctx context.Context, try Try) ([]TrialLine, error) {
	rows, err := s.store.decisionsWith(ctx, try.Key, try.Path, trialDecisions)
	if err != nil {
		return nil, err
	}
	all := TrialLine{Line: "all", Money: true}
	other := TrialLine{Line: "other"}
	lost := TrialLine{Line: "not_possible"}
	for _, row := range rows {
		d, err := s.open(row)
		if err != nil {
			return nil, err
		}
		r, ok := s.rules[ruleID{d.Rule, d.Edition}]
		if !ok {
			lost.Before++
			continue
		}
		// As if it were decided on the first day of the change, each time.
		was, _, errWas := r.run(try.Before, d.Place, try.Day, d.Inputs)
		is, _, errIs := r.run(try.After, d.Place, try.Day, d.Inputs)
		if errWas != nil || errIs != nil {
			if fault.IsKind(errWas, fault.Internal) || fault.IsKind(errIs, fault.Internal) {
				return nil, firstErr(errWas, errIs)
			}
			lost.Before += b2i64(errWas != nil)
			lost.After += b2i64(errIs != nil)
			continue
		}
		all.Before, all.After = all.Before+1, all.After+1
		if all.SumBefore, err = money.Add(all.SumBefore, was.Amount); err != nil {
			return nil, err
		}
		if all.SumAfter, err = money.Add(all.SumAfter, is.Amount); err != nil {
			return nil, err
		}
		if was.Result != is.Result || was.Amount != is.Amount {
			other.After++
		}
	}
	out := []TrialLine{all, other}
	if lost.Before+lost.After > 0 {
		out = append(out, lost)
	}
	return out, nil
}

func firstErr(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func b2i64(x bool) int64 { return int64(b2i(x)) }
