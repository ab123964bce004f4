package queue

import (
	"context"
	"database/sql"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivershared/baseservice"
	"github.com/riverqueue/river/rivershared/riverpilot"
	"github.com/riverqueue/river/rivertype"
)

// River looks for jobs at intervals where the database cannot call it, and
// offers no public way to be told of a commit. Its plugin interface hands out
// the function that it uses itself after an insert of its own; alarm keeps it.
// That interface is not promised to stay. Should it go, this file goes too, and
// a job waits for the next poll: nothing else depends on it.
type alarm struct {
	riverpilot.StandardPilot
	ring func(ctx context.Context, jobs []*rivertype.JobInsertResult)
}

// PilotInit keeps the function; River calls it while a client is made.
func (a *alarm) PilotInit(archetype *baseservice.Archetype, params *riverpilot.PilotInitParams) {
	a.StandardPilot.PilotInit(archetype, params)
	a.ring = params.NotifyNonTxJobInsert
}

type wakeable struct {
	riverdriver.Driver[*sql.Tx]
	alarm *alarm
}

// PluginInit has nothing to do.
func (wakeable) PluginInit(*baseservice.Archetype) {}

// PluginPilot puts the alarm in the standard pilot's place.
func (w wakeable) PluginPilot() riverpilot.Pilot { return w.alarm }

// wake starts a look for jobs now, where this process works them.
func (q *Queue) wake(ctx context.Context) {
	if a := q.alarm.Load(); a != nil {
		a.ring(ctx, []*rivertype.JobInsertResult{{Job: &rivertype.JobRow{Queue: river.QueueDefault}}})
	}
}
