package desk_test

import (
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"gonghui/internal/core/access"
	"gonghui/internal/core/rules"
	"gonghui/internal/face/facetest"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/page"
)

// The whole way of a number: read, proposed, tried, returned, written anew, approved
// by a second person, and served to workers.
func TestANumberIsChangedByTwo(t *testing.T) {
	h := open(t)
	h.Staff("shengyi", access.RoleProvince, "37")
	h.Staff("shenger", access.RoleProvince, "37")
	one, two := h.Desk("shengyi"), h.Desk("shenger")

	s := one.Get("/desk/rules")
	require.True(t, s.Has(`nav a[href="/desk/rules"]`))
	row := rowOf(t, s.Doc, "审核期限", "2 个工作日")
	for _, word := range []string{"2020年1月1日起", "山东", "本省暂定", "随程序提供的默认值，等本省确认"} {
		require.Contains(t, row.Text(), word)
	}
	require.NotContains(t, s.Text("main"), "ASSUMED")
	require.Contains(t, s.Text("main"), "就业服务")
	require.Contains(t, one.Get("/desk/rules?q=投递").Text("table"), "每天投递上限")
	require.NotContains(t, one.Get("/desk/rules?q=投递").Text("table"), "审核期限")
	require.Contains(t, one.Get("/desk/rules?q=没有这项").Text("main"), "没有符合条件的记录")
	require.NotContains(t, one.Get("/desk/rules?basis=fact").Text("main"), "审核期限")
	require.Contains(t, one.Get("/desk/rules?basis=fact").Text("main"), "经费收缴和返还")
	require.Contains(t, rowOf(t, one.Get("/desk/rules?on=2019-12-31").Doc, "审核期限").Text(), "还没有规定")
	for query, id := range map[string]string{"on=x": "f-on", "basis=law": "f-basis", "place=9999": "f-place"} {
		s := one.Get("/desk/rules?" + query)
		require.Equal(t, 422, s.Code, query)
		require.True(t, s.Has(`.problem a[href="#`+id+`"]`), query)
	}

	const at = "/desk/rules/employment.review_workdays"
	s = one.Get(at)
	require.Contains(t, s.Text("dl.facts"), "山东现行2 个工作日")
	require.Contains(t, s.Text("dl.facts"), "1 个工作日 到 250 个工作日")
	require.Contains(t, rowOf(t, s.Doc, "2020年1月1日起").Text(), "程序默认")
	require.Equal(t, 404, one.Get("/desk/rules/employment.nothing").Code)

	s = one.Get(at + "/propose")
	require.Equal(t, "2", s.Form(at+"/propose").Get("value"), "the value of today stands there")
	require.Contains(t, s.Text("form.form"), "个工作日")
	empty := one.Send(s, at+"/propose", "value", "")
	require.Equal(t, 422, empty.Code)
	for _, id := range []string{"f-from", "f-citation", "f-reason", "f-basis"} {
		require.True(t, empty.Has(`.problem a[href="#`+id+`"]`) && empty.Has("#"+id), id)
	}
	write := []string{"value", "300", "from.year", "2020", "from.month", "8", "from.day", "1", "citation", "鲁工办发〔2020〕21号", "basis", "fact", "reason", "县级人手不足"}
	s = one.Send(empty, at+"/propose", write...)
	require.Equal(t, 422, s.Code)
	require.Contains(t, s.Text(".field-error"), "请填写 1 到 250 之间的数", "it says what is wrong, not that something is")
	require.Equal(t, "鲁工办发〔2020〕21号", s.Form(at+"/propose").Get("citation"))
	require.Equal(t, "2020", s.Form(at+"/propose").Get("from.year"))
	s = one.Send(s, at+"/propose", "value", "3")
	path := s.Path
	require.True(t, strings.HasPrefix(path, "/desk/rules/changes/3700/"), path)
	require.Contains(t, s.Text("main"), "已保存，还没有提交")
	require.Contains(t, s.Text("h1"), "审核期限")
	require.Contains(t, s.Text("dl.facts"), "新的取值3 个工作日")
	require.Contains(t, s.Text("dl.facts"), "不调整时2 个工作日（山东）")

	// Tried before it takes effect: one vacancy and one company wait in the county.
	h.Fake.Advance(72 * time.Hour) // Thursday
	s = one.Send(one.Get(path), path+"/try")
	require.Equal(t, path, s.Path, "the mark of the place is the browser's")
	require.Contains(t, rowOf(t, s.Doc, "现在等待审核").Text(), "2")
	require.Equal(t, "其中已超期 2 0", cells(rowOf(t, s.Doc, "其中已超期")))
	require.False(t, s.Has(`form[action="`+path+`/example"]`), "there is nothing to type")

	s = one.Send(s, path+"/step", "event", "submit")
	require.Contains(t, s.Text("main"), "待审批")
	require.Contains(t, s.Text("aside"), "要由另一个人审批")
	require.Contains(t, s.Text("aside"), "剩 5 个工作日")
	form := s.Form(path+"/step", "event", "withdraw")
	form.Set("event", "approve")
	s = one.Post(path+"/step", form)
	require.Equal(t, 403, s.Code, "pressed without the button")
	require.Contains(t, s.Text("main"), "另一")

	queue := two.Get("/desk")
	require.Contains(t, rowOf(t, queue.Doc, "参数调整").Text(), "审批")
	require.True(t, queue.Has(`a[href="`+path+`"]`))
	require.Equal(t, 1, two.Get("/desk?view=rules").Doc.Find("table.queue tbody tr").Length())
	require.Contains(t, two.Get("/desk/rules").Text("main"), "正在办理的调整")
	seen := two.Get(path)
	require.NotContains(t, seen.Text("aside"), "要由另一个人审批")
	s = two.Send(seen, path+"/step", "event", "return", "reason.return", "")
	require.Equal(t, 422, s.Code)
	require.True(t, s.Has(`a[href="#f-reason-return"]`))
	s = two.Send(s, path+"/step", "event", "return", "reason.return", "请写明从哪天起")
	require.Contains(t, s.Text("main"), "已退回")
	stale := two.Send(seen, path+"/step", "event", "approve")
	require.Equal(t, 409, stale.Code)
	require.Contains(t, stale.Text("[role=alert]"), "退回修改")

	s = one.Get(path + "/edit")
	require.Equal(t, "2020-8-1", strings.Join([]string{s.Form(path + "/edit").Get("from.year"), strings.TrimLeft(s.Form(path+"/edit").Get("from.month"), "0"), strings.TrimLeft(s.Form(path+"/edit").Get("from.day"), "0")}, "-"))
	older := s
	s = one.Send(s, path+"/edit", "from.month", "7", "from.day", "20")
	require.Equal(t, path, s.Path)
	require.Contains(t, s.Text("main"), "会影响已经过去的日子")
	require.Contains(t, s.Text("main"), "还没有试算", "what was tried was another value")
	require.Equal(t, 409, one.Send(older, path+"/edit", "value", "9").Code, "the old form is too old")
	s = one.Send(one.Get(path), path+"/step", "event", "submit")
	require.NotContains(t, s.Text("main"), "还没有试算", "sending in tries it")

	s = two.Get(path)
	past := two.Send(s, path+"/step", "event", "approve")
	require.Equal(t, 422, past.Code)
	require.True(t, past.Has(`.problem a[href="#f-confirm_past"], .problem a[href="#f-confirm-past"]`), past.Text(".problem"))
	s = two.Send(past, path+"/step", "event", "approve", "confirm_past", "yes", "reason.approve", "与各市商定，7 月 20 日已经试行")
	require.Equal(t, 200, s.Code, s.Text("main"))
	require.Contains(t, s.Text("main"), "已批准")
	require.False(t, s.Has("aside form"), "nothing is left to do")
	require.Contains(t, s.Text(".record-history"), "写的是：3 个工作日")

	s = one.Get(at)
	row = rowOf(t, s.Doc, "2020年7月20日起", "3 个工作日")
	require.Contains(t, row.Text(), "有文件依据")
	require.Contains(t, row.Text(), "鲁工办发〔2020〕21号")
	require.Contains(t, row.Text(), "张明")
	require.Contains(t, s.Text("dl.facts"), "山东现行3 个工作日")
	require.Equal(t, 3, h.Employment.Parameters().ReviewWorkdays)
	require.Contains(t, h.Desk("lixia").Get(vacancyPath(h.vacancy)).Text("aside"), "3 个工作日内", "the clerk is told the new promise")

	// What replaces it takes over its days.
	s = one.Get(at + "/propose")
	option := s.Doc.Find(`select[name="replaces"] option`).Last()
	require.Contains(t, option.Text(), "山东，2020年7月20日起：3 个工作日")
	s = one.Send(s, at+"/propose", append(write, "value", "4", "from.month", "7", "from.day", "20")...)
	require.Equal(t, 409, s.Code)
	require.Contains(t, s.Text(".field-error"), "这段时间已经有规定")
	s = one.Send(s, at+"/propose", "replaces", option.AttrOr("value", ""))
	require.Contains(t, s.Text("dl.facts"), "替换哪一条山东，2020年7月20日起：3 个工作日")
	s = one.Send(s, s.Path+"/step", "event", "withdraw", "reason.withdraw", "再议")
	require.Contains(t, s.Text("main"), "已撤回")
	require.NotContains(t, one.Get("/desk/rules").Text("main"), "正在办理的调整")
	require.Equal(t, 2, one.Get("/desk/rules/changes?view=all").Doc.Find("table tbody tr").Length())
	require.Contains(t, one.Get("/desk/rules/changes").Text("main"), "没有调整")
}

