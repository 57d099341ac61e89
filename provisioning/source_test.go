package provisioning

import (
	"crypto/tls"
	"net/http/httptest"
	"testing"
)

// Nobody but a proxy on this machine is believed in what it says of others.
func TestForwarded(t *testing.T) {
	for _, c := range []struct {
		from, forwarded, proto string
		tls                    bool
		source                 string
		over, private          bool
	}{
		{"203.0.113.7:5000", "", "", false, "203.0.113.7", false, false},
		{"203.0.113.7:5000", "192.0.2.1", "https", false, "203.0.113.7", false, false},
		{"203.0.113.7:5000", "", "", true, "203.0.113.7", true, true},
		{"127.0.0.1:5000", "192.0.2.9, 198.51.100.1", "https", false, "198.51.100.1", true, true},
		{"[::1]:5000", "fe80::1%eth0", "http", false, "fe80::1", false, false},
		{"127.0.0.1:5000", "", "", false, "127.0.0.1", false, true},
		{"@", "192.0.2.1", "https", false, "invalid IP", false, false},
	} {
		r := httptest.NewRequest("GET", "http://pbx.example/", nil)
		r.RemoteAddr = c.from
		if c.tls {
			r.TLS = &tls.ConnectionState{}
		}
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if c.proto != "" {
			r.Header.Set("X-Forwarded-Proto", c.proto)
		}
		source, private := RequestSource(r)
		if over := OverTLS(r); source.String() != c.source || private != c.private || over != c.over {
			t.Errorf("%+v: from %s, private %v, over TLS %v", c, source, private, over)
		}
	}
}
