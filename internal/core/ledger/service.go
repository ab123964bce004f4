package ledger

import (
	"context"
	"encoding/json"
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

// recordPeriod writes down what was done to a unit's month, and why.
func (s *Service) recordPeriod(ctx context.Context, city, unitID, month string, action audit.Action, reason string) error {
	u, err := s.keeper(city, unitID)
	if err != nil {
		return err
	}
	detail, err := json.Marshal(map[string]string{"month": month, "reason": reason})
	if err != nil {
		return internal(err)
	}
	return s.audit.Record(ctx, audit.Entry{
		CityCode: city, OrgPath: u.Path, Action: action, SubjectKind: "unit", SubjectID: u.ID, Detail: string(detail),
	})
}

func internal(err error) error { return fault.New(fault.Internal, "internal", fault.Because(err)) }