// Who may not propose is not offered it, and a sister's change does not exist.
func TestWhoseRulesTheseAre(t *testing.T) {
	h := open(t)
	fundOf(t, h.House)
	h.Staff("sheng", access.RoleProvince, "37")
	h.Staff("jinan", access.RoleCity, "3701")
	h.Staff("qingdao", access.RoleCity, "3702")
	h.Staff("lingdao", access.RoleLeader, "370102")
	h.Staff("guanli", access.RoleAdmin, "37")
	county, sister, city, leader := h.Desk("lixia"), h.Desk("qingdao"), h.Desk("jinan"), h.Desk("lingdao")

	for _, b := range []*facetest.Browser{county, leader} {
		s := b.Get("/desk/rules")
		require.Equal(t, 200, s.Code)
		require.Equal(t, "370102", s.Form("/desk/rules").Get("place"))
		s = b.Get("/desk/rules/employment.valid_days")
		require.Contains(t, s.Text("dl.facts"), "由谁规定省")
		require.NotContains(t, s.Text("main"), "提出调整")
		require.Equal(t, 403, b.Get("/desk/rules/employment.valid_days/propose").Code)
	}
	require.Equal(t, 403, h.Desk("guanli").Get("/desk/rules").Code)
	require.Equal(t, "/desk/signin?back=%2Fdesk%2Frules", h.Browser().Get("/desk/rules").Path)

	s := county.Get("/desk/rules/fund.cap/propose")
	require.Equal(t, "370102", s.Form("/desk/rules/fund.cap/propose").Get("place"), "the only place there is")
	form := s.Form("/desk/rules/fund.cap/propose", "value", "1500", "from.year", "2020", "from.month", "9", "from.day", "1", "citation", "历工发〔2020〕3号", "basis", "assumed", "reason", "本区试点")
	for _, place := range []string{"370103", "3701", "37", "9999", ""} {
		form.Set("place", place)
		form.Set("_token", county.Get("/desk/rules/fund.cap/propose").Form("/desk/rules/fund.cap/propose").Get("_token"))
		require.Equal(t, 422, county.Post("/desk/rules/fund.cap/propose", form).Code, place)
	}
	form.Set("place", "370102")
	form.Set("_token", county.Get("/desk/rules/fund.cap/propose").Form("/desk/rules/fund.cap/propose").Get("_token"))
	s = county.Post("/desk/rules/fund.cap/propose", form)
	path := s.Path
	require.Contains(t, s.Text("dl.facts"), "本县（市、区）暂定")
	for _, b := range []*facetest.Browser{sister, h.Desk("shizhong")} {
		require.Equal(t, 404, b.Get(path).Code)
		require.Equal(t, 404, b.Get(path+"/edit").Code)
		require.NotContains(t, b.Get("/desk/rules").Text("main"), "正在办理的调整")
		require.NotContains(t, b.Get("/desk/rules/fund.cap").HTML, path)
		token := b.Get("/desk/rules/fund.cap/propose").Form("/desk/rules/fund.cap/propose").Get("_token")
		for _, do := range []string{"/step", "/try", "/example", "/edit"} {
			form := form
			form.Set("_token", token)
			form.Set("event", "submit")
			form.Set("version", "1")
			require.Equal(t, 404, b.Post(path+do, form).Code, do)
			token = b.Get("/desk/rules/fund.cap/propose").Form("/desk/rules/fund.cap/propose").Get("_token")
		}
	}
	require.Equal(t, 200, leader.Get(path).Code)
	require.False(t, leader.Get(path).Has("main form"), "to look is not to do")
	require.Equal(t, 200, city.Get(path).Code)
	require.Contains(t, city.Get("/desk/rules/fund.cap/propose").Text(`select[name="place"]`), "济南·历下")
}

