package provisioning

import (
	"net/netip"
	"sync"
	"time"
)

// maxSources is how many sources a Limit remembers, about 6 MB of them.
const maxSources = 1 << 16

// A Limit bounds how often each source may do something: a burst at once, then
// one each so often. IPv6 sources count by /64, which is what one customer is
// given. It is safe for concurrent use.
type Limit struct {
	burst float64
	every time.Duration
	now   func() time.Time

	mu      sync.Mutex
	sources map[netip.Addr]*allowance
}

type allowance struct {
	left float64
	at   time.Time
}

// NewLimit allows burst at once and one more each every.
func NewLimit(burst int, every time.Duration, now func() time.Time) *Limit {
	return &Limit{burst: float64(burst), every: every, now: now, sources: make(map[netip.Addr]*allowance)}
}

// Left says whether a source may still do it, and takes nothing.
func (l *Limit) Left(source netip.Addr) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	a, ok := l.sources[limitKey(source)]
	return !ok || l.refilled(a, l.now()) >= 1
}

// Take counts one, and says whether the source might do it.
func (l *Limit) Take(source netip.Addr) bool {
	key, now := limitKey(source), l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	a, ok := l.sources[key]
	if !ok {
		l.makeRoom(now)
		a = &allowance{left: l.burst}
		l.sources[key] = a
	}
	a.left, a.at = l.refilled(a, now), now
	if a.left < 1 {
		return false
	}
	a.left--
	return true
}

func (l *Limit) refilled(a *allowance, now time.Time) float64 {
	if a.at.IsZero() {
		return a.left
	}
	return min(l.burst, a.left+max(0, float64(now.Sub(a.at))/float64(l.every)))
}

// makeRoom forgets sources that have their whole allowance again, and else any:
// who has addresses without end gains little by being forgotten, for what is
// guessed here is too long to be found.
func (l *Limit) makeRoom(now time.Time) {
	if len(l.sources) < maxSources {
		return
	}
	for key, a := range l.sources {
		if l.refilled(a, now) >= l.burst {
			delete(l.sources, key)
		}
	}
	for key := range l.sources {
		if len(l.sources) < maxSources*3/4 {
			return
		}
		delete(l.sources, key)
	}
}

func limitKey(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return a
}
