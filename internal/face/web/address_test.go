package web

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/base/telemetry"
	"gonghui/internal/base/vault/vaulttest"
	"gonghui/internal/kit/clock"
)

func TestAddress(t *testing.T) {
	ours := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("::1/128")}
	for name, c := range map[string]struct {
		proxies []netip.Prefix
		remote  string
		said    []string
		want    string
	}{
		"nobody is believed":           {nil, "127.0.0.1:4711", []string{"203.0.113.9"}, "127.0.0.1"},
		"a stranger is not believed":   {ours, "198.51.100.7:4711", []string{"203.0.113.9"}, "198.51.100.7"},
		"the proxy is":                 {ours, "127.0.0.1:4711", []string{"203.0.113.9"}, "203.0.113.9"},
		"not what the visitor claimed": {ours, "127.0.0.1:4711", []string{"1.1.1.1, 203.0.113.9"}, "203.0.113.9"},
		"two proxies":                  {ours, "127.0.0.1:4711", []string{"1.1.1.1, 203.0.113.9, 10.1.2.3"}, "203.0.113.9"},
		"in several lines":             {ours, "127.0.0.1:4711", []string{"1.1.1.1", "203.0.113.9", "10.1.2.3"}, "203.0.113.9"},
		"only proxies":                 {ours, "127.0.0.1:4711", []string{"10.1.2.4, 10.1.2.3"}, "10.1.2.4"},
		"the proxy says nothing":       {ours, "127.0.0.1:4711", nil, "127.0.0.1"},
		"rubbish":                      {ours, "127.0.0.1:4711", []string{"203.0.113.9, evil"}, "127.0.0.1"},
		"IPv6 by network":              {nil, "[2001:db8:1:2:3:4:5:6]:4711", nil, "2001:db8:1:2::/64"},
		"IPv6 of a proxy":              {ours, "[::1]:4711", []string{"2001:db8:1:2:ffff::1"}, "2001:db8:1:2::/64"},
		"IPv4 in IPv6":                 {ours, "[::ffff:127.0.0.1]:4711", []string{"::ffff:203.0.113.9"}, "203.0.113.9"},
		"with a zone":                  {nil, "[fe80::1%eth0]:4711", nil, "fe80::/64"},
		"no address at all":            {ours, "@", []string{"203.0.113.9"}, "@"},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(Deps{Sessions: noSessions{}, Vault: vaulttest.New(t), Clock: clock.System(), Log: telemetry.Quiet(), Proxies: c.proxies})
			var got string
			s.Handle("GET /where", s.plain, func(_ http.ResponseWriter, r *http.Request) error {
				got = Address(r.Context())
				return nil
			})
			r := httptest.NewRequest(http.MethodGet, "/where", nil)
			r.RemoteAddr = c.remote
			for _, line := range c.said {
				r.Header.Add("X-Forwarded-For", line)
			}
			s.Handler().ServeHTTP(httptest.NewRecorder(), r)
			require.Equal(t, c.want, got)
		})
	}
}
