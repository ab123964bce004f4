package e2e_test

import (
	"testing"

	"gonghui/internal/base/db"
	"gonghui/internal/measure/employment"
)

// The first view of a page, with nothing in the cache, is light enough for a
// slow network: 60 KB in 4 requests for a worker, 100 KB in 6 for the desk.
// The cockpit draws maps and charts and has no such promise; it is measured so
// that it does not grow unseen.
func TestFirstViewIsLight(t *testing.T) {
	needBrowser(t)
	onBoth(t, func(t *testing.T, h *house) {
		if h.app.DB.Dialect != db.SQLite {
			return // the pages of both databases are the same
		}
		hr, c := h.employer("济南槐荫轻快有限公司", county)
		var vacancy employment.Vacancy
		for _, title := range []string{ // a full page of the list
			"电焊工", "氩弧焊工", "二保焊工", "管道焊工", "铆工", "钳工", "车工", "铣工", "磨工", "镗工", "冲压工", "喷漆工",
			"叉车司机", "仓库管理员", "质检员", "电工", "维修工", "保洁员", "厨师", "保安", "会计", "行政文员", "销售代表", "客服专员",
		} {
			vacancy = h.onOffer(hr, c, title)
		}
		_, err := h.app.Employment.PostVacancy(hr, c.CityCode, c.ID, draft("数控车工"))
		if err != nil {
			t.Fatal(err)
		}
		h.staff("huaiyin.clerk", "county_clerk", county)
		h.staff("province.leader", "leader", "370000")
		for _, path := range []string{"/", "/jobs", "/jobs?q=焊工", "/jobs/" + vacancy.Number, "/signin"} {
			h.light(h.tab(t, "light", phoneSize, true), path, 60, 4)
		}
		p := h.tab(t, "light", phoneSize, true).open("/signin").signInQuietly(h.phone())
		for _, path := range []string{"/jobs/" + vacancy.Number + "/apply", "/cases", "/messages", "/me", "/me/profile", "/me/data"} {
			p.forget()
			h.light(p, path, 60, 4)
		}
		p = h.tab(t, "light", deskSize, true)
		p.open("/desk").staffInQuietly("huaiyin.clerk")
		for _, path := range []string{"/desk", "/desk/vacancies", "/desk/companies", "/desk/imports", "/desk/services"} {
			p.forget()
			h.light(p, path, 100, 6)
		}
		p = h.tab(t, "light", deskSize, true)
		p.open("/desk").staffInQuietly("province.leader")
		p.forget()
		h.light(p, "/cockpit", 450, 8)
	})
}
