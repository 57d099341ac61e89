package record

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"strowger/media/audio"
)

// A packet's way through the tap, with the flusher at work behind it.
func BenchmarkTap(b *testing.B) {
	s, err := Create(filepath.Join(b.TempDir(), "x.rtp"), Header{Sides: both})
	if err != nil {
		b.Fatal(err)
	}
	p := (&phone{}).ulawTone(440, 0)
	at := time.Now()
	b.ReportAllocs()
	b.SetBytes(int64(len(p)))
	n := 0
	for b.Loop() {
		s.Side(n&1).Packet(at, p)
		if n++; n%1000 == 0 { // 10 s of a call: on to the disk
			s.wmu.Lock()
			_ = s.write(true)
			s.wmu.Unlock()
		}
	}
	if s.Dropped() > 0 {
		b.Errorf("%d dropped", s.Dropped())
	}
	_ = s.Close(time.Now())
}

// A minute of a call with two sides.
func benchmarkRender(b *testing.B, f Format, packet func(i int) []byte) {
	dir := b.TempDir()
	path := filepath.Join(dir, "x.rtp")
	base := time.Now()
	s, err := Create(path, Header{StartedAt: base, Sides: [2]SideInfo{{Formats: []Format{f}}, {Formats: []Format{f}}}})
	if err != nil {
		b.Fatal(err)
	}
	phones := [2]*phone{{ssrc: 1, pt: f.PT}, {ssrc: 2, pt: f.PT}}
	for i := range 3000 {
		body := packet(i)
		for side, p := range phones {
			s.Side(side).Packet(base.Add(time.Duration(20*i)*time.Millisecond), p.packet(body, uint32(f.Rate/50)))
		}
		if i%100 == 0 {
			s.wmu.Lock()
			_ = s.write(true)
			s.wmu.Unlock()
		}
	}
	if err := s.Close(base.Add(time.Minute)); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Render(context.Background(), path, filepath.Join(dir, "x.wav")); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRenderMinutePCMU(b *testing.B) {
	body := audio.EncodeULaw(nil, sine(440, 8000, 0, 160))
	benchmarkRender(b, pcmu, func(int) []byte { return body })
}

func BenchmarkRenderMinuteG722(b *testing.B) {
	enc := audio.NewG722Encoder()
	benchmarkRender(b, g722F, func(i int) []byte { return enc.Encode(nil, sine(440, 16000, 320*i, 320)) })
}
