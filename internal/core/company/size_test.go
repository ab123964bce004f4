package company_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/company"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
)

// figures takes people and 元; -1 is not known.
func figures(employees, revenueYuan, assetsYuan int64) company.SizeFigures {
	var f company.SizeFigures
	if employees >= 0 {
		f.Employees = &employees
	}
	amount := func(yuan int64) *money.Fen {
		if yuan < 0 {
			return nil
		}
		fen := money.Fen(yuan * 100)
		return &fen
	}
	f.RevenueFen, f.AssetsFen = amount(revenueYuan), amount(assetsYuan)
	return f
}

const wan = 10_000 // 元

// E3-5 of the measure's facts, and what a tired clerk would get wrong.
func TestSizeExamples(t *testing.T) {
	rule := company.SizeRules()[0]
	for _, c := range []struct {
		industry string
		figures  company.SizeFigures
		want     company.SizeClass
	}{
		{"工业", figures(25, 280*wan, -1), company.Micro},
		{"工业", figures(350, 1900*wan, -1), company.Small},
		{"工业", figures(350, 2500*wan, -1), company.Medium},
		{"软件和信息技术服务业", figures(99, 999*wan, -1), company.Small},
		{"软件和信息技术服务业", figures(100, 1000*wan, -1), company.Medium},
		{"零售业", figures(10, 100*wan, -1), company.Small},
		{"零售业", figures(9, 100*wan, -1), company.Micro},
		{"建筑业", figures(-1, 6000*wan, 4999*wan), company.Small},
		{"房地产开发经营", figures(-1, 1500*wan, 4000*wan), company.Small},
		{"房地产开发经营", figures(-1, 50*wan, 20000*wan), company.Micro},
		{"农、林、牧、渔业", figures(-1, 4_999_900, -1), company.Small},
		{"农、林、牧、渔业", figures(-1, 500*wan, -1), company.Medium},
		{"其他未列明行业", figures(99, -1, -1), company.Small},
		{"其他未列明行业", figures(100, -1, -1), company.Medium},
		{"工业", figures(25, -1, -1), company.Unclassified},
		{"工业", figures(-1, 280*wan, 1), company.Unclassified},
	} {
		of, ok := rule.Named(c.industry)
		require.True(t, ok, c.industry)
		s, err := rule.Classify(of, c.figures)
		require.NoError(t, err)
		require.Equal(t, c.want, s.Class, "%s %+v", c.industry, s.Evidence)
		require.Len(t, s.Evidence, len(of.Bounds))
	}
	of, _ := rule.Named("工业")
	_, err := rule.Classify(of, figures(-1, 0, -1))
	require.NoError(t, err)
	minus := int64(-1)
	_, err = rule.Classify(of, company.SizeFigures{Employees: &minus})
	require.True(t, fault.HasCode(err, "company.size_negative"), "%v", err)
}

// Each bound of each industry, on it and one unit below: 以上 includes the bound.
func TestSizeBounds(t *testing.T) {
	rule := company.SizeRules()[0]
	require.Len(t, rule.Industries, 16)
	order := []company.SizeClass{company.Micro, company.Small, company.Medium, company.Large}
	for _, of := range rule.Industries {
		const plenty = 1_000_000 * wan
		all := figures(1_000_000, plenty, plenty)
		full, err := rule.Classify(of, all)
		require.NoError(t, err)
		require.Equal(t, company.Large, full.Class, of.Name)
		for i, e := range full.Evidence {
			for j, bound := range []int64{e.SmallMin, e.MediumMin, e.LargeMin} {
				for _, below := range []int64{0, 1} {
					f := all
					value := bound - below
					switch e.Indicator {
					case company.SizeEmployees:
						f.Employees = &value
					case company.SizeRevenue:
						f.RevenueFen = (*money.Fen)(&value)
					case company.SizeAssets:
						f.AssetsFen = (*money.Fen)(&value)
					}
					s, err := rule.Classify(of, f)
					require.NoError(t, err)
					require.Equal(t, order[j+1-int(below)], s.Class, "%s %s %d", of.Name, e.Indicator, value)
					require.Equal(t, s.Class, s.Evidence[i].Class, "one indicator decides")
				}
			}
		}
	}
}

func TestSizeIndustryOfACode(t *testing.T) {
	rule := company.SizeRules()[0]
	for code, want := range map[string]string{
		"0111": "农、林、牧、渔业", "A": "农、林、牧、渔业", "A01": "农、林、牧、渔业", "0513": "农、林、牧、渔业",
		"0610": "工业", "C13": "工业", "1311": "工业", "4690": "工业", "4700": "建筑业", "5111": "批发业", "5211": "零售业",
		"5311": "", "5412": "交通运输业", "5910": "交通运输业", "5920": "仓储业", "5990": "仓储业", "6010": "邮政业",
		"6110": "住宿业", "6210": "餐饮业", "6311": "信息传输业", "6410": "信息传输业", "6510": "软件和信息技术服务业",
		"J": "", "6620": "", "7010": "房地产开发经营", "K701": "房地产开发经营", "7020": "物业管理", "7030": "其他未列明行业", "7040": "",
		"7090": "其他未列明行业", "7111": "租赁和商务服务业", "L72": "租赁和商务服务业", "7310": "其他未列明行业", "8010": "其他未列明行业",
		"8310": "", "8411": "", "8511": "其他未列明行业", "Q85": "其他未列明行业", "9011": "其他未列明行业", "9111": "", "": "", "98": "", "00": "", "x": "",
	} {
		of, ok := rule.IndustryOf(code)
		require.Equal(t, want, of.Name, code)
		require.Equal(t, want != "", ok, code)
	}
}

func TestSizeRulesThatContradictThemselvesAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"no list": `{}`, "empty": `[]`, "no bounds": `[{"industries":[{"name":"x","prefixes":["A"]}]}]`,
		"bounds out of order": `[{"industries":[{"name":"x","prefixes":["A"],"bounds":[{"of":"revenue","large":5,"medium":5,"small":1}]}]}]`,
		"unknown indicator":   `[{"industries":[{"name":"x","prefixes":["A"],"bounds":[{"of":"profit","large":5,"medium":4,"small":1}]}]}]`,
		"two owners": `[{"industries":[{"name":"x","prefixes":["A"],"bounds":[{"of":"revenue","large":5,"medium":4,"small":1}]},` +
			`{"name":"y","prefixes":["A"],"bounds":[{"of":"revenue","large":5,"medium":4,"small":1}]}]}]`,
	} {
		_, err := company.ParseSizeRules([]byte(text))
		require.True(t, fault.HasCode(err, "company.size_rules"), "%s: %v", name, err)
	}
}
