package queue

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"gonghui/internal/base/db"
)

// running is what exists between Start and Stop.
type running struct {
	client *river.Client[*sql.Tx]
	guard  *guard
}

// Start works jobs until Stop. Ending ctx does not stop it: a job in hand is
// finished in peace by Stop. On SQLite one program at a time can work a
// database's jobs; for a second one Start returns a fault Conflict "queue.busy".
func (q *Queue) Start(ctx context.Context) error { return q.start(ctx, pollInterval, q.every) }

func (q *Queue) start(ctx context.Context, poll time.Duration, every map[string]time.Duration) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.running != nil {
		return broken("queue.started", errors.New("started twice"))
	}
	cfg := q.config()
	cfg.FetchPollInterval, cfg.FetchCooldown = poll, min(poll, cooldown)
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
	for kind, d := range every {
		cfg.PeriodicJobs = append(cfg.PeriodicJobs, river.NewPeriodicJob(river.PeriodicInterval(d),
			func() (river.JobArgs, *river.InsertOpts) {
				o := Opts{UniqueKey: "every"} // a slow run is not followed by a crowd
				return envelope{kind: kind, Key: o.UniqueKey, Payload: json.RawMessage("null")}, o.river()
			}, &river.PeriodicJobOpts{ID: kind, RunOnStart: true}))
	}
	alarm := &alarm{}
	client, err := river.NewClient[*sql.Tx](wakeable{q.driver, alarm}, cfg)
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
	q.alarm.Store(alarm)
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
	q.alarm.Store(nil)
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

// RunDue works every job that is due, and what those jobs add, and returns when
// none is left: for tests, and for commands that end when their work is done. A
// job that fails stays for later. The queue must not have been started; where
// another program works the jobs it returns the fault of Start.
func (q *Queue) RunDue(ctx context.Context) error {
	const look = 2 * time.Millisecond
	if err := q.promote(ctx); err != nil {
		return err
	}
	if d, err := q.Depth(ctx); err != nil || d.Waiting == 0 {
		return err
	}
	if err := q.start(ctx, look, nil); err != nil {
		return err
	}
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		d, err := q.Depth(ctx)
		if err != nil || d.Waiting+d.Running == 0 {
			return errors.Join(err, q.Stop(ctx))
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), q.Stop(ctx))
		case <-tick.C:
			if err := q.promote(ctx); err != nil {
				return errors.Join(err, q.Stop(ctx))
			}
		}
	}
}

// promote makes jobs available whose time has come; between Start and Stop River
// does so every few seconds.
func (q *Queue) promote(ctx context.Context) error {
	_, err := q.db.Writer(ctx).NewRaw(`UPDATE river_job SET state = 'available'
		WHERE state IN ('scheduled', 'retryable') AND scheduled_at <= ?`, q.stamp(q.clock.Now())).Exec(ctx)
	return db.Fault(err)
}
