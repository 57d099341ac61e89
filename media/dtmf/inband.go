package dtmf

import "math"

// The frequencies of ITU-T Q.23, low group by row, high group by column.
var (
	rows    = [4]float64{697, 770, 852, 941}
	columns = [4]float64{1209, 1336, 1477, 1633}
	keypad  = [4]string{"123A", "456B", "789C", "*0#D"}
)

const (
	rate  = 8000
	block = 102 // samples, 12.75 ms: bins 78 Hz wide lie well on all eight tones

	// What is required of a block (after ITU-T Q.24): loud enough, one group
	// not much louder than the other, the pair far above its neighbours, and
	// nearly all of the energy in the two tones, which speech fails.
	minLevel  = 1e6 // mean power of a tone, about -36 dBm0
	maxTwist  = 8   // 9 dB, high group over low or the other way
	apart     = 6.3 // 8 dB above the second strongest of its group
	purity    = 0.70
	minBlocks = 2 // consecutive blocks that make a key: 25 ms
	gapBlocks = 2 // blocks without it that end the key
)

// A Detector finds keys in linear 8 kHz sound. The zero Detector is ready.
type Detector struct {
	buf     [block]float64
	n       int
	digit   byte // being held
	hits    int
	misses  int
	pending byte
	seen    int
}

var coefficients = func() (c [8]float64) {
	for i := range c {
		f := 0.0
		if i < 4 {
			f = rows[i]
		} else {
			f = columns[i-4]
		}
		c[i] = 2 * math.Cos(2*math.Pi*f/rate)
	}
	return c
}()

// Write takes samples and calls press once for each key that has ended.
func (d *Detector) Write(pcm []int16, press func(Press)) {
	for _, s := range pcm {
		d.buf[d.n] = float64(s)
		if d.n++; d.n == block {
			d.n = 0
			d.take(d.look(), press)
		}
	}
}

// take counts blocks of the same key.
func (d *Detector) take(k byte, press func(Press)) {
	if d.digit == 0 {
		if k == 0 || k != d.pending {
			d.pending, d.seen = k, 0
		}
		if k == 0 {
			return
		}
		if d.seen++; d.seen >= minBlocks {
			d.digit, d.hits, d.misses = k, d.seen, 0
		}
		return
	}
	if k == d.digit {
		d.hits += 1 + d.misses
		d.misses = 0
		return
	}
	if d.misses++; d.misses >= gapBlocks {
		press(Press{Digit: d.digit, MS: d.hits * block * 1000 / rate})
		d.digit, d.pending, d.seen = 0, k, 0
		if k != 0 {
			d.seen = 1
		}
	}
}

// look is the key in one block, 0 for none.
func (d *Detector) look() byte {
	var power [8]float64
	for i, c := range coefficients {
		var s1, s2 float64
		for _, x := range d.buf {
			s1, s2 = x+c*s1-s2, s1
		}
		// Mean power of the tone: |X|² · 2/N².
		power[i] = (s1*s1 + s2*s2 - c*s1*s2) * 2 / (block * block)
	}
	total := 0.0
	for _, x := range d.buf {
		total += x * x
	}
	total /= block
	row, low, low2 := strongest(power[:4])
	col, high, high2 := strongest(power[4:])
	switch {
	case low < minLevel/2 || high < minLevel/2,
		high > low*maxTwist || low > high*maxTwist,
		low < low2*apart || high < high2*apart,
		low+high < total*purity:
		return 0
	}
	return keypad[row][col]
}

func strongest(p []float64) (at int, first, second float64) {
	for i, v := range p {
		if v > first {
			at, first, second = i, v, first
		} else if v > second {
			second = v
		}
	}
	return at, first, second
}
