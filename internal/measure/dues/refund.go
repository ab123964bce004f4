package dues

import (
	"context"
	"strings"
	"time"

	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/ledger"
	"gonghui/internal/core/org"
	"gonghui/internal/core/rules"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/page"
)

// RefundKind is what a list gives.
type RefundKind string

// The kinds of lists.
const (
	GiveBack RefundKind = "refund" // what small and micro companies sent up, and preparation funds of founded unions
	PassOn   RefundKind = "part"   // every union's own part of what the tax office collected for it
)

// Refund is a list of refunds (返还名单), or the application of one company. It is
// the record of a case of FlowRefund.
type Refund struct {
	CityCode     string
	ID           string
	Number       string
	OrgPath      string // whose funds
	Route        Route
	Kind         RefundKind
	ReviewPath   string // the union that looks it through
	From, To     clock.Day
	RulesVersion string
	Claims       int       // that are on the list
	Amount       money.Fen // of them
	CompanyID    string    // of an application
	NoticeUntil  clock.Day
	CreatedBy    string
	CreatedAt    time.Time
}

// Ref names the case of the list.
func (r Refund) Ref() casework.Ref { return casework.Ref{City: r.CityCode, ID: r.ID} }

// Period asks for the refunds of some months.
type Period struct{ From, To clock.Day } // first days of months, both inclusive

// HalfYear gives the period of a half year: 1 or 2.
func HalfYear(year, half int) Period {
	m := time.Month(1 + 6*(half-1))
	return Period{clock.MakeDay(year, m, 1), clock.MakeDay(year, m+5, 1)}
}

// ParsePeriod reads the first and the last month, such as 2020-01 and 2020-06. Fault:
// invalid dues.period, on the field from.
func ParsePeriod(from, to string) (p Period, err error) {
	if p.From, err = ParseMonth(strings.TrimSpace(from)); err == nil {
		p.To, err = ParseMonth(strings.TrimSpace(to))
	}
	if err != nil {
		return Period{}, fault.New(fault.Invalid, "dues.period", fault.OnField("from", "month"))
	}
	return p, nil
}

func (p Period) check() error {
	if p.From.IsZero() || p.To < p.From || p.From.String()[8:] != "01" || p.To.String()[8:] != "01" {
		return fault.New(fault.Invalid, "dues.period", fault.OnField("from", "invalid"))
	}
	return nil
}

