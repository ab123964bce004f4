package queue

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/id"
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

// Work runs the handler in the house's own scope.
func (w *worker) Work(ctx context.Context, job *river.Job[envelope]) error {
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

// running is what exists between Start and Stop.
type running struct {
	client *river.Client[*sql.Tx]
	guard  *guard
}

// Start works jobs until Stop. Ending ctx does not stop it: a job in hand is
// finished in peace by Stop. On SQLite one program at a time can work a
// database's jobs; for a second one Start returns a fault Conflict "queue.busy".
func (q *Queue) Start(ctx context.Context) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.running != nil {
		return broken("queue.started", errors.New("started twice"))
	}
	cfg := q.config()
	cfg.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}}
	cfg.Workers = river.NewWorkers()
	cfg.ErrorHandler = reporter{q.log}
	// A queue without handlers still needs one to be allowed to run.
	river.AddWorkerArgs(cfg.Workers, envelope{kind: "queue.nothing"}, &worker{q: q, handling: handling{
		work: func(context.Context, []byte) error { return nil },
	}})
	for kind, h := range q.handlers {
		river.AddWorkerArgs(cfg.Workers, envelope{kind: kind}, &worker{q: q, kind: kind, handling: h})
	}
	for kind, d := range q.every {
		cfg.PeriodicJobs = append(cfg.PeriodicJobs, river.NewPeriodicJob(river.PeriodicInterval(d),
			func() (river.JobArgs, *river.InsertOpts) {
				o := Opts{UniqueKey: "every"} // a slow run is not followed by a crowd
				return envelope{kind: kind, Key: o.UniqueKey, Payload: json.RawMessage("null")}, o.river()
			}, &river.PeriodicJobOpts{ID: kind, RunOnStart: true}))
	}
	client, err := river.NewClient(q.driver, cfg)
	if err != nil {
		return broken("queue.start", err)
	}
	ctx = context.WithoutCancel(ctx)
	g, err := q.takeOver(ctx, client.ID())
	if err != nil {
		return err
	}
	if err := client.Start(ctx); err != nil {
		return errors.Join(broken("queue.start", err), g.end(ctx))
	}
	q.running = &running{client, g}
	return nil
}

// Stop lets the jobs in hand finish and fetches no new ones. When ctx ends
// first, their contexts are cancelled; what is not finished then is worked again
// after the next start. Stopping a stopped queue does nothing.
func (q *Queue) Stop(ctx context.Context) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	r := q.running
	if r == nil {
		return nil
	}
	err := r.client.Stop(ctx)
	if err != nil && ctx.Err() != nil {
		hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = r.client.StopAndCancel(hard)
	}
	q.running = nil
	if err = errors.Join(err, r.guard.end(context.WithoutCancel(ctx))); err != nil {
		return fmt.Errorf("queue: stop: %w", err)
	}
	return nil
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

// reporter tells of failed jobs, with a number by which a person can ask.
type reporter struct{ log *slog.Logger }

// HandleError logs a failed try, louder when it was the last.
func (r reporter) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	level, text := slog.LevelWarn, "job failed and will be tried again"
	if job.Attempt >= job.MaxAttempts {
		level, text = slog.LevelError, "job failed for the last time"
	}
	r.log.Log(ctx, level, text, "kind", job.Kind, "job", job.ID, "attempt", job.Attempt, "err", err)
	return nil
}

// HandlePanic logs a panic of a handler; the job is tried again.
func (r reporter) HandlePanic(ctx context.Context, job *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	r.log.ErrorContext(ctx, "job panicked", "kind", job.Kind, "job", job.ID, "attempt", job.Attempt,
		"panic", fmt.Sprint(value), "trace", trace, "reference", id.Token(10))
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
func (h quiet) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, h.level(l)) }

// Handle writes with the lowered level.
func (h quiet) Handle(ctx context.Context, r slog.Record) error {
	r.Level = h.level(r.Level)
	return h.next.Handle(ctx, r)
}

// WithAttrs keeps the wrapping.
func (h quiet) WithAttrs(a []slog.Attr) slog.Handler { return quiet{h.next.WithAttrs(a)} }

// WithGroup keeps the wrapping.
func (h quiet) WithGroup(name string) slog.Handler { return quiet{h.next.WithGroup(name)} }
