package exchange

import (
	"strconv"
	"strings"

	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/hanzi"
)

// Field is one thing the reader of a table wants.
type Field struct {
	Name     string   // as in the program: title
	Aliases  []string // headers that mean it, in any language
	Required bool
}

// Mapping tells in which column each field stands.
type Mapping struct {
	header []string
	index  map[string]int
}

// ParseMap reads arguments of the form field=column. Fault: exchange.mapping.
func ParseMap(args []string) (map[string]string, error) {
	out := make(map[string]string, len(args))
	for _, a := range args {
		field, column, ok := strings.Cut(a, "=")
		field, column = strings.TrimSpace(field), strings.TrimSpace(column)
		if !ok || field == "" || column == "" {
			return nil, fault.New(fault.Invalid, "exchange.mapping", fault.With("text", a))
		}
		if _, twice := out[field]; twice {
			return nil, fault.New(fault.Invalid, "exchange.mapping", fault.With("text", a))
		}
		out[field] = column
	}
	return out, nil
}

// NewMapping finds the columns. What is given counts first: a header, a number
// from 1, or letters as in a spreadsheet. The rest is found by name and aliases,
// width, case, blanks and punctuation aside; the first of two equal headers
// counts. Faults: exchange.unknown_field, exchange.unknown_column,
// exchange.missing_column.
func NewMapping(header []string, fields []Field, given map[string]string) (Mapping, error) {
	m := Mapping{header: header, index: make(map[string]int, len(fields))}
	names := make(map[string]int, len(header))
	for i, h := range header {
		k := headerKey(h)
		if _, twice := names[k]; !twice && k != "" {
			names[k] = i
		}
	}
	known := make(map[string]bool, len(fields))
	taken := map[int]bool{}
	for _, f := range fields {
		known[f.Name] = true
		if column, ok := given[f.Name]; ok {
			i, ok := findColumn(names, len(header), column)
			if !ok {
				return m, fault.New(fault.Invalid, "exchange.unknown_column",
					fault.With("column", column), fault.With("field", f.Name), fault.With("have", strings.Join(header, "、")))
			}
			m.index[f.Name] = i
			taken[i] = true
		}
	}
	for name := range given {
		if !known[name] {
			return m, fault.New(fault.Invalid, "exchange.unknown_field", fault.With("field", name), fault.With("have", fieldNames(fields)))
		}
	}
	for _, f := range fields {
		if _, done := m.index[f.Name]; done {
			continue
		}
		for _, a := range append([]string{f.Name}, f.Aliases...) {
			if i, ok := names[headerKey(a)]; ok && !taken[i] {
				m.index[f.Name] = i
				taken[i] = true
				break
			}
		}
		if _, found := m.index[f.Name]; !found && f.Required {
			return m, fault.New(fault.Invalid, "exchange.missing_column",
				fault.With("field", f.Name), fault.With("have", strings.Join(header, "、")))
		}
	}
	return m, nil
}

func fieldNames(fields []Field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return strings.Join(names, ", ")
}

func headerKey(s string) string {
	if k := hanzi.Normal(s); k != "" {
		return k
	}
	return strings.TrimSpace(s)
}

func findColumn(names map[string]int, width int, column string) (int, bool) {
	if i, ok := names[headerKey(column)]; ok {
		return i, true
	}
	if n, err := strconv.Atoi(column); err == nil {
		return n - 1, n >= 1 && n <= width
	}
	n := 0
	for _, r := range strings.ToUpper(column) {
		if r < 'A' || r > 'Z' || n > width {
			return 0, false
		}
		n = n*26 + int(r-'A') + 1
	}
	return n - 1, n >= 1 && n <= width
}

// Index is the column of a field; false when the table has none.
func (m Mapping) Index(field string) (int, bool) {
	i, ok := m.index[field]
	return i, ok
}

// Get is the cell of a field, empty when the table has no such column.
func (m Mapping) Get(r Row, field string) string {
	if i, ok := m.index[field]; ok && i < len(r.Cells) {
		return r.Cells[i]
	}
	return ""
}

// Column is the header of a field's column, or the field's own name.
func (m Mapping) Column(field string) string {
	if i, ok := m.index[field]; ok {
		return m.header[i]
	}
	return field
}
