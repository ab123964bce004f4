package calc

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"gonghui/internal/core/company"
	"gonghui/internal/kit/money"
)

var errTenThousand = errors.New("want 万元, at least 0, with at most six decimals")

// tenThousand reads an amount of 万元 exactly into fen; null is not known.
func tenThousand(n *json.Number) (*money.Fen, error) {
	if n == nil {
		return nil, nil //nolint:nilnil // null means that the figure is not known
	}
	whole, part, _ := strings.Cut(n.String(), ".")
	if len(part) > 6 || strings.ContainsAny(n.String(), "eE-+") {
		return nil, errTenThousand
	}
	fen, err := strconv.ParseInt(whole+part+strings.Repeat("0", 6-len(part)), 10, 64)
	if err != nil {
		return nil, errTenThousand
	}
	f := money.Fen(fen)
	return &f, nil
}

type sizeEvidence struct {
	Indicator string            `json:"indicator"`
	Value     json.RawMessage   `json:"value"` // people, or 万元; null = not known
	Class     company.SizeClass `json:"class"`
	Small     int64             `json:"small_min"`
	Medium    int64             `json:"medium_min"`
	Large     int64             `json:"large_min"`
}

// Size classes a company by 工信部联企业〔2011〕300号: {"industry":"0111","employees":25,
// "revenue":280,"assets":null}, or "size_industry":"工业" in place of the code, amounts in
// 万元. It gives {"size_industry":…,"class":"micro|small|medium|large|unclassified","evidence":[…]}.
func Size(line []byte) (any, error) {
	var q struct {
		Industry  *string      `json:"industry"`
		Named     *string      `json:"size_industry"`
		Employees *int64       `json:"employees"`
		Revenue   *json.Number `json:"revenue"`
		Assets    *json.Number `json:"assets"`
	}
	if err := decode(line, &q); err != nil {
		return nil, err
	}
	var f company.SizeFigures
	var err error
	if f.Employees = q.Employees; f.Employees != nil && *f.Employees < 0 {
		return nil, errors.New("employees: want at least 0")
	}
	if f.RevenueFen, err = tenThousand(q.Revenue); err != nil {
		return nil, fmt.Errorf("revenue: %w", err)
	}
	if f.AssetsFen, err = tenThousand(q.Assets); err != nil {
		return nil, fmt.Errorf("assets: %w", err)
	}
	rules := company.SizeRules()
	rule := rules[len(rules)-1]
	var of company.SizeIndustry
	switch {
	case q.Named != nil:
		var ok bool
		if of, ok = rule.Named(*q.Named); !ok {
			return nil, errors.New("size_industry: none of the sixteen")
		}
	case q.Industry != nil:
		of, _ = rule.IndustryOf(*q.Industry) // outside the sixteen: unclassified
	default:
		return nil, missing("industry")
	}
	s, err := rule.Classify(of, f)
	if err != nil {
		return nil, err
	}
	evidence := make([]sizeEvidence, len(s.Evidence))
	for i, e := range s.Evidence {
		unit := int64(1)
		if e.Indicator != company.SizeEmployees {
			unit = 1_000_000
		}
		evidence[i] = sizeEvidence{
			Indicator: e.Indicator, Value: []byte("null"), Class: e.Class,
			Small: e.SmallMin / unit, Medium: e.MediumMin / unit, Large: e.LargeMin / unit,
		}
		if e.Known {
			evidence[i].Value = ratio(e.Value, unit)
		}
	}
	return struct {
		Industry string            `json:"size_industry"`
		Class    company.SizeClass `json:"class"`
		Evidence []sizeEvidence    `json:"evidence"`
	}{s.Industry, s.Class, evidence}, nil
}

// ratio writes value/unit as an exact decimal; unit is a power of ten.
func ratio(value, unit int64) json.RawMessage {
	s := strconv.FormatInt(value/unit, 10)
	if rest := value % unit; rest != 0 {
		part := strconv.FormatInt(unit+rest, 10)[1:]
		s += "." + strings.TrimRight(part, "0")
	}
	return json.RawMessage(s)
}
