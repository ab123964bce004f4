// Package signal lets measures hear of each other without knowing each other.
//
// Noun: a signal, something that has happened to a person or a company
// ("employment.hired"), told by one measure and heard by any number of
// subscribers, which app wires up.
//
// Invariants:
//   - A signal exists when and only when the change it tells of does: Emit
//     writes in the transaction of ctx.
//   - Each subscriber hears each signal once. Delivery is one job for each
//     subscriber; the receipt and whatever the subscriber writes are one
//     transaction. A subscriber that fails is tried again and holds up no other.
//   - Signals are never changed; a person can see those about himself.
//   - The payload holds ids and codes, never names or numbers of people.
//
// Who subscribes later does not hear what was emitted before.
//
// Tables: signals, signal_receipts.
package signal
