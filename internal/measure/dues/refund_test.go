package dues_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/ledger"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/core/signal"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
	"gonghui/internal/simulator/bank"
	"gonghui/internal/simulator/taxoffice"
)

// finance is somebody of a county's finance who may do every step; who may not do
// two of them at one record is for the room to say.
func (b *bundle) finance(name, division string) context.Context {
	return b.somebody(name, division, access.DuesCollect, access.DuesReview, access.DuesRefund, access.DuesApprove)
}

// collected takes in the months of companies, without a fault, and has both sides
// sign them.
func (b *bundle) collected(division string, firms []taxoffice.Company, months ...string) {
	b.t.Helper()
	clerk, officer := b.finance("clerk", division), b.officer("officer", division)
	office := taxoffice.New("税务所", 20_000, 7)
	office.Steady = true
	for _, m := range months {
		file := office.Month(m, firms, 0)
		f, err := b.take(clerk, division, file.CSV)
		require.NoError(b.t, err)
		_, err = b.Receipts(clerk, f.CityCode, f.ID, entries(file))
		require.NoError(b.t, err)
		b.sign(clerk, officer, f)
	}
	b.drain()
}

func (b *bundle) sign(clerk, officer context.Context, f dues.File) {
	b.t.Helper()
	f, err := b.GetFile(clerk, f.CityCode, f.ID)
	require.NoError(b.t, err)
	f, err = b.SignFile(clerk, f.CityCode, f.ID, dues.UnionSide, f.Version)
	require.NoError(b.t, err)
	_, err = b.SignFile(officer, f.CityCode, f.ID, dues.TaxSide, f.Version)
	require.NoError(b.t, err)
}

// drain lets the second halves of transfers arrive.
func (b *bundle) drain() {
	b.t.Helper()
	require.NoError(b.t, b.Queue.RunDue(b.t.Context()))
}

// firm is a company of the register with its payer's record.
func (b *bundle) firm(division string, n int, preparation bool, payroll int64) (taxoffice.Company, company.Ref) {
	b.t.Helper()
	x := taxoffice.Company{
		CreditCode: taxoffice.CreditCode(fmt.Sprintf("91%sMA5%06d", division, n)), Name: fmt.Sprintf("甲%d第%s制造有限公司", n, division),
		PayrollFen: payroll, Preparation: preparation,
	}
	known, err := b.Companies.EnsureListed(access.System(b.t.Context(), "test"), []company.Listed{{CreditCode: x.CreditCode, Name: x.Name, DivisionCode: division}})
	require.NoError(b.t, err)
	ref := company.Ref{City: known[0].CityCode, ID: known[0].ID}
	require.NoError(b.t, b.EnsurePayers(b.t.Context(), []company.Ref{ref}))
	return x, ref
}

// small has a clerk say that a company is small, with an account where a number is given.
func (b *bundle) small(clerk context.Context, ref company.Ref, number string) dues.Payer {
	b.t.Helper()
	p, err := b.GetPayer(clerk, ref)
	require.NoError(b.t, err)
	b.class(ref, company.Small)
	if number == "" {
		return p
	}
	p, err = b.SetAccount(clerk, ref, dues.AccountInput{
		Name: p.Name + "工会委员会", Kind: dues.UnionAccount, Number: number, Bank: "102451000017", BankAs: "中国工商银行", Version: p.Version,
	})
	require.NoError(b.t, err)
	return p
}

func (b *bundle) class(ref company.Ref, class company.SizeClass) {
	b.t.Helper()
	_, err := b.DB.Writer(b.t.Context()).NewRaw("UPDATE dues_payers SET size_class = ? WHERE city_code = ? AND company_id = ?", class, ref.City, ref.ID).Exec(b.t.Context())
	require.NoError(b.t, err)
}

func firstHalf() dues.Period { return dues.HalfYear(2020, 1) }

var halfMonths = []string{"2020-01", "2020-02", "2020-03", "2020-04", "2020-05", "2020-06"}

// approved takes the lists of a period through their procedure.
func (b *bundle) approved(division string, kind dues.RefundKind, p dues.Period) []dues.Refund {
	b.t.Helper()
	clerk, second := b.finance("clerk", division), b.finance("second", division)
	lists, err := b.MakeLists(clerk, b.unit(division), kind, p)
	require.NoError(b.t, err)
	for _, r := range lists {
		b.step(clerk, r, "review")
		b.step(clerk, r, "notice")
	}
	b.clock.Advance(14 * 24 * time.Hour) // five working days and a weekend or two
	_, err = b.Cases.Tick(access.System(b.t.Context(), "test"))
	require.NoError(b.t, err)
	for _, r := range lists {
		b.step(second, r, "approve")
	}
	b.drain()
	return lists
}

func (b *bundle) step(ctx context.Context, r dues.Refund, event string) {
	b.t.Helper()
	require.NoError(b.t, b.tryStep(ctx, r, event))
}

