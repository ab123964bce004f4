package i18n_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"text/template"
	"text/template/parse"
	"unicode"

	"github.com/stretchr/testify/require"

	"gonghui/internal/kit/i18n"
)

// Law: an English text holds no Chinese, except the name of the other language
// and of the product, and quotes with the plain marks: fonts of Chinese systems
// draw the curved ones as wide as a character, with a hole beside them.
func TestEnglishIsEnglish(t *testing.T) {
	own := []string{"kit.language", "ui.lang.other", "ui.brand"}
	files, err := filepath.Glob("locales/*." + string(i18n.EN) + ".json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		texts := map[string]string{}
		require.NoError(t, json.Unmarshal(raw, &texts), file)
		for key, text := range texts {
			require.False(t, strings.ContainsAny(text, "\u201c\u201d\u2018\u2019"), "%s: %s", key, text)
			if !slices.Contains(own, key) {
				require.False(t, strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }), "%s: %s", key, text)
			}
		}
	}
}

// Law: the twins of an area have the same keys, no empty text, and take the
// same parameters.
func TestTwins(t *testing.T) {
	zhFiles, err := filepath.Glob("locales/*." + string(i18n.ZH) + ".json")
	require.NoError(t, err)
	enFiles, err := filepath.Glob("locales/*." + string(i18n.EN) + ".json")
	require.NoError(t, err)
	require.Len(t, enFiles, len(zhFiles), "every area has both languages")
	for _, file := range zhFiles {
		area, _, _ := strings.Cut(filepath.Base(file), ".")
		t.Run(area, func(t *testing.T) {
			zh := readTexts(t, file)
			en := readTexts(t, filepath.Join("locales", area+"."+string(i18n.EN)+".json"))
			for key, text := range zh {
				require.NotEmpty(t, strings.TrimSpace(text), "%s in zh-CN", key)
				other, ok := en[key]
				if !ok {
					t.Errorf("%s has no English text", key)
					continue
				}
				require.NotEmpty(t, strings.TrimSpace(other), "%s in en", key)
				require.Equal(t, paramsOf(t, key, text), paramsOf(t, key, other), "parameters of %s", key)
			}
			for key := range en {
				if _, ok := zh[key]; !ok {
					t.Errorf("%s has no Chinese text", key)
				}
			}
		})
	}
}

// Law: a key stands in one area only.
func TestKeysStandOnce(t *testing.T) {
	files, err := filepath.Glob("locales/*." + string(i18n.ZH) + ".json")
	require.NoError(t, err)
	home := map[string]string{}
	for _, file := range files {
		for key := range readTexts(t, file) {
			if other, twice := home[key]; twice {
				t.Errorf("%s stands in %s and in %s", key, filepath.Base(other), filepath.Base(file))
			}
			home[key] = file
		}
	}
}

func readTexts(t *testing.T, file string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	texts := map[string]string{}
	require.NoError(t, json.Unmarshal(raw, &texts))
	return texts
}

