package transport

import (
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"
)

const (
	shownFor = time.Minute // a DHCP lease or a route may change
	maxShown = 8192
)

// addresses knows which of our addresses a peer should be shown.
type addresses struct {
	source func(netip.Addr) netip.Addr // nil: ask the kernel

	mu    sync.RWMutex
	shown map[netip.Addr]shownAddr
	nets  []netip.Prefix // of our interfaces
	own   map[netip.Addr]bool
	read  time.Time
}

type shownAddr struct {
	ip    netip.Addr
	until time.Time
}

// towards is the address that the kernel would use to reach remote.
func (a *addresses) towards(remote netip.Addr) netip.Addr {
	if a.source != nil {
		return a.source(remote)
	}
	now := time.Now()
	a.mu.RLock()
	s, ok := a.shown[remote]
	a.mu.RUnlock()
	if ok && now.Before(s.until) {
		return s.ip
	}
	ip := kernelSource(remote)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.shown == nil || len(a.shown) >= maxShown {
		a.shown = make(map[netip.Addr]shownAddr)
	}
	a.shown[remote] = shownAddr{ip, now.Add(shownFor)}
	return ip
}

// kernelSource connects a UDP socket, which sends nothing, and looks where it
// would send from.
func kernelSource(remote netip.Addr) netip.Addr {
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(remote, 9)))
	if err != nil {
		return netip.Addr{}
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap()
}

// refresh rereads the interfaces when that was long ago.
func (a *addresses) refresh() {
	now := time.Now()
	a.mu.RLock()
	fresh := now.Sub(a.read) < shownFor
	a.mu.RUnlock()
	if fresh {
		return
	}
	own := make(map[netip.Addr]bool)
	var nets []netip.Prefix
	list, _ := net.InterfaceAddrs()
	for _, i := range list {
		n, ok := i.(*net.IPNet)
		if !ok {
			continue
		}
		ip, ok := netip.AddrFromSlice(n.IP)
		if !ok {
			continue
		}
		ip = ip.Unmap()
		ones, _ := n.Mask.Size()
		own[ip] = true
		if p := netip.PrefixFrom(ip, ones); p.IsValid() {
			nets = append(nets, p.Masked())
		}
	}
	a.mu.Lock()
	a.own, a.nets, a.read = own, nets, now
	a.mu.Unlock()
}

// isLocal tells whether remote is on one of our networks: loopback, private,
// link-local, unique local, or a subnet of an interface of ours.
func (a *addresses) isLocal(remote netip.Addr) bool {
	remote = remote.Unmap().WithZone("")
	if remote.IsLoopback() || remote.IsPrivate() || remote.IsLinkLocalUnicast() {
		return true
	}
	a.refresh()
	a.mu.RLock()
	defer a.mu.RUnlock()
	for _, n := range a.nets {
		if n.Contains(remote) {
			return true
		}
	}
	return false
}

func (a *addresses) isOwn(ip netip.Addr) bool {
	a.refresh()
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.own[ip]
}

// IsLocal tells whether remote is on one of our networks, where --advertise is
// not for it.
func (l *Layer) IsLocal(remote netip.Addr) bool { return l.addrs.isLocal(remote) }

// ShownIP is the address of ours that a peer at remote is shown: the one that
// the kernel would use towards it, or the advertised one beyond our networks.
func (l *Layer) ShownIP(remote netip.Addr) netip.Addr {
	remote = remote.Unmap()
	if a := l.o.Advertise; a.IsValid() && a.Is4() == remote.Is4() && !l.addrs.isLocal(remote) {
		return a
	}
	if ip := l.addrs.towards(remote); ip.IsValid() && !ip.IsUnspecified() {
		return ip
	}
	// No route: the listener's own address is as good an answer as any.
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, p := range l.packets {
		if p.addr.Addr().Is4() == remote.Is4() {
			return p.addr.Addr()
		}
	}
	return remote
}

// Shown is the address and port of ours that the peer of f is shown in Via and
// Contact.
func (l *Layer) Shown(f Flow) netip.AddrPort {
	local := f.Local()
	port := local.Port()
	if s, ok := f.conn.(*stream); ok {
		port = s.shown
	}
	remote := f.remote.Addr()
	if a := l.o.Advertise; a.IsValid() && a.Is4() == remote.Is4() && !l.addrs.isLocal(remote) {
		return netip.AddrPortFrom(a, port)
	}
	if ip := local.Addr(); ip.IsValid() && !ip.IsUnspecified() {
		return netip.AddrPortFrom(ip.WithZone(""), port)
	}
	return netip.AddrPortFrom(l.ShownIP(remote).WithZone(""), port)
}

// OurHost tells whether host, as a URI or Via writes it, is one of our
// listening or advertised addresses.
func (l *Layer) OurHost(host string) bool {
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	ip, err := netip.ParseAddr(host)
	if err != nil {
		if !equalFold(host, "localhost") {
			return false
		}
		ip = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	ip = ip.Unmap()
	if ip == l.o.Advertise {
		return true
	}
	l.mu.RLock()
	var wild bool
	for _, a := range l.listening {
		if a.Addr() == ip {
			l.mu.RUnlock()
			return true
		}
		wild = wild || (a.Addr().IsUnspecified() && a.Addr().Is4() == ip.Is4())
	}
	l.mu.RUnlock()
	return wild && (ip.IsLoopback() || l.addrs.isOwn(ip))
}
