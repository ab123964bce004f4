package ident

import (
	"strconv"
	"unicode/utf8"

	"gonghui/internal/kit/clock"
)

// residentWeights are those of ISO 7064 MOD 11-2 for the first 17 digits.
var residentWeights = [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}

// ResidentID judges a resident number of 18 places. A small x is taken as X. A
// birth day in the future is a real date and is not judged here: this package
// does not know today.
func ResidentID(s string) Reason {
	if utf8.RuneCountInString(s) != 18 {
		return Length
	}
	if len(s) != 18 || !digits(s[:17]) {
		return Charset
	}
	last := s[17]
	if last == 'x' {
		last = 'X'
	}
	if last != 'X' && (last < '0' || last > '9') {
		return Charset
	}
	if _, ok := birth(s); !ok {
		return Date
	}
	if residentCheck(s) != last {
		return Checksum
	}
	return OK
}

// birth reads places 7 to 14 of a number whose first 17 places are digits.
func birth(s string) (clock.Day, bool) {
	d, err := clock.ParseDay(s[6:10] + "-" + s[10:12] + "-" + s[12:14])
	return d, err == nil && s[6:10] != "0000"
}

func residentCheck(s string) byte {
	sum := 0
	for i, w := range residentWeights {
		sum += int(s[i]-'0') * w
	}
	return "10X98765432"[sum%11]
}

// MakeResidentID completes a number from a division of six digits, a birth day
// and the order number 0 to 999 (odd for men). It gives false when a part does
// not fit.
func MakeResidentID(division string, born clock.Day, order int) (string, bool) {
	y, m, d := born.Date()
	if len(division) != 6 || !digits(division) || y < 1 || y > 9999 || order < 0 || order > 999 {
		return "", false
	}
	s := division + pad(y, 4) + pad(int(m), 2) + pad(d, 2) + pad(order, 3)
	return s + string(residentCheck(s)), true
}

func pad(n, width int) string {
	s := strconv.Itoa(n)
	for len(s) < width {
		s = "0" + s
	}
	return s
}

// Upgrade turns a number of 15 digits, issued before 1 October 1999, into the 18
// places of the same person: the century 19 is put in and the check digit added.
// The numbers 996 to 999 marked people over a hundred, born in the 19th century.
func Upgrade(s string) (string, Reason) {
	if utf8.RuneCountInString(s) != 15 {
		return "", Length
	}
	if !digits(s) {
		return "", Charset
	}
	century := "19"
	if s[12:15] >= "996" {
		century = "18"
	}
	long := s[:6] + century + s[6:]
	if _, ok := birth(long); !ok {
		return "", Date
	}
	return long + string(residentCheck(long)), OK
}

// Sex is the sex on the resident card.
type Sex string

// The two values, as in GB/T 2261.1 but in words.
const (
	Male   Sex = "male"
	Female Sex = "female"
)

// Person is what a right resident number says about its holder.
type Person struct {
	Division string // the division at the first registration, six digits; it may no longer exist
	BornOn   clock.Day
	Sex      Sex
}

// Read takes apart a resident number of 18 places. It gives the reason instead
// when the number is not right.
func Read(s string) (Person, Reason) {
	if why := ResidentID(s); why != OK {
		return Person{}, why
	}
	born, _ := birth(s)
	p := Person{Division: s[:6], BornOn: born, Sex: Female}
	if (s[16]-'0')%2 == 1 {
		p.Sex = Male
	}
	return p, OK
}

// Age is the number of birthdays passed by the day, the day itself included. Who
// was born on 29 February turns a year older on 1 March of ordinary years.
func (p Person) Age(on clock.Day) int {
	by, bm, bd := p.BornOn.Date()
	y, m, d := on.Date()
	age := y - by
	if m < bm || m == bm && d < bd {
		age--
	}
	return age
}
