// Package dues is measure 3, 小微企业工会经费全额返还: the union dues that small
// and micro companies paid for 2020 and 2021 come back to their unions in full.
//
// Nouns: a Line is one payment of one company for one month, as the tax office
// collected it; a Reckoning says what is due of a payroll and who gets which
// part of it; a Payer is a company as the dues know it: class, exclusion, union,
// account; a List is what one office says of many companies in a year; an Intake is
// a file on its way in; a Break is what the two sides do not agree on; a Correction
// is what the tax office wants to stand instead of a line; a Refund is a list of
// what companies get back, a Claim one company's part of it, a Batch an order to a
// bank with its Payments, an Answer what the bank says of it.
//
// Invariants: every amount is whole fen; what is retained and what is remitted
// add up to what was paid, and the shares of the levels add up to what was
// remitted; a refund is never more than the reconciled payment less earlier
// refunds; a line is on one list at most; a claim has one payment at most that may
// move money; a list and an order each have two people behind them.
//
// States: those of FlowRefund and FlowAppeal; of a claim see ClaimState, of an order
// BatchState, of a payment PaymentState.
//
// Law: 工会法 (2009) 第四十二条第二项, in the text of 2021 第四十三条 (2 % of all
// wages); 厅字〔2019〕32号 (full refund, 2020-01-01 to 2021-12-31); 工信部联企业
// 〔2011〕300号 (size, in core/company).
package dues
