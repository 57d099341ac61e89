package transaction

import (
	"strings"

	"github.com/emiago/sipgo/sip"
)

// Checks is what a user agent server can do (RFC 3261 §8.2). The zero value
// takes nothing; see Default.
type Checks struct {
	Methods    []string // answered; others get 501
	Extensions []string // option tags that Require may name
	Registrar  []string // option tags that Require of a REGISTER may name
	Bodies     []string // media types of an offer or answer
}

// Default is what the exchange can do.
var Default = Checks{
	Methods:    []string{"INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "REGISTER", "PRACK", "UPDATE", "INFO", "SUBSCRIBE", "NOTIFY", "REFER", "MESSAGE", "PUBLISH"},
	Extensions: []string{"100rel", "timer"},
	Registrar:  []string{"path", "outbound", "gruu"},
	Bodies:     []string{"application/sdp", "multipart/mixed", "multipart/related", "multipart/alternative"},
}

// CheckRequest is Default.Check.
func CheckRequest(req *sip.Request) *Fault { return Default.Check(req) }

// Check tells why a well-formed request can't be served, in the order of
// RFC 3261 §8.2: method, addresses, extensions, content. It is nil when nothing
// stands against it. An ACK and a CANCEL are never refused for what they
// require.
func (c *Checks) Check(req *sip.Request) *Fault {
	method := string(req.Method)
	if !contains(c.Methods, method, false) {
		return &Fault{Status: 501, Phrase: "Not Implemented", Header: "method", Extra: []sip.Header{sip.NewHeader("Allow", strings.Join(c.Methods, ", "))}}
	}
	if req.Method == sip.ACK || req.Method == sip.CANCEL {
		return nil
	}
	if !knownScheme(req.Recipient.Scheme) {
		return &Fault{Status: 416, Phrase: "Unsupported URI Scheme", Header: "Request-URI"}
	}
	if to := req.To(); req.Method == sip.REGISTER && to != nil && !knownScheme(to.Address.Scheme) {
		return bad("To") // an address of record is a SIP URI (RFC 3261 §10.2)
	}
	inDialog := ToTag(req) != ""
	if mf := req.MaxForwards(); mf != nil && *mf == 0 && !inDialog && forwarded(req.Method) {
		return &Fault{Status: 483, Phrase: "Too Many Hops", Header: "Max-Forwards"}
	}
	extensions := c.Extensions
	if req.Method == sip.REGISTER {
		extensions = c.Registrar
	}
	var unknown []string
	for v := range Values(req, "Require") {
		if !contains(extensions, v, true) {
			unknown = append(unknown, v)
		}
	}
	if unknown != nil {
		return &Fault{Status: 420, Phrase: "Bad Extension", Header: "Require", Extra: []sip.Header{sip.NewHeader("Unsupported", strings.Join(unknown, ", "))}}
	}
	if !carriesOffer(req.Method) {
		return nil
	}
	if v, ok := Header(req, "Accept"); ok && !acceptsSDP(req, v) {
		return &Fault{Status: 406, Phrase: "Not Acceptable", Header: "Accept"}
	}
	if len(req.Body()) == 0 {
		return nil
	}
	for v := range Values(req, "Content-Encoding") {
		if !strings.EqualFold(v, "identity") {
			return &Fault{Status: 415, Phrase: "Unsupported Media Type", Header: "Content-Encoding", Extra: []sip.Header{sip.NewHeader("Accept-Encoding", "identity")}}
		}
	}
	var ct string
	if h := req.ContentType(); h != nil {
		ct, _, _ = strings.Cut(string(*h), ";")
	}
	if !contains(c.Bodies, strings.TrimSpace(ct), true) {
		if v, _ := Header(req, "Content-Disposition"); strings.Contains(strings.ToLower(v), "handling=optional") {
			return nil
		}
		return &Fault{Status: 415, Phrase: "Unsupported Media Type", Header: "Content-Type", Extra: []sip.Header{sip.NewHeader("Accept", "application/sdp")}}
	}
	return nil
}

// forwarded methods leave us again, so their hops count here.
func forwarded(m sip.RequestMethod) bool {
	switch m {
	case sip.INVITE, sip.MESSAGE, sip.REFER, sip.SUBSCRIBE, sip.PUBLISH:
		return true
	}
	return false
}

func carriesOffer(m sip.RequestMethod) bool {
	return m == sip.INVITE || m == sip.UPDATE || m == sip.PRACK
}

func acceptsSDP(req *sip.Request, first string) bool {
	if strings.TrimSpace(first) == "" {
		return false
	}
	for v := range Values(req, "Accept") {
		v, _, _ = strings.Cut(v, ";")
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "application/sdp", "application/*", "*/*":
			return true
		}
	}
	return false
}

func contains(list []string, s string, fold bool) bool {
	for _, v := range list {
		if v == s || (fold && strings.EqualFold(v, s)) {
			return true
		}
	}
	return false
}
