package rules

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/form"
	"gonghui/internal/kit/money"
)

// Limits of a value.
const (
	MaxText = 500 // characters of a text
	MaxRows = 500 // rows of a table
)

// Value is one typed value. The zero Value is an empty cell.
type Value struct {
	Kind Kind
	n    int64
	s    string
	rows *Table
	cond *CondSet
	raw  string // canonical JSON
}

// Empty tells whether it is an empty cell of a table.
func (v Value) Empty() bool { return v.Kind == "" }

// The value as Go holds it; the zero of another kind.
func (v Value) Int() int64           { return v.n }
func (v Value) Fen() money.Fen       { return money.Fen(v.n) }
func (v Value) Percent() Percent     { return Percent(v.n) }
func (v Value) Bool() bool           { return v.n == 1 }
func (v Value) Text() string         { return v.s }
func (v Value) Table() *Table        { return v.rows }
func (v Value) Conditions() *CondSet { return v.cond }

// JSON is the value in its one spelling: equal values have equal JSON.
func (v Value) JSON() string {
	if v.raw == "" {
		return "null"
	}
	return v.raw
}

// Parse reads a value in JSON under the definition. Faults, all Invalid:
// rules.value, rules.percent, rules.range, rules.choice, rules.rows,
// rules.expression_…, and those of Check.
func (d Definition) Parse(raw []byte) (Value, error) {
	var v Value
	var err error
	switch d.Kind {
	case Rows:
		v, err = d.parseRows(raw)
	case Conditions:
		v, err = d.parseConditions(raw)
	default:
		v, err = parseSimple(d.Kind, d.Bounds, d.Choices, raw)
	}
	if err == nil && d.Check != nil {
		err = onValue(d.Check(v))
	}
	if err != nil {
		return Value{}, spoken(err)
	}
	return v, nil
}

func parseSimple(k Kind, b *Bounds, choices []string, raw []byte) (Value, error) {
	v := Value{Kind: k}
	bad := valueFault("rules.value", fault.OnField("value", "invalid"))
	switch k {
	case Boolean:
		var x bool
		if strict(raw, &x) != nil {
			return Value{}, bad
		}
		if x {
			v.n = 1
		}
		v.raw = strconv.FormatBool(x)
		return v, nil
	case Rate:
		var x string
		if strict(raw, &x) != nil {
			return Value{}, bad
		}
		p, err := ParsePercent(x)
		if err != nil {
			return Value{}, valueFault("rules.percent", fault.OnField("value", "invalid"))
		}
		v.n, v.raw = int64(p), quote(p.String())
	case Text, Choice:
		var x string
		if strict(raw, &x) != nil || !clean(x, MaxText) {
			return Value{}, bad
		}
		if k == Choice && !slices.Contains(choices, x) {
			return Value{}, valueFault("rules.choice", fault.OnField("value", "invalid"))
		}
		v.s, v.raw = x, quote(x)
		return v, nil
	default:
		if strict(raw, &v.n) != nil {
			return Value{}, bad
		}
		v.raw = strconv.FormatInt(v.n, 10)
	}
	if b != nil && (v.n < b.Min || v.n > b.Max) {
		return Value{}, valueFault("rules.range", fault.OnField("value", "invalid"), fault.With("Min", shown(k, b.Min)), fault.With("Max", shown(k, b.Max)))
	}
	return v, nil
}

// clean tells whether a text is there, not too long, and nothing but what people
// type: no blanks around it, no control characters.
func clean(s string, most int) bool {
	typed, ok := form.Text(s, true)
	return ok && typed == s && s != "" && utf8.RuneCountInString(s) <= most
}

// shown is a number in the way people write it: yuan, per cent.
func shown(k Kind, n int64) string {
	switch k {
	case Fen:
		return money.Fen(n).Yuan()
	case Rate:
		return Percent(n).String()
	}
	return strconv.FormatInt(n, 10)
}

// strict decodes one JSON value and nothing behind it; a number with a fraction
// does not fit an integer.
func strict(raw []byte, to any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if bytes.Equal(bytes.TrimSpace(raw), []byte("null")) {
		return fmt.Errorf("null")
	}
	if err := dec.Decode(to); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("more than one value")
	}
	return nil
}

func quote(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return strconv.Quote(s) // a string always encodes
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// FromText reads what a person typed into a form: money in yuan, a percentage
// with or without its sign, 是 or true. Tables and conditions are typed as JSON.
func (d Definition) FromText(s string) (Value, error) {
	raw, err := rawOf(d.Kind, s)
	if err != nil {
		return Value{}, spoken(err)
	}
	return d.Parse(raw)
}

func rawOf(k Kind, s string) ([]byte, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil, valueFault("rules.value", fault.OnField("value", "required"))
	}
	switch k {
	case Fen:
		f, err := money.Parse(s)
		if err != nil {
			return nil, valueFault("rules.value", fault.OnField("value", "invalid"))
		}
		return strconv.AppendInt(nil, int64(f), 10), nil
	case Rate, Text, Choice:
		return []byte(quote(s)), nil
	case Boolean:
		if said, ok := map[string]string{"是": "true", "否": "false"}[s]; ok {
			s = said
		}
	}
	return []byte(s), nil
}

// Typed is the value as a form shows it: what FromText reads.
func (v Value) Typed() string {
	switch v.Kind {
	case Fen:
		return v.Fen().Plain()
	case Rate:
		return v.Percent().String()
	case Text, Choice:
		return v.s
	case "":
		return ""
	}
	return v.raw
}
