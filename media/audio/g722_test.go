package audio

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// tone at an amplitude, of so many samples.
func tone(hz float64, rate int, amp float64, n int) []int16 {
	out := make([]int16, n)
	for i := range out {
		out[i] = int16(math.Round(amp * math.Sin(2*math.Pi*hz*float64(i)/float64(rate))))
	}
	return out
}

// snr of got against want, which it follows by delay samples, in dB.
func snr(want, got []int16, delay int) float64 {
	var s, n float64
	for i := 1600; i+delay < len(got) && i < len(want); i++ {
		d := float64(got[i+delay]) - float64(want[i])
		s += float64(want[i]) * float64(want[i])
		n += d * d
	}
	return 10 * math.Log10(s/max(n, 1))
}

func TestG722RoundTrip(t *testing.T) {
	for _, c := range []struct{ hz, want float64 }{
		// The lower band has six bits a sample, the upper two.
		{100, 25}, {440, 30}, {1000, 30}, {2000, 25}, {3000, 20}, {5000, 10}, {6000, 10},
	} {
		in := tone(c.hz, WideRate, 10000, WideRate)
		code := NewG722Encoder().Encode(nil, in)
		if len(code) != len(in)/2 {
			t.Fatalf("%d bytes for %d samples", len(code), len(in))
		}
		out := NewG722Decoder().Decode(nil, code)
		if len(out) != len(in) {
			t.Fatalf("%d samples back for %d", len(out), len(in))
		}
		if got := snr(in, out, 22); got < c.want {
			t.Errorf("%v Hz: %.1f dB of signal over noise, want %v", c.hz, got, c.want)
		}
		if l := ToneLevel(out[3200:], WideRate, c.hz); math.Abs(l-DB(10000.0/32768)) > 1 {
			t.Errorf("%v Hz: %.1f dB after the round trip", c.hz, l)
		}
	}
}

// Packets are coded one by one: the pieces must not show.
func TestG722InPieces(t *testing.T) {
	in := tone(700, WideRate, 8000, 3200)
	whole := NewG722Encoder().Encode(nil, in)
	enc, dec := NewG722Encoder(), NewG722Decoder()
	var pieces []byte
	var out []int16
	for i, n := 0, 1; i < len(in); i, n = i+n, n%97+1 {
		b := enc.Encode(nil, in[i:min(i+n, len(in))])
		pieces = append(pieces, b...)
		out = dec.Decode(out, b)
	}
	if !bytes.Equal(whole, pieces) {
		t.Error("the encoder depends on where it is cut")
	}
	want := NewG722Decoder().Decode(nil, whole)
	for i := range want {
		if want[i] != out[i] {
			t.Fatal("the decoder depends on where it is cut")
		}
	}
}

// noise is a signal that anybody can make again: a 32-bit linear congruential
// generator's upper bits, with the loudness changing every 1000 samples so that
// each quantizer and each limit is met.
func noise(n int) []int16 {
	out := make([]int16, n)
	x := uint32(1)
	for i := range out {
		x = x*1664525 + 1013904223
		out[i] = int16(x>>16) >> (i / 1000 % 12)
	}
	return out
}

// Known answers. The codec that gave them is the one that codes and decodes the
// speech of ITU-T G.191's test data exactly (TestG722AgainstG191): they keep it
// so where those files are not at hand.
func TestG722KnownAnswers(t *testing.T) {
	code := NewG722Encoder().Encode(nil, append(noise(48000), tone(1000, WideRate, 32767, 16000)...))
	out := NewG722Decoder().Decode(nil, code)
	wild := make([]byte, 32000) // codes that no encoder sends in this order
	for i, v := range noise(len(wild)) {
		wild[i] = byte(v >> 3)
	}
	for _, c := range []struct {
		name string
		sum  uint32
		want uint32
	}{
		{"codes", crc32.ChecksumIEEE(code), 0xc15623a4},
		{"samples", crc32.ChecksumIEEE(unwords(out)), 0xd69f0d9e},
		{"samples of wild codes", crc32.ChecksumIEEE(unwords(NewG722Decoder().Decode(nil, wild))), 0x1c52d721},
	} {
		if c.sum != c.want {
			t.Errorf("%s: checksum %#08x, want %#08x", c.name, c.sum, c.want)
		}
	}
}

