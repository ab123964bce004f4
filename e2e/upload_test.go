package e2e_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/csv"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"gonghui/internal/core/casework"
	"gonghui/internal/measure/employment"
)

// signInStaff proves a login.
func (v *visitor) signInStaff(login string) *visitor {
	v.t.Helper()
	a := v.post("/desk/signin", "/desk/signin", "user", login, "password", password)
	require.Equal(v.t, http.StatusSeeOther, a.status, a.says())
	return v
}

// upload sends a file as a browser does, without holding it in memory.
func (v *visitor) upload(name string, content io.Reader) answer {
	v.t.Helper()
	var head bytes.Buffer
	form := multipart.NewWriter(&head)
	for k, values := range v.form("/desk/imports", "/desk/imports") {
		if k != "file" {
			require.NoError(v.t, form.WriteField(k, values[0]))
		}
	}
	_, err := form.CreateFormFile("file", name)
	require.NoError(v.t, err)
	tail := "\r\n--" + form.Boundary() + "--\r\n"
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.h.base+"/desk/imports", io.MultiReader(&head, content, strings.NewReader(tail)))
	require.NoError(v.t, err)
	req.Header.Set("Content-Type", form.FormDataContentType())
	return v.do(req)
}

func brokenUploads(t *testing.T, h *house) {
	v := h.visitor(t).signInStaff("huaiyin1")
	for name, x := range map[string]struct {
		file    string
		content io.Reader
		says    string
	}{
		"100 MB":                 {"a.csv", &endless{n: 100 << 20, head: strings.NewReader("职位,公司,地点\n")}, say("fault.web.too_large", "MB", 60)},
		"55 MB":                  {"b.csv", &endless{n: 55 << 20, head: strings.NewReader("职位,公司,地点\n")}, ""},
		"a bomb":                 {"c.xlsx", bomb(t, true), ""},
		"a bomb that lies":       {"d.xlsx", bomb(t, false), ""},
		"half an xlsx":           {"e.xlsx", bytes.NewReader(workbook(t)[:700]), ""},
		"an old xls":             {"f.xls", strings.NewReader("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 5000)), ""},
		"a program":              {"g.csv", strings.NewReader("\x7fELF\x02\x01\x01" + strings.Repeat("\x00\x01", 900)), ""},
		"nothing":                {"h.csv", strings.NewReader(""), ""},
		"no columns we need":     {"../../etc/passwd.csv", strings.NewReader("a,b\n1,2\n"), "-"},
		"one endless row":        {"i.csv", &endless{n: 3 << 20, head: strings.NewReader("职位,公司,地点,")}, ""},
		"three thousand columns": {"j.csv", strings.NewReader(strings.Repeat("a,", 3000) + "\n"), ""},
	} {
		got := v.upload(x.file, x.content)
		if x.says == "-" { // a table all the same: the person says which column is which
			require.Equal(t, http.StatusSeeOther, got.status, "%s: %s", name, got.says())
			require.NotContains(t, v.get(got.to).says(), "..", name)
			continue
		}
		require.Equal(t, http.StatusUnprocessableEntity, got.status, "%s: %s %s", name, got.to, got.says())
		require.Contains(t, got.says(), x.says, name)
	}
	got := v.send("/desk/imports", v.form("/desk/imports", "/desk/imports"))
	require.Equal(t, http.StatusUnprocessableEntity, got.status, "no file at all")
}

// A file with every fault we know of: what can be understood comes in, the rest
// is listed with row and reason, and the numbers add up.
func brokenRows(t *testing.T, h *house) {
	v := h.visitor(t).signInStaff("huaiyin1")
	rows := []string{
		"职位,公司,薪资,地点,标签",
		"铣工,济南宏图机械有限公司,6000-8000元/月,济南市槐荫区,五险",
		`"=HYPERLINK(""http://evil.example"",""点我"")",济南宏图机械有限公司,6千,济南市槐荫区,`,
		"钳工😀,济南😀有限公司,5000-6000元/月,济南市槐荫区,",
		"磨工\x00,济南宏图机械有限公司,5000,济南市槐荫区,",
		"镗工,济南宏图机械有限公司,很多钱,济南市槐荫区,",
		"刨工,济南宏图机械有限公司,5000-6000元/月,火星,",
		"+cmd|' /C calc'!A0,,5000,,",
		`焊工,"济南"宏"图,5000-6000元/月,济南市槐荫区,`,
		`车工,"没有关上的引号,5000-6000元/月,济南市槐荫区,`,
	}
	got := v.upload("broken.csv", strings.NewReader(strings.Join(rows, "\n")+"\n"))
	require.Equal(t, http.StatusSeeOther, got.status, got.says())
	page := got.to
	wait := func(want employment.BatchState) employment.Batch {
		var b employment.Batch
		parts := strings.Split(page, "/")
		require.Eventually(t, func() bool {
			var err error
			b, err = h.app.Employment.GetBatch(h.system(), parts[3], parts[4])
			return err == nil && !b.Working() && b.State != employment.BatchUploaded
		}, 20*time.Second, 50*time.Millisecond)
		require.Equal(t, want, b.State, "%+v", b)
		require.Equal(t, b.Report.Rows, b.Report.Imported+b.Report.Collapsed+b.Report.Unchanged+b.Report.Failed, "%+v", b.Report)
		return b
	}
	require.Equal(t, page, v.send(page+"/check", v.form(page, page+"/check")).to)
	b := wait(employment.BatchReady)
	require.GreaterOrEqual(t, b.Report.Imported, int64(1), "%+v", b.Report)
	require.GreaterOrEqual(t, b.Report.Failed, int64(3), "%+v", b.Report)
	require.Equal(t, page, v.send(page+"/start", v.form(page, page+"/start")).to)
	again := wait(employment.BatchDone)
	require.Equal(t, b.Report, again.Report, "what the dry run said came true")

	got = v.get(page + "/errors")
	require.Equal(t, 200, got.status)
	cells, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(got.text, "\ufeff"))).ReadAll()
	require.NoError(t, err, "the error file is a clean table: %s", got.text)
	for _, row := range cells {
		for _, cell := range row {
			require.False(t, strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "+") || strings.HasPrefix(cell, "@"), "a formula gets out: %q", cell)
			require.NotContains(t, cell, "\x00")
		}
	}
	// The same file again changes nothing.
	got = v.upload("broken.csv", strings.NewReader(strings.Join(rows, "\n")+"\n"))
	if got.status == http.StatusSeeOther && got.to != page {
		page = got.to
		v.send(page+"/check", v.form(page, page+"/check"))
		require.Zero(t, wait(employment.BatchReady).Report.Imported, "a file brought in twice changes nothing")
	}
}

