package account_test

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"

	"gonghui/internal/core/account"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/kit/fault"
)

func TestPasswords(t *testing.T) {
	tests := []struct{ password, login, want string }{
		{"", "", "password_short"},
		{"short", "", "password_short"},
		{"九个汉字还是太短了", "", "password_short"},
		{"十个汉字就是足够的了", "", ""},
		{strings.Repeat("长", 129), "", "password_long"},
		{"correct horse battery", "", ""},
		{"Password123", "", "password_common"},
		{"WOAINI1314", "", "password_common"},
		{"1234567890", "", "password_common"},
		{"9876543210", "", "password_common"},
		{"abcdefghijk", "", "password_common"},
		{"aaaaaaaaaaaa", "", "password_common"},
		{"ababababab", "", "password_common"},
		{"lijing-secret", "lijing", "password_login"},
		{"nul in \x00 the middle", "", "password_charset"},
		{"broken \xff utf-8 here", "", "password_charset"},
	}
	for _, tt := range tests {
		err := account.CheckPassword(tt.password, tt.login)
		if tt.want == "" {
			require.NoError(t, err, tt.password)
			continue
		}
		requireCode(t, "account.password", err)
		require.Equal(t, tt.want, fault.As(err).Fields[0].Code, "%q", tt.password)
		require.NotContains(t, err.Error(), "secret", "the password is not repeated")
	}
}

func TestCreateStaff(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		a := b.staff(t, " LiJing ")
		require.Equal(t, "lijing", a.Login)
		_, err := b.CreateStaff(system(t), account.NewStaff{Login: "lijing", Name: "x", Password: password})
		requireCode(t, "account.login_taken", err)
		_, err = b.CreateStaff(system(t), account.NewStaff{Login: "a b", Name: "\x00", Password: password})
		requireCode(t, "account.staff", err)
		require.Len(t, fault.As(err).Fields, 2)
		_, err = b.CreateStaff(system(t), account.NewStaff{Login: "wang", Name: "王", Password: "short"})
		requireCode(t, "account.password", err)
		_, err = b.CreateStaff(b.enter(t, a.ID), account.NewStaff{Login: "wang", Name: "王", Password: password})
		requireCode(t, "access.denied", err)
		hash := b.column(t, "SELECT password_hash FROM accounts")
		require.Len(t, hash, 1)
		require.True(t, strings.HasPrefix(hash[0], "$argon2id$v=19$m=64,t=1,p=1$"))
		got, err := b.ByLogin(b.enter(t, a.ID), "lijing")
		require.NoError(t, err)
		require.Equal(t, a.ID, got.ID)
	})
}

func TestStaffSignInAndLock(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		a := b.staff(t, "lijing")
		got, err := b.SignInStaff(t.Context(), "LiJing ", password, "", "")
		require.NoError(t, err)
		require.Equal(t, a.ID, got.ID)
		require.Equal(t, b.clock.Now(), got.LastSignInAt)

		// A login that does not exist is answered word for word like one that does.
		for _, login := range []string{"lijing", "nobody"} {
			for range 5 {
				_, err := b.SignInStaff(t.Context(), login, "wrong password", "", "")
				requireCode(t, "account.sign_in_wrong", err)
			}
			_, err = b.SignInStaff(t.Context(), login, password, "", "")
			requireCode(t, "account.locked", err)
			require.Equal(t, 15*time.Minute, fault.As(err).RetryAfter)
		}
		require.Equal(t, []string{a.ID}, b.column(t, "SELECT subject_id FROM audit_entries WHERE action = 'account.lock'"))
		b.clock.Advance(15 * time.Minute)
		_, err = b.SignInStaff(t.Context(), "lijing", "wrong password", "", "")
		requireCode(t, "account.sign_in_wrong", err)
		for range 3 {
			_, err = b.SignInStaff(t.Context(), "lijing", "wrong password", "", "")
			requireCode(t, "account.sign_in_wrong", err)
		}
		_, err = b.SignInStaff(t.Context(), "lijing", password, "", "")
		require.NoError(t, err, "after the lock the count began anew")
		_, err = b.SignInStaff(t.Context(), "lijing", strings.Repeat("x", 1<<20), "", "")
		requireCode(t, "account.sign_in_wrong", err)
		_, err = b.SignInStaff(t.Context(), "", "", "", "")
		requireCode(t, "account.sign_in_wrong", err)

		require.NoError(t, b.Disable(system(t), a.ID))
		_, err = b.SignInStaff(t.Context(), "lijing", password, "", "")
		requireCode(t, "account.disabled", err)
		_, err = b.SignInStaff(t.Context(), "lijing", "wrong password", "", "")
		requireCode(t, "account.sign_in_wrong", err)
	})
}