// MakeLists lists who gets what of the signed files of a unit for some months: one
// list for each union that looks its companies through. What is on another list
// already is left out, so the same call again lists only what has come since; what
// looks odd is held for a second look. Faults: access.denied, not_found
// org.no_unit, invalid dues.period, conflict dues.apply_mode (companies apply
// themselves), casework.moved_on (somebody lists the same at this moment).
func (s *Service) MakeLists(ctx context.Context, unitID string, kind RefundKind, p Period) ([]Refund, error) {
	unit, ok := s.Org.ByID(unitID)
	if !ok || !unit.Stands() {
		return nil, fault.New(fault.NotFound, "org.no_unit")
	}
	if err := access.Require(ctx, access.DuesRefund, unit.Path); err != nil {
		return nil, err
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	by, err := s.terms(ctx, unit)
	if err != nil {
		return nil, err
	}
	if kind == GiveBack && Route(by.Text(keySource)) == ByApplication {
		return nil, fault.New(fault.Conflict, "dues.apply_mode")
	}
	return s.list(ctx, unit, by, kind, p, company.Ref{}, casework.Desk)
}

// Apply applies for the refund of one company, by somebody who acts for it. Faults:
// access.denied, dues.no_payer, invalid dues.period, conflict dues.list_mode (the
// union lists without being asked), dues.too_late, dues.nothing_due.
func (s *Service) Apply(ctx context.Context, ref company.Ref, p Period) (Refund, error) {
	if err := access.RequireCompany(ctx, access.DuesOwn, ref.ID); err != nil {
		return Refund{}, err
	}
	if err := p.check(); err != nil {
		return Refund{}, err
	}
	unit, err := s.collector(ctx, ref, "")
	if err != nil {
		return Refund{}, err
	}
	by, err := s.terms(ctx, unit)
	if err != nil {
		return Refund{}, err
	}
	if Route(by.Text(keySource)) == ByList {
		return Refund{}, fault.New(fault.Conflict, "dues.list_mode")
	}
	year, _, _ := p.To.Date()
	last := clock.MakeDay(year+1, time.Month(1+by.Int(keyApplyBy)), 1).Add(-1)
	if by.Day() > last {
		return Refund{}, fault.New(fault.Conflict, "dues.too_late", fault.With("Last", last.String()))
	}
	list, err := s.list(ctx, unit, by, GiveBack, p, ref, casework.Company)
	if err == nil && len(list) == 0 {
		return Refund{}, fault.New(fault.Conflict, "dues.nothing_due")
	}
	if err != nil {
		return Refund{}, err
	}
	return list[0], nil
}

// collector is the unit whose files hold the dues of a company; where nothing was
// collected yet, the one at a path, unless that is empty. Fault: not_found dues.no_payer.
func (s *Service) collector(ctx context.Context, ref company.Ref, before string) (org.Unit, error) {
	path, err := s.store.collectorOf(ctx, ref)
	if before != "" && fault.HasCode(err, "dues.no_payer") {
		path, err = before, nil
	}
	if err != nil {
		return org.Unit{}, err
	}
	unit, ok := s.Org.ByPath(path)
	if !ok {
		return org.Unit{}, errNoPayer()
	}
	return unit, nil
}

// terms reads the parameters of a place today.
func (s *Service) terms(ctx context.Context, u org.Unit) (*rules.Reading, error) {
	book, err := s.Rules.Book(ctx)
	if err != nil {
		return nil, err
	}
	return book.At(u.DivisionCode, clock.Today(s.Clock)), nil
}

// list makes the lists of a unit, or the application of one company.
func (s *Service) list(ctx context.Context, unit org.Unit, by *rules.Reading, kind RefundKind, p Period, only company.Ref, as casework.Role) ([]Refund, error) {
	actor, _ := access.From(ctx)
	route := ByList
	if only.ID != "" {
		route = ByApplication
	}
	judge, err := newJudge(by)
	if err != nil {
		return nil, err
	}
	var out []Refund
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		out = nil
		candidates, err := s.store.candidates(ctx, unit, kind, p, only)
		if err != nil {
			return err
		}
		shared, err := s.store.sharedAccounts(ctx, judge.shared)
		if err != nil {
			return err
		}
		lists := map[string]*Refund{}
		var order []string
		var claims []claimRow
		for _, c := range candidates {
			inputs, ok, err := judge.eligible(c, kind)
			if err != nil {
				return err
			}
			if !ok || c.amount(kind) <= 0 {
				continue
			}
			r := lists[c.ReviewPath]
			if r == nil {
				r = &Refund{
					CityCode: unit.CityCode, ID: id.New(), Number: id.Public("R"), OrgPath: unit.Path, Route: route, Kind: kind, ReviewPath: c.ReviewPath,
					From: p.From, To: p.To, RulesVersion: by.Version(), CompanyID: only.ID, CreatedBy: actor.AccountID, CreatedAt: s.Clock.Now(),
				}
				lists[c.ReviewPath] = r
				order = append(order, c.ReviewPath)
			}
			row := c.claim(*r, inputs, judge.holds(c, shared), s.Clock.Now())
			if row.State == ClaimListed {
				r.Claims++
				if r.Amount, err = money.Add(r.Amount, row.AmountFen); err != nil {
					return err
				}
			}
			claims = append(claims, row)
		}
		if len(order) == 0 {
			return nil
		}
		opens := make([]casework.Open, len(order))
		var lines int64
		for i, path := range order {
			r := *lists[path]
			out = append(out, r)
			opens[i] = casework.Open{
				City: r.CityCode, ID: r.ID, Number: r.Number, Kind: FlowRefund, Title: s.listTitle(r, claims), OrgPath: r.ReviewPath, CompanyID: r.CompanyID,
				As: as, DueAt: s.dueAt(by, "review", keyReview),
			}
		}
		for _, c := range claims {
			lines += c.Lines
		}
		if err := s.store.insertRefunds(ctx, out); err != nil {
			return err
		}
		if err := s.store.insertClaims(ctx, claims); err != nil {
			return err
		}
		taken, err := s.store.claimLines(ctx, unit, kind, p, out)
		if err != nil {
			return err
		}
		if taken != lines { // another list took some of them in between
			return casework.ErrMovedOn
		}
		if by.Err() != nil {
			return by.Err()
		}
		_, err = s.Cases.OpenMany(access.System(ctx, "dues.list"), opens)
		return err
	})
	return out, err
}