func (b *bundle) tryStep(ctx context.Context, r dues.Refund, event string) error {
	b.t.Helper()
	_, k, err := b.GetRefund(ctx, r.CityCode, r.ID)
	if err != nil {
		return err
	}
	_, err = b.Decide(ctx, r.Ref(), event, k.Version, "理由")
	return err
}

func (b *bundle) claims(ctx context.Context, r dues.Refund) map[string]dues.Claim {
	b.t.Helper()
	p, err := b.ListClaims(ctx, r.CityCode, r.ID, "", page.Request{Limit: 200})
	require.NoError(b.t, err)
	out := map[string]dues.Claim{}
	for _, c := range p.Items {
		out[c.Company.ID] = c
	}
	return out
}

// balance is what the county's account of a code holds.
func (b *bundle) balance(path, code string) money.Fen {
	b.t.Helper()
	p, err := b.Ledger.Accounts(access.System(b.t.Context(), "test"), ledger.AccountFilter{OrgPath: path, Code: code}, page.Request{Limit: 200})
	require.NoError(b.t, err)
	var sum money.Fen
	for _, a := range p.Items {
		sum += a.Fen
	}
	return sum
}

// whole proves that the books balance and nothing in them was changed.
func (b *bundle) whole() {
	b.t.Helper()
	r, err := b.Ledger.Verify(access.System(b.t.Context(), "test"))
	require.NoError(b.t, err)
	require.True(b.t, r.OK(), "%+v", r.Problems)
	require.Zero(b.t, r.InTransit)
}

var house = dues.BankAccount{Name: "济南市历下区总工会", Number: "1602001234567890", Bank: "102451000017"}

// order prepares, approves and sends what can be paid.
func (b *bundle) order(division string) dues.Batch {
	b.t.Helper()
	clerk, second := b.finance("clerk", division), b.finance("second", division)
	x, err := b.PrepareBatch(clerk, b.unit(division), "", clock.Today(b.clock))
	require.NoError(b.t, err)
	x, err = b.ApproveBatch(second, x.CityCode, x.ID, x.Version)
	require.NoError(b.t, err)
	x, err = b.SendBatch(clerk, x.CityCode, x.ID)
	require.NoError(b.t, err)
	return x
}

func (b *bundle) file(division string, x dues.Batch) []byte {
	b.t.Helper()
	var buf bytes.Buffer
	require.NoError(b.t, b.WriteOrder(b.finance("clerk", division), x.CityCode, x.ID, house, &buf))
	return buf.Bytes()
}

// hear takes in what a bank has to say.
func (b *bundle) hear(division string, at *bank.Bank) []dues.Answer {
	b.t.Helper()
	texts, err := at.Answers(b.t.Context())
	require.NoError(b.t, err)
	var out []dues.Answer
	for _, text := range texts {
		a, err := b.TakeAnswer(b.finance("clerk", division), "3701", bytes.NewReader(text))
		require.NoError(b.t, err)
		out = append(out, a)
	}
	return out
}

