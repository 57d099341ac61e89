package main

import (
	"context"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

func TestGarbagePercent(t *testing.T) {
	for _, c := range []struct {
		live uint64  // MB
		rate float64 // MB a second
		want int
	}{
		{0, 0, 300}, {1, 0, 300}, {5, 0, 300}, {8, 0, 200}, {16, 0, 100}, {32, 0, 75}, {200, 0, 75}, {20000, 0, 75},
		{16, 4, 100}, {64, 10, 75}, {64, 50, 234}, {32, 1000, 300}, {64, 1000, 250}, {100, 1000, 124}, {200, 20, 75}, {200, 1000, 75}, {20000, 1000, 75},
	} {
		if got := garbagePercent(c.live<<20, c.rate*(1<<20)); got != c.want {
			t.Errorf("%d MB alive, %v MB/s: %d percent, want %d", c.live, c.rate, got, c.want)
		}
	}
}

// Memory is given back once after a rush, and not in it.
func TestTidiness(t *testing.T) {
	const kb, mb = 1 << 10, 1 << 20
	var small tidiness // an empty store
	if small.due(6*mb) || !small.due(6*mb+kb) || small.due(6*mb+2*kb) {
		t.Error("what a small start left is not given back once")
	}
	var x tidiness
	var allocated uint64
	for i, c := range []struct {
		more uint64
		due  bool
	}{
		{80 * mb, false}, {kb, true}, {kb, false}, // the start
		{10 * mb, false}, {50 * mb, false}, {mb / 2, true}, {mb / 2, false},
		{15 * mb, false}, {kb, false}, {mb / 4, false}, {mb, true}, // a little, again and again
	} {
		allocated += c.more
		if got := x.due(allocated); got != c.due {
			t.Errorf("look %d: %v", i, got)
		}
	}
}

// tidy gives memory back in earnest.
func TestTidy(t *testing.T) {
	ballast = make([]byte, 64<<20)
	for i := range ballast {
		ballast[i] = 1
	}
	ballast = nil
	read := []metrics.Sample{{Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(read)
	before := read[0].Value.Uint64()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		tidy(ctx)
	}()
	defer func() {
		stop()
		<-done
	}()
	for deadline := time.Now().Add(30 * time.Second); read[0].Value.Uint64() < before+(48<<20); metrics.Read(read) {
		if time.Now().After(deadline) {
			t.Fatal("nothing was given back")
		}
		time.Sleep(50 * time.Millisecond)
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
