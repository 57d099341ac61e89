package transport

import "bytes"

// Head is the first look at a message: what routing, deduplication and framing
// need, found in one scan without allocation. Its slices point into the
// datagram and die with it.
type Head struct {
	Method []byte // nil in a response
	URI    []byte // Request-URI, as written
	Status int    // of a response

	CallID     []byte
	CSeq       uint32
	CSeqMethod []byte
	FromTag    []byte
	ToTag      []byte

	// Of the topmost Via value.
	Branch []byte
	SentBy []byte // host[:port]
	RPort  bool   // the peer asks for RFC 3581

	ContentLength int // -1 when absent
	Body          int // where the body begins; 0 when the header never ends

	// Bad is why the message can't be framed or believed, empty when nothing
	// is wrong so far. Package transaction makes the answer.
	Bad string
}

// IsRequest is the opposite of being a response.
func (h *Head) IsRequest() bool { return h.Method != nil }

// Is compares the method, case and all: methods are case-sensitive
// (RFC 3261 §7.1).
func (h *Head) Is(method string) bool { return string(h.Method) == method }

const maxCSeq = 1<<31 - 1 // RFC 3261 §8.1.1.5

// Reasons of Head.Bad.
const (
	badStartLine = "start line"
	badLineEnd   = "line end"
	badHeader    = "header line without a name"
	badLength    = "Content-Length"
	badCSeq      = "CSeq"
	badStatus    = "status"
	badTooLarge  = "message size"
	badNoLength  = "no Content-Length on a stream"
)

// Look fills h from data. It is false when data is no SIP message at all, which
// deserves no answer. What is merely broken is true with h.Bad set.
func Look(data []byte, h *Head) bool {
	*h = Head{ContentLength: -1}
	end := bytes.IndexByte(data, '\n')
	if end < 0 {
		return false
	}
	if !h.startLine(trimCR(data[:end])) {
		return false
	}
	if end == 0 || data[end-1] != '\r' {
		h.Bad = badLineEnd
	}
	var via bool
	at := end + 1
	for at < len(data) {
		n := bytes.IndexByte(data[at:], '\n')
		if n < 0 {
			return true // the header never ends: Body stays 0
		}
		stop := at + n
		if stop == at || data[stop-1] != '\r' {
			h.bad(badLineEnd)
			if stop == at { // a bare LF as the empty line
				h.Body = stop + 1
				return true
			}
		}
		if stop == at+1 && data[at] == '\r' {
			h.Body = stop + 1
			return true
		}
		for stop+1 < len(data) && (data[stop+1] == ' ' || data[stop+1] == '\t') {
			n = bytes.IndexByte(data[stop+1:], '\n') // folded, RFC 3261 §7.3.1
			if n < 0 {
				return true
			}
			if n == 0 || data[stop+n] != '\r' {
				h.bad(badLineEnd)
			}
			stop += 1 + n
		}
		line := data[at:stop]
		at = stop + 1

		colon := bytes.IndexByte(line, ':')
		if colon <= 0 {
			h.bad(badHeader)
			continue
		}
		name := line[:colon]
		for len(name) > 0 && isSpace(name[len(name)-1]) {
			name = name[:len(name)-1]
		}
		value := line[colon+1:]
		switch len(name) {
		case 1:
			switch name[0] | 0x20 {
			case 'v':
				if !via {
					via = true
					h.via(value)
				}
			case 'f':
				h.FromTag = findTag(value)
			case 't':
				h.ToTag = findTag(value)
			case 'i':
				h.CallID = trim(value)
			case 'l':
				h.length(value)
			}
		case 2:
			if isName(name, "to") {
				h.ToTag = findTag(value)
			}
		case 3:
			if !via && isName(name, "via") {
				via = true
				h.via(value)
			}
		case 4:
			if isName(name, "from") {
				h.FromTag = findTag(value)
			} else if isName(name, "cseq") {
				h.cseq(value)
			}
		case 7:
			if isName(name, "call-id") {
				h.CallID = trim(value)
			}
		case 14:
			if isName(name, "content-length") {
				h.length(value)
			}
		}
	}
	return true
}

func (h *Head) bad(why string) {
	if h.Bad == "" {
		h.Bad = why
	}
}

