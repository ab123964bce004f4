package money

import (
	"math/bits"
	"sort"
	"strconv"
	"strings"

	"gonghui/internal/kit/fault"
)

// Fen is an amount of money in fen.
type Fen int64

// Faults of this package, both Invalid.
var (
	ErrSyntax = fault.New(fault.Invalid, "money.syntax") // no amount in yuan with at most two decimals
	ErrRange  = fault.New(fault.Invalid, "money.range")  // does not fit
)

// Yuan gives the amount for people, "12,345.67", always with two decimals.
func (f Fen) Yuan() string {
	s := f.Plain()
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	whole, cents := s[:len(s)-3], s[len(s)-3:]
	var b strings.Builder
	b.WriteString(sign)
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(whole[i])
	}
	b.WriteString(cents)
	return b.String()
}

// Plain gives the amount for files, "12345.67".
func (f Fen) Plain() string {
	sign := ""
	u := uint64(f)
	if f < 0 {
		sign, u = "-", -u // right for the smallest number too
	}
	cents := strconv.FormatUint(u%100, 10)
	if len(cents) == 1 {
		cents = "0" + cents
	}
	return sign + strconv.FormatUint(u/100, 10) + "." + cents
}

// String is Plain, for logs and tests.
func (f Fen) String() string { return f.Plain() }

// Parse reads an amount in yuan exactly: an optional minus, digits with or
// without commas between groups of three, at most two decimals. It returns
// ErrSyntax or ErrRange.
func Parse(s string) (Fen, error) {
	rest, negative := strings.CutPrefix(s, "-")
	whole, cents, dot := strings.Cut(rest, ".")
	if dot && (len(cents) == 0 || len(cents) > 2 || !digits(cents)) {
		return 0, ErrSyntax
	}
	if strings.Contains(whole, ",") {
		groups := strings.Split(whole, ",")
		for i, g := range groups {
			if i == 0 && (len(g) == 0 || len(g) > 3) || i > 0 && len(g) != 3 {
				return 0, ErrSyntax
			}
		}
		whole = strings.Join(groups, "")
	}
	if len(whole) == 0 || !digits(whole) {
		return 0, ErrSyntax
	}
	n, err := strconv.ParseUint(whole+(cents + "00")[:2], 10, 64)
	if err != nil || n > 1<<63-1 {
		return 0, ErrRange
	}
	if negative {
		return -Fen(n), nil
	}
	return Fen(n), nil
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// Add adds, or returns ErrRange.
func Add(a, b Fen) (Fen, error) {
	sum := a + b
	if (a >= 0) == (b >= 0) && (sum >= 0) != (a >= 0) {
		return 0, ErrRange
	}
	return sum, nil
}

// Sum adds all, or returns ErrRange.
func Sum(parts ...Fen) (Fen, error) {
	var sum Fen
	var err error
	for _, p := range parts {
		if sum, err = Add(sum, p); err != nil {
			return 0, err
		}
	}
	return sum, nil
}

// Mul multiplies by a count, or returns ErrRange.
func Mul(a Fen, n int64) (Fen, error) {
	if a == 0 || n == 0 {
		return 0, nil
	}
	p := int64(a) * n
	const smallest = -1 << 63
	if p/n != int64(a) || n == -1 && int64(a) == smallest {
		return 0, ErrRange
	}
	return Fen(p), nil
}

// Portion gives total × part ÷ whole, rounded to the fen, half a fen away from
// zero (四舍五入). It returns ErrRange when whole is not above zero, part is below
// zero, or the result does not fit.
func Portion(total Fen, part, whole int64) (Fen, error) {
	if whole <= 0 || part < 0 {
		return 0, ErrRange
	}
	amount := uint64(total)
	if total < 0 {
		amount = -amount
	}
	hi, lo := bits.Mul64(amount, uint64(part))
	lo, carry := bits.Add64(lo, uint64(whole)/2, 0)
	if hi += carry; hi >= uint64(whole) {
		return 0, ErrRange
	}
	q, _ := bits.Div64(hi, lo, uint64(whole))
	if q > 1<<63-1 {
		return 0, ErrRange
	}
	if total < 0 {
		return -Fen(q), nil
	}
	return Fen(q), nil
}

// Split divides total by weights with the method of the largest remainder: each
// part is its share rounded down, and the fen left over go one each to the
// largest remainders, the earlier part first where they are equal. The parts add
// up to total; a negative total is split as its positive twin. It returns
// ErrRange when there is no weight, a negative weight, or none above zero.
func Split(total Fen, weights ...int64) ([]Fen, error) {
	var sum uint64
	for _, w := range weights {
		if w < 0 || sum+uint64(w) > 1<<63-1 {
			return nil, ErrRange
		}
		sum += uint64(w)
	}
	if sum == 0 {
		return nil, ErrRange
	}
	whole := uint64(total)
	if total < 0 {
		whole = -whole
	}
	parts := make([]uint64, len(weights))
	remainders := make([]uint64, len(weights))
	left := whole
	for i, w := range weights {
		hi, lo := bits.Mul64(whole, uint64(w))
		parts[i], remainders[i] = bits.Div64(hi, lo, sum) // w ≤ sum, so the quotient fits
		left -= parts[i]
	}
	order := make([]int, len(weights))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return remainders[order[a]] > remainders[order[b]] })
	for i := range left { // fewer than len(weights)
		parts[order[i]]++
	}
	out := make([]Fen, len(parts))
	for i, p := range parts {
		out[i] = Fen(p)
		if total < 0 {
			out[i] = -out[i]
		}
	}
	return out, nil
}
