package dues

import "gonghui/internal/base/queue"

// Jobs registers the room's background work.
func (s *Service) Jobs(q *queue.Queue) {
	q.Handle(JobIntake, s.workIntake)
}
