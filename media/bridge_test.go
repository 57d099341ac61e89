package media

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"
	"time"
)

// call is two phones bridged.
func call(t *testing.T, r *Relay) (a, b *phone, ea, eb *Endpoint) {
	t.Helper()
	a, b = newPhone(t, "127.0.0.2"), newPhone(t, "127.0.0.3")
	b.ssrc = 0x55667788
	ea, eb = open(t, r), open(t, r)
	ea.SetRemote(a.remote())
	eb.SetRemote(b.remote())
	Bridge(ea, eb)
	return a, b, ea, eb
}

func TestBridgeBothWays(t *testing.T) {
	r := relay(t, Options{})
	a, b, ea, eb := call(t, r)
	for i := range 5 {
		a.send(ea, "from a")
		got := b.hears("from a")
		if marker := got[1]&0x80 != 0; marker != (i == 0) {
			t.Errorf("packet %d: marker %v", i, marker)
		}
		if binary.BigEndian.Uint32(got[8:]) != a.ssrc || binary.BigEndian.Uint16(got[2:]) != a.seq-1 {
			t.Errorf("packet %d was renumbered: % x", i, got[:12])
		}
		b.send(eb, "from b")
		a.hears("from b")
	}
	a.send(ea, "x")
	if _, from := b.recv(); from != eb.at() {
		t.Errorf("came from %v, want %v", from, eb.at())
	}
	// An unknown payload type and comfort noise pass as they are.
	for _, pt := range []uint8{13, 55, 120} {
		a.sendPT(ea, pt, "?")
		if got := b.hears("?"); got[1] != pt {
			t.Errorf("payload type %d came as %d", pt, got[1])
		}
	}
	s := ea.Stats()
	if s.Received != 9 || s.Lost != 0 || s.SSRC != a.ssrc || s.LastPacket.IsZero() {
		t.Errorf("%+v", s)
	}
	if s := eb.Stats(); s.Codec != "PCMU" || s.Received != 5 || s.MOS < 4 {
		t.Errorf("%+v", s)
	}
	await(t, "the count of sent packets", func() bool { return eb.Stats().Sent == 9 })
}

func TestHoldAndAnotherBridge(t *testing.T) {
	r := still(t, 40)
	a, b, ea, eb := call(t, r)
	c, ec := newPhone(t, "127.0.0.4"), open(t, r)
	ec.SetRemote(c.remote())
	a.send(ea, "1")
	pump(t, r, 1)
	b.hears("1")
	ea.Unbridge()
	a.send(ea, "held")
	b.send(eb, "held")
	pump(t, r, 2)
	a.silent()
	b.silent()
	Bridge(ea, ec)
	a.send(ea, "2")
	pump(t, r, 1)
	if got := c.hears("2"); got[1]&0x80 == 0 {
		t.Error("the first packet to a new listener has no marker bit")
	}
	Bridge(eb, ea) // takes a away from c
	a.send(ea, "3")
	c.send(ec, "nobody")
	pump(t, r, 2)
	b.hears("3")
	a.silent()
	m := b.remote()
	m.Muted = true
	eb.SetRemote(m)
	a.send(ea, "muted")
	pump(t, r, 1)
	b.silent()
	if eb.Idle() != 0 {
		t.Error("a muted side is not idle")
	}
	eb.SetRemote(b.remote())
	a.send(ea, "4")
	pump(t, r, 1)
	b.hears("4")
}

func TestEcho(t *testing.T) {
	r := still(t, 10)
	a, e := newPhone(t, "127.0.0.2"), open(t, r)
	e.SetRemote(a.remote())
	e.Echo()
	e.Echo()
	for range 3 {
		a.send(e, "hello")
		pump(t, r, 1)
		got := a.hears("hello")
		if binary.BigEndian.Uint32(got[8:]) == a.ssrc {
			t.Error("the phone's own SSRC came back")
		}
		a.silent()
	}
}

