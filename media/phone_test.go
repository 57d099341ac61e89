package media

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	pion "github.com/pion/rtp"
	"go.uber.org/goleak"
)

// patience bounds how long a test waits for what must come. Nothing is asserted
// about how long it takes.
const patience = 20 * time.Second

var relayHost = netip.MustParseAddr("127.0.0.1")

// relay starts one and proves at the end that it leaves no goroutine.
func relay(t *testing.T, o Options) *Relay {
	t.Helper()
	before := goleak.IgnoreCurrent()
	if o.PortMin == 0 {
		o.PortMin, o.PortMax = 30000, 30399
	}
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = r.Close()
		goleak.VerifyNone(t, before)
	})
	return r
}

func open(t *testing.T, r *Relay) *Endpoint {
	t.Helper()
	e, err := r.Open(relayHost)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// A phone is one UDP socket on an address of its own.
type phone struct {
	t    *testing.T
	c    *net.UDPConn
	ssrc uint32
	seq  uint16
	ts   uint32
}

func newPhone(t *testing.T, host string) *phone {
	t.Helper()
	c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(host), 0)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &phone{t: t, c: c, ssrc: 0x11223344, seq: 100, ts: 8000}
}

func (p *phone) addr() netip.AddrPort {
	a := p.c.LocalAddr().(*net.UDPAddr).AddrPort()
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

func (p *phone) remote() Remote {
	return Remote{RTP: p.addr(), Signalling: p.addr().Addr(), Formats: g711}
}

func rtp(pt uint8, seq uint16, ts, ssrc uint32, payload string) []byte {
	p := pion.Packet{Payload: []byte(payload), Header: pion.Header{
		Version: 2, Marker: pt&0x80 != 0, PayloadType: pt & 0x7f, SequenceNumber: seq, Timestamp: ts, SSRC: ssrc}}
	b, err := p.Marshal()
	if err != nil {
		panic(err)
	}
	return b
}

func (p *phone) raw(to netip.AddrPort, b []byte) {
	p.t.Helper()
	if _, err := p.c.WriteToUDPAddrPort(b, to); err != nil {
		p.t.Fatal(err)
	}
}

// send sends the next packet of the phone's stream.
func (p *phone) send(e *Endpoint, payload string) {
	p.t.Helper()
	p.sendPT(e, 0, payload)
}

func (p *phone) sendPT(e *Endpoint, pt uint8, payload string) {
	p.t.Helper()
	p.raw(e.at(), rtp(pt, p.seq, p.ts, p.ssrc, payload))
	p.seq++
	p.ts += 160
}

// at is where phones of these tests reach e.
func (e *Endpoint) at() netip.AddrPort {
	host := e.pair.local
	if host.IsUnspecified() {
		host = relayHost
	}
	return netip.AddrPortFrom(host, uint16(e.Port()))
}

func (e *Endpoint) controlAt() netip.AddrPort {
	return netip.AddrPortFrom(e.at().Addr(), e.at().Port()+1)
}

// recv waits for the next packet.
func (p *phone) recv() ([]byte, netip.AddrPort) {
	p.t.Helper()
	var buf [2048]byte
	_ = p.c.SetReadDeadline(time.Now().Add(patience))
	n, from, err := p.c.ReadFromUDPAddrPort(buf[:])
	if err != nil {
		p.t.Fatalf("nothing came: %v", err)
	}
	return buf[:n], netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
}

// hears waits for a packet and wants that payload in it.
func (p *phone) hears(payload string) []byte {
	p.t.Helper()
	b, _ := p.recv()
	if string(b[12:]) != payload {
		p.t.Fatalf("heard %q, want %q", b[12:], payload)
	}
	return b
}

// silent wants that nothing has come; it means something only after what would
// have been the cause is known to be done with.
func (p *phone) silent() {
	p.t.Helper()
	var buf [2048]byte
	_ = p.c.SetReadDeadline(time.Now().Add(time.Millisecond))
	n, from, err := p.c.ReadFromUDPAddrPort(buf[:])
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		p.t.Fatalf("%d bytes came from %v (%v)", n, from, err)
	}
}

// pump has a still relay serve n packets.
func pump(t *testing.T, r *Relay, n int) {
	t.Helper()
	l := r.loops[0]
	for end := time.Now().Add(patience); n > 0; {
		m := epollPoll(l.ep, l.evs[:])
		if m == 0 {
			if time.Now().After(end) {
				t.Fatalf("%d packets did not come", n)
			}
			continue
		}
		l.pass(m)
		n -= m
	}
}

// await polls for a condition that another goroutine brings about.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); {
		if time.Now().After(end) {
			t.Fatalf("%s: did not happen", what)
		}
		time.Sleep(time.Millisecond)
	}
}

func netListen(host string) (*net.UDPConn, error) {
	return net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(host), 0)))
}

func netipPort(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }
