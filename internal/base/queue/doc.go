// Package queue runs work after the request: jobs, stored in the transaction of
// the change that asks for them, worked by the same program.
//
// Noun: a job, a kind and a JSON payload. Add inside db.InTx: the job exists when
// and only when the change does.
//
// Invariants: no job is lost, whenever the process dies; a job is worked at least
// once and may be worked again after a crash, so a handler must be idempotent
// (HandleOnce makes it so for effects in the database: job and effects are one
// transaction). A job that a dead process was working on is taken up again at
// the next start on SQLite, within about half a minute on PostgreSQL. A failing
// job is tried again with growing pauses, MaxAttempts times, and is then kept
// for a week as discarded.
//
// States: waiting (available, scheduled, retryable) → running → done, or
// discarded or cancelled.
//
// River (riverqueue.com) is behind it and stays behind it: nothing of it shows
// in this package's interface. Its tables (river_…) are local; Migrate makes
// them. docs/decisions/0002-base.md has the proof and the reasons.
package queue
