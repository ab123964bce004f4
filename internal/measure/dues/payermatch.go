package dues

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/company"
	"gonghui/internal/kit/ident"
)

// ByAccount is how a line's company is recognised where neither code nor name
// tell it: by the account that paid, with confidence 50.
const ByAccount = "account"

// accountKind is what an account's number is hashed as.
const accountKind = "dues_account"

// accountNumber is the one spelling of an account: digits and letters only.
func accountNumber(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, ident.Clean(s))
}

// certain tells whether the line's own code names the company, or one that it absorbed.
func certain(m company.Match) bool {
	return m.By == company.ByCreditCode || m.By == company.ByMergedCode
}

// recognise finds the companies of lines: by code and name, else by the account
// that paid among the payers of the unit, where only one has it.
func (s *Service) recognise(ctx context.Context, unit string, lines []Line) ([]company.Match, error) {
	listed := make([]company.Listed, len(lines))
	for i, l := range lines {
		listed[i] = company.Listed{CreditCode: l.CreditCode, Name: l.Name}
	}
	matches, err := s.Companies.Recognise(access.System(ctx, "dues.take_file"), listed)
	if err != nil {
		return nil, err
	}
	hashes := map[string][]int{}
	for i, m := range matches {
		if m.By == "" && lines[i].Account != "" {
			h := s.Vault.Hash(accountKind, lines[i].Account)
			hashes[h] = append(hashes[h], i)
		}
	}
	payers, err := s.store.payersByAccount(ctx, unit, hashes)
	if err != nil {
		return nil, err
	}
	for hash, p := range payers {
		for _, i := range hashes[hash] {
			matches[i] = company.Match{
				Known: company.Known{CityCode: p.City, ID: p.ID, OrgPath: p.orgPath, Name: p.name}, By: ByAccount, Confidence: 50,
			}
		}
	}
	return matches, nil
}

// accountHolder is a payer that is the only one with its account.
type accountHolder struct {
	company.Ref
	orgPath, name string
}

// payersByAccount gives the payers below a unit by the hashes of their accounts,
// without those accounts that several share (上代下).
func (s store) payersByAccount(ctx context.Context, unit string, hashes map[string][]int) (map[string]accountHolder, error) {
	if len(hashes) == 0 {
		return nil, nil
	}
	list := make([]string, 0, len(hashes))
	for h := range hashes {
		list = append(list, h)
	}
	out, shared := map[string]accountHolder{}, map[string]bool{}
	from, to := db.Subtree(unit)
	for len(list) > 0 {
		part := list[:min(len(list), 500)]
		list = list[len(part):]
		var rows []payerRow
		err := s.db.Reader(ctx).NewSelect().Model(&rows).Column("city_code", "company_id", "org_path", "name", "account_hash").
			Where("p.account_hash IN (?) AND p.account_hash <> '' AND p.org_path >= ? AND p.org_path < ?", bun.List(part), from, to).Scan(ctx)
		if err != nil {
			return nil, db.Fault(err)
		}
		for _, r := range rows {
			_, again := out[r.AccountHash]
			shared[r.AccountHash] = shared[r.AccountHash] || again
			out[r.AccountHash] = accountHolder{company.Ref{City: r.CityCode, ID: r.CompanyID}, r.OrgPath, r.Name}
		}
	}
	for h, yes := range shared {
		if yes {
			delete(out, h)
		}
	}
	return out, nil
}