// paramsOf lists the fields a text uses, conditions included, sorted.
func paramsOf(t *testing.T, key, text string) []string {
	t.Helper()
	tmpl, err := template.New(key).Parse(text)
	require.NoError(t, err, "%s is no valid template", key)
	seen := map[string]bool{}
	var walk func(n parse.Node)
	pipe := func(p *parse.PipeNode) {
		if p == nil {
			return
		}
		for _, c := range p.Cmds {
			for _, a := range c.Args {
				walk(a)
			}
		}
	}
	list := func(l *parse.ListNode) {
		if l != nil {
			for _, n := range l.Nodes {
				walk(n)
			}
		}
	}
	walk = func(n parse.Node) {
		switch n := n.(type) {
		case *parse.FieldNode:
			seen[n.Ident[0]] = true
		case *parse.ActionNode:
			pipe(n.Pipe)
		case *parse.PipeNode:
			pipe(n)
		case *parse.IfNode:
			pipe(n.Pipe)
			list(n.List)
			list(n.ElseList)
		}
	}
	list(tmpl.Root)
	names := make([]string, 0, len(seen))
	for n := range seen {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// The shapes in which a key stands as a literal in the code. Each ends at the
// closing quote followed by something other than "+", so that the first half of
// a composed key is not taken for a key. An Internal fault needs no text of its
// own: people are always shown that of fault.internal.
var keyShapes = []struct {
	prefix string
	shape  *regexp.Regexp
}{
	{"", regexp.MustCompile(`\b[tT]\(\s*[\w.()]+\s*,\s*"([a-z0-9_\-]+(?:\.[a-z0-9_\-]+)+)"\s*([,)+])`)},
	{"", regexp.MustCompile(`\b(?:Title|Label|Text|Definition)Key\s*[:=]\s*"([a-z0-9_\-]+(?:\.[a-z0-9_\-]+)+)"\s*([^ +]|\+)`)},
	{"", regexp.MustCompile(`\bKey\s*[:=]\s*"((?:fault|field)(?:\.[a-z0-9_\-]+)+)"\s*([^ +]|\+)`)},
	{"fault.", regexp.MustCompile(`\bfault\.New\(\s*(?:fault\.(?:Invalid|Unauthenticated|Forbidden|NotFound|Conflict|RateLimited|Unavailable)|[a-z]\w*)\s*,\s*"([a-z0-9_.\-]+)"\s*([,)+])`)},
	{"field.", regexp.MustCompile(`\bfault\.OnField\(\s*[^,()]+,\s*"([a-z0-9_\-]+)"\s*([,)+])`)},
}

// Law: every key written as a literal in Go or templ has its text.
func TestEveryKeyHasText(t *testing.T) {
	root, err := filepath.Abs("../../..")
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(root, "go.mod"))
	var lost []string
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if name != "." && strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata" {
				return filepath.SkipDir
			}
			return nil
		}
		source := strings.HasSuffix(name, ".go") || strings.HasSuffix(name, ".templ")
		if !source || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_templ.go") {
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, key := range keysIn(string(raw)) {
			if !i18n.Bundle().Has(i18n.ZH, key) {
				rel, _ := filepath.Rel(root, path)
				lost = append(lost, key+"  ("+filepath.ToSlash(rel)+")")
			}
		}
		return nil
	})
	require.NoError(t, err)
	slices.Sort(lost)
	lost = slices.Compact(lost)
	require.Empty(t, lost, "%d keys without text:\n%s", len(lost), strings.Join(lost, "\n"))
}

func keysIn(source string) []string {
	var code strings.Builder
	for line := range strings.Lines(source) {
		if !strings.HasPrefix(strings.TrimSpace(line), "//") { // examples in comments are no keys
			code.WriteString(line)
		}
	}
	var keys []string
	for _, s := range keyShapes {
		for _, m := range s.shape.FindAllStringSubmatch(code.String(), -1) {
			if m[2] != "+" {
				keys = append(keys, s.prefix+m[1])
			}
		}
	}
	return keys
}

func TestKeysAreFoundInCode(t *testing.T) {
	got := keysIn(`
		// T(lang, "in.comment")
		a := i18n.T(lang, "kit.yes")
		b := ui.T(ctx, "phone.job.title", "Name", x)
		{ T(i18n.From(ctx), "desk.open") }
		c := T(ctx, "state." + s)
		d := fault.New(fault.Conflict, "employment.duplicate_vacancy", fault.OnField("pay", "required"))
		e := fault.New(fault.Invalid, "room." + what)
		f := fault.Field{Name: "x", Key: "field.charset"}
		g := fault.New(fault.Internal, "search.bad_document")
		h := queue.Task{Key: "jobs.import", TitleKey: "jobs.title"}
	`)
	require.ElementsMatch(t, []string{
		"kit.yes", "phone.job.title", "desk.open",
		"fault.employment.duplicate_vacancy", "field.required", "field.charset", "jobs.title",
	}, got)
}
