package place

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"gonghui/internal/kit/fault"
)

// Every code has an English name, in Latin letters only, and its own among the
// places beside it.
func TestEveryPlaceHasAnEnglishName(t *testing.T) {
	g := load()
	require.Equal(t, len(g.places), strings.Count(englishCSV, "\n")-1, "one row a place, and none for a place that is not there")
	var walk func(code string)
	walk = func(code string) {
		seen := map[string]string{}
		for _, p := range Children(code) {
			name := p.NameIn(English)
			require.NotEmpty(t, name, p.Code)
			require.Equal(t, strings.TrimSpace(name), name)
			for _, r := range name + ShortNameIn(p.Code, English) + FullNameIn(p.Code, English) {
				require.True(t, r == ' ' || strings.ContainsRune("',()-", r) || unicode.Is(unicode.Latin, r), "%s %q", p.Code, name)
			}
			require.Empty(t, seen[name], "%s is called %q too", p.Code, name)
			seen[name] = p.Code
			walk(p.Code)
		}
	}
	walk(Nation)
	require.Equal(t, "Nationwide", ShortNameIn(Nation, English))
	require.Equal(t, "Nationwide", FullNameIn(Nation, English))
}

// Readings that a dictionary gets wrong, and the forms of the kinds.
func TestEnglishNames(t *testing.T) {
	for code, want := range map[string]string{
		"37": "Shandong", "3701": "Jinan", "3709": "Tai'an", "3717": "Heze", "370100": "Jinan",
		"370102": "Lixia District", "370114": "Zhangqiu District", "370124": "Pingyin County", "371083": "Rushan City",
		"371522": "Shen County", "371726": "Juancheng County", "371322": "Tancheng County", "371122": "Ju County",
		"371503": "Chiping District", "370481": "Tengzhou City", "371722": "Shan County", "370812": "Yanzhou District",
		"370602": "Zhifu District", "370404": "Yicheng District", "370724": "Linqu County", "371623": "Wudi County",
		"370505": "Kenli District", "371521": "Yanggu County", "371524": "Dong'e County", "371481": "Laoling City",
		"370126": "Shanghe County", "370113": "Changqing District", "370881": "Qufu City", "370783": "Shouguang City",
		"370405": "Tai'erzhuang District", "370830": "Wenshang County", "370612": "Muping District",
		"370176": "Jinan High-tech Industrial Development Zone", "371471": "Dezhou Tianqu New Area",
		"370104014": "Xingfu Subdistrict", "370102001": "Jiefang Road Subdistrict", "370783109": "Houzhen Town",
		"370302001": "Panyang Road Subdistrict", "371322102": "Chongfang Town", "371302001": "Lanshan Subdistrict",
		"11": "Beijing", "14": "Shanxi", "61": "Shaanxi", "15": "Inner Mongolia", "1501": "Hohhot", "6501": "Urumqi",
		"6201": "Lanzhou", "360124": "Jinxian County", "441481": "Xingning City", "131025": "Daicheng County",
		"622927": "Jishishan Bonan, Dongxiang and Salar Autonomous County", "2224": "Yanbian Korean Autonomous Prefecture",
	} {
		p, ok := Get(code)
		require.True(t, ok, code)
		require.Equal(t, want, p.NameIn(English), p.Name)
		require.Equal(t, p.Name, p.NameIn("zh-CN"))
	}
	for code, want := range map[string][2]string{
		"370104014": {"Xingfu Subdistrict, Huaiyin District, Jinan, Shandong", "Xingfu, Huaiyin, Jinan"},
		"370112":    {"Licheng District, Jinan, Shandong", "Licheng, Jinan"},
		"371722":    {"Shan County, Heze, Shandong", "Shan County, Heze"},
		"370176":    {"Jinan High-tech Industrial Development Zone, Shandong", "Jinan High-tech Zone"},
		"370176002": {"Suncun Subdistrict, Jinan High-tech Industrial Development Zone, Shandong", "Suncun, Jinan High-tech Zone"},
		"140971":    {"Mount Wutai Scenic Area, Xinzhou, Shanxi", "Mount Wutai Scenic Area, Xinzhou"},
		"110105":    {"Chaoyang District, Beijing", "Chaoyang, Beijing"},
		"3701":      {"Jinan, Shandong", "Jinan"},
		"37":        {"Shandong", "Shandong"},
		"622927":    {"Jishishan Bonan, Dongxiang and Salar Autonomous County, Linxia Hui Autonomous Prefecture, Gansu", "Jishishan, Linxia"},
		"99":        {"", ""},
	} {
		require.Equal(t, want, [2]string{FullNameIn(code, English), ShortNameIn(code, English)})
		require.Equal(t, [2]string{FullName(code), ShortName(code)}, [2]string{FullNameIn(code, "zh-CN"), ShortNameIn(code, "")})
	}
}

func TestParseEnglish(t *testing.T) {
	for text, want := range map[string]string{
		"Licheng":                              "370112",
		"licheng district":                     "370112",
		"Licheng District, Jinan, Shandong":    "370112",
		"Jinan Licheng":                        "370112",
		"Shandong Province, Jinan City":        "3701",
		"JINAN":                                "3701",
		"Ｊｉｎａｎ":                                "3701",
		"Taian":                                "3709",
		"Tai’an City":                          "3709",
		"Xingfu, Huaiyin, Jinan":               "370104014",
		"Xingfu Subdistrict, Huaiyin District": "370104014",
		"Shan County":                          "371722",
		"Dongying":                             "3705",
		"Dongying District":                    "370502",
		"Linyi":                                "3713",
		"Linyi, Dezhou":                        "371424",
		"Shizhong, Zaozhuang":                  "370402",
		"Yantai Economic Development Zone":     "370676",
		"Chaoyang, Beijing":                    "110105",
		"Huaiyin District, Jinan, China":       "370104",
		"Jinan / Huaiyin / 12 Jingshi Road":    "370104 12 jingshi road",
		"Nationwide":                           "00",
		"China":                                "00",
		"Hong Kong":                            "81",
		"Xingfu Subdistrict":                   "",
		"Licheng, Qingdao":                     "",
		"Mars":                                 "",
		"'":                                    "",
	} {
		p, err := Parse(text)
		if want == "" {
			require.True(t, fault.HasCode(err, "place.unknown"), "%q gave %+v", text, p)
			continue
		}
		require.NoError(t, err, text)
		require.Equal(t, want, strings.TrimSpace(p.Code+" "+p.Detail), text)
	}
	_, err := Parse("Shizhong District")
	require.True(t, fault.HasCode(err, "place.ambiguous"))
	c, _ := fault.As(err).Params["candidates"].(interface{ NameIn(string) string })
	require.Equal(t, "Shizhong District, Jinan, Shandong; Shizhong District, Zaozhuang, Shandong", c.NameIn(English))
	require.Equal(t, "山东省济南市市中区、山东省枣庄市市中区", c.NameIn("zh-CN"))
}

// Every division of Shandong is found again from its English names.
func TestEnglishNamesRoundTrip(t *testing.T) {
	for _, p := range load().places {
		if !strings.HasPrefix(p.Code, Shandong) {
			continue
		}
		full := FullNameIn(p.Code, English)
		got, err := Parse(full)
		require.NoError(t, err, full)
		require.Equal(t, p.Code, got.Code, full)
	}
}
