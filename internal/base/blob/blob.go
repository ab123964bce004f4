package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gabriel-vasile/mimetype"

	"gonghui/internal/kit/fault"
)

// Ref is what Put tells about a blob.
type Ref struct {
	SHA256    string // 64 hex digits, the key
	Size      int64  // bytes
	MediaType string // sniffed from the bytes, without parameters: application/pdf
}

// Store is a folder of blobs. It is safe for concurrent use, by several
// programs too.
type Store struct{ dir string }

// Dir is the folder that an address names, a URL, file:///DIR, or a plain path.
func Dir(address string) (string, error) {
	dir := address
	if strings.Contains(address, "://") {
		u, err := url.Parse(address)
		if err != nil {
			return "", fmt.Errorf("blob store: %w", err)
		}
		if u.Scheme != "file" || u.Host != "" {
			return "", fmt.Errorf("blob store: %s://%s is not offered, only file:///DIR", u.Scheme, u.Host)
		}
		dir = filepath.FromSlash(u.Path)
	}
	if dir == "" {
		return "", errors.New("blob store: no folder named")
	}
	return dir, nil
}

// Open opens the store at an address, and makes the folder when it is not there.
func Open(address string) (*Store, error) {
	dir, err := Dir(address)
	if err != nil {
		return nil, err
	}
	s := &Store{dir: dir}
	if err := os.MkdirAll(s.incoming(), 0o700); err != nil {
		return nil, fmt.Errorf("blob store: %w", err)
	}
	return s, nil
}

func (s *Store) incoming() string { return filepath.Join(s.dir, "incoming") }

func (s *Store) path(key string) string { return filepath.Join(s.dir, key[:2], key[2:4], key) }

// Put stores what r gives, at most limit bytes, in constant memory. Faults:
// invalid blob.too_large (message parameter Limit, "10 MB"), blob.empty,
// blob.unreadable (r failed: the sender went away, with r's error as the cause);
// internal blob.store. A bound on the whole request has to lie above limit.
func (s *Store) Put(ctx context.Context, r io.Reader, limit int64) (Ref, error) {
	f, err := os.CreateTemp(s.incoming(), "put-*") // made with mode 0600
	if err != nil {
		return Ref{}, broken(err)
	}
	ref, err := s.receive(ctx, f, r, limit)
	if err == nil {
		if err = f.Sync(); err != nil {
			err = broken(err)
		}
	}
	if cerr := f.Close(); err == nil && cerr != nil {
		err = broken(cerr)
	}
	if err == nil {
		err = s.settle(f.Name(), ref)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // Sweep would get it otherwise
		return Ref{}, err
	}
	return ref, nil
}

// receive writes the bytes to f, counts and hashes them, and sniffs their type.
func (s *Store) receive(ctx context.Context, f *os.File, r io.Reader, limit int64) (Ref, error) {
	h := sha256.New()
	source := &watched{ctx: ctx, r: r}
	n, err := io.Copy(io.MultiWriter(f, h), io.LimitReader(source, limit+1))
	switch {
	case n > limit:
		return Ref{}, fault.New(fault.Invalid, "blob.too_large", fault.With("Limit", size(limit)))
	case source.err != nil:
		return Ref{}, fault.New(fault.Invalid, "blob.unreadable", fault.Because(source.err))
	case err != nil:
		return Ref{}, broken(err)
	case n == 0:
		return Ref{}, fault.New(fault.Invalid, "blob.empty")
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return Ref{}, broken(err)
	}
	kind, err := mimetype.DetectReader(f)
	if err != nil {
		return Ref{}, broken(err)
	}
	media, _, _ := strings.Cut(kind.String(), ";")
	return Ref{SHA256: hex.EncodeToString(h.Sum(nil)), Size: n, MediaType: media}, nil
}

// watched tells errors of the source from errors of the disk, and ends with the context.
type watched struct {
	ctx context.Context
	r   io.Reader
	err error
}

func (w *watched) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		w.err = err
		return 0, err
	}
	n, err := w.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

// settle gives the finished file its name. The rename is all or nothing, and
// the folder is flushed so that the name is there after a power cut.
func (s *Store) settle(temp string, ref Ref) error {
	to := s.path(ref.SHA256)
	if info, err := os.Stat(to); err == nil && info.Size() == ref.Size {
		if err := os.Remove(temp); err != nil { // the same bytes are there already
			return broken(err)
		}
		return nil
	}
	dir := filepath.Dir(to)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return broken(err)
	}
	if err := os.Rename(temp, to); err != nil {
		return broken(err)
	}
	for _, d := range []string{dir, filepath.Dir(dir), s.dir} { // the folders may be new too
		if err := flush(d); err != nil {
			return broken(err)
		}
	}
	return nil
}

func flush(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Get opens a blob for reading. Reading to the end checks the bytes: damaged
// ones end in a fault internal blob.damaged in place of io.EOF. Fault: not_found
// blob.missing, also for what is no key.
func (s *Store) Get(ctx context.Context, key string) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, fault.New(fault.Unavailable, "blob.cancelled", fault.Because(err))
	}
	if !isKey(key) {
		return nil, missing(fmt.Errorf("no key: %d characters", len(key)))
	}
	f, err := os.Open(s.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, missing(err)
	}
	if err != nil {
		return nil, broken(err)
	}
	return &checked{f: f, key: key, hash: sha256.New()}, nil
}

// Has tells whether a blob is there.
func (s *Store) Has(key string) bool {
	if !isKey(key) {
		return false
	}
	_, err := os.Stat(s.path(key))
	return err == nil
}

// isKey lets nothing become a path that Put has not made.
func isKey(key string) bool {
	if len(key) != 2*sha256.Size {
		return false
	}
	for _, c := range []byte(key) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

type checked struct {
	f    *os.File
	key  string
	hash hash.Hash
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.f.Read(p)
	c.hash.Write(p[:n])
	if errors.Is(err, io.EOF) && hex.EncodeToString(c.hash.Sum(nil)) != c.key {
		return n, internal("blob.damaged", errors.New(c.key))
	}
	return n, err
}

func (c *checked) Close() error { return c.f.Close() }

// Sweep removes what was begun before the time given and never finished, and
// tells how many files that were. An hour ago is a good time.
func (s *Store) Sweep(before time.Time) (int, error) {
	entries, err := os.ReadDir(s.incoming())
	if err != nil {
		return 0, broken(err)
	}
	n := 0
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.ModTime().Before(before) {
			continue // gone meanwhile, or being written
		}
		if err := os.Remove(filepath.Join(s.incoming(), e.Name())); err == nil {
			n++
		}
	}
	return n, nil
}

func broken(cause error) error { return internal("blob.store", cause) }

// internal faults are our trouble: the person is shown the general sentence.
func internal(code string, cause error) error {
	f := fault.New(fault.Internal, code, fault.Because(cause))
	f.Key = "fault.internal"
	return f
}

func missing(cause error) error {
	return fault.New(fault.NotFound, "blob.missing", fault.Because(cause))
}

// size writes bytes for people.
func size(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%d MB", n>>20)
	case n >= 1<<10:
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}
