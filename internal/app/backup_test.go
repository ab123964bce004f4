package app_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/app"
	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/core/access"
	"gonghui/internal/kit/fault"
	"gonghui/internal/measure/employment"
)

// The house moves: SQLite → PostgreSQL → SQLite, and agrees with itself after
// each move.
func TestBackupAndRestore(t *testing.T) {
	from := config(t, db.SQLite)
	setUp(t, from)
	furnish(t, from)
	a := open(t, from)
	require.NoError(t, a.CreateUser(t.Context(), app.NewUser{Login: "xian", Name: "王芳", Role: "county_clerk", Unit: "370102"}, &bytes.Buffer{}))
	at, n := from, 0
	parent := t // whose folders outlive the parts
	for _, dialect := range []string{db.Postgres, db.SQLite} {
		t.Run(dialect, func(t *testing.T) {
			dbtest.Need(t, dialect)
			to := config(parent, dialect)
			file := filepath.Join(t.TempDir(), "b.zip")
			var out bytes.Buffer
			source := open(t, at)
			require.NoError(t, source.Backup(t.Context(), file, &out))
			require.Contains(t, out.String(), "no secrets are inside")
			info, err := os.Stat(file)
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
			require.True(t, fault.HasCode(source.Backup(t.Context(), file, &out), "backup.exists"))

			require.True(t, fault.HasCode(app.Restore(t.Context(), to, file, &out), "restore.no_secrets"))
			require.NoFileExists(t, to.Secrets, "a restore makes no keys of its own")
			require.NoError(t, os.MkdirAll(to.DataDir, 0o700))
			keys, err := os.ReadFile(from.Secrets)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(to.Secrets, keys, 0o600))
			require.NoError(t, app.Restore(t.Context(), to, file, &out))
			require.True(t, fault.HasCode(app.Restore(t.Context(), to, file, &out), "archive.not_empty"))

			there := open(t, to)
			out.Reset()
			require.NoError(t, there.Verify(t.Context(), &out), out.String())
			list, err := there.Employment.ListVacancies(access.System(t.Context(), "test"), employment.VacancyFilter{})
			require.NoError(t, err)
			require.Len(t, list.Items, 3)
			_, err = there.Accounts.ByLogin(access.System(t.Context(), "test"), "xian")
			require.NoError(t, err)
			at = to
			n++
		})
	}
	require.Positive(t, n)
}

func TestRestoreWithOtherSecretsChangesNothing(t *testing.T) {
	from, to := config(t, db.SQLite), config(t, db.SQLite)
	setUp(t, from)
	furnish(t, from)
	file := filepath.Join(t.TempDir(), "b.zip")
	require.NoError(t, open(t, from).Backup(t.Context(), file, &bytes.Buffer{}))
	setUp(t, to) // has keys of its own
	err := app.Restore(t.Context(), to, file, &bytes.Buffer{})
	require.True(t, fault.HasCode(err, "archive.secrets"), "%v", err)
	list, err := open(t, to).Employment.ListVacancies(access.System(t.Context(), "test"), employment.VacancyFilter{})
	require.NoError(t, err)
	require.Empty(t, list.Items)
}

// Text messages that had not gone when the backup was made go after a restore.
func TestRestoreQueuesWhatWasWaiting(t *testing.T) {
	from, to := config(t, db.SQLite), config(t, db.SQLite)
	setUp(t, from)
	a := open(t, from)
	_, err := a.DB.Writer(t.Context()).NewRaw(`INSERT INTO deliveries (city_code, id, notice_id, channel, address, state, created_at)
		VALUES ('3701', 'd1', 'n', 'sms', '138', 'queued', ?), ('3701', 'd2', 'n', 'sms', '138', 'sent', ?)`, a.Clock.Now(), a.Clock.Now()).Exec(t.Context())
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "b.zip")
	require.NoError(t, a.Backup(t.Context(), file, &bytes.Buffer{}))
	require.NoError(t, os.MkdirAll(to.DataDir, 0o700))
	keys, err := os.ReadFile(from.Secrets)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(to.Secrets, keys, 0o600))
	require.NoError(t, app.Restore(t.Context(), to, file, &bytes.Buffer{}))
	d, err := open(t, to).Queue.Depth(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, d.Waiting)
}

// A backup that cannot be finished leaves nothing under its name.
func TestBackupIntoNowhere(t *testing.T) {
	c := config(t, db.SQLite)
	setUp(t, c)
	a := open(t, c)
	require.Error(t, a.Backup(t.Context(), filepath.Join(t.TempDir(), "none", "b.zip"), &bytes.Buffer{}))
	dir := t.TempDir()
	ctx, stop := contextThatEnds(t)
	stop()
	require.Error(t, a.Backup(ctx, filepath.Join(dir, "b.zip"), &bytes.Buffer{}))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}
