package dues_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
	"gonghui/internal/simulator/taxoffice"
)

// From the tax office's file to a frozen batch: each seeded fault is a break,
// nothing else is, and the totals are those of the file.
func TestCollection(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		firms := b.register("370102", 60)
		clerk, colleague := b.clerk("clerk", "370102"), b.clerk("colleague", "370102")
		m := taxoffice.New("历下税务所", 20_000, 1).Month("2020-06", firms, 18)
		f, err := b.take(clerk, "370102", m.CSV)
		require.NoError(t, err)
		require.Equal(t, dues.FileTaken, f.State)
		require.EqualValues(t, m.Rows, f.Report.Rows)
		require.Equal(t, f.Report.Rows, f.Report.Lines+f.Report.Failed+f.Report.Repeated)
		require.EqualValues(t, 2, f.Report.Repeated, "a line twice is refused")
		_, err = b.Receipts(clerk, f.CityCode, f.ID, entries(m))
		require.NoError(t, err)
		again, err := b.Receipts(clerk, f.CityCode, f.ID, entries(m))
		require.NoError(t, err)

		var want, got []string
		for _, s := range m.Seeded {
			want = append(want, string(s.Fault)+" "+s.Voucher)
		}
		breaks := b.open(clerk, f.ID)
		for _, x := range breaks {
			got = append(got, string(x.Kind)+" "+x.Voucher)
			require.Equal(t, "2020-08-19", x.DueOn.String())
		}
		slices.Sort(want)
		slices.Sort(got)
		require.Equal(t, want, got)
		require.EqualValues(t, len(breaks), again.Breaks, "the same entries again open nothing")

		// Open breaks stop no signature; the sides are two people with two rights.
		officer := b.officer("officer", "370102")
		f, err = b.GetFile(officer, f.CityCode, f.ID)
		require.NoError(t, err)
		_, err = b.SignFile(officer, f.CityCode, f.ID, dues.UnionSide, f.Version)
		require.True(t, fault.HasCode(err, "access.denied"), "%v", err)
		_, err = b.SignFile(clerk, f.CityCode, f.ID, dues.TaxSide, f.Version)
		require.True(t, fault.HasCode(err, "access.denied"), "%v", err)
		both := b.somebody("both", "370102", access.DuesCollect, access.DuesTax)
		f, err = b.SignFile(both, f.CityCode, f.ID, dues.UnionSide, f.Version)
		require.NoError(t, err)
		_, err = b.SignFile(both, f.CityCode, f.ID, dues.TaxSide, f.Version)
		require.True(t, fault.HasCode(err, "dues.same_signer"), "%v", err)
		_, err = b.SignFile(officer, f.CityCode, f.ID, dues.TaxSide, f.Version-1)
		require.True(t, fault.HasCode(err, "casework.moved_on"), "%v", err)
		f, err = b.SignFile(officer, f.CityCode, f.ID, dues.TaxSide, f.Version)
		require.NoError(t, err)
		require.Equal(t, dues.FileSigned, f.State)
		require.Equal(t, b.clock.Now(), f.TaxAt)

		// What was open when they signed is cleared afterwards.
		for _, x := range breaks {
			require.True(t, fault.HasCode(b.ClearBreak(officer, x.CityCode, x.ID, dues.BreakCleared, "x", x.Version), "access.denied"))
			require.True(t, fault.HasCode(b.ClearBreak(clerk, x.CityCode, x.ID, dues.BreakCleared, " ", x.Version), "dues.reason"))
			require.NoError(t, b.ClearBreak(clerk, x.CityCode, x.ID, dues.BreakCleared, "与税务所核对", x.Version))
			err := b.ClearBreak(colleague, x.CityCode, x.ID, dues.BreakWrittenOff, "x", x.Version)
			require.True(t, fault.HasCode(err, "casework.moved_on"), "two clerks at one break: %v", err)
		}

		// The tax office is told neither the union's money nor how it cleared up.
		p, err := b.ListBreaks(officer, dues.BreakFilter{FileID: f.ID, State: dues.BreakCleared}, page.Request{Limit: 50})
		require.NoError(t, err)
		require.Len(t, p.Items, len(breaks))
		for _, x := range p.Items {
			require.Empty(t, x.Note)
			require.Equal(t, x.Kind == dues.UnionOnly || x.Kind == dues.AmountDiffers, x.Hidden)
			require.Equal(t, x.Hidden, x.Difference == 0, x.Kind)
		}
	})
}

