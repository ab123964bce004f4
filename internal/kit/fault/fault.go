package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind is the class of a fault; it alone decides the response status.
type Kind string

// The kinds. Outside one's scope is NotFound, never Forbidden.
const (
	Invalid         Kind = "invalid"         // the input cannot be accepted as it is
	Unauthenticated Kind = "unauthenticated" // sign in first
	Forbidden       Kind = "forbidden"       // visible, but not yours to do
	NotFound        Kind = "not_found"       // does not exist for this viewer
	Conflict        Kind = "conflict"        // the record has moved on since it was read
	RateLimited     Kind = "rate_limited"    // too often; RetryAfter says when again
	Unavailable     Kind = "unavailable"     // busy or down; the same call may work later
	Internal        Kind = "internal"        // our mistake
)

// Field is one wrong field of a form or one wrong column of a row.
type Field struct {
	Name   string         // the input's name, as in the form or JSON body
	Code   string         // machine word: required, length, charset, date, checksum …
	Key    string         // message key of the sentence shown beside the field
	Params map[string]any // values for the sentence; never the rejected value of a personal field
}

// Fault is an error a person or a machine can act on.
type Fault struct {
	Kind       Kind
	Code       string         // stable machine word, "room.what": employment.duplicate_vacancy
	Key        string         // message key; "fault." + Code unless set
	Params     map[string]any // values for the message
	Fields     []Field
	RetryAfter time.Duration // for RateLimited and Unavailable
	Cause      error         // for the log, never for the person
}

// Option completes a Fault under construction.
type Option func(*Fault)

// New makes a fault of a kind with a code; its message key is "fault."+code.
func New(kind Kind, code string, opts ...Option) *Fault {
	f := &Fault{Kind: kind, Code: code, Key: "fault." + code}
	for _, o := range opts {
		o(f)
	}
	return f
}

// With sets one message parameter.
func With(name string, value any) Option {
	return func(f *Fault) {
		if f.Params == nil {
			f.Params = map[string]any{}
		}
		f.Params[name] = value
	}
}

// OnField adds a field error whose key is "field."+code.
func OnField(name, code string) Option {
	return func(f *Fault) {
		f.Fields = append(f.Fields, Field{Name: name, Code: code, Key: "field." + code})
	}
}

// WithFields adds ready field errors.
func WithFields(fields ...Field) Option {
	return func(f *Fault) { f.Fields = append(f.Fields, fields...) }
}

// After says when the same call may be tried again.
func After(d time.Duration) Option { return func(f *Fault) { f.RetryAfter = d } }

// Because keeps the cause for the log.
func Because(err error) Option { return func(f *Fault) { f.Cause = err } }

// Error is for logs; people are shown the text of Key.
func (f *Fault) Error() string {
	s := string(f.Kind) + " " + f.Code
	for _, x := range f.Fields {
		s += fmt.Sprintf(" [%s: %s]", x.Name, x.Code)
	}
	if f.Cause != nil {
		s += ": " + f.Cause.Error()
	}
	return s
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Cause }

// Is matches another fault of the same code, so that a package may export a
// fault as a sentinel and callers may use errors.Is.
func (f *Fault) Is(target error) bool {
	var t *Fault
	if !errors.As(target, &t) {
		return false
	}
	return t.Code == f.Code && t.Kind == f.Kind
}

// As finds the fault in an error chain. An error that is no fault is wrapped
// as Internal "internal", so the answer is never nil for a non-nil error.
func As(err error) *Fault {
	if err == nil {
		return nil
	}
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return &Fault{Kind: Internal, Code: "internal", Key: "fault.internal", Cause: err}
}

// IsKind tells whether err is a fault of the kind.
func IsKind(err error, kind Kind) bool {
	var f *Fault
	return errors.As(err, &f) && f.Kind == kind
}

// HasCode tells whether err is a fault with the code.
func HasCode(err error, code string) bool {
	var f *Fault
	return errors.As(err, &f) && f.Code == code
}
