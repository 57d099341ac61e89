package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"syscall"
	"time"
)

const (
	maxFresh    = 1024 // streams of one source that said nothing yet
	sourceShare = 4    // of MaxConns, one source may hold one part in this many
	dialTimeout = 5 * time.Second
	acceptPause = 50 * time.Millisecond // out of file descriptors: let some go
	keepAlive   = 2 * time.Minute
	readPause   = 10 * time.Millisecond
)

// Listen opens udp://HOST:PORT or tcp://HOST:PORT. An empty host is every
// address of ours, IPv4 and, where there is any, IPv6; port 0 is any free one.
func (l *Layer) Listen(rawURL string) (net.Addr, error) {
	p, addr, both, err := parseListen(rawURL)
	if err != nil {
		return nil, err
	}
	if l.handler == nil {
		return nil, fmt.Errorf("listen %s: Serve was not called", rawURL)
	}
	first, err := l.listen(p, addr)
	if err != nil {
		return nil, fmt.Errorf("listen %s: %w", rawURL, err)
	}
	if both && l.o.ListenPacket == nil {
		second := netip.AddrPortFrom(netip.IPv6Unspecified(), addrPort(first).Port())
		if _, err := l.listen(p, second); err != nil {
			if errors.Is(err, syscall.EADDRINUSE) {
				return nil, fmt.Errorf("listen %s: %w", rawURL, err)
			}
			l.log.Info("no IPv6 listener", "url", rawURL, "err", err)
		}
	}
	return first, nil
}

func parseListen(rawURL string) (p Proto, addr netip.AddrPort, both bool, err error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return 0, addr, false, fmt.Errorf("listen %q: want udp://HOST:PORT or tcp://HOST:PORT", rawURL)
	}
	p, ok := ParseProto(u.Scheme)
	if !ok {
		return 0, addr, false, fmt.Errorf("listen %q: unknown transport %q, want udp or tcp", rawURL, u.Scheme)
	}
	if p != UDP && p != TCP {
		return 0, addr, false, fmt.Errorf("listen %q: %s is not built in yet, want udp or tcp", rawURL, p)
	}
	if (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.User != nil {
		return 0, addr, false, fmt.Errorf("listen %q: nothing may follow the port", rawURL)
	}
	port := uint64(p.DefaultPort())
	if s := u.Port(); s != "" {
		if port, err = strconv.ParseUint(s, 10, 16); err != nil {
			return 0, addr, false, fmt.Errorf("listen %q: port %q is not 0 to 65535", rawURL, s)
		}
	}
	host := u.Hostname()
	switch host {
	case "", "*":
		return p, netip.AddrPortFrom(netip.IPv4Unspecified(), uint16(port)), true, nil
	case "localhost":
		host = "127.0.0.1"
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return 0, addr, false, fmt.Errorf("listen %q: host %q is not an IP address", rawURL, host)
	}
	return p, netip.AddrPortFrom(ip.Unmap(), uint16(port)), false, nil
}

func (l *Layer) listen(p Proto, addr netip.AddrPort) (net.Addr, error) {
	if p == UDP {
		return l.listenPackets(addr)
	}
	var n net.Listener
	var err error
	if l.o.ListenStream != nil {
		n, err = l.o.ListenStream(addr)
	} else {
		network := "tcp4"
		if addr.Addr().Is6() {
			network = "tcp6"
		}
		lc := net.ListenConfig{KeepAlive: keepAlive}
		n, err = lc.Listen(context.Background(), network, addr.String())
	}
	if err != nil {
		return nil, err
	}
	at := addrPort(n.Addr())
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		n.Close()
		return nil, ErrClosed
	}
	l.listeners = append(l.listeners, n)
	l.heard(p, at)
	l.wg.Add(1)
	l.mu.Unlock()
	go l.accept(n, p)
	return n.Addr(), nil
}

func (l *Layer) listenPackets(addr netip.AddrPort) (net.Addr, error) {
	var pl *packetListener
	if l.o.ListenPacket != nil {
		c, err := l.o.ListenPacket(addr)
		if err != nil {
			return nil, err
		}
		pl = newPacketListener(l, addrPort(c.LocalAddr()))
		pl.sockets = []packetSocket{plainSocket{c}}
	} else {
		var err error
		if pl, err = l.listenUDP(addr, l.o.Sockets); err != nil {
			return nil, err
		}
	}
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		pl.close()
		return nil, ErrClosed
	}
	l.packets = append(l.packets, pl)
	l.heard(UDP, pl.addr)
	pl.start()
	l.mu.Unlock()
	return net.UDPAddrFromAddrPort(pl.addr), nil
}

// waitGate is the first thing that the reader of a listener does.
func (l *Layer) waitGate() {
	if l.o.Gate == nil {
		return
	}
	select {
	case <-l.o.Gate:
	case <-l.shut:
	}
}

// heard notes a listener; l.mu is held.
func (l *Layer) heard(p Proto, at netip.AddrPort) {
	l.listening = append(l.listening, at)
	if l.ports[p] == 0 {
		l.ports[p] = at.Port()
	}
}

