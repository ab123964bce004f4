package queue

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
)

// MaxAttempts is how often a job is tried. With the pauses between (see
// backoff) that is about half a day.
const MaxAttempts = 20

const (
	workers      = 25
	pollInterval = 500 * time.Millisecond // for what other processes add; an idle poll is one indexed statement that changes nothing
	cooldown     = 10 * time.Millisecond  // between two fetches while there is work
	jobTimeout   = time.Hour              // a handler's context ends then; long work resumes in a new job
)

// Handler does the work of one kind. Its context has the system scope
// "job:<kind>". An error means: try again later; GiveUp means: do not.
type Handler func(ctx context.Context, payload []byte) error

// Opts says when and whether a job is added. The zero value: at once.
type Opts struct {
	RunAt     time.Time // not before; zero = at once
	UniqueKey string    // while a job of the kind with this key waits, another one is not added
}

// Job is one job of AddMany.
type Job struct {
	Payload any
	Opts    Opts
}

// Queue adds and works jobs on one database. Register all handlers before Start.
type Queue struct {
	db     *db.DB
	clock  clock.Clock
	log    *slog.Logger
	driver riverdriver.Driver[*sql.Tx]
	insert *river.Client[*sql.Tx] // adds only; works nothing

	beatEvery, deadAfter time.Duration // constants, shortened by the proof in kill_test.go

	mu       sync.Mutex
	handlers map[string]handling
	every    map[string]time.Duration
	running  *running // nil while stopped

	alarm atomic.Pointer[alarm] // nil while stopped; not under mu, which Stop holds while jobs end and add others
}

type handling struct {
	work Handler
	once bool
}

// New makes a queue. It touches nothing yet; Migrate comes before all else.
func New(d *db.DB, c clock.Clock, log *slog.Logger) *Queue {
	q := &Queue{
		db: d, clock: c, log: log, beatEvery: beatEvery, deadAfter: deadAfter,
		handlers: map[string]handling{}, every: map[string]time.Duration{},
	}
	if d.Dialect == db.Postgres {
		q.driver = riverdatabasesql.New(d.Pool())
	} else {
		q.driver = riversqlite.New(d.Pool())
	}
	client, err := river.NewClient(q.driver, q.config())
	if err != nil {
		panic(fmt.Sprintf("queue: %v", err)) // the configuration is a constant of this file
	}
	q.insert = client
	return q
}

func (q *Queue) config() *river.Config {
	c := &river.Config{
		ID:                   "gonghui-" + id.New(),
		Logger:               slog.New(quiet{q.log.Handler()}),
		MaxAttempts:          MaxAttempts,
		JobTimeout:           jobTimeout,
		RescueStuckJobsAfter: 2 * jobTimeout, // the last net; see rescue.go for the first
		FetchPollInterval:    pollInterval,
		FetchCooldown:        cooldown,
		RetryPolicy:          backoff{q.clock},
		PollOnly:             true,
	}
	if q.clock != clock.System() {
		// A clock moved by hand rules the queue too. With the real one River asks
		// the database, so that several programs agree about the time.
		c.Test.Time = ourTime{q.clock}
	}
	return c
}

// Migrate makes and updates the queue's tables. It is quick when there is
// nothing to do.
func (q *Queue) Migrate(ctx context.Context) error {
	m, err := rivermigrate.New(q.driver, &rivermigrate.Config{Logger: slog.New(quiet{q.log.Handler()})})
	if err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("queue: migrate: %w", err)
	}
	return nil
}

// Handle registers the handler of a kind, named room.verb. A kind registered
// twice, or after Start, is a mistake of the program and panics.
func (q *Queue) Handle(kind string, h Handler) { q.register(kind, handling{work: h}) }

// HandleOnce is Handle for work whose effects are all in the database: handler
// and completion are one transaction, so the effects happen exactly once. The
// handler must not wait for anything outside the database.
func (q *Queue) HandleOnce(kind string, h Handler) {
	q.register(kind, handling{work: h, once: true})
}

func (q *Queue) register(kind string, h handling) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, ok := q.handlers[kind]; ok || q.running != nil {
		panic("queue: " + kind + " registered twice or after Start")
	}
	q.handlers[kind] = h
}

