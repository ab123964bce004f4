package casework

import (
	"encoding/json"
	"time"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// Case is a record in its procedure.
type Case struct {
	City       string
	ID         string // = id of the record it is about
	Number     string // public number
	Kind       string // name of the flow
	State      string
	Title      string
	OrgPath    string // the unit in charge
	PersonID   string
	CompanyID  string
	WaitingFor Role
	Capability string
	DueAt      time.Time // zero = no deadline is shown in this state, or the clock is stopped
	PausedAt   time.Time // zero = running
	Version    int       // carry it back with the next step
	OpenedAt   time.Time
	OpenedBy   string
	StateAt    time.Time // since when it is in this state
	ClosedAt   time.Time // zero = not ended
}

// Overdue tells whether the shown deadline has passed.
func (c Case) Overdue(now time.Time) bool {
	return !c.DueAt.IsZero() && !now.Before(c.DueAt)
}

// LastDay is the day on which the shown deadline passes; the zero day for none.
func (c Case) LastDay() clock.Day { return clock.LastDay(c.DueAt) }

// Ref names a case.
type Ref struct{ City, ID string }

// Ref names the case.
func (c Case) Ref() Ref { return Ref{c.City, c.ID} }

// Event is one line of a case's history.
type Event struct {
	Seq       int // = version of the case after it
	Event     string
	From, To  string // From is empty for the opening
	ActorID   string
	ActorName string
	Role      Role
	Reason    string
	Detail    json.RawMessage // what the room noted, may be empty
	At        time.Time
}

// Events that every flow has besides its own.
const (
	Paused  = "pause"
	Resumed = "resume"
)

// Open says which case begins.
type Open struct {
	City      string
	ID        string
	Number    string // public number of the record, under which people ask for it; "" draws one
	Kind      string
	Title     string
	OrgPath   string // the unit in charge
	PersonID  string
	CompanyID string
	State     string               // one of the flow's initial states; "" = the first
	As        Role                 // who opens it; "" = desk
	Detail    any                  // kept as JSON in the history
	DueAt     map[string]time.Time // deadlines that the room sets itself
}

// AnyVersion is for steps that do not depend on what somebody saw: a
// consequence of another case, a passed deadline.
const AnyVersion = -1

// Fire says which step is taken.
type Fire struct {
	City    string
	ID      string
	Event   string
	Version int  // the version the step was decided on, or AnyVersion
	As      Role // the side on which the actor of the context takes the step
	Reason  string
	Detail  any                  // kept as JSON in the history
	DueAt   map[string]time.Time // deadlines that the room sets itself
	Title   string               // a new title, where the record has one
	OrgPath string               // hand over to another unit; "" = stays
}

// MaxReason is the longest reason, in characters.
const MaxReason = 1000

// Faults that callers compare with.
var (
	ErrMovedOn  = fault.New(fault.Conflict, "casework.moved_on")
	ErrIllegal  = fault.New(fault.Conflict, "casework.illegal")
	ErrNotYours = fault.New(fault.Forbidden, "casework.not_yours")
	ErrFourEyes = fault.New(fault.Forbidden, "casework.four_eyes")
	ErrNotFound = fault.New(fault.NotFound, "casework.not_found")
	ErrPaused   = fault.New(fault.Conflict, "casework.paused")
)
