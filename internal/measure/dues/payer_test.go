package dues_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/company"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
	"gonghui/internal/simulator/taxoffice"
)

const (
	lixia  = "370102" // 济南市历下区
	shinan = "370202" // 青岛市市南区
)

// refs gives the records of companies, in order.
func (b *bundle) refs(firms []taxoffice.Company) []company.Ref {
	b.t.Helper()
	listed := make([]company.Listed, len(firms))
	for i, x := range firms {
		listed[i] = company.Listed{CreditCode: x.CreditCode, Name: x.Name}
	}
	found, err := b.Companies.Recognise(access.System(b.t.Context(), "test"), listed)
	require.NoError(b.t, err)
	out := make([]company.Ref, len(firms))
	for i, m := range found {
		require.NotEmpty(b.t, m.By)
		out[i] = company.Ref{City: m.CityCode, ID: m.ID}
	}
	return out
}

// payers makes n payers of a county.
func (b *bundle) payers(division string, n int) []company.Ref {
	b.t.Helper()
	refs := b.refs(b.register(division, n))
	require.NoError(b.t, b.EnsurePayers(b.t.Context(), refs))
	return refs
}

func (b *bundle) listed(ctx context.Context, f dues.PayerFilter) []dues.Payer {
	b.t.Helper()
	p, err := b.ListPayers(ctx, f, page.Request{Limit: 200})
	require.NoError(b.t, err)
	return p.Items
}

func account(number string) dues.AccountInput {
	return dues.AccountInput{Name: "某公司工会委员会", Kind: dues.UnionAccount, Number: number, BankAs: "中国工商银行济南历下支行", Version: 1}
}

func TestPayerAccount(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		ref := b.payers(lixia, 1)[0]
		clerk := b.clerk("clerk", lixia)
		for _, x := range []struct {
			field, code string
			spoil       func(*dues.AccountInput)
		}{
			{"name", "required", func(in *dues.AccountInput) { in.Name = " " }},
			{"kind", "required", func(in *dues.AccountInput) { in.Kind = "" }},
			{"kind", "choice", func(in *dues.AccountInput) { in.Kind = "uncle" }},
			{"number", "required", func(in *dues.AccountInput) { in.Number = "" }},
			{"number", "length", func(in *dues.AccountInput) { in.Number = "1234567" }},
			{"number", "length", func(in *dues.AccountInput) { in.Number = strings.Repeat("1", 35) }},
			{"number", "charset", func(in *dues.AccountInput) { in.Number = "16020012A90241" }},
			{"number", "charset", func(in *dues.AccountInput) { in.Number = "1602001209/0241" }},
			{"number", "checksum", func(in *dues.AccountInput) { in.Number = "6222021602001234567" }},
			{"number", "checksum", func(in *dues.AccountInput) { in.Kind, in.Number = dues.PersonalAccount, "160200120902" }},
			{"bank", "cnaps", func(in *dues.AccountInput) { in.Bank = "10245100001" }},
			{"bank_as", "required", func(in *dues.AccountInput) { in.BankAs = "" }},
		} {
			in := account("1602001209024112345")
			x.spoil(&in)
			_, err := b.SetAccount(clerk, ref, in)
			require.True(t, fault.HasCode(err, "form.invalid"), "%s %s: %v", x.field, x.code, err)
			require.Equal(t, x.field, fault.As(err).Fields[0].Name, x.code)
			require.Equal(t, x.code, fault.As(err).Fields[0].Code, x.field)
		}
		p, err := b.SetAccount(clerk, ref, account("1602 0012-0902 4112345"))
		require.NoError(t, err)
		require.Equal(t, dues.Account{
			Name: "某公司工会委员会", Kind: dues.UnionAccount, Mask: "***************2345", BankAs: "中国工商银行济南历下支行", Since: clock.MakeDay(2020, 7, 20),
		}, p.Account)
		require.Equal(t, 2, p.Version)
		_, err = b.SetAccount(clerk, ref, account("1602001209024112345"))
		require.True(t, fault.HasCode(err, "casework.moved_on"), "the second click: %v", err)

		var sealed []byte
		require.NoError(t, d.Reader(t.Context()).NewRaw("SELECT account_enc FROM dues_payers").Scan(t.Context(), &sealed))
		require.NotContains(t, string(sealed), "1602001209024112345")
		_, err = b.RevealAccount(clerk, ref, " ")
		require.True(t, fault.HasCode(err, "dues.purpose"), "%v", err)
		number, err := b.RevealAccount(clerk, ref, "与银行核对")
		require.NoError(t, err)
		require.Equal(t, "1602001209024112345", number)
		var told string
		require.NoError(t, d.Reader(t.Context()).NewRaw("SELECT detail FROM audit_entries WHERE action = 'dues.payer_account_set'").Scan(t.Context(), &told))
		require.NotContains(t, told, "160200", "the log has the mask only")

		sister := b.clerk("sister", shinan)
		_, err = b.RevealAccount(sister, ref, "x")
		require.True(t, fault.HasCode(err, "dues.no_payer"), "%v", err)
		in := account("1602001209024112345")
		in.Version = 2
		_, err = b.SetAccount(sister, ref, in)
		require.True(t, fault.HasCode(err, "dues.no_payer"), "%v", err)
	})
}

