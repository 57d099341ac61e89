package audio

import (
	"io"
	"math"
	"strings"
	"time"
)

// A step of a tone's cadence: frequencies sounding together, or none.
type step struct {
	hz []float64
	d  time.Duration // negative: without end
}

// tones plays steps, once or for ever.
type tones struct {
	steps []step
	again bool
	level float64 // amplitude of each frequency, in samples' units
	rate  int

	i    int
	at   int64 // samples of this step played
	turn []float64
}

func newTones(rate int, db float64, again bool, steps ...step) *tones {
	return &tones{steps: steps, again: again, level: 32767 * math.Pow(10, db/20), rate: rate}
}

func (t *tones) Wide() Source {
	return &tones{steps: t.steps, again: t.again, level: t.level, rate: WideRate}
}

// ramp is the rise and fall of each tone, so that it does not click.
const ramp = 4 * time.Millisecond

func (t *tones) ReadFrame(pcm []int16) (int, error) {
	for n := range pcm {
		if t.i == len(t.steps) {
			return n, io.EOF
		}
		s := &t.steps[t.i]
		total := samples(s.d, t.rate)
		for total == 0 || total > 0 && t.at >= total {
			t.at, t.turn = 0, t.turn[:0]
			if t.i++; t.i == len(t.steps) && t.again {
				t.i = 0
			}
			if t.i == len(t.steps) {
				return n, io.EOF
			}
			s = &t.steps[t.i]
			total = samples(s.d, t.rate)
		}
		v := 0.0
		for i, hz := range s.hz {
			if i == len(t.turn) {
				t.turn = append(t.turn, 0)
			}
			v += math.Sin(2 * math.Pi * t.turn[i])
			if t.turn[i] += hz / float64(t.rate); t.turn[i] >= 1 {
				t.turn[i]--
			}
		}
		edge := t.at
		if total > 0 {
			edge = min(edge, total-1-t.at)
		}
		if r := samples(ramp, t.rate); edge < r {
			v *= float64(edge) / float64(r)
		}
		pcm[n] = round16(float32(v * t.level))
		t.at++
	}
	return len(pcm), nil
}

// Sine is one frequency at db relative to full scale (say -12); without end if
// d is negative.
func Sine(hz, db float64, d time.Duration) Source {
	return newTones(Rate, db, false, step{[]float64{hz}, d})
}

// Beep is the tone after which one speaks: 1 kHz, 400 ms.
func Beep() Source { return Sine(1000, -12, 400*time.Millisecond) }

// A tonePlan is one country's supervisory tones: from the national plans listed
// in ITU-T E.180 Supplement 2.
type tonePlan struct{ ring, busy, congestion []step }

const ms = time.Millisecond

func on(d time.Duration, hz ...float64) step { return step{hz, d} }
func off(d time.Duration) step               { return step{nil, d} }

// onOff is the most common form of a cadence.
func onOff(a, b time.Duration, hz ...float64) []step { return []step{on(a, hz...), off(b)} }

