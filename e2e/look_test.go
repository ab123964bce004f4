package e2e_test

import (
	"context"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"gonghui/internal/base/db"
	"gonghui/internal/face/ui/uitest"
)

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
	found := p.judge(uitest.Fits)
	if !p.plain { // axe is script
		found = append(found, p.judge(uitest.Axe)...)
	}
	if p.size.width == phoneSize.width {
		p.call(func(ctx context.Context) error { return chromedp.Do(ctx, chromedp.EmulateViewport(360, 780)) })
		for _, n := range p.judge(uitest.Fits) {
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

// judge asks for what is wrong with the page.
func (p *tab) judge(what func(context.Context) ([]string, error)) (found []string) {
	p.t.Helper()
	p.call(func(ctx context.Context) (err error) {
		found, err = what(ctx)
		return err
	})
	return found
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
