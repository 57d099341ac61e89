package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// How much garbage may lie between two collections: a small exchange collects
// seldom, though that is several times what it holds, and a large one keeps
// its memory within three quarters as much again.
const (
	leastGarbage = 64 << 20 // bytes
	mostGarbage  = 75       // percent of what is alive
)

// tuneCollector sets the collector's percentage by what is alive, after every
// collection. GOGC in the environment overrules it.
func tuneCollector() {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(garbagePercent(0))
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	set := 0
	type marker struct{ _ [16]byte } // dies in every collection and is made anew
	var collected func(*marker)
	collected = func(*marker) {
		metrics.Read(live)
		if p := garbagePercent(live[0].Value.Uint64()); p*10 < set*9 || p*9 > set*10 {
			// Each change stops the world, briefly: small ones are not worth it.
			debug.SetGCPercent(p)
			set = p
		}
		runtime.SetFinalizer(&marker{}, collected)
	}
	runtime.SetFinalizer(&marker{}, collected)
}

func garbagePercent(live uint64) int {
	const most = 300
	if live*most < leastGarbage*100 {
		return most
	}
	return max(mostGarbage, int(leastGarbage*100/live))
}
