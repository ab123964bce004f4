package e2e_test

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/core/company"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
	"gonghui/internal/simulator/bank"
	"gonghui/internal/simulator/taxoffice"
)

// member makes a staff account and enters with its rights.
func (h *house) member(login, role, division string) context.Context {
	h.t.Helper()
	unit, ok := h.app.Org.ByDivision(division)
	require.True(h.t, ok, division)
	a, err := h.app.Accounts.CreateStaff(h.system(), account.NewStaff{Login: login, Name: "张明", Password: password})
	require.NoError(h.t, err)
	_, err = h.app.Accounts.Grant(h.system(), account.NewGrant{AccountID: a.ID, Role: role, UnitID: unit.ID})
	require.NoError(h.t, err)
	return h.as(a.ID)
}

// collected has a small company with an account pay dues for a month, by the
// services: both sides have signed.
func (h *house) collected(clerk, officer context.Context, c company.Company, month string) {
	h.t.Helper()
	unit, ok := h.app.Org.ByDivision(county)
	require.True(h.t, ok)
	office := taxoffice.New("槐荫区税务局", 20_000, 7)
	office.Steady = true
	m := office.Month(month, []taxoffice.Company{{CreditCode: c.CreditCode, Name: c.Name, PayrollFen: 50_000_000}}, 0)
	f, err := h.app.Dues.TakeFile(clerk, unit.ID, strings.NewReader(m.CSV), int64(len(m.CSV)), dues.FileOptions{Name: month + ".csv"})
	require.NoError(h.t, err)
	_, err = h.app.Dues.TakeReceipts(clerk, f.CityCode, f.ID, strings.NewReader(m.Statement()), int64(len(m.Statement())), dues.FileOptions{Name: "流水.csv"})
	require.NoError(h.t, err)
	for side, who := range map[dues.Side]context.Context{dues.UnionSide: clerk, dues.TaxSide: officer} {
		f, err = h.app.Dues.GetFile(who, f.CityCode, f.ID)
		require.NoError(h.t, err)
		_, err = h.app.Dues.SignFile(who, f.CityCode, f.ID, side, f.Version)
		require.NoError(h.t, err)
	}
	p, err := h.app.Dues.GetPayer(clerk, c.Ref())
	require.NoError(h.t, err)
	p, err = h.app.Dues.Classify(clerk, c.Ref(), dues.ClassInput{Class: company.Small, Reason: "核对统计名单", Version: p.Version})
	require.NoError(h.t, err)
	_, err = h.app.Dues.SetAccount(clerk, c.Ref(), dues.AccountInput{
		Name: c.Name + "工会委员会", Kind: dues.UnionAccount, Number: "1602009876543" + month[5:] + "0", BankAs: "某行", Version: p.Version,
	})
	require.NoError(h.t, err)
	h.tick() // the levels' parts have arrived
}

// over moves the house to the end of the public notice of a company's list.
func (h *house) over(at string) {
	h.t.Helper()
	parts := strings.Split(at, "/")
	_, k, err := h.app.Dues.GetRefund(h.system(), parts[len(parts)-2], parts[len(parts)-1])
	require.NoError(h.t, err)
	require.Equal(h.t, "noticed", k.State)
	h.clock.Set(k.DueAt.Add(time.Hour))
	h.tick()
}

