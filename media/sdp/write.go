package sdp

import (
	"slices"
	"strconv"
	"strings"

	pion "github.com/pion/sdp/v3"
)

// RelayOptions shape the body that the other leg is shown.
type RelayOptions struct {
	Codecs []string // allowed codec names in any case; empty: no filter. telephone-event and CN always pass
	Mux    bool     // keep rtcp-mux where it was asked for
}

// Relay makes the body that the other leg is shown in place of d: origin,
// addresses and ports are ours (ports[i] for the i-th m= line; 0, or none,
// rejects it), and what names the phone, its network or its keys is left out.
// Codecs, their parameters, direction, packet times, bandwidth and attributes
// that we do not know stay, in their order.
func (d *Description) Relay(o Origin, ports []int, opt RelayOptions) []byte {
	s := shell(o, len(d.Media))
	s.Bandwidth = d.said.Bandwidth
	for _, a := range d.said.Attributes {
		if keepSession(keyOf(a)) {
			s.Attributes = append(s.Attributes, a)
		}
	}
	for i := range d.Media {
		port := 0
		if i < len(ports) {
			port = ports[i]
		}
		s.MediaDescriptions = append(s.MediaDescriptions, d.Media[i].relay(port, opt))
	}
	return marshal(s)
}

// always is the time of a session whose time is the call's (RFC 3264 5).
var always = []pion.TimeDescription{{}}

// shell is a body of ours without its m= lines.
func shell(o Origin, media int) *pion.SessionDescription {
	family, addr := "IP4", o.Addr.Unmap().WithZone("")
	if addr.Is6() {
		family = "IP6"
	}
	ip := addr.String()
	out := &struct {
		session    pion.SessionDescription
		connection pion.ConnectionInformation
		address    pion.Address
	}{address: pion.Address{Address: ip}}
	out.connection = pion.ConnectionInformation{NetworkType: "IN", AddressType: family, Address: &out.address}
	out.session = pion.SessionDescription{
		Origin:                pion.Origin{Username: "-", SessionID: o.ID, SessionVersion: o.Version, NetworkType: "IN", AddressType: family, UnicastAddress: ip},
		SessionName:           "-",
		ConnectionInformation: &out.connection,
		TimeDescriptions:      always,
		MediaDescriptions:     make([]*pion.MediaDescription, 0, media),
	}
	return &out.session
}

func marshal(s *pion.SessionDescription) []byte {
	b, _ := s.Marshal() // its error is always nil
	return b
}

// relay is one m= line and its attributes.
func (m *Media) relay(port int, opt RelayOptions) *pion.MediaDescription {
	if m.Port == 0 || !m.Plain() {
		port = 0
	}
	kept := make([]Format, 0, len(m.Formats))
	speech := false
	for _, f := range m.Formats {
		if allowed(opt.Codecs, f) || m.Kind != "audio" {
			kept = append(kept, f)
			speech = speech || f.speech()
		}
	}
	if m.Kind == "audio" && !speech {
		port = 0 // the filter left nothing that carries voice
	}
	out := &pion.MediaDescription{MediaName: pion.MediaName{Media: m.Kind, Port: pion.RangedPort{Value: port}, Protos: []string{m.Proto}, Formats: m.tokens}}
	if port == 0 {
		// A rejected line keeps its formats; their meaning does not matter
		// (RFC 3264 6).
		if len(m.tokens) == 0 {
			out.MediaName.Formats = []string{"0"}
		}
		return out
	}
	out.MediaName.Formats = make([]string, len(kept))
	for i, f := range kept {
		out.MediaName.Formats[i] = strconv.Itoa(int(f.PT))
	}
	out.Bandwidth = m.said.Bandwidth
	out.Attributes = make([]pion.Attribute, 0, len(m.said.Attributes)+1)
	for _, a := range m.said.Attributes {
		if m.keep(a, kept, opt) {
			out.Attributes = append(out.Attributes, a)
		}
	}
	return out.WithPropertyAttribute(m.Direction.String())
}

// keep decides about an attribute of an m= line.
func (m *Media) keep(a pion.Attribute, kept []Format, opt RelayOptions) bool {
	key := keyOf(a)
	switch key {
	case "rtpmap", "fmtp", "rtcp-fb":
		pt, _, _ := strings.Cut(strings.TrimSpace(a.Value), " ")
		if pt == "*" {
			return true
		}
		n, err := strconv.ParseUint(pt, 10, 8)
		return err == nil && slices.ContainsFunc(kept, func(f Format) bool { return uint64(f.PT) == n })
	case "rtcp-mux":
		return opt.Mux && m.RTCPMux
	case "sendrecv", "sendonly", "recvonly", "inactive":
		return false // written at the end
	}
	return !private(key)
}

// keepSession decides about an attribute of the session. Directions are written
// with each m= line.
func keepSession(key string) bool {
	switch key {
	case "sendrecv", "sendonly", "recvonly", "inactive", "group", "tool", "charset", "sdplang", "lang", "cat", "keywds", "type":
		return false
	}
	return !private(key)
}

// private attributes describe the phone's own transport, keys or names, which
// end at us: the other leg has ours.
func private(key string) bool {
	switch key {
	case "candidate", "remote-candidates", "end-of-candidates",
		"fingerprint", "setup", "connection", "tls-id", "identity", "crypto", "key-mgmt",
		"rtcp", "rtcp-mux", "rtcp-mux-only", "rtcp-rsize", "bundle-only", "msid", "msid-semantic",
		"ssrc", "ssrc-group", "mid", "extmap", "extmap-allow-mixed", "acap", "tcap", "pcfg", "acfg", "csup", "creq",
		"x-nat", "nortpproxy", "alt", "zrtp-hash", "direction", "oldmediaip", "oldmediaport":
		return true
	}
	return strings.HasPrefix(key, "ice-")
}
