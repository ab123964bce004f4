package company

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gonghui/internal/base/audit"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/form"
	"gonghui/internal/kit/hanzi"
	"gonghui/internal/kit/ident"
	"gonghui/internal/kit/place"
)

// State is where a company stands with the union.
type State string

// The states.
const (
	StateListed    State = "listed"
	StateSubmitted State = "submitted"
	StateReturned  State = "returned"
	StateVerified  State = "verified"
	StateBlocked   State = "blocked"
)

// next says which states may follow which.
var next = map[State][]State{
	StateListed:    {StateSubmitted, StateBlocked},
	StateSubmitted: {StateVerified, StateReturned, StateBlocked},
	StateReturned:  {StateSubmitted, StateBlocked},
	StateVerified:  {StateReturned, StateBlocked},
	StateBlocked:   {StateVerified, StateReturned, StateListed}, // lifted again
}

// became is what the log says when a company has reached a state.
var became = map[State]audit.Action{
	StateListed: "company.listed", StateSubmitted: "company.submitted", StateReturned: "company.returned",
	StateVerified: "company.verified", StateBlocked: "company.blocked",
}

// Ref names a company's record.
type Ref struct{ City, ID string }

// Company is one company as its own people and the desk see it.
type Company struct {
	CityCode         string // custody
	ID               string
	OrgPath          string // the county union in charge
	CreditCode       string // empty where only an import without code knows it
	Name             string
	IndustryCode     string // GB/T 4754-2017
	DivisionCode     string // GB/T 2260 or below
	Address          string
	About            string
	ContactName      string
	ContactPhoneMask string
	UnionUnitID      string // empty = no union yet
	State            State
	Version          int
}

// Ref names the record.
func (c Company) Ref() Ref { return Ref{c.CityCode, c.ID} }

// Public is what anybody may know of a company: no contact.
type Public struct {
	CityCode     string
	ID           string
	CreditCode   string
	Name         string
	IndustryCode string
	DivisionCode string
	Address      string
	About        string
	HasUnion     bool
	State        State
}

// Public leaves out what is not for everybody.
func (c Company) Public() Public {
	return Public{
		CityCode: c.CityCode, ID: c.ID, CreditCode: c.CreditCode, Name: c.Name, IndustryCode: c.IndustryCode,
		DivisionCode: c.DivisionCode, Address: c.Address, About: c.About, HasUnion: c.UnionUnitID != "", State: c.State,
	}
}

// MaxName bounds a company's name, in characters.
const MaxName = 100

// Input is a registration; form and API share it.
type Input struct {
	CreditCode   string `form:"credit_code" json:"credit_code" check:"required,credit_code"`
	Name         string `form:"name" json:"name" check:"required,max=100"`
	IndustryCode string `form:"industry" json:"industry_code" check:"max=6"`
	DivisionCode string `form:"division" json:"division_code" check:"required,max=12"`
	Address      string `form:"address" json:"address" check:"max=200"`
	About        string `form:"about" json:"about" check:"lines,max=2000"`
	ContactName  string `form:"contact_name" json:"contact_name" check:"required,name,max=50"`
	ContactPhone string `form:"contact_phone" json:"contact_phone" check:"required,phone"`
}

// Patch is a correction; fields left nil stay.
type Patch struct {
	Name         *string `form:"name" json:"name,omitempty" check:"max=100"`
	IndustryCode *string `form:"industry" json:"industry_code,omitempty" check:"max=6"`
	DivisionCode *string `form:"division" json:"division_code,omitempty" check:"max=12"`
	Address      *string `form:"address" json:"address,omitempty" check:"max=200"`
	About        *string `form:"about" json:"about,omitempty" check:"lines,max=2000"`
	ContactName  *string `form:"contact_name" json:"contact_name,omitempty" check:"name,max=50"`
	ContactPhone *string `form:"contact_phone" json:"contact_phone,omitempty" check:"phone"`
	Version      int     `form:"version" json:"version"` // the version that was seen
}

// check judges a registration and returns every wrong field at once.
func (in *Input) check() error {
	err := form.Check(in)
	if err != nil && !fault.HasCode(err, "form.invalid") {
		return err
	}
	wrong := fault.As(err)
	var fields []fault.Field
	if wrong != nil {
		fields = wrong.Fields
	}
	fields = judge(fields, "name", nameProblem(in.Name))
	fields = judge(fields, "industry", industryProblem(in.IndustryCode))
	fields = judge(fields, "division", divisionProblem(in.DivisionCode))
	return refuse(fields)
}

