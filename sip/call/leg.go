package call

import (
	"net/netip"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/media"
	"strowger/media/sdp"
	"strowger/routing"
	"strowger/sip/dialog"
	"strowger/sip/transaction"
	"strowger/sip/transport"
)

type legState uint8

const (
	legCalling  legState = iota // INVITE sent or received, nothing rings
	legRinging                  // a 18x went past
	legAnswered                 // 2xx
	legEnded
)

// A Leg is one SIP dialog and its media.
type Leg struct {
	call *Call
	side byte // 'a' or 'b'
	row  int  // in the call's record
	tags []string

	flow  transport.Flow
	spoke time.Time // when the peer last said where it is
	ours  ours      // our Contact, as made last
	state legState
	dlg   *dialog.Dialog
	trunk string // id, when a carrier is at the other end

	offers    dialog.Offers
	origin    sdp.Origin
	media     []*media.Endpoint // one per m= line, nil where it is rejected
	local     []byte            // the last body that we showed the peer
	remote    *sdp.Description  // the last body that the peer showed us
	theirs    []byte            // the same, as it came
	held      bool              // the peer put us on hold
	mute      bool              // the peer only listens
	listening bool              // the peer was put on hold by the other side: it need not send
	first     *sdp.Description  // what stood before a later offer of an early dialog; nil: there was none
	firstRaw  []byte
	untold    bool         // what the peer said last is not known at the other end
	lastAck   *sip.Request // to the last 2xx of ours
	timer     dialog.Timer
	refresh   *transaction.Timer
	allows    methods // of the peer
	minSE     int     // seconds, that a 422 asked for
	tooSmall  int     // 422s to the refresh under way
	expires   time.Time
	series    series // how well the peer was heard so far

	// The caller's side.
	tx        *transaction.Server
	invite    *sip.Request
	finalSent bool
	unacked   bool      // a reliable answer waits for its PRACK
	queue     []pending // answers that wait for that, or for an offer's answer
	rseq      uint32
	settled   bool               // the INVITE's offer was answered reliably, in the dialog that stands
	unheard   []unheard          // 200s of ours, oldest first
	onAck     func(*sip.Request) // the ACK of the newest brings the answer to an offer of ours

	// A called side.
	client    *transaction.Client
	asked     *sip.Request // our INVITE
	branch    *branch
	earlies   []*early
	voice     *early // the one whose media is heard
	cancelled bool
	streamed  bool // a TCP connection was looked for because the INVITE is large
	unreached bool // no final answer came: a timeout, or the transport failed
	silence   *transaction.Timer
}

// An early dialog of a called side, by its To-tag.
type early struct {
	dlg    *dialog.Dialog
	rseq   uint32
	offers dialog.Offers
	answer []byte // to our INVITE, if it came reliably
	update bool   // it allows UPDATE
}

func (c *Call) newLeg(side byte, flow transport.Flow) *Leg {
	id := newSDPID()
	l := &Leg{call: c, side: side, flow: flow, spoke: time.Now(), row: len(c.record.Legs)}
	l.origin = sdp.Origin{ID: id, Version: id, Addr: c.x.Transport.ShownIP(flow.Remote().Addr())}
	return l
}

// ports opens an endpoint for each m= line of d that carries audio or video,
// and says the port of each: 0 rejects the line.
func (l *Leg) ports(d *sdp.Description) ([]int, error) {
	ports := make([]int, len(d.Media))
	for i, m := range d.Media {
		for len(l.media) <= i {
			l.media = append(l.media, nil)
		}
		if m.Port == 0 || m.Kind != "audio" && m.Kind != "video" {
			continue
		}
		if l.media[i] == nil {
			e, err := l.call.x.Relay.Open(l.bindAddr())
			if err != nil {
				return nil, err
			}
			l.media[i] = e
			l.call.x.Metrics.sessionOpened()
		}
		ports[i] = l.media[i].Port()
	}
	return ports, nil
}

// bindAddr is where the media socket listens: everywhere in the address family
// of the peer, because a NAT or a second interface may be between.
func (l *Leg) bindAddr() netip.Addr {
	if l.origin.Addr.Is4() {
		return netip.IPv4Unspecified()
	}
	return netip.IPv6Unspecified()
}

// show makes the body in which the peer of l sees what the other leg's peer
// said, d. Its version moves only when the content does (RFC 3264 §8).
func (l *Leg) show(d *sdp.Description) ([]byte, error) {
	ports, err := l.ports(d)
	if err != nil {
		return nil, err
	}
	return l.versioned(func(o sdp.Origin) []byte {
		return d.Relay(o, ports, sdp.RelayOptions{Codecs: l.codecs()})
	}), nil
}

func (l *Leg) versioned(body func(sdp.Origin) []byte) []byte {
	b := body(l.origin)
	if l.local != nil && string(b) != string(l.local) {
		l.origin.Version++
		b = body(l.origin)
	}
	l.local = b
	return b
}

