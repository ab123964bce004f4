// Package account knows who signs in, and with what right.
//
// Nouns: an Account is a worker (found by phone number, proves it by SMS code)
// or staff (found by login, proves it by password and TOTP). A Session is the
// server's side of a cookie. A Token is a bearer secret with a purpose, a scope
// and an expiry. A grant is account + role + unit, or + company. A Receipt
// remembers what a form was answered with, an Answer what a call of a program was.
//
// Invariants:
//   - Only the newest code of a number is good, once, for five minutes. A try is
//     paid for before it is judged, by one conditional update, so that parallel
//     guesses cannot exceed five; the same holds for staff passwords.
//   - Answers do not tell whether a number or a login has an account.
//   - Codes, session tokens and bearer tokens are kept as keyed hashes, phone
//     numbers and TOTP secrets sealed, passwords as argon2id.
//   - A TOTP code is good once.
//   - Load reads grants fresh, with the unit's present place and the role's
//     present capabilities: what was revoked is gone with the next request, and
//     a disabled account cannot act with it.
//   - Nobody gives rights to himself, or beyond the subtree he administers.
//   - Who locks an account, or sets its password, administers every place it has:
//     the unit that keeps the worker's record, and each unit a right stands on.
//
// Tables: accounts, sessions, sms_codes, grants, tokens, form_receipts,
// idempotency_keys (local).
//
// Law: 网络安全法 (2016) art. 24 (真实身份信息), art. 21 (网络安全等级保护;
// GB/T 22239-2019 8.1.4.1 身份鉴别: 登录失败处理, 两种以上鉴别技术).
package account
