package registrar

import (
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/digest"
)

// message is a response written straight as bytes: a registration is answered
// twice for every phone every hour, and builds nothing else.
type message struct{ b []byte }

// WriteString makes a message what sipgo's headers write themselves to.
func (m *message) WriteString(s string) (int, error) {
	m.b = append(m.b, s...)
	return len(s), nil
}

func (m *message) add(parts ...string) {
	for _, p := range parts {
		m.b = append(m.b, p...)
	}
}

func (m *message) int(n int64) { m.b = strconv.AppendInt(m.b, n, 10) }

var messages = sync.Pool{New: func() any { return &message{b: make([]byte, 0, 2048)} }}

func newMessage() *message {
	m := messages.Get().(*message)
	m.b = m.b[:0]
	return m
}

// done gives the memory of a message back.
func (m *message) done() {
	if cap(m.b) <= 16384 {
		messages.Put(m)
	}
}

// begin writes the status line and what every response takes over from its
// request (RFC 3261 §8.2.6.2). tag is used where To has none.
func (m *message) begin(req *sip.Request, source netip.AddrPort, status int, phrase string, tag uint64) {
	m.add("SIP/2.0 ")
	m.int(int64(status))
	m.add(" ", phrase, "\r\n")
	top := true
	for _, h := range req.Headers() {
		if via, ok := h.(*sip.ViaHeader); ok {
			if top {
				m.topVia(via, source)
				top = false
				continue
			}
			via.StringWrite(m)
			m.add("\r\n")
		}
	}
	if h := req.From(); h != nil {
		h.StringWrite(m)
		m.add("\r\n")
	}
	if h := req.To(); h != nil {
		h.StringWrite(m)
		if !h.Params.Has("tag") {
			m.add(";tag=")
			m.b = strconv.AppendUint(m.b, tag, 36)
		}
		m.add("\r\n")
	}
	if h := req.CallID(); h != nil {
		m.add("Call-ID: ", string(*h), "\r\n")
	}
	if h := req.CSeq(); h != nil {
		m.add("CSeq: ")
		m.int(int64(h.SeqNo))
		m.add(" ", string(h.MethodName), "\r\n")
	}
}

// topVia writes the first Via with where the request really came from (RFC
// 3261 §18.2.1, RFC 3581 §4).
func (m *message) topVia(via *sip.ViaHeader, source netip.AddrPort) {
	m.add("Via: ", via.ProtocolName, "/", via.ProtocolVersion, "/", via.Transport, " ")
	if strings.IndexByte(via.Host, ':') >= 0 && via.Host[0] != '[' {
		m.add("[", via.Host, "]")
	} else {
		m.add(via.Host)
	}
	if via.Port > 0 {
		m.add(":")
		m.int(int64(via.Port))
	}
	var mem [48]byte
	address := source.Addr().Unmap().AppendTo(mem[:0])
	received := string(address) != trimBrackets(via.Host) // another spelling of it does no harm
	for _, p := range via.Params {
		switch {
		case sameName(p.K, "received"):
		case sameName(p.K, "rport"):
			m.add(";rport=")
			m.int(int64(source.Port()))
			received = true
		default:
			m.b = appendParam(m.b, p.K, p.V)
		}
	}
	if received {
		m.add(";received=")
		m.b = append(m.b, address...)
	}
	m.add("\r\n")
}

func (m *message) end() { m.add("Content-Length: 0\r\n\r\n") }

// challenge adds one header for each algorithm; all share a nonce.
func (m *message) challenge(a *Authenticator, source netip.Addr, req *sip.Request, realm string, stale bool) {
	var mem [48]byte
	nonce := a.nonces.Append(mem[:0], source)
	for _, alg := range algorithmsFor(req) {
		m.add("WWW-Authenticate: ")
		m.b = digest.AppendChallenge(m.b, alg, realm, nonce, stale)
		m.add("\r\n")
	}
}

// contact adds one binding as the 200 lists it, with the time it has left.
func (m *message) contact(r *Registrar, k key, b *binding, now int64) {
	m.add("Contact: <", b.contact, ">;expires=")
	left := b.left(now)
	m.int(int64((left + time.Second - 1) / time.Second))
	if b.q != 1000 {
		m.add(";q=0.")
		m.b = append(m.b, byte('0'+b.q/100), byte('0'+b.q/10%10), byte('0'+b.q%10))
	}
	if id := b.instance(); id != "" {
		m.add(";+sip.instance=\"<", id, ">\"")
	}
	if n := b.regID(); n > 0 {
		m.add(";reg-id=")
		m.int(int64(n))
	}
	m.add(b.params.Value())
	if b.gruu {
		m.add(";pub-gruu=\"", r.publicGRUU(k, b), "\"")
		if t := r.temporaryGRUU(k, b); t != "" {
			m.add(";temp-gruu=\"", t, "\"")
		}
	}
	m.add("\r\n")
}
