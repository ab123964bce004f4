// Package audit keeps who did what to which record, and whose data was looked
// at for which purpose.
//
// Noun: an entry, written in the transaction of the change it records (or in one
// of its own for a reading), so there is no change without its entry.
//
// Invariants: an entry is never changed after it was written, except once, by
// Seal, which gives it its place (seq) in the chain of its city; digest is the
// SHA-256 of the entry's canonical form; chain is SHA-256(chain before, digest).
// A changed, removed, added or reordered sealed entry breaks the chain, and
// Verify says where. Entries carry no personal number in clear.
//
// States: written → sealed. Until it is sealed (a job does so each minute) an
// entry is protected by its digest only: it can be removed without a trace.
// Who can rewrite the whole database can also rewrite the chain; therefore the
// heads (Heads) belong into a place outside of it, such as the daily log.
//
// Every entry belongs to the unit that keeps the record touched, and is read by
// who reads the log of that unit (core/inspection); the person whose data it
// touched reads it on the own page.
//
// Tables: audit_entries, audit_heads (both city), one row of settings (local).
//
// Law: 个人信息保护法 第四十五条 (a person may see the use of their data), 第五十四条
// (regular compliance audits), 第六十九条 (the handler has to prove); 网络安全法
// 第二十一条(三) (logs kept for at least six months).
package audit
