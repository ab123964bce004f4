package place

import (
	"strings"
	"unicode/utf8"
)

var (
	citySuffixes     = []string{"自治州", "地区", "市", "盟"}
	countySuffixes   = []string{"自治县", "自治旗", "林区", "特区", "新区", "市", "区", "县", "旗"}
	townshipSuffixes = []string{"街道办事处", "街道办", "街道", "办事处", "民族乡", "镇", "乡"}
	// zoneSuffixes are how the kind of a development zone is written; the first
	// is replaced by each of the short forms beside it.
	zoneKinds = []struct{ kind, short, english string }{
		{"高新技术产业开发区", "高新区", "High-tech Zone"}, {"高新技术开发区", "高新区", "High-tech Zone"}, {"高技术产业开发区", "高新区", "High-tech Zone"},
		{"经济技术开发区", "经开区", "Economic Development Zone"}, {"经济开发区", "经开区", "Economic Development Zone"},
	}
	peoples = []string{
		"蒙古族", "回族", "藏族", "维吾尔族", "苗族", "彝族", "壮族", "布依族", "朝鲜族", "满族", "侗族", "瑶族", "白族", "土家族",
		"哈尼族", "哈萨克族", "傣族", "黎族", "傈僳族", "佤族", "畲族", "高山族", "拉祜族", "水族", "东乡族", "纳西族", "景颇族",
		"柯尔克孜族", "土族", "达斡尔族", "仫佬族", "羌族", "布朗族", "撒拉族", "毛南族", "仡佬族", "锡伯族", "阿昌族", "普米族",
		"塔吉克族", "怒族", "乌孜别克族", "俄罗斯族", "鄂温克族", "德昂族", "保安族", "裕固族", "京族", "塔塔尔族", "独龙族",
		"鄂伦春族", "赫哲族", "门巴族", "珞巴族", "基诺族", "各族", "维吾尔", "哈萨克", "柯尔克孜", "蒙古",
	}
)

// strip removes one suffix when at least two characters remain.
func strip(name string, suffixes []string) string {
	for _, s := range suffixes {
		if rest, ok := strings.CutSuffix(name, s); ok {
			if utf8.RuneCountInString(rest) < 2 {
				return name
			}
			if strings.HasPrefix(s, "自治") {
				return stripPeoples(rest)
			}
			return rest
		}
	}
	return name
}

func stripPeoples(s string) string {
again:
	for _, p := range peoples {
		if rest, ok := strings.CutSuffix(s, p); ok && utf8.RuneCountInString(rest) >= 2 {
			s = rest
			goto again
		}
	}
	return s
}

// short is the name people use: 济南, 槐荫, 内蒙古, 延边, 兴福.
func short(p Place) string {
	switch p.Level {
	case Province:
		if rest, ok := strings.CutSuffix(p.Name, "自治区"); ok {
			return stripPeoples(rest)
		}
		return strip(p.Name, []string{"特别行政区", "省", "市"})
	case City:
		return strip(p.Name, citySuffixes)
	case County:
		if p.Zone {
			return shortZone(p.Name)
		}
		return strip(p.Name, countySuffixes)
	case Township:
		return strip(p.Name, townshipSuffixes)
	case National:
	}
	return p.Name
}

func shortZone(name string) string {
	for _, k := range zoneKinds {
		if rest, ok := strings.CutSuffix(name, k.kind); ok {
			return rest + k.short
		}
	}
	return name
}

// shortForms lists the other ways to write a place; city is the short name of
// the division above.
func shortForms(p Place, s, city string) []string {
	if p.Zone {
		out := []string{s}
		if rest, ok := strings.CutPrefix(s, city); ok {
			out = append(out, rest)
			if strings.HasSuffix(s, "经开区") {
				out = append(out, strings.TrimSuffix(s, "经开区")+"开发区", strings.TrimSuffix(rest, "经开区")+"开发区")
			}
			if rest, ok := strings.CutPrefix(p.Name, city); ok {
				out = append(out, rest)
			}
		}
		return out
	}
	if p.Code == "370211" {
		return []string{s, "西海岸新区", "青岛西海岸新区", "西海岸"}
	}
	return []string{s}
}
