package cockpit_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"gonghui/internal/core/access"
	"gonghui/internal/core/company"
	"gonghui/internal/face/facetest"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/page"
	"gonghui/internal/measure/employment"
)

const served = "/cockpit/" + employment.WorkersServed

// number reads the first number of a text: 1,234 人.
func number(t *testing.T, text string) int64 {
	t.Helper()
	text, _, _ = strings.Cut(strings.TrimSpace(text), " ")
	n, err := strconv.ParseInt(strings.ReplaceAll(text, ",", ""), 10, 64)
	require.NoError(t, err, text)
	return n
}

// place is one row of a table by place.
type place struct {
	name, href, rank, state string
	done                    int64
}

func (p seen) places() []place {
	var out []place
	p.doc.Find("table.place").First().Find("tbody tr").Each(func(_ int, tr *goquery.Selection) {
		out = append(out, place{
			name: strings.TrimSpace(tr.Find("th").Text()), href: tr.Find("th a").AttrOr("href", ""),
			done: number(p.t, tr.Find("td").First().Text()), state: strings.TrimSpace(tr.Find("td").Last().Text()),
			rank: strings.TrimSpace(tr.Find("td").Last().Prev().Text()),
		})
	})
	return out
}

func (p seen) figure() int64 { return number(p.t, p.doc.Find(".figure").First().Text()) }

// From the province down to the township each page's rows sum up to its figure,
// and each row opens a page whose figure is the row's.
func TestRowsSumUpToTheFigureAtEveryLevel(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.serve("370104001", 3)
		h.serve("370104002", 2)
		h.serve("370104", 4)
		h.serve("370103", 1)
		h.serve("370200", 2)
		s := h.staff("province", access.RoleProvince, "37")
		var down func(path string, want int64, level int) int
		down = func(path string, want int64, level int) int {
			p := s.get(path).ok(200)
			require.Equal(t, want, p.figure(), path)
			rows := p.places()
			if len(rows) == 0 {
				p.says("这是最后一级")
				return level
			}
			var sum int64
			deepest := level
			for _, r := range rows {
				sum += r.done
				if r.done > 0 && r.href != "" && !strings.Contains(r.href, "/records") {
					deepest = max(deepest, down(r.href, r.done, level+1))
				}
			}
			require.Equal(t, want, sum, "%s: %v", path, rows)
			return deepest
		}
		require.Equal(t, 4, down(served, 12, 1), "province, city, county, township")
		require.Len(t, s.get(served).places(), 16)
	})
}

func TestOverviewShowsTargetPaceAndMap(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.promise(map[string]int64{"37": 300_000, "3701": 20, "3702": 400})
		h.serve("370104", 21)
		h.serve("370202", 30)
		h.clock.Advance(40 * 24 * time.Hour)
		s := h.staff("province", access.RoleProvince, "37")
		p := s.get("/cockpit").ok(200).says("就业", "300,000", "51", "落后", "截至")
		require.Equal(t, 3, p.doc.Find("article.number").Length())
		require.Equal(t, 1, strings.Count(p.doc.Find("main").Text(), "截至"), "said once for all numbers")
		require.Contains(t, p.doc.Find("table.place thead").First().Text(), "%")
		require.NotContains(t, p.doc.Find("table.place thead").Last().Text(), "%", "a share of no target is no per cent")
		require.Equal(t, 1, p.doc.Find(`script[data-chart="map"]`).Length())
		require.Contains(t, p.doc.Find(`script[data-chart="map"]`).Text(), `"370100":"济南市`)
		require.Contains(t, p.html, "鲁会〔2020〕1号")
		at := map[string]place{}
		for _, r := range p.places() {
			at[r.name[:6]] = r
		}
		require.Equal(t, "已达标", at["济南"].state)
		require.Equal(t, "1", at["济南"].rank)
		require.Contains(t, at["青岛"].state, "落后 ")
		require.Equal(t, "2", at["青岛"].rank)

		one := s.get(served).ok(200).says("落后最多", "青岛市", "走势", "300,000")
		require.NotZero(t, one.doc.Find(`script[data-chart="course"]`).Length())
		for _, step := range []string{"day", "week", "month"} {
			s.get(served + "?step=" + step).ok(200)
		}

		// A city's page has no map of the cities; a county clerk begins at the county.
		city := s.get("/cockpit?unit=3701").ok(200)
		require.Zero(t, city.doc.Find(`script[data-chart]`).Length())
		require.Zero(t, city.doc.Find(`script[src*="chart"]`).Length(), "no chart, no script for charts")
		require.Equal(t, int64(21), h.staff("huaiyin", access.RoleCounty, "370104").get("/cockpit").ok(200).figure())
	})
}

func TestEmptyHouseHasWords(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		s := h.staff("leader", access.RoleLeader, "370104001")
		s.get("/cockpit").ok(200).says("下面没有分地区的数")
		p := s.get(served).ok(200).says("下面没有分地区的数")
		require.Zero(t, p.doc.Find(`a[href*="records"].btn-main`).Length())
		s.get(served + "/records").ok(200).says("还没有")
		s.get(served + "?period=2018").ok(200)
	})
}

