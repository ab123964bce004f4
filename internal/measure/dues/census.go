package dues

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"gonghui/internal/core/company"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/money"
)

// Source is whose a list of companies is.
type Source string

// The sources.
const (
	FromStatistics Source = "statistics" // the statistics office
	FromMarket     Source = "market"     // the market regulation
	FromTax        Source = "tax"        // the tax office
)

// Sources are all sources.
func Sources() []Source { return []Source{FromStatistics, FromMarket, FromTax} }

// sourceNames are what facts of companies call the sources.
func sourceNames() []string {
	var out []string
	for _, s := range Sources() {
		out = append(out, string(s))
	}
	return out
}

// listOrders are the orders in which lists may count, as the parameter names them.
func listOrders() []string {
	var out []string
	for _, a := range Sources() {
		for _, b := range Sources() {
			for _, c := range Sources() {
				if a != b && b != c && a != c {
					out = append(out, string(a)+"_"+string(b)+"_"+string(c))
				}
			}
		}
	}
	return out
}

// listOrder reads one of listOrders.
func listOrder(s string) []Source {
	var out []Source
	for part := range strings.SplitSeq(s, "_") {
		out = append(out, Source(part))
	}
	return out
}

// List is one list of companies that was taken in.
type List struct {
	CityCode  string
	ID        string
	OrgPath   string
	Source    Source
	Year      int // of the figures
	Name      string
	SHA256    string
	Report    ListReport
	State     FileState // running, taken
	CreatedBy string
	CreatedAt time.Time
	Again     bool // the same file was taken in before, and nothing was done now
}

// ListReport counts what became of the rows. Taken, Unchanged and Failed add up to Rows.
type ListReport struct {
	Rows      int64 `json:"rows"`
	Taken     int64 `json:"taken"`
	Unchanged int64 `json:"unchanged"` // say what their source said already
	Failed    int64 `json:"failed"`

	// Of the rows taken or unchanged:
	Companies    int64 `json:"companies"` // not known before
	Conflicts    int64 `json:"conflicts"` // lists give other classes
	Unclassified int64 `json:"unclassified"`
	Excluded     int64 `json:"excluded"`
}

func (r ListReport) plus(d ListReport) ListReport {
	return ListReport{
		r.Rows + d.Rows, r.Taken + d.Taken, r.Unchanged + d.Unchanged, r.Failed + d.Failed,
		r.Companies + d.Companies, r.Conflicts + d.Conflicts, r.Unclassified + d.Unclassified, r.Excluded + d.Excluded,
	}
}

// Listing is what one list says of a company beside its figures.
type Listing struct {
	Source     Source
	Year       int
	Name       string
	Industry   string // code of GB/T 4754-2017, or one of the sixteen by its name; empty = not told
	ParentName string
	ParentCode string
	ParentKind Exclusion // empty = none, or one that excludes nothing
	Standing   string    // 存续, 注销 …, as the list has it
	List       company.Ref
	StatedOn   clock.Day
}

// says tells whether another listing of the source says the same.
func (s Listing) says(o Listing) bool {
	s.List, s.StatedOn = o.List, o.StatedOn
	return s == o
}

// Why a list gives no class.
const (
	NoIndustry = "no_industry" // it is not told
	Outside    = "outside"     // the rule has no class for it: finance, education, health …
	NoFigure   = "no_figure"   // one of the figures that its industry needs is not told
)

// Evidence is what one list says of a payer, and the class that it gives.
type Evidence struct {
	Listing
	Figures company.SizeFigures
	Size    company.Size
	Why     string // why it gives no class; empty = it gives one
	Counts  bool   // it is of the newest year, which alone counts
	Wins    bool   // the payer's class is its
}

// answers tells whether the list has a say: a figure or an industry that is not
// told leaves it to the others, an industry outside the rule does not.
func (e Evidence) answers() bool { return e.Why == "" || e.Why == Outside }

