// Package transport owns the flows: listeners, connections, their limits and
// bans, and the first look at every message. It leaves the meaning of messages
// to package transaction and never resolves a name.
package transport

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
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

	// Exempt sources are never limited or banned (trunks, for example).
	Exempt func(netip.Addr) bool

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
