// Package desk is the face for union staff of all levels.
//
// Nouns: the queue (what waits for me over all procedures, deadline first), the
// record of a case, the lists under one's units, a batch of vacancies coming in
// from a file, the log of services, the staff and their rights.
//
// Invariants: every route names the capability it needs; a record outside one's
// units is not found, never forbidden; a button is shown only for a step that the
// procedure and one's rights allow now; when a colleague was quicker the page
// shows the newest state and who decided, and nothing is overwritten; a worker's
// number is read for a stated purpose only, and an export needs one too.
//
// A batch of decisions is one service call for each record with the version that
// was seen; what failed is listed with its reason.
package desk
