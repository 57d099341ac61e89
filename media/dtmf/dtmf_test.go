package dtmf

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestParseInfo(t *testing.T) {
	for _, c := range []struct {
		kind, body string
		digit      byte
		ms         int
	}{
		{"application/dtmf-relay", "Signal=5\r\nDuration=200\r\n", '5', 200},
		{"application/dtmf-relay", "Signal= *\r\nDuration= 250", '*', 250},
		{"Application/DTMF-Relay; charset=utf-8", "signal=#\n", '#', 160},
		{"application/dtmf-relay", "Duration=100\nSignal=11", '#', 100},
		{"application/dtmf-relay", "Signal=a\r\nDuration=0", 'A', 160},
		{"application/dtmf-relay", "Signal=1\r\nDuration=99999999", '1', 10000},
		{"application/dtmf", "7", '7', 160},
		{"application/dtmf", " 10\r\n", '*', 160},
	} {
		d, ms, err := ParseInfo(c.kind, []byte(c.body))
		if err != nil || d != c.digit || ms != c.ms {
			t.Errorf("%q: %c %d %v", c.body, d, ms, err)
		}
	}
	for _, c := range []struct{ kind, body string }{
		{"application/dtmf-relay", "Duration=1"}, {"application/dtmf-relay", "Signal=\r\n"}, {"application/dtmf-relay", "Signal=x"},
		{"application/dtmf-relay", "Signal=1\nDuration=x"}, {"application/dtmf", ""}, {"application/dtmf", "99"}, {"application/dtmf", "12345678901234567890"},
	} {
		if d, _, err := ParseInfo(c.kind, []byte(c.body)); err == nil {
			t.Errorf("%q gives %c", c.body, d)
		}
	}
	if _, _, err := ParseInfo("text/plain", []byte("1")); !errors.Is(err, ErrNotDTMF) {
		t.Error(err)
	}
	for i := range len(digits) {
		if d, ms, err := ParseInfo(TypeRelay, InfoBody(digits[i], 90)); d != digits[i] || ms != 90 || err != nil {
			t.Error(digits[i], d, ms, err)
		}
	}
}

// An event packet as a phone sends it.
func ev(code uint8, end bool, d uint16) []byte {
	b := make([]byte, 4)
	Event{Code: code, End: end, Volume: 10, Duration: d}.Put(b)
	return b
}

type packet struct {
	ts   uint32
	body []byte
}

func run(ps ...packet) (got []Press) {
	var e Events
	for _, p := range ps {
		if press, ok := e.Packet(p.ts, p.body, 8000); ok {
			got = append(got, press)
		}
	}
	if p, ok := e.Expire(); ok {
		got = append(got, p)
	}
	return got
}

