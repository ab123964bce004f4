package app

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"gonghui/internal/base/db"
)

// store looks at the database itself.
func (x *dbExam) store(ctx context.Context) {
	took, err := x.commits(ctx)
	if err != nil {
		x.broken("database", err)
		return
	}
	if x.d.Dialect == db.Postgres {
		x.postgres(ctx, took)
		return
	}
	x.sqlite(ctx, took)
}

const probes = 50

// commits makes small durable commits, one after the other, and gives the 95th
// of a hundred. It leaves nothing behind.
func (x *dbExam) commits(ctx context.Context) (time.Duration, error) {
	name := fmt.Sprintf("doctor.%d", os.Getpid())
	all := make([]time.Duration, probes)
	for i := range all {
		began := x.clock.Now()
		if err := x.d.PutSetting(ctx, name, fmt.Sprint(i), began); err != nil {
			return 0, err
		}
		all[i] = x.clock.Now().Sub(began)
	}
	if _, err := x.d.Writer(ctx).NewRaw("DELETE FROM settings WHERE name = ?", name).Exec(ctx); err != nil {
		return 0, db.Fault(err)
	}
	slices.Sort(all)
	return all[probes*95/100], nil
}

func (x *dbExam) postgres(ctx context.Context, took time.Duration) {
	version, err := one[string](ctx, x.d, "SHOW server_version")
	if err != nil {
		x.broken("database", err)
		return
	}
	bytes, err := one[int64](ctx, x.d, "SELECT pg_database_size(current_database())")
	if err != nil {
		x.broken("database", err)
		return
	}
	x.ok("database", "doctor.postgres", "Version", version, "Size", size(bytes), "P95", took)
	theirs, err := one[time.Time](ctx, x.d, "SELECT clock_timestamp()")
	if err != nil {
		x.broken("clock", err)
		return
	}
	if drift := x.clock.Now().Sub(theirs).Abs(); drift > clockMaxDrift {
		x.warn("clock", "doctor.clock_drift", "Drift", drift.Round(time.Millisecond))
	}
}

func (x *dbExam) sqlite(ctx context.Context, took time.Duration) {
	mode, err := one[string](ctx, x.d, "PRAGMA journal_mode")
	if err != nil {
		x.broken("database", err)
		return
	}
	if mode != "wal" {
		x.fail("database", "doctor.journal", "Mode", mode)
	}
	var bytes int64
	for _, end := range []string{"", "-wal"} {
		if info, err := os.Stat(x.d.Path + end); err == nil {
			bytes += info.Size()
		}
	}
	cities, err := x.citiesWriting(ctx)
	if err != nil {
		x.broken("database", err)
		return
	}
	params := []any{"Size", size(bytes), "P95", took.Round(10 * time.Microsecond), "Cities", cities}
	x.ok("database", "doctor.sqlite", params...)
	if outgrown(bytes, took, cities) {
		x.warn("database", "doctor.outgrown", params...)
	}
}

// outgrown tells whether one file with one writer is no longer enough.
func outgrown(bytes int64, p95 time.Duration, cities int) bool {
	return bytes > sqliteMaxBytes || p95 > sqliteMaxWrite || cities > sqliteMaxCities
}

// citiesWriting counts the custody cities in which something was recorded within
// a day. Ids begin with the time, so each city is one look into an index.
func (x *dbExam) citiesWriting(ctx context.Context) (int, error) {
	since := idAt(x.clock.Now().Add(-24 * time.Hour))
	n, last := 0, ""
	for {
		var next *string
		if err := x.d.Reader(ctx).NewRaw("SELECT min(city_code) FROM audit_entries WHERE city_code > ?", last).Scan(ctx, &next); err != nil {
			return n, db.Fault(err)
		}
		if next == nil {
			return n, nil
		}
		last = *next
		busy, err := x.d.Reader(ctx).NewSelect().TableExpr("audit_entries").Where("city_code = ? AND id >= ?", last, since).Limit(1).Exists(ctx)
		if err != nil {
			return n, db.Fault(err)
		}
		if busy {
			n++
		}
	}
}

// idAt is the smallest UUIDv7 of a moment (RFC 9562, 5.7: 48 bits of milliseconds first).
func idAt(t time.Time) string {
	ms := t.UnixMilli()
	return fmt.Sprintf("%08x-%04x", ms>>16, ms&0xffff)
}
