package phone

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"gonghui/internal/core/search"
	"gonghui/internal/face/ui"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/place"
	"gonghui/internal/measure/employment"
)

// pageSize is the number of vacancies of one page of the finder.
const pageSize = 20

// trees are the facets whose values are shown one level at a time.
var trees = []string{"place", "occupation"}

// finderView is all that the finder's page shows.
type finderView struct {
	Query   url.Values // the filters in force, without the place in the list
	Found   employment.Found
	Where   string // from where distances are measured; empty when unknown
	AskNear bool   // distance was asked for and we do not know from where
	First   bool   // this is the first page
}

func (f *face) find(w http.ResponseWriter, r *http.Request) error {
	view, err := f.look(r)
	if err != nil {
		return f.gone(w, r, err)
	}
	return f.show(w, r, "jobs", t(r.Context(), "phone.jobs.title"), finder(f, view))
}

func (f *face) look(r *http.Request) (finderView, error) {
	ctx, given := r.Context(), r.URL.Query()
	var q employment.Search
	if err := web.DecodeQuery(r, &q); err != nil {
		return finderView{}, err
	}
	q.Limit = pageSize
	v := finderView{Query: url.Values{}, First: q.After == ""}
	for name, values := range given {
		for _, one := range values {
			if one != "" && (name == "q" || name == "near" || name == "lon" || name == "lat" || name == "days" || name == "sort" || slices.Contains(employment.Facets, name)) {
				v.Query.Add(name, one)
			}
		}
	}
	if err := point(given, &q); err != nil {
		return v, err
	}
	ask := given.Get("ask") != "" // the worker wants to measure from elsewhere
	if q.Lon == 0 && q.Lat == 0 && q.Near == "" && !ask {
		q.Near = f.myCounty(ctx)
	}
	if at, ok := place.Get(q.Near); ok && at.Located() && q.Lon == 0 && q.Lat == 0 {
		v.Where = ui.PlaceShort(ctx, q.Near)
	}
	if q.Sort == search.SortDistance && q.Near == "" && q.Lon == 0 && q.Lat == 0 {
		v.AskNear = true
		return v, nil
	}
	var err error
	v.Found, err = f.Employment.Find(ctx, q)
	return v, err
}

// myCounty is the county of the signed-in worker, where it has a place on the map.
func (f *face) myCounty(ctx context.Context) string {
	me, err := f.self(ctx)
	if err != nil {
		return "" // a visitor, or staff: nothing is known
	}
	if at, ok := place.Get(me.DivisionCode); ok && at.Located() {
		return at.Code
	}
	return ""
}

// point reads a position that an address may carry.
func point(given url.Values, q *employment.Search) error {
	lon, lat := given.Get("lon"), given.Get("lat")
	if lon == "" && lat == "" {
		return nil
	}
	var err error
	if q.Lon, err = strconv.ParseFloat(lon, 64); err == nil {
		q.Lat, err = strconv.ParseFloat(lat, 64)
	}
	if err != nil || q.Lon == 0 && q.Lat == 0 {
		return fault.New(fault.Invalid, "search.bad_point", fault.OnField("near", "invalid"))
	}
	return nil
}

// at writes the finder's address with other filters.
func at(q url.Values) string {
	if len(q) == 0 {
		return "/jobs"
	}
	return "/jobs?" + q.Encode()
}

func clone(q url.Values) url.Values {
	out := url.Values{}
	for k, v := range q {
		out[k] = slices.Clone(v)
	}
	return out
}

// with sets one filter to one value, none for "".
func with(q url.Values, name, value string) url.Values {
	out := clone(q)
	if out.Del(name); value != "" {
		out.Set(name, value)
	}
	return out
}

// toggled adds a value to a filter or takes it away.
func toggled(q url.Values, name, value string) url.Values {
	out := clone(q)
	if i := slices.Index(out[name], value); i >= 0 {
		out[name] = slices.Delete(out[name], i, i+1)
	} else {
		out[name] = append(out[name], value)
	}
	if len(out[name]) == 0 {
		out.Del(name)
	}
	return out
}

// start and next are the addresses of the pager.
func (v finderView) start() string {
	if v.First {
		return ""
	}
	return at(v.Query)
}

