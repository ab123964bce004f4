package employment

import (
	"context"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/search"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/place"
)

// Facets of the finder, in the order of its page.
var Facets = []string{"place", "pay", "occupation", "education", "hours", "group", "benefit"}

// PayBand is one step of the pay facet: monthly pay from, up to but not
// including, in fen. A vacancy stands in the band of its lowest promise.
type PayBand struct {
	Code     string
	From, To int64
}

// PayBands are the steps that people think in; the last has no upper end.
var PayBands = []PayBand{
	{"0-3k", 0, 300_000}, {"3k-5k", 300_000, 500_000}, {"5k-8k", 500_000, 800_000},
	{"8k-12k", 800_000, 1_200_000}, {"12k-20k", 1_200_000, 2_000_000}, {"20k+", 2_000_000, 1 << 40},
}

// Benefits are the codes of the benefit facet.
var Benefits = []string{"insurance", "dormitory", "meals"}

func known(codes []string) []search.Value {
	out := make([]search.Value, len(codes))
	for i, c := range codes {
		out[i] = search.Value{Code: c}
	}
	return out
}

// searchSchema declares what is searched. Codes that no vacancy has yet are
// legal filters; any other code is an error, never an empty list.
func searchSchema() search.Schema {
	var places []search.Value
	var grow func(code, parent string)
	grow = func(code, parent string) {
		places = append(places, search.Value{Code: code, Parent: parent})
		for _, c := range place.Children(code) {
			grow(c.Code, code)
		}
	}
	grow(place.Nation, "")
	var occupations []search.Value
	for _, o := range Occupations() {
		occupations = append(occupations, search.Value{Code: o.Code, Parent: o.Parent()})
	}
	bands := make([]string, 0, len(PayBands)+1)
	for _, b := range PayBands {
		bands = append(bands, b.Code)
	}
	return search.Schema{
		Fields: []search.Field{{Name: "title", Boost: 4}, {Name: "company", Boost: 1.5}, {Name: "occupation", Boost: 2}, {Name: "text", Boost: 1}},
		Facets: []search.Facet{
			{Name: "place", Known: places},
			{Name: "pay", Known: known(append(bands, "negotiable"))},
			{Name: "occupation", Known: occupations},
			{Name: "education", Known: known(Educations)},
			{Name: "hours", Known: known(HourKinds)},
			{Name: "group", Multi: true, Known: known(GroupCodes)},
			{Name: "benefit", Multi: true, Known: known(Benefits)},
		},
		Numbers:  []string{"published", "pay", "valid_to"},
		Sorts:    []search.Sort{{Name: "date", Number: "published", Desc: true}, {Name: "pay", Number: "pay", Desc: true}},
		Recency:  "published",
		Synonyms: synonyms(),
	}
}

// docID joins custody and id, so that a hit can be read without a search.
func docID(city, id string) string { return city + "/" + id }

func doc(v Vacancy) search.Doc {
	text := func(s string) []string {
		if s == "" {
			return nil
		}
		return []string{s}
	}
	d := search.Doc{ID: docID(v.CityCode, v.ID), Numbers: []int64{int64(clock.DayOf(v.PublishedAt)), search.None, int64(v.ValidTo)}}
	var trade string
	if o, ok := OccupationByCode(v.OccupationCode); ok {
		trade = o.Name
	}
	d.Text = []string{v.Title, v.CompanyName, trade, strings.Join(v.Tags, " ") + " " + v.Content}
	band := "negotiable"
	if lowest, _, ok := v.Pay.Monthly(); ok {
		d.Numbers[1] = lowest
		for _, b := range PayBands {
			if lowest >= b.From && lowest < b.To {
				band = b.Code
			}
		}
	}
	var benefits []string
	if v.Insurance == "five" || v.Insurance == "five_one" {
		benefits = append(benefits, "insurance")
	}
	if v.Dormitory {
		benefits = append(benefits, "dormitory")
	}
	if v.Meals {
		benefits = append(benefits, "meals")
	}
	at := v.DivisionCode
	if at == "" {
		at = place.Nation
	}
	d.Facets = [][]string{{at}, {band}, text(v.OccupationCode), {Educations[v.Education]}, text(v.Hours), v.Groups, benefits}
	if v.Lon != 0 || v.Lat != 0 {
		d.Point = &search.Point{Lon: v.Lon, Lat: v.Lat}
	}
	return d
}

