package db_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/kit/fault"
)

func put(ctx context.Context, d *db.DB, name, value string) error {
	_, err := d.Writer(ctx).NewRaw(
		"INSERT INTO settings (name, value, updated_at) VALUES (?, ?, '2020-07-20 00:00:00+00:00')", name, value).Exec(ctx)
	return err
}

func count(t *testing.T, ctx context.Context, d *db.DB) int {
	t.Helper()
	n, err := d.Reader(ctx).NewSelect().Table("settings").Count(ctx)
	require.NoError(t, err)
	return int(n)
}

func TestInTx(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		ran := 0

		err := d.InTx(ctx, func(ctx context.Context) error {
			db.AfterCommit(ctx, func() { ran++ })
			require.NoError(t, put(ctx, d, "a", "1"))
			return d.InTx(ctx, func(ctx context.Context) error { return put(ctx, d, "b", "1") })
		})
		require.NoError(t, err)
		require.Equal(t, 2, count(t, ctx, d))
		require.Equal(t, 1, ran)

		boom := errors.New("boom")
		err = d.InTx(ctx, func(ctx context.Context) error {
			db.AfterCommit(ctx, func() { ran++ })
			require.NoError(t, put(ctx, d, "c", "1"))
			require.Equal(t, 3, count(t, ctx, d), "a transaction reads its own writes")
			return boom
		})
		require.ErrorIs(t, err, boom)
		require.Equal(t, 2, count(t, ctx, d), "nothing of a failed transaction stays")
		require.Equal(t, 1, ran, "no after-commit work without a commit")

		require.Panics(t, func() {
			_ = d.InTx(ctx, func(ctx context.Context) error {
				_ = put(ctx, d, "p", "1")
				panic("in the middle")
			})
		})
		require.NoError(t, put(ctx, d, "after", "1"), "a panic must not leave the writer locked")
	})
}

func TestManyWriters(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		require.NoError(t, put(ctx, d, "n", "0"))
		var wg sync.WaitGroup
		won := make(chan bool, 20)
		for range 20 {
			wg.Go(func() {
				res, err := d.Writer(ctx).NewRaw("UPDATE settings SET value = '1' WHERE name = 'n' AND value = '0'").Exec(ctx)
				won <- db.Affected(res, err, fault.New(fault.Conflict, "test.lost")) == nil
			})
		}
		wg.Wait()
		close(won)
		n := 0
		for w := range won {
			if w {
				n++
			}
		}
		require.Equal(t, 1, n, "a conditional update is won once")
	})
}

func TestFaults(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		require.NoError(t, put(ctx, d, "a", "1"))
		err := put(ctx, d, "a", "2")
		require.True(t, db.Unique(err, "settings", "name"))
		require.False(t, db.Unique(err, "settings", "value"))
		require.False(t, db.Unique(err, "accounts"))
		require.True(t, fault.HasCode(db.Fault(err), "db.unique"))

		var v string
		err = d.Reader(ctx).NewRaw("SELECT value FROM settings WHERE name = ?", "none").Scan(ctx, &v)
		require.True(t, fault.IsKind(db.Fault(err), fault.NotFound))

		_, err = d.Writer(ctx).NewRaw(`INSERT INTO company_facts (city_code, id, company_id, kind, year, quantity, source, stated_on)
			VALUES ('3701', 'f', 'nobody', 'staff', 2020, 1, 's', '')`).Exec(ctx)
		require.True(t, fault.HasCode(db.Fault(err), "db.reference"))

		_, err = pgx.Connect(ctx, "postgres://nobody@127.0.0.1:1/none?connect_timeout=2")
		require.True(t, fault.HasCode(db.Fault(fmt.Errorf("begin: %w", err)), "db.down"), "%v", err)
		for code, want := range map[string]string{"08006": "db.down", "57P02": "db.down", "57P03": "db.down", "53100": "db.full", "53300": "db.busy"} {
			got := db.Fault(&pgconn.PgError{Code: code})
			require.True(t, fault.HasCode(got, want), code)
			require.True(t, fault.IsKind(got, fault.Unavailable), code)
		}
		require.True(t, fault.HasCode(db.Fault(driver.ErrBadConn), "db.down"))

		_, err = d.Writer(ctx).NewRaw("SELEC").Exec(ctx)
		require.True(t, fault.IsKind(db.Fault(err), fault.Internal))
	})
}

