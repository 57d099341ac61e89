// Package transport owns the flows: listeners, connections, their limits and
// bans, and the first look at every message. It leaves the meaning of messages
// to package transaction and never resolves a name.
package transport

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// Handler gets every message that passed the first look, in order per flow.
// h and data are valid until it returns.
type Handler func(f Flow, h *Head, data []byte)

// PacketConn is the part of *net.UDPConn that a datagram listener needs, so
// that tests may put an in-memory network in its place.
type PacketConn interface {
	ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error)
	WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error)
	LocalAddr() net.Addr
	Close() error
}

// Options of a Layer. The zero value is ready for the real network.
type Options struct {
	Log *slog.Logger

	// Advertise is shown to peers beyond the local networks.
	Advertise netip.Addr

	// Dropped, if set, counts what the first look throws away, by reason.
	Dropped func(reason string)

	// OurTag, if set, knows the tags that we gave to dialogs. Without it any To-tag
	// passes for one.
	OurTag func(tag []byte) bool

	// Exempt sources are always heard: carriers. It is asked for
	// every fault, and for every message of a source that is banned.
	Exempt func(netip.Addr) bool

	// Gate, if set, keeps what comes to listeners in their queues until it is
	// closed: who answers has to know the configuration first.
	Gate <-chan struct{}

	Sockets   int           // UDP sockets an address, default GOMAXPROCS
	MaxConns  int           // streams at once, default 20,000
	Handshake time.Duration // time a stream has for each message once begun, default 30 s
	Idle      time.Duration // streams silent for longer are closed, default 2 h 15 min

	// The three below replace the real network, in tests.
	ListenPacket func(addr netip.AddrPort) (PacketConn, error)
	ListenStream func(addr netip.AddrPort) (net.Listener, error)
	DialStream   func(ctx context.Context, from, to netip.AddrPort) (net.Conn, error)
	// Source says which of our addresses the system would use towards a peer.
	Source func(remote netip.Addr) netip.Addr
}

// A Ban is a source that is not listened to.
type Ban struct {
	Prefix netip.Prefix
	Reason string
	Since  time.Time
	Until  time.Time
}

// Reasons of Penalize.
const (
	Malformed  = "malformed" // not a SIP message, or a broken one
	AuthFailed = "auth"      // a digest that does not verify
)

// Layer owns every listener and connection.
type Layer struct {
	o       Options
	log     *slog.Logger
	handler Handler
	lim     limits
	addrs   addresses
	wg      sync.WaitGroup
	lastID  atomic.Uint64
	began   time.Time // what the pace of reading counts from

	shut chan struct{} // closed by Close

	mu        sync.RWMutex
	closed    bool
	packets   []*packetListener
	listeners []net.Listener
	listening []netip.AddrPort // every listener's
	streams   map[uint64]*stream
	byPeer    map[peer]*stream
	fresh     map[netip.Addr]int // accepted streams that said nothing yet
	perSource map[netip.Addr]int // accepted streams
	ports     map[Proto]uint16   // of the first listener
	onClosed  []func(Flow)
}

type peer struct {
	p    Proto
	addr netip.AddrPort
}

// New makes a layer without listeners.
func New(o Options) *Layer {
	if o.Sockets <= 0 {
		o.Sockets = runtime.GOMAXPROCS(0)
	}
	if o.MaxConns <= 0 {
		o.MaxConns = 20000
	}
	if o.Handshake <= 0 {
		o.Handshake = 30 * time.Second
	}
	if o.Idle <= 0 {
		o.Idle = 2*time.Hour + 15*time.Minute
	}
	o.Advertise = o.Advertise.Unmap()
	l := &Layer{
		o: o, log: o.Log, began: time.Now(), shut: make(chan struct{}),
		streams:   make(map[uint64]*stream),
		byPeer:    make(map[peer]*stream),
		fresh:     make(map[netip.Addr]int),
		perSource: make(map[netip.Addr]int),
		ports:     make(map[Proto]uint16),
	}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	l.lim.init(o.Exempt)
	l.addrs.source = o.Source
	if o.ListenPacket != nil && o.Source == nil {
		l.addrs.source = l.firstAddress
	}
	return l
}

// Serve sets who gets the messages. It must be called before Listen.
func (l *Layer) Serve(h Handler) { l.handler = h }

// OnClosed adds f to what is called when a stream has ended. f must not wait.
func (l *Layer) OnClosed(f func(Flow)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.onClosed = append(l.onClosed, f)
}

// Penalize counts a fault of a source: Malformed or AuthFailed. It is false
// once the source has had its share: then answer nothing. Ten failed digests in
// a minute ban the source for a quarter of an hour.
func (l *Layer) Penalize(addr netip.Addr, reason string) bool {
	return l.lim.count(addr, reason, time.Now())
}

// Barred says whether nobody at a source may prove himself by a password for
// now. Of an exempt one that is all that a ban means: a carrier's calls go on,
// and whoever has an address exempted gains no guesses by it.
func (l *Layer) Barred(addr netip.Addr) bool { return l.lim.isBarred(addr, time.Now) }

