package employment

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/kit/clock"
)

var (
	july2020  = clock.MakeDay(2020, 7, 20)
	april2021 = clock.MakeDay(2021, 4, 1)
)

func screened(text string) []string {
	var codes []string
	for _, r := range Screen(ScreenInput{Title: "普工", Content: text, Pay: Pay{MinFen: 1, MaxFen: 1, Per: PerMonth}}, april2021) {
		codes = append(codes, r.Rule)
	}
	return codes
}

func TestScreenRefuses(t *testing.T) {
	for text, rule := range map[string]string{
		"限男性":           "sex",
		"要求：仅 限 男 性":    "sex",
		"限女生，包吃住":       "sex",
		"男士优先":          "sex",
		"性别：男":          "sex",
		"不招女工":          "sex",
		"已婚已育者优先":       "marriage",
		"两年内不生育":        "marriage",
		"限汉族":           "ethnicity",
		"少数民族勿扰":        "ethnicity",
		"无宗教信仰":         "religion",
		"残疾勿扰":          "disability",
		"身体健康，无残疾":      "disability",
		"乙肝携带者勿扰":       "infection",
		"体检项目：乙肝五项":     "infection",
		"限城镇户口":         "origin",
		"外地人勿扰":         "origin",
		"本地户籍优先":        "origin",
		"年龄35岁以下":       "age",
		"１８－３５周岁":       "age",
		"18岁至30岁":       "age",
		"年龄不超过30岁":      "age",
		"入职交押金200元":     "fee",
		"缴纳保证金，离职退还":    "fee",
		"培训费500元，服装费自理": "fee",
		"体检费自理":         "fee",
		"无经验可，需交培训费":    "fee",
		"不用经验，需交押金":     "fee",
		"扣押证件":          "fee",
		"出国劳务，月入三万":     "overseas",
		"劳务中介代招":        "agency",
		"入职满30天返费3000元": "agency",
	} {
		require.Contains(t, screened(text), rule, text)
	}
}

func TestScreenPasses(t *testing.T) {
	for _, text := range []string{
		"", "不收取任何押金", "无需押金", "无押金", "零押金", "免押金", "押金全免", "不收取任何押金、保证金、培训费", "不交押金和服装费", "培训费由公司承担", "公司承担培训费", "体检费公司报销",
		"男女不限", "性别不限", "不限男女", "性别：男女不限", "性别要求：男女均可", "限男女工人各10名", "招男女普工",
		"婚育状况不限", "已婚已育不限", "民族不限", "少数民族不限", "欢迎残疾人", "残疾人优先", "退役军人优先", "残疾人不限",
		"不查乙肝", "体检不得检测乙肝", "户籍不限", "本地外地均可", "农民工优先", "返乡农民工优先",
		"年龄不限", "年满18周岁", "18周岁以下勿扰", "18-55岁", "45岁以下", "公司成立35年", "60岁以下均可",
		"负责投标保证金的收付", "客户押金核算", "海外市场开拓", "境外采购", "赴日照工作", "中介勿扰", "非中介", "非劳务中介，厂家直招", "劳务派遣员工转正",
		"女装销售", "男装导购", "负责女工工作", "无障碍设计",
	} {
		require.Empty(t, screened(text), text)
	}
}

func TestScreenNamesRuleAndDate(t *testing.T) {
	in := ScreenInput{Title: "限男性 仓管", Content: "入职交押金", Tags: []string{"男士优先"}, PayText: "面议", Pay: Pay{Negotiable: true}}
	got := Screen(in, july2020)
	var where []string
	for _, r := range got {
		where = append(where, r.Rule+"@"+r.Field)
		require.Equal(t, "screen.refused."+r.Rule, r.Key)
	}
	require.Equal(t, []string{"sex@title", "sex@tags", "fee@content", "pay_range@pay"}, where)
	require.Equal(t, "限男", got[0].Params["word"])
	require.Equal(t, "《就业促进法》第二十七条、《人力资源市场暂行条例》（国务院令第700号）第二十四条", got[0].Citation)
	require.Empty(t, got[2].Citation, "the order of 2021 was not in force in July 2020, and what is only known is not printed")

	later := Screen(in, april2021)
	require.Contains(t, later[0].Citation, "人社部令第44号")
	require.Contains(t, later[2].Citation, "人社部令第44号")

	for _, r := range Rules(april2021) {
		require.True(t, r.House || len(r.Citations) > 0, r.Code)
		if r.House {
			require.Empty(t, r.Printed(), "a rule of the house is not printed as law")
		}
	}
}

func TestScreenWithOtherWords(t *testing.T) {
	rules := []Rule{{Code: "sex", Words: []string{"帅哥"}}}
	require.Len(t, ScreenWith(rules, ScreenInput{Title: "帅哥美女来"}), 1)
	require.Empty(t, ScreenWith(rules, ScreenInput{Title: "限男性"}))
}
