package exchange

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Writer writes a table row by row. Close must be called; it does not close
// what lies below.
type Writer interface {
	Write(cells []string) error
	Close() error
}

// risky are the characters that make a spreadsheet look at a cell as a formula.
func risky(b byte) bool {
	return b == '=' || b == '+' || b == '-' || b == '@' || b == '\t' || b == '\r'
}

// Neutral gives the cell so that no spreadsheet runs it: a leading apostrophe
// where it begins with = + - @ tab or a line end, blanks aside. NUL bytes are
// dropped, CR becomes LF.
func Neutral(cell string) string {
	if strings.IndexByte(cell, 0) >= 0 {
		cell = strings.ReplaceAll(cell, "\x00", "")
	}
	if strings.IndexByte(cell, '\r') >= 0 {
		cell = strings.ReplaceAll(strings.ReplaceAll(cell, "\r\n", "\n"), "\r", "\n")
	}
	// Some programs drop blanks before they look at the sign.
	if rest := strings.TrimLeft(cell, " \n"); rest != "" && risky(rest[0]) || cell != "" && cell[0] == '\n' {
		return "'" + cell
	}
	return cell
}

// formula tells whether a cell that begins with a risky sign would be run: not
// 「-」, 「-5」, 「+86 531…」 or 「- 负责…」, but =1+1, @SUM(1), +cmd|'/c calc'!A0.
func formula(c string) bool {
	if len(c) < 2 {
		return false
	}
	if c[0] == '=' {
		return true
	}
	rest := strings.TrimLeft(c[1:], " ")
	if rest == "" {
		return false
	}
	letter := rest[0]|0x20 >= 'a' && rest[0]|0x20 <= 'z' || rest[0] == '=' || rest[0] == '('
	if c[0] == '@' {
		return letter && strings.ContainsAny(rest, "(!|")
	}
	return letter && (strings.ContainsAny(rest, "!|") || strings.Contains(rest, "(") && strings.HasSuffix(rest, ")"))
}

type csvWriter struct {
	w   *csv.Writer
	buf []string
}

// NewCSV begins a CSV: UTF-8 with BOM, comma, CRLF, cells neutralised.
func NewCSV(w io.Writer, header []string) (Writer, error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return nil, fmt.Errorf("write table: %w", err)
	}
	c := &csvWriter{w: csv.NewWriter(w)}
	c.w.UseCRLF = true
	return c, c.Write(header)
}

func (c *csvWriter) Write(cells []string) error {
	c.buf = c.buf[:0]
	for _, x := range cells {
		c.buf = append(c.buf, Neutral(x))
	}
	if err := c.w.Write(c.buf); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

func (c *csvWriter) Close() error {
	c.w.Flush()
	if err := c.w.Error(); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

// maxCell is the longest text a cell of a workbook may hold.
const maxCell = 32767

type xlsxWriter struct {
	to   io.Writer
	file *excelize.File
	w    *excelize.StreamWriter
	row  int
}

// NewXLSX begins a workbook of one sheet. All cells are text; the header is bold
// and stays in view.
func NewXLSX(w io.Writer, sheet string, header []string) (Writer, error) {
	f := excelize.NewFile()
	if err := f.SetSheetName("Sheet1", sheet); err != nil {
		return nil, fmt.Errorf("write table: %w", err)
	}
	sw, err := f.NewStreamWriter(sheet)
	if err != nil {
		return nil, fmt.Errorf("write table: %w", err)
	}
	if err := sw.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, fmt.Errorf("write table: %w", err)
	}
	x := &xlsxWriter{to: w, file: f, w: sw}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, fmt.Errorf("write table: %w", err)
	}
	return x, x.write(header, bold)
}

func (x *xlsxWriter) Write(cells []string) error { return x.write(cells, 0) }

func (x *xlsxWriter) write(cells []string, style int) error {
	x.row++
	row := make([]any, len(cells))
	for i, c := range cells {
		c = Neutral(c)
		if r := []rune(c); len(c) > maxCell && len(r) > maxCell {
			c = string(r[:maxCell])
		}
		row[i] = excelize.Cell{StyleID: style, Value: c}
	}
	if err := x.w.SetRow("A"+strconv.Itoa(x.row), row); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

func (x *xlsxWriter) Close() error {
	if err := x.w.Flush(); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	if err := x.file.Write(x.to); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return x.file.Close()
}

// Problem is one thing wrong with a row, told in both languages.
type Problem struct {
	Column string // header of the column meant
	ZH, EN string
}

// ErrorFile is the table of rows that were not taken, which the sender can mend
// and send again: the columns as they came, then line, column, reason.
type ErrorFile struct {
	w     Writer
	width int
	rows  int
}

// ErrorColumns are the columns added behind those of the sender. Reading a
// mended file again passes over them.
var ErrorColumns = []string{"行号 row", "列 column", "原因", "reason"}

// NewErrorFile begins an error file under the header of the table that was
// read; the columns of an earlier error file are not repeated.
func NewErrorFile(w io.Writer, header []string) (*ErrorFile, error) {
	width := len(header)
	for i := range header {
		if len(header)-i == len(ErrorColumns) && header[i] == ErrorColumns[0] {
			width = i
			break
		}
	}
	cw, err := NewCSV(w, append(header[:width:width], ErrorColumns...))
	if err != nil {
		return nil, err
	}
	return &ErrorFile{w: cw, width: width}, nil
}

// Add writes a row with everything that is wrong with it.
func (e *ErrorFile) Add(row Row, problems ...Problem) error {
	var columns, zh, en []string
	for _, p := range problems {
		if p.Column != "" {
			columns = append(columns, p.Column)
		}
		zh, en = append(zh, p.ZH), append(en, p.EN)
	}
	cells := make([]string, e.width, e.width+len(ErrorColumns))
	copy(cells, row.Cells)
	e.rows++
	return e.w.Write(append(cells, strconv.Itoa(row.Line), strings.Join(columns, "、"), strings.Join(zh, " "), strings.Join(en, " ")))
}

// Rows is how many rows were added.
func (e *ErrorFile) Rows() int { return e.rows }

// Close finishes the file.
func (e *ErrorFile) Close() error { return e.w.Close() }