func TestPayersOfTheScope(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		mine, theirs := b.payers(lixia, 30), b.payers(shinan, 5)
		clerk, sister := b.clerk("clerk", lixia), b.clerk("sister", shinan)
		require.NoError(t, b.EnsurePayers(t.Context(), append(mine, mine...)), "again changes nothing")
		require.Len(t, b.listed(clerk, dues.PayerFilter{}), 30)
		require.Len(t, b.listed(sister, dues.PayerFilter{}), 5)
		_, err := b.GetPayer(clerk, theirs[0])
		require.True(t, fault.HasCode(err, "dues.no_payer"), "%v", err)
		_, err = b.GetPayer(clerk, company.Ref{City: "3701", ID: "\x00"})
		require.True(t, fault.HasCode(err, "dues.no_payer"), "%v", err)
		_, err = b.ListPayers(t.Context(), dues.PayerFilter{}, page.Request{})
		require.True(t, fault.IsKind(err, fault.Unauthenticated), "%v", err)

		var all []string
		after := page.Cursor("")
		for {
			p, err := b.ListPayers(clerk, dues.PayerFilter{}, page.Request{After: after, Limit: 7})
			require.NoError(t, err)
			for _, x := range p.Items {
				all = append(all, x.CompanyID)
			}
			if after = p.Next; after == "" {
				break
			}
		}
		require.Len(t, all, 30)

		_, err = b.SetAccount(clerk, mine[0], account("1602001209024112345"))
		require.NoError(t, err)
		excluded, err := b.Exclude(clerk, mine[1], dues.ExclusionInput{Kind: dues.FinancialSub, Reason: "保险公司的营业部", Version: 1})
		require.NoError(t, err)
		require.Equal(t, dues.FinancialSub, excluded.Excluded)
		_, err = b.Exclude(clerk, mine[1], dues.ExclusionInput{Kind: "x", Version: 2})
		require.Len(t, fault.As(err).Fields, 2, "%v", err)
		p, err := b.GetPayer(clerk, mine[0])
		require.NoError(t, err)
		for want, f := range map[int]dues.PayerFilter{
			29: {NoAccount: true}, 1: {Excluded: true}, 30: {Class: company.Unclassified}, 0: {Conflict: true},
		} {
			require.Len(t, b.listed(clerk, f), want, "%+v", f)
		}
		require.Len(t, b.listed(clerk, dues.PayerFilter{Text: strings.ToLower(p.CreditCode)}), 1)
		require.Len(t, b.listed(clerk, dues.PayerFilter{Text: "第1机械"}), 1)
		require.Empty(t, b.listed(clerk, dues.PayerFilter{Text: "%"}))
		_, err = b.ListPayers(clerk, dues.PayerFilter{Class: "giant"}, page.Request{})
		require.True(t, fault.HasCode(err, "form.invalid"), "%v", err)
		count, err := b.CountPayers(clerk, "")
		require.NoError(t, err)
		require.Equal(t, dues.PayerCounts{All: 30, Unclassified: 30, Excluded: 1, NoAccount: 29}, count)

		again, err := b.Exclude(clerk, mine[1], dues.ExclusionInput{Reason: "核实为独立法人，无母公司", Version: 2})
		require.NoError(t, err)
		require.Empty(t, again.Excluded)
	})
}

