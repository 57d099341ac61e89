// Package dialog owns what two user agents share from an INVITE to its BYE:
// identifiers, sequence numbers, the route set and the remote target (RFC 3261
// §12), where they stand with offers and answers (RFC 3264) and who refreshes
// the session (RFC 4028). It is pure: it sends nothing and knows no clock;
// package call moves the messages.
package dialog

import (
	"fmt"
	"iter"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// A Refusal is an error with a SIP answer. Status and Phrase go on the wire;
// Cause goes to our log and never leaves the machine.
type Refusal struct {
	Status     int
	Phrase     string
	RetryAfter int // seconds; 0: no header
	MinSE      int // seconds, of a 422; 0: no header
	Cause      error
}

func (r *Refusal) Error() string {
	if r.Cause != nil {
		return fmt.Sprintf("%d %s: %v", r.Status, r.Phrase, r.Cause)
	}
	return fmt.Sprintf("%d %s", r.Status, r.Phrase)
}

func (r *Refusal) Unwrap() error { return r.Cause }

// A Party is one side of a dialog as From and To write it.
type Party struct {
	Name string
	URI  sip.Uri
}

// A Dialog is one confirmed or early dialog, seen from our side.
type Dialog struct {
	CallID    string
	LocalTag  string
	RemoteTag string
	Local     Party
	Remote    Party
	Target    sip.Uri  // remote target
	Routes    []string // name-addrs in the order we send them

	localSeq  uint32
	remoteSeq uint32
}

// New starts the caller's side of a dialog, before anybody has answered.
func New(callID, localTag string, local, remote Party, target sip.Uri) *Dialog {
	return &Dialog{CallID: callID, LocalTag: localTag, Local: local, Remote: remote, Target: target}
}

// Accept makes the called side of the dialog that req, an INVITE, asks for.
// The refusal names the header that is missing or wrong.
func Accept(req *sip.Request, localTag string) (*Dialog, *Refusal) {
	from, to := req.From(), req.To()
	var target sip.Uri
	switch contact := req.Contact(); {
	case contact == nil && !from.Params.Has("tag") && from.Address.Host != "":
		// A caller of RFC 2543, which asked for neither tag nor Contact, is
		// reached where From says; RFC 4475 §3.4.1 has us take its calls.
		target = from.Address
	case contact == nil || contact.Address.Wildcard || contact.Address.Host == "":
		return nil, &Refusal{Status: 400, Phrase: "Contact header missing or malformed"}
	default:
		target = contact.Address
	}
	d := &Dialog{
		CallID:    req.CallID().Value(),
		LocalTag:  localTag,
		RemoteTag: from.Params.GetOr("tag", ""),
		Local:     Party{to.DisplayName, to.Address},
		Remote:    Party{from.DisplayName, from.Address},
		Target:    target,
		Routes:    recordRoutes(req),
		remoteSeq: req.CSeq().SeqNo,
	}
	return d, nil
}

// Establish is the dialog that res, a 1xx with a tag or a 2xx, makes of the
// caller's side: a copy, because one INVITE may be answered by several
// (RFC 3261 §12.1.2).
func (d *Dialog) Establish(res *sip.Response) (*Dialog, *Refusal) {
	e := *d
	e.RemoteTag = res.To().Params.GetOr("tag", "")
	e.Remote = Party{res.To().DisplayName, res.To().Address}
	e.Routes = recordRoutes(res)
	for i, j := 0, len(e.Routes)-1; i < j; i, j = i+1, j-1 {
		e.Routes[i], e.Routes[j] = e.Routes[j], e.Routes[i]
	}
	if c := res.Contact(); c != nil && c.Address.Host != "" {
		e.Target = c.Address
	} else if res.StatusCode >= 200 {
		// Some carriers leave Contact out of a 2xx. The target that the
		// INVITE went to still reaches them.
		return &e, nil
	}
	return &e, nil
}

type headered interface{ Headers() []sip.Header }

// fields are the values of the headers of that name, in any case. sipgo's own
// look-up makes a lower-case copy of each name that it passes.
func fields(m headered, name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, h := range m.Headers() {
			if n := h.Name(); len(n) == len(name) && strings.EqualFold(n, name) && !yield(h.Value()) {
				return
			}
		}
	}
}

func recordRoutes(m headered) []string {
	var all []string
	for v := range fields(m, "Record-Route") {
		all = append(all, splitList(v)...)
	}
	return all
}

