package record

import (
	"fmt"

	"github.com/pion/rtp"

	"strowger/media/audio"
)

// Time is what RTP lacks: its time stamps count from anywhere and by the
// sender's clock. A stream (one SSRC of one side) therefore has an anchor, the
// moment at which its time stamp 0 would have arrived, taken from the packets
// that were on the way shortest. Each packet's samples go where its time stamp
// and the anchor say. The anchor is found and watched over a window:
//
//   - packets that come late but in time with the others move nothing;
//   - when all of the window comes later or earlier by more than jump, the
//     sender's time stamps stood still or leapt (hold on many phones, another
//     source behind the same SSRC): the anchor is set anew;
//   - a smaller difference that stays is the drift of the sender's clock: the
//     sound is stretched or shortened by less than 1 % until it is made up for.
const (
	window    = int64(1e9)        // ns that a packet is kept back, to be put in order
	evidence  = 10                // packets in the window that say something of the path's delay
	maxHeld   = 512               // packets kept back for one stream
	jump      = int64(250e6)      // ns
	driftFrom = int64(15e6)       // ns: where correction starts
	driftTo   = int64(1e6)        // and where it ends
	pause     = int64(60e6)       // ns of time stamps without a packet: silence suppression
	tick      = int64(1e9) / 8000 // ns in a sample
)

// held is a packet that waits for its turn.
type held struct {
	seq     int64 // without wrap
	ts      int64 // ns from the stream's first packet, without wrap
	at      int64 // ns, arrival
	codec   *codec
	payload []byte
}

// late is by how much p came after its time stamp said, from an arbitrary zero.
func (p *held) late() int64 { return p.at - p.ts }

type stream struct {
	ssrc  uint32
	clock int
	last  int64 // arrival of its newest packet

	buf  []held   // by sequence number
	free [][]byte // payload buffers

	highSeq int64  // highest received
	highTS  int64  // its time stamp in clock units, without wrap
	rawTS   uint32 // the same as sent
	zeroTS  int64  // the first packet's
	doneSeq int64  // highest rendered
	begun   bool   // something was rendered

	anchored bool
	anchor   int64
	slew     int   // +1 while the sound is stretched, -1 while it is shortened
	end      int64 // time stamp behind the last packet rendered, in ns

	codec codec
	dec   decoder
}

// maxMisorder of sequence numbers beyond which a sender has started anew (RFC
// 3550, A.1).
const (
	maxDropout  = 3000
	maxMisorder = 500
)

// fits says whether p belongs to what s has seen so far.
func (s *stream) fits(p *rtp.Packet, c *codec) bool {
	d := int(int16(p.SequenceNumber - uint16(s.highSeq)))
	return (c.quiet || c.rate == s.clock) && d <= maxDropout && d >= -maxMisorder
}

// push takes a packet in; false if it is a double or too late.
func (s *stream) push(p *rtp.Packet, at int64, c *codec) bool {
	if s.highSeq == 0 { // the first one
		s.highSeq = 1<<32 | int64(p.SequenceNumber)
		s.highTS, s.rawTS = int64(p.Timestamp), p.Timestamp
		s.zeroTS = s.highTS
		s.doneSeq = -1
	}
	s.last = at
	seq := s.highSeq + int64(int16(p.SequenceNumber-uint16(s.highSeq)))
	ts := s.highTS + int64(int32(p.Timestamp-s.rawTS))
	if seq > s.highSeq {
		s.highSeq, s.highTS, s.rawTS = seq, ts, p.Timestamp
	}
	if s.begun && seq <= s.doneSeq {
		return false
	}
	i := len(s.buf)
	for i > 0 && s.buf[i-1].seq >= seq {
		if s.buf[i-1].seq == seq {
			return false
		}
		i--
	}
	var b []byte
	if n := len(s.free); n > 0 {
		b, s.free = s.free[n-1], s.free[:n-1]
	}
	units := ts - s.zeroTS
	s.buf = append(s.buf, held{})
	copy(s.buf[i+1:], s.buf[i:])
	s.buf[i] = held{
		seq: seq, at: at, codec: c, payload: append(b[:0], p.Payload...),
		ts: units/int64(s.clock)*1e9 + units%int64(s.clock)*1e9/int64(s.clock),
	}
	return true
}

// pop takes the first packet out.
func (s *stream) pop() held {
	p := s.buf[0]
	s.buf = s.buf[:copy(s.buf, s.buf[1:])]
	s.doneSeq, s.begun = p.seq, true
	return p
}

