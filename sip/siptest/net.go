// Package siptest owns an in-memory network, for tests that run in a synctest
// bubble. It leaves what is said over it to the tests.
package siptest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"strowger/sip/transport"
)

// Net is a network of UDP and TCP addresses that exist as long as somebody
// listens on them. Set its knobs before packets flow, or by Set.
type Net struct {
	mu      sync.Mutex
	rand    *rand.Rand
	k       Knobs
	packets map[netip.AddrPort]*Conn
	streams map[netip.AddrPort]*listener
	next    uint16
	stats   Stats
	sniff   func(from, to netip.AddrPort, b []byte)
	mapped  map[netip.AddrPort]netip.AddrPort // listener to what a NAT makes of it
}

// Knobs make the network worse. The zero value delivers everything at once and
// in order.
type Knobs struct {
	Loss, Duplicate, Reorder float64       // shares of packets, 0 to 1
	Delay                    time.Duration // of each packet
	Jitter                   time.Duration // at most, added to Delay
	Late                     time.Duration // of a reordered packet, default 30 ms
}

// Stats are what became of the packets.
type Stats struct{ Sent, Lost, Duplicated, Reordered, NoListener, Overflow int }

// NewNet makes a network whose misfortunes are those of seed.
func NewNet(seed uint64) *Net {
	return &Net{
		rand:    rand.New(rand.NewPCG(seed, seed)),
		packets: make(map[netip.AddrPort]*Conn),
		streams: make(map[netip.AddrPort]*listener),
		next:    40000,
	}
}

// Set turns the knobs.
func (n *Net) Set(k Knobs) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.k = k
}

// Rebind lets a NAT forget the port of a listener: from now on its packets come
// from another address, and what is sent to the old one is lost.
func (n *Net) Rebind(listener, shown netip.AddrPort) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.mapped == nil {
		n.mapped = make(map[netip.AddrPort]netip.AddrPort)
	}
	n.mapped[listener] = shown
}

// Sniff shows f every packet that is sent, lost ones included.
func (n *Net) Sniff(f func(from, to netip.AddrPort, b []byte)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sniff = f
}

// Stats so far.
func (n *Net) Stats() Stats {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.stats
}

// Options put a transport layer on this network.
func (n *Net) Options() transport.Options {
	return transport.Options{
		ListenPacket: func(a netip.AddrPort) (transport.PacketConn, error) { return n.Listen(a) },
		ListenStream: func(a netip.AddrPort) (net.Listener, error) { return n.ListenStream(a) },
		DialStream:   n.DialStream,
	}
}

// Conn is one UDP address. It is a net.PacketConn and a transport.PacketConn.
type Conn struct {
	n      *Net
	addr   netip.AddrPort
	in     chan packet
	closed chan struct{}
	once   sync.Once

	mu       sync.Mutex
	deadline time.Time
}

type packet struct {
	from netip.AddrPort
	data []byte
}

const queue = 4096

func (n *Net) pick(a netip.AddrPort, used func(netip.AddrPort) bool) (netip.AddrPort, error) {
	if !a.Addr().IsValid() || a.Addr().IsUnspecified() {
		return a, fmt.Errorf("siptest: listen on an address, not on %v", a)
	}
	if a.Port() != 0 {
		if used(a) {
			return a, &net.OpError{Op: "listen", Err: os.NewSyscallError("bind", errInUse)}
		}
		return a, nil
	}
	for {
		n.next++
		if n.next < 40000 {
			n.next = 40000
		}
		if b := netip.AddrPortFrom(a.Addr(), n.next); !used(b) {
			return b, nil
		}
	}
}

var errInUse = errors.New("address already in use")

// Listen takes a UDP address; port 0 is any free one.
func (n *Net) Listen(a netip.AddrPort) (*Conn, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	a, err := n.pick(a, func(a netip.AddrPort) bool { return n.packets[a] != nil })
	if err != nil {
		return nil, err
	}
	c := &Conn{n: n, addr: a, in: make(chan packet, queue), closed: make(chan struct{})}
	n.packets[a] = c
	return c, nil
}

// WriteToUDPAddrPort sends one packet, unless fate is against it.
func (c *Conn) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	select {
	case <-c.closed:
		return 0, net.ErrClosed
	default:
	}
	n := c.n
	n.mu.Lock()
	k := n.k
	n.stats.Sent++
	if n.sniff != nil {
		n.sniff(c.addr, to, b)
	}
	copies := 1
	if n.rand.Float64() < k.Loss {
		n.stats.Lost++
		copies = 0
	} else if n.rand.Float64() < k.Duplicate {
		n.stats.Duplicated++
		copies = 2
	}
	delays := [2]time.Duration{}
	for i := range copies {
		d := k.Delay
		if k.Jitter > 0 {
			d += time.Duration(n.rand.Int64N(int64(k.Jitter)))
		}
		if n.rand.Float64() < k.Reorder {
			n.stats.Reordered++
			late := k.Late
			if late <= 0 {
				late = 30 * time.Millisecond
			}
			d += time.Duration(n.rand.Int64N(int64(late))) + 1
		}
		delays[i] = d
	}
	from, ok := n.mapped[c.addr]
	if !ok {
		from = c.addr
	}
	n.mu.Unlock()
	for i := range copies {
		p := packet{from, append([]byte(nil), b...)}
		if delays[i] == 0 {
			n.deliver(to, p)
		} else {
			time.AfterFunc(delays[i], func() { n.deliver(to, p) })
		}
	}
	return len(b), nil
}

