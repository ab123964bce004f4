package app_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/company"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
	"gonghui/internal/simulator/taxoffice"
)

// duesRecords are the ids of a county's records of dues.
type duesRecords struct {
	city, file, other, brk, correction, intake, voucher, payer, list string
}

// furnishDues has a county take two tax files in, with a break, and its tax office ask
// for a correction.
func (s *sisters) furnishDues(ctx, clerk, tax context.Context, division, word, unitID string) duesRecords {
	t, d := s.t, s.app.Dues
	var firms []taxoffice.Company
	var listed []company.Listed
	for i := range 4 {
		x := taxoffice.Company{CreditCode: taxoffice.CreditCode(fmt.Sprintf("91%sMA5%06d", division, i)), Name: fmt.Sprintf("%s第%d食品厂", word, i), PayrollFen: 5_000_000}
		firms = append(firms, x)
		listed = append(listed, company.Listed{CreditCode: x.CreditCode, Name: x.Name, DivisionCode: division})
	}
	_, err := s.app.Companies.EnsureListed(ctx, listed)
	require.NoError(t, err)
	office := taxoffice.New(word+"税务所", 20_000, uint64(division[5])) // vouchers of its own
	var r duesRecords
	for i, month := range []string{"2020-05", "2020-06"} {
		text := office.Month(month, firms, 3).CSV
		in, err := d.SendFile(clerk, unitID, word+month+".csv", strings.NewReader(text))
		require.NoError(t, err)
		require.NoError(t, d.RunIntake(ctx, in.CityCode, in.ID))
		in, err = d.GetIntake(clerk, in.CityCode, in.ID)
		require.NoError(t, err)
		r.city, r.intake = in.CityCode, in.ID
		if i == 0 {
			r.file = in.FileID
		} else {
			r.other = in.FileID
		}
	}
	lines, err := d.ListLines(tax, r.city, r.file, "", page.Request{Limit: 1})
	require.NoError(t, err)
	r.voucher = lines.Items[0].Voucher
	c, err := d.AskCorrection(tax, r.city, r.file, dues.CorrectionInput{Voucher: r.voucher, Void: true, Reason: word})
	require.NoError(t, err)
	r.correction = c.ID
	breaks, err := d.ListBreaks(clerk, dues.BreakFilter{FileID: r.file}, page.Request{Limit: 1})
	require.NoError(t, err)
	r.brk = breaks.Items[0].ID
	payers, err := d.ListPayers(clerk, dues.PayerFilter{}, page.Request{Limit: 1})
	require.NoError(t, err)
	r.payer = payers.Items[0].CompanyID
	text := "统一社会信用代码,单位名称,行业,从业人员,营业收入\n" + firms[0].CreditCode + "," + word + "名单里的厂,C14,25,280\n坏代码,坏的,C14,1,1\n"
	in, err := d.SendList(clerk, unitID, dues.FromTax, 2019, word+"名单.csv", strings.NewReader(text))
	require.NoError(t, err)
	require.NoError(t, d.RunIntake(ctx, in.CityCode, in.ID))
	r.list = in.ID
	return r
}

