package call

import (
	"net/netip"
	"testing"
)

func TestSameReach(t *testing.T) {
	for _, c := range []struct {
		own, next string
		may       bool
	}{
		{"203.0.113.7", "203.0.113.7", true},
		{"203.0.113.7", "198.51.100.1", true},
		{"203.0.113.7", "127.0.0.1", false},
		{"203.0.113.7", "10.0.0.5", false},
		{"203.0.113.7", "169.254.169.254", false},
		{"203.0.113.7", "::ffff:127.0.0.1", false},
		{"203.0.113.7", "::1", false},
		{"203.0.113.7", "fd00::1", false},
		{"203.0.113.7", "224.0.0.1", false},
		{"10.0.0.9", "10.0.0.5", true},
		{"10.0.0.9", "127.0.0.1", false},
		{"10.0.0.9", "203.0.113.7", true},
		{"127.0.0.5", "127.0.0.4", true},
		{"127.0.0.5", "0.0.0.0", false},
	} {
		if got := sameReach(netip.MustParseAddr(c.own), netip.MustParseAddr(c.next)); got != c.may {
			t.Errorf("%s sends us to %s: %v, want %v", c.own, c.next, got, c.may)
		}
	}
}