// The overflow sequence of G.722 Appendix II (T1C2.XMT), which drives every
// limit of both bands: it is regular enough to be made here. The checksums are
// those that ITU-T publishes for the sequence and for what must come of it
// (bt1c2.xmt, bt2r2.cod, bt3l2.rc1 and bt3h2.rc0, 16-bit little-endian words).
// A word's lowest bit is a reset; sub-band samples stand in the upper 15 bits,
// codes in the upper byte.
func TestG722AppendixII(t *testing.T) {
	file := func(words []uint16) uint32 {
		h := crc32.NewIEEE()
		framed := slices.Concat(slices.Repeat([]uint16{1}, 16), words, slices.Repeat([]uint16{1}, 16))
		for _, w := range framed {
			h.Write([]byte{byte(w), byte(w >> 8)})
		}
		return h.Sum32()
	}
	in := slices.Repeat([]uint16{0x8000, 0x7ffe}, 320)
	in = append(in[:639], 0, 0xb1e0, 0xc000)
	in = append(in, slices.Repeat([]uint16{0x8000, 0x7ffe, 0x8000}, 42)...)
	var codes, low, high []uint16
	e, d := NewG722Encoder(), NewG722Decoder()
	for _, w := range in {
		x := int32(int16(w)) >> 1
		c := e.quantize(x, x)
		rl, rh := d.restore(c)
		codes = append(codes, uint16(c)<<8)
		low, high = append(low, uint16(rl)<<1), append(high, uint16(rh)<<1)
	}
	for _, c := range []struct {
		name  string
		words []uint16
		want  uint32
	}{
		{"bt1c2.xmt", in, 0x2D604685},
		{"bt2r2.cod", codes, 0x344EA5D0},
		{"bt3l2.rc1", low, 0xAF00F31F},
		{"bt3h2.rc0", high, 0x5330AE2E},
	} {
		if got := file(c.words); got != c.want {
			t.Errorf("%s: checksum %08X, want %08X", c.name, got, c.want)
		}
	}
}

func unwords(pcm []int16) []byte {
	var b []byte
	for _, v := range pcm {
		b = binary.LittleEndian.AppendUint16(b, uint16(v))
	}
	return b
}

// The speech of ITU-T G.191 (G.722's folder test_data): every code and every
// sample. The data's licence keeps them out of this repository;
// STROWGER_ITU_DATA names a directory with them.
func TestG722AgainstG191(t *testing.T) {
	dir := os.Getenv("STROWGER_ITU_DATA")
	if dir == "" {
		t.Skip("STROWGER_ITU_DATA names no directory with the G.191 test data")
	}
	words := func(name string) []int16 {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Skip(err)
		}
		w := make([]int16, len(b)/2)
		for i := range w {
			w[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
		}
		return w
	}
	var want []byte
	for _, w := range words("codspw.cod") {
		want = append(want, byte(w))
	}
	if got := NewG722Encoder().Encode(nil, words("inpsp.bin")); !bytes.Equal(got, want) {
		t.Error("codes differ from the reference")
	}
	if got := NewG722Decoder().Decode(nil, want); !bytes.Equal(unwords(got), unwords(words("outsp1.bin"))) {
		t.Error("samples differ from the reference")
	}
}

func BenchmarkG722EncodeFrame(b *testing.B) {
	e, pcm, code := NewG722Encoder(), tone(440, WideRate, 8000, 320), make([]byte, 0, 160)
	for b.Loop() {
		e.Encode(code[:0], pcm)
	}
}

func BenchmarkG722DecodeFrame(b *testing.B) {
	d, pcm := NewG722Decoder(), make([]int16, 0, 320)
	code := NewG722Encoder().Encode(nil, tone(440, WideRate, 8000, 320))
	for b.Loop() {
		d.Decode(pcm[:0], code)
	}
}
