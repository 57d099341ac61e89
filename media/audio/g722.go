package audio

// G.722 at 64 kbit/s (ITU-T G.722, mode 1): the band from 50 to 7000 Hz is split
// in two by a quadrature mirror filter; each half is coded by adaptive
// differential PCM, six bits a sample for the lower and two for the upper. All
// arithmetic is the recommendation's 16-bit fixed point, so the output is exact
// to the bit. The blocks below carry the names of its section 6.2.
//
// RTP's clock for G.722 is 8000 although the audio has 16,000 samples a second
// (RFC 3551, 4.5.2): one byte is two samples and one tick.

// qmf is the mirror filter's impulse response (table 11), which is symmetrical.
var qmf = [24]int32{
	3, -11, -11, 53, 12, -156, 32, 362, -210, -805, 951, 3876,
	3876, 951, -805, -210, 362, 32, -156, 12, 53, -11, -11, 3,
}

// Quantizer decision levels and output values (tables 14 to 20).
var (
	q6  = [30]int32{0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919}
	qm2 = [4]int32{-7408, -1616, 7408, 1616}
	qm4 = [16]int32{0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0}
	qm6 = func() (t [64]int32) {
		// The output values of one sign; the code counts them from the largest
		// down. Codes 0 to 3 are never sent: they would read as no signal.
		level := [30]int32{24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136}
		for i := range 4 {
			t[i] = -136
		}
		for i, v := range level {
			t[32+i] = v
			if i < 28 {
				t[4+i] = -v
			} else {
				t[62+i-28] = -v
			}
		}
		return t
	}()
	// Logarithmic scale factors: what each code adds, and 2^(i/32).
	wl  = [16]int32{-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60}
	wh  = [4]int32{798, -214, 798, -214}
	ilb = [32]int32{2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008}
)

func sat16(v int32) int32 { return max(-32768, min(32767, v)) }

// adpcm is one band's adaptive predictor and scale factor, which encoder and
// decoder keep in step: both see only the codes sent.
type adpcm struct {
	s, sz  int32    // predicted signal, and the zero section's part of it
	r      [2]int32 // reconstructed signal, newest first
	p      [2]int32 // partially reconstructed signal
	a      [2]int32 // pole coefficients
	d      [6]int32 // quantized differences
	b      [6]int32 // zero coefficients
	nb     int32    // logarithmic scale factor
	det    int32    // quantizer scale factor
	ceil   int32    // of nb
	shift0 int32    // of the scale factor's conversion
}

// lower and upper start as section 6.2.1.3 has it after a reset.
func lowerBand() adpcm { return adpcm{det: 32, ceil: 18432, shift0: 8} }
func upperBand() adpcm { return adpcm{det: 8, ceil: 22528, shift0: 10} }

// scale is LOGSCL and SCALEL (LOGSCH and SCALEH).
func (c *adpcm) scale(w int32) {
	c.nb = max(0, min(c.ceil, c.nb*127>>7+w))
	v := ilb[c.nb>>6&31]
	if n := c.shift0 - c.nb>>11; n < 0 {
		v <<= -n
	} else {
		v >>= n
	}
	c.det = v << 2
}

// adapt is the fourth block: predict the next sample from the quantized
// difference d of this one.
func (c *adpcm) adapt(d int32) {
	r, p := sat16(c.s+d), sat16(c.sz+d)                      // RECONS, PARREC
	same0, same1 := p>>15 == c.p[0]>>15, p>>15 == c.p[1]>>15 // signs; zero is positive

	// UPPOL2, UPPOL1
	w := sat16(c.a[0] << 2)
	if same0 {
		w = min(32767, -w)
	}
	a2 := w>>7 - 128
	if same1 {
		a2 = w>>7 + 128
	}
	a2 = max(-12288, min(12288, a2+c.a[1]*32512>>15))
	a1 := c.a[0]*32640>>15 - 192
	if same0 {
		a1 += 384
	}
	lim := 15360 - a2
	a1 = max(-lim, min(lim, sat16(a1)))

	// UPZERO, and FILTEZ with the differences moved on by one
	step := int32(128)
	if d == 0 {
		step = 0
	}
	sz := int32(0)
	for i := 5; i >= 0; i-- {
		b := c.b[i] * 32640 >> 15
		if c.d[i]>>15 == d>>15 {
			b += step
		} else {
			b -= step
		}
		c.b[i] = sat16(b)
		if i > 0 {
			c.d[i] = c.d[i-1]
		} else {
			c.d[0] = d
		}
		sz += sat16(c.d[i]*2) * c.b[i] >> 15
	}
	c.sz = sat16(sz)
	c.r[1], c.r[0] = c.r[0], r
	c.p[1], c.p[0] = c.p[0], p
	c.a = [2]int32{a1, a2}
	sp := sat16(sat16(r*2)*a1>>15 + sat16(c.r[1]*2)*a2>>15) // FILTEP
	c.s = sat16(sp + c.sz)                                  // PREDIC
}