// fundOf adds a room with a parameter of every kind to a house.
func fundOf(t *testing.T, h *facetest.House) {
	t.Helper()
	company := &rules.Env{Name: "fund.company", Vars: []rules.Var{
		{Name: "employees", Type: rules.IntVar}, {Name: "kind", Type: rules.TextVar, Choices: []string{"trade", "farm"}}, {Name: "subsidiary", Type: rules.BoolVar},
		{Name: "paid_fen", Type: rules.FenVar}, {Name: "groups", Type: rules.ListVar}, {Name: "name", Type: rules.TextVar},
	}}
	require.NoError(t, h.Rules.Register(rules.Room{
		Name: "fund",
		Definitions: []rules.Definition{
			{Key: "fund.rate", Kind: rules.Rate, Levels: rules.Everywhere, Bounds: rules.Between(0, int64(rules.Whole))},
			{Key: "fund.cap", Kind: rules.Fen, Levels: rules.Everywhere, Bounds: rules.Between(0, 1_000_000_00)},
			{Key: "fund.mode", Kind: rules.Choice, Levels: rules.Everywhere, Choices: []string{"list", "apply"}},
			{Key: "fund.open", Kind: rules.Boolean, Levels: rules.Everywhere},
			{Key: "fund.word", Kind: rules.Text, Levels: rules.Everywhere},
			{
				Key: "fund.split", Kind: rules.Rows, Levels: rules.Everywhere, RowKey: []string{"payer"},
				Columns: []rules.Column{{Name: "payer", Kind: rules.Choice, Choices: []string{"ordinary", "bank"}}, {Name: "city", Kind: rules.Rate}, {Name: "most", Kind: rules.Fen}, {Name: "open", Kind: rules.Boolean}, {Name: "note", Kind: rules.Text, Optional: true}},
			},
			{Key: "fund.who", Kind: rules.Conditions, Levels: rules.Everywhere, Env: company},
		},
		Defaults: []byte(`[
			{"key":"fund.rate","place":"37","valid_from":"2020-01-01","value":"2","citation":"鲁会〔2019〕7号","basis":"fact"},
			{"key":"fund.cap","place":"37","valid_from":"2020-01-01","value":100000,"citation":"ASSUMED","basis":"assumed"},
			{"key":"fund.mode","place":"37","valid_from":"2020-01-01","value":"list","citation":"ASSUMED","basis":"assumed"},
			{"key":"fund.open","place":"37","valid_from":"2020-01-01","value":true,"citation":"鲁会〔2019〕8号","basis":"known"},
			{"key":"fund.word","place":"37","valid_from":"2020-01-01","value":"按季度","citation":"ASSUMED","basis":"assumed"},
			{"key":"fund.split","place":"37","valid_from":"2020-01-01","value":[{"payer":"ordinary","city":"60","most":5000,"open":true},{"payer":"bank","city":"90","most":100000,"open":false,"note":"按文件"}],"citation":"ASSUMED","basis":"assumed"},
			{"key":"fund.who","place":"37","valid_from":"2020-01-01","value":[
				{"name":"small","expr":"employees < 300","zh":"属于小微企业","en":"Is a small company"},{"name":"own","expr":"!subsidiary","zh":"不是子公司","en":"Is no subsidiary"}],"citation":"ASSUMED","basis":"assumed"}]`),
		Rules: []rules.Rule{{Name: "fund.refund", Edition: 1, Env: company, Compute: func(r *rules.Reading, in rules.Inputs) (rules.Outcome, error) {
			who, rate := r.Conditions("fund.who"), r.Percent("fund.rate")
			if r.Err() != nil {
				return rules.Outcome{}, r.Err()
			}
			res, err := who.Eval(in)
			out := rules.Outcome{Result: string(res.Truth), Lines: res.Lines}
			if paid, _ := in.Fen("paid_fen"); err == nil && res.Truth == rules.True {
				var share money.Fen
				share, err = rate.Of(paid)
				out.Amount = share
			}
			return out, err
		}}},
	}))
	require.NoError(t, h.Rules.Load(t.Context()))
}

