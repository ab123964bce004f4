package employment_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/exchange"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/kit/fault"
	"gonghui/internal/measure/employment"
)

const importFile = `职位,公司,薪资,地点,学历,经验,标签,链接
电焊工,济南钢花机械有限公司,8千-1.5万,济南·槐荫·兴福,大专,1-3年,五险一金|包吃住,https://example.org/1
【急聘】电 焊工,济南钢花机械有限公司,8k-15k,济南市槐荫区,大专,1-3年,五险,https://example.org/2
会计,青岛海风商贸有限公司,1万-2万·13薪,青岛市市南区,本科及以上,3-5年,双休,https://example.org/3
搬运工,烟台云帆物流有限公司,150/天,烟台,学历不限,经验不限,日结,https://example.org/4
保安,某某保安服务有限公司,25元/时,全国,不限,不限,,
程序员,青岛海风商贸有限公司,面议,青岛·崂山,本科,应届生,,
,没有标题的公司,5000,济南,,,,
电工,济南钢花机械有限公司,很多很多,济南,,,,
电工,济南钢花机械有限公司,5000-6000,火星,,,,
服务员,济南泉香餐饮有限公司,3000-4000元/月,济南市历下区,,,限女性,
=cmd|' /C calc'!A0,济南泉香餐饮有限公司,3000-4000元/月,济南市历下区,,,,
面点师,济南😀餐饮有限公司,5000-7000,济南市历下区,,,,
厨师,"济南泉香餐饮有限公司,5000-7000,济南市历下区,,,,
`

func (b *bundle) importText(ctx context.Context, text string, o employment.ImportOptions) (employment.ImportReport, []employment.BrokenRow, error) {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), "jobs.csv")
	require.NoError(b.t, os.WriteFile(file, []byte(text), 0o600))
	t, err := exchange.Open(file, exchange.Limits{})
	require.NoError(b.t, err)
	defer func() { require.NoError(b.t, t.Close()) }()
	im, err := employment.OpenImport(t, o.Map)
	if err != nil {
		return employment.ImportReport{}, nil, err
	}
	err = b.Import(ctx, im, o)
	return im.Report, im.Broken, err
}

func adds(t testing.TB, r employment.ImportReport) {
	t.Helper()
	require.Equal(t, r.Rows, r.Imported+r.Collapsed+r.Unchanged+r.Failed, "%+v", r)
}

func TestImport(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		house := access.System(t.Context(), "test")
		dry, _, err := b.importText(house, importFile, employment.ImportOptions{DryRun: true})
		require.NoError(t, err)
		adds(t, dry)
		list, err := b.ListVacancies(house, employment.VacancyFilter{})
		require.NoError(t, err)
		require.Empty(t, list.Items, "a dry run writes nothing")

		var errs bytes.Buffer
		r, broken, err := b.importText(house, importFile, employment.ImportOptions{Errors: &errs})
		require.NoError(t, err)
		adds(t, r)
		require.Equal(t, employment.ImportReport{Rows: 13, Imported: 6, Collapsed: 1, Failed: 6}, r, "%v", broken)
		require.Equal(t, dry, r, "the dry run said what would happen")
		for _, want := range []string{"职位", "薪资", "地点", "很多很多", "火星"} {
			require.Contains(t, errs.String(), want)
		}
		require.NotContains(t, errs.String(), "\n=cmd", "a formula is neutralised")

		again, _, err := b.importText(house, importFile, employment.ImportOptions{})
		require.NoError(t, err)
		adds(t, again)
		require.Equal(t, employment.ImportReport{Rows: 13, Unchanged: 7, Failed: 6}, again)

		n, err := b.RefreshIndex(t.Context())
		require.NoError(t, err)
		require.Equal(t, 5, n, "what hits a rule waits for the county")
		waiting, err := b.ListVacancies(house, employment.VacancyFilter{State: "submitted"})
		require.NoError(t, err)
		require.Len(t, waiting.Items, 1)
		require.Equal(t, "服务员", waiting.Items[0].Title)

		f, err := b.Find(t.Context(), employment.Search{Words: "焊工", Place: []string{"370104"}})
		require.NoError(t, err)
		require.Len(t, f.Items, 1)
		v := f.Items[0]
		require.Equal(t, employment.Pay{MinFen: 800_000, MaxFen: 1_500_000, Per: "month"}, v.Pay)
		require.Equal(t, "370104", v.DivisionCode[:6])
		require.Greater(t, len(v.DivisionCode), 6, "兴福 is a street of its own")
		require.Equal(t, "five_one", v.Insurance)
		require.True(t, v.Dormitory)
	})
}

