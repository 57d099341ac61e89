package transport

import "time"

// Moderation of a socket's wake-ups, as network cards do with interrupts. On a
// busy socket each datagram would wake the reader by itself, and a wake-up costs
// more than the message: caches are cold, another thread is woken to look for
// work, the peer is woken for each answer. Above busyRate a reader looks only
// every gather, so that one wake-up serves several messages.
const (
	busyRate = 1000                  // datagrams a second, of one socket
	gather   = 4 * time.Millisecond  // the most that a message waits for it
	measure  = 50 * time.Millisecond // how long a rate is counted before it is believed
)

// A pace decides how long a reader leaves its socket alone.
type pace struct {
	since time.Duration // beginning of the count
	count int64
	busy  bool
}

// pause is told of n datagrams that were just served, at a moment of a monotonic
// clock, and answers how long to wait before the next look: 0 on a socket that
// is not busy. The looks of all sockets fall on the same moments, so that they
// share a wake-up.
func (p *pace) pause(now time.Duration, n int) time.Duration {
	p.count += int64(n)
	if d := now - p.since; d >= measure {
		// After a silence the count says nothing of what comes now.
		p.busy = d < 2*measure && p.count*int64(time.Second) > busyRate*int64(d)
		p.since, p.count = now, 0
	}
	if !p.busy {
		return 0
	}
	return gather - now%gather
}
