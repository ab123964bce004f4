package e2e_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/company"
	"gonghui/internal/measure/employment"
)

// What the program must withstand: each gets a clear message and changes
// nothing. visitor.do fails for every answer of 500 and above.
func TestBadInput(t *testing.T) {
	served(t, func(h *house) func(*testing.T) {
		hr, c := h.employer("济南槐荫坚固有限公司", county)
		vacancy := h.onOffer(hr, c, "电焊工")
		undecided, err := h.app.Employment.PostVacancy(hr, c.CityCode, c.ID, draft("数控车工"))
		require.NoError(t, err)
		h.staff("huaiyin1", "county_clerk", county)
		h.staff("huaiyin2", "county_clerk", county)
		return func(t *testing.T) {
			t.Run("forged forms", func(t *testing.T) { forgedForms(t, h) })
			t.Run("addresses", func(t *testing.T) { brokenAddresses(t, h, vacancy) })
			t.Run("fields", func(t *testing.T) { brokenFields(t, h) })
			t.Run("sizes", func(t *testing.T) { hugeThings(t, h) })
			t.Run("wrong codes", func(t *testing.T) { wrongCodes(t, h) })
			t.Run("foreign records", func(t *testing.T) { foreignRecords(t, h, hr, c, vacancy) })
			t.Run("uploads", func(t *testing.T) { brokenUploads(t, h) })
			t.Run("rows", func(t *testing.T) { brokenRows(t, h) })
			t.Run("two clerks", func(t *testing.T) { twoClerks(t, h, undecided) })
			v := h.visitor(t)
			require.Equal(t, 200, v.get("/healthz").status)
			require.Equal(t, 200, v.get("/readyz").status, "the program is well after all this")
			require.Equal(t, 200, v.get("/jobs/"+vacancy.Number).status)
			require.Contains(t, v.get("/metrics").text, `route="GET /jobs/{number}"`, "requests are measured by their route")
		}
	})
}

func forgedForms(t *testing.T, h *house) {
	a, b := h.visitor(t).signIn(h.phone()), h.visitor(t).signIn(h.phone())
	form := a.form("/me/profile", "/me/profile")
	form.Set("name", "王芳")
	with := func(token string) url.Values {
		f := url.Values{}
		for k, v := range form {
			f[k] = v
		}
		f.Set("_token", token)
		return f
	}
	token := form.Get("_token")
	foreign := b.form("/me/profile", "/me/profile").Get("_token")
	visitors := h.visitor(t).form("/signin", "/signin").Get("_token")
	for name, forged := range map[string]string{
		"none": "", "garbage": "a.b.c", "not enough parts": "a", "changed": token[:len(token)-2] + "xx",
		"of another person": foreign, "of a visitor": visitors, "very long": strings.Repeat("x.", 4000), "NUL": "a\x00.b.c",
		"a later end": strings.Replace(token, ".", ".z", 1),
	} {
		got := a.send("/me/profile", with(forged))
		require.Equal(t, http.StatusForbidden, got.status, name)
		require.Contains(t, got.says(), say("fault.web.forged"), name)
	}
	require.NotContains(t, a.get("/me").says(), "王芳", "a forged form changes nothing")

	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.base+"/me/profile", strings.NewReader(form.Encode()))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	require.Equal(t, http.StatusForbidden, a.do(req).status, "a good token from a foreign site")

	got := a.send("/me/profile", form)
	require.Equal(t, http.StatusSeeOther, got.status, got.text)
	require.Equal(t, http.StatusSeeOther, a.post("/me/profile", "/me/profile", "name", "张三").status)
	got = a.send("/me/profile", form)
	require.Equal(t, http.StatusSeeOther, got.status, "the old form sent again gets its old answer")
	require.Contains(t, a.get("/me").says(), "张三", "and does nothing")
}

