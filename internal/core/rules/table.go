package rules

import (
	"encoding/json"
	"strings"

	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/money"
)

// Table is a value of rows with typed columns. It is read-only.
type Table struct {
	columns []Column
	at      map[string]int
	rows    [][]Value
}

// Row is one row of a table.
type Row struct {
	t     *Table
	cells []Value
}

// Columns lists the columns.
func (t *Table) Columns() []Column { return t.columns }

// Len is the number of rows.
func (t *Table) Len() int { return len(t.rows) }

// Row gives row i.
func (t *Table) Row(i int) Row { return Row{t, t.rows[i]} }

// Find gives the first row in which each named column has the text or number
// given: t.Find("payer", "ordinary"). Values are compared as a form shows them.
func (t *Table) Find(pairs ...string) (Row, bool) {
next:
	for i := range t.rows {
		r := t.Row(i)
		for p := 0; p+1 < len(pairs); p += 2 {
			if r.Cell(pairs[p]).Typed() != pairs[p+1] {
				continue next
			}
		}
		return r, true
	}
	return Row{}, false
}

// Cell gives the value in a column. Column names are constants of the room that
// defined them: a wrong one is a mistake of the program and panics.
func (r Row) Cell(column string) Value {
	i, ok := r.t.at[column]
	if !ok {
		panic("rules: no column " + column)
	}
	return r.cells[i]
}

// The cells as Go holds them; the zero of an empty one.
func (r Row) Int(column string) int64       { return r.Cell(column).n }
func (r Row) Fen(column string) money.Fen   { return r.Cell(column).Fen() }
func (r Row) Percent(column string) Percent { return r.Cell(column).Percent() }
func (r Row) Bool(column string) bool       { return r.Cell(column).Bool() }
func (r Row) Text(column string) string     { return r.Cell(column).s }
func (r Row) Empty(column string) bool      { return r.Cell(column).Empty() }

func (d Definition) parseRows(raw []byte) (Value, error) {
	bad := func(row int, column string) error {
		return valueFault("rules.rows", fault.OnField("value", "invalid"), fault.With("Row", row+1), fault.With("Column", column))
	}
	var in []map[string]json.RawMessage
	if strict(raw, &in) != nil || len(in) == 0 || len(in) > MaxRows {
		return Value{}, valueFault("rules.value", fault.OnField("value", "invalid"))
	}
	t := &Table{columns: d.Columns, at: map[string]int{}}
	for i, c := range d.Columns {
		t.at[c.Name] = i
	}
	var out strings.Builder
	seen := map[string]bool{}
	for i, x := range in {
		for name := range x {
			if _, ok := t.at[name]; !ok {
				return Value{}, bad(i, name)
			}
		}
		cells := make([]Value, len(d.Columns))
		for j, c := range d.Columns {
			cell, ok := x[c.Name]
			if !ok || string(cell) == "null" {
				if !c.Optional {
					return Value{}, bad(i, c.Name)
				}
				continue
			}
			v, err := parseSimple(c.Kind, c.Bounds, c.Choices, cell)
			if err != nil {
				return Value{}, bad(i, c.Name)
			}
			cells[j] = v
		}
		t.rows = append(t.rows, cells)
		if len(d.RowKey) > 0 {
			var key []string
			for _, k := range d.RowKey {
				key = append(key, t.Row(i).Cell(k).JSON())
			}
			if k := strings.Join(key, " "); seen[k] {
				return Value{}, bad(i, d.RowKey[0])
			} else {
				seen[k] = true
			}
		}
		out.WriteString(map[bool]string{true: "[{", false: ",{"}[i == 0])
		for j, c := range d.Columns {
			if j > 0 {
				out.WriteByte(',')
			}
			out.WriteString(quote(c.Name) + ":" + cells[j].JSON())
		}
		out.WriteByte('}')
	}
	out.WriteByte(']')
	return Value{Kind: Rows, rows: t, raw: out.String()}, nil
}
