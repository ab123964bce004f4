// Package notice tells people what happened: in their inbox here, and by SMS.
//
// Nouns: News is what a room wants told; a Notice is one line in one account's
// inbox; a delivery is the sending of one notice by SMS; a Gateway takes
// messages to phones; the Outbox is the gateway of an installation that has
// none: a file.
//
// Invariants: the same news (OnceKey) is told once to an account. News told in a
// transaction that fails was never told. A message is sent outside of any
// transaction, by a job; the delivery's id is the message's Key, so a message
// sent again after a crash is recognised by the gateway. The log of deliveries
// holds masked numbers and no texts.
//
// States of a delivery: queued → sent, or queued → failed (refused by the
// gateway, or five tries without success).
//
// Texts: the key "notice." + template, in the reader's language, written by the
// rooms that tell the news. This room writes notice.sms_code only.
//
// Tables: notices, deliveries (city).
//
// Law: 个人信息保护法 (2021) art. 6 第二款: 收集个人信息，应当限于实现处理目的的最小范围.
package notice
