package assets_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/face/assets"
)

func get(t *testing.T, method, address, encoding string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, address, nil)
	if encoding != "" {
		r.Header.Set("Accept-Encoding", encoding)
	}
	w := httptest.NewRecorder()
	assets.Handler().ServeHTTP(w, r)
	return w.Result()
}

func TestEveryAssetIsServedInBothForms(t *testing.T) {
	files, err := os.ReadDir("dist")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		want, err := os.ReadFile(path.Join("dist", f.Name()))
		require.NoError(t, err)

		plain := get(t, "GET", assets.URL(f.Name()), "")
		require.Equal(t, 200, plain.StatusCode)
		require.Equal(t, "public, max-age=31536000, immutable", plain.Header.Get("Cache-Control"))
		require.Equal(t, "nosniff", plain.Header.Get("X-Content-Type-Options"))
		require.Empty(t, plain.Header.Get("Content-Encoding"))
		body, err := io.ReadAll(plain.Body)
		require.NoError(t, err)
		require.Equal(t, want, body)

		packed := get(t, "GET", assets.URL(f.Name()), "br, gzip")
		require.Equal(t, "gzip", packed.Header.Get("Content-Encoding"))
		unpack, err := gzip.NewReader(packed.Body)
		require.NoError(t, err)
		body, err = io.ReadAll(unpack)
		require.NoError(t, err)
		require.Equal(t, want, body)
	}
}

func TestWhatIsRefused(t *testing.T) {
	for _, address := range []string{"/assets/", "/assets/app.css", "/assets/app.000000000000.css", "/assets/../assets.go", "/assets/dist/app.css"} {
		require.Equal(t, 404, get(t, "GET", address, "").StatusCode, address)
	}
	require.Equal(t, 405, get(t, "POST", assets.URL("app.css"), "").StatusCode)
	require.Empty(t, get(t, "GET", assets.URL("app.css"), "gzip;q=0, identity").Header.Get("Content-Encoding"))
	require.Panics(t, func() { assets.URL("absent.css") })
	head := get(t, "HEAD", assets.URL("app.css"), "gzip")
	body, err := io.ReadAll(head.Body)
	require.NoError(t, err)
	require.Empty(t, body)
	require.NotEmpty(t, head.Header.Get("Content-Length"))
}

// The first view of a phone page may weigh 60 KB; its share for styles is 12 KB,
// its one script keeps what was typed when the network fails.
func TestSizes(t *testing.T) {
	budget := map[string]int{"app.css": 12 << 10, "desk.css": 4 << 10, "desk.js": 2 << 10, "form.js": 3 << 9, "htmx.min.js": 20 << 10, "chart.js": 240 << 10, "shandong.json": 40 << 10}
	for name, most := range budget {
		size := assets.Size(name)
		t.Logf("%s %d bytes compressed", name, size)
		require.Positive(t, size, name)
		require.LessOrEqual(t, size, most, name)
	}
}