// Two clerks sign at once, and two clear the same break: one is told that somebody
// was quicker.
func TestAtOnce(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		m := taxoffice.New("历下税务所", 20_000, 1).Month("2020-06", b.register("370102", 20), 5)
		clerk := b.clerk("clerk", "370102")
		f, err := b.take(clerk, "370102", m.CSV)
		require.NoError(t, err)
		broken := b.open(clerk, f.ID)[0]
		for name, do := range map[string]func(context.Context) error{
			"sign": func(ctx context.Context) error {
				_, err := b.SignFile(ctx, f.CityCode, f.ID, dues.UnionSide, f.Version)
				return err
			},
			"clear": func(ctx context.Context) error {
				return b.ClearBreak(ctx, broken.CityCode, broken.ID, dues.BreakCleared, "已核对", broken.Version)
			},
		} {
			var wg sync.WaitGroup
			errs := make([]error, 4)
			for i := range errs {
				ctx := b.clerk(fmt.Sprint("clerk", i), "370102")
				wg.Go(func() { errs[i] = do(ctx) })
			}
			wg.Wait()
			won := 0
			for _, err := range errs {
				if err == nil {
					won++
				} else {
					require.True(t, fault.HasCode(err, "casework.moved_on"), "%s: %v", name, err)
				}
			}
			require.Equal(t, 1, won, name)
		}
	})
}

func TestFilesThatAreRefused(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		lixia := b.register("370102", 20)
		shinan := b.register("370202", 20)
		clerk := b.clerk("clerk", "370102")
		m := taxoffice.New("历下税务所", 20_000, 1).Month("2020-06", lixia, 0)
		other := taxoffice.New("市南税务所", 20_000, 2).Month("2020-06", shinan, 0)
		for code, text := range map[string]string{
			"dues.no_totals":    m.CSV[:len(m.CSV)/2],
			"dues.totals":       strings.Replace(m.CSV, "合计,共20户", "合计,共21户", 1),
			"dues.other_county": other.CSV,
			"dues.after_totals": m.CSV + m.CSV[strings.Index(m.CSV, "\n")+1:],
		} {
			_, err := b.take(clerk, "370102", text)
			require.True(t, fault.HasCode(err, code), "%s: %v", code, err)
		}
		list, err := b.ListFiles(clerk, page.Request{})
		require.NoError(t, err)
		require.Empty(t, list.Items, "nothing is written of a file that is refused")

		f, err := b.take(clerk, "370102", m.CSV)
		require.NoError(t, err)
		_, err = b.take(clerk, "370102", m.CSV)
		require.True(t, fault.HasCode(err, "dues.same_file"), "%v", err)

		// One line changed: the others stand already, the changed one is a break.
		row := strings.Split(m.CSV, "\r\n")[1]
		cells := strings.Split(row, ",")
		cells[9] += "9"
		changed, err := b.take(clerk, "370102", strings.Replace(m.CSV, row, strings.Join(cells, ","), 1))
		require.NoError(t, err)
		require.Equal(t, dues.FileReport{Rows: 20, Lines: 1, Repeated: 19, Breaks: 19}, changed.Report)

		// Sisters see nothing and can do nothing; nobody without the right can.
		sister := b.clerk("sister", "370202")
		_, err = b.GetFile(sister, f.CityCode, f.ID)
		require.True(t, fault.HasCode(err, "dues.no_file"), "%v", err)
		_, err = b.SignFile(sister, f.CityCode, f.ID, dues.UnionSide, f.Version)
		require.True(t, fault.HasCode(err, "dues.no_file"), "%v", err)
		_, err = b.Receipts(sister, f.CityCode, f.ID, nil)
		require.True(t, fault.HasCode(err, "dues.no_file"), "%v", err)
		require.Empty(t, b.open(sister, f.ID))
		taxSister := b.officer("tax sister", "370202")
		_, err = b.GetFile(taxSister, f.CityCode, f.ID)
		require.True(t, fault.HasCode(err, "dues.no_file"), "%v", err)
		_, err = b.SignFile(taxSister, f.CityCode, f.ID, dues.TaxSide, f.Version)
		require.True(t, fault.HasCode(err, "dues.no_file"), "%v", err)
		require.Empty(t, b.open(taxSister, f.ID))
		_, err = b.TakeFile(b.officer("tax", "370102"), b.unit("370102"), strings.NewReader("x"), 1, dues.FileOptions{Name: "x.csv"})
		require.True(t, fault.HasCode(err, "access.denied"), "%v", err)
		for _, x := range b.open(clerk, changed.ID)[:1] {
			err := b.ClearBreak(sister, x.CityCode, x.ID, dues.BreakCleared, "x", x.Version)
			require.True(t, fault.HasCode(err, "dues.no_break"), "%v", err)
		}
		_, err = b.TakeFile(sister, b.unit("370102"), strings.NewReader(m.CSV), int64(len(m.CSV)), dues.FileOptions{Name: "x.csv"})
		require.True(t, fault.HasCode(err, "access.denied"), "%v", err)
		_, err = b.ListFiles(t.Context(), page.Request{})
		require.True(t, fault.IsKind(err, fault.Unauthenticated), "%v", err)
	})
}

