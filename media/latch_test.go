package media

import (
	"net/netip"
	"testing"
	"time"
)

// leg is one endpoint whose SDP names sdp and whose signalling comes from
// 127.0.0.2; what it hears is forwarded to listener.
type leg struct {
	t        *testing.T
	r        *Relay
	e        *Endpoint
	listener *phone
	other    *Endpoint
}

func newLeg(t *testing.T, m Remote) *leg { return newLegAt(t, relayHost, m) }

func newLegAt(t *testing.T, local netip.Addr, m Remote) *leg {
	t.Helper()
	r := still(t, 20)
	open := func() *Endpoint {
		e, err := r.Open(local)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	g := &leg{t: t, r: r, e: open(), listener: newPhone(t, "127.0.0.7"), other: open()}
	g.other.SetRemote(g.listener.remote())
	g.e.SetRemote(m)
	Bridge(g.e, g.other)
	return g
}

// heard sends one packet from p and wants it heard, or not; the other side's
// answer must then reach exactly where.
func (g *leg) heard(p *phone, want bool, where *phone) {
	g.t.Helper()
	p.send(g.e, "to the listener")
	pump(g.t, g.r, 1)
	if want {
		g.listener.hears("to the listener")
	} else {
		g.listener.silent()
	}
	g.listener.send(g.other, "answer")
	pump(g.t, g.r, 1)
	if where != nil {
		where.hears("answer")
	}
	if p != where {
		p.silent()
	}
}

// pass lets the endpoint believe that nothing has come for d.
func (g *leg) pass(d time.Duration) {
	g.e.in.lastAt -= int64(d)
	g.e.relay.mu.Lock()
	g.e.deafTill -= int64(d)
	g.e.relay.mu.Unlock()
}

func TestSourceOfSDP(t *testing.T) {
	p, stranger := newPhone(t, "127.0.0.2"), newPhone(t, "127.0.0.3")
	g := newLeg(t, Remote{RTP: p.addr(), Formats: g711})
	g.heard(stranger, false, p)
	neighbour := newPhone(t, "127.0.0.2")
	g.heard(neighbour, false, p) // without signalling, only the SDP's own port
	g.heard(p, true, p)
	g.heard(stranger, false, p)
	if n := g.r.Counters().Refused; n != 3 {
		t.Errorf("%d packets refused, want 3", n)
	}
}

// A phone behind a NAT names its private address; its packets come from
// wherever the NAT lets them out, at the address that signals.
func TestSourceBehindNAT(t *testing.T) {
	private := netip.MustParseAddrPort("127.9.9.9:4000")
	p, stranger := newPhone(t, "127.0.0.2"), newPhone(t, "127.0.0.3")
	g := newLeg(t, Remote{RTP: private, Signalling: p.addr().Addr(), Formats: g711})
	g.heard(stranger, false, nil)
	g.heard(p, true, p)
	neighbour := newPhone(t, "127.0.0.2")
	neighbour.ssrc = 99
	g.heard(neighbour, false, p) // the first packet has been believed
	g.heard(stranger, false, p)
	g.heard(p, true, p)
	// A session refresh repeats the body and must not lose the way back.
	g.e.SetRemote(Remote{RTP: private, Signalling: p.addr().Addr(), Formats: g711})
	g.heard(stranger, false, p)
	g.heard(p, true, p)
}

func TestRebinding(t *testing.T) {
	p := newPhone(t, "127.0.0.2")
	g := newLeg(t, p.remote())
	g.heard(p, true, p)
	moved := newPhone(t, "127.0.0.5") // another address, the same stream
	moved.ssrc, moved.seq = p.ssrc, p.seq
	g.heard(moved, false, p) // the old source has just been heard
	g.pass(silence)
	stranger := newPhone(t, "127.0.0.3")
	stranger.ssrc = 666
	g.heard(stranger, false, p)
	g.heard(moved, true, moved)
	g.heard(p, false, moved)
}

// Nothing was heard yet: there is no SSRC to carry on, however long it lasts.
func TestNoRebindingBeforeTheFirst(t *testing.T) {
	p, stranger := newPhone(t, "127.0.0.2"), newPhone(t, "127.0.0.3")
	stranger.ssrc = 0
	g := newLeg(t, p.remote())
	g.pass(time.Hour)
	g.heard(stranger, false, p)
}

func TestSourceChangedBySignalling(t *testing.T) {
	p := newPhone(t, "127.0.0.2")
	g := newLeg(t, p.remote())
	g.heard(p, true, p)
	q := newPhone(t, "127.0.0.2")
	q.ssrc = 77
	g.e.SetRemote(q.remote())
	g.heard(p, false, q) // its last packets must not latch again
	g.heard(q, true, q)
	g.heard(p, false, q)

	// A new address in the body while the NAT's mapping stays: the old source
	// is believed again once its last packets can't be under way.
	g.e.SetRemote(Remote{RTP: netip.MustParseAddrPort("127.9.9.9:6000"), Signalling: q.addr().Addr(), Formats: g711})
	g.heard(q, false, nil)
	g.pass(late)
	g.heard(q, true, q)
}

// Hold by c=0.0.0.0 names no new place.
func TestHoldKeepsTheSource(t *testing.T) {
	p := newPhone(t, "127.0.0.2")
	private := Remote{RTP: netip.MustParseAddrPort("127.9.9.9:4000"), Signalling: p.addr().Addr(), Formats: g711}
	g := newLeg(t, private)
	g.heard(p, true, p)
	held := private
	held.RTP = netip.MustParseAddrPort("0.0.0.0:4000")
	g.e.SetRemote(held)
	g.heard(p, true, nil)
	p.silent()
	g.e.SetRemote(private)
	g.heard(p, true, p)
	// Who comes back from hold at another address is believed there.
	q := newPhone(t, "127.0.0.4")
	g.e.SetRemote(held)
	g.e.SetRemote(q.remote())
	g.heard(p, false, q)
	g.heard(q, true, q)
}

// Before any SDP nothing is heard, and nothing panics.
func TestNoRemoteYet(t *testing.T) {
	r := still(t, 10)
	e, p := open(t, r), newPhone(t, "127.0.0.2")
	p.send(e, "x")
	p.raw(e.controlAt(), []byte{0x80, 201, 0, 1, 0, 0, 0, 1})
	p.raw(e.at(), []byte{1})
	p.raw(e.at(), nil)
	p.raw(e.at(), make([]byte, 3000))
	pump(t, r, 5)
	if c := r.Counters(); c.Refused != 5 || c.Received != 0 || !e.LastPacket().IsZero() {
		t.Errorf("%+v", c)
	}
	e.Close()
	e.Close()
	p.send(e, "stray")
	pump(t, r, 1)
	if c := r.Counters(); c.Refused != 6 {
		t.Errorf("%+v", c)
	}
}