// Each kind of value has its own fields, which show again what was typed and come
// out as what was meant.
func TestEveryKindOfValueCanBeWritten(t *testing.T) {
	h := open(t)
	fundOf(t, h.House)
	h.Staff("sheng", access.RoleProvince, "37")
	b := h.Desk("sheng")
	write := func(key string, answers ...string) facetest.Screen {
		t.Helper()
		at := "/desk/rules/" + key + "/propose"
		s := b.Get(at)
		require.Equal(t, 200, s.Code)
		all := append([]string{"from.year", "2020", "from.month", "9", "from.day", "1", "to.year", "2020", "to.month", "12", "to.day", "31", "citation", "鲁工发〔2020〕9号", "basis", "fact", "reason", "按文件"}, answers...)
		return b.Send(s, at, all...)
	}
	for key, x := range map[string]struct {
		answers []string
		want    string
	}{
		"fund.rate": {[]string{"value", "0.8%"}, "新的取值0.8%"}, "fund.cap": {[]string{"value", "1,500.50"}, "新的取值1,500.50 元"},
		"fund.open": {[]string{"value", "false"}, "新的取值否"}, "fund.word": {[]string{"value", "按年度"}, "新的取值按年度"},
	} {
		s := write(key, x.answers...)
		require.Equal(t, 200, s.Code, "%s: %s", key, s.Text("main"))
		require.Contains(t, s.Text("dl.facts"), x.want)
		require.Contains(t, s.Text("dl.facts"), "2020年9月1日至2020年12月31日")
	}
	for key, typed := range map[string]string{"fund.rate": "一半", "fund.cap": "很多", "fund.mode": "none", "fund.open": "maybe", "fund.word": " "} {
		s := write(key, "value", typed)
		require.Equal(t, 422, s.Code, key)
		require.True(t, s.Has(`.problem a[href^="#f-value"]`), "%s: %s", key, s.Text(".problem"))
	}

	at := "/desk/rules/fund.split/propose"
	s := b.Get(at)
	require.Equal(t, []string{"bank", "90", "1000.00", "false", "按文件"}, []string{
		s.Form(at).Get("cell.1.payer"), s.Form(at).Get("cell.1.city"), s.Form(at).Get("cell.1.most"), s.Form(at).Get("cell.1.open"), s.Form(at).Get("cell.1.note"),
	})
	require.Equal(t, "param.fund.split.column.city，第 2 行", s.Doc.Find(`[name="cell.1.city"]`).AttrOr("aria-label", ""))
	s = write("fund.split", "cell.1.city", "half")
	require.Equal(t, 422, s.Code)
	require.Contains(t, s.Text(".field-error"), "第 2 行")
	require.Equal(t, "half", s.Form(at).Get("cell.1.city"), "what was typed stands there")
	s = write("fund.split", "cell.0.payer", "", "cell.0.city", "", "cell.0.most", "", "cell.0.open", "", "cell.3.payer", "ordinary", "cell.3.city", "55", "cell.3.most", "70", "cell.3.open", "true")
	require.Contains(t, s.Text("dl.facts"), "一张表，2 行")
	table := s.Doc.Find("table").FilterFunction(func(_ int, x *goquery.Selection) bool { return strings.Contains(x.Text(), "55%") })
	require.Equal(t, 1, table.Length())
	require.Contains(t, table.Text(), "1,000 元")
	require.Contains(t, s.Text("details"), "60%", "the old one can be unfolded")
	require.Equal(t, "ordinary", b.Get(s.Path+"/edit").Form(s.Path+"/edit").Get("cell.1.payer"))

	s = write("fund.who", "cell.2.name", "paid", "cell.2.expr", "payd_fen > 0", "cell.2.zh", "已经缴过", "cell.2.en", "Has paid")
	require.Equal(t, 422, s.Code)
	require.Contains(t, s.Text(".field-error"), "payd_fen")
	s = b.Send(s, "/desk/rules/fund.who/propose", "cell.2.expr", "paid_fen > 0", "cell.0.expr", "employees < 20")
	require.Contains(t, s.Text("dl.facts"), "3 个条件", s.Text(".problem"))
	path := s.Path

	// An example under both, side by side.
	s = b.Send(s, path+"/example", "in.employees", "x", "in.paid_fen", "很多")
	require.Equal(t, 422, s.Code)
	require.True(t, s.Has(`.problem a[href="#f-in-employees"]`), s.Text(".problem"))
	require.True(t, s.Has(`.problem a[href="#f-in-paid_fen"], .problem a[href="#f-in-paid-fen"]`))
	s = b.Send(s, path+"/example", "in.employees", "40", "in.subsidiary", "false", "in.paid_fen", "10,000", "in.groups", "a，b c")
	require.Equal(t, 200, s.Code)
	require.Equal(t, "结果 符合 不符合", cells(rowOf(t, s.Doc, "结果", "符合")))
	require.Equal(t, "属于小微企业 符合 不符合", cells(rowOf(t, s.Doc, "属于小微企业", "不")))
	require.Equal(t, "已经缴过 — 符合", cells(rowOf(t, s.Doc, "已经缴过", "—")))
	require.Equal(t, "金额 200 元 0 元", cells(rowOf(t, s.Doc, "金额")))
	require.Equal(t, "40", s.Form(path+"/example").Get("in.employees"))
	s = b.Send(s, path+"/example", "in.employees", "")
	require.Contains(t, cells(rowOf(t, s.Doc, "结果", "不知道")), "不知道 不知道")
	c, err := h.Rules.Changes(h.System(), "", false, page.Request{})
	require.NoError(t, err)
	require.Len(t, c.Items, 6)
	for _, x := range c.Items {
		require.True(t, x.TriedAt.IsZero(), "an example keeps nothing")
	}
}