// Search is what a worker asks the finder.
type Search struct {
	Words      string   `form:"q" json:"q"`
	Place      []string `form:"place" json:"place"`
	Pay        []string `form:"pay" json:"pay"`
	Occupation []string `form:"occupation" json:"occupation"`
	Education  []string `form:"education" json:"education"`
	Hours      []string `form:"hours" json:"hours"`
	Group      []string `form:"group" json:"group"`
	Benefit    []string `form:"benefit" json:"benefit"`
	Near       string   `form:"near" json:"near"` // division code: distance is measured from its centre
	Lon, Lat   float64  `form:"-" json:"-"`       // or a point
	RadiusKm   float64  `form:"-" json:"radius_km"`
	Days       int      `form:"days" json:"days"` // published within so many days; 0 = any
	Sort       string   `form:"sort" json:"sort"` // fit date pay distance
	After      string   `form:"after" json:"after"`
	Limit      int      `form:"limit" json:"limit"`
}

func (q Search) filters() []search.Filter {
	var out []search.Filter
	for i, values := range [][]string{q.Place, q.Pay, q.Occupation, q.Education, q.Hours, q.Group, q.Benefit} {
		if values = slices.DeleteFunc(slices.Clone(values), func(s string) bool { return s == "" }); len(values) > 0 {
			out = append(out, search.Filter{Facet: Facets[i], Values: values})
		}
	}
	return out
}

// Found is one page of the finder's answer.
type Found struct {
	Total    int
	Items    []FoundVacancy
	Next     string
	Facets   []search.FacetCount
	Relaxed  *search.Relaxed // the nearest answer when there is none
	Nearest  []FoundVacancy  // the vacancies of Relaxed
	Building bool            // the index is still being filled
}

// FoundVacancy is a vacancy with its distance; Km is -1 when unknown.
type FoundVacancy struct {
	Vacancy
	Km float64
}

// Find answers the finder. The index proposes, the store decides: a vacancy
// that has just gone is not shown. Faults: search.unknown_code and the others of
// core/search, place.unknown.
func (s *Service) Find(ctx context.Context, q Search) (Found, error) {
	text, written := readEnglish(q.Words)
	sq := search.Query{Text: text, Filters: q.filters(), Sort: q.Sort, After: q.After, Limit: q.Limit, RadiusKm: q.RadiusKm}
	switch {
	case q.Lon != 0 || q.Lat != 0:
		sq.Near = &search.Point{Lon: q.Lon, Lat: q.Lat}
	case q.Near != "":
		at, ok := place.Get(q.Near)
		if !ok || !at.Located() {
			return Found{}, fault.New(fault.Invalid, "search.unknown_code", fault.OnField("near", "choice"))
		}
		sq.Near = &search.Point{Lon: at.Lon, Lat: at.Lat}
	}
	if q.Days < 0 || q.Days > 3650 {
		return Found{}, fault.New(fault.Invalid, "search.bad_range", fault.OnField("days", "out_of_range"))
	}
	if q.Days > 0 {
		from := int64(s.today().Add(-q.Days))
		sq.Ranges = append(sq.Ranges, search.Range{Number: "published", Min: &from})
	}
	r, err := s.index.Search(sq)
	if err != nil {
		return Found{}, err
	}
	f := Found{Total: r.Total, Next: r.Next, Facets: r.Facets, Relaxed: r.Relaxed, Building: !s.feed.ready()}
	if f.Items, err = s.read(ctx, r.Hits); err != nil {
		return Found{}, err
	}
	if r.Relaxed != nil {
		asTyped(r.Relaxed.Words, written)
		asTyped(r.Relaxed.Dropped, written)
		f.Nearest, err = s.read(ctx, r.Relaxed.Hits)
	}
	return f, err
}

// asTyped writes words of the index as they stood in the query.
func asTyped(words []string, written map[string]string) {
	for i, w := range words {
		if typed, ok := written[w]; ok {
			words[i] = typed
		}
	}
}

