package assets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// Prefix is where Handler expects to be mounted.
const Prefix = "/assets/"

//go:embed dist
var dist embed.FS

// file is one asset in both forms.
type file struct {
	name   string // app.css
	hashed string // app.0a1b2c3d4e5f.css
	kind   string // Content-Type
	plain  []byte
	gzip   []byte
}

type shelf struct {
	byName   map[string]*file
	byHashed map[string]*file
}

// load reads and compresses everything once. A broken embedded file stops the
// program: it is part of the program, not input.
var load = sync.OnceValue(func() *shelf {
	s, err := open(dist)
	if err != nil {
		panic(err)
	}
	return s
})

func open(fsys fs.FS) (*shelf, error) {
	names, err := fs.Glob(fsys, "dist/*")
	if err != nil {
		return nil, fmt.Errorf("list assets: %w", err)
	}
	s := &shelf{byName: map[string]*file{}, byHashed: map[string]*file{}}
	for _, name := range names {
		plain, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("read asset %s: %w", name, err)
		}
		f, err := newFile(path.Base(name), plain)
		if err != nil {
			return nil, fmt.Errorf("compress asset %s: %w", name, err)
		}
		s.byName[f.name], s.byHashed[f.hashed] = f, f
	}
	return s, nil
}

var kinds = map[string]string{
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".json": "application/json",
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",
}

func newFile(name string, plain []byte) (*file, error) {
	sum := sha256.Sum256(plain)
	ext := path.Ext(name)
	f := &file{
		name:   name,
		hashed: strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext,
		kind:   kinds[ext],
		plain:  plain,
	}
	if f.kind == "" {
		return nil, fmt.Errorf("no content type for %q", ext)
	}
	var buf bytes.Buffer
	w, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	f.gzip = buf.Bytes()
	return f, nil
}

// URL gives the address of an asset by its plain name: URL("app.css") is
// "/assets/app.<hash>.css". A name that does not exist is a mistake in the
// program and panics; a test renders every page that names one.
func URL(name string) string {
	f, ok := load().byName[name]
	if !ok {
		panic("assets: no file " + strconv.Quote(name))
	}
	return Prefix + f.hashed
}

// Size gives the bytes of an asset on the wire, compressed.
func Size(name string) int {
	f, ok := load().byName[name]
	if !ok {
		return 0
	}
	return len(f.gzip)
}

// Handler serves the assets under Prefix. Answers may be cached for ever; an
// address with an old hash is not found, never a newer file under an old name.
func Handler() http.Handler {
	s := load()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		f, ok := s.byHashed[strings.TrimPrefix(r.URL.Path, Prefix)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", f.kind)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Vary", "Accept-Encoding")
		body := f.plain
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			h.Set("Content-Encoding", "gzip")
			body = f.gzip
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method == http.MethodGet {
			_, _ = w.Write(body) // the reader has gone away: nobody to tell
		}
	})
}

// acceptsGzip reads Accept-Encoding; gzip;q=0 is a refusal.
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name = strings.TrimSpace(name); !strings.EqualFold(name, "gzip") && name != "*" {
			continue
		}
		q := strings.TrimPrefix(strings.ReplaceAll(strings.ToLower(params), " ", ""), "q=")
		if v, err := strconv.ParseFloat(q, 64); params != "" && (err != nil || v == 0) {
			return false
		}
		return true
	}
	return false
}
