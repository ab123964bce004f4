package phone_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"gonghui/internal/kit/i18n"
	"gonghui/internal/measure/employment"
)

// From the search to the first day at work: the worker's whole way.
func TestFromTheTapToTheFirstDay(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		hr, c := h.employer("济南钢花机械有限公司", "370104")
		v := h.onOffer(hr, c, welder())
		p := h.hand()

		p.get("/").ok(200).says("工会帮您找工作", "电焊工", "12351")
		p.get("/jobs?q=焊工").ok(200).says("共 1 条", "6,000–8,000元/月")
		page := p.get("/jobs/"+v.Number).ok(200).says("还没有建工会", "济南钢花机械有限公司", "12351", "退役军人")

		// First tap: apply. It leads through the sign-in and back.
		apply := "/jobs/" + v.Number + "/apply"
		require.Equal(t, 1, page.doc.Find(`a[href="`+apply+`"]`).Length())
		signin := p.get(apply)
		require.Equal(t, "/signin?back="+url.QueryEscape(apply), signin.path)
		code := p.send(signin, "/signin", "phone", "13900000001").ok(200)
		form := p.send(code, "/signin/code", "code", h.lastCode("13900000001")).ok(200)
		require.Equal(t, apply, form.path, "signing in comes back to where one was")
		form.says("139****0001", "没有填写")
		_, ticked := form.doc.Find(`[name="share_phone"]`).Attr("checked")
		require.False(t, ticked, "consent is never given beforehand")

		// The name is asked for since nobody knows it; what was typed stays.
		again := p.send(form, apply, "message", "我有焊工证").ok(422)
		require.Equal(t, "我有焊工证", again.doc.Find(`textarea[name="message"]`).Text())
		require.NotEmpty(t, again.doc.Find(`[role="alert"] a[href="#f-name"]`).Length())
		values := again.form(apply)
		values.Set("name", "王大力")
		values.Set("share_phone", "yes")
		sent := p.do("POST", apply, values).ok(200).says("申请已送出", "2020年8月3日")
		number := strings.TrimSuffix(strings.TrimPrefix(sent.path, "/cases/"), "?sent=1")

		// The same form again gives the same application, by the receipt; and a
		// fresh form too, by the use case.
		require.Equal(t, sent.path, p.do("POST", apply, values).path)
		require.Equal(t, "/cases/"+number, p.get(apply).path)
		mine, err := h.MyApplications(h.self("13900000001"), wholeList())
		require.NoError(t, err)
		require.Len(t, mine.Items, 1)
		a := mine.Items[0]
		require.True(t, a.SharePhone)
		require.Equal(t, "王大力", a.Name)

		// The company invites, records and offers; the worker reads, accepts, arrives.
		step := func(event string, in employment.StepInput) {
			in.City, in.ID, in.Event, in.Version = a.CityCode, a.ID, event, -1
			_, err := h.StepApplication(hr, in)
			require.NoError(t, err, event)
		}
		step("view", employment.StepInput{})
		step("invite", employment.StepInput{At: h.clock.Now().Add(48 * time.Hour), Place: "厂东门传达室"})
		p.get("/").ok(200).says("请按时去面试")
		p.get("/cases/"+number).ok(200).says("厂东门传达室", "2020年7月22日 09:00", "企业看了您的申请")
		step("record", employment.StepInput{Note: "会看图"})
		step("offer", employment.StepInput{Note: "8 月 1 日上班"})

		inbox := p.get("/messages").ok(200).says("未读", "愿意录用")
		link, _ := inbox.doc.Find(".news a").First().Attr("href")
		opened := p.get(link).ok(200)
		require.Equal(t, "/cases/"+number, opened.path, "a message leads to what it is about")
		opened.says("8 月 1 日上班", "接受，我去")
		p.send(opened, "/cases/"+number+"/step", "event", "accept").ok(200).says("已接受", "我已到岗")

		h.clock.Advance(10 * 24 * time.Hour)
		require.Equal(t, "/signin?back="+url.QueryEscape("/cases/"+number), p.get("/cases/"+number).path, "a telephone that lay idle for a week")
		arrive := p.signIn("13900000001", "/cases/"+number)
		wrong := p.send(arrive, "/cases/"+number+"/step", "event", "confirm_own", "arrived_on.year", "2020", "arrived_on.month", "9", "arrived_on.day", "1").ok(422)
		require.Equal(t, "09", wrong.doc.Find(`[name="arrived_on.month"]`).AttrOr("value", ""), "what was typed stays")
		p.send(wrong, "/cases/"+number+"/step", "event", "confirm_own", "arrived_on.month", "7", "arrived_on.day", "30").ok(200).says("等企业确认您到岗")
		step("confirm", employment.StepInput{ArrivedOn: 0})
		p.get("/cases/"+number).ok(200).says("已到岗", "祝您工作顺利")
		require.Zero(t, p.get("/cases/"+number).doc.Find(`form[action$="/step"]`).Length(), "nothing is left to do")
	})
}

