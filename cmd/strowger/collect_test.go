package main

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestGarbagePercent(t *testing.T) {
	for _, c := range []struct {
		live uint64 // MB
		want int
	}{{0, 300}, {1, 300}, {21, 300}, {32, 200}, {64, 100}, {96, 75}, {200, 75}, {20000, 75}} {
		if got := garbagePercent(c.live << 20); got != c.want {
			t.Errorf("%d MB alive: %d percent, want %d", c.live, got, c.want)
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
	reach(func(p int) bool { return p == mostGarbage })
	ballast = nil
	reach(func(p int) bool { return p > mostGarbage })
}
