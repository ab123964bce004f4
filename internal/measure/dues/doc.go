// Package dues is measure 3, 小微企业工会经费全额返还: the union dues that small
// and micro companies paid for 2020 and 2021 come back to their unions in full.
//
// Nouns: a Line is one payment of one company for one month, as the tax office
// collected it; a Reckoning says what is due of a payroll and who gets which
// part of it; a Payer is a company as the dues know it: class, exclusion, union,
// account; a List is what one office says of many companies in a year; an Intake is
// a file on its way in; a Break is what the two sides do not agree on; a Correction
// is what the tax office wants to stand instead of a line.
//
// Invariants: every amount is whole fen; what is retained and what is remitted
// add up to what was paid, and the shares of the levels add up to what was
// remitted; a refund is never more than the reconciled payment less earlier
// refunds.
//
// Law: 工会法 (2009) 第四十二条第二项, in the text of 2021 第四十三条 (2 % of all
// wages); 厅字〔2019〕32号 (full refund, 2020-01-01 to 2021-12-31); 工信部联企业
// 〔2011〕300号 (size, in core/company).
package dues
