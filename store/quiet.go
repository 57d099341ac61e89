package store

import (
	"runtime/debug"
	"sync"
)

// Almost all that loading allocates stays, so collecting garbage meanwhile only
// makes the start slower: by half with 50,000 users.
var quiet struct {
	sync.Mutex
	loads   int
	percent int
}

// pauseCollector turns the collector off until the last of those who called it
// calls resume. GOMEMLIMIT still holds.
func pauseCollector() (resume func()) {
	quiet.Lock()
	defer quiet.Unlock()
	if quiet.loads == 0 {
		quiet.percent = debug.SetGCPercent(-1)
	}
	quiet.loads++
	return func() {
		quiet.Lock()
		defer quiet.Unlock()
		if quiet.loads--; quiet.loads == 0 {
			debug.SetGCPercent(quiet.percent)
		}
	}
}