// judgeSize gives the class of a listing with its figures. An industry that the
// list does not tell is the company's own.
func judgeSize(rules []company.SizeRule, s Listing, f company.SizeFigures, own string) (Evidence, error) {
	e := Evidence{Listing: s, Figures: f, Size: company.Size{Class: company.Unclassified}}
	rule := company.SizeRuleOn(rules, clock.MakeDay(s.Year, 12, 31))
	code := cmp.Or(s.Industry, own)
	industry, ok := rule.Named(code)
	if !ok {
		industry, ok = rule.IndustryOf(code)
	}
	switch {
	case code == "":
		e.Why = NoIndustry
		return e, nil
	case !ok:
		e.Why = Outside
		return e, nil
	}
	var err error
	if e.Size, err = rule.Classify(industry, f); err != nil {
		return e, err
	}
	if e.Size.Class == company.Unclassified {
		e.Why = NoFigure
	}
	return e, nil
}

// verdict is what the lists say of a payer together.
type verdict struct {
	class    company.SizeClass
	industry string
	source   Source
	year     int
	conflict bool
	excluded Exclusion
}

// weigh marks which evidence counts and wins, in the order of the sources, and gives
// the verdict. The newest year counts alone: a list of another year says nothing
// against it. A parent excludes whichever list tells it.
func weigh(list []Evidence, order []Source) verdict {
	v := verdict{class: company.Unclassified}
	for _, e := range list {
		v.year = max(v.year, e.Year)
	}
	rank := func(e Evidence) int { return slices.Index(order, e.Source) }
	slices.SortFunc(list, func(a, b Evidence) int { return cmp.Or(cmp.Compare(b.Year, a.Year), cmp.Compare(rank(a), rank(b))) })
	winner := -1
	for i := range list {
		e := &list[i]
		if e.Counts = e.Year == v.year; !e.Counts {
			continue
		}
		if v.excluded == "" {
			v.excluded = e.ParentKind
		}
		switch {
		case !e.answers():
		case winner < 0:
			winner = i
		case e.Size.Class != list[winner].Size.Class:
			v.conflict = true
		}
	}
	if winner >= 0 {
		w := &list[winner]
		w.Wins = true
		v.class, v.industry, v.source = w.Size.Class, w.Size.Industry, w.Source
	}
	return v
}

// follow writes the verdict on a payer; what somebody decided by hand stays. It
// tells whether that changed anything.
func (r *payerRow) follow(v verdict) bool {
	excluded := r.Excluded
	if r.ExcludedNote == "" {
		r.Excluded = v.excluded
	}
	return r.followClass(v) || r.Excluded != excluded
}

// followClass is follow for the class alone.
func (r *payerRow) followClass(v verdict) bool {
	before := *r
	r.SizeConflict = v.conflict
	if r.SizeBy != ByHand {
		r.SizeClass, r.SizeIndustry, r.SizeBy, r.SizeSource, r.SizeYear = v.class, v.industry, ByRule, v.source, v.year
		if v.year == 0 {
			r.SizeBy = ""
		}
	}
	return r.SizeConflict != before.SizeConflict || r.SizeClass != before.SizeClass || r.SizeIndustry != before.SizeIndustry ||
		r.SizeBy != before.SizeBy || r.SizeSource != before.SizeSource || r.SizeYear != before.SizeYear
}

// figuresOf gives what a source last said of a company for a year.
func figuresOf(latest company.Latest, ref company.Ref, source Source, year int) company.SizeFigures {
	var f company.SizeFigures
	if n, ok := latest.Get(ref, company.Staff, year, string(source)); ok {
		f.Employees = &n
	}
	if n, ok := latest.Get(ref, company.Revenue, year, string(source)); ok {
		fen := money.Fen(n)
		f.RevenueFen = &fen
	}
	if n, ok := latest.Get(ref, company.Assets, year, string(source)); ok {
		fen := money.Fen(n)
		f.AssetsFen = &fen
	}
	return f
}
