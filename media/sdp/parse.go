package sdp

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	pion "github.com/pion/sdp/v3"
)

// Parse reads a body. It takes what phones send rather than what the grammar
// says: bare line feeds, lines out of order, unknown lines, missing s= and t=.
// What would have to be guessed is an error that names its line.
func Parse(body []byte) (*Description, error) {
	if len(body) > maxBody {
		return nil, &SyntaxError{Reason: fmt.Sprintf("body of %d bytes is too long", len(body))}
	}
	var room [40]line // more than phones send
	lines, err := normal(room[:0], string(body))
	if err != nil {
		return nil, err
	}
	d := &Description{}
	if err := d.read(join(lines)); err != nil {
		return nil, culprit(lines)
	}
	at := -1
	for _, l := range lines {
		if l.fits[0] == 'm' {
			if at++; !d.Media[at].hasAddr && d.Media[at].Port != 0 {
				return nil, l.fault(errors.New("no c= line, neither its own nor the session's"))
			}
		}
	}
	return d, nil
}

// A scope is what the attributes of the session or of one m= line say that is
// joined once all are read.
type scope struct {
	addr      netip.Addr
	hasAddr   bool
	hold      bool // c=0.0.0.0 or c=::
	direction Direction
	rtcpPort  int
	rtcpAddr  netip.Addr
	ice, dtls bool
	mapped    [2]uint64 // payload types that have had their rtpmap
}

// read takes a body that pion reads, and makes of it what callers see.
func (d *Description) read(body string) error {
	if err := d.said.UnmarshalString(body); err != nil {
		return err
	}
	o := &d.said.Origin
	d.Origin.ID, d.Origin.Version = o.SessionID, o.SessionVersion
	d.Origin.Addr, _ = netip.ParseAddr(o.UnicastAddress) // a host name is allowed
	var session scope
	if err := session.connection(d.said.ConnectionInformation); err != nil {
		return err
	}
	d.Addr = session.addr
	for _, a := range d.said.Attributes {
		session.attribute(keyOf(a))
	}
	d.Media = make([]Media, len(d.said.MediaDescriptions))
	for i, said := range d.said.MediaDescriptions {
		m, s := &d.Media[i], session
		m.said = said
		if err := m.name(); err != nil {
			return err
		}
		if err := s.connection(said.ConnectionInformation); err != nil {
			return err
		}
		for _, a := range said.Attributes {
			if err := m.attribute(&s, keyOf(a), strings.TrimSpace(a.Value)); err != nil {
				return err
			}
		}
		m.join(&s)
	}
	return nil
}

// keyOf is the name of an attribute as it is compared.
func keyOf(a pion.Attribute) string { return strings.ToLower(strings.TrimSpace(a.Key)) }

// name reads the m= line.
func (m *Media) name() error {
	n := &m.said.MediaName
	m.Kind, m.Port, m.tokens = n.Media, n.Port.Value, n.Formats
	if m.Proto = strings.Join(n.Protos, "/"); m.Proto == foreign {
		m.Kind, m.Proto, m.tokens = n.Formats[0], n.Formats[1], n.Formats[2:]
	}
	if len(m.tokens) > maxFormats {
		return fmt.Errorf("more than %d formats", maxFormats)
	}
	if len(m.tokens) == 0 && m.Port != 0 {
		return errors.New("no formats")
	}
	if strings.Contains(m.Proto, "RTP/") {
		return m.formats()
	}
	return nil
}

// connection reads c=, if there is one. A host name leaves the address invalid:
// it is not resolved here, and media is latched to whoever signals.
func (s *scope) connection(c *pion.ConnectionInformation) error {
	if c == nil {
		return nil
	}
	var err error
	s.addr, err = parseAddr(c.AddressType, c.Address.Address)
	s.hasAddr, s.hold = true, s.addr.IsValid() && s.addr.IsUnspecified()
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

// attribute reads what the session may say as well as an m= line.
func (s *scope) attribute(key string) {
	switch key {
	case "sendrecv":
		s.direction = SendRecv
	case "sendonly":
		s.direction = SendOnly
	case "recvonly":
		s.direction = RecvOnly
	case "inactive":
		s.direction = Inactive
	case "ice-ufrag", "ice-pwd", "candidate", "ice-lite":
		s.ice = true
	case "fingerprint":
		s.dtls = true
	}
}

func (m *Media) attribute(s *scope, key, arg string) error {
	switch key {
	case "rtpmap":
		pt, enc, _ := strings.Cut(arg, " ")
		if enc = strings.TrimSpace(enc); enc == "" {
			return errors.New("rtpmap wants a payload type and an encoding")
		}
		if f := m.format(pt); f != nil && s.mapped[f.PT>>6]&(1<<(f.PT&63)) == 0 {
			s.mapped[f.PT>>6] |= 1 << (f.PT & 63)
			f.encoding(enc)
		}
	case "fmtp":
		pt, params, _ := strings.Cut(arg, " ")
		if f := m.format(pt); f != nil {
			f.Fmtp = strings.TrimSpace(params)
		}
	case "rtcp":
		return s.rtcp(arg)
	case "rtcp-mux":
		m.RTCPMux = true
	case "ptime":
		m.PTimeMS = milliseconds(arg)
	case "maxptime":
		m.MaxPTimeMS = milliseconds(arg)
	case "crypto":
		if c, ok := parseCrypto(arg); ok {
			m.Crypto = append(m.Crypto, c)
		}
	default:
		s.attribute(key)
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

// join settles what depends on several lines.
func (m *Media) join(s *scope) {
	m.Addr, m.hasAddr, m.Direction = s.addr, s.hasAddr, s.direction
	if s.hold {
		m.Direction = m.Direction.Held() // RFC 2543's way, RFC 3264 8.4
	}
	m.ICE, m.DTLS = s.ice, s.dtls
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