// Forge sends a packet that says it comes from an address, whoever may listen there.
func (n *Net) Forge(from, to netip.AddrPort, b []byte) {
	n.deliver(to, packet{from, append([]byte(nil), b...)})
}

func (n *Net) deliver(to netip.AddrPort, p packet) {
	n.mu.Lock()
	defer n.mu.Unlock()
	c := n.packets[to]
	if _, ok := n.mapped[to]; ok {
		c = nil
	}
	for listener, shown := range n.mapped {
		if shown == to {
			c = n.packets[listener]
		}
	}
	if c == nil {
		n.stats.NoListener++
		return
	}
	select {
	case c.in <- p:
	default:
		n.stats.Overflow++
	}
}

// ReadFromUDPAddrPort waits for a packet.
func (c *Conn) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	c.mu.Lock()
	deadline := c.deadline
	c.mu.Unlock()
	var late <-chan time.Time
	if !deadline.IsZero() {
		t := time.NewTimer(time.Until(deadline))
		defer t.Stop()
		late = t.C
	}
	select {
	case <-c.closed:
		return 0, netip.AddrPort{}, net.ErrClosed
	case <-late:
		return 0, netip.AddrPort{}, os.ErrDeadlineExceeded
	case p := <-c.in:
		return copy(b, p.data), p.from, nil
	}
}

// ReadFrom is for users of net.PacketConn.
func (c *Conn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.ReadFromUDPAddrPort(b)
	if err != nil {
		return 0, nil, err
	}
	return n, net.UDPAddrFromAddrPort(from), nil
}

// WriteTo is for users of net.PacketConn.
func (c *Conn) WriteTo(b []byte, to net.Addr) (int, error) {
	a, err := netip.ParseAddrPort(to.String())
	if err != nil {
		return 0, err
	}
	return c.WriteToUDPAddrPort(b, a)
}

// LocalAddr is a *net.UDPAddr.
func (c *Conn) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(c.addr) }

// AddrPort is the address as a value.
func (c *Conn) AddrPort() netip.AddrPort { return c.addr }

// SetDeadline is SetReadDeadline: writes never wait.
func (c *Conn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// SetReadDeadline holds for the reads that begin later.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	return nil
}

// SetWriteDeadline does nothing: writes never wait.
func (c *Conn) SetWriteDeadline(time.Time) error { return nil }

// Close gives the address back.
func (c *Conn) Close() error {
	c.once.Do(func() {
		close(c.closed)
		c.n.mu.Lock()
		if c.n.packets[c.addr] == c {
			delete(c.n.packets, c.addr)
		}
		c.n.mu.Unlock()
	})
	return nil
}

type listener struct {
	n      *Net
	addr   netip.AddrPort
	in     chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// ListenStream takes a TCP address; port 0 is any free one.
func (n *Net) ListenStream(a netip.AddrPort) (net.Listener, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	a, err := n.pick(a, func(a netip.AddrPort) bool { return n.streams[a] != nil })
	if err != nil {
		return nil, err
	}
	l := &listener{n: n, addr: a, in: make(chan net.Conn, 64), closed: make(chan struct{})}
	n.streams[a] = l
	return l, nil
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.in:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Addr() net.Addr { return net.TCPAddrFromAddrPort(l.addr) }

func (l *listener) Close() error {
	l.once.Do(func() {
		close(l.closed)
		l.n.mu.Lock()
		delete(l.n.streams, l.addr)
		l.n.mu.Unlock()
	})
	return nil
}

// DialStream connects to a listener of this network; nobody there means refused
// at once. A from without an address or port gets one.
func (n *Net) DialStream(ctx context.Context, from, to netip.AddrPort) (net.Conn, error) {
	n.mu.Lock()
	l := n.streams[to]
	if !from.Addr().IsValid() {
		from = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 255, 0, 1}), 0)
	}
	if from.Port() == 0 {
		from, _ = n.pick(from, func(netip.AddrPort) bool { return false })
	}
	n.mu.Unlock()
	if l == nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: net.TCPAddrFromAddrPort(to), Err: errors.New("connection refused")}
	}
	a, b := net.Pipe()
	select {
	case l.in <- &pipe{b, to, from}:
		return &pipe{a, from, to}, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type pipe struct {
	net.Conn
	local, remote netip.AddrPort
}

func (p *pipe) LocalAddr() net.Addr  { return net.TCPAddrFromAddrPort(p.local) }
func (p *pipe) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(p.remote) }
