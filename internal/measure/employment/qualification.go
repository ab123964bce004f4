package employment

import (
	"strings"

	"gonghui/internal/kit/fault"
)

// Education is the lowest schooling a vacancy asks for, or the highest a seeker
// has; the order is the order of the levels.
type Education int8

// The levels. The order of 高中 and 中专 follows the recruiting trade, where both
// are one step below 大专.
const (
	EducationAny       Education = iota // 不限
	EducationJunior                     // 初中及以下
	EducationSenior                     // 高中
	EducationSecondary                  // 中专, 中技, 职高, 技校
	EducationCollege                    // 大专, 高职
	EducationBachelor                   // 本科
	EducationMaster                     // 硕士
	EducationDoctor                     // 博士
)

// Educations are the codes of the levels, in order.
var Educations = []string{"any", "junior", "senior", "secondary", "college", "bachelor", "master", "doctor"}

// String is the code: any, junior, senior, secondary, college, bachelor, master,
// doctor. Its text is the message "screen.education." + code.
func (e Education) String() string {
	if e < 0 || int(e) >= len(Educations) {
		return Educations[0]
	}
	return Educations[e]
}

// EducationByCode finds a level by its code.
func EducationByCode(code string) (Education, bool) {
	for i, c := range Educations {
		if c == code {
			return Education(i), true
		}
	}
	return EducationAny, false
}

// MarshalText gives the code.
func (e Education) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText reads a code.
func (e *Education) UnmarshalText(b []byte) error {
	v, ok := EducationByCode(string(b))
	if !ok {
		return wordFault("education")
	}
	*e = v
	return nil
}

var educationWords = []struct {
	word  string
	level Education
}{
	{"博士", EducationDoctor}, {"硕士", EducationMaster}, {"研究生", EducationMaster}, {"mba", EducationMaster}, {"emba", EducationMaster},
	{"本科", EducationBachelor}, {"学士", EducationBachelor}, {"bachelor", EducationBachelor},
	{"大专", EducationCollege}, {"专科", EducationCollege}, {"高职", EducationCollege}, {"专升本", EducationCollege},
	{"中专", EducationSecondary}, {"中技", EducationSecondary}, {"职高", EducationSecondary}, {"技校", EducationSecondary}, {"中职", EducationSecondary},
	{"高中", EducationSenior},
	{"初中", EducationJunior}, {"小学", EducationJunior}, {"中学", EducationJunior},
}

// englishEducation are the English words; they must stand alone, since a scrum
// master needs no master's degree.
var englishEducation = map[string]Education{
	"doctor": EducationDoctor, "doctorate": EducationDoctor, "phd": EducationDoctor, "master": EducationMaster, "master'sdegree": EducationMaster,
	"college": EducationCollege, "vocationalschool": EducationSecondary, "seniorhigh": EducationSenior, "seniorhighschool": EducationSenior,
	"highschool": EducationSenior, "juniorhigh": EducationJunior, "juniorhighschool": EducationJunior, "juniorhighorless": EducationJunior,
	"primaryschool": EducationJunior,
}

// ParseEducation reads the words of the trade: 不限, 初中及以下, 高中, 中专/中技,
// 大专, 统招本科, 本科及以上, 硕士, Bachelor's degree … Of several levels the lowest counts, since it
// is enough. An empty text asks for nothing. Fault: employment.education.
func ParseEducation(text string) (Education, error) {
	s := squeeze(text)
	if s == "" {
		return EducationAny, nil
	}
	if level, ok := englishEducation[s]; ok {
		return level, nil
	}
	found, level := false, EducationAny
	for _, w := range educationWords {
		if strings.Contains(s, w.word) && (!found || w.level < level) {
			found, level = true, w.level
		}
	}
	if found {
		// 博士研究生 is a doctor, not a master.
		if level == EducationMaster && strings.Contains(s, "博士研究生") && !strings.Contains(s, "硕士") {
			level = EducationDoctor
		}
		return level, nil
	}
	if unlimited(s, "学历") || unlimited(s, "education") {
		return EducationAny, nil
	}
	return EducationAny, wordFault("education")
}

