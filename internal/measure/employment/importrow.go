package employment

import (
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gonghui/internal/core/company"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/form"
	"gonghui/internal/kit/hanzi"
	"gonghui/internal/kit/ident"
	"gonghui/internal/kit/place"
)

// ImportFields are the fields a file of vacancies may have; the first three are
// required.
var ImportFields = []string{
	"title", "company", "place", "credit_code", "pay", "occupation", "headcount", "education", "experience", "tags", "link", "text", "valid_to",
}

// RequiredImportFields must be in every file and row.
var RequiredImportFields = []string{"title", "company", "place"}

// ImportAliases are the headings under which fields are recognised.
var ImportAliases = map[string][]string{
	"title":       {"title", "job", "job_title", "job title", "position", "职位", "职位名称", "岗位", "岗位名称", "招聘岗位", "招聘职位", "标题"},
	"company":     {"company", "employer", "company_name", "company name", "公司", "公司名称", "企业", "企业名称", "单位", "单位名称", "招聘单位", "用人单位"},
	"place":       {"place", "location", "city", "area", "region", "address", "地点", "工作地点", "工作地", "工作地区", "工作城市", "地区", "区域", "城市", "地址"},
	"credit_code": {"credit_code", "uscc", "credit code", "统一社会信用代码", "信用代码", "社会信用代码"},
	"pay":         {"pay", "salary", "wage", "薪资", "薪酬", "工资", "月薪", "薪水", "待遇", "薪资待遇", "薪资范围", "薪酬范围"},
	"occupation":  {"occupation", "职业", "职业代码", "工种", "职业名称"},
	"headcount":   {"headcount", "openings", "人数", "招聘人数", "招聘数量", "需求人数"},
	"education":   {"education", "degree", "学历", "学历要求", "文化程度"},
	"experience":  {"experience", "经验", "工作经验", "经验要求", "工作年限"},
	"tags":        {"tags", "labels", "标签", "福利", "福利待遇", "要求", "职位标签"},
	"link":        {"link", "url", "链接", "网址", "职位链接", "来源链接"},
	"text":        {"text", "description", "content", "描述", "职位描述", "岗位描述", "岗位职责", "工作内容", "职位详情"},
	"valid_to":    {"valid_to", "deadline", "expires", "有效期", "有效期至", "截止日期", "截止时间"},
}

// candidate is one row understood.
type candidate struct {
	Vacancy
	employer company.Listed
	refusals []Refusal
}

// rowProblem names the column that could not be understood and why.
type rowProblem struct {
	field string
	key   string // message key
	param map[string]any
}

// understand reads one row. Nothing is guessed where something was said: a pay,
// a place, an education that cannot be understood fails the row with its column.
func understand(cell func(field string) string, p Parameters, today clock.Day) (candidate, *rowProblem) {
	var c candidate
	var wrong *rowProblem
	say := func(field, code string) {
		if wrong == nil {
			wrong = &rowProblem{field: field, key: "field." + code}
		}
	}
	// Marks that nobody sees are dropped, as from a form.
	get := func(field string) string {
		s, ok := form.Text(cell(field), field == "text" || field == "tags")
		if !ok {
			say(field, "charset")
		}
		return s
	}
	text := func(field string, limit int, required bool) string {
		s := get(field)
		switch {
		case s == "" && required:
			say(field, "required")
		case utf8.RuneCountInString(s) > limit:
			if say(field, "too_long"); wrong.field == field {
				wrong.param = map[string]any{"Max": limit}
			}
		}
		return s
	}
	c.Title = text("title", MaxTitle, true)
	if c.Title != "" && hanzi.Normal(c.Title) == "" {
		say("title", "no_words")
	}
	c.employer.Name = text("company", company.MaxName, true)
	c.employer.CreditCode = ident.Clean(get("credit_code"))
	if c.employer.CreditCode != "" {
		if reason := ident.CreditCode(c.employer.CreditCode); reason != ident.OK {
			say("credit_code", string(reason))
		}
	}
	c.Content = text("text", MaxContent*4, false)
	c.Link = text("link", 1000, false)
	if c.Link != "" && !webAddress(c.Link) {
		say("link", "link")
	}
	if at, err := place.Parse(get("place")); strings.TrimSpace(get("place")) == "" {
		say("place", "required")
	} else if err != nil {
		f := fault.As(err)
		if say("place", "place_"+strings.TrimPrefix(f.Code, "place.")); wrong.field == "place" {
			wrong.param = f.Params
		}
	} else {
		c.DivisionCode, c.PlaceDetail, c.Lon, c.Lat = at.Code, at.Detail, at.Lon, at.Lat
		c.employer.DivisionCode = at.Code
	}
	if s := strings.TrimSpace(get("pay")); s != "" {
		pay, err := ParsePay(s)
		if err != nil {
			say("pay", "pay")
		}
		c.Pay = pay
	} else {
		c.Pay.Negotiable = true
	}
	tags := SortTags(get("tags"))
	c.qualify(get, tags, say)
	c.Headcount = headcount(get("headcount"), p.MaxHeadcount, say)
	switch named := strings.TrimSpace(get("occupation")); {
	case named != "":
		if o, ok := OccupationByCode(named); ok {
			c.OccupationCode = o.Code
		} else if o, ok := OccupationGuess(named); ok {
			c.OccupationCode = o.Code
		} else if o, ok := OccupationGuess(c.Title); ok {
			c.OccupationCode = o.Code
		}
	default:
		if o, ok := OccupationGuess(c.Title); ok {
			c.OccupationCode = o.Code
		}
	}
	c.ValidTo = today.Add(p.ValidDays)
	if s := strings.TrimSpace(get("valid_to")); s != "" {
		day, ok := readDay(s)
		switch {
		case !ok:
			say("valid_to", "date")
		case day < today:
			say("valid_to", "past")
		default:
			c.ValidTo = min(day, today.Add(p.MaxValidDays))
		}
	}
	if wrong != nil {
		return c, wrong
	}
	c.Source, c.Version = SourceImport, 1
	c.refusals = screenImported(c.Vacancy, get("pay"), today)
	return c, nil
}