// E3-1, E3-3 and E3-4 on their whole way: from the tax office's file to the money on
// the union's account, level by level; a union without an account; a fund that waits
// for its union.
func TestRefund(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		clerk, second := b.finance("clerk", lixia), b.finance("second", lixia)
		one, oneRef := b.firm(lixia, 1, false, 50_000_000) // E3-1, six months of it
		two, twoRef := b.firm(lixia, 2, false, 12_345_678) // E3-2
		three, threeRef := b.firm(lixia, 3, true, 6_000_000)
		big, bigRef := b.firm(lixia, 4, false, 900_000_000)
		branch, branchRef := b.firm(lixia, 5, false, 1_000_000)
		b.small(clerk, oneRef, "1602009876543210")
		b.small(clerk, twoRef, "")
		b.small(clerk, threeRef, "1602009876543228")
		p := b.small(clerk, branchRef, "1602009876543236")
		_, err := b.Exclude(clerk, branchRef, dues.ExclusionInput{Kind: dues.FinancialSub, Reason: "保险公司的营销服务部", Version: p.Version})
		require.NoError(t, err) // E3-6
		b.class(bigRef, company.Medium)
		b.collected(lixia, []taxoffice.Company{one, two, three, big, branch}, halfMonths...)

		county, _ := b.Org.ByDivision(lixia)
		in := b.balance(county.Path, "dues_bank")
		require.EqualValues(t, 6*(1_000_000+246_914+120_000+18_000_000+20_000), in)
		require.EqualValues(t, 6*72_000, b.balance(county.Path, "dues_preparation"))
		b.whole()

		lists := b.approved(lixia, dues.GiveBack, firstHalf())
		require.Len(t, lists, 1)
		list, k, err := b.GetRefund(clerk, lists[0].CityCode, lists[0].ID)
		require.NoError(t, err)
		require.Equal(t, "approved", k.State)
		require.Equal(t, 2, list.Claims)
		claims := b.claims(clerk, list)
		require.Len(t, claims, 2, "neither the medium company, nor the insurer's branch, nor the fund without a union")
		x := claims[oneRef.ID]
		require.EqualValues(t, 6*400_000, x.Amount)
		require.Equal(t, dues.Shares{National: 300_000, Province: 300_000, City: 600_000, County: 1_200_000}, x.Shares)
		require.Equal(t, dues.ClaimApproved, x.State)
		y := claims[twoRef.ID]
		require.EqualValues(t, 6*98_766, y.Amount)
		require.Equal(t, dues.ClaimKept, y.State, "no account: the county keeps the books")
		require.EqualValues(t, 6*98_766, b.balance(county.Path, "dues_kept"))
		require.EqualValues(t, 6*400_000, b.balance(county.Path, "dues_payable"))
		b.whole()

		again, err := b.MakeLists(clerk, b.unit(lixia), dues.GiveBack, firstHalf())
		require.NoError(t, err)
		require.Empty(t, again, "nothing is listed twice")

		// The bank pays; the union of the second company gets an account, the third is founded.
		bank1 := bank.New(b.clock, 1, bank.Faults{})
		batch := b.order(lixia)
		require.EqualValues(t, 6*400_000, batch.Amount)
		require.NoError(t, bank1.Send(t.Context(), b.file(lixia, batch)))
		b.hear(lixia, bank1)
		require.EqualValues(t, 6*400_000, bank1.PaidIn("1602009876543210"))
		x, _, err = b.GetClaim(clerk, x.CityCode, x.ID)
		require.NoError(t, err)
		require.Equal(t, dues.ClaimPaid, x.State)
		batch, err = b.GetBatch(clerk, batch.CityCode, batch.ID)
		require.NoError(t, err)
		require.Equal(t, dues.BatchDone, batch.State)
		require.Equal(t, in-6*400_000, b.balance(county.Path, "dues_bank"))
		require.Zero(t, b.balance(county.Path, "dues_transit"))
		require.Zero(t, b.balance(county.Path, "dues_payable"))

		system := access.System(t.Context(), "test")
		root, _ := b.Org.Root()
		figure := func(key string) int64 {
			f, err := b.Figures.Progress(system, key, "2020", root)
			require.NoError(t, err)
			diff, err := b.Figures.Recount(system, key, "2020")
			require.NoError(t, err)
			require.True(t, diff.Clean(), "%s: %+v", key, diff)
			return f.Done
		}
		require.EqualValues(t, 1, figure(dues.RefundCompanies))
		require.EqualValues(t, 6*400_000, figure(dues.RefundPaid))
		require.Zero(t, figure(dues.FundUnions))
		_, err = b.PrepareBatch(clerk, b.unit(lixia), "", 0)
		require.True(t, fault.HasCode(err, "dues.nothing_to_pay"), "%v", err)
		p, err = b.GetPayer(clerk, twoRef)
		require.NoError(t, err)
		_, err = b.SetAccount(clerk, twoRef, dues.AccountInput{Name: p.Name + "工会", Kind: dues.UnionAccount, Number: "1602009876543244", BankAs: "齐鲁银行", Version: p.Version})
		require.NoError(t, err)
		b.clock.Set(time.Date(2020, 9, 10, 2, 0, 0, 0, time.UTC))
		p, err = b.GetPayer(clerk, threeRef)
		require.NoError(t, err)
		_, err = b.SetUnion(clerk, threeRef, dues.UnionInput{FoundedOn: clock.MakeDay(2020, 9, 10), Approval: "历工批〔2020〕12号", Version: p.Version})
		require.NoError(t, err)
		lists = b.approved(lixia, dues.GiveBack, firstHalf())
		require.Len(t, lists, 1)
		z := b.claims(clerk, lists[0])[threeRef.ID]
		require.EqualValues(t, 6*120_000, z.Amount, "E3-4: the whole fund")
		require.EqualValues(t, 6*72_000, z.Retained)
		batch = b.order(lixia)
		require.Equal(t, 2, batch.Payments)
		require.NoError(t, bank1.Send(t.Context(), b.file(lixia, batch)))
		b.hear(lixia, bank1)
		require.EqualValues(t, 6*98_766, bank1.PaidIn("1602009876543244"))
		require.EqualValues(t, 6*120_000, bank1.PaidIn("1602009876543228"))
		require.Zero(t, b.balance(county.Path, "dues_kept"))
		require.Zero(t, b.balance(county.Path, "dues_preparation"))
		require.EqualValues(t, 3, figure(dues.RefundCompanies))
		require.EqualValues(t, 6*(400_000+98_766+120_000), figure(dues.RefundPaid))
		require.EqualValues(t, 1, figure(dues.FundUnions))

		// The unions' own part is everybody's, also of the medium company's union.
		parts := b.approved(lixia, dues.PassOn, firstHalf())
		require.Len(t, parts, 1)
		require.EqualValues(t, 6*600_000, b.claims(clerk, parts[0])[oneRef.ID].Amount)
		require.EqualValues(t, 6*10_800_000, b.claims(clerk, parts[0])[bigRef.ID].Amount)
		b.whole()

		// A refund that should not have been: what each level gave comes back to it.
		cost := b.balance(county.Path, "dues_refund_cost")
		x, _, err = b.GetClaim(clerk, x.CityCode, x.ID)
		require.NoError(t, err)
		require.NoError(t, b.ClawBack(second, x.CityCode, x.ID, "年报造假", x.Version))
		b.drain()
		require.Equal(t, cost-1_200_000, b.balance(county.Path, "dues_refund_cost"))
		require.True(t, fault.HasCode(b.ClawBack(second, x.CityCode, x.ID, "再追", x.Version), "casework.moved_on"))
		require.NoError(t, b.Recover(clerk, x.CityCode, x.ID, "已退回", x.Version+1))
		require.Zero(t, b.balance(county.Path, "dues_clawback"))
		b.whole()

		// A sister county sees none of it, and cannot guess its way in.
		sister := b.finance("sister", "370104")
		_, _, err = b.GetRefund(sister, list.CityCode, list.ID)
		require.True(t, fault.HasCode(err, "dues.no_refund"), "%v", err)
		_, _, err = b.GetClaim(sister, x.CityCode, x.ID)
		require.True(t, fault.HasCode(err, "dues.no_claim"), "%v", err)
		_, err = b.SendBatch(sister, batch.CityCode, batch.ID)
		require.True(t, fault.HasCode(err, "dues.no_batch"), "%v", err)
		require.True(t, fault.HasCode(b.WriteOrder(sister, batch.CityCode, batch.ID, house, &bytes.Buffer{}), "dues.no_batch"))
		require.True(t, fault.HasCode(b.Strike(sister, x.CityCode, x.ID, "x", 1), "dues.no_claim"))
	})
}