func (v finderView) next() string {
	if v.Found.Next == "" {
		return ""
	}
	return at(with(v.Query, "after", v.Found.Next))
}

// nearestText says what the nearest answer has left away.
func (v finderView) nearestText(ctx context.Context) string {
	r := v.Found.Relaxed
	if r == nil || len(v.Found.Nearest) == 0 {
		return ""
	}
	return t(ctx, "phone.jobs.nearest", "Words", listed(ctx, r.Words), "Count", ui.Number(int64(r.Total)))
}

// hidden are the filters that a search for other words keeps.
func (v finderView) hidden() [][2]string {
	var out [][2]string
	for _, name := range append(slices.Clone(employment.Facets), "near", "lon", "lat", "days", "sort") {
		for _, value := range v.Query[name] {
			out = append(out, [2]string{name, value})
		}
	}
	return out
}

// sorts are the orders to choose from.
func (v finderView) sorts(ctx context.Context) []ui.SortOption {
	now := v.Query.Get("sort")
	if now == "" {
		now = search.SortFit
	}
	var out []ui.SortOption
	for _, name := range []string{search.SortFit, "date", "pay", search.SortDistance} {
		out = append(out, ui.SortOption{Label: t(ctx, "employment.sort."+name), Href: at(with(v.Query, "sort", name)), Selected: now == name})
	}
	return out
}

// chosen are the filters in force; each link takes one away.
func (v finderView) chosen(ctx context.Context) []ui.FacetValue {
	var out []ui.FacetValue
	for _, name := range employment.Facets {
		for _, value := range v.Query[name] {
			out = append(out, ui.FacetValue{Label: label(ctx, name, value), Href: at(toggled(v.Query, name, value))})
		}
	}
	if days := v.Query.Get("days"); days != "" {
		out = append(out, ui.FacetValue{Label: t(ctx, "phone.jobs.days", "Days", days), Href: at(with(v.Query, "days", ""))})
	}
	return out
}

func (v finderView) clear() string {
	q := clone(v.Query)
	for _, name := range append(slices.Clone(employment.Facets), "days") {
		q.Del(name)
	}
	return at(q)
}

// facets are the filters to choose from, with counts.
func (v finderView) facets(ctx context.Context) []ui.Facet {
	var out []ui.Facet
	for _, c := range v.Found.Facets {
		f := ui.Facet{Title: t(ctx, "employment.facet."+c.Name), Open: c.Name == "place" || c.Name == "pay"}
		if slices.Contains(trees, c.Name) {
			f.Values = v.branch(ctx, c)
		} else {
			for _, value := range c.Values {
				if value.Count > 0 || value.Selected {
					f.Values = append(f.Values, ui.FacetValue{
						Label: label(ctx, c.Name, value.Code), Href: at(toggled(v.Query, c.Name, value.Code)), Count: value.Count, Selected: value.Selected,
					})
				}
			}
		}
		if len(f.Values) > 0 {
			out = append(out, f)
		}
	}
	return out
}

// branch shows one level of a tree: what lies below the value chosen, and the
// way from the root to it, whose links lead back up.
func (v finderView) branch(ctx context.Context, c search.FacetCount) []ui.FacetValue {
	root := ""
	if c.Name == "place" {
		root = place.Nation
	}
	byCode := map[string]search.ValueCount{}
	deepest := ""
	for _, value := range c.Values {
		byCode[value.Code] = value
		if value.Selected && len(value.Code) > len(deepest) {
			deepest = value.Code
		}
	}
	from := deepest
	if from == "" {
		from = root
		if c.Name == "place" {
			from = place.Shandong
		}
	}
	var out []ui.FacetValue
	for code := deepest; code != "" && code != root; code = byCode[code].Parent {
		up := byCode[code].Parent
		if up == root || up == place.Shandong {
			up = ""
		}
		if c.Name != "place" || code != place.Shandong {
			out = append(out, ui.FacetValue{Label: shortLabel(ctx, c.Name, code), Href: at(with(v.Query, c.Name, up)), Count: byCode[code].Count, Selected: true})
		}
	}
	slices.Reverse(out)
	for _, value := range c.Values {
		outside := deepest == "" && c.Name == "place" && value.Parent == root && value.Code != place.Shandong
		if value.Count > 0 && (value.Parent == from || outside) {
			out = append(out, ui.FacetValue{Label: shortLabel(ctx, c.Name, value.Code), Href: at(with(v.Query, c.Name, value.Code)), Count: value.Count})
		}
	}
	return out
}

