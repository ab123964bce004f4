// Package api is the face for machines: the use cases of the pages as JSON under
// /api/v1, described by OpenAPI 3.1 at /api/v1/openapi.json and, committed, in
// api/openapi.yaml.
//
// Noun: an operation, one method of one path with one id ("job-list"). add and
// act register it: they alone turn faults into problem documents (RFC 9457),
// ask for a sign-in, and log what is our own mistake.
//
// Invariants:
//   - The types of this package are the contract; they are not the types of the
//     rooms, so that a room can change without breaking a client.
//   - Names of properties are the names of the form fields of the same use case:
//     a fault names the same field on a page and here.
//   - Nobody who is not signed in learns more than that; the scope of the actor
//     decides what is found, a token's scope narrows it further.
//   - A refusal never repeats what was sent.
//   - A browser's session may change something only from our own pages
//     (http.CrossOriginProtection); a bearer token carries its own proof.
//
// Sending twice: applying, recording a service, saving and sharing are the same
// done twice; steps carry the version they were decided on, so that the second
// is a conflict; a vacancy or a company sent again is a conflict. A program that
// lost an answer and wants that answer, not a conflict, names its call by an
// Idempotency-Key (once.go; account.Answers keeps the promise). Signing in and
// reading a number take none.
//
// It owns no table.
package api
