package account

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
)

var errInsideTx = errors.New("sign-in inside a transaction")

// NewStaff is what a staff account is made of.
type NewStaff struct {
	Login        string // 3 to 32 of a-z 0-9 . _ -, unique
	Name         string
	Password     string
	TOTPRequired bool // no grants before a TOTP device is enrolled
}

var loginShape = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{2,31}$`)

func cleanLogin(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// CreateStaff makes a staff account without grants. It needs GrantsManage.
// Faults: Invalid "account.staff" with fields login and name, Invalid
// "account.password", Conflict "account.login_taken".
func (s *Service) CreateStaff(ctx context.Context, in NewStaff) (Account, error) {
	if err := access.RequireAnywhere(ctx, access.GrantsManage); err != nil {
		return Account{}, err
	}
	in.Login, in.Name = cleanLogin(in.Login), strings.TrimSpace(in.Name)
	bad := fault.New(fault.Invalid, "account.staff")
	if !loginShape.MatchString(in.Login) {
		fault.OnField("login", "login")(bad)
	}
	if n := utf8.RuneCountInString(in.Name); n == 0 || n > 50 || strings.ContainsAny(in.Name, "\x00\r\n\t<>") {
		fault.OnField("name", "name")(bad)
	}
	if len(bad.Fields) > 0 {
		return Account{}, bad
	}
	if err := CheckPassword(in.Password, in.Login); err != nil {
		return Account{}, err
	}
	hash, err := s.hash(ctx, in.Password)
	if err != nil {
		return Account{}, err
	}
	row := accountRow{
		ID: id.New(), Kind: string(access.KindStaff), Login: sql.NullString{String: in.Login, Valid: true}, Name: in.Name,
		PasswordHash: hash, TotpRequired: in.TOTPRequired, CreatedAt: s.Clock.Now(),
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		_, err := s.DB.Writer(ctx).NewInsert().Model(&row).Exec(ctx)
		if db.Unique(err, "accounts", "login") {
			return fault.New(fault.Conflict, "account.login_taken", fault.OnField("login", "login_taken"))
		}
		if err != nil {
			return db.Fault(err)
		}
		return s.recordAt(ctx, maker(ctx), "account.create_staff", row.ID, in.Login)
	})
	if err != nil {
		return Account{}, err
	}
	return row.account(), nil
}

// maker is the highest unit on which the actor administers: an account that has no
// right yet stands in the log of whoever made it.
func maker(ctx context.Context) string {
	by, _ := access.From(ctx)
	for _, g := range by.Units() {
		if access.Can(ctx, access.GrantsManage, g.Path) {
			return g.Path
		}
	}
	return access.Root
}

// SignInStaff signs staff in. Faults: Unauthenticated "account.sign_in_wrong"
// (login or password), "account.totp_needed" (the password is right, a code has
// to be given), "account.totp_wrong" (also for a code used before),
// "account.disabled"; RateLimited "account.locked", and "account.sign_in_ip" after
// too many wrong ones from the address, whatever the logins were; Unavailable
// "account.busy". A login that does not exist is answered, and locked, like one
// that does. Not inside a transaction.
func (s *Service) SignInStaff(ctx context.Context, login, password, code, address string) (Account, error) {
	if db.InsideTx(ctx) {
		return Account{}, fault.New(fault.Internal, "internal", fault.Because(errInsideTx))
	}
	if wait, ok := s.wrongAt.take(address); !ok {
		return Account{}, tooOften("account.sign_in_ip", wait)
	}
	a, err := s.judge(ctx, cleanLogin(login), password, code)
	if !fault.HasCode(err, "account.sign_in_wrong") && !fault.HasCode(err, "account.totp_wrong") {
		s.wrongAt.giveBack(address)
	}
	return a, err
}

func (s *Service) judge(ctx context.Context, login, password, code string) (Account, error) {
	done, err := s.turn(ctx)
	if err != nil {
		return Account{}, err
	}
	defer done()
	row, err := s.find(ctx, "login = ?", login)
	if fault.IsKind(err, fault.NotFound) {
		if wait, ok := s.unknown.take(login + " "); !ok {
			return Account{}, tooOften("account.locked", wait)
		}
		_, _ = s.verify(password, s.nobody)
		return Account{}, fault.New(fault.Unauthenticated, "account.sign_in_wrong")
	}
	if err != nil {
		return Account{}, err
	}
	tries, err := s.payTry(ctx, row.ID)
	if err != nil {
		return Account{}, err
	}
	right, err := s.verify(password, row.PasswordHash)
	if err != nil {
		return Account{}, fault.New(fault.Internal, "internal", fault.Because(err))
	}
	if !right {
		if tries >= s.Limits.PasswordTries {
			if err := s.record(ctx, "account.lock", row.ID, ""); err != nil {
				return Account{}, err
			}
		}
		return Account{}, fault.New(fault.Unauthenticated, "account.sign_in_wrong")
	}
	if !row.DisabledAt.IsZero() {
		return Account{}, errDisabled
	}
	a := row.account()
	if a.TOTP {
		if strings.TrimSpace(code) == "" {
			return Account{}, s.askTOTP(ctx, row.ID)
		}
		if err := s.useTOTP(ctx, row, code); err != nil {
			return Account{}, err
		}
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error { return s.signedIn(ctx, &a) })
	return a, err
}

// payTry takes one try from the login before the password is looked at. The try
// that uses up the last one sets the lock; a success takes both away. After a
// lock the count begins anew. It gives the number of tries paid so far.
func (s *Service) payTry(ctx context.Context, accountID string) (int, error) {
	now := s.Clock.Now()
	var tries int
	err := s.DB.Writer(ctx).NewUpdate().Model((*accountRow)(nil)).
		Set("failed_tries = CASE WHEN locked_until IS NULL THEN failed_tries + 1 ELSE 1 END").
		// NULLIF gives a NULL of the column's type, which PostgreSQL asks for.
		Set("locked_until = CASE WHEN locked_until IS NULL AND failed_tries + 1 >= ? THEN ? ELSE NULLIF(locked_until, locked_until) END",
			s.Limits.PasswordTries, now.Add(s.Limits.PasswordLock)).
		Where("id = ?", accountID).Where("(locked_until IS NULL OR locked_until <= ?)", now).
		Returning("failed_tries").Scan(ctx, &tries)
	locked := fault.New(fault.RateLimited, "account.locked")
	if err = db.Found(err, locked); err == nil {
		return tries, nil
	}
	row, readErr := s.find(ctx, "id = ?", accountID)
	if !errors.Is(err, locked) || readErr != nil {
		return 0, errors.Join(err, readErr)
	}
	return 0, tooOften("account.locked", max(row.LockedUntil.Sub(now), time.Second))
}

// askTOTP gives the try back: nothing was guessed yet.
func (s *Service) askTOTP(ctx context.Context, accountID string) error {
	if _, err := s.DB.Writer(ctx).NewUpdate().Model((*accountRow)(nil)).
		Set("failed_tries = failed_tries - 1").Set("locked_until = NULL").
		Where("id = ? AND failed_tries > 0", accountID).Exec(ctx); err != nil {
		return db.Fault(err)
	}
	return fault.New(fault.Unauthenticated, "account.totp_needed")
}

// ChangePassword lets staff choose another password; the old one is asked for
// and counts as a try. All sessions of the account end. Faults as in SignInStaff,
// and Invalid "account.password".
func (s *Service) ChangePassword(ctx context.Context, accountID, old, fresh string) error {
	if !isSelf(ctx, accountID) {
		return errNoAccount
	}
	row, err := s.find(ctx, "id = ?", accountID)
	if err != nil {
		return err
	}
	if err := CheckPassword(fresh, row.Login.String); err != nil {
		return err
	}
	if err := s.prove(ctx, row, old); err != nil {
		return err
	}
	return s.setPassword(ctx, accountID, fresh, "account.change_password")
}

// prove pays for a try and holds the password against the account's.
func (s *Service) prove(ctx context.Context, row accountRow, password string) error {
	done, err := s.turn(ctx)
	if err != nil {
		return err
	}
	defer done()
	if _, err := s.payTry(ctx, row.ID); err != nil {
		return err
	}
	if right, err := s.verify(password, row.PasswordHash); err != nil || !right {
		return fault.New(fault.Unauthenticated, "account.sign_in_wrong", fault.Because(err))
	}
	return nil
}

// ResetPassword sets the password of someone who forgot it, for who administers
// the account (mayManage). A TOTP device stays.
func (s *Service) ResetPassword(ctx context.Context, accountID, fresh string) error {
	if err := s.mayManage(ctx, accountID); err != nil {
		return err
	}
	row, err := s.find(ctx, "id = ? AND login IS NOT NULL", accountID)
	if err != nil {
		return err
	}
	if err := CheckPassword(fresh, row.Login.String); err != nil {
		return err
	}
	return s.setPassword(ctx, accountID, fresh, "account.reset_password")
}

func (s *Service) setPassword(ctx context.Context, accountID, fresh string, action audit.Action) error {
	hash, err := s.hash(ctx, fresh)
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		res, err := s.DB.Writer(ctx).NewUpdate().Model((*accountRow)(nil)).
			Set("password_hash = ?", hash).Set("failed_tries = 0").Set("locked_until = NULL").
			Where("id = ?", accountID).Exec(ctx)
		if err := db.Affected(res, err, errNoAccount); err != nil {
			return err
		}
		if err := s.endSessions(ctx, accountID); err != nil {
			return err
		}
		return s.record(ctx, action, accountID, "")
	})
}