// A disk without room is said to be one. Nobody but the owner reads the file.
func TestFullFileOnSQLite(t *testing.T) {
	d := dbtest.SQLite(t)
	_, err := d.Writer(t.Context()).NewRaw("PRAGMA max_page_count = 1").Exec(t.Context()) // SQLite keeps what is there
	require.NoError(t, err)
	err = put(t.Context(), d, "much", strings.Repeat("x", 8<<20))
	require.True(t, fault.HasCode(db.Fault(err), "db.full"), "%v", err)
	require.NoError(t, put(t.Context(), d, "little", "x"))

	fresh, err := db.Open(t.Context(), db.Config{URL: filepath.Join(t.TempDir(), "new", "x.db")})
	require.NoError(t, err)
	info, err := os.Stat(fresh.Path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	require.NoError(t, fresh.Close())
}

func TestReaderCannotWriteOnSQLite(t *testing.T) {
	d := dbtest.SQLite(t)
	_, err := d.Reader(t.Context()).NewRaw("DELETE FROM settings").Exec(t.Context())
	require.Error(t, err)
}

func TestQuotingHoldsHostileText(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for i, s := range []string{`'); DROP TABLE settings; --`, `\'`, `"`, "? ?", "😀 工会", "a\\", "%_"} {
			name := strings.Repeat("k", i+1)
			require.NoError(t, put(t.Context(), d, name, s))
			var got string
			require.NoError(t, d.Reader(t.Context()).NewRaw("SELECT value FROM settings WHERE name = ?", name).Scan(t.Context(), &got))
			require.Equal(t, s, got)
		}
	})
}

func TestScoped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		for i, path := range []string{"0001", "00010001", "000100010001", "00010002", "000100020001"} {
			_, err := d.Writer(ctx).NewRaw(`INSERT INTO persons (city_code, id, org_path, name, created_at, updated_at)
				VALUES ('3701', ?, ?, 'x', '2020-07-20 00:00:00+00:00', '2020-07-20 00:00:00+00:00')`, string(rune('a'+i)), path).Exec(ctx)
			require.NoError(t, err)
		}
		seen := func(ctx context.Context, c db.Columns) string {
			q, err := db.Scoped(ctx, d.Reader(ctx).NewSelect().Table("persons").Column("id"), c)
			require.NoError(t, err)
			var ids []string
			require.NoError(t, q.Scan(ctx, &ids))
			sort.Strings(ids)
			return strings.Join(ids, "")
		}
		cols := db.Columns{Path: "org_path", Person: "id"}
		require.Equal(t, "bc", seen(db.WithScope(ctx, db.Scope{Paths: []string{"00010001"}}), cols))
		require.Equal(t, "bcde", seen(db.WithScope(ctx, db.Scope{Paths: []string{"00010001", "00010002"}}), cols))
		require.Equal(t, "abcde", seen(db.WithScope(ctx, db.Scope{Paths: []string{"0001"}}), cols))
		require.Equal(t, "ade", seen(db.WithScope(ctx, db.Scope{Paths: []string{"00010002"}, PersonID: "a"}), cols))
		require.Equal(t, "", seen(db.WithScope(ctx, db.Scope{}), cols), "an empty scope opens nothing")
		require.Equal(t, "", seen(db.WithScope(ctx, db.Scope{Companies: []string{"a"}}), cols))
		require.Equal(t, "", seen(db.WithScope(ctx, db.Scope{Paths: []string{""}, Companies: []string{""}}), db.Columns{Path: "org_path", Company: "sex"}))
		require.False(t, db.Scope{Paths: []string{""}}.Covers("0001"))
		require.Equal(t, "abcde", seen(db.SystemScope(ctx, "test"), cols))

		_, err := db.Scoped(ctx, d.Reader(ctx).NewSelect().Table("persons"), cols)
		require.True(t, fault.IsKind(err, fault.Forbidden), "no scope means refuse, never all")
	})
}

type column struct{ Table, Name, Type, Null string }

// schema reads tables → columns, with types folded to what both databases share.
func schema(t *testing.T, d *db.DB) map[string][]column {
	t.Helper()
	ctx := t.Context()
	var rows []column
	if d.Dialect == db.Postgres {
		require.NoError(t, d.Reader(ctx).NewRaw(`SELECT table_name AS "table", column_name AS name, data_type AS type, is_nullable AS null
			FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position`).Scan(ctx, &rows))
	} else {
		require.NoError(t, d.Reader(ctx).NewRaw(`SELECT m.name AS "table", p.name AS name, p.type AS type,
			CASE WHEN p."notnull" = 1 OR p.pk > 0 THEN 'NO' ELSE 'YES' END AS "null"
			FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' ORDER BY m.name, p.cid`).Scan(ctx, &rows))
	}
	fold := map[string]string{"timestamp with time zone": "timestamp", "bytea": "blob", "double precision": "real"}
	out := map[string][]column{}
	for _, r := range rows {
		if strings.HasPrefix(r.Table, "goose_") || strings.HasPrefix(r.Table, "river_") || strings.HasPrefix(r.Table, "sqlite_") {
			continue
		}
		r.Type = strings.ToLower(r.Type)
		if f, ok := fold[r.Type]; ok {
			r.Type = f
		}
		out[r.Table] = append(out[r.Table], r)
	}
	return out
}

