package employment

import (
	"strings"
	"unicode/utf8"
)

// maxPayText bounds what is looked at: longer texts are no pay.
const maxPayText = 200

type payKind uint8

const (
	payNoise   payKind = iota // words that say nothing about the figure
	payYuan                   // 元, ￥, RMB
	payUnit                   // 万, 千, k, w
	payDash                   // - ~ 至 到
	paySlash                  // / 每 per
	payPeriod                 // 月, 天, 小时: a basis only after a slash or an amount
	payBasis                  // 月薪, 年薪, 每月: a basis wherever it stands
	payRate                   // 晚, 趟, 公斤: a basis only right after a slash
	payOdd                    // 季, 半月: a period that no basis fits, after a slash
	paySettled                // 日结: when money is handed over; a basis only if none is said
	payAtLeast                // 以上, 起, +
	payAtMost                 // 以下, 以内
	payNone                   // 面议
	payForeign                // another currency
)

type payWord struct {
	text string
	kind payKind
	per  string
	mult int64
}

// payWords are matched longest first; see payIndex. The texts are already
// folded: half width, lower case, one kind of dash.
var payWords = []payWord{
	{"人民币", payYuan, "", 0}, {"rmb", payYuan, "", 0}, {"cny", payYuan, "", 0}, {"元", payYuan, "", 0},
	{"块钱", payYuan, "", 0}, {"块", payYuan, "", 0}, {"¥", payYuan, "", 0}, {"yuan", payYuan, "", 0},
	{"万", payUnit, "", 10000}, {"w", payUnit, "", 10000}, {"千", payUnit, "", 1000}, {"k", payUnit, "", 1000}, {"百", payUnit, "", 100},
	{"-", payDash, "", 0}, {"至", payDash, "", 0}, {"到", payDash, "", 0}, {"to", payDash, "", 0}, {"负", payDash, "", 0}, {"负责", payNoise, "", 0},
	{"/", paySlash, "", 0}, {"每个", paySlash, "", 0}, {"每", paySlash, "", 0}, {"一个", paySlash, "", 0}, {"per", paySlash, "", 0},
	{"小时", payPeriod, PerHour, 0}, {"钟头", payPeriod, PerHour, 0}, {"时", payPeriod, PerHour, 0}, {"hour", payPeriod, PerHour, 0}, {"hr", payPeriod, PerHour, 0}, {"h", payPeriod, PerHour, 0},
	{"天", payPeriod, PerDay, 0}, {"日", payPeriod, PerDay, 0}, {"班", payPeriod, PerDay, 0}, {"day", payPeriod, PerDay, 0}, {"d", payPeriod, PerDay, 0},
	{"周", payPeriod, PerWeek, 0}, {"星期", payPeriod, PerWeek, 0}, {"礼拜", payPeriod, PerWeek, 0}, {"week", payPeriod, PerWeek, 0},
	{"个月", payPeriod, PerMonth, 0}, {"月", payPeriod, PerMonth, 0}, {"month", payPeriod, PerMonth, 0}, {"mo", payPeriod, PerMonth, 0}, {"m", payPeriod, PerMonth, 0},
	{"年", payPeriod, PerYear, 0}, {"year", payPeriod, PerYear, 0}, {"yr", payPeriod, PerYear, 0}, {"annum", payPeriod, PerYear, 0},
	{"件", payPeriod, PerPiece, 0}, {"个", payPeriod, PerPiece, 0}, {"单", payPeriod, PerPiece, 0}, {"套", payPeriod, PerPiece, 0}, {"台", payPeriod, PerPiece, 0}, {"次", payPeriod, PerPiece, 0}, {"张", payPeriod, PerPiece, 0}, {"条", payPeriod, PerPiece, 0}, {"吨", payPeriod, PerPiece, 0}, {"米", payPeriod, PerPiece, 0}, {"平方", payPeriod, PerPiece, 0}, {"篇", payPeriod, PerPiece, 0}, {"课时", payPeriod, PerPiece, 0}, {"节", payPeriod, PerPiece, 0}, {"piece", payPeriod, PerPiece, 0},
	{"y", payRate, PerYear, 0}, {"mth", payRate, PerMonth, 0}, {"晚", payRate, PerDay, 0}, {"夜", payRate, PerDay, 0},
	{"趟", payRate, PerPiece, 0}, {"车", payRate, PerPiece, 0}, {"场", payRate, PerPiece, 0}, {"公斤", payRate, PerPiece, 0}, {"斤", payRate, PerPiece, 0}, {"kg", payRate, PerPiece, 0}, {"公里", payRate, PerPiece, 0}, {"km", payRate, PerPiece, 0}, {"平米", payRate, PerPiece, 0}, {"㎡", payRate, PerPiece, 0}, {"份", payRate, PerPiece, 0}, {"箱", payRate, PerPiece, 0}, {"盒", payRate, PerPiece, 0}, {"桌", payRate, PerPiece, 0}, {"户", payRate, PerPiece, 0}, {"人次", payRate, PerPiece, 0},
	{"季度", payOdd, "", 0}, {"季", payOdd, "", 0}, {"半年", payOdd, "", 0}, {"半个月", payOdd, "", 0}, {"半月", payOdd, "", 0}, {"半天", payOdd, "", 0}, {"半日", payOdd, "", 0}, {"双周", payOdd, "", 0}, {"旬", payOdd, "", 0},
	{"时薪", payBasis, PerHour, 0}, {"小时工资", payBasis, PerHour, 0}, {"每小时", payBasis, PerHour, 0}, {"一小时", payBasis, PerHour, 0},
	{"日薪", payBasis, PerDay, 0}, {"天薪", payBasis, PerDay, 0}, {"日工资", payBasis, PerDay, 0}, {"每天", payBasis, PerDay, 0}, {"每日", payBasis, PerDay, 0}, {"一天", payBasis, PerDay, 0}, {"每晚", payBasis, PerDay, 0}, {"一晚", payBasis, PerDay, 0},
	{"周薪", payBasis, PerWeek, 0}, {"每周", payBasis, PerWeek, 0}, {"一周", payBasis, PerWeek, 0},
	{"月薪", payBasis, PerMonth, 0}, {"月工资", payBasis, PerMonth, 0}, {"月收入", payBasis, PerMonth, 0}, {"月入", payBasis, PerMonth, 0}, {"每月", payBasis, PerMonth, 0}, {"每个月", payBasis, PerMonth, 0}, {"一个月", payBasis, PerMonth, 0}, {"一月", payBasis, PerMonth, 0}, {"monthly", payBasis, PerMonth, 0},
	{"年薪", payBasis, PerYear, 0}, {"年收入", payBasis, PerYear, 0}, {"年入", payBasis, PerYear, 0}, {"每年", payBasis, PerYear, 0}, {"一年", payBasis, PerYear, 0},
	{"计件", payBasis, PerPiece, 0}, {"每件", payBasis, PerPiece, 0}, {"一件", payBasis, PerPiece, 0}, {"每单", payBasis, PerPiece, 0}, {"一单", payBasis, PerPiece, 0},
	{"日结", paySettled, PerDay, 0}, {"天结", paySettled, PerDay, 0}, {"周结", paySettled, PerWeek, 0}, {"月结", paySettled, PerMonth, 0},
	{"以上", payAtLeast, "", 0}, {"起", payAtLeast, "", 0}, {"+", payAtLeast, "", 0}, {"不低于", payAtLeast, "", 0}, {"最低", payAtLeast, "", 0}, {"至少", payAtLeast, "", 0}, {"不少于", payAtLeast, "", 0}, {"上不封顶", payAtLeast, "", 0},
	{">=", payAtLeast, "", 0}, {">", payAtLeast, "", 0}, {"≥", payAtLeast, "", 0}, {"≧", payAtLeast, "", 0},
	{"<=", payAtMost, "", 0}, {"<", payAtMost, "", 0}, {"≤", payAtMost, "", 0}, {"≦", payAtMost, "", 0},
	{"以下", payAtMost, "", 0}, {"以内", payAtMost, "", 0}, {"不超过", payAtMost, "", 0}, {"最高", payAtMost, "", 0}, {"低于", payAtMost, "", 0}, {"封顶", payAtMost, "", 0},
	{"面议", payNone, "", 0}, {"面谈", payNone, "", 0}, {"电议", payNone, "", 0}, {"详谈", payNone, "", 0}, {"协商", payNone, "", 0}, {"negotiable", payNone, "", 0},
	{"$", payForeign, "", 0}, {"usd", payForeign, "", 0}, {"美元", payForeign, "", 0}, {"美金", payForeign, "", 0}, {"欧元", payForeign, "", 0}, {"港币", payForeign, "", 0}, {"港元", payForeign, "", 0}, {"日元", payForeign, "", 0}, {"€", payForeign, "", 0}, {"£", payForeign, "", 0}, {"韩元", payForeign, "", 0}, {"hkd", payForeign, "", 0}, {"u/", payForeign, "", 0},
	{"薪资", payNoise, "", 0}, {"起薪", payAtLeast, "", 0}, {"一次", payNoise, "", 0}, {"周末", payNoise, "", 0}, {"到手", payNoise, "", 0}, {"做到", payNoise, "", 0}, {"个人", payNoise, "", 0}, {"月休", payNoise, "", 0}, {"年底", payNoise, "", 0}, {"年终", payNoise, "", 0},
}