func TestOnlyOnesOwnPlaces(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.serve("370103", 2)
		county := h.staff("huaiyin", access.RoleCounty, "370104")
		for _, path := range []string{"/cockpit?unit=370103", served + "?unit=370103", served + "/records?unit=370103", served + "?unit=3701", served + "?unit=37", served + "?unit=999999"} {
			p := county.get(path).ok(404)
			require.NotContains(t, p.text("main"), "市中")
		}
		own := county.get(served + "/records").ok(200)
		token := own.doc.Find(`[name="_token"]`).First().AttrOr("value", "")
		require.Equal(t, 404, county.do("POST", served+"/records?unit=370103", url.Values{"purpose": {"报表"}, "_token": {token}}).code)
		require.Zero(t, county.get(served).doc.Find(`a[href*="unit=3701&"], a[href$="unit=3701"]`).Length(), "no way up to what is not theirs")

		v := h.visitor().get("/cockpit").ok(303)
		require.Equal(t, "/desk/signin?back=%2Fcockpit", v.header.Get("Location"))
		a, err := h.Accounts.EnsureWorker(h.system(), "13900009999", "王五", "370104")
		require.NoError(t, err)
		h.signedIn(a.ID).get("/cockpit").ok(403)
		h.staff("admin", access.RoleAdmin, "37").get("/cockpit").ok(403)
	})
}

func TestWrongAddressesAreSaid(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		s := h.staff("province", access.RoleProvince, "37")
		for path, code := range map[string]int{
			served + "?period=20x0": 422, served + "?step=hour": 422, served + "?as_of=2020-02-30": 422, served + "?as_of=2021-01-01": 422,
			served + "?wall=2": 422, served + "/records?after=rubbish": 422, "/cockpit/employment.nothing": 404,
			served + "?period=2019&as_of=2020-01-01": 422,
		} {
			s.get(path).ok(code)
		}
	})
}

// The number published on a day is said again, whatever was recorded since.
func TestAPastDayIsReproduced(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.serve("370104001", 3)
		h.clock.Advance(24 * time.Hour)
		h.serve("370104002", 2)
		h.serve("370103", 1)
		h.clock.Advance(24 * time.Hour)
		h.serve("370200", 5)
		s := h.staff("province", access.RoleProvince, "37")
		for day, want := range map[string]int64{"2020-07-19": 0, "2020-07-20": 3, "2020-07-21": 6, "2020-07-22": 11} {
			for _, unit := range []string{"37", "3701"} {
				p := s.get(served + "?as_of=" + day + "&unit=" + unit).ok(200)
				if unit == "37" {
					require.Equal(t, want, p.figure(), day)
				}
				var sum int64
				for _, r := range p.places() {
					sum += r.done
				}
				require.Equal(t, p.figure(), sum, "%s %s", day, unit)
			}
		}
		s.get("/cockpit?as_of=2020-07-20").ok(200).says("2020年7月20日 (周一) 日终")
		day := s.get(served + "?as_of=2020-07-20").ok(200).doc.Find(`input[name="as_of"]`)
		require.Equal(t, "date", day.AttrOr("type", ""), "picked in a calendar")
		require.Equal(t, "2020-07-20", day.AttrOr("value", ""))
		require.Equal(t, "2020-01-01", day.AttrOr("min", ""))
		require.Equal(t, "2020-07-21", day.AttrOr("max", ""), "a day that is over")
		require.Equal(t, "2019-12-31", s.get(served+"?period=2019").ok(200).doc.Find(`input[name="as_of"]`).AttrOr("max", ""))
	})
}

func TestRecordsAreMaskedPagedAndExported(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.serve("370104", 60)
		county := h.staff("huaiyin", access.RoleCounty, "370104")
		first := county.get(served+"/records").ok(200).says("欧***", "接受服务", "共 60 条")
		require.NotContains(t, first.html, "欧阳")
		require.Equal(t, 50, first.doc.Find("main tbody tr").Length())
		require.NotZero(t, first.doc.Find(`main tbody a[href^="/desk/people/"]`).Length())
		second := county.get(first.doc.Find(`a[rel="next"]`).AttrOr("href", "")).ok(200)
		require.Equal(t, 10, second.doc.Find("main tbody tr").Length())

		// A leader sees the number and the masked list, but has no way to the people.
		leader := h.staff("leader", access.RoleLeader, "370104").get(served + "/records").ok(200)
		require.Zero(t, leader.doc.Find(`a[href^="/desk/people/"]`).Length())

		action := first.doc.Find(`form[action*="/records"]`).AttrOr("action", "")
		form := func() url.Values {
			return url.Values{"_token": {county.get(served+"/records").doc.Find(`[name="_token"]`).Last().AttrOr("value", "")}}
		}
		county.do("POST", action, form()).ok(422).says("导出用途")
		values := form()
		values.Set("purpose", "上报市总")
		file := county.do("POST", action, values).ok(200)
		require.Contains(t, file.header.Get("Content-Type"), "text/csv")
		require.Contains(t, file.header.Get("Content-Disposition"), "employment-workers_served-")
		require.Equal(t, 61, strings.Count(file.html, "\r\n"))
		require.NotContains(t, file.html, "欧阳")
		unit, _ := h.Org.ByDivision("370104")
		log, err := h.log.ListForSubject(h.system(), unit.CityCode, unit.ID, page.Request{})
		require.NoError(t, err)
		require.Len(t, log.Items, 1)
		require.Equal(t, "上报市总", log.Items[0].Purpose)
		county.do("POST", action, url.Values{"purpose": {"报表"}, "_token": {"a.b.c"}}).ok(403)
	})
}