// Two people stand behind each list and each order; two at once are told apart.
func TestFourEyes(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		clerk, second, third := b.finance("clerk", lixia), b.finance("second", lixia), b.finance("third", lixia)
		firm, ref := b.firm(lixia, 1, false, 50_000_000)
		b.small(clerk, ref, "1602009876543210")
		b.collected(lixia, []taxoffice.Company{firm}, "2020-03")
		lists, err := b.MakeLists(clerk, b.unit(lixia), dues.GiveBack, firstHalf())
		require.NoError(t, err)
		list := lists[0]
		require.True(t, fault.HasCode(b.tryStep(clerk, list, "approve"), "casework.illegal"))
		require.True(t, fault.HasCode(b.tryStep(clerk, list, "return"), "casework.illegal"), "nobody applied")
		b.step(clerk, list, "review")
		b.step(second, list, "notice")
		require.True(t, fault.HasCode(b.tryStep(second, list, "approve"), "casework.illegal"), "the notice runs")
		n, err := b.PublicNotice(t.Context(), list.Number, page.Request{})
		require.NoError(t, err)
		require.Equal(t, []dues.NoticedRow{{Name: firm.Name, Amount: 400_000}}, n.Rows.Items)
		require.Equal(t, "2020-07-27", n.Until.String())
		b.clock.Advance(14 * 24 * time.Hour)
		_, err = b.Cases.Tick(access.System(t.Context(), "test"))
		require.NoError(t, err)
		require.ErrorIs(t, b.tryStep(clerk, list, "approve"), casework.ErrFourEyes, "who made the list")
		require.ErrorIs(t, b.tryStep(second, list, "approve"), casework.ErrFourEyes, "who gave notice")
		b.step(third, list, "approve")
		_, err = b.PublicNotice(t.Context(), list.Number, page.Request{})
		require.True(t, fault.HasCode(err, "dues.no_refund"), "the notice is over: %v", err)

		batch, err := b.PrepareBatch(clerk, b.unit(lixia), "", 0)
		require.NoError(t, err)
		require.True(t, fault.HasCode(b.WriteOrder(clerk, batch.CityCode, batch.ID, house, &bytes.Buffer{}), "dues.not_approved"))
		_, err = b.SendBatch(clerk, batch.CityCode, batch.ID)
		require.True(t, fault.HasCode(err, "dues.not_approved"), "%v", err)
		_, err = b.ApproveBatch(clerk, batch.CityCode, batch.ID, batch.Version)
		require.ErrorIs(t, err, casework.ErrFourEyes)
		got := b.race(4, func(i int) error {
			_, err := b.ApproveBatch(b.finance(fmt.Sprint("approver", i), lixia), batch.CityCode, batch.ID, batch.Version)
			return err
		})
		require.Equal(t, 1, got[""], "%v", got)
		require.Equal(t, 3, got["casework.moved_on"], "%v", got)

		batch, err = b.GetBatch(clerk, batch.CityCode, batch.ID)
		require.NoError(t, err)
		_, err = b.DropBatch(clerk, batch.CityCode, batch.ID, "账户有误", batch.Version)
		require.NoError(t, err)
		got = b.race(3, func(i int) error {
			_, err := b.PrepareBatch(b.finance(fmt.Sprint("clerk", i), lixia), b.unit(lixia), "", 0)
			return err
		})
		require.Equal(t, 1, got[""], "one order for one claim: %v", got)
		b.drain()
		b.whole()
	})
}

