package app_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
	"gonghui/internal/simulator/taxoffice"
)

// duesRecords are the ids of a county's records of dues.
type duesRecords struct {
	city, file, other, brk, correction, intake, voucher, payer, list string
	refund, claim, batch, appeal, notice                             string
}

// furnishDues has a county take two tax files in, with a break, and its tax office ask
// for a correction.
func (s *sisters) furnishDues(ctx, clerk, tax context.Context, division, word, unitID string) duesRecords {
	t, d := s.t, s.app.Dues
	var firms []taxoffice.Company
	var listed []company.Listed
	for i := range 4 {
		x := taxoffice.Company{CreditCode: taxoffice.CreditCode(fmt.Sprintf("91%sMA5%06d", division, i)), Name: fmt.Sprintf("%s第%d食品厂", word, i), PayrollFen: 5_000_000}
		if i == 3 {
			x.Name = "公开的食品厂" + division // a public notice may name it
		}
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
	s.furnishRefund(ctx, clerk, tax, &r, unitID, firms)
	return r
}

// furnishRefund has the county sign a month off, list a refund of it, order its payment
// and get an objection.
func (s *sisters) furnishRefund(ctx, clerk, tax context.Context, r *duesRecords, unitID string, firms []taxoffice.Company) {
	t, d := s.t, s.app.Dues
	month := taxoffice.New("另一税务所", 20_000, uint64(firms[0].CreditCode[7])+40).Month("2020-04", firms, 0)
	f, err := d.TakeFile(clerk, unitID, strings.NewReader(month.CSV), int64(len(month.CSV)), dues.FileOptions{Name: "四月.csv"})
	require.NoError(t, err)
	statement := month.Statement()
	_, err = d.TakeReceipts(clerk, f.CityCode, f.ID, strings.NewReader(statement), int64(len(statement)), dues.FileOptions{Name: "bank.csv"})
	require.NoError(t, err)
	f, err = d.GetFile(clerk, f.CityCode, f.ID)
	require.NoError(t, err)
	f, err = d.SignFile(clerk, f.CityCode, f.ID, dues.UnionSide, f.Version)
	require.NoError(t, err)
	_, err = d.SignFile(tax, f.CityCode, f.ID, dues.TaxSide, f.Version)
	require.NoError(t, err)
	require.NoError(t, s.app.Queue.RunDue(ctx))
	p, err := d.GetPayer(clerk, company.Ref{City: r.city, ID: r.payer})
	require.NoError(t, err)
	p, err = d.Classify(clerk, p.Ref(), dues.ClassInput{Class: company.Small, Reason: "年报", Version: p.Version})
	require.NoError(t, err)
	_, err = d.SetAccount(clerk, p.Ref(), dues.AccountInput{Name: p.Name + "工会", Kind: dues.UnionAccount, Number: "16020012345678" + p.CreditCode[5:8], BankAs: "某行", Version: p.Version})
	require.NoError(t, err)
	lists, err := d.MakeLists(clerk, unitID, dues.GiveBack, dues.HalfYear(2020, 1))
	require.NoError(t, err)
	require.NotEmpty(t, lists)
	for _, l := range lists {
		claims, err := d.ListClaims(clerk, l.CityCode, l.ID, "", page.Request{})
		require.NoError(t, err)
		r.refund, r.claim = l.ID, claims.Items[0].ID
		for _, event := range []string{"review", "notice"} {
			_, k, err := d.GetRefund(clerk, l.CityCode, l.ID)
			require.NoError(t, err)
			_, err = d.Decide(clerk, l.Ref(), event, k.Version, "")
			require.NoError(t, err)
		}
	}
	// The notice ends, and the house approves: it is not the one who made the list.
	for _, l := range lists {
		_, err := s.app.Cases.Fire(ctx, casework.Fire{
			City: l.CityCode, ID: l.ID, Event: "notice_over", Version: casework.AnyVersion, As: casework.Clock,
			DueAt: map[string]time.Time{"county": s.clock.Now().Add(240 * time.Hour)},
		})
		require.NoError(t, err)
		_, k, err := d.GetRefund(ctx, l.CityCode, l.ID)
		require.NoError(t, err)
		_, err = d.Decide(ctx, l.Ref(), "approve", k.Version, "")
		require.NoError(t, err)
	}
	require.NoError(t, s.app.Queue.RunDue(ctx))
	parts, err := d.MakeLists(clerk, unitID, dues.PassOn, dues.HalfYear(2020, 1))
	require.NoError(t, err)
	r.notice = parts[0].Number
	claims, err := d.ListClaims(clerk, parts[0].CityCode, parts[0].ID, "", page.Request{Limit: page.MaxLimit})
	require.NoError(t, err)
	for _, c := range claims.Items {
		if !strings.HasPrefix(c.Name, "公开") {
			require.NoError(t, d.Strike(clerk, c.CityCode, c.ID, "以后再拨", c.Version))
		}
	}
	for i, event := range []string{"review", "notice"} {
		_, err = d.Decide(clerk, parts[0].Ref(), event, i+1, "")
		require.NoError(t, err)
	}
	b, err := d.PrepareBatch(clerk, unitID, "", clock.Today(s.clock))
	require.NoError(t, err)
	r.batch = b.ID
	own := access.Enter(s.t.Context(), access.Actor{Kind: access.KindWorker, AccountID: "boss", Name: "老板", Grants: []access.Grant{
		{Role: access.RoleCompany, CompanyID: p.CompanyID, CompanyCity: p.CityCode, Caps: []access.Capability{access.DuesOwn}},
	}})
	k, err := d.Appeal(own, p.Ref(), "看看")
	require.NoError(t, err)
	r.appeal = k.ID
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
		"GET /desk/dues/refunds/{city}/{id}":               {path: "/desk/dues/refunds/" + r.city + "/" + r.refund, owner: "clerk"},
		"POST /desk/dues/refunds/{city}/{id}/step":         {path: "/desk/dues/refunds/" + r.city + "/" + r.refund + "/step", form: url.Values{"event": {"reject"}, "reason.reject": {"看看"}, "version": {"5"}}},
		"GET /desk/dues/claims/{city}/{id}":                {path: "/desk/dues/claims/" + r.city + "/" + r.claim, owner: "clerk"},
		"POST /desk/dues/claims/{city}/{id}":               {path: "/desk/dues/claims/" + r.city + "/" + r.claim, form: url.Values{"event": {"strike"}, "reason.strike": {"看看"}, "version": {"3"}}},
		"GET /desk/dues/batches/{city}/{id}":               {path: "/desk/dues/batches/" + r.city + "/" + r.batch, owner: "clerk"},
		"POST /desk/dues/batches/{city}/{id}/step":         {path: "/desk/dues/batches/" + r.city + "/" + r.batch + "/step", form: url.Values{"event": {"approve"}, "version": {"1"}}},
		"POST /desk/dues/batches/{city}/{id}/file":         {path: "/desk/dues/batches/" + r.city + "/" + r.batch + "/file", form: url.Values{"name": {"某"}, "number": {"1"}, "format": {"pain.001"}}},
		"POST /desk/dues/batches/{city}/{id}/answer":       {path: "/desk/dues/batches/" + r.city + "/" + r.batch + "/answer", form: url.Values{}},
		"GET /desk/dues/appeals/{city}/{id}":               {path: "/desk/dues/appeals/" + r.city + "/" + r.appeal, owner: "clerk"},
		"POST /desk/dues/appeals/{city}/{id}":              {path: "/desk/dues/appeals/" + r.city + "/" + r.appeal, form: url.Values{"event": {"uphold"}, "reason.uphold": {"看看"}, "version": {"1"}}},
		"GET /notices/dues/{number}":                       {path: "/notices/dues/" + r.notice, owner: "clerk", public: true},
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
	refund, k, err := s.app.Dues.GetRefund(ctx, r.city, r.refund)
	take(refund, err)
	take(k, err)
	c, _, err := s.app.Dues.GetClaim(ctx, r.city, r.claim)
	take(c, err)
	batch, err := s.app.Dues.GetBatch(ctx, r.city, r.batch)
	take(batch, err)
	a, err := s.app.Dues.GetAppeal(ctx, casework.Ref{City: r.city, ID: r.appeal})
	take(a, err)
}

// duesLists are its lists.
func (s *sisters) duesLists() []string {
	return []string{"/partner", "/partner/breaks", "/partner/corrections", "/desk/dues", "/desk/dues/breaks", "/desk/dues/breaks?state=all", "/desk/dues/breaks?q=" + s.them.dues.voucher, "/desk/dues/payers", "/desk/dues/lists", "/desk/dues/refunds", "/desk/dues/batches"}
}
