package document_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/blob"
	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/core/document"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/page"
)

type bench struct {
	dir   string
	audit *audit.Log
	docs  *document.Service
}

func each(t *testing.T, test func(t *testing.T, ctx context.Context, b *bench)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.NewFake(time.Date(2020, 7, 20, 4, 0, 0, 0, time.UTC))
		dir := t.TempDir()
		store, err := blob.Open(dir)
		require.NoError(t, err)
		log := audit.New(d, c)
		test(t, db.SystemScope(t.Context(), "test"), &bench{dir, log, document.New(document.Deps{DB: d, Blob: store, Clock: c, Audit: log})})
	})
}

var owner = document.Owner{
	City: "3701", SubjectKind: "case", SubjectID: "k1", OrgPath: "000100010001", PersonID: "p1", CompanyID: "c1",
}

const pdf = "%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"

func picture(t *testing.T, encode func(io.Writer, image.Image) error) string {
	var b bytes.Buffer
	require.NoError(t, encode(&b, image.NewGray(image.Rect(0, 0, 2, 2))))
	return b.String()
}

func workbook(t *testing.T) string {
	f := excelize.NewFile()
	require.NoError(t, f.SetCellValue("Sheet1", "A1", "姓名"))
	b, err := f.WriteToBuffer()
	require.NoError(t, err)
	return b.String()
}

func TestAttachAndOpen(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		for _, c := range []struct{ name, body, media, shown string }{
			{"证明.pdf", pdf, "application/pdf", "证明.pdf"},
			{"../../etc/passwd", pdf, "application/pdf", "passwd.pdf"},
			{`C:\Users\张三\合同.PDF`, pdf, "application/pdf", "合同.pdf"},
			{"合同.exe", pdf, "application/pdf", "合同.pdf"},
			{"合同 2020.07", pdf, "application/pdf", "合同 2020.07.pdf"},
			{"", pdf, "application/pdf", "file.pdf"},
			{"...", pdf, "application/pdf", "file.pdf"},
			{"a<script>\".png", picture(t, png.Encode), "image/png", "ascript.png"},
			{"照片\u202egnp.exe", picture(t, png.Encode), "image/png", "照片gnp.png"},
			{"照片.jpeg", picture(t, func(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, nil) }), "image/jpeg", "照片.jpeg"},
			{"表.xlsx", workbook(t), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "表.xlsx"},
			{"名单.csv", "姓名,电话\n张三,+86 138\n李四,-\n王五,-5.5\n\"a,b\",\"=\"\"\n", "text/csv", ""},
			{"名单.csv", "姓名\n张三\n", "text/csv", "名单.csv"},
			{strings.Repeat("长", 200) + ".pdf", pdf, "application/pdf", strings.Repeat("长", 76) + ".pdf"},
		} {
			if c.shown == "" { // a formula hidden in quotes
				_, err := b.docs.Attach(ctx, owner, c.name, strings.NewReader(c.body))
				require.ErrorIs(t, err, document.ErrFormula)
				continue
			}
			d, err := b.docs.Attach(ctx, owner, c.name, strings.NewReader(c.body))
			require.NoError(t, err, c.name)
			require.Equal(t, c.shown, d.Name)
			require.Equal(t, c.media, d.MediaType)
			require.EqualValues(t, len(c.body), d.Size)
			got, body, err := b.docs.Open(ctx, d.City, d.ID)
			require.NoError(t, err)
			require.Equal(t, d, got)
			raw, err := io.ReadAll(body)
			require.NoError(t, err)
			require.NoError(t, body.Close())
			require.Equal(t, c.body, string(raw))
		}
	})
}

func TestAttachRefuses(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		for name, c := range map[string]struct {
			file, body string
			want       string
		}{
			"html":                 {"a.pdf", "<!DOCTYPE html><html><script>alert(1)</script>", "document.type"},
			"html called csv":      {"a.csv", "<html><body>x</body></html>", "document.type"},
			"svg":                  {"a.png", `<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`, "document.type"},
			"xml":                  {"a.csv", `<?xml version="1.0"?><a/>`, "document.type"},
			"script":               {"a.csv", "#!/bin/sh\nrm -rf /\n", "document.type"},
			"program":              {"a.pdf", "MZ\x90\x00\x03\x00\x00\x00", "document.type"},
			"zip":                  {"a.xlsx", "PK\x03\x04\x14\x00\x00\x00\x00\x00" + strings.Repeat("\x00", 40), "document.type"},
			"plain text":           {"a.txt", "您好", "document.type"},
			"text called pdf":      {"a.pdf", "您好", "document.type"},
			"nothing":              {"a.pdf", "", "blob.empty"},
			"name with NUL":        {"a\x00.pdf", pdf, "document.name"},
			"name of broken bytes": {"\xff.pdf", pdf, "document.name"},
			"formula":              {"a.csv", "姓名,备注\n张三,=HYPERLINK(\"x\")\n", "document.formula"},
			"formula first":        {"a.csv", "\ufeff=1+1,x\ny,z\n", "document.formula"},
			"formula after space":  {"a.csv", "a,b\nc, =1+1\n", "document.formula"},
			"at sign":              {"a.csv", "a,b\nc,@SUM(A1)\n", "document.formula"},
			"plus and command":     {"a.csv", "a,b\nc,+cmd|' /C calc'!A0\n", "document.formula"},
			"number and command":   {"a.csv", "a;b\nc;-2+3+cmd|' /C calc'!A0\n", "document.formula"},
			"quoted formula":       {"a.csv", "a,b\n\"=1\",d\n", "document.formula"},
			"formula late":         {"a.csv", "a,b\n" + strings.Repeat("c,d\n", 5000) + "=1,e\n", "document.formula"},
		} {
			_, err := b.docs.Attach(ctx, owner, c.file, strings.NewReader(c.body))
			require.True(t, fault.HasCode(err, c.want), "%s: %v", name, err)
			require.True(t, fault.IsKind(err, fault.Invalid), name)
		}
		large := io.MultiReader(strings.NewReader(pdf), io.LimitReader(endless{}, 100<<20))
		_, err := b.docs.Attach(ctx, owner, "a.pdf", large)
		require.True(t, fault.HasCode(err, "blob.too_large"), "%v", err)
		_, err = b.docs.Attach(ctx, owner, "a.pdf", io.MultiReader(strings.NewReader(pdf), iotest.ErrReader(errors.New("gone"))))
		require.True(t, fault.HasCode(err, "blob.unreadable"), "%v", err)

		list, err := b.docs.List(ctx, owner.City, owner.SubjectKind, owner.SubjectID)
		require.NoError(t, err)
		require.Empty(t, list)
		files := 0
		require.NoError(t, filepath.WalkDir(b.dir, func(_ string, e os.DirEntry, err error) error {
			if !e.IsDir() {
				files++
			}
			return err
		}))
		require.Zero(t, files, "nothing of a refused file stays")
	})
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestLimitOfARecord(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		for range document.MaxPerOwner {
			_, err := b.docs.Attach(ctx, owner, "a.pdf", strings.NewReader(pdf))
			require.NoError(t, err)
		}
		_, err := b.docs.Attach(ctx, owner, "a.pdf", strings.NewReader(pdf))
		require.True(t, fault.HasCode(err, "document.too_many"))
		other := owner
		other.SubjectID = "k2"
		_, err = b.docs.Attach(ctx, other, "a.pdf", strings.NewReader(pdf))
		require.NoError(t, err)
	})
}