// An application names its vacancy and leads to the case; overdue reviews are
// counted for leaders who decide nothing themselves.
func TestApplicationsAndSlowReviews(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		hr, err := h.Accounts.EnsureWorker(h.system(), "19900000001", "李华", "370104")
		require.NoError(t, err)
		enter := func(id string) (out access.Actor) {
			out, err := h.Accounts.Load(t.Context(), id)
			require.NoError(t, err)
			return out
		}
		c, err := h.RegisterEmployer(access.Enter(t.Context(), enter(hr.ID)), company.Input{
			CreditCode: creditCode(t), Name: "济南钢花机械有限公司", DivisionCode: "370104", ContactName: "李华", ContactPhone: "19900009999",
		})
		require.NoError(t, err)
		_, err = h.DecideEmployer(h.system(), employment.StepInput{City: c.CityCode, ID: c.ID, Event: "accept", Version: 1})
		require.NoError(t, err)
		boss := access.Enter(t.Context(), enter(hr.ID))
		draft := employment.VacancyInput{Title: "电焊工", Headcount: 2, DivisionCode: "370104", Pay: "6000-8000元/月", Content: "焊接钢结构件。"}
		v, err := h.PostVacancy(boss, c.CityCode, c.ID, draft)
		require.NoError(t, err)
		_, err = h.StepVacancy(h.system(), employment.StepInput{City: v.CityCode, ID: v.ID, Event: "publish", Version: 1})
		require.NoError(t, err)
		// The worker lives in another city: the fact and the case lie in two custodies.
		w, err := h.Accounts.EnsureWorker(h.system(), "13900000001", "王大力", "370202")
		require.NoError(t, err)
		a, err := h.Apply(access.Enter(t.Context(), enter(w.ID)), employment.ApplyInput{Number: v.Number})
		require.NoError(t, err)
		draft.Title = "叉车工"
		_, err = h.PostVacancy(boss, c.CityCode, c.ID, draft)
		require.NoError(t, err)
		h.clock.Advance(7 * 24 * time.Hour)

		province := h.staff("province", access.RoleProvince, "37")
		list := province.get(served+"/records?unit=3702").ok(200).says("投递岗位：电焊工", "王**")
		require.Equal(t, 1, list.doc.Find(`a[href="/desk/cases/employment.application/`+a.CityCode+"/"+a.ID+`"]`).Length())
		there := h.staff("shinan", access.RoleCounty, "370202").get(served+"/records").ok(200).says("王**", "投递岗位")
		require.Zero(t, there.doc.Find(`a[href*="/desk/cases/"]`).Length(), "the case is another county's")

		h.staff("leader", access.RoleLeader, "37").get(served).ok(200).says("审核最慢", "济南市")
	})
}

func TestWallAndLanguages(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.promise(map[string]int64{"37": 300_000})
		h.serve("370104", 5)
		h.clock.Advance(30 * 24 * time.Hour)
		s := h.staff("province", access.RoleProvince, "37")
		wall := s.get("/cockpit?wall=1").ok(200)
		require.Equal(t, "wall", wall.doc.Find("html").AttrOr("data-screen", ""))
		require.Contains(t, wall.html, `<noscript><meta http-equiv="refresh" content="60">`)
		require.Contains(t, wall.places()[0].href, "wall=1")
		for _, lang := range []i18n.Lang{i18n.ZH, i18n.EN} {
			s.lang = lang
			for _, path := range []string{"/cockpit", served, served + "?unit=3701", served + "/records", served + "?wall=1", served + "?step=month"} {
				p := s.get(path).ok(200)
				require.NotContains(t, p.text("body"), "cockpit.")
				require.NotContains(t, p.html, "style=\"")
				if lang == i18n.EN {
					require.Empty(t, facetest.Chinese(p.doc, "张明", "欧阳建国", "欧***", "欧**", "鲁会〔2020〕1号"), path)
				}
			}
		}
		s.get("/cockpit").says("Where we stand", "300,000", "Jinan", "Qingdao")
		s.get(served+"?unit=3701").ok(200).says("Huaiyin District", "Jinan City Federation of Trade Unions")
	})
}
