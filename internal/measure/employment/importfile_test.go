package employment_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/exchange"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/employment"
)

var thirteen = []string{"Title", "Company", "Credit_Code", "Pay", "Place", "Occupation", "Headcount", "Education", "Experience", "Tags", "Link", "Text", "Valid_To"}

var everything = []string{
	"电焊工", "济南钢花机械有限公司", "", "8千-1.5万", "济南·槐荫·兴福", "焊工", "3-5人", "大专", "1-3年",
	"五险一金|包吃住|两班倒|退伍军人优先|年度体检", "https://example.org/1", "焊接钢结构件。", "2020年8月31日",
}

func (b *bundle) importTable(ctx context.Context, name string, data []byte, o employment.ImportOptions) employment.ImportReport {
	b.t.Helper()
	t, err := exchange.OpenReader(bytes.NewReader(data), int64(len(data)), name, exchange.DefaultLimits())
	require.NoError(b.t, err)
	im, err := employment.OpenImport(t, nil)
	require.NoError(b.t, err)
	require.NoError(b.t, b.Import(ctx, im, o))
	require.NoError(b.t, t.Close())
	adds(b.t, im.Report)
	return im.Report
}

func TestImportOfAllFieldsFromAWorkbook(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		house := access.System(t.Context(), "test")
		var book bytes.Buffer
		w, err := exchange.NewXLSX(&book, "jobs", thirteen)
		require.NoError(t, err)
		require.NoError(t, w.Write(everything))
		require.NoError(t, w.Close())
		r := b.importTable(house, "jobs.xlsx", book.Bytes(), employment.ImportOptions{})
		require.EqualValues(t, 1, r.Imported)
		list, err := b.ListVacancies(house, employment.VacancyFilter{})
		require.NoError(t, err)
		v := list.Items[0]
		require.Equal(t, "电焊工", v.Title)
		require.Equal(t, employment.Pay{MinFen: 800_000, MaxFen: 1_500_000, Per: "month"}, v.Pay)
		require.Equal(t, 5, v.Headcount)
		require.Equal(t, []int{1, 3}, []int{v.YearsMin, v.YearsMax})
		require.NotZero(t, v.Education)
		require.NotEmpty(t, v.OccupationCode)
		require.Equal(t, "five_one", v.Insurance)
		require.True(t, v.Dormitory && v.Meals)
		require.Equal(t, "two_shift", v.Hours)
		require.Contains(t, v.Groups, "veteran")
		require.Equal(t, "https://example.org/1", v.Link)
		require.Equal(t, "焊接钢结构件。", v.Content)
		require.Equal(t, "2020-08-31", v.ValidTo.String())

		// The same as CSV is the same vacancy.
		text := strings.Join(thirteen, ",") + "\n" + strings.Join(everything, ",") + "\n"
		r = b.importTable(house, "jobs.csv", []byte(text), employment.ImportOptions{})
		require.EqualValues(t, 1, r.Unchanged)
	})
}

// The file of rows that were not taken can be mended and sent again: its own
// columns for row and reason are in nobody's way.
func TestTheErrorFileCanBeSentAgain(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		house := access.System(t.Context(), "test")
		var errs bytes.Buffer
		text := "职位,公司,地点,薪资\n电焊工,济南钢花机械有限公司,火星,6000-8000\n车工,济南钢花机械有限公司,济南市槐荫区,很多\n铣工,济南钢花机械有限公司,济南市槐荫区,6000-8000\n"
		r := b.importTable(house, "jobs.csv", []byte(text), employment.ImportOptions{Errors: &errs})
		require.EqualValues(t, 2, r.Failed)
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(errs.String(), "\ufeff"))).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 3)
		mended := strings.NewReplacer("火星", "济南市槐荫区", "很多", "6000-8000").Replace(errs.String())
		r = b.importTable(house, "again.csv", []byte(mended), employment.ImportOptions{})
		require.Equal(t, employment.ImportReport{Rows: 2, Imported: 2}, r)
	})
}

func TestAnImportLeavesABatchAndAnAuditEntry(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		house := access.System(t.Context(), "command line: jobs import")
		text := "职位,公司,地点,薪资\n电焊工,济南钢花机械有限公司,济南市槐荫区,6000-8000\n车工,济南钢花机械有限公司,火星,6000\n"
		b.importTable(house, "jobs.csv", []byte(text), employment.ImportOptions{Name: "岗位.csv", DryRun: true})
		batches, err := b.ListBatches(house, page.Request{})
		require.NoError(t, err)
		require.Empty(t, batches.Items, "a dry run writes nothing")
		b.importTable(house, "jobs.csv", []byte(text), employment.ImportOptions{Name: "/home/x/岗位.csv"})
		batches, err = b.ListBatches(house, page.Request{})
		require.NoError(t, err)
		require.Len(t, batches.Items, 1)
		x := batches.Items[0]
		require.Equal(t, "岗位.csv", x.Name)
		require.Equal(t, employment.BatchDone, x.State)
		require.Equal(t, employment.ImportReport{Rows: 2, Imported: 1, Failed: 1}, x.Report)
		require.Len(t, x.Broken, 1)
		require.Equal(t, 1, b.count(house, x.ID))
		entries, err := b.Audit.ListForSubject(house, x.CityCode, x.ID, page.Request{})
		require.NoError(t, err)
		require.Len(t, entries.Items, 1)
		require.Contains(t, entries.Items[0].Detail, `"rows":2,"imported":1,"collapsed":0,"unchanged":0,"failed":1`)
		clerk := b.clerk("county", access.RoleCounty, "370104")
		seen, err := b.ListBatches(clerk, page.Request{})
		require.NoError(t, err)
		require.Empty(t, seen.Items, "what was brought in for the province is the province's")
	})
}