func TestSignInTellsWhatIsWrong(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hand()
		bad := p.send(p.get("/signin"), "/signin", "phone", "12345").ok(422)
		require.Equal(t, "12345", bad.doc.Find(`[name="phone"]`).AttrOr("value", ""))
		require.Equal(t, "/signin", p.get("/signin/code").path, "without a number there is no code to ask for")

		code := p.send(bad, "/signin", "phone", "13900000002").ok(200).says("139****0002", "5 分钟", "60 秒")
		right := h.lastCode("13900000002")
		wrong := "000000"
		if right == wrong {
			wrong = "111111"
		}
		code = p.send(code, "/signin/code", "code", wrong).ok(422).says("还可以再试 4 次")
		code = p.send(code, "/signin/again").ok(429).says("再获取")

		h.clock.Advance(6 * time.Minute)
		code = p.send(code, "/signin/code", "code", right).ok(422).says("已失效")
		code = p.send(code, "/signin/again").ok(200).says("新的验证码已发出")
		fresh := h.lastCode("13900000002")
		in := p.send(code, "/signin/code", "code", fresh).ok(200)
		require.Equal(t, "/", in.path)
		require.Equal(t, 1, in.doc.Find(`form[action="/signout"]`).Length())

		out := p.send(in, "/signout").ok(200)
		require.Zero(t, out.doc.Find(`form[action="/signout"]`).Length())

		for _, evil := range []string{"https://evil.example/", "//evil.example", `/\evil.example`} {
			s := h.hand().get("/signin?back=" + url.QueryEscape(evil))
			require.Equal(t, "/", s.doc.Find(`[name="back"]`).AttrOr("value", ""), evil)
		}
	})
}

func TestForgedFormIsRefused(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		hr, c := h.employer("济南钢花机械有限公司", "370104")
		v := h.onOffer(hr, c, welder())
		p := h.worker("13900000003", "王大力", "370104")
		apply := "/jobs/" + v.Number + "/apply"
		for name, token := range map[string]string{"none": "", "another's": h.hand().get("/signin").form("/signin").Get("_token"), "rubbish": "a.b.c"} {
			s := p.do("POST", apply, url.Values{"_token": {token}})
			require.Equal(t, 403, s.code, name)
		}
		mine, err := h.MyApplications(h.self("13900000003"), wholeList())
		require.NoError(t, err)
		require.Empty(t, mine.Items)
	})
}

func TestWhatIsNotYoursIsNotThere(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		hr, c := h.employer("济南钢花机械有限公司", "370104")
		v := h.onOffer(hr, c, welder())
		p := h.worker("13900000004", "王大力", "370104")
		sent := p.send(p.get("/jobs/"+v.Number+"/apply"), "/jobs/"+v.Number+"/apply")
		number := strings.TrimSuffix(strings.TrimPrefix(sent.path, "/cases/"), "?sent=1")
		message := p.get("/messages") // none yet; the company's officer has one
		require.Contains(t, message.text("main"), "还没有消息")

		other := h.worker("13900000005", "赵四", "370105")
		officer := h.hand()
		officer.signIn("19900000001", "/")
		for who, s := range map[string]*hand{"another worker": other, "the company's officer": officer} {
			s.get("/cases/" + number).ok(404)
			token := s.get("/me").form("/signout").Get("_token")
			s.do("POST", "/cases/"+number+"/step", url.Values{"_token": {token}, "event": {"withdraw"}, "version": {"1"}}).ok(404)
			token = s.get("/me").form("/signout").Get("_token")
			require.Equal(t, 404, s.do("POST", "/cases/"+number+"/phone", url.Values{"_token": {token}, "share": {"yes"}}).code, who)
		}
		link := officer.get("/messages").doc.Find(".news a").AttrOr("href", "")
		require.NotEmpty(t, link)
		other.get(link).ok(404)
		other.get("/recommendations/nothing").ok(404)
		h.hand().get("/jobs/nothing").ok(404).says("看全部岗位")
		visitor := h.hand()
		for _, path := range []string{"/cases", "/cases/" + number, "/messages", "/me", "/me/profile", "/me/data"} {
			require.Equal(t, "/signin?back="+url.QueryEscape(path), visitor.get(path).path)
		}
	})
}

func TestWithdrawnConsentHidesThePhone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		hr, c := h.employer("济南钢花机械有限公司", "370104")
		first := h.onOffer(hr, c, welder())
		in := welder()
		in.Title = "叉车司机"
		second := h.onOffer(hr, c, in)
		p := h.worker("13900000006", "王大力", "370104")
		for _, v := range []employment.Vacancy{first, second} {
			p.send(p.get("/jobs/"+v.Number+"/apply"), "/jobs/"+v.Number+"/apply", "share_phone", "yes").ok(200)
		}
		mine, err := h.MyApplications(h.self("13900000006"), wholeList())
		require.NoError(t, err)
		require.Len(t, mine.Items, 2)
		a := mine.Items[0]
		phone, err := h.ApplicantPhone(hr, a.CityCode, a.ID)
		require.NoError(t, err)
		require.Equal(t, "13900000006", phone)

		data := p.get("/me/data").ok(200).says("让企业看到我的手机号码", "济南钢花机械有限公司", "查看手机号码", "李华")
		p.send(data, "/me/data/consents/withdraw").ok(200).says("已撤回")
		for _, a := range mine.Items {
			_, err = h.ApplicantPhone(hr, a.CityCode, a.ID)
			require.Error(t, err, "both applications are closed, since the consent was the company's")
			p.get("/cases/" + a.Number).says("看不到您的号码")
		}
		open := p.send(p.get("/cases/"+a.Number), "/cases/"+a.Number+"/phone", "share", "yes").ok(200).says("现在能看到您的号码")
		_, err = h.ApplicantPhone(hr, a.CityCode, a.ID)
		require.NoError(t, err)
		p.send(open, "/cases/"+a.Number+"/phone", "share", "no").ok(200)
		_, err = h.ApplicantPhone(hr, a.CityCode, a.ID)
		require.Error(t, err)
	})
}

