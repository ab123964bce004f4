package employment_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/employment"
)

func TestFinderPagesAreTheStore(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setup(t, d)
		house := access.System(t.Context(), "test")
		var text strings.Builder
		text.WriteString("title,company,place,pay,tags\n")
		places := []string{"济南市槐荫区", "济南市历下区", "青岛市市南区"}
		for i := range 137 {
			fmt.Fprintf(&text, "电焊工%d号线,济南钢花机械有限公司,%s,%d-%d,%s\n", i, places[i%3], 3000+i*100, 4000+i*100, []string{"包住", "五险一金", ""}[i%3])
		}
		r, _, err := b.importText(house, text.String(), employment.ImportOptions{})
		require.NoError(t, err)
		require.EqualValues(t, 137, r.Imported)
		_, err = b.RefreshIndex(t.Context())
		require.NoError(t, err)
		n, err := b.RefreshIndex(t.Context())
		require.NoError(t, err)
		require.Zero(t, n)

		store := map[string]bool{}
		for after := page.Cursor(""); ; {
			p, err := b.ListVacancies(house, employment.VacancyFilter{State: "published", Request: page.Request{After: after, Limit: 50}})
			require.NoError(t, err)
			for _, v := range p.Items {
				require.False(t, store[v.ID], "twice in the list")
				store[v.ID] = true
			}
			if after = p.Next; after == "" {
				break
			}
		}
		require.Len(t, store, 137)
		for name, q := range map[string]employment.Search{
			"fit": {}, "words": {Words: "电焊工", Sort: "fit"}, "date": {Sort: "date"}, "pay": {Sort: "pay"},
			"distance": {Sort: "distance", Near: "370104"}, "point": {Sort: "distance", Lon: 117, Lat: 36.6},
		} {
			seen := map[string]bool{}
			last := int64(math.MaxInt64)
			q.Limit = 20
			for {
				f, err := b.Find(t.Context(), q)
				require.NoError(t, err, name)
				require.Equal(t, 137, f.Total, name)
				for _, v := range f.Items {
					require.True(t, store[v.ID], name)
					require.False(t, seen[v.ID], "%s: twice", name)
					seen[v.ID] = true
					if name == "pay" {
						low, _, _ := v.Pay.Monthly()
						require.LessOrEqual(t, low, last)
						last = low
					}
				}
				if q.After = f.Next; q.After == "" {
					break
				}
			}
			require.Len(t, seen, 137, name)
		}

		f, err := b.Find(t.Context(), employment.Search{})
		require.NoError(t, err)
		counts := map[string]int{}
		for _, x := range f.Facets {
			for _, v := range x.Values {
				counts[x.Name+"="+v.Code] = v.Count
			}
		}
		require.Equal(t, 46, counts["place=370104"])
		require.Equal(t, 46, counts["place=370102"])
		require.Equal(t, 92, counts["place=3701"], "a city counts its counties")
		require.Equal(t, 137, counts["place=37"])
		require.Equal(t, 46, counts["benefit=dormitory"])
		require.Equal(t, 46, counts["benefit=insurance"])
		f, err = b.Find(t.Context(), employment.Search{Place: []string{"3701"}, Benefit: []string{"dormitory"}})
		require.NoError(t, err)
		require.Equal(t, 46, f.Total)
	})
}

