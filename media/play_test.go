package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"

	"strowger/media/audio"
)

// frames is a source of n frames whose samples tell which frame they are of.
type frames struct {
	n, at int
	err   error
}

func (f *frames) ReadFrame(pcm []int16) (int, error) {
	if f.at == f.n {
		if f.err != nil {
			return 0, f.err
		}
		return 0, io.EOF
	}
	f.at++
	for i := range pcm {
		pcm[i] = int16(f.at * 256)
	}
	return len(pcm), nil
}

func TestPlay(t *testing.T) {
	for _, c := range []struct {
		name string
		pt   uint8
		f    Format
		want func(frame int) []byte // nil: only its length counts
		size int
	}{
		{"PCMU", 0, g711[0], func(n int) []byte { return audio.EncodeULaw(nil, level(n)) }, 160},
		{"PCMA", 8, g711[1], func(n int) []byte { return audio.EncodeALaw(nil, level(n)) }, 160},
		{"L16", 96, Format{PT: 96, Name: "L16", Rate: 8000}, func(n int) []byte { return bytes.Repeat([]byte{byte(n), 0}, 160) }, 320},
		{"G722", 9, Format{PT: 9, Name: "G722", Rate: 8000, Channels: 1}, nil, 160},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := relay(t, Options{})
			p, e := newPhone(t, "127.0.0.2"), open(t, r)
			m := p.remote()
			m.Formats = []Format{{PT: 18, Name: "G729", Rate: 8000}, c.f}
			e.SetRemote(m)
			done := make(chan error, 2)
			var src Source = &frames{n: 5}
			if c.want == nil {
				src = audio.PCM(make([]int16, 5*160))
			}
			e.Play(src, func(err error) { done <- err })
			var first []byte
			for i := range 5 {
				b, _ := p.recv()
				if i == 0 {
					first = bytes.Clone(b)
				}
				if b[1]&0x7f != c.pt || b[1]&0x80 != 0 != (i == 0) {
					t.Errorf("packet %d: payload type and marker %x", i, b[1])
				}
				if d := binary.BigEndian.Uint16(b[2:]) - binary.BigEndian.Uint16(first[2:]); int(d) != i {
					t.Errorf("packet %d: sequence +%d", i, d)
				}
				if d := binary.BigEndian.Uint32(b[4:]) - binary.BigEndian.Uint32(first[4:]); int(d) != i*160 {
					t.Errorf("packet %d: timestamp +%d", i, d)
				}
				if len(b) != 12+c.size || c.want != nil && !bytes.Equal(b[12:], c.want(i+1)) {
					t.Errorf("packet %d: %d bytes % x…", i, len(b), b[12:20])
				}
			}
			if err := <-done; err != nil {
				t.Error(err)
			}
			if n := r.Counters().PlaybacksRunning; n != 0 {
				t.Errorf("%d playbacks run", n)
			}
			// A second one goes on in the same stream, with a marker.
			e.Play(&frames{n: 1}, nil)
			b, _ := p.recv()
			if b[1]&0x80 == 0 || binary.BigEndian.Uint32(b[8:]) != binary.BigEndian.Uint32(first[8:]) || binary.BigEndian.Uint16(b[2:]) != binary.BigEndian.Uint16(first[2:])+5 {
				t.Errorf("second playback: % x", b[:12])
			}
			if d := int32(binary.BigEndian.Uint32(b[4:]) - binary.BigEndian.Uint32(first[4:])); d < 5*160 {
				t.Errorf("second playback begins at +%d", d)
			}
		})
	}
}

func level(n int) []int16 {
	pcm := make([]int16, 160)
	for i := range pcm {
		pcm[i] = int16(n * 256)
	}
	return pcm
}

