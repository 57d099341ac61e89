package transport

import (
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// maxEnds bounds the addresses of ours that one wildcard listener tells apart.
const maxEnds = 64

// A packetListener is one UDP address of ours, read by one or more sockets that
// share it (SO_REUSEPORT). Linux hashes addresses and ports, so that one peer
// stays on one socket and its messages stay in order.
type packetListener struct {
	layer   *Layer
	addr    netip.AddrPort
	sockets []packetSocket
	closed  atomic.Bool

	ledAt    atomic.Int64  // when the first reader last looked at all sockets
	leadFrom time.Duration // it does so again then; its own

	mu   sync.Mutex
	ends atomic.Pointer[[]*packetEnd] // addresses of ours that were spoken to
}

// packetSocket sends from one socket; from is the address of ours to send from
// when the socket is a wildcard.
type packetSocket interface {
	sendTo(b []byte, from *packetEnd, to netip.AddrPort) error
	close() error
}

// packetEnd is our side of a UDP flow: a listener and, if that is a wildcard,
// which of our addresses the peer knows.
type packetEnd struct {
	l   *packetListener
	ip  netip.AddrPort
	oob []byte // control message that makes the kernel send from ip
}

func (e *packetEnd) proto() Proto          { return UDP }
func (e *packetEnd) local() netip.AddrPort { return e.ip }
func (e *packetEnd) id() uint64            { return 0 }
func (e *packetEnd) alive() bool           { return !e.l.closed.Load() }
func (e *packetEnd) hangup()               {}

func (e *packetEnd) send(to netip.AddrPort, b []byte) error {
	if e.l.closed.Load() {
		return ErrClosed
	}
	if len(b) > maxDatagram {
		return ErrTooLong
	}
	s := e.l.sockets[0]
	if n := len(e.l.sockets); n > 1 {
		s = e.l.sockets[int(to.Port())%n]
	}
	if err := s.sendTo(b, e, to); err != nil {
		return fmt.Errorf("transport: send to %v: %w", to, err)
	}
	return nil
}

// end is our side for the address ip, the same pointer each time: flows compare
// equal.
func (l *packetListener) end(ip netip.Addr) *packetEnd {
	ends := *l.ends.Load()
	for _, e := range ends {
		if e.ip.Addr() == ip {
			return e
		}
	}
	if !ip.IsValid() || len(ends) >= maxEnds {
		return ends[0]
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	ends = *l.ends.Load()
	for _, e := range ends {
		if e.ip.Addr() == ip {
			return e
		}
	}
	e := &packetEnd{l: l, ip: netip.AddrPortFrom(ip, l.addr.Port()), oob: sourceControl(ip)}
	next := append(ends[:len(ends):len(ends)], e)
	l.ends.Store(&next)
	return e
}

func newPacketListener(layer *Layer, addr netip.AddrPort) *packetListener {
	l := &packetListener{layer: layer, addr: addr}
	l.ends.Store(&[]*packetEnd{{l: l, ip: addr}})
	return l
}

func (l *packetListener) close() {
	if l.closed.Swap(true) {
		return
	}
	for _, s := range l.sockets {
		s.close()
	}
}

// maxDatagram is what one UDP datagram can carry over IPv4.
const maxDatagram = 65507

// plainSocket reads one datagram at a time from any PacketConn.
type plainSocket struct{ c PacketConn }

func (s plainSocket) sendTo(b []byte, _ *packetEnd, to netip.AddrPort) error {
	_, err := s.c.WriteToUDPAddrPort(b, to)
	return err
}

func (s plainSocket) close() error { return s.c.Close() }

func (l *packetListener) readPlain(c PacketConn) {
	defer l.layer.wg.Done()
	l.layer.waitGate()
	end := l.end(l.addr.Addr())
	buf := make([]byte, 65536)
	var h Head
	for {
		n, from, err := c.ReadFromUDPAddrPort(buf)
		if err != nil {
			if l.closed.Load() {
				return
			}
			if l.layer.readFailed(l.addr, err) {
				return
			}
			continue
		}
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		l.layer.datagram(Flow{end, from}, &h, buf[:n])
	}
}
