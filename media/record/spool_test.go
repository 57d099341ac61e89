package record

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"strowger/media/audio"
)

func TestTapAllocatesNothing(t *testing.T) {
	c, p := newCapture(t, Header{}), &phone{ssrc: 1}
	b := p.ulawTone(440, 0)
	side, at := c.s.Side(0), c.at(20)
	for range 3 * maxChunks { // chunks for a while
		c.packet(0, 0, b)
	}
	if n := testing.AllocsPerRun(50, func() { side.Packet(at, b) }); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
	if err := c.s.Close(c.at(100)); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(50, func() { side.Packet(at, b) }); n != 0 {
		t.Errorf("%v allocations a packet behind the end", n)
	}
}

// What was tapped is in the file within half a second, without anybody asking.
func TestFlushedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "x.rtp")
		s, err := Create(path, Header{Sides: both})
		if err != nil {
			t.Fatal(err)
		}
		p := &phone{}
		for i := range 500 {
			s.Side(0).Packet(time.Now(), p.ulawTone(440, i))
			time.Sleep(20 * time.Millisecond)
			if i%7 > 0 {
				continue
			}
			r := render(t, path)
			if behind := i + 1 - int(r.Packets); behind > 25 {
				t.Fatalf("packet %d: %d packets are only in memory", i, behind)
			}
		}
		if err := s.Close(time.Now()); err != nil {
			t.Fatal(err)
		}
		if r := render(t, path); r.Packets != 500 || r.Interrupted {
			t.Errorf("%+v", r.Result)
		}
	})
}

func TestManySidesAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.rtp")
	base := time.Now()
	s, err := Create(path, Header{StartedAt: base, Sides: both})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for side := range 2 {
		wg.Go(func() {
			p := &phone{ssrc: uint32(side)}
			for i := range 400 {
				s.Side(side).Packet(base.Add(time.Duration(i)*20*time.Millisecond), p.ulawTone(440, i))
				if i%50 == 0 {
					s.Side(side).SetFormats([]Format{pcmu})
				}
			}
		})
	}
	wg.Go(func() {
		for range 20 {
			s.fl.wake()
			s.Resume(base) // of nothing
		}
	})
	wg.Wait()
	for range 2 {
		if err := s.Close(base.Add(8 * time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	s.Side(0).Packet(base, (&phone{}).marked(0x80)) // too late, and no harm
	if r := render(t, path); r.Packets != 800 || r.Duration != 8*time.Second {
		t.Errorf("%+v", r.Result)
	}
}

func TestCreateRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.rtp")
	s, err := Create(path, Header{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Create(path, Header{}); !errors.Is(err, os.ErrExist) {
		t.Errorf("over another one: %v", err)
	}
	if _, err := Create(filepath.Join(dir, "none", "x.rtp"), Header{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("nowhere: %v", err)
	}
	if _, err := Create(filepath.Join(dir, "y.rtp"), Header{Meta: append(append([]byte{'"'}, bytes.Repeat([]byte("x"), chunkSize)...), '"')}); err == nil {
		t.Error("a header larger than a chunk was taken")
	}
	if err := s.Close(time.Now()); err != nil {
		t.Fatal(err)
	}
}

// Opus, as opusenc made it of a tone: in CELT's mode and in SILK's.
func TestOpus(t *testing.T) {
	for _, name := range []string{"tone-1000.opus", "tone-1000-silk.opus"} {
		packets := oggPackets(t, filepath.Join("../../testdata/audio", name))[2:] // behind the two headers
		c := newCapture(t, Header{Sides: [2]SideInfo{{Formats: []Format{{PT: 111, Name: "opus", Rate: 48000, Channels: 2}}}}})
		p := &phone{pt: 111, ssrc: 1}
		for i, b := range packets {
			c.packet(0, float64(20*i), p.packet(b, 960))
		}
		// What is no Opus is silence and a note, not the end of the exchange.
		for i := range 200 {
			c.packet(0, float64(20*(len(packets)+i)), p.packet(bytes.Repeat([]byte{byte(i), 0xff, byte(i * 7)}, i), 960))
		}
		r := c.render(float64(20 * (len(packets) + 200)))
		pcm := r.chans[0][800:8800]
		if l := audio.ToneLevel(pcm, 8000, 1000); l < -9 || l > -4 {
			t.Errorf("%s: the tone is heard at %.1f dB", name, l)
		}
		if l := audio.ToneLevel(pcm, 8000, 600); l > -30 {
			t.Errorf("%s: 600 Hz is heard at %.1f dB", name, l)
		}
		if len(r.Notes) == 0 {
			t.Errorf("%s: no note on packets that are no Opus", name)
		}
	}
}

// oggPackets reads the packets of a file with one stream (RFC 3533).
func oggPackets(t *testing.T, path string) [][]byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list [][]byte
	var cur []byte
	for len(b) > 27 && string(b[:4]) == "OggS" {
		lacing := b[27:][:b[26]]
		b = b[27+len(lacing):]
		for _, n := range lacing {
			cur = append(cur, b[:n]...)
			b = b[n:]
			if n < 255 {
				list, cur = append(list, cur), nil
			}
		}
	}
	if len(list) < 50 {
		t.Fatalf("%s: %d packets", path, len(list))
	}
	return list
}

func TestMeter(t *testing.T) {
	base := time.Now()
	at := func(ms int) time.Time { return base.Add(time.Duration(ms) * time.Millisecond) }
	said := 0
	count := tapFunc(func(time.Time, []byte) { said++ })
	m := NewMeter(Limits{Max: 20 * time.Second, Silence: 3 * time.Second}, []Format{pcmu, g722F}, base, count)
	p := &phone{ssrc: 1}
	if m.Keep() || m.Ended(at(2900)) != StillGoing || m.Ended(at(3000)) != WentSilent {
		t.Error("nobody spoke, and it is not over")
	}
	for i := range 100 { // two seconds of speech
		m.Packet(at(20*i), p.ulawTone(440, i))
	}
	if !m.Keep() || m.Heard() != 2*time.Second {
		t.Errorf("heard %v", m.Heard())
	}
	for i := 100; i < 300; i++ { // then packets with silence
		m.Packet(at(20*i), p.marked(0xff))
		if got := m.Ended(at(20 * i)); (got == WentSilent) != (20*i-1980 >= 3000) {
			t.Fatalf("after %d ms: %q", 20*i, got)
		}
	}
	p.pt = 9
	enc := audio.NewG722Encoder()
	for i := 300; i < 1000; i++ {
		m.Packet(at(20*i), p.packet(enc.Encode(nil, sine(440, 16000, 320*i, 320)), 160))
	}
	if got := m.Ended(at(19_999)); got != StillGoing {
		t.Errorf("speech in G.722: %q", got)
	}
	if got := m.Ended(at(20_000)); got != TooLong {
		t.Errorf("after Max: %q", got)
	}
	if said != 1000 {
		t.Errorf("%d packets were handed on", said)
	}
	// A codec that nobody here can decode is taken for speech.
	u := NewMeter(Limits{}, []Format{{PT: 18, Name: "G729", Rate: 8000}}, base, nil)
	p.pt = 18
	for i := range 500 {
		u.Packet(at(20*i), p.packet(make([]byte, 20), 160))
	}
	if !u.Keep() || u.Ended(at(10_000)) != StillGoing {
		t.Error("G.729 was taken for silence")
	}
	if n := testing.AllocsPerRun(100, func() { m.Packet(base, p.marked(0)[:12]) }); n > 2 { // the packet itself
		t.Errorf("%v allocations", n)
	}
}

type tapFunc func(time.Time, []byte)

func (f tapFunc) Packet(at time.Time, b []byte) { f(at, b) }
