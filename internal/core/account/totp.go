package account

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/fault"
)

const (
	totpIssuer = "工会"
	totpPeriod = 30 // seconds, RFC 6238
	totpSkew   = 1  // steps a device's clock may be off, either way
	ticketLife = 15 * time.Minute
)

// Enrolment is shown once to someone who enrols a TOTP device.
type Enrolment struct {
	Secret string // base32, to be typed in
	URL    string // otpauth://…, to be shown as a QR code
	Ticket string // comes back with the first code; holds the secret, sealed
}

type ticket struct {
	Secret string    `json:"secret"`
	Until  time.Time `json:"until"`
}

// BeginTOTP makes a secret for the actor's own account. Nothing is stored: an
// older device works until ConfirmTOTP has seen a code of the new one.
func (s *Service) BeginTOTP(ctx context.Context, accountID string) (Enrolment, error) {
	if !isSelf(ctx, accountID) {
		return Enrolment{}, errNoAccount
	}
	row, err := s.find(ctx, "id = ? AND login IS NOT NULL", accountID)
	if err != nil {
		return Enrolment{}, err
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: totpIssuer, AccountName: row.Login.String})
	if err != nil {
		return Enrolment{}, fault.New(fault.Internal, "internal", fault.Because(err))
	}
	plain, err := json.Marshal(ticket{Secret: key.Secret(), Until: s.Clock.Now().Add(ticketLife)})
	if err != nil {
		return Enrolment{}, fault.New(fault.Internal, "internal", fault.Because(err))
	}
	sealed := s.Vault.Seal(place(accountID, "totp_ticket"), plain)
	return Enrolment{Secret: key.Secret(), URL: key.URL(), Ticket: base64.RawURLEncoding.EncodeToString(sealed)}, nil
}

// ConfirmTOTP stores the secret of a ticket once the device has shown a right
// code. Faults: Invalid "account.totp_ticket" (too old, or not of this account),
// Invalid "account.totp_confirm" (wrong code).
func (s *Service) ConfirmTOTP(ctx context.Context, accountID, ticketText, code string) error {
	if !isSelf(ctx, accountID) {
		return errNoAccount
	}
	var t ticket
	sealed, err := base64.RawURLEncoding.DecodeString(ticketText)
	if err == nil {
		var plain []byte
		if plain, err = s.Vault.Open(place(accountID, "totp_ticket"), sealed); err == nil {
			err = json.Unmarshal(plain, &t)
		}
	}
	now := s.Clock.Now()
	if err != nil || t.Secret == "" || now.After(t.Until) {
		return fault.New(fault.Invalid, "account.totp_ticket", fault.Because(err))
	}
	step, ok := totpStep(t.Secret, code, now, 0)
	if !ok {
		return fault.New(fault.Invalid, "account.totp_confirm", fault.OnField("code", "totp"))
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		res, err := s.DB.Writer(ctx).NewUpdate().Model((*accountRow)(nil)).
			Set("totp_enc = ?", s.Vault.Seal(place(accountID, "totp"), []byte(t.Secret))).
			Set("totp_last_step = ?", step).Where("id = ?", accountID).Exec(ctx)
		if err := db.Affected(res, err, errNoAccount); err != nil {
			return err
		}
		return s.record(ctx, "account.enrol_totp", accountID, "")
	})
}

// DropTOTP forgets a lost device, for who administers the account (mayManage);
// nobody drops his own.
func (s *Service) DropTOTP(ctx context.Context, accountID string) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.mayManage(ctx, accountID); err != nil {
			return err
		}
		if err := s.change(ctx, accountID, "totp_enc = NULL"); err != nil {
			return err
		}
		if err := s.endSessions(ctx, accountID); err != nil {
			return err
		}
		return s.record(ctx, "account.drop_totp", accountID, "")
	})
}

// useTOTP judges a code and uses it up: its step must be later than any used
// before, decided by one conditional update.
func (s *Service) useTOTP(ctx context.Context, row accountRow, code string) error {
	wrong := fault.New(fault.Unauthenticated, "account.totp_wrong", fault.OnField("totp", "totp"))
	secret, err := s.Vault.Open(place(row.ID, "totp"), row.TotpEnc)
	if err != nil {
		return err
	}
	step, ok := totpStep(string(secret), code, s.Clock.Now(), row.TotpLastStep)
	if !ok {
		return wrong
	}
	res, err := s.DB.Writer(ctx).NewUpdate().Model((*accountRow)(nil)).Set("totp_last_step = ?", step).
		Where("id = ? AND totp_last_step < ?", row.ID, step).Exec(ctx)
	return db.Affected(res, err, wrong)
}

// totpStep finds the time step, later than after, whose code this is.
func totpStep(secret, code string, now time.Time, after int64) (int64, bool) {
	code = strings.TrimSpace(code)
	present := now.Unix() / totpPeriod
	for step := present - totpSkew; step <= present+totpSkew; step++ {
		want, err := hotp.GenerateCode(secret, uint64(step))
		if err == nil && step > after && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return step, true
		}
	}
	return 0, false
}