func TestPlayEnds(t *testing.T) {
	r := relay(t, Options{})
	p, e := newPhone(t, "127.0.0.2"), open(t, r)
	e.SetRemote(p.remote())
	ended := func(start func(done func(error)), want error) {
		t.Helper()
		c := make(chan error, 2)
		start(func(err error) { c <- err })
		if err := <-c; !errors.Is(err, want) {
			t.Errorf("ended with %v, want %v", err, want)
		}
	}
	endless := func() Source { return &frames{n: 1 << 30} }
	ended(func(done func(error)) { pb := e.Play(endless(), done); p.recv(); pb.Stop(); pb.Stop() }, ErrStopped)
	ended(func(done func(error)) { e.Play(endless(), done); e.Play(&frames{n: 1}, nil) }, ErrStopped)
	ended(func(done func(error)) { e.Play(&frames{n: 2, err: io.ErrUnexpectedEOF}, done) }, io.ErrUnexpectedEOF)
	ended(func(done func(error)) { e.Play(&frames{}, done) }, nil)
	ended(func(done func(error)) {
		m := p.remote()
		m.Formats = []Format{{PT: 18, Name: "G729", Rate: 8000}}
		e.SetRemote(m)
		e.Play(endless(), done)
	}, ErrNoCodec)
	e.SetRemote(p.remote())
	ended(func(done func(error)) { e.Play(endless(), done); e.Close() }, ErrStopped)
	ended(func(done func(error)) { e.Play(endless(), done) }, ErrStopped)
	f := open(t, r)
	f.SetRemote(p.remote())
	ended(func(done func(error)) { f.Play(endless(), done); r.Close() }, ErrClosed)
	ended(func(done func(error)) { f.Play(endless(), done) }, ErrClosed)
}

// While something is played, what is bridged is not heard; after it, it is, as
// its own stream and with a marker that the receiver can start on.
func TestPlayBeforeBridge(t *testing.T) {
	r := still(t, 10)
	l := r.loops[0]
	a, b, ea, eb := call(t, r)
	done := make(chan error, 1)
	eb.Play(&frames{n: 2}, func(err error) { done <- err })
	pump(t, r, 1) // the wake-up runs the first tick
	played, _ := b.recv()
	a.send(ea, "meanwhile")
	pump(t, r, 1)
	b.silent()
	for r.Counters().PlaybacksRunning > 0 {
		l.nextTick = 0
		l.pass(0)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	b.recv()
	a.send(ea, "after")
	pump(t, r, 1)
	got := b.hears("after")
	if got[1]&0x80 == 0 || binary.BigEndian.Uint32(got[8:]) != a.ssrc || binary.BigEndian.Uint32(played[8:]) == a.ssrc {
		t.Errorf("% x after % x", got[:12], played[:12])
	}
	b.silent()
}

// A muted listener misses what is played, and it ends all the same.
func TestPlayToMuted(t *testing.T) {
	r := relay(t, Options{})
	p, e := newPhone(t, "127.0.0.2"), open(t, r)
	m := p.remote()
	m.Muted = true
	e.SetRemote(m)
	done := make(chan error, 1)
	e.Play(&frames{n: 3}, func(err error) { done <- err })
	if err := <-done; err != nil {
		t.Error(err)
	}
	p.silent()
}

// The codec may change in mid-play, also between a narrow and a wide one.
func TestPlayChangesCodec(t *testing.T) {
	r := relay(t, Options{})
	p, e := newPhone(t, "127.0.0.2"), open(t, r)
	m := p.remote()
	e.SetRemote(m)
	pb := e.Play(audio.PCM(make([]int16, 160*500)), nil)
	for _, f := range []Format{g711[1], {PT: 9, Name: "G722", Rate: 8000}, g711[0]} {
		m.Formats = []Format{f}
		e.SetRemote(m)
		await(t, f.Name, func() bool {
			b, _ := p.recv()
			return b[1]&0x7f == f.PT && len(b) == 172
		})
	}
	pb.Stop()
}

// Between two playbacks the timestamp keeps to the clock, so that the receiver
// sees a pause and not a stream that stood still.
func TestGeneratorKeepsTime(t *testing.T) {
	g := generator{ts: 1000}
	const second = 1e9
	g.resume(5 * second)
	for range 50 {
		g.step()
	}
	if g.ts != 1000+8000 {
		t.Errorf("after a second of sound: %d", g.ts)
	}
	g.resume(9 * second)
	if g.ts != 1000+4*8000 {
		t.Errorf("after three of silence: %d", g.ts)
	}
	g.resume(8 * second)
	if g.ts != 1000+4*8000 {
		t.Errorf("time went back: %d", g.ts)
	}
}
