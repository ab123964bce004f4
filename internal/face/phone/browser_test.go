package phone_test

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/base/db/dbtest"
	"gonghui/internal/kit/i18n"
)

type device struct {
	name          string
	width, height int64
	lang          i18n.Lang
	kind          string
}

var devices = []device{
	{"390-zh", 390, 844, i18n.ZH, "normal"},
	{"390-en", 390, 844, i18n.EN, "normal"},
	{"360-large", 360, 740, i18n.ZH, "large"},
	{"1440-zh", 1440, 900, i18n.ZH, "normal"},
}

// fits reports what sticks out of the window and what is too small to touch.
const fits = `(() => {
  const bad = [], over = document.documentElement.scrollWidth - innerWidth;
  if (over > 0) bad.push("page is " + over + " px too wide: " + [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 4).map(e => e.tagName + "." + e.className).join(", "));
  if (innerWidth < 768) for (const e of document.querySelectorAll("button, .btn, .nav a, .choice, .input, .select, .facet li a, summary, .back, .change, .services a, .sort a")) {
    const box = e.getBoundingClientRect();
    if (box.height > 0 && box.height < 43.5) bad.push("too small to touch (" + Math.round(box.height) + " px): " + e.tagName + "." + e.className + " " + e.textContent.trim().slice(0, 20));
  }
  return bad;
})()`

const axeRun = `document.querySelectorAll(".nav-bar").forEach(e => e.style.position = "static"), axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
  .then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.target.join(" ") + " — " + n.failureSummary.replace(/\s+/g, " "))))`

// Every page in a real browser: axe-core finds nothing, nothing sticks out,
// nothing is too small to touch, and the content policy refuses nothing.
// GONGHUI_SHOTS=DIR keeps the pictures, GONGHUI_PAGE=name takes one page.
func TestPagesInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: no browser in short mode")
	}
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("SKIPPED: chromium is not installed, so no page of the worker's face was looked at; install Debian's package chromium")
	}
	axe, err := os.ReadFile("../ui/testdata/axe/axe.min.js")
	require.NoError(t, err)
	shots, only := os.Getenv("GONGHUI_SHOTS"), os.Getenv("GONGHUI_PAGE")
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if !strings.HasSuffix(t.Name(), "sqlite") {
			t.Skip("the pages are the same on every database")
		}
		st := tell(t, d)
		st.pages["home visitor"], st.pages["signin"], st.pages["not found"], st.pages["bad filter"] = "/", "/signin", "/jobs/nothing", "/jobs?place=999999"
		home, err := url.Parse(st.server.URL)
		require.NoError(t, err)
		ctx, heard := openBrowser(t, chromium)
		for _, dev := range devices {
			if dev.name == "390-zh" && shots == "" {
				continue // the Chinese pages are tried in large type, which is harder
			}
			for name, path := range st.pages {
				if only != "" && !strings.HasPrefix(name, only) {
					continue
				}
				t.Run(name+" "+dev.name, func(t *testing.T) {
					ctx, cancel := context.WithTimeout(ctx, time.Minute)
					defer cancel()
					require.NoError(t, clearCookies(ctx))
					cookies := map[string]string{"lang": string(dev.lang), "type": dev.kind}
					if name != "home visitor" && name != "signin" {
						for _, c := range st.me.client.Jar.Cookies(home) {
							cookies[c.Name] = c.Value
						}
					}
					for n, v := range cookies {
						require.NoError(t, setCookie(ctx, n, v, home.Hostname()))
					}
					require.NoError(t, chromedp.Do(ctx, chromedp.EmulateViewport(dev.width, dev.height), chromedp.Navigate(st.server.URL+path)))
					if shots != "" {
						png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
						require.NoError(t, err)
						require.NoError(t, os.MkdirAll(shots, 0o755))
						require.NoError(t, os.WriteFile(filepath.Join(shots, strings.ReplaceAll(name, " ", "-")+"-"+dev.name+".png"), png, 0o644))
					}
					bad, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](fits))
					require.NoError(t, err)
					require.NoError(t, chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](string(axe))))
					found, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](axeRun, chromedp.EvalAwaitPromise))
					require.NoError(t, err)
					for _, v := range append(append(bad, found...), heard()...) {
						if !strings.Contains(v, "Failed to load resource") { // the answers 404 and 422 are what was asked for
							t.Error(v)
						}
					}
				})
			}
		}
	})
}

// openBrowser opens one tab; heard gives what it complained about since the last call.
func openBrowser(t *testing.T, chromium string) (context.Context, func() []string) {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true), chromedp.Flag("force-prefers-reduced-motion", true))
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stopAlloc)
	ctx, stop := chromedp.NewContext(alloc)
	t.Cleanup(stop)
	var mu sync.Mutex
	var spoken []string
	require.NoError(t, chromedp.Listen(ctx, func(ev any) {
		if e, ok := ev.(*cdplog.EventEntryAdded); ok {
			mu.Lock()
			spoken = append(spoken, e.Entry.Text+" "+e.Entry.URL)
			mu.Unlock()
		}
	}))
	_, err := chromedp.Call(ctx, cdplog.Enable, cdp.Empty{})
	require.NoError(t, err)
	return ctx, func() []string {
		mu.Lock()
		defer mu.Unlock()
		out := spoken
		spoken = nil
		return out
	}
}

func clearCookies(ctx context.Context) error {
	_, err := chromedp.Call(ctx, network.ClearBrowserCookies, cdp.Empty{})
	return err
}

func setCookie(ctx context.Context, name, value, host string) error {
	_, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: name, Value: value, Domain: host, Path: "/"})
	return err
}
