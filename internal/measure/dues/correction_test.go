package dues_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
	"gonghui/internal/simulator/taxoffice"
)

// lines gives the lines of a file by voucher.
func (b *bundle) lines(ctx context.Context, f dues.File, text string) map[string]dues.FileLine {
	b.t.Helper()
	p, err := b.ListLines(ctx, f.CityCode, f.ID, text, page.Request{Limit: 100})
	require.NoError(b.t, err)
	out := map[string]dues.FileLine{}
	for _, l := range p.Items {
		out[l.Voucher] = l
	}
	return out
}

func (b *bundle) standing(ctx context.Context, f dues.File) dues.Standing {
	b.t.Helper()
	v, err := b.ViewFile(ctx, f.CityCode, f.ID)
	require.NoError(b.t, err)
	return v.Standing
}

func want(l dues.FileLine) dues.Stand {
	return dues.Stand{CreditCode: l.CreditCode, Name: l.Name, Item: l.Item, Month: l.Month, Payroll: l.Payroll, Paid: l.Paid}
}

// The tax office asks, the union decides: a line is taken back and set anew, what
// was open of it is cleared, what is open of the new one is opened, and those who
// had signed sign again.
func TestCorrection(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		clerk, officer := b.clerk("clerk", "370102"), b.officer("officer", "370102")
		m := taxoffice.New("历下税务所", 20_000, 1).Month("2020-06", b.register("370102", 20), 4)
		f, err := b.take(clerk, "370102", m.CSV)
		require.NoError(t, err)
		_, err = b.Receipts(clerk, f.CityCode, f.ID, entries(m))
		require.NoError(t, err)
		var under dues.OpenBreak
		for _, x := range b.open(clerk, f.ID) {
			if x.Kind == dues.Underpaid {
				under = x
			}
		}
		line := b.lines(clerk, f, under.Voucher)[under.Voucher]
		require.NotNil(t, line.Arrived)
		require.Nil(t, b.lines(officer, f, under.Voucher)[under.Voucher].Arrived, "the union's money")
		right := want(line)
		right.Paid = line.Due
		ask := func(ctx context.Context, in dues.CorrectionInput) (dues.Correction, error) {
			return b.AskCorrection(ctx, f.CityCode, f.ID, in)
		}
		good := dues.CorrectionInput{Voucher: " " + line.Voucher, Want: right, Reason: "入库后补记"}

		for field, spoil := range map[string]func(*dues.CorrectionInput){
			"voucher":     func(in *dues.CorrectionInput) { in.Voucher = "337" },
			"reason":      func(in *dues.CorrectionInput) { in.Reason = " " },
			"item":        func(in *dues.CorrectionInput) { in.Want.Item = "x" },
			"month":       func(in *dues.CorrectionInput) { in.Want.Month = clock.MakeDay(2020, 6, 2) },
			"payroll":     func(in *dues.CorrectionInput) { in.Want.Payroll = -1 },
			"paid":        func(in *dues.CorrectionInput) { in.Want = want(line) }, // nothing changes
			"credit_code": func(in *dues.CorrectionInput) { in.Want.CreditCode, in.Want.Name = "", "" },
		} {
			in := good
			spoil(&in)
			_, err := ask(officer, in)
			require.True(t, fault.HasCode(err, "form.invalid"), "%s: %v", field, err)
			require.Equal(t, field, fault.As(err).Fields[0].Name)
		}
		_, err = ask(clerk, good)
		require.True(t, fault.HasCode(err, "access.denied"), "%v", err)
		_, err = ask(b.officer("sister", "370202"), good)
		require.True(t, fault.HasCode(err, "dues.no_file"), "%v", err)
		c, err := ask(officer, good)
		require.NoError(t, err)
		require.Equal(t, want(line), c.Was)
		_, err = ask(officer, good)
		require.True(t, fault.HasCode(err, "dues.correction_waits"), "%v", err)

		_, err = b.AnswerCorrection(officer, c.CityCode, c.ID, true, "", c.Version)
		require.True(t, fault.HasCode(err, "access.denied"), "%v", err)
		_, err = b.AnswerCorrection(b.clerk("sister", "370202"), c.CityCode, c.ID, true, "", c.Version)
		require.True(t, fault.HasCode(err, "dues.no_correction"), "%v", err)
		_, err = b.AnswerCorrection(clerk, c.CityCode, c.ID, false, " ", c.Version)
		require.True(t, fault.HasCode(err, "dues.reason"), "%v", err)
		f, err = b.GetFile(clerk, f.CityCode, f.ID)
		require.NoError(t, err)
		f, err = b.SignFile(officer, f.CityCode, f.ID, dues.TaxSide, f.Version)
		require.NoError(t, err)
		before := b.standing(clerk, f)

		// Two clerks accept at once: one pair of lines.
		var wg sync.WaitGroup
		errs := make([]error, 3)
		for i := range errs {
			ctx := b.clerk(fmt.Sprint("clerk", i), "370102")
			wg.Go(func() { _, errs[i] = b.AnswerCorrection(ctx, c.CityCode, c.ID, true, "同意", c.Version) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else {
				require.True(t, fault.HasCode(err, "casework.moved_on"), "%v", err)
			}
		}
		require.Equal(t, 1, won)
		after := b.lines(clerk, f, line.Voucher)
		require.Len(t, after, 3)
		require.False(t, after[line.Voucher].Live)
		back, now := after[line.Voucher+"#1"], after[line.Voucher+"#2"]
		require.True(t, back.Reverses)
		require.Equal(t, -line.Paid, back.Paid)
		require.Equal(t, right, want(now))
		require.True(t, now.Live && now.Corrects)
		sums := b.standing(clerk, f)
		require.Equal(t, before.Paid+right.Paid-line.Paid, sums.Paid)
		require.Equal(t, before.Rows, sums.Rows)
		forTax := b.standing(officer, f)
		require.Zero(t, forTax.Arrived)
		f, err = b.GetFile(clerk, f.CityCode, f.ID)
		require.NoError(t, err)
		require.Empty(t, f.TaxBy, "what was signed stands no more")

		// Underpaid is cleared; the account, which has the smaller amount, now differs.
		kinds := map[dues.BreakKind]money.Fen{}
		for _, x := range b.open(clerk, f.ID) {
			if x.Voucher == line.Voucher || x.Voucher == now.Voucher {
				kinds[x.Kind] = x.Difference
			}
		}
		require.Equal(t, map[dues.BreakKind]money.Fen{dues.AmountDiffers: right.Paid - line.Paid}, kinds)
		_, err = b.Receipts(clerk, f.CityCode, f.ID, []dues.BankEntry{{Serial: "late", Receipt: dues.Receipt{Voucher: "other", Amount: 5, On: clock.MakeDay(2020, 7, 1)}}})
		require.NoError(t, err)
		require.Equal(t, line.Paid, *b.lines(clerk, f, now.Voucher)[now.Voucher].Arrived, "what arrived for the voucher stands on the line that stands")

		// The right amount was the first one: back again, under the same voucher.
		c, err = ask(officer, dues.CorrectionInput{Voucher: line.Voucher, Want: want(line), Reason: "更正有误"})
		require.NoError(t, err)
		_, err = b.AnswerCorrection(clerk, c.CityCode, c.ID, true, "", c.Version)
		require.NoError(t, err)
		after = b.lines(clerk, f, line.Voucher)
		require.Len(t, after, 5)
		require.True(t, after[line.Voucher+"#4"].Live)
		for _, x := range b.open(clerk, f.ID) {
			require.NotEqual(t, dues.AmountDiffers, x.Kind, "the account agrees again")
		}

		// Nothing is to stand: the money on the account has no line any more.
		c, err = ask(officer, dues.CorrectionInput{Voucher: line.Voucher, Void: true, Reason: "误收，已退"})
		require.NoError(t, err)
		_, err = b.AnswerCorrection(clerk, c.CityCode, c.ID, true, "", c.Version)
		require.NoError(t, err)
		union := 0
		for _, x := range b.open(clerk, f.ID) {
			if x.Kind == dues.UnionOnly && x.Voucher == line.Voucher {
				union++
			}
		}
		require.Equal(t, 1, union)
		_, err = ask(officer, good)
		require.True(t, fault.HasCode(err, "form.invalid"), "no line stands: %v", err)

		list, err := b.ListCorrections(officer, f.ID, "", page.Request{})
		require.NoError(t, err)
		require.Len(t, list.Items, 3)
		require.Equal(t, want(line), list.Items[2].Was)
		list, err = b.ListCorrections(b.officer("sister", "370202"), f.ID, "", page.Request{})
		require.NoError(t, err)
		require.Empty(t, list.Items)

		// One that is declined changes nothing, and its line may be asked for again.
		other := m.Seeded[0].Voucher
		c, err = ask(officer, dues.CorrectionInput{Voucher: other, Void: true, Reason: "x"})
		require.NoError(t, err)
		_, err = b.AnswerCorrection(clerk, c.CityCode, c.ID, false, "凭证齐全，不更正", c.Version)
		require.NoError(t, err)
		require.Len(t, b.lines(clerk, f, other), 1)
		c, err = ask(officer, dues.CorrectionInput{Voucher: other, Void: true, Reason: "x"})
		require.NoError(t, err)

		// Both sides sign: what is in the books is corrected in the books.
		f, err = b.GetFile(clerk, f.CityCode, f.ID)
		require.NoError(t, err)
		f, err = b.SignFile(clerk, f.CityCode, f.ID, dues.UnionSide, f.Version)
		require.NoError(t, err)
		_, err = b.SignFile(officer, f.CityCode, f.ID, dues.TaxSide, f.Version)
		require.NoError(t, err)
		b.drain()
		unit, _ := b.Org.ByDivision("370102")
		suspense := b.balance(unit.Path, "dues_suspense")
		counted := money.Fen(0)
		for _, l := range b.lines(clerk, f, other) {
			if l.Arrived != nil {
				counted = min(l.Paid, *l.Arrived)
			}
		}
		_, err = b.AnswerCorrection(clerk, c.CityCode, c.ID, true, "", c.Version)
		require.NoError(t, err)
		b.drain()
		require.Equal(t, suspense+counted, b.balance(unit.Path, "dues_suspense"), "the money has no line any more")
		f, err = b.GetFile(clerk, f.CityCode, f.ID)
		require.NoError(t, err)
		require.Equal(t, dues.FileSigned, f.State)
		b.whole()
	})
}

