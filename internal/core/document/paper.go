package document

import (
	_ "embed"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/signintech/gopdf"
)

// font is Noto Sans SC cut down to GB 2312 and Latin by scripts/make-font; its
// licence is font/OFL.txt.
//
//go:embed font/notosanssc.ttf
var font []byte

const family = "noto"

// Measures of a sheet, in points of 1/72 inch.
const (
	sheetWidth  = 595.28 // A4
	sheetHeight = 841.89
	margin      = 45.0
	inside      = sheetWidth - 2*margin
	sizeTitle   = 16.0
	sizeText    = 9.5
	sizeSmall   = 8.0
	lead        = 1.45 // height of a line in sizes
	pad         = 3.0  // around the text of a cell
)

// blank stands for a character the font does not have.
const blank = '□'

// Paper is a printed paper in the making: A4, Chinese and Latin text, page
// numbers. What is drawn flows from top to bottom and onto new sheets. The first
// error ends the drawing and is told by Write.
type Paper struct {
	pdf    gopdf.GoPdf
	y      float64
	page   int
	footer func(page int) string
	widths map[rune]float64 // of size 1
	table  []Column
	scale  []float64
	err    error
}

// Column is a column of a table.
type Column struct {
	Title string
	Share float64 // of the width, in proportion to the other columns
	Right bool    // numbers stand at the right
}

// NewPaper begins a paper. footer gives the line at the foot of a page, its
// number counted from one.
func NewPaper(title string, made time.Time, footer func(page int) string) *Paper {
	p := &Paper{footer: footer, widths: map[rune]float64{}}
	p.pdf.Start(gopdf.Config{PageSize: gopdf.Rect{W: sheetWidth, H: sheetHeight}})
	p.pdf.SetInfo(gopdf.PdfInfo{Title: title, Producer: "gonghui", CreationDate: made})
	p.try(p.pdf.AddTTFFontDataWithOption(family, font, gopdf.TtfOption{
		OnGlyphNotFoundSubstitute: func(rune) rune { return blank },
	}))
	p.sheet()
	p.heading(title)
	return p
}

func (p *Paper) try(err error) {
	if p.err == nil && err != nil {
		p.err = fmt.Errorf("draw a paper: %w", err)
	}
}

// sheet begins a new page with its foot.
func (p *Paper) sheet() {
	if p.err != nil {
		return
	}
	p.pdf.AddPage()
	p.page++
	p.y = margin
	p.put(margin, sheetHeight-margin+sizeText, inside, p.footer(p.page), sizeSmall, false)
}

// room makes sure that so much height is left, on a new sheet if need be.
func (p *Paper) room(height float64) {
	if p.y+height <= sheetHeight-margin-sizeText*lead {
		return
	}
	p.sheet()
	if p.table != nil {
		p.tableHead()
	}
}

// width measures a text; every rune is measured once.
func (p *Paper) width(text string, size float64) float64 {
	sum := 0.0
	for _, r := range text {
		w, ok := p.widths[r]
		if !ok {
			p.try(p.pdf.SetFont(family, "", 100))
			if p.err != nil {
				return 0
			}
			whole, err := p.pdf.MeasureTextWidth(string(r))
			p.try(err)
			w = whole / 100
			p.widths[r] = w
		}
		sum += w
	}
	return sum * size
}

// closing signs do not stand at the beginning of a line.
const closing = "，。、；：？！）》」』】％,.;:?!)]}%"

