package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"gonghui/internal/face/ui/uitest"
)

// within bounds each thing the browser is asked to do.
const within = 30 * time.Second

// The one browser of this test process.
var chrome struct {
	once sync.Once
	ctx  context.Context
	stop []context.CancelFunc
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	for i := len(chrome.stop) - 1; i >= 0; i-- {
		chrome.stop[i]()
	}
	os.Exit(code)
}

// needBrowser starts the browser or says what is left out.
func needBrowser(t testing.TB) {
	t.Helper()
	options := append(uitest.Chromium(t), chromedp.Flag("accept-lang", "zh-CN"))
	chrome.once.Do(func() {
		alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), options...)
		ctx, stopBrowser := chromedp.NewContext(alloc)
		chrome.ctx, chrome.stop = ctx, []context.CancelFunc{stopAlloc, stopBrowser}
		chrome.err = chromedp.Do(ctx)
	})
	require.NoError(t, chrome.err)
}

// size is a window.
type size struct {
	name          string
	width, height int64
}

var (
	phoneSize = size{"phone", 390, 844}
	deskSize  = size{"desk", 1440, 900}
)

// tab is one person's window, with cookies of its own.
type tab struct {
	t      testing.TB
	h      *house
	ctx    context.Context
	size   size
	name   string // of the journey, for the pictures
	plain  bool   // script is switched off
	taps   int
	number int

	mu       sync.Mutex
	loads    int
	status   int64
	spoken   []string
	requests []string
	pending  map[network.RequestID]string
	bytes    map[string]int64
}

// tab opens a window. Without script the page's own code does not run.
func (h *house) tab(t testing.TB, journey string, s size, script bool) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(chrome.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	p := &tab{t: t, h: h, ctx: ctx, size: s, name: journey, plain: !script}
	p.weigh()
	require.NoError(t, chromedp.Listen(ctx, p.hear))
	p.call(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, cdplog.Enable, cdp.Empty{})
		if err == nil {
			_, err = chromedp.Call(ctx, network.Enable, network.EnableParams{})
		}
		if err == nil {
			_, err = chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: p.plain})
		}
		if err == nil {
			err = chromedp.Do(ctx, chromedp.EmulateViewport(s.width, s.height))
		}
		return err
	})
	return p
}

// weigh begins counting requests and bytes anew.
func (p *tab) weigh() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests, p.pending, p.bytes = nil, map[network.RequestID]string{}, map[string]int64{}
}

func (p *tab) hear(ev any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := ev.(type) {
	case *cdppage.EventLoadEventFired:
		p.loads++
	case *cdplog.EventEntryAdded:
		// The status of a page is judged by landed; the console only repeats it.
		if !strings.Contains(e.Entry.Text, "responded with a status of 4") {
			p.spoken = append(p.spoken, e.Entry.Text+" "+e.Entry.URL)
		}
	case *cdpruntime.EventExceptionThrown:
		what := e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			what += " " + x.Description
		}
		p.spoken = append(p.spoken, what)
	case *cdpruntime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "assert" {
			p.spoken = append(p.spoken, fmt.Sprintf("console.%s %v", e.Type, len(e.Args)))
		}
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "data:") {
			p.requests = append(p.requests, e.Request.URL)
			p.pending[e.RequestID] = e.Request.URL
		}
	case *network.EventResponseReceived:
		if e.Type == network.ResourceTypeDocument {
			p.status = e.Response.Status
		}
	case *network.EventLoadingFinished:
		if u, ok := p.pending[e.RequestID]; ok {
			p.bytes[u] += int64(e.EncodedDataLength)
		}
	}
}

func (p *tab) call(f func(ctx context.Context) error) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, within)
	defer cancel()
	require.NoError(p.t, f(ctx), "%s at %s", p.name, p.at())
}

// js evaluates an expression in the page.
func js[T any](p *tab, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, within)
	defer cancel()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	require.NoError(p.t, err, "%s: %.200s", p.name, expression)
	return out
}

