package ui

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/a-h/templ"
)

// labels are the names of the fields of a page, in the order in which they stand.
type labels struct {
	names []string
	text  map[string]string
}

type labelsKey struct{}

// Labelled renders a form that was sent back twice: first for nobody, to learn
// what its fields are called, then with an error summary that says which field
// each mistake is about, in the order of the page.
func Labelled(content templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		ctx = context.WithValue(ctx, labelsKey{}, &labels{text: map[string]string{}})
		if err := content.Render(ctx, io.Discard); err != nil {
			return err
		}
		return content.Render(ctx, w)
	})
}

// heard is the label of a field, remembered for the summary.
func heard(ctx context.Context, f Field) string {
	remember(ctx, f.Name, f.Label)
	return f.Label
}

// consent is the label of a Checkbox: its place is remembered, but a whole
// sentence is no name.
func consent(ctx context.Context, f Field) string {
	remember(ctx, f.Name, "")
	return f.Label
}

func remember(ctx context.Context, name, label string) {
	l, ok := ctx.Value(labelsKey{}).(*labels)
	if !ok {
		return
	}
	if _, known := l.text[name]; !known {
		l.names = append(l.names, name)
	}
	l.text[name] = label
}

// named says which field a mistake is about, unless its sentence does.
func named(ctx context.Context, e FieldError) string {
	l, ok := ctx.Value(labelsKey{}).(*labels)
	if !ok || l.text[e.Field] == "" || strings.Contains(strings.ToLower(e.Text), strings.ToLower(l.text[e.Field])) {
		return e.Text
	}
	return T(ctx, "ui.problem.of", "Label", l.text[e.Field], "Text", e.Text)
}

func problemTitle(ctx context.Context, errs Errors) string {
	if len(errs) == 1 {
		return T(ctx, "ui.problem.one")
	}
	return T(ctx, "ui.problem", "Count", len(errs))
}

// inOrder sorts mistakes as their fields stand on the page; what belongs to no
// field comes first.
func inOrder(ctx context.Context, errs Errors) Errors {
	l, ok := ctx.Value(labelsKey{}).(*labels)
	if !ok {
		return errs
	}
	out := slices.Clone(errs)
	slices.SortStableFunc(out, func(a, b FieldError) int {
		return slices.Index(l.names, a.Field) - slices.Index(l.names, b.Field)
	})
	return out
}