// Receive checks the sequence number of a request inside the dialog and takes
// the new target that a target refresh brings (RFC 3261 §12.2.2).
func (d *Dialog) Receive(req *sip.Request) *Refusal {
	seq := req.CSeq().SeqNo
	if seq < d.remoteSeq {
		return &Refusal{Status: 500, Phrase: "CSeq out of order"}
	}
	d.remoteSeq = seq
	return nil
}

// Refresh takes the remote target from a re-INVITE, an UPDATE or a 2xx to
// one. Call it only once the request has been accepted.
func (d *Dialog) Refresh(m interface{ Contact() *sip.ContactHeader }) {
	if c := m.Contact(); c != nil && c.Address.Host != "" && !c.Address.Wildcard {
		d.Target = c.Address
	}
}

// Seq is the number of our last request.
func (d *Dialog) Seq() uint32 { return d.localSeq }

// SetSeq continues after a request that somebody else built.
func (d *Dialog) SetSeq(n uint32) { d.localSeq = n }

// Request builds the next request inside the dialog. Via is the transaction's
// business; Contact, Max-Forwards and the body are the caller's.
func (d *Dialog) Request(method sip.RequestMethod) *sip.Request {
	d.localSeq++
	return d.build(method, d.localSeq)
}

// Ack builds the ACK of a 2xx to the INVITE numbered seq.
func (d *Dialog) Ack(seq uint32) *sip.Request { return d.build(sip.ACK, seq) }

func (d *Dialog) build(method sip.RequestMethod, seq uint32) *sip.Request {
	target, routes := d.Target, d.Routes
	if len(routes) > 0 && !looseRoute(routes[0]) {
		// A strict router wants its own URI in the request line and the
		// target last in Route (RFC 3261 §12.2.1.1).
		var first sip.Uri
		if sip.ParseUri(addrSpec(routes[0]), &first) == nil {
			routes = append(append([]string(nil), routes[1:]...), "<"+target.String()+">")
			target = first
		}
	}
	req := sip.NewRequest(method, target)
	for _, r := range routes {
		req.AppendHeader(sip.NewHeader("Route", r))
	}
	h := &heading{
		from:   sip.FromHeader{DisplayName: d.Local.Name, Address: d.Local.URI},
		to:     sip.ToHeader{DisplayName: d.Remote.Name, Address: d.Remote.URI},
		callID: sip.CallIDHeader(d.CallID),
		cseq:   sip.CSeqHeader{SeqNo: seq, MethodName: method},
		tags:   [2]sip.HeaderKV{{K: "tag", V: d.LocalTag}, {K: "tag", V: d.RemoteTag}},
	}
	h.from.Params = h.tags[:1:1]
	if d.RemoteTag != "" {
		h.to.Params = h.tags[1:]
	}
	req.AppendHeader(&h.from)
	req.AppendHeader(&h.to)
	req.AppendHeader(&h.callID)
	req.AppendHeader(&h.cseq)
	return req
}

// heading is what all requests of a dialog begin with, in one allocation.
type heading struct {
	from   sip.FromHeader
	to     sip.ToHeader
	callID sip.CallIDHeader
	cseq   sip.CSeqHeader
	tags   [2]sip.HeaderKV
}

// NextHop is the URI that requests of the dialog are sent to: the first
// route, else the target.
func (d *Dialog) NextHop() sip.Uri {
	if len(d.Routes) > 0 {
		var u sip.Uri
		if sip.ParseUri(addrSpec(d.Routes[0]), &u) == nil {
			return u
		}
	}
	return d.Target
}

func looseRoute(route string) bool {
	spec := strings.ToLower(addrSpec(route))
	for _, p := range strings.Split(spec, ";")[1:] {
		if p == "lr" || strings.HasPrefix(p, "lr=") {
			return true
		}
	}
	return false
}

// addrSpec is what stands between the angle brackets of a name-addr.
func addrSpec(s string) string {
	if i := strings.LastIndexByte(s, '<'); i >= 0 {
		if j := strings.IndexByte(s[i:], '>'); j > 0 {
			return s[i+1 : i+j]
		}
	}
	return strings.TrimSpace(s)
}

// splitList splits a header value at the commas that separate its elements:
// not those inside quotes or angle brackets.
func splitList(v string) []string {
	var out []string
	depth, quoted, start := 0, false, 0
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case quoted:
			if c == '\\' {
				i++
			} else if c == '"' {
				quoted = false
			}
		case c == '"':
			quoted = true
		case c == '<':
			depth++
		case c == '>':
			depth--
		case c == ',' && depth <= 0:
			if e := strings.TrimSpace(v[start:i]); e != "" {
				out = append(out, e)
			}
			start = i + 1
		}
	}
	if e := strings.TrimSpace(v[start:]); e != "" {
		out = append(out, e)
	}
	return out
}