var payIndex = func() map[rune][]payWord {
	m := map[rune][]payWord{}
	for _, w := range payWords {
		r, _ := utf8.DecodeRuneInString(w.text)
		l := append(m[r], w)
		for i := len(l) - 1; i > 0 && len(l[i].text) > len(l[i-1].text); i-- {
			l[i], l[i-1] = l[i-1], l[i]
		}
		m[r] = l
	}
	return m
}()

// figure is one number as written: digits / 10^scale × unit yuan.
type figure struct {
	digits int64
	scale  int
	unit   int64 // 0: none written
}

var pow10 = [...]int64{1, 10, 100, 1000, 10000, 100000, 1000000}

// fenAs gives the figure in fen when its unit is u. digits ≤ 10^12 and u ≤ 10^4
// keep the product below 2^63.
func (f figure) fenAs(u int64) int64 { return f.digits * (u * 100) / pow10[f.scale] }

func (f figure) fen() int64 { return f.fenAs(max(f.unit, 1)) }

// ParsePay understands pay as people write it: 「8千-1.5万」, 「1万-2万·13薪」,
// 「6000-8000元/月」, 「8-12k」, 「150/天」, 「年薪10-15万」, 「面议」. A unit
// written once at the end counts for both ends. Without a basis, 1,000 yuan or
// more is a month's pay and less is refused. What is not understood for sure —
// two separate figures, a reversed range, another currency, a period that is none
// of ours (「3万/季」, 「600/2天」) — is refused with the fault employment.pay, never
// guessed.
func ParsePay(text string) (Pay, error) {
	if len(text) > maxPayText {
		return Pay{}, payFault("malformed")
	}
	s := foldPay(text)
	if s == "" {
		return Pay{}, payFault("empty")
	}
	s, months, err := cutMonths(s)
	if err != nil {
		return Pay{}, err
	}
	sc := payScan{s: dropBrackets(s)}
	if err := sc.run(); err != nil {
		return Pay{}, err
	}
	return sc.pay(months)
}

