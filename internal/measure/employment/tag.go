package employment

import (
	"slices"
	"strings"
)

// Tags is one mixed column of remarks, sorted by what they say. Codes, not
// words: their texts are the messages of the vacancy's own fields.
type Tags struct {
	Education      Education
	EducationSaid  bool
	Experience     Experience
	ExperienceSaid bool
	Hours          []string // full_time, part_time, internship, day, two_shift, three_shift, night, flexible, two_days_off, one_day_off
	Insurance      string   // five_one (五险一金), five (五险), partial; empty when nothing is said
	Dormitory      bool
	Meals          bool
	Groups         []string // veteran, graduate, migrant, laid_off, disabled, hardship
	Free           []string // the rest, as written, without duplicates

	fund, social bool
}

type tagWord struct{ word, code string }

var (
	hourWords = []tagWord{
		{"全职", "full_time"}, {"兼职", "part_time"}, {"小时工", "part_time"}, {"临时工", "part_time"}, {"实习", "internship"},
		{"两班倒", "two_shift"}, {"两班", "two_shift"}, {"二班倒", "two_shift"}, {"三班倒", "three_shift"}, {"三班", "three_shift"}, {"四班三", "three_shift"},
		{"夜班", "night"}, {"晚班", "night"}, {"长白班", "day"}, {"常白班", "day"}, {"白班", "day"}, {"正常班", "day"},
		{"弹性", "flexible"}, {"灵活用工", "flexible"}, {"时间自由", "flexible"},
		{"周末双休", "two_days_off"}, {"双休", "two_days_off"}, {"单休", "one_day_off"},
	}
	fundWords      = []string{"一金", "二金", "公积金"}
	socialWords    = []string{"五险", "六险", "七险", "社保", "社会保险", "缴纳保险"}
	partialWords   = []string{"三险", "意外险", "商业保险", "雇主责任险"}
	dormitoryWords = []string{"包吃住", "包食宿", "包住", "管住", "管吃住", "提供住宿", "提供食宿", "免费住宿", "宿舍", "吃住全包", "食宿全包", "包吃包住"}
	mealWords      = []string{"包吃", "包食宿", "管吃", "提供食宿", "包餐", "管饭", "包饭", "免费工作餐", "工作餐", "餐补", "饭补", "食堂", "吃住全包", "食宿全包", "员工餐", "免费午餐"}
	groupWords     = []tagWord{
		{"退役军人", "veteran"}, {"退伍", "veteran"}, {"复员", "veteran"}, {"军转", "veteran"}, {"转业军人", "veteran"},
		{"高校毕业生", "graduate"}, {"应届", "graduate"}, {"毕业生", "graduate"}, {"大学生", "graduate"},
		{"农民工", "migrant"}, {"进城务工", "migrant"}, {"返乡", "migrant"},
		{"下岗", "laid_off"}, {"失业", "laid_off"}, {"4050", "laid_off"},
		{"残疾", "disabled"}, {"残障", "disabled"}, {"助残", "disabled"},
		{"困难职工", "hardship"}, {"困难家庭", "hardship"}, {"就业困难", "hardship"},
	}
	refusalWords = []string{"不", "勿", "非", "无", "谢绝", "除外", "拒"}
)

const maxTags = 60

// SortTags splits a mixed column at , ; | 、 / and blanks and sorts the tags:
// 「1-3年,大专,五险一金,包吃住,全职,退役军人优先|应届生」. It never fails; a tag it
// does not know is a free tag, and a refusal (不包住, 残疾勿扰) is never taken
// for what it refuses. At most 60 tags are read.
func SortTags(text string) Tags {
	var t Tags
	n := 0
	for _, raw := range strings.FieldsFunc(text, tagSeparator) {
		raw = strings.TrimSpace(raw)
		if raw == "" {
			continue
		}
		if n++; n > maxTags {
			break
		}
		if !t.sort(squeeze(raw)) && !slices.Contains(t.Free, raw) {
			t.Free = append(t.Free, raw)
		}
	}
	return t
}

func tagSeparator(r rune) bool {
	switch r {
	case ',', ';', '|', '、', '/', ' ', '，', '；', '｜', '／', '　', '\t', '\n', '\r', '\u00a0', 0:
		return true
	}
	return false
}

func (t *Tags) sort(s string) (known bool) {
	refused := false
	for _, w := range refusalWords {
		refused = refused || strings.Contains(s, w)
	}
	if e, err := ParseEducation(s); err == nil && s != "不限" && s != "" {
		if !t.EducationSaid || e != EducationAny && e < t.Education {
			t.Education = e
		}
		t.EducationSaid, known = true, true
	}
	if e, err := ParseExperience(s); err == nil && s != "不限" && s != "" && !known {
		switch {
		case !t.ExperienceSaid:
			t.Experience = e
		case e.Graduate:
			t.Experience.Graduate = true
		case t.Experience == (Experience{Graduate: true}):
			e.Graduate = true
			t.Experience = e
		}
		t.ExperienceSaid, known = true, true
	}
	if refused {
		return known
	}
	known = addWords(&t.Hours, s, hourWords) || known
	known = t.insure(s) || known
	known = addWords(&t.Groups, s, groupWords) || known
	if containsAny(s, dormitoryWords) {
		t.Dormitory, known = true, true
	}
	if containsAny(s, mealWords) {
		t.Meals, known = true, true
	}
	return known
}

// insure raises what is known of the insurance; tags may name its parts one by one.
func (t *Tags) insure(s string) (known bool) {
	fund, social := containsAny(s, fundWords), containsAny(s, socialWords)
	if !fund && !social && !containsAny(s, partialWords) {
		return false
	}
	t.fund, t.social = t.fund || fund, t.social || social
	switch {
	case t.fund && t.social:
		t.Insurance = "five_one"
	case t.social:
		t.Insurance = "five"
	default:
		t.Insurance = "partial"
	}
	return true
}

func addWords(to *[]string, s string, words []tagWord) (found bool) {
	for _, w := range words {
		if strings.Contains(s, w.word) {
			found = true
			if !slices.Contains(*to, w.code) {
				*to = append(*to, w.code)
			}
		}
	}
	return found
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}