func brokenAddresses(t *testing.T, h *house, vacancy employment.Vacancy) {
	v := h.visitor(t).signIn(h.phone())
	for _, path := range []string{
		"/jobs/%00", "/jobs/%ff%fe", "/jobs?q=%00", "/jobs?q=%c3%28", "/jobs?place=%00", "/jobs?place=999999", "/jobs?pay=nonsense",
		"/jobs?after=garbage", "/jobs?after=" + strings.Repeat("A", 3000), "/jobs?lon=nan&lat=1", "/jobs?lon=1e999&lat=2", "/jobs?days=-1", "/jobs?days=x",
		"/jobs?sort=nonsense", "/jobs?sort=%00", "/jobs/" + strings.Repeat("x", 5000), "/jobs/V-1", "/jobs/../etc/passwd", "/jobs/%2e%2e%2f", "/jobs/'%20OR%201=1--",
		"/cases/%00", "/cases/A1", "/cases?after=garbage", "/messages?after=%00", "/messages/3701/%ff", "/messages/3701/x", "/messages/%27/%27",
		"/recommendations/%00", "/recommendations/x", "/assets/%00", "/assets/../app.go", "/company/vacancies/%00", "/company/applications/x",
		"/api/v1/%00", "/api/v1/jobs?after=garbage", "/api/v1/jobs/%ff", "/%00", "/%ff", "/nonsense", "/jobs?%ff=1", "/prefs?back=%00", "/me/data?after=x",
	} {
		got := v.get(path)
		require.GreaterOrEqual(t, got.status, 300, "%s: %d", path, got.status)
		if got.status < 400 {
			require.Regexp(t, `^/([^/]|$)`, got.to, "%s leads to a place of this site", path)
			continue
		}
		require.NotEmpty(t, got.says(), path)
		for _, leak := range []string{"SQL", "sql:", "goroutine", "panic", ".go:", "pq:", "SQLSTATE"} {
			require.NotContains(t, got.says(), leak, path)
		}
	}
	for _, back := range []string{"//evil.example", "https://evil.example", `/\evil.example`, "/\\/evil.example", "javascript:alert(1)", "/ok\r\nSet-Cookie: x=1"} {
		require.Equal(t, "/", v.get("/prefs?lang=en&back="+url.QueryEscape(back)).to, back)
	}
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPatch, "PROPFIND", "TRACE"} {
		req, err := http.NewRequestWithContext(t.Context(), method, h.base+"/jobs/"+vacancy.Number, nil)
		require.NoError(t, err)
		got := v.do(req)
		require.True(t, got.status == 405 || got.status == 404 || got.status == 403, "%s: %d", method, got.status)
	}
}

func brokenFields(t *testing.T, h *house) {
	v := h.visitor(t).signIn(h.phone())
	for name, value := range map[string]string{
		"an emoji": "王😀", "a NUL": "王\x00芳", "no text": "王\xff\xfe", "markup": "<script>alert(1)</script>",
		"too long": strings.Repeat("王", 2000), "nothing": "", "only blanks": " \t　", "a number": "13800000000",
	} {
		got := v.post("/me/profile", "/me/profile", "name", value)
		require.Equal(t, http.StatusUnprocessableEntity, got.status, "%s: %s %s", name, got.to, got.says())
		require.NotContains(t, got.text, "<script>alert", name)
		require.Contains(t, got.says(), say("ui.problem.one"), name)
	}
	for name, pairs := range map[string][]string{
		"education": {"education", "99"}, "education in words": {"education", "本科"}, "years": {"years", "-3"}, "years too many": {"years", "99999999999999999999"},
		"a place that is not": {"division", "999999"}, "a group that is not": {"groups", "king"},
	} {
		got := v.post("/me/profile", "/me/profile", append([]string{"name", "王芳"}, pairs...)...)
		require.Equal(t, http.StatusUnprocessableEntity, got.status, "%s: %s", name, got.to)
	}
	require.Contains(t, v.get("/me").says(), say("phone.me.unsaid"), "nothing was saved")

	fields := v.form("/me/profile", "/me/profile")
	for kind, body := range map[string]string{
		"application/json": `{"name":"王芳"}`, "text/plain": "name=王芳", "multipart/form-data": "x", "multipart/form-data; boundary=b": "--b\r\nbroken",
		"application/x-www-form-urlencoded": "_token=" + fields.Get("_token") + "&name=%zz", "": "name=x",
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.base+"/me/profile", strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Content-Type", kind)
		got := v.do(req)
		require.GreaterOrEqual(t, got.status, 400, kind)
	}
}

