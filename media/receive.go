package media

import (
	"encoding/binary"
	"math"
	"time"

	pion "github.com/pion/rtp"

	"strowger/media/dtmf"
)

const (
	// rtpHeader is the length of the fixed header. Of a relayed packet no more
	// is looked at: to peek and to patch it in place takes 6 ns, pion/rtp's
	// Unmarshal and MarshalTo 30 ns and an allocation for each extension, and
	// what pion refuses is still the receiver's to judge.
	rtpHeader = 12
	never     = math.MinInt64

	// silence after which a newcomer with the stream's SSRC is believed: a NAT
	// has given the phone another port.
	silence = time.Second
	// late is how long packets of a source that signalling replaced stay deaf.
	late = 500 * time.Millisecond
	// letGo ends a key whose end packets were all lost.
	letGo = 150 * time.Millisecond
)

// inbound is what the loop knows of the stream that an endpoint hears. Only the
// loop touches it, but for the fields that are atomic. It begins with a cache
// line of what each packet needs; the meter fills the next.
type inbound struct {
	expect *expectation // that the rest was learnt under
	route  *route       // that out was begun for
	to     *Endpoint    // of route
	src    source       // latched, of RTP; zero: nobody was heard yet
	lastAt int64        // of RTP
	kind   kind         // of the last packet, mostly that of the next

	meter

	out      flow
	events   dtmf.Events
	epoch    uint32 // of expect
	eventsAt int64

	ctl     source // latched, of RTCP
	control controlState
}

// A kind is what a payload type means under an expectation and a route.
type kind struct {
	known bool
	pt    uint8
	out   uint8 // its number at the other side, or dropped
	event bool
	rate  uint32 // Hz; 0: nobody said
}

// A flow is the stream that an endpoint's packets become at the other side.
type flow struct {
	id    uint32 // the route's
	begun bool
	less  uint16 // packets kept from the other side: later sequence numbers close the gap
}

func (in *inbound) heard() bool { return in.src != (source{}) }

// serve takes one packet from a socket of q that has some.
func (l *loop) serve(q *pair, which int, buf *[maxPacket]byte) {
	// The endpoint is read before the packet is: one that was taken off the
	// socket for the call before is never given to the next.
	e := q.ep.Load()
	n, errno := recvFrom(q.fd[which].Load(), buf[:], &l.from)
	if errno != 0 {
		return // EAGAIN; EBADF when the pair is being given up
	}
	if e == nil || n > len(buf) {
		l.strays.Add(1)
		return
	}
	var from source
	from.read(&l.from)
	b := buf[:n]
	if which == wired {
		which = even // the same port
	}
	if which == odd || n >= 2 && b[1] >= 192 && b[1] <= 223 { // RFC 5761 4
		e.hearControl(l, from, b, which)
		return
	}
	e.hear(l, from, b)
}

// hear takes one packet from the RTP port.
func (e *Endpoint) hear(l *loop, from source, b []byte) {
	in := &e.in
	if len(b) < rtpHeader || b[0]>>6 != 2 {
		in.refused.Add(1)
		return
	}
	x, r := e.expect.Load(), e.route.Load()
	if x != in.expect {
		in.adopt(x)
	}
	if r != in.route {
		in.follow(r)
	}
	ssrc := binary.BigEndian.Uint32(b[8:])
	if (from != in.src || x == nil) && !e.believe(l, from, ssrc) {
		in.refused.Add(1)
		return
	}
	in.lastAt = l.now
	in.last.Store(l.now)
	if k := &in.kind; !k.known || k.pt != b[1]&0x7f {
		*k = kindOf(b[1]&0x7f, x, r)
	}
	in.measure(l.now, ssrc, b, in.kind.rate, in.kind.event)
	if t := e.tap.Load(); t != nil {
		t.Packet(l.wallNow(), b)
	}
	if in.kind.event {
		e.key(l, b, in.kind.rate)
	} else if in.events.Active() && l.now-in.eventsAt > int64(letGo) {
		if p, ok := in.events.Expire(); ok {
			e.pressed(p)
		}
	}
	if in.to != nil {
		e.carry(l, b)
	}
}

