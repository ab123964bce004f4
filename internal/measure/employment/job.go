package employment

import (
	"context"
	"time"

	"gonghui/internal/base/queue"
)

// Jobs registers the room's background work: vacancies leave the list when
// their time is over, and the search follows what other processes write.
func (s *Service) Jobs(q *queue.Queue) {
	q.Handle("employment.expire", func(ctx context.Context, _ []byte) error {
		_, err := s.ExpireDue(ctx)
		return err
	})
	q.Every("employment.expire", 5*time.Minute)
	q.Handle(JobImport, s.workBatch)
}

// FollowStore keeps the search fresh until ctx ends; each process does it for
// itself, so it is no job of the queue.
func (s *Service) FollowStore(ctx context.Context, every time.Duration, problem func(error)) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if _, err := s.RefreshIndex(ctx); err != nil && ctx.Err() == nil {
				problem(err)
			}
		}
	}
}
