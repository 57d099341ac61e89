package transaction

import (
	"bytes"
	"hash/maphash"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"
	"sync"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/transport"
)

// AppendMessage writes msg as it goes on the wire. Content-Length is always
// that of the body.
func AppendMessage(dst []byte, msg sip.Message) []byte {
	switch m := msg.(type) {
	case *sip.Request:
		dst = appendRequestLine(dst, m, string(m.Method))
		for _, h := range m.Headers() {
			dst = appendHeader(dst, h)
		}
		return appendBody(dst, m.Body())
	case *sip.Response:
		dst = appendStatusLine(dst, m.StatusCode, m.Reason)
		for _, h := range m.Headers() {
			dst = appendHeader(dst, h)
		}
		return appendBody(dst, m.Body())
	}
	return dst
}

// WireSize is how many bytes msg will be, our Via of a request included: above
// transport.UDPLimit a request belongs on a stream.
func WireSize(msg sip.Message) int {
	b := getScratch()
	defer putScratch(b)
	*b = AppendMessage((*b)[:0], msg)
	n := len(*b)
	if req, ok := msg.(*sip.Request); ok && req.Via() == nil {
		n += viaSize
	}
	return n
}

// viaSize is the most that our own Via takes.
const viaSize = 110

var scratch = sync.Pool{New: func() any { b := make([]byte, 0, 4096); return &b }}

func getScratch() *[]byte { return scratch.Get().(*[]byte) }

func putScratch(b *[]byte) {
	if cap(*b) <= 64<<10 {
		scratch.Put(b)
	}
}

func appendRequestLine(dst []byte, m *sip.Request, method string) []byte {
	dst = append(dst, method...)
	dst = append(dst, ' ')
	dst = appendURI(dst, &m.Recipient)
	return append(dst, " SIP/2.0\r\n"...)
}

func appendStatusLine(dst []byte, code int, reason string) []byte {
	dst = append(dst, "SIP/2.0 "...)
	dst = strconv.AppendInt(dst, int64(code), 10)
	dst = append(dst, ' ')
	dst = appendLine(dst, reason)
	return append(dst, "\r\n"...)
}

func appendBody(dst, body []byte) []byte {
	dst = append(dst, "Content-Length: "...)
	dst = strconv.AppendInt(dst, int64(len(body)), 10)
	dst = append(dst, "\r\n\r\n"...)
	return append(dst, body...)
}

func appendHeader(dst []byte, h sip.Header) []byte {
	switch h := h.(type) {
	case *sip.ContentLengthHeader:
		return dst
	case *sip.ViaHeader:
		dst = append(dst, "Via: "...)
		dst = appendVia(dst, h)
	case *sip.FromHeader:
		dst = append(dst, "From: "...)
		dst = appendAddress(dst, h.DisplayName, &h.Address, h.Params)
	case *sip.ToHeader:
		dst = append(dst, "To: "...)
		dst = appendAddress(dst, h.DisplayName, &h.Address, h.Params)
	case *sip.ContactHeader:
		dst = append(dst, "Contact: "...)
		if h.Address.Wildcard {
			dst = append(dst, '*')
		} else {
			dst = appendAddress(dst, h.DisplayName, &h.Address, h.Params)
		}
	case *sip.CallIDHeader:
		dst = append(dst, "Call-ID: "...)
		dst = appendLine(dst, string(*h))
	case *sip.CSeqHeader:
		dst = append(dst, "CSeq: "...)
		dst = strconv.AppendUint(dst, uint64(h.SeqNo), 10)
		dst = append(dst, ' ')
		dst = append(dst, h.MethodName...)
	case *sip.MaxForwardsHeader:
		dst = append(dst, "Max-Forwards: "...)
		dst = strconv.AppendUint(dst, uint64(*h), 10)
	case *sip.RouteHeader:
		dst = append(dst, "Route: "...)
		dst = appendAddress(dst, "", &h.Address, nil)
	case *sip.RecordRouteHeader:
		dst = append(dst, "Record-Route: "...)
		dst = appendAddress(dst, "", &h.Address, nil)
	default:
		dst = append(dst, h.Name()...)
		dst = append(dst, ": "...)
		dst = appendLine(dst, h.Value())
	}
	return append(dst, "\r\n"...)
}

