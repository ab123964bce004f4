package employment

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gonghui/internal/core/company"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/place"
)

// Limits of a vacancy, in runes unless said otherwise.
const (
	MaxTitle   = 100
	MaxDetail  = 120
	MaxContent = 5000
)

// Sources of a vacancy.
const (
	SourceCompany = "company" // posted here by a verified company
	SourceImport  = "import"  // taken from a file; may have a link of its own
)

// Coded values. The words people see are under employment.<list>.<code>.
var (
	Forms      = []string{"direct", "dispatch", "part_time", "internship", "share"}
	HourKinds  = []string{"day", "two_shift", "three_shift", "night", "flexible", "part_time"}
	Insurances = []string{"five_one", "five", "partial", "none"}
	GroupCodes = []string{"graduate", "migrant", "laid_off", "veteran", "disabled", "hardship"}
)

// Vacancy is one post on offer.
type Vacancy struct {
	CityCode, ID, Number string
	OrgPath              string // the county union that reviews it
	CompanyID            string
	CompanyName          string
	Title                string
	OccupationCode       string // 职业分类大典 2022
	IndustryCode         string // GB/T 4754-2017
	Form                 string
	Headcount, Filled    int
	DivisionCode         string // GB/T 2260, the deepest place known
	PlaceDetail          string
	Lon, Lat             float64
	Pay                  Pay
	Hours                string
	Education            int // minimum, see Education
	YearsMin, YearsMax   int // experience; YearsMax 0 = no upper end
	Insurance            string
	Dormitory, Meals     bool
	Groups               []string // welcomed groups
	Tags                 []string
	Content              string
	Link                 string
	Source               string
	BatchID              string
	State                string
	ValidTo              clock.Day // the last day on the list
	PublishedAt          time.Time
	Version              int
	CreatedAt, UpdatedAt time.Time

	identity, contentHash string
	employerState         company.State // where the store has read it
}

// OnOffer tells whether workers may see and apply for it today.
func (v Vacancy) OnOffer(today clock.Day) bool {
	return v.State == "published" && v.ValidTo >= today
}

// Alive tells whether the vacancy still stands in the way of a duplicate.
func (v Vacancy) Alive() bool {
	return !slices.Contains([]string{"closed", "taken_down", "expired"}, v.State)
}

// External tells whether one can only apply where the ad came from: an imported
// ad of a company that does not answer here. Once the company is verified, its
// imported ads take applications like those it posted.
func (v Vacancy) External() bool {
	return v.Source == SourceImport && v.employerState != company.StateVerified
}

// VacancyInput is what a company fills in; the form and the API share it.
type VacancyInput struct {
	Title          string    `form:"title" json:"title" check:"required,max=100"`
	OccupationCode string    `form:"occupation" json:"occupation_code" check:"max=12"`
	IndustryCode   string    `form:"industry" json:"industry_code" check:"max=6"`
	Form           string    `form:"form" json:"form" check:"choice=direct|dispatch|part_time|internship|share"`
	Headcount      int       `form:"headcount" json:"headcount" check:"required,int"`
	DivisionCode   string    `form:"division" json:"division_code" check:"required,max=12"`
	PlaceDetail    string    `form:"place_detail" json:"place_detail" check:"max=120"`
	Pay            string    `form:"pay" json:"pay" check:"max=60"`
	Hours          string    `form:"hours" json:"hours" check:"choice=day|two_shift|three_shift|night|flexible|part_time"`
	Education      int       `form:"education" json:"education" check:"int"`
	YearsMin       int       `form:"years_min" json:"years_min" check:"int"`
	Insurance      string    `form:"insurance" json:"insurance" check:"choice=five_one|five|partial|none"`
	Dormitory      bool      `form:"dormitory" json:"dormitory"`
	Meals          bool      `form:"meals" json:"meals"`
	Groups         []string  `form:"groups" json:"groups"`
	Content        string    `form:"content" json:"content" check:"required,lines,max=5000"`
	ValidTo        clock.Day `form:"valid_to" json:"valid_to" check:"day"`
	Version        int       `form:"version" json:"version"`
}

