package form

import (
	"errors"
	"mime/multipart"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/ident"
	"gonghui/internal/kit/money"
)

// Decode reads values into the struct that dst points to and checks it. It
// returns nil or a fault: Invalid "form.invalid" with every wrong field, or
// Internal when dst is no pointer to a struct with readable tags. What could be
// read is set even when something else is wrong, so that a page can show it again.
// Of several values for a single field the first counts.
func Decode(values url.Values, dst any) error {
	return each(dst, func(f *field, v reflect.Value) *fault.Field { return f.decode(values[f.name], v) })
}

// DecodeMultipart is Decode for the text values of a multipart form; its files
// are the caller's.
func DecodeMultipart(m *multipart.Form, dst any) error {
	if m == nil {
		return Decode(nil, dst)
	}
	return Decode(m.Value, dst)
}

// Check judges an input that did not come from a form, a JSON body for one, by
// the same tags. Texts are cleaned in place when v is a pointer. A zero value
// counts as nothing given. It returns what Decode returns.
func Check(v any) error {
	if rv := reflect.ValueOf(v); rv.Kind() == reflect.Struct {
		p := reflect.New(rv.Type())
		p.Elem().Set(rv)
		v = p.Interface()
	}
	return each(v, func(f *field, v reflect.Value) *fault.Field { return f.check(v) })
}

func each(dst any, visit func(*field, reflect.Value) *fault.Field) error {
	p := reflect.ValueOf(dst)
	if p.Kind() != reflect.Pointer || p.IsNil() || p.Elem().Kind() != reflect.Struct {
		return fault.New(fault.Internal, "internal", fault.Because(errNoStruct))
	}
	fields, err := planOf(p.Elem().Type())
	if err != nil {
		return fault.New(fault.Internal, "internal", fault.Because(err))
	}
	var wrong []fault.Field
	for i := range fields {
		if w := visit(&fields[i], p.Elem().FieldByIndex(fields[i].index)); w != nil {
			w.Name = fields[i].name
			w.Key = "field." + w.Code
			wrong = append(wrong, *w)
		}
	}
	if len(wrong) > 0 {
		return fault.New(fault.Invalid, "form.invalid", fault.WithFields(wrong...))
	}
	return nil
}

var errNoStruct = errors.New("decode target is no pointer to a struct")

// wrong builds a field error; each completes name and key.
func wrong(code string, params ...any) *fault.Field {
	f := &fault.Field{Code: code}
	for i := 0; i+1 < len(params); i += 2 {
		if f.Params == nil {
			f.Params = map[string]any{}
		}
		f.Params[params[i].(string)] = params[i+1]
	}
	return f
}

// decode reads the typed texts into v, then judges v.
func (f *field) decode(typed []string, v reflect.Value) *fault.Field {
	if f.shape == asList {
		return f.list(typed, v)
	}
	raw := ""
	if len(typed) > 0 {
		raw = typed[0]
	}
	s, ok := Text(raw, f.lines)
	if !ok {
		return wrong("charset")
	}
	if f.shape != asText {
		s = narrow(s)
	}
	if s == "" {
		v.SetZero()
		if f.required {
			return wrong("required")
		}
		return nil
	}
	if f.pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch f.shape {
	case asText:
		return f.text(s, v)
	case asBool:
		b, ok := parseBool(s)
		if !ok {
			return wrong("choice")
		}
		v.SetBool(b)
		if f.required && !b {
			return wrong("required")
		}
		return nil
	case asDay:
		d, ok := parseDay(s)
		if !ok {
			return wrong("date")
		}
		v.SetInt(int64(d))
		return nil
	case asMoney:
		fen, err := money.Parse(s)
		if fault.HasCode(err, money.ErrRange.Code) {
			return f.outside()
		}
		if err != nil {
			return wrong("money")
		}
		v.SetInt(int64(fen))
	default:
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil && isDigits(s) || err == nil && v.OverflowInt(n) {
			return f.outside()
		}
		if err != nil {
			return wrong("number")
		}
		v.SetInt(n)
	}
	return f.bounds(v.Int())
}

// check judges a value that is already there.
func (f *field) check(v reflect.Value) *fault.Field {
	if f.shape == asList {
		items := make([]string, v.Len())
		for i := range items {
			items[i] = v.Index(i).String()
		}
		return f.list(items, v)
	}
	if f.pointer {
		if v.IsNil() {
			if f.required {
				return wrong("required")
			}
			return nil
		}
		v = v.Elem()
	}
	if f.shape == asText {
		s, ok := Text(v.String(), f.lines)
		if !ok {
			return wrong("charset")
		}
		if s == "" {
			v.SetString("")
			if f.required {
				return wrong("required")
			}
			return nil
		}
		return f.text(s, v)
	}
	if v.IsZero() && !f.pointer {
		if f.required {
			return wrong("required")
		}
		return nil
	}
	if f.shape == asInt || f.shape == asMoney {
		return f.bounds(v.Int())
	}
	return nil
}