// race runs something several times at once and counts how each came out, by the
// code of its fault.
func (b *bundle) race(n int, do func(i int) error) map[string]int {
	b.t.Helper()
	errs := make(chan error, n)
	for i := range n {
		go func() { errs <- do(i) }()
	}
	out := map[string]int{}
	for range n {
		switch err := <-errs; {
		case err == nil:
			out[""]++
		default:
			out[fault.As(err).Code]++
		}
	}
	return out
}

// A refund waits for a second look where something is odd, by somebody else than
// who made the list.
func TestSecondLook(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		clerk, second := b.finance("clerk", lixia), b.finance("second", lixia)
		var firms []taxoffice.Company
		var refs []company.Ref
		for i := range 4 {
			x, ref := b.firm(lixia, i, false, 50_000_000)
			firms, refs = append(firms, x), append(refs, ref)
			b.small(clerk, ref, []string{"1602009876543210", "1602009876543210", "", "1602009876543228"}[i])
		}
		p, err := b.GetPayer(clerk, refs[2])
		require.NoError(t, err)
		_, err = b.SetAccount(clerk, refs[2], dues.AccountInput{Name: "王小明", Kind: dues.PersonalAccount, Number: "6222021602001234567", BankAs: "中国工商银行", Version: p.Version})
		if fault.HasCode(err, "form.invalid") { // the check digit
			for n := range 10 {
				_, err = b.SetAccount(clerk, refs[2], dues.AccountInput{Name: "王小明", Kind: dues.PersonalAccount, Number: fmt.Sprintf("622202160200123456%d", n), BankAs: "中国工商银行", Version: p.Version})
				if err == nil {
					break
				}
			}
		}
		require.NoError(t, err)
		b.collected(lixia, firms, "2020-01", "2020-02")
		firms[3].PayrollFen *= 9
		b.collected(lixia, firms, "2020-03")

		lists, err := b.MakeLists(clerk, b.unit(lixia), dues.GiveBack, firstHalf())
		require.NoError(t, err)
		list := lists[0]
		claims := b.claims(clerk, list)
		holds := func(i int) []dues.Hold { return claims[refs[i].ID].Holds }
		require.Equal(t, []dues.Hold{dues.HoldShared}, holds(0))
		require.Equal(t, []dues.Hold{dues.HoldShared}, holds(1))
		require.Equal(t, []dues.Hold{dues.HoldPersonal}, holds(2))
		require.Equal(t, []dues.Hold{dues.HoldJump}, holds(3))
		require.Zero(t, list.Amount)
		b.step(second, list, "review")
		b.step(second, list, "notice")
		b.clock.Advance(14 * 24 * time.Hour)
		_, err = b.Cases.Tick(access.System(t.Context(), "test"))
		require.NoError(t, err)
		third := b.finance("third", lixia)
		require.True(t, fault.HasCode(b.tryStep(third, list, "approve"), "dues.held"))

		x := claims[refs[3].ID]
		require.ErrorIs(t, b.Look(clerk, x.CityCode, x.ID, true, "年终奖", x.Version), casework.ErrFourEyes)
		require.True(t, fault.HasCode(b.Look(second, x.CityCode, x.ID, true, " ", x.Version), "dues.reason"))
		require.NoError(t, b.Look(second, x.CityCode, x.ID, true, "三月发年终奖，有工资表", x.Version))
		for i := range 3 {
			y := claims[refs[i].ID]
			require.NoError(t, b.Look(second, y.CityCode, y.ID, false, "账户不对", y.Version))
		}
		list, _, err = b.GetRefund(clerk, list.CityCode, list.ID)
		require.NoError(t, err)
		require.Equal(t, 1, list.Claims)
		b.step(third, list, "approve")
		again, err := b.MakeLists(clerk, b.unit(lixia), dues.GiveBack, firstHalf())
		require.NoError(t, err)
		require.Len(t, b.claims(clerk, again[0]), 3, "what was struck off can be listed again")
	})
}

