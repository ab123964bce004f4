// Package dbtest gives tests a real, migrated, empty database of each kind.
package dbtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/id"
)

// EnvPostgres names the variable with the address of a PostgreSQL where tests
// may create and drop databases.
const EnvPostgres = "GONGHUI_TEST_POSTGRES"

// Dialects gives the kinds of database that can be had here.
func Dialects() []string {
	if os.Getenv(EnvPostgres) == "" {
		return []string{db.SQLite}
	}
	return []string{db.SQLite, db.Postgres}
}

// Need leaves a test out where a kind of database cannot be had.
func Need(t testing.TB, dialect string) {
	t.Helper()
	if !slices.Contains(Dialects(), dialect) {
		t.Skip("LEFT OUT: " + EnvPostgres + " names no server, nothing was tried on PostgreSQL")
	}
}

// Each runs a test on SQLite and, where EnvPostgres names a server, on
// PostgreSQL. Each run has a database of its own.
func Each(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		t.Run(dialect, func(t *testing.T) { test(t, open(t, dialect)) })
	}
}

// SQLite gives one empty SQLite database, for tests that are about SQLite.
func SQLite(t testing.TB) *db.DB { return open(t, db.SQLite) }

// URL gives the address of a fresh migrated database of the kind, for tests
// that start the whole program. Where it cannot be had the test is left out.
func URL(t testing.TB, dialect string) string {
	t.Helper()
	if Need(t, dialect); dialect == db.Postgres {
		return postgresURL(t)
	}
	return sqliteFile(t)
}

func open(t testing.TB, dialect string) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), db.Config{URL: URL(t, dialect), MaxConns: 8})
	if err != nil {
		t.Fatalf("open %s: %v", dialect, err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// The template is migrated once for each test process and copied.
var template = struct {
	lite, pg   sync.Once
	bytes      []byte
	name       string
	err, pgErr error
}{}

func sqliteFile(t testing.TB) string {
	template.lite.Do(func() {
		dir, err := os.MkdirTemp("", "gonghui-template")
		if err != nil {
			template.err = err
			return
		}
		defer func() { _ = os.RemoveAll(dir) }()
		file := filepath.Join(dir, "t.db")
		if template.err = migrate(file); template.err == nil {
			template.bytes, template.err = os.ReadFile(file)
		}
	})
	if template.err != nil {
		t.Fatalf("template database: %v", template.err)
	}
	file := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(file, template.bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func migrate(u string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, db.Config{URL: u, MaxConns: 2})
	if err != nil {
		return err
	}
	if _, err := d.Migrate(ctx); err != nil {
		return err
	}
	return d.Close() // also folds SQLite's write-ahead log into the file
}

func postgresURL(t testing.TB) string {
	base, err := url.Parse(os.Getenv(EnvPostgres))
	if err != nil {
		t.Fatalf("%s: %v", EnvPostgres, err)
	}
	template.pg.Do(func() {
		template.name = fmt.Sprintf("gonghui_template_%d_%s", os.Getpid(), id.Token(4))
		if template.pgErr = admin(base, "CREATE DATABASE "+template.name); template.pgErr == nil {
			template.pgErr = migrate(withName(base, template.name))
		}
	})
	if template.pgErr != nil {
		t.Fatalf("template database: %v", template.pgErr)
	}
	name := "gonghui_test_" + id.Token(10)
	if err := admin(base, "CREATE DATABASE "+name+" TEMPLATE "+template.name); err != nil {
		t.Fatalf("test database: %v", err)
	}
	t.Cleanup(func() { _ = admin(base, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	return withName(base, name)
}

func withName(base *url.URL, name string) string {
	u := *base
	u.Path = "/" + name
	return u.String()
}

// copying serialises CREATE DATABASE … TEMPLATE, which needs the template idle.
var copying sync.Mutex

func admin(base *url.URL, statement string) error {
	copying.Lock()
	defer copying.Unlock()
	ctx := context.Background()
	d, err := db.Open(ctx, db.Config{URL: base.String(), MaxConns: 1})
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	_, err = d.Pool().ExecContext(ctx, statement)
	return err
}
