package media

import (
	"encoding/binary"
	"time"

	"strowger/media/dtmf"
)

// An injection is keys that we press towards the remote side (RFC 4733). While
// packets are forwarded or played to it, each key takes the place of some of
// them, so the stream's own numbering stays whole; else the loop's ticker sends
// them as a stream of our own.
type injection struct {
	e *Endpoint
	// under relay.mu, which is taken only while keys are pressed
	keys   []dtmf.Press
	begun  bool
	ts     uint32
	sentTo uint16 // duration so far
	ends   int    // end packets sent
	gap    int    // packets left to pass before the next key
	driven int64  // when a packet last carried it
}

const (
	endPackets = 3 // RFC 4733 2.5.1.4
	keyGap     = 3 // frames of 20 ms between two keys
	keyVolume  = 10
	// idleDrive is how long the ticker leaves an injection to a stream that
	// may be carrying it.
	idleDrive = 60 * time.Millisecond
)

// SendDigit presses a key towards the remote side for ms, after those already
// waiting. It does nothing where the remote side takes no events.
func (e *Endpoint) SendDigit(digit byte, ms int) {
	if _, ok := dtmf.Code(digit); !ok {
		return
	}
	ms = min(max(ms, 40), 8000)
	r := e.relay
	r.mu.Lock()
	x := e.expect.Load()
	if e.gone || x == nil || x.events == 0 {
		r.mu.Unlock()
		return
	}
	j := e.inject.Load()
	fresh := j == nil
	if fresh {
		j = &injection{e: e, driven: mono()}
		e.inject.Store(j)
	}
	j.keys = append(j.keys, dtmf.Press{Digit: digit, MS: ms})
	r.mu.Unlock()
	if fresh {
		e.pair.loop.add(j)
	}
}

// tick drives an injection that no stream carries.
func (j *injection) tick(l *loop) bool {
	e := j.e
	r := e.relay
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.inject.Load() != j {
		return false
	}
	t, x := e.target.Load(), e.expect.Load()
	if t == nil || x.events == 0 {
		e.inject.Store(nil) // on hold: a key pressed now means nothing
		return false
	}
	if l.now-j.driven < int64(idleDrive) {
		return true
	}
	g := &e.out
	if !j.begun && j.gap == 0 {
		g.resume(l.now)
	}
	b := l.out[:rtpHeader+dtmf.EventLen]
	g.header(b, 0, false)
	g.step()
	if b, ok := j.next(b, x.events); ok {
		e.sendRTP(l, t, b)
	} else {
		g.seq--
	}
	return e.inject.Load() == j
}

func (j *injection) drop() {}

// substitute replaces a packet that is about to be sent by the next one of the
// keys that wait, or returns it as it is between two.
func (e *Endpoint) substitute(l *loop, b []byte) []byte {
	r := e.relay
	r.mu.Lock()
	defer r.mu.Unlock()
	j := e.inject.Load()
	x := e.expect.Load()
	if j == nil || x == nil || x.events == 0 {
		return b
	}
	if b[1]&0x7f == x.events&0x7f {
		return b // the other side presses keys itself
	}
	j.driven = l.now
	out, _ := j.next(b, x.events)
	return out
}

// next makes b, whose sequence number, timestamp and SSRC are set, a packet of
// the key that is down. ok is false when b is to be sent unchanged.
func (j *injection) next(b []byte, pt uint8) (out []byte, ok bool) {
	if j.gap > 0 {
		if j.gap--; j.gap == 0 && len(j.keys) == 0 {
			j.e.inject.Store(nil)
		}
		return b, false
	}
	key := j.keys[0]
	now := binary.BigEndian.Uint32(b[4:])
	mark := uint8(0)
	if !j.begun {
		j.begun, j.ts, j.ends, j.sentTo = true, now, 0, 0
		mark = 0x80
	}
	whole := uint16(key.MS * 8)
	if d := now - j.ts + frame; d < uint32(whole) {
		j.sentTo = uint16(d)
	} else {
		j.sentTo = whole
		j.ends++
	}
	code, _ := dtmf.Code(key.Digit)
	b = b[:rtpHeader+dtmf.EventLen]
	b[0], b[1] = 0x80, mark|pt&0x7f
	binary.BigEndian.PutUint32(b[4:], j.ts)
	dtmf.Event{Code: code, End: j.ends > 0, Volume: keyVolume, Duration: j.sentTo}.Put(b[rtpHeader:])
	if j.ends >= endPackets {
		j.keys = j.keys[1:]
		j.begun, j.gap = false, keyGap
	}
	return b, true
}
