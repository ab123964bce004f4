package phone_test

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"gonghui/internal/core/org/orgtest"
	"gonghui/internal/face/ui/uitest"
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

// Every page in a real browser: axe-core finds nothing, nothing sticks out,
// nothing is too small to touch, and the content policy refuses nothing.
// GONGHUI_SHOTS=DIR keeps the pictures, GONGHUI_PAGE=name takes one page.
func TestPagesInABrowser(t *testing.T) {
	b := uitest.Open(t)
	shots, only := os.Getenv("GONGHUI_SHOTS"), os.Getenv("GONGHUI_PAGE")
	st := tell(t, orgtest.SQLite(t)) // the pages are the same on every database
	st.pages["home visitor"], st.pages["signin"], st.pages["not found"], st.pages["bad filter"] = "/", "/signin", "/jobs/nothing", "/jobs?place=999999"
	home, err := url.Parse(st.server.URL)
	require.NoError(t, err)
	for _, dev := range devices {
		if dev.name == "390-zh" && shots == "" {
			continue // the Chinese pages are tried in large type, which is harder
		}
		for name, path := range st.pages {
			if only != "" && !strings.HasPrefix(name, only) {
				continue
			}
			t.Run(name+" "+dev.name, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(b.Ctx, time.Minute)
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
					require.NoError(t, uitest.Shot(ctx, filepath.Join(shots, strings.ReplaceAll(name, " ", "-")+"-"+dev.name+".png")))
				}
				bad, err := uitest.Fits(ctx)
				require.NoError(t, err)
				found, err := uitest.Axe(ctx)
				require.NoError(t, err)
				for _, v := range append(append(bad, found...), b.Heard()...) {
					if !strings.Contains(v, "Failed to load resource") { // the answers 404 and 422 are what was asked for
						t.Error(v)
					}
				}
			})
		}
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