func (s *Service) read(ctx context.Context, hits []search.Hit) ([]FoundVacancy, error) {
	byCity := map[string][]string{}
	for _, h := range hits {
		city, id, _ := strings.Cut(h.ID, "/")
		byCity[city] = append(byCity[city], id)
	}
	have, err := s.store.published(ctx, byCity, s.today())
	if err != nil {
		return nil, err
	}
	out := make([]FoundVacancy, 0, len(hits))
	for _, h := range hits {
		if v, ok := have[h.ID]; ok {
			out = append(out, FoundVacancy{Vacancy: v, Km: h.Km})
		}
	}
	return out, nil
}

// feed remembers up to where the index has followed the store.
type feed struct {
	mu   sync.Mutex
	upTo time.Time
	full bool
}

func (f *feed) ready() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.full
}

// overlap is how far a refresh looks back: a transaction stamps its rows before
// it commits, so rows may appear behind the mark.
const overlap = 2 * time.Minute

// BuildIndex fills the index from the store: at start, and to mend it. Readers
// keep the old one until the new one is whole.
func (s *Service) BuildIndex(ctx context.Context) error {
	began := s.Clock.Now()
	house := access.System(ctx, "employment.index")
	err := s.index.Rebuild(ctx, iter.Seq2[search.Doc, error](func(yield func(search.Doc, error) bool) {
		stop := s.store.eachPublished(house, s.today(), func(v Vacancy) bool { return yield(doc(v), nil) })
		if stop != nil {
			yield(search.Doc{}, stop)
		}
	}))
	if err != nil {
		return err
	}
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	s.feed.upTo, s.feed.full = began, true
	return nil
}

// RefreshIndex takes in what has changed since the last look: also what another
// process has written, such as an import from the command line.
func (s *Service) RefreshIndex(ctx context.Context) (changed int, err error) {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	if !s.feed.full {
		return 0, nil
	}
	began := s.Clock.Now()
	mark := s.feed.upTo.Add(-overlap)
	last := mark
	id := ""
	for {
		rows, err := s.store.changedSince(access.System(ctx, "employment.index"), last, id, 1000)
		if err != nil {
			return changed, err
		}
		var docs []search.Doc
		var gone []string
		for _, v := range rows {
			d := doc(v)
			sum, has := s.index.Checksum(d.ID)
			switch {
			case !v.OnOffer(s.today()) && has:
				gone = append(gone, d.ID)
			case v.OnOffer(s.today()) && (!has || sum != d.Checksum()):
				docs = append(docs, d)
			}
		}
		if err := s.index.Upsert(docs...); err != nil {
			return changed, err
		}
		s.index.Delete(gone...)
		changed += len(docs) + len(gone)
		if len(rows) > 0 {
			last, id = rows[len(rows)-1].UpdatedAt, rows[len(rows)-1].ID
		}
		if len(rows) < 1000 {
			break
		}
	}
	// Not the last row's time: after a large import its rows would be read again
	// with every look until something else changes.
	s.feed.upTo = began
	return changed, nil
}

// reindex puts one vacancy right once the transaction has committed.
func (s *Service) reindex(ctx context.Context, v Vacancy) {
	today := s.today()
	db.AfterCommit(ctx, func() {
		if v.OnOffer(today) {
			_ = s.index.Upsert(doc(v)) // a vacancy that the index refuses is found by verify
		} else {
			s.index.Delete(docID(v.CityCode, v.ID))
		}
	})
}

// SearchReport is how far the index and the store agree.
type SearchReport struct{ Store, Index, Missing, Stale, Surplus int }

// OK tells whether they agree fully.
func (r SearchReport) OK() bool { return r.Missing+r.Stale+r.Surplus == 0 }

// VerifySearch compares every document of the index with the store.
func (s *Service) VerifySearch(ctx context.Context) (SearchReport, error) {
	var r SearchReport
	seen := map[string]bool{}
	err := s.store.eachPublished(access.System(ctx, "employment.verify"), s.today(), func(v Vacancy) bool {
		d := doc(v)
		seen[d.ID] = true
		r.Store++
		switch sum, ok := s.index.Checksum(d.ID); {
		case !ok:
			r.Missing++
		case sum != d.Checksum():
			r.Stale++
		}
		return true
	})
	for id := range s.index.IDs() {
		r.Index++
		if !seen[id] {
			r.Surplus++
		}
	}
	return r, err
}
