package pain_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/pain"
)

var at = time.Date(2020, 7, 20, 1, 2, 3, 0, time.UTC)

func order() pain.Order {
	return pain.Order{
		MessageID: "R20200720-0001", CreatedAt: at, ExecuteOn: clock.MakeDay(2020, 7, 21),
		From: pain.Party{Name: "济南市历下区总工会", Account: "3700100000000000017", Bank: "102451000015"},
		Payments: []pain.Payment{
			{EndToEndID: "E1", Amount: 403_200, To: pain.Party{Name: "济南某某机械有限公司工会委员会", Account: "6222000000000000", Bank: "105451000021"}, Remark: "2020年上半年返还"},
			{EndToEndID: "E2", Amount: 1, To: pain.Party{Name: "A & B <株> \"公司\" 工会", Account: "62220001", BankAs: "历下农商银行"}},
			{EndToEndID: "E3", Amount: 99, To: pain.Party{Name: "无行号", Account: "62220002"}},
		},
	}
}

// valid asks xmllint, which nobody here wrote.
func valid(t *testing.T, schema string, text []byte) {
	t.Helper()
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("LEFT OUT: xmllint is not installed, the schema was not asked")
	}
	file := filepath.Join(t.TempDir(), "x.xml")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	out, err := exec.Command("xmllint", "--noout", "--nonet", "--schema", filepath.Join("testdata", schema), file).CombinedOutput()
	require.NoError(t, err, "%s\n%s", out, text)
}

func TestOrderIsValid(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, pain.Write(&b, order()))
	for _, want := range []string{"<CtrlSum>4033.00</CtrlSum>", "<NbOfTxs>3</NbOfTxs>", `<InstdAmt Ccy="CNY">4032.00</InstdAmt>`, "济南市历下区总工会", "A &amp; B &lt;株&gt;"} {
		require.Contains(t, b.String(), want)
	}
	valid(t, "pain.001.001.10.xsd", b.Bytes())
	o := order()
	o.From.Bank = ""
	b.Reset()
	require.NoError(t, pain.Write(&b, o))
	valid(t, "pain.001.001.10.xsd", b.Bytes())
}

func TestOrderThatABankWouldRefuse(t *testing.T) {
	for name, spoil := range map[string]func(*pain.Order){
		"message_id":    func(o *pain.Order) { o.MessageID = strings.Repeat("x", 36) },
		"payments":      func(o *pain.Order) { o.Payments = nil },
		"amount":        func(o *pain.Order) { o.Payments[1].Amount = 0 },
		"end_to_end_id": func(o *pain.Order) { o.Payments[2].EndToEndID = "E1" },
		"name":          func(o *pain.Order) { o.Payments[0].To.Name = strings.Repeat("名", 141) },
		"account":       func(o *pain.Order) { o.Payments[0].To.Account = "" },
		"remark":        func(o *pain.Order) { o.Payments[0].Remark = "a\x00b" },
		"bank":          func(o *pain.Order) { o.From.Bank = strings.Repeat("1", 36) },
	} {
		o := order()
		spoil(&o)
		var b bytes.Buffer
		err := pain.Write(&b, o)
		require.True(t, fault.HasCode(err, "pain.order"), "%s: %v", name, err)
		require.Equal(t, name, fault.As(err).Params["Field"])
		require.Zero(t, b.Len(), "nothing is written of an order that is refused")
	}
	o := order()
	o.Payments[0].Amount, o.Payments[1].Amount = 1<<62, 1<<62
	require.ErrorIs(t, pain.Write(&bytes.Buffer{}, o), money.ErrRange)
}

func TestReport(t *testing.T) {
	want := pain.Report{
		MessageID: "B1", CreatedAt: "2020-07-20T01:02:03Z", OrderID: "R20200720-0001", Code: "PART",
		Payments: []pain.Status{
			{EndToEndID: "E1", Code: "ACSC", Outcome: pain.Settled, Reference: "SN-1"},
			{EndToEndID: "E2", Code: "RJCT", Outcome: pain.Rejected, Reason: "AC04", Info: "账户已销户"},
			{EndToEndID: "E3", Code: "PDNG", Outcome: pain.Pending},
			{EndToEndID: "E4", Code: "XYZ9", Outcome: pain.Unknown},
		},
	}
	var b bytes.Buffer
	require.NoError(t, pain.WriteReport(&b, want, at))
	text := b.String()
	got, err := pain.ReadReport(strings.NewReader(text))
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Equal(t, pain.Pending, got.Outcome())
	old, err := pain.ReadReport(strings.NewReader(strings.Replace(text, "pain.002.001.11", "pain.002.001.03", 1)))
	require.NoError(t, err, "banks send older versions")
	require.Equal(t, want, old)
	valid(t, "pain.002.001.11.xsd", []byte(text))
}

func TestWhatIsNoReport(t *testing.T) {
	const open = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.11"><CstmrPmtStsRpt>`
	const head = `<GrpHdr><MsgId>B</MsgId></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>R</OrgnlMsgId></OrgnlGrpInfAndSts>`
	const end = `</CstmrPmtStsRpt></Document>`
	_, err := pain.ReadReport(strings.NewReader(open + head + end))
	require.NoError(t, err)
	for name, text := range map[string]string{
		"empty": "", "no XML": "a,b\n1,2\n", "cut off": open + head, "an order": strings.Replace(open+head+end, "pain.002", "pain.001", 1),
		"answers nothing": open + end, "payment without id": open + head + `<OrgnlPmtInfAndSts><TxInfAndSts><TxSts>ACSC</TxSts></TxInfAndSts></OrgnlPmtInfAndSts>` + end,
		"two documents": open + head + end + open + head + end,
		"entities":      `<!DOCTYPE d [<!ENTITY a "aaaa">]>` + open + strings.Replace(head, ">R<", ">&a;<", 1) + end,
	} {
		_, err := pain.ReadReport(strings.NewReader(text))
		require.True(t, fault.HasCode(err, "pain.report"), "%s: %v", name, err)
	}
}