// vacancy checks the input and builds the record; it collects every fault of a
// field, so that the person mends all in one go. The refusals of screen.go
// come back in the same fault, each with its rule.
func (in VacancyInput) vacancy(p Parameters, today clock.Day) (Vacancy, error) {
	var fields []fault.Field
	bad := func(name, code string) {
		fields = append(fields, fault.Field{Name: name, Code: code, Key: "field." + code})
	}
	text := func(name, s string, limit int, required bool) string {
		s = strings.TrimSpace(s)
		switch {
		case s == "" && required:
			bad(name, "required")
		case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
			bad(name, "charset")
		case utf8.RuneCountInString(s) > limit:
			bad(name, "too_long")
		}
		return s
	}
	choice := func(name, s string, among []string) string {
		if s != "" && !slices.Contains(among, s) {
			bad(name, "choice")
		}
		return s
	}
	v := Vacancy{
		Title:          text("title", in.Title, MaxTitle, true),
		OccupationCode: in.OccupationCode, IndustryCode: in.IndustryCode,
		Form: choice("form", in.Form, Forms), Headcount: in.Headcount,
		DivisionCode: in.DivisionCode, PlaceDetail: text("place_detail", in.PlaceDetail, MaxDetail, false),
		Hours: choice("hours", in.Hours, HourKinds), Education: in.Education, YearsMin: in.YearsMin,
		Insurance: choice("insurance", in.Insurance, Insurances),
		Dormitory: in.Dormitory, Meals: in.Meals,
		Content: text("content", in.Content, MaxContent, true),
		Source:  SourceCompany, ValidTo: in.ValidTo,
	}
	for _, g := range in.Groups {
		v.Groups = append(v.Groups, choice("groups", g, GroupCodes))
	}
	if v.Form == "" {
		v.Form = "direct"
	}
	if v.Headcount < 1 || v.Headcount > p.MaxHeadcount {
		bad("headcount", "out_of_range")
	}
	if v.Education < 0 || v.Education >= len(Educations) {
		bad("education", "choice")
	}
	if v.YearsMin < 0 || v.YearsMin > 40 {
		bad("years_min", "out_of_range")
	}
	if at, ok := place.Get(v.DivisionCode); !ok || len(at.Code) < 6 || !strings.HasPrefix(at.Code, "37") {
		bad("division", "county")
	} else {
		v.Lon, v.Lat = at.Lon, at.Lat
	}
	if v.OccupationCode != "" {
		if _, ok := OccupationByCode(v.OccupationCode); !ok {
			bad("occupation", "choice")
		}
	} else if o, ok := OccupationGuess(v.Title); ok {
		v.OccupationCode = o.Code
	} else {
		bad("occupation", "required")
	}
	if v.IndustryCode != "" {
		if _, ok := company.IndustryByCode(v.IndustryCode); !ok {
			bad("industry", "choice")
		}
	}
	switch pay, err := ParsePay(in.Pay); {
	case strings.TrimSpace(in.Pay) == "":
		bad("pay", "pay_required")
	case err != nil:
		bad("pay", "pay")
	default:
		v.Pay = pay
	}
	if v.ValidTo.IsZero() {
		v.ValidTo = today.Add(p.ValidDays)
	}
	if v.ValidTo < today || v.ValidTo > today.Add(p.MaxValidDays) {
		bad("valid_to", "out_of_range")
	}
	for _, r := range Screen(ScreenInput{Title: v.Title, Content: v.Content, Pay: v.Pay, PayText: in.Pay}, today) {
		fields = append(fields, fault.Field{Name: r.Field, Code: r.Rule, Key: r.Key, Params: r.Params})
	}
	if len(fields) > 0 {
		return v, fault.New(fault.Invalid, "form.invalid", fault.WithFields(fields...))
	}
	return v, nil
}
