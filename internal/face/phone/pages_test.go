package phone_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/core/exchange"
	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/face/facetest"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/measure/employment"
)

// ownWords are what the people of a story wrote.
var ownWords = []string{
	longName, "电焊工", "数控车床操作工（夜班、包吃住、缴五险一金、附近有班车）", "买买提江·阿不都热合曼", "买买提江", "兴福街道 12 号", "李华", "张明",
	"焊接钢结构件。", "会看图纸,持证优先。", "工业北路 88 号", "做钢结构二十年。", "在岗职工三百人。", "我有十二年经验。", "焊工证、叉车证", "需要三年以上经验。",
	"带上焊工证，8 月 1 日上班。", "日照市东港区海滨五路 1 号 3 号楼 201 室", "离您家近，班车到门口。", "高空清洗",
}

const longName = "山东省港口集团日照港集装箱发展有限公司动力通信与设备维修分公司"

// story is a house with something in every page: the worker at 13900000010 has
// an application in each kind of state, messages, a recommendation, consents.
type story struct {
	*house
	me    *hand
	pages map[string]string // what the page is → its address
}

func tell(t *testing.T, d *db.DB) *story {
	t.Helper()
	h := open(t, d)
	hr, c := h.employer(longName, "370104")
	st := &story{house: h, me: h.worker("13900000010", "买买提江·阿不都热合曼", "370104")}
	self := h.self("13900000010")
	posts := map[string]employment.Vacancy{}
	for i, state := range []string{"delivered", "invited", "offered", "agreed", "arrived", "rejected", "withdrawn", "open", "similar"} {
		in := welder()
		in.Pay = fmt.Sprintf("%d-%d元/月", 5000+100*i, 8000+100*i)
		if i%2 == 1 {
			in.Title = "数控车床操作工（夜班、包吃住、缴五险一金、附近有班车）"
			in.Pay, in.Hours, in.Insurance, in.Meals = fmt.Sprintf("%d元/天", 150+i), "night", "five_one", true
		}
		posts[state] = h.onOffer(hr, c, in)
	}
	numbers := map[string]string{}
	step := func(a employment.Application, events ...string) {
		for _, e := range events {
			ctx := hr
			if e == "accept" || e == "withdraw" || e == "confirm_own" {
				ctx = self
			}
			in := employment.StepInput{City: a.CityCode, ID: a.ID, Event: e, Version: -1, Note: "带上焊工证，8 月 1 日上班。"}
			if e == "reject" {
				in.Reason = "需要三年以上经验。"
			}
			if e == "invite" {
				in.At, in.Place = h.clock.Now().Add(50*time.Hour), "日照市东港区海滨五路 1 号 3 号楼 201 室"
			}
			_, err := h.StepApplication(ctx, in)
			require.NoError(t, err, e)
		}
	}
	for _, state := range []string{"arrived", "rejected", "withdrawn", "agreed", "invited", "offered", "delivered"} {
		a, err := h.Apply(self, employment.ApplyInput{Number: posts[state].Number, Message: "我有十二年经验。", SharePhone: state == "invited" || state == "offered"})
		require.NoError(t, err)
		numbers[state] = a.Number
		h.clock.Advance(time.Hour)
		switch state {
		case "arrived":
			step(a, "view", "invite", "record", "offer", "accept", "confirm", "confirm_own")
		case "rejected":
			step(a, "reject")
		case "withdrawn":
			step(a, "withdraw")
		case "agreed":
			step(a, "view", "offer", "accept")
		case "invited":
			step(a, "view", "invite")
		case "offered":
			step(a, "view", "offer")
		}
	}
	clerk := h.clerk("county", "county_clerk", "370104")
	unit, ok := h.Org.ByDivision("370104")
	require.True(t, ok)
	rec, err := h.RecordService(clerk, unit.ID, employment.ServiceInput{
		Kind: employment.Recommendation, Phone: "13900000010", Name: "买买提江", Vacancy: posts["open"].Number, Note: "离您家近，班车到门口。",
	})
	require.NoError(t, err)
	require.NoError(t, h.SaveProfile(self, employment.SeekerInput{
		Name: "买买提江·阿不都热合曼", Division: "370104", Education: 4, Years: 12, Wanted: "电焊工", Skills: "焊工证、叉车证", Groups: []string{"migrant", "veteran"},
	}))
	_, err = h.ApplicantPhone(hr, c.CityCode, mustApplication(t, h, self, numbers["offered"]).ID)
	require.NoError(t, err)
	st.pages = map[string]string{
		"home": "/", "finder": "/jobs", "finder chosen": "/jobs?place=370104&pay=5k-8k&hours=day&q=" + url.QueryEscape("电焊工"), "finder near": "/jobs?sort=distance",
		"finder empty": "/jobs?q=" + url.QueryEscape("高空清洗 电焊工"), "finder ask": "/jobs?sort=distance&ask=1", "job": "/jobs/" + posts["open"].Number,
		"job applied": "/jobs/" + posts["offered"].Number, "apply": "/jobs/" + posts["similar"].Number + "/apply", "sent": "/cases/" + numbers["delivered"] + "?sent=1",
		"cases": "/cases", "recommendation": "/recommendations/" + rec.ID, "messages": "/messages", "me": "/me", "profile": "/me/profile", "data": "/me/data",
	}
	for state, n := range numbers {
		st.pages["case "+state] = "/cases/" + n
	}
	return st
}

