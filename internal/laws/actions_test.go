package laws

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/kit/i18n"
)

const auditRoom = module + "base/audit"

// makers may turn a text into an action: of a flow and its event, and of what a
// reader asks for.
var makers = []string{"core/casework", "core/inspection"}

// compiled is a package as go list tells it with its export data.
type compiled struct {
	ImportPath, Dir, Export string
	GoFiles, Imports        []string
}

func compile(t *testing.T) map[string]compiled {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,Imports", "./internal/...", "./cmd/...")
	cmd.Dir = root(t)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	all := map[string]compiled{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p compiled
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all[p.ImportPath] = p
	}
}

// finding is what one package records in the audit log.
type finding struct{ actions, kinds map[string]string } // to the place where it stands

// recorded type-checks the packages that know the log and collects every constant
// of audit.Action and every constant kind of an entry.
func recorded(t *testing.T) finding {
	t.Helper()
	all, fset := compile(t), token.NewFileSet()
	imports := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(all[path].Export) })
	found := finding{map[string]string{}, map[string]string{}}
	checked := 0
	for path, p := range all {
		if !strings.HasPrefix(path, "gonghui/") || !slices.Contains(p.Imports, auditRoom) {
			continue
		}
		checked++
		var files []*ast.File
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			files = append(files, f)
		}
		info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
		_, err := (&types.Config{Importer: imports}).Check(path, fset, files, info)
		require.NoError(t, err)
		for _, f := range files {
			ast.Inspect(f, func(n ast.Node) bool {
				found.look(t, fset, info, strings.TrimPrefix(path, module), n)
				return true
			})
		}
	}
	require.Greater(t, checked, 8, "the rooms that write the log were found")
	return found
}

// named tells whether a type is the one of the audit room with the name.
func named(t types.Type, name string) bool {
	n, ok := t.(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == auditRoom && n.Obj().Name() == name
}

func (f finding) look(t *testing.T, fset *token.FileSet, info *types.Info, room string, n ast.Node) {
	expr, ok := n.(ast.Expr)
	if !ok {
		return
	}
	at := info.Types[expr]
	where := fset.Position(expr.Pos()).String()
	if at.Value != nil && at.Value.Kind() == constant.String && named(at.Type, "Action") && constant.StringVal(at.Value) != "" {
		f.actions[constant.StringVal(at.Value)] = where
	}
	switch x := expr.(type) {
	case *ast.CallExpr:
		if fun := info.Types[x.Fun]; fun.IsType() && named(fun.Type, "Action") && at.Value == nil && !slices.Contains(makers, room) {
			t.Errorf("%s makes up an action of the audit log: it must be a constant, so that this test finds its text", where)
		}
	case *ast.CompositeLit:
		if !named(at.Type, "Entry") {
			return
		}
		for _, e := range x.Elts {
			kv, ok := e.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			key, _ := kv.Key.(*ast.Ident)
			if v := info.Types[kv.Value].Value; key != nil && key.Name == "SubjectKind" && v != nil {
				f.kinds[constant.StringVal(v)] = where
			}
		}
	}
}

// Law: whatever the program writes into the audit log can be told to a person, in
// both languages. Steps of a procedure are told in the flow's own words, which
// flowtest.Texts holds.
func TestEveryActionHasWords(t *testing.T) {
	found := recorded(t)
	require.Greater(t, len(found.actions), 35)
	for _, lang := range i18n.Langs {
		for a, where := range found.actions {
			if !i18n.Bundle().Has(lang, "audit.action."+a) {
				t.Errorf("%s: audit.action.%s has no text in %s", where, a, lang)
			}
		}
		for k, where := range found.kinds {
			if !i18n.Bundle().Has(lang, "audit.kind."+k) && !i18n.Bundle().Has(lang, "flow."+k+".title") {
				t.Errorf("%s: audit.kind.%s has no text in %s", where, k, lang)
			}
		}
	}
	for _, key := range i18n.Bundle().Keys(i18n.ZH) {
		if a, ok := strings.CutPrefix(key, "audit.action."); ok && found.actions[a] == "" {
			t.Errorf("%s is the text of an action that nothing writes", key)
		}
		if k, ok := strings.CutPrefix(key, "audit.kind."); ok && k != "other" && found.kinds[k] == "" {
			t.Errorf("%s is the text of a kind of record that nothing writes about", key)
		}
	}
}