// A G722Encoder codes one stream.
type G722Encoder struct {
	low, high adpcm
	x         [24]int32
	odd       int32 // a sample that waits for its second
	waits     bool
}

// NewG722Encoder returns an encoder at its reset state.
func NewG722Encoder() *G722Encoder {
	return &G722Encoder{low: lowerBand(), high: upperBand()}
}

// Encode appends 16 kHz samples as G.722 to dst: 320 samples make 160 bytes.
func (e *G722Encoder) Encode(dst []byte, pcm []int16) []byte {
	for _, v := range pcm {
		if !e.waits {
			e.odd, e.waits = int32(v), true
			continue
		}
		e.waits = false
		copy(e.x[:], e.x[2:])
		e.x[22], e.x[23] = e.odd, int32(v)
		dst = append(dst, e.code())
	}
	return dst
}

func (e *G722Encoder) code() byte {
	var even, odd int32
	for i := 0; i < 24; i += 2 {
		odd += e.x[i] * qmf[i]
		even += e.x[i+1] * qmf[i+1]
	}
	return e.quantize(max(-16384, min(16383, (even+odd)>>14)), max(-16384, min(16383, (even-odd)>>14)))
}

// quantize codes one sample of each band.
func (e *G722Encoder) quantize(xl, xh int32) byte {
	// QUANTL: the magnitude's interval, counted from zero; negative numbers in
	// one's complement.
	diff := sat16(xl - e.low.s)
	m := diff ^ diff>>31
	i := int32(1)
	for i < 30 && m >= q6[i]*e.low.det>>12 {
		i++
	}
	// Codes run from 61 (smallest) to 32 for positive differences, and 63, 62,
	// then 31 down to 4 for negative ones (table 17).
	il := 62 - i
	if diff < 0 {
		if il = 34 - i + 30; i > 2 {
			il = 34 - i
		}
	}
	d := e.low.det * qm4[il>>2] >> 15
	e.low.scale(wl[il>>2])
	e.low.adapt(d)

	// QUANTH
	diff = sat16(xh - e.high.s)
	m = diff ^ diff>>31
	ih := int32(3)
	if diff < 0 {
		ih = 1
	}
	if m >= 564*e.high.det>>12 {
		ih--
	}
	d = e.high.det * qm2[ih] >> 15
	e.high.scale(wh[ih])
	e.high.adapt(d)
	return byte(ih<<6 | il)
}

// A G722Decoder decodes one stream.
type G722Decoder struct {
	low, high adpcm
	x         [24]int32
}

// NewG722Decoder returns a decoder at its reset state.
func NewG722Decoder() *G722Decoder {
	return &G722Decoder{low: lowerBand(), high: upperBand()}
}

// Decode appends the 16 kHz samples of b to dst, two for each byte.
func (c *G722Decoder) Decode(dst []int16, b []byte) []int16 {
	for _, code := range b {
		rl, rh := c.restore(code)
		copy(c.x[:], c.x[2:])
		c.x[22], c.x[23] = rl+rh, rl-rh
		var even, odd int32
		for i := 0; i < 24; i += 2 {
			odd += c.x[i] * qmf[i]
			even += c.x[i+1] * qmf[i+1]
		}
		dst = append(dst, int16(sat16(even>>11)), int16(sat16(odd>>11)))
	}
	return dst
}

// restore decodes one sample of each band.
func (c *G722Decoder) restore(code byte) (rl, rh int32) {
	il, ih := code&63, code>>6
	rl = max(-16384, min(16383, sat16(c.low.s+c.low.det*qm6[il]>>15)))
	d := c.low.det * qm4[il>>2] >> 15
	c.low.scale(wl[il>>2])
	c.low.adapt(d)

	d = c.high.det * qm2[ih] >> 15
	rh = max(-16384, min(16383, sat16(c.high.s+d)))
	c.high.scale(wh[ih])
	c.high.adapt(d)
	return rl, rh
}
