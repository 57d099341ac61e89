package transport

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// What a source may do wrong before it is no longer answered, and then no
// longer heard. Challenges and valid credentials never count.
const (
	faultRate  = 20 // a second
	faultBurst = 60
	authFaults = 10 // within authWindow: a ban
	authWindow = time.Minute
	banTime    = 15 * time.Minute

	maxSources = 1 << 15 // remembered at once, about 4 MB
	maxBans    = 1 << 15
)

// limits remembers who sent broken messages and wrong passwords. IPv6 sources
// are counted by /64, which is what one customer is given.
type limits struct {
	exempt  func(netip.Addr) bool
	banned  atomic.Int32 // len(bans), so that the usual case takes no lock
	mu      sync.RWMutex
	sources map[netip.Addr]*source
	bans    map[netip.Addr]Ban
	sweep   time.Time // not before
}

type source struct {
	tokens float32
	last   time.Time
	fails  *[authFaults]time.Time // ring of wrong passwords
	next   uint8
}

func (m *limits) init(exempt func(netip.Addr) bool) {
	m.exempt = exempt
	m.sources = make(map[netip.Addr]*source)
	m.bans = make(map[netip.Addr]Ban)
}

func limitKey(a netip.Addr) netip.Addr {
	a = a.Unmap()
	if a.Is6() {
		p, err := a.WithZone("").Prefix(64)
		if err == nil {
			return p.Addr()
		}
	}
	return a
}

func keyPrefix(key netip.Addr) netip.Prefix {
	if key.Is6() {
		return netip.PrefixFrom(key, 64)
	}
	return netip.PrefixFrom(key, key.BitLen())
}

// count notes one fault and tells whether it may still be answered.
func (m *limits) count(a netip.Addr, reason string, now time.Time) bool {
	exempt := m.exempt != nil && m.exempt(a)
	if exempt && reason != AuthFailed {
		return true
	}
	key := limitKey(a)
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.sources[key]
	if s == nil {
		m.makeRoom(now)
		s = &source{tokens: faultBurst, last: now}
		m.sources[key] = s
	}
	s.tokens = min(faultBurst, s.tokens+float32(now.Sub(s.last).Seconds()*faultRate))
	s.last = now
	if reason == AuthFailed {
		if s.fails == nil {
			s.fails = new([authFaults]time.Time)
		}
		s.fails[s.next] = now
		s.next = (s.next + 1) % authFaults
		// The slot that is overwritten next holds the oldest of the last ten.
		if oldest := s.fails[s.next]; !oldest.IsZero() && now.Sub(oldest) < authWindow {
			m.ban(key, reason, now, banTime)
		}
	}
	if s.tokens < 1 {
		return exempt
	}
	s.tokens--
	return true
}

// makeRoom forgets sources that are clean again, at most once a second, and
// else any one: memory is bounded whatever addresses are made up.
func (m *limits) makeRoom(now time.Time) {
	if len(m.sources) < maxSources {
		return
	}
	if now.After(m.sweep) {
		m.sweep = now.Add(time.Second)
		for k, s := range m.sources {
			if now.Sub(s.last) > authWindow {
				delete(m.sources, k)
			}
		}
	}
	for k := range m.sources {
		if len(m.sources) < maxSources {
			return
		}
		delete(m.sources, k)
	}
}

func (m *limits) ban(key netip.Addr, reason string, now time.Time, d time.Duration) {
	if _, known := m.bans[key]; !known && len(m.bans) >= maxBans {
		m.expire(now)
		if len(m.bans) >= maxBans {
			return
		}
	}
	m.bans[key] = Ban{Prefix: keyPrefix(key), Reason: reason, Since: now, Until: now.Add(d)}
	m.banned.Store(int32(len(m.bans)))
}

func (m *limits) isBanned(a netip.Addr, now func() time.Time) bool {
	return m.isBarred(a, now) && (m.exempt == nil || !m.exempt(a))
}

// isBarred is isBanned also of an exempt source: it is heard, but what proves
// itself by a password there is not looked at.
func (m *limits) isBarred(a netip.Addr, now func() time.Time) bool {
	if m.banned.Load() == 0 {
		return false
	}
	key := limitKey(a)
	m.mu.RLock()
	b, ok := m.bans[key]
	m.mu.RUnlock()
	switch {
	case !ok:
		return false
	case now().Before(b.Until):
		return true
	}
	m.unban(a)
	return false
}

func (m *limits) expire(now time.Time) {
	for k, b := range m.bans {
		if !now.Before(b.Until) {
			delete(m.bans, k)
		}
	}
	m.banned.Store(int32(len(m.bans)))
}

func (m *limits) unban(a netip.Addr) bool {
	key := limitKey(a)
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.bans[key]
	delete(m.bans, key)
	delete(m.sources, key)
	m.banned.Store(int32(len(m.bans)))
	return ok
}

func (m *limits) list(now time.Time) []Ban {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.expire(now)
	out := make([]Ban, 0, len(m.bans))
	for _, b := range m.bans {
		out = append(out, b)
	}
	return out
}
