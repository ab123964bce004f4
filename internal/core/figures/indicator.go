package figures

import (
	"context"
	"fmt"
	"strconv"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
)

// Unit is what a figure is counted in.
type Unit string

// The units. 人 and 人次 are never added up.
const (
	Persons     Unit = "persons"      // 人: distinct people
	PersonTimes Unit = "person_times" // 人次
	Things      Unit = "things"       // 个, 场, 家
	Fen         Unit = "fen"          // money
)

// Indicator is the registered definition of a promised number. Its texts are the
// message keys TitleText and DefinitionText. The period is the calendar year
// (年内); an indicator with another period would be a new field here.
type Indicator struct {
	Key    string // room.noun: employment.workers_served
	Unit   Unit
	Owner  string // the room that counts it
	Source Source // reads the records again, for Recount; may be nil
}

// TitleText and DefinitionText are the message keys of the indicator's words.
func (i Indicator) TitleText() string      { return "figure." + i.Key + ".title" }
func (i Indicator) DefinitionText() string { return "figure." + i.Key + ".definition" }

// UnitText is the message key of the unit's word.
func (u Unit) UnitText() string { return "figures.unit." + string(u) }

// Source reads the owner's records of a period and hands over each fact they
// earn, several for one subject where several records earn it.
type Source func(ctx context.Context, period string, yield func(Fact) error) error

// Fact is one earned unit of an indicator.
type Fact struct {
	Indicator  string
	City       string    // custody city of the subject
	OrgPath    string    // statistical owner (统计归属): township, county or zone
	On         clock.Day // the day it was earned on
	Subject    string    // the person where people are counted; "" = the source record
	Quantity   int64     // 0 = 1; fen where the unit is money
	SourceKind string    // what earned it: employment.application …
	SourceID   string
}

// subject is what is counted once.
func (f Fact) subject() string {
	if f.Subject == "" {
		return f.SourceKind + ":" + f.SourceID
	}
	return f.Subject
}

// check refuses facts that no honest record can have.
func (f Fact) check(i Indicator, today clock.Day) error {
	wrong := ""
	switch {
	case f.City == "" || f.SourceKind == "" || f.SourceID == "":
		wrong = "no city or source"
	case f.OrgPath == "" || len(f.OrgPath)%segment != 0:
		wrong = "no place"
	case f.On.IsZero() || f.On > today:
		wrong = "day " + f.On.String()
	case i.Unit == Persons && f.Subject == "":
		wrong = "no person"
	case i.Unit == Persons && f.Quantity > 1:
		wrong = "one person is one"
	case f.Quantity < 0:
		wrong = "negative"
	}
	if wrong == "" {
		return nil
	}
	return internal(fmt.Errorf("fact of %s from %s %s: %s", f.Indicator, f.SourceKind, f.SourceID, wrong))
}

// internal is a mistake of the program: a person can do nothing about it.
func internal(err error) error {
	return fault.New(fault.Internal, "internal", fault.Because(err))
}

// PeriodOf is the period a day belongs to.
func PeriodOf(d clock.Day) string { return strconv.Itoa(d.Year()) }

// Days gives the first and the last day of a period, or invalid figures.period.
func Days(period string) (first, last clock.Day, err error) {
	first, err = clock.ParseDay(period + "-01-01")
	if err != nil || len(period) != 4 {
		return 0, 0, fault.New(fault.Invalid, "figures.period", fault.OnField("period", "invalid"))
	}
	return first, clock.MakeDay(first.Year(), 12, 31), nil
}

// segment is the width of one step of a unit path.
const segment = 4

// above lists a path and all that stand above it, the highest first.
func above(path string) []string {
	out := make([]string, 0, len(path)/segment)
	for n := segment; n <= len(path); n += segment {
		out = append(out, path[:n])
	}
	return out
}
