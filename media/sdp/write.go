package sdp

import (
	"slices"
	"strconv"
	"strings"
)

// RelayOptions shape the body that the other leg is shown.
type RelayOptions struct {
	Codecs []string // allowed codec names in any case; empty: no filter. telephone-event and CN always pass
	Mux    bool     // keep rtcp-mux where it was asked for
	Hold   bool     // show the body as held: sendrecv becomes sendonly, recvonly inactive
}

// Relay makes the body that the other leg is shown in place of d: origin,
// addresses and ports are ours (ports[i] for the i-th m= line; 0, or none,
// rejects it), and what names the phone, its network or its keys is left out.
// Codecs, their parameters, direction, packet times, bandwidth and attributes
// that we do not know stay, in their order.
func (d *Description) Relay(o Origin, ports []int, opt RelayOptions) []byte {
	b := make([]byte, 0, 1024)
	b = head(b, o)
	b = d.bandwidth(b)
	b = append(b, "t=0 0\r\n"...)
	for _, l := range d.lines {
		if l.kind == 'a' && keepSession(l.key()) {
			b = put(b, l)
		}
	}
	for i := range d.Media {
		port := 0
		if i < len(ports) {
			port = ports[i]
		}
		b = d.Media[i].relay(b, port, opt)
	}
	return b
}

func head(b []byte, o Origin) []byte {
	family, addr := " IN IP4 ", o.Addr.Unmap().String()
	if o.Addr.Unmap().Is6() {
		family, addr = " IN IP6 ", o.Addr.WithZone("").String()
	}
	b = append(b, "v=0\r\no=- "...)
	b = strconv.AppendUint(b, o.ID, 10)
	b = append(b, ' ')
	b = strconv.AppendUint(b, o.Version, 10)
	b = append(b, family...)
	b = append(b, addr...)
	b = append(b, "\r\ns=-\r\nc="...)
	b = append(b, family[1:]...)
	b = append(b, addr...)
	return append(b, "\r\n"...)
}

func (d *Description) bandwidth(b []byte) []byte {
	for _, l := range d.lines {
		if l.kind == 'b' {
			b = put(b, l)
		}
	}
	return b
}

func put(b []byte, l line) []byte {
	b = append(b, l.kind, '=')
	b = append(b, l.value...)
	return append(b, "\r\n"...)
}

// relay writes one m= line and its attributes.
func (m *Media) relay(b []byte, port int, opt RelayOptions) []byte {
	if m.Port == 0 || !m.Plain() {
		port = 0
	}
	var kept []Format
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
	b = append(b, "m="...)
	b = append(b, m.Kind...)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(port), 10)
	b = append(b, ' ')
	b = append(b, m.Proto...)
	if port == 0 {
		// A rejected line keeps its formats; their meaning does not matter
		// (RFC 3264 6).
		for _, t := range m.tokens {
			b = append(b, ' ')
			b = append(b, t...)
		}
		if len(m.tokens) == 0 {
			b = append(b, " 0"...)
		}
		return append(b, "\r\n"...)
	}
	for _, f := range kept {
		b = append(b, ' ')
		b = strconv.AppendUint(b, uint64(f.PT), 10)
	}
	b = append(b, "\r\n"...)
	for _, l := range m.lines {
		if l.kind == 'b' {
			b = put(b, l)
		}
	}
	for _, l := range m.lines {
		if l.kind == 'a' && m.keep(l, kept, opt) {
			b = put(b, l)
		}
	}
	dir := m.Direction
	if opt.Hold {
		dir = dir.Held()
	}
	b = append(b, "a="...)
	b = append(b, dir.String()...)
	return append(b, "\r\n"...)
}

// keep decides about an attribute of an m= line.
func (m *Media) keep(l line, kept []Format, opt RelayOptions) bool {
	key := strings.ToLower(l.key())
	switch key {
	case "rtpmap", "fmtp", "rtcp-fb":
		_, arg, _ := strings.Cut(l.value, ":")
		pt, _, _ := strings.Cut(strings.TrimSpace(arg), " ")
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
	key = strings.ToLower(key)
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
