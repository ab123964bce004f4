package phone

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/a-h/templ"

	"gonghui/internal/core/company"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/place"
	"gonghui/internal/measure/employment"
)

// The vacancy as search engines read it: schema.org/JobPosting.
type jobPosting struct {
	Context         string       `json:"@context"`
	Type            string       `json:"@type"`
	Title           string       `json:"title"`
	Description     string       `json:"description"`
	Identifier      propertyOf   `json:"identifier"`
	DatePosted      string       `json:"datePosted"`
	ValidThrough    string       `json:"validThrough"`
	EmploymentType  string       `json:"employmentType"`
	Openings        int          `json:"totalJobOpenings,omitempty"`
	Organization    organization `json:"hiringOrganization"`
	Location        location     `json:"jobLocation"`
	Salary          *salary      `json:"baseSalary,omitempty"`
	DirectApply     bool         `json:"directApply"`
	URL             string       `json:"url,omitempty"`
	OccupationCode  string       `json:"occupationalCategory,omitempty"`
	EducationNeeded string       `json:"educationRequirements,omitempty"`
}

type propertyOf struct {
	Type  string `json:"@type"`
	Name  string `json:"name"`
	Value string `json:"value"`
}

type organization struct {
	Type string `json:"@type"`
	Name string `json:"name"`
}

type location struct {
	Type    string  `json:"@type"`
	Address address `json:"address"`
	Geo     *geo    `json:"geo,omitempty"`
}

type address struct {
	Type     string `json:"@type"`
	Country  string `json:"addressCountry"`
	Region   string `json:"addressRegion,omitempty"`
	Locality string `json:"addressLocality,omitempty"`
	Street   string `json:"streetAddress,omitempty"`
}

type geo struct {
	Type      string  `json:"@type"`
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

type salary struct {
	Type     string   `json:"@type"`
	Currency string   `json:"currency"`
	Value    quantity `json:"value"`
}

type quantity struct {
	Type string  `json:"@type"`
	Min  float64 `json:"minValue,omitempty"`
	Max  float64 `json:"maxValue,omitempty"`
	Unit string  `json:"unitText"`
}

// Words of schema.org for our codes.
var (
	employmentTypes = map[string]string{
		"direct": "FULL_TIME", "dispatch": "CONTRACTOR", "part_time": "PART_TIME", "internship": "INTERN", "share": "TEMPORARY",
	}
	payUnits = map[string]string{
		employment.PerHour: "HOUR", employment.PerDay: "DAY", employment.PerWeek: "WEEK", employment.PerMonth: "MONTH", employment.PerYear: "YEAR",
	}
)

// posting is the description of a vacancy for the page's head.
func posting(v employment.Vacancy, c company.Public, base string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		// encoding/json writes <, > and & as \u003c, \u003e and \u0026, so that no
		// text of a company can end the element.
		text, err := json.Marshal(describe(ctx, v, c, base))
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, `<script type="application/ld+json">%s</script>`, text)
		return err
	})
}

func describe(ctx context.Context, v employment.Vacancy, c company.Public, base string) jobPosting {
	p := jobPosting{
		Context: "https://schema.org/", Type: "JobPosting", Title: v.Title, Description: v.Content,
		Identifier: propertyOf{"PropertyValue", c.Name, v.Number},
		DatePosted: clock.DayOf(v.PublishedAt).String(), ValidThrough: v.ValidTo.End().In(clock.Shanghai).Format(time.RFC3339),
		EmploymentType: employmentTypes[v.Form], Openings: max(v.Headcount-v.Filled, 0),
		Organization: organization{"Organization", c.Name}, DirectApply: !v.External(), OccupationCode: v.OccupationCode,
		Location: location{Type: "Place", Address: address{Type: "PostalAddress", Country: "CN", Street: v.PlaceDetail}},
	}
	if p.EmploymentType == "" {
		p.EmploymentType = "OTHER"
	}
	if p.Description == "" {
		p.Description = v.Title
	}
	if base != "" {
		p.URL = base + "/jobs/" + v.Number
	}
	if v.Education > 0 && v.Education < len(employment.Educations) {
		p.EducationNeeded = i18n.T(i18n.From(ctx), "screen.education."+employment.Educations[v.Education])
	}
	p.Location.Address.fill(v.DivisionCode, string(i18n.From(ctx)))
	if v.Lon != 0 || v.Lat != 0 {
		p.Location.Geo = &geo{"GeoCoordinates", v.Lat, v.Lon}
	}
	if unit := payUnits[v.Pay.Per]; unit != "" && v.Pay.HasFigures() {
		p.Salary = &salary{"MonetaryAmount", "CNY", quantity{"QuantitativeValue", yuan(v.Pay.MinFen), yuan(v.Pay.MaxFen), unit}}
	}
	return p
}

// fill writes the parts of a division as the language joins them.
func (a *address) fill(code, lang string) {
	join := func(narrow, wide string) string {
		switch {
		case narrow == "" || wide == "":
			return narrow + wide
		case lang == place.English:
			return narrow + ", " + wide
		}
		return wide + narrow
	}
	for _, at := range place.Path(code) {
		name := at.NameIn(lang)
		switch at.Level {
		case place.Province:
			a.Region = name
		case place.City, place.County:
			a.Locality = join(name, a.Locality)
		case place.Township:
			a.Street = join(a.Street, name)
		case place.National:
		}
	}
}

func yuan(fen int64) float64 { return float64(fen) / 100 }
