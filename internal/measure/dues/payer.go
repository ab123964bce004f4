package dues

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/vault"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/signal"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/form"
	"gonghui/internal/kit/ident"
	"gonghui/internal/kit/page"
)

// Payer is a company as the dues know it (缴费单位): what decides whether, and
// where to, a refund goes.
type Payer struct {
	CityCode   string // with CompanyID, the company's
	CompanyID  string
	OrgPath    string // the union that reviews: the township's where it is known
	CreditCode string
	Name       string
	Type       PayerType

	Class        company.SizeClass
	SizeIndustry string // one of the sixteen; empty = none, or not known
	ClassBy      ClassBy
	ClassSource  Source // the list that won
	ClassYear    int    // of the figures
	Conflict     bool   // lists give other classes
	ClassNote    string // why by hand

	Excluded     Exclusion
	ExcludedNote string // why by hand; empty = the lists say so

	UnionFoundedOn clock.Day // zero = it has no union yet
	UnionApproval  string    // number of the founding's approval

	Account Account

	Version   int
	UpdatedAt time.Time
}

// Ref names the company.
func (p Payer) Ref() company.Ref { return company.Ref{City: p.CityCode, ID: p.CompanyID} }

// ClassBy says who classified a payer.
type ClassBy string

// Who classifies.
const (
	ByRule ClassBy = "rule" // the figures of a list, by 工信部联企业〔2011〕300号
	ByHand ClassBy = "hand" // somebody, with a reason; lists do not change it
)

// Exclusion is why a small company gets no refund all the same (厅字〔2019〕32号).
type Exclusion string

// The exclusions.
const (
	GroupSub     Exclusion = "group"     // GROUP_SUB: owned or controlled by a group
	FinancialSub Exclusion = "financial" // FIN_SUB: owned or controlled by a bank, insurer or securities firm
)

// Exclusions are all kinds.
func Exclusions() []Exclusion { return []Exclusion{GroupSub, FinancialSub} }

// AccountKind is whose an account is.
type AccountKind string

// The kinds of accounts.
const (
	UnionAccount    AccountKind = "union"    // the company's union's, or that of the union that keeps its books (上代下)
	CompanyAccount  AccountKind = "company"  // the company's
	PersonalAccount AccountKind = "personal" // of somebody of a company without one
)

// AccountKinds are all kinds.
func AccountKinds() []AccountKind {
	return []AccountKind{UnionAccount, CompanyAccount, PersonalAccount}
}

// Account is where a refund goes to. The number is sealed; Mask shows its end.
type Account struct {
	Name   string
	Kind   AccountKind // empty = there is no account
	Mask   string
	Bank   string // number of the branch in the payment system (CNAPS)
	BankAs string // its name
	Since  clock.Day
}

// AccountInput is an account as somebody writes it down.
type AccountInput struct {
	Name    string      `form:"name" check:"required,max=100"`
	Kind    AccountKind `form:"kind" check:"required"`
	Number  string      `form:"number" check:"required,max=60"`
	Bank    string      `form:"bank" check:"max=20"`
	BankAs  string      `form:"bank_as" check:"max=100"`
	Version int         `form:"version"`
}

// check cleans an account and refuses it with every wrong field at once. A number
// of 16 or 19 digits that begins with 62, and any of a person, is a card's and has
// its check digit.
func (in *AccountInput) check() error {
	w, err := wrongOf(in)
	if err != nil {
		return err
	}
	in.Number, in.Bank = ident.Clean(in.Number), ident.Clean(in.Bank)
	n := len(in.Number)
	card := in.Kind == PersonalAccount || strings.HasPrefix(in.Number, "62") && (n == 16 || n == 19)
	switch {
	case in.Number == "":
	case accountNumber(in.Number) != in.Number || digits(in.Number) != in.Number:
		w.add("number", "charset")
	case n < 8 || n > 34:
		w.add("number", "length")
	case card:
		if why := ident.BankCard(in.Number); why != ident.OK {
			w.add("number", string(why))
		}
	}
	if in.Kind != "" && !slices.Contains(AccountKinds(), in.Kind) {
		w.add("kind", "choice")
	}
	switch {
	case in.Bank == "" && in.BankAs == "":
		w.add("bank_as", "required")
	case in.Bank != "" && (len(in.Bank) != 12 || digits(in.Bank) != in.Bank):
		w.add("bank", "cnaps")
	}
	return w.fault()
}

// wrong collects the wrong fields of an input, the first reason of each.
type wrong []fault.Field

// wrongOf judges an input by its tags.
func wrongOf(in any) (wrong, error) {
	err := form.Check(in)
	if err == nil {
		return nil, nil
	}
	if !fault.HasCode(err, "form.invalid") {
		return nil, err
	}
	return fault.As(err).Fields, nil
}

func (w *wrong) add(name, code string) {
	if !slices.ContainsFunc(*w, func(f fault.Field) bool { return f.Name == name }) {
		*w = append(*w, fault.Field{Name: name, Code: code, Key: "field." + code})
	}
}

func (w wrong) fault() error {
	if len(w) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, "form.invalid", fault.WithFields(w...))
}

// UnionInput is the founding of a company's union.
type UnionInput struct {
	FoundedOn clock.Day `form:"founded_on" check:"required,day"`
	Approval  string    `form:"approval" check:"required,max=100"` // number of the approval
	Version   int       `form:"version"`
}

// ExclusionInput excludes a payer by hand, or takes it in again.
type ExclusionInput struct {
	Kind    Exclusion `form:"kind"` // empty = it is not excluded, whatever lists say
	Reason  string    `form:"reason" check:"required,lines,max=200"`
	Version int       `form:"version"`
}

// ClassInput classifies a payer by hand.
type ClassInput struct {
	Class   company.SizeClass `form:"class"` // empty = as the lists say again
	Reason  string            `form:"reason" check:"required,lines,max=200"`
	Version int               `form:"version"`
}

// Classes are the classes that somebody may give.
func Classes() []company.SizeClass {
	return []company.SizeClass{company.Micro, company.Small, company.Medium, company.Large}
}

// PayerFilter narrows the list of payers; what is empty is not asked.
type PayerFilter struct {
	Class     company.SizeClass // Unclassified among them
	Conflict  bool
	Excluded  bool
	NoAccount bool
	ByHand    bool
	Text      string // part of the name, or the whole credit code
	OrgPath   string // a subtree within the scope
}

// PayerCounts are how many payers of the scope there are, and how many of them
// somebody should look at.
type PayerCounts struct{ All, Micro, Small, Medium, Large, Unclassified, Conflict, Excluded, NoAccount int64 }

// What the log says of payers.
const (
	actionAccount     audit.Action = "dues.payer_account_set"
	actionAccountRead audit.Action = "dues.payer_account_read"
	actionUnion       audit.Action = "dues.payer_union_set"
	actionExcluded    audit.Action = "dues.payer_excluded"
	actionIncluded    audit.Action = "dues.payer_included"
	actionClassified  audit.Action = "dues.payer_classified"
	actionFollows     audit.Action = "dues.payer_follows_lists"
)

func errNoPayer() error { return fault.New(fault.NotFound, "dues.no_payer") }

// payersInScope narrows to the payers that the actor collects from, or, as a
// township does, looks through.
func payersInScope(ctx context.Context) (context.Context, error) {
	if access.CanAnywhere(ctx, access.DuesCollect) {
		return access.For(ctx, access.DuesCollect)
	}
	return access.For(ctx, access.DuesReview)
}

// GetPayer gives one payer of the scope. Faults: access.denied, not_found dues.no_payer.
func (s *Service) GetPayer(ctx context.Context, ref company.Ref) (Payer, error) {
	ctx, err := payersInScope(ctx)
	if err != nil {
		return Payer{}, err
	}
	r, err := s.store.payer(ctx, ref)
	if err != nil {
		return Payer{}, err
	}
	return r.payer(), nil
}

// check refuses a filter that cannot be asked.
func (f *PayerFilter) check() error {
	if f.Class != "" && f.Class != company.Unclassified && !slices.Contains(Classes(), f.Class) {
		return fault.New(fault.Invalid, "form.invalid", fault.OnField("class", "choice"))
	}
	text, ok := form.Text(f.Text, false)
	if !ok {
		return fault.New(fault.Invalid, "form.invalid", fault.OnField("q", "charset"))
	}
	f.Text = strings.TrimSpace(text)
	return nil
}

// ListPayers pages through the payers of the scope, the newest first. Faults:
// access.denied, form.invalid.
func (s *Service) ListPayers(ctx context.Context, f PayerFilter, r page.Request) (page.Page[Payer], error) {
	ctx, err := payersInScope(ctx)
	if err != nil {
		return page.Page[Payer]{}, err
	}
	if err := f.check(); err != nil {
		return page.Page[Payer]{}, err
	}
	return s.store.payers(ctx, f, r)
}

// CountPayers counts the payers of the scope below a unit. Fault: access.denied.
func (s *Service) CountPayers(ctx context.Context, orgPath string) (PayerCounts, error) {
	ctx, err := payersInScope(ctx)
	if err != nil {
		return PayerCounts{}, err
	}
	return s.store.countPayers(ctx, orgPath)
}

// EnsurePayers makes the records of payers for companies that lines or lists
// mention, and brings the names and codes of those that are there up to date. It
// asks no scope: the batch that calls it decides. Faults: those of the database.
func (s *Service) EnsurePayers(ctx context.Context, refs []company.Ref) error {
	heads, err := s.Companies.Heads(ctx, refs)
	if err != nil || len(heads) == 0 {
		return err
	}
	rows := make([]*payerRow, 0, len(heads))
	for _, ref := range refs {
		c, ok := heads[ref]
		if !ok {
			continue
		}
		delete(heads, ref) // one row for each, however often it is named
		rows = append(rows, &payerRow{
			CityCode: c.CityCode, CompanyID: c.ID, OrgPath: s.reviewer(c), CreditCode: c.CreditCode, Name: c.Name,
			PayerType: General, SizeClass: company.Unclassified, Version: 1, UpdatedAt: s.Clock.Now(),
		})
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error { return s.store.ensurePayers(ctx, rows) })
}

// reviewer is the path of the union that looks a company's refund through: the
// township's where its division is known, else that in charge of the company.
func (s *Service) reviewer(c company.Company) string {
	if c.DivisionCode != "" {
		if u, ok := s.Org.ByDivisionUp(c.DivisionCode); ok && strings.HasPrefix(u.Path, c.OrgPath) {
			return u.Path
		}
	}
	return c.OrgPath
}

// change reads a payer that the actor collects from, changes it, and writes the
// named columns with an entry of the log.
func (s *Service) change(ctx context.Context, ref company.Ref, version int, fn func(context.Context, *payerRow) (payerChange, error)) (Payer, error) {
	var p Payer
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		scoped, err := access.For(ctx, access.DuesCollect)
		if err != nil {
			return err
		}
		r, err := s.store.payer(scoped, ref)
		if err != nil {
			return err
		}
		if err := access.Require(ctx, access.DuesCollect, r.OrgPath); err != nil {
			return err
		}
		if r.Version != version {
			return casework.ErrMovedOn
		}
		c, err := fn(ctx, r)
		if err != nil {
			return err
		}
		r.UpdatedAt = s.Clock.Now()
		if err := s.store.updatePayer(ctx, r, c.columns...); err != nil {
			return err
		}
		p = r.payer()
		return s.recordPayer(ctx, p, c.action, c.told)
	})
	return p, err
}

// payerChange is what a change writes and what the log says of it.
type payerChange struct {
	action  audit.Action
	told    map[string]any
	columns []string
}

func (s *Service) recordPayer(ctx context.Context, p Payer, action audit.Action, told map[string]any) error {
	if told == nil {
		told = map[string]any{}
	}
	told["payer"] = p.Name
	detail, err := json.Marshal(told)
	if err != nil {
		return fault.New(fault.Internal, "internal", fault.Because(err))
	}
	return s.Audit.Record(ctx, audit.Entry{
		CityCode: p.CityCode, OrgPath: p.OrgPath, Action: action, SubjectKind: "dues_payer", SubjectID: p.CompanyID, Detail: string(detail),
	})
}

func accountPlace(city, companyID string) string {
	return vault.Place(city, "dues_payers", companyID, "account")
}

// SetAccount writes down where a payer's refund goes to. Faults: form.invalid
// (with fields), access.denied, not_found dues.no_payer, casework.moved_on.
func (s *Service) SetAccount(ctx context.Context, ref company.Ref, in AccountInput) (Payer, error) {
	if err := in.check(); err != nil {
		return Payer{}, err
	}
	return s.change(ctx, ref, in.Version, func(_ context.Context, r *payerRow) (payerChange, error) {
		r.putAccount(s, in, clock.Today(s.Clock))
		return payerChange{action: actionAccount, told: r.toldAccount(), columns: accountColumns}, nil
	})
}