// at is the path of the page in the window.
func (p *tab) at() string {
	ctx, cancel := context.WithTimeout(p.ctx, within)
	defer cancel()
	u, err := chromedp.Run(ctx, chromedp.Evaluate[string]("location.pathname + location.search"))
	if err != nil {
		return "(" + err.Error() + ")"
	}
	return u
}

// open loads an address of the house and wants the status, 200 unless given.
func (p *tab) open(path string, status ...int64) *tab {
	p.t.Helper()
	p.call(func(ctx context.Context) error { return chromedp.Do(ctx, chromedp.Navigate(p.h.base+path)) })
	p.landed(status...)
	return p
}

// landed checks the status of the page that was loaded last.
func (p *tab) landed(status ...int64) {
	p.t.Helper()
	want := int64(200)
	if len(status) > 0 {
		want = status[0]
	}
	p.mu.Lock()
	got := p.status
	p.mu.Unlock()
	if want != got {
		require.Equal(p.t, want, got, "status of %s; the page says: %.600s", p.at(), p.text())
	}
}

// text is what a person reads on the page, folded parts included.
func (p *tab) text() string {
	p.t.Helper()
	return js[string](p, `document.body.textContent.replace(/\s+/g, " ")`)
}

// see wants each of the words on the page; unseen wants none of them.
func (p *tab) see(words ...string) *tab {
	p.t.Helper()
	text := p.text()
	for _, w := range words {
		require.Contains(p.t, text, w, "at %s", p.at())
	}
	return p
}

func (p *tab) unseen(words ...string) *tab {
	p.t.Helper()
	whole := js[string](p, "document.documentElement.outerHTML")
	for _, w := range words {
		require.NotContains(p.t, whole, w, "at %s", p.at())
	}
	return p
}

// spot is where an element is on the screen.
type spot struct {
	X, Y  float64
	Found int
	Over  string // what lies over it instead
}

// locate finds the first visible element that matches, brings it into view and
// tells what a finger at its middle would touch.
const locate = `((css, text) => {
  const shown = e => e.checkVisibility({visibilityProperty: true}) && e.getBoundingClientRect().width > 0;
  const fold = s => s.replace(/\s+/g, " ").trim();
  const all = [...document.querySelectorAll(css)].filter(e => shown(e) && (text === "" || fold(e.textContent).includes(text)));
  if (all.length === 0) return {X: 0, Y: 0, Found: 0, Over: ""};
  const e = all[0];
  e.scrollIntoView({block: "center", behavior: "instant"});
  const box = e.getClientRects()[0], x = box.left + box.width / 2, y = box.top + box.height / 2;
  const hit = document.elementFromPoint(x, y);
  const ours = hit && (e.contains(hit) || hit.contains(e) || (e.labels && [...e.labels].some(l => l.contains(hit))));
  return {X: x, Y: y, Found: all.length, Over: ours ? "" : (hit ? hit.outerHTML.slice(0, 120) : "nothing")};
})`

func (p *tab) find(css, text string) spot {
	p.t.Helper()
	return js[spot](p, fmt.Sprintf("%s(%s, %s)", locate, quote(css), quote(text)))
}

// quote writes a text as script does.
func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// has tells whether something that matches can be seen.
func (p *tab) has(css, text string) bool { p.t.Helper(); return p.find(css, text).Found > 0 }

// tap clicks what matches, as a person would; the page stays.
func (p *tab) tap(css, text string) *tab {
	p.t.Helper()
	s := p.find(css, text)
	if s.Found == 0 || s.Over != "" {
		p.shot("failed")
	}
	require.NotZero(p.t, s.Found, "no %s %q at %s, which says: %.900s", css, text, p.at(), p.text())
	require.Empty(p.t, s.Over, "%s %q is covered at %s", css, text, p.at())
	p.taps++
	p.call(func(ctx context.Context) error { return chromedp.Do(ctx, chromedp.MouseClickXY(s.X, s.Y)) })
	return p
}

