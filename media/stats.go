package media

import (
	"encoding/binary"
	"math"
	"strings"
	"sync/atomic"
	"time"
)

// A meter measures one stream as it arrives (RFC 3550 6.4.1, A.3, A.8). The
// loop writes, anybody reads.
type meter struct {
	ssrc    uint32
	ts      uint32
	clock   uint32
	highest uint16 // sequence number
	strange uint16 // the number that would confirm a jump
	synced  bool
	jumped  bool
	timed   bool
	pt      uint8
	seen    uint64 // bit i: highest-i came
	transit int64  // of the last packet, in clock units
	jitter4 int64  // jitter << 4, in clock units

	received atomic.Uint64
	last     atomic.Int64 // RTP or RTCP, monotonic; never
	jitter   atomic.Int64 // nanoseconds
	missing  atomic.Int64
	refused  atomic.Uint64
	stream   atomic.Uint64 // SSRC<<32 | 1<<8 | payload type; 0 none yet
}

const (
	window  = 64   // packets that may come late and still count
	maxJump = 3000 // RFC 3550 A.1 MAX_DROPOUT
	// A stream begins as if all before its first packet had come, so that a
	// late one from before is not taken for one that was missed.
	fresh = ^uint64(0)
)

// measure counts one packet.
func (m *meter) measure(now int64, ssrc uint32, b []byte, rate uint32, event bool) {
	m.received.Store(m.received.Load() + 1)
	seq := binary.BigEndian.Uint16(b[2:])
	pt := b[1] & 0x7f
	if !m.synced || ssrc != m.ssrc {
		m.synced, m.ssrc, m.timed, m.jumped = true, ssrc, false, false
		m.highest, m.seen, m.pt = seq, fresh, pt
		m.publish(ssrc, pt)
	} else {
		m.sequence(seq)
		if pt != m.pt && !event {
			m.pt, m.timed = pt, false
			m.publish(ssrc, pt)
		}
	}
	if event {
		return // all packets of an event carry the time of its start
	}
	if rate == 0 {
		rate = 8000
	}
	ts := binary.BigEndian.Uint32(b[4:])
	if m.timed && ts == m.ts {
		return // another packet of the same frame
	}
	arrival := now / int64(time.Millisecond) * int64(rate) / 1000
	arrival += now % int64(time.Millisecond) * int64(rate) / int64(time.Second)
	transit := int64(int32(uint32(arrival) - ts))
	if m.timed && rate == m.clock {
		d := int64(int32(transit - m.transit))
		if d < 0 {
			d = -d
		}
		if d < int64(rate) { // a second and more is a new time line, not jitter
			m.jitter4 += d - (m.jitter4+8)>>4
			m.jitter.Store(m.jitter4 * int64(time.Second) / int64(rate) >> 4)
		}
	}
	m.timed, m.transit, m.ts, m.clock = true, transit, ts, rate
}

func (m *meter) publish(ssrc uint32, pt uint8) {
	m.stream.Store(uint64(ssrc)<<32 | 1<<8 | uint64(pt))
}

// sequence counts what is missing: a gap adds, a late packet takes away, a
// repeated one does neither. A jump too far for either is a sender that starts
// again, once a second packet confirms it.
func (m *meter) sequence(seq uint16) {
	d := int16(seq - m.highest)
	switch {
	case d > 0 && d < maxJump:
		m.jumped = false
		if d > 1 {
			m.missing.Store(m.missing.Load() + int64(d-1))
		}
		if d >= window {
			m.seen = 0
		} else {
			m.seen <<= uint(d)
		}
		m.seen |= 1
		m.highest = seq
	case d <= 0 && d > -window:
		if bit := uint64(1) << uint(-d); m.seen&bit == 0 {
			m.seen |= bit
			if n := m.missing.Load(); n > 0 {
				m.missing.Store(n - 1)
			}
		}
	case m.jumped && seq == m.strange:
		m.jumped, m.timed = false, false
		m.highest, m.seen = seq, fresh
	default:
		m.jumped, m.strange = true, seq+1
	}
}

