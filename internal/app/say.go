package app

import (
	"fmt"
	"io"

	"gonghui/internal/kit/i18n"
)

// both gives a text in both languages: whoever runs a command may read either.
func both(key string, params ...any) string {
	zh, en := i18n.T(i18n.ZH, key, params...), i18n.T(i18n.EN, key, params...)
	if zh == en {
		return zh
	}
	return zh + " / " + en
}

// tell writes a line in both languages. A reader that has gone is no reason to
// stop the work.
func tell(out io.Writer, key string, params ...any) {
	fmt.Fprintln(out, both(key, params...))
}

// size writes a number of bytes for people.
func size(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	default:
		return fmt.Sprintf("%.1f KB", float64(n)/(1<<10))
	}
}