func TestEveryTableIsDeclared(t *testing.T) {
	have := schema(t, dbtest.SQLite(t))
	for name := range have {
		require.Contains(t, db.Tables, name, "declare %s city, ref or local in tables.go", name)
	}
	for name := range db.Tables {
		require.Contains(t, have, name, "%s is declared but does not exist", name)
	}
}

// City tables: city_code is first in the primary key, every unique key and
// every foreign key, and foreign keys join city tables to city tables only.
func TestCityTablesCanBeSharded(t *testing.T) {
	d := dbtest.SQLite(t)
	ctx := t.Context()
	for name, kind := range db.Tables {
		var pk []string
		require.NoError(t, d.Reader(ctx).NewRaw(`SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk`, name).Scan(ctx, &pk))
		require.NotEmpty(t, pk, "%s has no primary key", name)
		var parents []string
		require.NoError(t, d.Reader(ctx).NewRaw(`SELECT "table" FROM pragma_foreign_key_list(?)`, name).Scan(ctx, &parents))
		if kind != db.City {
			for _, p := range parents {
				require.NotEqual(t, db.City, db.Tables[p], "%s (%s) points into city table %s", name, kind, p)
			}
			continue
		}
		require.Equal(t, "city_code", pk[0], "%s: primary key", name)
		for _, p := range parents {
			require.Equal(t, db.City, db.Tables[p], "%s points out of its city to %s", name, p)
		}
		var firsts []string
		require.NoError(t, d.Reader(ctx).NewRaw(`SELECT c.name FROM pragma_index_list(?) i JOIN pragma_index_info(i.name) c
			WHERE i."unique" = 1 AND c.seqno = 0`, name).Scan(ctx, &firsts))
		for _, f := range firsts {
			require.Equal(t, "city_code", f, "%s: a unique key does not begin with city_code", name)
		}
		var fks []string
		require.NoError(t, d.Reader(ctx).NewRaw(`SELECT "from" FROM pragma_foreign_key_list(?) WHERE seq = 0`, name).Scan(ctx, &fks))
		for _, f := range fks {
			require.Equal(t, "city_code", f, "%s: a foreign key does not begin with city_code", name)
		}
	}
}

func TestMigrationTwins(t *testing.T) {
	want := schema(t, dbtest.SQLite(t))
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		require.Equal(t, want, schema(t, d), "the twins must yield the same columns")
		have, newest, err := d.Version(t.Context())
		require.NoError(t, err)
		require.Equal(t, newest, have)
	})
}

// The PostgreSQL twin keeps byte order for paths; a locale's order would break
// the subtree ranges.
func TestPathOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if d.Dialect != db.Postgres {
			return
		}
		var wrong []string
		require.NoError(t, d.Reader(t.Context()).NewRaw(`SELECT table_name FROM information_schema.columns
			WHERE table_schema = 'public' AND column_name IN ('org_path', 'path') AND coalesce(collation_name, '') <> 'C'`).
			Scan(t.Context(), &wrong))
		require.Empty(t, wrong)
	})
}

// A race for a unique key that somebody else won is looked at anew, by the whole
// transaction, and from deep within it.
func TestAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		require.NoError(t, put(ctx, d, "taken", "1"))
		tries, ran := 0, 0
		name := "taken"
		work := func(ctx context.Context) error {
			tries++
			db.AfterCommit(ctx, func() { ran++ })
			if err := put(ctx, d, fmt.Sprintf("before %d", tries), "1"); err != nil {
				return err
			}
			return d.InTx(ctx, func(ctx context.Context) error {
				err := put(ctx, d, name, "1")
				name = "free" // what a fresh look finds
				if db.Unique(err, "settings", "name") {
					return db.Again(err)
				}
				return err
			})
		}
		require.NoError(t, d.InTx(ctx, work))
		require.Equal(t, []int{2, 1}, []int{tries, ran})
		require.Equal(t, 3, count(t, ctx, d), "nothing of the first try stays")

		tries = 0
		err := d.InTx(ctx, func(ctx context.Context) error { tries++; return db.Again(put(ctx, d, "taken", "1")) })
		require.Equal(t, 3, tries)
		require.True(t, fault.HasCode(err, "db.unique"), "%v", err)
		require.True(t, db.Unique(err, "settings", "name"))
		require.NoError(t, db.Again(nil))
	})
}