// duesProbes are the routes of the refund of dues that name a record.
func (s *sisters) duesProbes() map[string]probe {
	r := s.them.dues
	desk := "/desk/dues/files/" + r.city + "/" + r.file
	tax := "/partner/files/" + r.city + "/" + r.file
	payer, list := "/desk/dues/payers/"+r.city+"/"+r.payer, "/desk/dues/lists/"+r.city+"/"+r.list
	return map[string]probe{
		"GET /desk/dues/payers/{city}/{id}":                {path: payer, owner: "clerk"},
		"GET /desk/dues/payers/{city}/{id}/account":        {path: payer + "/account", owner: "clerk"},
		"GET /desk/dues/payers/{city}/{id}/past":           {path: payer + "/past", owner: "clerk"},
		"POST /desk/dues/payers/{city}/{id}/class":         {path: payer + "/class", form: url.Values{"class.class": {"large"}, "class.reason": {"看看"}, "version": {"1"}}},
		"POST /desk/dues/payers/{city}/{id}/exclusion":     {path: payer + "/exclusion", form: url.Values{"exclusion.kind": {"group"}, "exclusion.reason": {"看看"}, "version": {"1"}}},
		"POST /desk/dues/payers/{city}/{id}/account":       {path: payer + "/account", form: url.Values{"account.kind": {"union"}, "account.name": {"某工会"}, "account.number": {"1602001209024112345"}, "account.bank_as": {"某行"}, "version": {"1"}}},
		"POST /desk/dues/payers/{city}/{id}/union":         {path: payer + "/union", form: url.Values{"union.founded_on": {"2020-01-01"}, "union.approval": {"某号"}, "version": {"1"}}},
		"POST /desk/dues/payers/{city}/{id}/name":          {path: payer + "/name", form: url.Values{"name.name": {"别的名称"}, "name.on": {"2020-01-01"}, "name.reason": {"看看"}}},
		"POST /desk/dues/payers/{city}/{id}/former":        {path: payer + "/former", form: url.Values{"former.name": {"别的名称"}, "former.reason": {"看看"}}},
		"POST /desk/dues/payers/{city}/{id}/merger":        {path: payer + "/merger", form: url.Values{"merger.code": {"91370102MA3C0000X2"}, "merger.on": {"2020-01-01"}, "merger.reason": {"看看"}}},
		"GET /desk/dues/lists/{city}/{id}":                 {path: list, owner: "clerk"},
		"POST /desk/dues/lists/{city}/{id}/start":          {path: list + "/start", form: url.Values{}},
		"GET /desk/dues/lists/{city}/{id}/progress":        {path: list + "/progress", owner: "clerk"},
		"GET /desk/dues/lists/{city}/{id}/errors":          {path: list + "/errors", owner: "clerk"},
		"GET /desk/dues/uploads/{city}/{id}":               {path: "/desk/dues/uploads/" + r.city + "/" + r.intake, owner: "clerk"},
		"GET /desk/dues/uploads/{city}/{id}/progress":      {path: "/desk/dues/uploads/" + r.city + "/" + r.intake + "/progress", owner: "clerk"},
		"GET /desk/dues/uploads/{city}/{id}/errors":        {path: "/desk/dues/uploads/" + r.city + "/" + r.intake + "/errors"},
		"GET /desk/dues/files/{city}/{id}":                 {path: desk, owner: "clerk"},
		"POST /desk/dues/files/{city}/{id}/receipts":       {path: desk + "/receipts", form: url.Values{}},
		"POST /desk/dues/files/{city}/{id}/sign":           {path: desk + "/sign", form: url.Values{"version": {"2"}}},
		"GET /desk/dues/files/{city}/{id}/lines":           {path: desk + "/lines", owner: "clerk"},
		"GET /desk/dues/files/{city}/{id}/compare/{other}": {path: desk + "/compare/" + r.other, owner: "clerk"},
		"GET /desk/dues/breaks/{city}/{id}":                {path: "/desk/dues/breaks/" + r.city + "/" + r.brk, owner: "clerk"},
		"POST /desk/dues/breaks/{city}/{id}":               {path: "/desk/dues/breaks/" + r.city + "/" + r.brk, form: url.Values{"to": {"cleared"}, "reason": {"看看"}, "version": {"1"}}},
		"POST /desk/dues/corrections/{city}/{id}":          {path: "/desk/dues/corrections/" + r.city + "/" + r.correction, form: url.Values{"do": {"accept"}, "version": {"1"}, "file": {r.file}}},
		// The tax office's pages.
		"GET /partner/files/{city}/{id}":                    {path: tax, owner: "tax"},
		"POST /partner/files/{city}/{id}/sign":              {path: tax + "/sign", form: url.Values{"version": {"2"}}},
		"GET /partner/files/{city}/{id}/lines":              {path: tax + "/lines", owner: "tax"},
		"GET /partner/files/{city}/{id}/compare/{other}":    {path: tax + "/compare/" + r.other, owner: "tax"},
		"GET /partner/files/{city}/{id}/correct/{voucher}":  {path: tax + "/correct/" + r.voucher, owner: "tax"},
		"POST /partner/files/{city}/{id}/correct/{voucher}": {path: tax + "/correct/" + r.voucher, form: url.Values{"what": {"void"}, "reason": {"看看"}}},
	}
}

// duesPicture is the state of the other county's records of dues.
func (s *sisters) duesPicture(ctx context.Context, take func(any, error)) {
	r := s.them.dues
	v, err := s.app.Dues.ViewFile(ctx, r.city, r.file)
	take(v, err)
	b, err := s.app.Dues.GetBreak(ctx, r.city, r.brk)
	take(b, err)
	p, err := s.app.Dues.ViewPayer(ctx, company.Ref{City: r.city, ID: r.payer})
	take(p, err)
	l, err := s.app.Dues.GetListIntake(ctx, r.city, r.list)
	take(l, err)
}

// duesLists are its lists.
func (s *sisters) duesLists() []string {
	return []string{"/partner", "/partner/breaks", "/partner/corrections", "/desk/dues", "/desk/dues/breaks", "/desk/dues/breaks?state=all", "/desk/dues/breaks?q=" + s.them.dues.voucher, "/desk/dues/payers", "/desk/dues/lists"}
}
