package laws

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// scripts/report shows what tests leave out, and CI fails for it, by these two
// words. A test that skips itself without them is a hole that nobody sees.
func TestWhatIsLeftOutIsSaid(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "go", "list", "-f", `{{$d := .Dir}}{{range .GoFiles}}{{$d}}/{{.}}{{"\n"}}{{end}}{{range .TestGoFiles}}{{$d}}/{{.}}{{"\n"}}{{end}}{{range .XTestGoFiles}}{{$d}}/{{.}}{{"\n"}}{{end}}`, "./...")
	cmd.Dir = root(t)
	files, err := cmd.Output()
	require.NoError(t, err)
	skip := regexp.MustCompile(`\b(t|b|tb)\.Skip(f|Now)?\(.*`)
	for path := range strings.FieldsSeq(string(files)) {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, call := range skip.FindAll(text, -1) {
			if !bytes.Contains(call, []byte("LEFT OUT: ")) {
				rel, _ := filepath.Rel(cmd.Dir, path)
				t.Errorf("%s: %s does not begin with LEFT OUT: and say what", rel, call)
			}
		}
	}
}
