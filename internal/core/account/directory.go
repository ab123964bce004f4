package account

import (
	"context"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/core/notice"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

var _ notice.Directory = (*Service)(nil)

// Recipient gives where and in which language an account is written to, for
// notice. An account without a phone has an empty one.
func (s *Service) Recipient(ctx context.Context, accountID string) (notice.Recipient, error) {
	row, err := s.find(ctx, "id = ?", accountID)
	if err != nil {
		return notice.Recipient{}, err
	}
	r := notice.Recipient{AccountID: row.ID, PhoneMask: row.PhoneMask, Lang: lang(row.Lang)}
	if len(row.PhoneEnc) > 0 {
		phone, err := s.Vault.Open(place(row.ID, "phone"), row.PhoneEnc)
		if err != nil {
			return notice.Recipient{}, err
		}
		r.Phone = string(phone)
	}
	return r, nil
}

// Named gives accounts by id, for rooms that say who acted; an id that is no
// account has none.
func (s *Service) Named(ctx context.Context, ids []string) (map[string]Account, error) {
	out := make(map[string]Account, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	var rows []accountRow
	if err := s.DB.Reader(ctx).NewSelect().Model(&rows).Where("id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, db.Fault(err)
	}
	for _, r := range rows {
		out[r.ID] = r.account()
	}
	return out, nil
}

// IDOfLogin gives the id of the staff account with the login, for a search that
// asks by it; empty when there is none.
func (s *Service) IDOfLogin(ctx context.Context, login string) (string, error) {
	row, err := s.find(ctx, "login = ?", cleanLogin(login))
	if fault.IsKind(err, fault.NotFound) {
		return "", nil
	}
	return row.ID, err
}

// FindByPerson gives the account of a person; false when the person has never
// signed in.
func (s *Service) FindByPerson(ctx context.Context, city, personID string) (string, bool, error) {
	if personID == "" {
		return "", false, nil
	}
	row, err := s.find(ctx, "person_id = ?", personID)
	if fault.IsKind(err, fault.NotFound) || err == nil && row.PersonCity != city {
		return "", false, nil
	}
	return row.ID, err == nil, err
}

// ListForCompany gives the accounts that act for a company today, the oldest
// grant first.
func (s *Service) ListForCompany(ctx context.Context, companyID string) ([]string, error) {
	if companyID == "" {
		return []string{}, nil
	}
	ids := []string{}
	err := s.DB.Reader(ctx).NewSelect().TableExpr("grants AS g").Join("JOIN accounts AS a ON a.id = g.account_id").
		ColumnExpr("g.account_id").Where("g.company_id = ?", companyID).
		Where("g.revoked_at IS NULL AND (g.expires_on = '' OR g.expires_on >= ?)", clock.Today(s.Clock)).
		Where("a.disabled_at IS NULL").GroupExpr("g.account_id").OrderExpr("min(g.created_at), g.account_id").Scan(ctx, &ids)
	return ids, db.Fault(err)
}
