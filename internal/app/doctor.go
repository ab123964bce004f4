package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/blob"
	"gonghui/internal/base/db"
	"gonghui/internal/base/queue"
	"gonghui/internal/base/telemetry"
	"gonghui/internal/base/vault"
	"gonghui/internal/core/calendar"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// The limits of doctor. docs/operations.md names them for operators.
const (
	diskFail = 512 << 20 // free bytes: below, writing will soon stop
	diskWarn = 5 << 30

	// SQLite is outgrown at any of these: it has one writer at a time.
	sqliteMaxBytes  = 20 << 30
	sqliteMaxWrite  = 50 * time.Millisecond // 95th of a hundred small durable commits
	sqliteMaxCities = 5                     // cities whose staff or workers wrote within a day

	queueMaxAge   = 10 * time.Minute // the oldest job that could be worked
	auditMaxAge   = 10 * time.Minute // the oldest entry that is not sealed
	clockMaxDrift = 5 * time.Second  // against PostgreSQL's clock
)

// exam is one run of doctor.
type exam struct {
	out    io.Writer
	clock  clock.Clock
	failed int
}

func (e *exam) line(word, name, text string) { fmt.Fprintf(e.out, "%-4s %s: %s\n", word, name, text) }

func (e *exam) ok(name, key string, params ...any) { e.line("ok", name, both(key, params...)) }

func (e *exam) warn(name, key string, params ...any) { e.line("warn", name, both(key, params...)) }

func (e *exam) fail(name, key string, params ...any) {
	e.failed++
	e.line("FAIL", name, both(key, params...))
}

// broken reports a check that could not be made.
func (e *exam) broken(name string, err error) {
	e.fail(name, "doctor.broken", "Why", telemetry.Redact(err.Error()))
}

// Doctor looks at an installation from the outside in and says what is wrong and
// what to do, one line a check: ok, warn or FAIL. It may run beside a running
// server. Fault: conflict doctor.failed when a check failed.
func Doctor(ctx context.Context, c Config, out io.Writer) error {
	e := &exam{out: out, clock: clock.System()}
	e.line("ok", "program", fmt.Sprintf("%s %s/%s, %d CPU", Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU()))
	for _, s := range c.Redacted() {
		e.line("ok", "config "+s[0], s[1])
	}
	e.proxies(c)
	keys := e.secrets(c)
	e.disk(c)
	e.folders(c)
	e.time()
	e.holidays()
	e.database(ctx, c, keys)
	if e.failed > 0 {
		return fault.New(fault.Conflict, "doctor.failed", fault.With("Count", e.failed))
	}
	return nil
}

// proxies finds a site behind TLS, hence behind a proxy, that takes the proxy for
// its only visitor: everybody would share one limit by address.
func (e *exam) proxies(c Config) {
	if c.TLS() && len(c.TrustedProxies) == 0 {
		e.warn("proxies", "doctor.no_proxies")
	}
}

// secrets gives the vault, or nil when there is none to be had.
func (e *exam) secrets(c Config) *vault.Vault {
	keys, err := vault.Load(c.Secrets)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.fail("secrets", "doctor.no_secrets", "File", c.Secrets)
		return nil
	case err != nil:
		e.broken("secrets", err) // also for a file that others may read
		return nil
	}
	v, err := vault.New(keys)
	if err != nil {
		e.broken("secrets", err)
		return nil
	}
	if os.Getenv(vault.EnvSecrets) != "" {
		e.ok("secrets", "doctor.secrets_env", "Keys", len(keys.Sealing))
		return v
	}
	info, err := os.Stat(c.Secrets)
	if err != nil {
		e.broken("secrets", err)
		return v
	}
	e.ok("secrets", "doctor.secrets", "File", c.Secrets, "Mode", fmt.Sprintf("%04o", info.Mode().Perm()), "Keys", len(keys.Sealing))
	return v
}

func (e *exam) disk(c Config) {
	free, total, err := freeSpace(c.DataDir)
	switch {
	case err != nil:
		e.broken("disk", err)
	case free < diskFail:
		e.fail("disk", "doctor.disk_full", "Free", size(free), "Total", size(total))
	case free < diskWarn || free < total/20:
		e.warn("disk", "doctor.disk_low", "Free", size(free), "Total", size(total))
	default:
		e.ok("disk", "doctor.disk", "Free", size(free), "Total", size(total))
	}
}

// folders proves that files and text messages can be written down.
func (e *exam) folders(c Config) {
	switch dir, err := blob.Dir(c.Blobs); {
	case err != nil:
		e.broken("blobs", err)
	case missing(dir): // opening would make it, and hide that a disk is not mounted
		e.fail("blobs", "doctor.no_blobs", "Dir", dir)
	default:
		e.writable("blobs", dir)
	}
	outbox := filepath.Join(c.DataDir, "outbox")
	if missing(outbox) {
		e.ok("outbox", "doctor.no_outbox", "Dir", outbox)
		return
	}
	e.writable("outbox", outbox)
}

func missing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

