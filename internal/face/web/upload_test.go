package web

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/telemetry"
	"gonghui/internal/base/vault/vaulttest"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// atEnd calls a func when everything has been read.
type atEnd struct {
	io.Reader
	then func()
}

func (r atEnd) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil {
		r.then()
	}
	return n, err
}

// What somebody sends who may not is read over and never written down.
func TestUploadsOfStrangersLeaveNothing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	s := New(Deps{Sessions: noSessions{}, Vault: vaulttest.New(t), Clock: clock.System(), Log: telemetry.Quiet()})
	for path, allowed := range map[string]bool{"/closed": false, "/open": true} {
		s.HandleUpload("POST "+path, s.plain, func(*http.Request) error {
			if allowed {
				return nil
			}
			return fault.New(fault.Forbidden, "access.denied")
		}, func(http.ResponseWriter, *http.Request) error { return nil })
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		file, err := form.CreateFormFile("file", "jobs.csv")
		require.NoError(t, err)
		_, err = file.Write(make([]byte, 8<<20))
		require.NoError(t, err)
		require.NoError(t, form.Close())
		seen := -1
		r := httptest.NewRequest(http.MethodPost, path, atEnd{&body, func() {
			entries, err := os.ReadDir(dir)
			require.NoError(t, err)
			seen = len(entries)
		}})
		r.Header.Set("Content-Type", form.FormDataContentType())
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		require.Equal(t, http.StatusForbidden, w.Code, "the open one lacks its token")
		if allowed {
			require.NotZero(t, seen, "a file is kept while its form is looked at")
		} else {
			require.Zero(t, seen)
		}
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, entries)
	}
}
