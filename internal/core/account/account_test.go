package account_test

import (
	"context"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/base/vault"
	"gonghui/internal/base/vault/vaulttest"
	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/core/org"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/core/person"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/ident"
	"gonghui/internal/simulator/sms"
)

const (
	phone    = "13800000001"
	password = "槐荫区工会的一把新钥匙"
)

type bundle struct {
	*account.Service
	db    *db.DB
	clock *clock.Fake
	vault *vault.Vault
	org   *org.Service
	sms   *sms.Gateway
}

// 2020-07-20 09:00 in Shanghai, a Monday.
var monday = time.Date(2020, 7, 20, 1, 0, 0, 0, time.UTC)

func setup(t *testing.T, d *db.DB) *bundle {
	t.Helper()
	b := setupOn(t, d)
	b.CheapPasswords()
	return b
}

func setupOn(t testing.TB, d *db.DB) *bundle {
	t.Helper()
	b := &bundle{db: d, clock: clock.NewFake(monday), vault: vaulttest.New(t)}
	log := audit.New(d, b.clock)
	b.org = org.New(d, b.clock)
	b.sms = sms.New(b.clock, 1, sms.Faults{})
	require.NoError(t, access.SeedRoles(t.Context(), d))
	b.Service = account.New(account.Deps{
		DB: d, Vault: b.vault, Clock: b.clock, Org: b.org, Audit: log, SMS: b.sms,
		Roles:  access.NewRoles(d, log),
		Person: person.New(person.Deps{DB: d, Vault: b.vault, Clock: b.clock, Org: b.org, Audit: log}),
	})
	return b
}

func each(t *testing.T, test func(t *testing.T, b *bundle)) {
	t.Helper()
	orgtest.Each(t, func(t *testing.T, d *db.DB) { test(t, setup(t, d)) })
}

var sixDigits = regexp.MustCompile(`\d{6}`)

// code asks for a code and reads it off the phone.
func (b *bundle) code(t *testing.T, phone string) string {
	t.Helper()
	require.NoError(t, b.RequestCode(t.Context(), phone, "10.0.0.1"))
	text, ok := b.sms.Last(ident.Clean(phone))
	require.True(t, ok)
	return sixDigits.FindString(text)
}

func wrong(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

func (b *bundle) signIn(t *testing.T, phone string) account.Account {
	t.Helper()
	a, err := b.SignInWithCode(t.Context(), phone, b.code(t, phone))
	require.NoError(t, err)
	return a
}

func system(t *testing.T) context.Context { return access.System(t.Context(), "test") }

func (b *bundle) staff(t *testing.T, login string) account.Account {
	t.Helper()
	a, err := b.CreateStaff(system(t), account.NewStaff{Login: login, Name: "李静", Password: password})
	require.NoError(t, err)
	return a
}

func (b *bundle) enter(t *testing.T, accountID string) context.Context {
	t.Helper()
	a, err := b.Load(t.Context(), accountID)
	require.NoError(t, err)
	return access.Enter(t.Context(), a)
}

func requireCode(t *testing.T, code string, err error) {
	t.Helper()
	require.True(t, fault.HasCode(err, code), "want %s, got %v", code, err)
}

func (b *bundle) column(t *testing.T, query string) []string {
	t.Helper()
	var out []string
	require.NoError(t, b.db.Reader(t.Context()).NewRaw(query).Scan(t.Context(), &out))
	return out
}

func TestFirstAndSecondSignIn(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		a := b.signIn(t, " 138-0000 0001")
		require.Equal(t, access.KindWorker, a.Kind)
		require.Equal(t, "138****0001", a.PhoneMask)
		require.NotEmpty(t, a.Person.ID)
		b.clock.Advance(time.Hour)
		again := b.signIn(t, phone)
		require.Equal(t, a.ID, again.ID, "one number, one account")
		require.Equal(t, a.Person, again.Person)

		actor, err := b.Load(t.Context(), a.ID)
		require.NoError(t, err)
		require.Equal(t, a.Person, actor.Person)
		require.Empty(t, actor.Grants)
		r, err := b.Recipient(t.Context(), a.ID)
		require.NoError(t, err)
		require.Equal(t, phone, r.Phone)
		id, ok, err := b.FindByPerson(t.Context(), a.Person.City, a.Person.ID)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, a.ID, id)
		_, ok, err = b.FindByPerson(t.Context(), a.Person.City, "nobody")
		require.NoError(t, err)
		require.False(t, ok)

		for _, q := range []string{"SELECT phone_hash FROM accounts", "SELECT phone_hash FROM sms_codes", "SELECT code_hash FROM sms_codes"} {
			for _, v := range b.column(t, q) {
				require.NotContains(t, v, phone)
				require.Regexp(t, `^[0-9a-f]{64}$`, v, "kept as a keyed hash")
			}
		}
	})
}

