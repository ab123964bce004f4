package pain

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"gonghui/internal/kit/fault"
)

// Outcome is what became of a payment, in four words.
type Outcome string

// The outcomes.
const (
	Pending  Outcome = "pending"  // received, checked, on its way: nothing final yet
	Settled  Outcome = "settled"  // the money has moved
	Rejected Outcome = "rejected" // it has not and will not
	Unknown  Outcome = "unknown"  // a word of the bank that this program does not know
)

// outcomes are the status codes of ISO 20022 that banks use here.
var outcomes = map[string]Outcome{
	"RCVD": Pending, "PDNG": Pending, "ACTC": Pending, "ACCP": Pending, "ACSP": Pending, "ACWC": Pending, "ACWP": Pending, "PART": Pending,
	"ACSC": Settled, "ACCC": Settled, "RJCT": Rejected, "CANC": Rejected,
}

// OutcomeOf translates a status code.
func OutcomeOf(code string) Outcome {
	if o, ok := outcomes[code]; ok {
		return o
	}
	return Unknown
}

// Status is the bank's word on one payment.
type Status struct {
	EndToEndID string
	Code       string // as the bank wrote it
	Outcome    Outcome
	Reason     string // its reason code: AC01, AC04, AM04 …
	Info       string // its own words
	Reference  string // its serial number
}

// Report is one answer of the bank.
type Report struct {
	MessageID string
	CreatedAt string
	OrderID   string // MessageID of the order that it answers
	Code      string // of the whole order; "" = only of single payments
	Reason    string
	Payments  []Status
}

// Outcome is what became of the whole order. Unknown where the bank says nothing.
func (r Report) Outcome() Outcome { return OutcomeOf(r.Code) }

type xmlReason struct {
	Code  string   `xml:"Rsn>Cd"`
	Own   string   `xml:"Rsn>Prtry"`
	Words []string `xml:"AddtlInf"`
}

type xmlReport struct {
	XMLName xml.Name
	Header  struct {
		MessageID string `xml:"MsgId"`
		CreatedAt string `xml:"CreDtTm"`
	} `xml:"CstmrPmtStsRpt>GrpHdr"`
	Group struct {
		OrderID string      `xml:"OrgnlMsgId"`
		Code    string      `xml:"GrpSts"`
		Reasons []xmlReason `xml:"StsRsnInf"`
	} `xml:"CstmrPmtStsRpt>OrgnlGrpInfAndSts"`
	Batches []struct {
		Code     string `xml:"PmtInfSts"`
		Payments []struct {
			EndToEndID string      `xml:"OrgnlEndToEndId"`
			Code       string      `xml:"TxSts"`
			Reasons    []xmlReason `xml:"StsRsnInf"`
			Reference  string      `xml:"AcctSvcrRef"`
		} `xml:"TxInfAndSts"`
	} `xml:"CstmrPmtStsRpt>OrgnlPmtInfAndSts"`
}

// maxReport is the longest report that is read, in bytes.
const maxReport = 64 << 20

// ReadReport reads one status report. Faults: invalid pain.report (no status
// report, cut off, longer than 64 MB, or without the order that it answers).
func ReadReport(r io.Reader) (Report, error) {
	bad := func(format string, args ...any) (Report, error) {
		return Report{}, fault.New(fault.Invalid, "pain.report", fault.Because(fmt.Errorf(format, args...)))
	}
	limited := &io.LimitedReader{R: r, N: maxReport}
	d := xml.NewDecoder(limited)
	d.Strict = true
	d.Entity = map[string]string{} // no entities but the five of XML
	var x xmlReport
	if err := d.Decode(&x); err != nil {
		return bad("read: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return bad("more than one document")
	}
	if x.XMLName.Local != "Document" || !strings.HasPrefix(x.XMLName.Space, "urn:iso:std:iso:20022:tech:xsd:pain.002.001.") {
		return bad("%s in %s is no status report", x.XMLName.Local, x.XMLName.Space)
	}
	if x.Group.OrderID == "" {
		return bad("the report does not say which order it answers")
	}
	out := Report{
		MessageID: x.Header.MessageID, CreatedAt: x.Header.CreatedAt, OrderID: x.Group.OrderID,
		Code: x.Group.Code, Reason: reason(x.Group.Reasons),
	}
	for _, b := range x.Batches {
		if out.Code == "" {
			out.Code = b.Code
		}
		for _, p := range b.Payments {
			if p.EndToEndID == "" {
				return bad("a payment without its end-to-end id")
			}
			s := Status{EndToEndID: p.EndToEndID, Code: p.Code, Outcome: OutcomeOf(p.Code), Reason: reason(p.Reasons), Reference: p.Reference}
			for _, y := range p.Reasons {
				s.Info = strings.TrimSpace(s.Info + " " + strings.Join(y.Words, " "))
			}
			out.Payments = append(out.Payments, s)
		}
	}
	return out, nil
}

func reason(list []xmlReason) string {
	for _, r := range list {
		if r.Code != "" {
			return r.Code
		}
		if r.Own != "" {
			return r.Own
		}
	}
	return ""
}

// WriteReport writes a status report as a bank would, pain.002.001.11: for the
// simulator, and for tests.
func WriteReport(w io.Writer, r Report, at time.Time) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", " ")
	x := &writer{e: e}
	x.open("Document", xml.Attr{Name: xml.Name{Local: "xmlns"}, Value: "urn:iso:std:iso:20022:tech:xsd:pain.002.001.11"})
	x.open("CstmrPmtStsRpt")
	x.open("GrpHdr")
	x.put("MsgId", r.MessageID)
	x.put("CreDtTm", at.UTC().Format("2006-01-02T15:04:05Z"))
	x.close("GrpHdr")
	x.open("OrgnlGrpInfAndSts")
	x.put("OrgnlMsgId", r.OrderID)
	x.put("OrgnlMsgNmId", "pain.001.001.10")
	if r.Code != "" {
		x.put("GrpSts", r.Code)
	}
	x.reason(r.Reason, "")
	x.close("OrgnlGrpInfAndSts")
	if len(r.Payments) > 0 {
		x.open("OrgnlPmtInfAndSts")
		x.put("OrgnlPmtInfId", r.OrderID)
		for _, p := range r.Payments {
			x.open("TxInfAndSts")
			x.put("OrgnlEndToEndId", p.EndToEndID)
			x.put("TxSts", p.Code)
			x.reason(p.Reason, p.Info)
			if p.Reference != "" {
				x.put("AcctSvcrRef", p.Reference)
			}
			x.close("TxInfAndSts")
		}
		x.close("OrgnlPmtInfAndSts")
	}
	x.close("CstmrPmtStsRpt")
	x.close("Document")
	if x.err != nil {
		return fmt.Errorf("write the status report: %w", x.err)
	}
	return e.Close()
}

func (x *writer) reason(code, info string) {
	if code == "" && info == "" {
		return
	}
	x.open("StsRsnInf")
	if code != "" {
		x.open("Rsn")
		x.put("Cd", code)
		x.close("Rsn")
	}
	if info != "" {
		x.put("AddtlInf", info)
	}
	x.close("StsRsnInf")
}
