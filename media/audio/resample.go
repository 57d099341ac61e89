package audio

import (
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
)

// A Resampler changes the rate of one stream: a polyphase FIR filter with a
// Kaiser-windowed sinc, flat to 3.4 kHz at the lower of the rates being 8 kHz
// and 75 dB down where an image or alias would fall into that band.
type Resampler struct {
	*bank
	hist []float32 // the last taps-1 samples, then the new ones
	pos  int       // of the next output, in 1/up samples behind hist[taps-1]
}

// bank is what all resamplers of one ratio share.
type bank struct {
	up, down int
	taps     int         // of each phase
	coef     [][]float32 // [phase][tap], oldest sample first
	delay    int         // in output samples, of the whole filter
}

// lobes of the sinc on each side, counted at the lower of the two rates.
const lobes = 24

var banks sync.Map // [2]int{up, down} → *bank

// NewResampler makes one for rates between 4 and 192 kHz whose ratio is a
// simple one: 8, 16 and 48 kHz, and what sound files come in.
func NewResampler(from, to int) (*Resampler, error) {
	if from < 4000 || from > 192000 || to < 4000 || to > 192000 {
		return nil, fmt.Errorf("resample %d to %d Hz: want 4000 to 192000", from, to)
	}
	g := gcd(from, to)
	up, down := to/g, from/g
	if up > 640 || down > 640 {
		return nil, fmt.Errorf("resample %d to %d Hz: the ratio %d:%d is too odd", from, to, up, down)
	}
	key := [2]int{up, down}
	b, ok := banks.Load(key)
	if !ok {
		b, _ = banks.LoadOrStore(key, newBank(up, down))
	}
	r := &Resampler{bank: b.(*bank)}
	r.Reset()
	return r, nil
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func newBank(up, down int) *bank {
	// The prototype runs at from*up = to*down samples a second. Its cut-off is
	// 0.478 of the lower rate, 3.82 kHz for 8 kHz.
	slow := max(up, down) // prototype samples in one sample of the lower rate
	half := lobes * slow
	b := &bank{up: up, down: down, taps: (2*half + up) / up}
	b.delay = half / down
	// half need not be a multiple of down; shift the centre so that the delay
	// is whole output samples and tones come out in place.
	centre := b.delay * down
	b.coef = make([][]float32, up)
	for phase := range b.coef {
		c := make([]float32, b.taps)
		sum := 0.0
		w := make([]float64, b.taps)
		for i := range c {
			// distance from the centre, of the tap on the i-th oldest sample
			x := float64((b.taps-1-i)*up+phase-centre) / float64(slow)
			w[i] = 0.956 * sinc(0.956*x) * kaiser(x/lobes)
			sum += w[i]
		}
		for i := range c {
			c[i] = float32(w[i] / sum) // unity at 0 Hz in every phase
		}
		b.coef[phase] = c
	}
	return b
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// kaiser is the window for β = 7.86, about 80 dB; 0 outside of ±1.
func kaiser(x float64) float64 {
	const beta = 7.86
	if x < -1 || x > 1 {
		return 0
	}
	return bessel0(beta*math.Sqrt(1-x*x)) / bessel0(beta)
}

func bessel0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > 1e-12*sum; k++ {
		term *= x * x / (4 * k * k)
		sum += term
	}
	return sum
}

// Reset forgets what came before.
func (r *Resampler) Reset() {
	r.hist = append(r.hist[:0], make([]float32, r.taps-1)...)
	r.pos = 0
}

// Delay is by how many output samples a sound comes later than it went in.
func (r *Resampler) Delay() int { return r.delay }

// Resample appends what pcm becomes to dst. In the long run it returns exactly
// to/from times as many samples as it was given.
func (r *Resampler) Resample(dst, pcm []int16) []int16 {
	if r.up == r.down {
		return append(dst, pcm...)
	}
	for _, v := range pcm {
		r.hist = append(r.hist, float32(v))
	}
	n := len(r.hist) - (r.taps - 1) // new samples at hand
	for r.pos < n*r.up {
		at, phase := r.pos/r.up, r.pos%r.up
		h, c := r.hist[at:at+r.taps], r.coef[phase]
		var sum float32
		for i, v := range h {
			sum += v * c[i]
		}
		dst = append(dst, round16(sum))
		r.pos += r.down
	}
	r.pos -= n * r.up
	r.hist = r.hist[:copy(r.hist, r.hist[n:])]
	return dst
}

func round16(v float32) int16 {
	if v >= 32767 {
		return 32767
	}
	if v <= -32768 {
		return -32768
	}
	if v < 0 {
		return int16(v - 0.5)
	}
	return int16(v + 0.5)
}

// Resampled is s, whose samples come at the rate from, at the rate to, without
// the filter's delay. A ratio that cannot be had ends at once with the error.
func Resampled(s Source, from, to int) Source {
	if from == to {
		return s
	}
	r, err := NewResampler(from, to)
	if err != nil {
		return failed{err}
	}
	return &resampled{src: s, r: r, skip: r.Delay(), in: make([]int16, from/50)}
}

type failed struct{ err error }

func (f failed) ReadFrame([]int16) (int, error) { return 0, f.err }

type resampled struct {
	src     Source
	r       *Resampler
	in, out []int16
	at      int // read so far of out
	skip    int // still to leave out at the start
	end     error
	in1     int64 // samples taken and given, to end at the right one
	out1    int64
}

func (s *resampled) ReadFrame(pcm []int16) (int, error) {
	n, idle := 0, 0
	for n < len(pcm) {
		if s.at < len(s.out) {
			m := copy(pcm[n:], s.out[s.at:])
			s.at += m
			n += m
			continue
		}
		if s.end != nil {
			return n, s.end
		}
		m, err := s.src.ReadFrame(s.in)
		s.in1 += int64(m)
		s.out, s.at = s.r.Resample(s.out[:0], s.in[:m]), 0
		if err != nil {
			s.end = err
			// Push the tail out of the filter.
			tail := make([]int16, s.r.taps)
			s.out = s.r.Resample(s.out, tail)
		} else if m == 0 {
			if idle++; idle > 100 {
				return n, io.ErrNoProgress
			}
		}
		drop := min(s.skip, len(s.out))
		s.skip -= drop
		s.at = drop
		total := (s.in1*int64(s.r.up) + int64(s.r.down) - 1) / int64(s.r.down)
		if left := total - s.out1; s.end != nil && int64(len(s.out)-s.at) > left {
			s.out = s.out[:s.at+int(left)]
		}
		s.out1 += int64(len(s.out) - s.at)
	}
	if s.at == len(s.out) && errors.Is(s.end, io.EOF) {
		return n, io.EOF
	}
	return n, nil
}
