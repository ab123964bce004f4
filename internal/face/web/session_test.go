package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/telemetry"
	"gonghui/internal/base/vault/vaulttest"
	"gonghui/internal/kit/clock"
)

func TestLocal(t *testing.T) {
	for _, ours := range []string{"/", "/jobs?q=焊工&place=3701", "/desk/cases/a/b/c#history", "/%09/x", "/a//b"} {
		require.Equal(t, ours, Local(ours, "/none"))
	}
	for _, theirs := range []string{
		"", "//evil.example", "///evil.example", `/\evil.example`, `\\evil.example`, "https://evil.example", "javascript:alert(1)", "evil.example",
		"/\t/evil.example", "/\n/evil.example", "/\r/evil.example", "/x\x00", "/\x7f/evil.example", "/\u0085/evil.example", "/" + strings.Repeat("a", 2000),
	} {
		require.Equal(t, "/none", Local(theirs, "/none"), "%q", theirs)
	}
}

// The switches of language and type size go back to this site only, also where
// the address was written so that the browser puts it together anew.
func TestPrefsStayHere(t *testing.T) {
	s := New(Deps{Sessions: noSessions{}, Vault: vaulttest.New(t), Clock: clock.System(), Log: telemetry.Quiet()})
	for back, want := range map[string]string{"/jobs?q=x": "/jobs?q=x", "//evil.example": "/", "/\t/evil.example": "/", "/.//evil.example": "/evil.example"} {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/prefs?lang=en&back="+url.QueryEscape(back), nil))
		require.Equal(t, http.StatusSeeOther, w.Code)
		require.Equal(t, want, w.Header().Get("Location"), "%q", back)
	}
}