// follow clicks what matches and waits for the page it leads to.
func (p *tab) follow(css, text string, status ...int64) *tab {
	p.t.Helper()
	p.mu.Lock()
	before := p.loads
	p.mu.Unlock()
	p.tap(css, text)
	require.Eventually(p.t, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.loads > before
	}, within, 5*time.Millisecond, "%s %q led nowhere", css, text)
	p.landed(status...)
	return p
}

// link follows a link by its words; press sends a form by the words of its button.
func (p *tab) link(text string) *tab { p.t.Helper(); return p.follow("a", text) }

func (p *tab) press(text string, status ...int64) *tab {
	p.t.Helper()
	return p.follow("button[type=submit]", text, status...)
}

// fill types into the field of a name, over what stood there.
func (p *tab) fill(name, value string) *tab {
	p.t.Helper()
	css := fmt.Sprintf(`input[name=%q]:not([type=hidden]), textarea[name=%q]`, name, name)
	p.tap(css, "")
	p.taps-- // typing is not tapping
	p.call(func(ctx context.Context) error {
		err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void]("document.activeElement.select()"))
		if err == nil {
			_, err = chromedp.Call(ctx, input.InsertText, input.InsertTextParams{Text: value})
		}
		return err
	})
	require.Equal(p.t, value, js[string](p, "document.activeElement.value"), "field %s", name)
	return p
}

// choose sets a select, a radio or a checkbox.
func (p *tab) choose(name, value string) *tab {
	p.t.Helper()
	if p.has(fmt.Sprintf("select[name=%q]", name), "") {
		a, b := quote(fmt.Sprintf("select[name=%q]", name)), quote(value)
		require.True(p.t, js[bool](p, fmt.Sprintf(`(e => (e.value = %s, e.dispatchEvent(new Event("change", {bubbles: true})), e.value === %s))(document.querySelector(%s))`, b, b, a)),
			"%s has no choice %s", name, value)
		p.taps++
		return p
	}
	return p.tap(fmt.Sprintf("input[name=%q][value=%q]", name, value), "")
}

// facet opens a group of filters by its title, when it is folded, and follows
// the value that holds a word; any value for "".
func (p *tab) facet(title, value string) *tab {
	p.t.Helper()
	if p.size.width == phoneSize.width && !p.has(".facet > summary", title) {
		p.tap(".facets > summary", "")
	}
	one := js[string](p, `(() => {
		const all = [...document.querySelectorAll(".facet")], i = all.findIndex(f => f.querySelector("summary").textContent.includes(`+quote(title)+`));
		if (i >= 0) all[i].id ||= "facet-" + i;
		return i < 0 ? "" : "#" + all[i].id;
	})()`)
	require.NotEmpty(p.t, one, "no filters %s at %s", title, p.at())
	if !p.has(one+"[open]", "") {
		p.tap(one+" > summary", "")
	}
	return p.follow(one+" li a", value)
}

// quiet fails for what the browser complained about since it was asked last.
func (p *tab) quiet() {
	p.t.Helper()
	p.mu.Lock()
	spoken := p.spoken
	p.spoken = nil
	p.mu.Unlock()
	for _, s := range spoken {
		p.t.Errorf("%s at %s: the browser says: %s", p.name, p.at(), s)
	}
}

// shot keeps a picture when GONGHUI_SHOTS is set.
func (p *tab) shot(name string) {
	p.number++
	if os.Getenv("GONGHUI_SHOTS") == "" {
		return
	}
	ctx, cancel := context.WithTimeout(p.ctx, within)
	defer cancel()
	file := fmt.Sprintf("%s-%02d-%s.png", p.name, p.number, name)
	require.NoError(p.t, uitest.Shot(ctx, filepath.Join("shots", p.size.name, file)))
}
