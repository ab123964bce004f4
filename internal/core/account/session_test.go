package account_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/stretchr/testify/require"

	"gonghui/internal/core/account"
	"gonghui/internal/kit/page"
)

var page20 = page.Request{Limit: 20}

func encode(t *testing.T, accountID string, until time.Time) []byte {
	t.Helper()
	data, err := scs.GobCodec{}.Encode(until, map[string]any{account.SessionKey: accountID})
	require.NoError(t, err)
	return data
}

func TestSessionStore(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		ctx := t.Context()
		a, other := b.signIn(t, phone), b.signIn(t, "13800000002")
		s := account.NewSessionStore(b.db, b.vault, b.clock)
		until := b.clock.Now().Add(time.Hour)
		require.NoError(t, s.CommitCtx(ctx, "t1", encode(t, a.ID, until), until))
		require.NoError(t, s.CommitCtx(ctx, "t2", encode(t, a.ID, until), until))
		require.NoError(t, s.CommitCtx(ctx, "t3", encode(t, other.ID, until), until))
		require.NoError(t, s.CommitCtx(ctx, "visitor", encode(t, "", until), until))
		for _, h := range b.column(t, "SELECT token_hash FROM sessions") {
			require.Regexp(t, `^[0-9a-f]{64}$`, h)
		}
		find := func(token string) bool {
			_, ok, err := s.FindCtx(ctx, token)
			require.NoError(t, err)
			return ok
		}
		require.True(t, find("t1"))
		require.False(t, find("t9"))
		require.False(t, find(""))

		fresh := encode(t, a.ID, until)
		require.NoError(t, s.CommitCtx(ctx, "t1", fresh, until))
		data, _, err := s.FindCtx(ctx, "t1")
		require.NoError(t, err)
		require.Equal(t, fresh, data)

		requireCode(t, "account.unknown", b.SignOutEverywhere(b.enter(t, other.ID), a.ID))
		require.NoError(t, b.SignOutEverywhere(b.enter(t, a.ID), a.ID))
		require.False(t, find("t1"))
		require.False(t, find("t2"))
		require.True(t, find("t3"))
		require.True(t, find("visitor"))

		require.NoError(t, s.DeleteCtx(ctx, "t3"))
		require.NoError(t, s.DeleteCtx(ctx, "t3"), "gone already is no error")
		b.clock.Advance(time.Hour)
		require.False(t, find("visitor"), "over")
	})
}

// A session in use lives on to the end of its life, one that lies idle ends after
// a week, and reading it writes at most once an hour.
func TestSessionInUse(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		ctx := t.Context()
		s := account.NewSessionStore(b.db, b.vault, b.clock)
		life := b.clock.Now().Add(30 * 24 * time.Hour)
		require.NoError(t, s.CommitCtx(ctx, "used", encode(t, "a", life), life))
		require.NoError(t, s.CommitCtx(ctx, "idle", encode(t, "a", life), life))
		end := func() string { return b.column(t, "SELECT max(expires_at) FROM sessions")[0] }
		find := func(token string) bool {
			data, ok, err := s.FindCtx(ctx, token)
			require.NoError(t, err)
			require.Equal(t, ok, len(data) > 0)
			return ok
		}
		first := end()
		b.clock.Advance(time.Hour)
		require.True(t, find("used"))
		require.Equal(t, first, end(), "seen within the hour: nothing is written")
		b.clock.Advance(time.Minute)
		require.True(t, find("used"))
		second := end()
		require.NotEqual(t, first, second)
		require.True(t, find("used"))
		require.Equal(t, second, end(), "and once is enough")

		b.clock.Advance(7*24*time.Hour - time.Minute)
		require.False(t, find("idle"), "a week without use")
		require.True(t, find("used"))
		for b.clock.Now().Before(life.Add(-time.Minute)) {
			require.True(t, find("used"))
			b.clock.Advance(time.Hour)
		}
		b.clock.Set(life)
		require.False(t, find("used"), "the end of its life, though it was in use")
	})
}

