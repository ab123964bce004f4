package notice_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/notice"
	"gonghui/internal/kit/clock"
)

func openOutbox(t *testing.T, dir string) *notice.Outbox {
	t.Helper()
	o, err := notice.OpenOutbox(dir, clock.NewFake(time.Date(2020, 7, 20, 1, 0, 0, 0, time.UTC)))
	require.NoError(t, err)
	t.Cleanup(func() { _ = o.Close() })
	return o
}

func TestOutbox(t *testing.T) {
	dir := t.TempDir()
	none, err := notice.ReadOutbox(dir)
	require.NoError(t, err)
	require.Empty(t, none)

	o := openOutbox(t, dir)
	hostile := "换行\n引号\"和 😀 </script>"
	require.NoError(t, o.Send(t.Context(), notice.Message{To: phone, Text: hostile, Key: "a"}))
	require.NoError(t, o.Send(t.Context(), notice.Message{To: phone, Text: "again", Key: "a"}))
	require.NoError(t, o.Send(t.Context(), notice.Message{To: phone, Text: "other", Key: "b"}))
	sent, err := notice.ReadOutbox(dir)
	require.NoError(t, err)
	require.Len(t, sent, 2)
	require.Equal(t, hostile, sent[0].Text)

	info, err := os.Stat(o.Path())
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "numbers and codes are for the owner only")
	info, err = os.Stat(filepath.Dir(o.Path()))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
}

func TestOutboxAfterACrash(t *testing.T) {
	dir := t.TempDir()
	o := openOutbox(t, dir)
	require.NoError(t, o.Send(t.Context(), notice.Message{To: phone, Text: "one", Key: "a"}))
	require.NoError(t, o.Close())
	f, err := os.OpenFile(o.Path(), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteString(`{"at":"2020-07-2`) // the power went here
	require.NoError(t, err)
	require.NoError(t, f.Close())

	o = openOutbox(t, dir)
	require.NoError(t, o.Send(t.Context(), notice.Message{To: phone, Text: "one", Key: "a"}), "known from before the crash")
	require.NoError(t, o.Send(t.Context(), notice.Message{To: phone, Text: "two", Key: "b"}))
	sent, err := notice.ReadOutbox(dir)
	require.NoError(t, err)
	require.Len(t, sent, 2)
	require.Equal(t, "two", sent[1].Text)
}

func TestOutboxTakesManyAtOnce(t *testing.T) {
	dir := t.TempDir()
	o := openOutbox(t, dir)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			_ = o.Send(t.Context(), notice.Message{To: phone, Text: "x", Key: string(rune('a' + i%10))})
		})
	}
	wg.Wait()
	sent, err := notice.ReadOutbox(dir)
	require.NoError(t, err)
	require.Len(t, sent, 10)
}
