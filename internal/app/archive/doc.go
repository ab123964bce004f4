// Package archive writes a whole installation into one portable file and reads
// it back, on either database.
//
// Noun: an archive, a zip file. Its members: manifest.json (format, program,
// schema version, and for each other member its size, SHA-256, rows and
// columns), manifest.sig (the manifest's signature), tables/<name>.jsonl (one
// JSON object a row) and blobs/<sha256>. Any unzip program opens it. Zip in place
// of a compressed tar, because a table's length is not known before it has been
// read: zip writes it behind the member, so nothing is spooled to disk first.
//
// Invariants: all tables are of one moment (one read transaction); memory does
// not grow with the data; no secret is inside: sealed values stay sealed and
// open only with the installation's keyring, which the manifest can recognise
// (Proof) but does not hold. An archive is checked whole, byte for byte, before
// the first row is written. Load is one transaction: a restore that is killed
// leaves an empty database, and is begun anew.
//
// Left out: sessions, codes of text messages and form receipts (people sign in
// again), and the job queue's own tables (Requeue adds what was still to be done).
//
// Times are written in UTC, numbers as they are, sealed values as base64. Text
// that is no UTF-8 is written as {"base64": …}.
package archive
