// Package id makes identifiers: UUIDv7 for records (made by the program, never
// serial) and check-digited random public numbers that people can read out.
package id