func (l *Leg) codecs() []string {
	if l.branch == nil || l.branch.target == nil {
		return nil
	}
	return l.branch.target.Codecs
}

// heard takes what the peer said of its media and points the endpoints there.
func (l *Leg) heard(d *sdp.Description, raw []byte) {
	l.remote, l.theirs = d, raw
	l.held, l.mute = false, false
	for i, m := range d.Media {
		if i >= len(l.media) || l.media[i] == nil || m.Port == 0 {
			continue
		}
		if m.Kind == "audio" && (m.Direction == sdp.SendOnly || m.Direction == sdp.Inactive) {
			l.held = true
		}
		if m.Kind == "audio" && m.Direction == sdp.RecvOnly {
			l.mute = true
		}
		l.media[i].SetRemote(remoteOf(&d.Media[i], l.flow.Remote().Addr()))
	}
}

// remoteOf is a media line as the packet path wants it.
func remoteOf(m *sdp.Media, signalling netip.Addr) media.Remote {
	r := media.Remote{
		RTP: netip.AddrPortFrom(m.Addr, uint16(m.Port)), RTCP: m.RTCP, Mux: m.RTCPMux,
		Signalling: signalling, EventPT: m.EventPT,
		Muted: m.Direction == sdp.SendOnly || m.Direction == sdp.Inactive,
	}
	r.Formats = m.Formats
	return r
}

// audio is the leg's first audio endpoint, nil before there is one.
func (l *Leg) audio() *media.Endpoint {
	if l == nil {
		return nil
	}
	if l.remote != nil {
		for i, m := range l.remote.Media {
			if m.Kind == "audio" && i < len(l.media) && l.media[i] != nil {
				return l.media[i]
			}
		}
	}
	for _, e := range l.media {
		if e != nil {
			return e
		}
	}
	return nil
}

// bridge joins the media of two legs, line by line.
func bridge(a, b *Leg) {
	for i := range min(len(a.media), len(b.media)) {
		if a.media[i] != nil && b.media[i] != nil {
			media.Bridge(a.media[i], b.media[i])
		}
	}
}

// request builds a request inside the dialog with the headers that all have.
func (l *Leg) request(method sip.RequestMethod) *sip.Request {
	req := l.dlg.Request(method)
	l.common(req)
	return req
}

func (l *Leg) common(req *sip.Request) {
	req.AppendHeader(&hopsOfARequest)
	if req.Method != sip.BYE && req.Method != sip.ACK && req.Method != sip.PRACK {
		l.introduce(req)
	}
	req.AppendHeader(l.call.x.signature().userAgent)
}

// bye ends an answered leg. The answer to it interests nobody: a peer that
// does not give one is gone.
func (l *Leg) bye(why reason) {
	if l.state == legEnded || l.dlg == nil || l.client != nil && l.state != legAnswered {
		return // over, or still to be cancelled
	}
	l.ended(0)
	req := l.request(sip.BYE)
	if s := why.String(); s != "" {
		req.AppendHeader(sip.NewHeader("Reason", s))
	}
	l.ask(l.hop(), l.dlg, req, nil)
}

// ended marks the leg in the call's record.
func (l *Leg) ended(status int) {
	if l.state == legEnded {
		return
	}
	l.state = legEnded
	l.call.legEnded(l, status)
}

// release lets go of the leg's timers and of its transactions, which outlive
// the call by 32 s and must not hold it.
func (l *Leg) release() {
	l.refresh.Stop()
	l.silence.Stop()
	if l.client != nil {
		l.client.Stop()
		l.client = nil
	}
	if l.tx != nil {
		l.tx.OnCancel(nil)
		l.tx.OnEnd(nil)
		l.tx = nil
	}
	for _, u := range l.unheard {
		u.tx.OnEnd(nil)
	}
	l.invite, l.asked, l.lastAck, l.unheard = nil, nil, nil, nil
}

// closeMedia takes what the leg's media measured into the record and gives the
// ports back.
func (l *Leg) closeMedia() {
	l.call.measure(l)
	for i, e := range l.media {
		if e != nil {
			e.Close()
			l.call.x.Metrics.sessionClosed()
			l.media[i] = nil
		}
	}
}

func trimBrackets(host string) string {
	if len(host) > 1 && host[0] == '[' {
		return host[1 : len(host)-1]
	}
	return host
}

// branch is one attempt of a called side: where it goes and for which target.
type branch struct {
	ring      *ringing
	target    *routing.Target
	shown     routing.Identity
	divs      []routing.Diversion
	route     *routeTry // a carrier's, nil for phones
	dest      dest
	others    []dest // further flows to the same phone
	tries     int    // answers to challenges and 422
	redirects int
}

// dest is where one INVITE goes.
type dest struct {
	flow   transport.Flow
	uri    sip.Uri
	routes []string // Path of the binding
}