// Every adds a job of the kind, with an empty payload, each d and soon after a
// start: work that happens oftener than d must do no harm. Where several
// programs share a database one of them adds it.
func (q *Queue) Every(kind string, d time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.running != nil {
		panic("queue: Every after Start")
	}
	q.every[kind] = d
}

// Add stores a job, in the transaction in ctx or in one of its own. The payload
// becomes JSON; it must not hold personal data in clear (ids will do).
func (q *Queue) Add(ctx context.Context, kind string, payload any, o Opts) error {
	return q.AddMany(ctx, kind, []Job{{payload, o}})
}

// AddMany stores jobs of one kind with few statements; all or none.
func (q *Queue) AddMany(ctx context.Context, kind string, jobs []Job) error {
	if len(jobs) == 0 {
		return nil
	}
	params := make([]river.InsertManyParams, len(jobs))
	for i, j := range jobs {
		text, err := json.Marshal(j.Payload)
		if err != nil {
			return broken("queue.payload", fmt.Errorf("%s: %w", kind, err))
		}
		params[i] = river.InsertManyParams{
			Args:       envelope{kind: kind, Key: j.Opts.UniqueKey, Payload: text},
			InsertOpts: j.Opts.river(),
		}
	}
	return q.db.InTx(ctx, func(ctx context.Context) error {
		if _, err := q.insert.InsertManyTx(ctx, db.Tx(ctx), params); err != nil {
			return db.Fault(fmt.Errorf("add %s: %w", kind, err))
		}
		db.AfterCommit(ctx, func() { q.wake(ctx) })
		return nil
	})
}

func (o Opts) river() *river.InsertOpts {
	r := &river.InsertOpts{ScheduledAt: o.RunAt}
	if o.UniqueKey != "" {
		// River insists on "running" here; a worker therefore frees the key before
		// it begins (see worker.go), so that news during the work is not lost.
		r.UniqueOpts = river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
			rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
			rivertype.JobStateScheduled, rivertype.JobStateRetryable,
		}}
	}
	return r
}

func broken(code string, cause error) error {
	f := fault.New(fault.Internal, code, fault.Because(cause))
	f.Key = "fault.internal"
	return f
}

// Depth is how much work there is.
type Depth struct {
	Waiting   int64     // to be worked now
	Later     int64     // has a time that is yet to come, or failed and will be tried again
	Running   int64     // being worked
	Discarded int64     // given up after MaxAttempts; somebody should look
	Oldest    time.Time // since when the first of Waiting waits; zero when none does
}

// Depth counts the jobs.
func (q *Queue) Depth(ctx context.Context) (Depth, error) {
	var d Depth
	var rows []struct {
		State string
		Due   bool
		N     int64
	}
	now := q.stamp(q.clock.Now())
	err := q.db.Reader(ctx).NewSelect().TableExpr("river_job").
		ColumnExpr("state").ColumnExpr("scheduled_at <= ? AS due", now).ColumnExpr("count(*) AS n").
		Where("state IN ('available', 'scheduled', 'retryable', 'running', 'discarded')").GroupExpr("1, 2").Scan(ctx, &rows)
	if err != nil {
		return d, db.Fault(err)
	}
	for _, r := range rows {
		switch {
		case r.State == "running":
			d.Running += r.N
		case r.State == "discarded":
			d.Discarded += r.N
		case r.Due:
			d.Waiting += r.N
		default:
			d.Later += r.N
		}
	}
	if d.Waiting == 0 {
		return d, nil
	}
	err = q.db.Reader(ctx).NewSelect().TableExpr("river_job").ColumnExpr("scheduled_at").
		Where("state = 'available'").OrderExpr("scheduled_at").Limit(1).Scan(ctx, &d.Oldest)
	if err != nil && !errors.Is(err, sql.ErrNoRows) { // worked in between
		return d, db.Fault(err)
	}
	d.Oldest = d.Oldest.UTC()
	return d, nil
}

// stamp writes a time as River does: on SQLite its own text form, which sorts
// only among its like.
func (q *Queue) stamp(t time.Time) any {
	if q.db.Dialect == db.SQLite {
		return t.UTC().Round(time.Millisecond).Format("2006-01-02 15:04:05.999")
	}
	return t
}
