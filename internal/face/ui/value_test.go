package ui_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/stretchr/testify/require"

	"gonghui/internal/face/ui"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
)

var (
	zh = i18n.With(context.Background(), i18n.ZH)
	en = i18n.With(context.Background(), i18n.EN)
)

func TestNumber(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000", -999: "-999", -9223372036854775808: "-9,223,372,036,854,775,808"} {
		require.Equal(t, want, ui.Number(n))
	}
}

func TestMoney(t *testing.T) {
	for fen, want := range map[int64]string{0: "0 元", 100: "1 元", 123456789: "1,234,567.89 元", 5: "0.05 元", -5: "-0.05 元", -150: "-1.50 元", -100000: "-1,000 元"} {
		require.Equal(t, want, ui.Money(zh, fen))
	}
	require.Equal(t, "1,000 yuan", ui.Money(en, 100000))
}

func TestDays(t *testing.T) {
	monday := clock.MakeDay(2020, 7, 20)
	require.Equal(t, "2020年7月20日 (周一)", ui.Day(zh, monday))
	require.Equal(t, "2020年7月19日 (周日)", ui.Day(zh, monday.Add(-1)))
	require.Equal(t, "Mon 20 July 2020", ui.Day(en, monday))
	require.Equal(t, "—", ui.Day(zh, 0))
	require.Equal(t, "7月20日", ui.ShortDay(zh, monday, monday))
	require.Equal(t, "2019年12月31日", ui.ShortDay(zh, clock.MakeDay(2019, 12, 31), monday))
	require.Equal(t, "31 Dec 2019", ui.ShortDay(en, clock.MakeDay(2019, 12, 31), monday))
	require.Equal(t, "2020年7月21日 00:05", ui.Moment(zh, time.Date(2020, 7, 20, 16, 5, 0, 0, time.UTC)), "Shanghai time")
}

func TestRest(t *testing.T) {
	for _, tt := range []struct {
		days  int
		state ui.State
		zh    string
		en    string
	}{
		{-3, ui.Overdue, "超期 3 个工作日", "3 working days over"},
		{-1, ui.Overdue, "超期 1 个工作日", "1 working day over"},
		{0, ui.DueSoon, "今天到期", "Due today"},
		{1, ui.DueSoon, "剩 1 个工作日", "1 working day left"},
		{2, ui.DueSoon, "剩 2 个工作日", "2 working days left"},
		{3, ui.Waiting, "剩 3 个工作日", "3 working days left"},
	} {
		require.Equal(t, ui.Rest{State: tt.state, Text: tt.zh}, ui.RestOf(zh, tt.days, 2, true))
		require.Equal(t, tt.en, ui.RestOf(en, tt.days, 2, true).Text)
	}
	require.Equal(t, "剩 9 天", ui.RestOf(zh, 9, 2, false).Text)
}

func TestErrorsOf(t *testing.T) {
	require.Empty(t, ui.ErrorsOf(i18n.ZH, nil))
	errs := ui.ErrorsOf(i18n.ZH, fault.New(fault.Invalid, "form.invalid", fault.OnField("phone", "phone"), fault.OnField("name", "required")))
	require.Equal(t, "请填写这一项。", errs.On("name"))
	require.Equal(t, "phone", errs[0].Field, "in the order of the form")
	require.Empty(t, errs.On("other"))
	hidden := ui.ErrorsOf(i18n.ZH, errors.New("disk on fire"))
	require.Len(t, hidden, 1)
	require.NotContains(t, hidden[0].Text, "disk", "a cause is never shown")
}

func render(t *testing.T, ctx context.Context, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, c.Render(ctx, &b))
	return b.String()
}

// What people type is shown, never run.
func TestHostileText(t *testing.T) {
	out := render(t, zh, ui.JobCard(ui.Job{Href: "javascript:alert(1)", Title: `<script>alert(1)</script>`, Company: `"><img src=x>`}))
	require.NotContains(t, out, "<script>")
	require.NotContains(t, out, "<img")
	require.NotContains(t, out, "javascript:")
	out = render(t, zh, ui.Button(ui.Action{Label: "x", Href: "JaVaScRiPt:alert(1)"}))
	require.NotContains(t, out, "alert")
	out = render(t, zh, ui.Chart(ui.ChartArgs{ID: "a", Option: map[string]string{"x": "</script><script>alert(1)"}}))
	require.NotContains(t, out, "</script><script>alert")
	require.Error(t, ui.Chart(ui.ChartArgs{Option: func() {}}).Render(zh, &bytes.Buffer{}), "an option that is no JSON")
	require.Contains(t, render(t, zh, ui.Button(ui.Action{Label: "x", Href: "tel:12351"})), `href="tel:12351"`)
	require.Contains(t, render(t, zh, ui.Pager("", "?after=a:b")), `href="?after=a:b"`)
}

