// Package blob keeps files: uploads, generated papers, error files of imports.
//
// Noun: a blob, bytes named by their SHA-256. Names are the store's, never a
// visitor's; what a file is called and whom it belongs to is known to
// core/document, and so is who may see it.
//
// Invariants: a blob is complete and on the disk before Put returns; it never
// changes; the same bytes are kept once; a reader who reaches the end has read
// exactly what was stored, or gets a fault.
//
// Place: DIR/ab/cd/abcd…, files of mode 0600. DIR/incoming holds what is being
// written; Sweep clears away what a crash has left there.
package blob
