package employment

import (
	"encoding/json"
	"strconv"
	"strings"

	"gonghui/internal/kit/fault"
)

// The bases on which pay is promised.
const (
	PerHour  = "hour"
	PerDay   = "day"
	PerWeek  = "week"
	PerMonth = "month"
	PerYear  = "year"
	PerPiece = "piece"
)

// Pay is what an employer promises, as one range on one basis.
//
// Open ranges: 「1.5万以上」 keeps only the figure the employer commits to, so
// MaxFen equals MinFen; 「5千以下」 promises no floor, so MinFen is 0. 「计件」
// without a rate has a basis and no figures. 「面议」 has neither. Fractions of
// a fen are cut: nothing is promised that was not written.
type Pay struct {
	MinFen     int64  `json:"min_fen,omitempty"`
	MaxFen     int64  `json:"max_fen,omitempty"`
	Per        string `json:"per,omitempty"`
	Months     int    `json:"months,omitempty"` // months paid in a year (13薪), 0 when not said
	Negotiable bool   `json:"negotiable,omitempty"`
}

// MarshalJSON writes both ends of a range, also a lower end of nothing.
func (p Pay) MarshalJSON() ([]byte, error) {
	type plain Pay // without this method
	if p.MaxFen == 0 || p.MinFen != 0 {
		return json.Marshal(plain(p))
	}
	return json.Marshal(struct {
		MinFen int64 `json:"min_fen"`
		plain
	}{plain: plain(p)})
}

// PayConversion turns a rate into a monthly one. Days are kept in hundredths.
type PayConversion struct {
	DaysPerMonthHundredths int64
	HoursPerDay            int64
	DaysPerWeek            int64
	MonthsPerYear          int64
}

// LabourMonth is the statutory conversion: 21.75 paid days a month, 8 hours a
// day, 5 days a week. 劳社部发〔2008〕3号 since 2008-01-03, kept unchanged by
// 人社部发〔2025〕2号 since 2025-01-01, so it needs no date for any record of
// this product.
var LabourMonth = PayConversion{DaysPerMonthHundredths: 2175, HoursPerDay: 8, DaysPerWeek: 5, MonthsPerYear: 12}

// maxMonthlyFen is the plausibility limit: ten million yuan a month.
const maxMonthlyFen = 10_000_000 * 100

// HasFigures tells whether a range was promised at all.
func (p Pay) HasFigures() bool { return p.MaxFen > 0 }

// Validate refuses what no employer can mean: a reversed or negative range, an
// unknown basis, more than ten million yuan a month, fewer than 12 or more than
// 24 paid months. Fault: employment.pay.
func (p Pay) Validate() error {
	if p.Negotiable {
		if p.MinFen != 0 || p.MaxFen != 0 {
			return payFault("malformed")
		}
		return nil
	}
	switch p.Per {
	case PerHour, PerDay, PerWeek, PerMonth, PerYear, PerPiece:
	default:
		return payFault("unit")
	}
	switch {
	case p.MinFen < 0 || p.MaxFen < 0:
		return payFault("negative")
	case p.MaxFen == 0 && (p.MinFen != 0 || p.Per != PerPiece):
		return payFault("zero")
	case p.MinFen > p.MaxFen:
		return payFault("reversed")
	case p.MaxFen > maxMonthlyFen*12:
		return payFault("too_large")
	case p.Months != 0 && (p.Months < 12 || p.Months > 24):
		return payFault("months")
	}
	if _, high, ok := p.Monthly(); ok && high > maxMonthlyFen {
		return payFault("too_large")
	}
	if p.Per == PerPiece && p.MaxFen > maxMonthlyFen {
		return payFault("too_large")
	}
	return nil
}

// Monthly gives the range as fen a month by LabourMonth, for comparing and
// sorting. Extra months (13薪) are left out: they are seldom unconditional. ok
// is false when there is nothing to compare: 面议 and piece rates.
func (p Pay) Monthly() (minFen, maxFen int64, ok bool) { return p.MonthlyBy(LabourMonth) }

// MonthlyBy is Monthly with another conversion.
func (p Pay) MonthlyBy(c PayConversion) (minFen, maxFen int64, ok bool) {
	if !p.HasFigures() || p.MaxFen > maxMonthlyFen*12 {
		return 0, 0, false
	}
	num, den := int64(1), int64(1)
	switch p.Per {
	case PerMonth:
	case PerHour:
		num, den = c.DaysPerMonthHundredths*c.HoursPerDay, 100
	case PerDay:
		num, den = c.DaysPerMonthHundredths, 100
	case PerWeek:
		num, den = c.DaysPerMonthHundredths, 100*c.DaysPerWeek
	case PerYear:
		den = c.MonthsPerYear
	default:
		return 0, 0, false
	}
	return p.MinFen * num / den, p.MaxFen * num / den, true
}

var payUnitText = map[string][2]string{
	PerHour: {"元/小时", " an hour"}, PerDay: {"元/天", " a day"}, PerWeek: {"元/周", " a week"},
	PerMonth: {"元/月", " a month"}, PerYear: {"元/年", " a year"}, PerPiece: {"元/件", " apiece"},
}

// Text writes the pay as a person reads it: 「8,000–15,000元/月·13薪」, or in
// English for lang "en". ParsePay understands the Chinese form again.
func (p Pay) Text(lang string) string {
	en := strings.HasPrefix(lang, "en")
	if p.Negotiable || (!p.HasFigures() && p.Per != PerPiece) {
		if en {
			return "negotiable"
		}
		return "面议"
	}
	if !p.HasFigures() {
		if en {
			return "piece rate"
		}
		return "计件"
	}
	var b strings.Builder
	if en {
		if p.MinFen == 0 {
			b.WriteString("up to ")
		}
		b.WriteString("¥")
	}
	if p.MinFen > 0 && p.MinFen < p.MaxFen {
		writeYuan(&b, p.MinFen)
		b.WriteString("–")
	}
	writeYuan(&b, p.MaxFen)
	if en {
		b.WriteString(payUnitText[p.Per][1])
		if p.Months > 0 {
			b.WriteString(", " + strconv.Itoa(p.Months) + " months a year")
		}
		return b.String()
	}
	b.WriteString(payUnitText[p.Per][0])
	if p.MinFen == 0 {
		b.WriteString("以下")
	}
	if p.Months > 0 {
		b.WriteString("·" + strconv.Itoa(p.Months) + "薪")
	}
	return b.String()
}

// writeYuan writes fen as yuan with thousands separators and no idle zeros.
func writeYuan(b *strings.Builder, fen int64) {
	s := strconv.FormatInt(fen/100, 10)
	for i, r := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	if f := fen % 100; f != 0 {
		b.WriteByte('.')
		b.WriteByte(byte('0' + f/10))
		if f%10 != 0 {
			b.WriteByte(byte('0' + f%10))
		}
	}
}

// payFault is Invalid employment.pay; the reason is a parameter and the code of
// the field error: empty, malformed, unit, reversed, zero, negative, too_large,
// months, basis, several, currency.
func payFault(reason string) error {
	return fault.New(fault.Invalid, "employment.pay", fault.With("reason", reason),
		fault.WithFields(fault.Field{Name: "pay", Code: reason, Key: "screen.pay." + reason}))
}