// adopt takes over what signalling said since the last packet.
func (in *inbound) adopt(x *expectation) {
	if in.expect != nil && x.epoch != in.epoch {
		in.src, in.ctl = source{}, source{}
	}
	in.expect, in.epoch, in.kind = x, x.epoch, kind{}
}

// follow takes over where packets go from here on.
func (in *inbound) follow(r *route) {
	in.route, in.to, in.kind = r, nil, kind{}
	if r == nil {
		return
	}
	in.to = r.to
	if in.out.id != r.flow {
		in.out = flow{id: r.flow}
	}
}

func kindOf(pt uint8, x *expectation, r *route) kind {
	k := kind{known: true, pt: pt, out: pt, rate: x.rates[pt], event: x.events != 0 && pt == x.events}
	if r == nil {
		return k
	}
	k.out = r.pt[pt]
	if k.rate == 0 && r.shown != nil {
		// By RFC 3264 5.1 a phone sends under the numbers that it was shown.
		k.rate = r.shown.rates[pt]
		k.event = k.event || r.shown.events != 0 && pt == r.shown.events
	}
	return k
}

// believe decides about a packet that is not from the source that the leg is
// latched to, and latches to it if it may. The rules are those of the contract:
// the address of the SDP or any port of the signalling's address for the first
// packet; after that only who carries on the SSRC after a silence.
func (e *Endpoint) believe(l *loop, from source, ssrc uint32) bool {
	in := &e.in
	x := in.expect
	if x == nil {
		return false
	}
	if in.heard() {
		if l.now-in.lastAt < int64(silence) || ssrc != in.ssrc || !in.synced {
			return false
		}
	} else if from != x.sdp[0] && (x.signalling == (source{}) || !from.sameHost(x.signalling)) {
		return false
	}
	r := e.relay
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.gone || e.expect.Load() != x {
		return false // signalling was quicker; the next packet asks again
	}
	if !in.heard() && from == e.deaf && from != x.sdp[0] && l.now < e.deafTill {
		return false
	}
	in.src = from
	if e.latched[0] != from {
		e.latched[0] = from
		e.aim()
	}
	return true
}

// key takes an RFC 4733 packet.
func (e *Endpoint) key(l *loop, b []byte, rate uint32) {
	in := &e.in
	in.eventsAt = l.now
	var packet pion.Packet
	if packet.Unmarshal(b) != nil {
		return
	}
	if p, ok := in.events.Packet(packet.Timestamp, packet.Payload, rate); ok {
		e.pressed(p)
	}
}

func (e *Endpoint) pressed(p dtmf.Press) { e.Press(p.Digit, p.MS) }

// Press reports a key as if it had come in RTP. For keys that signalling brings.
func (e *Endpoint) Press(digit byte, ms int) {
	if e.onDigit.Load() == nil {
		return
	}
	e.tell(func() {
		if f := e.onDigit.Load(); f != nil { // else nobody listens any more
			(*f)(digit, ms)
		}
	})
}

// carry forwards the packet that the loop has just received, in place.
func (e *Endpoint) carry(l *loop, b []byte) {
	in := &e.in
	to := in.to
	t := to.forward.Load()
	if t == nil {
		return
	}
	f := &in.out
	if in.kind.out == dropped {
		f.less++
		return
	}
	b[1] = b[1]&0x80 | in.kind.out
	if f.less != 0 {
		binary.BigEndian.PutUint16(b[2:], binary.BigEndian.Uint16(b[2:])-f.less)
	}
	if !f.begun {
		// What the receiver heard before was another stream: let its jitter
		// buffer start afresh here (RFC 3551 4.1).
		f.begun = true
		b[1] |= 0x80
	}
	if to == e {
		// An echo. The same SSRC back would be a loop to the phone (RFC 3550
		// 8.2), and that of our playbacks has a sequence of its own.
		binary.BigEndian.PutUint32(b[8:], ^to.out.ssrc)
	}
	if to.inject.Load() != nil {
		if b = to.substitute(l, b); b == nil {
			return
		}
	}
	l.send(to, t, b, false)
}

func (e *Endpoint) sendRTP(l *loop, t *target, b []byte) {
	if errno := t.send(e, b); errno != 0 {
		e.sendErrors.Add(1)
		return
	}
	e.went(l.now)
}
