package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"database/sql"
	"fmt"
	"math/big"
	"strings"
	"time"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/notice"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/ident"
)

// codeDigits is the length of an SMS code: five tries at a million.
const codeDigits = 6

// RequestCode sends a fresh code to a number; older codes of the number are no
// good from then on. The answer is the same whether or not the number has an
// account. Faults: Invalid "account.phone"; RateLimited "account.code_too_soon",
// "account.code_daily", "account.code_wait" (after too many wrong codes) and
// "account.code_ip"; Unavailable "account.sms_down" when the gateway did not take
// the message.
func (s *Service) RequestCode(ctx context.Context, phone, ip string) error {
	phone, err := phoneNumber(phone)
	if err != nil {
		return err
	}
	if wait, ok := s.perIP.take(ip); !ok {
		return tooOften("account.code_ip", wait)
	}
	code := randomDigits(codeDigits)
	var row codeRow
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		row, err = s.nextCode(ctx, s.Vault.Hash("phone", phone))
		if err != nil {
			return err
		}
		row.CodeHash = s.codeHash(row.ID, code)
		if _, err := s.DB.Writer(ctx).NewUpdate().Model((*codeRow)(nil)).Set("used_at = ?", row.SentAt).
			Where("phone_hash = ? AND used_at IS NULL", row.PhoneHash).Exec(ctx); err != nil {
			return db.Fault(err)
		}
		_, err := s.DB.Writer(ctx).NewInsert().Model(&row).Exec(ctx)
		if db.Unique(err, "sms_codes", "id") {
			// Two requests at the same moment counted the same codes of today.
			return tooOften("account.code_too_soon", s.Limits.CodeGap)
		}
		return db.Fault(err)
	})
	if err != nil {
		return err
	}
	// The code is in no table and no job: it goes straight to the gateway.
	lang := i18n.From(ctx)
	text := i18n.T(lang, "notice.sms_frame", "Text",
		i18n.T(lang, "notice.sms_code", "Code", code, "Minutes", int(s.Limits.CodeLife.Minutes())))
	if err := s.SMS.Send(ctx, notice.Message{To: phone, Text: text, Key: row.ID}); err != nil {
		return fault.New(fault.Unavailable, "account.sms_down", fault.After(s.Limits.CodeGap),
			fault.With("Seconds", seconds(s.Limits.CodeGap)), fault.Because(err))
	}
	return nil
}

// nextCode judges the limits of a number and gives the row of its next code. The
// row's id is made of the number, the day and the count of the day, so that of
// two requests at once one meets the primary key.
func (s *Service) nextCode(ctx context.Context, phoneHash string) (codeRow, error) {
	now := s.Clock.Now()
	today := clock.DayOf(now)
	// One statement: the newest code and the count of the day must be of one moment.
	recent, err := s.recentCodes(ctx, phoneHash, today.Add(-1).Start())
	if err != nil {
		return codeRow{}, err
	}
	if len(recent) > 0 {
		last := recent[0]
		if until := s.blockedUntil(last); until.After(now) {
			return codeRow{}, tooOften("account.code_wait", until.Sub(now))
		}
		if again := last.SentAt.Add(s.Limits.CodeGap); again.After(now) {
			return codeRow{}, tooOften("account.code_too_soon", again.Sub(now))
		}
	}
	n := 0
	for _, c := range recent {
		if !c.SentAt.Before(today.Start()) {
			n++
		}
	}
	if n >= s.Limits.CodesPerDay {
		return codeRow{}, tooOften("account.code_daily", today.End().Sub(now))
	}
	return codeRow{
		ID:        fmt.Sprintf("%s-%s-%d", phoneHash[:24], today, n+1),
		PhoneHash: phoneHash, SentAt: now, ExpiresAt: now.Add(s.Limits.CodeLife),
	}, nil
}

// blockedUntil tells when a number may try again after too many wrong codes: the
// try that used up a code moved its expiry to the end of the wait.
func (s *Service) blockedUntil(c codeRow) time.Time {
	if c.Tries >= s.Limits.CodeTries && c.UsedAt.IsZero() {
		return c.ExpiresAt
	}
	return time.Time{}
}

func (s *Service) codeHash(rowID, code string) string {
	return s.Vault.Hash("sms_code", rowID+":"+code)
}

// SignInWithCode signs a worker in and, the first time, makes the account and
// finds or makes the person's record. Faults: Invalid "account.phone" and
// "account.code_wrong" (parameter Left), "account.code_expired" (also for a code
// used or never asked for); RateLimited "account.code_wait"; Unauthenticated
// "account.disabled". It must not be called inside a transaction, which could
// take back the count of tries.
func (s *Service) SignInWithCode(ctx context.Context, phone, code string) (Account, error) {
	if db.InsideTx(ctx) {
		return Account{}, fault.New(fault.Internal, "internal", fault.Because(errInsideTx))
	}
	phone, err := phoneNumber(phone)
	if err != nil {
		return Account{}, err
	}
	code = ident.Clean(code)
	if len(code) != codeDigits || strings.Trim(code, "0123456789") != "" {
		return Account{}, fault.New(fault.Invalid, "account.code_shape", fault.OnField("code", "sms_code"))
	}
	phoneHash := s.Vault.Hash("phone", phone)
	row, err := s.tryCode(ctx, phoneHash, code)
	if err != nil {
		return Account{}, err
	}
	var a Account
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		res, err := s.DB.Writer(ctx).NewUpdate().Model((*codeRow)(nil)).Set("used_at = ?", s.Clock.Now()).
			Where("id = ? AND used_at IS NULL", row.ID).Exec(ctx)
		if err := db.Affected(res, err, codeExpired()); err != nil {
			return err
		}
		a, err = s.worker(ctx, phone, phoneHash, "", "")
		if err != nil {
			return err
		}
		if a.Disabled {
			return errDisabled
		}
		return s.signedIn(ctx, &a)
	})
	return a, err
}

