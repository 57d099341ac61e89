package media

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"sync/atomic"

	pion "github.com/pion/rtp"

	"strowger/media/audio"
)

const frame = 160 // timestamp units and samples of 20 ms at 8 kHz

// A generator numbers what we send ourselves, one stream of our own for as long
// as the endpoint lives.
type generator struct {
	ssrc uint32
	seq  uint16
	ts   uint32
	at   int64 // monotonic time of ts; 0 before the first packet
}

func (g *generator) init() {
	var b [10]byte
	_, _ = rand.Read(b[:])
	g.ssrc = binary.BigEndian.Uint32(b[:])
	g.seq = binary.BigEndian.Uint16(b[4:]) & 0x7fff
	g.ts = binary.BigEndian.Uint32(b[6:])
}

// resume moves the timestamp over the time that nothing was generated in.
func (g *generator) resume(now int64) {
	if g.at != 0 {
		g.ts += uint32(max(0, now-g.at)/int64(tick)) * frame
	}
	g.at = now
}

// header writes the header of the next packet, rtpHeader bytes.
func (g *generator) header(b []byte, pt uint8, marker bool) {
	h := pion.Header{Version: 2, Marker: marker, PayloadType: pt, SequenceNumber: g.seq, Timestamp: g.ts, SSRC: g.ssrc}
	_, _ = h.MarshalTo(b) // fails only where b is too short
	g.seq++
}

// step goes on by one frame.
func (g *generator) step() {
	g.ts += frame
	g.at += int64(tick)
}

// A playable is a codec that we can produce, under the remote side's number.
type playable struct {
	codec codec
	pt    uint8
}

type codec uint8

const (
	noCodec codec = iota
	pcmu
	pcma
	g722
	l16
)

// choosePlayable takes the first of their formats that we can encode.
func choosePlayable(formats []Format) playable {
	for _, f := range formats {
		if f.Rate != 8000 || f.Channels > 1 {
			continue
		}
		switch strings.ToUpper(f.Name) {
		case "PCMU":
			return playable{pcmu, f.PT & 127}
		case "PCMA":
			return playable{pcma, f.PT & 127}
		case "G722":
			return playable{g722, f.PT & 127}
		case "L16":
			return playable{l16, f.PT & 127}
		}
	}
	return playable{}
}

// A Playback plays one source to one endpoint.
type Playback struct {
	e     *Endpoint
	state atomic.Int32
	done  func(error)

	// the loop's
	src    Source
	wide   audio.Source // src at 16 kHz, once G.722 is asked for
	g722   *audio.G722Encoder
	begun  bool
	pcm    [2 * frame]int16
	ending bool // the source has ended; the last frame is out
}

// States of a Playback.
const (
	playing int32 = iota
	stopping
	ended
)

// Play sends src to the remote side, 20 ms a packet, in the first of its
// formats that we can produce. What is bridged to e is not forwarded meanwhile.
// An earlier playback on e ends with ErrStopped. done, which may be nil, runs
// once, as OnDigit's function does and in order with it: with nil at the end of
// src, ErrStopped, ErrNoCodec, ErrClosed, or src's own error.
func (e *Endpoint) Play(src Source, done func(err error)) *Playback {
	p := &Playback{e: e, src: src, done: done}
	r := e.relay
	r.mu.Lock()
	before := e.playing
	if gone := e.gone; gone {
		p.state.Store(stopping)
	} else {
		e.playing = p
		e.aim()
	}
	r.mu.Unlock()
	if before != nil {
		before.state.CompareAndSwap(playing, stopping)
	}
	r.playbacks.Add(1)
	if !e.pair.loop.add(p) {
		p.finish(ErrClosed)
	}
	return p
}

// Stop ends the playback; done follows with ErrStopped unless it ended before.
func (p *Playback) Stop() {
	if p.state.CompareAndSwap(playing, stopping) {
		p.release()
	}
}

// release gives the line back to what is bridged.
func (p *Playback) release() {
	e := p.e
	e.relay.mu.Lock()
	if e.playing == p {
		e.playing = nil
		e.aim()
	}
	e.relay.mu.Unlock()
}

func (p *Playback) finish(err error) {
	if p.state.Swap(ended) == ended {
		return
	}
	p.release()
	p.e.relay.playbacks.Add(-1)
	if p.done != nil {
		p.e.tell(func() { p.done(err) })
	}
}

func (p *Playback) drop() { p.finish(ErrClosed) }

// tick sends the next frame.
func (p *Playback) tick(l *loop) bool {
	e := p.e
	if p.state.Load() == stopping {
		p.finish(ErrStopped)
		return false
	}
	x := e.expect.Load()
	if x == nil || x.play.codec == noCodec {
		if x != nil && len(x.formats) > 0 {
			p.finish(ErrNoCodec)
			return false
		}
		return true // nothing is known of them yet: the sound waits
	}
	if p.ending {
		p.finish(nil)
		return false
	}
	g := &e.out
	if !p.begun {
		g.resume(l.now)
	}
	payload, err := p.encode(x.play.codec, l.out[rtpHeader:rtpHeader])
	if err != nil && !errors.Is(err, io.EOF) {
		p.finish(err)
		return false
	}
	if len(payload) > 0 {
		p.emit(l, x, payload)
	}
	if err != nil {
		p.ending = true
	}
	return true
}

func (p *Playback) emit(l *loop, x *expectation, payload []byte) {
	e := p.e
	g := &e.out
	t := e.target.Load()
	if t == nil {
		g.step() // muted: time goes on
		return
	}
	b := l.out[:rtpHeader+len(payload)]
	g.header(b, x.play.pt, !p.begun)
	p.begun = true
	g.step()
	if e.inject.Load() != nil {
		if b = e.substitute(l, b); b == nil {
			return
		}
	}
	e.sendRTP(l, t, b)
}

// encode reads one frame and appends it to dst in the codec; a short last frame
// is filled with silence.
func (p *Playback) encode(c codec, dst []byte) ([]byte, error) {
	if c == g722 {
		if p.wide == nil {
			p.wide, p.g722 = audio.Wide(p.src), audio.NewG722Encoder()
		}
		n, err := read(p.wide, p.pcm[:2*frame])
		if n == 0 {
			return nil, err
		}
		return p.g722.Encode(dst, p.pcm[:2*frame]), err
	}
	var n int
	var err error
	if p.wide != nil {
		// The codec changed in mid-play: the wide form has taken the source
		// over, so every second sample of it must do.
		n, err = read(p.wide, p.pcm[:2*frame])
		n = (n + 1) / 2
		for i := range frame {
			p.pcm[i] = int16((int(p.pcm[2*i]) + int(p.pcm[2*i+1])) / 2)
		}
	} else {
		n, err = read(p.src, p.pcm[:frame])
	}
	if n == 0 {
		return nil, err
	}
	pcm := p.pcm[:frame]
	switch c {
	case pcmu:
		return audio.EncodeULaw(dst, pcm), err
	case pcma:
		return audio.EncodeALaw(dst, pcm), err
	default:
		for _, v := range pcm {
			dst = binary.BigEndian.AppendUint16(dst, uint16(v))
		}
		return dst, err
	}
}

func read(s Source, pcm []int16) (int, error) {
	n, err := s.ReadFrame(pcm)
	n = max(0, min(n, len(pcm)))
	clear(pcm[n:])
	return n, err
}
