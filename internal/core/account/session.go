package account

import (
	"context"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/uptrace/bun"

	"gonghui/internal/base/db"
	"gonghui/internal/base/vault"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// SessionKey is the name under which a face puts the account's id (a string)
// into its session, so that the account's sessions can be found and ended.
const SessionKey = "account"

// A session ends when nobody used it for sessionIdle. Its use is written down at
// most once in sessionTouch: a page that only reads writes nothing.
const (
	sessionIdle  = 7 * 24 * time.Hour
	sessionTouch = time.Hour
)

// SessionStore keeps scs sessions in the database. The cookie's token is kept
// as a keyed hash: who reads the table cannot take over a session.
type SessionStore struct {
	db    *db.DB
	vault *vault.Vault
	clock clock.Clock
	codec scs.Codec
}

var _ scs.CtxStore = (*SessionStore)(nil)

// NewSessionStore makes the store. The session manager must use scs.GobCodec,
// its default: the store reads SessionKey and the end of the session's life out
// of the data. Its IdleTimeout must be 0: with one it writes at every request,
// and the store watches over idle sessions itself.
func NewSessionStore(d *db.DB, v *vault.Vault, c clock.Clock) *SessionStore {
	return &SessionStore{db: d, vault: v, clock: c, codec: scs.GobCodec{}}
}

type sessionRow struct {
	bun.BaseModel `bun:"table:sessions,alias:s"`
	TokenHash     string `bun:",pk"`
	AccountID     string
	Data          []byte
	ExpiresAt     time.Time
}

func (s *SessionStore) hash(token string) string { return s.vault.Hash("session", token) }

// FindCtx gives the data of a session that is not over, and keeps one that is in
// use from ending.
func (s *SessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	row, now := sessionRow{TokenHash: s.hash(token)}, s.clock.Now()
	err := s.db.Reader(ctx).NewSelect().Model(&row).Column("data", "expires_at").WherePK().Where("expires_at > ?", now).Scan(ctx)
	if err = db.Fault(err); fault.IsKind(err, fault.NotFound) {
		return nil, false, nil
	}
	if err == nil && row.ExpiresAt.Before(now.Add(sessionIdle-sessionTouch)) {
		err = s.touch(ctx, row, now)
	}
	return row.Data, err == nil, err
}

// touch moves the end of an idle session on, up to the end of its life. Of two
// requests at once one does it.
func (s *SessionStore) touch(ctx context.Context, row sessionRow, now time.Time) error {
	life, _, err := s.codec.Decode(row.Data)
	if err != nil {
		return fault.New(fault.Internal, "internal", fault.Because(err))
	}
	until := idleEnd(life, now)
	if !until.After(row.ExpiresAt) {
		return nil
	}
	_, err = s.db.Writer(ctx).NewUpdate().Model((*sessionRow)(nil)).Set("expires_at = ?", until).
		Where("token_hash = ? AND expires_at > ? AND expires_at < ?", row.TokenHash, now, until).Exec(ctx)
	return db.Fault(err)
}

// idleEnd is when a session ends that is not used again.
func idleEnd(life, now time.Time) time.Time {
	if idle := now.Add(sessionIdle); idle.Before(life) {
		life = idle
	}
	return life.UTC().Truncate(time.Microsecond)
}

// CommitCtx writes a session that lives until expiry.
func (s *SessionStore) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	row := sessionRow{TokenHash: s.hash(token), Data: data, ExpiresAt: idleEnd(expiry, s.clock.Now())}
	if _, values, err := s.codec.Decode(data); err == nil {
		row.AccountID, _ = values[SessionKey].(string)
	}
	_, err := s.db.Writer(ctx).NewInsert().Model(&row).On("CONFLICT (token_hash) DO UPDATE").
		Set("account_id = EXCLUDED.account_id").Set("data = EXCLUDED.data").Set("expires_at = EXCLUDED.expires_at").Exec(ctx)
	return db.Fault(err)
}

// DeleteCtx ends a session; one that is gone already is no error.
func (s *SessionStore) DeleteCtx(ctx context.Context, token string) error {
	_, err := s.db.Writer(ctx).NewDelete().Model((*sessionRow)(nil)).Where("token_hash = ?", s.hash(token)).Exec(ctx)
	return db.Fault(err)
}

// Find, Commit and Delete complete scs.Store; scs calls the Ctx methods.
func (s *SessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (s *SessionStore) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context.
func (s *SessionStore) Delete(token string) error {
	return s.DeleteCtx(context.Background(), token)
}

// SignOutEverywhere ends all sessions of an account: for the account itself, or
// for who administers it (mayManage). Bearer tokens stay; they are revoked one by one.
func (s *Service) SignOutEverywhere(ctx context.Context, accountID string) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if !isSelf(ctx, accountID) {
			if err := s.mayManage(ctx, accountID); err != nil {
				return err
			}
		}
		if err := s.endSessions(ctx, accountID); err != nil {
			return err
		}
		return s.record(ctx, "account.sign_out_everywhere", accountID, "")
	})
}

func (s *Service) endSessions(ctx context.Context, accountID string) error {
	if accountID == "" {
		return errNoAccount // visitors' sessions have no account
	}
	_, err := s.DB.Writer(ctx).NewDelete().Model((*sessionRow)(nil)).Where("account_id = ?", accountID).Exec(ctx)
	return db.Fault(err)
}

// keepFor is how long used codes (they carry the count of the day) and form
// receipts are kept.
const keepFor = 48 * time.Hour

// PurgeExpired clears sessions that are over, old SMS codes, old form receipts and
// answers kept long enough, and tells how many rows went. It is run by a job each
// hour.
func (s *Service) PurgeExpired(ctx context.Context) (int64, error) {
	now := s.Clock.Now()
	var total int64
	for _, q := range []*bun.DeleteQuery{
		s.DB.Writer(ctx).NewDelete().Model((*sessionRow)(nil)).Where("expires_at <= ?", now),
		s.DB.Writer(ctx).NewDelete().Model((*codeRow)(nil)).Where("sent_at < ?", now.Add(-keepFor)),
		s.DB.Writer(ctx).NewDelete().Model((*receiptRow)(nil)).Where("created_at < ?", now.Add(-keepFor)),
		s.DB.Writer(ctx).NewDelete().Model((*answerRow)(nil)).Where("expires_at <= ?", now),
	} {
		res, err := q.Exec(ctx)
		if err != nil {
			return total, db.Fault(err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return total, db.Fault(err)
		}
		total += n
	}
	return total, nil
}
