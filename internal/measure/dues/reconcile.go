package dues

import (
	"slices"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/ident"
	"gonghui/internal/kit/money"
)

// BreakKind says what does not agree.
type BreakKind string

// The breaks. The first group is found in the tax file alone, the second against
// what reached the union's account.
const (
	BadCode          BreakKind = "bad_code"          // the credit code cannot be one
	UnknownCompany   BreakKind = "unknown_company"   // no company has the code
	WrongAmount      BreakKind = "wrong_amount"      // due is not payroll × rate
	WrongRate        BreakKind = "wrong_rate"        // not the rate in force for the month
	Underpaid        BreakKind = "underpaid"         // paid less than due
	Overpaid         BreakKind = "overpaid"          // paid more than due
	DuplicateVoucher BreakKind = "duplicate_voucher" // the voucher stands on another line too
	MonthGap         BreakKind = "month_gap"         // paid before and after, not for this month

	TaxOnly       BreakKind = "tax_only"       // in the tax file, not on the union's account
	UnionOnly     BreakKind = "union_only"     // on the union's account, not in the tax file
	AmountDiffers BreakKind = "amount_differs" // on both, with other amounts
)

// differences are the breaks between the tax file and the union's account.
var differences = []BreakKind{TaxOnly, UnionOnly, AmountDiffers}

// BreakKinds lists all breaks in the order in which they are shown.
var BreakKinds = []BreakKind{
	TaxOnly, UnionOnly, AmountDiffers, BadCode, UnknownCompany, WrongAmount, WrongRate, Underpaid, Overpaid, DuplicateVoucher, MonthGap,
}

// Receipt is one payment that reached the union's account.
type Receipt struct {
	Voucher string
	Amount  money.Fen
	On      clock.Day
}

// Break is one thing that somebody has to clear up.
type Break struct {
	Kind       BreakKind
	Row        int // of the tax file; 0 = not in it
	CreditCode string
	Voucher    string
	Month      clock.Day
	Difference money.Fen // tax less union, paid less due, or what is in question
}

// Rules are what lines are held against.
type Rules struct {
	Terms     func(Item, clock.Day) (Terms, error)
	Tolerance money.Fen                    // largest difference that is none, in fen
	Known     func(creditCode string) bool // a company of the register
	Seen      func(voucher string) bool    // on a line of an earlier file
}

// Judge gives the breaks of the lines of one file by themselves, in the order of
// the lines, one at most for each line: the first that explains the others.
// Fault: invalid money.range.
func (r Rules) Judge(lines []Line) ([]Break, error) {
	var out []Break
	vouchers := make(map[string]int, len(lines))
	for _, l := range lines {
		b := Break{Row: l.Row, CreditCode: l.CreditCode, Voucher: l.Voucher, Month: l.Month}
		_, again := vouchers[l.Voucher]
		vouchers[l.Voucher] = l.Row
		switch terms, err := r.Terms(l.Item, l.Month); {
		case again || r.Seen(l.Voucher):
			b.Kind, b.Difference = DuplicateVoucher, l.Paid
		case ident.CreditCode(l.CreditCode) != ident.OK:
			b.Kind, b.Difference = BadCode, l.Paid
		case !r.Known(l.CreditCode):
			b.Kind, b.Difference = UnknownCompany, l.Paid
		case err != nil:
			b.Kind, b.Difference = WrongRate, l.Paid
		default:
			_, want, err := terms.collected(l.Payroll, l.Item)
			if err != nil {
				return nil, err
			}
			b.Kind, b.Difference = r.amounts(l, want)
		}
		if b.Kind != "" {
			out = append(out, b)
		}
	}
	return out, nil
}

func (r Rules) amounts(l Line, want money.Fen) (BreakKind, money.Fen) {
	switch {
	case apart(l.Due, want) > r.Tolerance:
		return WrongAmount, l.Due - want
	case l.Due-l.Paid > r.Tolerance:
		return Underpaid, l.Paid - l.Due
	case l.Paid-l.Due > r.Tolerance:
		return Overpaid, l.Paid - l.Due
	}
	return "", 0
}

// apart is the distance of two amounts that are not below zero.
func apart(a, b money.Fen) money.Fen { return max(a, b) - min(a, b) }

// Refundable is how much of a line may be refunded now: the refund of the smaller
// of what the tax file and the union's account say, less what was refunded before;
// never below zero. The rest waits for its break to be cleared. Faults: those of
// Terms.Divide.
func (t Terms) Refundable(inTaxFile, onAccount, before money.Fen, item Item) (money.Fen, error) {
	r, err := t.Divide(min(inTaxFile, onAccount), item)
	if err != nil {
		return 0, err
	}
	return max(0, r.Refund-before), nil
}

// Gaps gives the months between the first and the last of a company's months in
// which nothing was paid.
func Gaps(months []clock.Day) []clock.Day {
	var out []clock.Day
	sorted := slices.Clone(months)
	slices.Sort(sorted)
	for i := 1; i < len(sorted); i++ {
		for m := nextMonth(sorted[i-1]); m < sorted[i]; m = nextMonth(m) {
			out = append(out, m)
		}
	}
	return out
}

// nextMonth gives the first day of the month after the one that begins on m.
func nextMonth(m clock.Day) clock.Day {
	y, month, _ := m.Date()
	return clock.MakeDay(y, month+1, 1)
}