func TestFinderRefusesWhatItDoesNotKnow(t *testing.T) {
	b := setup(t, orgtest.SQLite(t))
	for name, q := range map[string]employment.Search{
		"place": {Place: []string{"37"}, Pay: []string{"37"}}, "pay": {Pay: []string{"1k"}}, "occupation": {Occupation: []string{"0-00"}},
		"education": {Education: []string{"phd2"}}, "hours": {Hours: []string{"9-5"}}, "group": {Group: []string{"rich"}},
		"benefit": {Benefit: []string{"car"}}, "near": {Near: "999999"}, "known and unknown": {Hours: []string{"day", "dawn"}},
		"sort": {Sort: "random"}, "cursor": {After: "!!"}, "forged cursor": {After: "AAAA"}, "distance without a point": {Sort: "distance"},
		"radius without a point": {RadiusKm: 5}, "radius": {RadiusKm: -1, Near: "370104"}, "point": {Lon: math.NaN(), Lat: 1}, "far point": {Lon: 400, Lat: 1},
		"infinite": {Lon: math.Inf(1), Lat: 1}, "limit": {Limit: 1000}, "days": {Days: -1}, "long": {Words: strings.Repeat("焊", 101)},
	} {
		_, err := b.Find(t.Context(), q)
		require.True(t, fault.IsKind(err, fault.Invalid), "%s: %v", name, err)
	}
	_, err := b.Find(t.Context(), employment.Search{Words: "\x00'; DROP TABLE vacancies; --"})
	require.NoError(t, err)
	house := access.System(t.Context(), "test")
	_, err = b.ListVacancies(house, employment.VacancyFilter{Request: page.Request{After: "AAAA"}})
	require.True(t, fault.IsKind(err, fault.Invalid), "%v", err)
	_, err = b.ListVacancies(house, employment.VacancyFilter{State: "gone"})
	require.True(t, fault.IsKind(err, fault.Invalid), "%v", err)
	_, err = b.ListApplications(house, employment.ApplicationFilter{States: []string{"viewed", "gone"}})
	require.True(t, fault.IsKind(err, fault.Invalid), "%v", err)
}

// What another process has written is found, and a large import is not read anew
// with every look.
func TestRefreshFollowsTheClock(t *testing.T) {
	b := setup(t, orgtest.SQLite(t))
	house := access.System(t.Context(), "test")
	_, _, err := b.importText(house, "title,company,place\n电焊工,济南钢花机械有限公司,济南\n", employment.ImportOptions{})
	require.NoError(t, err)
	b.clock.Advance(10 * time.Minute)
	var reads counter
	reads.on(b.DB)
	n, err := b.RefreshIndex(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n, "however long the last look is ago")
	require.Equal(t, counter{n: 1, rows: 1}, reads)
	b.clock.Advance(10 * time.Minute)
	reads = counter{}
	_, err = b.RefreshIndex(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, reads.n)
	require.Zero(t, reads.rows, "nothing has changed, nothing is read")
}

// Somebody who types a place or, in English, a trade finds vacancies whose own
// words name neither.
func TestFinderReadsPlacesAndEnglish(t *testing.T) {
	b := setup(t, orgtest.SQLite(t))
	house := access.System(t.Context(), "test")
	_, _, err := b.importText(house, `title,company,place
电焊工,钢花机械有限公司,济南市历城区
货车司机,顺达物流有限公司,济南市历城区
护士,仁和医院,泰安市泰山区
普工,兴业食品有限公司,菏泽市单县
保洁员,洁净服务有限公司,济南市槐荫区兴福街道
`, employment.ImportOptions{})
	require.NoError(t, err)
	_, err = b.RefreshIndex(t.Context())
	require.NoError(t, err)
	for words, want := range map[string]int{
		"历城": 2, "历城区": 2, "济南": 3, "济南市 电焊工": 1, "历城 护士": 0, "单县": 1, "兴福街道": 1,
		"Licheng": 2, "licheng district": 2, "Licheng District, Jinan": 2, "Jinan": 3, "Shandong": 5, "Tai'an": 1, "Taian nurse": 1, "Shan County": 1,
		"Xingfu": 1, "Xingfu Subdistrict": 1, "welder": 1, "Welders": 1, "truck driver": 1, "lorry driver in Jinan": 1, "welder near Tai’an": 0,
		"电焊工 Licheng": 1, "cleaner": 1, "factory": 2, "job": 0,
	} {
		f, err := b.Find(t.Context(), employment.Search{Words: words})
		require.NoError(t, err, words)
		require.Equal(t, want, f.Total, words)
	}
	f, err := b.Find(t.Context(), employment.Search{Words: "Licheng District astronaut"})
	require.NoError(t, err)
	require.Equal(t, []string{"Licheng District"}, f.Relaxed.Words, "as it was typed")
	require.Equal(t, []string{"astronaut"}, f.Relaxed.Dropped)
	require.Equal(t, 2, f.Relaxed.Total)
}
