package exchange

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"

	"gonghui/internal/kit/fault"
)

// The bounds of a sheet as spreadsheet programs have them.
const (
	maxSheetRows    = 1 << 20
	maxSheetColumns = 1 << 14
)

// xlsxSource reads one sheet of a workbook, cell by cell as it is unpacked. What
// is no well-formed sheet to its end is a fault: a reader that took the first
// part for the whole would lose the rest in silence.
type xlsxSource struct {
	book   *workbook
	sheet  *part
	limits Limits
	line   int    // number of the row read last
	first  *taken // the row that showed that the sheet is not empty
	rows   int    // about how many, by the sheet's own word
	data   bool   // inside the rows
	ended  bool
}

type taken struct {
	row Row
	err error
}

// openXLSX opens the first sheet that is not empty; hidden ones come last.
func openXLSX(r io.ReaderAt, size int64, l Limits) (*xlsxSource, error) {
	z, err := openZip(r, size, l)
	if err != nil {
		return nil, err
	}
	b, err := openBook(z, l)
	if err != nil {
		return nil, errors.Join(whole(err), b.close())
	}
	for _, name := range b.sheets {
		s, err := b.open(name)
		if err != nil {
			return nil, errors.Join(whole(err), b.close())
		}
		if s != nil {
			return s, nil
		}
	}
	return nil, errors.Join(fault.New(fault.Invalid, "exchange.empty"), b.close())
}

// open gives a sheet's source, or nil when nothing is written in it.
func (b *workbook) open(name string) (*xlsxSource, error) {
	p, err := b.part(name)
	if err != nil {
		return nil, err
	}
	s := &xlsxSource{book: b, sheet: p, limits: b.limits}
	for {
		row, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil, p.Close()
		}
		if bad := (*RowError)(nil); err != nil && !errors.As(err, &bad) {
			return nil, errors.Join(err, p.Close())
		}
		if err != nil || !blank(row.Cells) {
			s.first = &taken{row, err}
			return s, nil
		}
	}
}

// whole makes whatever ended the reading a fault.
func whole(err error) error {
	if f := (*fault.Fault)(nil); errors.As(err, &f) {
		return err
	}
	return fault.New(fault.Invalid, "exchange.broken", fault.Because(err))
}

func (s *xlsxSource) next() (Row, error) {
	if f := s.first; f != nil {
		s.first = nil
		return f.row, f.err
	}
	if s.ended {
		return Row{}, io.EOF
	}
	row, err := s.read()
	if bad := (*RowError)(nil); err == nil || errors.As(err, &bad) {
		return row, err
	}
	if errors.Is(err, io.EOF) {
		s.ended = true
		return Row{}, err
	}
	return Row{}, whole(err)
}

