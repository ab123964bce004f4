package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/danielgtaylor/huma/v2"

	"gonghui/internal/face/ui"
	"gonghui/internal/kit/i18n"
)

// group is the operations under one heading of the page.
type group struct {
	title      string
	operations []operation
}

// operation is one line of the page.
type operation struct {
	id, method, path, text string
	open                   bool
	fields                 []property
	answers                []string
}

// property is one thing an operation takes.
type property struct {
	name, where, kind, text string
	required                bool
}

// groups reads the page's content from the description itself, so that the two
// cannot disagree.
func (s *server) groups(ctx context.Context) []group {
	l := lang(ctx)
	doc := s.api.OpenAPI()
	out := make([]group, len(tags))
	for n, t := range tags {
		out[n].title = i18n.T(l, "api.tag."+t)
	}
	for path, item := range doc.Paths {
		for method, op := range map[string]*huma.Operation{
			http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodDelete: item.Delete,
		} {
			if op == nil {
				continue
			}
			at := slices.Index(tags, op.Tags[0])
			out[at].operations = append(out[at].operations, operation{
				id: op.OperationID, method: method, path: Prefix + path, text: i18n.T(l, "api.op."+op.OperationID), open: len(op.Security) == 0,
				fields: s.properties(l, op), answers: answers(op),
			})
		}
	}
	for _, g := range out {
		slices.SortFunc(g.operations, func(a, b operation) int {
			if c := strings.Compare(a.path, b.path); c != 0 {
				return c
			}
			return strings.Compare(a.method, b.method)
		})
	}
	return out
}

// paramText says what a parameter is for; one that means something else in an
// operation has a text of its own there.
func paramText(l i18n.Lang, op, name string) string {
	if name == keyHeader {
		return i18n.T(l, "api.key")
	}
	if own := "api.param." + op + "." + name; i18n.Bundle().Has(l, own) {
		return i18n.T(l, own)
	}
	return i18n.T(l, "api.param."+name)
}

func (s *server) properties(l i18n.Lang, op *huma.Operation) []property {
	var out []property
	for _, p := range op.Parameters {
		out = append(out, property{name: p.Name, where: p.In, kind: s.kindOf(p.Schema), text: paramText(l, op.OperationID, p.Name), required: p.Required})
	}
	if op.RequestBody != nil {
		body := s.resolve(op.RequestBody.Content["application/json"].Schema)
		names := make([]string, 0, len(body.Properties))
		for name := range body.Properties {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			x := body.Properties[name]
			out = append(out, property{name: name, where: "body", kind: s.kindOf(x), text: paramText(l, op.OperationID, name), required: slices.Contains(body.Required, name)})
		}
	}
	return out
}

func (s *server) resolve(x *huma.Schema) *huma.Schema {
	if x.Ref != "" {
		return s.api.OpenAPI().Components.Schemas.SchemaFromRef(x.Ref)
	}
	return x
}

func (s *server) kindOf(x *huma.Schema) string {
	x = s.resolve(x)
	switch {
	case len(x.Enum) > 0:
		words := make([]string, 0, len(x.Enum))
		for _, e := range x.Enum {
			if w, ok := e.(string); ok {
				words = append(words, w)
			}
		}
		return strings.Join(words, " | ")
	case x.Type == huma.TypeArray && x.Items != nil:
		return s.kindOf(x.Items) + "[]"
	case x.Format != "":
		return x.Format
	}
	return x.Type
}

func answers(op *huma.Operation) []string {
	var out []string
	for status := range op.Responses {
		out = append(out, status)
	}
	slices.Sort(out)
	return out
}

func columns(ctx context.Context) []ui.Column {
	var out []ui.Column
	for _, c := range []string{"name", "where", "kind", "required", "text"} {
		out = append(out, ui.Column{Label: ui.T(ctx, "api.docs."+c)})
	}
	return out
}

func rows(ctx context.Context, list []property) [][]templ.Component {
	var out [][]templ.Component
	for _, p := range list {
		required := ""
		if p.required {
			required = ui.T(ctx, "api.docs.yes")
		}
		out = append(out, []templ.Component{ui.Text(p.name), ui.Text(p.where), ui.Text(p.kind), ui.Text(required), ui.Text(p.text)})
	}
	return out
}
