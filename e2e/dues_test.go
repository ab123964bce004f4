package e2e_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/access"
	"gonghui/internal/core/company"
	"gonghui/internal/simulator/taxoffice"
)

// payers makes companies of the county known, who pay dues.
func (h *house) payers(n int) []taxoffice.Company {
	h.t.Helper()
	var firms []taxoffice.Company
	var listed []company.Listed
	for i := range n {
		x := taxoffice.Company{
			CreditCode: taxoffice.CreditCode(fmt.Sprintf("91%sMA6%06d", county, i)), Name: fmt.Sprintf("济南槐荫第%d精密机械制造有限责任公司", i+1),
			PayrollFen: int64(4_000_000 + i*100_900),
		}
		firms = append(firms, x)
		listed = append(listed, company.Listed{CreditCode: x.CreditCode, Name: x.Name, DivisionCode: county})
	}
	known, err := h.app.Companies.EnsureListed(h.system(), listed)
	require.NoError(h.t, err)
	for _, k := range known {
		require.NoError(h.t, k.Err)
	}
	return firms
}

// attach puts a file into a field, as dropping it there does.
func (p *tab) attach(css, name, text string) *tab {
	p.t.Helper()
	require.True(p.t, js[bool](p, fmt.Sprintf(`((css, name, text) => {
		const input = document.querySelector(css), box = new DataTransfer();
		box.items.add(new File([text], name, {type: "text/csv"}));
		input.files = box.files;
		return input.files.length === 1;
	})(%s, %s, %s)`, quote(css), quote(name), quote(text))), "no field %s at %s", css, p.at())
	return p
}

// waitFor opens an address until a word stands there: a job is at work.
func (p *tab) waitFor(path, word string) *tab {
	p.t.Helper()
	require.Eventually(p.t, func() bool { return strings.Contains(p.open(path).text(), word) }, within, within/100, "no %s at %s", word, path)
	return p
}

// The county's clerk takes the tax office's file in, enters what arrived, settles a
// break and signs; the tax office asks for a correction, the clerk accepts it, both
// sign what stands now.
func TestDues(t *testing.T) {
	needBrowser(t)
	onBoth(t, func(t *testing.T, h *house) {
		firms := h.payers(12)
		for i, s := range []size{phoneSize, deskSize} {
			t.Run(s.name, func(t *testing.T) {
				clerk, officer := "collector."+s.name, "tax."+s.name
				h.staff(clerk, access.RoleCounty, county)
				h.staff(officer, access.RoleTax, county)
				m := taxoffice.New("槐荫区税务局", 20_000, uint64(7+i)).Month(fmt.Sprintf("2020-0%d", 6+i), firms, 9)

				p := h.tab(t, "dues", s, true)
				p.open("/desk/dues").staffInQuietly(clerk)
				if i == 0 {
					p.see(say("desk.dues.none"), say("desk.dues.none_hint")).step("empty")
				}
				p.press(say("desk.import.upload"), 422).see(say("desk.import.no_file")).step("no-file")
				p.attach("input[type=file]", "wrong.csv", m.Statement()).press(say("desk.import.upload"), 422).step("wrong-file")
				p.attach("input[type=file]", "totals.csv", strings.Replace(m.CSV, "合计,共", "合计,共9", 1)).press(say("desk.import.upload"))
				p.waitFor(p.at(), say("desk.dues.nothing_taken")).step("refused")
				p.open("/desk/dues").attach("input[type=file]", "槐荫区工会经费代收明细.csv", m.CSV).press(say("desk.import.upload"))
				p.waitFor(p.at(), say("desk.dues.see_file")).step("taken")
				p.link(say("desk.dues.see_file")).see(say("desk.dues.waits.both"), say("dues.break.bad_code")).step("file")
				file := p.at()
				p.attach("input[type=file]", "流水.csv", m.Statement()+"S,2020-06-31,1.00,x\r\n").press(say("desk.import.upload"))
				p.waitFor(p.at(), say("desk.dues.entered")).see(say("field.date")).step("receipts")
				p.open(file).see(say("dues.break.tax_only")).step("compared")
				p.follow("table a", say("dues.break.tax_only")).follow(`a[href*="back="]`, say("dues.break.tax_only")).see(say("desk.dues.about.tax_only")).step("break")
				p.press(say("desk.dues.clear"), 422).step("no-reason")
				p.fill("reason", "6月20日补到账").press(say("desk.dues.clear")).step("settled")
				p.open("/desk/dues/breaks").see(say("desk.dues.age.week")).step("breaks")
				p.open(file).press(say("desk.dues.sign")).see(say("desk.dues.signed_now.tax")).step("signed")
				p.open("/desk/dues").step("files")

				q := h.tab(t, "tax-office", s, true)
				q.open("/partner").staffIn(officer).see(say("partner.stands.you")).step("files")
				q.open("/desk/dues", 403)
				q.open("/partner").link("槐荫区工会经费代收明细.csv").see(say("partner.sign_does"), say("partner.hidden")).step("file")
				at := q.at()
				q.link(say("partner.find_line")).step("lines")
				q.link(say("partner.correct")).step("correct")
				q.press(say("partner.send"), 422).step("correct-mistakes")
				q.fill("paid", "812.34").fill("reason", "入库后补记").press(say("partner.send")).see(say("partner.asked"), say("partner.correction.open")).step("asked")
				q.open("/partner/breaks").step("breaks")

				p.open(file).see("入库后补记").step("asked")
				p.press(say("desk.dues.decline"), 422).step("why-not")
				p.press(say("desk.dues.accept")).see(say("desk.dues.answered.accepted"))
				p.press(say("desk.dues.sign")).see(say("desk.dues.signed_now.tax"))
				q.open("/partner/corrections").see(say("partner.correction.accepted")).step("answered")
				q.open(at).press(say("partner.sign")).see(say("partner.stands.signed")).step("signed")
				p.open(file).see(say("desk.dues.waits.signed")).step("both-signed")

				english := func(x *tab, path, name string) {
					x.open("/prefs?lang=en&back=" + url.QueryEscape(path)).step(name + "-english")
				}
				english(p, file, "file")
				p.open("/desk/dues").step("files-english")
				p.open(file + "/lines").step("lines-english")
				english(q, at, "file")
				q.open("/partner").step("files-english")
				p.open("/prefs?type=large&back=" + url.QueryEscape(file)).step("large-type")
			})
		}
	})
}
