package record

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pion/rtp"

	"strowger/media/audio"
)

var (
	pcmu  = Format{PT: 0, Name: "PCMU", Rate: 8000}
	pcma  = Format{PT: 8, Name: "PCMA", Rate: 8000}
	g722F = Format{PT: 9, Name: "G722", Rate: 8000}
	both  = [2]SideInfo{{Formats: []Format{pcmu, pcma, g722F}}, {Formats: []Format{pcmu, pcma, g722F}}}
)

// A phone makes RTP.
type phone struct {
	pt   uint8
	seq  uint16
	ts   uint32
	ssrc uint32
}

// packet is one packet of payload, n time stamp units long.
func (p *phone) packet(payload []byte, n uint32) []byte {
	out := rtp.Packet{Payload: payload, Header: rtp.Header{
		Version: 2, PayloadType: p.pt, SequenceNumber: p.seq, Timestamp: p.ts, SSRC: p.ssrc}}
	p.seq++
	p.ts += n
	b, err := out.Marshal()
	if err != nil {
		panic(err)
	}
	return b
}

// sine of so many samples at a rate, from sample `from` on, at -6 dB.
func sine(hz float64, rate, from, n int) []int16 {
	out := make([]int16, n)
	for i := range out {
		out[i] = int16(16384 * math.Sin(2*math.Pi*hz*float64(from+i)/float64(rate)))
	}
	return out
}

// ulawTone is packet i of a tone, 20 ms.
func (p *phone) ulawTone(hz float64, i int) []byte {
	return p.packet(audio.EncodeULaw(nil, sine(hz, 8000, 160*i, 160)), 160)
}

// marked is a packet whose every sample is the µ-law code.
func (p *phone) marked(code byte) []byte {
	b := make([]byte, 160)
	for i := range b {
		b[i] = code
	}
	return p.packet(b, 160)
}

// A capture writes a spool with made-up times.
type capture struct {
	t    *testing.T
	base time.Time
	s    *Spool
	path string
	n    int
}

func newCapture(t *testing.T, h Header) *capture {
	t.Helper()
	c := &capture{t: t, base: time.Now(), path: filepath.Join(t.TempDir(), "x.rtp")}
	h.StartedAt = c.base
	if h.Sides[0].Formats == nil {
		h.Sides = both
	}
	s, err := Create(c.path, h)
	if err != nil {
		t.Fatal(err)
	}
	c.s = s
	return c
}

func (c *capture) at(ms float64) time.Time {
	return c.base.Add(time.Duration(ms * float64(time.Millisecond)))
}

// packet of a side arrives.
func (c *capture) packet(side int, ms float64, b []byte) {
	c.s.Side(side).Packet(c.at(ms), b)
	// Hours of packets come in no time: the disk gets its turn.
	if c.n++; c.n%200 == 0 {
		c.s.wmu.Lock()
		defer c.s.wmu.Unlock()
		if err := c.s.write(true); err != nil {
			c.t.Fatal(err)
		}
	}
}

// rendered is a recording's channels.
type rendered struct {
	Result
	path  string
	chans [][]int16
}

func (c *capture) render(endMS float64) rendered {
	c.t.Helper()
	if err := c.s.Close(c.at(endMS)); err != nil {
		c.t.Fatal(err)
	}
	return render(c.t, c.path)
}

func render(t *testing.T, spool string) rendered {
	t.Helper()
	wav := filepath.Join(t.TempDir(), "x.wav")
	res, err := Render(context.Background(), spool, wav)
	if err != nil {
		t.Fatal(err)
	}
	if res.Dropped > 0 {
		t.Errorf("the capture lost %d packets", res.Dropped)
	}
	return rendered{res, wav, readWAV(t, wav)}
}

func readWAV(t *testing.T, path string) [][]int16 {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := audio.NewWAVReader(f)
	if err != nil {
		t.Fatal(err)
	}
	n := r.Format.Channels
	chans := make([][]int16, n)
	buf := make([]int16, 4096*n)
	for {
		m, err := r.Read(buf)
		if err != nil {
			return chans
		}
		for i, v := range buf[:m] {
			chans[i%n] = append(chans[i%n], v)
		}
	}
}

// wantTone checks that pcm is a tone and nothing else.
func wantTone(t *testing.T, what string, pcm []int16, hz float64) {
	t.Helper()
	if len(pcm) == 0 {
		t.Errorf("%s: nothing to hear", what)
		return
	}
	if l := audio.ToneLevel(pcm, 8000, hz); l < -8 || l > -5 {
		t.Errorf("%s: %v Hz at %.1f dB, want -6", what, hz, l)
	}
	for _, other := range []float64{440, 600, 1000, 1900} {
		if other != hz && audio.ToneLevel(pcm, 8000, other) > -40 {
			t.Errorf("%s: %v Hz is heard at %.1f dB", what, other, audio.ToneLevel(pcm, 8000, other))
		}
	}
}

func wantSilence(t *testing.T, what string, pcm []int16) {
	t.Helper()
	for i, v := range pcm {
		if v != 0 {
			t.Errorf("%s: sample %d of %d is %d, want silence", what, i, len(pcm), v)
			return
		}
	}
}
