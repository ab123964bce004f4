package company

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	_ "embed"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
)

// SizeClass is the size of a company by 工信部联企业〔2011〕300号.
type SizeClass string

// The classes, smallest first. Unclassified is what the rule does not answer:
// an industry outside it, or a figure that is not known.
const (
	Micro        SizeClass = "micro"
	Small        SizeClass = "small"
	Medium       SizeClass = "medium"
	Large        SizeClass = "large"
	Unclassified SizeClass = "unclassified"
)

var sizeOrder = []SizeClass{Micro, Small, Medium, Large}

// SmallOrMicro tells whether the class is one of the two that measure 3 serves.
func (c SizeClass) SmallOrMicro() bool { return c == Micro || c == Small }

// SizeFigures are the three figures of a company's year. A nil figure is not known.
type SizeFigures struct {
	Employees  *int64     // people, average of the year (从业人员)
	RevenueFen *money.Fen // operating revenue of the year (营业收入)
	AssetsFen  *money.Fen // total assets at the end of the year (资产总额)
}

// Indicators of a size rule.
const (
	SizeEmployees = "employees"
	SizeRevenue   = "revenue"
	SizeAssets    = "assets"
)

// SizeEvidence is one line of the reasoning: the figure, and the class that it
// alone would give.
type SizeEvidence struct {
	Indicator string    `json:"indicator"` // employees, revenue, assets
	Known     bool      `json:"known"`
	Value     int64     `json:"value"` // people, or fen
	SmallMin  int64     `json:"small_min"`
	MediumMin int64     `json:"medium_min"` // lower bounds, inclusive, in the unit of Value
	LargeMin  int64     `json:"large_min"`
	Class     SizeClass `json:"class"`
}

// Size is a class with its evidence.
type Size struct {
	Industry string // one of the sixteen; "" = outside the rule
	Class    SizeClass
	Citation string
	Evidence []SizeEvidence
}

// SizeIndustry is one of the sixteen industries of the rule.
type SizeIndustry struct {
	Name     string      `json:"name"`
	EN       string      `json:"en"`
	Prefixes []string    `json:"prefixes"` // of GB/T 4754-2017, a section's letter or digits; the longest match counts
	Bounds   []sizeBound `json:"bounds"`
}

// sizeBound holds the lower bounds of one indicator, inclusive: people, or 万元.
type sizeBound struct {
	Of     string `json:"of"`
	Large  int64  `json:"large"`
	Medium int64  `json:"medium"`
	Small  int64  `json:"small"`
}

// SizeRule is the table of thresholds in force from a day on.
type SizeRule struct {
	ValidFrom  clock.Day      `json:"valid_from"`
	Citation   string         `json:"citation"`
	Industries []SizeIndustry `json:"industries"`
}

//go:embed data/size.json
var sizeTable []byte

// SizeRules is the dated table that the program ships with, oldest first.
func SizeRules() []SizeRule {
	rules, err := ParseSizeRules(sizeTable)
	if err != nil {
		panic(err) // the embedded file is part of the program
	}
	return rules
}

// ParseSizeRules reads a JSON list of rules and refuses tables that contradict
// themselves. Fault: invalid company.size_rules.
func ParseSizeRules(text []byte) ([]SizeRule, error) {
	var rules []SizeRule
	bad := func(format string, args ...any) ([]SizeRule, error) {
		return nil, fault.New(fault.Invalid, "company.size_rules", fault.Because(fmt.Errorf(format, args...)))
	}
	if err := json.Unmarshal(text, &rules); err != nil {
		return bad("read: %w", err)
	}
	if len(rules) == 0 {
		return bad("no rule")
	}
	for _, r := range rules {
		owner := map[string]string{}
		for _, x := range r.Industries {
			if len(x.Bounds) == 0 || len(x.Prefixes) == 0 {
				return bad("%s has no bounds or no codes", x.Name)
			}
			for _, p := range x.Prefixes {
				if owner[p] != "" {
					return bad("code %s belongs to %s and to %s", p, owner[p], x.Name)
				}
				owner[p] = x.Name
			}
			for _, b := range x.Bounds {
				if b.Of != SizeEmployees && b.Of != SizeRevenue && b.Of != SizeAssets || b.Small < 1 || b.Medium <= b.Small || b.Large <= b.Medium {
					return bad("%s: bounds of %s", x.Name, b.Of)
				}
			}
		}
	}
	slices.SortFunc(rules, func(a, b SizeRule) int { return cmp.Compare(a.ValidFrom, b.ValidFrom) })
	return rules, nil
}

