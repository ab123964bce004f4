package exchange

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/kit/fault"
)

// handBook packs a workbook from its parts; those not given are plain ones. The
// sheets are called sheet1.xml and so on, a "-" before the text hides one.
func handBook(t *testing.T, parts map[string]string, sheets ...string) []byte {
	t.Helper()
	const ns = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	add := func(name, text string) {
		w, err := z.Create(name)
		require.NoError(t, err)
		_, err = io.WriteString(w, text)
		require.NoError(t, err)
	}
	list, links := "", ""
	for i, s := range sheets {
		state := ""
		if hidden, ok := strings.CutPrefix(s, "-"); ok {
			s, state = hidden, ` state="hidden"`
		}
		list += fmt.Sprintf(`<sheet name="S%d" sheetId="%d"%s r:id="rId%d"/>`, i, i+1, state, i)
		links += fmt.Sprintf(`<Relationship Id="rId%d" Type="worksheet" Target="worksheets/sheet%d.xml"/>`, i, i+1)
		if !strings.HasPrefix(s, "<") {
			continue
		}
		if !strings.Contains(s, "<worksheet") {
			s = `<worksheet ` + ns + `><sheetData>` + s + `</sheetData></worksheet>`
		}
		add(fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), s)
	}
	if parts["xl/workbook.xml"] == "" {
		add("xl/workbook.xml", `<?xml version="1.0" encoding="UTF-8"?><workbook `+ns+`><sheets>`+list+`</sheets></workbook>`)
	}
	add("xl/_rels/workbook.xml.rels", `<Relationships>`+links+`</Relationships>`)
	for name, text := range parts {
		add(name, strings.Replace(text, "<sheets/>", "<sheets>"+list+"</sheets>", 1))
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

func inline(text string) string { return `<c t="inlineStr"><is><t>` + text + `</t></is></c>` }

func line(cells ...string) string {
	var b strings.Builder
	b.WriteString("<row>")
	for _, c := range cells {
		b.WriteString(inline(c))
	}
	return b.String() + "</row>"
}

// readBook gives the rows, or the fault that ended the reading.
func readBook(raw []byte) (rows []string, err error) {
	tb, err := OpenReader(bytes.NewReader(raw), int64(len(raw)), "x.xlsx", Limits{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, tb.Close()) }()
	rows = []string{strings.Join(tb.Header(), "|")}
	for {
		row, err := tb.Next()
		bad := (*RowError)(nil)
		switch {
		case errors.Is(err, io.EOF):
			return rows, nil
		case errors.As(err, &bad):
			rows = append(rows, fmt.Sprintf("%d!%s", bad.Row, bad.Reason))
		case err != nil:
			return rows, err
		default:
			rows = append(rows, fmt.Sprintf("%d:%s", row.Line, strings.Join(row.Cells, "|")))
		}
	}
}

// A sheet that is not whole is a fault, wherever it breaks. What was read before
// must not pass for the whole of it.
func TestBrokenSheetsAreNoShorterSheets(t *testing.T) {
	head, good := line("title", "company"), line("焊工", "甲公司")
	open := `<worksheet><sheetData>` + head + good
	end := `</sheetData></worksheet>`
	for name, sheet := range map[string]string{
		"cut inside a row":         open + `<row><c t="inlineStr"><is><t>电`,
		"cut between rows":         open,
		"cut before the end":       open + `</sheetData>`[:5],
		"a bare ampersand":         open + line("A&B", "x") + good + end,
		"an unknown entity":        open + line("&nbsp;", "x") + end,
		"an entity of its own":     `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + open + line("&a;", "x") + end,
		"a laughing entity":        `<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>` + open + line("&b;", "x") + end,
		"tags that do not fit":     open + `<row></c></row>` + end,
		"a control character":      open + line("a\x01b", "x") + end,
		"another encoding":         `<?xml version="1.0" encoding="GBK"?>` + open + end,
		"rows out of order":        `<worksheet><sheetData><row r="5">` + inline("a") + `</row><row r="5">` + inline("b") + `</row>` + end,
		"a negative row":           open + `<row r="-5">` + inline("a") + `</row>` + end,
		"a row far below":          open + `<row r="2147483600">` + inline("a") + `</row>` + end,
		"a row beyond counting":    open + `<row r="99999999999999999999">` + inline("a") + `</row>` + end,
		"cells out of order":       open + `<row><c r="B3"><v>1</v></c><c r="A3"><v>1</v></c></row>` + end,
		"a column far right":       open + `<row><c r="ZZZZZZ3"><v>1</v></c></row>` + end,
		"a text that is not there": open + `<row><c t="s"><v>7</v></c></row>` + end,
		"a negative text":          open + `<row><c t="s"><v>-1</v></c></row>` + end,
		"elements without an end":  open + strings.Repeat("<x>", 100_000),
		"a tag without an end":     open + `<row a="` + strings.Repeat("x", maxToken+1<<20) + `"></row>` + end,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readBook(handBook(t, nil, sheet))
			require.True(t, fault.HasCode(err, "exchange.broken"), "%v", err)
			require.True(t, fault.IsKind(err, fault.Invalid))
		})
	}
	_, err := readBook(handBook(t, map[string]string{"xl/sharedStrings.xml": "<sst><si><t>a</t></si><si><t>b"}, open+`<row><c t="s"><v>1</v></c></row>`+end))
	require.True(t, fault.HasCode(err, "exchange.broken"), "%v", err)
	_, err = readBook(handBook(t, map[string]string{"xl/styles.xml": "<<<"}, open+end))
	require.True(t, fault.HasCode(err, "exchange.broken"), "%v", err)
	_, err = readBook(handBook(t, nil, "no such part"))
	require.True(t, fault.HasCode(err, "exchange.broken"), "%v", err)
	_, err = readBook(handBook(t, nil))
	require.True(t, fault.HasCode(err, "exchange.empty"), "%v", err)

	// The same holds for damage below the XML, which only the checksum sees.
	raw := handBook(t, nil, open+line(strings.Repeat("工", 100))+end)
	at := bytes.Index(raw, []byte("xl/worksheets/sheet1.xml")) + 60
	raw[at] ^= 0xff
	_, err = readBook(raw)
	require.True(t, fault.HasCode(err, "exchange.broken"), "%v", err)
}

// What a small file unpacks to costs only what is looked at of it.
func TestWorkbookBombs(t *testing.T) {
	sheet := line("title") + line("焊工")
	ballast := map[string]string{}
	for i := range 4 {
		ballast[fmt.Sprintf("xl/media/image%d.xml", i)] = strings.Repeat("A", 50<<20)
	}
	for name, raw := range map[string][]byte{
		"parts nobody needs": handBook(t, ballast, sheet),
		"millions of texts":  handBook(t, map[string]string{"xl/sharedStrings.xml": "<sst>" + strings.Repeat("<si/>", 3_000_000) + "</sst>"}, sheet),
		"empty rows":         handBook(t, nil, sheet+`<row r="1048576">`+inline("电工")+`</row>`),
		"a far cell":         handBook(t, nil, sheet+`<row><c r="A3"><v>1</v></c><c r="XFD3"><v>1</v></c></row>`),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			rows, err := readBook(raw)
			runtime.ReadMemStats(&after)
			require.NoError(t, err)
			require.Equal(t, "2:焊工", rows[1])
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(16<<20))
		})
	}
}

func TestWhatCellsSay(t *testing.T) {
	styles := `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/>` +
		`<numFmt numFmtId="165" formatCode="[$¥-804]#,##0.00&quot; days&quot;;[Red]\-0"/><numFmt numFmtId="166" formatCode="[$-804]yyyy/m/d\ hh:mm"/></numFmts>` +
		`<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>` +
		`<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="20"/><xf numFmtId="9"/></cellXfs>` +
		`<cellStyles><xf numFmtId="14"/></cellStyles></styleSheet>`
	texts := `<sst><si><t>焊工</t></si><si><r><t>甲</t></r><rPh><t>jia</t></rPh><r><rPr><b/></rPr><t xml:space="preserve">公司 </t></r></si><si/></sst>`
	cell := func(attrs, value string) string { return `<c ` + attrs + `><v>` + value + `</v></c>` }
	sheet := line("a", "b", "c") + "<row>" + strings.Join([]string{
		cell(`t="s"`, "0"), cell(`t="s"`, "1"), cell(`t="s"`, "2"),
	}, "") + "</row><row>" + strings.Join([]string{
		cell(`s="1"`, "44032"), cell(`s="2"`, "44032.75"), cell(`s="4"`, "44032.75"),
	}, "") + "</row><row>" + strings.Join([]string{
		cell(`s="3"`, "6000"), cell(`s="5"`, "0.75"), cell(`s="6"`, "0.5"),
	}, "") + "</row><row>" + strings.Join([]string{
		cell(``, "0.30000000000000004"), cell(``, "1.2E4"), cell(`t="n"`, "91370100123456789012"),
	}, "") + "</row><row>" + strings.Join([]string{
		cell(`t="b"`, "1"), cell(`t="e"`, "#N/A"), cell(`t="d"`, "2020-07-20T00:00:00"),
	}, "") + `</row><row r="20"><c r="B20" t="str"><f>HYPERLINK("http://x")</f><v>甲_x000D_乙_x005F_x_x4e01_x</v></c><c s="99"><v>-1</v></c></row>` +
		`<row><c r="C21" s="1"><v>-5</v></c></row><row>` + cell(``, "NaN") + cell(``, "") + cell(`s="1"`, "1") + "</row>"
	want := []string{
		"a|b|c", "2:焊工|甲公司|", "3:2020-07-20|2020-07-20|2020-07-20 18:00:00", "4:6000|18:00:00|0.5", "5:0.3|12000|91370100123456789012",
		"6:TRUE|#N/A|2020-07-20", "20:|甲\r乙_x丁x|-1", "21:||-5", "22:NaN||1900-01-01",
	}
	rows, err := readBook(handBook(t, map[string]string{"xl/styles.xml": styles, "xl/sharedStrings.xml": texts}, sheet))
	require.NoError(t, err)
	require.Equal(t, want, rows)

	old := `<workbook xmlns:r="r"><workbookPr date1904="1"/><sheets/></workbook>`
	rows, err = readBook(handBook(t, map[string]string{"xl/styles.xml": styles, "xl/workbook.xml": old}, line("a")+"<row>"+cell(`s="1"`, "42570")+"</row>"))
	require.NoError(t, err)
	require.Equal(t, []string{"a", "2:2020-07-20"}, rows)
}

// The first sheet with text counts; what its maker hid comes last.
func TestWhichSheet(t *testing.T) {
	for name, c := range map[string]struct {
		sheets []string
		want   string
	}{
		"the first":          {[]string{line("a"), line("b")}, "a"},
		"not an empty one":   {[]string{"<row/>", line(" "), line("b")}, "b"},
		"not a hidden one":   {[]string{"-" + line("a"), line("b")}, "b"},
		"hidden but alone":   {[]string{"-" + line("a"), "<row/>"}, "a"},
		"a prefixed element": {[]string{`<x:worksheet xmlns:x="m"><x:sheetData><x:row><x:c t="str"><x:v>p</x:v></x:c></x:row></x:sheetData></x:worksheet>`}, "p"},
	} {
		t.Run(name, func(t *testing.T) {
			rows, err := readBook(handBook(t, nil, c.sheets...))
			require.NoError(t, err)
			require.Equal(t, []string{c.want}, rows)
		})
	}
}

// More texts than memory is given for lie on disk, and are gone afterwards.
func TestManySharedTexts(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	const n = 20_000
	var texts, sheet strings.Builder
	for i := range n {
		fmt.Fprintf(&texts, "<si><t>%d %s</t></si>", i, strings.Repeat("工作内容", 100))
	}
	sheet.WriteString(line("text"))
	for i := range n {
		fmt.Fprintf(&sheet, `<row><c t="s"><v>%d</v></c></row>`, (i*7919)%n)
	}
	raw := handBook(t, map[string]string{"xl/sharedStrings.xml": "<sst>" + texts.String() + "</sst>"}, sheet.String())
	rows, err := readBook(raw)
	require.NoError(t, err)
	require.Len(t, rows, n+1)
	for i, row := range rows[1:] {
		require.True(t, strings.HasPrefix(row, fmt.Sprintf("%d:%d 工作", i+2, (i*7919)%n)), row[:20])
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

// A row that is too wide or too long is a bad row, also as the heading.
func TestWideSheets(t *testing.T) {
	many := make([]string, 300)
	for i := range many {
		many[i] = "x"
	}
	_, err := readBook(handBook(t, nil, line(many...)))
	require.True(t, fault.HasCode(err, "exchange.header"), "%v", err)
	rows, err := readBook(handBook(t, nil, line("a", "b")+line(many...)+line(strings.Repeat("x", 2<<20), "y")+line("1", "2")))
	require.NoError(t, err)
	require.Equal(t, []string{"a|b", "2!columns", "3!too_long", "4:1|2"}, rows)
}

func FuzzSheet(f *testing.F) {
	f.Add(line("a", "b") + line("1", "2"))
	f.Add(`<row r="3"><c r="B3" t="s"><v>0</v></c></row>`)
	f.Fuzz(func(t *testing.T, rows string) {
		if strings.ContainsAny(rows, "\x00") {
			return
		}
		_, err := readBook(handBook(t, map[string]string{"xl/sharedStrings.xml": "<sst><si><t>x</t></si></sst>"}, "<worksheet><sheetData>"+rows+"</sheetData></worksheet>"))
		if err != nil {
			require.True(t, fault.IsKind(err, fault.Invalid), "%v", err)
		}
	})
}