// listTitle is how a list is called in queues: the period, and whose it is.
func (s *Service) listTitle(r Refund, claims []claimRow) string {
	period := r.From.String()[:7]
	if r.To != r.From {
		period += "–" + r.To.String()[:7]
	}
	if r.CompanyID != "" && len(claims) > 0 {
		return claims[0].Name + " " + period
	}
	name := ""
	if u, ok := s.Org.ByPath(r.ReviewPath); ok {
		name = u.Name
	}
	return name + " " + period
}

// judge holds payers against the conditions of a refund, and looks for what is odd.
type judge struct {
	conditions *rules.CondSet
	known      map[payerInputs]bool
	jump       int64
	shared     int64
}

// payerInputs are the variables of the conditions.
type payerInputs struct {
	SizeClass company.SizeClass `json:"size_class"`
	Excluded  string            `json:"excluded"`
	PayerType PayerType         `json:"payer_type"`
	HasUnion  bool              `json:"has_union"`
}

func (in payerInputs) values() rules.Inputs {
	return rules.Inputs{"size_class": string(in.SizeClass), "excluded": in.Excluded, "payer_type": string(in.PayerType), "has_union": in.HasUnion}
}

func newJudge(r *rules.Reading) (*judge, error) {
	j := &judge{conditions: r.Conditions(keyEligible), known: map[payerInputs]bool{}, jump: r.Int(keyJump), shared: r.Int(keyShared)}
	return j, r.Err()
}

// eligible tells whether a payer meets the conditions. Its union's own part is
// everybody's; a preparation fund waits for the union alone.
func (j *judge) eligible(c candidate, kind RefundKind) (payerInputs, bool, error) {
	in := c.inputs()
	if kind == PassOn {
		return in, true, nil
	}
	ok, seen := j.known[in]
	if !seen {
		res, err := j.conditions.Eval(in.values())
		if err != nil {
			return in, false, err
		}
		ok = res.Truth == rules.True
		j.known[in] = ok
	}
	return in, ok, nil
}

// Hold is why somebody should look at a claim again before it is paid.
type Hold string

// The holds.
const (
	HoldPersonal Hold = "personal_account" // the account is a person's
	HoldHolder   Hold = "account_holder"   // its holder is neither the company nor its union
	HoldShared   Hold = "shared_account"   // it serves other companies too
	HoldMatch    Hold = "weak_match"       // the company was recognised by its name or account only
	HoldJump     Hold = "payroll_jump"     // one month's payroll is far above the others
)

func (j *judge) holds(c candidate, shared map[string]bool) []Hold {
	var out []Hold
	if c.AccountHash != "" {
		switch {
		case AccountKind(c.AccountKind) == PersonalAccount:
			out = append(out, HoldPersonal)
		case !strings.Contains(c.AccountName, c.Name):
			out = append(out, HoldHolder)
		}
		if shared[c.AccountHash] {
			out = append(out, HoldShared)
		}
	}
	if c.Confidence < sure {
		out = append(out, HoldMatch)
	}
	if n := c.Lines; n > 1 {
		rest := int64(c.Payroll-c.Highest) / (n - 1)
		if rest > 0 && int64(c.Highest)/rest*100 >= j.jump {
			out = append(out, HoldJump)
		}
	}
	return out
}

// sure is the confidence from which a match needs no second look: a credit code,
// also of a company that was merged in.
const sure = 95

// GetRefund gives a list of the scope with its case. Faults: access.denied,
// not_found dues.no_refund.
func (s *Service) GetRefund(ctx context.Context, city, refundID string) (Refund, casework.Case, error) {
	r, err := s.refund(ctx, city, refundID)
	if err != nil {
		return r, casework.Case{}, err
	}
	k, err := s.Cases.Get(access.System(ctx, "dues.refund"), r.Ref()) // also when it has gone on to another unit
	return r, k, err
}

// RefundHistory gives the steps of a list, the first one first. Faults: those of
// GetRefund.
func (s *Service) RefundHistory(ctx context.Context, city, refundID string) ([]casework.Event, error) {
	r, err := s.refund(ctx, city, refundID)
	if err != nil {
		return nil, err
	}
	return s.Cases.History(access.System(ctx, "dues.refund"), r.Ref())
}

// refund gives a list to whoever handles, reviews or collects dues where it is
// looked through, or acts for the company that applied.
func (s *Service) refund(ctx context.Context, city, refundID string) (Refund, error) {
	r, err := s.store.refund(access.System(ctx, "dues.refund"), city, refundID)
	if err != nil {
		return r, err
	}
	if s.seesRefund(ctx, r) {
		return r, nil
	}
	return Refund{}, errNoRefund()
}

