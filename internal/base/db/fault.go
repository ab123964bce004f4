package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"gonghui/internal/kit/fault"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Fault translates a driver's error:
//
//	no row                → not_found  db.no_row
//	unique key            → conflict   db.unique (Unique tells which key)
//	foreign key           → conflict   db.reference
//	locked, deadlock      → unavailable db.busy
//	not to be reached     → unavailable db.down
//	no room left          → unavailable db.full
//
// A fault passes through; anything else is internal. nil stays nil.
func Fault(err error) error {
	if err == nil {
		return nil
	}
	var f *fault.Fault
	switch {
	case errors.As(err, &f):
		return err
	case errors.Is(err, sql.ErrNoRows):
		return fault.New(fault.NotFound, "db.no_row", fault.Because(err))
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fault.New(fault.Unavailable, "db.cancelled", fault.Because(err))
	}
	switch class(err) {
	case classUnique:
		return fault.New(fault.Conflict, "db.unique", fault.Because(err))
	case classReference:
		return fault.New(fault.Conflict, "db.reference", fault.Because(err))
	case classBusy, classRetry:
		return fault.New(fault.Unavailable, "db.busy", fault.Because(err))
	case classDown:
		return fault.New(fault.Unavailable, "db.down", fault.Because(err))
	case classFull:
		return fault.New(fault.Unavailable, "db.full", fault.Because(err))
	default:
		return fault.New(fault.Internal, "internal", fault.Because(err))
	}
}

type errClass int

const (
	classOther errClass = iota
	classUnique
	classReference
	classBusy
	classRetry
	classDown
	classFull
)

func class(err error) errClass {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case "23505":
			return classUnique
		case "23503":
			return classReference
		case "40001", "40P01":
			return classRetry
		case "55P03", "53300":
			return classBusy
		case "53100", "53200": // disk, memory
			return classFull
		case "57P01", "57P02", "57P03": // the server is going, or not there yet
			return classDown
		}
		if strings.HasPrefix(pg.Code, "08") {
			return classDown
		}
		return classOther
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		switch lite.Code() {
		case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
			return classUnique
		case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
			return classReference
		}
		switch lite.Code() & 0xff {
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
			return classBusy
		case sqlite3.SQLITE_FULL:
			return classFull
		}
		return classOther
	}
	var unreached *pgconn.ConnectError
	var network net.Error
	if errors.As(err, &unreached) || errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.ErrUnexpectedEOF) {
		return classDown
	}
	return classOther
}

// again is an error after which the whole transaction is to be tried once more.
type again struct{ error }

func (e again) Unwrap() error { return e.error }

// Again marks an error that a fresh look would not meet: another transaction was
// quicker with a unique key, and what it wrote is the answer. The outermost InTx
// tries all of its work once more, as after a deadlock; a broken statement cannot
// be passed over within a transaction of PostgreSQL. Who still meets it after the
// last try gets it as Fault translates it.
func Again(err error) error {
	if err == nil {
		return nil
	}
	return again{Fault(err)}
}

func retryable(err error) bool {
	var a again
	return class(err) == classRetry || errors.As(err, &a)
}

// Unique tells whether err is a broken unique key of a table, named with its
// columns: Unique(err, "accounts", "phone_hash"). PostgreSQL names the
// constraint and SQLite the columns, so constraints are called
// <table>_<anything>_key and callers say which columns they mean.
func Unique(err error, table string, columns ...string) bool {
	if err == nil || class(err) != classUnique {
		return false
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.TableName == table && keyCovers(pg.Detail, columns)
	}
	msg := err.Error()
	for _, c := range columns {
		if !strings.Contains(msg, table+"."+c) {
			return false
		}
	}
	return strings.Contains(msg, table+".")
}

// keyCovers reads the column list of "Key (a, b)=(…) already exists."
func keyCovers(detail string, columns []string) bool {
	open, end := strings.IndexByte(detail, '('), strings.IndexByte(detail, ')')
	if open < 0 || end < open {
		return len(columns) == 0
	}
	have := map[string]bool{}
	for c := range strings.SplitSeq(detail[open+1:end], ",") {
		have[strings.TrimSpace(c)] = true
	}
	for _, c := range columns {
		if !have[c] {
			return false
		}
	}
	return true
}