// check judges a patch.
func (p *Patch) check() error {
	err := form.Check(p)
	if err != nil && !fault.HasCode(err, "form.invalid") {
		return err
	}
	var fields []fault.Field
	if err != nil {
		fields = fault.As(err).Fields
	}
	if p.Name != nil {
		fields = judge(fields, "name", nameProblem(*p.Name))
	}
	if p.IndustryCode != nil {
		fields = judge(fields, "industry", industryProblem(*p.IndustryCode))
	}
	if p.DivisionCode != nil {
		fields = judge(fields, "division", divisionProblem(*p.DivisionCode))
	}
	for field, s := range map[string]*string{"contact_name": p.ContactName, "contact_phone": p.ContactPhone} {
		if s != nil && *s == "" {
			fields = judge(fields, field, "required")
		}
	}
	return refuse(fields)
}

// judge adds a field's problem unless the field is wrong already.
func judge(fields []fault.Field, name, problem string) []fault.Field {
	if problem == "" || slices.ContainsFunc(fields, func(f fault.Field) bool { return f.Name == name }) {
		return fields
	}
	return append(fields, fault.Field{Name: name, Code: problem, Key: "field." + problem})
}

func refuse(fields []fault.Field) error {
	if len(fields) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, "form.invalid", fault.WithFields(fields...))
}

// nameProblem gives the code of what is wrong with a cleaned name. Pictures and
// other symbols are refused; brackets, dots, "&" and "+" stand in real names.
func nameProblem(s string) string {
	switch n := utf8.RuneCountInString(s); {
	case n == 0:
		return "required"
	case n < 2 || n > MaxName:
		return "length"
	}
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsPunct(r) && r != ' ' && r != '+' && r != '＋' {
			return "charset"
		}
	}
	if hanzi.Normal(s) == "" {
		return "charset"
	}
	return ""
}

// industryShape is a section with up to four digits, as in GB/T 4754-2017.
var industryShape = regexp.MustCompile(`^[A-T](\d{2,4})?$|^\d{2,4}$`)

func industryProblem(s string) string {
	if s != "" && !industryShape.MatchString(s) {
		return "choice"
	}
	return ""
}

func divisionProblem(s string) string {
	if s == "" {
		return "required"
	}
	if _, ok := place.Get(s); !ok {
		return "choice"
	}
	return ""
}

// Listed is a company as an import knows it. Only the name is required.
type Listed struct {
	CreditCode   string
	Name         string
	DivisionCode string // empty or unknown = the province keeps it
	IndustryCode string
}

// Check tells what is wrong with a listed company, as EnsureListed would find it.
func (l Listed) Check() error { return l.check() }

// check cleans a listed company and returns what is wrong with it.
func (l *Listed) check() error {
	var fields []fault.Field
	clean, ok := form.Text(l.Name, false)
	if !ok {
		fields = judge(fields, "company", "charset")
	}
	l.Name = clean
	fields = judge(fields, "company", nameProblem(clean))
	if l.CreditCode != "" {
		l.CreditCode = ident.Clean(l.CreditCode)
		fields = judge(fields, "credit_code", string(ident.CreditCode(l.CreditCode)))
	}
	if industryProblem(l.IndustryCode) != "" {
		l.IndustryCode = "" // a by-thing of an ad; not worth the row
	}
	return refuse(fields)
}

// nameKey is the spelling under which a name is found: brackets, width, case,
// spaces and common traditional characters make no difference.
func nameKey(s string) string { return hanzi.Normal(s) }

// Fact is a statement about a company for a year. Statements that disagree stand
// side by side, each with its source.
type Fact struct {
	ID       string
	Kind     FactKind
	Year     int
	Quantity int64 // people, or fen
	Source   string
	StatedOn clock.Day
}

// FactKind is what a fact counts.
type FactKind string

// The kinds of facts.
const (
	Staff   FactKind = "staff"   // people
	Revenue FactKind = "revenue" // fen in the year
	Assets  FactKind = "assets"  // fen at the end of the year
)

func (f *Fact) check(today clock.Day) error {
	var fields []fault.Field
	if !slices.Contains([]FactKind{Staff, Revenue, Assets}, f.Kind) {
		fields = judge(fields, "kind", "choice")
	}
	if f.Year < 1949 || f.Year > today.Year() {
		fields = judge(fields, "year", "invalid")
	}
	if f.Quantity < 0 {
		fields = judge(fields, "quantity", "invalid")
	}
	source, ok := form.Text(f.Source, false)
	switch {
	case !ok:
		fields = judge(fields, "source", "charset")
	case source == "":
		fields = judge(fields, "source", "required")
	case utf8.RuneCountInString(source) > 100:
		fields = judge(fields, "source", "length")
	}
	f.Source = strings.TrimSpace(source)
	if f.StatedOn.IsZero() {
		f.StatedOn = today
	} else if f.StatedOn > today {
		fields = judge(fields, "stated_on", "invalid")
	}
	return refuse(fields)
}
