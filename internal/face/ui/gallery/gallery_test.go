package gallery_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/chromedp/cdproto/cdp"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"gonghui/internal/face/ui/gallery"
	"gonghui/internal/kit/i18n"
)

// Every page renders in both languages without a missing text, an inline style
// or an inline handler, and every label and description leads somewhere.
func TestPagesAreWellFormed(t *testing.T) {
	for _, page := range gallery.Pages {
		for _, lang := range i18n.Langs {
			t.Run(page.Name+" "+string(lang), func(t *testing.T) {
				var buf bytes.Buffer
				require.NoError(t, gallery.Render(page, lang, false).Render(context.Background(), &buf))
				require.NotContains(t, buf.String(), "ui.", "a message key without text")
				doc, err := goquery.NewDocumentFromReader(&buf)
				require.NoError(t, err)
				require.Equal(t, 1, doc.Find("h1").Length(), "one heading of the first level")
				require.Zero(t, doc.Find("[style], [onclick], [onchange], [onsubmit]").Length())
				seen := map[string]bool{}
				doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
					id := s.AttrOr("id", "")
					require.False(t, seen[id], "id %q stands twice", id)
					seen[id] = true
				})
				for _, attr := range []string{"aria-describedby", "aria-labelledby", "for"} {
					doc.Find("[" + attr + "]").Each(func(_ int, s *goquery.Selection) {
						for id := range strings.FieldsSeq(s.AttrOr(attr, "")) {
							require.True(t, seen[id], "%s names %q", attr, id)
						}
					})
				}
				doc.Find(".problem a").Each(func(_ int, s *goquery.Selection) {
					require.True(t, seen[strings.TrimPrefix(s.AttrOr("href", ""), "#")], "an error leads to its field")
				})
				doc.Find("form[method=post]").Each(func(_ int, s *goquery.Selection) {
					require.Equal(t, 1, s.Find("input[name=_token]").Length(), "a posted form carries the token")
				})
				require.Zero(t, doc.Find("form[method=get] input[name=_token]").Length())
			})
		}
	}
}

type screen struct {
	name          string
	width, height int64
	lang          i18n.Lang
	kind          string
}

var screens = []screen{
	{"390", 390, 844, i18n.ZH, "normal"},
	{"390-large", 390, 844, i18n.EN, "large"},
	{"1440", 1440, 900, i18n.EN, "normal"},
	{"1440-large", 1440, 900, i18n.ZH, "large"},
}

// fits reports what sticks out of the window and, on the phone's faces, what is
// too small to touch.
const fits = `(() => {
  const bad = [], over = document.documentElement.scrollWidth - innerWidth;
  if (over > 0) {
    const wide = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll"));
    bad.push("page is " + over + " px too wide: " + wide.slice(0, 4).map(e => e.tagName + "." + e.className).join(", "));
  }
  if (innerWidth < 768 && /phone|company/.test(document.documentElement.dataset.face)) {
    for (const e of document.querySelectorAll("button, .btn, .nav a, .choice, .input, .select, .facet li a, summary, .back, .change, .head-end a, .services a, .sort a")) {
      const box = e.getBoundingClientRect();
      if (box.height > 0 && box.height < 43.5) bad.push("too small to touch (" + Math.round(box.height) + " px): " + e.tagName + "." + e.className + " " + e.textContent.trim().slice(0, 20));
    }
  }
  return bad;
})()`

// The bar at the bottom of the phone is put in its place in the page first: what
// it happens to cover at the first scroll position is no fault of the page.
const axeRun = `document.querySelectorAll(".nav-bar").forEach(e => e.style.position = "static"), axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
  .then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.target.join(" ") + " — " + n.failureSummary.replace(/\s+/g, " "))))`

// Every page, at phone and desk width, in normal and large type: axe-core finds
// nothing, nothing sticks out, nothing is too small to touch, and the strict
// content policy refuses nothing. GONGHUI_SHOTS=DIR keeps the pictures.
func TestPagesInABrowser(t *testing.T) {
	b := openBrowser(t)
	axe, err := os.ReadFile("../testdata/axe/axe.min.js")
	require.NoError(t, err)
	shots := os.Getenv("GONGHUI_SHOTS")
	only := os.Getenv("GONGHUI_PAGE")
	for _, page := range gallery.Pages {
		if only != "" && !strings.HasPrefix(page.Name, only) {
			continue
		}
		for _, s := range screens {
			t.Run(page.Name+" "+s.name, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
				defer cancel()
				address := fmt.Sprintf("%s/%s?lang=%s&type=%s", b.address, page.Name, s.lang, s.kind)
				require.NoError(t, chromedp.Do(ctx, chromedp.EmulateViewport(s.width, s.height), chromedp.Navigate(address)))
				if page.Charts {
					require.NoError(t, chromedp.Do(ctx, chromedp.Poll[chromedp.Void](`document.querySelectorAll(".chart[data-ready]").length === document.querySelectorAll(".chart").length`)))
				}
				if shots != "" {
					png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
					require.NoError(t, err)
					require.NoError(t, os.MkdirAll(shots, 0o755))
					require.NoError(t, os.WriteFile(filepath.Join(shots, page.Name+"-"+s.name+".png"), png, 0o644))
				}
				found, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](fits))
				require.NoError(t, err)
				require.NoError(t, chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](string(axe))))
				violations, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](axeRun, chromedp.EvalAwaitPromise))
				require.NoError(t, err)
				if s.width == 390 { // a phone of 360 px, and 320 px: 1280 at 400 %
					for _, w := range []int64{360, 320} {
						require.NoError(t, chromedp.Do(ctx, chromedp.EmulateViewport(w, s.height)))
						narrow, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](fits))
						require.NoError(t, err)
						for _, n := range narrow {
							found = append(found, fmt.Sprintf("at %d px: %s", w, n))
						}
					}
				}
				for _, v := range append(append(found, violations...), b.heard()...) {
					t.Error(v)
				}
			})
		}
	}
}

