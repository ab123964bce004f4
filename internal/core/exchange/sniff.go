package exchange

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"strings"

	"gonghui/internal/kit/fault"
)

type kind int

const (
	kindCSV kind = iota
	kindXLSX
)

// magics begin files that are no text, whatever they are called.
var magics = []string{
	"%PDF", "\x89PNG", "\xff\xd8\xff", "GIF8", "Rar!", "7z\xbc\xaf", "\x1f\x8b", "\x7fELF", "MZ\x90", "SQLite format 3",
	"\xd0\xcf\x11\xe0", // the binary workbooks before 2007
	"RIFF", "BZh", "\xfd7zXZ", "{\\rtf",
}

// sniff decides by the bytes what the file is and refuses one whose name says
// otherwise. Fault: exchange.not_a_table.
func sniff(r io.ReaderAt, size int64, name string) (kind, error) {
	if size == 0 {
		return 0, fault.New(fault.Invalid, "exchange.empty")
	}
	head := make([]byte, min(size, 4096))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	ext := strings.ToLower(filepath.Ext(name))
	isZip := bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06"))
	switch {
	case isZip && (ext == ".xlsx" || ext == ".xlsm" || ext == ""):
		return kindXLSX, nil
	case isZip || ext == ".xlsx" || ext == ".xlsm" || ext == ".xls":
		return 0, notATable(name)
	case ext != "" && ext != ".csv" && ext != ".txt" && ext != ".tsv":
		return 0, notATable(name)
	}
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m)) {
			return 0, notATable(name)
		}
	}
	text := bytes.ToLower(bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))))
	for _, m := range []string{"<!doctype", "<html", "<?xml", "<table"} {
		if bytes.HasPrefix(text, []byte(m)) {
			return 0, notATable(name)
		}
	}
	if !bytes.HasPrefix(head, []byte("\xff\xfe")) && !bytes.HasPrefix(head, []byte("\xfe\xff")) {
		control := 0
		for _, b := range head {
			if b < ' ' && b != '\t' && b != '\n' && b != '\r' && b != '\f' {
				control++
			}
		}
		if control > len(head)/10+8 {
			return 0, notATable(name)
		}
	}
	return kindCSV, nil
}

func notATable(name string) error {
	return fault.New(fault.Invalid, "exchange.not_a_table", fault.With("name", filepath.Base(name)))
}

const maxZipEntries = 5000

// openZip looks at the directory of an XLSX before anything is unpacked.
func openZip(r io.ReaderAt, size int64, l Limits) (*zip.Reader, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fault.New(fault.Invalid, "exchange.broken", fault.Because(err))
	}
	if len(z.File) > maxZipEntries {
		return nil, unpacksTooLarge()
	}
	var total uint64
	book := false
	for _, f := range z.File {
		if f.UncompressedSize64 > uint64(l.MaxUnzip) {
			return nil, unpacksTooLarge()
		}
		if total += f.UncompressedSize64; total > uint64(l.MaxUnzip) {
			return nil, unpacksTooLarge()
		}
		// A sheet of blanks packs a thousandfold; nothing people type does.
		if f.UncompressedSize64 > 64<<20 && f.UncompressedSize64/max(f.CompressedSize64, 1) > 400 {
			return nil, unpacksTooLarge()
		}
		book = book || strings.EqualFold(f.Name, "xl/workbook.xml")
	}
	if !book {
		return nil, fault.New(fault.Invalid, "exchange.not_a_table")
	}
	return z, nil
}

// unpacksTooLarge is the fault of a small file that is a large one inside. The
// code is that of a file too large; the sentence says what is meant.
func unpacksTooLarge() error {
	f := fault.New(fault.Invalid, "exchange.too_large")
	f.Key = "fault.exchange.unpacks_large"
	return f
}
