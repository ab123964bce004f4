package account

import (
	"context"
	"database/sql"
	"time"

	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/base/vault"
	"gonghui/internal/core/access"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/i18n"
)

type accountRow struct {
	bun.BaseModel `bun:"table:accounts,alias:a"`
	ID            string `bun:",pk"`
	Kind          string
	Login         sql.NullString
	PhoneHash     sql.NullString
	PhoneEnc      []byte
	PhoneMask     string
	PersonCity    string
	PersonID      string
	Name          string
	PasswordHash  string
	TotpEnc       []byte
	TotpRequired  bool
	TotpLastStep  int64
	FailedTries   int
	LockedUntil   time.Time `bun:",nullzero"`
	Lang          string
	DisabledAt    time.Time `bun:",nullzero"`
	CreatedAt     time.Time
	LastSignInAt  time.Time `bun:",nullzero"`
}

func (r accountRow) account() Account {
	return Account{
		ID: r.ID, Kind: access.Kind(r.Kind), Login: r.Login.String, PhoneMask: r.PhoneMask,
		Person: access.PersonRef{City: r.PersonCity, ID: r.PersonID}, Name: r.Name, Lang: lang(r.Lang),
		TOTP: len(r.TotpEnc) > 0, TOTPRequired: r.TotpRequired, Disabled: !r.DisabledAt.IsZero(),
		CreatedAt: r.CreatedAt.UTC(), LastSignInAt: r.LastSignInAt.UTC(),
	}
}

func lang(s string) i18n.Lang {
	l, _ := i18n.Parse(s) // Chinese for an account that has not chosen
	return l
}

// place binds a sealed field to its account.
func place(accountID, field string) string { return vault.Place("", "accounts", accountID, field) }

func (s *Service) find(ctx context.Context, where string, arg any) (accountRow, error) {
	var row accountRow
	err := s.DB.Reader(ctx).NewSelect().Model(&row).Where(where, arg).Scan(ctx)
	return row, db.Found(err, errNoAccount)
}

// change sets one column of one account that must be there.
func (s *Service) change(ctx context.Context, accountID, set string, args ...any) error {
	res, err := s.DB.Writer(ctx).NewUpdate().Model((*accountRow)(nil)).Set(set, args...).Where("id = ?", accountID).Exec(ctx)
	return db.Affected(res, err, errNoAccount)
}

type codeRow struct {
	bun.BaseModel `bun:"table:sms_codes,alias:c"`
	ID            string `bun:",pk"`
	PhoneHash     string
	CodeHash      string
	SentAt        time.Time
	ExpiresAt     time.Time
	Tries         int
	UsedAt        time.Time `bun:",nullzero"`
}

// recentCodes gives the codes sent to a number since an instant, newest first.
func (s *Service) recentCodes(ctx context.Context, phoneHash string, since time.Time) ([]codeRow, error) {
	var rows []codeRow
	err := s.DB.Reader(ctx).NewSelect().Model(&rows).Where("phone_hash = ? AND sent_at >= ?", phoneHash, since).
		OrderExpr("sent_at DESC, id DESC").Scan(ctx)
	return rows, db.Fault(err)
}

// newestCode gives the last code sent to a number; false when there is none.
func (s *Service) newestCode(ctx context.Context, phoneHash string) (codeRow, bool, error) {
	var rows []codeRow
	err := s.DB.Reader(ctx).NewSelect().Model(&rows).Where("phone_hash = ?", phoneHash).
		OrderExpr("sent_at DESC, id DESC").Limit(1).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return codeRow{}, false, db.Fault(err)
	}
	return rows[0], true, nil
}

type grantRow struct {
	bun.BaseModel `bun:"table:grants,alias:g"`
	ID            string `bun:",pk"`
	AccountID     string
	Role          string
	UnitID        string
	CompanyCity   string
	CompanyID     string
	GrantedBy     string
	CreatedAt     time.Time
	ExpiresOn     clock.Day
	RevokedAt     time.Time `bun:",nullzero"`
}

// activeGrants reads the grants of an account that count today.
func (s *Service) activeGrants(ctx context.Context, accountID string) ([]grantRow, error) {
	var rows []grantRow
	err := s.DB.Reader(ctx).NewSelect().Model(&rows).Where("account_id = ?", accountID).
		Where("revoked_at IS NULL").Where("(expires_on = '' OR expires_on >= ?)", clock.Today(s.Clock)).
		Order("created_at", "id").Scan(ctx)
	return rows, db.Fault(err)
}

// lastUnit gives the unit of the right on a unit that an account was given last,
// whether it stands or not; empty when it never had one.
func (s *Service) lastUnit(ctx context.Context, accountID string) (string, error) {
	var units []string
	err := s.DB.Reader(ctx).NewSelect().Model((*grantRow)(nil)).Column("unit_id").
		Where("account_id = ? AND unit_id <> ''", accountID).OrderExpr("created_at DESC, id DESC").Limit(1).Scan(ctx, &units)
	if err != nil || len(units) == 0 {
		return "", db.Fault(err)
	}
	return units[0], nil
}

type tokenRow struct {
	bun.BaseModel `bun:"table:tokens,alias:t"`
	ID            string `bun:",pk"`
	TokenHash     string
	AccountID     string
	Purpose       string
	Scope         string
	CreatedAt     time.Time
	ExpiresAt     time.Time
	RevokedAt     time.Time `bun:",nullzero"`
	LastUsedAt    time.Time `bun:",nullzero"`
}
