package sdp

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Limits of a body. They are far above what any phone sends, and keep a hostile
// one from costing more than its own bytes.
const (
	maxBody    = 64 << 10
	maxMedia   = 32
	maxFormats = 128
)

// A SyntaxError names the line at fault.
type SyntaxError struct {
	Line   int // from 1
	Text   string
	Reason string
}

func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return "sdp: " + e.Reason
	}
	return fmt.Sprintf("sdp: line %d %q: %s", e.Line, e.Text, e.Reason)
}

// Parse reads a body. It takes what phones send rather than what the grammar
// says: bare line feeds, lines out of order, unknown lines, missing s= and t=.
// What would have to be guessed is an error that names its line.
func Parse(body []byte) (*Description, error) {
	if len(body) > maxBody {
		return nil, &SyntaxError{Reason: fmt.Sprintf("body of %d bytes is too long", len(body))}
	}
	p := parser{d: &Description{lines: make([]line, 0, 8)}}
	rest := strings.TrimPrefix(string(body), "\ufeff")
	for n := 1; rest != ""; n++ {
		var text string
		text, rest, _ = strings.Cut(rest, "\n")
		text = strings.TrimRight(text, "\r \t\x00")
		if text == "" {
			continue
		}
		if err := p.line(n, text); err != nil {
			if len(text) > 80 {
				text = text[:80] + "…"
			}
			return nil, &SyntaxError{Line: n, Text: text, Reason: err.Error()}
		}
	}
	if !p.version {
		return nil, &SyntaxError{Reason: "no v= line"}
	}
	if err := p.finish(); err != nil {
		return nil, err
	}
	return p.d, nil
}

type parser struct {
	d       *Description
	version bool
	session scope
	cur     *scope  // of the m= line that is being read
	scopes  []scope // one for each m= line
}

// A scope is what is read between two m= lines and belongs together only once
// all of it is known.
type scope struct {
	line      int
	addr      netip.Addr
	hasAddr   bool
	hold      bool // c=0.0.0.0 or c=::
	direction Direction
	hasDir    bool
	rtcpPort  int
	rtcpAddr  netip.Addr
	ice, dtls bool
	mapped    [2]uint64 // payload types that have had their rtpmap
	ptime     int
	maxptime  int
}

func (p *parser) line(n int, text string) error {
	if len(text) < 2 || text[1] != '=' {
		return errors.New("want a letter and =")
	}
	kind, value := text[0], text[2:]
	if !p.version {
		if kind != 'v' {
			return errors.New("want v=0 first")
		}
		if strings.TrimSpace(value) != "0" {
			return errors.New("unknown version")
		}
		p.version = true
		return nil
	}
	if strings.IndexByte(value, '\r') >= 0 || strings.IndexByte(value, 0) >= 0 {
		return errors.New("control character")
	}
	if kind == 'm' {
		return p.media(n, value)
	}
	s := &p.session
	if p.cur != nil {
		s = p.cur
		m := &p.d.Media[len(p.d.Media)-1]
		m.lines = append(m.lines, line{kind, value})
	} else {
		p.d.lines = append(p.d.lines, line{kind, value})
	}
	switch kind {
	case 'v':
		return errors.New("second v= line")
	case 'o':
		if p.cur != nil || p.d.id != "" {
			return errors.New("o= belongs once, before m=")
		}
		return p.origin(value)
	case 'c':
		return s.connection(value)
	case 'a':
		return p.attribute(s, value)
	}
	return nil
}

func (p *parser) origin(value string) error {
	f := strings.Fields(value)
	if len(f) != 6 {
		return fmt.Errorf("want 6 fields, have %d", len(f))
	}
	p.d.user, p.d.id = f[0], f[1]
	p.d.Origin.ID, p.d.Origin.Version = number(f[1]), number(f[2])
	p.d.Origin.Addr, _ = netip.ParseAddr(f[5]) // a host name is allowed
	return nil
}

// number is 0 for what is none: some write more digits than 64 bits hold.
func number(s string) uint64 {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// connection reads c=. A host name leaves the address invalid: it is not
// resolved here, and media is latched to whoever signals.
func (s *scope) connection(value string) error {
	f := strings.Fields(value)
	if len(f) != 3 || !strings.EqualFold(f[0], "IN") {
		return errors.New("want IN, IP4 or IP6, and an address")
	}
	s.hasAddr = true
	a, err := parseAddr(f[1], f[2])
	s.addr = a
	s.hold = a.IsValid() && a.IsUnspecified()
	return err
}

func parseAddr(family, text string) (netip.Addr, error) {
	text, _, _ = strings.Cut(text, "/") // TTL or number of multicast groups
	a, err := netip.ParseAddr(text)
	switch {
	case !strings.EqualFold(family, "IP4") && !strings.EqualFold(family, "IP6"):
		return netip.Addr{}, fmt.Errorf("unknown address type %q", family)
	case err == nil:
		// Some phones write IP4 before an IPv6 address; the address decides.
		return a.Unmap(), nil
	case strings.Contains(text, ":") || strings.Trim(text, "0123456789.") == "" || !hostName(text):
		return netip.Addr{}, fmt.Errorf("%q is no address", text)
	}
	return netip.Addr{}, nil
}

func hostName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '.' && c != '-' && c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return s != "" && len(s) < 256
}

