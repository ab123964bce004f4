package e2e_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/access"
	"gonghui/internal/measure/dues"
)

// worked waits until the list on the page is no longer worked on, and looks again.
func (h *house) worked(p *tab) *tab {
	p.t.Helper()
	at := p.at()
	parts := strings.Split(at, "/")
	require.Eventually(p.t, func() bool {
		in, err := h.app.Dues.GetListIntake(h.system(), parts[len(parts)-2], parts[len(parts)-1])
		return err == nil && in.State != dues.IntakeRunning
	}, within, 20*time.Millisecond)
	return p.open(at)
}

// Two lists that disagree about a company are tried and taken in; the clerk sees
// what each says, gives the class by hand, and writes down account and union. A
// clerk of a sister county sees nothing of it.
func TestDuesLists(t *testing.T) {
	needBrowser(t)
	onBoth(t, func(t *testing.T, h *house) {
		for i, s := range []size{phoneSize, deskSize} {
			t.Run(s.name, func(t *testing.T) {
				clerk, other := "dues."+s.name, "sister."+s.name
				h.staff(clerk, access.RoleCounty, county)
				h.staff(other, access.RoleCounty, sister)
				name := fmt.Sprintf("槐荫第%d纺织品有限责任公司", i+1)
				head := "统一社会信用代码,单位名称,行业,从业人员,营业收入（万元）,资产总额（万元）,上级单位,上级类型,登记状态\n"
				row := func(n int, rest string) string { return creditCode(8000+100*i+n) + "," + rest + "\n" }
				statistics := head + row(1, name+",C17,25,280.5,,,,存续") + row(2, fmt.Sprintf("某保险公司槐荫第%d营业部", i+1)+",L,8,,90,某保险公司,保险,存续") +
					row(3, fmt.Sprintf("槐荫第%d小额贷款公司", i+1)+",J66,5,50,,,,存续") + row(4, "看不懂的公司,造机器,1,1,,,,")
				market := head + row(1, name+",C17,350,1900,,,,存续")

				p := h.tab(t, "dues-lists", s, true)
				p.open("/desk/dues/lists").staffInQuietly(clerk).see(say("desk.list_in.send")).step("lists")
				p.press(say("desk.import.upload"), 422).see(say("desk.import.no_file")).step("no-file")
				p.attach("input[type=file]", "统计名单.csv", statistics).choose("source", "statistics").fill("year", "2019").press(say("desk.import.upload"))
				h.worked(p).see(say("desk.list_in.ready"), say("field.industry")).step("tried")
				p.press(say("desk.list_in.start"))
				h.worked(p).see(say("desk.list_in.state.done")).step("taken")
				p.open("/desk/dues/lists").attach("input[type=file]", "市场监管名单.csv", market).choose("source", "market").fill("year", "2019").press(say("desk.import.upload"))
				h.worked(p).press(say("desk.list_in.start"))
				h.worked(p).link(say("desk.list_in.see_conflicts")).see(name).step("conflicts")
				p.link(name).see(say("dues.class.micro"), say("desk.payer.wins")).step("evidence")
				at := p.at()
				p.choose("class.class", "small").press(say("desk.payer.classify"), 422).see(say("field.required")).step("no-reason")
				p.choose("class.class", "small").fill("class.reason", "核对上年度社保缴费名单").press(say("desk.payer.classify"))
				p.see(say("desk.payer.done.class"), say("dues.class.small"), say("desk.payer.by_hand")).step("by-hand")
				p.link(say("desk.payer.money")).see(say("desk.payer.set_account")).step("account")
				p.choose("account.kind", "personal").fill("account.name", "张三").fill("account.number", "6222021602001234567").fill("account.bank_as", "某行")
				p.follow(fmt.Sprintf("form[action=%q] button", at+"/account"), "", 422).see(say("field.checksum")).step("no-card")
				p.choose("account.kind", "company").fill("account.number", "1602001209024112345")
				p.follow(fmt.Sprintf("form[action=%q] button", at+"/account"), "").see(say("desk.payer.done.account"), "2345").unseen("1602001209024112345")
				p.link(say("desk.payer.past")).see(say("desk.payer.merge")).step("past")
				p.fill("former.name", fmt.Sprintf("槐荫第%d织布厂", i+1)).fill("former.reason", "改制")
				p.follow(fmt.Sprintf("form[action=%q] button", at+"/former"), "").see(say("desk.payer.done.former"), fmt.Sprintf("槐荫第%d织布厂", i+1)).step("all")
				p.open("/desk/dues/payers").see(say("desk.payer.view.excluded"), say("desk.payer.view.unclassified")).step("payers")

				p.open("/prefs?lang=en&back="+url.QueryEscape(at)).see("What the lists say", "By hand").step("payer-english")
				p.open("/desk/dues/payers").see("Lists disagree").step("payers-english")
				p.open("/desk/dues/lists").see("Statistics office's list (2019)").step("lists-english")
				p.open("/prefs?type=large&back=" + url.QueryEscape(at)).step("large-type")

				q := h.tab(t, "dues-lists-sister", s, false)
				q.open("/desk/dues/payers").staffInQuietly(other).see(say("desk.payer.none")).unseen(name).step("nothing")
				q.open(at, 404)
			})
		}
	})
}
