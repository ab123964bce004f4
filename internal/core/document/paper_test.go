package document_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/document"
)

// readBack gives the text of a PDF as pdftotext reads it.
func readBack(t *testing.T, pdf []byte) string {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("LEFT OUT: no pdftotext on this machine (scripts/install-test-parts gets it)")
	}
	file := filepath.Join(t.TempDir(), "p.pdf")
	require.NoError(t, os.WriteFile(file, pdf, 0o600))
	text, err := exec.CommandContext(t.Context(), tool, "-layout", file, "-").CombinedOutput()
	require.NoError(t, err, string(text))
	return string(text)
}

func TestPaper(t *testing.T) {
	p := document.NewPaper("账户对账单 Statement", time.Date(2020, 7, 20, 4, 0, 0, 0, time.UTC), func(n int) string { return fmt.Sprintf("第 %d 页", n) })
	p.Pair("单位", "济南市历下区总工会")
	p.Pair("校验码", strings.Repeat("0123456789abcdef", 12))
	p.Text("小微企业工会经费全额返还，" + strings.Repeat("分成部分按期返还，", 20) + "“引号”—€£é")
	p.Table(document.Column{Title: "日期", Share: 2}, document.Column{Title: "摘要", Share: 5}, document.Column{Title: "金额（元）", Share: 3, Right: true})
	for i := range 120 {
		p.Row("2020-07-20", fmt.Sprintf("第 %d 笔返还 refund-%d", i, i), "1,234.56", "too many")
	}
	p.Row("2020-07-20", strings.Repeat("长摘要要换行", 30), "9,223,372,036,854,775.80")
	p.EndTable()
	p.Text("a\x00b\u202ec \U00020000 𠮷 完") // neither control signs nor characters without a glyph break it
	var b bytes.Buffer
	require.NoError(t, p.Write(&b))
	require.True(t, bytes.HasPrefix(b.Bytes(), []byte("%PDF-1.")))
	text := readBack(t, b.Bytes())
	for _, want := range []string{"账户对账单 Statement", "济南市历下区总工会", "小微企业工会经费全额返还", "“引号”—€£é", "第 119 笔返还 refund-119", "9,223,372,036,854,775.80", "完"} {
		require.Contains(t, text, want)
	}
	tight := strings.ReplaceAll(text, " ", "")
	require.Contains(t, tight, "第1页")
	require.Contains(t, tight, "第4页")
	require.NotContains(t, tight, "第5页")
	require.Equal(t, 4, strings.Count(text, "金额（元）"), "the head stands on every sheet of the table")
	require.NotContains(t, text, "\n，", "no line begins with a closing sign")
}

func TestEmptyPaper(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, document.NewPaper("", time.Time{}, func(int) string { return "" }).Write(&b))
	require.NotEmpty(t, b.Bytes())
}