type payScan struct {
	s        string
	figs     []figure
	buf      [2]figure
	dash     bool // a dash since the last figure
	broken   bool // noise since the last figure
	prev     payKind
	prevNum  bool
	composed bool // the last figure was 「1万5」; a unit may follow
	basis    string
	settled  string
	atLeast  bool
	atMost   bool
	none     bool
}

func (c *payScan) run() error {
	c.figs = c.buf[:0]
	for i := 0; i < len(c.s); {
		r, n := utf8.DecodeRuneInString(c.s[i:])
		if r == ' ' {
			i += n
			continue
		}
		if r >= '0' && r <= '9' || r == '.' && i+1 < len(c.s) && isDigit(c.s[i+1]) {
			n, err := c.number(i)
			if err != nil {
				return err
			}
			i += n
			continue
		}
		if w, ok := payWordAt(c.s[i:], r); ok {
			if err := c.word(w); err != nil {
				return err
			}
			i += len(w.text)
			continue
		}
		if v, w := hanNumber(c.s[i:]); w > 0 {
			if err := c.add(figure{digits: v}); err != nil {
				return err
			}
			i += w
			continue
		}
		if r == '%' || c.prevNum && r >= 'a' && r <= 'z' {
			return payFault("malformed")
		}
		if c.prev == paySlash && len(c.figs) > 0 && (r >= 'a' && r <= 'z' || oddCount(c.s[i:])) { // 300/shift, 5000/两周
			return payFault("basis")
		}
		c.noise()
		i += n
	}
	return nil
}

