package blob_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"gonghui/internal/base/blob"
	"gonghui/internal/kit/fault"
)

func open(t *testing.T) (*blob.Store, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "blobs")
	s, err := blob.Open("file://" + dir)
	require.NoError(t, err)
	return s, dir
}

func files(t *testing.T, dir string) (all []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			all = append(all, path)
		}
		return err
	}))
	return all
}

func TestPutGet(t *testing.T) {
	s, dir := open(t)
	text := []byte("姓名,工种\n王某,焊工\n")
	sum := sha256.Sum256(text)
	ref, err := s.Put(t.Context(), bytes.NewReader(text), 100)
	require.NoError(t, err)
	require.Equal(t, blob.Ref{SHA256: hex.EncodeToString(sum[:]), Size: int64(len(text)), MediaType: "text/csv"}, ref)
	require.True(t, s.Has(ref.SHA256))

	all := files(t, dir)
	require.Equal(t, []string{filepath.Join(dir, ref.SHA256[:2], ref.SHA256[2:4], ref.SHA256)}, all)
	info, err := os.Stat(all[0])
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())

	again, err := s.Put(t.Context(), iotest.OneByteReader(bytes.NewReader(text)), int64(len(text)))
	require.NoError(t, err, "a file of exactly the limit is taken")
	require.Equal(t, ref, again)
	require.Len(t, files(t, dir), 1, "the same bytes are kept once")

	reopened, err := blob.Open(dir)
	require.NoError(t, err)
	r, err := reopened.Get(t.Context(), ref.SHA256)
	require.NoError(t, err)
	got, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	require.Equal(t, text, got)
}

func TestPutRefuses(t *testing.T) {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for name, c := range map[string]struct {
		ctx  context.Context
		r    io.Reader
		code string
	}{
		"one byte too many": {context.Background(), strings.NewReader("12345678901"), "blob.too_large"},
		"endless":           {context.Background(), iotest.DataErrReader(zeros{}), "blob.too_large"},
		"nothing":           {context.Background(), strings.NewReader(""), "blob.empty"},
		"sender gone":       {context.Background(), io.MultiReader(strings.NewReader("12"), iotest.ErrReader(io.ErrUnexpectedEOF)), "blob.unreadable"},
		"cancelled":         {ended, strings.NewReader("12"), "blob.unreadable"},
	} {
		t.Run(name, func(t *testing.T) {
			s, dir := open(t)
			_, err := s.Put(c.ctx, c.r, 10)
			require.True(t, fault.HasCode(err, c.code), err)
			require.True(t, fault.IsKind(err, fault.Invalid))
			require.Empty(t, files(t, dir), "nothing stays behind")
		})
	}
	s, _ := open(t)
	_, err := s.Put(t.Context(), strings.NewReader("12345678901"), 10)
	require.Equal(t, "10 B", fault.As(err).Params["Limit"])
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// What the bytes are decides, not what the sender says.
func TestSniffing(t *testing.T) {
	var sheet bytes.Buffer
	x := excelize.NewFile()
	require.NoError(t, x.SetCellValue("Sheet1", "A1", "姓名"))
	require.NoError(t, x.Write(&sheet))
	gbk := "\xd0\xd5\xc3\xfb,\xb9\xa4\xd6\xd6\n\xcd\xf5\xc4\xb3,\xba\xb8\xb9\xa4\n" // 姓名,工种 in GBK
	s, _ := open(t)
	for want, content := range map[string]string{
		"application/pdf": "%PDF-1.7\n%âãÏÓ\n1 0 obj\n",
		"image/png":       "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
		"image/jpeg":      "\xff\xd8\xff\xe0\x00\x10JFIF\x00",
		"text/html":       "<html><script>alert(1)</script>",
		"text/csv":        gbk,
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": sheet.String(),
	} {
		ref, err := s.Put(t.Context(), strings.NewReader(content), 1<<20)
		require.NoError(t, err)
		require.Equal(t, want, ref.MediaType)
	}
}

func TestGetRefuses(t *testing.T) {
	s, dir := open(t)
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(dir), "secret"), []byte("x"), 0o600))
	for _, key := range []string{
		"", "x", "../secret", "incoming", strings.Repeat("a", 63), strings.Repeat("a", 64), strings.Repeat("A", 64),
		"../" + strings.Repeat("a", 61), strings.Repeat("a", 32) + "/" + strings.Repeat("a", 31),
	} {
		_, err := s.Get(t.Context(), key)
		require.True(t, fault.HasCode(err, "blob.missing"), key)
		require.False(t, s.Has(key), key)
	}
	for _, address := range []string{"", "s3://bucket", "file://host/dir", "mem://", "file://"} {
		_, err := blob.Open(address)
		require.Error(t, err, address)
	}
}

func TestDamageIsSeen(t *testing.T) {
	s, dir := open(t)
	ref, err := s.Put(t.Context(), strings.NewReader("the certificate"), 100)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(files(t, dir)[0], []byte("the Certificate"), 0o600))
	r, err := s.Get(t.Context(), ref.SHA256)
	require.NoError(t, err)
	_, err = io.ReadAll(r)
	require.True(t, fault.HasCode(err, "blob.damaged"))
	require.NoError(t, r.Close())
}

func TestManyWritersOfOneBlob(t *testing.T) {
	s, dir := open(t)
	content := bytes.Repeat([]byte("0123456789"), 20_000)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := s.Put(t.Context(), bytes.NewReader(content), 1<<20); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.Len(t, files(t, dir), 1)
}

func TestSweep(t *testing.T) {
	s, dir := open(t)
	ref, err := s.Put(t.Context(), strings.NewReader("kept"), 100)
	require.NoError(t, err)
	now := time.Date(2020, 7, 20, 4, 0, 0, 0, time.UTC)
	for name, at := range map[string]time.Time{"put-old": now.Add(-2 * time.Hour), "put-new": now} {
		path := filepath.Join(dir, "incoming", name)
		require.NoError(t, os.WriteFile(path, nil, 0o600))
		require.NoError(t, os.Chtimes(path, at, at))
	}
	n, err := s.Sweep(now.Add(-time.Hour))
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.True(t, s.Has(ref.SHA256))
	require.True(t, errors.Is(stat(filepath.Join(dir, "incoming", "put-old")), fs.ErrNotExist))
	require.NoError(t, stat(filepath.Join(dir, "incoming", "put-new")))
}

func stat(path string) error {
	_, err := os.Stat(path)
	return err
}
