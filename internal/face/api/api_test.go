package api

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/PuerkitoBio/goquery"
	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"

	"gonghui/internal/core/access"
	"gonghui/internal/face/web"
)

// The committed description is the one the program gives; `gonghui openapi`
// writes it anew.
func TestDescriptionIsFresh(t *testing.T) {
	var first, second bytes.Buffer
	require.NoError(t, Describe(&first))
	require.NoError(t, Describe(&second))
	require.Equal(t, first.String(), second.String())
	const golden = "../../../api/openapi.yaml"
	if os.Getenv("GONGHUI_UPDATE") != "" {
		require.NoError(t, os.WriteFile(golden, first.Bytes(), 0o644))
	}
	have, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(have), first.String(), "stale: run `gonghui openapi > api/openapi.yaml`")
}

// The whole way: a company registers and posts, the county decides, a worker
// applies, is hired and counted, all by calls.
func TestFromRegistrationToTheFigure(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		hr := h.worker("19900000001", "李华", "370104")
		county := h.clerk("huaiyin", access.RoleCounty, "370104")
		var c Company
		hr.do("POST", "/companies", map[string]any{
			"credit_code": creditCode(t, 1), "name": "济南钢花机械有限公司", "division": "370104", "contact_name": "李华", "contact_phone": "19900009999",
		}).ok(201).into(&c)
		require.Equal(t, "submitted", c.State)
		require.Equal(t, "199****9999", c.ContactPhone)

		var q Cases
		county.do("GET", "/cases", nil).ok(200).into(&q)
		require.Len(t, q.Items, 1)
		require.Equal(t, "employment.employer", q.Items[0].Kind)
		require.Equal(t, "Huaiyin District Federation of Trade Unions", q.Items[0].Unit.Name)
		at := "/cases/employment.employer/" + q.Items[0].City + "/" + q.Items[0].ID
		county.do("POST", at+"/steps", map[string]any{"event": "return", "version": 1}).refused(422, "casework.reason")
		county.do("POST", at+"/steps", map[string]any{"event": "return", "version": 1, "reason": "请补充地址"}).ok(200)
		county.do("POST", at+"/steps", map[string]any{"event": "accept", "version": 1}).refused(409, "casework.moved_on")

		var mine List[Company]
		hr.do("GET", "/companies/mine", nil).ok(200).into(&mine)
		require.Len(t, mine.Items, 1)
		require.Equal(t, "请补充地址", mine.Items[0].Reason)
		hr.do("PUT", "/companies/"+c.City+"/"+c.ID, map[string]any{
			"address": "工业北路 88 号", "version": mine.Items[0].Version, "case_version": mine.Items[0].CaseVersion,
		}).ok(200).into(&c)
		require.Equal(t, "submitted", c.State)
		var k CaseDetail
		county.do("POST", at+"/steps", map[string]any{"event": "accept", "version": c.CaseVersion}).ok(200).into(&k)
		require.Equal(t, "verified", k.State)
		require.Len(t, k.History, 4)

		var v Vacancy
		hr.do("POST", "/companies/"+c.City+"/"+c.ID+"/vacancies", welder()).ok(201).into(&v)
		require.Equal(t, "submitted", v.State)
		hr.do("POST", "/companies/"+c.City+"/"+c.ID+"/vacancies", welder()).ok(409)
		county.do("GET", "/cases?kind=employment.vacancy", nil).ok(200).into(&q)
		require.Len(t, q.Items, 1)
		county.do("POST", "/cases/employment.vacancy/"+q.Items[0].City+"/"+q.Items[0].ID+"/steps", map[string]any{"event": "publish", "version": 1}).ok(200)

		var found Jobs
		h.visitor().do("GET", "/jobs?q="+url.QueryEscape("焊工")+"&place=3701&pay=5k-8k&sort=date&near=370104", nil).ok(200).into(&found)
		require.Equal(t, 1, found.Total)
		require.Equal(t, v.Number, found.Items[0].Number)
		require.NotNil(t, found.Items[0].Km)
		require.Len(t, found.Facets, 7)
		for lang, want := range map[string][]string{"en": {"Huaiyin District", "Welder", "Jinan"}, "zh-CN": {"槐荫区", "焊工", "济南市"}} {
			who := h.visitor()
			who.lang = lang
			who.do("GET", "/jobs", nil).ok(200).into(&found)
			require.Equal(t, want[:2], []string{found.Items[0].Place.Name, found.Items[0].Occupation.Text})
			words := map[string]string{}
			for _, f := range found.Facets {
				for _, x := range f.Values {
					words[f.Name+"="+x.Code] = x.Text
					require.False(t, lang == "en" && strings.ContainsFunc(x.Text, func(r rune) bool { return unicode.Is(unicode.Han, r) }), "%s %s", x.Code, x.Text)
				}
			}
			require.Equal(t, want, []string{words["place=370104"], words["occupation=6-18-02-04"], words["place=3701"]})
		}
		h.visitor().do("GET", "/jobs/"+v.Number, nil).ok(200)

		worker := h.worker("13900000001", "王大力", "370104")
		var a Application
		worker.do("POST", "/jobs/"+v.Number+"/applications", map[string]any{"message": "有焊工证"}).ok(201).into(&a)
		var again Application
		worker.do("POST", "/jobs/"+v.Number+"/applications", map[string]any{}).ok(201).into(&again)
		require.Equal(t, a.Number, again.Number, "sent twice is one application")

		var list List[Application]
		hr.do("GET", "/companies/"+c.City+"/"+c.ID+"/applications?state=delivered&vacancy="+v.Number, nil).ok(200).into(&list)
		require.Len(t, list.Items, 1)
		hr.do("POST", "/applications/"+a.Number+"/phone", nil).refused(403, "employment.no_consent")
		worker.do("PUT", "/me/applications/"+a.Number+"/phone", map[string]any{"share": true}).ok(204)
		var phone Phone
		hr.do("POST", "/applications/"+a.Number+"/phone", nil).ok(200).into(&phone)
		require.Equal(t, "13900000001", phone.Phone)

		step := func(who *caller, base, event string, more ...any) ApplicationDetail {
			t.Helper()
			var d ApplicationDetail
			who.do("GET", base+a.Number, nil).ok(200).into(&d)
			body := map[string]any{"event": event, "version": d.Version}
			for i := 0; i+1 < len(more); i += 2 {
				body[more[i].(string)] = more[i+1]
			}
			who.do("POST", base+a.Number+"/steps", body).ok(200).into(&d)
			return d
		}
		const company, own = "/applications/", "/me/applications/"
		step(hr, company, "view")
		step(hr, company, "invite", "at", h.clock.Now().Add(48*time.Hour), "place", "厂东门")
		step(hr, company, "record", "note", "会看图")
		step(hr, company, "offer")
		step(worker, own, "accept")
		step(hr, company, "confirm")
		d := step(worker, own, "confirm_own", "arrived_on", "2020-07-20")
		require.Equal(t, "arrived", d.State)
		require.Empty(t, d.Steps)

		var f FigureDetail
		county.do("GET", "/figures/employment.workers_served", nil).ok(200).into(&f)
		require.Equal(t, int64(1), f.Done)
		var places List[PlaceFigure]
		province := h.clerk("province", access.RoleProvince, "37")
		province.do("GET", "/figures/employment.workers_served/places?unit=370100", nil).ok(200).into(&places)
		var sum int64
		for _, p := range places.Items {
			sum += p.Done
		}
		require.Equal(t, int64(1), sum)
		var records List[FigureRecord]
		province.do("GET", "/figures/employment.placements/records?unit=370104&period=2020", nil).ok(200).into(&records)
		require.Len(t, records.Items, 1)
		var all List[Figure]
		province.do("GET", "/figures", nil).ok(200).into(&all)
		require.Len(t, all.Items, 3)
		province.do("GET", "/figures/employment.workers_served?as_of=2020-07-19", nil).ok(200).into(&f)
		require.Zero(t, f.Done, "yesterday nobody was counted")

		var inbox List[Notice]
		worker.do("GET", "/me/notices", nil).ok(200).into(&inbox)
		require.NotEmpty(t, inbox.Items)
		worker.do("PUT", "/me/notices/"+inbox.Items[0].City+"/"+inbox.Items[0].ID+"/read", nil).ok(204)
		worker.do("PUT", "/me/profile", map[string]any{"name": "王大力", "education": "college", "years": 5, "wanted": "焊工", "groups": []string{"veteran"}}).ok(200)
		var p Profile
		worker.do("GET", "/me/profile", nil).ok(200).into(&p)
		require.Equal(t, "college", p.Education)
		require.Equal(t, "139****0001", p.Phone)

		var s ServiceRecord
		service := map[string]any{"kind": "guidance", "phone": "13900000077", "name": "赵六", "note": "简历"}
		county.do("POST", "/services", service).ok(201).into(&s)
		var twice ServiceRecord
		county.do("POST", "/services", service).ok(201).into(&twice)
		require.Equal(t, s.ID, twice.ID)
		var services List[ServiceRecord]
		county.do("GET", "/services", nil).ok(200).into(&services)
		require.Len(t, services.Items, 1)

		county.do("POST", "/services", map[string]any{"kind": "recommendation", "phone": "13900000001", "name": "王大力", "vacancy": v.Number}).ok(201)
		var offers List[Recommendation]
		worker.do("GET", "/me/recommendations", nil).ok(200).into(&offers)
		require.Len(t, offers.Items, 1)
		worker.do("PUT", "/me/recommendations/"+offers.Items[0].ID+"/answer", map[string]any{"accept": true}).ok(204)

		hr.do("POST", "/vacancies/"+v.Number+"/steps", map[string]any{"event": "close", "version": 2, "reason": "招满了"}).ok(200)
		h.visitor().do("GET", "/jobs/"+v.Number, nil).refused(404, "employment.no_vacancy")
		var me Me
		worker.do("GET", "/me", nil).ok(200).into(&me)
		require.Equal(t, "王大力", me.Name)
	})
}