func mustApplication(t *testing.T, h *house, ctx context.Context, number string) employment.Application {
	t.Helper()
	a, err := h.ApplicationByNumber(ctx, number)
	require.NoError(t, err)
	return a
}

// clerk signs staff of a division's unit in.
func (h *house) clerk(login, role, division string) context.Context {
	h.t.Helper()
	unit, ok := h.Org.ByDivision(division)
	require.True(h.t, ok)
	sys := access.System(h.t.Context(), "test")
	a, err := h.Accounts.CreateStaff(sys, account.NewStaff{Login: login, Name: "张明", Password: "six blue lorries"})
	require.NoError(h.t, err)
	_, err = h.Accounts.Grant(sys, account.NewGrant{AccountID: a.ID, Role: role, UnitID: unit.ID})
	require.NoError(h.t, err)
	return h.as(a.ID)
}

// firstView is what a first view may weigh on the line, in bytes, compressed.
const firstView = 60 << 10

// Every page in both languages: one heading, no key without text, no script and no
// style of its own in it, every label tied; and light enough for a slow line.
func TestPagesAreWellFormed(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		st := tell(t, d)
		styles := st.hand().get("/").doc.Find(`link[rel="stylesheet"], link[rel="icon"], script[src]`)
		shared := 0
		styles.Each(func(_ int, s *goquery.Selection) {
			shared += squeezed(st.hand().get(s.AttrOr("href", s.AttrOr("src", ""))).html)
		})
		require.LessOrEqual(t, 1+styles.Length(), 4, "requests of a first view")
		for _, lang := range i18n.Langs {
			st.me.lang = lang
			for name, path := range st.pages {
				t.Run(name+" "+string(lang), func(t *testing.T) {
					s := st.me.get(path).ok(200)
					require.Equal(t, 1, s.doc.Find("h1").Length())
					require.Zero(t, s.doc.Find(`[style], [onclick], script:not([type="application/ld+json"], [src])`).Length())
					require.NotRegexp(t, `\b(phone|ui|employment|flow|screen|person)\.[a-z_]+\.?[a-z_]*\b`, strings.ReplaceAll(s.text("body"), "gonghui.example", ""), "a key instead of its text")
					require.NotContains(t, s.text("body"), "…")
					if lang == i18n.EN {
						require.Empty(t, facetest.Chinese(s.doc, ownWords...))
					}
					seen := map[string]bool{}
					s.doc.Find("[id]").Each(func(_ int, e *goquery.Selection) {
						id := e.AttrOr("id", "")
						require.False(t, seen[id], "id %q stands twice", id)
						seen[id] = true
					})
					s.doc.Find("label[for]").Each(func(_ int, e *goquery.Selection) { require.True(t, seen[e.AttrOr("for", "")]) })
					s.doc.Find(`form[method="post"]`).Each(func(_ int, e *goquery.Selection) { require.Equal(t, 1, e.Find(`[name="_token"]`).Length()) })
					page := squeezed(s.html)
					require.Less(t, page+shared, firstView)
					t.Logf("%-16s %5d bytes, first view %5d", name, page, page+shared)
				})
			}
		}
	})
}

func squeezed(text string) int {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.Copy(w, strings.NewReader(text))
	_ = w.Close()
	return b.Len()
}