// E3-8: what both sides agree on is refunded at once, the rest when it has arrived,
// as a line of its own.
func TestRefundOfWhatArrived(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		clerk, officer := b.finance("clerk", lixia), b.officer("officer", lixia)
		firm, ref := b.firm(lixia, 1, false, 50_400_000)
		b.small(clerk, ref, "1602009876543210")
		office := taxoffice.New("税务所", 20_000, 3)
		office.Steady = true
		m := office.Month("2020-06", []taxoffice.Company{firm}, 0)
		f, err := b.take(clerk, lixia, m.CSV)
		require.NoError(t, err)
		came := entries(m)
		came[0].Amount = 1_000_000 // the tax office says 10,080.00
		_, err = b.Receipts(clerk, f.CityCode, f.ID, came)
		require.NoError(t, err)
		require.Equal(t, dues.AmountDiffers, b.open(clerk, f.ID)[0].Kind)
		b.sign(clerk, officer, f)
		b.drain()
		lists := b.approved(lixia, dues.GiveBack, firstHalf())
		require.EqualValues(t, 400_000, b.claims(clerk, lists[0])[ref.ID].Amount)

		late := came[0]
		late.Serial, late.Amount = "S-late", 8_000
		_, err = b.Receipts(clerk, f.CityCode, f.ID, []dues.BankEntry{late})
		require.NoError(t, err)
		b.drain()
		require.Empty(t, b.open(clerk, f.ID))
		_, err = b.Receipts(clerk, f.CityCode, f.ID, []dues.BankEntry{late})
		require.NoError(t, err, "the same entry again")
		lists = b.approved(lixia, dues.GiveBack, firstHalf())
		require.EqualValues(t, 3_200, b.claims(clerk, lists[0])[ref.ID].Amount)
		county, _ := b.Org.ByDivision(lixia)
		require.EqualValues(t, 403_200, b.balance(county.Path, "dues_payable"))
		require.Zero(t, b.balance(county.Path, "dues_suspense"))
		b.whole()
	})
}

// What a bank can say: rejections go back for another account, late and doubled
// answers change nothing twice, strange ones are kept to be asked about.
func TestBankAnswers(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		clerk := b.finance("clerk", lixia)
		firm, ref := b.firm(lixia, 1, false, 50_000_000)
		b.small(clerk, ref, "1602009876543210")
		b.collected(lixia, []taxoffice.Company{firm}, "2020-03")
		list := b.approved(lixia, dues.GiveBack, firstHalf())[0]
		county, _ := b.Org.ByDivision(lixia)
		in := b.balance(county.Path, "dues_bank")

		bad := bank.New(b.clock, 1, bank.Faults{Reject: 1, Twice: 1, Stranger: 1})
		batch := b.order(lixia)
		require.NoError(t, bad.Send(t.Context(), b.file(lixia, batch)))
		var rejected, odd int
		for _, a := range b.hear(lixia, bad) {
			if !a.Repeated {
				rejected += a.Rejected
			}
			odd += len(a.Oddities)
		}
		require.Equal(t, 1, rejected, "an answer twice is one")
		require.NotZero(t, odd, "a payment that nobody ordered")
		c := b.claims(clerk, list)[ref.ID]
		require.Equal(t, dues.ClaimBounced, c.State)
		require.Equal(t, in, b.balance(county.Path, "dues_bank"))
		_, err := b.PrepareBatch(clerk, b.unit(lixia), "", 0)
		require.True(t, fault.HasCode(err, "dues.nothing_to_pay"), "not to the account that failed: %v", err)

		p, err := b.GetPayer(clerk, ref)
		require.NoError(t, err)
		_, err = b.SetAccount(clerk, ref, dues.AccountInput{Name: p.Name + "工会", Kind: dues.UnionAccount, Number: "1602009876543228", BankAs: "齐鲁银行", Version: p.Version})
		require.NoError(t, err)
		moody := bank.New(b.clock, 2, bank.Faults{Contradict: 1})
		batch = b.order(lixia)
		text := b.file(lixia, batch)
		require.NoError(t, moody.Send(t.Context(), text))
		require.NoError(t, moody.Send(t.Context(), text), "sent again under the same number")
		require.Empty(t, moody.Doubled())
		var kinds []dues.OddityKind
		for _, a := range b.hear(lixia, moody) {
			for _, o := range a.Oddities {
				kinds = append(kinds, o.Kind)
			}
		}
		require.Equal(t, []dues.OddityKind{dues.OddReturned}, kinds, "paid, then sent back")
		require.Equal(t, dues.ClaimBounced, b.claims(clerk, list)[ref.ID].State)
		require.Equal(t, in, b.balance(county.Path, "dues_bank"))
		b.whole()

		// Late: pending first, then paid.
		p, err = b.GetPayer(clerk, ref)
		require.NoError(t, err)
		_, err = b.SetAccount(clerk, ref, dues.AccountInput{Name: p.Name + "工会", Kind: dues.UnionAccount, Number: "1602009876543236", BankAs: "齐鲁银行", Version: p.Version})
		require.NoError(t, err)
		slow := bank.New(b.clock, 3, bank.Faults{Late: 1})
		batch = b.order(lixia)
		require.NoError(t, slow.Send(t.Context(), b.file(lixia, batch)))
		answers := b.hear(lixia, slow)
		require.Equal(t, 1, answers[0].Pending)
		require.Equal(t, 1, answers[1].Settled)
		require.Equal(t, dues.ClaimPaid, b.claims(clerk, list)[ref.ID].State)
		require.Equal(t, in-400_000, b.balance(county.Path, "dues_bank"))
		b.whole()

		for _, text := range []string{"", "<xml/>", strings.Repeat("x", 100)} {
			_, err := b.TakeAnswer(clerk, "3701", strings.NewReader(text))
			require.True(t, fault.HasCode(err, "pain.report"), "%v", err)
		}
	})
}

