package laws

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// floors from the ground up; a room may import every floor below its own.
var floors = []string{"kit", "base", "core", "measure", "simulator", "face", "demo", "app"}

type room struct {
	name, floor string
	may         []string
}

const module = "gonghui/internal/"

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	require.NoError(t, err)
	return dir
}

func table(t *testing.T) map[string]room {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), "docs", "rooms.md"))
	require.NoError(t, err)
	rooms := map[string]room{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 6 || strings.Contains(line, "---") || strings.TrimSpace(cells[1]) == "room" {
			continue
		}
		r := room{name: strings.TrimSpace(cells[1]), floor: strings.TrimSpace(cells[2])}
		require.Contains(t, floors, r.floor, "unknown floor of %s", r.name)
		require.NotEmpty(t, strings.TrimSpace(cells[3]), "%s does not say what it is for", r.name)
		for m := range strings.SplitSeq(cells[4], ",") {
			if m = strings.TrimSpace(m); m != "" {
				r.may = append(r.may, m)
			}
		}
		require.NotContains(t, rooms, r.name, "%s stands twice", r.name)
		rooms[r.name] = r
	}
	require.NotEmpty(t, rooms)
	return rooms
}

type pkg struct {
	ImportPath   string
	Dir          string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = root(t)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	var list []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
}

func TestImportTable(t *testing.T) {
	rooms := table(t)
	seen := map[string]bool{}
	for _, p := range packages(t) {
		name, inside := strings.CutPrefix(p.ImportPath, module)
		if !inside {
			continue
		}
		r, known := rooms[name]
		if !known {
			t.Errorf("%s is not in docs/rooms.md", name)
			continue
		}
		seen[name] = true
		level := slices.Index(floors, r.floor)
		for _, path := range p.Imports {
			other, ours := strings.CutPrefix(path, module)
			if !ours || slices.Contains(r.may, other) {
				continue
			}
			o, known := rooms[other]
			switch {
			case !known:
				t.Errorf("%s imports %s, which is not in docs/rooms.md", name, other)
			case r.floor == "app" && name == "app":
				// app is the only place that knows every room
			case slices.Index(floors, o.floor) >= level || r.floor == "kit":
				t.Errorf("%s (%s) may not import %s (%s)", name, r.floor, other, o.floor)
			case r.floor == "measure" && o.floor == "measure":
				t.Errorf("%s may not import its neighbour %s", name, other)
			}
		}
	}
	for name := range rooms {
		if !seen[name] {
			t.Errorf("docs/rooms.md names %s, which does not exist", name)
		}
	}
}

func TestEachPackageSaysWhatItIs(t *testing.T) {
	for _, p := range packages(t) {
		if !strings.HasPrefix(p.ImportPath, module) || strings.HasSuffix(p.ImportPath, "test") {
			continue
		}
		_, err := os.Stat(filepath.Join(p.Dir, "doc.go"))
		require.NoError(t, err, "%s has no doc.go", p.ImportPath)
	}
}

// Rules that a reviewer should not have to repeat: a word, where it may stand,
// and why nowhere else. Tests and generated files are free.
var forbidden = []struct {
	word  string
	where []string // path prefixes that may use it
	why   string
}{
	{"time.Now()", []string{"internal/kit/clock/", "internal/core/search/searchbench/", "internal/app/"}, "take a clock.Clock, so that tests can move time"},
	{"context.Background()", []string{"internal/app/", "cmd/", "internal/base/db/dbtest/", "internal/face/ui/gallery/", "internal/core/account/session.go"}, "pass the caller's context"},
	{"net/http\"", []string{"internal/face/", "internal/app/", "internal/base/telemetry/", "internal/core/account/", "cmd/"}, "a room without net/http cannot leak it"},
	{"math/rand\"", nil, "use crypto/rand, or math/rand/v2 with a seed where sameness is wanted"},
	{"TODO", nil, "do it, or write an issue"},
	{"FIXME", nil, "do it, or write an issue"},
}

func TestForbiddenWords(t *testing.T) {
	base := root(t)
	err := filepath.WalkDir(base, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(base, path)
		if d.IsDir() {
			if d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == "testdata" {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go") || strings.HasSuffix(rel, "_templ.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, f := range forbidden {
			if !bytes.Contains(text, []byte(f.word)) || slices.ContainsFunc(f.where, func(p string) bool { return strings.HasPrefix(rel, p) }) {
				continue
			}
			t.Errorf("%s uses %s: %s", rel, strings.Trim(f.word, `"`), f.why)
		}
		return nil
	})
	require.NoError(t, err)
}
