// Package orgtest gives tests databases that hold what every installation begins
// with: the union tree, the built-in roles, the tables of the queue. They are made
// once for each test process; in a test's own set-up Seed then finds all there.
package orgtest

import (
	"context"
	"testing"

	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/base/queue"
	"gonghui/internal/base/telemetry"
	"gonghui/internal/core/access"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/clock"
)

var installed = dbtest.Prepared(func(ctx context.Context, d *db.DB) error {
	if err := queue.New(d, clock.System(), telemetry.Quiet()).Migrate(ctx); err != nil {
		return err
	}
	if err := access.SeedRoles(ctx, d); err != nil {
		return err
	}
	return org.New(d, clock.System()).Seed(ctx)
})

// Each is dbtest.Each with these databases.
func Each(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	installed.Each(t, test)
}

// SQLite is dbtest.SQLite with such a database.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	return installed.SQLite(t)
}

// URL is dbtest.URL with such a database.
func URL(t testing.TB, dialect string) string {
	t.Helper()
	return installed.URL(t, dialect)
}
