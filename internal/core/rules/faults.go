package rules

import "gonghui/internal/kit/fault"

// Faults that callers compare with.
var (
	ErrMovedOn  = fault.New(fault.Conflict, "rules.moved_on")
	ErrReplaced = fault.New(fault.Conflict, "rules.replaced")
	ErrNotFound = fault.New(fault.NotFound, "rules.not_found")
	ErrOverlap  = fault.New(fault.Conflict, "rules.overlap", fault.OnField("from", "invalid"))
)
