package ui

import "strings"

// Field is one answer of a form: label, hint, value and what is wrong with it.
type Field struct {
	Name     string
	Label    string
	Value    string
	Hint     string
	Error    string // Errors.On(Name)
	Optional bool
	Heading  bool   // the label is the page's only heading (question page with one field)
	Auto     string // autocomplete token: tel, name, one-time-code …
	Width    string // "code", "short", "medium"; full width unless set
	Unit     string // shown behind the input: 元, 人, 小时
	Max      int    // longest input in characters; 0 is none
	Rows     int    // TextArea
	Accept   string // FileDrop: .csv,.xlsx
	Inline   bool   // Radios, Checkboxes: side by side, for short words
	Empty    string // Select: words of the empty choice, which then can be chosen again; "请选择" unless set
	First    string // CalendarInput: the first and the last day that can be picked, 2006-01-02
	Last     string
	Filter   bool // part of a FilterBar: neither required nor marked as optional
}

// Option is one choice of a Select, Radios or Checkboxes.
type Option struct {
	Value    string
	Label    string
	Hint     string
	Selected bool
}

// Pick marks the options whose value is among the chosen.
func Pick(options []Option, chosen ...string) []Option {
	out := make([]Option, len(options))
	for i, o := range options {
		for _, c := range chosen {
			if o.Value == c {
				o.Selected = true
			}
		}
		out[i] = o
	}
	return out
}

func (f Field) id() string      { return ID(f.Name) }
func (f Field) hintID() string  { return f.id() + "-hint" }
func (f Field) errorID() string { return f.id() + "-error" }

// describedBy ties hint and error to the control.
func (f Field) describedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.hintID())
	}
	if f.Error != "" {
		ids = append(ids, f.errorID())
	}
	return strings.Join(ids, " ")
}

func (f Field) class() string {
	if f.Error != "" {
		return "field bad"
	}
	return "field"
}

func (f Field) widthClass() string {
	switch f.Width {
	case "code":
		return "w-code"
	case "short":
		return "w-short"
	case "medium":
		return "w-medium"
	}
	return ""
}

// dayPart takes year, month or date out of a value written 2006-01-02.
func dayPart(value string, i int) string {
	parts := strings.Split(value, "-")
	if i >= len(parts) {
		return ""
	}
	return parts[i]
}