// screenImported keeps the refusals that rest on a law. The house's own rules
// and the wish for a pay range are for those who post here themselves.
func screenImported(v Vacancy, pay string, today clock.Day) []Refusal {
	var out []Refusal
	for _, r := range Screen(ScreenInput{Title: v.Title, Content: v.Content, Tags: v.Tags, PayText: pay, Pay: v.Pay}, today) {
		if r.Citation != "" && r.Rule != "pay_range" {
			out = append(out, r)
		}
	}
	return out
}

// qualify reads education, experience, hours, insurance and groups from their
// own columns and from the mixed one; their own columns go first.
func (c *candidate) qualify(get func(string) string, tags Tags, say func(field, code string)) {
	education, experience := tags.Education, tags.Experience
	if s := strings.TrimSpace(get("education")); s != "" {
		e, err := ParseEducation(s)
		if err != nil {
			say("education", "education")
		}
		education = e
	}
	if s := strings.TrimSpace(get("experience")); s != "" {
		x, err := ParseExperience(s)
		if err != nil {
			say("experience", "experience")
		}
		experience = x
	}
	c.Education = int(education)
	c.YearsMin, c.YearsMax = experience.MinYears, experience.MaxYears
	c.Form = "direct"
	for _, h := range tags.Hours {
		switch h {
		case "part_time":
			c.Form, c.Hours = "part_time", "part_time"
		case "internship":
			c.Form = "internship"
		case "day", "two_shift", "three_shift", "night", "flexible":
			c.Hours = h
		}
	}
	c.Insurance, c.Dormitory, c.Meals = tags.Insurance, tags.Dormitory, tags.Meals
	c.Groups = tags.Groups
	if experience.Graduate && !contains(c.Groups, "graduate") {
		c.Groups = append(c.Groups, "graduate")
	}
	c.Tags = tags.Free
}

// webAddress tells whether a browser finds a page there. A name before the host
// only serves to look like another one.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// headcount reads 3, 3人, 3-5人 (the upper end), 若干; nothing said is one.
func headcount(s string, most int, say func(field, code string)) int {
	s = strings.TrimSpace(hanzi.Fold(s))
	for _, suffix := range []string{"人", "名", "个", "位"} {
		s = strings.TrimSuffix(s, suffix)
	}
	switch s {
	case "", "若干", "不限", "多":
		return 1
	}
	if i := strings.LastIndexAny(s, "-~至"); i > 0 {
		_, size := utf8.DecodeRuneInString(s[i:])
		s = s[i+size:]
	}
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(s), ".0"))
	switch {
	case err != nil:
		say("headcount", "number")
	case n < 1 || n > most:
		say("headcount", "out_of_range")
	}
	return n
}

var dayForms = []string{"2006-01-02", "2006/1/2", "2006-1-2", "2006.1.2", "2006年1月2日", "20060102", "2006-01-02 15:04:05", "2006/1/2 15:04", "1/2/06", "01-02-06"}

func readDay(s string) (clock.Day, bool) {
	s = hanzi.Fold(s)
	for _, f := range dayForms {
		if t, err := time.Parse(f, s); err == nil {
			y, m, d := t.Date()
			return clock.MakeDay(y, m, d), y > 2000 && y < 2200
		}
	}
	return 0, false
}

// identityOf is the duplicate key of a vacancy. It begins with the time part of
// its company's id, so that the keys of one file lie together in the index.
func identityOf(v Vacancy) string {
	return v.CompanyID[:min(len(v.CompanyID), 13)] + ":" + Identity(IdentityInput{Company: v.CompanyID, Title: v.Title, DivisionCode: v.DivisionCode, Pay: v.Pay})
}
