package document

import (
	"bytes"
	"errors"
	"io"
)

// errFormula ends the reading of a table that a spreadsheet would run.
var errFormula = errors.New("a cell begins with a formula")

// tableGuard passes a CSV through and stops at the first cell that begins as a
// formula ("=", "@", or "+" and "-" before more than a number), and at a NUL. A
// quote opens a cell as in RFC 4180; commas, semicolons and tabs part cells, as
// spreadsheets of different countries take them.
type tableGuard struct {
	r       io.Reader
	where   cellPlace
	quoted  bool
	stopped error
}

type cellPlace int

const (
	cellStart  cellPlace = iota
	cellSigned           // behind a leading + or -, digits only so far
	cellInside
)

func (g *tableGuard) Read(p []byte) (int, error) {
	if g.stopped != nil {
		return 0, g.stopped
	}
	n, err := g.r.Read(p)
	for _, c := range p[:n] {
		if c == 0 || g.formula(c) {
			g.stopped = errFormula
			return 0, errFormula
		}
	}
	return n, err
}

// formula takes one byte and tells whether the cell is now known to be a formula.
// Bytes of Chinese characters are all above ASCII, in UTF-8; in GB 18030 second
// bytes can be ASCII letters, but none of the signs looked for here except "@"
// and "|", and neither begins a cell behind a first byte.
func (g *tableGuard) formula(c byte) bool {
	switch {
	case c == '"':
		g.quoted = !g.quoted
		return false
	case !g.quoted && (c == '\n' || c == '\r' || c == ',' || c == ';' || c == '\t'):
		g.where = cellStart
		return false
	}
	switch g.where {
	case cellStart:
		switch {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n' || bytes.IndexByte(mark, c) >= 0:
			return false
		case c == '=' || c == '@':
			return true
		case c == '+' || c == '-':
			g.where = cellSigned
			return false
		}
		g.where = cellInside
	case cellSigned:
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if letter || bytes.IndexByte([]byte("=@|!("), c) >= 0 {
			return true
		}
	}
	return false
}

// mark is the byte order mark that may stand before the first cell.
var mark = []byte{0xEF, 0xBB, 0xBF}
