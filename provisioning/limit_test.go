package provisioning

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"
)

func TestLimit(t *testing.T) {
	now := time.Unix(1e9, 0)
	l := NewLimit(3, time.Minute, func() time.Time { return now })
	a, neighbour, other := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2"), netip.MustParseAddr("::ffff:192.0.2.1")
	for i := range 3 {
		if !l.Take(a) {
			t.Fatalf("%d of the burst is refused", i)
		}
	}
	if l.Take(neighbour) || l.Left(a) {
		t.Error("another address of one customer is another source")
	}
	if !l.Take(other) || !l.Left(netip.MustParseAddr("192.0.2.1")) {
		t.Error("one source spends what is another's")
	}
	now = now.Add(time.Minute)
	if !l.Left(a) || !l.Take(a) || l.Take(a) {
		t.Error("one comes back a minute")
	}
	now = now.Add(-time.Hour) // the clock was set back
	if l.Take(a) {
		t.Error("a clock that goes back gives more")
	}
}

// However many addresses there are, what is remembered has a bound.
func TestLimitIsBounded(t *testing.T) {
	now := time.Unix(1e9, 0)
	l := NewLimit(2, time.Minute, func() time.Time { return now })
	for i := range 3 * maxSources {
		var b [4]byte
		binary.BigEndian.PutUint32(b[:], uint32(i))
		l.Take(netip.AddrFrom4(b))
		if len(l.sources) > maxSources {
			t.Fatalf("%d sources are remembered", len(l.sources))
		}
	}
}