// operations lists every described operation with its path filled in.
func (h *house) operations(f func(op *huma.Operation, path string)) {
	fill := strings.NewReplacer("{number}", "V37010000000", "{city}", "3701", "{id}", "0190aaaa-0000-7000-8000-000000000000",
		"{kind}", "employment.vacancy", "{key}", "employment.workers_served")
	for path, item := range h.api.api.OpenAPI().Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Delete} {
			if op != nil {
				f(op, fill.Replace(path))
			}
		}
	}
}

func TestVisitorsAreAskedToSignIn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		n := 0
		h.operations(func(op *huma.Operation, path string) {
			if len(op.Security) == 0 {
				return
			}
			n++
			a := h.visitor().do(op.Method, path, nil)
			a.refused(401, "access.sign_in")
			require.Contains(t, a.header.Get("WWW-Authenticate"), "Bearer")
			stale := h.visitor()
			stale.token = "gonghui_nothing"
			stale.do(op.Method, path, nil).refused(401, "account.token")
			h.clock.Advance(time.Second) // the pace of one address is not what this test is about
		})
		require.Greater(t, n, 30)
	})
}

// body is a right body for an operation, so that nothing but the record is wrong.
func body(op *huma.Operation) any {
	switch op.OperationID {
	case "vacancy-post", "vacancy-resubmit":
		return welder()
	case "company-resubmit":
		return map[string]any{"address": "x", "version": 1, "case_version": 1}
	case "my-application-share-phone":
		return map[string]any{"share": true}
	case "my-recommendation-answer":
		return map[string]any{"accept": true}
	case "job-apply":
		return map[string]any{"name": "王五"}
	case "case-step":
		return map[string]any{"event": "publish", "version": 1}
	}
	if op.RequestBody != nil {
		return map[string]any{"event": "withdraw", "version": 1}
	}
	return nil
}