// tryCode pays for one try and then judges the code.
func (s *Service) tryCode(ctx context.Context, phoneHash, code string) (codeRow, error) {
	row, ok, err := s.newestCode(ctx, phoneHash)
	if err != nil {
		return row, err
	}
	if !ok {
		return row, codeExpired()
	}
	now := s.Clock.Now()
	err = s.DB.Writer(ctx).NewUpdate().Model((*codeRow)(nil)).
		Set("tries = tries + 1").
		Set("expires_at = CASE WHEN tries + 1 >= ? THEN ? ELSE expires_at END", s.Limits.CodeTries, now.Add(s.Limits.CodeWait)).
		Where("id = ? AND used_at IS NULL AND tries < ? AND expires_at > ?", row.ID, s.Limits.CodeTries, now).
		Returning("tries").Scan(ctx, &row.Tries)
	if err = db.Found(err, codeExpired()); err != nil {
		// Not paid for: used, replaced, expired, or out of tries meanwhile.
		if again, _, readErr := s.newestCode(ctx, phoneHash); readErr == nil {
			if until := s.blockedUntil(again); until.After(now) {
				return row, tooOften("account.code_wait", until.Sub(now))
			}
		}
		return row, err
	}
	if subtle.ConstantTimeCompare([]byte(row.CodeHash), []byte(s.codeHash(row.ID, code))) == 1 {
		return row, nil
	}
	if left := s.Limits.CodeTries - row.Tries; left > 0 {
		return row, fault.New(fault.Invalid, "account.code_wrong", fault.With("Left", left),
			fault.WithFields(fault.Field{Name: "code", Code: "code_wrong", Key: "fault.account.code_wrong", Params: map[string]any{"Left": left}}))
	}
	return row, tooOften("account.code_wait", s.Limits.CodeWait)
}

func codeExpired() error {
	return fault.New(fault.Invalid, "account.code_expired",
		fault.WithFields(fault.Field{Name: "code", Code: "code_expired", Key: "fault.account.code_expired"}))
}

// EnsureWorker finds or makes the account of a worker whose number was proved in
// another way: it is for the house itself (demo data, a transfer from an older
// programme) and refuses everybody else.
func (s *Service) EnsureWorker(ctx context.Context, phone, name, division string) (Account, error) {
	if a, _ := access.From(ctx); a.Kind != access.KindSystem {
		return Account{}, fault.New(fault.Forbidden, "access.denied")
	}
	phone, err := phoneNumber(phone)
	if err != nil {
		return Account{}, err
	}
	var a Account
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		a, err = s.worker(ctx, phone, s.Vault.Hash("phone", phone), name, division)
		return err
	})
	return a, err
}

// worker finds the account of a proved number or makes it.
func (s *Service) worker(ctx context.Context, phone, phoneHash, name, division string) (Account, error) {
	row, err := s.find(ctx, "phone_hash = ?", phoneHash)
	if err == nil {
		return row.account(), nil
	}
	if !fault.IsKind(err, fault.NotFound) {
		return Account{}, err
	}
	// Nobody is signed in yet: the house looks for the person's record.
	p, _, err := s.Person.FindOrCreateByPhone(access.System(ctx, "account.first_sign_in"), phone, name, division)
	if err != nil {
		return Account{}, fmt.Errorf("person of a new account: %w", err)
	}
	row = accountRow{
		ID: id.New(), Kind: string(access.KindWorker), PhoneHash: sql.NullString{String: phoneHash, Valid: true},
		PhoneMask: ident.MaskPhone(phone), PersonCity: p.CityCode, PersonID: p.ID, Name: p.Name, CreatedAt: s.Clock.Now(),
	}
	row.PhoneEnc = s.Vault.Seal(place(row.ID, "phone"), []byte(phone))
	if _, err := s.DB.Writer(ctx).NewInsert().Model(&row).Exec(ctx); err != nil {
		return Account{}, db.Fault(err)
	}
	return row.account(), nil
}

// signedIn marks a success: the counters begin anew and the log knows.
func (s *Service) signedIn(ctx context.Context, a *Account) error {
	a.LastSignInAt = s.Clock.Now()
	res, err := s.DB.Writer(ctx).NewUpdate().Model((*accountRow)(nil)).
		Set("last_sign_in_at = ?", a.LastSignInAt).Set("failed_tries = 0").Set("locked_until = NULL").
		Where("id = ?", a.ID).Exec(ctx)
	if err := db.Affected(res, err, errNoAccount); err != nil {
		return err
	}
	return s.record(access.Enter(ctx, access.Actor{AccountID: a.ID, Name: a.Name, Kind: a.Kind}), "account.sign_in", a.ID, "")
}

func randomDigits(n int) string {
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
	v, _ := rand.Int(rand.Reader, limit) // crypto/rand does not fail (Go 1.24)
	return fmt.Sprintf("%0*d", n, v)
}

// tooOften is a RateLimited fault that says how long to wait, in whole seconds
// and in minutes begun.
func tooOften(code string, wait time.Duration) error {
	return fault.New(fault.RateLimited, code, fault.After(wait),
		fault.With("Seconds", seconds(wait)), fault.With("Minutes", (seconds(wait)+59)/60))
}

func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }
