//go:build !linux || !(amd64 || arm64)

package transport

import (
	"net"
	"net/netip"
)

// listenUDP opens one plain socket: batches and shared ports are Linux's.
func (l *Layer) listenUDP(addr netip.AddrPort, _ int) (*packetListener, error) {
	network := "udp4"
	if addr.Addr().Is6() {
		network = "udp6"
	}
	c, err := net.ListenUDP(network, net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return nil, err
	}
	_ = c.SetReadBuffer(8 << 20)
	_ = c.SetWriteBuffer(4 << 20)
	pl := newPacketListener(l, netip.AddrPortFrom(addr.Addr(), c.LocalAddr().(*net.UDPAddr).AddrPort().Port()))
	pl.sockets = []packetSocket{plainSocket{c}}
	return pl, nil
}

func (l *packetListener) start() {
	for _, s := range l.sockets {
		l.layer.wg.Add(1)
		go l.readPlain(s.(plainSocket).c)
	}
}

func sourceControl(netip.Addr) []byte { return nil }