// wrap cuts a text into lines of a width: at any Chinese character but before
// closing signs, between Latin words, and inside a word only where it is longer
// than a line.
func (p *Paper) wrap(text string, width, size float64) []string {
	var lines []string
	for part := range strings.SplitSeq(text, "\n") {
		line := ""
		for _, w := range words(part) {
			if line == "" {
				w = strings.TrimLeft(w, " ")
			}
			if p.width(line+w, size) <= width {
				line += w
				continue
			}
			if line != "" {
				lines = append(lines, strings.TrimRight(line, " "))
			}
			line = ""
			for _, r := range strings.TrimLeft(w, " ") {
				if p.width(line+string(r), size) > width && line != "" {
					lines, line = append(lines, line), ""
				}
				line += string(r)
			}
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}

// words cuts a text where a line may end.
func words(text string) []string {
	var out []string
	var last rune
	for _, r := range text {
		wide := r >= 0x2E80
		switch {
		case len(out) == 0, wide && !strings.ContainsRune(closing, r), last >= 0x2E80 && !strings.ContainsRune(closing, r), unicode.IsSpace(r):
			out = append(out, string(r))
		default:
			out[len(out)-1] += string(r)
		}
		last = r
	}
	return out
}

// clean leaves only what can be drawn.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || !unicode.IsControl(r) && !unicode.Is(unicode.Cf, r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(text, string(blank)))
}

// put draws one line of text.
func (p *Paper) put(x, y, width float64, text string, size float64, right bool) {
	if p.err != nil || text == "" {
		return
	}
	p.try(p.pdf.SetFont(family, "", size))
	if right {
		x += width - p.width(text, size)
		p.try(p.pdf.SetFont(family, "", size))
	}
	if p.err != nil {
		return
	}
	p.pdf.SetXY(x, y)
	p.try(p.pdf.Cell(nil, text))
}

func (p *Paper) heading(text string) {
	for _, l := range p.wrap(clean(text), inside, sizeTitle) {
		p.put(margin, p.y, inside, l, sizeTitle, false)
		p.y += sizeTitle * lead
	}
	p.y += pad
}

// labelWidth is the width of the label of a Pair.
const labelWidth = 90.0

// Pair draws a label and beside it a value.
func (p *Paper) Pair(label, value string) {
	lines := p.wrap(clean(value), inside-labelWidth, sizeText)
	p.room(float64(len(lines)) * sizeText * lead)
	p.put(margin, p.y, labelWidth, clean(label), sizeText, false)
	for _, l := range lines {
		p.put(margin+labelWidth, p.y, inside-labelWidth, l, sizeText, false)
		p.y += sizeText * lead
	}
}

// Text draws a paragraph.
func (p *Paper) Text(text string) {
	for _, l := range p.wrap(clean(text), inside, sizeText) {
		p.room(sizeText * lead)
		p.put(margin, p.y, inside, l, sizeText, false)
		p.y += sizeText * lead
	}
	p.y += pad
}

// Table begins a table; its head is repeated on every sheet it reaches.
func (p *Paper) Table(columns ...Column) {
	sum := 0.0
	for _, c := range columns {
		sum += c.Share
	}
	p.scale = make([]float64, len(columns))
	for i, c := range columns {
		p.scale[i] = inside * c.Share / sum
	}
	p.y += 2 * pad
	p.room(6 * sizeText * lead) // not a head alone at the foot
	p.table = columns
	p.tableHead()
}

func (p *Paper) tableHead() {
	cells := make([]string, len(p.table))
	for i, c := range p.table {
		cells[i] = c.Title
	}
	p.row(cells, 0.9)
}

// Row draws one row of the table. Cells too many are left out.
func (p *Paper) Row(cells ...string) { p.row(cells, 0.4) }

func (p *Paper) row(cells []string, rule float64) {
	if p.err != nil {
		return
	}
	lines, most := make([][]string, len(p.table)), 1
	for i := range min(len(cells), len(p.table)) {
		lines[i] = p.wrap(clean(cells[i]), p.scale[i]-2*pad, sizeSmall)
		most = max(most, len(lines[i]))
	}
	height := float64(most)*sizeSmall*lead + 2*pad
	if rule < 0.9 {
		p.room(height)
	}
	x := margin
	for i, c := range p.table {
		for n, l := range lines[i] {
			p.put(x+pad, p.y+pad+float64(n)*sizeSmall*lead, p.scale[i]-2*pad, l, sizeSmall, c.Right)
		}
		x += p.scale[i]
	}
	p.y += height
	p.pdf.SetLineWidth(rule)
	p.pdf.Line(margin, p.y, margin+inside, p.y)
}

// EndTable ends the table.
func (p *Paper) EndTable() {
	p.table, p.scale = nil, nil
	p.y += 2 * pad
}

// Write gives the finished paper as PDF, or the first error of drawing it.
func (p *Paper) Write(w io.Writer) error {
	if p.err != nil {
		return p.err
	}
	if _, err := p.pdf.WriteTo(w); err != nil {
		return fmt.Errorf("write a paper: %w", err)
	}
	return nil
}