func (p *parser) media(n int, value string) error {
	f := strings.Fields(value)
	if len(f) < 3 {
		return errors.New("want media, port, protocol and formats")
	}
	if len(p.d.Media) == maxMedia {
		return fmt.Errorf("more than %d m= lines", maxMedia)
	}
	port, count, several := strings.Cut(f[1], "/")
	num, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return fmt.Errorf("%q is no port", f[1])
	}
	if several {
		if _, err := strconv.ParseUint(count, 10, 16); err != nil {
			return fmt.Errorf("%q is no number of ports", f[1])
		}
	}
	tokens := f[3:]
	if len(tokens) > maxFormats {
		return fmt.Errorf("more than %d formats", maxFormats)
	}
	proto := strings.ToUpper(f[2])
	if proto == "UDPTL" || !strings.Contains(proto, "RTP/") {
		proto = f[2]
	} else {
		for _, t := range tokens {
			if pt, err := strconv.ParseUint(t, 10, 8); err != nil || pt > 127 {
				return fmt.Errorf("%q is no RTP payload type", t)
			}
		}
	}
	if len(tokens) == 0 && num != 0 {
		return errors.New("no formats")
	}
	p.d.Media = append(p.d.Media, Media{Kind: strings.ToLower(f[0]), Port: int(num), Proto: proto, tokens: tokens})
	m := &p.d.Media[len(p.d.Media)-1]
	m.formats()
	m.lines = make([]line, 0, 2*len(tokens)+6)
	p.scopes = append(p.scopes, scope{line: n})
	p.cur = &p.scopes[len(p.scopes)-1]
	return nil
}

// format finds the payload type that an attribute of the current m= line is about.
func (p *parser) format(token string) *Format {
	if p.cur == nil {
		return nil
	}
	n, err := strconv.ParseUint(token, 10, 8)
	if err != nil {
		return nil
	}
	formats := p.d.Media[len(p.d.Media)-1].Formats
	for i := range formats {
		if uint64(formats[i].PT) == n {
			return &formats[i]
		}
	}
	return nil
}

func (p *parser) attribute(s *scope, value string) error {
	key, arg, _ := strings.Cut(value, ":")
	arg = strings.TrimSpace(arg)
	switch strings.ToLower(strings.TrimSpace(key)) {
	case "sendrecv":
		s.direction, s.hasDir = SendRecv, true
	case "sendonly":
		s.direction, s.hasDir = SendOnly, true
	case "recvonly":
		s.direction, s.hasDir = RecvOnly, true
	case "inactive":
		s.direction, s.hasDir = Inactive, true
	case "rtpmap":
		pt, enc, ok := strings.Cut(arg, " ")
		if !ok || strings.TrimSpace(enc) == "" {
			return errors.New("rtpmap wants a payload type and an encoding")
		}
		if f := p.format(pt); f != nil && s.mapped[f.PT>>6]&(1<<(f.PT&63)) == 0 {
			s.mapped[f.PT>>6] |= 1 << (f.PT & 63)
			f.encoding(strings.TrimSpace(enc))
		}
	case "fmtp":
		pt, params, _ := strings.Cut(arg, " ")
		if f := p.format(pt); f != nil {
			f.Fmtp = strings.TrimSpace(params)
		}
	case "rtcp":
		return s.rtcp(arg)
	case "rtcp-mux":
		if p.cur != nil {
			p.d.Media[len(p.d.Media)-1].RTCPMux = true
		}
	case "ptime":
		s.ptime = milliseconds(arg)
	case "maxptime":
		s.maxptime = milliseconds(arg)
	case "crypto":
		if p.cur != nil {
			m := &p.d.Media[len(p.d.Media)-1]
			if c, ok := parseCrypto(arg); ok {
				m.Crypto = append(m.Crypto, c)
			}
		}
	case "ice-ufrag", "ice-pwd", "candidate", "ice-lite":
		s.ice = true
	case "fingerprint":
		s.dtls = true
	}
	return nil
}

// rtcp reads RFC 3605's port and optional address.
func (s *scope) rtcp(arg string) error {
	f := strings.Fields(arg)
	if len(f) != 1 && len(f) != 4 {
		return errors.New("rtcp wants a port, or a port and an address")
	}
	port, err := strconv.ParseUint(f[0], 10, 16)
	if err != nil {
		return fmt.Errorf("%q is no port", f[0])
	}
	s.rtcpPort = int(port)
	if len(f) == 4 {
		if s.rtcpAddr, err = parseAddr(f[2], f[3]); err != nil {
			return err
		}
	}
	return nil
}

// milliseconds takes what some write with a fraction; nonsense counts as absent.
func milliseconds(s string) int {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || v < 1 || v > 10000 {
		return 0
	}
	return int(v)
}

func parseCrypto(arg string) (c Crypto, ok bool) {
	f := strings.SplitN(arg, " ", 3)
	if len(f) != 3 {
		return c, false
	}
	tag, err := strconv.Atoi(f[0])
	return Crypto{Tag: tag, Suite: f[1], Params: f[2]}, err == nil
}

