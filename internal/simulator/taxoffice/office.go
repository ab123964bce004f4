package taxoffice

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Fault is one kind of mistake.
type Fault string

// The mistakes.
const (
	BadCode          Fault = "bad_code"          // a credit code with a wrong check character
	UnknownCompany   Fault = "unknown_company"   // a code that belongs to nobody
	WrongAmount      Fault = "wrong_amount"      // due that does not follow from the payroll
	Underpaid        Fault = "underpaid"         // less paid than due
	Overpaid         Fault = "overpaid"          // more paid than due
	DuplicateVoucher Fault = "duplicate_voucher" // a line twice, with the same voucher
	TaxOnly          Fault = "tax_only"          // the money did not reach the union
	UnionOnly        Fault = "union_only"        // money without a line
	AmountDiffers    Fault = "amount_differs"    // another amount than the line says
)

// Faults are all mistakes, in the order in which they are made.
var Faults = []Fault{BadCode, UnknownCompany, WrongAmount, Underpaid, Overpaid, DuplicateVoucher, TaxOnly, UnionOnly, AmountDiffers}

// Company is one that pays.
type Company struct {
	CreditCode  string
	Name        string
	Preparation bool  // it has no union yet
	PayrollFen  int64 // of a usual month
}

// Seeded is a mistake that was made.
type Seeded struct {
	Fault      Fault
	CreditCode string // as written in the file
	Voucher    string
}

// Receipt is money that reached the union's account.
type Receipt struct {
	Voucher   string
	AmountFen int64
	On        string // 2006-01-02
}

// Month is what an office sends for one month.
type Month struct {
	CSV      string // the file, with its control totals in the last row
	Rows     int
	Receipts []Receipt
	Seeded   []Seeded
}

// Office collects. RateMillionths is what it takes of a payroll.
type Office struct {
	Name           string
	RateMillionths int64
	Steady         bool // every month is as the usual one

	dice    *rand.Rand
	voucher int64
}

// New opens an office.
func New(name string, rateMillionths int64, seed uint64) *Office {
	return &Office{Name: name, RateMillionths: rateMillionths, dice: rand.New(rand.NewPCG(seed, 0x7461786f666669))}
}

// line is one row on its way to paper.
type line struct {
	code, name, item   string
	payroll, due, paid int64
	voucher            string
	arrived            int64 // on the union's account; below zero = not at all
}

// Month makes the file of a month (2020-03) and as many mistakes as asked for,
// spread over the kinds and the lines; never more than there are lines.
func (o *Office) Month(month string, companies []Company, faults int) Month {
	lines := make([]line, 0, len(companies)+faults)
	for _, c := range companies {
		payroll := c.PayrollFen
		if !o.Steady {
			payroll += o.dice.Int64N(c.PayrollFen/10+1) - c.PayrollFen/20
		}
		due := (payroll*o.RateMillionths + 500_000) / 1_000_000
		item := "工会经费"
		if c.Preparation {
			item = "建会筹备金"
		}
		lines = append(lines, line{c.CreditCode, c.Name, item, payroll, due, due, o.nextVoucher(month), due})
	}
	var m Month
	extra := lines[len(lines):len(lines):cap(lines)]
	for i, at := range o.dice.Perm(len(lines))[:min(faults, len(lines))] {
		l := &lines[at]
		f := Faults[i%len(Faults)]
		s := Seeded{Fault: f, Voucher: l.voucher}
		some := 100 + o.dice.Int64N(l.due+100) // enough to be seen
		switch f {
		case BadCode:
			l.code = spoil(l.code)
		case UnknownCompany:
			l.code = o.stranger()
		case WrongAmount:
			l.due += some
			l.paid, l.arrived = l.due, l.due
		case Underpaid:
			l.paid = max(0, l.due-some)
			l.arrived = l.paid
		case Overpaid:
			l.paid = l.due + some
			l.arrived = l.paid
		case DuplicateVoucher:
			again := *l
			extra = append(extra, again) // the money came twice as well, so that one fault is one break
		case TaxOnly:
			l.arrived = -1
		case UnionOnly:
			s.Voucher = o.nextVoucher(month)
			m.Receipts = append(m.Receipts, Receipt{s.Voucher, some, month + "-28"})
		case AmountDiffers:
			l.arrived = l.paid + some
		}
		s.CreditCode = l.code
		m.Seeded = append(m.Seeded, s)
	}
	lines = append(lines, extra...)
	m.write(o.Name, o.RateMillionths, month, lines)
	return m
}

func (m *Month) write(office string, rate int64, month string, lines []line) {
	var b strings.Builder
	b.WriteString("统一社会信用代码,缴费人名称,主管税务机关,征收品目,费款所属期,工资总额,费率,应缴金额,实缴金额,电子税票号码,入库日期\r\n")
	var payroll, paid int64
	for _, l := range lines {
		fmt.Fprintf(&b, "%s,%s,%s,%s,%s,%s,%d.%04d%%,%s,%s,%s,%s-15\r\n", l.code, l.name, office, l.item, month, yuan(l.payroll),
			rate/10_000, rate%10_000, yuan(l.due), yuan(l.paid), l.voucher, month)
		payroll, paid = payroll+l.payroll, paid+l.paid
		if l.arrived >= 0 {
			m.Receipts = append(m.Receipts, Receipt{l.voucher, l.arrived, month + "-16"})
		}
	}
	fmt.Fprintf(&b, "合计,共%d户,,,,%s,,,%s,,\r\n", len(lines), yuan(payroll), yuan(paid))
	m.CSV, m.Rows = b.String(), len(lines)
}

// Statement is the union's bank statement of what arrived, as a bank writes it.
func (m *Month) Statement() string {
	var b strings.Builder
	b.WriteString("交易流水号,交易日期,贷方金额,摘要\r\n")
	for i, r := range m.Receipts {
		fmt.Fprintf(&b, "B%s%03d,%s,%s,税务代收工会经费 %s\r\n", r.Voucher, i%1000, r.On, yuan(r.AmountFen), r.Voucher)
	}
	return b.String()
}

func yuan(fen int64) string { return fmt.Sprintf("%d.%02d", fen/100, fen%100) }

// nextVoucher gives an electronic receipt number of 18 digits.
func (o *Office) nextVoucher(month string) string {
	o.voucher++
	return fmt.Sprintf("337%s%s%09d", month[2:4], month[5:7], o.voucher*7+o.dice.Int64N(7)) + fmt.Sprintf("%02d", o.dice.IntN(100))
}

const (
	alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY" // of GB 32100
	checked  = "91370000MA3"
)

var weights = [17]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}

// CreditCode completes 17 characters of GB 32100 with their check character.
func CreditCode(body string) string {
	sum := 0
	for i, w := range weights {
		sum += strings.IndexByte(alphabet, body[i]) * w
	}
	return body + string(alphabet[(31-sum%31)%31])
}

// spoil changes the check character.
func spoil(code string) string {
	at := strings.IndexByte(alphabet, code[17])
	return code[:17] + string(alphabet[(at+1)%31])
}

// stranger is a right code that no company of the register has: those begin otherwise.
func (o *Office) stranger() string {
	b := []byte(checked)
	for len(b) < 17 {
		b = append(b, alphabet[o.dice.IntN(31)])
	}
	b[2], b[3] = '9', '9'
	return CreditCode(string(b))
}
