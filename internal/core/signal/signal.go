package signal

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gonghui/internal/base/db"
	"gonghui/internal/base/queue"
	"gonghui/internal/core/access"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/page"
)

// job is the kind of the delivery job.
const job = "signal.deliver"

// Signal is something that has happened.
type Signal struct {
	City      string
	ID        string // given by Emit
	Kind      string // room.what: employment.hired
	PersonID  string
	CompanyID string
	Payload   any       // to Emit: ids and codes, kept as JSON
	At        time.Time // given by Emit
}

// Received is a signal as subscribers and timelines get it.
type Received struct {
	Signal
	body []byte
}

// Decode reads the payload into v.
func (r Received) Decode(v any) error {
	if err := json.Unmarshal(r.body, v); err != nil {
		return internal(fmt.Errorf("payload of signal %s %s: %w", r.Kind, r.ID, err))
	}
	return nil
}

// HearFunc handles one signal inside the transaction that keeps its receipt. An
// error undoes all it wrote and leads to another try.
type HearFunc func(ctx context.Context, s Received) error

// Bus emits and delivers. It is safe for concurrent use once all subscribers
// are there.
type Bus struct {
	db    *db.DB
	store store
	queue *queue.Queue
	clock clock.Clock

	hear  map[string]HearFunc // by subscriber
	names map[string][]string // subscribers by kind, in order of subscription
}

// New makes a bus and registers its job with the queue.
func New(d *db.DB, q *queue.Queue, c clock.Clock) *Bus {
	b := &Bus{db: d, store: store{d}, queue: q, clock: c, hear: map[string]HearFunc{}, names: map[string][]string{}}
	q.Handle(job, b.deliver)
	return b
}

// Subscribe adds a subscriber for a kind at start-up. The name is stored with the
// receipts, so it must stay the same for ever; it is unique over all kinds.
func (b *Bus) Subscribe(kind, subscriber string, fn HearFunc) error {
	if _, twice := b.hear[subscriber]; twice || kind == "" || subscriber == "" {
		return fmt.Errorf("subscriber %q of signal %q is there already or has no name", subscriber, kind)
	}
	b.hear[subscriber] = fn
	b.names[kind] = append(b.names[kind], subscriber)
	return nil
}

type delivery struct{ City, ID, Subscriber string }

// Emit stores a signal and the jobs that deliver it, in the transaction of ctx.
func (b *Bus) Emit(ctx context.Context, s Signal) (Signal, error) {
	if s.City == "" || s.Kind == "" {
		return s, internal(fmt.Errorf("signal %q of city %q", s.Kind, s.City))
	}
	body, err := json.Marshal(s.Payload)
	if err != nil {
		return s, internal(fmt.Errorf("payload of signal %s: %w", s.Kind, err))
	}
	s.ID, s.At = id.New(), b.clock.Now()
	err = b.db.InTx(ctx, func(ctx context.Context) error {
		row := signalRow{CityCode: s.City, ID: s.ID, Kind: s.Kind, PersonID: s.PersonID, CompanyID: s.CompanyID, Payload: string(body), At: s.At}
		if err := b.store.insert(ctx, row); err != nil {
			return err
		}
		jobs := make([]queue.Job, 0, len(b.names[s.Kind]))
		for _, name := range b.names[s.Kind] {
			jobs = append(jobs, queue.Job{Payload: delivery{s.City, s.ID, name}})
		}
		return b.queue.AddMany(ctx, job, jobs)
	})
	return s, err
}

// deliver brings one signal to one subscriber.
func (b *Bus) deliver(ctx context.Context, payload []byte) error {
	var d delivery
	if err := json.Unmarshal(payload, &d); err != nil {
		return queue.GiveUp(fmt.Errorf("delivery: %w", err))
	}
	fn, ok := b.hear[d.Subscriber]
	if !ok { // an older program beside a newer one: the newer will take it
		return fmt.Errorf("nobody here is called %q", d.Subscriber)
	}
	return b.db.InTx(ctx, func(ctx context.Context) error {
		first, err := b.store.receipt(ctx, receiptRow{CityCode: d.City, SignalID: d.ID, Subscriber: d.Subscriber, At: b.clock.Now()})
		if err != nil || !first {
			return err
		}
		row, err := b.store.get(ctx, d.City, d.ID)
		if err != nil {
			return err
		}
		if err := fn(ctx, row.received()); err != nil {
			return fmt.Errorf("%s hears %s: %w", d.Subscriber, row.Kind, err)
		}
		return nil
	})
}

// ListForPerson gives the signals about a person, the newest first: to the person,
// and to staff who may view the people of the union unit at orgPath, where the
// person's record hangs. Anyone else meets not_found.
func (b *Bus) ListForPerson(ctx context.Context, ref access.PersonRef, orgPath string, req page.Request) (page.Page[Received], error) {
	var none page.Page[Received]
	self, ok := access.Self(ctx)
	if (!ok || self != ref) && !access.Can(ctx, access.PeopleView, orgPath) {
		return none, fault.New(fault.NotFound, "not_found")
	}
	const list = "signals/person"
	var at, after string
	if _, err := req.After.Decode(list, &at, &after); err != nil {
		return none, err
	}
	rows, err := b.store.forPerson(ctx, ref.City, ref.ID, at, after, req.Size()+1)
	if err != nil {
		return none, err
	}
	p := page.Cut(rows, req.Size(), func(r signalRow) page.Cursor {
		return page.Encode(list, r.At.UTC().Format(time.RFC3339Nano), r.ID)
	})
	return page.Map(p, signalRow.received), nil
}

func internal(err error) error { return fault.New(fault.Internal, "internal", fault.Because(err)) }