func TestPayerUnionFounded(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		ref := b.payers(lixia, 1)[0]
		clerk := b.clerk("clerk", lixia)
		_, err := b.SetUnion(clerk, ref, dues.UnionInput{FoundedOn: clock.MakeDay(2020, 7, 21), Approval: "历工组〔2020〕8号", Version: 1})
		require.Equal(t, "founded_on", fault.As(err).Fields[0].Name, "%v", err)
		p, err := b.SetUnion(clerk, ref, dues.UnionInput{FoundedOn: clock.MakeDay(2020, 7, 20), Approval: "历工组〔2020〕8号", Version: 1})
		require.NoError(t, err)
		require.Equal(t, "2020-07-20", p.UnionFoundedOn.String())
		got, err := b.GetPayer(clerk, ref)
		require.NoError(t, err)
		require.Equal(t, "历工组〔2020〕8号", got.UnionApproval)
	})
}

// Of many clerks at one payer one is heard, the others are told.
func TestClerksAtOnePayer(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		ref := b.payers(lixia, 1)[0]
		errs := make([]error, 6)
		var wg sync.WaitGroup
		for i := range errs {
			ctx := b.clerk(fmt.Sprint("clerk", i), lixia)
			wg.Go(func() {
				if i%2 == 0 {
					_, errs[i] = b.SetAccount(ctx, ref, account(fmt.Sprintf("16020012090241%05d", i)))
				} else {
					_, errs[i] = b.Exclude(ctx, ref, dues.ExclusionInput{Kind: dues.GroupSub, Reason: "集团控股", Version: 1})
				}
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			require.True(t, fault.HasCode(err, "casework.moved_on"), "%v", err)
		}
		require.Equal(t, 1, won)
	})
}

// A line that neither code nor name tell is found by the account that paid, if one
// payer of the county alone has it; it is a break all the same. The code of a
// company that was absorbed is as good as one's own.
func TestLinesAreMatched(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		firms := b.register(lixia, 4)
		refs := b.refs(firms)
		clerk := b.clerk("clerk", lixia)
		require.NoError(t, b.EnsurePayers(t.Context(), refs))
		for i, number := range []string{"1602001209024112345", "3701000000001", "3701000000001"} {
			_, err := b.SetAccount(clerk, refs[i], account(number))
			require.NoError(t, err)
		}
		gone, unknown := taxoffice.CreditCode("91370102MA3888888"), taxoffice.CreditCode("91370102MA3999999")
		_, err := b.Companies.Merge(access.System(t.Context(), "test"), refs[3], company.Merging{Code: gone, On: clock.MakeDay(2020, 5, 1), Reason: "吸收合并"})
		require.NoError(t, err)
		_, err = b.Companies.AddFormerName(access.System(t.Context(), "test"), refs[3], company.PastName{Name: "历下老厂", Reason: "改制"})
		require.NoError(t, err)
		row := func(code, name, voucher, account string) string {
			return fmt.Sprintf("%s,%s,工会经费,2020-06,10000.00,200.00,%s,2020-07-10,%s\r\n", code, name, voucher, account)
		}
		text := "统一社会信用代码,缴费人名称,征收品目,费款所属期,工资总额,实缴金额,电子税票号码,入库日期,付款账号\r\n" +
			row(firms[0].CreditCode, firms[0].Name, "V1", "") +
			row(gone, "已合并的公司", "V2", "") +
			row(unknown, "谁也不认识", "V3", "1602 0012 0902 4112345") +
			row(unknown, "谁也不认识", "V4", "3701000000001") +
			row(unknown, "历下老厂", "V5", "") +
			"合计,共5户,,,50000.00,1000.00,,,\r\n"
		f, err := b.take(clerk, lixia, text)
		require.NoError(t, err)
		require.EqualValues(t, 3, f.Report.Breaks)
		for _, x := range b.open(clerk, f.ID) {
			require.Equal(t, dues.UnknownCompany, x.Kind)
			require.Contains(t, []string{"V3", "V4", "V5"}, x.Voucher)
		}
		var rows []struct {
			CompanyID  string
			MatchedBy  string
			Confidence int
		}
		require.NoError(t, d.Reader(t.Context()).NewRaw("SELECT company_id, matched_by, confidence FROM dues_lines ORDER BY voucher").Scan(t.Context(), &rows))
		for i, want := range []string{
			refs[0].ID + " credit_code 100", refs[3].ID + " merged_code 95", refs[0].ID + " account 50", "  0", refs[3].ID + " former_name 50",
		} {
			require.Equal(t, want, fmt.Sprintf("%s %s %d", rows[i].CompanyID, rows[i].MatchedBy, rows[i].Confidence), i)
		}
	})
}
