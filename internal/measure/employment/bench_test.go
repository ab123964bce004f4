package employment_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/access"
	"gonghui/internal/core/exchange"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/measure/employment"
)

func BenchmarkImport(b *testing.B) {
	const rows = 20000
	var text strings.Builder
	text.WriteString("职位,公司,薪资,地点,学历,经验,标签,描述\n")
	counties := []string{"济南·槐荫", "青岛市市南区", "烟台·芝罘", "潍坊市奎文区", "临沂·兰山"}
	for i := range rows {
		text.WriteString("电焊工" + strconv.Itoa(i%977) + "线,山东钢花机械" + strconv.Itoa(i%3001) + "有限公司," + strconv.Itoa(4000+i%40*100) + "-9000元/月," +
			counties[i%5] + ",大专,1-3年,五险一金|包吃住|双休,负责钢结构焊接、设备点检与日常保养，会看图纸，服从安排。\n")
	}
	file := filepath.Join(b.TempDir(), "jobs.csv")
	require.NoError(b, os.WriteFile(file, []byte(text.String()), 0o600))
	for b.Loop() {
		b.StopTimer()
		s := setup(b, orgtest.SQLite(b))
		t, err := exchange.Open(file, exchange.Limits{})
		require.NoError(b, err)
		im, err := employment.OpenImport(t, nil)
		require.NoError(b, err)
		b.StartTimer()
		require.NoError(b, s.Import(access.System(b.Context(), "bench"), im, employment.ImportOptions{}))
		require.NoError(b, t.Close())
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