// What is another's does not exist: for another worker, another company and a
// sister county, on every path that names a record.
func TestForeignRecordsDoNotExist(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		hr := h.worker("19900000001", "李华", "370104")
		c := h.employer(hr, "济南钢花机械有限公司", "370104")
		v := h.onOffer(hr, c, welder())
		worker := h.worker("13900000001", "王大力", "370104")
		var a Application
		worker.do("POST", "/jobs/"+v.Number+"/applications", map[string]any{"share_phone": true}).ok(201).into(&a)
		record, err := h.VacancyByNumber(h.system(), v.Number)
		require.NoError(t, err)
		county := h.clerk("huaiyin", access.RoleCounty, "370104")
		county.do("POST", "/services", map[string]any{"kind": "recommendation", "phone": "13900000001", "name": "王大力", "vacancy": v.Number}).ok(201)
		var offers List[Recommendation]
		worker.do("GET", "/me/recommendations", nil).ok(200).into(&offers)
		var inbox List[Notice]
		worker.do("GET", "/me/notices", nil).ok(200).into(&inbox)
		var tokens List[Token]
		h.browser(worker.id).do("GET", "/tokens", nil).ok(200).into(&tokens)

		other := h.worker("13900000002", "钱二", "370103")
		otherHR := h.worker("19900000002", "孙三", "370103")
		h.employer(otherHR, "济南另一家有限公司", "370103")
		sister := h.clerk("shizhong", access.RoleCounty, "370103")
		leader := h.clerk("leader", access.RoleLeader, "370103")

		company := "/companies/" + c.City + "/" + c.ID
		paths := map[string]string{
			"my-application-get": "/me/applications/" + a.Number, "my-application-step": "/me/applications/" + a.Number + "/steps",
			"my-application-share-phone": "/me/applications/" + a.Number + "/phone",
			"my-notice-read":             "/me/notices/" + inbox.Items[0].City + "/" + inbox.Items[0].ID + "/read",
			"my-recommendation-answer":   "/me/recommendations/" + offers.Items[0].ID + "/answer",
			"company-get":                company, "company-resubmit": company, "vacancy-list": company + "/vacancies", "vacancy-post": company + "/vacancies",
			"applicant-list": company + "/applications", "vacancy-get": "/vacancies/" + v.Number, "vacancy-resubmit": "/vacancies/" + v.Number,
			"vacancy-step": "/vacancies/" + v.Number + "/steps", "applicant-get": "/applications/" + a.Number,
			"applicant-step": "/applications/" + a.Number + "/steps", "applicant-phone": "/applications/" + a.Number + "/phone",
			"case-get":   "/cases/employment.vacancy/" + record.CityCode + "/" + record.ID,
			"case-step":  "/cases/employment.vacancy/" + record.CityCode + "/" + record.ID + "/steps",
			"figure-get": "/figures/employment.workers_served?unit=370104", "figure-places": "/figures/employment.workers_served/places?unit=370104",
			"figure-records": "/figures/employment.workers_served/records?unit=370104",
		}
		tried := 0
		h.operations(func(op *huma.Operation, _ string) {
			path, named := paths[op.OperationID]
			open := op.OperationID == "job-get" || op.OperationID == "job-apply" || op.OperationID == "token-revoke" || op.OperationID == "rule-get"
			require.Equal(t, strings.Contains(op.Path, "{"), named || open, "%s is not tried", op.OperationID)
			if !named {
				return
			}
			for name, who := range map[string]*caller{"another worker": other, "another company": otherHR, "a sister county": sister, "its leader": leader} {
				got := who.do(op.Method, path, body(op))
				// Who has no such capability at all is told so before any record is looked at.
				if got.code == 403 {
					require.NotContains(t, string(got.body), v.Title)
					got.refused(403, "access.denied")
					require.False(t, name == "a sister county" && op.Tags[0] == "desk")
				} else {
					require.Equal(t, 404, got.code, "%s as %s: %s", op.OperationID, name, got.body)
				}
				tried++
			}
			h.clock.Advance(time.Second)
		})
		require.Greater(t, tried, 80)
		h.browser(other.id).do("DELETE", "/tokens/"+tokens.Items[0].ID, nil).refused(404, "account.token_unknown")
		for _, who := range []*caller{sister, leader} {
			var q Cases
			who.do("GET", "/cases", nil).ok(200).into(&q)
			require.Empty(t, q.Items)
			who.do("GET", "/cases?unit=370104", nil).refused(404, "org.not_found")
		}
		var mine List[Application]
		other.do("GET", "/me/applications", nil).ok(200).into(&mine)
		require.Empty(t, mine.Items)
	})
}