func TestScope(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		d, err := b.docs.Attach(ctx, owner, "a.pdf", strings.NewReader(pdf))
		require.NoError(t, err)
		bare := owner // about nobody: an empty person or company opens nothing
		bare.SubjectID, bare.PersonID, bare.CompanyID = "k2", "", ""
		e, err := b.docs.Attach(ctx, bare, "a.pdf", strings.NewReader(pdf))
		require.NoError(t, err)
		for name, c := range map[string]struct {
			scope      db.Scope
			sees, bare bool
		}{
			"unit":         {db.Scope{Paths: []string{"000100010001"}}, true, true},
			"above":        {db.Scope{Paths: []string{"0001"}}, true, true},
			"sister":       {db.Scope{Paths: []string{"000100010002"}}, false, false},
			"sister city":  {db.Scope{Paths: []string{"00010002"}}, false, false},
			"below":        {db.Scope{Paths: []string{"0001000100010001"}}, false, false},
			"person":       {db.Scope{PersonID: "p1"}, true, false},
			"other person": {db.Scope{PersonID: "p2"}, false, false},
			"company":      {db.Scope{Companies: []string{"c1"}}, true, false},
			"other":        {db.Scope{Companies: []string{"c2"}}, false, false},
			"nobody":       {db.Scope{}, false, false},
		} {
			t.Run(name, func(t *testing.T) {
				ctx := db.WithScope(t.Context(), c.scope)
				for _, x := range []struct {
					d    document.Document
					sees bool
				}{{d, c.sees}, {e, c.bare}} {
					_, gerr := b.docs.Get(ctx, x.d.City, x.d.ID)
					_, body, oerr := b.docs.Open(ctx, x.d.City, x.d.ID)
					list, lerr := b.docs.List(ctx, x.d.City, x.d.SubjectKind, x.d.SubjectID)
					require.NoError(t, lerr)
					_, aerr := b.docs.Attach(ctx, x.d.Owner, "b.png", strings.NewReader("not a picture"))
					if x.sees {
						require.NoError(t, gerr)
						require.NoError(t, oerr)
						require.NoError(t, body.Close())
						require.Len(t, list, 1)
						require.ErrorIs(t, aerr, document.ErrType)
						continue
					}
					require.ErrorIs(t, gerr, document.ErrNotFound)
					require.ErrorIs(t, oerr, document.ErrNotFound)
					require.Empty(t, list)
					require.ErrorIs(t, aerr, document.ErrNotFound)
				}
			})
		}
		for _, ref := range [][2]string{{"3701", id.New()}, {"3702", d.ID}, {"3701", "\x00"}, {"3701", "' OR 1=1 --"}} {
			_, _, err := b.docs.Open(ctx, ref[0], ref[1])
			require.ErrorIs(t, err, document.ErrNotFound)
		}
		_, err = b.docs.Get(t.Context(), d.City, d.ID)
		require.True(t, fault.IsKind(err, fault.Forbidden), "no scope, no document")
		_, err = b.docs.Attach(ctx, document.Owner{City: "3701"}, "a.pdf", strings.NewReader(pdf))
		require.ErrorIs(t, err, document.ErrNotFound, "a document belongs to a record")
	})
}

func TestOpeningIsAudited(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, b *bench) {
		d, err := b.docs.Attach(ctx, owner, "a.pdf", strings.NewReader(pdf))
		require.NoError(t, err)
		clerk := audit.WithActor(db.WithScope(t.Context(), db.Scope{Paths: []string{"0001"}}), "a1", "王干事")
		_, body, err := b.docs.Open(clerk, d.City, d.ID)
		require.NoError(t, err)
		require.NoError(t, body.Close())
		uses, err := b.audit.ListForPerson(ctx, "p1", page.Request{})
		require.NoError(t, err)
		var did []string
		for _, u := range uses.Items {
			did = append(did, string(u.Action)+" "+u.ActorName)
		}
		require.ElementsMatch(t, []string{"document.opened 王干事", "document.attached test"}, did)
	})
}