func hugeThings(t *testing.T, h *house) {
	v := h.visitor(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.base+"/", nil)
	require.NoError(t, err)
	req.Header.Set("X-Long", strings.Repeat("x", 200<<10))
	require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, v.do(req).status)

	req, err = http.NewRequestWithContext(t.Context(), http.MethodGet, h.base+"/jobs?q="+strings.Repeat("%E7%84%8A", 6000), nil)
	require.NoError(t, err)
	require.GreaterOrEqual(t, v.do(req).status, 400, "a question of 6,000 characters")

	v.signIn(h.phone())
	req, err = http.NewRequestWithContext(t.Context(), http.MethodPost, h.base+"/me/profile", &endless{n: 100 << 20, head: strings.NewReader("name=")})
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	got := v.do(req)
	require.Equal(t, http.StatusUnprocessableEntity, got.status)
	require.Contains(t, got.says(), say("fault.web.too_large", "MB", 1))
}

func wrongCodes(t *testing.T, h *house) {
	v, phone := h.visitor(t), h.phone()
	require.Equal(t, "/signin/code", v.post("/signin", "/signin", "phone", phone).to)
	right := h.code(phone)
	for name, code := range map[string]string{"letters": "abcdef", "short": "123", "long": "1234567", "NUL": "12345\x00", "empty": ""} {
		got := v.post("/signin/code", "/signin/code", "code", code)
		require.Equal(t, http.StatusUnprocessableEntity, got.status, name)
	}
	wrong := "000000"
	if right == wrong {
		wrong = "000001"
	}
	for left := 4; left > 0; left-- {
		got := v.post("/signin/code", "/signin/code", "code", wrong)
		require.Equal(t, http.StatusUnprocessableEntity, got.status)
		require.Contains(t, got.says(), say("fault.account.code_wrong", "Left", left))
	}
	got := v.post("/signin/code", "/signin/code", "code", wrong)
	require.Equal(t, http.StatusTooManyRequests, got.status, "the fifth wrong code")
	got = v.post("/signin/code", "/signin/code", "code", right)
	require.Equal(t, http.StatusTooManyRequests, got.status, "the right code is no good any more")
	require.Contains(t, got.says(), say("fault.account.code_wait", "Minutes", 15, "Seconds", 900))
	require.Equal(t, "/signin?back=%2Fme", v.get("/me").to, "nobody was signed in")

	// One code a minute for a number, whoever asks.
	phone = h.phone()
	require.Equal(t, "/signin/code", h.visitor(t).post("/signin", "/signin", "phone", phone).to)
	got = h.visitor(t).post("/signin", "/signin", "phone", phone)
	require.Equal(t, http.StatusTooManyRequests, got.status)
	for name, number := range map[string]string{"words": "手机", "short": "1380000", "abroad": "+1 212 555 0100", "NUL": "1990000\x000001", "empty": ""} {
		require.Equal(t, http.StatusUnprocessableEntity, h.visitor(t).post("/signin", "/signin", "phone", number).status, name)
	}
}

// foreignRecords: one worker tries another's application and message.
func foreignRecords(t *testing.T, h *house, hr context.Context, c company.Company, vacancy employment.Vacancy) {
	owner, thief := h.visitor(t).signIn(h.phone()), h.visitor(t).signIn(h.phone())
	got := owner.post("/jobs/"+vacancy.Number+"/apply", "/jobs/"+vacancy.Number+"/apply", "name", "王芳")
	require.Equal(t, http.StatusSeeOther, got.status, got.says())
	path := strings.Split(got.to, "?")[0]
	before := owner.get(path).says()
	token := thief.form("/me/profile", "/me/profile").Get("_token")
	for _, x := range []struct{ method, path string }{
		{"GET", path}, {"POST", path + "/step"}, {"POST", path + "/phone"}, {"GET", "/company/applications/" + strings.TrimPrefix(path, "/cases/")},
	} {
		var got answer
		if x.method == "GET" {
			got = thief.get(x.path)
		} else {
			got = thief.send(x.path, url.Values{"_token": {token}, "event": {"withdraw"}, "share": {"yes"}, "version": {"1"}})
		}
		require.True(t, got.status == 404 || got.status == 403, "%s %s: %d %s", x.method, x.path, got.status, got.to)
		require.NotContains(t, got.text, "王芳")
	}
	require.Contains(t, before, state("delivered"))
	require.Contains(t, owner.get(path).says(), state("delivered"), "nothing has changed")
	all, err := h.app.Employment.ListApplications(hr, employment.ApplicationFilter{CompanyID: c.ID})
	require.NoError(t, err)
	require.Len(t, all.Items, 1)
	require.False(t, all.Items[0].SharePhone)
}