var (
	northAmerica = tonePlan{
		ring:       onOff(2000*ms, 4000*ms, 440, 480),
		busy:       onOff(500*ms, 500*ms, 480, 620),
		congestion: onOff(250*ms, 250*ms, 480, 620),
	}
	britain = tonePlan{
		ring:       []step{on(400*ms, 400, 450), off(200 * ms), on(400*ms, 400, 450), off(2000 * ms)},
		busy:       onOff(375*ms, 375*ms, 400),
		congestion: []step{on(400*ms, 400), off(350 * ms), on(225*ms, 400), off(525 * ms)},
	}
	europe = tonePlan{
		ring:       onOff(1000*ms, 4000*ms, 425),
		busy:       onOff(500*ms, 500*ms, 425),
		congestion: onOff(250*ms, 250*ms, 425),
	}
	tonePlans = map[string]tonePlan{
		"US": northAmerica, "CA": northAmerica, "PR": northAmerica, "DO": northAmerica,
		"GB": britain, "IE": britain, "HK": {
			ring:       []step{on(400*ms, 440, 480), off(200 * ms), on(400*ms, 440, 480), off(3000 * ms)},
			busy:       onOff(500*ms, 500*ms, 480, 620),
			congestion: onOff(250*ms, 250*ms, 480, 620),
		},
		"AU": {
			ring:       []step{on(400*ms, 413, 438), off(200 * ms), on(400*ms, 413, 438), off(2000 * ms)},
			busy:       onOff(375*ms, 375*ms, 425),
			congestion: onOff(375*ms, 375*ms, 425),
		},
		"NZ": {
			ring:       []step{on(400*ms, 400, 450), off(200 * ms), on(400*ms, 400, 450), off(2000 * ms)},
			busy:       onOff(500*ms, 500*ms, 400),
			congestion: onOff(250*ms, 250*ms, 400),
		},
		"DE": {
			ring:       onOff(1000*ms, 4000*ms, 425),
			busy:       onOff(480*ms, 480*ms, 425),
			congestion: onOff(240*ms, 240*ms, 425),
		},
		"FR": {
			ring:       onOff(1500*ms, 3500*ms, 440),
			busy:       onOff(500*ms, 500*ms, 440),
			congestion: onOff(500*ms, 500*ms, 440),
		},
		"AT": {
			ring:       onOff(1000*ms, 5000*ms, 420),
			busy:       onOff(400*ms, 400*ms, 420),
			congestion: onOff(200*ms, 200*ms, 420),
		},
		"ES": {
			ring:       onOff(1500*ms, 3000*ms, 425),
			busy:       onOff(200*ms, 200*ms, 425),
			congestion: []step{on(200*ms, 425), off(200 * ms), on(200*ms, 425), off(600 * ms)},
		},
		"SE": {
			ring:       onOff(1000*ms, 5000*ms, 425),
			busy:       onOff(250*ms, 250*ms, 425),
			congestion: onOff(250*ms, 750*ms, 425),
		},
		"BE": {
			ring:       onOff(1000*ms, 3000*ms, 425),
			busy:       onOff(500*ms, 500*ms, 425),
			congestion: onOff(167*ms, 167*ms, 425),
		},
		"JP": {
			ring:       onOff(1000*ms, 2000*ms, 384, 416),
			busy:       onOff(500*ms, 500*ms, 400),
			congestion: onOff(500*ms, 500*ms, 400),
		},
		"CN": {
			ring:       onOff(1000*ms, 4000*ms, 450),
			busy:       onOff(350*ms, 350*ms, 450),
			congestion: onOff(700*ms, 700*ms, 450),
		},
		"IN": {
			ring:       []step{on(400*ms, 375, 425), off(200 * ms), on(400*ms, 375, 425), off(2000 * ms)},
			busy:       onOff(750*ms, 750*ms, 400),
			congestion: onOff(250*ms, 250*ms, 400),
		},
	}
)

// planOf a country; 425 Hz as most of Europe has it for those not listed.
func planOf(country string) tonePlan {
	if p, ok := tonePlans[strings.ToUpper(country)]; ok {
		return p
	}
	return europe
}

// toneDB of each frequency of a supervisory tone.
const toneDB = -19

// Ringback is what a country's (ISO 3166, two letters) callers hear while it
// rings, without end.
func Ringback(country string) Source { return newTones(Rate, toneDB, true, planOf(country).ring...) }

// Busy is a country's busy tone, without end.
func Busy(country string) Source { return newTones(Rate, toneDB, true, planOf(country).busy...) }

// Congestion is a country's tone for no way through, without end.
func Congestion(country string) Source {
	return newTones(Rate, toneDB, true, planOf(country).congestion...)
}

// ToneLevel is the level of hz in pcm in dB relative to a full-scale sine, by
// Goertzel's algorithm under a Hann window; -120 at the lowest.
func ToneLevel(pcm []int16, rate int, hz float64) float64 {
	if len(pcm) < 2 || rate <= 0 {
		return -120
	}
	w := 2 * math.Pi * hz / float64(rate)
	k := 2 * math.Cos(w)
	var s1, s2, gain float64
	for i, v := range pcm {
		win := 0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/float64(len(pcm)))
		gain += win
		s1, s2 = float64(v)/32768*win+k*s1-s2, s1
	}
	power := s1*s1 + s2*s2 - k*s1*s2
	return DB(2 * math.Sqrt(max(0, power)) / gain)
}

// Level is the power of pcm in dB relative to a full-scale sine.
func Level(pcm []int16) float64 {
	if len(pcm) == 0 {
		return -120
	}
	sum := 0.0
	for _, v := range pcm {
		sum += float64(v) * float64(v)
	}
	return DB(math.Sqrt(2*sum/float64(len(pcm))) / 32768)
}

// DB of an amplitude relative to 1, not below -120.
func DB(v float64) float64 {
	if v <= 1e-6 {
		return -120
	}
	return 20 * math.Log10(v)
}
