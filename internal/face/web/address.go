package web

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Address is where a request comes from, for limits by address: an IPv4 address,
// or the network of 64 bits that one IPv6 household has. Behind trusted proxies
// it is what they say; what anybody else says of himself is not believed.
func Address(ctx context.Context) string { return stateOf(ctx).address }

func (s *Site) address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	at, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	// Each proxy adds at the right end whom it heard; the first from there that
	// is no proxy of ours is the visitor.
	chain := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(chain) - 1; i >= 0 && s.trusted(at); i-- {
		before, err := netip.ParseAddr(strings.TrimSpace(chain[i]))
		if err != nil {
			break
		}
		at = before
	}
	return grouped(at)
}

func (s *Site) trusted(a netip.Addr) bool {
	for _, p := range s.deps.Proxies {
		if p.Contains(a.Unmap().WithZone("")) {
			return true
		}
	}
	return false
}

func grouped(a netip.Addr) string {
	if a = a.Unmap().WithZone(""); a.Is4() {
		return a.String()
	}
	p, err := a.Prefix(64)
	if err != nil {
		return a.String()
	}
	return p.String()
}