// finish joins what m= lines and the session said.
func (p *parser) finish() error {
	d, ses := p.d, &p.session
	d.Addr, d.direction = ses.addr, ses.direction
	for i := range d.Media {
		m, s := &d.Media[i], &p.scopes[i]
		if !s.hasAddr {
			s.addr, s.hold, s.hasAddr = ses.addr, ses.hold, ses.hasAddr
		}
		if !s.hasAddr && m.Port != 0 {
			return &SyntaxError{Line: s.line, Text: "m=" + m.Kind, Reason: "no c= line, neither its own nor the session's"}
		}
		m.Addr = s.addr
		m.Direction = ses.direction
		if s.hasDir {
			m.Direction = s.direction
		}
		if s.hold {
			m.Direction = m.Direction.Held() // RFC 2543's way, RFC 3264 8.4
		}
		m.ICE, m.DTLS = s.ice || ses.ice, s.dtls || ses.dtls
		m.PTimeMS, m.MaxPTimeMS = s.ptime, s.maxptime
		if s.rtcpPort != 0 {
			a := s.rtcpAddr
			if !a.IsValid() {
				a = m.Addr
			}
			if a.IsValid() && !a.IsUnspecified() {
				m.RTCP = netip.AddrPortFrom(a, uint16(s.rtcpPort))
			}
		}
		m.EventPT = eventPT(m.Formats)
	}
	return nil
}

// formats makes one Format of each payload type, named if it is a static one.
func (m *Media) formats() {
	if !strings.Contains(m.Proto, "RTP/") {
		return
	}
	m.Formats = make([]Format, 0, len(m.tokens))
	var seen [2]uint64
	for _, t := range m.tokens {
		n, _ := strconv.ParseUint(t, 10, 8)
		pt := uint8(n & 127)
		if seen[pt>>6]&(1<<(pt&63)) != 0 {
			continue
		}
		seen[pt>>6] |= 1 << (pt & 63)
		f := static[pt]
		f.PT, f.Channels = pt, max(f.Channels, 1)
		m.Formats = append(m.Formats, f)
	}
}

// encoding reads name/rate/channels.
func (f *Format) encoding(enc string) {
	name, rest, _ := strings.Cut(enc, "/")
	rate, channels, _ := strings.Cut(rest, "/")
	f.Name, f.Channels = strings.TrimSpace(name), 1
	f.Rate, _ = strconv.Atoi(strings.TrimSpace(rate))
	if n, err := strconv.Atoi(strings.TrimSpace(channels)); err == nil && n > 0 && n < 256 {
		f.Channels = n
	}
	if f.Rate < 0 || f.Rate > 1<<30 {
		f.Rate = 0
	}
}

// eventPT chooses among several telephone-events the one with the clock of the
// first codec (RFC 4733 2.1), else the first.
func eventPT(formats []Format) (pt uint8) {
	rate := 8000
	for _, f := range formats {
		if f.speech() {
			rate = f.Rate
			break
		}
	}
	for _, f := range formats {
		if f.Is("telephone-event") {
			if f.Rate == rate {
				return f.PT
			}
			if pt == 0 {
				pt = f.PT
			}
		}
	}
	return pt
}

// static payload types (RFC 3551 6) that are still met without an rtpmap.
var static = [128]Format{
	0: {Name: "PCMU", Rate: 8000, Channels: 1}, 3: {Name: "GSM", Rate: 8000, Channels: 1},
	4: {Name: "G723", Rate: 8000, Channels: 1}, 5: {Name: "DVI4", Rate: 8000, Channels: 1},
	6: {Name: "DVI4", Rate: 16000, Channels: 1}, 7: {Name: "LPC", Rate: 8000, Channels: 1},
	8: {Name: "PCMA", Rate: 8000, Channels: 1}, 9: {Name: "G722", Rate: 8000, Channels: 1},
	10: {Name: "L16", Rate: 44100, Channels: 2}, 11: {Name: "L16", Rate: 44100, Channels: 1},
	12: {Name: "QCELP", Rate: 8000, Channels: 1}, 13: {Name: "CN", Rate: 8000, Channels: 1},
	14: {Name: "MPA", Rate: 90000, Channels: 1}, 15: {Name: "G728", Rate: 8000, Channels: 1},
	16: {Name: "DVI4", Rate: 11025, Channels: 1}, 17: {Name: "DVI4", Rate: 22050, Channels: 1},
	18: {Name: "G729", Rate: 8000, Channels: 1}, 25: {Name: "CelB", Rate: 90000, Channels: 1},
	26: {Name: "JPEG", Rate: 90000, Channels: 1}, 28: {Name: "nv", Rate: 90000, Channels: 1},
	31: {Name: "H261", Rate: 90000, Channels: 1}, 32: {Name: "MPV", Rate: 90000, Channels: 1},
	33: {Name: "MP2T", Rate: 90000, Channels: 1}, 34: {Name: "H263", Rate: 90000, Channels: 1},
}
