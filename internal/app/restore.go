package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"gonghui/internal/app/archive"
	"gonghui/internal/base/blob"
	"gonghui/internal/base/db"
	"gonghui/internal/base/queue"
	"gonghui/internal/base/telemetry"
	"gonghui/internal/base/vault"
	"gonghui/internal/core/notice"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/measure/employment"
)

// Restore fills an empty installation from a backup, whichever of the two
// databases it came from. The keyring of that time must lie in place before:
// Restore makes none. The whole file is checked first; all rows go in at once,
// so a restore that is killed is simply run again. Faults: those of
// archive.Open, archive.Check and archive.Load; conflict restore.no_secrets.
func Restore(ctx context.Context, c Config, file string, out io.Writer) (err error) {
	keys, err := vault.Load(c.Secrets)
	if errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.Conflict, "restore.no_secrets", fault.With("Secrets", c.Secrets), fault.Because(err))
	}
	if err != nil {
		return err
	}
	v, err := vault.New(keys)
	if err != nil {
		return err
	}
	x, err := archive.Open(file, v)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	tell(out, "restore.checking", "At", x.CreatedAt.In(clock.Shanghai).Format("2006-01-02 15:04"), "Program", x.Program, "Rows", x.Rows())
	if err := x.Check(ctx); err != nil {
		return err
	}
	if err := c.prepare(); err != nil {
		return err
	}
	d, err := db.Open(ctx, db.Config{URL: c.Database, MaxConns: c.MaxConns})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if _, err := d.Migrate(ctx); err != nil {
		return err
	}
	q := queue.New(d, clock.System(), telemetry.Quiet())
	if err := q.Migrate(ctx); err != nil {
		return err
	}
	blobs, err := blob.Open(c.Blobs)
	if err != nil {
		return err
	}
	if err := x.Load(ctx, d, blobs, func(m archive.Member) { fmt.Fprintf(out, "%9d  %s\n", m.Rows, m.Table) }); err != nil {
		return err
	}
	jobs, err := requeue(ctx, d, q)
	if err != nil {
		return err
	}
	tell(out, "restore.done", "Rows", x.Rows(), "Jobs", jobs)
	for _, key := range x.Missing {
		tell(out, "backup.missing_blob", "Key", key)
	}
	tell(out, "restore.next")
	return nil
}

// requeue asks again for the work that was waiting when the backup was made: a
// backup holds the records, not the queue. Doing a piece twice does no harm.
func requeue(ctx context.Context, d *db.DB, q *queue.Queue) (int, error) {
	type ref struct{ City, ID string }
	add := func(ctx context.Context, kind, query string, payload func(ref) any) (int, error) {
		var refs []ref
		if err := d.Reader(ctx).NewRaw(query).Scan(ctx, &refs); err != nil {
			return 0, db.Fault(err)
		}
		jobs := make([]queue.Job, len(refs))
		for i, r := range refs {
			jobs[i] = queue.Job{Payload: payload(r), Opts: queue.Opts{UniqueKey: "restore:" + r.City + "/" + r.ID}}
		}
		return len(jobs), q.AddMany(ctx, kind, jobs)
	}
	n := 0
	err := d.InTx(ctx, func(ctx context.Context) error {
		sms, err := add(ctx, notice.JobSMS, "SELECT city_code AS city, id FROM deliveries WHERE state = 'queued' ORDER BY city_code, id",
			func(r ref) any { return map[string]string{"city": r.City, "id": r.ID} })
		if err != nil {
			return err
		}
		batches, err := add(ctx, employment.JobImport, "SELECT city_code AS city, id FROM batches WHERE state IN ('checking', 'running') ORDER BY city_code, id",
			func(r ref) any { return r })
		n = sms + batches
		return err
	})
	return n, err
}
