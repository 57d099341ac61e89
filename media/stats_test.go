package media

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func feed(m *meter, seqs ...uint16) {
	for _, s := range seqs {
		m.measure(0, 1, rtp(0, s, uint32(s)*160, 1, ""), 8000, false)
	}
}

func TestLoss(t *testing.T) {
	for name, c := range map[string]struct {
		in   []uint16
		want int64
	}{
		"none":                       {[]uint16{1, 2, 3}, 0},
		"one":                        {[]uint16{1, 3}, 1},
		"wrap":                       {[]uint16{65534, 65535, 0, 1}, 0},
		"loss over the wrap":         {[]uint16{65534, 1}, 2},
		"reordered":                  {[]uint16{1, 3, 2, 4}, 0},
		"reordered over the wrap":    {[]uint16{65535, 1, 0, 2}, 0},
		"repeated":                   {[]uint16{1, 2, 2, 3, 3, 1}, 0},
		"repeated does not heal":     {[]uint16{1, 4, 4, 1}, 2},
		"late from before the first": {[]uint16{10, 9, 8, 12}, 1},
		"too late":                   {[]uint16{1, 100, 30}, 98},
		"restart":                    {[]uint16{10, 11, 30000, 30001, 30002}, 0},
		"restart just below":         {[]uint16{5000, 5001, 4000, 4001, 4003}, 1},
		"one stray number":           {[]uint16{10, 11, 30000, 12, 13}, 0},
	} {
		var m meter
		feed(&m, c.in...)
		if got := m.missing.Load(); got != c.want {
			t.Errorf("%s: %d lost, want %d", name, got, c.want)
		}
		if int(m.received.Load()) != len(c.in) {
			t.Errorf("%s: %d received", name, m.received.Load())
		}
	}
	// A new SSRC is a new stream: nothing between is lost.
	var m meter
	feed(&m, 1, 2)
	m.measure(0, 2, rtp(0, 900, 0, 2, ""), 8000, false)
	if m.missing.Load() != 0 {
		t.Error(m.missing.Load())
	}
}

// Against the definition: lost is what never came, whatever the order and
// however often each came.
func TestLossAgainstTheDefinition(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		first := uint16(rnd.Uint32())
		n := 200 + rnd.IntN(300)
		type packet struct{ i, at int }
		var order []packet
		came := 0
		for i := range n {
			switch {
			case i == 0:
				order = append(order, packet{i, -1})
			case i == n-1:
				order = append(order, packet{i, 10 * n})
			case rnd.IntN(10) == 0:
				continue
			default:
				for range 1 + rnd.IntN(15)/14 {
					order = append(order, packet{i, i + rnd.IntN(30)})
				}
			}
			came++
		}
		slices.SortStableFunc(order, func(a, b packet) int { return a.at - b.at })
		var m meter
		for _, p := range order {
			feed(&m, first+uint16(p.i))
		}
		if got, want := m.missing.Load(), int64(n-came); got != want {
			t.Fatalf("%d lost, want %d", got, want)
		}
	}
}

func TestJitter(t *testing.T) {
	const ms = 1e6
	var even, uneven meter
	for i := range 400 {
		b := rtp(0, uint16(i), uint32(i)*160, 1, "")
		even.measure(int64(i)*20*ms, 1, b, 8000, false)
		uneven.measure(int64(i)*20*ms+int64(i%2)*10*ms, 1, b, 8000, false)
	}
	if j := even.jitter.Load(); j > ms/4 {
		t.Errorf("jitter of an even stream: %d ns", j)
	}
	// Each packet is 10 ms off the one before, so J tends to 10 ms.
	if j := float64(uneven.jitter.Load()) / ms; math.Abs(j-10) > 0.5 {
		t.Errorf("jitter %v ms, want 10", j)
	}
	// A pause of an hour, a new time line, and events are no jitter.
	even.measure(3600e9, 1, rtp(0, 400, 400*160, 1, ""), 8000, false)
	even.measure(3600e9+20*ms, 1, rtp(0, 401, 12345, 1, ""), 8000, false)
	even.measure(3600e9+40*ms, 1, rtp(101, 402, 12345, 1, ""), 8000, true)
	if j := even.jitter.Load(); j > ms/4 {
		t.Errorf("jitter after a pause: %d ns", j)
	}
}

func TestMOS(t *testing.T) {
	for _, c := range []struct {
		s        Stats
		low, top float64
	}{
		{Stats{Codec: "PCMU"}, 4.38, 4.41},
		{Stats{Codec: "pcma", LossShare: 0.01}, 4.2, 4.4},
		{Stats{Codec: "PCMU", LossShare: 0.05}, 3.6, 4.0},
		{Stats{Codec: "PCMU", LossShare: 1}, 1, 1.5},
		{Stats{Codec: "PCMU", RoundTripMS: 800}, 2.5, 3.6},
		{Stats{Codec: "G729"}, 3.9, 4.2},
		{Stats{Codec: "PCMU", JitterMS: 150}, 3, 4},
		{Stats{Codec: "unheard-of"}, 0, 0},
		{Stats{}, 0, 0},
	} {
		if got := mos(c.s); got < c.low || got > c.top {
			t.Errorf("%+v: %v, want %v to %v", c.s, got, c.low, c.top)
		}
	}
	r := still(t, 4)
	if s := open(t, r).Stats(); s.MOS != 0 || s.LossShare != 0 {
		t.Errorf("nothing was measured: %+v", s)
	}
}
