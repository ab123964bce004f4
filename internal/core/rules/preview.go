package rules

import (
	"cmp"
	"context"
	"slices"

	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// Preview is what a change that is on its way would do, by the book of this moment.
type Preview struct {
	Definition Definition
	Value      Value  // proposed; empty where the definition refuses it by now
	Before     Entry  // what holds on the first day without the change
	Found      bool   // false: nothing does
	Replaced   *Entry // the entry that ends with it
	Past       bool   // it touches days that have passed
	Fault      error  // why it could not come into force now; nil
}

// Preview looks at a change as an approver would have to, without keeping anything.
// It needs what Change needs.
func (s *Service) Preview(ctx context.Context, c Change) (Preview, error) {
	b, err := s.Book(ctx)
	if err != nil {
		return Preview{}, err
	}
	d, ok := b.Definition(c.Key)
	if !ok {
		return Preview{}, ErrNotFound
	}
	p := Preview{Definition: d}
	if p.Value, err = d.Parse([]byte(c.Value)); err != nil && !fault.IsKind(err, fault.Invalid) {
		return p, err
	}
	if e, err := b.On(c.Key, c.Place, c.From); err == nil {
		p.Before, p.Found = e, true
	}
	j, err := s.judge(b, c.proposal(), []byte(c.Value))
	if err != nil && !fault.IsKind(err, fault.Invalid) && !fault.IsKind(err, fault.Conflict) {
		return p, err
	}
	p.Fault, p.Replaced = err, j.old
	p.Past = err == nil && j.touches() < clock.Today(s.Clock)
	return p, nil
}

// Example is what an input typed by hand comes to, as things are and as they would
// be on the first day of a change.
type Example struct {
	Rule          string // name of the rule; empty for the conditions themselves
	Before, After Outcome
	BeforeErr     error // why nothing came out: a value is missing, a number too large
	AfterErr      error
}

// ExampleEnv gives the variables that an example for a parameter is typed with: those
// of its conditions, or of the first rule of its room that names its own. nil where
// there is neither.
func (s *Service) ExampleEnv(key string) *Env {
	d, ok := s.byKey[key]
	if !ok || d.Env != nil {
		return d.Env
	}
	for _, r := range s.ownRules(key) {
		if r.Env != nil {
			return r.Env
		}
	}
	return nil
}

// ownRules lists the newest edition of each rule of the room of a parameter.
func (s *Service) ownRules(key string) []Rule {
	var out []Rule
	for _, room := range s.rooms {
		if room.Name != roomOf(key) {
			continue
		}
		for _, r := range room.Rules {
			if best, ok := s.newest(r.Name); ok && best.Edition == r.Edition {
				out = append(out, r)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Rule) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// Example computes an input with the book as it is and as it would be with a change,
// and keeps nothing. It needs what Try needs.
func (s *Service) Example(ctx context.Context, ref casework.Ref, in Inputs) ([]Example, error) {
	_, try, err := s.try(ctx, ref)
	if err != nil {
		return nil, err
	}
	env := s.ExampleEnv(try.Key)
	if env == nil {
		return nil, ErrNotFound
	}
	var out []Example
	if d := s.byKey[try.Key]; d.Env != nil {
		judge := Rule{Compute: func(r *Reading, in Inputs) (Outcome, error) {
			set := r.Conditions(try.Key)
			if r.Err() != nil {
				return Outcome{}, r.Err()
			}
			res, err := set.Eval(in)
			return Outcome{Result: string(res.Truth), Lines: res.Lines}, err
		}}
		out = append(out, example(judge, try, in))
	}
	for _, r := range s.ownRules(try.Key) {
		if r.Env != env {
			continue
		}
		_, was, _ := r.run(try.Before, try.Place, try.Day, in)
		_, is, _ := r.run(try.After, try.Place, try.Day, in)
		if reads := func(u Used) bool { return u.Key == try.Key }; slices.ContainsFunc(was, reads) || slices.ContainsFunc(is, reads) {
			out = append(out, example(r, try, in))
		}
	}
	for _, x := range out {
		for _, err := range []error{x.BeforeErr, x.AfterErr} {
			if err != nil && fault.IsKind(err, fault.Internal) {
				return nil, err
			}
		}
	}
	return out, nil
}

func example(r Rule, try Try, in Inputs) Example {
	x := Example{Rule: r.Name}
	x.Before, _, x.BeforeErr = r.run(try.Before, try.Place, try.Day, in)
	x.After, _, x.AfterErr = r.run(try.After, try.Place, try.Day, in)
	return x
}

// try prepares what a trial compares, for who may write or decide on the change.
func (s *Service) try(ctx context.Context, ref casework.Ref) (Change, Try, error) {
	row, err := s.store.change(ctx, ref)
	if err != nil {
		return Change{}, Try{}, err
	}
	c, err := row.model()
	if err != nil {
		return c, Try{}, err
	}
	if !access.Can(ctx, access.RulesPropose, c.OrgPath) && !access.Can(ctx, access.RulesApprove, c.OrgPath) {
		return c, Try{}, access.Require(ctx, access.RulesPropose, c.OrgPath)
	}
	b, err := s.Book(ctx)
	if err != nil {
		return c, Try{}, err
	}
	j, err := s.judge(b, c.proposal(), []byte(c.Value))
	if err != nil {
		return c, Try{}, err
	}
	return c, Try{Before: b, After: b.with(j.entry, c.Replaces), Key: c.Key, Place: c.Place, Path: c.OrgPath, Day: j.entry.From}, nil
}
