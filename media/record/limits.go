package record

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"strowger/media/audio"
)

// Limits end a voicemail message and say whether it is worth keeping.
type Limits struct {
	Max     time.Duration // 3 min if 0
	Min     time.Duration // of sound above Level; shorter is not kept. 1 s if 0
	Silence time.Duration // ends it; 5 s if 0
	Level   float64       // dB of a full-scale sine below which it is silence; -45 if 0
}

func (l Limits) filled() Limits {
	if l.Max == 0 {
		l.Max = 3 * time.Minute
	}
	if l.Min == 0 {
		l.Min = time.Second
	}
	if l.Silence == 0 {
		l.Silence = 5 * time.Second
	}
	if l.Level == 0 {
		l.Level = -45
	}
	return l
}

// Reason a message is over.
type Reason string

const (
	StillGoing Reason = ""
	TooLong    Reason = "max_length"
	WentSilent Reason = "silence"
)

// A Tap is a media.Tap.
type Tap interface {
	Packet(at time.Time, rtp []byte)
}

// A Meter is a tap that listens for speech and hands each packet on to the next
// tap. Packets that stop coming are silence too; sound in a codec that it can't
// decode counts as speech, so that only Max ends it.
type Meter struct {
	limits  Limits
	started time.Time
	next    Tap // nil: nobody

	heard  atomic.Int64 // ns of sound above the level
	loudAt atomic.Int64 // ns after started, of the last such sound

	mu     sync.Mutex
	tables [128]*codec
	format []Format
	dec    decoder
	codec  *codec
	pcm    []int16
	in     rtp.Packet
	floor  float64 // sum of squares a sample, at the level
}

// NewMeter listens from started on.
func NewMeter(l Limits, formats []Format, started time.Time, next Tap) *Meter {
	m := &Meter{limits: l.filled(), started: started, next: next, format: formats}
	peak := 32768 * math.Pow(10, m.limits.Level/20)
	m.floor = peak * peak / 2
	m.pcm = make([]int16, 0, 2048)
	return m
}

// SetFormats says what the payload types of the packets that follow mean.
func (m *Meter) SetFormats(f []Format) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.format, m.tables, m.codec, m.dec = f, [128]*codec{}, nil, nil
}

// Packet measures a packet and hands it on.
func (m *Meter) Packet(at time.Time, b []byte) {
	if m.next != nil {
		m.next.Packet(at, b)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	p := &m.in
	if !parseRTP(p, b) || len(p.Payload) == 0 {
		return
	}
	c := m.tables[p.PayloadType]
	if c == nil {
		c = codecFor(p.PayloadType, m.format)
		m.tables[p.PayloadType] = c
	}
	if c.quiet {
		return
	}
	d, loud := 20*time.Millisecond, true
	if c.known {
		if c != m.codec {
			m.codec, m.dec = c, nil
			if dec, err := c.decoder(); err == nil {
				m.dec = dec
			}
		}
		if m.dec != nil {
			m.pcm, _ = m.dec.decode(m.pcm[:0], p.Payload) // what can't be decoded is silence
			sum := 0.0
			for _, v := range m.pcm {
				sum += float64(v) * float64(v)
			}
			loud = len(m.pcm) > 0 && sum > m.floor*float64(len(m.pcm))
			d = time.Duration(len(m.pcm)) * time.Second / audio.Rate
		}
	}
	if loud {
		m.heard.Add(int64(d))
		m.loudAt.Store(int64(max(0, at.Sub(m.started))))
	}
}

// Heard is how long there was sound.
func (m *Meter) Heard() time.Duration { return time.Duration(m.heard.Load()) }

// Ended says at now whether the message is over, and why. Ask some times a
// second: silence may be packets that no longer come.
func (m *Meter) Ended(now time.Time) Reason {
	t := now.Sub(m.started)
	switch {
	case t >= m.limits.Max:
		return TooLong
	case t-time.Duration(m.loudAt.Load()) >= m.limits.Silence:
		return WentSilent
	}
	return StillGoing
}

// Keep says whether what was heard is enough of a message.
func (m *Meter) Keep() bool { return m.Heard() >= m.limits.Min }
