package dues

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"gonghui/internal/base/audit"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/ledger"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/money"
)

// ClaimState is where one company's refund stands.
type ClaimState string

// The states of a claim.
const (
	ClaimListed    ClaimState = "listed"    // on a list that is not approved yet
	ClaimHeld      ClaimState = "held"      // somebody looks again first
	ClaimStruck    ClaimState = "struck"    // off the list; its lines are free for another
	ClaimApproved  ClaimState = "approved"  // to be paid
	ClaimKept      ClaimState = "kept"      // no account: the level above keeps it (上代下)
	ClaimOrdered   ClaimState = "ordered"   // in a payment order
	ClaimPaid      ClaimState = "paid"      // the bank has paid
	ClaimBounced   ClaimState = "bounced"   // the bank could not; the account is to be put right
	ClaimClawback  ClaimState = "clawback"  // paid wrongly: to be given back
	ClaimRecovered ClaimState = "recovered" // given back
)

// ClaimStates are all states, in the order of a claim's life.
func ClaimStates() []ClaimState {
	return []ClaimState{
		ClaimListed, ClaimHeld, ClaimStruck, ClaimApproved, ClaimKept, ClaimOrdered, ClaimPaid, ClaimBounced, ClaimClawback, ClaimRecovered,
	}
}

// Claim is what one company gets of a list.
type Claim struct {
	CityCode  string
	ID        string
	RefundID  string
	OrgPath   string
	Company   company.Ref
	Name      string
	Inputs    payerInputs // what the conditions were held against
	Lines     int64       // of the collection ledger that it covers
	Paid      money.Fen   // counted on them
	Amount    money.Fen
	Shares    Shares    // of the amount: what each level gives back
	Retained  money.Fen // of the amount: the union's own part
	State     ClaimState
	Holds     []Hold
	Reason    string // of striking it off, of the bank, of the clawback
	LookedBy  string
	PaymentID string
	PaidOn    clock.Day
	Version   int
}

// Class is the size that the company had when it was listed.
func (c Claim) Class() company.SizeClass { return c.Inputs.SizeClass }

// candidate is what the signed lines of one company come to.
type candidate struct {
	CompanyCity    string
	CompanyID      string
	Name           string
	ReviewPath     string
	SizeClass      company.SizeClass
	Excluded       string
	PayerType      PayerType
	UnionFoundedOn string
	AccountName    string
	AccountKind    string
	AccountHash    string
	Lines          int64
	Confidence     int
	Counted        money.Fen
	Payroll        money.Fen
	Highest        money.Fen // of the months
	National       money.Fen
	Province       money.Fen
	City           money.Fen
	County         money.Fen
	Retained       money.Fen
	Items          int64 // of them dues: those companies have a union, whether we know of its founding or not
}

func (c candidate) inputs() payerInputs {
	return payerInputs{SizeClass: c.SizeClass, Excluded: c.Excluded, PayerType: c.PayerType, HasUnion: c.UnionFoundedOn != "" || c.Items > 0}
}

func (c candidate) amount(kind RefundKind) money.Fen {
	if kind == PassOn {
		return c.Retained
	}
	return c.National + c.Province + c.City + c.County + c.Retained
}

// claim makes the record of what a candidate gets.
func (c candidate) claim(r Refund, in payerInputs, holds []Hold, now time.Time) claimRow {
	inputs, _ := json.Marshal(in) // texts and a bool
	row := claimRow{
		CityCode: r.CityCode, ID: id.New(), RefundID: r.ID, OrgPath: r.OrgPath, CompanyCity: c.CompanyCity, CompanyID: c.CompanyID, Name: c.Name,
		Inputs: string(inputs), Lines: c.Lines, PaidFen: c.Counted, AmountFen: c.amount(r.Kind), NationalFen: c.National, ProvinceFen: c.Province,
		CityFen: c.City, CountyFen: c.County, RetainedFen: c.Retained, State: ClaimListed, Version: 1, UpdatedAt: now,
	}
	if len(holds) > 0 {
		row.State = ClaimHeld
		words := make([]string, len(holds))
		for i, h := range holds {
			words[i] = string(h)
		}
		row.Holds = strings.Join(words, " ")
	}
	return row
}

// GetClaim gives one company's part of a list of the scope. Faults: those of
// GetRefund; not_found dues.no_claim.
func (s *Service) GetClaim(ctx context.Context, city, claimID string) (Claim, Refund, error) {
	c, err := s.store.claim(ctx, city, claimID)
	if err != nil {
		return Claim{}, Refund{}, err
	}
	r, err := s.refund(ctx, city, c.RefundID)
	if err != nil {
		return Claim{}, Refund{}, errNoClaim()
	}
	return c.model(), r, nil
}

// Look is the second look at a held claim, by somebody other than who made the
// list: let it stay on the list, or strike it off; a reason must be given. Faults:
// those of GetClaim; invalid dues.reason; forbidden casework.four_eyes; conflict
// casework.moved_on.
func (s *Service) Look(ctx context.Context, city, claimID string, keep bool, reason string, version int) error {
	return s.onClaim(ctx, city, claimID, reason, func(ctx context.Context, c claimRow, r Refund, actor access.Actor) error {
		if c.State != ClaimHeld || c.Version != version {
			return casework.ErrMovedOn
		}
		if actor.AccountID == r.CreatedBy {
			return casework.ErrFourEyes
		}
		if err := s.needListing(ctx, r); err != nil {
			return err
		}
		c.LookedBy = actor.AccountID
		if keep {
			c.State = ClaimListed
			return s.moveClaim(ctx, r, c, ClaimHeld, reason, "dues.claim_cleared")
		}
		return s.strike(ctx, r, c, reason)
	})
}

