// Package dbtest gives tests a real, migrated, empty database of each kind.
package dbtest

import (
	"context"
	"errors"
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

// Template is a migrated database that is made once for each test process and
// copied for each test.
type Template struct {
	prepare  func(ctx context.Context, d *db.DB) error
	lite, pg sync.Once
	bytes    []byte // of the SQLite file
	name     string // of the PostgreSQL database
	err      error  // of SQLite
	pgErr    error
}

// Prepared is a template that holds what prepare writes, for packages whose tests
// all begin with the same records.
func Prepared(prepare func(ctx context.Context, d *db.DB) error) *Template {
	return &Template{prepare: prepare}
}

var plain = Prepared(func(context.Context, *db.DB) error { return nil })

// Each runs a test on SQLite and, where EnvPostgres names a server, on
// PostgreSQL. Each run has a database of its own.
func Each(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	plain.Each(t, test)
}

// SQLite gives one empty SQLite database, for tests that are about SQLite.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	return plain.open(t, db.SQLite)
}

// URL gives the address of a fresh migrated database of the kind, for tests
// that start the whole program. Where it cannot be had the test is left out.
func URL(t testing.TB, dialect string) string {
	t.Helper()
	return plain.URL(t, dialect)
}

// Each is the function Each with copies of the template.
func (x *Template) Each(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		t.Run(dialect, func(t *testing.T) { test(t, x.open(t, dialect)) })
	}
}

// SQLite is the function SQLite with a copy of the template.
func (x *Template) SQLite(t testing.TB) *db.DB {
	t.Helper()
	return x.open(t, db.SQLite)
}

// URL is the function URL with a copy of the template.
func (x *Template) URL(t testing.TB, dialect string) string {
	t.Helper()
	if Need(t, dialect); dialect == db.Postgres {
		return x.postgresURL(t)
	}
	return x.sqliteFile(t)
}

func (x *Template) open(t testing.TB, dialect string) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), db.Config{URL: x.URL(t, dialect), MaxConns: 8, Volatile: true})
	if err != nil {
		t.Fatalf("open %s: %v", dialect, err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func (x *Template) sqliteFile(t testing.TB) string {
	x.lite.Do(func() {
		dir, err := os.MkdirTemp("", "gonghui-template")
		if err != nil {
			x.err = err
			return
		}
		defer func() { _ = os.RemoveAll(dir) }()
		file := filepath.Join(dir, "t.db")
		if x.err = x.make(file); x.err == nil {
			x.bytes, x.err = os.ReadFile(file)
		}
	})
	if x.err != nil {
		t.Fatalf("template database: %v", x.err)
	}
	file := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(file, x.bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func (x *Template) make(u string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, db.Config{URL: u, MaxConns: 2, Volatile: true})
	if err != nil {
		return err
	}
	if _, err := d.Migrate(ctx); err != nil {
		return errors.Join(err, d.Close())
	}
	err = x.prepare(ctx, d)
	return errors.Join(err, d.Close()) // which also folds SQLite's write-ahead log into the file
}

func (x *Template) postgresURL(t testing.TB) string {
	base, err := url.Parse(os.Getenv(EnvPostgres))
	if err != nil {
		t.Fatalf("%s: %v", EnvPostgres, err)
	}
	x.pg.Do(func() {
		x.name = fmt.Sprintf("gonghui_template_%d_%s", os.Getpid(), id.Token(4))
		if x.pgErr = admin(base, "CREATE DATABASE "+x.name); x.pgErr == nil {
			x.pgErr = x.make(withName(base, x.name))
		}
	})
	if x.pgErr != nil {
		t.Fatalf("template database: %v", x.pgErr)
	}
	name := "gonghui_test_" + id.Token(10)
	if err := admin(base, "CREATE DATABASE "+name+" TEMPLATE "+x.name); err != nil {
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