func (s *Service) seesRefund(ctx context.Context, r Refund) bool {
	for _, c := range []access.Capability{access.DuesRefund, access.DuesApprove, access.DuesReview, access.DuesCollect} {
		if access.Require(ctx, c, r.ReviewPath) == nil || access.Require(ctx, c, r.OrgPath) == nil {
			return true
		}
	}
	return r.CompanyID != "" && access.RequireCompany(ctx, access.DuesOwn, r.CompanyID) == nil
}

// ListRefunds pages through the lists of the scope, the newest first. Fault: access.denied.
func (s *Service) ListRefunds(ctx context.Context, req page.Request) (page.Page[Refund], error) {
	ctx, err := access.For(ctx, access.DuesReview)
	if err != nil {
		return page.Page[Refund]{}, err
	}
	return s.store.refunds(ctx, req)
}

// ListedRefund is a list of refunds with where its case stands.
type ListedRefund struct {
	Refund
	State string
	Title string
}

// DeskRefunds is ListRefunds with the cases of the lists.
func (s *Service) DeskRefunds(ctx context.Context, req page.Request) (page.Page[ListedRefund], error) {
	p, err := s.ListRefunds(ctx, req)
	if err != nil {
		return page.Page[ListedRefund]{}, err
	}
	refs := make([]casework.Ref, len(p.Items))
	for i, r := range p.Items {
		refs[i] = r.Ref()
	}
	cases, err := s.Cases.Named(access.System(ctx, "dues.refund"), refs)
	return page.Map(p, func(r Refund) ListedRefund {
		k := cases[r.Ref()]
		return ListedRefund{Refund: r, State: k.State, Title: k.Title}
	}), err
}

// CountHeld counts the claims of a list that wait for a second look. Faults: those
// of GetRefund.
func (s *Service) CountHeld(ctx context.Context, city, refundID string) (int64, error) {
	r, err := s.refund(ctx, city, refundID)
	if err != nil {
		return 0, err
	}
	return s.store.countClaims(ctx, r, ClaimHeld)
}

// ListClaims pages through what single companies get of a list; state "" = all.
// Faults: those of GetRefund.
func (s *Service) ListClaims(ctx context.Context, city, refundID string, state ClaimState, req page.Request) (page.Page[Claim], error) {
	r, err := s.refund(ctx, city, refundID)
	if err != nil {
		return page.Page[Claim]{}, err
	}
	return s.store.claims(ctx, r, state, req)
}

// Decide takes a step of the desk with a list: review, return, notice, approve,
// send_back, reject. Approving books each level's part as to be given back, and
// what has nowhere to go as kept for its union. Faults: those of casework's Fire;
// conflict ledger.insufficient, dues.held (claims still wait for a second look).
func (s *Service) Decide(ctx context.Context, ref casework.Ref, event string, version int, reason string) (casework.Case, error) {
	var k casework.Case
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		r, err := s.refund(ctx, ref.City, ref.ID)
		if err != nil {
			return err
		}
		if event == "return" && r.Route == ByList {
			return casework.ErrIllegal // nobody applied, so nobody could put it right: strike companies off
		}
		unit, ok := s.Org.ByPath(r.OrgPath)
		if !ok {
			return errNoRefund()
		}
		by, err := s.terms(ctx, unit)
		if err != nil {
			return err
		}
		in := casework.Fire{City: r.CityCode, ID: r.ID, Event: event, Version: version, As: casework.Desk, Reason: reason}
		switch event {
		case "review", "send_back":
			in.DueAt, in.OrgPath = s.dueAt(by, "county", keyCounty), r.OrgPath
		case "return":
			in.DueAt = s.dueAt(by, "resubmit", keyResubmit)
		case "notice":
			in.DueAt = s.dueAt(by, "notice", keyNotice)
			if err := s.store.setNotice(ctx, r, clock.LastDay(in.DueAt["notice"])); err != nil {
				return err
			}
		}
		if by.Err() != nil {
			return by.Err()
		}
		if k, err = s.Cases.Fire(ctx, in); err != nil {
			return err
		}
		switch event {
		case "approve":
			actor, _ := access.From(ctx)
			if actor.AccountID == r.CreatedBy {
				return casework.ErrFourEyes
			}
			return s.approve(ctx, r)
		case "reject":
			return s.drop(ctx, r)
		}
		return nil
	})
	return k, err
}

// onDue does the work of a passed deadline of a list.
func (s *Service) onDue(ctx context.Context, due casework.Due) error {
	in := casework.Fire{City: due.Case.City, ID: due.Case.ID, Event: due.Event, Version: casework.AnyVersion, As: casework.Clock}
	r, err := s.store.refund(ctx, due.Case.City, due.Case.ID)
	if err != nil {
		return err
	}
	if due.Event == "notice_over" {
		unit, ok := s.Org.ByPath(r.OrgPath)
		if !ok {
			return errNoRefund()
		}
		by, err := s.terms(ctx, unit)
		if err != nil {
			return err
		}
		in.DueAt = s.dueAt(by, "county", keyCounty)
		if by.Err() != nil {
			return by.Err()
		}
	}
	if _, err := s.Cases.Fire(ctx, in); err != nil {
		return err
	}
	if due.Event == "lapse" {
		return s.drop(ctx, r)
	}
	return nil
}

// Resubmit sends an application again that was returned. Faults: those of Decide.
func (s *Service) Resubmit(ctx context.Context, ref casework.Ref, version int) (casework.Case, error) {
	r, err := s.refund(ctx, ref.City, ref.ID)
	if err != nil {
		return casework.Case{}, err
	}
	unit, ok := s.Org.ByPath(r.OrgPath)
	if !ok {
		return casework.Case{}, errNoRefund()
	}
	by, err := s.terms(ctx, unit)
	if err != nil {
		return casework.Case{}, err
	}
	return s.Cases.Fire(ctx, casework.Fire{
		City: r.CityCode, ID: r.ID, Event: "resubmit", Version: version, As: casework.Company, DueAt: s.dueAt(by, "review", keyReview), OrgPath: r.ReviewPath,
	})
}

// drop ends the claims of a list that comes to nothing; their lines are free again.
func (s *Service) drop(ctx context.Context, r Refund) error {
	if err := s.store.freeLines(ctx, r, ""); err != nil {
		return err
	}
	_, err := s.store.moveClaims(ctx, r, []ClaimState{ClaimListed, ClaimHeld}, ClaimStruck, s.Clock.Now())
	return err
}

// approve books the refund of a list, level by level.
func (s *Service) approve(ctx context.Context, r Refund) error {
	held, err := s.store.countClaims(ctx, r, ClaimHeld)
	if err != nil {
		return err
	}
	if held > 0 {
		return fault.New(fault.Conflict, "dues.held", fault.With("Claims", held))
	}
	sum, err := s.store.claimSum(ctx, r)
	if err != nil {
		return err
	}
	l, err := s.levelsOf(r.OrgPath)
	if err != nil {
		return err
	}
	b := s.booking(ctx, r.CityCode)
	own := accPreparation
	if r.Kind == PassOn {
		own = accPart
	}
	b.debit(l.collector, own, sum.RetainedFen)
	if err := b.levels(l, sum.down(), accCost); err != nil {
		return err
	}
	b.credit(l.collector, accPayable, sum.CountedFen)
	on, subject, params := clock.Today(s.Clock), ledger.Subject{Kind: "dues_refund", ID: r.ID}, map[string]string{"Of": r.Number}
	if err := s.shareUp(ctx, l, sum.down(), accCost, "dues.refund/"+r.ID, on, subject, params); err != nil { // before it is passed on
		return err
	}
	if _, err := b.post("dues.approved", "dues.refund/"+r.ID, on, subject, params); err != nil {
		return err
	}
	kept, err := s.store.approveClaims(ctx, r, s.Clock.Now())
	if err != nil {
		return err
	}
	return s.keep(ctx, l, r, kept, on)
}

// keep books what cannot be paid yet as kept for each company's union (上代下).
func (s *Service) keep(ctx context.Context, l levels, r Refund, kept []claimRow, on clock.Day) error {
	if len(kept) == 0 {
		return nil
	}
	b := s.booking(ctx, r.CityCode)
	var total money.Fen
	for _, c := range kept {
		b.move(l.collector, accKept, c.CompanyID, ledger.Credit, c.AmountFen)
		var err error
		if total, err = money.Add(total, c.AmountFen); err != nil {
			return err
		}
	}
	b.debit(l.collector, accPayable, total)
	_, err := b.post("dues.kept", "dues.kept/"+r.ID, on, ledger.Subject{Kind: "dues_refund", ID: r.ID}, map[string]string{"Of": r.Number})
	return err
}

func errNoRefund() error { return fault.New(fault.NotFound, "dues.no_refund") }
func errNoClaim() error  { return fault.New(fault.NotFound, "dues.no_claim") }