// What an office sends anew under the same month: lines only in one of the two
// files, and lines that differ.
func TestDifferencesOfTwoSubmissions(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		clerk, officer := b.clerk("clerk", "370102"), b.officer("officer", "370102")
		m := taxoffice.New("历下税务所", 20_000, 1).Month("2020-06", b.register("370102", 12), 0)
		first, err := b.take(clerk, "370102", m.CSV)
		require.NoError(t, err)
		require.Equal(t, "2020-06-01", first.From.String())
		require.Equal(t, first.From, first.To)

		rows := strings.Split(strings.TrimSpace(m.CSV), "\r\n")
		changed := strings.Split(rows[1], ",")
		was, err := money.Parse(changed[8])
		require.NoError(t, err)
		changed[8] = (was + 100).Plain()
		dropped, added := strings.Split(rows[2], ","), strings.Split(rows[2], ",")
		added[9] = "337200600000009999"
		total := strings.Split(rows[13], ",")
		sum, err := money.Parse(total[8])
		require.NoError(t, err)
		total[8] = (sum + 100).Plain()
		rows[1], rows[2], rows[13] = strings.Join(changed, ","), strings.Join(added, ","), strings.Join(total, ",")
		second, err := b.take(clerk, "370102", strings.Join(rows, "\r\n")+"\r\n")
		require.NoError(t, err)
		require.EqualValues(t, 11, second.Report.Repeated)

		v, err := b.ViewFile(officer, first.CityCode, first.ID)
		require.NoError(t, err)
		require.Len(t, v.Others, 1)
		require.Equal(t, second.ID, v.Others[0].ID)
		got := map[string]dues.Difference{}
		after := page.Cursor("")
		for {
			p, err := b.Differences(officer, first.CityCode, first.ID, second.ID, page.Request{After: after, Limit: 2})
			require.NoError(t, err)
			for _, x := range p.Items {
				got[x.Voucher] = x
			}
			if after = p.Next; after == "" {
				break
			}
		}
		require.Len(t, got, 3)
		require.Equal(t, was, got[changed[9]].A.Paid)
		require.Equal(t, was+100, got[changed[9]].B.Paid)
		require.Nil(t, got[dropped[9]].B)
		require.Nil(t, got[added[9]].A)
		require.Equal(t, "2020-06-01", got[added[9]].B.Month.String())
		_, err = b.Differences(b.officer("sister", "370202"), first.CityCode, first.ID, second.ID, page.Request{})
		require.True(t, fault.HasCode(err, "dues.no_file"), "%v", err)
	})
}

