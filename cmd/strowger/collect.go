package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// How much garbage may lie between two collections: a small exchange collects
// seldom, though that is several times what it holds, and a large one keeps
// its memory within three quarters as much again. One that makes garbage so fast
// that it would collect all the time may make more of it.
const (
	leastGarbage = 64 << 20 // bytes
	mostGarbage  = 75       // percent of what is alive
	pressed      = 3        // seconds between collections, where memory allows
	pressedMost  = 192 << 20
)

// tuneCollector sets the collector's percentage by what is alive and how fast
// garbage comes, after every collection. GOGC in the environment overrules it.
func tuneCollector() {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(garbagePercent(0, 0))
	read := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/heap/allocs:bytes"}}
	set := 0
	var allocated uint64
	last := time.Now()
	type marker struct{ _ [16]byte } // dies in every collection and is made anew
	var collected func(*marker)
	collected = func(*marker) {
		metrics.Read(read)
		now, total := time.Now(), read[1].Value.Uint64()
		rate := float64(total-allocated) / max(now.Sub(last).Seconds(), 0.001)
		allocated, last = total, now
		if p := garbagePercent(read[0].Value.Uint64(), rate); p*10 < set*9 || p*9 > set*10 {
			// Each change stops the world, briefly: small ones are not worth it.
			debug.SetGCPercent(p)
			set = p
		}
		runtime.SetFinalizer(&marker{}, collected)
	}
	runtime.SetFinalizer(&marker{}, collected)
}

// garbagePercent is for live bytes alive and a rate of allocation in bytes a
// second.
func garbagePercent(live uint64, rate float64) int {
	const most = 300
	garbage := max(leastGarbage, live*mostGarbage/100, uint64(min(pressed*rate, pressedMost)))
	if live*most < garbage*100 {
		return most
	}
	return int(garbage * 100 / live)
}
