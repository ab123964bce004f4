package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/figures"
	"gonghui/internal/kit/clock"
	"gonghui/internal/measure/employment"
)

// hiring is one run of the journey of the product: who takes part, and what has
// come of it so far.
type hiring struct {
	h       *house
	t       *testing.T
	company *tab // the personnel officer
	desk    *tab // the county clerk
	worker  *tab
	leader  *tab // of the province

	employer, hrPhone string
	workerPhone       string
	vacancy, number   string // numbers of the vacancy and of the application
}

// A company registers, the county verifies it, it posts a vacancy, the county
// publishes it, a worker finds it and applies, is invited, offered, accepts,
// both confirm the arrival, and the cockpit counts one worker of 300,000, opened
// down to the record.
func TestHiring(t *testing.T) {
	needBrowser(t)
	onBoth(t, func(t *testing.T, h *house) {
		h.staff("huaiyin.clerk", "county_clerk", county)
		h.staff("province.leader", "leader", "370000")
		for i, s := range []size{phoneSize, deskSize} {
			t.Run(s.name, func(t *testing.T) {
				j := &hiring{
					h: h, t: t, employer: []string{"济南槐荫恒信机械有限公司", "济南槐荫华锐重工有限公司"}[i],
					hrPhone: h.phone(), workerPhone: h.phone(),
					company: h.tab(t, "hiring-company", s, true), desk: h.tab(t, "hiring-desk", s, true),
					worker: h.tab(t, "hiring-worker", s, true), leader: h.tab(t, "hiring-cockpit", s, true),
				}
				j.register(i)
				j.verify(i)
				j.post()
				j.publish()
				j.apply()
				j.meet()
				j.arrive()
				h.served++
				j.counted()
			})
		}
	})
}

// stands is the state of an application in the words of the company's pages.
func stands(s string) string { return say("company_face.application.state." + s) }

// event is the word of a flow's event, as its button says it.
func event(flow, name string) string { return say("flow." + flow + ".event." + name) }

func (j *hiring) register(i int) {
	p := j.company
	p.open("/company").step("welcome")
	p.link(say("company_face.welcome.register")).signIn(j.hrPhone)
	require.Equal(j.t, "/company/register", p.at())
	p.step("register").press(say("company_face.register.send"), 422).see(say("ui.problem", "Count", 5)).step("register-empty")
	p.fill("credit_code", creditCode(7000+i)).fill("name", j.employer).choose("division", county)
	p.fill("contact_name", "李华").fill("contact_phone", "19900009999")
	p.fill("about", "做矿山机械，三百人，厂里有班车。")
	p.press(say("company_face.register.send")).see(j.employer, say("flow.employment.employer.state.submitted")).step("waiting-for-county")
}

// staffIn signs a member of staff in where he is sent.
func (p *tab) staffIn(login string) *tab {
	p.t.Helper()
	require.Contains(p.t, p.at(), "/desk/signin")
	return p.step("sign-in").staffInQuietly(login)
}

func (p *tab) staffInQuietly(login string) *tab {
	p.t.Helper()
	return p.fill("user", login).fill("password", password).press(say("ui.sign_in"))
}

func (j *hiring) verify(i int) {
	p := j.desk
	p.open("/desk").staffIn("huaiyin.clerk").see(j.employer).step("queue")
	p.link(j.employer).see(creditCode(7000+i), "199****9999").step("employer")
	p.press(event(employment.FlowEmployer, "accept"))
	p.step("verified")
	j.company.open("/company").see(say("flow.employment.employer.state.verified")).step("verified")
	j.company.open("/company/messages").see(j.employer).step("messages")
}

func (j *hiring) post() {
	p := j.company
	p.open("/company").link(say("company_face.vacancy.new")).step("new-vacancy")
	p.fill("title", "电焊工").fill("headcount", "2").choose("division", county).fill("place_detail", "兴福街道和平工业园 3 号")
	p.fill("pay", "6000-8000元/月").choose("hours", "day").choose("insurance", "five").choose("dormitory", "yes")
	p.fill("content", "焊接钢结构件，会看图纸。限男性。")
	p.press(say("company_face.vacancy.send"), 422)
	// Refused on the spot, with the rule named, and nothing typed is lost.
	p.see("限男性", "就业促进法").step("refused")
	require.Equal(j.t, "电焊工", js[string](p, `document.querySelector("[name=title]").value`))
	require.Equal(j.t, "6000-8000元/月", js[string](p, `document.querySelector("[name=pay]").value`))
	require.True(j.t, js[bool](p, `document.querySelector("[name=dormitory]").checked`))
	p.fill("content", "焊接钢结构件，会看图纸，持证优先。").press(say("company_face.vacancy.send"))
	p.see("电焊工", say("flow.employment.vacancy.state.submitted")).step("waiting-for-review")
	j.vacancy = js[string](p, `(document.querySelector("a[href^='/company/vacancies/V']") || {href: location.href}).href.match(/V\d+/)[0]`)
	j.h.tab(j.t, "hiring-visitor", phoneSize, true).open("/jobs/"+j.vacancy, 404).unseen("电焊工")
}

