// Package inspection lets union staff read the audit log of their own part of the
// house, in words.
//
// Nouns: a Query is what is looked for. A Line is an entry with the names that
// belong to it. A reading is one Query with all its pages.
//
// Invariants:
//   - It needs access.AuditView. Entries belong to the unit that keeps the record
//     touched; what does not lie under a unit on which the reader has that
//     capability is not found, whatever is asked for. Entries that belong to no
//     unit are read by the province.
//   - Each reading is itself an entry, once: a further page carries the entry of its
//     reading in the cursor and is refused for another reader or another Query.
//     Taking entries out as a file is an entry of its own, with a purpose.
//   - Names of workers are masked, numbers were when the entry was written.
//   - Each action that the program can write has a text in both languages
//     (internal/laws finds the actions in the code).
//
// It owns no table; the entries are base/audit's.
//
// Law: 个人信息保护法 第五十四条 (regular compliance audits); GB/T 22239-2019 8.1.5.2
// 审计管理 (who audits is somebody else than who administers).
package inspection