// appendLine writes text of unknown origin; a line break in it would begin a
// header of somebody else's choice.
func appendLine(dst []byte, s string) []byte {
	if strings.IndexByte(s, '\n') < 0 && strings.IndexByte(s, '\r') < 0 && strings.IndexByte(s, 0) < 0 {
		return append(dst, s...)
	}
	for i := 0; i < len(s); i++ {
		if s[i] == '\r' || s[i] == '\n' || s[i] == 0 {
			dst = append(dst, ' ')
		} else {
			dst = append(dst, s[i])
		}
	}
	return dst
}

func appendVia(dst []byte, v *sip.ViaHeader) []byte {
	dst = append(dst, v.ProtocolName...)
	dst = append(dst, '/')
	dst = append(dst, v.ProtocolVersion...)
	dst = append(dst, '/')
	dst = append(dst, v.Transport...)
	dst = append(dst, ' ')
	dst = appendHost(dst, v.Host)
	if v.Port > 0 {
		dst = append(dst, ':')
		dst = strconv.AppendInt(dst, int64(v.Port), 10)
	}
	return appendParams(dst, v.Params)
}

func appendHost(dst []byte, host string) []byte {
	if strings.IndexByte(host, ':') >= 0 && host[0] != '[' {
		dst = append(dst, '[')
		dst = appendLine(dst, host)
		return append(dst, ']')
	}
	return appendLine(dst, host)
}

func appendAddress(dst []byte, name string, u *sip.Uri, params sip.HeaderParams) []byte {
	if name != "" {
		dst = appendName(dst, name)
	}
	dst = append(dst, '<')
	dst = appendURI(dst, u)
	dst = append(dst, '>')
	return appendParams(dst, params)
}

// appendName quotes a display name whose escapes, if it has any, are written
// already; a bare quote gets its backslash.
func appendName(dst []byte, name string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c == '\\':
			if i+1 == len(name) {
				continue
			}
			i++
			if name[i] == '\r' || name[i] == '\n' {
				continue
			}
			dst = append(dst, c, name[i])
		case c == '"':
			dst = append(dst, '\\', c)
		case c < ' ' && c != '\t':
			dst = append(dst, ' ')
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"', ' ')
}

func appendParams(dst []byte, params sip.HeaderParams) []byte {
	for _, p := range params {
		dst = append(dst, ';')
		dst = append(dst, p.K...)
		if p.V == "" {
			continue
		}
		dst = append(dst, '=')
		if p.V[0] != '"' && strings.ContainsAny(p.V, " \t;,\"<>\r\n") {
			dst = appendQuoted(dst, p.V)
		} else {
			dst = appendLine(dst, p.V)
		}
	}
	return dst
}

