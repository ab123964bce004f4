package app_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/app"
	"gonghui/internal/kit/clock"
	"gonghui/internal/measure/employment"
)

// secret stands in every name that a sister county must never read.
const secret = "秘密"

// sisters is the house with two counties that hold the same records, and the
// people of both with sessions of their own.
type sisters struct {
	t     *testing.T
	app   *app.App
	clock *clock.Fake
	base  string
	ours  map[string]*person // worker, officer, clerk, leader, admin, tax of the one county
	other map[string]*person // of the other, whose the records are
	them  records
}

// records are the addresses of the other county's records.
type records struct {
	city                       string
	company, unverified        string // ids
	vacancy, waiting           string // numbers: on offer, waiting for the county
	vacancyID, waitingID       string
	application, applicationID string
	notice, companyNotice      string
	recommendation, batch      string
	personCity, person         string
	phone, token, unit         string
	clerk                      string // account
	change                     string // of a parameter
	dues                       duesRecords
}

// person is somebody with a session.
type person struct {
	t    *testing.T
	base string
	http *http.Client
}

// A probe is one address of the other county, with what is sent there.
type probe struct {
	path  string
	form  url.Values // of a page
	body  string     // of the API
	owner string     // who of the other county gets through: the control
	// public says that anybody may open it: then only the secret counts.
	public bool
}