func TestRenumber(t *testing.T) {
	side := func(events uint8, f ...Format) *expectation { return compile(Remote{Formats: f, EventPT: events}) }
	opus := func(pt uint8) Format { return Format{PT: pt, Name: "opus", Rate: 48000, Channels: 2} }
	te := func(pt uint8) Format { return Format{PT: pt, Name: "telephone-event", Rate: 8000} }
	h264 := func(pt uint8, mode string) Format {
		return Format{PT: pt, Name: "H264", Rate: 90000, Fmtp: "packetization-mode=" + mode}
	}
	for _, c := range []struct {
		name     string
		from, to *expectation
		pt, want uint8
	}{
		{"static", side(0, g711...), side(0, g711...), 8, 8},
		{"dynamic", side(0, opus(111)), side(0, opus(96)), 111, 96},
		{"name in another case", side(0, Format{PT: 97, Name: "ILBC", Rate: 8000}), side(0, Format{PT: 98, Name: "iLBC", Rate: 8000, Channels: 1}), 97, 98},
		{"not declared by the sender", side(0, opus(111)), side(0, opus(96)), 96, 96},
		{"not known to the receiver", side(0, opus(111)), side(0, g711...), 111, 111},
		{"another clock", side(0, Format{PT: 97, Name: "speex", Rate: 16000}), side(0, Format{PT: 98, Name: "speex", Rate: 8000}), 97, 97},
		{"events", side(101, te(101)), side(96, te(96)), 101, 96},
		{"events from formats alone", side(0, te(101)), side(0, te(96)), 101, 96},
		{"events not wanted", side(101, te(101)), side(0, g711...), 101, dropped},
		{"same number first", side(0, h264(97, "1")), side(0, h264(96, "1"), h264(97, "0")), 97, 97},
		{"same parameters first", side(0, h264(99, "1")), side(0, h264(96, "0"), h264(98, "1")), 99, 98},
		{"nothing known", nil, side(0, opus(96)), 111, 111},
	} {
		if m := renumber(c.from, c.to); m[c.pt] != c.want {
			t.Errorf("%s: %d becomes %d, want %d", c.name, c.pt, m[c.pt], c.want)
		}
	}
}

// Formats that come after the bridge renumber it, and its stream goes on.
func TestRenumberLater(t *testing.T) {
	r := still(t, 10)
	a, b, ea, eb := call(t, r)
	a.sendPT(ea, 111, "1")
	pump(t, r, 1)
	b.hears("1")
	ma, mb := a.remote(), b.remote()
	ma.Formats = append(slices.Clone(g711), Format{PT: 111, Name: "opus", Rate: 48000, Channels: 2})
	mb.Formats = append(slices.Clone(g711), Format{PT: 100, Name: "opus", Rate: 48000, Channels: 2})
	ea.SetRemote(ma)
	eb.SetRemote(mb)
	a.sendPT(ea, 111, "2")
	pump(t, r, 1)
	if got := b.hears("2"); got[1] != 100 {
		t.Errorf("payload type and marker %x, want 64", got[1])
	}
}

type tapeMachine struct{ packets []string }

func (m *tapeMachine) Packet(at time.Time, rtp []byte) {
	m.packets = append(m.packets, string(rtp[12:]))
}

func TestTap(t *testing.T) {
	r := still(t, 10)
	a, b, ea, eb := call(t, r)
	var tape tapeMachine
	ea.SetTap(&tape)
	a.send(ea, "one")
	b.send(eb, "other side")
	pump(t, r, 2)
	ea.Unbridge()
	a.send(ea, "on hold")
	newPhone(t, "127.0.0.9").raw(ea.at(), rtp(0, 1, 1, 1, "stranger"))
	pump(t, r, 2)
	ea.SetTap(nil)
	a.send(ea, "after")
	pump(t, r, 1)
	if want := []string{"one", "on hold"}; !slices.Equal(tape.packets, want) {
		t.Errorf("tapped %q, want %q", tape.packets, want)
	}
}

func TestFamilies(t *testing.T) {
	r := relay(t, Options{})
	if c, err := netListen("::1"); err != nil {
		t.Skip("no IPv6 here")
	} else {
		c.Close()
	}
	// A dual-stack endpoint serves a phone of each family, and they can talk.
	a, b := newPhone(t, "127.0.0.1"), newPhone(t, "::1")
	ea, err := r.Open(netip.Addr{})
	if err != nil {
		t.Fatal(err)
	}
	eb, err := r.Open(netip.MustParseAddr("::1"))
	if err != nil {
		t.Fatal(err)
	}
	ea.SetRemote(a.remote())
	eb.SetRemote(b.remote())
	Bridge(ea, eb)
	a.send(ea, "four")
	b.hears("four")
	b.send(eb, "six")
	a.hears("six")
	ec, err := r.Open(netip.Addr{})
	if err != nil {
		t.Fatal(err)
	}
	ec.SetRemote(b.remote())
	Bridge(ea, ec)
	b.raw(netip.AddrPortFrom(netip.MustParseAddr("::1"), uint16(ec.Port())), rtp(0, 1, 1, 1, "six again"))
	a.hears("six again")
	// Two of the same family; the second sends from another port than it
	// signalled, and is latched to.
	c := newPhone(t, "::1")
	ed, err := r.Open(netip.IPv6Unspecified())
	if err != nil {
		t.Fatal(err)
	}
	rc := c.remote()
	rc.RTP = netip.AddrPortFrom(rc.RTP.Addr(), 9)
	ed.SetRemote(rc)
	Bridge(eb, ed)
	c.raw(netip.AddrPortFrom(netip.IPv6Loopback(), uint16(ed.Port())), rtp(0, 1, 1, 2, "c"))
	b.hears("c")
	b.send(eb, "b")
	if _, from := c.recv(); from != netip.AddrPortFrom(netip.IPv6Loopback(), uint16(ed.Port())) {
		t.Errorf("came from %v", from)
	}
}
