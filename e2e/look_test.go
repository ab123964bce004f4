package e2e_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
)

// fits reports what sticks out of the window and, where fingers are used, what
// is too small to touch: 44 px for what stands alone (WCAG 2.2 asks for 24 and
// leaves out links within a sentence).
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

// The bar at the bottom of the phone is put in its place in the page first: what
// it happens to cover at one scroll position is no fault of the page.
const axeRun = `(document.querySelectorAll(".nav-bar").forEach(e => e.style.position = "static"),
  axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
  .then(r => (document.querySelectorAll(".nav-bar").forEach(e => e.style.position = ""),
    r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.target.join(" ") + " — " + n.failureSummary.replace(/\s+/g, " "))))))`

var axe = sync.OnceValues(func() ([]byte, error) {
	return os.ReadFile("../internal/face/ui/testdata/axe/axe.min.js")
})

// step looks at the page in the window as it stands: axe-core finds nothing,
// nothing sticks out (on a phone of 360 px neither), nothing is too small to
// touch, no message key stands there without its text, and the browser has
// nothing to say.
func (p *tab) step(name string) *tab {
	p.t.Helper()
	if !p.plain { // charts draw themselves after the page
		require.Eventually(p.t, func() bool {
			return js[bool](p, `[...document.querySelectorAll(".chart")].every(c => c.dataset.ready || c.hidden)`)
		}, within, 20*time.Millisecond, "a chart at %s", p.at())
	}
	p.quiet()
	p.shot(name)
	if p.h.app.DB.Dialect != db.SQLite {
		return p // the pages of both databases are the same, and looking takes longest
	}
	found := js[[]string](p, fits)
	if !p.plain { // axe is script
		text, err := axe()
		require.NoError(p.t, err)
		p.call(func(ctx context.Context) error {
			return chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](string(text)))
		})
		found = append(found, js[[]string](p, axeRun)...)
	}
	if p.size.width == phoneSize.width {
		p.call(func(ctx context.Context) error { return chromedp.Do(ctx, chromedp.EmulateViewport(360, 780)) })
		for _, n := range js[[]string](p, fits) {
			found = append(found, "at 360 px: "+n)
		}
		p.call(func(ctx context.Context) error {
			return chromedp.Do(ctx, chromedp.EmulateViewport(p.size.width, p.size.height))
		})
	}
	for _, f := range found {
		p.t.Errorf("%s, %s at %s: %s", p.name, name, p.at(), f)
	}
	return p
}

// forget empties the browser's cache, so that the next page is a first view.
func (p *tab) forget() {
	p.t.Helper()
	p.call(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
		return err
	})
}

// light wants the first view of a page to stay below a number of bytes over the
// wire and of requests. It is measured with nothing in the cache.
func (h *house) light(p *tab, path string, kilobytes int64, requests int) {
	p.t.Helper()
	p.weigh()
	p.call(func(ctx context.Context) error { return chromedp.Do(ctx, chromedp.Navigate(h.base+path)) })
	p.landed()
	require.Eventually(p.t, func() bool { // a bytes' count comes a moment after the page
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.bytes) >= len(p.requests)
	}, within, 5*time.Millisecond)
	p.mu.Lock()
	defer p.mu.Unlock()
	var total int64
	text := ""
	for u, n := range p.bytes {
		total += n
		text += fmt.Sprintf("\n%7d %s", n, u)
	}
	p.t.Logf("%s: %d bytes in %d requests", path, total, len(p.requests))
	if total > kilobytes<<10 || len(p.requests) > requests {
		p.t.Errorf("%s: %d bytes in %d requests, at most %d KB in %d:%s", path, total, len(p.requests), kilobytes, requests, text)
	}
	require.NotZero(p.t, total, path)
}
