package dues

import (
	"gonghui/internal/base/audit"
	"gonghui/internal/base/db"
	"gonghui/internal/core/company"
	"gonghui/internal/core/org"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// Deps is what the room stands on.
type Deps struct {
	DB         *db.DB
	Clock      clock.Clock
	Org        *org.Service
	Companies  *company.Service
	Audit      *audit.Log
	Parameters Parameters // nil = what the program ships with
}

// Service is the use cases of the room.
type Service struct {
	Deps
	store store
}

// New makes the service.
func New(d Deps) *Service {
	if d.Parameters == nil {
		d.Parameters = ShippedParameters()
	}
	return &Service{Deps: d, store: store{d.DB}}
}

func errNoFile() error  { return fault.New(fault.NotFound, "dues.no_file") }
func errNoBreak() error { return fault.New(fault.NotFound, "dues.no_break") }