func TestBadPhonesAndCodes(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		for _, p := range []string{"", "1380000000", "138000000012", "23800000001", "12800000001", "1380000000a", "１", "'; DROP TABLE accounts; --"} {
			requireCode(t, "account.phone", b.RequestCode(t.Context(), p, "10.0.0.1"))
			_, err := b.SignInWithCode(t.Context(), p, "123456")
			requireCode(t, "account.phone", err)
		}
		code := b.code(t, phone)
		for _, c := range []string{"", "12345", "1234567", "12345a", "１２３４５", "\x00\x00\x00\x00\x00\x00", "½23456"} {
			_, err := b.SignInWithCode(t.Context(), phone, c)
			requireCode(t, "account.code_shape", err)
		}
		_, err := b.SignInWithCode(t.Context(), "13900000009", "123456")
		requireCode(t, "account.code_expired", err)
		_, err = b.SignInWithCode(t.Context(), phone, code)
		require.NoError(t, err, "what is no code is no guess")
	})
}

func TestACodeIsGoodOnceAndForFiveMinutes(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		code := b.code(t, phone)
		_, err := b.SignInWithCode(t.Context(), phone, code)
		require.NoError(t, err)
		_, err = b.SignInWithCode(t.Context(), phone, code)
		requireCode(t, "account.code_expired", err)

		b.clock.Advance(time.Minute)
		old := b.code(t, phone)
		b.clock.Advance(time.Minute)
		fresh := b.code(t, phone)
		if old != fresh {
			_, err = b.SignInWithCode(t.Context(), phone, old)
			requireCode(t, "account.code_wrong", err)
		}
		b.clock.Advance(5 * time.Minute)
		_, err = b.SignInWithCode(t.Context(), phone, fresh)
		requireCode(t, "account.code_expired", err)

		// A code of one number is none of another's.
		code = b.code(t, phone)
		other := b.code(t, "13800000002")
		if code != other {
			_, err = b.SignInWithCode(t.Context(), "13800000002", code)
			requireCode(t, "account.code_wrong", err)
		}
	})
}

func TestFiveWrongCodesAndAWait(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		code := b.code(t, phone)
		for left := 4; left >= 1; left-- {
			_, err := b.SignInWithCode(t.Context(), phone, wrong(code))
			requireCode(t, "account.code_wrong", err)
			require.Equal(t, left, fault.As(err).Params["Left"])
		}
		_, err := b.SignInWithCode(t.Context(), phone, wrong(code))
		requireCode(t, "account.code_wait", err)
		require.Equal(t, 15*time.Minute, fault.As(err).RetryAfter)

		b.clock.Advance(14 * time.Minute)
		_, err = b.SignInWithCode(t.Context(), phone, code)
		requireCode(t, "account.code_wait", err)
		require.Equal(t, time.Minute, fault.As(err).RetryAfter)
		requireCode(t, "account.code_wait", b.RequestCode(t.Context(), phone, "10.0.0.2"))

		b.clock.Advance(time.Minute)
		_, err = b.SignInWithCode(t.Context(), phone, code)
		requireCode(t, "account.code_expired", err)
		b.signIn(t, phone)
	})
}

func TestHowOftenACodeIsSent(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		for i := range 10 {
			b.code(t, phone)
			if i == 0 {
				b.clock.Advance(20 * time.Second)
				err := b.RequestCode(t.Context(), phone, "10.0.0.2")
				requireCode(t, "account.code_too_soon", err)
				require.Equal(t, 40, fault.As(err).Params["Seconds"])
			}
			b.clock.Advance(time.Minute)
		}
		err := b.RequestCode(t.Context(), phone, "10.0.0.2")
		requireCode(t, "account.code_daily", err)
		b.code(t, "13800000002")
		b.clock.Advance(fault.As(err).RetryAfter)
		require.Equal(t, "2020-07-21", clock.Today(b.clock).String(), "the day is a day in Shandong")
		b.code(t, phone)
	})
}

