// Package assets serves the styles, scripts and the map embedded in the program.
//
// Invariants: an address carries a hash of the content, so an answer may be kept
// for ever and a new release is a new address; everything comes from this
// program, nothing from another host; each file is held compressed in memory.
//
// The files under dist are built from the sources in web/ (see web/README.md)
// and committed, so that building gonghui needs no Node.
package assets