func TestParallelPasswords(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.staff(t, "lijing")
		var mu sync.Mutex
		got := map[string]int{}
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				_, err := b.SignInStaff(t.Context(), "lijing", "wrong password", "", "")
				mu.Lock()
				defer mu.Unlock()
				got[fault.As(err).Code]++
			})
		}
		wg.Wait()
		require.Equal(t, map[string]int{"account.sign_in_wrong": 5, "account.locked": 11}, got)
	})
}

func TestTOTP(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		a := b.staff(t, "lijing")
		mine := b.enter(t, a.ID)
		_, err := b.BeginTOTP(t.Context(), a.ID)
		requireCode(t, "account.unknown", err)
		e, err := b.BeginTOTP(mine, a.ID)
		require.NoError(t, err)
		require.Contains(t, e.URL, "otpauth://totp/")
		require.NotContains(t, e.Ticket, e.Secret)
		code := func() string {
			c, err := totp.GenerateCode(e.Secret, b.clock.Now())
			require.NoError(t, err)
			return c
		}
		requireCode(t, "account.totp_confirm", b.ConfirmTOTP(mine, a.ID, e.Ticket, "abc"))
		requireCode(t, "account.totp_ticket", b.ConfirmTOTP(mine, a.ID, "forged", code()))
		other := b.staff(t, "wang")
		requireCode(t, "account.totp_ticket", b.ConfirmTOTP(b.enter(t, other.ID), other.ID, e.Ticket, code()))
		_, err = b.SignInStaff(t.Context(), "lijing", password, "", "")
		require.NoError(t, err, "not confirmed, not asked for")
		first := code()
		require.NoError(t, b.ConfirmTOTP(mine, a.ID, e.Ticket, first))

		_, err = b.SignInStaff(t.Context(), "lijing", password, first, "")
		requireCode(t, "account.totp_wrong", err)
		for range 6 {
			_, err = b.SignInStaff(t.Context(), "lijing", password, " ", "")
			requireCode(t, "account.totp_needed", err)
		}
		b.clock.Advance(30 * time.Second)
		second := code()
		_, err = b.SignInStaff(t.Context(), "lijing", password, second, "")
		require.NoError(t, err)
		_, err = b.SignInStaff(t.Context(), "lijing", password, second, "")
		requireCode(t, "account.totp_wrong", err)
		b.clock.Advance(30 * time.Second)
		third := code()
		b.clock.Advance(30 * time.Second)
		_, err = b.SignInStaff(t.Context(), "lijing", password, third, "")
		require.NoError(t, err, "a device may be one step slow")
		for _, q := range b.column(t, "SELECT id FROM accounts WHERE totp_enc IS NOT NULL") {
			require.Equal(t, a.ID, q)
		}

		// One code, several windows at once.
		b.clock.Advance(time.Minute)
		again := code()
		ok := make(chan bool, 4)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				_, err := b.SignInStaff(t.Context(), "lijing", password, again, "")
				ok <- err == nil
			})
		}
		wg.Wait()
		close(ok)
		n := 0
		for o := range ok {
			if o {
				n++
			}
		}
		require.Equal(t, 1, n, "a code is good once")

		b.clock.Advance(time.Hour)
		requireCode(t, "account.totp_ticket", b.ConfirmTOTP(mine, a.ID, e.Ticket, code()))
		requireCode(t, "account.self", b.DropTOTP(mine, a.ID))
		require.NoError(t, b.DropTOTP(system(t), a.ID))
		_, err = b.SignInStaff(t.Context(), "lijing", password, "", "")
		require.NoError(t, err)
	})
}