// read gives the next row, io.EOF after the last one.
func (s *xlsxSource) read() (Row, error) {
	for {
		t, err := s.sheet.token()
		if err != nil {
			return Row{}, cut(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch {
			case t.Name.Local == "dimension" && !s.data:
				s.rows = lastRow(attr(t, "ref")) - 1
			case t.Name.Local == "sheetData":
				s.data = true
			case t.Name.Local == "row" && s.data:
				return s.row(t)
			}
		case xml.EndElement:
			if t.Name.Local == "sheetData" {
				if err := s.sheet.drain(); err != nil {
					return Row{}, cut(err)
				}
				return Row{}, io.EOF
			}
		}
	}
}

// lastRow reads the end of a reference such as A1:E300; 1 when there is none.
func lastRow(ref string) int {
	_, last, _ := strings.Cut(ref, ":")
	n, err := strconv.Atoi(strings.TrimLeft(last, "ABCDEFGHIJKLMNOPQRSTUVWXYZ$"))
	if err != nil || n < 1 || n > maxSheetRows {
		return 1
	}
	return n
}

// row reads the cells of a row that has begun.
func (s *xlsxSource) row(t xml.StartElement) (Row, error) {
	at := s.line + 1
	if r := attr(t, "r"); r != "" {
		n, err := strconv.Atoi(r)
		if err != nil || n < at || n > maxSheetRows {
			return Row{}, errors.New("rows out of order")
		}
		at = n
	}
	s.line = at
	row := Row{Line: at}
	var bad *RowError
	column, size := 0, 0
	for {
		t, err := s.sheet.token()
		if err != nil {
			return Row{}, cut(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local != "c" {
				if err := s.sheet.skip(); err != nil {
					return Row{}, err
				}
				continue
			}
			if column, err = columnOf(attr(t, "r"), column); err != nil {
				return Row{}, err
			}
			text, err := s.book.cell(s.sheet, t, s.limits.MaxRow)
			if err != nil {
				return Row{}, err
			}
			if size += len(text); size > s.limits.MaxRow {
				bad = &RowError{Row: at, Reason: ReasonTooLong, Value: clip(text)}
				size = 0 // and again, for what follows is not kept either
			}
			if bad == nil && text != "" {
				row.Cells = put(row.Cells, column, text, s.limits.MaxColumns)
				if err := check(at, text); err != nil {
					errors.As(err, &bad)
				}
			}
		case xml.EndElement:
			if bad != nil {
				return row, bad
			}
			return row, nil
		}
	}
}

// put sets a cell. Columns beyond the widest table are kept as one, which tells
// that the row is too wide.
func put(cells []string, column int, text string, most int) []string {
	i := min(column-1, most)
	for len(cells) <= i {
		cells = append(cells, "")
	}
	cells[i] = text
	return cells
}

// columnOf reads the column of a reference such as AB12, counted from 1; without
// one it is the next. Columns must go from left to right.
func columnOf(ref string, before int) (int, error) {
	if ref == "" {
		return before + 1, nil
	}
	n := 0
	for _, r := range ref {
		if r < 'A' || r > 'Z' {
			break
		}
		if n = n*26 + int(r-'A') + 1; n > maxSheetColumns {
			break
		}
	}
	if n <= before || n > maxSheetColumns {
		return 0, errors.New("cells out of order")
	}
	return n, nil
}

func (s *xlsxSource) close() error {
	return errors.Join(s.sheet.Close(), s.book.close())
}

// part is one XML part of the workbook.
type part struct {
	file io.ReadCloser
	fuse *fuse
	dec  *xml.Decoder
	deep int
}

// Bounds of a part's markup: what spreadsheet programs write stays far below.
const (
	maxToken = 8 << 20 // bytes of one tag or text
	maxDeep  = 64      // elements inside each other
)

// fuse ends the reading of a token that does not end.
type fuse struct {
	io.Reader
	left int
}

func (f *fuse) Read(p []byte) (int, error) {
	if f.left <= 0 {
		return 0, errors.New("markup without an end")
	}
	n, err := f.Reader.Read(p)
	f.left -= n
	return n, err
}

func openPart(f *zip.File) (*part, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	p := &part{file: r, fuse: &fuse{Reader: r}}
	p.dec = xml.NewDecoder(p.fuse)
	return p, nil
}

// token gives the next tag or text; io.EOF at the end of a part that is whole. A
// document type, the place where entities are declared, is not taken.
func (p *part) token() (xml.Token, error) {
	p.fuse.left = maxToken
	t, err := p.dec.Token()
	if err != nil {
		return nil, err
	}
	switch t.(type) {
	case xml.StartElement:
		if p.deep++; p.deep > maxDeep {
			return nil, errors.New("elements too deep in each other")
		}
	case xml.EndElement:
		p.deep--
	case xml.Directive:
		return nil, errors.New("a document type")
	}
	return t, nil
}

// skip passes over the element that has begun.
func (p *part) skip() error {
	for deep := 1; deep > 0; {
		t, err := p.token()
		if err != nil {
			return cut(err)
		}
		switch t.(type) {
		case xml.StartElement:
			deep++
		case xml.EndElement:
			deep--
		}
	}
	return nil
}

// text gathers what stands in the element that has begun, up to most bytes: in it,
// or in the elements called inner. How to pronounce it (rPh) is not part of it.
func (p *part) text(inner string, most int) (string, error) {
	var b strings.Builder
	open := inner == ""
	for deep := 1; deep > 0; {
		t, err := p.token()
		if err != nil {
			return "", cut(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local == "rPh" {
				if err := p.skip(); err != nil {
					return "", err
				}
				continue
			}
			deep++
			open = open || t.Name.Local == inner
		case xml.EndElement:
			deep--
			open = open && t.Name.Local != inner
		case xml.CharData:
			if open && b.Len() <= most { // one byte more tells that it is too long
				b.Write(t)
			}
		}
	}
	return unescape(b.String()), nil
}

// unescape turns _x000D_ into the character it stands for.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for {
		i := strings.Index(s, "_x")
		if i < 0 || i+7 > len(s) {
			return b.String() + s
		}
		n, err := strconv.ParseUint(s[i+2:i+6], 16, 16)
		if err != nil || s[i+6] != '_' {
			b.WriteString(s[:i+2])
			s = s[i+2:]
			continue
		}
		b.WriteString(s[:i])
		b.WriteRune(rune(n))
		s = s[i+7:]
	}
}

// drain reads to the end, so that the checksum of what was read is compared.
func (p *part) drain() error {
	p.fuse.left = int(^uint(0) >> 1)
	_, err := io.Copy(io.Discard, p.fuse)
	return err
}

// Close ends the reading.
func (p *part) Close() error { return p.file.Close() }

// cut makes an end in the middle an error of its own: io.EOF means a whole part.
func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func attr(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// partName brings the name of a part, or where a relation points to, into one form.
func partName(s string) string {
	return strings.ToLower(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(s, `\`, "/")), "/"))
}
