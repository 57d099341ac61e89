package provisioning

import (
	"net/http"
	"net/netip"
	"strings"
)

// RequestSource is who sent a request, and whether nobody on the way could read
// it: it came over TLS, or from this machine. A reverse proxy on this machine says
// for whom it asks, and how that one came; nobody else is believed.
func RequestSource(r *http.Request) (source netip.Addr, private bool) {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, r.TLS != nil
	}
	source = at.Addr().Unmap().WithZone("")
	if !source.IsLoopback() {
		return source, r.TLS != nil
	}
	private = !strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "http")
	// Each proxy appends whom it heard: only the last one is ours.
	all := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	if client, err := netip.ParseAddr(strings.TrimSpace(all[len(all)-1])); err == nil {
		return client.Unmap().WithZone(""), private
	}
	return source, private
}

// OverTLS says whether whoever asks sees an https address: ours, or that of a
// reverse proxy on this machine. It is what links and cookies are made for.
func OverTLS(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && at.Addr().Unmap().IsLoopback() && strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}
