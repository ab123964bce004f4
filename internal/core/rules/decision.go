package rules

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gonghui/internal/base/db"
	"gonghui/internal/base/vault"
	"gonghui/internal/core/access"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/money"
)

// Rule turns inputs into an outcome: a pure Go function over a reading of the
// book. When its code changes so that old inputs would give another outcome, the
// old one stays registered under its edition beside the new one.
type Rule struct {
	Name     string // room.rule
	Edition  int    // from 1
	Personal bool   // inputs and trace are sealed
	Env      *Env   // the variables of its inputs, where an example may be typed by hand
	Compute  func(r *Reading, in Inputs) (Outcome, error)
}

type ruleID struct {
	name    string
	edition int
}

// Message keys of a rule's own words; the texts belong to its room.
func (r Rule) TitleText() string            { return "rule." + r.Name + ".title" }
func (r Rule) ResultText(res string) string { return "rule." + r.Name + ".result." + res }

func (r Rule) id() ruleID { return ruleID{r.Name, r.Edition} }

// Outcome is what a rule found. Result is a word of the rule (eligible, …) and
// Amount what is to be paid, if anything.
type Outcome struct {
	Result string    `json:"result"`
	Amount money.Fen `json:"amount_fen"`
	Lines  []Line    `json:"lines,omitempty"`
}

// About says what a decision is about.
type About struct {
	City        string // custody
	OrgPath     string // the unit in charge
	SubjectKind string
	SubjectID   string
	PersonID    string
	CompanyID   string
	Place       string    // whose parameters hold
	Day         clock.Day // on which they hold; zero = today
}

// Decision is a stored outcome with everything it was made from.
type Decision struct {
	About
	ID        string
	Rule      string
	Edition   int
	Version   string // of the book
	Inputs    Inputs
	Used      []Used // the parameters as they were
	Outcome   Outcome
	DecidedBy string
	DecidedAt time.Time
}

// Recomputed is a decision made again from what it was made from.
type Recomputed struct {
	Same bool
	Was  Outcome
	Is   Outcome
}

// Decide applies the newest edition of a rule with a book and keeps the decision,
// in the transaction of ctx. A batch gives the book it began with. Whether the
// actor may decide is the room's policy.
func (s *Service) Decide(ctx context.Context, book *Book, rule string, about About, in Inputs) (Decision, error) {
	r, ok := s.newest(rule)
	if !ok {
		return Decision{}, fault.New(fault.Internal, "internal", fault.Because(fmt.Errorf("rule %q is not registered", rule)))
	}
	actor, ok := access.From(ctx)
	if !ok {
		return Decision{}, fault.New(fault.Unauthenticated, "access.sign_in")
	}
	if about.Day.IsZero() {
		about.Day = clock.Today(s.Clock)
	}
	if about.City == "" || about.SubjectID == "" || !access.ValidPath(about.OrgPath) {
		return Decision{}, fault.New(fault.Internal, "internal", fault.Because(fmt.Errorf("decision on %q in city %q at %q", about.SubjectID, about.City, about.OrgPath)))
	}
	d := Decision{About: about, ID: id.New(), Rule: r.Name, Edition: r.Edition, Version: book.Version(), Inputs: in, DecidedBy: actor.AccountID, DecidedAt: s.Clock.Now()}
	var err error
	if d.Outcome, d.Used, err = r.run(book, about.Place, about.Day, in); err != nil {
		return Decision{}, err
	}
	row, err := s.seal(d, r.Personal)
	if err != nil {
		return Decision{}, err
	}
	return d, s.store.addDecision(ctx, row)
}

func (s *Service) newest(name string) (Rule, bool) {
	var best Rule
	for key, r := range s.rules {
		if key.name == name && (best.Compute == nil || r.Edition > best.Edition) {
			best = r
		}
	}
	return best, best.Compute != nil
}

func (r Rule) run(b *Book, at string, day clock.Day, in Inputs) (Outcome, []Used, error) {
	reading := b.At(at, day)
	out, err := r.Compute(reading, in)
	if err == nil {
		err = reading.Err()
	}
	return out, reading.Used(), err
}

// Decision reads one decision inside the scope, or not_found rules.not_found.
// Sealed inputs are opened: the caller audits the read.
func (s *Service) Decision(ctx context.Context, city, decisionID string) (Decision, error) {
	row, err := s.store.decision(ctx, city, decisionID)
	if err != nil {
		return Decision{}, err
	}
	return s.open(row)
}