// What a crash interrupted goes on with the same file: nothing is lost, nothing
// is doubled, and the error file tells of all rows.
func TestFileGoesOnAfterACrash(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		clerk := b.clerk("clerk", "370102")
		m := taxoffice.New("历下税务所", 20_000, 1).Month("2020-06", b.register("370102", 12_000), 90)
		broken := strings.Replace(m.CSV, "2020-06,", "2020-66,", 1)
		// the bad row counts against the totals with nothing: state what is left
		rows := strings.Split(broken, "\r\n")
		cells := strings.Split(rows[1], ",")
		total := strings.Split(rows[len(rows)-2], ",")
		total[5], total[8] = less(t, total[5], cells[5]), less(t, total[8], cells[8])
		rows[len(rows)-2] = strings.Join(total, ",")
		text := strings.Join(rows, "\r\n")

		stop := errors.New("the machine is switched off")
		take := func(commit func(dues.FileReport) error, errs *bytes.Buffer) (dues.File, error) {
			return b.TakeFile(clerk, b.unit("370102"), strings.NewReader(text), int64(len(text)), dues.Commit(dues.FileOptions{Name: "tax.csv", Errors: errs}, commit))
		}
		chunks := 0
		_, err := take(func(dues.FileReport) error {
			if chunks++; chunks == 2 {
				return stop
			}
			return nil
		}, &bytes.Buffer{})
		require.ErrorIs(t, err, stop)
		list, err := b.ListFiles(clerk, page.Request{})
		require.NoError(t, err)
		require.Equal(t, dues.FileRunning, list.Items[0].State)
		require.EqualValues(t, 5000, list.Items[0].Report.Rows)
		b.set("dues.rate", clock.MakeDay(2020, 6, 1), "1")
		var errs bytes.Buffer
		f, err := take(nil, &errs)
		require.NoError(t, err)
		require.Equal(t, dues.FileTaken, f.State)
		require.EqualValues(t, m.Rows, f.Report.Rows)
		require.EqualValues(t, 1, f.Report.Failed)
		require.EqualValues(t, 10, f.Report.Repeated)
		require.Equal(t, 2, strings.Count(errs.String(), "\n"), "a heading and one row: %s", errs.String())
		require.Len(t, b.open(clerk, f.ID), int(f.Report.Breaks))
		require.Less(t, f.Report.Breaks, int64(100), "what was begun under some rules ends under them")
	})
}

func less(t *testing.T, sum, part string) string {
	t.Helper()
	a, err := money.Parse(sum)
	require.NoError(t, err)
	x, err := money.Parse(part)
	require.NoError(t, err)
	return (a - x).Plain()
}

// Two clerks send the same file at once: one takes it, the other is told.
func TestSameFileAtOnce(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		m := taxoffice.New("历下税务所", 20_000, 1).Month("2020-06", b.register("370102", 50), 5)
		var wg sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			ctx := b.clerk(fmt.Sprint("clerk", i), "370102")
			wg.Go(func() { _, errs[i] = b.take(ctx, "370102", m.CSV) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			require.True(t, fault.HasCode(err, "dues.same_file") || fault.HasCode(err, "casework.moved_on"), "%v", err)
		}
		require.Positive(t, won)
		list, err := b.ListFiles(b.clerk("clerk", "370102"), page.Request{})
		require.NoError(t, err)
		require.Len(t, list.Items, 1)
		require.EqualValues(t, m.Rows, list.Items[0].Report.Rows)
	})
}
