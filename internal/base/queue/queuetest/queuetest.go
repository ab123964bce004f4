// Package queuetest gives tests a queue whose tables are there.
package queuetest

import (
	"testing"

	"gonghui/internal/base/db"
	"gonghui/internal/base/queue"
	"gonghui/internal/base/telemetry"
	"gonghui/internal/kit/clock"
)

// New gives a migrated queue that logs nothing and has not been started. Work
// what was added with RunDue; a fake clock rules what is due.
func New(t testing.TB, d *db.DB, c clock.Clock) *queue.Queue {
	t.Helper()
	q := queue.New(d, c, telemetry.Quiet())
	if err := q.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return q
}