// Bans lists who is not listened to.
func (l *Layer) Bans() []Ban { return l.lim.list(time.Now()) }

// Ban shuts a source out for d.
func (l *Layer) Ban(addr netip.Addr, reason string, d time.Duration) {
	l.lim.mu.Lock()
	defer l.lim.mu.Unlock()
	l.lim.ban(limitKey(addr), reason, time.Now(), d)
}

// Unban forgives a source; false when it was not banned.
func (l *Layer) Unban(addr netip.Addr) bool { return l.lim.unban(addr) }

// firstAddress stands in for the kernel where the network is not the real one.
func (l *Layer) firstAddress(remote netip.Addr) netip.Addr {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, a := range l.listening {
		if a.Addr().Is4() == remote.Is4() {
			return a.Addr()
		}
	}
	return netip.Addr{}
}

// UDPTo is the flow to remote from our listener of its address family, with the
// source address that the kernel would use.
func (l *Layer) UDPTo(remote netip.AddrPort) (Flow, bool) {
	remote = netip.AddrPortFrom(remote.Addr().Unmap(), remote.Port())
	l.mu.RLock()
	packets := l.packets // only ever appended to
	l.mu.RUnlock()
	var wild, other *packetListener
	var src netip.Addr
	for _, p := range packets {
		a := p.addr.Addr()
		if a.Is4() != remote.Addr().Is4() {
			continue
		}
		if a.IsUnspecified() {
			if wild == nil {
				wild = p
			}
			continue
		}
		if !src.IsValid() {
			src = l.addrs.towards(remote.Addr())
		}
		if a == src {
			return Flow{p.end(a), remote}, true
		}
		// A loopback socket reaches nothing but this machine.
		if other == nil && a.IsLoopback() == remote.Addr().IsLoopback() {
			other = p
		}
	}
	if wild != nil {
		return Flow{wild.end(l.addrs.towards(remote.Addr())), remote}, true
	}
	if other != nil {
		return Flow{other.end(other.addr.Addr()), remote}, true
	}
	return Flow{}, false
}

// FlowByID finds a live stream.
func (l *Layer) FlowByID(id uint64) (Flow, bool) {
	l.mu.RLock()
	s := l.streams[id]
	l.mu.RUnlock()
	if s == nil || s.dead.Load() {
		return Flow{}, false
	}
	return s.flow(), true
}

// StreamTo finds a live stream with exactly that peer address, dialled or
// accepted: a connection serves both directions (RFC 5923 §3).
func (l *Layer) StreamTo(p Proto, remote netip.AddrPort) (Flow, bool) {
	l.mu.RLock()
	s := l.byPeer[peer{p, netip.AddrPortFrom(remote.Addr().Unmap(), remote.Port())}]
	l.mu.RUnlock()
	if s == nil || s.dead.Load() {
		return Flow{}, false
	}
	return s.flow(), true
}

// Streams is how many connections are open.
func (l *Layer) Streams() int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return len(l.streams)
}

// Close ends every listener and connection and waits for their goroutines. It
// must not be called from a handler.
func (l *Layer) Close() error {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.shut)
	}
	packets, listeners := l.packets, l.listeners
	streams := make([]*stream, 0, len(l.streams))
	for _, s := range l.streams {
		streams = append(streams, s)
	}
	l.mu.Unlock()
	for _, p := range packets {
		p.close()
	}
	for _, n := range listeners {
		n.Close()
	}
	for _, s := range streams {
		s.close()
	}
	l.wg.Wait()
	return nil
}

// datagram looks at what one socket received.
func (l *Layer) datagram(f Flow, h *Head, data []byte) {
	for len(data) > 0 && (data[0] == '\r' || data[0] == '\n' || data[0] == 0 || data[0] == ' ') {
		data = data[1:] // keep-alives: CRLF, and what some phones send instead
	}
	if len(data) < 8 {
		return
	}
	if !Look(data, h) {
		l.drop("not_sip")
		return
	}
	l.deliver(f, h, data)
}

// deliver drops what a banned source begins and hands on the rest. What belongs
// to a dialog passes: a ban ends no call.
func (l *Layer) deliver(f Flow, h *Head, data []byte) {
	if l.lim.isBanned(f.remote.Addr(), time.Now) && h.IsRequest() && !l.inDialog(h) {
		l.drop("banned")
		return
	}
	if l.handler == nil {
		return
	}
	defer func() {
		if p := recover(); p != nil {
			l.drop("panic")
			l.log.Error("transport: handler panicked", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	l.handler(f, h, data)
}

// inDialog says whether a request belongs to a dialog, as far as its tag tells.
func (l *Layer) inDialog(h *Head) bool {
	return len(h.ToTag) > 0 && !h.Is("REGISTER") && (l.o.OurTag == nil || l.o.OurTag(h.ToTag))
}

func (l *Layer) drop(reason string) {
	if l.o.Dropped != nil {
		l.o.Dropped(reason)
	}
}