func TestTokensNarrowEndAndAreRevoked(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		visitor := h.visitor()
		visitor.do("POST", "/sessions/codes", map[string]any{"phone": "12345"}).refused(422, "account.phone")
		visitor.do("POST", "/sessions/codes", map[string]any{"phone": "13900000009"}).ok(204)
		soon := visitor.do("POST", "/sessions/codes", map[string]any{"phone": "13900000009"})
		soon.refused(429, "account.code_too_soon")
		require.NotEmpty(t, soon.header.Get("Retry-After"))
		code := h.lastCode("13900000009")
		wrong := map[bool]string{true: "111111", false: "000000"}[code == "000000"]
		p := visitor.do("POST", "/sessions", map[string]any{"phone": "13900000009", "code": wrong}).refused(422, "account.code_wrong")
		require.NotContains(t, p.Title, wrong)
		var fresh NewToken
		visitor.do("POST", "/sessions", map[string]any{"phone": "13900000009", "code": code}).ok(201).into(&fresh)
		require.Equal(t, []string{"self.use"}, fresh.Scope)
		app := h.visitor()
		app.token = fresh.Secret
		app.do("GET", "/me/profile", nil).ok(200)
		app.do("POST", "/tokens", map[string]any{"purpose": "more", "scope": []string{"self.use"}, "ttl": 600}).refused(403, "api.session_needed")
		app.do("GET", "/tokens", nil).refused(403, "api.session_needed")
		app.do("DELETE", "/sessions/current", nil).ok(204)
		app.do("GET", "/me/profile", nil).refused(401, "account.token")

		county := h.clerk("huaiyin", access.RoleCounty, "370104")
		narrow := h.of(county.id, access.FiguresView)
		narrow.do("GET", "/figures", nil).ok(200)
		narrow.do("GET", "/cases", nil).refused(403, "access.denied")
		narrow.do("GET", "/services", nil).refused(403, "access.denied")
		county.do("GET", "/cases", nil).ok(200)

		browser := h.browser(county.id)
		var wish NewToken
		browser.do("POST", "/tokens", map[string]any{"purpose": "报表", "scope": []string{"figures.view"}, "ttl": 3600}).ok(201).into(&wish)
		browser.do("POST", "/tokens", map[string]any{"purpose": "x", "scope": []string{"everything"}, "ttl": 3600}).refused(422, "account.token_input")
		with := h.visitor()
		with.token = wish.Secret
		with.do("GET", "/figures", nil).ok(200)
		browser.do("DELETE", "/tokens/"+wish.ID, nil).ok(204)
		with.do("GET", "/figures", nil).refused(401, "account.token")
		browser.do("DELETE", "/tokens/"+wish.ID, nil).refused(404, "account.token_unknown")

		browser.do("POST", "/tokens", map[string]any{"purpose": "短", "scope": []string{"figures.view"}, "ttl": 60}).ok(201).into(&wish)
		with.token = wish.Secret
		h.clock.Advance(2 * time.Minute)
		with.do("GET", "/figures", nil).refused(401, "account.token")
	})
}

