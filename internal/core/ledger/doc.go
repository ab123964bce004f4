// Package ledger keeps the unions' books: double entry, in fen, append-only.
//
// Nouns: an account (one unit's, for one fund and code of the chart, perhaps
// with one party), an entry (a numbered voucher of debit and credit lines that
// add up to the same), a hold (an amount set aside until it is captured or
// released), a period (a month that can be closed). Rooms register the chart;
// the ledger knows no measure.
//
// Invariants:
//   - The debits of an entry equal its credits; amounts are int64 fen above zero; a
//     sum that does not fit is a fault, never a wrong number.
//   - An entry stays within one city. Between cities Transfer makes two, tied by an
//     outbox id, over a clearing account on each side; the second is delivered by a
//     signal, once.
//   - Nothing is updated or deleted: a mistake is reversed, once.
//   - A key is used once: the same key with the same input gets the first answer,
//     with another input a conflict.
//   - A day of a closed month takes no entry; whoever closed it cannot reopen it.
//   - A guarded account never falls below what is held on it.
//   - Entries of a city are numbered without a gap and chained by SHA-256. The day of
//     recording never falls along the chain, so the closing hash of a day covers
//     exactly what was known on it.
//   - Sums by day booked and day known are written in the same transaction; a balance
//     of any day, as known on any day, is read from them. Verify replays all of it.
//
// States: a hold is held, then captured or released. A month is open or closed.
//
// Tables (city): ledger_accounts, ledger_balances, ledger_entries, ledger_lines,
// ledger_days, ledger_months, ledger_heads, ledger_closings, ledger_holds,
// ledger_periods.
//
// Law: 会计法 (2017) art. 9, 15, 16: books rest on what really happened, vouchers are
// numbered in sequence, a mistake is corrected by rule and never erased. 工会会计制度
// (财会〔2021〕7号): unions keep double-entry books by fund.
package ledger