func TestFinder(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		hr, c := h.employer("济南钢花机械有限公司", "370104")
		h.onOffer(hr, c, welder())
		far := welder()
		far.Title, far.DivisionCode, far.Pay, far.Dormitory = "保洁员", "370203", "150元/天", false
		h.onOffer(hr, c, far)
		for i := range 25 {
			more := welder()
			more.Title, more.Hours = "普工"+string(rune('A'+i)), "night"
			h.onOffer(hr, c, more)
		}
		p := h.hand()

		all := p.get("/jobs").ok(200).says("共 27 条")
		next := all.doc.Find(`.pager a[rel="next"]`).AttrOr("href", "")
		require.Contains(t, next, "after=")
		require.Equal(t, 7, p.get(next).ok(200).doc.Find("article.job").Length())

		city := all.doc.Find(".facet a").FilterFunction(func(_ int, s *goquery.Selection) bool { return strings.Contains(s.Text(), "青岛市") })
		require.Equal(t, 1, city.Length(), "the tree begins at the cities")
		href := city.AttrOr("href", "")
		qingdao := p.get(href).ok(200).says("共 1 条", "保洁员")
		require.Contains(t, qingdao.text(".facet"), "市北区", "one level deeper")
		remove := qingdao.doc.Find(".chosen a").First().AttrOr("href", "")
		p.get(remove).ok(200).says("共 27 条")

		both := p.get("/jobs?hours=day&hours=night").ok(200).says("共 27 条")
		require.Equal(t, 3, both.doc.Find(".chosen a").Length(), "two filters and the one that clears all")
		p.get("/jobs?benefit=dormitory&pay=5k-8k&education=any&group=veteran&sort=pay").ok(200).says("共 26 条")

		p.get("/jobs?q=焊工&place=370203").ok(200).says("没有完全符合的岗位", "去掉全部筛选条件")
		p.get("/jobs?q="+url.QueryEscape("电焊工 潜水")).ok(200).says("没有完全符合的岗位", "只按", "电焊工")

		ask := p.get("/jobs?sort=distance").ok(200).says("您在哪个县区")
		require.Equal(t, 1, ask.doc.Find(`select[name="near"] option[value="370203"]`).Length())
		near := p.get("/jobs?sort=distance&near=370203").ok(200).says("距离从青岛·市北算起")
		require.Contains(t, near.doc.Find("article.job").First().Text(), "保洁员")
		p.get("/jobs?sort=distance&lon=120.37&lat=36.09").ok(200)
		signed := h.worker("13900000007", "王大力", "370104")
		signed.get("/jobs?sort=distance").ok(200).says("距离从济南·槐荫算起")
		signed.get("/").ok(200).says("离您近的岗位", "距离从济南·槐荫算起")

		for _, bad := range []string{"place=999999", "occupation=x", "pay=1", "education=phd", "hours=x", "group=x", "benefit=x", "sort=x", "near=zz", "near=00",
			"lon=a&lat=b", "lon=999&lat=1", "after=zz", "days=-1", "days=x", "q=" + strings.Repeat("长", 200)} {
			p.get("/jobs?" + bad).ok(422).says("看全部岗位")
		}
	})
}

func TestFinderWhileTheIndexIsBuilt(t *testing.T) {
	eachClosed(t, func(t *testing.T, h *house) {
		h.hand().get("/jobs").ok(200).says("正在准备搜索")
		h.hand().get("/").ok(200).says("正在准备搜索")
	})
}

// Whatever a company writes, the description for search engines stays one
// element of readable JSON.
func TestJobPosting(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		hr, c := h.employer("济南钢花机械有限公司", "370104")
		in := welder()
		in.Content = `</script><script>alert(1)</script> "引号" & <b>粗</b> \ u2028: ` + "\u2028"
		v := h.onOffer(hr, c, in)
		s := h.hand().get("/jobs/" + v.Number).ok(200)
		require.Equal(t, 1, s.doc.Find("script:not([src])").Length(), "what was written opens no script")
		var p map[string]any
		require.NoError(t, json.Unmarshal([]byte(s.doc.Find(`script[type="application/ld+json"]`).Text()), &p))
		require.Equal(t, "JobPosting", p["@type"])
		require.Equal(t, "电焊工", p["title"])
		require.Contains(t, p["description"], "</script>", "read by machine it is what was written")
		require.Equal(t, "2020-07-20", p["datePosted"])
		until, err := time.Parse(time.RFC3339, p["validThrough"].(string))
		require.NoError(t, err)
		require.True(t, until.Equal(v.ValidTo.End()))
		require.Equal(t, "FULL_TIME", p["employmentType"])
		require.EqualValues(t, 2, p["totalJobOpenings"])
		require.Equal(t, "https://gonghui.example/jobs/"+v.Number, p["url"])
		require.Equal(t, "济南钢花机械有限公司", p["hiringOrganization"].(map[string]any)["name"])
		place := p["jobLocation"].(map[string]any)
		require.Equal(t, map[string]any{"@type": "PostalAddress", "addressCountry": "CN", "addressRegion": "山东省", "addressLocality": "济南市槐荫区", "streetAddress": "兴福街道 12 号"}, place["address"])
		require.NotZero(t, place["geo"].(map[string]any)["latitude"])
		en := h.hand()
		en.lang = i18n.EN
		var q map[string]any
		require.NoError(t, json.Unmarshal([]byte(en.get("/jobs/"+v.Number).ok(200).says("Huaiyin District, Jinan, Shandong", "Welder", "Manufacturing").doc.Find(`script[type="application/ld+json"]`).Text()), &q))
		require.Equal(t, map[string]any{
			"@type": "PostalAddress", "addressCountry": "CN", "addressRegion": "Shandong", "addressLocality": "Huaiyin District, Jinan", "streetAddress": "兴福街道 12 号",
		}, q["jobLocation"].(map[string]any)["address"])
		require.Equal(t, map[string]any{"@type": "QuantitativeValue", "minValue": 6000.0, "maxValue": 8000.0, "unitText": "MONTH"}, p["baseSalary"].(map[string]any)["value"])
	})
}

