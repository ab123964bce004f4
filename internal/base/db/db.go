package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// The two databases.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Config names a database. URL is a path (or sqlite:PATH) for SQLite, or
// postgres://… for PostgreSQL.
type Config struct {
	URL      string
	MaxConns int // PostgreSQL pool size; 0 = 4 for each CPU, at least 8

	// Volatile leaves it to the operating system when SQLite's writes reach the
	// disk: a power cut may damage the file, the end of the program may not. For
	// files that nobody would keep after that, such as those of tests.
	Volatile bool
}

// DB is one open database: a writer and, on SQLite, a separate pool of
// read-only connections. It is safe for concurrent use.
type DB struct {
	Dialect string // SQLite or Postgres
	Path    string // the file, on SQLite

	write, read *bun.DB
	turns       turns // for SQLite's one writer
}

// Open connects and proves the connection. It does not migrate.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	if strings.HasPrefix(cfg.URL, "postgres://") || strings.HasPrefix(cfg.URL, "postgresql://") {
		return openPostgres(ctx, cfg)
	}
	return openSQLite(ctx, strings.TrimPrefix(cfg.URL, "sqlite:"), cfg.Volatile)
}

func openSQLite(ctx context.Context, path string, volatile bool) (*DB, error) {
	if path == "" {
		return nil, errors.New("no database file named")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("database folder: %w", err)
	}
	// Made here, so that only the owner reads it; the log beside it takes its mode.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	synchronous := "FULL"
	if volatile {
		synchronous = "OFF"
	}
	// busy_timeout comes first so that the later pragmas wait too.
	q := url.Values{"_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(" + synchronous + ")", "foreign_keys(ON)",
		"temp_store(MEMORY)", "cache_size(-64000)", "wal_autocheckpoint(8000)", "journal_size_limit(67108864)",
	}, "_time_format": {"sqlite"}}
	w := url.Values{"_txlock": {"immediate"}}
	r := url.Values{}
	for k, v := range q {
		w[k], r[k] = v, append([]string(nil), v...)
	}
	r["_pragma"] = append(r["_pragma"], "query_only(ON)")

	writer, err := sql.Open("sqlite", address(path, w))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	writer.SetMaxOpenConns(1) // SQLite has one writer: queue here, not in the file lock
	if err := writer.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), writer.Close())
	}
	reader, err := sql.Open("sqlite", address(path, r))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s for reading: %w", path, err), writer.Close())
	}
	n := max(4, 2*runtime.NumCPU())
	reader.SetMaxOpenConns(n)
	reader.SetMaxIdleConns(n)
	return &DB{
		Dialect: SQLite, Path: path,
		write: bun.NewDB(writer, sqlitedialect.New()),
		read:  bun.NewDB(reader, sqlitedialect.New()),
	}, nil
}

// address is a file address; a path may hold #, ? and %, which mean something there.
func address(path string, q url.Values) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

func openPostgres(ctx context.Context, cfg Config) (*DB, error) {
	pc, err := pgx.ParseConfig(cfg.URL)
	if err != nil {
		// The parser's own sentence repeats the address, of which it hides what it
		// takes for the password: a wrong part where the address is written wrongly.
		var why *pgconn.ParseConfigError
		if errors.As(err, &why) && why.Unwrap() != nil {
			err = why.Unwrap()
		} else {
			err = errors.New("it cannot be read")
		}
		return nil, fmt.Errorf("database address: %w", err)
	}
	// bun writes values into the text itself: prepared statements gain nothing.
	pc.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	if pc.RuntimeParams == nil {
		pc.RuntimeParams = map[string]string{}
	}
	pc.RuntimeParams["timezone"] = "UTC"
	pool := stdlib.OpenDB(*pc)
	n := cfg.MaxConns
	if n == 0 {
		n = max(8, 4*runtime.NumCPU())
	}
	pool.SetMaxOpenConns(n)
	pool.SetMaxIdleConns(n)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	var standard string
	if err := pool.QueryRowContext(ctx, "SHOW standard_conforming_strings").Scan(&standard); err != nil {
		return nil, errors.Join(fmt.Errorf("reach the database: %w", err), pool.Close())
	}
	if standard != "on" {
		// Values quoted by bun would be unsafe with backslash escapes on.
		return nil, errors.Join(errors.New("PostgreSQL must run with standard_conforming_strings = on"), pool.Close())
	}
	b := bun.NewDB(pool, pgdialect.New())
	return &DB{Dialect: Postgres, write: b, read: b}, nil
}

