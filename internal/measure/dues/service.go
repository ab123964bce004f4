package dues

import (
	"gonghui/internal/base/audit"
	"gonghui/internal/base/blob"
	"gonghui/internal/base/db"
	"gonghui/internal/base/queue"
	"gonghui/internal/base/vault"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/document"
	"gonghui/internal/core/figures"
	"gonghui/internal/core/ledger"
	"gonghui/internal/core/notice"
	"gonghui/internal/core/org"
	"gonghui/internal/core/rules"
	"gonghui/internal/core/signal"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// Deps is what the room stands on.
type Deps struct {
	DB        *db.DB
	Vault     *vault.Vault
	Clock     clock.Clock
	Org       *org.Service
	Companies *company.Service
	Documents *document.Service
	Cases     *casework.Engine
	Ledger    *ledger.Service
	Figures   *figures.Service
	Notices   *notice.Service
	Signals   *signal.Bus
	Audit     *audit.Log
	Rules     *rules.Service
	Queue     *queue.Queue
	Blobs     *blob.Store
}

// Service is the use cases of the room.
type Service struct {
	Deps
	store store
}

// New makes the service and registers its parameters, accounts and procedures.
func New(d Deps) (*Service, error) {
	if err := d.Rules.Register(Rulebook()); err != nil {
		return nil, err
	}
	if err := d.Ledger.Register(chart()...); err != nil {
		return nil, err
	}
	s := &Service{Deps: d, store: store{d.DB}}
	if err := d.Cases.Register(RefundFlow(), s.onDue); err != nil {
		return nil, err
	}
	if err := d.Cases.Register(AppealFlow(), nil); err != nil {
		return nil, err
	}
	if err := d.Signals.Subscribe(SignalFounded, "dues.union_founded", s.hearFounded); err != nil {
		return nil, err
	}
	for _, i := range s.indicators() {
		if err := d.Figures.Register(i); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func errNoFile() error  { return fault.New(fault.NotFound, "dues.no_file") }
func errNoBreak() error { return fault.New(fault.NotFound, "dues.no_break") }
