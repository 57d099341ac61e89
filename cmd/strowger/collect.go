package main

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// How much garbage may lie between two collections: a small exchange collects
// seldom, though that is several times what it holds, and a large one keeps
// its memory within three quarters as much again. One that makes garbage so fast
// that it would collect all the time may make more of it, as long as it is not
// large: calls and registrations make garbage like that, but so does an import.
const (
	leastGarbage = 16 << 20  // bytes
	mostGarbage  = 75        // percent of what is alive
	pressed      = 3         // seconds between collections, where memory allows
	pressedHeap  = 224 << 20 // bytes, what is alive included
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
	garbage := max(leastGarbage, live*mostGarbage/100, uint64(max(0, min(pressed*rate, pressedHeap-float64(live)))))
	if live*most < garbage*100 {
		return most
	}
	return int(garbage * 100 / live)
}

// In a quiet moment, after the start or a rush of calls or phones, the exchange
// gives back what the rush took: it would else lie there until the next one.
const (
	quietRate  = 1 << 20  // bytes allocated a second, at most
	worthWhile = 16 << 20 // bytes allocated since memory was last given back
	lookEvery  = time.Second
)

// tidy gives memory back in quiet moments until ctx ends.
func tidy(ctx context.Context) {
	read := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var t tidiness
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		metrics.Read(read)
		if t.due(read[0].Value.Uint64()) {
			debug.FreeOSMemory()
		}
	}
}

// tidiness knows how many bytes had been allocated at the last look, and when
// memory was last given back; never, before the first quiet moment after the
// start, which is always worth it.
type tidiness struct{ seen, given uint64 }

func (t *tidiness) due(allocated uint64) bool {
	quiet := allocated-t.seen <= quietRate
	t.seen = allocated
	if !quiet || t.given > 0 && allocated-t.given < worthWhile {
		return false
	}
	t.given = allocated
	return true
}
