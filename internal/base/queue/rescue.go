package queue

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"gonghui/internal/base/db"
	"gonghui/internal/kit/fault"
)

const (
	beatEvery = 5 * time.Second
	// deadAfter is how long a process may be silent before its jobs are taken up
	// by others: long enough for a stall, short enough that nobody waits.
	deadAfter = 25 * time.Second
)

// guard proves that this process is alive and takes up the jobs of dead ones.
//
// On SQLite the proof is a lock on a file beside the database, which the
// operating system frees the moment the process dies, kill -9 included: who
// holds it knows that every job still marked as running belongs to nobody. On
// PostgreSQL it is a row that is touched every few seconds.
type guard struct {
	lock   *os.File
	cancel context.CancelFunc
	done   sync.WaitGroup
	leave  func(ctx context.Context) error
}

func (q *Queue) takeOver(ctx context.Context, clientID string) (*guard, error) {
	if q.db.Dialect == db.SQLite {
		return q.takeOverSQLite(ctx)
	}
	return q.takeOverPostgres(ctx, clientID)
}

// requeue is the same for both databases: a job in hand goes back to the
// waiting ones, unless it was its last try. That bound ends a job which itself
// kills the process.
const requeue = `UPDATE river_job SET
	state = CASE WHEN attempt < max_attempts THEN 'available' ELSE 'discarded' END,
	finalized_at = CASE WHEN attempt < max_attempts THEN NULL ELSE CURRENT_TIMESTAMP END
	WHERE state = 'running'`

// requeuePostgres spells the same with River's enum type and only for jobs of
// processes that are silent.
const requeuePostgres = `UPDATE river_job SET
	state = CASE WHEN attempt < max_attempts THEN 'available'::river_job_state ELSE 'discarded'::river_job_state END,
	finalized_at = CASE WHEN attempt < max_attempts THEN NULL ELSE CURRENT_TIMESTAMP END
	WHERE state = 'running' AND NOT EXISTS (SELECT 1 FROM river_client c
		WHERE c.id = attempted_by[array_length(attempted_by, 1)]
		AND c.updated_at > CURRENT_TIMESTAMP - make_interval(secs => ?))`

func (q *Queue) takeOverSQLite(ctx context.Context) (*guard, error) {
	f, err := lockFile(q.db.Path + ".jobs")
	if errors.Is(err, errLocked) {
		return nil, fault.New(fault.Conflict, "queue.busy", fault.Because(err))
	}
	if err != nil {
		return nil, broken("queue.lock", err)
	}
	g := &guard{lock: f, cancel: func() {}, leave: func(context.Context) error { return nil }}
	res, err := q.db.Writer(ctx).NewRaw(requeue).Exec(ctx)
	if err != nil {
		return nil, errors.Join(db.Fault(err), g.end(ctx))
	}
	if n, _ := res.RowsAffected(); n > 0 {
		q.log.WarnContext(ctx, "jobs of a dead process taken up", "jobs", n)
	}
	// A dead leader's term would keep periodic jobs waiting for some 15 seconds.
	if _, err := q.db.Writer(ctx).NewRaw("DELETE FROM river_leader").Exec(ctx); err != nil {
		return nil, errors.Join(db.Fault(err), g.end(ctx))
	}
	return g, nil
}

func (q *Queue) takeOverPostgres(ctx context.Context, clientID string) (*guard, error) {
	// River keeps the table river_client for a purpose like this and does not use it.
	beat := func(ctx context.Context) error {
		_, err := q.db.Writer(ctx).NewRaw(`INSERT INTO river_client (id, updated_at) VALUES (?, CURRENT_TIMESTAMP)
			ON CONFLICT (id) DO UPDATE SET updated_at = CURRENT_TIMESTAMP`, clientID).Exec(ctx)
		if err != nil {
			return db.Fault(err)
		}
		res, err := q.db.Writer(ctx).NewRaw(requeuePostgres, q.deadAfter.Seconds()).Exec(ctx)
		if err != nil {
			return db.Fault(err)
		}
		if n, _ := res.RowsAffected(); n > 0 {
			q.log.WarnContext(ctx, "jobs of a dead process taken up", "jobs", n)
		}
		_, err = q.db.Writer(ctx).NewRaw("DELETE FROM river_client WHERE updated_at < CURRENT_TIMESTAMP - INTERVAL '1 day'").Exec(ctx)
		return db.Fault(err)
	}
	if err := beat(ctx); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	g := &guard{cancel: cancel, leave: func(ctx context.Context) error {
		_, err := q.db.Writer(ctx).NewRaw("DELETE FROM river_client WHERE id = ?", clientID).Exec(ctx)
		return db.Fault(err)
	}}
	g.done.Go(func() {
		t := time.NewTicker(q.beatEvery)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
				if err := beat(ctx); err != nil && ctx.Err() == nil {
					q.log.WarnContext(ctx, "queue: sign of life", "err", err)
				}
			}
		}
	})
	return g, nil
}

// end gives up the proof of life.
func (g *guard) end(ctx context.Context) error {
	g.cancel()
	g.done.Wait()
	err := g.leave(ctx)
	if g.lock != nil {
		err = errors.Join(err, g.lock.Close())
	}
	return err
}
