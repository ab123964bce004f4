// Package public is the face for everybody and for machines that watch the
// house: health, readiness, metrics, robots.
//
// /metrics names no person and no record; an operator who wants it closed
// listens on a loopback address behind a proxy (docs/operations.md).
package public