// probes has one entry for each route that names a record. A route that is
// registered and stands not here fails the test.
func (s *sisters) probes() map[string]probe {
	r := s.them
	step := func(event string) url.Values {
		return url.Values{"event": {event}, "version": {"1"}, "reason": {"看看"}}
	}
	apiStep := func(event string) string { return fmt.Sprintf(`{"event":%q,"version":1,"reason":"看看"}`, event) }
	caseOf := func(id string) string { return "/employment.vacancy/" + r.city + "/" + id }
	vacancy := url.Values{"title": {"新的"}, "headcount": {"1"}, "division": {"370103"}, "pay": {"5000-6000元/月"}, "content": {"看看"}, "version": {"1"}}
	vacancyJSON := `{"title":"电焊工","headcount":1,"division":"370103","pay":"5000-6000元/月","content":"看看","form":"direct","hours":"day","insurance":"five","version":1}`
	rule := url.Values{
		"place": {"370103"}, "value": {"9"}, "from.year": {"2031"}, "from.month": {"1"}, "from.day": {"1"}, "citation": {"看看"}, "basis": {"assumed"}, "reason": {"看看"}, "version": {"1"},
	}
	return map[string]probe{
		// The worker's pages.
		"GET /jobs/{number}":         {path: "/jobs/" + r.waiting, owner: "officer"},
		"GET /jobs/{number}/apply":   {path: "/jobs/" + r.waiting + "/apply", public: true},
		"POST /jobs/{number}/apply":  {path: "/jobs/" + r.waiting + "/apply", form: url.Values{"name": {"王芳"}}},
		"GET /cases/{number}":        {path: "/cases/" + r.application, owner: "worker"},
		"POST /cases/{number}/step":  {path: "/cases/" + r.application + "/step", form: step("withdraw")},
		"POST /cases/{number}/phone": {path: "/cases/" + r.application + "/phone", form: url.Values{"share": {"no"}}},
		"GET /recommendations/{id}":  {path: "/recommendations/" + r.recommendation, owner: "worker"},
		"POST /recommendations/{id}": {path: "/recommendations/" + r.recommendation, form: url.Values{"answer": {"decline"}}},
		"GET /messages/{city}/{id}":  {path: "/messages/" + r.city + "/" + r.notice},
		// The company's pages.
		"GET /company/vacancies/{number}":           {path: "/company/vacancies/" + r.waiting, owner: "officer"},
		"GET /company/vacancies/{number}/edit":      {path: "/company/vacancies/" + r.waiting + "/edit"},
		"POST /company/vacancies/{number}/edit":     {path: "/company/vacancies/" + r.waiting + "/edit", form: vacancy},
		"POST /company/vacancies/{number}/step":     {path: "/company/vacancies/" + r.vacancy + "/step", form: step("close")},
		"GET /company/applications/{number}":        {path: "/company/applications/" + r.application, owner: "officer"},
		"POST /company/applications/{number}/step":  {path: "/company/applications/" + r.application + "/step", form: step("reject")},
		"POST /company/applications/{number}/phone": {path: "/company/applications/" + r.application + "/phone", form: url.Values{}},
		"GET /company/messages/{city}/{id}":         {path: "/company/messages/" + r.city + "/" + r.companyNotice},
		// The desk.
		"GET /desk/cases/{kind}/{city}/{id}":           {path: "/desk/cases" + caseOf(r.waitingID), owner: "clerk"},
		"POST /desk/cases/{kind}/{city}/{id}/step":     {path: "/desk/cases" + caseOf(r.waitingID) + "/step", form: step("publish")},
		"POST /desk/cases/{kind}/{city}/{id}/contact":  {path: "/desk/cases/employment.employer/" + r.city + "/" + r.unverified + "/contact", form: url.Values{"purpose": {"看看"}}},
		"GET /desk/imports/{city}/{id}":                {path: "/desk/imports/" + r.city + "/" + r.batch, owner: "clerk"},
		"POST /desk/imports/{city}/{id}/check":         {path: "/desk/imports/" + r.city + "/" + r.batch + "/check", form: url.Values{"column.title": {"职位"}, "column.company": {"公司"}, "column.place": {"地点"}}},
		"POST /desk/imports/{city}/{id}/start":         {path: "/desk/imports/" + r.city + "/" + r.batch + "/start", form: url.Values{}},
		"GET /desk/imports/{city}/{id}/progress":       {path: "/desk/imports/" + r.city + "/" + r.batch + "/progress", owner: "clerk"},
		"GET /desk/imports/{city}/{id}/errors":         {path: "/desk/imports/" + r.city + "/" + r.batch + "/errors"},
		"GET /desk/people/{city}/{id}":                 {path: "/desk/people/" + r.personCity + "/" + r.person, owner: "clerk"},
		"POST /desk/people/{city}/{id}/phone":          {path: "/desk/people/" + r.personCity + "/" + r.person + "/phone", form: url.Values{"purpose": {"看看"}}},
		"GET /desk/rules/changes/{city}/{id}":          {path: "/desk/rules/changes/" + r.city + "/" + r.change, owner: "clerk"},
		"GET /desk/rules/changes/{city}/{id}/edit":     {path: "/desk/rules/changes/" + r.city + "/" + r.change + "/edit", owner: "clerk"},
		"POST /desk/rules/changes/{city}/{id}/edit":    {path: "/desk/rules/changes/" + r.city + "/" + r.change + "/edit", form: rule},
		"POST /desk/rules/changes/{city}/{id}/step":    {path: "/desk/rules/changes/" + r.city + "/" + r.change + "/step", form: step("submit")},
		"POST /desk/rules/changes/{city}/{id}/try":     {path: "/desk/rules/changes/" + r.city + "/" + r.change + "/try", form: url.Values{}},
		"POST /desk/rules/changes/{city}/{id}/example": {path: "/desk/rules/changes/" + r.city + "/" + r.change + "/example", form: url.Values{}},
		// What holds is the same for everybody who may read; a change for the sister is refused like one for nowhere.
		"GET /desk/rules/{key}":          {path: "/desk/rules/" + ownRule, public: true},
		"GET /desk/rules/{key}/propose":  {path: "/desk/rules/" + ownRule + "/propose?place=370103", public: true},
		"POST /desk/rules/{key}/propose": {path: "/desk/rules/" + ownRule + "/propose", form: rule, public: true},
		// The cockpit: the place is in the query.
		"GET /cockpit/{indicator}":          {path: "/cockpit/" + employment.WorkersServed + "?unit=370103", owner: "leader"},
		"GET /cockpit/{indicator}/records":  {path: "/cockpit/" + employment.WorkersServed + "/records?unit=370103", owner: "leader"},
		"POST /cockpit/{indicator}/records": {path: "/cockpit/" + employment.WorkersServed + "/records?unit=370103", form: url.Values{"purpose": {"看看"}}},
		// The API.
		"GET /api/v1/rules/{key}":                        {path: "/api/v1/rules/" + ownRule, public: true},
		"GET /api/v1/jobs/{number}":                      {path: "/api/v1/jobs/" + r.waiting, owner: "officer"},
		"POST /api/v1/jobs/{number}/applications":        {path: "/api/v1/jobs/" + r.waiting + "/applications", body: `{"name":"王芳"}`},
		"GET /api/v1/me/applications/{number}":           {path: "/api/v1/me/applications/" + r.application, owner: "worker"},
		"POST /api/v1/me/applications/{number}/steps":    {path: "/api/v1/me/applications/" + r.application + "/steps", body: apiStep("withdraw")},
		"PUT /api/v1/me/applications/{number}/phone":     {path: "/api/v1/me/applications/" + r.application + "/phone", body: `{"share":false}`},
		"PUT /api/v1/me/notices/{city}/{id}/read":        {path: "/api/v1/me/notices/" + r.city + "/" + r.notice + "/read"},
		"PUT /api/v1/me/recommendations/{id}/answer":     {path: "/api/v1/me/recommendations/" + r.recommendation + "/answer", body: `{"accept":false}`},
		"GET /api/v1/companies/{city}/{id}":              {path: "/api/v1/companies/" + r.city + "/" + r.unverified, owner: "clerk"},
		"PUT /api/v1/companies/{city}/{id}":              {path: "/api/v1/companies/" + r.city + "/" + r.unverified, body: `{"name":"换个名字","version":1,"case_version":1}`},
		"GET /api/v1/companies/{city}/{id}/vacancies":    {path: "/api/v1/companies/" + r.city + "/" + r.company + "/vacancies", owner: "officer"},
		"POST /api/v1/companies/{city}/{id}/vacancies":   {path: "/api/v1/companies/" + r.city + "/" + r.company + "/vacancies", body: vacancyJSON},
		"GET /api/v1/companies/{city}/{id}/applications": {path: "/api/v1/companies/" + r.city + "/" + r.company + "/applications", owner: "officer"},
		"GET /api/v1/vacancies/{number}":                 {path: "/api/v1/vacancies/" + r.waiting, owner: "officer"},
		"PUT /api/v1/vacancies/{number}":                 {path: "/api/v1/vacancies/" + r.waiting, body: vacancyJSON},
		"POST /api/v1/vacancies/{number}/steps":          {path: "/api/v1/vacancies/" + r.vacancy + "/steps", body: apiStep("close")},
		"GET /api/v1/applications/{number}":              {path: "/api/v1/applications/" + r.application, owner: "officer"},
		"POST /api/v1/applications/{number}/steps":       {path: "/api/v1/applications/" + r.application + "/steps", body: apiStep("reject")},
		"POST /api/v1/applications/{number}/phone":       {path: "/api/v1/applications/" + r.application + "/phone"},
		"GET /api/v1/cases/{kind}/{city}/{id}":           {path: "/api/v1/cases" + caseOf(r.waitingID), owner: "clerk"},
		"POST /api/v1/cases/{kind}/{city}/{id}/steps":    {path: "/api/v1/cases" + caseOf(r.waitingID) + "/steps", body: apiStep("publish")},
		"GET /api/v1/figures/{key}":                      {path: "/api/v1/figures/" + employment.WorkersServed + "?unit=370103", owner: "leader"},
		"GET /api/v1/figures/{key}/places":               {path: "/api/v1/figures/" + employment.WorkersServed + "/places?unit=370103", owner: "leader"},
		"GET /api/v1/figures/{key}/records":              {path: "/api/v1/figures/" + employment.WorkersServed + "/records?unit=370103", owner: "leader"},
		"DELETE /api/v1/tokens/{id}":                     {path: "/api/v1/tokens/" + r.token},
	}
}