// oddCount tells whether several periods begin here: 两周, 十天, 三个月.
func oddCount(s string) bool {
	n := 0
	for n < len(s) {
		r, w := utf8.DecodeRuneInString(s[n:])
		if _, ok := hanDigits[r]; !ok && r != '十' && r != '半' && r != '个' {
			word, ok := payWordAt(s[n:], r)
			return n > 0 && ok && word.kind == payPeriod
		}
		n += w
	}
	return false
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// number reads digits, thousands separators and a decimal part at i.
func (c *payScan) number(i int) (int, error) {
	var f figure
	start, group, commas, digits := i, 0, false, 0
	for ; i < len(c.s); i++ {
		b := c.s[i]
		if isDigit(b) {
			if digits++; digits > 12 {
				return 0, payFault("too_large")
			}
			f.digits = f.digits*10 + int64(b-'0')
			group++
			continue
		}
		// A comma belongs to the number only before exactly three digits.
		if b == ',' && group >= 1 && group <= 3 && (!commas || group == 3) &&
			i+3 < len(c.s) && isDigit(c.s[i+1]) && isDigit(c.s[i+2]) && isDigit(c.s[i+3]) &&
			(i+4 >= len(c.s) || !isDigit(c.s[i+4])) {
			commas, group = true, 0
			continue
		}
		break
	}
	if i < len(c.s) && c.s[i] == '.' && i+1 < len(c.s) && isDigit(c.s[i+1]) {
		for i++; i < len(c.s) && isDigit(c.s[i]); i++ {
			if f.scale == 6 {
				return 0, payFault("malformed")
			}
			if digits++; digits > 12 {
				return 0, payFault("too_large")
			}
			f.digits, f.scale = f.digits*10+int64(c.s[i]-'0'), f.scale+1
		}
		if i < len(c.s) && c.s[i] == '.' {
			return 0, payFault("malformed") // 1.2.3
		}
	}
	// 「+提成5%」 and 「工作8小时」 count something that is not money.
	if i < len(c.s) && c.s[i] == '%' && len(c.figs) > 0 {
		c.noise()
		return i - start + 1, nil
	}
	if i < len(c.s) {
		r, _ := utf8.DecodeRuneInString(c.s[i:])
		if w, ok := payWordAt(c.s[i:], r); ok && w.kind == payPeriod {
			if c.dash {
				return 0, payFault("malformed")
			}
			if c.prev == paySlash && len(c.figs) > 0 { // 600/2天
				return 0, payFault("basis")
			}
			c.noise()
			return i - start + len(w.text), nil
		}
	}
	return i - start, c.add(f)
}

// add keeps a figure, or completes 「1万5」 and 「1万2千」.
func (c *payScan) add(f figure) error {
	if k := len(c.figs); k > 0 && c.prev == payUnit && !c.prevNum && !c.broken && !c.dash {
		last := &c.figs[k-1]
		if last.unit < 1000 || last.scale != 0 || f.scale != 0 || f.digits < 1 || f.digits > 9 {
			return payFault("malformed")
		}
		last.digits, last.unit = last.digits*10+f.digits, last.unit/10
		c.prev, c.prevNum, c.composed = payYuan, false, true
		return nil
	}
	if len(c.figs) == 2 || len(c.figs) == 1 && (!c.dash || c.broken) {
		return payFault("several")
	}
	if len(c.figs) == 0 && c.dash {
		return payFault("negative")
	}
	c.figs = append(c.figs, f)
	c.dash, c.broken, c.prevNum = false, false, true
	return nil
}

// noise passes over words that say nothing. A dash before the first figure was
// then a dash between words, not a sign.
func (c *payScan) noise() {
	c.prev, c.prevNum, c.broken = payNoise, false, true
	if len(c.figs) == 0 {
		c.dash = false
	}
}

func (c *payScan) word(w payWord) error {
	num := c.prevNum
	c.prevNum = false
	switch w.kind {
	case payUnit:
		switch {
		case num:
			c.figs[len(c.figs)-1].unit = w.mult
		case c.composed && c.prev == payYuan:
			c.composed = false
			if c.figs[len(c.figs)-1].unit != w.mult { // the 千 of 「1万2千」 is counted already
				return payFault("malformed")
			}
		default:
			c.broken = true
		}
	case payPeriod:
		switch {
		case c.prev == paySlash || len(c.figs) > 0 && !num && !c.broken && (c.prev == payYuan || c.prev == payUnit):
			if err := c.setBasis(w.per); err != nil {
				return err
			}
		default:
			c.broken = true
		}
	case payRate:
		if c.prev == paySlash {
			if err := c.setBasis(w.per); err != nil {
				return err
			}
		} else {
			c.noise()
			return nil
		}
	case payOdd:
		if c.prev == paySlash {
			return payFault("basis")
		}
		c.noise()
		return nil
	case payBasis:
		if len(c.figs) == 0 {
			c.dash = false // 「销售-月薪5000」
		}
		if err := c.setBasis(w.per); err != nil {
			return err
		}
	case paySettled:
		c.settled = w.per
	case payDash:
		if c.dash && c.prev != payDash {
			return payFault("malformed")
		}
		c.dash = true
	case payAtLeast:
		c.atLeast = true
	case payAtMost:
		c.atMost = true
	case payNone:
		c.none = true
	case payForeign:
		return payFault("currency")
	case payNoise:
		c.noise()
	case payYuan, paySlash:
	}
	c.prev = w.kind
	return nil
}

func (c *payScan) setBasis(per string) error {
	if c.basis != "" && c.basis != per {
		return payFault("basis")
	}
	c.basis = per
	return nil
}

func (c *payScan) pay(months int) (Pay, error) {
	if len(c.figs) == 0 {
		switch {
		case c.none:
			return Pay{Negotiable: true}, nil
		case c.basis == PerPiece:
			return Pay{Per: PerPiece}, nil
		}
		return Pay{}, payFault("empty")
	}
	if c.dash {
		return Pay{}, payFault("malformed") // 「8000-」: the second figure is missing
	}
	p := Pay{Per: c.basis, Months: months}
	if len(c.figs) == 1 {
		v := c.figs[0].fen()
		p.MinFen, p.MaxFen = v, v
		if c.atMost && !c.atLeast {
			p.MinFen = 0
		}
	} else {
		p.MinFen, p.MaxFen = spread(c.figs[0], c.figs[1])
	}
	if p.MaxFen == 0 || len(c.figs) == 2 && p.MinFen == 0 {
		return Pay{}, payFault("zero")
	}
	if p.Per == "" {
		p.Per = c.settled
	}
	if p.Per == "" {
		if p.MaxFen < 1000*100 || p.MinFen != 0 && p.MinFen < 1000*100 {
			return Pay{}, payFault("unit")
		}
		p.Per = PerMonth
	}
	if err := p.Validate(); err != nil {
		return Pay{}, err
	}
	return p, nil
}

// spread carries a unit written once to the other end: 「1-1.5万」, 「8-12k」,
// and also 「1万-2」. It does not in 「8000-1.5万」 or 「500-1千」, where the
// bare figure is already yuan.
func spread(a, b figure) (low, high int64) {
	low, high = a.fen(), b.fen()
	switch {
	case a.unit == 0 && b.unit != 0:
		if a.fenAs(b.unit) <= high || low < b.unit*10 {
			low = a.fenAs(b.unit)
		}
	case b.unit == 0 && a.unit != 0 && high < low:
		high = b.fenAs(a.unit)
	}
	return low, high
}

func payWordAt(s string, r rune) (payWord, bool) {
	for _, w := range payIndex[r] {
		if strings.HasPrefix(s, w.text) {
			// A Latin unit stands alone: k and w, never the k of "kg".
			if last := w.text[len(w.text)-1]; last >= 'a' && last <= 'z' && len(s) > len(w.text) {
				if next := s[len(w.text)]; next >= 'a' && next <= 'z' {
					continue
				}
			}
			return w, true
		}
	}
	return payWord{}, false
}

var hanDigits = map[rune]int64{'一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9}

// hanNumber reads 「八」 of 「八千」 or 「十五」 of 「十五万」; a Chinese digit not
// followed by a unit, as in 「五险一金」, is no number. The digit of 「一万五」
// is one because a unit stands before it and nothing more after it.
func hanNumber(s string) (v int64, n int) {
	for n < len(s) {
		r, w := utf8.DecodeRuneInString(s[n:])
		if d, ok := hanDigits[r]; ok {
			if v%10 != 0 {
				return 0, 0
			}
			v += d
		} else if r == '十' && v < 10 {
			v = max(v, 1) * 10
		} else {
			if v > 0 && (r == '万' || r == '千' || r == '百' || v < 10 && strings.ContainsRune("-/元块", r)) {
				return v, n
			}
			return 0, 0
		}
		n += w
	}
	if v > 0 && v < 10 {
		return v, n
	}
	return 0, 0
}

// cutMonths takes 「13薪」, 「13-15薪」 (the lower counts) and 「十三薪」 out.
func cutMonths(s string) (string, int, error) {
	for i := 0; i < len(s); {
		j := strings.Index(s[i:], "薪")
		if j < 0 {
			rest, n := cutTimes(s)
			return rest, n, nil
		}
		end := i + j
		k := end
		for k > 0 && isDigit(s[k-1]) {
			k--
		}
		if k == end {
			for word, n := range map[string]int{"十二": 12, "十三": 13, "十四": 14, "十五": 15, "十六": 16} {
				if strings.HasSuffix(s[:end], word) {
					return s[:end-len(word)] + " " + s[end+len("薪"):], n, nil
				}
			}
			i = end + len("薪")
			continue
		}
		n := smallNumber(s[k:end])
		if k > 0 && s[k-1] == '-' {
			m := k - 1
			for m > 0 && isDigit(s[m-1]) {
				m--
			}
			if low := smallNumber(s[m : k-1]); low >= 12 && low <= n && (m == 0 || s[m-1] != '.') {
				k, n = m, low
			}
		}
		if n < 12 || n > 24 {
			return "", 0, payFault("months")
		}
		return s[:k] + " " + s[end+len("薪"):], n, nil
	}
	return s, 0, nil
}

// cutTimes takes the 「×14」 of 「10k×14」 out.
func cutTimes(s string) (string, int) {
	k := len(s)
	for k > 0 && isDigit(s[k-1]) {
		k--
	}
	n := smallNumber(s[k:])
	before := strings.TrimRight(s[:k], " ")
	for _, sign := range []string{"*", "×", "x"} {
		rest, ok := strings.CutSuffix(before, sign)
		if rest = strings.TrimRight(rest, " "); ok && rest != "" && n >= 12 && n <= 24 {
			return rest, n
		}
	}
	return s, 0
}

func smallNumber(s string) int {
	if s == "" || len(s) > 2 {
		return -1
	}
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// dropBrackets removes bracketed remarks when figures remain outside of them.
func dropBrackets(s string) string {
	if !strings.ContainsAny(s, "([") {
		return s
	}
	var b strings.Builder
	depth, outside := 0, false
	for _, r := range s {
		switch {
		case r == '(' || r == '[':
			depth++
		case r == ')' || r == ']':
			depth = max(depth-1, 0)
		case depth == 0:
			b.WriteRune(r)
			outside = outside || r >= '0' && r <= '9'
		}
	}
	if !outside {
		return s
	}
	return b.String()
}

// foldPay brings the text to half width, lower case, one space and one dash.
func foldPay(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case r >= 0xFF01 && r <= 0xFF5E:
			r -= 0xFEE0
		case r == 0x3000 || r == 0xA0 || r == '\t' || r == '\r' || r == '\n':
			r = ' '
		}
		switch r {
		case '~', '—', '–', '―', '─', '‐', '‑', '‒', '−', '〜', '∼':
			r = '-'
		case '￥':
			r = '¥'
		case '【', '〔', '「':
			r = '['
		case '】', '〕', '」':
			r = ']'
		case '、', '；':
			r = ';'
		case '萬':
			r = '万'
		}
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		if r < ' ' || r == utf8.RuneError || r == 0xFEFF || r == 0x200B {
			continue
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}
