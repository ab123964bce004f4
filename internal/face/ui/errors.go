package ui

import (
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
)

// FieldError is one sentence about one field.
type FieldError struct {
	Field string // the input's name; empty for the form as a whole
	Text  string
}

// Errors are the mistakes of a form in the order in which they are shown.
type Errors []FieldError

// On gives the sentence for a field, empty when it is right.
func (e Errors) On(name string) string {
	for _, f := range e {
		if f.Field == name {
			return f.Text
		}
	}
	return ""
}

// ErrorsOf turns a fault into the sentences of a form. A fault that names no
// field is one sentence for the form; nil gives none.
func ErrorsOf(lang i18n.Lang, err error) Errors {
	if err == nil {
		return nil
	}
	f := fault.As(err)
	if len(f.Fields) == 0 {
		return Errors{{Text: i18n.Fault(lang, f)}}
	}
	out := make(Errors, 0, len(f.Fields))
	for _, x := range f.Fields {
		out = append(out, FieldError{Field: x.Name, Text: i18n.Field(lang, x)})
	}
	return out
}
