// Package uitest looks at pages in a real browser, for tests.
package uitest

import (
	"context"
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// Chromium gives what starts the machine's Chromium. Where there is none, and in
// short mode, the test is left out.
func Chromium(t testing.TB) []chromedp.ExecAllocatorOption {
	t.Helper()
	if testing.Short() {
		t.Skip("LEFT OUT: no page is looked at in a browser in short mode")
	}
	// The shell is Chromium without a window around the page: it starts sooner and works less.
	for _, name := range []string{"chromium-headless-shell", "/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome"} {
		if at, err := exec.LookPath(name); err == nil {
			return append(chromedp.DefaultExecAllocatorOptions[:],
				chromedp.ExecPath(at), chromedp.NoSandbox, chromedp.DisableGPU,
				chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
				chromedp.Flag("disable-quic", true), chromedp.Flag("force-prefers-reduced-motion", true))
		}
	}
	t.Skip("LEFT OUT: chromium is not here, no page was looked at in a browser")
	return nil
}

// Tab is one tab of a browser of its own.
type Tab struct {
	Ctx context.Context

	mu     sync.Mutex
	spoken []string
}

// Open starts a browser for the test and opens a tab.
func Open(t testing.TB) *Tab {
	t.Helper()
	alloc, stopAlloc := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), Chromium(t)...)
	t.Cleanup(stopAlloc)
	ctx, stop := chromedp.NewContext(alloc)
	t.Cleanup(stop)
	b := &Tab{Ctx: ctx}
	require.NoError(t, chromedp.Listen(ctx, func(ev any) {
		if e, ok := ev.(*cdplog.EventEntryAdded); ok {
			b.mu.Lock()
			b.spoken = append(b.spoken, e.Entry.Text+" "+e.Entry.URL)
			b.mu.Unlock()
		}
	}))
	_, err := chromedp.Call(ctx, cdplog.Enable, cdp.Empty{})
	require.NoError(t, err)
	return b
}

// Heard gives what the browser complained about since the last call.
func (b *Tab) Heard() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.spoken
	b.spoken = nil
	return out
}

// fits: 44 px for what stands alone under a finger; WCAG 2.2 asks for 24 and
// leaves out links within a sentence.
const fits = `(() => {
  const bad = [], over = document.documentElement.scrollWidth - innerWidth;
  if (over > 0) {
    const wide = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll"));
    bad.push("the page is " + over + " px too wide: " + wide.slice(0, 4).map(e => e.tagName + "." + e.className).join(", "));
  }
  if (innerWidth < 768 && /phone|company/.test(document.documentElement.dataset.face)) {
    for (const e of document.querySelectorAll("button, .btn, .nav a, .choice, .input, .select, .facet li a, summary, .back, .change, .head-end a, .services a, .sort a")) {
      const box = e.getBoundingClientRect();
      if (box.height > 0 && box.height < 43.5) bad.push("too small to touch (" + Math.round(box.height) + " px): " + e.tagName + "." + e.className + " " + e.textContent.trim().slice(0, 20));
    }
  }
  if (document.querySelectorAll("h1").length !== 1) bad.push("the page has " + document.querySelectorAll("h1").length + " headings of the first level");
  return bad;
})()`

// Fits tells what sticks out of the window, what is too small to touch on the
// faces that are used with a finger, and whether the page has its one heading.
func Fits(ctx context.Context) ([]string, error) {
	return chromedp.Run(ctx, chromedp.Evaluate[[]string](fits))
}

//go:embed axe/axe.min.js
var axe string

// The bar at the bottom of the phone is put in its place in the page first: what
// it happens to cover at one scroll position is no fault of the page.
const axeRun = `(document.querySelectorAll(".nav-bar").forEach(e => e.style.position = "static"),
  axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
  .then(r => (document.querySelectorAll(".nav-bar").forEach(e => e.style.position = ""),
    r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.target.join(" ") + " — " + n.failureSummary.replace(/\s+/g, " "))))))`

// Axe tells what axe-core finds on the page, which must allow script.
func Axe(ctx context.Context) ([]string, error) {
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](axe)); err != nil {
		return nil, err
	}
	return chromedp.Run(ctx, chromedp.Evaluate[[]string](axeRun, chromedp.EvalAwaitPromise))
}

// Shot keeps a picture of the whole page.
func Shot(ctx context.Context, file string) error {
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, png, 0o644)
}