// Nobody of one county opens, reads or moves a record of its sister by any
// route: not the worker, not the company, not the clerk, not the leader, and a
// visitor neither. The answer is "not found" or "not allowed", and no byte of a
// name gets out.
func TestSisterCounty(t *testing.T) {
	each(t, func(t *testing.T, c app.Config) {
		s := furnishSisters(t, c)
		probes := s.probes()
		maps.Copy(probes, s.duesProbes())
		for _, pattern := range routesWithRecords(t) {
			_, ok := probes[pattern]
			require.True(t, ok, "%s names a record and has no probe in this test", pattern)
		}
		told := 0
		for pattern, p := range probes { // first, because opening an application marks it as seen
			if p.owner != "" {
				method, _, _ := strings.Cut(pattern, " ")
				status, to, text := s.other[p.owner].ask(t, method, p)
				require.Equal(t, 200, status, "%s: the %s whose it is gets through: %s %s", pattern, p.owner, to, text)
				if strings.Contains(text, secret) {
					told++
				}
			}
		}
		require.Greater(t, told, 10, "the names are really there")
		before := s.picture()
		patterns := []string{}
		for pattern := range probes {
			patterns = append(patterns, pattern)
		}
		slices.Sort(patterns)
		for _, pattern := range patterns {
			p := probes[pattern]
			method, _, _ := strings.Cut(pattern, " ")
			t.Run(pattern, func(t *testing.T) {
				for name, who := range s.ours {
					status, to, text := who.ask(t, method, p)
					require.NotContains(t, text, secret, "%s reads a name", name)
					require.NotContains(t, text, s.them.phone, "%s reads a number", name)
					if p.public {
						continue
					}
					// Pages that ask for a sign-in, or for a company to be registered
					// first, say nothing about the record.
					sent := status == http.StatusSeeOther && slices.Contains([]string{"/signin", "/desk/signin", "/company/register"}, strings.Split(to, "?")[0])
					require.True(t, sent || status == 401 || status == 403 || status == 404, "%s gets %d %s", name, status, to)
				}
			})
		}
		require.Equal(t, before, s.picture(), "nothing has changed")

		// Lists, counts and searches.
		for _, path := range append(s.duesLists(), []string{
			"/", "/jobs", "/jobs?q=" + secret, "/cases", "/messages", "/me", "/me/data", "/company", "/company/vacancies", "/company/applications", "/company/messages",
			"/company/vacancies?state=submitted", "/company/applications?state=waiting", "/desk", "/desk?q=" + secret, "/desk/vacancies", "/desk/vacancies?q=" + secret, "/desk/vacancies?state=submitted",
			"/desk/companies", "/desk/companies?q=" + secret, "/desk/imports", "/desk/services", "/desk/staff", "/cockpit", "/desk?view=rules",
			"/desk/rules", "/desk/rules?place=370103", "/desk/rules/changes?view=all", "/api/v1/rules?place=370103",
			"/desk/audit", "/desk/audit?subject=" + s.them.waitingID, "/desk/audit?subject=" + s.them.waiting, "/desk/audit?actor=county_clerk370103", "/desk/audit?actor=" + s.them.clerk,
			"/api/v1/audit", "/api/v1/audit?subject=" + s.them.waiting, "/api/v1/audit?actor=county_clerk370103", "/cockpit?unit=370103",
			"/api/v1/jobs?q=" + secret, "/api/v1/me", "/api/v1/me/applications", "/api/v1/me/notices", "/api/v1/me/recommendations", "/api/v1/companies/mine", "/api/v1/cases",
			"/api/v1/services", "/api/v1/tokens", "/api/v1/figures", "/api/v1/figures?unit=370103",
		}...) {
			for name, who := range s.ours {
				_, _, text := who.ask(t, http.MethodGet, probe{path: path})
				text = strings.ReplaceAll(text, url.QueryEscape(secret), "") // the question itself comes back
				if strings.Contains(path, secret) {
					text = strings.NewReplacer(`value="`+secret+`"`, "", "“"+secret+"”", "").Replace(text)
				}
				require.NotContains(t, text, secret, "%s in %s", name, path)
				require.NotContains(t, text, s.them.phone, "%s in %s", name, path)
			}
		}
		// Exports are lists too, and a batch decides by ids.
		for name, who := range s.ours {
			for path, form := range map[string]url.Values{
				"/desk/vacancies/export": {"purpose": {"看看"}}, "/desk/companies/export": {"purpose": {"看看"}},
				"/desk/audit/export": {"purpose": {"看看"}, "format": {"csv"}}, "/desk/audit/export?": {"purpose": {"看看"}, "format": {"csv"}, "subject": {s.them.waiting}},
				"/desk/batch": {"do": {"publish"}, "id": {"employment.vacancy/" + s.them.city + "/" + s.them.waitingID, "employment.vacancy:" + s.them.city + ":" + s.them.waitingID, s.them.waitingID}},
			} {
				_, _, text := who.ask(t, http.MethodPost, probe{path: path, form: form})
				require.NotContains(t, text, secret, "%s in %s", name, path)
			}
		}
		require.Equal(t, before, s.picture(), "nothing has changed")

		// The log of the other county is there, for its own administrator.
		for _, of := range []string{"subject=" + s.them.waiting, "actor=county_clerk370103"} {
			_, _, text := s.other["admin"].ask(t, http.MethodGet, probe{path: "/desk/audit?" + of})
			require.Contains(t, text, secret, of)
			_, _, text = s.ours["admin"].ask(t, http.MethodGet, probe{path: "/desk/audit?" + of})
			require.NotContains(t, text, s.them.waitingID+`"`, of)
			_, _, text = s.ours["admin"].ask(t, http.MethodGet, probe{path: "/api/v1/audit?" + of})
			require.JSONEq(t, `{"items":[]}`, text, of)
		}
	})
}

