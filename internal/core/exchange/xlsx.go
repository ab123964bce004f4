package exchange

import (
	"errors"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"gonghui/internal/kit/fault"
)

// sheetsInMemory is the size beyond which a sheet is unpacked to disk.
const sheetsInMemory = 16 << 20

type xlsxSource struct {
	file   *excelize.File
	rows   *excelize.Rows
	limits Limits
	line   int
}

// openXLSX opens the first sheet that is not empty. rows is about how many rows
// it has.
func openXLSX(r io.ReaderAt, size int64, l Limits) (s *xlsxSource, rows int, err error) {
	if err := checkZip(r, size, l); err != nil {
		return nil, 0, err
	}
	f, err := excelize.OpenReader(io.NewSectionReader(r, 0, size), excelize.Options{
		UnzipSizeLimit: l.MaxUnzip, UnzipXMLSizeLimit: min(sheetsInMemory, l.MaxUnzip),
		ShortDatePattern: "yyyy-mm-dd", LongDatePattern: "yyyy-mm-dd", LongTimePattern: "hh:mm:ss",
	})
	if err != nil {
		return nil, 0, unreadable(err, l)
	}
	sheets := f.GetSheetList()
	for i, name := range sheets {
		dim, err := f.GetSheetDimension(name)
		if err == nil && dim == "A1" && i+1 < len(sheets) {
			if v, err := f.GetCellValue(name, "A1"); err == nil && v == "" {
				continue
			}
		}
		it, err := f.Rows(name)
		if err != nil {
			_ = f.Close()
			return nil, 0, unreadable(err, l)
		}
		if _, last, ok := strings.Cut(dim, ":"); ok {
			if _, n, err := excelize.CellNameToCoordinates(last); err == nil {
				rows = n - 1
			}
		}
		return &xlsxSource{file: f, rows: it, limits: l}, rows, nil
	}
	_ = f.Close()
	return nil, 0, fault.New(fault.Invalid, "exchange.empty")
}

func unreadable(err error, l Limits) error {
	if strings.Contains(err.Error(), "unzip size exceeds") {
		return tooLarge(l.MaxBytes)
	}
	if errors.Is(err, excelize.ErrWorkbookFileFormat) || errors.Is(err, excelize.ErrWorkbookPassword) {
		return fault.New(fault.Invalid, "exchange.not_a_table", fault.Because(err))
	}
	return fault.New(fault.Invalid, "exchange.broken", fault.Because(err))
}

func (s *xlsxSource) next() (Row, error) {
	if !s.rows.Next() {
		if err := s.rows.Error(); err != nil {
			return Row{}, unreadable(err, s.limits)
		}
		return Row{}, io.EOF
	}
	s.line++
	cells, err := s.rows.Columns()
	if err != nil {
		return Row{}, unreadable(err, s.limits)
	}
	size := 0
	for i, c := range cells {
		if size += len(c); size > s.limits.MaxRow {
			return Row{}, &RowError{Row: s.line, Reason: ReasonTooLong, Value: clip(c)}
		}
		if c != "" {
			if err := check(s.line, cells[i]); err != nil {
				return Row{}, err
			}
		}
	}
	return Row{Line: s.line, Cells: cells}, nil
}

func (s *xlsxSource) close() error {
	return errors.Join(s.rows.Close(), s.file.Close())
}
