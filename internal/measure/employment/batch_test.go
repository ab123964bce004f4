package employment_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/blob"
	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/exchange"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/employment"
)

// withFiles gives the room what batches need.
func (b *bundle) withFiles() *bundle {
	b.t.Helper()
	files, err := blob.Open(b.t.TempDir())
	require.NoError(b.t, err)
	b.Blobs, b.Queue = files, b.queue
	b.Jobs(b.queue)
	return b
}

// table is a file of n posts of one county; every tenth is repeated later.
func table(n int) string {
	var s strings.Builder
	s.WriteString("岗位名称,企业名称,工作地点,薪资,标签\n")
	for i := range n {
		fmt.Fprintf(&s, "装配工%d号,历下精密机械有限公司%d,济南市历下区,5000-7000元/月,包吃住\n", i, i%40)
	}
	for i := 0; i < n; i += 10 {
		fmt.Fprintf(&s, "装配工%d号,历下精密机械有限公司%d,济南市历下区,5000-7000元/月,包吃住\n", i, i%40)
	}
	s.WriteString(",没有名称的岗位,济南市历下区,5000元/月,\n")
	s.WriteString("保安,外地单位,青岛市市南区,4000元/月,\n")
	return s.String()
}

func (b *bundle) upload(ctx context.Context, division, text string) employment.Batch {
	b.t.Helper()
	unit, ok := b.Org.ByDivision(division)
	require.True(b.t, ok)
	x, err := b.CreateBatch(ctx, unit.ID, `C:\fakepath\岗位.csv`, strings.NewReader(text))
	require.NoError(b.t, err)
	return x
}

func TestBatchFromUploadToResult(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d).withFiles()
		clerk := b.clerk("lixia", access.RoleCounty, "370102")
		x := b.upload(clerk, "370102", table(50))
		require.Equal(t, "岗位.csv", x.Name)
		require.Equal(t, employment.BatchUploaded, x.State)
		require.Equal(t, map[string]string{"title": "岗位名称", "company": "企业名称", "place": "工作地点", "pay": "薪资", "tags": "标签"}, x.Map)

		_, err := b.StartBatch(clerk, x.CityCode, x.ID)
		require.True(t, fault.HasCode(err, "casework.moved_on"), "nothing runs unchecked: %v", err)
		_, err = b.CheckBatch(clerk, x.CityCode, x.ID, map[string]string{"title": "岗位名称", "company": "", "place": "工作地点"})
		require.True(t, fault.HasCode(err, "exchange.missing_column"), "%v", err)

		_, err = b.CheckBatch(clerk, x.CityCode, x.ID, x.Map)
		require.NoError(t, err)
		require.NoError(t, b.queue.RunDue(t.Context()))
		x, err = b.GetBatch(clerk, x.CityCode, x.ID)
		require.NoError(t, err)
		want := employment.ImportReport{Rows: 57, Imported: 50, Collapsed: 5, Failed: 2}
		require.Equal(t, employment.BatchReady, x.State)
		require.Equal(t, want, x.Report)
		require.Len(t, x.Broken, 2)
		require.Zero(t, b.count(clerk, x.ID), "a dry run writes nothing")

		_, err = b.StartBatch(clerk, x.CityCode, x.ID)
		require.NoError(t, err)
		require.NoError(t, b.queue.RunDue(t.Context()))
		x, err = b.GetBatch(clerk, x.CityCode, x.ID)
		require.NoError(t, err)
		require.Equal(t, employment.BatchDone, x.State)
		require.Equal(t, want, x.Report)
		require.Equal(t, 50, b.count(clerk, x.ID))
		require.Len(t, b.errorRows(clerk, x), 3, "heading and two rows")

		_, err = b.StartBatch(clerk, x.CityCode, x.ID)
		require.True(t, fault.HasCode(err, "casework.moved_on"), "a done batch does not run again: %v", err)

		sister := b.clerk("shizhong", access.RoleCounty, "370103")
		_, err = b.GetBatch(sister, x.CityCode, x.ID)
		require.True(t, fault.HasCode(err, "employment.no_batch"), "%v", err)
		_, err = b.BatchErrors(sister, x.CityCode, x.ID)
		require.True(t, fault.IsKind(err, fault.NotFound), "%v", err)
		seen, err := b.ListBatches(sister, page.Request{})
		require.NoError(t, err)
		require.Empty(t, seen.Items)
		unit, _ := b.Org.ByDivision("370102")
		_, err = b.CreateBatch(sister, unit.ID, "x.csv", strings.NewReader(table(1)))
		require.True(t, fault.IsKind(err, fault.Forbidden), "%v", err)
	})
}

