package app_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/app"
	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
)

// config gives a fresh installation's settings, on either database.
func config(t *testing.T, dialect string) app.Config {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	url := ""
	if dialect == db.Postgres {
		url = dbtest.URL(t, dialect)
	}
	c, err := app.LoadConfig(dir, func(name string) string {
		return map[string]string{"GONGHUI_DATABASE": url, "GONGHUI_ADDR": "127.0.0.1:0"}[name]
	})
	require.NoError(t, err)
	return c
}

// each runs a test on SQLite and, where there is one, on PostgreSQL.
func each(t *testing.T, test func(t *testing.T, c app.Config)) {
	t.Helper()
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		t.Run(dialect, func(t *testing.T) { test(t, config(t, dialect)) })
	}
}

// setUp makes the installation and closes it again.
func setUp(t *testing.T, c app.Config) {
	t.Helper()
	require.NoError(t, app.Migrate(t.Context(), c, &bytes.Buffer{}))
}

func open(t *testing.T, c app.Config) *app.App {
	t.Helper()
	a, err := app.Open(context.WithoutCancel(t.Context()), c, app.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = a.Close() })
	return a
}

const vacancies = `职位,公司,薪资,地点,学历,经验,标签
电焊工,济南钢花机械有限公司,8千-1.5万,济南·槐荫,大专,1-3年,五险一金|包吃住
会计,青岛海风商贸有限公司,1万-2万·13薪,青岛市市南区,本科,3-5年,双休
搬运工,烟台云帆物流有限公司,150/天,烟台,学历不限,经验不限,日结
`

// furnish puts vacancies into an installation.
func furnish(t *testing.T, c app.Config) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "jobs.csv")
	require.NoError(t, os.WriteFile(file, []byte(vacancies), 0o600))
	r, err := app.ImportJobs(t.Context(), c, app.JobsImport{File: file, Quiet: true}, &bytes.Buffer{})
	require.NoError(t, err)
	require.EqualValues(t, 3, r.Imported)
}

func contextThatEnds(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithCancel(t.Context())
}