// readFailed decides what an error of a socket means; true ends the reader.
func (l *Layer) readFailed(addr netip.AddrPort, err error) bool {
	if errors.Is(err, net.ErrClosed) {
		return true
	}
	// An ICMP error of a peer or a passing lack of memory: none ends us.
	l.drop("read_error")
	l.log.Warn("udp: read failed", "addr", addr, "err", err)
	time.Sleep(readPause)
	return false
}

func (l *Layer) accept(n net.Listener, p Proto) {
	defer l.wg.Done()
	l.waitGate()
	for {
		c, err := n.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			l.drop("accept_error")
			l.log.Warn("accept failed", "addr", n.Addr(), "err", err)
			time.Sleep(acceptPause)
			l.mu.RLock()
			closed := l.closed
			l.mu.RUnlock()
			if closed {
				return
			}
			continue
		}
		if _, err := l.adopt(c, p, false); err != nil {
			l.drop("conn_limit")
			c.Close()
		}
	}
}

var errLimit = errors.New("transport: too many connections")

// adopt starts reading a connection, unless there are too many.
func (l *Layer) adopt(c net.Conn, p Proto, dialed bool) (*stream, error) {
	s := &stream{l: l, c: c, rc: rawConn(c), p: p, dialed: dialed, ident: l.lastID.Add(1),
		lo: addrPort(c.LocalAddr()), re: addrPort(c.RemoteAddr())}
	if l.lim.isBanned(s.re.Addr(), time.Now) && !dialed {
		return nil, errLimit
	}
	key := limitKey(s.re.Addr())
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, ErrClosed
	}
	s.shown = s.lo.Port()
	if dialed {
		if port := l.ports[p]; port != 0 {
			s.shown = port
		}
	} else {
		if len(l.streams) >= l.o.MaxConns || l.fresh[key] >= maxFresh || l.perSource[key] >= max(1, l.o.MaxConns/sourceShare) {
			return nil, errLimit
		}
		l.fresh[key]++
		l.perSource[key]++
	}
	l.streams[s.ident] = s
	l.byPeer[peer{p, s.re}] = s
	l.wg.Add(1)
	go s.read()
	return s, nil
}

func less(m map[netip.Addr]int, key netip.Addr) {
	if m[key]--; m[key] <= 0 {
		delete(m, key)
	}
}

// notFresh is told when an accepted stream brought its first message.
func (l *Layer) notFresh(s *stream) {
	l.mu.Lock()
	less(l.fresh, limitKey(s.re.Addr()))
	l.mu.Unlock()
}

// ended forgets a stream and tells who asked to know.
func (l *Layer) ended(s *stream) {
	key := limitKey(s.re.Addr())
	l.mu.Lock()
	delete(l.streams, s.ident)
	if k := (peer{s.p, s.re}); l.byPeer[k] == s {
		delete(l.byPeer, k)
	}
	if !s.dialed {
		less(l.perSource, key)
		if !s.spoke {
			less(l.fresh, key)
		}
	}
	tell := l.onClosed
	l.mu.Unlock()
	for _, f := range tell {
		f(s.flow())
	}
}

// Dial opens a stream to remote. It reuses nothing and may wait: up to 5 s when
// ctx sets no deadline.
func (l *Layer) Dial(ctx context.Context, p Proto, remote netip.AddrPort) (Flow, error) {
	if p != TCP {
		return Flow{}, fmt.Errorf("dial %s to %v: not built in yet", p, remote)
	}
	remote = netip.AddrPortFrom(remote.Addr().Unmap(), remote.Port())
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, dialTimeout)
		defer cancel()
	}
	from := l.dialFrom(remote.Addr())
	var c net.Conn
	var err error
	if l.o.DialStream != nil {
		c, err = l.o.DialStream(ctx, from, remote)
	} else {
		d := net.Dialer{KeepAlive: keepAlive}
		if from.IsValid() {
			d.LocalAddr = net.TCPAddrFromAddrPort(from)
		}
		c, err = d.DialContext(ctx, "tcp", remote.String())
	}
	if err != nil {
		return Flow{}, fmt.Errorf("transport: %w", err)
	}
	s, err := l.adopt(c, p, true)
	if err != nil {
		c.Close()
		return Flow{}, err
	}
	return s.flow(), nil
}

// dialFrom is the address that a listener bound to one address speaks from, so
// that a carrier sees the address that it knows; else the system chooses.
func (l *Layer) dialFrom(remote netip.Addr) netip.AddrPort {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var found netip.Addr
	for _, a := range l.listening {
		ip := a.Addr()
		if ip.IsUnspecified() && ip.Is4() == remote.Is4() {
			return netip.AddrPort{}
		}
		if ip.Is4() == remote.Is4() && ip.IsLoopback() == remote.IsLoopback() && !found.IsValid() {
			found = ip
		}
	}
	if !found.IsValid() {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(found, 0)
}

func addrPort(a net.Addr) netip.AddrPort {
	var ap netip.AddrPort
	switch a := a.(type) {
	case *net.UDPAddr:
		ap = a.AddrPort()
	case *net.TCPAddr:
		ap = a.AddrPort()
	default:
		ap, _ = netip.ParseAddrPort(a.String())
	}
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
