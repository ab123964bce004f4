package ui_test

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const themeFile = "../../../web/src/theme.css"

// theme is what theme.css declares: tables of tokens with the contrast each
// must reach, and the pairs in use.
type theme struct {
	tables []themeTable
	pairs  [][2]string // text on ground
	edges  [][2]string // meaningful lines, 3:1
}

type themeTable struct {
	name   string
	least  float64
	tokens map[string]string
}

var (
	pairLine  = regexp.MustCompile(`@(pair|edge) ([a-z-]+) on ([a-z-]+)`)
	tableLine = regexp.MustCompile(`@table ([a-z]+) ([0-9.]+)`)
	tokenLine = regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`)
)

func readTheme(t *testing.T) theme {
	t.Helper()
	raw, err := os.ReadFile(themeFile)
	require.NoError(t, err)
	var th theme
	for line := range strings.Lines(string(raw)) {
		if m := pairLine.FindStringSubmatch(line); m != nil {
			if m[1] == "pair" {
				th.pairs = append(th.pairs, [2]string{m[2], m[3]})
			} else {
				th.edges = append(th.edges, [2]string{m[2], m[3]})
			}
		}
		if m := tableLine.FindStringSubmatch(line); m != nil {
			least, err := strconv.ParseFloat(m[2], 64)
			require.NoError(t, err)
			tokens := map[string]string{}
			if len(th.tables) > 0 { // the others change only some tokens of the first
				for k, v := range th.tables[0].tokens {
					tokens[k] = v
				}
			}
			th.tables = append(th.tables, themeTable{m[1], least, tokens})
		}
		if m := tokenLine.FindStringSubmatch(line); m != nil {
			th.tables[len(th.tables)-1].tokens[m[1]] = m[2]
		}
	}
	return th
}

// contrast is the ratio of WCAG 2.2, 1.4.3.
func contrast(a, b string) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(hex string) float64 {
	n, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil {
		return math.NaN()
	}
	channel := func(shift uint) float64 {
		c := float64(n>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(16) + 0.7152*channel(8) + 0.0722*channel(0)
}

func TestContrastFormula(t *testing.T) {
	require.InDelta(t, 21, contrast("#000000", "#ffffff"), 0.001)
	require.InDelta(t, 4.54, contrast("#767676", "#ffffff"), 0.01)
}

// Law: every declared pair reaches 4.5:1, in large type and on the wall 7:1;
// lines that carry meaning reach 3:1.
func TestEveryPairHasContrast(t *testing.T) {
	th := readTheme(t)
	require.Len(t, th.tables, 3)
	require.Greater(t, len(th.pairs), 20)
	for _, table := range th.tables {
		check := func(pairs [][2]string, least float64) {
			for _, p := range pairs {
				fg, bg := table.tokens[p[0]], table.tokens[p[1]]
				require.NotEmpty(t, fg, "token %s", p[0])
				require.NotEmpty(t, bg, "token %s", p[1])
				if c := contrast(fg, bg); c < least {
					t.Errorf("%s: %s on %s is %.2f:1, must be %.1f:1", table.name, p[0], p[1], c, least)
				}
			}
		}
		check(th.pairs, table.least)
		check(th.edges, 3)
	}
}

// Law: no colour outside the theme file, neither in styles nor in components.
func TestColoursOnlyInTheTheme(t *testing.T) {
	colour := regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b|rgba?\(|hsl|oklch`)
	var files []string
	for _, pattern := range []string{"../../../web/src/*.css", "*.templ", "*/*.templ"} {
		m, err := filepath.Glob(pattern)
		require.NoError(t, err)
		files = append(files, m...)
	}
	require.Greater(t, len(files), 10)
	for _, f := range files {
		if filepath.Base(f) == "theme.css" {
			continue
		}
		raw, err := os.ReadFile(f)
		require.NoError(t, err)
		require.Empty(t, colour.FindAllString(string(raw), -1), f)
	}
}
