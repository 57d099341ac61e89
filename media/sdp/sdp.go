// Package sdp owns session descriptions: reading what phones send, the bodies
// we show instead, and the rules of offer and answer (RFC 3264, RFC 8866). The
// grammar is pion/sdp's; what phones write beside it is brought into its form
// before. It is pure: ports, addresses and when to send are its callers'
// business.
package sdp

import (
	"errors"
	"net/netip"
	"strings"

	pion "github.com/pion/sdp/v3"
)

// Direction is who sends, seen from the side whose body it is.
type Direction uint8

const (
	SendRecv Direction = iota
	SendOnly
	RecvOnly
	Inactive
)

var directionNames = [...]string{"sendrecv", "sendonly", "recvonly", "inactive"}

func (d Direction) String() string { return directionNames[d&3] }

// Reverse is the same seen from the other side.
func (d Direction) Reverse() Direction {
	switch d {
	case SendOnly:
		return RecvOnly
	case RecvOnly:
		return SendOnly
	}
	return d
}

// Sends and Receives say what the side whose body it is does.
func (d Direction) Sends() bool    { return d == SendRecv || d == SendOnly }
func (d Direction) Receives() bool { return d == SendRecv || d == RecvOnly }

func direction(sends, receives bool) Direction {
	switch {
	case sends && receives:
		return SendRecv
	case sends:
		return SendOnly
	case receives:
		return RecvOnly
	}
	return Inactive
}

// And is what is left of d when the other side allows only what o, in d's own
// view, says.
func (d Direction) And(o Direction) Direction {
	return direction(d.Sends() && o.Sends(), d.Receives() && o.Receives())
}

// Held is d on hold: we may be heard, nobody is heard.
func (d Direction) Held() Direction { return direction(d.Sends(), false) }

// Format is one payload type of an m= line with its rtpmap and fmtp.
type Format struct {
	PT       uint8
	Name     string // as written; static payload types without rtpmap are named by RFC 3551
	Rate     int
	Channels int // 1 when not written
	Fmtp     string
}

// Is reports whether the format is the codec of that name, in any case.
func (f Format) Is(name string) bool { return strings.EqualFold(f.Name, name) }

// speech reports whether the format carries voice: neither events nor comfort
// noise nor redundancy.
func (f Format) speech() bool {
	return f.Name != "" && !f.Is("telephone-event") && !f.Is("CN") && !f.Is("red") && !f.Is("ulpfec")
}

// Crypto is an SDES key line (RFC 4568), kept as written.
type Crypto struct {
	Tag    int
	Suite  string
	Params string
}

// Origin identifies a body. Each leg has its own for ours; Version grows by one
// when the body changes.
type Origin struct {
	ID, Version uint64
	Addr        netip.Addr
}

// Description is a parsed body. It is not changed after Parse.
type Description struct {
	Origin Origin     // theirs; ID and Version are 0 when they are no numbers
	Addr   netip.Addr // of the session's c= line; invalid for none or a host name
	Media  []Media

	said pion.SessionDescription
}

// Media is one m= line and what belongs to it.
type Media struct {
	Kind       string // audio, video, image, …
	Port       int    // 0: rejected or off
	Proto      string
	Addr       netip.Addr     // of its c= line, else the session's; invalid for a host name
	RTCP       netip.AddrPort // RFC 3605; zero: the port above RTP's
	RTCPMux    bool
	Direction  Direction // c=0.0.0.0 counts as hold
	Formats    []Format
	EventPT    uint8 // telephone-event at the clock rate of the first codec; 0 none
	PTimeMS    int
	MaxPTimeMS int
	Crypto     []Crypto
	ICE        bool // has ICE attributes
	DTLS       bool // has a fingerprint, its own or the session's

	said    *pion.MediaDescription
	tokens  []string // the formats of the m= line, as written
	hasAddr bool     // a c= line, its own or the session's
}

// RTP is the address that they want media at, zero when there is none yet.
func (m *Media) RTP() netip.AddrPort {
	if m.Port == 0 || !m.Addr.IsValid() {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(m.Addr, uint16(m.Port))
}

// Plain reports whether the line is RTP without encryption.
func (m *Media) Plain() bool { return m.Proto == "RTP/AVP" || m.Proto == "RTP/AVPF" }

// Secure reports whether the line demands SRTP.
func (m *Media) Secure() bool { return strings.Contains(m.Proto, "SAVP") }

// Active reports whether the line is in use.
func (m *Media) Active() bool { return m.Port != 0 }

// Errors that signalling answers with 488.
var (
	ErrNoCommonCodec = errors.New("sdp: no codec in common")
	ErrSecureOnly    = errors.New("sdp: every audio line demands SRTP, which is not served")
	ErrNoAudio       = errors.New("sdp: no audio line that can be used")
)

// Audio is the index of the first active audio line that we can relay, -1 for none.
func (d *Description) Audio() int {
	for i := range d.Media {
		if m := &d.Media[i]; m.Kind == "audio" && m.Active() && m.Plain() && len(m.Formats) > 0 {
			return i
		}
	}
	return -1
}

// Servable says why an offer can't be served: ErrSecureOnly, ErrNoAudio, or nil.
func (d *Description) Servable() error {
	if d.Audio() >= 0 {
		return nil
	}
	for i := range d.Media {
		if m := &d.Media[i]; m.Kind == "audio" && m.Active() && m.Secure() {
			return ErrSecureOnly
		}
	}
	return ErrNoAudio
}

// Held reports whether the body puts the other side on hold: no line of audio
// that it will hear.
func (d *Description) Held() bool {
	any := false
	for i := range d.Media {
		if m := &d.Media[i]; m.Kind == "audio" && m.Active() {
			any = true
			if m.Direction.Receives() {
				return false
			}
		}
	}
	return any
}

// Unchanged reports whether d repeats older: same origin and version
// (RFC 3264 8), so nothing is to be negotiated.
func (d *Description) Unchanged(older *Description) bool {
	return older != nil && d.said.Origin == older.said.Origin && len(d.Media) == len(older.Media)
}

// Allows reports whether a filter of codec names leaves a codec on the audio
// line that Audio finds. An empty filter allows everything.
func (d *Description) Allows(codecs []string) bool {
	i := d.Audio()
	if i < 0 {
		return false
	}
	for _, f := range d.Media[i].Formats {
		if f.speech() && allowed(codecs, f) {
			return true
		}
	}
	return false
}

// allowed: telephone-event, CN and what carries other formats always pass.
func allowed(codecs []string, f Format) bool {
	if len(codecs) == 0 || !f.speech() {
		return true
	}
	for _, c := range codecs {
		if strings.EqualFold(c, f.Name) {
			return true
		}
	}
	return false
}