// RevealAccount gives the number of a payer's account; the reading is in the log
// with its purpose. Faults: invalid dues.purpose, access.denied, not_found
// dues.no_payer, dues.no_account.
func (s *Service) RevealAccount(ctx context.Context, ref company.Ref, purpose string) (string, error) {
	if purpose = strings.TrimSpace(purpose); purpose == "" {
		return "", fault.New(fault.Invalid, "dues.purpose", fault.OnField("purpose", "required"))
	}
	var number string
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		scoped, err := access.For(ctx, access.DuesCollect)
		if err != nil {
			return err
		}
		r, err := s.store.payer(scoped, ref)
		if err != nil {
			return err
		}
		if r.AccountKind == "" {
			return fault.New(fault.NotFound, "dues.no_account")
		}
		plain, err := s.Vault.Open(accountPlace(r.CityCode, r.CompanyID), r.AccountEnc)
		if err != nil {
			return err
		}
		number = string(plain)
		return s.Audit.Record(ctx, audit.Entry{
			CityCode: r.CityCode, OrgPath: r.OrgPath, Action: actionAccountRead, SubjectKind: "dues_payer", SubjectID: r.CompanyID, Purpose: purpose,
		})
	})
	return number, err
}

// SetUnion writes down that a payer's union was founded. Faults: form.invalid (with
// fields), access.denied, not_found dues.no_payer, casework.moved_on.
func (s *Service) SetUnion(ctx context.Context, ref company.Ref, in UnionInput) (Payer, error) {
	w, err := wrongOf(&in)
	if err != nil {
		return Payer{}, err
	}
	if in.FoundedOn > clock.Today(s.Clock) {
		w.add("founded_on", "invalid")
	}
	if err := w.fault(); err != nil {
		return Payer{}, err
	}
	return s.change(ctx, ref, in.Version, func(_ context.Context, r *payerRow) (payerChange, error) {
		r.UnionFoundedOn, r.UnionApproval = in.FoundedOn, in.Approval
		return payerChange{
			action: actionUnion, told: map[string]any{"on": in.FoundedOn.String(), "approval": in.Approval},
			columns: []string{"union_founded_on", "union_approval"},
		}, nil
	})
}

// SignalFounded tells that a company's union was founded; its payload is a Founded.
// Who organises unions emits it, and what was held for the union becomes payable.
const SignalFounded = "organizing.union_founded"

// Founded is the founding of a company's union.
type Founded struct {
	CompanyCity string    `json:"company_city"`
	CompanyID   string    `json:"company_id"`
	On          clock.Day `json:"on"`
	Approval    string    `json:"approval"` // number of the approval
}

// hearFounded writes the founding of a union down at its payer, in the transaction of
// the signal's receipt. A company that pays no dues, or whose union is known, stays.
func (s *Service) hearFounded(ctx context.Context, r signal.Received) error {
	var in Founded
	if err := r.Decode(&in); err != nil {
		return err
	}
	ctx = access.System(ctx, "dues.union_founded")
	ref := company.Ref{City: in.CompanyCity, ID: in.CompanyID}
	p, err := s.GetPayer(ctx, ref)
	if fault.IsKind(err, fault.NotFound) || err == nil && !p.UnionFoundedOn.IsZero() {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = s.SetUnion(ctx, ref, UnionInput{FoundedOn: in.On, Approval: in.Approval, Version: p.Version})
	return err
}

// Exclude excludes a payer from refunds by hand, or takes it in again; lists do not
// change it afterwards. Faults: form.invalid (with fields), access.denied,
// not_found dues.no_payer, casework.moved_on.
func (s *Service) Exclude(ctx context.Context, ref company.Ref, in ExclusionInput) (Payer, error) {
	w, err := wrongOf(&in)
	if err != nil {
		return Payer{}, err
	}
	if in.Kind != "" && !slices.Contains(Exclusions(), in.Kind) {
		w.add("kind", "choice")
	}
	if err := w.fault(); err != nil {
		return Payer{}, err
	}
	return s.change(ctx, ref, in.Version, func(_ context.Context, r *payerRow) (payerChange, error) {
		r.Excluded, r.ExcludedNote = in.Kind, in.Reason
		c := payerChange{action: actionIncluded, told: map[string]any{"reason": in.Reason}, columns: []string{"excluded", "excluded_note"}}
		if in.Kind != "" {
			c.action, c.told["kind"] = actionExcluded, "dues.excluded."+string(in.Kind)
		}
		return c, nil
	})
}
