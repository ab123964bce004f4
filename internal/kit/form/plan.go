package form

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/money"
)

// shape is how a field is read.
type shape int

const (
	asText shape = iota
	asBool
	asInt
	asList
	asDay
	asMoney
)

// number names the rules for numbers with a check digit or a fixed form.
type number string

// Texts without a max of their own still end somewhere.
const (
	defaultMaxLine  = 1000
	defaultMaxLines = 10000
	defaultMaxItems = 200
)

// field is one tagged field, compiled.
type field struct {
	name     string
	index    []int
	pointer  bool
	shape    shape
	required bool
	isName   bool
	lines    bool
	number   number
	choice   []string
	min, max *int64
}

var (
	dayType = reflect.TypeFor[clock.Day]()
	fenType = reflect.TypeFor[money.Fen]()
	plans   sync.Map // reflect.Type → []field or error
)

// planOf compiles the tags of a struct type once.
func planOf(t reflect.Type) ([]field, error) {
	if p, ok := plans.Load(t); ok {
		if err, bad := p.(error); bad {
			return nil, err
		}
		return p.([]field), nil
	}
	fields, err := compile(t, nil)
	if err != nil {
		plans.Store(t, err)
		return nil, err
	}
	plans.Store(t, fields)
	return fields, nil
}

func compile(t reflect.Type, at []int) ([]field, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%s is no struct", t)
	}
	var out []field
	for i := range t.NumField() {
		sf := t.Field(i)
		index := append(append([]int(nil), at...), i)
		if sf.Anonymous && sf.Type.Kind() == reflect.Struct {
			inner, err := compile(sf.Type, index)
			if err != nil {
				return nil, err
			}
			out = append(out, inner...)
			continue
		}
		name := sf.Tag.Get("form")
		if name == "" || name == "-" {
			continue
		}
		if !sf.IsExported() {
			return nil, fmt.Errorf("%s.%s has a form tag but is not exported", t, sf.Name)
		}
		f := field{name: name, index: index}
		if err := f.setShape(sf.Type); err != nil {
			return nil, fmt.Errorf("%s.%s: %w", t, sf.Name, err)
		}
		if err := f.setRules(sf.Tag.Get("check")); err != nil {
			return nil, fmt.Errorf("%s.%s: %w", t, sf.Name, err)
		}
		out = append(out, f)
	}
	return out, nil
}

func (f *field) setShape(t reflect.Type) error {
	if t.Kind() == reflect.Pointer {
		f.pointer, t = true, t.Elem()
	}
	switch {
	case t == dayType:
		f.shape = asDay
	case t == fenType:
		f.shape = asMoney
	case t.Kind() == reflect.String:
		f.shape = asText
	case t.Kind() == reflect.Bool:
		f.shape = asBool
	case t.Kind() == reflect.Int || t.Kind() == reflect.Int64:
		f.shape = asInt
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String && !f.pointer:
		f.shape = asList
	default:
		return fmt.Errorf("type %s cannot be read from a form", t)
	}
	return nil
}

func (f *field) setRules(tag string) error {
	if tag == "" {
		return nil
	}
	for rule := range strings.SplitSeq(tag, ",") {
		word, arg, hasArg := strings.Cut(rule, "=")
		fits := true
		switch word {
		case "required":
			f.required = true
		case "name":
			f.isName, fits = true, f.shape == asText
		case "lines":
			f.lines, fits = true, f.shape == asText
		case "phone", "ident", "credit_code", "bank_card":
			f.number, fits = number(word), f.shape == asText
		case "choice":
			f.choice, fits = strings.Split(arg, "|"), f.shape == asText || f.shape == asList
		case "min", "max":
			n, err := strconv.ParseInt(arg, 10, 64)
			if err != nil {
				return fmt.Errorf("rule %q needs a whole number", rule)
			}
			if word == "min" {
				f.min = &n
			} else {
				f.max = &n
			}
			fits = f.shape != asBool && f.shape != asDay
		case "money":
			fits = f.shape == asInt || f.shape == asMoney
			f.shape = asMoney
		case "int":
			fits = f.shape == asInt
		case "day":
			fits = f.shape == asDay
		default:
			return fmt.Errorf("unknown rule %q", rule)
		}
		if !fits {
			return fmt.Errorf("rule %q does not fit the type", rule)
		}
		if hasArg != (word == "min" || word == "max" || word == "choice") {
			return fmt.Errorf("rule %q is written wrongly", rule)
		}
	}
	return nil
}
