package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"gonghui/internal/base/db"
	"gonghui/internal/base/telemetry"
	"gonghui/internal/kit/clock"
)

// envelope is what River stores. One Go type carries all kinds.
type envelope struct {
	kind    string
	Key     string          `json:"key,omitempty" river:"unique"`
	Payload json.RawMessage `json:"payload"`
}

// Kind names the job for River.
func (e envelope) Kind() string { return e.kind }

// GiveUp wraps an error after which another try is of no use. The job ends as
// cancelled at once.
func GiveUp(err error) error { return river.JobCancel(err) }

type worker struct {
	river.WorkerDefaults[envelope]
	q    *Queue
	kind string
	handling
}

var errTakenOver = errors.New("the job was taken over by another process")

// Work runs the handler in the house's own scope. What it returns is stored with
// the job, so personal numbers are masked first.
func (w *worker) Work(ctx context.Context, job *river.Job[envelope]) error {
	if err := w.run(ctx, job); err != nil {
		return masked{err}
	}
	return nil
}

type panicked struct {
	value any
	trace []byte
}

func (p panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

type masked struct{ error }

func (m masked) Error() string { return telemetry.Redact(m.error.Error()) }
func (m masked) Unwrap() error { return m.error }

func (w *worker) run(ctx context.Context, job *river.Job[envelope]) (err error) {
	defer func() {
		if v := recover(); v != nil { // one job's mistake must not end the program
			err = panicked{v, debug.Stack()}
		}
	}()
	ctx = db.SystemScope(ctx, "job:"+w.kind)
	if job.Args.Key != "" {
		if err := w.q.freeKey(ctx, job.ID); err != nil {
			return err
		}
	}
	if !w.once {
		return w.work(ctx, job.Args.Payload)
	}
	return w.q.db.InTx(ctx, func(ctx context.Context) error {
		if err := w.q.hold(ctx, job.ID, job.Attempt); err != nil {
			return err
		}
		if err := w.work(ctx, job.Args.Payload); err != nil {
			return err
		}
		// The type parameter names a driver for its transaction type only, which
		// both drivers share.
		_, err := river.JobCompleteTx[*riversqlite.Driver](ctx, db.Tx(ctx), job)
		return db.Fault(err)
	})
}

// freeKey lets the same work be asked for again while it is being done: what
// changed after the handler has read must lead to another run.
func (q *Queue) freeKey(ctx context.Context, jobID int64) error {
	_, err := q.db.Writer(ctx).NewRaw("UPDATE river_job SET unique_key = NULL WHERE id = ?", jobID).Exec(ctx)
	return db.Fault(err)
}

// hold makes sure, inside the transaction, that this attempt is the one that
// counts; on PostgreSQL it also keeps the row until the commit.
func (q *Queue) hold(ctx context.Context, jobID int64, attempt int) error {
	res, err := q.db.Writer(ctx).NewRaw(
		"UPDATE river_job SET attempt = attempt WHERE id = ? AND attempt = ? AND state = 'running'", jobID, attempt).Exec(ctx)
	return db.Affected(res, err, errTakenOver)
}

// backoff waits 1, 2, 4 … seconds, at most an hour, and up to a tenth longer so
// that what failed together does not come back together.
type backoff struct{ clock clock.Clock }

// NextRetry tells when a failed job is tried again.
func (b backoff) NextRetry(job *rivertype.JobRow) time.Time {
	failed := min(len(job.Errors), 12)
	wait := min(time.Second<<failed, time.Hour)
	return b.clock.Now().Add(wait + rand.N(wait/10))
}

// ourTime lets a clock moved by hand rule River.
type ourTime struct{ clock clock.Clock }

// NowUTC is the clock's present.
func (t ourTime) NowUTC() time.Time { return t.clock.Now() }

// NowUTCOrNil makes River's statements use the clock and not the database's.
func (t ourTime) NowUTCOrNil() *time.Time { now := t.clock.Now(); return &now }

// reporter tells of failed jobs.
type reporter struct{ log *slog.Logger }

// HandleError logs a failed try, louder when it was the last.
func (r reporter) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	level, text := slog.LevelWarn, "job failed and will be tried again"
	if job.Attempt >= job.MaxAttempts {
		level, text = slog.LevelError, "job failed for the last time"
	}
	attrs := []any{"kind", job.Kind, "job", job.ID, "attempt", job.Attempt, "err", err}
	var p panicked
	if errors.As(err, &p) {
		level, attrs = slog.LevelError, append(attrs, "trace", string(p.trace))
	}
	r.log.Log(ctx, level, text, attrs...)
	return nil
}

// HandlePanic logs a panic of River itself; handlers' panics are errors by then.
func (r reporter) HandlePanic(ctx context.Context, job *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	r.log.ErrorContext(ctx, "job panicked", "kind", job.Kind, "job", job.ID, "attempt", job.Attempt,
		"panic", fmt.Sprint(value), "trace", trace)
	return nil
}

// quiet keeps River's chatter out of the log: what it calls information is for
// those who debug, and failed jobs are reported once, by reporter.
type quiet struct{ next slog.Handler }

func (h quiet) level(l slog.Level) slog.Level {
	if l < slog.LevelWarn {
		return slog.LevelDebug
	}
	return l
}

// Enabled asks with the lowered level.
func (h quiet) Enabled(ctx context.Context, l slog.Level) bool {
	return h.next.Enabled(ctx, h.level(l))
}

// Handle writes with the lowered level.
func (h quiet) Handle(ctx context.Context, r slog.Record) error {
	r.Level = h.level(r.Level)
	for _, told := range []string{": Job errored", ": Job panicked", ": Unhandled job kind"} {
		if strings.Contains(r.Message, told) {
			r.Level = slog.LevelDebug
		}
	}
	if !h.next.Enabled(ctx, r.Level) {
		return nil
	}
	return h.next.Handle(ctx, r)
}

// WithAttrs keeps the wrapping.
func (h quiet) WithAttrs(a []slog.Attr) slog.Handler { return quiet{h.next.WithAttrs(a)} }

// WithGroup keeps the wrapping.
func (h quiet) WithGroup(name string) slog.Handler { return quiet{h.next.WithGroup(name)} }