func TestHowOftenAnAddressAsks(t *testing.T) {
	b := setup(t, orgtest.SQLite(t))
	ask := func(i int, ip string) error {
		return b.RequestCode(t.Context(), "1380000"+string([]byte{'1', byte('0' + i/10%10), byte('0' + i%10), byte('0' + i/100)}), ip)
	}
	for i := range 60 {
		require.NoError(t, ask(i, "10.0.0.1"))
	}
	requireCode(t, "account.code_ip", ask(60, "10.0.0.1"))
	require.NoError(t, ask(60, "10.0.0.2"))
	b.clock.Advance(time.Hour)
	require.NoError(t, ask(61, "10.0.0.1"))
}

func TestTheGatewayIsDown(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.sms.Set(sms.Faults{Busy: 1})
		err := b.RequestCode(t.Context(), phone, "10.0.0.1")
		requireCode(t, "account.sms_down", err)
		require.True(t, fault.IsKind(err, fault.Unavailable))
		b.sms.Set(sms.Faults{})
		b.clock.Advance(fault.As(err).RetryAfter)
		b.signIn(t, phone)
	})
}

// However many guess at once, five are heard.
func TestParallelGuesses(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		code := b.code(t, phone)
		var mu sync.Mutex
		got := map[string]int{}
		var wg sync.WaitGroup
		for range 24 {
			wg.Go(func() {
				_, err := b.SignInWithCode(t.Context(), phone, wrong(code))
				mu.Lock()
				defer mu.Unlock()
				got[fault.As(err).Code]++
			})
		}
		wg.Wait()
		require.Equal(t, 4, got["account.code_wrong"], "%v", got)
		require.Equal(t, 20, got["account.code_wait"], "%v", got)
		require.Equal(t, []string{"5"}, b.column(t, "SELECT CAST(tries AS text) FROM sms_codes"))
		_, err := b.SignInWithCode(t.Context(), phone, code)
		requireCode(t, "account.code_wait", err)
	})
}

// A right code sent twice at once signs in once, and makes one account.
func TestParallelSignIns(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		code := b.code(t, phone)
		var mu sync.Mutex
		ok := 0
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				if _, err := b.SignInWithCode(t.Context(), phone, code); err == nil {
					mu.Lock()
					ok++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		require.Equal(t, 1, ok)
		require.Len(t, b.column(t, "SELECT id FROM accounts"), 1)
	})
}

func TestParallelRequests(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() { _ = b.RequestCode(t.Context(), phone, "10.0.0.1") })
		}
		wg.Wait()
		require.Len(t, b.sms.Phone(phone), 1, "one code a minute, also when asked for at once")
	})
}

func TestADisabledWorker(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		a := b.signIn(t, phone)
		require.NoError(t, b.Disable(system(t), a.ID))
		_, err := b.Load(t.Context(), a.ID)
		requireCode(t, "account.disabled", err)
		b.clock.Advance(time.Minute)
		_, err = b.SignInWithCode(t.Context(), phone, b.code(t, phone))
		requireCode(t, "account.disabled", err)
		require.NoError(t, b.Enable(system(t), a.ID))
		b.enter(t, a.ID)
		requireCode(t, "account.unknown", b.Disable(system(t), "nobody"))
		_, err = b.Load(t.Context(), "nobody")
		requireCode(t, "account.unknown_session", err)
	})
}

func TestWhoMayLook(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		a, other := b.signIn(t, phone), b.signIn(t, "13800000002")
		_, err := b.Get(b.enter(t, a.ID), a.ID)
		require.NoError(t, err)
		_, err = b.Get(b.enter(t, other.ID), a.ID)
		requireCode(t, "account.unknown", err)
		_, err = b.Get(t.Context(), a.ID)
		requireCode(t, "account.unknown", err)
		_, err = b.ListGrants(b.enter(t, other.ID), a.ID)
		requireCode(t, "account.unknown", err)
		_, err = b.EnsureWorker(b.enter(t, other.ID), "13800000003", "x", "")
		requireCode(t, "access.denied", err)
		w, err := b.EnsureWorker(system(t), phone, "x", "")
		require.NoError(t, err)
		require.Equal(t, a.ID, w.ID)
		require.NoError(t, b.SetLang(b.enter(t, a.ID), a.ID, "en"))
		got, err := b.Get(system(t), a.ID)
		require.NoError(t, err)
		require.EqualValues(t, "en", got.Lang)
		requireCode(t, "account.unknown", b.SetLang(b.enter(t, other.ID), a.ID, "en"))
	})
}