func TestAnotherSiteCannotUseASession(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		worker := h.worker("13900000001", "王大力", "370104")
		browser := h.browser(worker.id)
		browser.header.Set("Origin", "https://evil.example")
		browser.header.Set("Sec-Fetch-Site", "cross-site")
		profile := map[string]any{"name": "王二"}
		browser.do("PUT", "/me/profile", profile).refused(403, "api.other_site")
		browser.do("GET", "/me/profile", nil).ok(200)
		worker.header = browser.header
		worker.do("PUT", "/me/profile", profile).ok(200)
		browser.header = http.Header{"Sec-Fetch-Site": {"same-origin"}}
		browser.do("PUT", "/me/profile", profile).ok(200)
	})
}

// Bounds are told as people write them, also where the schema's message has them
// in another notation.
func TestBoundsOfTheSchema(t *testing.T) {
	for message, want := range map[string]string{
		"expected number <= 3.16224e+07": "31622400", "expected number >= 60": "60", "expected number >= -180": "-180", "expected number <= 0.5": "0.5",
		"expected length <= 20": "20", "expected array length >= 1": "1",
	} {
		_, params := schemaCode(message)
		require.Len(t, params, 1, message)
		for _, v := range params {
			require.Equal(t, want, v, message)
		}
	}
}

