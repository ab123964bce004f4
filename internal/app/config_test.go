package app_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/app"
	"gonghui/internal/base/db"
)

func TestTrustedProxies(t *testing.T) {
	load := func(file, variable string) (app.Config, error) {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "gonghui.toml"), []byte(file), 0o600))
		return app.LoadConfig(dir, func(name string) string {
			if name == "GONGHUI_TRUSTED_PROXIES" {
				return variable
			}
			return ""
		})
	}
	networks := func(c app.Config) (out []string) {
		all, err := c.Proxies()
		require.NoError(t, err)
		for _, p := range all {
			out = append(out, p.String())
		}
		return out
	}
	c, err := load(`trusted_proxies = ["127.0.0.1", "10.1.2.3/16", "::1"]`, "")
	require.NoError(t, err)
	require.Equal(t, []string{"127.0.0.1/32", "10.1.0.0/16", "::1/128"}, networks(c))
	c, err = load(`trusted_proxies = ["127.0.0.1"]`, "192.0.2.1, 2001:db8::/32")
	require.NoError(t, err)
	require.Equal(t, []string{"192.0.2.1/32", "2001:db8::/32"}, networks(c), "the environment goes first")
	c, err = load("", "")
	require.NoError(t, err)
	require.Empty(t, networks(c))
	for _, bad := range []string{"proxy.example", "10.1.0.0/99", "fe80::1%eth0", ","} {
		_, err := load("", bad)
		require.ErrorContains(t, err, "trusted_proxies", bad)
	}
}

// A site behind TLS that names no proxy takes all visitors for one.
func TestDoctorMissesTheProxy(t *testing.T) {
	c := config(t, db.SQLite)
	setUp(t, c)
	c.BaseURL = "https://gonghui.example"
	var out bytes.Buffer
	require.NoError(t, app.Doctor(t.Context(), c, &out))
	require.Equal(t, "warn", lines(out.String())["proxies"], out.String())
	c.TrustedProxies = []string{"127.0.0.1"}
	out.Reset()
	require.NoError(t, app.Doctor(t.Context(), c, &out))
	require.NotContains(t, lines(out.String()), "proxies")
	require.Contains(t, out.String(), "config trusted_proxies: 127.0.0.1")
}
