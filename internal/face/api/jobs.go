package api

import (
	"context"
	"net/http"
	"time"

	"gonghui/internal/core/company"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/measure/employment"
)

// Job is a vacancy as everybody may see it.
type Job struct {
	Number      string    `json:"number"`
	Title       string    `json:"title"`
	Company     string    `json:"company"`
	Pay         Pay       `json:"pay"`
	Place       Place     `json:"place"`
	Occupation  Coded     `json:"occupation"`
	Industry    string    `json:"industry,omitempty" doc:"GB/T 4754-2017"`
	Form        string    `json:"form" doc:"direct dispatch part_time internship share"`
	Headcount   int       `json:"headcount"`
	Hours       string    `json:"hours,omitempty"`
	Education   Coded     `json:"education"`
	YearsMin    int       `json:"years_min"`
	YearsMax    int       `json:"years_max,omitempty" doc:"absent: no upper end"`
	Insurance   string    `json:"insurance,omitempty"`
	Dormitory   bool      `json:"dormitory"`
	Meals       bool      `json:"meals"`
	Groups      []string  `json:"groups" doc:"groups that are welcome"`
	Tags        []string  `json:"tags"`
	Content     string    `json:"content"`
	Link        string    `json:"link,omitempty" doc:"where to apply, for a vacancy taken from elsewhere"`
	External    bool      `json:"external" doc:"one applies at link, not here"`
	ValidTo     string    `json:"valid_to,omitempty" format:"date" doc:"last day on the list"`
	PublishedAt time.Time `json:"published_at,omitzero"`
	Km          *float64  `json:"km,omitempty" doc:"distance, where it was asked for and is known"`
}

// Pay is what is promised. Amounts are in fen.
type Pay struct {
	Text       string `json:"text"`
	MinFen     int64  `json:"min_fen,omitempty"`
	MaxFen     int64  `json:"max_fen,omitempty"`
	Per        string `json:"per,omitempty" doc:"hour day week month year piece"`
	Months     int    `json:"months,omitempty" doc:"months paid in a year"`
	Negotiable bool   `json:"negotiable,omitempty"`
}

// Place is where the work is.
type Place struct {
	Code   string  `json:"code" doc:"GB/T 2260 or below"`
	Name   string  `json:"name"`
	Detail string  `json:"detail,omitempty"`
	Lon    float64 `json:"lon,omitempty"`
	Lat    float64 `json:"lat,omitempty"`
}

// Employer is what everybody may know of a company.
type Employer struct {
	City     string `json:"city"`
	ID       string `json:"id"`
	Name     string `json:"name"`
	Credit   string `json:"credit_code,omitempty"`
	Industry string `json:"industry,omitempty"`
	Division string `json:"division,omitempty"`
	Address  string `json:"address,omitempty"`
	About    string `json:"about,omitempty"`
	HasUnion bool   `json:"has_union"`
	Verified bool   `json:"verified"`
}

// JobDetail is a vacancy with its company.
type JobDetail struct {
	Job
	Employer Employer `json:"employer"`
}

// Jobs is a page of the finder.
type Jobs struct {
	Total    int      `json:"total"`
	Items    []Job    `json:"items"`
	Next     string   `json:"next,omitempty"`
	Facets   []Facet  `json:"facets"`
	Nearest  *Nearest `json:"nearest,omitempty" doc:"the nearest answer when there is none"`
	Building bool     `json:"building,omitempty" doc:"the index is still being filled: numbers are too low"`
}

// Facet is a way to narrow the list.
type Facet struct {
	Name   string       `json:"name"`
	Values []FacetValue `json:"values"`
}

// FacetValue is one choice of a facet.
type FacetValue struct {
	Code     string `json:"code"`
	Text     string `json:"text"`
	Parent   string `json:"parent,omitempty"`
	Count    int    `json:"count"`
	Selected bool   `json:"selected,omitempty"`
}

// Nearest is an answer to fewer words than were asked for.
type Nearest struct {
	Words   []string `json:"words"`
	Dropped []string `json:"dropped"`
	Total   int      `json:"total"`
	Items   []Job    `json:"items"`
}

// JobQuery is what is asked of the finder; a code that does not exist is a fault.
type JobQuery struct {
	Words      string   `query:"q" maxLength:"200"`
	Place      []string `query:"place,explode" maxItems:"20" doc:"division codes"`
	Pay        []string `query:"pay,explode" maxItems:"20"`
	Occupation []string `query:"occupation,explode" maxItems:"20" doc:"codes of the 2022 classification, any level"`
	Education  []string `query:"education,explode" maxItems:"20"`
	Hours      []string `query:"hours,explode" maxItems:"20"`
	Group      []string `query:"group,explode" maxItems:"20"`
	Benefit    []string `query:"benefit,explode" maxItems:"20"`
	Near       string   `query:"near" maxLength:"12" doc:"division whose centre distances are measured from"`
	Lon        float64  `query:"lon" minimum:"-180" maximum:"180" doc:"or a point"`
	Lat        float64  `query:"lat" minimum:"-90" maximum:"90"`
	RadiusKm   float64  `query:"radius_km" minimum:"0" maximum:"2000"`
	Days       int      `query:"days" minimum:"0" maximum:"3650" doc:"published within so many days"`
	Sort       string   `query:"sort" maxLength:"20" doc:"fit date pay distance"`
	Paging
}

