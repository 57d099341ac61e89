// Package transaction owns SIP transactions (RFC 3261 §17, RFC 6026), the
// parsing and writing of messages, and the shards that calls run on. It leaves
// flows to package transport, and dialogs and decisions to those above.
//
// The message model, its headers and URIs are sipgo's. The lines are read here:
// sipgo's own header parsers misread white space, quotes and the case of
// parameter names, and cannot be replaced one by one where a header holds a
// list, because the error that says "there is more" is not exported. A fuzz
// test holds this parser to sipgo's on everything that sipgo reads right.
package transaction

import (
	"bytes"
	"strings"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/transport"
)

// A Fault is why a message is refused. Status and Phrase go on the wire; a
// Status of 0 means silence.
type Fault struct {
	Status int
	Phrase string
	Header string       // the field at fault, for our log
	Extra  []sip.Header // what the answer must carry: Unsupported, Accept, …
}

func (f *Fault) Error() string {
	if f.Header == "" {
		return f.Phrase
	}
	return f.Phrase + ": " + f.Header
}

func bad(header string) *Fault {
	return &Fault{Status: 400, Phrase: "Bad Request", Header: header}
}

const (
	maxForwards = 255
	maxHeaders  = 256
	maxVias     = 70
)

// Parse reads one message that came in a datagram or, if reliable, on a stream.
// The strings of the message share one copy of its header: clone what is kept.
func Parse(data []byte, reliable bool) (sip.Message, *Fault) {
	var h transport.Head
	if !transport.Look(data, &h) {
		return nil, &Fault{Phrase: "not SIP"}
	}
	return parse(data, &h, reliable)
}

// parse is Parse after the first look.
func parse(data []byte, h *transport.Head, reliable bool) (sip.Message, *Fault) {
	if h.Method == nil {
		res, f := parseResponse(data, h)
		if f != nil {
			f.Status = 0 // a broken response is not answered
			return nil, f
		}
		return res, nil
	}
	req, f := parseRequest(data, h, reliable)
	if f != nil {
		return nil, f
	}
	return req, nil
}

func parseRequest(data []byte, h *transport.Head, reliable bool) (*sip.Request, *Fault) {
	if h.Bad != "" || h.Body == 0 {
		return nil, framing(h)
	}
	text := string(data[:h.Body])
	eol := strings.IndexByte(text, '\n')
	line := text[:eol-1]
	version := line[strings.LastIndexByte(line, ' ')+1:]
	if !strings.EqualFold(version, "SIP/2.0") {
		return nil, &Fault{Status: 505, Phrase: "Version Not Supported", Header: version}
	}
	method := text[:len(h.Method)]
	if !allToken(method) {
		return nil, bad("method")
	}
	target := text[len(method)+1 : len(method)+1+len(h.URI)]
	if colon := strings.IndexByte(target, ':'); colon > 0 && isScheme(target[:colon]) && !knownScheme(target[:colon]) {
		return nil, &Fault{Status: 416, Phrase: "Unsupported URI Scheme", Header: "Request-URI"}
	}
	req := sip.NewRequest(internMethod(method), sip.Uri{})
	if err := ParseURI(target, &req.Recipient); err != nil || len(req.Recipient.Headers) > 0 {
		return nil, bad("Request-URI")
	}
	p := parser{add: req.AppendHeader}
	if f := p.headers(text[eol+1:]); f != nil {
		return nil, f
	}
	if f := p.check(method); f != nil {
		return nil, f
	}
	if p.contacts > 1 {
		req.ReplaceHeader(p.contact) // sipgo's Contact() is the last: make it the first
	}
	body := data[h.Body:]
	switch {
	case h.ContentLength > len(body):
		return nil, bad("Content-Length")
	case h.ContentLength >= 0:
		body = body[:h.ContentLength]
	case reliable:
		return nil, bad("Content-Length")
	}
	if len(body) > 0 {
		req.SetBody(bytes.Clone(body))
	}
	return req, nil
}

