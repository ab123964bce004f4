package exchange

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// A quoted cell may run over this many lines and bytes; beyond, its quotation
// mark is taken for a broken one.
const (
	maxCellLines = 256
	maxCellBytes = 256 << 10
)

type csvSource struct {
	in     *bufio.Reader
	limits Limits
	comma  byte
	eol    byte
	width  int
	line   int        // number of the line read last
	ahead  []textLine // lines read while looking for a closing quotation mark
}

type textLine struct {
	n    int
	text string
	long bool
}

func openCSV(r io.ReaderAt, size int64, f facts, l Limits) (*csvSource, error) {
	head := make([]byte, min(size, 64<<10))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	dec, skip := charset(head, f.valid)
	var in io.Reader = io.NewSectionReader(r, skip, size-skip)
	if dec != nil {
		in = transform.NewReader(in, dec.NewDecoder())
	}
	s := &csvSource{in: bufio.NewReaderSize(in, 128<<10), limits: l, comma: ',', eol: '\n'}
	if f.crOnly {
		s.eol = '\r'
	}
	peek, err := s.in.Peek(32 << 10)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, err
	}
	s.comma = delimiter(peek, s.eol)
	return s, nil
}

// charset tells the encoding; nil is UTF-8, whose broken rows are refused one by
// one. A file that is not UTF-8 throughout is GB 18030, unless its beginning is
// UTF-8 with Chinese in it, a few broken bytes aside, or makes no sense in GB 18030
// either.
func charset(head []byte, valid bool) (dec encoding.Encoding, skip int64) {
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return nil, 3
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), 2
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), 2
	case valid:
		return nil, 0
	}
	whole := head[:len(head)-incomplete(head)]
	if utf8.Valid(whole) && bytes.IndexFunc(whole, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
		return nil, 0
	}
	// Text in GB 18030 hardly ever makes characters of three bytes by chance.
	if wide(whole) > broken(whole, nil) || broken(whole, nil) < broken(whole, simplifiedchinese.GB18030) {
		return nil, 0
	}
	return simplifiedchinese.GB18030, 0
}

// wide counts the characters of three bytes and more that UTF-8 finds.
func wide(b []byte) int {
	n := 0
	for len(b) > 0 {
		r, w := utf8.DecodeRune(b)
		if r != utf8.RuneError && w >= 3 {
			n++
		}
		b = b[w:]
	}
	return n
}

// broken counts what cannot be read in an encoding.
func broken(b []byte, e encoding.Encoding) int {
	if e != nil {
		out, err := e.NewDecoder().Bytes(b)
		if err != nil {
			return len(b)
		}
		b = out
	}
	n := 0
	for len(b) > 0 {
		r, w := utf8.DecodeRune(b)
		if r == utf8.RuneError {
			n++
		}
		b = b[w:]
	}
	return n
}

// delimiter is the most frequent of comma, semicolon and tab in the first line
// that has text, outside quotation marks.
func delimiter(head []byte, eol byte) byte {
	count := map[byte]int{}
	quoted, text := false, false
	for _, b := range head {
		switch {
		case b == '"':
			quoted = !quoted
			text = true
		case quoted:
		case b == eol && text:
			return most(count)
		case b == ',' || b == ';' || b == '\t':
			count[b]++
			text = true
		case b > ' ':
			text = true
		}
	}
	return most(count)
}

func most(count map[byte]int) byte {
	best := byte(',')
	for _, b := range []byte{'\t', ';'} {
		if count[b] > count[best] {
			best = b
		}
	}
	return best
}

// readLine gives the next line without its end. A line beyond MaxRow is read
// over and marked.
func (s *csvSource) readLine() (textLine, error) {
	if len(s.ahead) > 0 {
		l := s.ahead[0]
		s.ahead = s.ahead[1:]
		return l, nil
	}
	return s.fetch()
}

func (s *csvSource) fetch() (textLine, error) {
	var long []byte
	l := textLine{n: s.line + 1}
	for {
		part, err := s.in.ReadSlice(s.eol)
		if errors.Is(err, bufio.ErrBufferFull) {
			if len(long)+len(part) <= s.limits.MaxRow {
				long = append(long, part...)
			} else {
				l.long = true
			}
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return l, err
		}
		if len(part) == 0 && len(long) == 0 && err != nil {
			return l, io.EOF
		}
		s.line++
		if long != nil {
			part = append(long, part...)
		}
		if len(part) > s.limits.MaxRow+2 {
			l.long = true
		}
		if l.long {
			part = part[:min(len(part), 64)]
		}
		n := len(part)
		if n > 0 && part[n-1] == s.eol {
			n--
		}
		if n > 0 && part[n-1] == '\r' {
			n--
		}
		l.text = string(part[:n])
		return l, nil
	}
}