func TestEventsOncePerPress(t *testing.T) {
	press := func(ts uint32, code uint8) []packet {
		return []packet{{ts, ev(code, false, 160)}, {ts, ev(code, false, 320)}, {ts, ev(code, false, 480)},
			{ts, ev(code, true, 640)}, {ts, ev(code, true, 640)}, {ts, ev(code, true, 640)}}
	}
	for name, c := range map[string]struct {
		in   []packet
		want []Press
	}{
		"three ends":             {press(1000, 5), []Press{{'5', 80}}},
		"same key twice":         {append(press(1000, 5), press(3000, 5)...), []Press{{'5', 80}, {'5', 80}}},
		"only an end":            {[]packet{{1, ev(11, true, 800)}}, []Press{{'#', 100}}},
		"ends lost":              {append(press(1000, 1)[:3], press(3000, 2)...), []Press{{'1', 60}, {'2', 80}}},
		"ends lost, then none":   {press(1000, 1)[:2], []Press{{'1', 40}}},
		"start lost":             {press(1000, 1)[3:], []Press{{'1', 80}}},
		"reordered":              {[]packet{press(1000, 1)[1], press(1000, 1)[0], press(1000, 1)[3], press(1000, 1)[2], press(1000, 1)[4]}, []Press{{'1', 80}}},
		"late packets of before": {slices.Concat(press(1000, 1)[:5], press(3000, 2)[:2], press(1000, 1)[5:], press(3000, 2)[2:]), []Press{{'1', 80}, {'2', 80}}},
		"timestamp wraps":        {append(press(0xffffff00, 1), press(0x500, 2)...), []Press{{'1', 80}, {'2', 80}}},
		"not a key":              {[]packet{{1, ev(64, true, 80)}}, nil},
		"short":                  {[]packet{{1, []byte{1, 2}}}, nil},
		"long press in segments": {[]packet{{0, ev(1, false, 0xffff)}, {0xffff, ev(1, false, 8000)}, {0xffff, ev(1, true, 8001)}}, []Press{{'1', (0xffff + 8001) / 8}}},
	} {
		if got := run(c.in...); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestCodes(t *testing.T) {
	for i := range len(digits) {
		c, ok := Code(digits[i])
		if !ok || Digit(c) != digits[i] || int(c) != i {
			t.Error(digits[i], c)
		}
	}
	if c, ok := Code('d'); !ok || c != 15 {
		t.Error("d")
	}
	if _, ok := Code('x'); ok || Digit(17) != 0 {
		t.Error("no key")
	}
}

func tone(key byte, ms int, level float64) []int16 {
	var f1, f2 float64
	for r, row := range keypad {
		for c := range len(row) {
			if row[c] == key {
				f1, f2 = rows[r], columns[c]
			}
		}
	}
	out := make([]int16, ms*rate/1000)
	for i := range out {
		x := float64(i) / rate * 2 * math.Pi
		out[i] = int16(level * (math.Sin(f1*x) + math.Sin(f2*x)))
	}
	return out
}

func TestDetector(t *testing.T) {
	var d Detector
	var got []byte
	hear := func(p Press) { got = append(got, p.Digit) }
	var want []byte
	for _, level := range []float64{12000, 4000, 1800} {
		for i := range 16 {
			want = append(want, digits[i])
			d.Write(tone(digits[i], 60, level), hear)
			d.Write(make([]int16, 400), hear)
		}
	}
	// The same key again, and a long one, are one press each.
	d.Write(tone('1', 1000, 9000), hear)
	d.Write(make([]int16, 400), hear)
	d.Write(tone('1', 60, 9000), hear)
	d.Write(make([]int16, 400), hear)
	want = append(want, '1', '1')
	if string(got) != string(want) {
		t.Errorf("heard %s, want %s", got, want)
	}
}

// Noise, single tones and a dial tone are no keys.
func TestDetectorRefuses(t *testing.T) {
	var d Detector
	r := rand.New(rand.NewPCG(1, 2))
	pcm := make([]int16, 8000*10)
	for i := range pcm {
		pcm[i] = int16(r.NormFloat64() * 6000)
	}
	for _, f := range []float64{350, 697, 1000, 1209, 1633, 425} {
		for i := range 8000 {
			pcm = append(pcm, int16(12000*math.Sin(2*math.Pi*f*float64(i)/rate)))
		}
	}
	d.Write(pcm, func(p Press) { t.Errorf("heard %c for %d ms", p.Digit, p.MS) })
}

func FuzzEvents(f *testing.F) {
	f.Add([]byte{0, 0, 0, 1, 5, 0x80, 0, 160})
	f.Fuzz(func(t *testing.T, b []byte) {
		var e Events
		n, packets := 0, 0
		for len(b) >= 8 {
			ts := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
			packets++
			if p, ok := e.Packet(ts, b[4:8], 8000); ok {
				n++
				if Digit(0) == 0 || p.Digit == 0 || p.MS < 0 {
					t.Fatal(p)
				}
			}
			b = b[8:]
		}
		if n > packets {
			t.Fatal("more presses than packets")
		}
	})
}