func TestWrongInputIsNamedAndNotRepeated(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		hr := h.worker("19900000001", "李华", "370104")
		c := h.employer(hr, "济南钢花机械有限公司", "370104")
		vacancies := "/companies/" + c.City + "/" + c.ID + "/vacancies"
		with := func(key string, value any) map[string]any {
			d := welder()
			if d[key] = value; value == nil {
				delete(d, key)
			}
			return d
		}
		for _, x := range []struct {
			name, method, path string
			body               any
			status             int
			code, fields       string
		}{
			{"unknown place", "GET", "/jobs?place=SECRET", nil, 422, "search.unknown_code", "place=unknown_code"},
			{"unknown pay", "GET", "/jobs?pay=5k-8k&pay=SECRET", nil, 422, "search.unknown_code", "pay=unknown_code"},
			{"unknown sort", "GET", "/jobs?sort=SECRET", nil, 422, "search.unknown_code", "sort=unknown_code"},
			{"unknown filter", "GET", "/jobs?colour=SECRET", nil, 422, "form.invalid", "colour=api_unknown"},
			{"unknown near", "GET", "/jobs?near=SECRET", nil, 422, "search.unknown_code", "near=choice"},
			{"no number", "GET", "/jobs?limit=SECRET", nil, 422, "form.invalid", "limit=number"},
			{"too many rows", "GET", "/jobs?limit=100000", nil, 422, "form.invalid", "limit=max"},
			{"broken cursor", "GET", "/jobs?after=SECRET", nil, 422, "search.bad_cursor", "after=invalid"},
			{"broken cursor of a list", "GET", "/me/applications?after=SECRET", nil, 422, "page.cursor", ""},
			{"unknown state", "GET", vacancies + "?state=SECRET", nil, 422, "form.invalid", "state=unknown_code"},
			{"long number", "GET", "/jobs/" + strings.Repeat("7", 41), nil, 422, "form.invalid", "number=too_long"},
			{"odd number", "GET", "/jobs/SECRET!", nil, 422, "form.invalid", "number=api_type"},
			{"a NUL in the address", "GET", "/jobs/%00SECRET", nil, 422, "web.bad_address", ""},
			{"broken JSON", "POST", vacancies, `{"title": SECRET`, 400, "api.json", ""},
			{"no body", "POST", vacancies, nil, 400, "api.json", ""},
			{"no object", "POST", vacancies, `["SECRET"]`, 422, "form.invalid", "body=api_type"},
			{"unknown property", "POST", vacancies, with("SECRET<b>", "SECRET"), 422, "form.invalid", "SECRETb=api_unknown"},
			{"missing property", "POST", vacancies, with("title", nil), 422, "form.invalid", "title=required"},
			{"wrong type", "POST", vacancies, with("headcount", "SECRET"), 422, "form.invalid", "headcount=number"},
			{"wrong choice", "POST", vacancies, with("hours", "SECRET"), 422, "form.invalid", "hours=choice"},
			{"NUL", "POST", vacancies, with("title", "焊工\x00SECRET"), 422, "form.invalid", "title=charset"},
			{"no pay", "POST", vacancies, with("pay", "SECRET"), 422, "form.invalid", "pay=pay pay=pay_range"},
			{"broken day", "POST", vacancies, with("valid_to", "SECRET"), 422, "form.invalid", "valid_to=date"},
			{"unknown education", "POST", vacancies, with("education", "SECRET"), 422, "form.invalid", "education=choice"},
			{"discrimination", "POST", vacancies, with("content", "焊接,限男性"), 422, "form.invalid", "content=sex"},
			{"too large", "POST", vacancies, with("content", strings.Repeat("焊", 700_000)), 413, "web.too_large", ""},
			{"no such page", "GET", "/nothing", nil, 404, "api.no_operation", ""},
			{"no such method", "DELETE", "/jobs", nil, 405, "api.method", ""},
		} {
			p := hr.do(x.method, x.path, x.body).refused(x.status, x.code)
			require.Equal(t, x.fields, p.fields(), x.name)
			require.NotEmpty(t, p.Instance, x.name)
			if x.name != "unknown property" {
				require.NotContains(t, p.Title+p.fields(), "SECRET", x.name)
			}
			for _, f := range p.Errors {
				require.NotEmpty(t, f.Detail)
				require.NotContains(t, f.Detail, "SECRET", x.name)
				require.NotContains(t, f.Detail, "field.", x.name)
			}
		}
		text := h.visitor()
		text.token, text.header = hr.token, http.Header{"Content-Type": {"text/plain"}}
		text.do("POST", vacancies, "{}").ok(415)
		require.Equal(t, "GET", hr.do("DELETE", "/jobs", nil).header.Get("Allow"))

		clerk := h.clerk("huaiyin", access.RoleCounty, "370104")
		clerk.do("GET", "/figures?period=SECRET", nil).ok(422)
		clerk.do("GET", "/figures/employment.nothing", nil).refused(404, "figures.unknown")
		clerk.do("GET", "/cases?kind=SECRET", nil).refused(422, "casework.filter")
	})
}