func TestWhoMustEnrolHasNoGrants(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		seedTree(t, b)
		a, err := b.CreateStaff(system(t), account.NewStaff{Login: "lijing", Name: "李静", Password: password, TOTPRequired: true})
		require.NoError(t, err)
		require.True(t, a.MustEnrol())
		b.grant(t, a.ID, "county_clerk", b.unit(t, "370102"))
		actor, err := b.Load(t.Context(), a.ID)
		require.NoError(t, err)
		require.Empty(t, actor.Grants)
		mine := b.enter(t, a.ID)
		e, err := b.BeginTOTP(mine, a.ID)
		require.NoError(t, err)
		code, err := totp.GenerateCode(e.Secret, b.clock.Now())
		require.NoError(t, err)
		require.NoError(t, b.ConfirmTOTP(mine, a.ID, e.Ticket, code))
		actor, err = b.Load(t.Context(), a.ID)
		require.NoError(t, err)
		require.Len(t, actor.Grants, 1)
	})
}

func TestChangeAndResetPassword(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		a := b.staff(t, "lijing")
		mine := b.enter(t, a.ID)
		const fresh = "another good password"
		requireCode(t, "account.sign_in_wrong", b.ChangePassword(mine, a.ID, "not the old one", fresh))
		requireCode(t, "account.password", b.ChangePassword(mine, a.ID, password, "short"))
		requireCode(t, "account.unknown", b.ChangePassword(t.Context(), a.ID, password, fresh))
		require.NoError(t, b.ChangePassword(mine, a.ID, password, fresh))
		_, err := b.SignInStaff(t.Context(), "lijing", password, "", "")
		requireCode(t, "account.sign_in_wrong", err)
		_, err = b.SignInStaff(t.Context(), "lijing", fresh, "", "")
		require.NoError(t, err)
		requireCode(t, "account.self", b.ResetPassword(mine, a.ID, password))
		require.NoError(t, b.ResetPassword(system(t), a.ID, password))
		_, err = b.SignInStaff(t.Context(), "lijing", password, "", "")
		require.NoError(t, err)
	})
}

// One address tries one password on many logins: each login's own count would
// never stop it. Right passwords cost nothing, and another address is free.
func TestManyLoginsFromOneAddress(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.staff(t, "lijing")
		try := func(login, password, address string) error {
			_, err := b.SignInStaff(t.Context(), login, password, "", address)
			return err
		}
		for i := range 60 {
			requireCode(t, "account.sign_in_wrong", try("clerk"+strconv.Itoa(i), "wrong password", "10.0.0.1"))
			if i%10 == 0 {
				require.NoError(t, try("lijing", password, "10.0.0.1"))
			}
		}
		err := try("lijing", password, "10.0.0.1")
		requireCode(t, "account.sign_in_ip", err)
		require.Equal(t, 15*time.Minute, fault.As(err).RetryAfter)
		require.NoError(t, try("lijing", password, "10.0.0.2"))
		b.clock.Advance(15 * time.Minute)
		require.NoError(t, try("lijing", password, "10.0.0.1"))
	})
}

// Who meets a crowd at the door is told when to come back, and has lost no try.
func TestACrowdAtTheDoor(t *testing.T) {
	b := setup(t, orgtest.SQLite(t))
	b.staff(t, "lijing")
	leave := b.Occupy(account.MaxWaiting)
	for range 6 {
		_, err := b.SignInStaff(t.Context(), "lijing", "wrong password", "", "10.0.0.1")
		requireCode(t, "account.busy", err)
	}
	leave()
	_, err := b.SignInStaff(t.Context(), "lijing", password, "", "10.0.0.1")
	require.NoError(t, err)
	gone, hangUp := context.WithCancel(t.Context())
	hangUp()
	_, err = b.SignInStaff(gone, "lijing", password, "", "10.0.0.1")
	require.True(t, fault.IsKind(err, fault.Unavailable), "%v", err)
}

func BenchmarkSignInStaff(b *testing.B) {
	t := setupBench(b)
	for b.Loop() {
		if _, err := t.SignInStaff(b.Context(), "nobody", password, "", ""); err == nil {
			b.Fatal("signed in")
		}
		t.clock.Advance(time.Hour)
	}
}

func setupBench(b *testing.B) *bundle {
	b.Helper()
	return setupOn(b, orgtest.SQLite(b))
}
