package record

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strowger/media/audio"
)

func TestCallerLeftCalleeRight(t *testing.T) {
	c := newCapture(t, Header{})
	a, b := &phone{ssrc: 1, seq: 65530, ts: 1<<32 - 800}, &phone{ssrc: 2, pt: 8, seq: 7, ts: 99}
	for i := range 100 {
		c.packet(0, float64(20*i), a.ulawTone(440, i))
		c.packet(1, float64(20*i)+3, b.packet(audio.EncodeALaw(nil, sine(1000, 8000, 160*i, 160)), 160))
	}
	r := c.render(2000)
	if r.Duration != 2*time.Second || r.Interrupted || len(r.Notes) != 0 || r.Packets != 200 {
		t.Errorf("result %+v", r.Result)
	}
	if len(r.chans) != 2 || len(r.chans[0]) != 16000 {
		t.Fatalf("%d channels of %d frames", len(r.chans), len(r.chans[0]))
	}
	wantTone(t, "left", r.chans[0], 440)
	wantTone(t, "right", r.chans[1][24:], 1000)
	// Not one sample differs from what the codec makes of them, in its place.
	want := audio.DecodeULaw(nil, audio.EncodeULaw(nil, sine(440, 8000, 0, 16000)))
	for i, v := range want {
		if r.chans[0][i] != v {
			t.Fatalf("left sample %d is %d, want %d", i, r.chans[0][i], v)
		}
	}
	wantSilence(t, "right before its first packet", r.chans[1][:24])
	want = audio.DecodeALaw(nil, audio.EncodeALaw(nil, sine(1000, 8000, 0, 15976)))
	for i, v := range want {
		if r.chans[1][24+i] != v {
			t.Fatalf("right sample %d is %d, want %d", i, r.chans[1][24+i], v)
		}
	}
	raw, err := os.ReadFile(r.path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(raw)
	if r.SHA256 != hex.EncodeToString(sum[:]) || r.Bytes != int64(len(raw)) || len(raw) != 44+64000 {
		t.Errorf("hash or size of %d bytes: %+v", len(raw), r.Result)
	}
	if left, _ := filepath.Glob(r.path + ".*"); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// The order and the number of times that packets come in does not matter.
func TestOrderAndDoubles(t *testing.T) {
	straight := newCapture(t, Header{})
	mixed := newCapture(t, Header{})
	type arrival struct {
		ms float64
		b  []byte
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	p := &phone{ssrc: 5, seq: 65000, ts: 1 << 31}
	var list []arrival
	for i := range 1000 {
		b := p.ulawTone(440+float64(i%7)*100, i)
		straight.packet(0, float64(20*i), b)
		list = append(list, arrival{float64(20*i) + rnd.Float64()*300, b})
		if i%10 == 0 {
			list[len(list)-1].ms = float64(20 * i) // some are never late
		}
		if i%5 == 0 {
			list = append(list, arrival{float64(20*i) + rnd.Float64()*400, b})
		}
	}
	for len(list) > 0 { // by arrival
		k := 0
		for i := range list {
			if list[i].ms < list[k].ms {
				k = i
			}
		}
		mixed.packet(0, list[k].ms, list[k].b)
		list = append(list[:k], list[k+1:]...)
	}
	want, got := straight.render(20000), mixed.render(20000)
	if got.Late != 200 {
		t.Errorf("%d doubles counted, want 200", got.Late)
	}
	for i := range want.chans[0] {
		if want.chans[0][i] != got.chans[0][i] {
			t.Fatalf("sample %d (packet %d) differs", i, i/160)
		}
	}
}

func TestTimeIsTrue(t *testing.T) {
	const (
		code = 0x80 // the loudest
		loud = 32124
	)
	// spans checks that channel 0 sounds exactly in the given stretches, in ms.
	spans := func(t *testing.T, pcm []int16, on ...[2]int) {
		t.Helper()
		for i, v := range pcm {
			want := int16(0)
			for _, s := range on {
				if i >= s[0]*8 && i < s[1]*8 {
					want = loud
				}
			}
			if v != want {
				t.Fatalf("sample %d (%.3f ms) is %d, want %d", i, float64(i)/8, v, want)
			}
		}
	}
	send := func(c *capture, p *phone, from, to int, delay float64) {
		for ms := from; ms < to; ms += 20 {
			c.packet(0, float64(ms)+delay, p.marked(code))
		}
	}
	t.Run("loss", func(t *testing.T) {
		c, p := newCapture(t, Header{}), &phone{ssrc: 1}
		send(c, p, 0, 1000, 0)
		p.seq += 10
		p.ts += 1600
		send(c, p, 1200, 2000, 0)
		r := c.render(2500)
		if r.Duration != 2500*time.Millisecond {
			t.Error(r.Duration)
		}
		spans(t, r.chans[0], [2]int{0, 1000}, [2]int{1200, 2000})
	})
	t.Run("silence suppression", func(t *testing.T) { // time stamps go on, numbers do not leap
		c, p := newCapture(t, Header{}), &phone{ssrc: 1}
		send(c, p, 0, 1000, 0)
		p.ts += 8 * 3000
		send(c, p, 4000, 5000, 0)
		spans(t, c.render(5000).chans[0], [2]int{0, 1000}, [2]int{4000, 5000})
	})
	t.Run("hold with a clock that stands still", func(t *testing.T) {
		c, p := newCapture(t, Header{}), &phone{ssrc: 1, ts: 1<<32 - 4000}
		send(c, p, 100, 1100, 0)
		send(c, p, 61100, 62100, 0)
		spans(t, c.render(63000).chans[0], [2]int{100, 1100}, [2]int{61100, 62100})
	})
	t.Run("a clock that leaps", func(t *testing.T) {
		c, p := newCapture(t, Header{}), &phone{ssrc: 1}
		send(c, p, 0, 1000, 0)
		p.ts += 5_000_000
		send(c, p, 1000, 2000, 0)
		p.ts -= 9_000_000
		send(c, p, 2000, 3000, 0)
		spans(t, c.render(3000).chans[0], [2]int{0, 3000})
	})
	t.Run("another source", func(t *testing.T) {
		c, p := newCapture(t, Header{}), &phone{ssrc: 1}
		send(c, p, 0, 1000, 0)
		send(c, &phone{ssrc: 2, seq: 60000, ts: 3 << 30}, 1500, 2000, 0)
		send(c, p, 2500, 3000, 0) // the first one comes back, its clock has stood still
		spans(t, c.render(3000).chans[0], [2]int{0, 1000}, [2]int{1500, 2000}, [2]int{2500, 3000})
	})
	t.Run("numbers that start anew", func(t *testing.T) {
		c, p := newCapture(t, Header{}), &phone{ssrc: 1, seq: 100}
		send(c, p, 0, 1000, 0)
		p.seq, p.ts = 40000, 77
		send(c, p, 1000, 2000, 0)
		spans(t, c.render(2000).chans[0], [2]int{0, 2000})
	})
	t.Run("a stall and its burst", func(t *testing.T) {
		c, p := newCapture(t, Header{}), &phone{ssrc: 1}
		send(c, p, 0, 1000, 0)
		for range 40 { // 800 ms of packets come at once
			c.packet(0, 1780, p.marked(code))
		}
		send(c, p, 1800, 3000, 0)
		spans(t, c.render(3000).chans[0], [2]int{0, 3000})
	})
	t.Run("the first packet is late", func(t *testing.T) {
		c, p := newCapture(t, Header{}), &phone{ssrc: 1}
		c.packet(0, 180, p.marked(code))
		send(c, p, 120, 1000, 0) // numbers 1… of a stream that began at 100
		spans(t, c.render(1000).chans[0], [2]int{100, 1000})
	})
	t.Run("one way only, and a late start", func(t *testing.T) {
		c, p := newCapture(t, Header{}), &phone{ssrc: 1}
		send(c, p, 30_000, 31_000, 0)
		r := c.render(60_000)
		spans(t, r.chans[0], [2]int{30_000, 31_000})
		wantSilence(t, "right", r.chans[1])
		if r.Duration != time.Minute {
			t.Error(r.Duration)
		}
	})
	t.Run("pause", func(t *testing.T) {
		c, p := newCapture(t, Header{Paused: true}), &phone{ssrc: 1}
		send(c, p, 0, 1000, 0)
		c.s.Resume(c.at(1000)) // answered
		send(c, p, 1000, 2000, 0)
		c.s.Pause(c.at(2000))
		send(c, p, 2000, 72_000, 0)
		c.s.Resume(c.at(72_000))
		send(c, p, 72_000, 73_000, 0)
		c.s.Pause(c.at(73_000))
		send(c, p, 73_000, 74_000, 0)
		r := c.render(75_000)
		if r.Duration != 72*time.Second { // from the first resume to the last pause
			t.Error(r.Duration)
		}
		spans(t, r.chans[0], [2]int{0, 1000}, [2]int{71_000, 72_000})
	})
	t.Run("nothing was wanted", func(t *testing.T) {
		c := newCapture(t, Header{Paused: true})
		send(c, &phone{}, 0, 1000, 0)
		if r := c.render(1000); r.Duration != 0 {
			t.Error(r.Duration)
		}
	})
	t.Run("events and comfort noise", func(t *testing.T) {
		c, p := newCapture(t, Header{Sides: [2]SideInfo{{Formats: []Format{pcmu, {PT: 101, Name: "telephone-event", Rate: 8000}}}}}), &phone{ssrc: 1}
		send(c, p, 0, 1000, 0)
		p.pt = 101
		for ms := 1000; ms < 1200; ms += 20 {
			c.packet(0, float64(ms), p.packet([]byte{1, 10, 0, 160}, 0))
		}
		p.pt, p.ts = 0, p.ts+1600
		send(c, p, 1200, 2000, 0)
		p.pt = 13
		c.packet(0, 2000, p.packet([]byte{60}, 0))
		p.pt, p.ts = 0, p.ts+8*500
		send(c, p, 2500, 3000, 0)
		r := c.render(3000)
		spans(t, r.chans[0], [2]int{0, 1000}, [2]int{1200, 2000}, [2]int{2500, 3000})
		if len(r.Notes) != 0 {
			t.Error(r.Notes)
		}
	})
}

// A sender whose clock is off by 500 ppm is 240 ms away after 8 minutes; what it
// says must be where it was said, and without a click.
func TestDrift(t *testing.T) {
	for _, ppm := range []float64{500, -500} {
		c, p := newCapture(t, Header{}), &phone{ssrc: 1}
		const packets = 8 * 60 * 50
		rnd := rand.New(rand.NewPCG(3, 4))
		for i := range packets {
			c.packet(0, 20*float64(i)*(1+ppm/1e6)+rnd.Float64()*8, p.ulawTone(440, i))
		}
		span := 20 * packets * (1 + ppm/1e6)
		r := c.render(span + 2000)
		last := 0
		for i, v := range r.chans[0] {
			if v > 8000 || v < -8000 {
				last = i
			}
		}
		if off := float64(last)/8 - span; off > 20 || off < -20 {
			t.Errorf("%v ppm: the last sound is %.1f ms off", ppm, off)
		}
		// A click is a step larger than the tone's own steepest one.
		for i := 1; i < last; i++ {
			if d := int(r.chans[0][i]) - int(r.chans[0][i-1]); d > 9000 || d < -9000 {
				t.Fatalf("%v ppm: a click at %.4f s: %v", ppm, float64(i)/8000, r.chans[0][i-5:i+5])
			}
		}
		wantTone(t, "after 7 minutes", r.chans[0][7*60*8000:][:1600], 440)
	}
}

func TestCodecs(t *testing.T) {
	l16 := func(rate, chans int) func(i int) ([]byte, uint32) {
		return func(i int) ([]byte, uint32) {
			n := rate / 50 / chans / chans // such that it fits a datagram
			var b []byte
			for _, v := range sine(1000, rate, i*n, n) {
				for range chans {
					b = binary.BigEndian.AppendUint16(b, uint16(v))
				}
			}
			return b, uint32(n)
		}
	}
	enc := audio.NewG722Encoder()
	for _, c := range []struct {
		name   string
		format Format
		packet func(i int) ([]byte, uint32)
	}{
		{"G722", Format{PT: 9, Name: "G722", Rate: 8000}, func(i int) ([]byte, uint32) {
			return enc.Encode(nil, sine(1000, 16000, 320*i, 320)), 160
		}},
		{"L16 8", Format{PT: 96, Name: "L16", Rate: 8000, Channels: 1}, l16(8000, 1)},
		{"L16 16", Format{PT: 96, Name: "l16", Rate: 16000, Channels: 1}, l16(16000, 1)},
		{"L16 48 stereo", Format{PT: 97, Name: "L16", Rate: 48000, Channels: 2}, l16(48000, 2)},
		{"L16 44.1 static", Format{PT: 11}, l16(44100, 1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			formats := []Format{c.format}
			if c.format.Name == "" {
				formats = []Format{pcmu}
			}
			cap := newCapture(t, Header{Sides: [2]SideInfo{{Formats: formats}}})
			p := &phone{pt: c.format.PT, ssrc: 9}
			at := 0.0
			for i := 0; at < 2000; i++ {
				b, n := c.packet(i)
				cap.packet(0, at, p.packet(b, n))
				at += 1000 * float64(n) / float64(codecFor(c.format.PT, formats).rate)
			}
			r := cap.render(2000)
			if len(r.Notes) != 0 {
				t.Error(r.Notes)
			}
			wantTone(t, c.name, r.chans[0][800:15200], 1000)
			// In place: against the tone as it went in.
			want := sine(1000, 8000, 0, 16000)
			for i := 800; i < 15200; i++ {
				if d := int(want[i]) - int(r.chans[0][i]); d > 2500 || d < -2500 {
					t.Fatalf("sample %d is %d, want about %d: the codec's delay is not made up for", i, r.chans[0][i], want[i])
				}
			}
		})
	}
}

func TestUnknownCodecIsSilenceWithANote(t *testing.T) {
	c := newCapture(t, Header{Sides: [2]SideInfo{{Formats: []Format{{PT: 18, Name: "G729", Rate: 8000}}}}})
	p := &phone{pt: 18, ssrc: 9}
	for i := range 100 {
		c.packet(0, float64(20*i), p.packet(make([]byte, 20), 160))
	}
	p.pt = 111
	c.packet(0, 2000, p.packet(make([]byte, 20), 160))
	r := c.render(2100)
	if r.Duration != 2100*time.Millisecond {
		t.Error(r.Duration)
	}
	wantSilence(t, "left", r.chans[0])
	if got := strings.Join(r.Notes, "|"); !strings.Contains(got, "g729") || !strings.Contains(got, "payload type 111") || len(r.Notes) != 2 {
		t.Errorf("notes %q", got)
	}
}

// A re-INVITE gives a payload type another meaning in mid-call.
func TestFormatsChange(t *testing.T) {
	c := newCapture(t, Header{Sides: [2]SideInfo{{Formats: []Format{{PT: 96, Name: "PCMU", Rate: 8000}}}}})
	p := &phone{pt: 96, ssrc: 1}
	for i := range 50 {
		c.packet(0, float64(20*i), p.ulawTone(1000, i))
	}
	c.s.Side(0).SetFormats([]Format{{PT: 96, Name: "PCMA", Rate: 8000}})
	for i := 50; i < 100; i++ {
		c.packet(0, float64(20*i), p.packet(audio.EncodeALaw(nil, sine(1000, 8000, 160*i, 160)), 160))
	}
	r := c.render(2000)
	wantTone(t, "through the change", r.chans[0], 1000)
}

func TestMono(t *testing.T) {
	c := newCapture(t, Header{Mono: true})
	p := &phone{ssrc: 1}
	for i := range 50 {
		c.packet(0, float64(20*i), p.ulawTone(600, i))
	}
	r := c.render(1000)
	if len(r.chans) != 1 {
		t.Fatalf("%d channels", len(r.chans))
	}
	wantTone(t, "mono", r.chans[0], 600)
}

func TestRenderRefusesAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	wav := filepath.Join(dir, "x.wav")
	bad := filepath.Join(dir, "x.rtp")
	for name, b := range map[string][]byte{"empty": nil, "noise": bytes.Repeat([]byte{7}, 100), "half a header": []byte(magic + "\x10\x00")} {
		if err := os.WriteFile(bad, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Render(context.Background(), bad, wav); !errors.Is(err, ErrNotSpool) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Render(context.Background(), filepath.Join(dir, "none"), wav); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	c := newCapture(t, Header{})
	if err := c.s.Close(c.at(1000)); err != nil {
		t.Fatal(err)
	}
	if _, err := Render(context.Background(), c.path, filepath.Join(dir, "no such folder", "x.wav")); err == nil {
		t.Error("rendered into nowhere")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Render(ctx, c.path, wav); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if left, _ := filepath.Glob(wav + "*"); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// Any prefix of a spool is a spool, and a damaged stretch costs only itself.
func TestDamage(t *testing.T) {
	c, p := newCapture(t, Header{}), &phone{ssrc: 1}
	for i := range 250 {
		c.packet(0, float64(20*i), p.ulawTone(440, i))
	}
	if err := c.s.Close(c.at(5000)); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(c.path)
	if err != nil {
		t.Fatal(err)
	}
	record := recordHead + 172
	torn := filepath.Join(t.TempDir(), "torn.rtp")
	for cut := len(whole) - 1; cut > len(whole)-3*record; cut -= 13 {
		if err := os.WriteFile(torn, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		r := render(t, torn)
		packets := 250
		if cut < len(whole)-recordHead { // into the packets before the end record
			packets -= (len(whole) - recordHead - cut + record - 1) / record
		}
		if !r.Interrupted || r.Damaged != 0 || int(r.Packets) != packets || r.Duration != time.Duration(packets)*20*time.Millisecond {
			t.Fatalf("%d bytes short: %+v, want %d packets", len(whole)-cut, r.Result, packets)
		}
	}
	hurt := bytes.Clone(whole)
	clear(hurt[len(hurt)/2:][:1000])
	if err := os.WriteFile(torn, hurt, 0o600); err != nil {
		t.Fatal(err)
	}
	r := render(t, torn)
	if r.Interrupted || r.Damaged < 1000 || r.Packets < 243 || r.Duration != 5*time.Second || len(r.Notes) != 1 {
		t.Errorf("%+v", r.Result)
	}
	wantTone(t, "before", r.chans[0][:8000], 440)
	wantTone(t, "after", r.chans[0][32000:], 440)
}