// startLine is false when the line does not speak of SIP.
func (h *Head) startLine(line []byte) bool {
	if len(line) >= 4 && isName(line[:4], "sip/") {
		h.Status = -1
		sp := bytes.IndexByte(line, ' ')
		if sp < 0 || len(line) < sp+4 || (len(line) > sp+4 && line[sp+4] != ' ') {
			h.Bad = badStatus
			return true
		}
		code := 0
		for _, c := range line[sp+1 : sp+4] {
			if c < '0' || c > '9' {
				h.Bad = badStatus
				return true
			}
			code = code*10 + int(c-'0')
		}
		if code < 100 || code > 699 {
			h.Bad = badStatus
			return true
		}
		h.Status = code
		return true
	}
	first := bytes.IndexByte(line, ' ')
	last := bytes.LastIndexByte(line, ' ')
	if first <= 0 {
		return false
	}
	tail := line[last+1:]
	if len(tail) < 4 || !isName(tail[:4], "sip/") {
		// "SIP/2.0  " with blanks behind it is still meant for us.
		t := trim(line)
		sp := bytes.LastIndexByte(t, ' ')
		if sp < 0 || len(t)-sp-1 < 4 || !isName(t[sp+1:sp+5], "sip/") {
			return false
		}
		h.Method, h.Bad = line[:first], badStartLine
		return true
	}
	h.Method = line[:first]
	if last <= first+1 {
		h.Bad = badStartLine
		return true
	}
	h.URI = line[first+1 : last]
	if bytes.IndexByte(h.URI, ' ') >= 0 || bytes.IndexByte(h.URI, '\t') >= 0 {
		h.Bad = badStartLine
	}
	return true
}

func (h *Head) length(v []byte) {
	v = trim(v)
	n, ok := number(v, 1<<30)
	if !ok || (h.ContentLength >= 0 && h.ContentLength != n) {
		h.bad(badLength)
		return
	}
	h.ContentLength = n
}

func (h *Head) cseq(v []byte) {
	v = trim(v)
	i := 0
	for i < len(v) && '0' <= v[i] && v[i] <= '9' {
		i++
	}
	n, ok := number(v[:i], maxCSeq)
	if !ok || i == len(v) || !isSpace(v[i]) {
		h.bad(badCSeq)
		return
	}
	h.CSeq, h.CSeqMethod = uint32(n), trim(v[i:])
}

// via reads sent-by and branch of the first value: SIP / 2.0 / UDP host:port
// ;params, with LWS wherever RFC 3261 §25.1 lets it be.
func (h *Head) via(v []byte) {
	i := 0
	for slashes := 0; slashes < 2 && i < len(v); i++ {
		if v[i] == '/' {
			slashes++
		}
	}
	for i < len(v) && isSpace(v[i]) {
		i++
	}
	for i < len(v) && !isSpace(v[i]) { // the transport
		i++
	}
	for i < len(v) && isSpace(v[i]) {
		i++
	}
	start := i
	for i < len(v) && v[i] != ';' && v[i] != ',' {
		i++
	}
	h.SentBy = trim(v[start:i])
	for i < len(v) && v[i] == ';' {
		var name, value []byte
		name, value, i = param(v, i+1)
		switch len(name) {
		case 5:
			if isName(name, "rport") {
				h.RPort = true
			}
		case 6:
			if isName(name, "branch") {
				h.Branch = value
			}
		}
	}
}

// findTag reads the tag parameter of a From or To value.
func findTag(v []byte) []byte {
	i := 0
	for i < len(v) {
		switch v[i] {
		case '"':
			i = quoteEnd(v, i)
			continue
		case '<':
			n := bytes.IndexByte(v[i:], '>')
			if n < 0 {
				return nil
			}
			i += n + 1
			continue
		case ';':
			var name, value []byte
			name, value, i = param(v, i+1)
			if len(name) == 3 && isName(name, "tag") {
				return value
			}
			continue
		}
		i++
	}
	return nil
}

// param reads name[=value] at i and returns where it stopped: at the next ';'
// or ',', or at the end.
func param(v []byte, i int) (name, value []byte, next int) {
	start := i
	for i < len(v) && v[i] != ';' && v[i] != ',' && v[i] != '=' {
		i++
	}
	name = trim(v[start:i])
	if i < len(v) && v[i] == '=' {
		i++
		start = i
		for i < len(v) && v[i] != ';' && v[i] != ',' {
			if v[i] == '"' {
				i = quoteEnd(v, i)
				continue
			}
			i++
		}
		value = trim(v[start:i])
	}
	return name, value, i
}

// quoteEnd is the index after the quoted string that begins at i.
func quoteEnd(v []byte, i int) int {
	for i++; i < len(v); i++ {
		switch v[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(v)
}

func number(v []byte, most int) (int, bool) {
	if len(v) == 0 {
		return 0, false
	}
	n := 0
	for _, c := range v {
		if c < '0' || c > '9' {
			return 0, false
		}
		if n = n*10 + int(c-'0'); n > most {
			return 0, false
		}
	}
	return n, true
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func trim(v []byte) []byte {
	for len(v) > 0 && isSpace(v[0]) {
		v = v[1:]
	}
	for len(v) > 0 && isSpace(v[len(v)-1]) {
		v = v[:len(v)-1]
	}
	return v
}

func trimCR(v []byte) []byte {
	if n := len(v); n > 0 && v[n-1] == '\r' {
		return v[:n-1]
	}
	return v
}

// isName compares b to a lower-case name of the same length.
func isName(b []byte, name string) bool {
	for i := range b {
		if lower(b[i]) != name[i] {
			return false
		}
	}
	return true
}