// text judges and sets a cleaned, non-empty text.
func (f *field) text(s string, v reflect.Value) *fault.Field {
	if f.isName {
		s = strings.Join(strings.Fields(middleDots.Replace(s)), " ")
	}
	if f.number != "" {
		s = ident.Clean(s)
	}
	if f.number == "phone" && len(s) > 11 {
		s = strings.TrimPrefix(strings.TrimPrefix(s, "+"), "86")
	}
	v.SetString(s)
	if w := f.count(utf8.RuneCountInString(s), "too_short", "too_long", f.defaultMax()); w != nil {
		return w
	}
	if f.isName && !isName(s) {
		return wrong("name")
	}
	if f.choice != nil && !slices.Contains(f.choice, s) {
		return wrong("choice")
	}
	var why ident.Reason
	switch f.number {
	case "phone":
		if ident.Phone(s) != ident.OK {
			return wrong("phone")
		}
	case "ident":
		why = ident.ResidentID(s)
	case "credit_code":
		why = ident.CreditCode(s)
	case "bank_card":
		why = ident.BankCard(s)
	}
	if why != ident.OK {
		return wrong(string(why))
	}
	return nil
}

// list judges and sets the items, empty ones dropped.
func (f *field) list(typed []string, v reflect.Value) *fault.Field {
	var items []string
	var bad *fault.Field
	for _, raw := range typed {
		s, ok := Text(raw, false)
		switch {
		case !ok:
			return wrong("charset")
		case s == "":
			continue
		case utf8.RuneCountInString(s) > defaultMaxLine:
			return wrong("too_long", "Max", int64(defaultMaxLine))
		case f.choice != nil && !slices.Contains(f.choice, s):
			bad = wrong("choice")
		}
		items = append(items, s)
	}
	if len(items) == 0 {
		v.SetZero()
		if f.required {
			return wrong("required")
		}
		return nil
	}
	if w := f.count(len(items), "too_few", "too_many", defaultMaxItems); w != nil {
		return w
	}
	out := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, s := range items {
		out.Index(i).SetString(s)
	}
	v.Set(out)
	return bad
}

func (f *field) defaultMax() int64 {
	if f.lines {
		return defaultMaxLines
	}
	return defaultMaxLine
}

func (f *field) count(n int, tooLow, tooHigh string, most int64) *fault.Field {
	if f.max != nil {
		most = *f.max
	}
	if int64(n) > most {
		return wrong(tooHigh, "Max", most)
	}
	if f.min != nil && int64(n) < *f.min {
		return wrong(tooLow, "Min", *f.min)
	}
	return nil
}

func (f *field) bounds(n int64) *fault.Field {
	if f.min != nil && n < *f.min || f.max != nil && n > *f.max {
		return f.outside()
	}
	return nil
}

// outside says which bounds there are, in the unit that was typed.
func (f *field) outside() *fault.Field {
	show := func(n int64) any {
		if f.shape == asMoney {
			return money.Fen(n).Yuan()
		}
		return n
	}
	switch {
	case f.min != nil && f.max != nil:
		return wrong("range", "Min", show(*f.min), "Max", show(*f.max))
	case f.min != nil:
		return wrong("min", "Min", show(*f.min))
	case f.max != nil:
		return wrong("max", "Max", show(*f.max))
	case f.shape == asMoney:
		return wrong("money")
	}
	return wrong("number")
}

func parseBool(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "on", "true", "1", "yes":
		return true, true
	case "off", "false", "0", "no":
		return false, true
	}
	return false, false
}

// dayShape takes what date inputs send and what people type in their place.
var dayShape = regexp.MustCompile(`^(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))$`)

func parseDay(s string) (clock.Day, bool) {
	m := dayShape.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	two := func(s string) string { return ("0" + s)[len(s)-1:] }
	d, err := clock.ParseDay(m[1] + "-" + two(m[2]+m[4]) + "-" + two(m[3]+m[5]))
	return d, err == nil
}

func isDigits(s string) bool {
	return strings.Trim(strings.TrimLeft(s, "+-"), "0123456789") == "" && strings.ContainsAny(s, "0123456789")
}
