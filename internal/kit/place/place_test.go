package place

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/kit/fault"
)

func TestCounts(t *testing.T) {
	provinces := Children(Nation)
	require.Len(t, provinces, 34)
	var cities, counties int
	for _, p := range provinces {
		cities += len(Children(p.Code))
		for _, c := range Children(p.Code) {
			counties += len(Children(c.Code))
		}
	}
	require.Equal(t, 342, cities)
	require.Equal(t, 2978, counties)

	var official, zones, townships, located int
	require.Len(t, Children(Shandong), 16)
	for _, city := range Children(Shandong) {
		require.Equal(t, City, city.Level)
		for _, c := range Children(city.Code) {
			if c.Zone {
				zones++
			} else {
				official++
				require.True(t, c.Located(), c.Name)
			}
			if c.Located() {
				located++
				require.Greater(t, c.Lon, 114.7)
				require.Less(t, c.Lon, 122.8)
				require.Greater(t, c.Lat, 34.3)
				require.Less(t, c.Lat, 38.5)
			}
			for _, s := range Children(c.Code) {
				townships++
				require.Equal(t, c.Code, s.Parent)
				require.Equal(t, c.Lat, s.Lat)
			}
		}
	}
	require.Equal(t, []int{136, 15, 1853, 136}, []int{official, zones, townships, located})
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"济南·槐荫·兴福":         "370104014",
		"济南市槐荫区":           "370104",
		"山东省济南市槐荫区兴福街道":    "370104014",
		"山东省济南市槐荫区兴福街道办事处": "370104014",
		"山东济南":             "3701",
		"山东 济南 历下":         "370102",
		"济南-历下区":           "370102",
		"济南历下区奥体中路":        "370102 奥体中路",
		"全国":               "00",
		"中国":               "00",
		"全国·不限":            "00",
		"北京·朝阳·望京":         "110105 望京",
		"北京市朝阳区":           "110105",
		"北京市市辖区朝阳区":        "110105",
		"上海":               "31",
		"上海·上海市·浦东新区":      "310115",
		"上海-浦东":            "310115",
		"济南":               "3701",
		"山东":               "37",
		"山东省":              "37",
		"中国山东省青岛市":         "3702",
		"莱芜":               "370116",
		"莱芜市":              "370116",
		"莱芜市钢城区":           "370117",
		"莱芜·钢城":            "370117",
		"济南·莱芜":            "370116",
		"济南·莱城区":           "370116",
		"章丘市":              "370114",
		"济南·章丘市·双山":        "370114002",
		"山东·章丘":            "370114",
		"章丘":               "370114",
		"即墨":               "370215",
		"青岛·即墨市":           "370215",
		"邹平县":              "371681",
		"胶南":               "370211",
		"青岛·西海岸新区":         "370211",
		"长岛县":              "370614",
		"蓬莱市":              "370614",
		"济南·高新区":           "370176",
		"济南高新区":            "370176",
		"济南高新技术产业开发区":      "370176",
		"烟台开发区":            "370676",
		"烟台·经开区":           "370676",
		"东营·东营":            "370502",
		"东营":               "3705",
		"东营区":              "370502",
		"枣庄市中":             "370402",
		"济南市市中区":           "370103",
		"青岛市南":             "370202",
		"青岛市北区":            "370203",
		"莘县":               "371522",
		"聊城·莘县":            "371522",
		"朝阳市":              "2113",
		"延边":               "2224",
		"内蒙古呼和浩特":          "1501",
		"新疆·乌鲁木齐":          "6501",
		"广西壮族自治区南宁市":       "4501",
		"河南·济源":            "419001",
		"黔东南":              "5226",
		"重庆·渝中":            "500103",
		"重庆城口县":            "500229",
		"香港":               "81",
		"370104":           "370104",
		"370100":           "3701",
		"370000":           "37",
		"３７０１０４":           "370104",
		"370282":           "370215",
		"371200":           "3701",
		"370104014":        "370104014",
		"370104014000":     "370104014",
		"济南·浦东":            "3701 浦东",
		"青岛·黄岛路":           "3702 黄岛路",
		"济南（历下）":           "370102",
		"济南·长清大学城":         "370113 大学城",
		"济南·槐荫·段店·经十路":     "370104 段店·经十路",
		"不限":               "00",
		"远程办公":             "00 远程",
		"居家":               "00 居家",
		"山东市南区":            "370202",
		"济南·历下·山东":         "370102 山东",
		"济南·历下·青岛路":        "370102 青岛路",
		"济南·济南站和平路":        "3701 济南站和平路",
		" 青　岛 ":            "",
		"火星":               "",
		"":                 "",
		"·":                "",
		"99":               "",
		"123456":           "",
		"河南路":              "",
		"\xff\xfe":         "",
		"济":                "",
	} {
		p, err := Parse(text)
		if want == "" {
			require.True(t, fault.HasCode(err, "place.unknown"), "%q gave %+v", text, p)
			continue
		}
		require.NoError(t, err, text)
		got := p.Code
		if p.Detail != "" {
			got += " " + p.Detail
		}
		require.Equal(t, want, got, text)
	}
}