// Two clerks decide on the same vacancy at once: one decision, and the other
// clerk is told.
func twoClerks(t *testing.T, h *house, waiting employment.Vacancy) {
	path := "/desk/cases/" + employment.FlowVacancy + "/" + waiting.CityCode + "/" + waiting.ID
	var got [2]answer
	var clerks [2]*visitor
	var forms [2]url.Values
	for i, login := range []string{"huaiyin1", "huaiyin2"} {
		clerks[i] = h.visitor(t).signInStaff(login)
		forms[i] = clerks[i].form(path, path+"/step")
		forms[i].Set("event", []string{"publish", "return"}[i])
		forms[i].Set("reason.return", "请补充工作时间")
	}
	var both sync.WaitGroup
	for i := range clerks {
		both.Go(func() { got[i] = clerks[i].send(path+"/step", forms[i]) })
	}
	both.Wait()
	won, lost := 0, 1
	if got[0].status != http.StatusSeeOther {
		won, lost = 1, 0
	}
	require.Equal(t, http.StatusSeeOther, got[won].status, got[won].says())
	require.Equal(t, http.StatusConflict, got[lost].status, got[lost].says())
	require.Contains(t, got[lost].says(), say("desk.record.conflict"))
	v, err := h.app.Employment.VacancyByNumber(h.system(), waiting.Number)
	require.NoError(t, err)
	require.Equal(t, []string{"published", "returned"}[won], v.State)
	events, err := h.app.Cases.History(h.system(), casework.Ref{City: waiting.CityCode, ID: waiting.ID})
	require.NoError(t, err)
	require.Len(t, events, 2, "the opening and one decision")
}

func workbook(t testing.TB) []byte {
	t.Helper()
	f := excelize.NewFile()
	require.NoError(t, f.SetSheetRow("Sheet1", "A1", &[]string{"职位", "公司", "地点"}))
	var b bytes.Buffer
	require.NoError(t, f.Write(&b))
	require.NoError(t, f.Close())
	return b.Bytes()
}

// bomb is a workbook of two megabytes whose sheet unpacks to two gigabytes. The
// honest one says so in its table of contents, the other says a thousand bytes.
func bomb(t testing.TB, honest bool) io.Reader {
	t.Helper()
	const part, times = 8 << 20, 256
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	require.NoError(t, err)
	blanks := bytes.Repeat([]byte(" "), part)
	write := func(b []byte) []byte {
		at := packed.Len()
		_, err := w.Write(b)
		require.NoError(t, err)
		require.NoError(t, w.Flush())
		return bytes.Clone(packed.Bytes()[at:])
	}
	write([]byte(`<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`))
	write(blanks)
	one := write(blanks) // the same blanks after blanks: this piece may be repeated
	for range times {
		packed.Write(one)
	}
	packed.Write([]byte{1, 0, 0, 0xff, 0xff}) // the end of the stream

	good, err := zip.NewReader(bytes.NewReader(workbook(t)), int64(len(workbook(t))))
	require.NoError(t, err)
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range good.File {
		if f.Name != "xl/worksheets/sheet1.xml" {
			require.NoError(t, z.Copy(f))
			continue
		}
		h := &zip.FileHeader{Name: f.Name, Method: zip.Deflate, CompressedSize64: uint64(packed.Len()), UncompressedSize64: part * (times + 2)}
		if !honest {
			h.UncompressedSize64 = 1000
		}
		raw, err := z.CreateRaw(h)
		require.NoError(t, err)
		_, err = raw.Write(packed.Bytes())
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return &out
}
