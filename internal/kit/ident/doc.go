// Package ident judges the numbers by which people, organisations and bank
// accounts are known, reads what they say and masks them for lists.
//
// Noun: a number with a check digit. Standards: GB 11643-1999 《公民身份号码》
// (resident number), GB 32100-2015 《法人和其他组织统一社会信用代码编码规则》 (credit
// code), ISO/IEC 7812-1 (bank card), GB/T 17710-2008 (the check systems).
//
// Invariants: a judgement gives the first reason that applies, in the order
// length, charset, date, checksum. Codes of divisions and of registration
// authorities are not judged: both lists grow, and a frozen list refuses people.
// Nothing here keeps, logs or repeats a number inside an error.
package ident