// In a city where companies apply, nobody is listed unasked, and who is late is told.
func TestApply(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		clerk := b.finance("clerk", lixia)
		b.set("dues.source", clock.MakeDay(2020, 1, 1), "apply")
		firm, ref := b.firm(lixia, 1, false, 50_000_000)
		b.small(clerk, ref, "1602009876543210")
		own := b.boss("boss", ref)
		_, err := b.Apply(own, ref, firstHalf())
		require.True(t, fault.HasCode(err, "dues.no_payer"), "nothing collected yet: %v", err)
		b.collected(lixia, []taxoffice.Company{firm}, "2020-03")
		_, err = b.MakeLists(clerk, b.unit(lixia), dues.GiveBack, firstHalf())
		require.True(t, fault.HasCode(err, "dues.apply_mode"), "%v", err)
		r, err := b.Apply(own, ref, firstHalf())
		require.NoError(t, err)
		require.EqualValues(t, 400_000, r.Amount)
		_, err = b.Apply(own, ref, firstHalf())
		require.True(t, fault.HasCode(err, "dues.nothing_due"), "%v", err)
		b.step(clerk, r, "return")
		_, k, err := b.GetRefund(own, r.CityCode, r.ID)
		require.NoError(t, err)
		_, err = b.Resubmit(own, r.Ref(), k.Version)
		require.NoError(t, err)
		b.step(clerk, r, "return")
		b.clock.Advance(14 * 24 * time.Hour)
		_, err = b.Cases.Tick(access.System(t.Context(), "test"))
		require.NoError(t, err)
		_, k, err = b.GetRefund(clerk, r.CityCode, r.ID)
		require.NoError(t, err)
		require.Equal(t, "lapsed", k.State)
		_, err = b.Apply(own, ref, firstHalf())
		require.NoError(t, err, "what lapsed can be applied for again in time")

		// E3-9: by 30 June of the next year.
		b.clock.Set(time.Date(2021, 6, 30, 12, 0, 0, 0, time.FixedZone("", 8*3600)))
		_, err = b.Apply(own, ref, dues.HalfYear(2020, 2))
		require.True(t, fault.HasCode(err, "dues.nothing_due"), "%v", err)
		b.clock.Advance(24 * time.Hour)
		_, err = b.Apply(own, ref, dues.HalfYear(2020, 2))
		require.True(t, fault.HasCode(err, "dues.too_late"), "%v", err)
		other := access.Enter(t.Context(), access.Actor{Kind: access.KindWorker, AccountID: "other"})
		_, err = b.Apply(other, ref, firstHalf())
		require.True(t, fault.IsKind(err, fault.Forbidden), "%v", err)
	})
}

// What a company sees: what was collected, what comes back, why not, and its
// objection with the county's answer. Nobody sees another's.
func TestCompanyDues(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		clerk := b.finance("clerk", lixia)
		firm, ref := b.firm(lixia, 1, false, 50_000_000)
		own := b.boss("boss", ref)
		x, err := b.CompanyDues(own, ref)
		require.NoError(t, err)
		require.Empty(t, x.Months)
		require.False(t, x.Eligible, "nobody has classified it")
		b.collected(lixia, []taxoffice.Company{firm}, "2020-03", "2022-01")
		x, err = b.CompanyDues(own, ref)
		require.NoError(t, err)
		require.EqualValues(t, 2_000_000, x.Paid)
		require.Zero(t, x.Due)
		met := map[string]string{}
		for _, l := range x.Conditions {
			met[l.Name] = string(l.Truth)
		}
		require.Equal(t, map[string]string{"small": "false", "independent": "true", "union": "true"}, met)

		_, err = b.Appeal(own, ref, " ")
		require.True(t, fault.HasCode(err, "dues.reason"), "%v", err)
		k, err := b.Appeal(own, ref, "我们只有 20 个人，是小型企业")
		require.NoError(t, err)
		_, err = b.Appeal(own, ref, "再提一次")
		require.True(t, fault.HasCode(err, "dues.appeal_waits"), "%v", err)
		_, err = b.WithdrawAppeal(b.boss("other", company.Ref{City: ref.City, ID: "other"}), k.Ref(), k.Version)
		require.Error(t, err)
		_, err = b.WithdrawAppeal(own, k.Ref(), k.Version)
		require.NoError(t, err)
		k, err = b.Appeal(own, ref, "我们只有 20 个人，是小型企业")
		require.NoError(t, err)
		a, err := b.GetAppeal(clerk, k.Ref())
		require.NoError(t, err)
		require.Equal(t, "我们只有 20 个人，是小型企业", a.Text)
		_, err = b.AnswerAppeal(clerk, k.Ref(), true, "年报核实", a.Version)
		require.NoError(t, err)
		b.small(clerk, ref, "1602009876543210")
		x, err = b.CompanyDues(own, ref)
		require.NoError(t, err)
		require.True(t, x.Eligible)
		require.EqualValues(t, 400_000, x.Due, "E3-7: January 2022 is no month of the refund")
		require.Equal(t, "upheld", x.Appeals[0].State)

		_, err = b.CompanyDues(b.boss("other", company.Ref{City: ref.City, ID: "other"}), ref)
		require.True(t, fault.IsKind(err, fault.Forbidden), "%v", err)
		_, err = b.Appeal(clerk, ref, "x")
		require.True(t, fault.IsKind(err, fault.Forbidden), "%v", err)
		_, err = b.GetAppeal(b.finance("sister", "370104"), k.Ref())
		require.True(t, fault.IsKind(err, fault.NotFound), "%v", err)
	})
}

