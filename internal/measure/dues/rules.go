package dues

import (
	"gonghui/internal/core/rules"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
)

// Item is what was collected.
type Item string

// The two items of the tax file.
const (
	Dues        Item = "dues"        // 工会经费: the company has a union
	Preparation Item = "preparation" // 建会筹备金: it should have one and has not yet
)

// Mode is how a city has its dues collected.
type Mode string

// The modes.
const (
	Full      Mode = "full"       // the tax office collects everything; the union's part is passed back
	UpperOnly Mode = "upper_only" // the tax office collects the upper levels' part; the rest goes straight to the union
)

// Split says how one yuan of dues is divided, in percent of the dues.
type Split struct {
	National   int64 `json:"national"`
	Province   int64 `json:"province"`
	City       int64 `json:"city"`
	County     int64 `json:"county"`
	Grassroots int64 `json:"grassroots"`
}

// Upper is the part of all levels above the company's union, in percent.
func (s Split) Upper() int64 { return s.National + s.Province + s.City + s.County }

// remitted is the part of dues that goes to the levels above. Fault: invalid money.range.
func (s Split) remitted(dues money.Fen) (money.Fen, error) {
	return money.Portion(dues, s.Upper(), 100)
}

// Check refuses parts that are negative or do not add up to 100. Fault: invalid dues.split.
func (s Split) Check() error {
	for _, n := range []int64{s.National, s.Province, s.City, s.County, s.Grassroots} {
		if n < 0 || n > 100 {
			return fault.New(fault.Invalid, "dues.split")
		}
	}
	if s.Upper()+s.Grassroots != 100 {
		return fault.New(fault.Invalid, "dues.split")
	}
	return nil
}

// Terms are the numbers that hold for one payer and one month.
type Terms struct {
	Rate     rules.Percent `json:"rate"`     // of the payroll
	Split    Split         `json:"split"`    // of the payer's type
	Refunded bool          `json:"refunded"` // the month lies in the period of the full refund
	Mode     Mode          `json:"mode"`     // of the city
}

// upperOnly tells whether the tax office collects only the part of the upper
// levels of an item. Preparation funds are always collected whole.
func (t Terms) upperOnly(item Item) bool { return t.Mode == UpperOnly && item == Dues }

// collected gives the rate at which the tax office collects an item, and what that
// comes to. Fault: invalid money.range.
func (t Terms) collected(payroll money.Fen, item Item) (rate rules.Percent, due money.Fen, err error) {
	if due, err = t.Rate.Of(payroll); err != nil || !t.upperOnly(item) {
		return t.Rate, due, err
	}
	due, err = t.Split.remitted(due)
	return t.Rate * rules.Percent(t.Split.Upper()) / 100, due, err
}

// Shares are the parts of the levels above the company's union.
type Shares struct {
	National money.Fen `json:"national"`
	Province money.Fen `json:"province"`
	City     money.Fen `json:"city"`
	County   money.Fen `json:"county"`
}

// Reckoning is what is due of a payroll, and whose it is.
type Reckoning struct {
	Due      money.Fen // of the payroll
	Retained money.Fen // the part of the company's union
	Remitted money.Fen // the part of the levels above
	Shares   Shares    // of Remitted
	Refund   money.Fen // what comes back to the union of a small or micro company
}

// Reckon computes what is due of a month's payroll (工资总额). Preparation funds
// come back whole once the union is founded: its own part, and in the period of
// the full refund the levels' part too. Faults: invalid money.range, dues.payroll
// (below zero), dues.split.
func (t Terms) Reckon(payroll money.Fen, item Item) (Reckoning, error) {
	if payroll < 0 {
		return Reckoning{}, fault.New(fault.Invalid, "dues.payroll")
	}
	due, err := t.Rate.Of(payroll)
	if err != nil {
		return Reckoning{}, err
	}
	return t.divide(due, item, false)
}

// Divide shares out what the tax office collected: all of it, or in a city that
// collects only the part of the upper levels that part. Faults: invalid
// money.range, dues.split.
func (t Terms) Divide(paid money.Fen, item Item) (Reckoning, error) {
	return t.divide(paid, item, t.upperOnly(item))
}

func (t Terms) divide(paid money.Fen, item Item, allUp bool) (Reckoning, error) {
	err := t.Split.Check()
	if err != nil {
		return Reckoning{}, err
	}
	remitted := paid
	if !allUp {
		if remitted, err = t.Split.remitted(paid); err != nil {
			return Reckoning{}, err
		}
	}
	r := Reckoning{Due: paid, Retained: paid - remitted, Remitted: remitted}
	if r.Shares, err = t.Split.Shares(remitted); err != nil {
		return Reckoning{}, err
	}
	if t.Refunded {
		r.Refund = remitted
	}
	if item == Preparation {
		r.Refund += r.Retained
	}
	return r, nil
}

// Shares divides the remitted part among the levels by the largest remainder.
// Fault: invalid money.range.
func (s Split) Shares(remitted money.Fen) (Shares, error) {
	if s.Upper() == 0 {
		return Shares{}, nil
	}
	p, err := money.Split(remitted, s.National, s.Province, s.City, s.County)
	if err != nil {
		return Shares{}, err
	}
	return Shares{National: p[0], Province: p[1], City: p[2], County: p[3]}, nil
}