// Recompute makes a decision again from its inputs, with the version of the book
// and the edition of the rule it was made with. Fault not_found
// rules.version_missing names what this installation no longer has.
func (s *Service) Recompute(ctx context.Context, d Decision) (Recomputed, error) {
	r, ok := s.rules[ruleID{d.Rule, d.Edition}]
	if !ok {
		return Recomputed{}, fault.New(fault.NotFound, "rules.version_missing", fault.With("Version", fmt.Sprintf("%s/%d", d.Rule, d.Edition)))
	}
	book, err := s.BookAt(ctx, d.Version)
	if err != nil {
		return Recomputed{}, err
	}
	is, used, err := r.run(book, d.Place, d.Day, d.Inputs)
	if err != nil {
		return Recomputed{}, err
	}
	same, err := equal(d, is, used)
	return Recomputed{Same: same, Was: d.Outcome, Is: is}, err
}

func equal(d Decision, is Outcome, used []Used) (bool, error) {
	a, err := json.Marshal([]any{d.Outcome, d.Used})
	if err != nil {
		return false, fault.New(fault.Internal, "internal", fault.Because(err))
	}
	b, err := json.Marshal([]any{is, used})
	if err != nil {
		return false, fault.New(fault.Internal, "internal", fault.Because(err))
	}
	return bytes.Equal(a, b), nil
}

// sealedPart is what of a decision may be about a person.
type sealedPart struct {
	Inputs Inputs `json:"inputs"`
	Lines  []Line `json:"lines,omitempty"`
}

func (s *Service) seal(d Decision, personal bool) (decisionRow, error) {
	used, err := json.Marshal(d.Used)
	if err != nil {
		return decisionRow{}, fault.New(fault.Internal, "internal", fault.Because(err))
	}
	facts, err := json.Marshal(sealedPart{d.Inputs, d.Outcome.Lines})
	if err != nil {
		return decisionRow{}, fault.New(fault.Internal, "internal", fault.Because(fmt.Errorf("inputs of %s: %w", d.Rule, err)))
	}
	row := decisionRow{
		CityCode: d.City, ID: d.ID, OrgPath: d.OrgPath, Rule: d.Rule, Edition: d.Edition, SubjectKind: d.SubjectKind, SubjectID: d.SubjectID,
		PersonID: d.PersonID, CompanyID: d.CompanyID, Place: d.Place, OnDay: d.Day, BookVersion: d.Version, Used: string(used),
		Result: d.Outcome.Result, AmountFen: int64(d.Outcome.Amount), DecidedBy: d.DecidedBy, DecidedAt: d.DecidedAt,
	}
	if personal {
		row.FactsEnc = s.Vault.Seal(vault.Place(d.City, "rule_decisions", d.ID, "facts"), facts)
	} else {
		row.Facts = string(facts)
	}
	return row, nil
}

func (s *Service) open(row decisionRow) (Decision, error) {
	text := []byte(row.Facts)
	if len(row.FactsEnc) > 0 {
		var err error
		if text, err = s.Vault.Open(vault.Place(row.CityCode, "rule_decisions", row.ID, "facts"), row.FactsEnc); err != nil {
			return Decision{}, err
		}
	}
	d := Decision{
		About: About{
			City: row.CityCode, OrgPath: row.OrgPath, SubjectKind: row.SubjectKind, SubjectID: row.SubjectID, PersonID: row.PersonID,
			CompanyID: row.CompanyID, Place: row.Place, Day: row.OnDay,
		},
		ID: row.ID, Rule: row.Rule, Edition: row.Edition, Version: row.BookVersion, DecidedBy: row.DecidedBy, DecidedAt: row.DecidedAt.UTC(),
		Outcome: Outcome{Result: row.Result, Amount: money.Fen(row.AmountFen)},
	}
	var facts sealedPart
	if err := exact(text, &facts); err != nil {
		return Decision{}, err
	}
	d.Inputs, d.Outcome.Lines = facts.Inputs, facts.Lines
	return d, exact([]byte(row.Used), &d.Used)
}

// exact reads JSON without turning numbers into fractions.
func exact(text []byte, to any) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(to); err != nil {
		return fault.New(fault.Internal, "internal", fault.Because(fmt.Errorf("stored decision: %w", err)))
	}
	return nil
}

// Int and the others read an input of a rule, whether it comes from the room or
// from a stored decision. ok is false for a missing one.
func (in Inputs) Int(name string) (n int64, ok bool) {
	x, err := whole(in[name])
	if err != nil {
		return 0, false
	}
	return x.(int64), true
}

// Fen reads an amount.
func (in Inputs) Fen(name string) (money.Fen, bool) {
	n, ok := in.Int(name)
	return money.Fen(n), ok
}

// Text reads a text.
func (in Inputs) Text(name string) (string, bool) { s, ok := in[name].(string); return s, ok }

// Bool reads a truth.
func (in Inputs) Bool(name string) (value, ok bool) { value, ok = in[name].(bool); return value, ok }

// scopeColumns say who sees a decision.
var scopeColumns = db.Columns{Path: "org_path", Person: "person_id", Company: "company_id"}
