package rules

import (
	"strconv"
	"strings"

	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
)

// Percent is an exact rate in millionths: 2 % is 20,000, 0.8 % is 8,000.
type Percent int64

// Whole is 100 %.
const Whole Percent = 1_000_000

// ErrPercent says that a text is no percentage with at most four decimals.
var ErrPercent = fault.New(fault.Invalid, "rules.percent")

// ParsePercent reads a percentage exactly, "2", "0.8", "-1.25"; a % sign may follow.
func ParsePercent(s string) (Percent, error) {
	s = strings.TrimSpace(strings.TrimRight(strings.TrimSpace(s), "%％"))
	minus := strings.HasPrefix(s, "-")
	whole, part, dot := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	if whole == "" || len(whole) > 12 || dot && part == "" || len(part) > 4 {
		return 0, ErrPercent
	}
	text := whole + part + strings.Repeat("0", 4-len(part))
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return 0, ErrPercent
		}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, ErrPercent
	}
	if minus {
		n = -n
	}
	return Percent(n), nil
}

// String gives the percentage without the sign, "0.8".
func (p Percent) String() string {
	sign, n := "", uint64(p)
	if p < 0 {
		sign, n = "-", -n
	}
	part := strconv.FormatUint(n%10_000, 10)
	part = strings.TrimRight(strings.Repeat("0", 4-len(part))+part, "0")
	s := sign + strconv.FormatUint(n/10_000, 10)
	if part != "" {
		s += "." + part
	}
	return s
}

// Of gives the share of an amount, a half fen counted up (四舍五入), or
// money.ErrRange.
func (p Percent) Of(amount money.Fen) (money.Fen, error) {
	if p < 0 {
		share, err := money.Portion(amount, -int64(p), int64(Whole))
		return -share, err
	}
	return money.Portion(amount, int64(p), int64(Whole))
}
