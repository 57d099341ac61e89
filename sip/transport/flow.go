package transport

import (
	"errors"
	"net/netip"
)

// Proto is the protocol that carries a message.
type Proto uint8

// The protocols of RFC 3261 and RFC 7118.
const (
	UDP Proto = iota + 1
	TCP
	TLS
	WS
	WSS
)

// String is the lower-case form, as URI parameters and our API write it.
func (p Proto) String() string {
	switch p {
	case UDP:
		return "udp"
	case TCP:
		return "tcp"
	case TLS:
		return "tls"
	case WS:
		return "ws"
	case WSS:
		return "wss"
	}
	return "none"
}

// Via is the upper-case form, as a Via header writes it.
func (p Proto) Via() string {
	switch p {
	case UDP:
		return "UDP"
	case TCP:
		return "TCP"
	case TLS:
		return "TLS"
	case WS:
		return "WS"
	case WSS:
		return "WSS"
	}
	return ""
}

// Reliable is false for UDP only: the transaction layer then retransmits.
func (p Proto) Reliable() bool { return p != UDP }

// Secure tells whether the bytes are encrypted on the wire.
func (p Proto) Secure() bool { return p == TLS || p == WSS }

// ParseProto reads a protocol name in any case.
func ParseProto(s string) (Proto, bool) {
	for p := UDP; p <= WSS; p++ {
		if equalFold(s, p.String()) {
			return p, true
		}
	}
	return 0, false
}

// DefaultPort is the port that a URI without one means (RFC 3261 §19.1.2,
// RFC 7118 §5.2.3 for WebSocket).
func (p Proto) DefaultPort() uint16 {
	switch p {
	case TLS:
		return 5061
	case WS:
		return 80
	case WSS:
		return 443
	}
	return 5060
}

// UDPLimit is the largest request, in bytes, that goes over UDP to a peer whose
// path MTU is unknown: larger ones belong on a stream (RFC 3261 §18.1.1).
const UDPLimit = 1300

// Errors of Send and Dial.
var (
	ErrClosed  = errors.New("transport: flow is closed")
	ErrFull    = errors.New("transport: write queue is full")
	ErrTooLong = errors.New("transport: message is longer than a datagram")
	ErrNoFlow  = errors.New("transport: no listener reaches that address")
)

// conn is what a flow is made of: one of our UDP addresses, or one stream.
type conn interface {
	proto() Proto
	local() netip.AddrPort
	id() uint64
	alive() bool
	send(to netip.AddrPort, b []byte) error
	// hangup ends a stream once what was sent is written; UDP ignores it.
	hangup()
}

// Flow is the way to one peer: for UDP our address and its address, for a
// stream the connection. It is comparable and copied by value; the zero Flow
// is none.
type Flow struct {
	conn   conn
	remote netip.AddrPort
}

// Valid is false for the zero Flow.
func (f Flow) Valid() bool { return f.conn != nil }

// Proto is zero for the zero Flow.
func (f Flow) Proto() Proto {
	if f.conn == nil {
		return 0
	}
	return f.conn.proto()
}

// Local is our end. Its address is unspecified only when the listener is a
// wildcard and the system did not say which of our addresses was meant.
func (f Flow) Local() netip.AddrPort {
	if f.conn == nil {
		return netip.AddrPort{}
	}
	return f.conn.local()
}

// Remote is the peer's address as we see it, behind its NAT if there is one.
func (f Flow) Remote() netip.AddrPort { return f.remote }

// ID tells streams apart for the life of the process; it is 0 for UDP.
func (f Flow) ID() uint64 {
	if f.conn == nil {
		return 0
	}
	return f.conn.id()
}

// Alive is false once a stream has ended. A UDP flow lives as long as its
// listener.
func (f Flow) Alive() bool { return f.conn != nil && f.conn.alive() }

// Send writes one whole message. It never waits: what a stream can't take now
// is queued within bounds. b may be reused when it returns.
func (f Flow) Send(b []byte) error {
	if f.conn == nil {
		return ErrNoFlow
	}
	return f.conn.send(f.remote, b)
}

// To is the same UDP socket towards another address: where the peer listens is
// not always where it sends from. A stream has one peer only and is unchanged.
func (f Flow) To(remote netip.AddrPort) Flow {
	if f.conn == nil || f.conn.proto() != UDP {
		return f
	}
	return Flow{f.conn, netip.AddrPortFrom(remote.Addr().Unmap(), remote.Port())}
}

// HangUp ends a stream after what was sent is written. It does nothing to UDP.
func (f Flow) HangUp() {
	if f.conn != nil {
		f.conn.hangup()
	}
}

func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := 0; i < len(a); i++ {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