// The county's clerk lists who gets a refund, looks it through and gives public
// notice; a colleague approves when that is over. The clerk prepares an order, the
// colleague approves it, the bank pays, and the company reads that it is paid.
func TestDuesRefund(t *testing.T) {
	needBrowser(t)
	onBoth(t, func(t *testing.T, h *house) {
		for i, s := range []size{phoneSize, deskSize} {
			t.Run(s.name, func(t *testing.T) {
				one, two, month := "refunds."+s.name, "approver."+s.name, fmt.Sprintf("2020-0%d", 5+i)
				clerk := h.member(one, access.RoleCounty, county)
				h.staff(two, access.RoleCounty, county)
				_, firm := h.employer(fmt.Sprintf("济南槐荫第%d齿轮制造有限公司", i+1), county)
				phone := fmt.Sprintf("1990000%04d", h.phones)
				h.collected(clerk, h.member("signer."+s.name, access.RoleTax, county), firm, month)

				own := h.tab(t, "refund-company", s, true)
				own.open("/company/dues").signInQuietly(phone).see(say("company_face.dues.eligible"), say("company_face.dues.next_list")).step("next-list")
				own.press(say("company_face.dues.appeal"), 422).step("no-text")

				p := h.tab(t, "refund", s, true)
				p.open("/desk/dues/refunds").staffInQuietly(one).step("lists")
				p.press(say("desk.dues.make_list"), 422).step("no-months")
				p.fill("from", month).fill("to", month).press(say("desk.dues.make_list")).see(say("desk.dues.lists_made", "Count", 1), firm.Name, say("flow.dues.refund.state.submitted")).step("list")
				list := p.at()
				p.press(event(dues.FlowRefund, "review")).see(say("flow.dues.refund.state.reviewed")).unseen(say("desk.does.dues.refund.return"))
				p.press(event(dues.FlowRefund, "notice")).see(say("flow.dues.refund.state.noticed")).step("noticed")
				p.link(firm.Name).see("4,000").step("claim")
				own.open("/company/dues").see(say("company_face.dues.claim.listed")).step("listed")
				h.over(list)

				q := h.tab(t, "refund-second", s, true)
				q.open("/desk").staffInQuietly(two).see(say("flow.dues.refund.state.approving"))
				q.open(list).press(event(dues.FlowRefund, "approve")).see(say("flow.dues.refund.state.approved")).step("approved")
				p = h.tab(t, "refund-pay", s, true)
				p.open("/desk/dues/batches").staffInQuietly(one).step("orders")
				p.press(say("desk.dues.prepare")).see(say("dues.batch.prepared"), say("desk.dues.own")).step("prepared")
				order := p.at()
				q.open(order).press(say("desk.dues.batch_act.approve")).see(say("dues.batch.approved")).step("order-approved")
				p.open(order).press(say("desk.dues.download"), 422).step("no-account")
				p.open(order).fill("number", "1602001234567890")
				file := js[string](p, `((form) => fetch(form.action, {method: "POST", body: new URLSearchParams(new FormData(form))}).then(r => r.text()))(document.querySelector("form[action$='/file']"))`)
				require.NoError(t, xml.Unmarshal([]byte(file), new(struct {
					XMLName xml.Name `xml:"urn:iso:std:iso:20022:tech:xsd:pain.001.001.10 Document"`
				})), "%.300s", file)
				p.press(say("desk.dues.batch_act.send")).see(say("dues.batch.sent")).step("sent")

				at := bank.New(h.clock, 1, bank.Faults{})
				require.NoError(t, at.Send(t.Context(), []byte(file)))
				answers, err := at.Answers(t.Context())
				require.NoError(t, err)
				require.Len(t, answers, 1)
				p.press(say("desk.import.upload"), 422).see(say("desk.import.no_file")).step("no-file")
				p.attach("input[type=file]", "回单.xml", string(answers[0])).press(say("desk.import.upload"))
				p.see(say("desk.dues.answer_taken", "Settled", 1, "Rejected", 0, "Pending", 0), say("dues.batch.done")).step("answered")
				orders, err := h.app.Dues.ListBatches(h.system(), page.Request{})
				require.NoError(t, err)
				require.Len(t, orders.Items, i+1)

				own = h.tab(t, "refund-company-paid", s, true)
				own.open("/company/dues").signInQuietly(phone).see(say("company_face.dues.claim.paid")).step("paid")
				own.fill("text", "金额不对").press(say("company_face.dues.appeal")).see(say("flow.dues.appeal.state.submitted")).step("objected")
				p.open("/desk").link(firm.Name).see("金额不对").step("objection")
				p.press(event(dues.FlowAppeal, "decline"), 422).step("no-reason")
				p.fill("reason.decline", "已逐笔核对").press(event(dues.FlowAppeal, "decline")).see(say("flow.dues.appeal.state.declined")).step("declined")

				for name, path := range map[string]string{"list": list, "order": order, "lists": "/desk/dues/refunds"} {
					p.open("/prefs?lang=en&back=" + url.QueryEscape(path)).step(name + "-english")
				}
				own.open("/prefs?lang=en&back=" + url.QueryEscape("/company/dues")).see("2020").step("paid-english")
				own.open("/prefs?type=large&back=" + url.QueryEscape("/company/dues")).step("paid-large")
			})
		}
	})
}
