package exchange

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"gonghui/internal/kit/fault"
)

// Limits bound what is read.
type Limits struct {
	MaxBytes   int64 // the file as sent
	MaxUnzip   int64 // an XLSX unpacked; a zip bomb is larger
	MaxRow     int   // bytes of one row
	MaxColumns int
}

// DefaultLimits are 50 MB sent, 1 GB unpacked, 1 MB a row, 200 columns.
func DefaultLimits() Limits {
	return Limits{MaxBytes: 50 << 20, MaxUnzip: 1 << 30, MaxRow: 1 << 20, MaxColumns: 200}
}

func (l Limits) orDefault() Limits {
	d := DefaultLimits()
	if l.MaxBytes <= 0 {
		l.MaxBytes = d.MaxBytes
	}
	if l.MaxUnzip <= 0 {
		l.MaxUnzip = d.MaxUnzip
	}
	if l.MaxRow <= 0 {
		l.MaxRow = d.MaxRow
	}
	if l.MaxColumns <= 0 {
		l.MaxColumns = d.MaxColumns
	}
	return l
}

// Row is one row: as many cells as the header has, blanks around them removed.
type Row struct {
	Line  int // 1-based line of the file (CSV) or row of the sheet (XLSX) where it begins
	Cells []string
}

// Reasons of a RowError; the sentence is the message "exchange.row." + reason.
const (
	ReasonQuote    = "quote"    // a quotation mark is not closed, or stands inside a cell
	ReasonNUL      = "nul"      // a NUL byte
	ReasonTooLong  = "too_long" // more than Limits.MaxRow
	ReasonEncoding = "encoding" // bytes that are no text
	ReasonColumns  = "columns"  // more cells than the header
	ReasonFormula  = "formula"  // a cell that a spreadsheet would run
)

// RowError is one row that could not be read. Reading may go on. The row that
// comes with it holds what stood there, for the file of errors; unreadable marks
// stand where the sender has to mend.
type RowError struct {
	Row    int
	Column string // header of the column meant, when one is
	Reason string
	Value  string // the beginning of what stood there
}

func (e *RowError) Error() string { return fmt.Sprintf("row %d %s: %s", e.Row, e.Column, e.Reason) }

// Key is the message key of the reason.
func (e *RowError) Key() string { return "exchange.row." + e.Reason }

// Progress is told every thousand rows and at the end.
type Progress struct {
	Row  int // rows read, bad ones included
	Rows int // about how many there are, 0 when unknown
}

// source is one format.
type source interface {
	next() (Row, error) // io.EOF at the end; the cells as they stand
	close() error
}

// Table is an open table. It is not safe for concurrent use.
type Table struct {
	src      source
	limits   Limits
	header   []string
	sum      string
	rows     int // estimate
	read     int
	progress func(Progress)
	closer   io.Closer
}

// Open opens a file on disk.
func Open(path string, l Limits) (*Table, error) {
	f, err := os.Open(path)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil, fault.New(fault.NotFound, "exchange.no_file", fault.With("name", path), fault.Because(err))
		}
		return nil, fmt.Errorf("open table %s: %w", path, err)
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = fault.New(fault.Invalid, "exchange.not_a_table")
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	t, err := OpenReader(f, st.Size(), path, l)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	t.closer = f
	return t, nil
}

// OpenReader opens size bytes of r, sent under a name. It reads them through
// once for the checksum. Faults: exchange.too_large, exchange.not_a_table,
// exchange.empty, exchange.header, exchange.broken.
func OpenReader(r io.ReaderAt, size int64, name string, l Limits) (*Table, error) {
	l = l.orDefault()
	if size > l.MaxBytes {
		return nil, tooLarge(l.MaxBytes)
	}
	kind, err := sniff(r, size, name)
	if err != nil {
		return nil, err
	}
	t := &Table{limits: l}
	facts, err := survey(r, size)
	if err != nil {
		return nil, err
	}
	t.sum = facts.sum
	if kind == kindXLSX {
		var x *xlsxSource
		if x, err = openXLSX(r, size, l); err == nil {
			t.src, t.rows = x, x.rows
		}
	} else {
		t.src, err = openCSV(r, size, facts, l)
		t.rows = max(facts.lines-1, 0)
	}
	if err != nil {
		return nil, err
	}
	if err := t.readHeader(); err != nil {
		_ = t.src.close()
		return nil, err
	}
	return t, nil
}

func tooLarge(limit int64) error {
	return fault.New(fault.Invalid, "exchange.too_large", fault.With("megabytes", limit>>20))
}

func (t *Table) readHeader() error {
	for {
		row, err := t.src.next()
		if errors.Is(err, io.EOF) {
			return fault.New(fault.Invalid, "exchange.empty")
		}
		if err != nil {
			if r := (*RowError)(nil); errors.As(err, &r) {
				return fault.New(fault.Invalid, "exchange.header", fault.With("reason", r.Reason), fault.Because(err))
			}
			return err
		}
		trim(row.Cells)
		n := len(row.Cells)
		for n > 0 && row.Cells[n-1] == "" {
			n--
		}
		if n == 0 {
			continue
		}
		if n > t.limits.MaxColumns {
			return fault.New(fault.Invalid, "exchange.header", fault.With("reason", ReasonColumns))
		}
		t.header = row.Cells[:n:n]
		return nil
	}
}

// Header gives the names of the columns; do not change them.
func (t *Table) Header() []string { return t.header }

