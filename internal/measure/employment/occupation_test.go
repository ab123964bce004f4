package employment

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOccupationTable(t *testing.T) {
	levels := map[int]int{}
	for _, o := range Occupations() {
		levels[o.Level]++
		require.NotEmpty(t, o.Name, o.Code)
		if p := o.Parent(); p != "" {
			_, ok := OccupationByCode(p)
			require.True(t, ok, "%s has no parent", o.Code)
		}
	}
	require.Equal(t, map[int]int{1: 5, 2: 63, 3: 360, 4: 1605}, levels)
	o, ok := OccupationByCode("6-18-02-04")
	require.True(t, ok)
	require.Equal(t, Occupation{Code: "6-18-02-04", Name: "焊工", English: "Welder", Level: 4}, o)
	_, ok = OccupationByCode("9-99")
	require.False(t, ok)
	require.Len(t, OccupationsBelow(""), 5)
	for _, l := range tableLines(titleWordsCSV) {
		word, code, _ := strings.Cut(l, ",")
		_, ok := OccupationByCode(code)
		require.True(t, ok, "%s has the unknown code %s", word, code)
	}
}

func TestOccupationGuess(t *testing.T) {
	for title, want := range map[string]string{
		"普工": "6", "急聘【普工】包吃住": "6", "电焊工": "6-18-02-04", "二保焊工（长白班）": "6-18-02-04",
		"数控车工学徒": "6-18-01-01", "ＣＮＣ操作工": "6-18-01-07", "叉车司机": "6-30-05-01", "货车司机": "4-02-02-02",
		"幼儿园保安": "4-07-05-01", "保洁员": "4-09-08-01", "汽车维修工": "4-12-01-01", "Java开发工程师": "2-02-10-03",
		"销售经理": "4-01-02-01", "外卖骑手": "4-10-08-01", "出纳": "2-06-03-00", "会计助理": "3-01-02-02", "HR": "2-06-08-01",
		"餐厅服务员": "4-03-02-05", "快递员": "4-02-07-08", "养老护理员": "4-10-01-05", "护士": "2-05-08", "缝纫工": "6-05-01-03",
		"初中英语教师": "2-08", "电工": "6-31-01-03", "仓库管理员": "4-02-06-01", "淘宝客服": "4-04-05-03", "机械设计工程师": "2-02-07-01",
	} {
		o, ok := OccupationGuess(title)
		require.True(t, ok, title)
		require.Equal(t, want, o.Code, "%s → %s", title, o.Name)
	}
	for _, title := range []string{"", "三", "😀", "three", "某某某"} {
		o, ok := OccupationGuess(title)
		require.False(t, ok, "%s → %s", title, o.Name)
	}
}

// Every occupation is found by its own name.
func TestOccupationGuessOwnName(t *testing.T) {
	wrong := 0
	for _, o := range Occupations() {
		if o.Level != 4 || strings.ContainsAny(o.Name, "（(") {
			continue
		}
		if got, ok := OccupationGuess(o.Name); !ok || got.Name != o.Name {
			wrong++
			t.Logf("%s %s → %s", o.Code, o.Name, got.Name)
		}
	}
	require.LessOrEqual(t, wrong, 40)
}

func BenchmarkOccupationGuess(b *testing.B) {
	titles := []string{"急聘普工", "数控车工学徒", "Java开发工程师", "幼儿园保安（双休）"}
	for i := range b.N {
		OccupationGuess(titles[i%len(titles)])
	}
}