// routesWithRecords reads from the faces' source and from the description of
// the API which routes name a record in their path.
func routesWithRecords(t *testing.T) []string {
	t.Helper()
	pattern := regexp.MustCompile(`"((?:GET|POST|PUT|DELETE) /[^"]*\{[a-z]+\}[^"]*)"`)
	var out []string
	err := filepath.WalkDir("../face", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range pattern.FindAllStringSubmatch(string(text), -1) {
			if !strings.Contains(m[1], "/api/") && !strings.Contains(path, "web") {
				out = append(out, m[1])
			}
		}
		return err
	})
	require.NoError(t, err)
	var text bytes.Buffer
	require.NoError(t, app.OpenAPI(&text))
	// The document is YAML: a path at two spaces, its methods at four.
	at := ""
	for line := range strings.Lines(text.String()) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "  /"):
			at = strings.TrimSuffix(strings.TrimSpace(line), ":")
		case strings.HasPrefix(line, "    ") && !strings.HasPrefix(line, "     ") && strings.Contains(at, "{"):
			switch m := strings.ToUpper(strings.TrimSuffix(strings.TrimSpace(line), ":")); m {
			case "GET", "POST", "PUT", "DELETE", "PATCH":
				out = append(out, m+" /api/v1"+strings.TrimPrefix(at, "/api/v1"))
			}
		}
	}
	require.Greater(t, len(out), 40, "routes were found: %v", out)
	return out
}
