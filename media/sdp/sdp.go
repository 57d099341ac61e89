// Package sdp owns session descriptions: reading what phones send, the bodies
// we show instead, and the rules of offer and answer (RFC 3264, RFC 8866). It
// is pure: ports, addresses and when to send are its callers' business.
package sdp

import (
	"errors"
	"net/netip"
)

// Direction is who sends, seen from the side whose body it is.
type Direction uint8

const (
	SendRecv Direction = iota
	SendOnly
	RecvOnly
	Inactive
)

// Format is one payload type of an m= line with its rtpmap and fmtp.
type Format struct {
	PT       uint8
	Name     string // as written; static payload types without rtpmap are named by RFC 3551
	Rate     int
	Channels int // 1 when not written
	Fmtp     string
}

// Crypto is an SDES key line (RFC 4568), kept as written.
type Crypto struct {
	Tag    int
	Suite  string
	Params string
}

// Origin identifies a body of ours. Each leg has its own; Version grows by one
// when the body changes.
type Origin struct {
	ID, Version uint64
	Addr        netip.Addr
}

// Description is a parsed body. It is not changed after Parse.
type Description struct {
	Origin Origin // theirs; ID and Version are 0 when they are not numbers
	Addr   netip.Addr
	Media  []Media

	originLine string // value of o=, as written
	lines      []line // session part
}

// Media is one m= line and what belongs to it.
type Media struct {
	Kind       string // audio, video, image, …
	Port       int    // 0: rejected or off
	Proto      string
	Addr       netip.Addr // of its c= line, else the session's; invalid for a host name
	RTCP       netip.AddrPort
	RTCPMux    bool
	Direction  Direction // c=0.0.0.0 counts as hold
	Formats    []Format
	EventPT    uint8 // telephone-event at the clock rate of the first codec; 0 none
	PTimeMS    int
	MaxPTimeMS int
	Crypto     []Crypto
	ICE        bool // has ICE attributes
	DTLS       bool // has a fingerprint

	formatsRaw []string // the m= line's format tokens
	lines      []line
}

type line struct {
	kind  byte
	value string
}

// Errors that signalling answers with 488.
var (
	ErrNoCommonCodec = errors.New("sdp: no codec in common")
	ErrSecureOnly    = errors.New("sdp: every audio line demands SRTP, which is not served")
	ErrNoAudio       = errors.New("sdp: no audio line that can be used")
)

// RelayOptions shape the body that the other leg is shown.
type RelayOptions struct {
	Codecs []string // allowed codec names in any case; empty: no filter. telephone-event and CN always pass
	Mux    bool     // keep rtcp-mux where it was asked for
	Hold   bool     // show the body as held: sendrecv becomes sendonly, recvonly inactive
}