func (e *Endpoint) count(c *Counters) {
	c.Received += e.in.received.Load()
	c.Lost += uint64(max(0, e.in.missing.Load()))
	c.Refused += e.in.refused.Load()
	c.RTCPReceived += e.in.control.received.Load()
	c.Sent += e.sent.Load()
	c.RTCPSent += e.rtcpSent.Load()
	c.SendErrors += e.sendErrors.Load()
}

// Stats is what was measured so far; it may be asked after Close too.
func (e *Endpoint) Stats() Stats {
	in := &e.in
	s := Stats{
		Received:    in.received.Load(),
		Lost:        uint64(max(0, in.missing.Load())),
		JitterMS:    float64(in.jitter.Load()) / 1e6,
		RoundTripMS: float64(in.control.roundTrip.Load()) / 1e6,
		LastPacket:  e.LastPacket(),
		Sent:        e.sent.Load(),

		RemoteLossShare: float64(in.control.remoteLoss.Load()) / 256,
		RemoteJitterMS:  float64(in.control.remoteJitter.Load()) / 1e6,
	}
	if all := s.Received + s.Lost; all > 0 {
		s.LossShare = float64(s.Lost) / float64(all)
	}
	if v := in.stream.Load(); v != 0 {
		s.SSRC = uint32(v >> 32)
		if x := e.expect.Load(); x != nil {
			s.Codec = codecName(x.formats, uint8(v))
		}
	}
	if s.Received >= 2 {
		s.MOS = mos(s)
	}
	return s
}

// Since is what was measured after then, stats of the same endpoint: how it
// sounded in between.
func (s Stats) Since(then Stats) Stats {
	s.Received -= min(then.Received, s.Received)
	s.Lost -= min(then.Lost, s.Lost) // a late packet is lost no more
	s.LossShare, s.MOS = 0, 0
	if all := s.Received + s.Lost; all > 0 {
		s.LossShare = float64(s.Lost) / float64(all)
	}
	if s.Received >= 2 {
		s.MOS = mos(s)
	}
	return s
}

func codecName(formats []Format, pt uint8) string {
	for _, f := range formats {
		if f.PT == pt {
			return f.Name
		}
	}
	return ""
}

// impairment holds a codec's equipment impairment and robustness to loss
// (ITU-T G.113 appendix I, with packet loss concealment).
var impairment = map[string]struct{ ie, bpl float64 }{
	"PCMU": {0, 25.1}, "PCMA": {0, 25.1}, "L16": {0, 25.1},
	"G722": {0, 25.1}, "OPUS": {0, 25.1},
	"G729": {11, 19}, "G723": {15, 16.1}, "GSM": {20, 10},
	"ILBC": {11, 32}, "AMR": {5, 10}, "SPEEX": {11, 19}, "G726-32": {7, 25},
}

// mos is the E-model (ITU-T G.107) with its default values and what was
// measured: loss, delay where RTCP gave it, jitter as the buffer it demands.
// A codec without published figures has no MOS.
func mos(s Stats) float64 {
	c, ok := impairment[strings.ToUpper(s.Codec)]
	if !ok {
		return 0
	}
	const packet = 20 // ms: the frame itself
	delay := s.RoundTripMS/2 + 2*s.JitterMS + packet
	id := 0.024 * delay
	if delay > 177.3 {
		id += 0.11 * (delay - 177.3)
	}
	loss := 100 * s.LossShare
	ie := c.ie + (95-c.ie)*loss/(loss+c.bpl)
	r := 93.2 - id - ie
	switch {
	case r <= 0:
		return 1
	case r >= 100:
		return 4.5
	}
	m := 1 + 0.035*r + r*(r-60)*(100-r)*7e-6
	return math.Round(max(1, m)*100) / 100
}
