package media

import (
	"testing"
	"unsafe"
)

// What each packet touches stands in as few cache lines as the comments say.
func TestPacketPathIsCompact(t *testing.T) {
	const line = 64
	var e Endpoint
	for _, c := range []struct {
		what      string
		got, want uintptr
	}{
		{"where the inbound part of an endpoint begins", unsafe.Offsetof(e.in), line},
		{"where the meter begins", unsafe.Offsetof(e.in.meter), line},
		{"a target", unsafe.Sizeof(target{}), line},
		{"a packet's buffer, modulo two lines", maxPacket % (2 * line), line},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d bytes, want %d", c.what, c.got, c.want)
		}
	}
	if n := unsafe.Sizeof(e) % line; n != 0 {
		t.Errorf("an endpoint ends %d bytes into a cache line: the next would straddle", n)
	}
}

// A loop that is woken late finds more than it can take at once: it must go on
// without a rest, or it never catches up and packets are lost.
func TestFullBatchIsFollowedAtOnce(t *testing.T) {
	r := &Relay{}
	l, err := newLoop(r)
	if err != nil {
		t.Fatal(err)
	}
	l.batched = true
	for _, c := range []struct {
		served int
		rests  bool
	}{{0, true}, {1, true}, {batch - 1, true}, {batch, false}, {3, true}} {
		for i := range c.served {
			l.evs[i].Fd = -1 // a poke, which costs nothing
		}
		l.window = mono() // no new measurement
		l.pass(c.served)
		if got := l.rest(l.lastWake) > 0; got != c.rests {
			t.Errorf("after %d packets at once: rests %v", c.served, got)
		}
	}
}
