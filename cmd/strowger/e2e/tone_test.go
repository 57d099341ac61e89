package e2e

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"
)

// toneShare answers how much of a signal's power is a tone of f Hz, 0 to 1, by
// Goertzel's algorithm over a Hann window, and the signal's level in dBFS.
func toneShare(samples []float64, rate, f float64) (share, level float64) {
	n := len(samples)
	if n == 0 {
		return 0, math.Inf(-1)
	}
	var power, windowed float64
	w := 2 * math.Pi * f / rate
	k := 2 * math.Cos(w)
	var s1, s2 float64
	for i, x := range samples {
		power += x * x
		x *= 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(n))
		windowed += x * x
		s1, s2 = x+k*s1-s2, s1
	}
	level = 10 * math.Log10(power/float64(n))
	if windowed == 0 {
		return 0, level
	}
	tone := s1*s1 + s2*s2 - k*s1*s2
	// A pure tone of amplitude a gives |X|² = (a·n/4)² and Σx² = 3a²n/16.
	return min(tone/(windowed*float64(n)/3), 1), level
}

// hearsTone tells whether a tone of f Hz and little else is in the signal.
func hearsTone(samples []float64, rate int, f float64) error {
	share, level := toneShare(samples, float64(rate), f)
	if level < -50 {
		return fmt.Errorf("silence (%.0f dBFS) where a tone of %.0f Hz is due", level, f)
	}
	if share < 0.7 {
		return fmt.Errorf("a tone of %.0f Hz has only %.2f of the power (level %.0f dBFS)", f, share, level)
	}
	return nil
}

// toneSeconds answers for how long a tone of f Hz can be heard, in steps of
// 100 ms.
func toneSeconds(samples []float64, rate int, f float64) float64 {
	step := rate / 10
	n := 0
	for i := 0; i+step <= len(samples); i += step {
		if hearsTone(samples[i:i+step], rate, f) == nil {
			n++
		}
	}
	return float64(n) / 10
}

// A sound is what a WAV file holds.
type sound struct {
	rate     int
	channels [][]float64 // −1 to 1
}

func (s sound) seconds() float64 {
	if len(s.channels) == 0 {
		return 0
	}
	return float64(len(s.channels[0])) / float64(s.rate)
}

// readWAV reads 16-bit PCM, A-law and µ-law. A file that is still being
// written, whose header gives no length yet, is read to its end.
func readWAV(b []byte) (sound, error) {
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return sound{}, errors.New("not a WAV file")
	}
	var s sound
	var format, channels int
	for b = b[12:]; len(b) >= 8; {
		id, size := string(b[:4]), int(binary.LittleEndian.Uint32(b[4:]))
		b = b[8:]
		chunk := b[:min(size, len(b))]
		switch id {
		case "fmt ":
			if len(chunk) < 16 {
				return sound{}, errors.New("a short fmt chunk")
			}
			format = int(binary.LittleEndian.Uint16(chunk))
			channels = int(binary.LittleEndian.Uint16(chunk[2:]))
			s.rate = int(binary.LittleEndian.Uint32(chunk[4:]))
		case "data":
			if size == 0 {
				chunk = b
			}
			if channels == 0 {
				return sound{}, errors.New("data before fmt")
			}
			s.channels = make([][]float64, channels)
			width := 1
			if format == 1 {
				width = 2
			}
			for i := 0; i+width*channels <= len(chunk); i += width * channels {
				for c := range channels {
					at := chunk[i+c*width:]
					var v int16
					switch format {
					case 1:
						v = int16(binary.LittleEndian.Uint16(at))
					case 6:
						v = fromALaw(at[0])
					case 7:
						v = fromMuLaw(at[0])
					default:
						return sound{}, fmt.Errorf("WAV format %d", format)
					}
					s.channels[c] = append(s.channels[c], float64(v)/32768)
				}
			}
			return s, nil
		}
		b = b[min(size+size&1, len(b)):]
	}
	return sound{}, errors.New("no data chunk")
}

func readWAVFile(path string) (sound, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return sound{}, err
	}
	return readWAV(b)
}

// toneWAV makes a mono file of 16-bit PCM.
func toneWAV(rate int, tone, seconds float64) []byte {
	n := int(float64(rate) * seconds)
	b := []byte("RIFF....WAVEfmt ")
	b = binary.LittleEndian.AppendUint32(b, 16)
	b = binary.LittleEndian.AppendUint16(b, 1) // PCM
	b = binary.LittleEndian.AppendUint16(b, 1)
	b = binary.LittleEndian.AppendUint32(b, uint32(rate))
	b = binary.LittleEndian.AppendUint32(b, uint32(2*rate))
	b = binary.LittleEndian.AppendUint16(b, 2)
	b = binary.LittleEndian.AppendUint16(b, 16)
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(2*n))
	for i := range n {
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(10000*math.Sin(2*math.Pi*tone*float64(i)/float64(rate)))))
	}
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	return b
}

// G.711, written out from the recommendation's segments and apart from the
// exchange's own tables, so that a mistake in those can be heard here.

func fromMuLaw(u byte) int16 {
	u = ^u
	v := (int16(u&15)<<3 + 0x84) << (u >> 4 & 7)
	v -= 0x84
	if u&0x80 != 0 {
		return -v
	}
	return v
}

func toMuLaw(v int16) byte {
	sign := byte(0)
	x := int(v)
	if x < 0 {
		x, sign = -x, 0x80
	}
	x = min(x, 32635) + 0x84
	segment := 7
	for mask := 0x4000; segment > 0 && x&mask == 0; mask >>= 1 {
		segment--
	}
	return ^(sign | byte(segment<<4) | byte(x>>(segment+3)&15))
}

func fromALaw(a byte) int16 {
	a ^= 0x55
	v := int16(a&15)<<4 + 8
	if segment := a >> 4 & 7; segment > 0 {
		v = (v + 0x100) << (segment - 1)
	}
	if a&0x80 != 0 {
		return v
	}
	return -v
}

func TestToneShare(t *testing.T) {
	t.Parallel()
	const rate = 8000
	tone := func(f, amplitude, noise float64) []float64 {
		s := make([]float64, rate/2)
		for i := range s {
			s[i] = amplitude*math.Sin(2*math.Pi*f*float64(i)/rate) + noise*(2*rand.Float64()-1)
		}
		return s
	}
	for _, c := range []struct {
		name    string
		samples []float64
		f       float64
		want    bool
	}{
		{"the tone", tone(440, 0.3, 0), 440, true},
		{"in little noise", tone(440, 0.3, 0.1), 440, true},
		{"another tone", tone(440, 0.3, 0), 660, false},
		{"a near tone", tone(440, 0.3, 0), 460, false},
		{"noise", tone(440, 0, 0.3), 440, false},
		{"silence", tone(440, 0, 0), 440, false},
		{"nothing", nil, 440, false},
	} {
		err := hearsTone(c.samples, rate, c.f)
		if (err == nil) != c.want {
			share, level := toneShare(c.samples, rate, c.f)
			t.Errorf("%s: share %.2f, level %.0f: %v", c.name, share, level, err)
		}
	}
	for v := -32000; v <= 32000; v += 7 {
		back := fromMuLaw(toMuLaw(int16(v)))
		if d := math.Abs(float64(back) - float64(v)); d > 16+math.Abs(float64(v))/16 {
			t.Fatalf("µ-law: %d came back as %d", v, back)
		}
	}
}