func TestParseAmbiguous(t *testing.T) {
	for text, candidate := range map[string]string{
		"市中区":    "山东省枣庄市市中区",
		"市中":     "山东省济南市市中区",
		"山东·市中区": "山东省济南市市中区",
		"山东市中区":  "山东省枣庄市市中区",
		"山东省市中":  "山东省枣庄市市中区",
		"鼓楼区":    "江苏省南京市鼓楼区",
	} {
		_, err := Parse(text)
		require.True(t, fault.HasCode(err, "place.ambiguous"), text)
		require.Contains(t, fmt.Sprint(fault.As(err).Params["candidates"]), candidate)
	}
}

// Two places in one cell are not one of them.
func TestParseSeveral(t *testing.T) {
	for _, text := range []string{"济南、青岛", "济南/青岛/烟台", "济南市或青岛市", "济南和青岛", "济南市历下区，青岛市", "山东·济南、北京", "青岛 上海"} {
		_, err := Parse(text)
		require.True(t, fault.HasCode(err, "place.several"), text)
	}
}

// Every division is found again from its own full and short name.
func TestNamesRoundTrip(t *testing.T) {
	g := load()
	lost := 0
	for i, p := range g.places {
		if i == 0 || p.Hollow() {
			continue
		}
		full := FullName(p.Code)
		got, err := Parse(full)
		require.NoError(t, err, full)
		require.Equal(t, p.Code, got.Code, full)
		if strings.HasPrefix(p.Code, Shandong) && p.Level < Township {
			s := ShortName(p.Code)
			got, err = Parse(s)
			require.NoError(t, err, s)
			require.Equal(t, p.Code, got.Code, s)
		}
		if p.Level == Township {
			if got, err = Parse(ShortName(p.Code)); err != nil || got.Code != p.Code {
				lost++
			}
		}
	}
	require.Less(t, lost, 60, "a town and a street of one county may share a stem; few do")
}

func TestPath(t *testing.T) {
	var codes []string
	for _, p := range Path("370104014") {
		codes = append(codes, p.Code)
	}
	require.Equal(t, []string{"37", "3701", "370104", "370104014"}, codes)
	require.Equal(t, "北京市朝阳区", FullName("110105"))
	require.Equal(t, "北京·朝阳", ShortName("110105"))
	require.Equal(t, "济南·槐荫·兴福", ShortName("370104014"))
	require.Empty(t, Path("99"))
	require.Nil(t, Children("99"))
	p, ok := Get("370104014")
	require.True(t, ok)
	require.Equal(t, []string{"3701", "370104"}, []string{p.CityCode(), p.CountyCode()})
	_, ok = Get("37010")
	require.False(t, ok)
}

func TestDistance(t *testing.T) {
	require.InDelta(t, 0, Distance(117, 36, 117, 36), 1e-9)
	// Jinan to Qingdao city halls are about 310 km apart.
	require.InDelta(t, 310, Distance(117.120, 36.651, 120.383, 36.067), 12)
	require.InDelta(t, 20015, Distance(0, 0, 180, 0), 1)
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"济南·槐荫·兴福", "山东省济南市槐荫区兴福街道", "全国", "莱芜市钢城区", "\xff济南", "3701", "北京市市辖区"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := Parse(s)
		if err != nil {
			return
		}
		if q, ok := Get(p.Code); !ok || q.Name != p.Name {
			t.Fatalf("%q gave %+v", s, p)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	texts := []string{"济南·槐荫·兴福", "山东省济南市槐荫区", "青岛-黄岛区", "全国", "北京·朝阳·望京", "371522"}
	for i := range b.N {
		if _, err := Parse(texts[i%len(texts)]); err != nil {
			b.Fatal(err)
		}
	}
}