// The dry run and the import give the same counts also where the file meets what
// stands already, repeats it, or names one company in two ways.
func TestDryRunSaysWhatTheImportDoes(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		house := access.System(t.Context(), "test")
		const head = "title,company,credit_code,place,pay\n"
		_, _, err := b.importText(house, head+"电焊工,济南钢花机械有限公司,,济南市槐荫区,6000-8000\n保安,济南钢花机械有限公司,,济南市槐荫区,4000-5000\n", employment.ImportOptions{})
		require.NoError(t, err)
		list, err := b.ListVacancies(house, employment.VacancyFilter{})
		require.NoError(t, err)
		for _, v := range list.Items {
			if v.Title == "保安" {
				_, err = b.StepVacancy(b.clerk("huaiyin", access.RoleCounty, "370104"),
					employment.StepInput{City: v.CityCode, ID: v.ID, Event: "take_down", Version: casework.AnyVersion, Reason: "x"})
				require.NoError(t, err)
			}
		}
		text := head +
			"电焊工,济南钢花机械有限公司,,济南市槐荫区,6000-8000\n" + // stands already
			"【急聘】电焊工,济南钢花机械有限公司,,济南市槐荫区,6k-8k\n" + // again
			"保安,济南钢花机械有限公司,,济南市槐荫区,4000-5000\n" + // was taken down
			"车工,青岛海风商贸有限公司,91370200MA3EQWHN6N,青岛市市南区,6000-8000\n" + // a company of this file, by its code
			"车工,青岛海风商贸有限公司,,青岛市市南区,6000-8000\n" // and by its name
		dry, _, err := b.importText(house, text, employment.ImportOptions{DryRun: true})
		require.NoError(t, err)
		r, broken, err := b.importText(house, text, employment.ImportOptions{})
		require.NoError(t, err)
		adds(t, r)
		require.Equal(t, employment.ImportReport{Rows: 5, Imported: 1, Collapsed: 1, Unchanged: 2, Failed: 1}, r, "%v", broken)
		require.Equal(t, dry, r)
	})
}

func TestImportReadsWhatPeopleSend(t *testing.T) {
	d := orgtest.SQLite(t)
	b := setup(t, d)
	house := access.System(t.Context(), "test")
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(importFile)
	require.NoError(t, err)
	for name, text := range map[string]string{"BOM": "\ufeff" + importFile, "GB 18030": gb} {
		r, _, err := b.importText(house, text, employment.ImportOptions{DryRun: true})
		require.NoError(t, err, name)
		require.EqualValues(t, 6, r.Imported, name)
	}
	r, _, err := b.importText(house, "电焊工,济南钢花机械有限公司,济南\n车工,济南钢花机械有限公司,济南\n",
		employment.ImportOptions{DryRun: true, Map: map[string]string{"title": "1", "company": "2", "place": "3"}})
	require.NoError(t, err)
	require.EqualValues(t, 2, r.Imported, "columns by number: a file without headings loses no row")
	_, _, err = b.importText(house, "a,b\n1,2\n", employment.ImportOptions{})
	require.True(t, fault.IsKind(err, fault.Invalid), "%v", err)
	_, _, err = b.importText(b.worker("王大力", "370104"), importFile, employment.ImportOptions{})
	require.True(t, fault.IsKind(err, fault.Forbidden), "%v", err)
}

// A crash between two chunks loses nothing that was confirmed and doubles
// nothing: the file is taken in again.
func TestImportAfterACrash(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		house := access.System(t.Context(), "test")
		var text strings.Builder
		text.WriteString("title,company,place,pay\n")
		for i := range 12000 {
			text.WriteString("电焊工" + strconv.Itoa(i) + "号线,济南钢花机械有限公司,济南市槐荫区,6000-8000元/月\n")
		}
		crash := errors.New("power cut")
		chunks := 0
		_, _, err := b.importText(house, text.String(), employment.ImportOptions{Commit: func(context.Context, employment.ImportReport) error {
			if chunks++; chunks == 2 {
				return crash
			}
			return nil
		}})
		require.ErrorIs(t, err, crash)
		r, _, err := b.importText(house, text.String(), employment.ImportOptions{})
		require.NoError(t, err)
		require.Equal(t, employment.ImportReport{Rows: 12000, Imported: 7000, Unchanged: 5000}, r)
	})
}

// An imported ad leads to its source until its company answers here.
func TestImportedAdOfAVerifiedCompany(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		house := access.System(t.Context(), "test")
		_, _, err := b.importText(house, "title,company,place,pay,link\n电焊工,济南钢花机械有限公司,济南市槐荫区,6000-8000,https://example.org/1\n", employment.ImportOptions{})
		require.NoError(t, err)
		_, err = b.RefreshIndex(t.Context())
		require.NoError(t, err)
		ad := func() employment.Vacancy {
			f, err := b.Find(t.Context(), employment.Search{Words: "电焊工"})
			require.NoError(t, err)
			require.Len(t, f.Items, 1)
			return f.Items[0].Vacancy
		}
		worker := b.worker("王大力", "370104")
		require.True(t, ad().External())
		_, err = b.Apply(worker, employment.ApplyInput{Number: ad().Number})
		require.True(t, fault.HasCode(err, "employment.external"), "%v", err)

		hr, c := b.employer("济南钢花机械有限公司", "370104")
		require.False(t, ad().External(), "the registration claimed the company that the file had named")
		a, err := b.Apply(worker, employment.ApplyInput{Number: ad().Number})
		require.NoError(t, err)
		require.Equal(t, c.ID, a.CompanyID)
		_, err = b.StepApplication(hr, employment.StepInput{City: a.CityCode, ID: a.ID, Event: "view", Version: 1})
		require.NoError(t, err)
		_, err = b.StepVacancy(hr, employment.StepInput{City: a.CityCode, ID: a.VacancyID, Event: "close", Version: casework.AnyVersion, Reason: "filled_elsewhere"})
		require.NoError(t, err)
		a, err = b.GetApplication(worker, a.CityCode, a.ID)
		require.NoError(t, err)
		require.Equal(t, "lapsed", a.State)
	})
}
