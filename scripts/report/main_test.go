package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A small module with a package for each way to end.
var tree = map[string]string{
	"go.mod":         "module small\n\ngo 1.26\n",
	"bare/bare.go":   "package bare\n",
	"good/a_test.go": "package good\nimport \"testing\"\nfunc TestA(t *testing.T) { t.Log(\"whisper\") }\n",
	"skip/a_test.go": "package skip\nimport \"testing\"\n" +
		"func TestA(t *testing.T) { t.Run(\"x\", func(t *testing.T) { t.Skip(\"LEFT OUT: no lamp, nothing was lit\") }) }\n" +
		"func TestB(t *testing.T) { t.Skip(\"LEFT OUT: no oven\") }\nfunc TestC(t *testing.T) { t.Skip(\"LEFT OUT: no oven\") }\n",
	"bad/a_test.go": "package bad\nimport (\"fmt\"; \"testing\")\nfunc TestA(t *testing.T) { t.Log(\"whisper\") }\n" +
		"func TestB(t *testing.T) { t.Run(\"y\", func(t *testing.T) { t.Error(\"wrong sum\") }) }\n" +
		"func TestMain(m *testing.M) { fmt.Println(\"set up\"); m.Run() }\n",
	"dead/a_test.go":   "package dead\nimport \"testing\"\nfunc TestA(t *testing.T) { panic(\"out of oil\") }\n",
	"broken/a_test.go": "package broken\nimport \"testing\"\nfunc TestA(t *testing.T) { nothing() }\n",
}

func small(t *testing.T, packages ...string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range tree {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"test", "-json", "-vet=off"}, packages...)...)
	cmd.Dir = dir
	events, _ := cmd.Output() // fails where a package does
	var out bytes.Buffer
	require.NoError(t, report(bytes.NewReader(events), &out))
	return out.String()
}

func TestGoodPackagesCloseAsGoTestClosesThem(t *testing.T) {
	out := small(t, "./bare", "./good", "./skip")
	require.Regexp(t, `(?m)^\?   \tsmall/bare\t\[no test files\]$`, out)
	require.Regexp(t, `(?m)^ok  \tsmall/good\t[0-9.]+s$`, out)
	require.NotContains(t, out, "whisper")
	require.NotContains(t, out, "PASS")
	require.True(t, strings.HasSuffix(out, "\n"+
		"LEFT OUT: no lamp, nothing was lit (TestA/x in small/skip)\n"+
		"LEFT OUT: no oven (2 tests)\n"), out)
}

func TestBadPackagesSayWhatTheySaid(t *testing.T) {
	out := small(t, "./bad", "./dead", "./broken")
	for _, want := range []string{
		"set up\n", "--- FAIL: TestB", "--- FAIL: TestB/y", "wrong sum", "FAIL\tsmall/bad\t",
		"panic: out of oil", "a_test.go:3", "FAIL\tsmall/dead\t",
		"undefined: nothing", "FAIL\tsmall/broken [build failed]\n",
	} {
		require.Contains(t, out, want)
	}
	require.NotContains(t, out, "whisper")
	require.NotContains(t, out, "=== RUN")
	require.NotContains(t, out, "LEFT OUT")
}

func TestATornStreamIsAnError(t *testing.T) {
	err := report(strings.NewReader(`{"Action":"output","Pack`), &bytes.Buffer{})
	require.ErrorContains(t, err, "read go test -json")
}
