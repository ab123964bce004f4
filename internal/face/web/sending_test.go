package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/base/telemetry"
	"gonghui/internal/base/vault/vaulttest"
	"gonghui/internal/core/account"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// desk is a site with one form, at /work, over a real database.
type desk struct {
	*Site
	t       *testing.T
	served  http.Handler
	cookies []*http.Cookie
}

func eachDesk(t *testing.T, test func(t *testing.T, d *desk)) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		v, c := vaulttest.New(t), clock.System()
		s := New(Deps{
			Sessions: account.NewSessionStore(d, v, c), Receipts: account.NewReceipts(d, c), Accounts: account.New(account.Deps{DB: d, Vault: v, Clock: c}),
			Vault: v, Clock: c, Log: telemetry.Quiet(),
		})
		test(t, &desk{Site: s, t: t})
	})
}

// form handles the work; the token is that of a page shown before.
func (d *desk) form(h HandlerFunc) url.Values {
	d.t.Helper()
	d.Handle("GET /form", d.plain, func(w http.ResponseWriter, r *http.Request) error {
		_, err := w.Write([]byte(d.Token(r)))
		return err
	})
	d.Handle("POST /work", d.plain, h)
	d.served = d.Handler()
	w := httptest.NewRecorder()
	d.served.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/form", nil))
	return url.Values{"_token": {w.Body.String()}, "text": {"五险一金"}}
}

func (d *desk) send(ctx context.Context, form url.Values) *http.Response {
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/work", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, c := range d.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	d.served.ServeHTTP(w, r)
	return w.Result()
}

// The sender hangs up while the work is under way: it ends nevertheless, and who
// sends the form again is told where its result is.
func TestWorkGoesOnWhenTheSenderHangsUp(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx, hangUp := context.WithCancel(t.Context())
		works := 0
		form := d.form(func(w http.ResponseWriter, r *http.Request) error {
			hangUp()
			works++
			if err := r.Context().Err(); err != nil {
				return fault.New(fault.Unavailable, "db.cancelled", fault.Because(err))
			}
			return See(w, r, "/done")
		})
		d.send(ctx, form)
		again := d.send(t.Context(), form)
		require.Equal(t, http.StatusSeeOther, again.StatusCode)
		require.Equal(t, "/done", again.Header.Get("Location"))
		require.Equal(t, 1, works)
	})
}

// Of many taps at once one does the work, and all get its answer.
func TestTapsAtOnceAreOneSending(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		var works atomic.Int32
		form := d.form(func(w http.ResponseWriter, r *http.Request) error {
			works.Add(1)
			return See(w, r, "/done")
		})
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				got := d.send(t.Context(), form)
				if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/done" {
					t.Error(got.StatusCode, got.Header)
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, 1, works.Load())
	})
}

// A double tap on the button that signs in: the browser takes only the second
// answer, which must bring the session too, but to this browser only.
func TestSecondTapSignsInToo(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		form := d.form(func(w http.ResponseWriter, r *http.Request) error {
			if err := d.SignIn(r, "somebody"); err != nil {
				return err
			}
			return See(w, r, "/me")
		})
		d.cookies = []*http.Cookie{{Name: "gonghui", Value: "the one before"}}
		first, second := d.send(t.Context(), form), d.send(t.Context(), form)
		require.Equal(t, http.StatusSeeOther, second.StatusCode)
		require.Len(t, first.Cookies(), 1)
		require.Len(t, second.Cookies(), 1)
		require.Equal(t, first.Cookies()[0].Value, second.Cookies()[0].Value)
		require.True(t, second.Cookies()[0].HttpOnly)

		d.cookies[0].Value = "of another browser"
		require.Empty(t, d.send(t.Context(), form).Cookies())
	})
}

// A form that was shown again with its mistakes may be sent again, also by who
// waited for it.
func TestAFailedSendingIsNoAnswer(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		var works atomic.Int32
		form := d.form(func(http.ResponseWriter, *http.Request) error {
			works.Add(1)
			return fault.New(fault.Conflict, "casework.moved_on")
		})
		for range 2 {
			require.Equal(t, http.StatusConflict, d.send(t.Context(), form).StatusCode)
		}
		require.EqualValues(t, 2, works.Load())
	})
}

// Whoever sends forms faster than people can has to wait; reading goes on, and so
// does everybody else.
func TestFormsHaveAPace(t *testing.T) {
	now := clock.NewFake(time.Date(2020, 7, 20, 1, 0, 0, 0, time.UTC))
	s := New(Deps{Sessions: noSessions{}, Vault: vaulttest.New(t), Clock: now, Log: telemetry.Quiet()})
	s.Handle("/page", s.plain, func(http.ResponseWriter, *http.Request) error { return nil })
	do := func(method, from string) *http.Response {
		r := httptest.NewRequest(method, "/page", nil)
		r.RemoteAddr = from + ":4711"
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		return w.Result()
	}
	for range Burst {
		require.Equal(t, http.StatusForbidden, do("POST", "192.0.2.1").StatusCode, "without a token")
	}
	got := do("POST", "192.0.2.1")
	require.Equal(t, http.StatusTooManyRequests, got.StatusCode)
	require.Equal(t, "1", got.Header.Get("Retry-After"))
	require.Equal(t, http.StatusOK, do("GET", "192.0.2.1").StatusCode)
	require.Equal(t, http.StatusForbidden, do("POST", "192.0.2.2").StatusCode)
	now.Advance(time.Second)
	require.Equal(t, http.StatusForbidden, do("POST", "192.0.2.1").StatusCode)
}

func TestWaitingForASendingEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSendings(clock.System())
		leave, err := s.enter(t.Context(), "a")
		require.NoError(t, err)
		ctx, stop := context.WithTimeout(t.Context(), workWithin)
		defer stop()
		_, err = s.enter(ctx, "a")
		require.True(t, fault.HasCode(err, "account.form_busy"))
		leave()
		leave, err = s.enter(t.Context(), "a")
		require.NoError(t, err)
		leave()
		require.Empty(t, s.busy)

		for i := range maxBegun + 5 {
			s.keep("r", strings.Repeat("x", i%7), "session")
			s.keep("r"+string(rune(i)), "", "session")
		}
		require.LessOrEqual(t, len(s.begun), maxBegun)
	})
}

// noDatabase is a session store that is away.
type noDatabase struct{ noSessions }

func (noDatabase) FindCtx(context.Context, string) ([]byte, bool, error) {
	return nil, false, context.DeadlineExceeded
}

// Who has a session while the database is away is told so in his own language,
// with the time after which to come back.
func TestSessionThatCannotBeRead(t *testing.T) {
	s := New(Deps{Sessions: noDatabase{}, Vault: vaulttest.New(t), Clock: clock.System(), Log: telemetry.Quiet()})
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(&http.Cookie{Name: "gonghui", Value: "x"})
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Contains(t, w.Body.String(), "<h1>")
	require.Contains(t, w.Body.String(), "请稍等几秒")
	require.Equal(t, "5", w.Header().Get("Retry-After"))
}
