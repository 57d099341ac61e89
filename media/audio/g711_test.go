package audio

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"testing"
)

// The positive halves of G.711's tables 1a (A-law) and 2a (µ-law): for each
// segment its first decision value and its step, in the tables' own units (13
// and 14 bits). All 128 decision values and 128 output values follow: the
// latter lie in the middle between two of the former, but for µ-law's first,
// which is 0.
var (
	tableA = [8][2]int{{0, 2}, {32, 2}, {64, 4}, {128, 8}, {256, 16}, {512, 32}, {1024, 64}, {2048, 128}}
	tableU = [8][2]int{{-1, 2}, {31, 4}, {95, 8}, {223, 16}, {479, 32}, {991, 64}, {2015, 128}, {4063, 256}}
)

// law describes one of the two for the tests below.
type law struct {
	name  string
	table [8][2]int
	unit  int // 16-bit samples in one of the table's
	enc   func([]byte, []int16) []byte
	dec   func([]int16, []byte) []int16
	code  func(interval int, negative bool) byte
}

var laws = []law{
	{"A", tableA, 8, EncodeALaw, DecodeALaw, func(i int, neg bool) byte {
		c := byte(i) // the sign bit is 1 for positive values, and even bits are inverted
		if !neg {
			c |= 0x80
		}
		return c ^ 0x55
	}},
	{"u", tableU, 4, EncodeULaw, DecodeULaw, func(i int, neg bool) byte {
		c := 0xff - byte(i) // all bits are inverted
		if neg {
			c &= 0x7f
		}
		return c
	}},
}

func TestG711Tables(t *testing.T) {
	for _, l := range laws {
		for i := range 128 {
			first, step := l.table[i/16][0], l.table[i/16][1]
			low := first + i%16*step
			high := low + step
			value := (low + high) / 2
			low = max(low, 0)
			for _, neg := range []bool{false, true} {
				code, want := l.code(i, neg), value*l.unit
				if neg {
					want = -want
				}
				if got := l.dec(nil, []byte{code})[0]; int(got) != want {
					t.Errorf("%s-law code %#02x is %d, want %d", l.name, code, got, want)
				}
				// Every sample of the interval, its decision values included: the
				// lower one belongs to it, as in ITU-T G.191.
				for v := low * l.unit; v < high*l.unit && v <= 32767; v++ {
					s := int16(v)
					if neg {
						s = ^s
					}
					if got := l.enc(nil, []int16{s})[0]; got != code {
						t.Fatalf("%s-law of %d is %#02x, want %#02x", l.name, s, got, code)
					}
				}
			}
		}
	}
}

// All 65,536 samples, as the test data of ITU-T G.191 (files sweep-r.a, .a-a,
// .u and .u-u) have them: 16-bit little-endian words. The hashes are those of
// the files, which may not be passed on.
func TestG711AgainstG191(t *testing.T) {
	sweep := make([]int16, 1<<16)
	for i := range sweep {
		sweep[i] = int16(i - 1<<15)
	}
	sum := func(n int, at func(i int) uint16) string {
		h := sha256.New()
		for i := range n {
			var w [2]byte
			binary.LittleEndian.PutUint16(w[:], at(i))
			h.Write(w[:])
		}
		return hex.EncodeToString(h.Sum(nil))
	}
	for i, want := range [][2]string{
		{"e1e8717a8c7a493583a2e8ac6916f0e37383d9226c6fb60de541393aba8bf402", "faf8570479a0e7d0e1da55d48c42e76961d0e5c285c35d42e9f6dafbafae8a35"},
		{"0523921b8957bccf95d0e0f2e43930359403d5ad4e31926b2272aa74a1f22c43", "cf9f90195534a105f211b1fb5c511ab45ee76827ac0987d6cc804afb897ef0f6"},
	} {
		l := laws[i]
		codes := l.enc(nil, sweep)
		if got := sum(len(codes), func(i int) uint16 { return uint16(codes[i]) }); got != want[0] {
			t.Errorf("%s-law: the sweep's codes differ from the reference", l.name)
		}
		pcm := l.dec(nil, codes)
		if got := sum(len(pcm), func(i int) uint16 { return uint16(pcm[i]) }); got != want[1] {
			t.Errorf("%s-law: the sweep's samples differ from the reference", l.name)
		}
	}
}

func TestG711AppendsWithoutAllocating(t *testing.T) {
	pcm := make([]int16, 160)
	code := make([]byte, 1, 161)
	code[0] = 1
	if got := EncodeULaw(code, pcm); len(got) != 161 || got[0] != 1 || got[1] != 0xff {
		t.Errorf("% x", got[:2])
	}
	if n := testing.AllocsPerRun(100, func() {
		b := EncodeALaw(code[:0], pcm)
		DecodeALaw(pcm[:0], b)
		DecodeULaw(pcm[:0], EncodeULaw(code[:0], pcm))
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkULawFrame(b *testing.B) {
	pcm, code := make([]int16, 160), make([]byte, 0, 160)
	for b.Loop() {
		DecodeULaw(pcm[:0], EncodeULaw(code[:0], pcm))
	}
}
