// Package calendar is the legal clock: which days are worked and when a period
// of 日 or 工作日 ends.
//
// Nouns: a Calendar (days off and make-up days of mainland China) and a deadline
// (the last day of a period). The data is china.txt, 2004 to 2026; a year the
// State Council has not yet arranged has plain weekends.
//
// Invariants: the day of the event is not counted, the first day is the next one;
// the last day belongs to the period until it ends (24:00); a period that would
// end on a day off may roll to the next working day, a switch each rule sets.
//
// Law: 民法典 第二百零一条 (the day of the event is not counted) and 第二百零三条
// (the last day rolls; it ends at 24:00), in force from 2021-01-01; before that the
// same articles 201 and 203 of 民法总则. Holidays: 全国年节及纪念日放假办法 and the
// yearly arrangement of the State Council's General Office.
//
// Tables: none.
package calendar