// The keys of the desk: j goes down, x picks the row, k goes up, and the batch
// bar counts. And a control: what the policy refuses is heard.
func TestDeskKeys(t *testing.T) {
	b := openBrowser(t)
	require.NoError(t, chromedp.Do(b.ctx, chromedp.EmulateViewport(1440, 900), chromedp.Navigate(b.address+"/desk-queue"),
		chromedp.KeyEvent("j"), chromedp.KeyEvent("j"), chromedp.KeyEvent("x"), chromedp.KeyEvent("k")))
	type state struct {
		Focus, Picked, Count string
	}
	got, err := chromedp.Run(b.ctx, chromedp.Evaluate[state](`({
		Focus: document.activeElement.closest("tr").id,
		Picked: [...document.querySelectorAll("[data-pick]:checked")].map(e => e.value).join(),
		Count: document.querySelector("[data-picked]").textContent,
	})`))
	require.NoError(t, err)
	require.Equal(t, state{"row-1", "2", "1"}, got)
	require.NoError(t, chromedp.Do(b.ctx, chromedp.KeyEvent("/"), chromedp.KeyEvent("j")))
	typed, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.activeElement.value`))
	require.NoError(t, err)
	// The protocol types the character even where a page took the key for itself.
	require.Equal(t, "j", strings.TrimPrefix(typed, "/"), "keys belong to the search field while it has the focus")

	require.Empty(t, b.heard())
	require.NoError(t, chromedp.Do(b.ctx, chromedp.Evaluate[chromedp.Void](`document.body.insertAdjacentHTML("beforeend", "<p style='color:red'>x</p>")`)))
	require.NotEmpty(t, b.heard(), "an inline style is refused, and the refusal is heard")
}

// browser is one tab on the gallery.
type browser struct {
	ctx     context.Context
	address string
	mu      sync.Mutex
	spoken  []string
}

// heard gives what the browser complained about since the last call.
func (b *browser) heard() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.spoken
	b.spoken = nil
	return out
}

func openBrowser(t *testing.T) *browser {
	t.Helper()
	if testing.Short() {
		t.Skip("SKIPPED: no browser in short mode")
	}
	chromium := findChromium()
	if chromium == "" {
		t.Skip("SKIPPED: chromium is not installed, so no page of the gallery was looked at; install Debian's package chromium")
	}
	server := httptest.NewServer(gallery.Handler())
	t.Cleanup(server.Close)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true), chromedp.Flag("force-prefers-reduced-motion", true))
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stopAlloc)
	ctx, stopBrowser := chromedp.NewContext(alloc)
	t.Cleanup(stopBrowser)
	b := &browser{ctx: ctx, address: server.URL}
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

func findChromium() string {
	for _, name := range []string{"/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	return ""
}

// The map has the sixteen cities in force; Laiwu went into Jinan in 2019.
func TestMapHasSixteenCities(t *testing.T) {
	raw, err := os.ReadFile("../../assets/dist/shandong.json")
	require.NoError(t, err)
	var geo struct {
		Features []struct {
			ID       string `json:"id"`
			Geometry struct {
				Coordinates [][][][2]float64 `json:"coordinates"`
			} `json:"geometry"`
		} `json:"features"`
	}
	require.NoError(t, json.Unmarshal(raw, &geo))
	require.Len(t, geo.Features, 16)
	for _, f := range geo.Features {
		require.NotEqual(t, "371200", f.ID)
		require.NotEmpty(t, f.Geometry.Coordinates)
		for _, p := range f.Geometry.Coordinates {
			for _, point := range p[0] {
				require.InDelta(t, 118.5, point[0], 4.5)
				require.InDelta(t, 36.3, point[1], 2.2)
			}
		}
	}
	require.Greater(t, len(geo.Features[0].Geometry.Coordinates), 1, "Jinan with Laiwu")
}
