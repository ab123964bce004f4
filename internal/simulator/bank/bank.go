package bank

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/pain"
)

// Faults says how often what goes wrong. Rates are between 0 and 1.
type Faults struct {
	Reject, Late, Twice, Lose, Refuse, Down, Stranger, Contradict float64

	ForgetOrders bool // a message id that was taken before is taken again
}

// paid is one payment as the bank knows it.
type paid struct {
	ID      string
	Account string
	Amount  money.Fen
	Serial  string
	State   string // ACSC, RJCT, PDNG
	Reason  string
}

// Bank is the simulator. It is safe for concurrent use.
type Bank struct {
	clock clock.Clock

	mu       sync.Mutex
	rnd      *rand.Rand
	faults   Faults
	orders   map[string][]*paid
	refused  map[string]bool
	accounts map[string]money.Fen // what was paid in, less what came back
	moves    map[string]int       // account and end-to-end id → how often money moved
	answers  [][]byte
	serial   int
}

// New opens a bank whose faults are drawn from the seed.
func New(c clock.Clock, seed uint64, f Faults) *Bank {
	return &Bank{
		clock: c, rnd: rand.New(rand.NewPCG(seed, 0x62616e6b)), faults: f,
		orders: map[string][]*paid{}, refused: map[string]bool{}, accounts: map[string]money.Fen{}, moves: map[string]int{},
	}
}

// Set changes the faults from the next call on.
func (b *Bank) Set(f Faults) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = f
}

// ErrLine is what a caller sees of a broken connection: the order may have arrived.
var ErrLine = errors.New("connection reset while waiting for the bank's answer")

// ErrOrder refuses what is no order.
var ErrOrder = errors.New("the bank cannot read the order")

// incoming is a payment order as the bank reads it.
type incoming struct {
	XMLName   xml.Name `xml:"urn:iso:std:iso:20022:tech:xsd:pain.001.001.10 Document"`
	MessageID string   `xml:"CstmrCdtTrfInitn>GrpHdr>MsgId"`
	Count     int      `xml:"CstmrCdtTrfInitn>GrpHdr>NbOfTxs"`
	Sum       string   `xml:"CstmrCdtTrfInitn>GrpHdr>CtrlSum"`
	Payments  []struct {
		ID      string `xml:"PmtId>EndToEndId"`
		Amount  string `xml:"Amt>InstdAmt"`
		Account string `xml:"CdtrAcct>Id>Othr>Id"`
	} `xml:"CstmrCdtTrfInitn>PmtInf>CdtTrfTxInf"`
}

// Send takes an order. An error of the line says nothing about whether the order
// was taken: send it again under the same message id, or ask for its answers.
func (b *Bank) Send(ctx context.Context, order []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	// Every call draws its lots, so that one fault's rate does not move another's sequence.
	before, after, refuse := b.draw(b.faults.Down/2), b.draw(b.faults.Down/2), b.draw(b.faults.Refuse)
	if before {
		return ErrLine // it never arrived
	}
	if err := b.take(order, refuse); err != nil {
		return err
	}
	if after {
		return ErrLine // it did
	}
	return nil
}

