package id

import (
	"crypto/rand"
	"math/big"
	"strings"

	"github.com/google/uuid"
)

// New gives a fresh UUIDv7 in canonical text: roughly ordered by time, so new
// rows land at the end of an index.
func New() string { return uuid.Must(uuid.NewV7()).String() }

// Valid tells whether s is a UUID in canonical form.
func Valid(s string) bool {
	u, err := uuid.Parse(s)
	return err == nil && u.String() == s
}

// Token gives a random secret of n bytes as lower-case base32 without
// padding, for cookies and bearer tokens. n should be 20 or more.
func Token(n int) string {
	const alphabet = "abcdefghijklmnopqrstuvwxyz234567"
	b := make([]byte, n)
	_, _ = rand.Read(b) // crypto/rand.Read never returns an error (Go 1.24)
	var sb strings.Builder
	bits, acc := 0, 0
	for _, c := range b {
		acc = acc<<8 | int(c)
		bits += 8
		for bits >= 5 {
			bits -= 5
			sb.WriteByte(alphabet[acc>>bits&31])
		}
	}
	if bits > 0 {
		sb.WriteByte(alphabet[acc<<(5-bits)&31])
	}
	return sb.String()
}

// Public gives prefix + 9 random digits + 1 Damm check digit: a number to be
// read out on the phone. It is random, never sequential; a unique key in the
// owning table catches the rare repeat.
func Public(prefix string) string { return check(prefix, random(9)) }

// PublicIn is Public for records of one custody city (3701 … 3717, 3700): the
// city's two digits, 11 random ones and the check digit. A key that is unique
// within the city is so in the whole province, and the number says where to look.
func PublicIn(prefix, city string) string { return check(prefix, city[len(city)-2:]+random(11)) }

// CityOf gives the custody city of a number made by PublicIn; false when it is
// none.
func CityOf(prefix, number string) (string, bool) {
	if !ValidPublic(prefix, number) || len(number) != len(prefix)+14 {
		return "", false
	}
	return "37" + number[len(prefix):len(prefix)+2], true
}

func check(prefix, digits string) string {
	return prefix + digits + string(rune('0'+damm(digits)))
}

func random(digits int) string {
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
	n, _ := rand.Int(rand.Reader, limit) // crypto/rand never fails
	s := n.String()
	return strings.Repeat("0", digits-len(s)) + s
}

// ValidPublic tells whether s is prefix + digits with a right check digit.
func ValidPublic(prefix, s string) bool {
	rest, ok := strings.CutPrefix(s, prefix)
	if !ok || len(rest) != 10 && len(rest) != 14 {
		return false
	}
	for _, r := range rest {
		if r < '0' || r > '9' {
			return false
		}
	}
	return damm(rest) == 0
}

// damm is the check digit of H. Michael Damm (2004): it finds every single
// wrong digit and every swap of neighbours.
func damm(digits string) int {
	c := 0
	for _, r := range digits {
		c = dammTable[c][r-'0']
	}
	return c
}

var dammTable = [10][10]int{
	{0, 3, 1, 7, 5, 9, 8, 6, 4, 2},
	{7, 0, 9, 2, 1, 5, 4, 8, 6, 3},
	{4, 2, 0, 6, 8, 7, 1, 3, 5, 9},
	{1, 7, 5, 0, 9, 8, 3, 4, 2, 6},
	{6, 1, 2, 3, 0, 4, 5, 9, 7, 8},
	{3, 6, 7, 4, 2, 0, 9, 5, 8, 1},
	{5, 8, 6, 9, 7, 2, 0, 1, 3, 4},
	{8, 9, 4, 5, 3, 6, 2, 0, 1, 7},
	{9, 4, 3, 8, 6, 1, 7, 2, 0, 5},
	{2, 5, 8, 1, 4, 3, 6, 7, 9, 0},
}