// Five wrong codes close the number for a quarter of an hour, and say so.
func TestTooManyWrongCodes(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.hand()
		code := p.send(p.get("/signin"), "/signin", "phone", "13900000008")
		right := h.lastCode("13900000008")
		wrong := "123456"
		if right == wrong {
			wrong = "654321"
		}
		for left := 4; left > 0; left-- {
			code = p.send(code, "/signin/code", "code", wrong).ok(422).says(fmt.Sprintf("还可以再试 %d 次", left))
		}
		code = p.send(code, "/signin/code", "code", wrong).ok(429).says("15 分钟")
		code = p.send(code, "/signin/code", "code", right).ok(429)
		p.send(code, "/signin/code", "code", "12").ok(422)
		h.clock.Advance(16 * time.Minute)
		code = p.send(p.get("/signin/code"), "/signin/again").ok(200)
		p.send(code, "/signin/code", "code", h.lastCode("13900000008")).ok(200)
	})
}

// Silence is told kindly, and what was withdrawn can be sent again while the
// vacancy is on offer; a step decided on an old page is refused with a reason.
func TestSilenceWithdrawalAndOldPages(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		hr, c := h.employer("济南钢花机械有限公司", "370104")
		v := h.onOffer(hr, c, welder())
		in := welder()
		in.Title, in.Pay = "氩弧焊工", "7000-9000元/月"
		h.onOffer(hr, c, in)
		p := h.worker("13900000009", "王大力", "370104")
		apply := "/jobs/" + v.Number + "/apply"
		sent := p.send(p.get(apply), apply, "share_phone", "yes")
		path := strings.TrimSuffix(sent.path, "?sent=1")
		old := p.get(path)
		withdrawn := p.send(p.get(path), path+"/step", "event", "withdraw").ok(200).says("申请已撤回")
		p.send(old, path+"/step", "event", "withdraw").ok(409).says("刷新")
		old = p.get(path)
		form := url.Values{"_token": {old.form("/signout").Get("_token")}, "event": {"offer"}, "version": {"2"}}
		p.do("POST", path+"/step", form).ok(422)

		require.Equal(t, apply, withdrawn.doc.Find("main a.btn-main").AttrOr("href", ""))
		again := p.send(p.get(apply).ok(200), apply).ok(200)
		require.Equal(t, sent.path, again.path, "the same case goes on")
		mine, err := h.MyApplications(h.self("13900000009"), wholeList())
		require.NoError(t, err)
		require.Len(t, mine.Items, 1)
		require.False(t, mine.Items[0].SharePhone, "a withdrawal closed the number; only a new consent opens it")

		h.clock.Advance(15 * 24 * time.Hour)
		for range 2 {
			_, err = h.Cases.Tick(t.Context())
			require.NoError(t, err)
		}
		p.signIn("13900000009", path).ok(200).says("很抱歉，企业一直没有答复", "相近的岗位", "氩弧焊工")
		p.get("/messages").ok(200).says("没有答复")
		read := p.send(p.get("/messages"), "/messages/read").ok(200)
		require.NotContains(t, read.text("main"), "未读")
	})
}