func (s *server) jobs() {
	add(s, route{id: "job-list", method: http.MethodGet, path: "/jobs", tag: "jobs", open: true},
		func(ctx context.Context, in *JobQuery) (Jobs, error) {
			found, err := s.Employment.Find(ctx, employment.Search{
				Words: in.Words, Place: in.Place, Pay: in.Pay, Occupation: in.Occupation, Education: in.Education, Hours: in.Hours,
				Group: in.Group, Benefit: in.Benefit, Near: in.Near, Lon: in.Lon, Lat: in.Lat, RadiusKm: in.RadiusKm, Days: in.Days,
				Sort: in.Sort, After: in.After, Limit: in.Limit,
			})
			if err != nil {
				return Jobs{}, err
			}
			return jobsOf(lang(ctx), found), nil
		})
	add(s, route{id: "job-get", method: http.MethodGet, path: "/jobs/{number}", tag: "jobs", open: true},
		func(ctx context.Context, in *Number) (JobDetail, error) {
			v, c, err := s.Employment.Published(ctx, in.Number)
			if err != nil {
				return JobDetail{}, err
			}
			return JobDetail{Job: jobOf(lang(ctx), v), Employer: employerOf(c)}, nil
		})
	add(s, route{id: "job-apply", method: http.MethodPost, path: "/jobs/{number}/applications", tag: "jobs", status: http.StatusCreated}, s.apply)
}

func jobsOf(l i18n.Lang, f employment.Found) Jobs {
	out := Jobs{Total: f.Total, Items: foundJobs(l, f.Items), Next: f.Next, Facets: make([]Facet, 0, len(f.Facets)), Building: f.Building}
	for _, x := range f.Facets {
		facet := Facet{Name: x.Name, Values: make([]FacetValue, 0, len(x.Values))}
		for _, v := range x.Values {
			facet.Values = append(facet.Values, FacetValue{Code: v.Code, Text: label(l, x.Name, v.Code), Parent: v.Parent, Count: v.Count, Selected: v.Selected})
		}
		out.Facets = append(out.Facets, facet)
	}
	if f.Relaxed != nil {
		out.Nearest = &Nearest{Words: texts(f.Relaxed.Words), Dropped: texts(f.Relaxed.Dropped), Total: f.Relaxed.Total, Items: foundJobs(l, f.Nearest)}
	}
	return out
}

func foundJobs(l i18n.Lang, list []employment.FoundVacancy) []Job {
	out := make([]Job, len(list))
	for n, v := range list {
		out[n] = jobOf(l, v.Vacancy)
		if v.Km >= 0 {
			km := v.Km
			out[n].Km = &km
		}
	}
	return out
}

func jobOf(l i18n.Lang, v employment.Vacancy) Job {
	trade, _ := employment.OccupationByCode(v.OccupationCode)
	education := employment.Educations[v.Education]
	return Job{
		Number: v.Number, Title: v.Title, Company: v.CompanyName, Pay: payOf(l, v.Pay),
		Place:      Place{Code: v.DivisionCode, Name: placeText(l, v.DivisionCode), Detail: v.PlaceDetail, Lon: v.Lon, Lat: v.Lat},
		Occupation: Coded{Code: v.OccupationCode, Text: trade.NameIn(string(l))}, Industry: v.IndustryCode, Form: v.Form, Headcount: v.Headcount,
		Hours: v.Hours, Education: Coded{Code: education, Text: label(l, "education", education)}, YearsMin: v.YearsMin, YearsMax: v.YearsMax,
		Insurance: v.Insurance, Dormitory: v.Dormitory, Meals: v.Meals, Groups: texts(v.Groups), Tags: texts(v.Tags), Content: v.Content,
		Link: v.Link, External: v.External(), ValidTo: dayText(v.ValidTo), PublishedAt: v.PublishedAt,
	}
}

func payOf(l i18n.Lang, p employment.Pay) Pay {
	return Pay{Text: p.Text(string(l)), MinFen: p.MinFen, MaxFen: p.MaxFen, Per: p.Per, Months: p.Months, Negotiable: p.Negotiable}
}

func employerOf(c company.Public) Employer {
	return Employer{
		City: c.CityCode, ID: c.ID, Name: c.Name, Credit: c.CreditCode, Industry: c.IndustryCode, Division: c.DivisionCode,
		Address: c.Address, About: c.About, HasUnion: c.HasUnion, Verified: c.State == company.StateVerified,
	}
}
