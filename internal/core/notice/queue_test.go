package notice_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/core/notice"
)

// bell rings for each message and passes it on to an outbox.
type bell struct {
	*notice.Outbox
	rang chan struct{}
}

func (b bell) Send(ctx context.Context, m notice.Message) error {
	defer func() { b.rang <- struct{}{} }()
	return b.Outbox.Send(ctx, m)
}

// From Tell through the real queue into the real outbox.
func TestTheWholeWay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		dir := t.TempDir()
		rang := make(chan struct{}, 10)
		b.Gateway = bell{openOutbox(t, dir), rang}
		require.NoError(t, b.queue.Start(t.Context()))
		require.NoError(t, b.Tell(t.Context(), news("k")))
		select {
		case <-rang:
		case <-time.After(30 * time.Second):
			t.Fatal("nothing was sent")
		}
		require.NoError(t, b.queue.Stop(context.WithoutCancel(t.Context())))
		sent, err := notice.ReadOutbox(dir)
		require.NoError(t, err)
		require.Len(t, sent, 1)
		require.Equal(t, phone, sent[0].To)
		require.Contains(t, sent[0].Text, "123456")
		require.Equal(t, "sent", b.deliveries(t)[0].State)
	})
}
