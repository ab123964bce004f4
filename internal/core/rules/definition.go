package rules

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gonghui/internal/kit/fault"
)

// Kind says what a parameter holds.
type Kind string

// The kinds. The form in JSON stands behind each.
const (
	Integer    Kind = "integer"    // 20
	Fen        Kind = "fen"        // 100000, whole fen
	Rate       Kind = "percent"    // "0.8", a text so that it stays exact
	Days       Kind = "days"       // 7, 日
	Workdays   Kind = "workdays"   // 2, 工作日
	Text       Kind = "text"       // "…"
	Choice     Kind = "choice"     // one of Definition.Choices
	Boolean    Kind = "boolean"    // true
	Rows       Kind = "table"      // [{"column": cell, …}, …]
	Conditions Kind = "conditions" // [{"name","expr","zh","en"}, …]: all must hold
)

// Kinds lists the kinds in the order in which pages name them.
var Kinds = []Kind{Integer, Fen, Rate, Days, Workdays, Text, Choice, Boolean, Rows, Conditions}

func (k Kind) simple() bool { return k != Rows && k != Conditions }

// Level is how near a place is.
type Level string

// The levels at which a value may be set.
const (
	Province Level = "province"
	City     Level = "city"
	County   Level = "county"
)

// Everywhere is the three levels, for Definition.Levels.
var Everywhere = []Level{Province, City, County}

// Bounds are the smallest and the largest number, both allowed; percentages in
// millionths.
type Bounds struct{ Min, Max int64 }

// Between makes bounds.
func Between(low, high int64) *Bounds { return &Bounds{low, high} }

// Column is one typed column of a table.
type Column struct {
	Name     string
	Kind     Kind // a simple kind
	Unit     string
	Bounds   *Bounds
	Choices  []string
	Optional bool // a cell may be empty
}

// Definition is what a room says about one of its parameters. Its words are
// messages: see Texts.
type Definition struct {
	Key     string // room.name
	Kind    Kind
	Unit    string   // "" or the last part of a message rules.unit.…: people, times
	Levels  []Level  // who may set it; none = the province only
	Bounds  *Bounds  // of numbers
	Choices []string // of a choice
	Columns []Column // of a table
	RowKey  []string // columns of a table that together name a row: no two rows may agree in them
	Env     *Env     // of conditions
	// Check judges a value beyond that, such as "shares add up to 100". It
	// returns an Invalid fault with words for the person.
	Check func(Value) error
}

var keyForm = regexp.MustCompile(`^[a-z]+\.[a-z0-9_]+$`)

// check proves that a definition can be worked with.
func (d Definition) check() error {
	wrong := func(format string, a ...any) error {
		return fmt.Errorf("parameter %q: "+format, append([]any{d.Key}, a...)...)
	}
	switch {
	case !keyForm.MatchString(d.Key):
		return wrong("the key is not room.name")
	case !slices.Contains(Kinds, d.Kind):
		return wrong("kind %q is unknown", d.Kind)
	case d.Kind == Choice && len(d.Choices) == 0:
		return wrong("a choice without choices")
	case d.Kind == Rows && len(d.Columns) == 0:
		return wrong("a table without columns")
	case d.Kind == Conditions && d.Env == nil:
		return wrong("conditions without an environment")
	}
	for _, c := range d.Columns {
		if c.Name == "" || !c.Kind.simple() || c.Kind == Choice && len(c.Choices) == 0 {
			return wrong("column %q", c.Name)
		}
	}
	for _, k := range d.RowKey {
		if !slices.ContainsFunc(d.Columns, func(c Column) bool { return c.Name == k }) {
			return wrong("no column %q", k)
		}
	}
	for _, l := range d.Levels {
		if !slices.Contains(Everywhere, l) {
			return wrong("level %q", l)
		}
	}
	return nil
}

// Room is the part of the key that names the room.
func (d Definition) Room() string { return roomOf(d.Key) }

// MayBeSetAt tells whether a unit of the level may decide.
func (d Definition) MayBeSetAt(l Level) bool {
	if len(d.Levels) == 0 {
		return l == Province
	}
	return slices.Contains(d.Levels, l)
}

// Limits are the bounds of a number as values; empty without bounds.
func (d Definition) Limits() (low, high Value) {
	if d.Bounds == nil {
		return low, high
	}
	return Value{Kind: d.Kind, n: d.Bounds.Min}, Value{Kind: d.Kind, n: d.Bounds.Max}
}

// Message keys of a parameter's own words; the texts belong to its room.
func (d Definition) TitleText() string              { return "param." + d.Key + ".title" }
func (d Definition) HelpText() string               { return "param." + d.Key + ".help" }
func (d Definition) ChoiceText(value string) string { return "param." + d.Key + ".choice." + value }
func (d Definition) ColumnText(name string) string  { return "param." + d.Key + ".column." + name }
func (d Definition) CellText(column, value string) string {
	return "param." + d.Key + ".cell." + column + "." + value
}

// Texts lists every message key the parameter needs, for the test that none is missing.
func (d Definition) Texts() []string {
	keys := []string{d.TitleText(), d.HelpText()}
	if d.Unit != "" {
		keys = append(keys, "rules.unit."+d.Unit)
	}
	for _, c := range d.Choices {
		keys = append(keys, d.ChoiceText(c))
	}
	for _, c := range d.Columns {
		keys = append(keys, d.ColumnText(c.Name))
		for _, x := range c.Choices {
			keys = append(keys, d.CellText(c.Name, x))
		}
	}
	if d.Env != nil {
		keys = append(keys, d.Env.Texts()...)
	}
	return keys
}

// spoken gives the one wrong field of a fault the words of the fault itself: not
// "please check this answer" but what is wrong with it.
func spoken(err error) error {
	var f *fault.Fault
	if !errors.As(err, &f) || len(f.Fields) != 1 || !strings.HasPrefix(f.Fields[0].Key, "field.") || f.Fields[0].Code == "required" && f.Code == "rules.value" {
		return err
	}
	said := *f
	said.Fields = []fault.Field{{Name: f.Fields[0].Name, Code: f.Fields[0].Code, Key: f.Key, Params: f.Params}}
	return &said
}

// onValue makes a fault of a room that names no field one about the value.
func onValue(err error) error {
	var f *fault.Fault
	if !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Fields) > 0 {
		return err
	}
	said := *f
	said.Fields = []fault.Field{{Name: "value", Code: "invalid", Key: "field.invalid"}}
	return &said
}

func valueFault(code string, opts ...fault.Option) error {
	return fault.New(fault.Invalid, code, opts...)
}
