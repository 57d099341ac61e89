//go:build linux && (amd64 || arm64)

package transport

import (
	"net"
	"net/netip"
	"testing"
	"time"
)

// The first reader looks at the sockets of those that rest, but a flood on one of
// them does not keep it from its own: it then leaves them to their readers.
func TestLeadIsBounded(t *testing.T) {
	l := New(Options{})
	defer l.Close()
	served := 0
	l.Serve(func(Flow, *Head, []byte) { served++ })
	loopback := netip.MustParseAddrPort("127.0.0.1:0")
	pl := newPacketListener(l, loopback)
	for range 2 {
		s, err := openBatch(loopback, false)
		if err != nil {
			t.Fatal(err)
		}
		defer s.close()
		pl.sockets = append(pl.sockets, s)
	}
	other := pl.sockets[1].(*batchSocket)
	at, err := other.local()
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(at))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	send := func(n int) {
		for range n {
			if _, err := c.Write([]byte("OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:b>;tag=1\r\nTo: <sip:a>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n")); err != nil {
				t.Fatal(err)
			}
		}
	}
	r := newReader()
	lead := func() { pl.lead(time.Since(l.began), r) }

	send(10)
	if lead(); served != 0 {
		t.Errorf("%d messages were taken from a reader that is awake", served)
	}
	other.resting.Store(true)
	if !pl.othersRest() {
		t.Error("nobody rests")
	}
	lead()
	if served != 10 || pl.rest(1) != led || pl.rest(0) != gather {
		t.Errorf("%d of 10 messages were served; the other rests %v, the first %v", served, pl.rest(1), pl.rest(0))
	}

	served = 0
	pl.ledAt.Store(0)
	send(2 * ledBatches * batch)
	lead()
	if served != ledBatches*batch || pl.rest(1) != gather {
		t.Errorf("%d of a flood were served, want %d; the other rests %v", served, ledBatches*batch, pl.rest(1))
	}
	if lead(); served != ledBatches*batch {
		t.Error("the first reader went on with the flood")
	}
}