// Strike takes a company off a list that is not approved yet, with a reason: its
// lines are free for another list. Faults: those of Look.
func (s *Service) Strike(ctx context.Context, city, claimID, reason string, version int) error {
	return s.onClaim(ctx, city, claimID, reason, func(ctx context.Context, c claimRow, r Refund, _ access.Actor) error {
		if c.State != ClaimListed && c.State != ClaimHeld || c.Version != version {
			return casework.ErrMovedOn
		}
		if err := s.needListing(ctx, r); err != nil {
			return err
		}
		return s.strike(ctx, r, c, reason)
	})
}

// needListing refuses changes of a list that is decided, or by somebody whose turn
// it is not.
func (s *Service) needListing(ctx context.Context, r Refund) error {
	k, err := s.Cases.Get(access.System(ctx, "dues.refund"), r.Ref())
	if err != nil {
		return err
	}
	right, path := access.DuesRefund, r.OrgPath
	switch k.State {
	case "submitted":
		right, path = access.DuesReview, r.ReviewPath
	case "reviewed", "noticed", "approving":
	default:
		return casework.ErrMovedOn
	}
	return access.Require(ctx, right, path)
}

func (s *Service) strike(ctx context.Context, r Refund, c claimRow, reason string) error {
	from := c.State
	c.State, c.Reason = ClaimStruck, reason
	if err := s.store.freeLines(ctx, r, c.ID); err != nil {
		return err
	}
	return s.moveClaim(ctx, r, c, from, reason, "dues.claim_struck")
}

// moveClaim writes a claim of a list and counts the list anew.
func (s *Service) moveClaim(ctx context.Context, r Refund, c claimRow, from ClaimState, reason string, action audit.Action) error {
	if err := s.store.moveClaim(ctx, c, from, s.Clock.Now()); err != nil {
		return err
	}
	if err := s.store.countRefund(ctx, r); err != nil {
		return err
	}
	detail, err := json.Marshal(map[string]string{"company": c.Name, "list": r.Number, "reason": reason})
	if err != nil {
		return fault.New(fault.Internal, "internal", fault.Because(err))
	}
	return s.Audit.Record(ctx, audit.Entry{
		CityCode: c.CityCode, OrgPath: r.ReviewPath, Action: action, SubjectKind: "dues_claim", SubjectID: c.ID, Detail: string(detail),
	})
}

func (s *Service) onClaim(ctx context.Context, city, claimID, reason string, do func(context.Context, claimRow, Refund, access.Actor) error) error {
	if strings.TrimSpace(reason) == "" {
		return fault.New(fault.Invalid, "dues.reason", fault.OnField("reason", "required"))
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		c, err := s.store.claim(ctx, city, claimID)
		if err != nil {
			return err
		}
		r, err := s.refund(ctx, city, c.RefundID)
		if err != nil {
			return errNoClaim()
		}
		actor, _ := access.From(ctx)
		return do(ctx, c, r, actor)
	})
}

// ClawBack asks a refund back that should not have been paid: false data, a wrong
// class. Each level gets back what it gave. Faults: those of Look.
func (s *Service) ClawBack(ctx context.Context, city, claimID, reason string, version int) error {
	return s.onClaim(ctx, city, claimID, reason, func(ctx context.Context, c claimRow, r Refund, _ access.Actor) error {
		if err := access.Require(ctx, access.DuesApprove, r.OrgPath); err != nil {
			return err
		}
		if c.State != ClaimPaid || c.Version != version || r.Kind != GiveBack {
			return casework.ErrMovedOn
		}
		l, err := s.levelsOf(r.OrgPath)
		if err != nil {
			return err
		}
		b := s.booking(ctx, c.CityCode)
		b.move(l.collector, accClawback, c.CompanyID, ledger.Debit, c.AmountFen)
		b.credit(l.collector, accPreparation, c.RetainedFen)
		if err := b.levels(l, c.sums(), accCost); err != nil {
			return err
		}
		on, subject, params := clock.Today(s.Clock), ledger.Subject{Kind: "dues_claim", ID: c.ID}, map[string]string{"Of": r.Number}
		if _, err := b.post("dues.clawback", "dues.clawback/"+c.ID, on, subject, params); err != nil {
			return err
		}
		if err := s.shareUp(ctx, l, c.sums(), accCost, "dues.clawback/"+c.ID, on, subject, params); err != nil {
			return err
		}
		c.State, c.Reason = ClaimClawback, reason
		return s.moveClaim(ctx, r, c, ClaimPaid, reason, "dues.claim_clawback")
	})
}

// Recover enters that a company has given a refund back. Faults: those of Look.
func (s *Service) Recover(ctx context.Context, city, claimID, reason string, version int) error {
	return s.onClaim(ctx, city, claimID, reason, func(ctx context.Context, c claimRow, r Refund, _ access.Actor) error {
		if err := access.Require(ctx, access.DuesRefund, r.OrgPath); err != nil {
			return err
		}
		if c.State != ClaimClawback || c.Version != version {
			return casework.ErrMovedOn
		}
		l, err := s.levelsOf(r.OrgPath)
		if err != nil {
			return err
		}
		b := s.booking(ctx, c.CityCode)
		b.debit(l.collector, accBank, c.AmountFen)
		b.move(l.collector, accClawback, c.CompanyID, ledger.Credit, c.AmountFen)
		if _, err := b.post("dues.recovered", "dues.recovered/"+c.ID, clock.Today(s.Clock), ledger.Subject{Kind: "dues_claim", ID: c.ID}, map[string]string{"Of": r.Number}); err != nil {
			return err
		}
		c.State, c.Reason = ClaimRecovered, reason
		return s.moveClaim(ctx, r, c, ClaimClawback, reason, "dues.claim_recovered")
	})
}