func appendQuoted(dst []byte, v string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(v); i++ {
		switch c := v[i]; c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\r', '\n':
			dst = append(dst, ' ')
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

func appendURI(dst []byte, u *sip.Uri) []byte {
	if u.Scheme == "" {
		dst = append(dst, "sip"...)
	} else {
		dst = append(dst, u.Scheme...)
	}
	dst = append(dst, ':')
	if raw := u.Raw(); raw != "" {
		return appendLine(dst, raw)
	}
	if u.User != "" {
		dst = appendLine(dst, u.User)
		if u.Password != "" {
			dst = append(dst, ':')
			dst = appendLine(dst, u.Password)
		}
		dst = append(dst, '@')
	}
	if u.Scheme == "sip" || u.Scheme == "sips" || u.Scheme == "" {
		dst = appendHost(dst, u.Host)
	} else {
		dst = appendLine(dst, u.Host)
	}
	if u.Port > 0 {
		dst = append(dst, ':')
		dst = strconv.AppendInt(dst, int64(u.Port), 10)
	}
	for _, p := range u.UriParams {
		dst = appendPair(append(dst, ';'), p)
	}
	for i, p := range u.Headers {
		sep := byte('&')
		if i == 0 {
			sep = '?'
		}
		dst = appendPair(append(dst, sep), p)
	}
	return dst
}

func appendPair(dst []byte, p sip.HeaderKV) []byte {
	dst = appendLine(dst, p.K)
	if p.V != "" {
		dst = append(dst, '=')
		dst = appendLine(dst, p.V)
	}
	return dst
}

// NewTag is a tag that nobody can guess: 50 random bits, and a mark of 30 that
// proves it one of ours.
func NewTag() string {
	b := appendRandom(make([]byte, 0, tagLen), tagChance)
	return string(appendMark(b))
}

// IsTag says whether a tag is one of NewTag's in this process, without having to
// remember them: whoever names it has been told it in a dialog.
func IsTag[T string | []byte](tag T) bool {
	if len(tag) != tagLen {
		return false
	}
	again := append(make([]byte, 0, tagLen), tag[:tagChance]...)
	return string(appendMark(again)) == string(tag)
}

const (
	tagLen    = 16
	tagChance = 10
)

var tagSeed = maphash.MakeSeed()

// appendMark fills a tag up with the mark of what stands before it.
func appendMark(b []byte) []byte {
	v := maphash.Bytes(tagSeed, b)
	for len(b) < tagLen {
		b = append(b, alphabet[v&31])
		v >>= 5
	}
	return b
}

const alphabet = "0123456789abcdefghijklmnopqrstuv"

// appendRandom writes n characters of 5 random bits each.
func appendRandom(dst []byte, n int) []byte {
	for n > 0 {
		r := rand.Uint64()
		for range min(n, 12) {
			dst = append(dst, alphabet[r&31])
			r >>= 5
			n--
		}
	}
	return dst
}

// NewResponse answers req (RFC 3261 §8.2.6). An empty reason means the usual
// one, an empty toTag a random one where a tag is due. Headers are shared with
// req, so change neither afterwards.
func NewResponse(req *sip.Request, status int, reason string, toTag string) *sip.Response {
	if reason == "" {
		reason = Phrase(status)
	}
	res := sip.NewResponse(status, reason)
	routes := status > 100 && status < 300 && (req.Method == sip.INVITE || req.Method == sip.SUBSCRIBE || req.Method == sip.REFER)
	for _, h := range req.Headers() {
		switch h := h.(type) {
		case *sip.ViaHeader, *sip.FromHeader, *sip.CallIDHeader, *sip.CSeqHeader:
			res.AppendHeader(h)
		case *sip.RecordRouteHeader:
			if routes {
				res.AppendHeader(h)
			}
		case *sip.ToHeader:
			if _, tagged := h.Params.Get("tag"); tagged || status == 100 {
				res.AppendHeader(h)
				break
			}
			if toTag == "" {
				toTag = NewTag()
			}
			to := *h
			to.Params = make(sip.HeaderParams, 0, len(h.Params)+1)
			to.Params = append(append(to.Params, h.Params...), sip.HeaderKV{K: "tag", V: toTag})
			res.AppendHeader(&to)
		default:
			if status == 100 && strings.EqualFold(h.Name(), "Timestamp") {
				res.AppendHeader(h)
			}
		}
	}
	return res
}

// Reply writes a response without a transaction: REGISTER's, for example.
func Reply(f transport.Flow, res *sip.Response) error {
	b := getScratch()
	defer putScratch(b)
	*b = AppendMessage((*b)[:0], res)
	return f.Send(*b)
}

// received notes where a request really came from in its top Via and returns
// the flow that answers it (RFC 3261 §18.2, RFC 3581).
func received(f transport.Flow, req *sip.Request) transport.Flow {
	via := req.Via()
	src := f.Remote()
	host := via.Host
	ip, err := netip.ParseAddr(host)
	same := err == nil && ip.Unmap() == src.Addr().WithZone("")
	rport := -1
	for i := range via.Params {
		if via.Params[i].K == "rport" {
			rport = i
		}
	}
	if rport >= 0 {
		via.Params[rport].V = strconv.Itoa(int(src.Port()))
	}
	if !same || rport >= 0 {
		setParam(&via.Params, "received", src.Addr().WithZone("").String())
	}
	if f.Proto() == transport.UDP && same && rport < 0 {
		// No NAT and no rport: the peer listens where it says (RFC 3261
		// §18.2.2), which need not be where it sends from.
		port := uint16(via.Port)
		if port == 0 {
			port = 5060
		}
		if port != src.Port() {
			return f.To(netip.AddrPortFrom(src.Addr(), port))
		}
	}
	return f
}

func setParam(p *sip.HeaderParams, name, value string) {
	for i := range *p {
		if (*p)[i].K == name {
			(*p)[i].V = value
			return
		}
	}
	*p = append(*p, sip.HeaderKV{K: name, V: value})
}

// appendRefusal answers a request that could not be parsed, from its own lines.
// It is empty when there is no Via to answer to.
func appendRefusal(dst, data []byte, src netip.AddrPort, status int, phrase, tag string, extra []sip.Header) []byte {
	dst = appendStatusLine(dst, status, phrase)
	var seen [5]bool
	vias := 0
	_, data, _ = bytes.Cut(data, []byte("\n"))
	for len(data) > 0 && data[0] != '\r' && data[0] != '\n' {
		end := lineEnd(data)
		line := string(bytes.TrimRight(data[:end], "\r\n"))
		data = data[end:]
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		name = canonical(strings.TrimRight(name, " \t"))
		kind := 0
		switch name {
		case "Via":
			if vias++; vias > maxVias {
				continue
			}
		case "From":
			kind = 1
		case "To":
			kind = 2
		case "Call-ID":
			kind = 3
		case "CSeq":
			kind = 4
		default:
			continue
		}
		if kind > 0 && seen[kind] {
			continue
		}
		seen[kind] = true
		value = strings.TrimSpace(unfold(value))
		dst = append(dst, name...)
		dst = append(dst, ": "...)
		if name == "Via" && vias == 1 {
			dst = appendReceived(dst, value, src)
		} else {
			dst = appendLine(dst, value)
		}
		if kind == 2 && tag != "" && !strings.Contains(strings.ToLower(value), "tag") {
			dst = append(dst, ";tag="...)
			dst = append(dst, tag...)
		}
		dst = append(dst, "\r\n"...)
	}
	if vias == 0 {
		return dst[:0]
	}
	for _, h := range extra {
		dst = appendHeader(dst, h)
	}
	return appendBody(dst, nil)
}

// appendReceived adds received and rport to the first value of a Via line, as
// far as it can be read.
func appendReceived(dst []byte, value string, src netip.AddrPort) []byte {
	var v sip.ViaHeader
	n, err := parseVia(value, &v, nil)
	if err != nil {
		return appendLine(dst, value)
	}
	if _, ok := v.Params.Get("rport"); ok {
		setParam(&v.Params, "rport", strconv.Itoa(int(src.Port())))
	}
	setParam(&v.Params, "received", src.Addr().WithZone("").String())
	return appendLine(appendVia(dst, &v), value[n:])
}

// lineEnd is the length of the first line with its folded continuations.
func lineEnd(data []byte) int {
	end := 0
	for {
		n := bytes.IndexByte(data[end:], '\n')
		if n < 0 {
			return len(data)
		}
		end += n + 1
		if end >= len(data) || (data[end] != ' ' && data[end] != '\t') {
			return end
		}
	}
}

// Phrase is the usual reason phrase of a status.
func Phrase(status int) string {
	if p := phrases[status]; p != "" {
		return p
	}
	switch status / 100 {
	case 1:
		return "Session Progress"
	case 2:
		return "OK"
	case 3:
		return "Redirection"
	case 4:
		return "Request Failure"
	case 5:
		return "Server Failure"
	}
	return "Global Failure"
}

var phrases = map[int]string{
	100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 182: "Queued", 183: "Session Progress",
	200: "OK", 202: "Accepted", 204: "No Notification",
	300: "Multiple Choices", 301: "Moved Permanently", 302: "Moved Temporarily", 305: "Use Proxy", 380: "Alternative Service",
	400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found",
	405: "Method Not Allowed", 406: "Not Acceptable", 407: "Proxy Authentication Required", 408: "Request Timeout",
	410: "Gone", 413: "Request Entity Too Large", 414: "Request-URI Too Long", 415: "Unsupported Media Type",
	416: "Unsupported URI Scheme", 420: "Bad Extension", 421: "Extension Required", 422: "Session Interval Too Small",
	423: "Interval Too Brief", 428: "Use Identity Header", 429: "Provide Referrer Identity", 430: "Flow Failed",
	433: "Anonymity Disallowed", 439: "First Hop Lacks Outbound Support", 480: "Temporarily Unavailable",
	481: "Call/Transaction Does Not Exist", 482: "Loop Detected", 483: "Too Many Hops", 484: "Address Incomplete",
	485: "Ambiguous", 486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here", 489: "Bad Event",
	491: "Request Pending", 493: "Undecipherable", 494: "Security Agreement Required",
	500: "Server Internal Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
	504: "Server Time-out", 505: "Version Not Supported", 513: "Message Too Large", 580: "Precondition Failure",
	600: "Busy Everywhere", 603: "Decline", 604: "Does Not Exist Anywhere", 606: "Not Acceptable", 607: "Unwanted", 608: "Rejected",
}
