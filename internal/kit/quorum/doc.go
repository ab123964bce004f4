// Package quorum says how many votes carry a decision.
//
// Noun: a rule, a share of all who may vote. Invariant: integers only, exact at
// every size. 以上 includes the number, 过半数 excludes the half (民法典
// 第一千二百五十九条; before 2021 民法总则 第二百零五条).
package quorum
