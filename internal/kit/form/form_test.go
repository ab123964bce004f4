package form_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/form"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/money"
)

type kind string

type contact struct {
	Phone string `form:"phone" check:"required,phone"`
}

type input struct {
	contact
	Contact contact // without a tag: not read
	Name    string  `form:"name" check:"required,name,max=10"`
	Note    string  `form:"note" check:"lines,max=20,min=2"`
	Title   string  `form:"title" check:"max=5"`
	Ident   string  `form:"ident" check:"ident"`
	Code    string  `form:"code" check:"credit_code"`
	Card    string  `form:"card" check:"bank_card"`
	Kind    kind    `form:"kind" check:"choice=full|part"`
	Count   int     `form:"count" check:"int,min=1,max=99"`
	Big     int64   `form:"big"`
	Pay     int64   `form:"pay" check:"money,min=1"`
	Fee     money.Fen
	Limit   money.Fen `form:"limit" check:"max=1000000"`
	Agreed  bool      `form:"agreed"`
	Born    clock.Day `form:"born" check:"day"`
	Tags    []string  `form:"tag" check:"max=3"`
	Groups  []kind    `form:"group" check:"choice=a|b"`
	Age     *int      `form:"age"`
}

// fields gives name→code of a form fault.
func fields(t *testing.T, err error) map[string]string {
	t.Helper()
	out := map[string]string{}
	if err == nil {
		return out
	}
	require.True(t, fault.HasCode(err, "form.invalid"), "%v", err)
	require.True(t, fault.IsKind(err, fault.Invalid))
	for _, f := range fault.As(err).Fields {
		out[f.Name] = f.Code
		require.Equal(t, "field."+f.Code, f.Key)
		require.True(t, i18n.Bundle().Has(i18n.ZH, f.Key), "no text for %s", f.Key)
		require.NotContains(t, i18n.Field(i18n.ZH, f), "…", "%s has a parameter without a value", f.Key)
	}
	return out
}

func TestDecode(t *testing.T) {
	var in input
	err := form.Decode(url.Values{
		"phone": {"+86 138-1234 1234"}, "name": {" 买买提•阿不都 "}, "note": {"第一行\r\n第二行 😀"}, "title": {"a\nb\tc\x07"},
		"ident": {"37010119900101001３"}, "code": {"93370305hg6rkh3l4x"}, "card": {"6200 0000 0000 0005"},
		"kind": {"part", "full"}, "count": {"１２"}, "big": {"-9223372036854775808"}, "pay": {"6,000.50"}, "limit": {"10000"},
		"agreed": {"on"}, "born": {"1990年1月2日"}, "tag": {" x ", "", "y"}, "group": {"a", "b"}, "age": {"0"},
		"unknown": {"ignored"}, "Fee": {"1"},
	}, &in)
	require.NoError(t, err)
	require.Equal(t, "13812341234", in.Phone)
	require.Empty(t, in.Contact.Phone)
	require.Equal(t, "买买提·阿不都", in.Name)
	require.Equal(t, "第一行\n第二行 😀", in.Note)
	require.Equal(t, "a b c", in.Title)
	require.Equal(t, "370101199001010013", in.Ident)
	require.Equal(t, "93370305HG6RKH3L4X", in.Code)
	require.Equal(t, "6200000000000005", in.Card)
	require.Equal(t, kind("part"), in.Kind)
	require.Equal(t, 12, in.Count)
	require.Equal(t, int64(-9223372036854775808), in.Big)
	require.Equal(t, int64(600050), in.Pay)
	require.Equal(t, money.Fen(1000000), in.Limit)
	require.True(t, in.Agreed)
	require.Equal(t, "1990-01-02", in.Born.String())
	require.Equal(t, []string{"x", "y"}, in.Tags)
	require.Equal(t, []kind{"a", "b"}, in.Groups)
	require.Zero(t, *in.Age)
}

func TestNothingTyped(t *testing.T) {
	in := input{Title: "old", Age: new(int)}
	require.Equal(t, map[string]string{"phone": "required", "name": "required"}, fields(t, form.Decode(nil, &in)))
	require.Empty(t, in.Title, "a field left empty is emptied")
	require.Nil(t, in.Age)
}

func TestEachFieldSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ field, typed, code string }{
		{"phone", "1381234123", "phone"},
		{"phone", "   ", "required"},
		{"name", "张\x00三", "charset"},
		{"name", "张\xff三", "charset"},
		{"name", "张三😀", "name"},
		{"name", "张三1", "name"},
		{"name", "<b>", "name"},
		{"name", "· ", "name"},
		{"name", strings.Repeat("张", 11), "too_long"},
		{"note", "一", "too_short"},
		{"note", strings.Repeat("😀", 21), "too_long"},
		{"ident", "37010119900101001", "length"},
		{"ident", "37010119901301001X", "date"},
		{"ident", "370101199001010014", "checksum"},
		{"ident", "37010119900101ABCD", "charset"},
		{"code", "93370305HG6RKH3L4I", "charset"},
		{"card", "6200000000000006", "checksum"},
		{"kind", "other", "choice"},
		{"count", "0", "range"},
		{"count", "100", "range"},
		{"count", "99999999999999999999", "range"},
		{"count", "1.5", "number"},
		{"count", "abc", "number"},
		{"count", "0x10", "number"},
		{"big", "9223372036854775808", "number"},
		{"pay", "1.234", "money"},
		{"pay", "六千", "money"},
		{"pay", "0", "min"},
		{"pay", "99999999999999999999", "min"},
		{"limit", "10000.01", "max"},
		{"agreed", "maybe", "choice"},
		{"born", "2019-02-29", "date"},
		{"born", "yesterday", "date"},
		{"born", "20201301", "date"},
		{"group", "c", "choice"},
		{"age", "x", "number"},
	} {
		t.Run(c.field+" "+c.code, func(t *testing.T) {
			values := url.Values{"phone": {"13812341234"}, "name": {"张三"}}
			values.Set(c.field, c.typed)
			var in input
			err := form.Decode(values, &in)
			require.Equal(t, map[string]string{c.field: c.code}, fields(t, err), "%q", c.typed)
			raw, _ := json.Marshal(fault.As(err).Fields)
			if len(c.typed) > 8 {
				require.NotContains(t, string(raw), c.typed, "an error does not repeat what was typed")
			}
		})
	}
	var in input
	err := form.Decode(url.Values{"phone": {"13812341234"}, "name": {"张三"}, "tag": {"1", "2", "3", "4"}}, &in)
	require.Equal(t, map[string]string{"tag": "too_many"}, fields(t, err))
	require.Equal(t, "张三", in.Name, "what could be read is kept for showing again")
}

func TestDirectionMarksAreDropped(t *testing.T) {
	s, ok := form.Text("invoice\u202egnp.exe\u200b\ufeff", false)
	require.True(t, ok)
	require.Equal(t, "invoicegnp.exe", s)
	s, _ = form.Text("e\u0301", false)
	require.Equal(t, "é", s)
}

func TestMoneyBoundsAreShownInYuan(t *testing.T) {
	var in struct {
		Pay money.Fen `form:"pay" check:"min=100,max=1000000"`
	}
	err := form.Decode(url.Values{"pay": {"0.5"}}, &in)
	require.Equal(t, map[string]any{"Min": "1.00", "Max": "10,000.00"}, fault.As(err).Fields[0].Params)
}

func TestRequiredBoolMustBeTrue(t *testing.T) {
	var in struct {
		Agreed bool `form:"agreed" check:"required"`
		Count  int  `form:"count" check:"required"`
	}
	require.Equal(t, map[string]string{"agreed": "required"}, fields(t, form.Decode(url.Values{"agreed": {"off"}, "count": {"0"}}, &in)))
}

func TestCheck(t *testing.T) {
	in := input{contact: contact{Phone: " 13812341234"}, Name: "张三", Title: "  t "}
	require.NoError(t, form.Check(&in))
	require.Equal(t, "13812341234", in.Phone)
	require.Equal(t, "t", in.Title)

	bad := input{Name: "a\x00", Count: 100, Kind: "odd", Groups: []kind{"z"}, Tags: []string{"1", "2", "3", "4"}, Pay: -1}
	require.Equal(t, map[string]string{
		"phone": "required", "name": "charset", "count": "range", "kind": "choice", "group": "choice", "tag": "too_many", "pay": "min",
	}, fields(t, form.Check(bad)))
}

func TestMultipart(t *testing.T) {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	require.NoError(t, w.WriteField("phone", "13812341234"))
	require.NoError(t, w.WriteField("name", "张三"))
	part, err := w.CreateFormFile("note", "x.txt")
	require.NoError(t, err)
	_, err = part.Write([]byte("a file is no text"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	r := httptest.NewRequest("POST", "/", &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	require.NoError(t, r.ParseMultipartForm(1<<20))
	var in input
	require.NoError(t, form.DecodeMultipart(r.MultipartForm, &in))
	require.Equal(t, "张三", in.Name)
	require.Empty(t, in.Note)
	require.Error(t, form.DecodeMultipart(nil, &in))
}

func TestWronglyTaggedStructsAreOurMistake(t *testing.T) {
	for _, dst := range []any{
		nil, 3, input{}, (*input)(nil),
		&struct {
			X float64 `form:"x"`
		}{},
		&struct {
			X string `form:"x" check:"max=many"`
		}{},
		&struct {
			X string `form:"x" check:"requird"`
		}{},
		&struct {
			X string `form:"x" check:"money"`
		}{},
		&struct {
			X string `form:"x" check:"required=yes"`
		}{},
		&struct {
			x string `form:"x"` //nolint:unused // the tag on a hidden field is what is tried
		}{},
	} {
		err := form.Decode(url.Values{"x": {"1"}}, dst)
		require.True(t, fault.IsKind(err, fault.Internal), "%T: %v", dst, err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("phone", "13812341234")
	f.Add("born", "2020-01-01")
	f.Add("pay", "1,000.00")
	f.Fuzz(func(t *testing.T, name, typed string) {
		in := input{}
		if err := form.Decode(url.Values{"phone": {"13812341234"}, "name": {"张三"}, name: {typed}}, &in); err != nil {
			require.True(t, fault.IsKind(err, fault.Invalid), "%v", err)
			return
		}
		again := in
		require.NoError(t, form.Check(&again), "what was accepted stays accepted")
		require.True(t, reflect.DeepEqual(in, again), "cleaning twice changes nothing")
	})
}
