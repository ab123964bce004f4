package dues

import (
	"context"

	"gonghui/internal/core/access"
	"gonghui/internal/core/company"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/ident"
)

// PayerAccount is the account of one payer in a list of them.
type PayerAccount struct {
	Company company.Ref
	AccountInput
}

// SetAccounts is SetAccount for a list, as a county gets it from its unions: all of
// it or nothing, whatever version the records have; each is in the log. Faults:
// those of SetAccount, of the first that is wrong.
func (s *Service) SetAccounts(ctx context.Context, list []PayerAccount) error {
	for i := range list {
		if err := list[i].check(); err != nil {
			return err
		}
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		scoped, err := access.For(ctx, access.DuesCollect)
		if err != nil {
			return err
		}
		refs := make([]company.Ref, len(list))
		for i, a := range list {
			refs[i] = a.Company
		}
		rows, err := s.store.payersByRef(scoped, refs)
		if err != nil {
			return err
		}
		today := clock.Today(s.Clock)
		for _, a := range list {
			r := rows[a.Company]
			if r == nil {
				return errNoPayer()
			}
			if err := access.Require(ctx, access.DuesCollect, r.OrgPath); err != nil {
				return err
			}
			r.putAccount(s, a.AccountInput, today)
			r.UpdatedAt = s.Clock.Now()
			if err := s.store.updatePayer(ctx, r, accountColumns...); err != nil {
				return err
			}
			if err := s.recordPayer(ctx, r.payer(), actionAccount, r.toldAccount()); err != nil {
				return err
			}
		}
		return nil
	})
}

// accountColumns are where an account stands on a payer.
var accountColumns = []string{"account_name", "account_kind", "account_bank", "account_bank_as", "account_enc", "account_mask", "account_hash", "account_since"}

// putAccount writes an account that was checked.
func (r *payerRow) putAccount(s *Service, in AccountInput, today clock.Day) {
	r.AccountName, r.AccountKind, r.AccountBank, r.AccountBankAs = in.Name, in.Kind, in.Bank, in.BankAs
	r.AccountEnc = s.Vault.Seal(accountPlace(r.CityCode, r.CompanyID), []byte(in.Number))
	r.AccountMask, r.AccountHash = ident.MaskBankCard(in.Number), s.Vault.Hash(accountKind, in.Number)
	r.AccountSince = today
}

// toldAccount is what the log says of a new account.
func (r *payerRow) toldAccount() map[string]any {
	return map[string]any{"kind": "dues.account." + string(r.AccountKind), "mask": r.AccountMask}
}

// Rematch looks again for the companies of lines of signed files that nobody was
// found for, or that were recognised weakly: after a census more of them are known.
// What is on a list of refunds stays. It gives how many lines it found a company
// for, and how many it still knows none for. Faults: access.denied, not_found
// org.no_unit.
func (s *Service) Rematch(ctx context.Context, unitID string) (found, left int, err error) {
	unit, ok := s.Org.ByID(unitID)
	if !ok || !unit.Stands() {
		return 0, 0, fault.New(fault.NotFound, "org.no_unit")
	}
	if err := access.Require(ctx, access.DuesCollect, unit.Path); err != nil {
		return 0, 0, err
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		found, left = 0, 0
		rows, err := s.store.weakLines(ctx, unit)
		if err != nil {
			return err
		}
		lines := make([]Line, len(rows))
		for i, r := range rows {
			lines[i] = r.line()
		}
		matches, err := s.recognise(ctx, unit.Path, lines)
		if err != nil {
			return err
		}
		if err := s.EnsurePayers(ctx, payersOf(matches)); err != nil {
			return err
		}
		for i, m := range matches {
			switch {
			case m.By == "":
				left++
			case m.Confidence > rows[i].Confidence:
				found++
				rows[i].match(m)
				if err := s.store.rematch(ctx, rows[i]); err != nil {
					return err
				}
				if certain(m) {
					if err := s.store.clearUnknown(ctx, rows[i], s.Clock.Now()); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
	return found, left, err
}
