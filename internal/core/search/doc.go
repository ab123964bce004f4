// Package search is an index in memory that answers Chinese full-text queries
// with facets, exact totals and stable paging in a few milliseconds.
//
// It is never the source of truth: a store owns the records, feeds the index
// (Rebuild, Upsert, Delete) and can be compared with it (IDs, Checksum). The
// index knows no business words; what may be filtered, counted and sorted is
// declared in a Schema, and the colloquial names that widen a query come in as
// Synonyms.
//
// Invariants:
//   - A reader sees one consistent state. Segments are immutable, a write puts
//     a new list of segments in place, and readers never wait for writers.
//   - A segment holds at most 65,536 documents in the order of their ids, so
//     the place of a document fits in 16 bits, a set of documents in 8 KB, and
//     equal sort keys are always broken by id.
//   - A facet's own filter does not narrow its own counts (multi-select); every
//     other filter does. Totals and counts are exact.
//   - An unknown facet, value, number or sort is a fault, never an empty list.
//   - A cursor carries the sort key and id of the last document shown, so paging
//     repeats and loses nothing while nothing changes, and goes on from the same
//     place when documents have come or gone.
//
// What matches: words separated by spaces or punctuation must all be found,
// each somewhere in a field. A run of Han characters is sought through its
// overlapping pairs, which must all be in one field; other scripts by word and,
// from two characters, by the beginning of a word. How it is ranked: BM25 over
// fields, where a field counts once however often it repeats the word (an
// advertisement gains nothing by stuffing), times recency.
// docs/decisions/0003 has the reasons and the figures.
package search
