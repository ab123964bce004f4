package exchange

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"gonghui/internal/kit/fault"
)

// workbook is what the sheets share: their names, the texts, the looks of cells.
type workbook struct {
	parts   map[string]*zip.File
	limits  Limits
	sheets  []string // names of parts, the visible ones first
	texts   *sharedTexts
	looks   []look // by number of the cell's style
	from    time.Time
	leapBug bool // the calendar of 1900 has a 29 February that never was
}

// look is what a number in a cell means.
type look uint8

const (
	plainNumber look = iota
	asDate
	asMoment // with a time of day
)

func openBook(z *zip.Reader, l Limits) (*workbook, error) {
	b := &workbook{parts: map[string]*zip.File{}, limits: l, from: time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC), leapBug: true}
	for _, f := range z.File {
		b.parts[partName(f.Name)] = f
	}
	targets, err := b.relations()
	if err != nil {
		return b, err
	}
	if err := b.readBook(targets); err != nil {
		return b, err
	}
	if err := b.readLooks(); err != nil {
		return b, err
	}
	if f, ok := b.parts["xl/sharedstrings.xml"]; ok {
		p, err := openPart(f)
		if err != nil {
			return b, err
		}
		b.texts = &sharedTexts{part: p, most: l.MaxRow}
	}
	return b, nil
}

func (b *workbook) part(name string) (*part, error) {
	f, ok := b.parts[name]
	if !ok {
		return nil, fmt.Errorf("no part %s", name)
	}
	return openPart(f)
}

// each calls visit for every element of a part.
func (b *workbook) each(name string, visit func(xml.StartElement) error) (err error) {
	p, err := b.part(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	for {
		t, err := p.token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if s, ok := t.(xml.StartElement); ok {
			if err := visit(s); err != nil {
				return err
			}
		}
	}
}

// relations gives the parts that the workbook points to, by their mark.
func (b *workbook) relations() (map[string]string, error) {
	out := map[string]string{}
	err := b.each("xl/_rels/workbook.xml.rels", func(t xml.StartElement) error {
		if t.Name.Local == "Relationship" && len(out) < maxZipEntries {
			to := attr(t, "Target")
			if !strings.HasPrefix(to, "/") {
				to = "xl/" + to
			}
			out[attr(t, "Id")] = partName(to)
		}
		return nil
	})
	return out, err
}

func (b *workbook) readBook(targets map[string]string) error {
	var hidden []string
	err := b.each("xl/workbook.xml", func(t xml.StartElement) error {
		switch t.Name.Local {
		case "workbookPr":
			if v := attr(t, "date1904"); v == "1" || v == "true" {
				b.from, b.leapBug = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC), false
			}
		case "sheet":
			name, ok := targets[attr(t, "id")]
			if !ok || strings.Contains(name, "chartsheets/") {
				return nil
			}
			if attr(t, "state") != "" && attr(t, "state") != "visible" {
				hidden = append(hidden, name)
				return nil
			}
			b.sheets = append(b.sheets, name)
		}
		return nil
	})
	if b.sheets = append(b.sheets, hidden...); len(b.sheets) > maxZipEntries {
		return errors.New("too many sheets")
	}
	return err
}

// maxLooks bounds the styles of cells; spreadsheet programs allow 64,000.
const maxLooks = 1 << 17

// readLooks finds the styles that show a number as a date.
func (b *workbook) readLooks() error {
	if _, ok := b.parts["xl/styles.xml"]; !ok {
		return nil
	}
	own := map[string]look{}
	cells := false
	return b.each("xl/styles.xml", func(t xml.StartElement) error {
		switch t.Name.Local {
		case "numFmt":
			if len(own) < maxLooks {
				own[attr(t, "numFmtId")] = lookOf(attr(t, "formatCode"))
			}
		case "cellXfs":
			cells = true
		case "cellStyles", "dxfs":
			cells = false
		case "xf":
			if !cells {
				return nil
			}
			if len(b.looks) >= maxLooks {
				return errors.New("too many styles")
			}
			format := attr(t, "numFmtId")
			l, ok := own[format]
			if !ok {
				l = builtinLook(format)
			}
			b.looks = append(b.looks, l)
		}
		return nil
	})
}

// builtinLook knows the formats that have a number instead of a code (ECMA-376,
// part 1, 18.8.30, with those of Chinese editions).
func builtinLook(id string) look {
	n, err := strconv.Atoi(id)
	switch {
	case err != nil:
		return plainNumber
	case n == 22:
		return asMoment
	case n >= 14 && n <= 17, n >= 27 && n <= 31, n == 36, n >= 50 && n <= 54, n == 57, n == 58:
		return asDate
	case n >= 18 && n <= 21, n >= 32 && n <= 35, n >= 45 && n <= 47, n == 55, n == 56:
		return asMoment
	}
	return plainNumber
}

// lookOf reads a format such as yyyy"年"m"月"d"日": quoted, escaped and bracketed
// parts say nothing.
func lookOf(code string) look {
	l := plainNumber
	quoted, bracket := false, false
	for i := 0; i < len(code); i++ {
		c := code[i] | 0x20
		switch {
		case code[i] == '"':
			quoted = !quoted
		case quoted:
		case code[i] == '\\' || code[i] == '_' || code[i] == '*':
			i++
		case code[i] == '[':
			bracket = true
		case code[i] == ']':
			bracket = false
		case bracket:
		case code[i] == ';': // what follows is for negative numbers
			return l
		case c == 'h' || c == 's':
			l = asMoment
		case (c == 'y' || c == 'm' || c == 'd') && l == plainNumber:
			l = asDate
		}
	}
	return l
}