func TestTooManyCallsHaveToWait(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		worker := h.worker("13900000001", "王大力", "370104")
		last := answer{}
		for range web.Burst + 1 {
			last = worker.do("GET", "/me", nil)
		}
		last.refused(429, "api.too_many")
		require.Equal(t, "1", last.header.Get("Retry-After"))
		h.worker("13900000002", "钱二", "370104").do("GET", "/me", nil).ok(200)
		h.clock.Advance(time.Second)
		worker.do("GET", "/me", nil).ok(200)
	})
}

func TestDescriptionAndPageAreOpen(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		doc := h.visitor().do("GET", "/openapi.json", nil).ok(200)
		require.Contains(t, string(doc.body), `"openapi":"3.1.0"`)
		require.Equal(t, "application/openapi+json", doc.header.Get("Content-Type"))
		for lang, word := range map[string]string{"zh-CN": "搜索在招岗位", "en": "Search the vacancies on offer"} {
			v := h.visitor()
			v.lang = lang
			page := string(v.send("GET", Prefix+"/docs", nil).ok(200).body)
			require.Contains(t, page, word)
			require.NotContains(t, page, "://", "nothing is loaded from another host")
			require.NotContains(t, page, "api.op.")
			require.NotContains(t, page, "api.param.")
			dom, err := goquery.NewDocumentFromReader(strings.NewReader(page))
			require.NoError(t, err)
			fields := dom.Find("main table tbody tr")
			require.Greater(t, fields.Length(), 100)
			fields.Each(func(_ int, row *goquery.Selection) {
				text := row.Find("td").Last().Text()
				require.NotEmpty(t, strings.TrimSpace(text), row.Text())
				require.Equal(t, lang == "zh-CN", strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }), "%s: %s", lang, text)
			})
		}
	})
}
