package app_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/app"
	"gonghui/internal/base/db"
	"gonghui/internal/kit/fault"
)

// The file of errors never takes the place of the file that is read, under
// whichever name.
func TestErrorsAreNotWrittenOverTheFile(t *testing.T) {
	c := config(t, db.SQLite)
	setUp(t, c)
	dir := t.TempDir()
	file, other := filepath.Join(dir, "jobs.csv"), filepath.Join(dir, "errors.csv")
	require.NoError(t, os.WriteFile(file, []byte(vacancies), 0o600))
	require.NoError(t, os.Link(file, other))
	for _, name := range []string{file, other, filepath.Join(dir, ".", "x", "..", "jobs.csv")} {
		if name != file && name != other {
			require.NoError(t, os.Mkdir(filepath.Join(dir, "x"), 0o700))
		}
		_, err := app.ImportJobs(t.Context(), c, app.JobsImport{File: file, Errors: name, Quiet: true}, &bytes.Buffer{})
		require.True(t, fault.HasCode(err, "import.errors_same_file"), "%v", err)
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, vacancies, string(text))
	}
}

// A file of errors that could not be finished is not passed over in silence.
func TestErrorsThatCannotBeWritten(t *testing.T) {
	const full = "/dev/full" // no room, as on a full disk
	if _, err := os.Stat(full); err != nil {
		t.Skip("LEFT OUT: no " + full + " here, a full disk was not tried")
	}
	c := config(t, db.SQLite)
	setUp(t, c)
	file := filepath.Join(t.TempDir(), "jobs.csv")
	require.NoError(t, os.WriteFile(file, []byte(vacancies+"坏行,某公司,8千,火星,,,\n"), 0o600))
	_, err := app.ImportJobs(t.Context(), c, app.JobsImport{File: file, Errors: full, Quiet: true}, &bytes.Buffer{})
	require.ErrorContains(t, err, full)
}
