package employment

import (
	_ "embed"

	"gonghui/internal/core/rules"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/place"
)

// Parameters are the numbers of the room that a province may change. None of
// them is law: they are printed as "our promise", never under a statute.
type Parameters struct {
	ReviewWorkdays int // 工作日, county review of companies and vacancies
	ValidDays      int // 日, how long a vacancy stays up unless the company says otherwise
	MaxValidDays   int // 日, the longest a company may ask for
	RemindDays     int // 日 of silence until the company is reminded
	NoReplyDays    int // 日 of silence until the worker is told
	DailyApplies   int // applications of one person a day
	MaxHeadcount   int // people in one vacancy
}

// The keys of the parameters.
const (
	keyReviewWorkdays = "employment.review_workdays"
	keyValidDays      = "employment.valid_days"
	keyMaxValidDays   = "employment.max_valid_days"
	keyRemindDays     = "employment.remind_days"
	keyNoReplyDays    = "employment.no_reply_days"
	keyDailyApplies   = "employment.daily_applies"
	keyMaxHeadcount   = "employment.max_headcount"
)

//go:embed parameters.json
var parameters []byte

// Rulebook is what the room registers: its parameters and what the program ships.
func Rulebook() rules.Room {
	days := func(key string) rules.Definition {
		return rules.Definition{Key: key, Kind: rules.Days, Bounds: rules.Between(1, 3650)}
	}
	return rules.Room{
		Name: "employment",
		Definitions: []rules.Definition{
			{Key: keyReviewWorkdays, Kind: rules.Workdays, Bounds: rules.Between(1, 250)},
			days(keyValidDays), days(keyMaxValidDays), days(keyRemindDays), days(keyNoReplyDays),
			{Key: keyDailyApplies, Kind: rules.Integer, Unit: "times", Bounds: rules.Between(1, 10_000)},
			{Key: keyMaxHeadcount, Kind: rules.Integer, Unit: "persons", Bounds: rules.Between(1, 1_000_000)},
		},
		Defaults: parameters,
		Together: agree,
	}
}

// agree refuses numbers that contradict each other.
func agree(r *rules.Reading) error {
	p := read(r)
	switch {
	case r.Err() != nil:
		return r.Err()
	case p.NoReplyDays <= p.RemindDays:
		return fault.New(fault.Invalid, "employment.remind_before_no_reply", fault.OnField("value", "invalid"))
	case p.MaxValidDays < p.ValidDays:
		return fault.New(fault.Invalid, "employment.valid_within_max", fault.OnField("value", "invalid"))
	}
	return nil
}

func read(r *rules.Reading) Parameters {
	return Parameters{
		ReviewWorkdays: r.Days(keyReviewWorkdays), ValidDays: r.Days(keyValidDays), MaxValidDays: r.Days(keyMaxValidDays),
		RemindDays: r.Days(keyRemindDays), NoReplyDays: r.Days(keyNoReplyDays),
		DailyApplies: int(r.Int(keyDailyApplies)), MaxHeadcount: int(r.Int(keyMaxHeadcount)),
	}
}

// firstDay is where the shipped parameters begin; days before it use the first.
var firstDay = clock.MakeDay(2020, 1, 1)

// ParametersOn gives the parameters that a book has on a day. They are the
// province's: the promise to workers is the same in every county.
func ParametersOn(b *rules.Book, day clock.Day) (Parameters, error) {
	r := b.At(place.Shandong, max(day, firstDay))
	p := read(r)
	return p, r.Err()
}

// DefaultParameters is what the program ships with.
func DefaultParameters() Parameters {
	b, err := rules.ShippedBook(Rulebook())
	if err == nil {
		var p Parameters
		if p, err = ParametersOn(b, firstDay); err == nil {
			return p
		}
	}
	panic(err) // the embedded file is part of the program
}