func TestBreakAges(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		clerk := b.clerk("clerk", "370102")
		office := taxoffice.New("历下税务所", 20_000, 1)
		firms := b.register("370102", 30)
		b.register("370202", 1)
		var files []dues.File
		for i, month := range []string{"2020-05", "2020-06", "2020-07"} {
			f, err := b.take(clerk, "370102", office.Month(month, firms, 6).CSV)
			require.NoError(t, err)
			files = append(files, f)
			b.clock.Advance([]time.Duration{24, 8, 0}[i] * 24 * time.Hour)
		}
		// 32 days, 8 days, today.
		ages, err := b.BreakAges(clerk, dues.BreakFilter{})
		require.NoError(t, err)
		total := dues.BreakAge{}
		for _, a := range ages {
			require.Equal(t, [3]int64{1, 1, 1}, [3]int64{a.Overdue, a.Older, a.Week}, a.Kind)
			total.Overdue, total.Older, total.Week = total.Overdue+a.Overdue, total.Older+a.Older, total.Week+a.Week
		}
		require.EqualValues(t, 18, total.All())
		ages, err = b.BreakAges(clerk, dues.BreakFilter{FileID: files[2].ID})
		require.NoError(t, err)
		for _, a := range ages {
			require.Equal(t, a.Week, a.All())
		}
		late, err := b.ListBreaks(clerk, dues.BreakFilter{Overdue: true, State: dues.BreakOpen}, page.Request{Limit: 50})
		require.NoError(t, err)
		require.Len(t, late.Items, 6)
		require.NotEmpty(t, late.Items[0].Name)
		for kind, f := range map[string]dues.BreakFilter{"kind": {Kind: "x"}, "state": {State: "x"}} {
			_, err = b.ListBreaks(clerk, f, page.Request{})
			require.True(t, fault.HasCode(err, "casework.filter"), "%s: %v", kind, err)
		}
		one, err := b.ListBreaks(clerk, dues.BreakFilter{Text: " " + late.Items[0].Voucher}, page.Request{})
		require.NoError(t, err)
		require.Equal(t, late.Items[0].ID, one.Items[0].ID)
		none, err := b.BreakAges(clerk, dues.BreakFilter{Unit: b.unit("370202")})
		require.NoError(t, err)
		require.Empty(t, none, "the sister's part is none of the scope")
		none, err = b.BreakAges(b.officer("sister", "370202"), dues.BreakFilter{})
		require.NoError(t, err)
		require.Empty(t, none)
	})
}