// settle brings the anchor up to date for the packet that is to be rendered
// next, which is still the first in buf.
func (s *stream) settle() {
	p := &s.buf[0]
	ref, fall := s.anchor, jump
	if !s.anchored || p.late() < s.anchor-jump {
		// A first packet may itself be late, by up to the window.
		ref, fall = p.late(), window
		s.anchored = false
	}
	least, seen := p.late(), 1
	for i := range s.buf[1:] {
		l := s.buf[i+1].late()
		if l < ref-fall {
			break // the sender's time leapt there; what follows says nothing of p
		}
		least = min(least, l)
		seen++
	}
	off := least - s.anchor
	// A few packets, as at the end, may all be late. They prove something only
	// if no packet is ever held up that long.
	sure := seen >= evidence
	switch {
	case !s.anchored || off < -jump || off > jump && (sure || off > window):
		s.anchor, s.anchored, s.slew = least, true, 0
	case !sure:
		s.slew = 0
	case p.ts-s.end > pause && (off > driftFrom || off < -driftFrom):
		s.anchor, s.slew = least, 0 // in a pause nobody hears it
	case off > driftFrom:
		s.slew = +1
	case off < -driftFrom:
		s.slew = -1
	case s.slew > 0 && off < driftTo || s.slew < 0 && off > -driftTo:
		s.slew = 0
	}
}

// render decodes the first packet and draws it at its place on the channel of
// its side.
func (s *stream) render(r *renderer, side int) {
	s.settle()
	p := s.pop()
	defer func() { s.free = append(s.free, p.payload) }()
	if p.codec.quiet || len(p.payload) == 0 {
		s.end = max(s.end, p.ts)
		return
	}
	heard := &r.res.Sides[side]
	if s.dec == nil || s.codec != *p.codec {
		s.codec, s.dec = *p.codec, nil
		if !p.codec.known {
			heard.undecoded()
			r.note(fmt.Sprintf("%s can't be decoded: silence instead", p.codec.name))
			return
		}
		d, err := p.codec.decoder()
		if err != nil {
			heard.undecoded()
			r.note(fmt.Sprintf("%s: %v: silence instead", p.codec.name, err))
			return
		}
		s.dec = d
	}
	pcm, err := s.dec.decode(r.pcm[:0], p.payload)
	if err != nil {
		heard.undecoded()
		r.note(fmt.Sprintf("a packet could not be decoded (%v): silence instead", err))
	} else {
		heard.decoded()
	}
	pos := floorDiv(s.anchor+p.ts-r.start+tick/2, tick)
	s.end = p.ts + int64(len(pcm))*tick
	if s.slew != 0 {
		by := s.slew * max(1, len(pcm)/160)
		pcm = stretch(pcm, by)
		s.anchor += int64(by) * tick
	}
	r.out.add(side, pos-int64(s.dec.delay()), pcm)
	r.pcm = pcm
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// stretch makes pcm longer by so many samples, or shorter, by drawing straight
// lines between its samples.
func stretch(pcm []int16, by int) []int16 {
	n := len(pcm)
	m := n + by
	if n < 2 || m < 2 {
		return pcm
	}
	in := append([]int16(nil), pcm...)
	out := pcm[:0]
	for i := range m {
		at := i * (n - 1) * 256 / (m - 1)
		k, f := at/256, at%256
		v := int(in[k])
		if f > 0 {
			v += (int(in[k+1]) - v) * f / 256
		}
		out = append(out, int16(v))
	}
	return out
}

// canvas is the stretch of the recording that is still being drawn: a ring of
// frames which are written once nothing can fall into them any more.
type canvas struct {
	w     *audio.WAVWriter
	chans int
	ring  []int16
	base  int64 // first frame not yet written
	top   int64 // behind the last frame drawn
}

const (
	// canvasFrames is 8 s; canvasLag of them stay behind the newest arrival,
	// for the window and for packets that were held up longer.
	canvasFrames = 8 * audio.Rate
	canvasLag    = 5 * audio.Rate
)

func newCanvas(w *audio.WAVWriter, chans int) *canvas {
	return &canvas{w: w, chans: chans, ring: make([]int16, canvasFrames*chans)}
}

// add mixes pcm into a channel at a frame; what lies outside of the ring is
// lost.
func (c *canvas) add(ch int, pos int64, pcm []int16) {
	if pos < c.base {
		cut := c.base - pos
		if cut >= int64(len(pcm)) {
			return
		}
		pcm, pos = pcm[cut:], c.base
	}
	if room := c.base + canvasFrames - pos; int64(len(pcm)) > room {
		if room <= 0 {
			return
		}
		pcm = pcm[:room]
	}
	if c.chans == 1 {
		ch = 0
	}
	i := int(pos % canvasFrames)
	for _, v := range pcm {
		at := i*c.chans + ch
		c.ring[at] = int16(max(-32768, min(32767, int(c.ring[at])+int(v))))
		if i++; i == canvasFrames {
			i = 0
		}
	}
	c.top = max(c.top, pos+int64(len(pcm)))
}

// flush writes the frames before pos.
func (c *canvas) flush(pos int64) error {
	for c.base < pos {
		i := int(c.base % canvasFrames)
		n := int(min(pos-c.base, int64(canvasFrames-i)))
		part := c.ring[i*c.chans : (i+n)*c.chans]
		if err := c.w.Write(part); err != nil {
			return err
		}
		clear(part)
		c.base += int64(n)
	}
	return nil
}
