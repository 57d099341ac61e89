package transport

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

func TestLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{})
		a := netip.MustParseAddr("192.0.2.1")
		answered := 0
		for range 100 {
			if l.Penalize(a, Malformed) {
				answered++
			}
		}
		if answered != faultBurst {
			t.Errorf("%d of 100 at once answered, want %d", answered, faultBurst)
		}
		time.Sleep(time.Second)
		answered = 0
		for range 100 {
			if l.Penalize(a, Malformed) {
				answered++
			}
		}
		if answered != faultRate {
			t.Errorf("%d a second answered, want %d", answered, faultRate)
		}
		if n := len(l.Bans()); n != 0 {
			t.Errorf("%d bans for malformed messages", n)
		}
		if !l.Penalize(netip.MustParseAddr("192.0.2.2"), Malformed) {
			t.Error("another source pays for it")
		}
	})
}

func TestBan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{})
		a := netip.MustParseAddr("2001:db8:0:1::7")
		for i := range authFaults {
			if len(l.Bans()) != 0 {
				t.Fatalf("banned after %d wrong passwords", i)
			}
			l.Penalize(a, AuthFailed)
		}
		if b := l.Bans(); len(b) != 1 || b[0].Prefix.String() != "2001:db8:0:1::/64" || b[0].Reason != AuthFailed {
			t.Fatalf("bans %v", b)
		}
		neighbour := netip.MustParseAddr("2001:db8:0:1::8")
		if !l.lim.isBanned(neighbour, time.Now) || l.lim.isBanned(netip.MustParseAddr("2001:db8:0:2::7"), time.Now) {
			t.Error("the ban is not of the /64")
		}
		time.Sleep(banTime)
		if l.lim.isBanned(a, time.Now) || len(l.Bans()) != 0 {
			t.Error("the ban never ends")
		}
		// Slow failures are a phone with an old password, not an attack.
		for range 50 {
			time.Sleep(10 * time.Second)
			l.Penalize(a, AuthFailed)
		}
		if n := len(l.Bans()); n != 0 {
			t.Error("six failures a minute are banned")
		}
		l.Ban(a, "by hand", time.Hour)
		if !l.Unban(neighbour) || l.Unban(neighbour) || l.lim.isBanned(a, time.Now) {
			t.Error("a ban can't be lifted")
		}
	})
}

func TestExemptSourcesAreHeard(t *testing.T) {
	trunk := netip.MustParseAddr("198.51.100.1")
	l := New(Options{Exempt: func(a netip.Addr) bool { return a == trunk }})
	for range 1000 {
		if !l.Penalize(trunk, AuthFailed) {
			t.Fatal("an exempt source is not answered")
		}
	}
	if l.lim.isBanned(trunk, time.Now) {
		t.Error("an exempt source is not heard")
	}
	if !l.Barred(trunk) || len(l.Bans()) != 1 {
		t.Error("an exempt source may guess passwords for ever")
	}
	if !l.Unban(trunk) || l.Barred(trunk) {
		t.Error("an exempt source is not forgiven")
	}
}

func TestLimitsAreBounded(t *testing.T) {
	l := New(Options{})
	var b [4]byte
	for i := range 3 * maxSources {
		b = [4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}
		l.Penalize(netip.AddrFrom4(b), Malformed)
		if i%10 == 0 {
			l.Ban(netip.AddrFrom4(b), "test", time.Hour)
		}
	}
	if len(l.lim.sources) > maxSources || len(l.lim.bans) > maxBans {
		t.Errorf("%d sources and %d bans kept", len(l.lim.sources), len(l.lim.bans))
	}
}

// A ban ends no call: requests inside dialogs of ours pass, but not those whose
// tag is made up.
func TestBanEndsNoCall(t *testing.T) {
	heard := 0
	l := New(Options{OurTag: func(tag []byte) bool { return string(tag) == "ours" }})
	l.Serve(func(Flow, *Head, []byte) { heard++ })
	peer := netip.MustParseAddrPort("192.0.2.1:5060")
	l.Ban(peer.Addr(), "by hand", time.Hour)
	for _, c := range []struct {
		method, tag string
		passes      bool
	}{
		{"BYE", ";tag=ours", true},
		{"BYE", ";tag=made-up", false},
		{"INVITE", "", false},
		{"REGISTER", ";tag=ours", false},
	} {
		var h Head
		heard = 0
		l.datagram(Flow{nil, peer}, &h, []byte(c.method+" sip:a SIP/2.0\r\nTo: <sip:a>"+c.tag+"\r\nContent-Length: 0\r\n\r\n"))
		if (heard == 1) != c.passes {
			t.Errorf("%s with %q: heard %d times", c.method, c.tag, heard)
		}
	}
}
