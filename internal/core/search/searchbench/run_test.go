package searchbench_test

import (
	"bytes"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/search/searchbench"
)

// The program measures; here only a small run, or one named by the environment.
func TestRunPrintsFigures(t *testing.T) {
	o := searchbench.Options{Docs: 2000, PostgresDSN: os.Getenv("SEARCHBENCH_POSTGRES")}
	if s := os.Getenv("SEARCHBENCH_DOCS"); s != "" {
		n, err := strconv.Atoi(s)
		require.NoError(t, err)
		o.Docs, o.Detail = n, true
	}
	var out bytes.Buffer
	require.NoError(t, searchbench.Run(t.Context(), &out, o))
	t.Log("\n" + out.String())
	require.Regexp(t, `(?m)^search\.p99\.\d+ [\d.e+-]+ ms$`, out.String())
}
