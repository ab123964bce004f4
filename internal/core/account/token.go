package account

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
)

// tokenPrefix lets scanners of leaked secrets recognise ours.
const tokenPrefix = "gonghui_"

// usedEvery is how exactly the last use of a token is known.
const usedEvery = 5 * time.Minute

// Token is a bearer secret, without the secret.
type Token struct {
	ID         string
	AccountID  string
	Purpose    string
	Scope      []access.Capability
	CreatedAt  time.Time
	ExpiresAt  time.Time
	RevokedAt  time.Time // zero = stands
	LastUsedAt time.Time // zero = never; exact to five minutes
}

func (r tokenRow) token() Token {
	return Token{
		ID: r.ID, AccountID: r.AccountID, Purpose: r.Purpose, Scope: access.Parse(r.Scope), CreatedAt: r.CreatedAt.UTC(),
		ExpiresAt: r.ExpiresAt.UTC(), RevokedAt: r.RevokedAt.UTC(), LastUsedAt: r.LastUsedAt.UTC(),
	}
}

// IssueToken makes a bearer token for the actor's own account, or for any
// account when the house itself asks. The secret is shown this once. A token
// cannot issue tokens. The scope may name capabilities the account does not
// have: they open nothing until it has. Faults: Invalid "account.token_input"
// with fields purpose, scope, ttl; NotFound "account.unknown".
func (s *Service) IssueToken(ctx context.Context, accountID, purpose string, scope []access.Capability, ttl time.Duration) (string, Token, error) {
	if a, _ := access.From(ctx); a.Kind != access.KindSystem && !isSelf(ctx, accountID) {
		return "", Token{}, errNoAccount
	}
	purpose = strings.TrimSpace(purpose)
	bad := fault.New(fault.Invalid, "account.token_input")
	if n := utf8.RuneCountInString(purpose); n == 0 || n > 200 || strings.ContainsAny(purpose, "\x00\r\n") {
		fault.OnField("purpose", "token_purpose")(bad)
	}
	known := len(scope) > 0
	for _, c := range scope {
		known = known && access.Known(c)
	}
	if !known {
		fault.OnField("scope", "token_scope")(bad)
	}
	if ttl < time.Minute || ttl > s.Limits.TokenLife {
		fault.OnField("ttl", "token_ttl")(bad)
	}
	if len(bad.Fields) > 0 {
		return "", Token{}, bad
	}
	secret := tokenPrefix + id.Token(32)
	now := s.Clock.Now()
	row := tokenRow{
		ID: id.New(), TokenHash: s.Vault.Hash("token", secret), AccountID: accountID, Purpose: purpose,
		Scope: access.Format(scope), CreatedAt: now, ExpiresAt: now.Add(ttl),
	}
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.find(ctx, "id = ?", accountID); err != nil {
			return err
		}
		if _, err := s.DB.Writer(ctx).NewInsert().Model(&row).Exec(ctx); err != nil {
			return db.Fault(err)
		}
		return s.record(ctx, "account.issue_token", accountID, row.ID+" "+row.Scope)
	})
	if err != nil {
		return "", Token{}, err
	}
	return secret, row.token(), nil
}

// ActorForToken gives the actor behind a bearer secret, narrowed to the token's
// scope by access.Enter. Fault: Unauthenticated "account.token", the same for an
// unknown, an expired and a revoked one; "account.disabled".
func (s *Service) ActorForToken(ctx context.Context, secret string) (access.Actor, error) {
	none := fault.New(fault.Unauthenticated, "account.token")
	if !strings.HasPrefix(secret, tokenPrefix) || len(secret) > 100 {
		return access.Actor{}, none
	}
	now := s.Clock.Now()
	var row tokenRow
	err := s.DB.Reader(ctx).NewSelect().Model(&row).Where("token_hash = ?", s.Vault.Hash("token", secret)).
		Where("revoked_at IS NULL AND expires_at > ?", now).Scan(ctx)
	if err = db.Found(err, none); err != nil {
		return access.Actor{}, err
	}
	a, err := s.Load(ctx, row.AccountID)
	if err != nil {
		return access.Actor{}, err
	}
	a.TokenID, a.Purpose, a.Narrow = row.ID, row.Purpose, access.Parse(row.Scope)
	if now.Sub(row.LastUsedAt) >= usedEvery {
		if _, err := s.DB.Writer(ctx).NewUpdate().Model((*tokenRow)(nil)).Set("last_used_at = ?", now).
			Where("id = ?", row.ID).Exec(ctx); err != nil {
			return access.Actor{}, db.Fault(err)
		}
	}
	return a, nil
}

// ListTokens gives the tokens of an account that still open something, the
// newest first, to the account itself and to who administers it; for others it is
// NotFound "account.unknown".
func (s *Service) ListTokens(ctx context.Context, accountID string) ([]Token, error) {
	if !isSelf(ctx, accountID) {
		if err := s.mayManage(ctx, accountID); err != nil {
			return nil, err
		}
	}
	var rows []tokenRow
	err := s.DB.Reader(ctx).NewSelect().Model(&rows).Where("account_id = ?", accountID).
		Where("revoked_at IS NULL AND expires_at > ?", s.Clock.Now()).OrderExpr("created_at DESC, id DESC").Scan(ctx)
	if err != nil {
		return nil, db.Fault(err)
	}
	out := make([]Token, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.token())
	}
	return out, nil
}

// RevokeToken ends a token of the actor's own account, or any token for who
// administers the account. Fault: NotFound "account.token_unknown".
func (s *Service) RevokeToken(ctx context.Context, tokenID string) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		none := fault.New(fault.NotFound, "account.token_unknown")
		var row tokenRow
		err := s.DB.Reader(ctx).NewSelect().Model(&row).Where("id = ?", tokenID).Scan(ctx)
		if err = db.Found(err, none); err != nil {
			return err
		}
		if !isSelf(ctx, row.AccountID) {
			if err := s.mayManage(ctx, row.AccountID); fault.IsKind(err, fault.NotFound) || fault.IsKind(err, fault.Forbidden) {
				return none
			} else if err != nil {
				return err
			}
		}
		res, err := s.DB.Writer(ctx).NewUpdate().Model((*tokenRow)(nil)).Set("revoked_at = ?", s.Clock.Now()).
			Where("id = ? AND revoked_at IS NULL", tokenID).Exec(ctx)
		if err := db.Affected(res, err, none); err != nil {
			return err
		}
		return s.record(ctx, "account.revoke_token", row.AccountID, row.ID)
	})
}
