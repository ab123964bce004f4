package rules

import (
	"encoding/json"
	"strconv"
	"strings"

	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/place"
)

// Words is a value as people say it, in one line: 2 working days, 1,500 yuan, 0.8 %,
// 12 rows. A value that is none is a dash.
func (d Definition) Words(lang i18n.Lang, v Value) string {
	switch v.Kind {
	case Choice:
		return i18n.T(lang, d.ChoiceText(v.s))
	case Integer:
		if d.Unit != "" {
			return i18n.T(lang, "rules.unit."+d.Unit, "N", counted(v.n))
		}
	case Rows:
		return i18n.T(lang, "rules.value.table", "N", counted(int64(v.rows.Len())))
	case Conditions:
		return i18n.T(lang, "rules.value.conditions", "N", counted(int64(len(v.cond.lines))))
	}
	return plainWords(lang, v)
}

// CellWords is a cell of a table as people say it; empty for an empty cell.
func (d Definition) CellWords(lang i18n.Lang, c Column, v Value) string {
	switch {
	case v.Empty():
		return ""
	case len(c.Choices) > 0:
		return i18n.T(lang, d.CellText(c.Name, v.s))
	case v.Kind == Integer && c.Unit != "":
		return i18n.T(lang, "rules.unit."+c.Unit, "N", counted(v.n))
	}
	return plainWords(lang, v)
}

func plainWords(lang i18n.Lang, v Value) string {
	switch v.Kind {
	case Integer:
		return counted(v.n)
	case Fen:
		return i18n.T(lang, "rules.value.fen", "Amount", strings.TrimSuffix(v.Fen().Yuan(), ".00"))
	case Rate:
		return v.Percent().String() + "%"
	case Days, Workdays:
		return i18n.T(lang, "rules.value."+string(v.Kind), "N", counted(v.n))
	case Boolean:
		return i18n.T(lang, "rules.value."+v.raw)
	case Text, Choice:
		return v.s
	}
	return "—"
}

// counted is a whole number with its thousands apart.
func counted(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Title says what a change is about.
func (c Change) Title(lang i18n.Lang) string {
	return i18n.T(lang, "rules.change.title", "Param", i18n.T(lang, Definition{Key: c.Key}.TitleText()), "Place", PlaceNameIn(c.Place, lang), "From", c.From.String())
}

// PlaceNameIn is the short name of a place in a language.
func PlaceNameIn(code string, lang i18n.Lang) string { return place.ShortNameIn(code, string(lang)) }

// BasisWords says how sure a value is, and whose it is where nobody has read it in
// a law.
func BasisWords(lang i18n.Lang, b Basis, at string) string {
	if b == Assumed {
		return i18n.T(lang, "rules.basis.assumed."+string(LevelOf(at)))
	}
	return i18n.T(lang, "rules.basis."+string(b))
}

// Cited says for the desk what a value rests on: the document somebody named, or
// that the program came with it.
func (e Entry) Cited(lang i18n.Lang) string {
	if e.Shipped() && e.Basis == Assumed {
		return i18n.T(lang, "rules.shipped")
	}
	return e.Citation
}

// RowsText writes the rows of a form as the JSON that FromText reads. What cannot
// be a cell stays as it was typed, so that the row and the column are named.
func (d Definition) RowsText(rows []map[string]string) string {
	out := make([]map[string]json.RawMessage, len(rows))
	for i, typed := range rows {
		out[i] = map[string]json.RawMessage{}
		for _, c := range d.Columns {
			s := strings.TrimSpace(typed[c.Name])
			if s == "" {
				continue
			}
			raw, err := rawOf(c.Kind, s)
			if err != nil || !json.Valid(raw) {
				raw = []byte(quote(s))
			}
			out[i][c.Name] = raw
		}
	}
	text, err := json.Marshal(out)
	if err != nil {
		return "" // no value; what was marshalled is valid by itself
	}
	return string(text)
}

// ConditionsText writes the conditions of a form as the JSON that FromText reads.
func ConditionsText(list []Condition) string {
	text, err := json.Marshal(list)
	if err != nil {
		return ""
	}
	return string(text)
}

// Typed gives the rows of a table as a form shows them.
func (t *Table) Typed() []map[string]string {
	out := make([]map[string]string, t.Len())
	for i := range out {
		out[i] = map[string]string{}
		for _, c := range t.columns {
			out[i][c.Name] = t.Row(i).Cell(c.Name).Typed()
		}
	}
	return out
}