func parseResponse(data []byte, h *transport.Head) (*sip.Response, *Fault) {
	if h.Bad != "" || h.Body == 0 {
		return nil, framing(h)
	}
	text := string(data[:h.Body])
	eol := strings.IndexByte(text, '\n')
	line := text[:eol-1]
	version, rest, _ := strings.Cut(line, " ")
	if !strings.EqualFold(version, "SIP/2.0") {
		return nil, bad("version")
	}
	res := sip.NewResponse(h.Status, strings.TrimPrefix(rest[3:], " "))
	p := parser{add: res.AppendHeader}
	if f := p.headers(text[eol+1:]); f != nil {
		return nil, f
	}
	if f := p.check(""); f != nil {
		return nil, f
	}
	if p.contacts > 1 {
		res.ReplaceHeader(p.contact)
	}
	body := data[h.Body:]
	if h.ContentLength > len(body) {
		return nil, bad("Content-Length")
	}
	if h.ContentLength >= 0 {
		body = body[:h.ContentLength]
	}
	if len(body) > 0 {
		res.SetBody(bytes.Clone(body))
	}
	return res, nil
}

func framing(h *transport.Head) *Fault {
	if h.Bad == "" {
		return bad("header never ends")
	}
	return bad(h.Bad)
}

func knownScheme(s string) bool {
	return s == "sip" || strings.EqualFold(s, "sip") || strings.EqualFold(s, "sips") || strings.EqualFold(s, "tel")
}

// parser collects the headers of one message. The structures of the common
// ones live together in one allocation.
type parser struct {
	add      func(sip.Header)
	b        *block
	contact  *sip.ContactHeader // the first
	contacts int
	vias     int
	total    int
	from     bool
	to       bool
	callID   bool
	cseq     bool
	length   bool
	maxFwd   bool
	ctype    bool
}

type block struct {
	via      sip.ViaHeader
	from     sip.FromHeader
	to       sip.ToHeader
	contact  sip.ContactHeader
	cseq     sip.CSeqHeader
	callID   sip.CallIDHeader
	ctype    sip.ContentTypeHeader
	forwards sip.MaxForwardsHeader
	length   sip.ContentLengthHeader
	room     struct { // for as many parameters as most have; a Via gets one of ours
		via      [3]sip.HeaderKV
		from, to [1]sip.HeaderKV
	}
}

// headers reads every line up to the empty one.
func (p *parser) headers(text string) *Fault {
	p.b = new(block)
	for {
		eol := strings.IndexByte(text, '\n')
		if eol <= 1 {
			return nil // the first look has found the empty line
		}
		stop := eol
		folded := false
		for stop+1 < len(text) && (text[stop+1] == ' ' || text[stop+1] == '\t') {
			n := strings.IndexByte(text[stop+1:], '\n')
			if n < 0 {
				return bad("folding")
			}
			stop += 1 + n
			folded = true
		}
		line := text[:stop-1]
		text = text[stop+1:]
		colon := strings.IndexByte(line, ':')
		if colon <= 0 {
			return bad("header line without a name")
		}
		name := strings.TrimRight(line[:colon], " \t")
		value := strings.Trim(line[colon+1:], " \t\r\n")
		if folded {
			value = unfold(value)
		} else if strings.IndexByte(value, '\r') >= 0 {
			return bad(name)
		}
		if p.total++; p.total > maxHeaders {
			return bad("too many headers")
		}
		if f := p.header(name, value); f != nil {
			return f
		}
	}
}

// unfold turns each line break with its white space into one blank (RFC 3261
// §7.3.1).
func unfold(v string) string {
	b := make([]byte, 0, len(v))
	for i := 0; i < len(v); i++ {
		if v[i] != '\r' && v[i] != '\n' {
			b = append(b, v[i])
			continue
		}
		for len(b) > 0 && isLWS(b[len(b)-1]) {
			b = b[:len(b)-1]
		}
		for i+1 < len(v) && isLWS(v[i+1]) {
			i++
		}
		b = append(b, ' ')
	}
	return string(b)
}

