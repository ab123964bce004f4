package phone

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"gonghui/internal/core/company"
	"gonghui/internal/face/ui"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/place"
	"gonghui/internal/measure/employment"
)

// similarJobs is how many vacancies are offered beside one.
const similarJobs = 3

// jobView is all that a vacancy's page shows.
type jobView struct {
	employment.Vacancy
	Company company.Public
	Mine    *employment.Application // the worker's own, if there is one
	OnOffer bool
	Similar []employment.FoundVacancy
}

func (f *face) job(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, c, err := f.Employment.Published(ctx, r.PathValue("number"))
	if err != nil {
		return f.gone(w, r, err)
	}
	view := jobView{Vacancy: v, Company: c, OnOffer: v.OnOffer(f.today())}
	a, ok, err := f.Employment.MyApplicationFor(ctx, v)
	if err != nil {
		return err
	}
	if ok {
		view.Mine = &a
	}
	if view.Similar, err = f.similar(ctx, v); err != nil {
		return err
	}
	p := f.site.Page(r, v.Title, "jobs")
	if view.OnOffer {
		p.Head = posting(v, c, f.BaseURL)
	}
	return f.site.Render(w, r, p, job(f, view))
}

// similar finds vacancies of the same trade in the same city.
func (f *face) similar(ctx context.Context, v employment.Vacancy) ([]employment.FoundVacancy, error) {
	q := employment.Search{Limit: similarJobs + 1, Sort: "date"}
	if v.OccupationCode != "" {
		q.Occupation = []string{v.OccupationCode}
	} else {
		q.Words = v.Title
	}
	if at, ok := place.Get(v.DivisionCode); ok && at.CityCode() != "" {
		q.Place = []string{at.CityCode()}
	}
	found, err := f.Employment.Find(ctx, q)
	if fault.IsKind(err, fault.Invalid) {
		return []employment.FoundVacancy{}, nil // a title too long to search by, a place outside the index: nothing is similar
	}
	if err != nil {
		return nil, err
	}
	out := []employment.FoundVacancy{}
	for _, it := range found.Items {
		if it.Number != v.Number && len(out) < similarJobs {
			out = append(out, it)
		}
	}
	return out, nil
}

// facts are what one wants to know before applying.
func (v jobView) facts(ctx context.Context) []ui.Fact {
	var out []ui.Fact
	add := func(key, value string) {
		if value != "" {
			out = append(out, ui.Fact{Label: t(ctx, "phone.job."+key), Value: value})
		}
	}
	coded := func(list, code string) string {
		if code == "" {
			return ""
		}
		return t(ctx, "employment."+list+"."+code)
	}
	add("place", ui.Address(ctx, v.DivisionCode, v.PlaceDetail))
	if o, ok := employment.OccupationByCode(v.OccupationCode); ok {
		add("occupation", o.NameIn(string(i18n.From(ctx))))
	}
	add("form", coded("form", v.Form))
	if v.Headcount > 0 && v.Filled == 0 {
		add("headcount", t(ctx, "phone.job.all", "All", v.Headcount))
	} else if v.Headcount > 0 {
		add("headcount", t(ctx, "phone.job.left", "Left", max(v.Headcount-v.Filled, 0), "All", v.Headcount))
	}
	add("hours", coded("hours", v.Hours))
	add("insurance", coded("insurance", v.Insurance))
	if v.Source == employment.SourceCompany || v.Dormitory {
		add("dormitory", yesNo(ctx, v.Dormitory))
	}
	if v.Source == employment.SourceCompany || v.Meals {
		add("meals", yesNo(ctx, v.Meals))
	}
	if v.Education >= 0 && v.Education < len(employment.Educations) {
		add("education", t(ctx, "screen.education."+employment.Educations[v.Education]))
	}
	add("experience", years(ctx, v.YearsMin, v.YearsMax))
	var groups []string
	for _, g := range v.Groups {
		groups = append(groups, coded("group", g))
	}
	add("groups", listed(ctx, groups))
	add("tags", listed(ctx, v.Tags))
	add("published", ui.Day(ctx, clock.DayOf(v.PublishedAt)))
	add("valid_to", ui.Day(ctx, v.ValidTo))
	add("number", v.Number)
	return out
}

func (v jobView) employer(ctx context.Context) []ui.Fact {
	out := []ui.Fact{{Label: t(ctx, "phone.job.union"), Value: t(ctx, "phone.job.union_no")}}
	if v.Company.HasUnion {
		out[0].Value = t(ctx, "phone.job.union_yes")
	}
	checked := t(ctx, "phone.job.unchecked")
	if v.Company.State == company.StateVerified {
		checked = t(ctx, "phone.job.checked")
	}
	out = append(out, ui.Fact{Label: t(ctx, "phone.job.check"), Value: checked})
	if i, ok := company.IndustryByCode(v.Company.IndustryCode); ok {
		out = append(out, ui.Fact{Label: t(ctx, "phone.job.industry"), Value: i.NameIn(string(i18n.From(ctx)))})
	}
	if at := ui.Address(ctx, v.Company.DivisionCode, v.Company.Address); at != "" {
		out = append(out, ui.Fact{Label: t(ctx, "phone.job.address"), Value: at})
	}
	return out
}

func (v jobView) pay(ctx context.Context) string { return v.Pay.Text(string(i18n.From(ctx))) }

func yesNo(ctx context.Context, yes bool) string {
	if yes {
		return t(ctx, "kit.yes")
	}
	return t(ctx, "kit.no")
}

func years(ctx context.Context, from, to int) string {
	switch {
	case from == 0 && to == 0:
		return t(ctx, "phone.job.years_any")
	case to == 0:
		return t(ctx, "phone.job.years_from", "From", from)
	case from == 0:
		return t(ctx, "phone.job.years_to", "To", to)
	}
	return t(ctx, "phone.job.years", "Years", strconv.Itoa(from)+"–"+strconv.Itoa(to))
}

func dayOf(at time.Time) clock.Day { return clock.DayOf(at) }
