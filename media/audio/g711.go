package audio

// G.711 (ITU-T G.711, 11/1988). Both laws are a sign, three bits of segment and
// four of step; each code stands for the middle of its interval (tables 1a to
// 2b). µ-law values have 14 bits and A-law values 13; both are scaled here to
// the top of 16 bits, so ±8031 becomes ±32124 and ±4032 becomes ±32256.
//
// Encoding is one look-up by the sample's upper bits (14 and 13 of them, which
// is all that the laws can see), decoding one look-up by the code.

var (
	ulawValue = func() (t [256]int16) {
		for i := range t {
			t[i] = expandULaw(uint8(i))
		}
		return t
	}()
	alawValue = func() (t [256]int16) {
		for i := range t {
			t[i] = expandALaw(uint8(i))
		}
		return t
	}()
	ulawCode = func() (t [1 << 14]uint8) {
		for i := range t {
			t[i] = compressULaw(int(int16(i<<2)) >> 2)
		}
		return t
	}()
	alawCode = func() (t [1 << 13]uint8) {
		for i := range t {
			t[i] = compressALaw(int(int16(i<<3)) >> 3)
		}
		return t
	}()
)

// expandULaw: G.711 table 2: all bits of the character signal are inverted on
// the wire. y = (2·step + 33) · 2^segment − 33, in 14-bit units.
func expandULaw(code uint8) int16 {
	c := ^code
	v := (int(c&15)*2+33)<<(c>>4&7) - 33
	if c&0x80 != 0 {
		v = -v
	}
	return int16(v * 4)
}

// compressULaw takes a 14-bit value. The first decision value of a segment is
// 2^(segment+5) − 33 (31, 95, 223 … in table 2a): adding the bias of 33 makes
// the leading bit name the segment and the four bits below it the step.
func compressULaw(v int) uint8 {
	sign := uint8(0)
	if v < 0 {
		// The recommendation leaves open which side a decision value itself
		// belongs to; one's complement is what ITU-T G.191's tools do.
		v, sign = -v-1, 0x80
	}
	v = min(v, 8158) + 33
	seg := 0
	for v>>(seg+6) != 0 {
		seg++
	}
	return ^(sign | uint8(seg<<4) | uint8(v>>(seg+1)&15))
}

// expandALaw: G.711 table 1: every second bit is inverted on the wire (0x55);
// the sign bit is 1 for positive values. In 13-bit units the two lowest
// segments share a step of 2, each further one doubles it.
func expandALaw(code uint8) int16 {
	c := code ^ 0x55
	seg, step := c>>4&7, int(c&15)
	v := step*2 + 1
	if seg > 0 {
		v = (step*2 + 33) << (seg - 1)
	}
	if c&0x80 == 0 {
		v = -v
	}
	return int16(v * 8)
}

// compressALaw takes a 13-bit value.
func compressALaw(v int) uint8 {
	sign := uint8(0x80)
	if v < 0 {
		// −1 and −2 mirror 0 and 1: one's complement, as above.
		v, sign = -v-1, 0
	}
	seg := 0
	for v>>(seg+5) != 0 {
		seg++
	}
	step := v >> 1 & 15
	if seg > 0 {
		step = v >> seg & 15
	}
	return (sign | uint8(seg<<4) | uint8(step)) ^ 0x55
}

// EncodeULaw appends pcm as µ-law to dst.
func EncodeULaw(dst []byte, pcm []int16) []byte {
	for _, s := range pcm {
		dst = append(dst, ulawCode[uint16(s)>>2])
	}
	return dst
}

// EncodeALaw appends pcm as A-law to dst.
func EncodeALaw(dst []byte, pcm []int16) []byte {
	for _, s := range pcm {
		dst = append(dst, alawCode[uint16(s)>>3])
	}
	return dst
}

// DecodeULaw appends the samples of b to dst.
func DecodeULaw(dst []int16, b []byte) []int16 {
	for _, c := range b {
		dst = append(dst, ulawValue[c])
	}
	return dst
}

// DecodeALaw appends the samples of b to dst.
func DecodeALaw(dst []int16, b []byte) []int16 {
	for _, c := range b {
		dst = append(dst, alawValue[c])
	}
	return dst
}
