package e2e_test

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/measure/employment"
)

// cut takes the network away or gives it back; a browser that knows says so to
// the page before anything is sent.
func (p *tab) cut(off, known bool) *tab {
	p.t.Helper()
	p.call(func(ctx context.Context) error {
		rules := []*network.Conditions{}
		if off {
			rules = []*network.Conditions{{Offline: true, DownloadThroughput: -1, UploadThroughput: -1}}
		}
		_, err := chromedp.Call(ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: rules})
		if err == nil {
			_, err = chromedp.Call(ctx, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: known, DownloadThroughput: -1, UploadThroughput: -1})
		}
		return err
	})
	require.Equal(p.t, !known, js[bool](p, "navigator.onLine"))
	return p
}

// until waits for something to be so, while pages come and go.
func (p *tab) until(expression string) {
	p.t.Helper()
	require.Eventually(p.t, func() bool {
		ctx, cancel := context.WithTimeout(p.ctx, within)
		defer cancel()
		so, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression))
		return err == nil && so
	}, within, 5*time.Millisecond, expression)
}

// lose presses a button while the network is away and waits for the browser's own page.
func (p *tab) lose(button string) *tab {
	p.t.Helper()
	p.tap("button[type=submit]", button)
	p.until(`location.protocol === "chrome-error:"`)
	return p
}

// heard drops what the browser said about the network that was away.
func (p *tab) heard() *tab {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spoken = nil
	return p
}

// kept is what this window holds for a form that was sent.
func (p *tab) kept() string {
	p.t.Helper()
	return js[string](p, "JSON.stringify(Object.entries(sessionStorage)) + JSON.stringify(Object.entries(localStorage))")
}

func (p *tab) value(name string) string {
	p.t.Helper()
	return js[string](p, `document.querySelector("[name=`+name+`]:not([type=hidden])").value`)
}

// The network goes in the middle of sending: what was typed is still there, one
// more press sends it, once; and nothing of it stays behind.
func TestTypedTextOutlivesTheNetwork(t *testing.T) {
	needBrowser(t)
	onBoth(t, func(t *testing.T, h *house) {
		if h.app.DB.Dialect != db.SQLite {
			return // the page's own code knows of no database
		}
		hr, c := h.employer("济南槐荫断网有限公司", county)
		vacancy := h.onOffer(hr, c, "电焊工")
		p := h.tab(t, "offline", phoneSize, true)
		p.open("/signin")
		h.clock.Advance(h.app.Accounts.Limits.CodeGap)
		phone := h.phone()
		const nothing = "[][]"

		// The browser does not know it, and shows a page of its own.
		p.fill("phone", phone).cut(true, false).lose(say("ui.signin.send")).cut(false, false).open("/signin").see(say("ui.kept"))
		require.Equal(t, phone, p.value("phone"))
		require.Equal(t, nothing, p.kept(), "what was given back is not kept on")
		p.heard().step("number-kept").press(say("ui.signin.send"))

		// A code is never kept.
		p.fill("code", "000000").cut(true, false).lose(say("ui.sign_in")).cut(false, false).open("/signin/code")
		require.Empty(t, p.value("code"))
		require.NotContains(t, p.kept(), "000000")
		p.heard().fill("code", h.code(phone)).press(say("ui.sign_in"))
		require.Equal(t, nothing, p.kept())

		// The browser knows it: nothing is sent, the page stays.
		p.open("/jobs/"+vacancy.Number+"/apply").fill("name", "王芳").fill("message", "我会焊接，随时可以到岗。").tap("[name=share_phone]", "")
		p.cut(true, true).tap("button[type=submit]", say("phone.apply.send")).see(say("ui.offline")).step("offline")
		require.Equal(t, nothing, p.kept())
		// A second press is sent whatever the browser believes; the worker comes back by way of the job.
		p.lose(say("phone.apply.send")).cut(false, false).open("/jobs/" + vacancy.Number)
		require.False(t, p.has(".told", ""), "told where the form is")
		p.link(say("phone.job.apply")).see(say("ui.kept"))
		require.Equal(t, "我会焊接，随时可以到岗。", p.value("message"))
		require.Equal(t, "王芳", p.value("name"))
		require.True(t, js[bool](p, "document.querySelector('[name=share_phone]').checked"))
		p.heard().step("application-kept").press(say("phone.apply.send")).see(say("phone.sent.title"))
		require.Equal(t, nothing, p.kept())
		all, err := h.app.Employment.ListApplications(hr, employment.ApplicationFilter{VacancyID: vacancy.ID})
		require.NoError(t, err)
		require.Len(t, all.Items, 1)
		require.Equal(t, "我会焊接，随时可以到岗。", all.Items[0].Message)

		// Signing out forgets, and so does half an hour.
		lost := func() {
			p.open("/me/profile").fill("name", "王小芳").cut(true, false).lose(say("kit.save")).cut(false, false)
		}
		lost()
		p.open("/").heard()
		require.Contains(t, p.kept(), "王小芳")
		p.press(say("ui.sign_out"))
		require.Equal(t, nothing, p.kept())
		p.open("/me/profile").signInQuietly(phone)
		lost()
		p.open("/").heard()
		js[bool](p, `Object.keys(sessionStorage).every(k => { sessionStorage[k] = JSON.stringify({...JSON.parse(sessionStorage[k]), at: Date.now() - 31 * 60 * 1000}); return true; })`)
		p.open("/me/profile").unseen("王小芳")
		require.False(t, p.has(".told", ""))
		require.Equal(t, nothing, p.kept())
	})
}

// Pressed twice, a form is sent once, and the button says that it is on its way.
func TestSecondPressIsHeldBack(t *testing.T) {
	needBrowser(t)
	onBoth(t, func(t *testing.T, h *house) {
		if h.app.DB.Dialect != db.SQLite {
			return // the page's own code knows of no database
		}
		p := h.tab(t, "twice", phoneSize, true).open("/signin").signInQuietly(h.phone()).open("/me/profile").fill("name", "孙丽")
		require.Equal(t, "1 "+say("ui.sending")+" 1", js[string](p, `(() => {
			let sent = 0;
			const form = document.querySelector("form[action='/me/profile']"), button = form.querySelector("button[type=submit]");
			addEventListener("submit", e => { if (!e.defaultPrevented) sent++; e.preventDefault(); });
			button.click();
			button.click();
			return [sent, button.textContent.trim(), sessionStorage.length].join(" ");
		})()`))
	})
}
