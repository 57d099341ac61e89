package registrar

import (
	"net/netip"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/transport"
)

// A wish is one Contact of a REGISTER: what the phone wants bound.
type wish struct {
	uri      string
	params   string // the header's other parameters, as sent
	instance string // +sip.instance without quotes and brackets
	regID    int    // RFC 5626, 0: none
	q        int    // thousandths
	expires  time.Duration
	port     uint16 // where requests go at the source's address
	nat      bool   // the Contact does not count, the source does
}

// An update is what a REGISTER asks for, with nothing looked up yet.
type update struct {
	callID   string
	cseq     uint32
	flow     transport.Flow
	contacts []wish
	wildcard bool
	path     []string
	agent    string
	gruu     bool // Supported: gruu
	outbound bool // Supported: outbound
	indirect bool // more than one Via: a proxy stands between
	one      [1]wish
}

// A refusal is a final answer other than 200.
type refusal struct {
	status int
	phrase string
	header string // one more header line, without its end
}

func (e *refusal) Error() string { return e.phrase }

func badRequest(phrase string) *refusal { return &refusal{status: 400, phrase: phrase} }

// maxExpiry keeps an absurd Expires within what a duration holds.
const maxExpiry = 1 << 30 // seconds

// read takes a REGISTER apart (RFC 3261 §10.3 step 6 and §10.2.1.1).
func (u *update) read(f transport.Flow, req *sip.Request) *refusal {
	u.flow = f
	if h := req.CallID(); h != nil {
		u.callID = string(*h)
	}
	if h := req.CSeq(); h != nil {
		u.cseq = h.SeqNo
	}
	u.contacts = u.one[:0]
	lifetime, vias, expiresZero := DefaultExpires, 0, false
	headers := req.Headers()
	for _, h := range headers {
		switch h.(type) {
		case *sip.ViaHeader:
			vias++
			continue
		case *sip.ContactHeader, *sip.FromHeader, *sip.ToHeader:
			continue
		}
		switch name := h.Name(); {
		case sameName(name, "Expires"):
			if n, ok := seconds(h.Value()); ok {
				lifetime, expiresZero = time.Duration(n)*time.Second, n == 0
			}
		case sameName(name, "Path"):
			u.path = appendRoutes(u.path, h.Value())
		case sameName(name, "Supported"), sameName(name, "k"):
			u.gruu = u.gruu || hasToken(h.Value(), "gruu")
			u.outbound = u.outbound || hasToken(h.Value(), "outbound")
		case sameName(name, "User-Agent"):
			u.agent = printable(h.Value(), 128)
		}
	}
	u.indirect = vias > 1
	for _, h := range headers {
		c, ok := h.(*sip.ContactHeader)
		if !ok {
			if sameName(h.Name(), "Contact") || sameName(h.Name(), "m") {
				return badRequest("Contact can't be read")
			}
			continue
		}
		if c.Address.Wildcard {
			u.wildcard = true
			continue
		}
		w, bad := readContact(c, lifetime)
		if bad != nil {
			return bad
		}
		w.port, w.nat = target(f, req.Via(), &c.Address)
		u.contacts = append(u.contacts, w)
	}
	if u.wildcard && (len(u.contacts) > 0 || !expiresZero) {
		return badRequest("Contact * wants Expires: 0 and no other Contact")
	}
	return u.checkOutbound()
}

// checkOutbound refuses a flow that we could not use: the first hop kept no
// flow token for it (RFC 5626 §6).
func (u *update) checkOutbound() *refusal {
	for i := range u.contacts {
		w := &u.contacts[i]
		if w.regID == 0 || !u.indirect {
			continue
		}
		if len(u.path) > 0 && strings.Contains(u.path[0], ";ob") {
			continue
		}
		if u.outbound {
			return &refusal{status: 439, phrase: "First Hop Lacks Outbound Support"}
		}
		w.regID = 0
	}
	return nil
}

