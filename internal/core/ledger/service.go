package ledger

import (
	"context"
	"sync"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/core/org"
	"gonghui/internal/core/signal"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// Deps is what the service works with.
type Deps struct {
	DB      *db.DB
	Clock   clock.Clock
	Audit   *audit.Log
	Org     *org.Service
	Signals *signal.Bus
}

// Service keeps the books. It is safe for concurrent use once the chart is
// registered.
type Service struct {
	db      *db.DB
	store   store
	clock   clock.Clock
	audit   *audit.Log
	org     *org.Service
	signals *signal.Bus

	chart map[string]Code

	mu     sync.Mutex
	groups map[string]*group // by city: who waits to be posted
}

// New gives the service with a chart that holds the clearing account only, and
// listens for transfers from other cities.
func New(d Deps) (*Service, error) {
	s := &Service{
		db: d.DB, store: store{d.DB}, clock: d.Clock, audit: d.Audit, org: d.Org, signals: d.Signals,
		chart: map[string]Code{}, groups: map[string]*group{},
	}
	if err := s.Register(Code{Code: Clearing, Kind: Asset}); err != nil {
		return nil, err
	}
	return s, d.Signals.Subscribe(transferSent, transferSent, s.arrive)
}

func (s *Service) record(ctx context.Context, city, action, kind, subject, detail string) error {
	return s.audit.Record(ctx, audit.Entry{CityCode: city, Action: action, SubjectKind: kind, SubjectID: subject, Detail: detail})
}

func internal(err error) error { return fault.New(fault.Internal, "internal", fault.Because(err)) }