func (s *csvSource) next() (Row, error) {
	l, err := s.readLine()
	if err != nil {
		return Row{}, err
	}
	row, err := s.parse(l)
	if err == nil && s.width == 0 && !blank(row.Cells) {
		s.width = len(row.Cells)
	}
	return row, err
}

func (s *csvSource) parse(l textLine) (Row, error) {
	if l.long {
		return Row{}, &RowError{Row: l.n, Reason: ReasonTooLong, Value: clip(l.text)}
	}
	if err := check(l.n, l.text); err != nil {
		return s.asItStands(l), err
	}
	if strings.IndexByte(l.text, '"') < 0 {
		return Row{Line: l.n, Cells: s.split(l.text)}, nil
	}
	return s.quoted(l)
}

// asItStands gives the cells of a line that is no row, with marks in place of what
// is no text and of quotation marks.
func (s *csvSource) asItStands(l textLine) Row {
	text := strings.ToValidUTF8(strings.ReplaceAll(l.text, "\x00", unreadable), unreadable)
	return Row{Line: l.n, Cells: s.split(strings.ReplaceAll(text, `"`, unreadable))}
}

func check(line int, text string) error {
	if strings.IndexByte(text, 0) >= 0 {
		return &RowError{Row: line, Reason: ReasonNUL, Value: clip(text)}
	}
	if !utf8.ValidString(text) || strings.Contains(text, "\ufffd") {
		return &RowError{Row: line, Reason: ReasonEncoding, Value: clip(text)}
	}
	return nil
}

func (s *csvSource) split(text string) []string {
	cells := make([]string, 0, max(s.width, 8))
	for {
		i := strings.IndexByte(text, s.comma)
		if i < 0 {
			return append(cells, text)
		}
		cells = append(cells, text[:i])
		text = text[i+1:]
	}
}

// quoted parses a row with quotation marks, which may run over several lines. If
// it does not come out well, only its first line is given up: the lines read
// ahead are kept and read again as rows of their own.
func (s *csvSource) quoted(l textLine) (Row, error) {
	fail := func() (Row, error) {
		return s.asItStands(l), &RowError{Row: l.n, Reason: ReasonQuote, Value: clip(l.text)}
	}
	text := l.text
	lines, size, next := 1, len(text), 0
	cells := make([]string, 0, max(s.width, 8))
	var cell strings.Builder
	for {
		start := text
		trimmed := strings.TrimLeft(text, " ")
		if !strings.HasPrefix(trimmed, `"`) {
			i := strings.IndexByte(start, s.comma)
			if i < 0 {
				cells = append(cells, start)
				break
			}
			cells = append(cells, start[:i])
			text = start[i+1:]
			continue
		}
		text = trimmed[1:]
		cell.Reset()
		for {
			i := strings.IndexByte(text, '"')
			if i >= 0 {
				cell.WriteString(text[:i])
				text = text[i+1:]
				if strings.HasPrefix(text, `"`) {
					cell.WriteByte('"')
					text = text[1:]
					continue
				}
				break
			}
			cell.WriteString(text)
			if lines == maxCellLines || size > min(maxCellBytes, s.limits.MaxRow) {
				return fail()
			}
			if next == len(s.ahead) {
				more, err := s.fetch()
				if errors.Is(err, io.EOF) {
					return fail()
				}
				if err != nil {
					return Row{}, err
				}
				s.ahead = append(s.ahead, more)
			}
			more := s.ahead[next]
			if more.long || check(more.n, more.text) != nil {
				return fail()
			}
			next++
			lines++
			size += len(more.text)
			cell.WriteByte('\n')
			text = more.text
		}
		cells = append(cells, cell.String())
		text = strings.TrimLeft(text, " ")
		if text == "" {
			break
		}
		if text[0] != s.comma {
			return fail()
		}
		text = text[1:]
	}
	// Two rows glued by a stray quotation mark seldom have the right width.
	if lines > 1 && s.width > 0 && len(cells) != s.width {
		return fail()
	}
	s.ahead = s.ahead[next:]
	return Row{Line: l.n, Cells: cells}, nil
}

func (s *csvSource) close() error { return nil }