// SHA256 is the checksum of the file as sent, in hex.
func (t *Table) SHA256() string { return t.sum }

// Rows is about how many rows there are, 0 when unknown.
func (t *Table) Rows() int { return t.rows }

// OnProgress has f called every thousand rows and at the end.
func (t *Table) OnProgress(f func(Progress)) { t.progress = f }

// Next gives the next row that is not blank, with exactly as many cells as the
// header. io.EOF ends the table; a *RowError means this row only; any other
// error (exchange.broken) ends the reading.
func (t *Table) Next() (Row, error) {
	for {
		row, err := t.src.next()
		if errors.Is(err, io.EOF) {
			if t.progress != nil {
				t.progress(Progress{Row: t.read, Rows: t.read})
			}
			return Row{}, io.EOF
		}
		if err == nil && blank(row.Cells) {
			continue
		}
		if t.read++; t.read%1000 == 0 && t.progress != nil {
			t.progress(Progress{Row: t.read, Rows: max(t.rows, t.read)})
		}
		if err != nil {
			return t.shape(row), err
		}
		return t.fit(row)
	}
}

// unreadable stands in place of what cannot be kept. A row that has one is refused
// when it is sent again unmended.
const unreadable = "\ufffd"

// shape brings a bad row to the width of the header; cells beyond are joined to
// the last one, where an unquoted comma most often made them.
func (t *Table) shape(row Row) Row {
	if row.Cells == nil {
		return row
	}
	trim(row.Cells)
	n := len(t.header)
	if len(row.Cells) > n {
		end := len(row.Cells)
		for end > n && row.Cells[end-1] == "" {
			end--
		}
		row.Cells[n-1] = strings.Join(row.Cells[n-1:end], ",")
		row.Cells = row.Cells[:n]
	}
	for len(row.Cells) < n {
		row.Cells = append(row.Cells, "")
	}
	for i, c := range row.Cells {
		if len(c) > 1 && c[0] == '\'' && Neutral(c[1:]) == c {
			row.Cells[i] = c[1:] // writing puts the apostrophe back
		}
	}
	return row
}

// fit brings the row to the width of the header and checks its cells.
func (t *Table) fit(row Row) (Row, error) {
	trim(row.Cells)
	for i := len(t.header); i < len(row.Cells); i++ {
		if row.Cells[i] != "" {
			return t.shape(row), &RowError{Row: row.Line, Reason: ReasonColumns, Value: clip(row.Cells[i])}
		}
	}
	if len(row.Cells) > len(t.header) {
		row.Cells = row.Cells[:len(t.header)]
	}
	for len(row.Cells) < len(t.header) {
		row.Cells = append(row.Cells, "")
	}
	for i, c := range row.Cells {
		if c == "" {
			continue
		}
		if c[0] == '\'' && len(c) > 1 && Neutral(c[1:]) == c {
			c = strings.TrimSpace(c[1:])
			row.Cells[i] = c
		}
		if c != "" && risky(c[0]) && formula(c) {
			return row, &RowError{Row: row.Line, Column: t.header[i], Reason: ReasonFormula, Value: clip(c)}
		}
	}
	return row, nil
}

// Close releases what the table holds.
func (t *Table) Close() error {
	err := t.src.close()
	if t.closer != nil {
		err = errors.Join(err, t.closer.Close())
	}
	return err
}

func trim(cells []string) {
	for i, c := range cells {
		cells[i] = strings.TrimSpace(c)
	}
}

func blank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

// clip keeps the beginning of a value for a message.
func clip(s string) string {
	const most = 60
	if len(s) > 4*most {
		s = s[:4*most]
	}
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", "␀"), "?")
	if utf8.RuneCountInString(s) > most {
		return string([]rune(s)[:most]) + "…"
	}
	return s
}

// facts are what one reading of the whole file tells.
type facts struct {
	sum    string
	lines  int
	valid  bool // all bytes are UTF-8
	crOnly bool // lines end with CR alone
}

func survey(r io.ReaderAt, size int64) (facts, error) {
	h := sha256.New()
	f := facts{valid: true}
	sr := io.NewSectionReader(r, 0, size)
	buf := make([]byte, 256<<10)
	carry, cr := 0, 0
	for {
		n, err := sr.Read(buf[carry:])
		chunk := buf[carry : carry+n]
		h.Write(chunk)
		f.lines += bytes.Count(chunk, []byte{'\n'})
		if f.lines == 0 {
			cr += bytes.Count(chunk, []byte{'\r'})
		}
		end := err != nil
		if f.valid {
			whole := buf[:carry+n]
			keep := 0
			if !end {
				keep = incomplete(whole)
			}
			f.valid = utf8.Valid(whole[:len(whole)-keep])
			copy(buf, whole[len(whole)-keep:])
			carry = keep
		} else {
			carry = 0
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return f, fmt.Errorf("read table: %w", err)
		}
	}
	f.sum = hex.EncodeToString(h.Sum(nil))
	if f.lines == 0 && cr > 0 {
		f.lines, f.crOnly = cr, true
	}
	return f, nil
}

// incomplete is how many bytes at the end of b begin a rune that goes on.
func incomplete(b []byte) int {
	for k := 1; k <= 3 && k <= len(b); k++ {
		c := b[len(b)-k]
		if utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-k:]) {
				return k
			}
			return 0
		}
	}
	return 0
}
