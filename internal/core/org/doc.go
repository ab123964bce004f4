// Package org keeps the tree of union units with its history.
//
// Noun: a Unit, one union organisation or reporting place. Kinds: province,
// city, county (a development zone is a county unit with Zone set: it reports,
// but is no legal county), township (also sub-district), industrial, federation
// (joint or regional), company.
//
// Invariants:
//   - one root; a unit's path is its parent's path and one segment of four
//     characters [0-9A-Z]; a subtree is one half-open range of paths (db.Subtree);
//   - a segment is never given out twice, not even after a move or a
//     dissolution, so that an old path on a record can never point to a stranger;
//   - every change closes one span of org_spans and opens the next, so that the
//     tree of any past day can be read (TreeOn);
//   - changes follow each other: they queue on one row of settings, which also
//     tells other processes that the tree has changed.
//
// Reads of the tree come from memory without locks (Load or Seed first). They show
// what is committed: right at once after a change by this process, within a second
// after a change by another one. Inside a transaction, use the Unit that a change returns.
//
// Move rewrites the paths of the units. Scoped rows of other rooms carry a copy
// of the path (org_path); rewriting those is work of its own and not done here.
//
// The tree is public and carries no scope; who may change it is decided by the
// caller (capability grants.manage), who also writes the audit entry.
//
// Tables: org_units, org_spans (ref), one row of settings (local).
// Law: 中华人民共和国工会法 (2009) 第九条 to 第十二条: unions are built upwards on the
// principle of democratic centralism; founding and dissolving is reported to the
// next higher union, and nobody may dissolve a union at will.
package org
