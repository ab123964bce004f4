package app_test

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/app"
	"gonghui/internal/base/db"
	"gonghui/internal/kit/fault"
)

func TestDemoSaysFirstThatTheAddressIsTaken(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, ln.Close()) }()
	c := config(t, db.SQLite)
	c.Addr = ln.Addr().String()
	err = app.Demo(t.Context(), c, app.DemoOptions{Size: "small"}, &bytes.Buffer{}, &bytes.Buffer{})
	require.True(t, fault.HasCode(err, "demo.address_taken"), "%v", err)
	require.NoDirExists(t, c.DataDir, "nothing is built for nothing")
}

// Whatever is not a demonstration's is neither written into nor deleted.
func TestDemoLeavesOtherFoldersAlone(t *testing.T) {
	c := config(t, db.SQLite)
	require.NoError(t, os.MkdirAll(c.DataDir, 0o700))
	mine := filepath.Join(c.DataDir, "letters.txt")
	require.NoError(t, os.WriteFile(mine, []byte("mine"), 0o600))
	for _, o := range []app.DemoOptions{{Size: "small"}, {Size: "small", Fresh: true}} {
		_, err := app.BuildDemo(t.Context(), c, o, &bytes.Buffer{})
		require.True(t, fault.HasCode(err, "demo.folder_in_use") || fault.HasCode(err, "demo.fresh_refused"), "%v", err)
		left, err := os.ReadDir(c.DataDir)
		require.NoError(t, err)
		require.Len(t, left, 1)
	}
	real := config(t, db.SQLite)
	setUp(t, real)
	furnish(t, real)
	before, err := os.ReadFile(real.Secrets)
	require.NoError(t, err)
	_, err = app.BuildDemo(t.Context(), real, app.DemoOptions{Size: "small", Fresh: true}, &bytes.Buffer{})
	require.True(t, fault.HasCode(err, "demo.fresh_refused"), "%v", err)
	after, err := os.ReadFile(real.Secrets)
	require.NoError(t, err)
	require.Equal(t, before, after)
}

func TestDemoIsBuiltOnceAndAnewOnlyWhenAsked(t *testing.T) {
	c := config(t, db.SQLite)
	first, err := app.BuildDemo(t.Context(), c, app.DemoOptions{Size: "tiny", Seed: 1}, &bytes.Buffer{})
	require.NoError(t, err)
	again, err := app.BuildDemo(t.Context(), c, app.DemoOptions{Size: "tiny", Seed: 2}, &bytes.Buffer{})
	require.NoError(t, err)
	require.Equal(t, first, again)
	mine := filepath.Join(c.DataDir, "notes.txt")
	require.NoError(t, os.WriteFile(mine, []byte("mine"), 0o600))
	fresh, err := app.BuildDemo(t.Context(), c, app.DemoOptions{Size: "tiny", Seed: 1, Fresh: true}, &bytes.Buffer{})
	require.NoError(t, err)
	require.NotEqual(t, first.BuiltAt, fresh.BuiltAt)
	require.Equal(t, first.Vacancies, fresh.Vacancies)
	require.FileExists(t, mine, "only what the program has made is deleted")
	var out bytes.Buffer
	require.NoError(t, open(t, c).Verify(t.Context(), &out), out.String())
}