func readContact(h *sip.ContactHeader, lifetime time.Duration) (wish, *refusal) {
	w := wish{q: 1000, expires: lifetime}
	switch strings.ToLower(h.Address.Scheme) {
	case "sip", "sips", "":
	default:
		return w, badRequest("Contact is no SIP URI")
	}
	if h.Address.Host == "" {
		return w, badRequest("Contact has no host")
	}
	address := h.Address
	address.Headers = nil // "?Route=…" would be ours to send, and is not
	w.uri = address.String()
	if len(w.uri) > 1024 || strings.ContainsAny(w.uri, "<>\"\r\n \t") {
		return w, badRequest("Contact can't be read")
	}
	var rest []byte
	for _, p := range h.Params {
		switch value := trimQuotes(p.V); {
		case sameName(p.K, "expires"):
			if n, ok := seconds(value); ok {
				w.expires = time.Duration(n) * time.Second
			}
		case sameName(p.K, "q"):
			q, ok := thousandths(value)
			if !ok {
				return w, badRequest("Contact q is not between 0 and 1")
			}
			w.q = q
		case sameName(p.K, "reg-id"):
			w.regID = max(atoi(value), 0)
		case sameName(p.K, "+sip.instance"):
			w.instance = strings.TrimSuffix(strings.TrimPrefix(value, "<"), ">")
			if len(w.instance) > 256 || strings.ContainsAny(w.instance, "<>\"\r\n \t;") {
				return w, badRequest("Contact +sip.instance can't be read")
			}
		case sameName(p.K, "pub-gruu"), sameName(p.K, "temp-gruu"): // ours to say
		default:
			rest = appendParam(rest, p.K, p.V)
		}
	}
	if len(rest) > 1024 {
		return w, badRequest("Contact has too many parameters")
	}
	w.params = string(rest)
	if w.instance == "" {
		w.regID = 0 // means nothing alone (RFC 5626 §6)
	}
	return w, nil
}

// target is where requests for a Contact go: always the address that the
// REGISTER came from, at the Contact's port where the Contact counts (product
// rule "NAT"). A third host, loopback or multicast in a Contact is therefore
// never sent to. Streams have nothing but the flow.
func target(f transport.Flow, via *sip.ViaHeader, c *sip.Uri) (port uint16, nat bool) {
	source := f.Remote()
	if f.Proto() != transport.UDP {
		return source.Port(), false
	}
	if via == nil || !names(via.Host, via.Port, source) {
		return source.Port(), true
	}
	host, err := netip.ParseAddr(trimBrackets(c.Host))
	if err != nil || host.Unmap() != source.Addr().Unmap() {
		return source.Port(), true
	}
	for _, p := range c.UriParams {
		if sameName(p.K, "transport") && !strings.EqualFold(p.V, "udp") {
			return source.Port(), true // its port is of another protocol
		}
	}
	switch {
	case c.Port > 0 && c.Port < 65536:
		return uint16(c.Port), false
	case c.Port != 0:
		return source.Port(), true
	}
	return 5060, false
}

func names(host string, port int, source netip.AddrPort) bool {
	if port == 0 {
		port = 5060
	}
	a, err := netip.ParseAddr(trimBrackets(host))
	return err == nil && a.Unmap() == source.Addr().Unmap() && port == int(source.Port())
}

// seconds reads a delta-seconds; a larger one than fits is a long time.
func seconds(s string) (int64, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0, false
	}
	var n int64
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = min(n*10+int64(s[i]-'0'), maxExpiry)
	}
	return n, true
}

// thousandths reads a qvalue: 0 to 1 with at most three decimals.
func thousandths(s string) (int, bool) {
	whole, frac, dot := strings.Cut(s, ".")
	if whole != "0" && whole != "1" && (whole != "" || !dot) || len(frac) > 3 {
		return 0, false
	}
	q := 0
	for i := range 3 {
		d := byte('0')
		if i < len(frac) {
			d = frac[i]
		}
		if d < '0' || d > '9' {
			return 0, false
		}
		q = q*10 + int(d-'0')
	}
	if whole == "1" {
		q += 1000
	}
	return q, q <= 1000
}

func trimQuotes(s string) string {
	if len(s) > 1 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// appendParam writes a parameter as it was sent. What can't stand in a header
// is left out.
func appendParam(dst []byte, key, value string) []byte {
	if key == "" || strings.ContainsAny(key, "\r\n\",;<> ") || strings.ContainsAny(value, "\r\n") {
		return dst
	}
	dst = append(append(dst, ';'), key...)
	if value == "" {
		return dst
	}
	dst = append(dst, '=')
	if value[0] != '"' && strings.ContainsAny(value, " \t;,<>\"") {
		return append(append(append(dst, '"'), strings.ReplaceAll(value, `"`, "")...), '"')
	}
	return append(dst, value...)
}

// appendRoutes splits a Path header into its URIs (RFC 3327 §5.2).
func appendRoutes(dst []string, value string) []string {
	for value != "" && len(dst) < 16 {
		open := strings.IndexByte(value, '<')
		if open < 0 {
			return dst
		}
		length := strings.IndexByte(value[open:], '>')
		if length < 0 {
			return dst
		}
		if uri := value[open+1 : open+length]; !strings.ContainsAny(uri, "<\"\r\n \t") {
			dst = append(dst, strings.Clone(uri))
		}
		value = value[open+length+1:]
	}
	return dst
}

func hasToken(list, token string) bool {
	for t := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.TrimSpace(t), token) {
			return true
		}
	}
	return false
}

// printable bounds text that a stranger wrote and people will read.
func printable(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return strings.Map(func(r rune) rune {
				if r < ' ' || r > '~' {
					return -1
				}
				return r
			}, s)
		}
	}
	return s
}
