package person

import (
	"slices"
	"strings"
	"time"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/form"
	"gonghui/internal/kit/ident"
	"gonghui/internal/kit/place"
)

// Ref names a person's record.
type Ref struct{ City, ID string }

// Person is one worker. The numbers are masked.
type Person struct {
	CityCode     string // custody
	ID           string
	OrgPath      string // the union unit of the division
	Name         string // empty until the person gives it
	Sex          string // M or F; empty until the resident number is known
	BirthOn      clock.Day
	PhoneMask    string
	ResidentMask string // empty until the resident number is known
	DivisionCode string
	Education    int      // 0 = not stated, then 1 (初中及以下) to 7 (博士)
	Groups       []string // sorted codes of Groups
	Version      int
}

// Ref names the record.
func (p Person) Ref() Ref { return Ref{p.CityCode, p.ID} }

// MaxEducation is the highest level of education: doctor.
const MaxEducation = 7

// Groups are the codes of groups a person may belong to, in the order in which
// they are shown; their texts are "group.<code>". The first six are those that
// policies address, the others are the 八大群体 (全总 2018).
var Groups = []string{
	"graduate", "migrant", "laid_off", "veteran", "disabled", "hardship",
	"truck_driver", "courier", "care_worker", "domestic_worker", "mall_promoter", "food_deliverer", "property_agent", "guard",
}

// maxPurpose bounds the purpose of a use, in bytes; it is a message key or a sentence.
const maxPurpose = 300

// Patch is a correction; fields left nil stay.
type Patch struct {
	Name       *string   `form:"name" json:"name,omitempty" check:"name,max=50"`
	Division   *string   `form:"division" json:"division_code,omitempty" check:"max=12"`
	Education  *int      `form:"education" json:"education,omitempty" check:"int,min=0,max=7"`
	Groups     *[]string `json:"groups,omitempty"`
	ResidentID *string   `form:"resident_id" json:"resident_id,omitempty" check:"max=30"` // 18 places, or 15 of before 1999
	Version    int       `form:"version" json:"version"`                                  // the version that was seen
}

// check cleans a patch and returns every wrong field at once. A resident number
// comes out with 18 places.
func (p *Patch) check(today clock.Day) error {
	err := form.Check(p)
	if err != nil && !fault.HasCode(err, "form.invalid") {
		return err
	}
	var fields []fault.Field
	if err != nil {
		fields = fault.As(err).Fields
	}
	wrong := func(name, code string) {
		if code != "" && !slices.ContainsFunc(fields, func(f fault.Field) bool { return f.Name == name }) {
			fields = append(fields, fault.Field{Name: name, Code: code, Key: "field." + code})
		}
	}
	if p.Division != nil {
		if _, ok := place.Get(*p.Division); !ok {
			wrong("division", "choice")
		}
	}
	if p.Groups != nil {
		groups, ok := sortGroups(*p.Groups)
		if !ok {
			wrong("groups", "choice")
		}
		p.Groups = &groups
	}
	if p.ResidentID != nil {
		number, code := residentNumber(*p.ResidentID, today)
		wrong("resident_id", code)
		p.ResidentID = &number
	}
	if len(fields) > 0 {
		return fault.New(fault.Invalid, "form.invalid", fault.WithFields(fields...))
	}
	return nil
}

// sortGroups puts codes in order, each once; false for an unknown one.
func sortGroups(codes []string) ([]string, bool) {
	out := []string{}
	for _, c := range codes {
		if !slices.Contains(Groups, c) {
			return nil, false
		}
		out = append(out, c)
	}
	slices.Sort(out)
	return slices.Compact(out), true
}

// residentNumber cleans and judges a number and lengthens one of 15 digits.
func residentNumber(s string, today clock.Day) (number, code string) {
	s = ident.Clean(s)
	if len(s) == 15 {
		long, why := ident.Upgrade(s)
		if why != ident.OK {
			return "", string(why)
		}
		s = long
	}
	p, why := ident.Read(s)
	switch {
	case why != ident.OK:
		return "", string(why)
	case p.BornOn > today:
		return "", string(ident.Date)
	}
	return s, ""
}

// sexOf writes the sex as the table keeps it.
func sexOf(s ident.Sex) string {
	if s == ident.Male {
		return "M"
	}
	return "F"
}

// newcomer is what a first sign-in gives.
type newcomer struct {
	Phone    string `form:"phone" check:"required,phone"`
	Name     string `form:"name" check:"name,max=50"`
	Division string `form:"division" check:"max=12"`
}

// purposeOf cleans the purpose of a use; none is a fault.
func purposeOf(s string) (string, error) {
	clean, ok := form.Text(s, false)
	if !ok || clean == "" || len(clean) > maxPurpose {
		return "", ErrPurpose
	}
	return clean, nil
}

// Consent is what a person has opened to whom.
type Consent struct {
	ID          string
	Purpose     string // employment.share_phone …
	Recipient   string // company id, unit id; empty = the union
	GrantedAt   time.Time
	ExpiresAt   time.Time // zero = until withdrawn
	WithdrawnAt time.Time // zero = not withdrawn
}

// Holds tells whether the consent is good at the instant.
func (c Consent) Holds(at time.Time) bool {
	return c.WithdrawnAt.IsZero() && (c.ExpiresAt.IsZero() || at.Before(c.ExpiresAt))
}

// joinGroups and splitGroups turn codes into a column and back.
func joinGroups(codes []string) string { return strings.Join(codes, " ") }

func splitGroups(s string) []string { return strings.Fields(s) }
