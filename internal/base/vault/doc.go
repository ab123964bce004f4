// Package vault seals personal fields and makes the keyed hashes and
// signatures of the house.
//
// A Keyring holds the secrets: one or more sealing keys (the newest seals, all
// of them open), one hash key and one signing key. It lives in a file of mode
// 0600 or in the environment; there is no built-in default, so a program
// without secrets does not start.
//
// A sealed value is
//
//	algorithm (1 byte) | key id (2 bytes, big-endian) | nonce (12 bytes) | text and tag
//
// The header and the place of the value (city, table, row, field: see Place)
// are authenticated with it, so a value copied into another row, another
// column or another city does not open.
//
// Hash is stable across the rotation of sealing keys: what was once found by
// the hash of a number is found for ever. Rotating the hash key would mean to
// hash everything anew and is not offered.
//
// Law: 个人信息保护法 第五十一条 (encryption and de-identification as measures of
// the handler). AES-256-GCM is the default; SM4-GCM (GB/T 32907-2016) by
// setting, where a province must use 商用密码.
package vault