// Close ends all connections.
func (d *DB) Close() error {
	if d.read == d.write {
		return d.write.Close()
	}
	return errors.Join(d.read.Close(), d.write.Close())
}

// Ping proves that the database answers.
func (d *DB) Ping(ctx context.Context) error {
	var one int
	return Fault(d.read.QueryRowContext(ctx, "SELECT 1").Scan(&one))
}

// Pool is the writer's plain handle, for the job queue and for migrations.
func (d *DB) Pool() *sql.DB { return d.write.DB }

type txKey struct{}

type txState struct {
	db    *DB
	tx    bun.Tx
	after []func()
}

// InTx runs fn in one transaction, which travels in the context: called inside
// another InTx of the same database it joins that one. The transaction commits
// when fn returns nil. Functions given to AfterCommit run after the commit.
// A PostgreSQL serialisation failure or deadlock, an error marked by Again, and on
// SQLite what another's failure has undone (see Unshared), is tried again, up to
// three times, so fn must be free of effects outside the database.
func (d *DB) InTx(ctx context.Context, fn func(ctx context.Context) error) error {
	if st, ok := ctx.Value(txKey{}).(*txState); ok && st.db == d {
		return fn(ctx)
	}
	for try := 1; ; try++ {
		err := d.attempt(ctx, fn)
		if err == nil || try == 3 || !retryable(err) {
			return err
		}
	}
}

func (d *DB) attempt(ctx context.Context, fn func(ctx context.Context) error) error {
	if d.Dialect != SQLite {
		return d.once(ctx, fn)
	}
	err := d.inTurn(ctx, fn)
	if errors.Is(err, errLost) {
		err = d.inTurn(Unshared(ctx), fn)
	}
	return err
}

func (d *DB) once(ctx context.Context, fn func(ctx context.Context) error) (err error) {
	tx, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return Fault(fmt.Errorf("begin: %w", err))
	}
	st := &txState{db: d, tx: tx}
	done := false
	defer func() {
		if !done {
			_ = tx.Rollback() // after a panic or an error; the first error matters
		}
	}()
	if err := fn(context.WithValue(ctx, txKey{}, st)); err != nil {
		return err
	}
	done = true
	if err := tx.Commit(); err != nil {
		return Fault(fmt.Errorf("commit: %w", err))
	}
	for _, f := range st.after {
		f()
	}
	return nil
}

// AfterCommit runs f once the transaction in ctx has committed, or at once
// where there is none. f must not fail: what must not be lost goes to the queue.
func AfterCommit(ctx context.Context, f func()) {
	if st, ok := ctx.Value(txKey{}).(*txState); ok {
		st.after = append(st.after, f)
		return
	}
	f()
}

// InsideTx tells whether ctx carries a transaction.
func InsideTx(ctx context.Context) bool {
	_, ok := ctx.Value(txKey{}).(*txState)
	return ok
}

// Tx gives the database/sql transaction in ctx, for the queue and for bulk
// paths; nil outside InTx.
func Tx(ctx context.Context) *sql.Tx {
	if st, ok := ctx.Value(txKey{}).(*txState); ok {
		return st.tx.Tx
	}
	return nil
}

// Reader is where a read goes: the transaction in ctx, else the reading pool.
func (d *DB) Reader(ctx context.Context) bun.IDB {
	if st, ok := ctx.Value(txKey{}).(*txState); ok && st.db == d {
		return st.tx
	}
	return d.read
}

// Writer is where a write goes: the transaction in ctx, else the writer itself
// (a single statement of its own).
func (d *DB) Writer(ctx context.Context) bun.IDB {
	if st, ok := ctx.Value(txKey{}).(*txState); ok && st.db == d {
		return st.tx
	}
	return d.write
}

// Found turns a read that met no row into the fault given.
func Found(err error, none error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return none
	}
	return Fault(err)
}

// Inserted runs an insert that leaves out what is there already (ON CONFLICT …
// DO NOTHING) and tells which ids it wrote.
func Inserted(ctx context.Context, q *bun.InsertQuery) (map[string]bool, error) {
	var ids []string
	err := q.Returning("id").Scan(ctx, &ids)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, Fault(err)
	}
	written := make(map[string]bool, len(ids))
	for _, id := range ids {
		written[id] = true
	}
	return written, nil
}

// Affected turns a write that met no row into the fault given.
func Affected(res sql.Result, err error, none error) error {
	if err != nil {
		return Fault(err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return Fault(err)
	}
	if n == 0 {
		return none
	}
	return nil
}
