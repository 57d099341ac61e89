package media

import (
	"encoding/binary"
	"sync/atomic"
)

// RTCP packet types (RFC 3550 12.1, RFC 4585, RFC 3611).
const (
	typeSR   = 200
	typeRR   = 201
	typeSDES = 202
	typeBYE  = 203
)

// controlState is what RTCP told of a leg. The loop writes, anybody reads the
// atomics.
type controlState struct {
	received     atomic.Uint64
	roundTrip    atomic.Int64 // nanoseconds, 0 unknown
	remoteLoss   atomic.Uint32
	remoteJitter atomic.Int64 // nanoseconds

	// sentSR is the middle of the NTP time of sender reports that were passed
	// on to this endpoint, and when (monotonic). Both are written by the loop
	// of the other side.
	sentSR [4]struct {
		mid atomic.Uint32
		at  atomic.Int64
	}
	next atomic.Uint32
}

// hearControl takes one RTCP packet; which says on what port it came.
func (e *Endpoint) hearControl(l *loop, from source, b []byte, which int) {
	in := &e.in
	x := e.expect.Load()
	if x != in.expect {
		in.adopt(x)
	}
	if x == nil || !wholeControl(b) || !e.believeControl(l, from, b, which) {
		in.refused.Add(1)
		return
	}
	in.control.received.Add(1)
	in.last.Store(l.now)
	e.readControl(l.now, b)
	r := e.route.Load()
	if r == nil || r.to == e {
		return
	}
	t := r.to.control.Load()
	if t == nil {
		return
	}
	r.to.noteReport(l.now, b)
	scrub(b)
	l.send(r.to, t, b, true)
}

// believeControl: RTCP comes from the source of the RTP when they share a port;
// else from the address of the SDP, or from the host that is latched already or
// that signals. The first port that is believed stays.
func (e *Endpoint) believeControl(l *loop, from source, b []byte, which int) bool {
	in := &e.in
	x := in.expect
	if which == 0 {
		if in.heard() {
			return from == in.src
		}
		return from == x.sdp[0] || x.signalling != (source{}) && from.sameHost(x.signalling)
	}
	if from == in.ctl {
		return true
	}
	known := in.heard() && in.synced && binary.BigEndian.Uint32(b[4:]) == in.ssrc
	switch {
	case in.ctl.usable():
		// The NAT has moved the phone: same host as its RTP now, same stream.
		if !known || !from.sameHost(in.src) {
			return false
		}
	case in.heard():
		if from != x.sdp[1] && !from.sameHost(in.src) {
			return false
		}
	default:
		if from != x.sdp[1] && (x.signalling == (source{}) || !from.sameHost(x.signalling)) {
			return false
		}
	}
	r := e.relay
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.gone || e.expect.Load() != x {
		return false
	}
	in.ctl = from
	e.latched[1] = from
	e.aim()
	return true
}

// wholeControl reports whether b is one or more RTCP packets, each of its full
// length (RFC 3550 A.2, RFC 5506).
func wholeControl(b []byte) bool {
	if len(b) < 8 {
		return false
	}
	for len(b) > 0 {
		if len(b) < 4 || b[0]>>6 != 2 || b[1] < 192 || b[1] > 223 {
			return false
		}
		n := 4 + 4*int(binary.BigEndian.Uint16(b[2:]))
		if n > len(b) {
			return false
		}
		b = b[n:]
	}
	return true
}

// readControl takes the report blocks: what the remote side hears of us.
func (e *Endpoint) readControl(now int64, b []byte) {
	c := &e.in.control
	x := e.in.expect
	for len(b) >= 4 {
		n := 4 + 4*int(binary.BigEndian.Uint16(b[2:]))
		kind, count, p := b[1], int(b[0]&0x1f), b[:n]
		b = b[n:]
		at := 8
		if kind == typeSR {
			at = 28
		} else if kind != typeRR {
			continue
		}
		if count == 0 || len(p) < at+24 {
			continue
		}
		block := p[at : at+24] // one stream a leg: the first block is ours
		c.remoteLoss.Store(uint32(block[4]))
		rate := int64(8000)
		if pt := e.in.pt; x != nil && x.rates[pt&127] != 0 {
			rate = int64(x.rates[pt&127])
		}
		c.remoteJitter.Store(int64(binary.BigEndian.Uint32(block[12:])) * 1e9 / rate)
		if lsr := binary.BigEndian.Uint32(block[16:]); lsr != 0 {
			c.answered(now, lsr, binary.BigEndian.Uint32(block[20:]))
		}
	}
}

// answered derives the round trip between us and the phone: from when we passed
// the sender report on until this answer, less what the phone says it waited.
func (c *controlState) answered(now int64, lsr, delay uint32) {
	for i := range c.sentSR {
		s := &c.sentSR[i]
		if s.mid.Load() != lsr {
			continue
		}
		trip := now - s.at.Load() - int64(delay)*1e9/65536
		if trip > 0 && trip < 30e9 {
			c.roundTrip.Store(trip)
		}
		return
	}
}

// noteReport remembers a sender report that is about to be passed on to e.
func (e *Endpoint) noteReport(now int64, b []byte) {
	if len(b) < 28 || b[1] != typeSR {
		return
	}
	c := &e.in.control
	s := &c.sentSR[c.next.Add(1)%uint32(len(c.sentSR))]
	s.mid.Store(0)
	s.at.Store(now)
	s.mid.Store(binary.BigEndian.Uint32(b[10:]))
}

// scrub blanks the texts of source descriptions: a CNAME tells user and host
// (RFC 3550 6.5), and the other side is not to learn them from us. An SSRC is
// as good a name, so that is what is written, in hexadecimal.
func scrub(b []byte) {
	const hex = "0123456789abcdef"
	for len(b) >= 4 {
		n := 4 + 4*int(binary.BigEndian.Uint16(b[2:]))
		if n > len(b) {
			return
		}
		p := b[4:n]
		kind := b[1]
		b = b[n:]
		if kind != typeSDES {
			continue
		}
		for len(p) >= 4 {
			ssrc := binary.BigEndian.Uint32(p)
			at := 4
			for at < len(p) && p[at] != 0 {
				if at+2 > len(p) || at+2+int(p[at+1]) > len(p) {
					return
				}
				text := p[at+2 : at+2+int(p[at+1])]
				for i := range text {
					text[i] = hex[ssrc>>(4*uint(i&7))&15]
				}
				at += 2 + len(text)
			}
			at = at/4*4 + 4 // the null, and up to the next word
			if at > len(p) {
				return
			}
			p = p[at:]
		}
	}
}
