package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gonghui/internal/kit/i18n"
	"gonghui/internal/measure/employment"
)

// say is the Chinese text of a message key: a changed wording changes no test.
func say(key string, params ...any) string { return i18n.T(i18n.ZH, key, params...) }

func state(s string) string { return say("flow.employment.application.state." + s) }

// signIn proves a number on the page that asks for it.
func (p *tab) signIn(phone string) *tab {
	p.t.Helper()
	p.askCode(phone).step("sign-in-code")
	return p.fill("code", p.h.code(phone)).press(say("ui.sign_in"))
}

// signInQuietly is signIn without a look at its pages.
func (p *tab) signInQuietly(phone string) *tab {
	p.t.Helper()
	return p.askCode(phone).fill("code", p.h.code(phone)).press(say("ui.sign_in"))
}

func (p *tab) askCode(phone string) *tab {
	p.t.Helper()
	p.h.clock.Advance(p.h.app.Accounts.Limits.CodeGap) // a code was perhaps sent a moment ago
	require.Contains(p.t, p.at(), "/signin")
	return p.fill("phone", phone).press(say("ui.signin.send"))
}

// apply goes from the page of a vacancy to the sent application and counts the
// taps of somebody who is signed in and has said his name: at most three.
func (p *tab) apply() *tab {
	p.t.Helper()
	p.taps = 0
	p.link(say("phone.job.apply")).step("apply").press(say("phone.apply.send"))
	require.LessOrEqual(p.t, p.taps, 3, "taps from the vacancy to the sent application")
	p.see(say("phone.sent.title")).step("sent")
	p.link(say("phone.sent.see"))
	require.Regexp(p.t, `^/cases/A`, p.at())
	return p.see(state("delivered")).step("timeline")
}

// named signs a worker in and gives the house his name.
func (p *tab) named(phone, name string) *tab {
	p.t.Helper()
	p.open("/me/profile").signIn(phone)
	require.Contains(p.t, p.at(), "/me/profile", "signing in comes back to where the worker was")
	p.step("profile").fill("name", name).press(say("kit.save"))
	return p.see(name)
}

func (p *tab) withdraw() *tab {
	p.t.Helper()
	p.tap("summary", say("phone.case.withdraw_title"))
	p.press(say("phone.do.withdraw"))
	return p.see(state("withdrawn")).step("withdrawn")
}

// A worker who is not signed in searches, filters, applies, and takes it back;
// with script and without.
func TestWorkerAppliesAndWithdraws(t *testing.T) {
	needBrowser(t)
	onBoth(t, func(t *testing.T, h *house) {
		hr, c := h.employer("济南槐荫钢构有限公司", county)
		vacancy := h.onOffer(hr, c, "电焊工")
		h.onOffer(hr, c, "仓库管理员")
		for _, script := range []bool{true, false} {
			for _, s := range []size{phoneSize, deskSize} {
				journey, kind := "worker", "with script"
				if !script {
					journey, kind = "worker-without-script", "without script"
				}
				t.Run(s.name+" "+kind, func(t *testing.T) {
					phone := h.phone()
					p := h.tab(t, journey, s, script)
					p.open("/").step("home")
					p.fill("q", "焊工").follow("form[role=search] button", "").see("电焊工").unseen("仓库管理员").step("found")
					p.facet(say("employment.facet.place"), "").see("电焊工").step("facet")
					require.Contains(t, p.at(), "place=37")
					p.link("电焊工").see("槐荫", "济南槐荫钢构有限公司").step("vacancy")
					require.Equal(t, "/jobs/"+vacancy.Number, p.at())
					require.Equal(t, "JobPosting", posting(p))
					p.link(say("phone.job.apply")).step("sign-in").signIn(phone)
					require.Equal(t, "/jobs/"+vacancy.Number+"/apply", p.at(), "signing in comes back to where the worker was")
					p.fill("name", "王芳").press(say("phone.apply.send")).see(say("phone.sent.title"))
					p.link(say("phone.sent.see")).see(state("delivered"))
					p.withdraw()
					p.open("/messages").step("messages").open("/me").step("me").open("/me/data").step("my-data")
					p.open("/cases").see(state("withdrawn")).step("cases")
				})
			}
		}
		t.Run("three taps", func(t *testing.T) {
			p := h.tab(t, "taps", phoneSize, true)
			p.named(h.phone(), "赵敏").open("/jobs/" + vacancy.Number).apply()
		})
	})
}

// posting is the type of the data that search engines read from the page. The
// page's own policy must not have stopped it, and it must be JSON.
func posting(p *tab) string {
	p.t.Helper()
	return js[string](p, `JSON.parse(document.querySelector("script[type='application/ld+json']").textContent)["@type"]`)
}

// Seven days of silence remind the company, fourteen tell the worker.
func TestSilenceIsTold(t *testing.T) {
	needBrowser(t)
	onBoth(t, func(t *testing.T, h *house) {
		hr, c := h.employer("济南槐荫静默有限公司", county)
		vacancy := h.onOffer(hr, c, "氩弧焊工")
		p := h.tab(t, "silence", phoneSize, true)
		phone := h.phone()
		p.named(phone, "钱伟").open("/jobs/" + vacancy.Number).apply()
		number := strings.TrimPrefix(p.at(), "/cases/")

		h.clock.Advance(8 * 24 * time.Hour)
		h.tick()
		p.open("/cases/" + number).signInQuietly(phone).see(state("delivered")) // a session ends that lay idle for a week
		p.open("/messages").see(say("phone.messages.none"))                     // only the company is reminded

		h.clock.Advance(7 * 24 * time.Hour)
		h.tick()
		p.open("/cases/"+number).signInQuietly(phone).see(state("no_reply"), say("phone.next.no_reply")).step("no-reply")
		p.open("/messages").unseen(say("phone.messages.none")).step("messages")
		a, err := h.app.Employment.ApplicationByNumber(h.system(), number)
		require.NoError(t, err)
		require.Equal(t, "no_reply", a.State)
	})
}

// A form sent twice does its work once and gets the first answer again.
func TestReplayedForm(t *testing.T) {
	needBrowser(t)
	onBoth(t, func(t *testing.T, h *house) {
		hr, c := h.employer("济南槐荫双击有限公司", county)
		vacancy := h.onOffer(hr, c, "管道焊工")
		p := h.tab(t, "replay", phoneSize, true)
		p.named(h.phone(), "孙丽").open("/jobs/" + vacancy.Number + "/apply")
		form := js[string](p, `new URLSearchParams(new FormData(document.querySelector("form[action$='/apply']"))).toString()`)
		sent := func() string {
			return js[string](p, `fetch(location.href, {method: "POST", headers: {"Content-Type": "application/x-www-form-urlencoded"}, body: `+quote(form)+`}).then(r => r.status + " " + new URL(r.url).pathname)`)
		}
		first := sent()
		require.Regexp(t, `^200 /cases/A`, first)
		require.Equal(t, first, sent(), "the second sending gets the first answer")
		p.press(say("phone.apply.send")) // and so does the button of the page that still lies open
		require.Equal(t, strings.TrimPrefix(first, "200 "), strings.Split(p.at(), "?")[0])
		all, err := h.app.Employment.ListApplications(hr, employment.ApplicationFilter{VacancyID: vacancy.ID})
		require.NoError(t, err)
		require.Len(t, all.Items, 1)
	})
}
