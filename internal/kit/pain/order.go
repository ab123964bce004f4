package pain

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"time"
	"unicode/utf8"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
)

// Party is one side of a payment.
type Party struct {
	Name    string // of the account's holder, 140 characters at most
	Account string // 34 characters at most
	Bank    string // number of the bank's branch in CNAPS (联行号), 12 digits; "" = not known
	BankAs  string // its name, where there is no number
}

// Payment is one transfer of an order.
type Payment struct {
	EndToEndID string // ours, given back by the bank; 35 characters at most
	Amount     money.Fen
	To         Party
	Remark     string // 附言, 140 characters at most
}

// Order is a batch of payments out of one account.
type Order struct {
	MessageID string // 35 characters at most; a bank takes each once
	CreatedAt time.Time
	ExecuteOn clock.Day
	From      Party
	Payments  []Payment
}

// Total adds the payments up. Fault: invalid money.range.
func (o Order) Total() (money.Fen, error) {
	var sum money.Fen
	var err error
	for _, p := range o.Payments {
		if sum, err = money.Add(sum, p.Amount); err != nil {
			return 0, err
		}
	}
	return sum, nil
}

// Check refuses an order that a bank would refuse: empty, an amount not above
// zero, a text that is too long or missing, an id that stands twice. Fault:
// invalid pain.order with the payment and the field.
func (o Order) Check() error {
	wrong := func(payment, field string) error {
		return fault.New(fault.Invalid, "pain.order", fault.With("Payment", payment), fault.With("Field", field))
	}
	fits := func(s string, most int) bool { n := utf8.RuneCountInString(s); return n > 0 && n <= most && clean(s) }
	party := func(p Party) string {
		switch {
		case !fits(p.Name, 140):
			return "name"
		case !fits(p.Account, 34):
			return "account"
		case p.Bank != "" && !fits(p.Bank, 35), p.BankAs != "" && !fits(p.BankAs, 140):
			return "bank"
		}
		return ""
	}
	if !fits(o.MessageID, 35) {
		return wrong("", "message_id")
	}
	if field := party(o.From); field != "" {
		return wrong("", field)
	}
	if len(o.Payments) == 0 {
		return wrong("", "payments")
	}
	seen := make(map[string]bool, len(o.Payments))
	for _, p := range o.Payments {
		field := party(p.To)
		switch {
		case !fits(p.EndToEndID, 35) || seen[p.EndToEndID]:
			field = "end_to_end_id"
		case p.Amount <= 0:
			field = "amount"
		case p.Remark != "" && !fits(p.Remark, 140):
			field = "remark"
		}
		if field != "" {
			return wrong(p.EndToEndID, field)
		}
		seen[p.EndToEndID] = true
	}
	_, err := o.Total()
	return err
}

// clean tells whether XML 1.0 can hold the text: no control characters.
func clean(s string) bool {
	for _, r := range s {
		if r < 0x20 || r == 0xFFFE || r == 0xFFFF || r == utf8.RuneError {
			return false
		}
	}
	return true
}

// Namespace of what Write writes.
const Namespace = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.10"

type (
	xmlName struct {
		Name string `xml:"Nm"`
	}
	xmlAccount struct {
		ID       string `xml:"Id>Othr>Id"`
		Currency string `xml:"Ccy,omitempty"`
	}
	xmlMember struct {
		System string `xml:"ClrSysId>Cd"`
		ID     string `xml:"MmbId"`
	}
	xmlAgent struct {
		Member *xmlMember `xml:"FinInstnId>ClrSysMmbId"`
		Name   string     `xml:"FinInstnId>Nm,omitempty"`
	}
	xmlAmount struct {
		Currency string `xml:"Ccy,attr"`
		Value    string `xml:",chardata"`
	}
	xmlPayment struct {
		EndToEndID string     `xml:"PmtId>EndToEndId"`
		Amount     xmlAmount  `xml:"Amt>InstdAmt"`
		Agent      *xmlAgent  `xml:"CdtrAgt"`
		To         xmlName    `xml:"Cdtr"`
		Account    xmlAccount `xml:"CdtrAcct"`
		Remark     string     `xml:"RmtInf>Ustrd,omitempty"`
	}
	xmlHeader struct {
		MessageID string  `xml:"MsgId"`
		CreatedAt string  `xml:"CreDtTm"`
		Count     int     `xml:"NbOfTxs"`
		Sum       string  `xml:"CtrlSum"`
		From      xmlName `xml:"InitgPty"`
	}
)

const yuanCode = "CNY"

func agent(p Party) *xmlAgent {
	switch {
	case p.Bank != "":
		return &xmlAgent{Member: &xmlMember{System: "CNAPS", ID: p.Bank}}
	case p.BankAs != "":
		return &xmlAgent{Name: p.BankAs}
	}
	return nil
}

// Write writes the order, payment by payment. Faults: those of Check, and what w returns.
func Write(w io.Writer, o Order) error {
	if err := o.Check(); err != nil {
		return err
	}
	sum, err := o.Total()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", " ")
	x := &writer{e: e}
	x.open("Document", xml.Attr{Name: xml.Name{Local: "xmlns"}, Value: Namespace})
	x.open("CstmrCdtTrfInitn")
	x.put("GrpHdr", xmlHeader{
		MessageID: o.MessageID, CreatedAt: o.CreatedAt.UTC().Format("2006-01-02T15:04:05Z"), Count: len(o.Payments), Sum: sum.Plain(), From: xmlName{o.From.Name},
	})
	x.open("PmtInf")
	x.put("PmtInfId", o.MessageID)
	x.put("PmtMtd", "TRF")
	x.put("NbOfTxs", strconv.Itoa(len(o.Payments)))
	x.put("CtrlSum", sum.Plain())
	x.open("ReqdExctnDt")
	x.put("Dt", o.ExecuteOn.String())
	x.close("ReqdExctnDt")
	x.put("Dbtr", xmlName{o.From.Name})
	x.put("DbtrAcct", xmlAccount{ID: o.From.Account, Currency: yuanCode})
	from := agent(o.From)
	if from == nil {
		from = &xmlAgent{Name: "NOTPROVIDED"} // the schema wants an agent
	}
	x.put("DbtrAgt", from)
	for _, p := range o.Payments {
		x.put("CdtTrfTxInf", xmlPayment{
			EndToEndID: p.EndToEndID, Amount: xmlAmount{yuanCode, p.Amount.Plain()}, Agent: agent(p.To),
			To: xmlName{p.To.Name}, Account: xmlAccount{ID: p.To.Account}, Remark: p.Remark,
		})
	}
	x.close("PmtInf")
	x.close("CstmrCdtTrfInitn")
	x.close("Document")
	if x.err != nil {
		return fmt.Errorf("write the payment order: %w", x.err)
	}
	return e.Close()
}

// writer remembers the first error.
type writer struct {
	e   *xml.Encoder
	err error
}

func (x *writer) open(name string, attr ...xml.Attr) {
	if x.err == nil {
		x.err = x.e.EncodeToken(xml.StartElement{Name: xml.Name{Local: name}, Attr: attr})
	}
}

func (x *writer) close(name string) {
	if x.err == nil {
		x.err = x.e.EncodeToken(xml.EndElement{Name: xml.Name{Local: name}})
	}
}

func (x *writer) put(name string, v any) {
	if x.err == nil {
		x.err = x.e.EncodeElement(v, xml.StartElement{Name: xml.Name{Local: name}})
	}
}