// header reads one line. Compact forms become the long ones (RFC 3261 §7.3.3).
func (p *parser) header(name, value string) *Fault {
	switch canonical(name) {
	case "Via":
		return p.via(value)
	case "From":
		if p.from {
			return bad("From twice")
		}
		p.from = true
		h := &p.b.from
		if !single(value, &h.DisplayName, &h.Address, &h.Params, p.b.room.from[:]) {
			return bad("From")
		}
		p.add(h)
	case "To":
		if p.to {
			return bad("To twice")
		}
		p.to = true
		h := &p.b.to
		if !single(value, &h.DisplayName, &h.Address, &h.Params, p.b.room.to[:]) {
			return bad("To")
		}
		p.add(h)
	case "Call-ID":
		if p.callID || value == "" || strings.ContainsAny(value, " \t") {
			return bad("Call-ID")
		}
		p.callID = true
		p.b.callID = sip.CallIDHeader(value)
		p.add(&p.b.callID)
	case "CSeq":
		if p.cseq {
			return bad("CSeq twice")
		}
		p.cseq = true
		i := strings.IndexAny(value, " \t")
		if i < 0 {
			return bad("CSeq")
		}
		n, ok := decimal(value[:i], 1<<31-1)
		m := strings.TrimLeft(value[i:], " \t")
		if !ok || !allToken(m) {
			return bad("CSeq")
		}
		p.b.cseq = sip.CSeqHeader{SeqNo: uint32(n), MethodName: internMethod(m)}
		p.add(&p.b.cseq)
	case "Max-Forwards":
		n, ok := decimal(value, maxForwards)
		if p.maxFwd || !ok {
			return bad("Max-Forwards")
		}
		p.maxFwd = true
		p.b.forwards = sip.MaxForwardsHeader(n)
		p.add(&p.b.forwards)
	case "Content-Length":
		n, ok := decimal(value, 1<<30)
		if p.length || !ok {
			return bad("Content-Length")
		}
		p.length = true
		p.b.length = sip.ContentLengthHeader(n)
		p.add(&p.b.length)
	case "Content-Type":
		if p.ctype || value == "" {
			return bad("Content-Type")
		}
		p.ctype = true
		p.b.ctype = sip.ContentTypeHeader(value)
		p.add(&p.b.ctype)
	case "Contact":
		return p.contactList(value)
	case "Route":
		return list("Route", value, func(s string) (int, error) {
			h := new(sip.RouteHeader)
			n, err := parseAddress(s, new(string), &h.Address, nil, nil)
			p.add(h)
			return n, err
		})
	case "Record-Route":
		return list("Record-Route", value, func(s string) (int, error) {
			h := new(sip.RecordRouteHeader)
			n, err := parseAddress(s, new(string), &h.Address, nil, nil)
			p.add(h)
			return n, err
		})
	default:
		if !allToken(name) {
			return bad("header name")
		}
		p.add(sip.NewHeader(longName(name), value))
	}
	return nil
}

func single(value string, name *string, uri *sip.Uri, params *sip.HeaderParams, room []sip.HeaderKV) bool {
	n, err := parseAddress(value, name, uri, params, room)
	return err == nil && n == len(value) && !uri.Wildcard
}

func list(name, value string, one func(string) (int, error)) *Fault {
	for {
		n, err := one(value)
		if err != nil {
			return bad(name)
		}
		if n == len(value) {
			return nil
		}
		value = value[n+1:]
	}
}

func (p *parser) via(value string) *Fault {
	return list("Via", value, func(s string) (int, error) {
		h, room := &p.b.via, p.b.room.via[:]
		if p.vias > 0 {
			h, room = new(sip.ViaHeader), nil
		}
		if p.vias++; p.vias > maxVias {
			return 0, errParam
		}
		n, err := parseVia(s, h, room)
		p.add(h)
		return n, err
	})
}

func (p *parser) contactList(value string) *Fault {
	return list("Contact", value, func(s string) (int, error) {
		h := &p.b.contact
		if p.contacts > 0 {
			h = new(sip.ContactHeader)
		} else {
			p.contact = h
		}
		p.contacts++
		n, err := parseAddress(s, &h.DisplayName, &h.Address, &h.Params, nil)
		p.add(h)
		return n, err
	})
}

// check asks for what every message must have. Max-Forwards and the From-tag
// may be missing: RFC 2543 knew neither.
func (p *parser) check(method string) *Fault {
	switch {
	case p.vias == 0:
		return bad("no Via")
	case !p.from:
		return bad("no From")
	case !p.to:
		return bad("no To")
	case !p.callID:
		return bad("no Call-ID")
	case !p.cseq:
		return bad("no CSeq")
	case method != "" && string(p.b.cseq.MethodName) != method:
		return bad("CSeq method")
	}
	return nil
}