// label writes a filter's value for people.
func label(ctx context.Context, facet, code string) string {
	switch facet {
	case "place":
		return ui.PlaceShort(ctx, code)
	case "occupation":
		if o, ok := employment.OccupationByCode(code); ok {
			return o.NameIn(string(i18n.From(ctx)))
		}
		return code
	case "education":
		return t(ctx, "screen.education."+code)
	}
	return t(ctx, "employment."+facet+"."+code)
}

// shortLabel leaves out what the level above says already.
func shortLabel(ctx context.Context, facet, code string) string {
	if at, ok := place.Get(code); ok && facet == "place" {
		return at.NameIn(string(i18n.From(ctx)))
	}
	return label(ctx, facet, code)
}

// card shows a vacancy in a list.
func card(ctx context.Context, f *face, v employment.FoundVacancy) ui.Job {
	j := ui.Job{
		Href: "/jobs/" + v.Number, Title: v.Title, Pay: v.Pay.Text(string(i18n.From(ctx))), Company: v.CompanyName,
		Place: ui.PlaceShort(ctx, v.DivisionCode), Date: ui.ShortDay(ctx, dayOf(v.PublishedAt), f.today()), Tags: tags(ctx, v.Vacancy),
	}
	if lang := i18n.From(ctx); lang != i18n.ZH { // titles are in Chinese
		if o, ok := employment.OccupationByCode(v.OccupationCode); ok {
			j.Trade = o.NameIn(string(lang))
		}
	}
	switch {
	case v.Km >= 0 && v.Km < 0.1: // both are measured from the county's centre
		j.Distance = t(ctx, "phone.km_same")
	case v.Km >= 0:
		j.Distance = t(ctx, "phone.km", "Km", strconv.FormatFloat(v.Km, 'f', decimals(v.Km), 64))
	}
	return j
}

func decimals(km float64) int {
	if km < 10 {
		return 1
	}
	return 0
}

// tags are the few things that decide whether one looks closer.
func tags(ctx context.Context, v employment.Vacancy) []string {
	var out []string
	if v.Insurance == "five" || v.Insurance == "five_one" {
		out = append(out, t(ctx, "employment.insurance."+v.Insurance))
	}
	if v.Dormitory {
		out = append(out, t(ctx, "employment.benefit.dormitory"))
	}
	if v.Meals {
		out = append(out, t(ctx, "employment.benefit.meals"))
	}
	if v.Hours != "" {
		out = append(out, t(ctx, "employment.hours."+v.Hours))
	}
	if v.Form != "" && v.Form != "direct" {
		out = append(out, t(ctx, "employment.form."+v.Form))
	}
	return out
}

// counties are the choices where somebody lives: all counties and development
// zones of the province; the present place stands among them even when it is
// deeper, so that saving a form does not make it coarser.
func counties(ctx context.Context, present string) []ui.Option {
	var out []ui.Option
	has := false
	for _, city := range place.Children(place.Shandong) {
		for _, c := range place.Children(city.Code) {
			out = append(out, ui.Option{Value: c.Code, Label: ui.PlaceShort(ctx, c.Code)})
			has = has || c.Code == present
		}
	}
	if present != "" && !has {
		out = slices.Insert(out, 0, ui.Option{Value: present, Label: ui.PlaceShort(ctx, present)})
	}
	return out
}

// located are the counties from which a distance can be measured.
func located(ctx context.Context) []ui.Option {
	return slices.DeleteFunc(counties(ctx, ""), func(o ui.Option) bool {
		p, _ := place.Get(o.Value)
		return !p.Located()
	})
}

// listed joins words as the language does.
func listed(ctx context.Context, words []string) string {
	if i18n.From(ctx) == i18n.EN {
		return strings.Join(words, ", ")
	}
	return strings.Join(words, "、")
}
