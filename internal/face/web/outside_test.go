package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/telemetry"
	"gonghui/internal/base/vault/vaulttest"
	"gonghui/internal/kit/clock"
)

// noSessions is a store in which nobody has a session.
type noSessions struct{}

func (noSessions) Find(string) ([]byte, bool, error)                          { return nil, false, nil }
func (noSessions) Commit(string, []byte, time.Time) error                     { return nil }
func (noSessions) Delete(string) error                                        { return nil }
func (noSessions) FindCtx(context.Context, string) ([]byte, bool, error)      { return nil, false, nil }
func (noSessions) CommitCtx(context.Context, string, []byte, time.Time) error { return nil }
func (noSessions) DeleteCtx(context.Context, string) error                    { return nil }

// A panic and an address that is refused before the session is loaded are
// answered with a page, and the connection lives on.
func TestFaultsOutsideTheSession(t *testing.T) {
	s := New(Deps{Sessions: noSessions{}, Vault: vaulttest.New(t), Clock: clock.System(), Log: telemetry.Quiet(), Metrics: telemetry.NewMetrics()})
	s.Handle("GET /broken/{id}", s.plain, func(http.ResponseWriter, *http.Request) error { panic("a secret cause") })
	for path, want := range map[string]int{"/broken/1": 500, "/%00": 422, "/?q=%ff": 422, "/nowhere": 404} {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		require.Equal(t, want, w.Code, path)
		require.Contains(t, w.Body.String(), "<h1>", path)
		require.NotContains(t, w.Body.String(), "secret cause", path)
	}
	w := httptest.NewRecorder()
	s.deps.Metrics.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Contains(t, w.Body.String(), `route="GET /broken/{id}"`)
	require.Contains(t, w.Body.String(), "go_goroutines")
	require.False(t, strings.Contains(w.Body.String(), "broken/1"), "the route, not the path")
}
