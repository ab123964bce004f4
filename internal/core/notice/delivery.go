package notice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gonghui/internal/core/access"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
)

// The states of a delivery.
const (
	Queued = "queued"
	Gone   = "sent"
	Failed = "failed"
)

// MaxTries is how often a delivery is tried before it counts as failed.
const MaxTries = 5

// sendLimit bounds one call of the gateway.
const sendLimit = 20 * time.Second

type deliveryRef struct {
	City string `json:"city"`
	ID   string `json:"id"`
}

// Delivery is one entry of the delivery log.
type Delivery struct {
	ID        string
	Channel   string // sms
	Address   string // masked
	State     string
	Tries     int
	Problem   string // code of the last failure
	CreatedAt time.Time
	SentAt    time.Time // zero = not sent
}

// Deliver is the job JobSMS: it sends one delivery and writes down how it went.
// The gateway is called outside of any transaction. When the program dies between
// sending and writing, the job runs again with the same message Key and the
// gateway knows it.
func (s *Service) Deliver(ctx context.Context, payload []byte) error {
	var ref deliveryRef
	if err := json.Unmarshal(payload, &ref); err != nil {
		return fault.New(fault.Internal, "internal", fault.Because(err))
	}
	d, n, err := s.store.delivery(ctx, ref)
	if err != nil || d.State != Queued {
		return err
	}
	r, err := s.Directory.Recipient(ctx, n.AccountID)
	if err != nil {
		return err
	}
	notice, err := n.notice()
	if err != nil {
		return err
	}
	d.Tries++
	err = errNoPhone
	if r.Phone != "" {
		// Signature of the sender first, as the operators ask of every SMS.
		text := i18n.T(r.Lang, "notice.sms_frame", "Text", notice.Text(r.Lang))
		sendCtx, cancel := context.WithTimeout(ctx, sendLimit)
		err = s.Gateway.Send(sendCtx, Message{To: r.Phone, Text: text, Key: d.ID})
		cancel()
	}
	if err == nil {
		d.State, d.SentAt, d.Problem = Gone, s.Clock.Now(), ""
		return s.store.settle(ctx, d)
	}
	if ctx.Err() != nil {
		return err // the program is stopping: that was no try
	}
	d.Problem = problem(err)
	if fault.IsKind(err, fault.Invalid) || d.Tries >= MaxTries {
		d.State = Failed
		return s.store.settle(ctx, d)
	}
	return errors.Join(fmt.Errorf("send delivery %s: %w", d.ID, err), s.store.settle(ctx, d))
}

var errNoPhone = fault.New(fault.Invalid, "notice.no_phone")

// problem keeps a word of the failure and nothing of the message.
func problem(err error) string {
	var f *fault.Fault
	switch {
	case errors.As(err, &f):
		return f.Code
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	default:
		return "gateway"
	}
}

// Deliveries gives the delivery log of a notice. It needs access.SystemView.
func (s *Service) Deliveries(ctx context.Context, city, noticeID string) ([]Delivery, error) {
	if err := access.RequireAnywhere(ctx, access.SystemView); err != nil {
		return nil, err
	}
	rows, err := s.store.deliveries(ctx, city, noticeID)
	if err != nil {
		return nil, err
	}
	out := make([]Delivery, 0, len(rows))
	for _, r := range rows {
		out = append(out, Delivery{
			ID: r.ID, Channel: r.Channel, Address: r.Address, State: r.State, Tries: r.Tries, Problem: r.Problem,
			CreatedAt: r.CreatedAt.UTC(), SentAt: r.SentAt.UTC(),
		})
	}
	return out, nil
}
