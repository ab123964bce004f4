package dues_test

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/dues"
	"gonghui/internal/simulator/taxoffice"
)

// A clerk sends a file and goes on; a job takes it in under the clerk's name.
func TestIntake(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		clerk := b.clerk("clerk", "370102")
		m := taxoffice.New("历下税务所", 20_000, 1).Month("2020-06", b.register("370102", 30), 9)
		job := db.SystemScope(t.Context(), "job:"+dues.JobIntake)
		run := func(in dues.Intake, err error) dues.Intake {
			require.NoError(t, err)
			require.Equal(t, dues.IntakeRunning, in.State)
			require.NoError(t, b.RunIntake(job, in.CityCode, in.ID))
			require.NoError(t, b.RunIntake(job, in.CityCode, in.ID), "twice changes nothing more")
			in, err = b.GetIntake(clerk, in.CityCode, in.ID)
			require.NoError(t, err)
			return in
		}
		in := run(b.SendFile(clerk, b.unit("370102"), `C:\tax\6月.csv`, strings.NewReader(m.CSV)))
		require.Equal(t, dues.IntakeDone, in.State, in.Problem)
		require.Equal(t, "6月.csv", in.Name)
		f, err := b.GetFile(clerk, in.CityCode, in.FileID)
		require.NoError(t, err)
		require.Equal(t, f.Report, in.Report)
		require.Equal(t, "clerk", f.CreatedBy)
		_, err = b.SendFile(clerk, b.unit("370102"), "tax.csv", strings.NewReader(m.CSV))
		require.True(t, fault.HasCode(err, "dues.same_file"), "%v", err)

		in = run(b.SendReceipts(clerk, f.CityCode, f.ID, "bank.csv", strings.NewReader(m.Statement()+"S,2020-06-31,1.00,x\r\n")))
		require.Equal(t, dues.IntakeDone, in.State, in.Problem)
		require.EqualValues(t, len(m.Receipts), in.Report.Lines)
		require.Len(t, in.Broken, 1)
		rows, err := b.IntakeErrors(clerk, in.CityCode, in.ID)
		require.NoError(t, err)
		text, err := io.ReadAll(rows)
		require.NoError(t, err)
		require.NoError(t, rows.Close())
		require.Equal(t, 2, strings.Count(string(text), "\n"))
		list, err := b.Intakes(clerk, page.Request{})
		require.NoError(t, err)
		require.Empty(t, list.Items, "what is done is in the list of files")

		// A file that does not agree with itself fails, with what is wrong.
		broken := strings.Replace(strings.Replace(m.CSV, "合计,共", "合计,共1", 1), "2020-06,", "2020-05,", 1)
		in = run(b.SendFile(clerk, b.unit("370102"), "tax.csv", strings.NewReader(broken)))
		require.Equal(t, dues.IntakeFailed, in.State)
		require.Equal(t, "fault.dues.totals", in.Problem)
		require.NotEmpty(t, in.Params["StatedRows"])
		list, err = b.Intakes(clerk, page.Request{})
		require.NoError(t, err)
		require.Len(t, list.Items, 1)

		for name, text := range map[string]string{
			"empty": "", "a picture": "\x89PNG\r\n\x1a\n", "no heading": "1,2,3\r\n4,5,6\r\n", "a statement": m.Statement(),
		} {
			_, err := b.SendFile(clerk, b.unit("370102"), "tax.csv", strings.NewReader(text))
			require.True(t, fault.IsKind(err, fault.Invalid), "%s: %v", name, err)
			if name != "a statement" {
				_, err = b.SendReceipts(clerk, f.CityCode, f.ID, "bank.csv", strings.NewReader(text))
				require.True(t, fault.IsKind(err, fault.Invalid), "%s: %v", name, err)
			}
		}
		sister := b.clerk("sister", "370202")
		_, err = b.GetIntake(sister, in.CityCode, in.ID)
		require.True(t, fault.HasCode(err, "dues.no_intake"), "%v", err)
		_, err = b.IntakeErrors(sister, in.CityCode, in.ID)
		require.True(t, fault.HasCode(err, "dues.no_intake"), "%v", err)
		_, err = b.SendReceipts(sister, f.CityCode, f.ID, "bank.csv", strings.NewReader(m.Statement()))
		require.True(t, fault.HasCode(err, "dues.no_file"), "%v", err)
		_, err = b.SendFile(sister, b.unit("370102"), "tax.csv", strings.NewReader(m.CSV))
		require.True(t, fault.HasCode(err, "access.denied"), "%v", err)
		_, err = b.GetIntake(b.somebody("officer", "370102", access.DuesTax), in.CityCode, in.ID)
		require.True(t, fault.HasCode(err, "access.denied"), "%v", err)
	})
}