// A fragment for htmx speaks the page's language and carries its token.
func TestFragment(t *testing.T) {
	p := ui.Page{Lang: i18n.EN, Token: "t0ken"}
	out := render(t, context.Background(), ui.With(p, ui.PostButton("/x", ui.Action{Label: "x"})))
	require.Contains(t, out, `name="_token" value="t0ken"`)
	require.Contains(t, render(t, context.Background(), ui.With(p, ui.StatusTag(ui.Done))), "Done")
	require.Contains(t, render(t, zh, ui.StatusTag("unheard of")), "提示", "an unknown state is shown as a note")
	require.NotContains(t, render(t, zh, ui.Form(ui.FormArgs{Action: "/x"})), "_token", "no page, no token")
}

// The switches come back to the same address, whatever is in it.
func TestSwitchesComeBack(t *testing.T) {
	out := render(t, context.Background(), ui.Phone(ui.Page{Path: "/jobs?q=电工&city=3701", Lang: i18n.ZH}))
	require.Contains(t, out, "/prefs?back=%2Fjobs%3Fq%3D%E7%94%B5%E5%B7%A5%26city%3D3701&amp;lang=en")
	require.Contains(t, out, "type=large")
}

func TestPick(t *testing.T) {
	options := []ui.Option{{Value: "a"}, {Value: "b"}}
	got := ui.Pick(options, "b", "c")
	require.False(t, got[0].Selected)
	require.True(t, got[1].Selected)
	require.False(t, options[1].Selected, "the given options stay as they are")
}

// A summary says which field each mistake is about, in the order of the page, and
// does not repeat a name that its sentence holds already.
func TestSummaryNamesTheFields(t *testing.T) {
	errs := ui.Errors{{Field: "pay", Text: "请写明工资范围。"}, {Field: "agree", Text: "请勾选同意。"}, {Field: "name", Text: "请填写这一项。"}, {Text: "请再试一次。"}}
	page := templ.Join(
		ui.ErrorSummary(errs),
		ui.TextInput(ui.Field{Name: "name", Label: "姓名"}),
		ui.Radios(ui.Field{Name: "kind", Label: "类别"}, nil),
		ui.TextInput(ui.Field{Name: "pay", Label: "工资"}),
		ui.Checkbox(ui.Field{Name: "agree", Label: "我同意让企业看到我的手机号码"}, false),
	)
	out := render(t, zh, ui.Labelled(page))
	require.Contains(t, out, "有 4 处需要改正")
	var at []int
	for _, text := range []string{">请再试一次。<", ">姓名：请填写这一项。<", ">请写明工资范围。<", ">请勾选同意。<"} {
		i := strings.Index(strings.Join(strings.Fields(out), ""), text)
		require.Positive(t, i, "%s in %s", text, out)
		at = append(at, i)
	}
	require.IsIncreasing(t, at)
	require.Contains(t, render(t, zh, page), ">请填写这一项。<", "without the labels the sentences stand as they are")
	require.Contains(t, render(t, en, ui.Labelled(templ.Join(ui.ErrorSummary(errs[:1]), ui.TextInput(ui.Field{Name: "pay", Label: "Pay"})))), "One answer needs a change")
}

func TestProseKeepsLinesAndLanguage(t *testing.T) {
	require.Equal(t, `<div class="prose"><p>一。</p><p>二。</p></div>`, render(t, zh, ui.Prose("一。\n\n 二。 \r\n")))
	require.Contains(t, render(t, en, ui.Prose("焊工")), `lang="zh-CN"`)
	require.NotContains(t, render(t, en, ui.Prose("Welder")), "lang=")
}

func TestAddress(t *testing.T) {
	for _, tt := range [][3]string{
		{"370102", "裕民路44号", "山东省济南市历下区裕民路44号"},
		{"370102", "历下区裕民路44号", "山东省济南市历下区裕民路44号"},
		{"370102", "山东省济南市历下区裕民路44号", "山东省济南市历下区裕民路44号"},
		{"370102", "济南市历城区裕民路44号", "山东省济南市历下区历城区裕民路44号"}, // they contradict: both stand
		{"370102", "历下区", "山东省济南市历下区"},
		{"370102", "", "山东省济南市历下区"},
		{"", "裕民路44号", "裕民路44号"},
	} {
		require.Equal(t, tt[2], ui.Address(zh, tt[0], tt[1]), tt)
	}
	require.Equal(t, "裕民路44号, Lixia District, Jinan, Shandong", ui.Address(en, "370102", "济南市历下区裕民路44号"))
}

func TestPlaceTableWithoutTargets(t *testing.T) {
	render := func(places ...ui.Place) string {
		var b bytes.Buffer
		require.NoError(t, ui.PlaceTable("x", places).Render(en, &b))
		return b.String()
	}
	aimed := render(ui.Place{Name: "a", Value: "1", Target: "2", Percent: 50, Rank: 1, State: ui.Overdue, Word: "behind"}, ui.Place{Name: "b", Value: "3", Percent: 100})
	require.Contains(t, aimed, "50%")
	require.NotContains(t, aimed, "100%", "of what?")
	open := render(ui.Place{Name: "a", Value: "1", Percent: 33}, ui.Place{Name: "b", Value: "3", Percent: 100})
	require.NotContains(t, open, "%<")
	require.NotContains(t, open, "Target")
	require.Contains(t, open, "Against the largest")
}
