// Package clock is the house's only source of the present.
//
// Times are UTC instants; days are civil dates of Asia/Shanghai (Day). Code
// takes a Clock so that a test can move time by hand.
package clock