func (b *Bank) take(order []byte, refuse bool) error {
	var in incoming
	if err := xml.Unmarshal(order, &in); err != nil {
		return fmt.Errorf("%w: %w", ErrOrder, err)
	}
	var sum money.Fen
	list := make([]*paid, 0, len(in.Payments))
	for _, p := range in.Payments {
		amount, err := money.Parse(p.Amount)
		if err != nil {
			return fmt.Errorf("%w: amount of %s", ErrOrder, p.ID)
		}
		if sum, err = money.Add(sum, amount); err != nil {
			return fmt.Errorf("%w: sum", ErrOrder)
		}
		list = append(list, &paid{ID: p.ID, Account: p.Account, Amount: amount})
	}
	if in.Count != len(list) || in.Sum != sum.Plain() {
		return fmt.Errorf("%w: control sum", ErrOrder)
	}
	known, again := b.orders[in.MessageID]
	switch {
	case b.refused[in.MessageID], again && !b.faults.ForgetOrders:
		b.answer(in.MessageID, known)
		return nil
	case refuse:
		b.refused[in.MessageID] = true
		b.answer(in.MessageID, nil)
		return nil
	}
	b.orders[in.MessageID] = list
	var late, back []*paid
	for _, p := range list {
		reject, slow, contradict := b.draw(b.faults.Reject), b.draw(b.faults.Late), b.draw(b.faults.Contradict)
		b.serial++
		p.Serial = "B" + strconv.Itoa(b.serial)
		switch {
		case reject:
			p.State, p.Reason = "RJCT", "AC04"
		case slow:
			p.State = "PDNG"
			late = append(late, p)
		default:
			b.move(p)
			if contradict {
				back = append(back, p)
			}
		}
	}
	b.answer(in.MessageID, list)
	for _, p := range late {
		b.move(p)
	}
	if len(late) > 0 {
		b.answer(in.MessageID, late)
	}
	for _, p := range back {
		p.State, p.Reason = "RJCT", "AC01"
		b.accounts[p.Account] -= p.Amount
	}
	if len(back) > 0 {
		b.answer(in.MessageID, back)
	}
	return nil
}

func (b *Bank) move(p *paid) {
	p.State = "ACSC"
	b.accounts[p.Account] += p.Amount
	b.moves[p.Account+" "+p.ID]++
}

// answer puts a report on its way, as the faults have it.
func (b *Bank) answer(order string, list []*paid) {
	twice, lose, stranger := b.draw(b.faults.Twice), b.draw(b.faults.Lose), b.draw(b.faults.Stranger)
	b.serial++
	r := pain.Report{MessageID: "A" + strconv.Itoa(b.serial), OrderID: order}
	if b.refused[order] {
		r.Code, r.Reason = "RJCT", "AM10"
	}
	for _, p := range list {
		r.Payments = append(r.Payments, pain.Status{EndToEndID: p.ID, Code: p.State, Reason: p.Reason, Reference: p.Serial})
	}
	if stranger {
		r.Payments = append(r.Payments, pain.Status{EndToEndID: "X" + strconv.Itoa(b.serial), Code: "ACSC"})
	}
	var text bytes.Buffer
	if err := pain.WriteReport(&text, r, b.clock.Now()); err != nil {
		panic(err) // into memory, from plain text
	}
	if lose {
		return
	}
	b.answers = append(b.answers, text.Bytes())
	if twice {
		b.answers = append(b.answers, bytes.Clone(text.Bytes()))
	}
}

// Answers gives the reports that have arrived since the last call.
func (b *Bank) Answers(ctx context.Context) ([][]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.answers
	b.answers = nil
	return out, nil
}

// Ask makes the bank answer again for an order: what a clerk does whose answer
// did not come. False = the bank never got the order.
func (b *Bank) Ask(order string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	list, taken := b.orders[order]
	if !taken && !b.refused[order] {
		return false
	}
	kept := b.faults
	b.faults.Lose, b.faults.Stranger = 0, 0
	b.answer(order, list)
	b.faults = kept
	return true
}

// PaidIn is what an account has received, less what went back.
func (b *Bank) PaidIn(account string) money.Fen {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.accounts[account]
}

// Total is what all accounts have received, less what went back.
func (b *Bank) Total() (sum money.Fen) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, fen := range b.accounts {
		sum += fen
	}
	return sum
}

// Doubled names the payments for which money moved more than once.
func (b *Bank) Doubled() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for key, n := range b.moves {
		if n > 1 {
			_, id, _ := strings.Cut(key, " ")
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

func (b *Bank) draw(rate float64) bool { return b.rnd.Float64() < rate }