// boss is somebody who acts for a company.
func (b *bundle) boss(name string, ref company.Ref) context.Context {
	return access.Enter(b.t.Context(), access.Actor{Kind: access.KindWorker, AccountID: name, Name: name, Grants: []access.Grant{
		{Role: access.RoleCompany, CompanyID: ref.ID, CompanyCity: ref.City, Caps: []access.Capability{access.DuesOwn}},
	}})
}

// A township looks the companies of its own streets through, sees where its list
// goes afterwards, and nothing of the next township's.
func TestTownship(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		clerk := b.finance("clerk", lixia)
		county, _ := b.Org.ByDivision(lixia)
		towns := b.Org.Children(county.ID)
		var firms []taxoffice.Company
		for i, town := range towns[:2] {
			x := taxoffice.Company{CreditCode: taxoffice.CreditCode(fmt.Sprintf("91%sMA5%06d", lixia, 700+i)), Name: fmt.Sprintf("街道第%d制造有限公司", i), PayrollFen: 50_000_000}
			known, err := b.Companies.EnsureListed(access.System(t.Context(), "test"), []company.Listed{{CreditCode: x.CreditCode, Name: x.Name, DivisionCode: town.DivisionCode}})
			require.NoError(t, err)
			ref := company.Ref{City: known[0].CityCode, ID: known[0].ID}
			require.NoError(t, b.EnsurePayers(t.Context(), []company.Ref{ref}))
			b.small(clerk, ref, fmt.Sprintf("16020098765432%02d", i))
			firms = append(firms, x)
		}
		b.collected(lixia, firms, "2020-03")
		lists, err := b.MakeLists(clerk, county.ID, dues.GiveBack, firstHalf())
		require.NoError(t, err)
		require.Len(t, lists, 2, "one for each township")
		town := b.somebody("town", towns[0].DivisionCode, access.DuesReview)
		own, err := b.DeskRefunds(town, page.Request{})
		require.NoError(t, err)
		require.Len(t, own.Items, 1)
		require.Equal(t, "submitted", own.Items[0].State)
		mine := own.Items[0].Refund
		other := lists[0]
		if other.ID == mine.ID {
			other = lists[1]
		}
		_, _, err = b.GetRefund(town, other.CityCode, other.ID)
		require.True(t, fault.HasCode(err, "dues.no_refund"), "%v", err)
		b.step(town, mine, "review")
		_, k, err := b.GetRefund(town, mine.CityCode, mine.ID)
		require.NoError(t, err)
		require.Equal(t, "reviewed", k.State)
		events, err := b.RefundHistory(town, mine.CityCode, mine.ID)
		require.NoError(t, err)
		require.Len(t, events, 2)
		require.Error(t, b.tryStep(town, mine, "notice"), "that is the county's")
		for _, c := range b.claims(town, mine) {
			require.True(t, fault.IsKind(b.Strike(town, c.CityCode, c.ID, "太晚了", c.Version), fault.Forbidden))
		}
		own, err = b.DeskRefunds(town, page.Request{})
		require.NoError(t, err)
		require.Equal(t, "reviewed", own.Items[0].State)
	})
}

// The founding of a union is heard from whoever organises it, and its fund is free.
func TestUnionFoundedBySignal(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		clerk := b.finance("clerk", lixia)
		firm, ref := b.firm(lixia, 1, true, 6_000_000)
		b.small(clerk, ref, "1602009876543210")
		b.collected(lixia, []taxoffice.Company{firm}, "2020-03")
		lists, err := b.MakeLists(clerk, b.unit(lixia), dues.GiveBack, firstHalf())
		require.NoError(t, err)
		require.Empty(t, lists, "the fund waits for its union")
		for _, id := range []string{ref.ID, ref.ID, "unknown"} {
			_, err = b.Signals.Emit(t.Context(), signal.Signal{City: ref.City, Kind: dues.SignalFounded, CompanyID: id, Payload: dues.Founded{
				CompanyCity: ref.City, CompanyID: id, On: clock.MakeDay(2020, 7, 1), Approval: "历工批〔2020〕7号",
			}})
			require.NoError(t, err)
		}
		b.drain()
		p, err := b.GetPayer(clerk, ref)
		require.NoError(t, err)
		require.Equal(t, "历工批〔2020〕7号", p.UnionApproval)
		lists, err = b.MakeLists(clerk, b.unit(lixia), dues.GiveBack, firstHalf())
		require.NoError(t, err)
		require.EqualValues(t, 120_000, b.claims(clerk, lists[0])[ref.ID].Amount)
	})
}
