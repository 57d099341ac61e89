package media

import (
	"context"
	"net"
	"net/netip"
	"runtime"
	"syscall"
	"testing"
)

// wiredLeg is a leg whose streams have gone on long enough.
func wiredLeg(t *testing.T, local string, p *phone) *leg {
	t.Helper()
	g := newLegAt(t, netip.MustParseAddr(local), p.remote())
	for range wireAfter {
		g.heard(p, true, p)
	}
	for _, e := range []*Endpoint{g.e, g.other} {
		if tgt := e.target.Load(); !tgt.wired || e.forward.Load() != tgt {
			t.Fatal("a stream that goes on has no socket of its own")
		}
	}
	g.heard(p, true, p)
	return g
}

var bindings = []string{"127.0.0.1", "0.0.0.0", "::"}

// rewire goes on until the leg has a socket of its own again.
func (g *leg) rewire(p *phone) {
	g.t.Helper()
	for range wireAgain {
		if g.e.target.Load().wired {
			g.heard(p, true, p)
			return
		}
		g.heard(p, true, p)
	}
	g.t.Fatal("not wired again")
}

// A connected socket changes nothing of who is heard.
func TestWiredIsHeardLikeAnyOther(t *testing.T) {
	for _, local := range bindings {
		t.Run(local, func(t *testing.T) {
			p := newPhone(t, "127.0.0.2")
			g := wiredLeg(t, local, p)
			stranger, neighbour := newPhone(t, "127.0.0.3"), newPhone(t, "127.0.0.2")
			neighbour.ssrc = 99
			g.heard(stranger, false, p)
			g.heard(neighbour, false, p)
			g.heard(p, true, p)

			// A NAT gives it another port.
			g.pass(silence)
			moved := newPhone(t, "127.0.0.2")
			moved.ssrc, moved.seq, moved.ts = p.ssrc, p.seq, p.ts
			g.heard(moved, true, moved)
			g.heard(p, false, moved)
			g.rewire(moved)
			g.heard(p, false, moved)

			// Signalling names another place.
			third := newPhone(t, "127.0.0.4")
			g.e.SetRemote(third.remote())
			g.listener.send(g.other, "answer")
			pump(t, g.r, 1)
			third.hears("answer")
			g.heard(third, true, third)
			g.heard(moved, false, third)
			g.rewire(third)
		})
	}
}

// While a peer's port is closed the kernel reports it with the next packet,
// which is not lost for that.
func TestWiredPeerComesBack(t *testing.T) {
	p := newPhone(t, "127.0.0.2")
	g := wiredLeg(t, "0.0.0.0", p)
	at := net.UDPAddrFromAddrPort(p.addr())
	p.c.Close()
	for range 3 {
		g.listener.send(g.other, "nobody there")
		pump(t, g.r, 1)
	}
	c, err := net.ListenUDP("udp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	p.c = c
	g.listener.send(g.other, "back")
	pump(t, g.r, 1)
	p.hears("back")
	if !g.e.target.Load().wired {
		t.Error("the socket was given up")
	}
}

// A socket that can't send any more is given up, and no packet with it.
func TestWireBreaks(t *testing.T) {
	p := newPhone(t, "127.0.0.2")
	g := wiredLeg(t, "0.0.0.0", p)
	if err := syscall.Shutdown(int(g.e.target.Load().fd), syscall.SHUT_WR); err != nil {
		t.Fatal(err)
	}
	g.heard(p, true, p)
	if g.e.target.Load().wired {
		t.Error("still on the broken socket")
	}
	g.heard(p, true, p)
}

// Two sockets of ours share a port; nobody else gets it.
func TestWiredPortIsOurs(t *testing.T) {
	p := newPhone(t, "127.0.0.2")
	g := wiredLeg(t, "0.0.0.0", p)
	for _, share := range []int{0, 1} {
		lc := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
			return c.Control(func(fd uintptr) {
				_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, share)
			})
		}}
		if c, err := lc.ListenPacket(context.Background(), "udp4", g.e.at().String()); err == nil {
			c.Close()
			t.Errorf("somebody else could bind the port (SO_REUSEADDR %d)", share)
		}
	}
}

// The next call has the pair with another phone, or with the same.
func TestWiredPairServesTheNextCall(t *testing.T) {
	for _, same := range []bool{false, true} {
		p := newPhone(t, "127.0.0.2")
		g := wiredLeg(t, "0.0.0.0", p)
		q := g.e.pair
		p.send(g.e, "too late")
		g.e.Close()
		next := p
		if !same {
			next = newPhone(t, "127.0.0.3")
		}
		next.ssrc, next.seq = 7, 7
		g.e = newEndpoint(g.r, q) // as Open does, with this pair
		g.r.mu.Lock()
		g.r.open[g.e] = struct{}{}
		q.ep.Store(g.e)
		g.r.mu.Unlock()
		q.drain()
		g.e.SetRemote(next.remote())
		Bridge(g.e, g.other)
		if got := g.e.target.Load().wired; got != same {
			t.Errorf("same phone %v: wired %v from the first packet", same, got)
		}
		g.heard(next, true, next)
		if !same {
			g.heard(p, false, next)
		}
		g.rewire(next)
	}
}

// Loops send while signalling changes its mind: for the race detector.
func TestWireWhileSignallingChanges(t *testing.T) {
	r := relay(t, Options{Loops: 2})
	a, b := newPhone(t, "127.0.0.2"), newPhone(t, "127.0.0.3")
	ea, eb := open(t, r), open(t, r)
	ea.SetRemote(a.remote())
	eb.SetRemote(b.remote())
	Bridge(ea, eb)
	away := newPhone(t, "127.0.0.2")
	for n := range 12 {
		for range wireAgain / 4 {
			a.send(ea, "x")
			b.send(eb, "y")
			runtime.Gosched()
		}
		if n%2 == 0 {
			eb.SetRemote(Remote{RTP: away.addr(), Signalling: b.addr().Addr(), Formats: g711})
		} else {
			eb.SetRemote(b.remote())
		}
	}
	eb.Close()
	ea.Close()
}
