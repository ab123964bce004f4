package laws

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/org"
	"gonghui/internal/core/person"
	"gonghui/internal/core/rules"
	"gonghui/internal/measure/employment"
)

var backquoted = regexp.MustCompile("`([^`]+)`")

// glossary gives the identifiers of docs/glossary.md by section: those in the
// table rows below each heading, under the first backquoted word of the heading
// (a flow) or, with an empty name, anywhere.
func glossary(t *testing.T) map[string]map[string]bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), "docs", "glossary.md"))
	require.NoError(t, err)
	words := map[string]map[string]bool{"": {}}
	section := ""
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			if section = ""; strings.HasPrefix(line, "### ") {
				if m := backquoted.FindStringSubmatch(line); m != nil {
					section = m[1]
					words[section] = map[string]bool{}
				}
			}
			continue
		}
		cells := strings.Split(line, "|")
		if !strings.HasPrefix(line, "|") || len(cells) < 5 {
			continue
		}
		for _, m := range backquoted.FindAllStringSubmatch(cells[2], -1) {
			words[section][m[1]], words[""][m[1]] = true, true
		}
	}
	return words
}

// A word that the program uses and the glossary does not know will be named
// differently by the next reader.
func TestGlossaryKnowsTheWords(t *testing.T) {
	words := glossary(t)
	want := func(what, word string) {
		if !words[""][word] {
			t.Errorf("docs/glossary.md lacks the %s %q", what, word)
		}
	}
	for _, r := range access.BuiltIn() {
		want("role", r.Code)
	}
	for _, c := range access.All() {
		want("capability", string(c))
	}
	for _, k := range []org.Kind{org.Province, org.City, org.County, org.Township, org.Industrial, org.Federation, org.Company} {
		want("kind of unit", string(k))
	}
	for _, g := range person.Groups {
		want("group", g)
	}
	for _, r := range casework.Roles {
		want("side of a case", r)
	}
	for _, key := range indicators(t) {
		want("indicator", key)
	}
}

// indicators finds the indicators by the texts that each of them must have.
func indicators(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root(t), "internal", "kit", "i18n", "locales", "*.zh-CN.json"))
	require.NoError(t, err)
	var keys []string
	title := regexp.MustCompile(`"figure\.([a-z_.]+)\.title"`)
	for _, f := range files {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		for _, m := range title.FindAllStringSubmatch(string(text), -1) {
			keys = append(keys, m[1])
		}
	}
	require.Contains(t, keys, employment.WorkersServed)
	return keys
}

// Each flow has a section with exactly its states and events: a row of a state
// that is gone misleads as much as a missing one.
func TestGlossaryKnowsTheFlows(t *testing.T) {
	words := glossary(t)
	for _, f := range append(employment.Flows(employment.DefaultParameters()), rules.Flow()) {
		section, ok := words[f.Name]
		if !ok {
			t.Errorf("docs/glossary.md has no section for %s", f.Name)
			continue
		}
		used := map[string]bool{}
		for _, s := range f.States {
			used[s.Name] = true
		}
		for _, e := range f.Events() {
			used[e] = true
		}
		for w := range used {
			if !section[w] {
				t.Errorf("docs/glossary.md, %s: lacks %q", f.Name, w)
			}
		}
		for w := range section {
			if !used[w] {
				t.Errorf("docs/glossary.md, %s: the flow has no %q", f.Name, w)
			}
		}
	}
}