func TestSessionManagerWithTheStore(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.clock.Set(time.Now()) // scs has its own clock
		m := scs.New()
		m.Store = account.NewSessionStore(b.db, b.vault, b.clock)
		h := m.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/in" {
				m.Put(r.Context(), account.SessionKey, "a1")
			}
			_, _ = fmt.Fprint(w, m.GetString(r.Context(), account.SessionKey))
		}))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/in", nil))
		cookie := w.Result().Cookies()[0]
		require.Equal(t, []string{"a1"}, b.column(t, "SELECT account_id FROM sessions"))
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.AddCookie(cookie)
		w = httptest.NewRecorder()
		h.ServeHTTP(w, r)
		require.Equal(t, "a1", w.Body.String())
	})
}

func TestPurge(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		s := account.NewSessionStore(b.db, b.vault, b.clock)
		for token, life := range map[string]time.Duration{"t1": time.Hour, "t2": 90 * time.Hour} {
			until := b.clock.Now().Add(life)
			require.NoError(t, s.CommitCtx(t.Context(), token, encode(t, "a", until), until))
		}
		b.code(t, phone)
		r := account.NewReceipts(b.db, b.clock)
		_, _, err := r.Once(t.Context(), "f1")
		require.NoError(t, err)
		n, err := b.PurgeExpired(t.Context())
		require.NoError(t, err)
		require.Zero(t, n)
		b.clock.Advance(49 * time.Hour)
		n, err = b.PurgeExpired(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 3, n)
		_, ok, err := s.FindCtx(t.Context(), "t2")
		require.NoError(t, err)
		require.True(t, ok)
	})
}

func TestReceipts(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		ctx := t.Context()
		r := account.NewReceipts(b.db, b.clock)
		_, seen, err := r.Once(ctx, "f1")
		require.NoError(t, err)
		require.False(t, seen)
		_, _, err = r.Once(ctx, "f1")
		requireCode(t, "account.form_busy", err)
		require.NoError(t, r.Remember(ctx, "f1", "/applications/1"))
		location, seen, err := r.Once(ctx, "f1")
		require.NoError(t, err)
		require.True(t, seen)
		require.Equal(t, "/applications/1", location)
		require.NoError(t, r.Forget(ctx, "f1"))
		_, seen, err = r.Once(ctx, "f1")
		require.NoError(t, err)
		require.True(t, seen, "an answered form stays answered")
		requireCode(t, "account.form_busy", r.Remember(ctx, "never claimed", "/x"))

		// Work that failed may be sent again; a killed one after a minute.
		_, _, err = r.Once(ctx, "f2")
		require.NoError(t, err)
		require.NoError(t, r.Forget(ctx, "f2"))
		_, seen, err = r.Once(ctx, "f2")
		require.NoError(t, err)
		require.False(t, seen)
		b.clock.Advance(time.Minute)
		_, seen, err = r.Once(ctx, "f2")
		require.NoError(t, err)
		require.False(t, seen)

		// In one transaction with the work: what failed leaves no claim.
		boom := errors.New("boom")
		require.ErrorIs(t, b.db.InTx(ctx, func(ctx context.Context) error {
			_, _, err := r.Once(ctx, "f3")
			require.NoError(t, err)
			return boom
		}), boom)
		_, seen, err = r.Once(ctx, "f3")
		require.NoError(t, err)
		require.False(t, seen)
	})
}

func TestReceiptsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		r := account.NewReceipts(b.db, b.clock)
		var mu sync.Mutex
		worked := 0
		answers := map[string]int{}
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				err := b.db.InTx(t.Context(), func(ctx context.Context) error {
					location, seen, err := r.Once(ctx, "f")
					if err != nil {
						return err
					}
					mu.Lock()
					defer mu.Unlock()
					if seen {
						answers[location]++
						return nil
					}
					worked++
					return r.Remember(ctx, "f", "/x/1")
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		require.Equal(t, 1, worked)
		require.Equal(t, map[string]int{"/x/1": 9}, answers)
	})
}