// The program dies within the second chunk: what is in stays in, nothing is
// doubled, and the counts are those of an import without a crash.
func TestBatchGoesOnAfterACrash(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d).withFiles()
		clerk := b.clerk("lixia", access.RoleCounty, "370102")
		x := b.upload(clerk, "370102", table(5000))
		_, err := b.CheckBatch(clerk, x.CityCode, x.ID, x.Map)
		require.NoError(t, err)
		require.NoError(t, b.queue.RunDue(t.Context()))
		_, err = b.StartBatch(clerk, x.CityCode, x.ID)
		require.NoError(t, err)

		// What the job does, until the second chunk fails in its own transaction.
		stop := errors.New("the machine is switched off")
		file := strings.NewReader(table(5000))
		open, err := exchange.OpenReader(file, file.Size(), x.Name, exchange.DefaultLimits())
		require.NoError(t, err)
		im, err := employment.OpenImport(open, x.Map)
		require.NoError(t, err)
		err = b.Import(access.System(t.Context(), "test"), im, employment.ImportOptions{
			BatchID: x.ID, OrgPath: x.OrgPath,
			Commit: func(ctx context.Context, done employment.ImportReport) error {
				if err := b.CountBatch(ctx, x, done); err != nil || done.Rows <= 5000 {
					return err
				}
				return stop
			},
		})
		require.ErrorIs(t, err, stop)
		require.NoError(t, open.Close())
		half, err := b.GetBatch(clerk, x.CityCode, x.ID)
		require.NoError(t, err)
		require.Equal(t, employment.BatchRunning, half.State)
		require.EqualValues(t, 5000, half.Report.Rows)
		require.EqualValues(t, half.Report.Imported, b.count(clerk, x.ID))

		require.NoError(t, b.queue.RunDue(t.Context()))
		x, err = b.GetBatch(clerk, x.CityCode, x.ID)
		require.NoError(t, err)
		require.Equal(t, employment.BatchDone, x.State)
		require.Equal(t, employment.ImportReport{Rows: 5502, Imported: 5000, Collapsed: 500, Failed: 2}, x.Report)
		require.Equal(t, 5000, b.count(clerk, x.ID))
		require.Len(t, b.errorRows(clerk, x), 3)
	})
}

func TestBatchRefusesWhatIsNoTable(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d).withFiles()
		clerk := b.clerk("lixia", access.RoleCounty, "370102")
		unit, _ := b.Org.ByDivision("370102")
		for name, text := range map[string]string{"a.csv": "", "b.xlsx": "a,b\n1,2\n", "c.csv": "PK\x03\x04zip"} {
			_, err := b.CreateBatch(clerk, unit.ID, name, strings.NewReader(text))
			require.True(t, fault.IsKind(err, fault.Invalid), "%s: %v", name, err)
		}
		seen, err := b.ListBatches(clerk, page.Request{})
		require.NoError(t, err)
		require.Empty(t, seen.Items)
	})
}

func (b *bundle) count(ctx context.Context, batchID string) int {
	b.t.Helper()
	n, after := 0, page.Cursor("")
	for {
		p, err := b.ListVacancies(ctx, employment.VacancyFilter{BatchID: batchID, Request: page.Request{Limit: page.MaxLimit, After: after}})
		require.NoError(b.t, err)
		n += len(p.Items)
		if after = p.Next; after == "" {
			return n
		}
	}
}

func (b *bundle) errorRows(ctx context.Context, x employment.Batch) [][]string {
	b.t.Helper()
	f, err := b.BatchErrors(ctx, x.CityCode, x.ID)
	require.NoError(b.t, err)
	defer f.Close()
	text, err := io.ReadAll(f)
	require.NoError(b.t, err)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(text), "\ufeff"))).ReadAll()
	require.NoError(b.t, err)
	return rows
}