func (e *exam) writable(name, dir string) {
	f, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		e.broken(name, err)
		return
	}
	_, err = f.WriteString("x")
	if err = errors.Join(err, f.Sync(), f.Close(), os.Remove(f.Name())); err != nil {
		e.broken(name, err)
		return
	}
	e.ok(name, "doctor.writable", "Dir", dir)
}

// time refuses a clock that was never set: deadlines would be nonsense.
func (e *exam) time() {
	now := e.clock.Now()
	if now.Year() < 2020 || now.Year() > 2100 {
		e.fail("clock", "doctor.clock_wrong", "Now", now.Format(time.RFC3339))
		return
	}
	e.ok("clock", "doctor.clock", "Now", now.In(clock.Shanghai).Format("2006-01-02 15:04:05"))
}

// holidaysAhead is how far deadlines reach that are counted in working days.
const holidaysAhead = 60

// holidays says when the next year's days off are not known to the program yet.
func (e *exam) holidays() {
	last := calendar.China().Arranged()
	if ahead := clock.Today(e.clock).Add(holidaysAhead).Year(); ahead > last {
		e.warn("calendar", "doctor.calendar_ends", "Last", last, "Next", ahead)
		return
	}
	e.ok("calendar", "doctor.calendar", "Last", last)
}

func (e *exam) database(ctx context.Context, c Config, keys *vault.Vault) {
	if !c.Postgres() {
		// Opening would make an empty file: a check must not.
		if _, err := os.Stat(c.Database); errors.Is(err, fs.ErrNotExist) {
			e.fail("database", "doctor.no_database", "File", c.Database)
			return
		}
	}
	d, err := db.Open(ctx, db.Config{URL: c.Database, MaxConns: 2})
	if err != nil {
		e.broken("database", err)
		return
	}
	defer func() { _ = d.Close() }()
	have, want, err := d.Version(ctx)
	switch {
	case err != nil:
		e.broken("schema", err)
		return
	case have > want:
		e.fail("schema", "doctor.schema_new", "Have", have, "Want", want)
		return
	case have < want:
		e.fail("schema", "doctor.schema_old", "Have", have, "Want", want)
		return
	}
	e.ok("schema", "doctor.schema", "Have", have)
	if keys != nil {
		if err := sameKeyring(ctx, c, d, keys); fault.HasCode(err, "app.other_secrets") {
			e.fail("secrets", "fault.app.other_secrets", "Secrets", c.Secrets, "Database", redact(c.Database))
		} else if err != nil {
			e.broken("secrets", err)
		}
	}
	x := &dbExam{exam: e, d: d}
	x.store(ctx)
	x.queue(ctx)
	x.audit(ctx)
}

type dbExam struct {
	*exam
	d *db.DB
}

// one reads a single value.
func one[T any](ctx context.Context, d *db.DB, query string, args ...any) (v T, err error) {
	err = d.Reader(ctx).NewRaw(query, args...).Scan(ctx, &v)
	return v, db.Fault(err)
}

func (x *dbExam) queue(ctx context.Context) {
	d, err := queue.New(x.d, x.clock, telemetry.Quiet()).Depth(ctx)
	if err != nil {
		x.broken("queue", err)
		return
	}
	params := []any{"Waiting", d.Waiting, "Later", d.Later, "Running", d.Running, "Discarded", d.Discarded, "Age", "0s"}
	age := time.Duration(0)
	if !d.Oldest.IsZero() {
		age = x.clock.Now().Sub(d.Oldest).Round(time.Second)
		params[len(params)-1] = age.String()
	}
	switch {
	case d.Waiting > 0 && age > queueMaxAge:
		x.warn("queue", "doctor.queue_slow", params...)
	case d.Discarded > 0:
		x.warn("queue", "doctor.queue_discarded", params...)
	default:
		x.ok("queue", "doctor.queue", params...)
	}
}

func (x *dbExam) audit(ctx context.Context) {
	log := audit.New(x.d, x.clock)
	heads, err := log.Heads(ctx)
	if err != nil {
		x.broken("audit", err)
		return
	}
	const most = 10_000 // counting further would read the whole index
	open, err := one[int64](ctx, x.d, "SELECT count(*) FROM (SELECT 1 AS n FROM audit_entries WHERE seq IS NULL LIMIT ?) x", most+1)
	if err != nil {
		x.broken("audit", err)
		return
	}
	var oldest []time.Time
	if err := x.d.Reader(ctx).NewRaw("SELECT at FROM audit_entries WHERE seq IS NULL ORDER BY id LIMIT 1").Scan(ctx, &oldest); err != nil {
		x.broken("audit", err)
		return
	}
	if len(oldest) > 0 && x.clock.Now().Sub(oldest[0]) > auditMaxAge {
		x.warn("audit", "doctor.audit_behind", "Open", open, "Since", oldest[0].In(clock.Shanghai).Format("2006-01-02 15:04"), "Cities", len(heads))
		return
	}
	x.ok("audit", "doctor.audit", "Open", open, "Cities", len(heads))
}