// SizeRuleOn gives the rule in force on a day; days before the first use the first.
func SizeRuleOn(rules []SizeRule, day clock.Day) SizeRule {
	r := rules[0]
	for _, x := range rules[1:] {
		if x.ValidFrom > day {
			break
		}
		r = x
	}
	return r
}

// sectionEnds are the last divisions of the sections A to T of GB/T 4754-2017.
var sectionEnds = []int{5, 12, 43, 46, 50, 52, 60, 62, 65, 69, 70, 72, 75, 79, 82, 83, 85, 90, 96, 97}

// sectionOf gives the section's letter for a code of two digits or more, else "".
func sectionOf(code string) string {
	if len(code) < 2 {
		return ""
	}
	n, err := strconv.Atoi(code[:2])
	if err != nil || n < 1 {
		return ""
	}
	for i, end := range sectionEnds {
		if n <= end {
			return string(rune('A' + i))
		}
	}
	return ""
}

// IndustryOf gives the industry of the rule for a code of GB/T 4754-2017: a
// section's letter, two to four digits, or both. The longest listed code that
// begins it counts. False = outside the sixteen (rail, finance, education,
// health, public administration …).
func (r SizeRule) IndustryOf(code string) (SizeIndustry, bool) {
	section, digits := "", code
	if code != "" && code[0] >= 'A' && code[0] <= 'T' {
		section, digits = code[:1], code[1:]
	} else {
		section = sectionOf(code)
	}
	var found SizeIndustry
	longest := 0
	for _, x := range r.Industries {
		for _, p := range x.Prefixes {
			if len(p) > longest && (p == section || digits != "" && strings.HasPrefix(digits, p)) {
				found, longest = x, len(p)
			}
		}
	}
	return found, longest > 0
}

// Named gives one of the sixteen by its Chinese name.
func (r SizeRule) Named(name string) (SizeIndustry, bool) {
	i := slices.IndexFunc(r.Industries, func(x SizeIndustry) bool { return x.Name == name })
	if i < 0 {
		return SizeIndustry{}, false
	}
	return r.Industries[i], true
}

// tenThousandYuan is 万元 in fen.
const tenThousandYuan = 1_000_000

// Classify judges each indicator of the industry by its own bounds and takes the
// lowest class: large, medium and small need all their lower bounds, micro needs
// one below the small one. A figure that is not known
// leaves the company unclassified. Fault: invalid company.size_negative.
func (r SizeRule) Classify(industry SizeIndustry, f SizeFigures) (Size, error) {
	s := Size{Industry: industry.Name, Class: Unclassified, Citation: r.Citation}
	lowest := len(sizeOrder)
	known := len(industry.Bounds) > 0
	for _, b := range industry.Bounds {
		unit := int64(1)
		var value *int64
		switch b.Of {
		case SizeEmployees:
			value = f.Employees
		case SizeRevenue:
			unit, value = tenThousandYuan, (*int64)(f.RevenueFen)
		case SizeAssets:
			unit, value = tenThousandYuan, (*int64)(f.AssetsFen)
		}
		e := SizeEvidence{Indicator: b.Of, SmallMin: b.Small * unit, MediumMin: b.Medium * unit, LargeMin: b.Large * unit, Class: Unclassified}
		if value == nil {
			known = false
			s.Evidence = append(s.Evidence, e)
			continue
		}
		if *value < 0 {
			return Size{}, fault.New(fault.Invalid, "company.size_negative", fault.With("Indicator", b.Of))
		}
		class := 0
		for _, bound := range []int64{e.SmallMin, e.MediumMin, e.LargeMin} {
			if *value >= bound {
				class++
			}
		}
		e.Known, e.Value, e.Class = true, *value, sizeOrder[class]
		lowest = min(lowest, class)
		s.Evidence = append(s.Evidence, e)
	}
	if known {
		s.Class = sizeOrder[lowest]
	}
	return s, nil
}