// cell reads the text of a cell that has begun.
func (b *workbook) cell(p *part, t xml.StartElement, most int) (string, error) {
	kind, style := attr(t, "t"), attr(t, "s")
	value := ""
	for {
		t, err := p.token()
		if err != nil {
			return "", cut(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch {
			case t.Name.Local == "v" && kind != "inlineStr":
				value, err = p.text("", most)
			case t.Name.Local == "is" && kind == "inlineStr":
				value, err = p.text("t", most)
			default: // the formula behind a value is never looked at
				err = p.skip()
			}
			if err != nil {
				return "", err
			}
		case xml.EndElement:
			return b.shown(kind, style, value)
		}
	}
}

// shown gives a cell's value as text.
func (b *workbook) shown(kind, style, value string) (string, error) {
	switch kind {
	case "s":
		n, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil || b.texts == nil {
			return "", errors.New("a text that is not there")
		}
		return b.texts.get(n)
	case "b":
		if value == "1" {
			return "TRUE", nil
		}
		return "FALSE", nil
	case "d":
		return strings.TrimSuffix(strings.Replace(value, "T", " ", 1), " 00:00:00"), nil
	case "str", "inlineStr", "e":
		return value, nil
	}
	value = strings.TrimSpace(value)
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return value, nil
	}
	if i, err := strconv.Atoi(style); err == nil && i >= 0 && i < len(b.looks) && b.looks[i] != plainNumber {
		if text, ok := b.day(n, b.looks[i]); ok {
			return text, nil
		}
	}
	return number(value, n), nil
}

// number writes a number as people do: 0.30000000000000004 is 0.3, and 1.2E4 is
// 12000. Spreadsheet programs know fifteen digits.
func number(value string, n float64) string {
	if len(value) <= 15 && strings.Trim(value, "0123456789") == "" || math.Abs(n) >= 1e15 {
		return value
	}
	short, err := strconv.ParseFloat(strconv.FormatFloat(n, 'g', 15, 64), 64)
	if err != nil {
		return value
	}
	return strconv.FormatFloat(short, 'f', -1, 64)
}

// day turns the number of a day into the day.
func (b *workbook) day(n float64, l look) (string, bool) {
	const lastDay = 2_958_465 // 9999-12-31
	if n < 0 || n >= lastDay+1 {
		return "", false
	}
	if b.leapBug && n < 60 {
		n++
	}
	seconds := int64(math.Round(n * 24 * 3600))
	at := b.from.Add(time.Duration(seconds/86400) * 24 * time.Hour).Add(time.Duration(seconds%86400) * time.Second)
	if l == asDate || seconds%86400 == 0 && seconds > 0 {
		return at.Format("2006-01-02"), true
	}
	if seconds < 2*86400 {
		return at.Format("15:04:05"), true
	}
	return at.Format("2006-01-02 15:04:05"), true
}

func (b *workbook) close() error {
	if b == nil || b.texts == nil {
		return nil
	}
	return b.texts.close()
}

const (
	textsInMemory = 16 << 20 // bytes; more lies on disk
	maxTexts      = 16 << 20 // how many
)

// sharedTexts are the texts that cells name by number. They are read only as far
// as somebody asks for, and lie in memory up to a bound.
type sharedTexts struct {
	part *part
	most int // bytes of one
	ends []int64
	held []byte   // from the first one on, while in memory
	disk *os.File // all of them, when there are more
	full bool     // read to the end
}

func (s *sharedTexts) get(n int) (string, error) {
	for n >= len(s.ends) && n >= 0 && !s.full {
		if err := s.more(); err != nil {
			return "", err
		}
	}
	if n < 0 || n >= len(s.ends) {
		return "", errors.New("a text that is not there")
	}
	from := int64(0)
	if n > 0 {
		from = s.ends[n-1]
	}
	if s.disk == nil {
		return string(s.held[from:s.ends[n]]), nil
	}
	text := make([]byte, s.ends[n]-from)
	if _, err := s.disk.ReadAt(text, from); err != nil {
		return "", fmt.Errorf("texts of a workbook: %w", err)
	}
	return string(text), nil
}

// more reads on up to the end of the next text.
func (s *sharedTexts) more() error {
	for {
		t, err := s.part.token()
		if errors.Is(err, io.EOF) {
			s.full = true
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := t.(xml.StartElement); !ok || e.Name.Local != "si" {
			continue
		}
		text, err := s.part.text("t", s.most)
		if err != nil {
			return err
		}
		return s.keep(text)
	}
}

func (s *sharedTexts) keep(text string) error {
	if len(s.ends) >= maxTexts {
		return fault.New(fault.Invalid, "exchange.too_large", fault.With("megabytes", int64(DefaultLimits().MaxBytes)>>20))
	}
	end := int64(len(text))
	if n := len(s.ends); n > 0 {
		end += s.ends[n-1]
	}
	s.ends = append(s.ends, end)
	if s.disk == nil && len(s.held)+len(text) <= textsInMemory {
		s.held = append(s.held, text...)
		return nil
	}
	if s.disk == nil {
		f, err := os.CreateTemp("", "gonghui-texts-*")
		if err != nil {
			return fmt.Errorf("texts of a workbook: %w", err)
		}
		s.disk = f
		if _, err := f.Write(s.held); err != nil {
			return fmt.Errorf("texts of a workbook: %w", err)
		}
		s.held = nil
	}
	if _, err := s.disk.WriteString(text); err != nil {
		return fmt.Errorf("texts of a workbook: %w", err)
	}
	return nil
}

func (s *sharedTexts) close() error {
	err := s.part.Close()
	if s.disk != nil {
		err = errors.Join(err, s.disk.Close(), os.Remove(s.disk.Name()))
	}
	return err
}
