package employment

import "context"

// CountBatch is what a running batch does in the transaction of each chunk.
func (s *Service) CountBatch(ctx context.Context, b Batch, done ImportReport) error {
	return s.store.countBatch(ctx, b, done)
}
