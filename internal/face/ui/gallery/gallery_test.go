package gallery_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"gonghui/internal/face/ui/gallery"
	"gonghui/internal/face/ui/uitest"
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

// Every page, at phone and desk width, in normal and large type: axe-core finds
// nothing, nothing sticks out, nothing is too small to touch, and the strict
// content policy refuses nothing. GONGHUI_SHOTS=DIR keeps the pictures.
func TestPagesInABrowser(t *testing.T) {
	b, address := open(t)
	shots := os.Getenv("GONGHUI_SHOTS")
	only := os.Getenv("GONGHUI_PAGE")
	for _, page := range gallery.Pages {
		if only != "" && !strings.HasPrefix(page.Name, only) {
			continue
		}
		for _, s := range screens {
			t.Run(page.Name+" "+s.name, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(b.Ctx, time.Minute)
				defer cancel()
				at := fmt.Sprintf("%s/%s?lang=%s&type=%s", address, page.Name, s.lang, s.kind)
				require.NoError(t, chromedp.Do(ctx, chromedp.EmulateViewport(s.width, s.height), chromedp.Navigate(at)))
				if page.Charts {
					require.NoError(t, chromedp.Do(ctx, chromedp.Poll[chromedp.Void](`document.querySelectorAll(".chart[data-ready]").length === document.querySelectorAll(".chart").length`)))
				}
				if shots != "" {
					require.NoError(t, uitest.Shot(ctx, filepath.Join(shots, page.Name+"-"+s.name+".png")))
				}
				found, err := uitest.Fits(ctx)
				require.NoError(t, err)
				violations, err := uitest.Axe(ctx)
				require.NoError(t, err)
				if s.width == 390 { // a phone of 360 px, and 320 px: 1280 at 400 %
					for _, w := range []int64{360, 320} {
						require.NoError(t, chromedp.Do(ctx, chromedp.EmulateViewport(w, s.height)))
						narrow, err := uitest.Fits(ctx)
						require.NoError(t, err)
						for _, n := range narrow {
							found = append(found, fmt.Sprintf("at %d px: %s", w, n))
						}
					}
				}
				for _, v := range append(append(found, violations...), b.Heard()...) {
					t.Error(v)
				}
			})
		}
	}
}

// The keys of the desk: j goes down, x picks the row, k goes up, and the batch
// bar counts. And a control: what the policy refuses is heard.
func TestDeskKeys(t *testing.T) {
	b, address := open(t)
	require.NoError(t, chromedp.Do(b.Ctx, chromedp.EmulateViewport(1440, 900), chromedp.Navigate(address+"/desk-queue"),
		chromedp.KeyEvent("j"), chromedp.KeyEvent("j"), chromedp.KeyEvent("x"), chromedp.KeyEvent("k")))
	type state struct {
		Focus, Picked, Count string
	}
	got, err := chromedp.Run(b.Ctx, chromedp.Evaluate[state](`({
		Focus: document.activeElement.closest("tr").id,
		Picked: [...document.querySelectorAll("[data-pick]:checked")].map(e => e.value).join(),
		Count: document.querySelector("[data-picked]").textContent,
	})`))
	require.NoError(t, err)
	require.Equal(t, state{"row-1", "2", "1"}, got)
	require.NoError(t, chromedp.Do(b.Ctx, chromedp.KeyEvent("/"), chromedp.KeyEvent("j")))
	typed, err := chromedp.Run(b.Ctx, chromedp.Evaluate[string](`document.activeElement.value`))
	require.NoError(t, err)
	// The protocol types the character even where a page took the key for itself.
	require.Equal(t, "j", strings.TrimPrefix(typed, "/"), "keys belong to the search field while it has the focus")

	require.Empty(t, b.Heard())
	require.NoError(t, chromedp.Do(b.Ctx, chromedp.Evaluate[chromedp.Void](`document.body.insertAdjacentHTML("beforeend", "<p style='color:red'>x</p>")`)))
	require.NotEmpty(t, b.Heard(), "an inline style is refused, and the refusal is heard")
}

// open opens a tab and serves the gallery at an address.
func open(t *testing.T) (b *uitest.Tab, address string) {
	t.Helper()
	b = uitest.Open(t)
	server := httptest.NewServer(gallery.Handler())
	t.Cleanup(server.Close)
	return b, server.URL
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
