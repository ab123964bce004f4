package telemetry

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"strings"
)

// hidden are attribute names whose value is never written, whatever it is.
var hidden = map[string]bool{
	"password": true, "secret": true, "token": true, "cookie": true, "authorization": true, "csrf": true, "otp": true,
}

// NewLogger writes JSON lines to w from the level on, redacted (see Redact),
// with the request id of the context.
func NewLogger(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(&handler{next: slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})})
}

// Quiet is a logger that writes nothing, for tests and tools.
func Quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

type handler struct{ next slog.Handler }

// Enabled asks the handler behind.
func (h *handler) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

// Handle redacts the message and all attributes and adds the request id.
func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, Redact(r.Message), r.PC)
	if s := RequestID(ctx); s != "" {
		clean.AddAttrs(slog.String("request_id", s))
	}
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(redactAttr(a))
		return true
	})
	return h.next.Handle(ctx, clean)
}

// WithAttrs redacts once what all later lines carry.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = redactAttr(a)
	}
	return &handler{next: h.next.WithAttrs(clean)}
}

// WithGroup opens a group.
func (h *handler) WithGroup(name string) slog.Handler {
	return &handler{next: h.next.WithGroup(name)}
}

func redactAttr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	if hidden[strings.ToLower(a.Key)] {
		return slog.String(a.Key, "(hidden)")
	}
	switch v.Kind() {
	case slog.KindString:
		return slog.String(a.Key, Redact(v.String()))
	case slog.KindGroup:
		inner := make([]any, 0, len(v.Group()))
		for _, g := range v.Group() {
			inner = append(inner, redactAttr(g))
		}
		return slog.Group(a.Key, inner...)
	case slog.KindAny:
		return redactAny(a.Key, v.Any())
	default: // numbers, times and durations carry no text
		return slog.Attr{Key: a.Key, Value: v}
	}
}

// redactAny writes a value as JSON does and redacts that text, so a number is
// found however deep it lies.
func redactAny(key string, x any) slog.Attr {
	switch x := x.(type) {
	case nil:
		return slog.Any(key, nil)
	case error:
		return slog.String(key, Redact(x.Error()))
	case []byte:
		return slog.String(key, Redact(string(x)))
	}
	text, err := json.Marshal(x)
	if err != nil {
		return slog.String(key, "(cannot be written: "+Redact(err.Error())+")")
	}
	clean := Redact(string(text))
	if !json.Valid([]byte(clean)) { // a bare number was masked
		return slog.String(key, clean)
	}
	return slog.Any(key, json.RawMessage(clean))
}