// Experience is the span of working years a vacancy asks for.
type Experience struct {
	MinYears int  `json:"min_years,omitempty"`
	MaxYears int  `json:"max_years,omitempty"` // 0: no upper end
	Graduate bool `json:"graduate,omitempty"`  // 应届生, 在校生 are meant
}

const maxYears = 50

// englishYears turns the English word into the one that years looks for.
var englishYears = strings.NewReplacer("years", "年", "year", "年", "yrs", "年")

// ParseExperience reads 经验不限, 1-3年, 3年以上, 1年以内, 应届生, 在校生, 无经验,
// 1-3 years, no experience …
// A single figure is a lower end. An empty text asks for nothing. Fault:
// employment.experience.
func ParseExperience(text string) (Experience, error) {
	s := englishYears.Replace(squeeze(text))
	if s == "" {
		return Experience{}, nil
	}
	for _, w := range []string{"应届", "在校", "校招", "毕业生", "届毕业", "实习生", "graduate"} {
		if strings.Contains(s, w) {
			return Experience{Graduate: true}, nil
		}
	}
	if strings.HasSuffix(s, "届") {
		return Experience{Graduate: true}, nil
	}
	if low, high, n := years(s); n > 0 {
		e := Experience{MinYears: low, MaxYears: high}
		if n == 1 && (strings.Contains(s, "以内") || strings.Contains(s, "以下") || strings.Contains(s, "不满") || strings.Contains(s, "不到") || strings.Contains(s, "内经验") || strings.HasPrefix(s, "under") || strings.HasPrefix(s, "lessthan") || strings.HasPrefix(s, "upto")) {
			e = Experience{MaxYears: low}
		}
		if e.MinYears > maxYears || e.MaxYears > maxYears || e.MaxYears != 0 && e.MinYears > e.MaxYears {
			return Experience{}, wordFault("experience")
		}
		return e, nil
	}
	if unlimited(s, "经验") || unlimited(s, "experience") || strings.Contains(s, "无经验") || strings.Contains(s, "新手") || strings.Contains(s, "小白") {
		return Experience{}, nil
	}
	return Experience{}, wordFault("experience")
}

// unlimited knows the ways to say that something is not asked for.
func unlimited(s, what string) bool {
	for _, w := range []string{"不限", "无要求", "不要求", "无需", "不需", "均可", "无限制", "不做要求", "不作要求", "无", "notrequired", "any", "none", "no"} {
		if strings.Contains(s, w) {
			rest := strings.Replace(strings.Replace(s, w, "", 1), what, "", 1)
			rest = strings.Trim(rest, "工作要求限制年")
			return rest == ""
		}
	}
	return false
}

// years reads one or two figures before 年; n says how many there were.
func years(s string) (low, high, n int) {
	if !strings.Contains(s, "年") {
		return 0, 0, 0
	}
	vals, digits, cur := [2]int{}, 0, 0
	flush := func() bool {
		if digits == 0 {
			return true
		}
		if n == 2 {
			return false
		}
		vals[n], n, digits, cur = cur, n+1, 0, 0
		return true
	}
	for _, r := range s {
		d := int64(-1)
		if r >= '0' && r <= '9' {
			d = int64(r - '0')
		} else if v, ok := hanDigits[r]; ok {
			d = v
		} else if r == '十' {
			if digits == 0 {
				cur = 1
			}
			cur, digits = cur*10, digits+1
			continue
		} else if r == '半' {
			continue
		}
		if d >= 0 {
			if r < '0' || r > '9' {
				if digits > 0 && cur >= 10 { // 十五
					cur += int(d)
					continue
				}
			}
			if digits++; digits > 4 {
				return 0, 0, 0
			}
			cur = cur*10 + int(d)
			continue
		}
		if !flush() {
			return 0, 0, 0
		}
	}
	if !flush() || n == 0 {
		return 0, 0, 0
	}
	return vals[0], vals[1], n
}

// squeeze folds width and case and removes all blanks.
func squeeze(s string) string {
	return strings.ReplaceAll(foldPay(s), " ", "")
}

func wordFault(field string) error {
	return fault.New(fault.Invalid, "employment."+field, fault.OnField(field, "unknown_word"))
}
