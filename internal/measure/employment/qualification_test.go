package employment

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/kit/fault"
)

func TestParseEducation(t *testing.T) {
	for text, want := range map[string]Education{
		"": EducationAny, "不限": EducationAny, "学历不限": EducationAny, "不限学历": EducationAny, "无学历要求": EducationAny,
		"初中及以下": EducationJunior, "初中": EducationJunior, "小学": EducationJunior,
		"高中": EducationSenior, "高中以上": EducationSenior, "中专/中技": EducationSecondary, "中专": EducationSecondary, "职高": EducationSecondary,
		"大专": EducationCollege, "专科及以上": EducationCollege, "高职": EducationCollege,
		"本科": EducationBachelor, "统招本科": EducationBachelor, "本科及以上": EducationBachelor, "全日制本科以上学历": EducationBachelor,
		"硕士": EducationMaster, "研究生": EducationMaster, "ＭＢＡ": EducationMaster, "博士": EducationDoctor, "博士研究生": EducationDoctor,
		"Bachelor's degree": EducationBachelor, "Junior high or less": EducationJunior, "Senior high": EducationSenior, "High school": EducationSenior,
		"Vocational school": EducationSecondary, "College": EducationCollege, "Master": EducationMaster, "Doctor": EducationDoctor, "Any education": EducationAny,
		"大专/本科": EducationCollege, "高中/中专": EducationSenior, " 大 专 ": EducationCollege,
	} {
		got, err := ParseEducation(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"优秀", "1-3年", "经验不限", "x"} {
		_, err := ParseEducation(text)
		require.True(t, fault.HasCode(err, "employment.education"), text)
	}
	for i := range Educations {
		e := Education(i)
		b, err := e.MarshalText()
		require.NoError(t, err)
		var back Education
		require.NoError(t, back.UnmarshalText(b))
		require.Equal(t, e, back)
	}
	var e Education
	require.Error(t, e.UnmarshalText([]byte("phd")))
}

func TestParseExperience(t *testing.T) {
	for text, want := range map[string]Experience{
		"": {}, "不限": {}, "经验不限": {}, "无需经验": {}, "无经验": {}, "不限经验": {}, "无工作经验要求": {},
		"1-3年": {MinYears: 1, MaxYears: 3}, "3～5年": {MinYears: 3, MaxYears: 5}, "５－１０年": {MinYears: 5, MaxYears: 10}, "1至3年工作经验": {MinYears: 1, MaxYears: 3},
		"1年以内": {MaxYears: 1}, "1年以下": {MaxYears: 1}, "10年以上": {MinYears: 10}, "三年以上": {MinYears: 3}, "两年": {MinYears: 2}, "十年以上": {MinYears: 10}, "十五年以上": {MinYears: 15},
		"1-3 years": {MinYears: 1, MaxYears: 3}, "3 years or more": {MinYears: 3}, "under 1 year": {MaxYears: 1}, "No experience": {}, "Graduate": {Graduate: true},
		"3年及以上经验": {MinYears: 3}, "应届生": {Graduate: true}, "在校生": {Graduate: true}, "应届毕业生": {Graduate: true}, "2021届": {Graduate: true},
	} {
		got, err := ParseExperience(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"丰富", "5-3年", "100年", "大专", "1-2-3年", "2020年"} {
		_, err := ParseExperience(text)
		require.True(t, fault.HasCode(err, "employment.experience"), text)
	}
}

func TestSortTags(t *testing.T) {
	got := SortTags("1-3年,大专,五险一金,包吃住,全职,退役军人优先|应届生")
	requireTags(t, Tags{
		Education: EducationCollege, EducationSaid: true,
		Experience: Experience{MinYears: 1, MaxYears: 3, Graduate: true}, ExperienceSaid: true,
		Hours: []string{"full_time"}, Insurance: "five_one", Dormitory: true, Meals: true,
		Groups: []string{"veteran", "graduate"},
	}, got)

	got = SortTags("经验不限；学历不限　两班倒 夜班、公积金/带薪年假 带薪年假，环境好😀")
	requireTags(t, Tags{
		EducationSaid: true, ExperienceSaid: true, Hours: []string{"two_shift", "night"},
		Insurance: "partial", Free: []string{"带薪年假", "环境好😀"},
	}, got)

	got = SortTags("中专/中技|兼职|实习|下岗失业|农民工|残疾人|困难职工|高校毕业生")
	require.Equal(t, EducationSecondary, got.Education)
	require.Equal(t, []string{"part_time", "internship"}, got.Hours)
	require.ElementsMatch(t, []string{"laid_off", "migrant", "disabled", "hardship", "graduate"}, got.Groups)

	got = SortTags("不包住|残疾勿扰|无社保|不限")
	requireTags(t, Tags{Free: []string{"不包住", "残疾勿扰", "无社保", "不限"}}, got)
	requireTags(t, Tags{}, SortTags(" ,,|\x00 "))
}

func requireTags(t *testing.T, want, got Tags) {
	t.Helper()
	got.fund, got.social = false, false
	require.Equal(t, want, got)
}
