package call

import (
	"net/netip"
	"strings"
	"sync"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/dialog"
	"strowger/sip/transport"
)

// Headers that are the same in every message; nobody changes them.
var (
	allowed         = sip.NewHeader("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, INFO")
	supported       = sip.NewHeader("Supported", "timer, 100rel, histinfo")
	supportedNoRel  = sip.NewHeader("Supported", "timer, histinfo")
	acceptsSDP      = sip.NewHeader("Accept", sdpType)
	sdpType         = "application/sdp"
	contentTypeSDP  = sip.ContentTypeHeader(sdpType)
	hopsOfARequest  = sip.MaxForwardsHeader(70)
	noContentLength = sip.ContentLengthHeader(0)
)

// signature is the product's name in the messages that we send.
type signature struct {
	once              sync.Once
	userAgent, server sip.Header
}

func (x *Exchange) signature() *signature {
	x.signed.once.Do(func() {
		x.signed.userAgent = sip.NewHeader("User-Agent", x.Product)
		x.signed.server = sip.NewHeader("Server", x.Product)
	})
	return &x.signed
}

type outgoing interface {
	AppendHeader(sip.Header)
	SetBody([]byte)
}

// introduce says where we are and what we can do.
func (l *Leg) introduce(m outgoing) {
	m.AppendHeader(l.contact())
	m.AppendHeader(allowed)
	m.AppendHeader(supported)
}

// contact is our Contact on this leg. It is made once for each address that
// the peer sees us at.
func (l *Leg) contact() sip.Header {
	shown, proto := l.call.x.Transport.Shown(l.flow), l.flow.Proto()
	if l.ours.header == nil || l.ours.shown != shown || l.ours.proto != proto {
		uri := "<sip:" + shown.String()
		if proto != transport.UDP {
			uri += ";transport=" + proto.String()
		}
		l.ours = ours{shown, proto, sip.NewHeader("Contact", uri+">")}
	}
	return l.ours.header
}

type ours struct {
	shown  netip.AddrPort
	proto  transport.Proto
	header sip.Header
}

// setBody adds a body of SDP, or none, and its headers. The length comes first:
// without it SetBody looks for one under every name.
func setBody(m outgoing, body []byte) {
	if len(body) == 0 {
		m.AppendHeader(&noContentLength)
		return
	}
	m.AppendHeader(&contentTypeSDP)
	length := sip.ContentLengthHeader(len(body))
	m.AppendHeader(&length)
	m.SetBody(body)
}

// methods is a set of what a peer allows and supports.
type methods struct{ update, timer, rel100 bool }

func methodsOf(m interface{ Headers() []sip.Header }) (of methods) {
	for _, h := range m.Headers() {
		name := h.Name()
		switch len(name) {
		case len("Allow"):
			if strings.EqualFold(name, "Allow") {
				of.update = of.update || dialog.ListHas(h.Value(), "UPDATE")
			}
		case len("k"), len("Supported"):
			if strings.EqualFold(name, "Supported") || strings.EqualFold(name, "k") {
				of.timer = of.timer || dialog.ListHas(h.Value(), "timer")
				of.rel100 = of.rel100 || dialog.ListHas(h.Value(), "100rel")
			}
		case len("Require"):
			if strings.EqualFold(name, "Require") {
				of.rel100 = of.rel100 || dialog.ListHas(h.Value(), "100rel")
			}
		}
	}
	return of
}