func TestRecommendation(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		st := tell(t, d)
		path := st.pages["recommendation"]
		s := st.me.get(path).ok(200).says("离您家近")
		st.me.send(s, path).ok(422)
		taken := st.me.send(s, path, "answer", "accept").ok(200)
		require.True(t, strings.HasPrefix(taken.path, "/jobs/"), taken.path)
		st.me.get(path).says("已接受", "申请这个岗位")
		require.Zero(t, st.me.get(path).doc.Find(`form[action="`+path+`"]`).Length(), "answered once")
		st.worker("13900000011", "赵四", "370105").get(path).ok(404)
	})
}

func TestProfileKeepsWhatWasTyped(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		p := h.worker("13900000012", "", "")
		form := p.get("/me/profile?back=" + url.QueryEscape("/jobs?q=电工"))
		bad := p.send(form, "/me/profile", "name", "", "years", "九十", "wanted", "电工", "division", "370104").ok(422)
		require.Equal(t, "电工", bad.doc.Find(`[name="wanted"]`).AttrOr("value", ""))
		require.Equal(t, "九十", bad.doc.Find(`[name="years"]`).AttrOr("value", ""))
		require.Equal(t, "370104", bad.doc.Find(`select[name="division"] option[selected]`).AttrOr("value", ""))
		require.Equal(t, 2, bad.doc.Find(`[role="alert"] li`).Length())
		values := bad.form("/me/profile")
		values.Set("name", "王大力")
		values.Set("years", "9")
		values["groups"] = []string{"veteran", "migrant"}
		saved := p.do("POST", "/me/profile", values).ok(200)
		require.Equal(t, "/jobs?q=%E7%94%B5%E5%B7%A5", strings.Replace(strings.ToUpper(saved.path), "/JOBS?Q", "/jobs?q", 1))
		me, seeker, err := h.MyProfile(h.self("13900000012"))
		require.NoError(t, err)
		require.Equal(t, "王大力", me.Name)
		require.Equal(t, "370104", me.DivisionCode)
		require.ElementsMatch(t, []string{"veteran", "migrant"}, me.Groups)
		require.Equal(t, 9, seeker.Years)
		require.Equal(t, 2, p.get("/me/profile").doc.Find(`[name="groups"][checked]`).Length())

		township := "370104001" // a deeper place than the list has must survive a save
		values = p.get("/me/profile").form("/me/profile")
		values.Set("division", township)
		values["groups"] = []string{"unknown"}
		p.do("POST", "/me/profile", values).ok(422)
	})
}

// importCSV brings vacancies in from a file, as the house itself.
func (h *house) importCSV(text string) {
	h.t.Helper()
	file := filepath.Join(h.t.TempDir(), "jobs.csv")
	require.NoError(h.t, os.WriteFile(file, []byte(text), 0o600))
	table, err := exchange.Open(file, exchange.Limits{})
	require.NoError(h.t, err)
	defer func() { require.NoError(h.t, table.Close()) }()
	im, err := employment.OpenImport(table, nil)
	require.NoError(h.t, err)
	require.NoError(h.t, h.Import(system(h.t), im, employment.ImportOptions{}))
	require.Empty(h.t, im.Broken)
	_, err = h.RefreshIndex(h.t.Context())
	require.NoError(h.t, err)
}

// An ad of another website leads there, and cannot be applied for here.
func TestImportedAdvertisement(t *testing.T) {
	orgtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		file := "title,company,place,pay,link\n保洁员,济南洁美保洁有限公司,济南市槐荫区,3000-4000元/月,https://jobs.example/1?a=1&b=2\n保安员,济南洁美保洁有限公司,济南市槐荫区,4000元/月,\n"
		h.importCSV(file)
		p := h.worker("13900000013", "王大力", "370104")
		list := p.get("/jobs?q=保洁员").ok(200)
		path := list.doc.Find(".job-title a").AttrOr("href", "")
		s := p.get(path).ok(200).says("工会没有核验", "去原网站", "不交押金")
		link := s.doc.Find(`main a[target="_blank"]`)
		require.Equal(t, "https://jobs.example/1?a=1&b=2", link.AttrOr("href", ""))
		require.Contains(t, link.AttrOr("rel", ""), "nofollow")
		require.Contains(t, link.AttrOr("rel", ""), "noopener")
		require.Equal(t, path, p.get(path+"/apply").path, "there is nothing to check: the page says where to apply")
		token := s.form("/signout").Get("_token")
		p.do("POST", path+"/apply", url.Values{"_token": {token}}).ok(http.StatusConflict).says("去原网站")
		without := p.get(p.get("/jobs?q=保安员").doc.Find(".job-title a").AttrOr("href", ""))
		without.ok(200).says("请直接联系企业")
	})
}
