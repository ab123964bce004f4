package app_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/app"
	"gonghui/internal/base/db"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
)

// lines gives doctor's lines by the name of the check.
func lines(text string) map[string]string {
	out := map[string]string{}
	for l := range strings.Lines(text) {
		word, rest, _ := strings.Cut(l, " ")
		name, _, _ := strings.Cut(strings.TrimSpace(rest), ":")
		out[name] = word
	}
	return out
}

func TestDoctorOfAHealthyHouse(t *testing.T) {
	each(t, func(t *testing.T, c app.Config) {
		setUp(t, c)
		furnish(t, c)
		var out bytes.Buffer
		require.NoError(t, app.Doctor(t.Context(), c, &out), out.String())
		got := lines(out.String())
		for _, name := range []string{"program", "config data", "secrets", "disk", "blobs", "outbox", "clock", "schema", "database", "queue", "audit"} {
			require.Contains(t, got, name, out.String())
		}
		require.NotContains(t, out.String(), "FAIL")
		a := open(t, c)
		var left int
		require.NoError(t, a.DB.Reader(t.Context()).NewRaw("SELECT count(*) FROM settings WHERE name LIKE 'doctor%'").Scan(t.Context(), &left))
		require.Zero(t, left, "doctor leaves nothing behind")
		require.Empty(t, i18n.Missing())
	})
}

func TestDoctorNamesWhatIsWrong(t *testing.T) {
	sick := func(name string, harm func(t *testing.T, c *app.Config), check string) {
		t.Run(name, func(t *testing.T) {
			c := config(t, db.SQLite)
			setUp(t, c)
			harm(t, &c)
			var out bytes.Buffer
			err := app.Doctor(t.Context(), c, &out)
			require.True(t, fault.HasCode(err, "doctor.failed"), "%v\n%s", err, out.String())
			require.Equal(t, "FAIL", lines(out.String())[check], out.String())
		})
	}
	sick("no secrets", func(t *testing.T, c *app.Config) { require.NoError(t, os.Remove(c.Secrets)) }, "secrets")
	sick("secrets lying open", func(t *testing.T, c *app.Config) { require.NoError(t, os.Chmod(c.Secrets, 0o644)) }, "secrets")
	sick("broken secrets", func(t *testing.T, c *app.Config) { require.NoError(t, os.WriteFile(c.Secrets, []byte("{}"), 0o600)) }, "secrets")
	sick("no database", func(t *testing.T, c *app.Config) { c.Database = filepath.Join(c.DataDir, "other.db") }, "database")
	sick("no database", func(t *testing.T, c *app.Config) {
		c.Database = "postgres://nobody:secret@127.0.0.1:1/none?connect_timeout=2"
	}, "database")
	sick("not a database", func(t *testing.T, c *app.Config) {
		require.NoError(t, os.WriteFile(c.Database, []byte(strings.Repeat("no database ", 1000)), 0o600))
		require.NoError(t, os.RemoveAll(c.Database+"-wal"))
	}, "database")
	sick("old schema", func(t *testing.T, c *app.Config) {
		d, err := db.Open(t.Context(), db.Config{URL: c.Database})
		require.NoError(t, err)
		_, err = d.Pool().ExecContext(t.Context(), "DELETE FROM goose_db_version WHERE version_id > 1")
		require.NoError(t, err)
		require.NoError(t, d.Close())
	}, "schema")
	sick("no blobs", func(t *testing.T, c *app.Config) { require.NoError(t, os.RemoveAll(c.Blobs)) }, "blobs")
	sick("blobs in the way", func(t *testing.T, c *app.Config) {
		c.Blobs = filepath.Join(c.DataDir, "file")
		require.NoError(t, os.WriteFile(c.Blobs, nil, 0o600))
	}, "blobs")
}

// A program older than its database says so, and does not offer to migrate it.
func TestADatabaseOfANewerProgram(t *testing.T) {
	each(t, func(t *testing.T, c app.Config) {
		setUp(t, c)
		a := open(t, c)
		_, err := a.DB.Pool().ExecContext(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, true)")
		require.NoError(t, err)
		require.NoError(t, a.Close())
		for _, create := range []bool{false, true} {
			_, err := app.Open(t.Context(), c, app.Options{Create: create})
			require.ErrorContains(t, err, "newer gonghui")
		}
		var out bytes.Buffer
		require.True(t, fault.HasCode(app.Doctor(t.Context(), c, &out), "doctor.failed"), out.String())
		require.Equal(t, "FAIL", lines(out.String())["schema"], out.String())
		require.NotContains(t, out.String(), "gonghui migrate")
	})
}

func TestDoctorShowsNoPassword(t *testing.T) {
	c := config(t, db.SQLite)
	setUp(t, c)
	c.Database = "postgres://gonghui:hunter2@127.0.0.1:1/none?connect_timeout=2&password=hunter2"
	var out bytes.Buffer
	require.Error(t, app.Doctor(t.Context(), c, &out))
	require.NotContains(t, out.String(), "hunter2")
	require.Contains(t, out.String(), "gonghui:xxxxx@")
	// A sign that should have been written %40 makes another part of it the host.
	c.Database = "postgres://gonghui:hun@ter2@db.example:notaport/none"
	out.Reset()
	require.Error(t, app.Doctor(t.Context(), c, &out))
	require.NotContains(t, out.String(), "ter2")
	_, err := app.Open(t.Context(), c, app.Options{})
	require.ErrorContains(t, err, "database address")
	require.NotContains(t, err.Error(), "ter2")
}

// The calendar says when it ends before deadlines are counted beyond its end.
func TestDoctorLooksAhead(t *testing.T) {
	c := config(t, db.SQLite)
	var out bytes.Buffer
	require.Error(t, app.Doctor(t.Context(), c, &out))
	require.Contains(t, lines(out.String()), "calendar")
}

// Doctor looks only: nothing appears where there was nothing.
func TestDoctorMakesNothing(t *testing.T) {
	c := config(t, db.SQLite)
	require.Error(t, app.Doctor(t.Context(), c, &bytes.Buffer{}))
	require.NoDirExists(t, c.DataDir)
}

func TestOutgrown(t *testing.T) {
	for _, x := range []struct {
		bytes  int64
		p95    time.Duration
		cities int
		want   bool
	}{
		{20 << 30, 50 * time.Millisecond, 5, false},
		{20<<30 + 1, 0, 0, true},
		{0, 50*time.Millisecond + 1, 0, true},
		{0, 0, 6, true},
	} {
		require.Equal(t, x.want, app.Outgrown(x.bytes, x.p95, x.cities), "%+v", x)
	}
}

func TestIDAtSortsAmongIDs(t *testing.T) {
	at := time.Date(2020, 7, 20, 0, 0, 0, 0, time.UTC)
	require.Equal(t, "01736985-2400", app.IDAt(at)[:13])
	require.Less(t, app.IDAt(at), app.IDAt(at.Add(time.Millisecond)))
}