func (j *hiring) publish() {
	p := j.desk
	p.open("/desk").see("电焊工").link("电焊工").see("和平工业园", "6,000").step("vacancy")
	p.press(event(employment.FlowVacancy, "publish"))
	p.step("published").open("/desk/vacancies").see("电焊工").step("vacancies").open("/desk/companies").see(j.employer).step("companies")
	p.open("/desk").unseen(j.employer).step("queue-empty")
}

func (j *hiring) apply() {
	p := j.worker
	p.named(j.workerPhone, "王芳").open("/jobs").fill("q", "焊工").follow("form[role=search] button", "").see(j.employer)
	p.facet(say("employment.facet.hours"), say("employment.hours.day")).see(j.employer).step("found")
	p.open("/jobs/" + j.vacancy).see(j.employer).apply()
	j.number = strings.TrimPrefix(p.at(), "/cases/")

	c := j.company.open("/company/applications").see("王芳").step("applicants")
	c.link("王芳").see(stands("viewed"), say("company_face.application.phone_closed")).unseen(j.workerPhone).step("applicant")
	require.False(j.t, c.has("form[action$='/phone']", ""), "no consent, no number")
}

func (j *hiring) meet() {
	c := j.company
	day := clock.Today(j.h.clock).Add(3).String()
	c.fill("at.year", day[:4]).fill("at.month", day[5:7]).fill("at.day", day[8:]).choose("time", "09:30").fill("place", "和平工业园 3 号楼 201，找李华")
	c.press(event(employment.FlowApplication, "invite")).see(stands("invited")).step("invited")
	j.h.texted(j.workerPhone, "面试")
	w := j.worker.open("/cases/"+j.number).see(state("invited"), "和平工业园 3 号楼 201", "09:30").step("interview")

	w.press(say("phone.do.open_phone")).step("number-opened") // the worker consents after all
	c.open("/company/applications/" + j.number).unseen(j.workerPhone).press(say("company_face.application.phone_show")).see(j.workerPhone).step("number")
	w.open("/me/data").see(j.employer).step("who-read-my-number")

	j.h.clock.Advance(3 * 24 * time.Hour)
	c.open("/company/applications/"+j.number).fill("note.record", "焊缝合格").press(event(employment.FlowApplication, "record")).see(stands("interviewed"))
	w.open("/cases/" + j.number).see(state("interviewed")).unseen("焊缝合格") // the note is the company's own
	c.fill("note.offer", "八月一日报到").press(event(employment.FlowApplication, "offer")).see(stands("offered")).step("offered")
	j.h.texted(j.workerPhone, "录用")
}

func (j *hiring) arrive() {
	w, c := j.worker, j.company
	w.open("/").see(say("phone.home.thing.offered")).step("home")
	w.open("/cases/"+j.number).see(state("offered"), "八月一日报到").step("offer")
	w.press(say("phone.do.accept")).see(state("agreed")).step("accepted")
	c.open("/company/applications/" + j.number).see(say("company_face.application.next.agreed")).press(event(employment.FlowApplication, "confirm"))
	c.see(stands("company_confirmed")).step("confirmed")
	w.open("/cases/" + j.number).press(say("phone.do.confirm_own")).see(state("arrived")).step("arrived")
	c.open("/company/applications/" + j.number).see(stands("arrived")).step("arrived")
	a := j.record()
	j.desk.open("/desk/cases/"+employment.FlowApplication+"/"+a.CityCode+"/"+a.ID).see(state("arrived"), "王芳").unseen(j.workerPhone).step("application")
}

// record is the application as it is stored.
func (j *hiring) record() employment.Application {
	j.t.Helper()
	a, err := j.h.app.Employment.ApplicationByNumber(j.h.system(), j.number)
	require.NoError(j.t, err)
	return a
}

// counted opens the number of the province down to the record behind it.
func (j *hiring) counted() {
	p := j.leader
	n := fmt.Sprint(j.h.served)
	p.open("/cockpit").staffIn("province.leader")
	if !strings.HasPrefix(p.at(), "/cockpit") {
		p.open("/cockpit")
	}
	p.see("300,000").step("province")
	p.follow("main h2 a", say("figure.employment.workers_served.title")).see("300,000", "济南").step("indicator")
	require.Equal(j.t, n, p.figure())
	p.follow("main table a", "济南").see("槐荫").step("city")
	require.Equal(j.t, n, p.figure())
	p.follow("main table a", "槐荫").step("county")
	require.Equal(j.t, n, p.figure())
	p.link(say("cockpit.open_records")).see(say("cockpit.records.count", "Count", n)).unseen("王芳", j.workerPhone).step("records")
	p.link("电焊工").see(state("arrived")).step("record")

	require.Equal(j.t, "arrived", j.record().State)
	diff, err := j.h.app.Figures.Recount(j.h.system(), employment.WorkersServed, figures.PeriodOf(clock.Today(j.h.clock)))
	require.NoError(j.t, err)
	require.True(j.t, diff.Clean(), "%+v", diff)
}

// figure is the number that stands large on a cockpit page.
func (p *tab) figure() string {
	p.t.Helper()
	return strings.TrimSpace(js[string](p, `document.querySelector(".number .figure").textContent.match(/[\d,]+/)[0]`))
}
