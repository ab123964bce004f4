// Package telemetry is what the house tells its operators: structured logs,
// metrics, and which build is running.
//
// Invariants: no log line carries a mobile number, a resident number or a bank
// card in clear, wherever in the message or its attributes it stands; each line
// written for a request carries its request id; metrics are labelled by route
// pattern, never by path, person or company, so their number is bounded.
//
// Law: 个人信息保护法 第六条 (least data for the purpose), 第五十一条.
package telemetry
