package ledger

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"gonghui/internal/base/audit"
	"gonghui/internal/core/access"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/money"
)

// Kind says on which side an account grows.
type Kind string

// The kinds of accounts.
const (
	Asset     Kind = "asset"
	Liability Kind = "liability"
	Equity    Kind = "equity"
	Income    Kind = "income"
	Expense   Kind = "expense"
)

// debitGrows tells on which side the kind grows.
func (k Kind) debitGrows() bool { return k == Asset || k == Expense }

// natural is a balance counted on the side the kind grows on.
func (k Kind) natural(debit, credit money.Fen) money.Fen {
	if k.debitGrows() {
		return debit - credit
	}
	return credit - debit
}

// Code is one line of the chart of accounts. Its text is "ledger.code." + Code.
type Code struct {
	Code    string // a short word: bank, dues_income
	Kind    Kind
	Guarded bool // accounts of this code never fall below zero
}

// Clearing is the code through which money between cities passes; Transfer opens
// such an account on either side. Over all cities they come to zero.
const Clearing = "clearing"

// word is what codes, funds and kinds of entries are made of.
var word = regexp.MustCompile(`^[a-z][a-z0-9_.]{0,59}$`)

// Register adds codes to the chart at start-up; it refuses a word twice.
func (s *Service) Register(codes ...Code) error {
	for _, c := range codes {
		switch c.Kind {
		case Asset, Liability, Equity, Income, Expense:
		default:
			return fmt.Errorf("code %q of the chart has kind %q", c.Code, c.Kind)
		}
		if _, twice := s.chart[c.Code]; twice || !word.MatchString(c.Code) || strings.Contains(c.Code, ".") {
			return fmt.Errorf("code %q of the chart is registered twice or is no word", c.Code)
		}
		s.chart[c.Code] = c
	}
	return nil
}

// Account is one account of one unit's books, in CNY.
type Account struct {
	City     string // custody, of the unit
	ID       string // given by Open
	UnitID   string
	OrgPath  string
	Fund     string // dues, preparation … a word of the room
	Code     string // of the chart
	Party    string // with whom, where that is kept apart: a company's id; may be empty
	Kind     Kind   // given by the chart
	Name     string // what people call it beside the text of the code; may be empty, no personal data
	Guarded  bool   // given by the chart, or asked for
	ClosedOn clock.Day
}

// TextKey is the message key of the account's code.
func (a Account) TextKey() string { return "ledger.code." + a.Code }

// Open gives the account of a unit, fund, code and party, and opens it where
// there is none. Faults: ledger.account (a part is missing), not_found
// ledger.account_unknown out of scope, forbidden access.denied.
func (s *Service) Open(ctx context.Context, a Account) (Account, error) {
	all, err := s.OpenMany(ctx, []Account{a})
	if err != nil {
		return Account{}, err
	}
	return all[0], nil
}

// OpenMany is Open for many accounts, all or none, in the order given.
func (s *Service) OpenMany(ctx context.Context, list []Account) ([]Account, error) {
	now := s.clock.Now()
	rows := make([]accountRow, len(list))
	for i, a := range list {
		c, ok := s.chart[a.Code]
		if !ok {
			return nil, internal(fmt.Errorf("code %q is not in the chart", a.Code))
		}
		if a.City == "" || a.UnitID == "" || !access.ValidPath(a.OrgPath) || !word.MatchString(a.Fund) || len(a.Party) > maxKey || len(a.Name) > maxKey {
			return nil, fault.New(fault.Invalid, "ledger.account")
		}
		if err := may(ctx, access.LedgerPost, a.OrgPath); err != nil {
			return nil, err
		}
		rows[i] = accountRow{
			CityCode: a.City, ID: id.New(), UnitID: a.UnitID, OrgPath: a.OrgPath, Fund: a.Fund, Code: a.Code, Party: a.Party,
			Kind: c.Kind, Name: a.Name, Guarded: c.Guarded || a.Guarded, OpenedAt: now,
		}
	}
	out := make([]Account, len(list))
	err := s.db.InTx(ctx, func(ctx context.Context) error {
		got, err := s.store.open(ctx, rows)
		if err != nil {
			return err
		}
		for i, r := range rows {
			found, ok := got[r.place()]
			if !ok {
				return internal(fmt.Errorf("account %s %s %s is not there after opening", r.UnitID, r.Fund, r.Code))
			}
			// The place of an account says more than a unit of the same id elsewhere.
			if err := may(ctx, access.LedgerPost, found.OrgPath); err != nil {
				return err
			}
			out[i] = found.account()
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Get gives an account to whoever may read it, else not_found
// ledger.account_unknown.
func (s *Service) Get(ctx context.Context, city, accountID string) (Account, error) {
	r, err := s.store.account(ctx, city, accountID)
	if err != nil {
		return Account{}, err
	}
	if !access.Can(ctx, access.LedgerRead, r.OrgPath) {
		return Account{}, errAccountUnknown
	}
	return r.account(), nil
}

// CloseAccount ends an account that is empty and has nothing held, on a day; it takes no entry
// any more. Faults: ledger.account_unknown, ledger.not_empty, ledger.account_closed,
// forbidden.
func (s *Service) CloseAccount(ctx context.Context, city, accountID string) error {
	return s.db.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.store.lockHead(ctx, city); err != nil {
			return err
		}
		states, err := s.store.states(ctx, city, []string{accountID})
		if err != nil {
			return err
		}
		a, ok := states[accountID]
		if !ok {
			return errAccountUnknown
		}
		if err := may(ctx, access.LedgerClose, a.OrgPath); err != nil {
			return err
		}
		switch {
		case a.ClosedOn != 0:
			return fault.New(fault.Conflict, "ledger.account_closed")
		case a.DebitFen != a.CreditFen || a.HeldFen != 0:
			return fault.New(fault.Conflict, "ledger.not_empty")
		}
		if err := s.store.closeAccount(ctx, city, accountID, clock.Today(s.clock)); err != nil {
			return err
		}
		return s.audit.Record(ctx, audit.Entry{
			CityCode: city, OrgPath: a.OrgPath, Action: "ledger.account_closed", SubjectKind: "ledger_account", SubjectID: accountID,
		})
	})
}

// may refuses like a policy: what the actor may not even read does not exist.
func may(ctx context.Context, c access.Capability, path string) error {
	if access.Can(ctx, c, path) {
		return nil
	}
	if _, in := access.From(ctx); in && !access.Can(ctx, access.LedgerRead, path) {
		return errAccountUnknown
	}
	return access.Require(ctx, c, path)
}
