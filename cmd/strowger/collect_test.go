package main

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestGarbagePercent(t *testing.T) {
	for _, c := range []struct {
		live uint64  // MB
		rate float64 // MB a second
		want int
	}{
		{0, 0, 300}, {1, 0, 300}, {21, 0, 300}, {32, 0, 200}, {64, 0, 100}, {96, 0, 75}, {200, 0, 75}, {20000, 0, 75},
		{64, 10, 100}, {64, 50, 234}, {64, 1000, 300}, {100, 1000, 192}, {200, 20, 75}, {200, 1000, 96}, {20000, 1000, 75},
	} {
		if got := garbagePercent(c.live<<20, c.rate*(1<<20)); got != c.want {
			t.Errorf("%d MB alive, %v MB/s: %d percent, want %d", c.live, c.rate, got, c.want)
		}
	}
}

var ballast []byte

// The percentage follows what is alive, up and down again.
func TestTuneCollector(t *testing.T) {
	t.Setenv("GOGC", "")
	before := debug.SetGCPercent(100)
	t.Cleanup(func() { debug.SetGCPercent(before) })
	tuneCollector()
	percent := func() int {
		p := debug.SetGCPercent(100)
		debug.SetGCPercent(p)
		return p
	}
	reach := func(want func(int) bool) {
		t.Helper()
		for range 1000 {
			runtime.GC()
			runtime.Gosched()
			if want(percent()) {
				return
			}
		}
		t.Fatalf("%d percent", percent())
	}
	ballast = make([]byte, 200<<20)
	reach(func(p int) bool { return p >= mostGarbage && p < 100 })
	ballast = nil
	reach(func(p int) bool { return p >= 100 })
}
