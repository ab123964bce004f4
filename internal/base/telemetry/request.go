package telemetry

import (
	"context"

	"gonghui/internal/kit/id"
)

type requestKey struct{}

// NewRequestID makes the reference number of one request. It is short enough
// to be read out on the phone and long enough never to repeat in a log.
func NewRequestID() string { return id.Token(10) }

// WithRequestID puts a request's id into the context.
func WithRequestID(ctx context.Context, requestID string) context.Context {
	return context.WithValue(ctx, requestKey{}, requestID)
}

// RequestID gives the request's id, or "" outside a request.
func RequestID(ctx context.Context) string {
	s, _ := ctx.Value(requestKey{}).(string)
	return s
}