// cells are the texts of a row, one behind the other.
func cells(row *goquery.Selection) string {
	return strings.Join(row.Find("td").Map(func(_ int, x *goquery.Selection) string { return strings.TrimSpace(x.Text()) }), " ")
}

// No page of the settings has Chinese on it in English, but for what people wrote.
func TestRulesInEnglish(t *testing.T) {
	h := open(t)
	h.Staff("shengyi", access.RoleProvince, "37")
	h.Staff("shenger", access.RoleProvince, "37")
	one, two := h.Desk("shengyi"), h.Desk("shenger")
	one.Lang, two.Lang = i18n.EN, i18n.EN
	own := facetest.OwnWords
	for _, d := range h.Rules.Latest().Definitions() { // a document keeps the name it has
		for _, e := range h.Rules.Latest().Entries(d.Key) {
			own = append(own, e.Citation)
		}
	}
	const at = "/desk/rules/employment.no_reply_days"
	s := one.Send(one.Get(at+"/propose"), at+"/propose", "value", "15", "from.year", "2020", "from.month", "9", "from.day", "1", "citation", "document 9", "basis", "fact", "reason", "longer")
	path := s.Path
	s = one.Send(s, path+"/step", "event", "submit")
	require.Contains(t, s.Text("main"), "Waits for approval")
	require.Contains(t, rowOf(t, two.Get("/desk?view=rules").Doc, "Change of a setting").Text(), "No reply (Shandong, from 2020-09-01)")
	for _, b := range []*facetest.Browser{one, two} {
		for _, p := range []string{"/desk/rules", "/desk/rules?place=370102", "/desk/rules/dues.split", "/desk/rules/dues.split/propose", "/desk/rules/dues.mode/propose", at, at + "/propose", path, "/desk/rules/changes", "/desk/rules/changes?view=all", "/desk?view=rules"} {
			s := b.Get(p)
			require.Equal(t, 200, s.Code, p)
			require.Empty(t, facetest.Chinese(s.Doc, own...), p)
		}
	}
	s = two.Send(two.Get(path), path+"/step", "event", "return", "reason.return", "too long")
	require.Empty(t, facetest.Chinese(s.Doc, own...))
	require.Empty(t, facetest.Chinese(one.Get(path+"/edit").Doc, own...))
}
