package transport

import (
	"sync/atomic"
	"time"
)

// Moderation of a socket's wake-ups, as network cards do with interrupts. On a
// busy socket each datagram would wake the reader by itself, and a wake-up costs
// more than the message: caches are cold, another thread is woken to look for
// work, the peer is woken for each answer. Above busyRate a reader looks only
// every gather, so that one wake-up serves several messages; and as long as one
// reader can, it looks at the listener's other busy sockets as well.
const (
	busyRate = 1000                  // datagrams a second, of one socket
	measure  = 50 * time.Millisecond // how long a rate is counted before it is believed

	// gather is what a reader sleeps. The runtime's poller waits whole
	// milliseconds, rounded down, and would wake once more for a fraction.
	gather = 4*time.Millisecond + 60*time.Microsecond
	// led is what the readers sleep whose sockets another looks at.
	led = 8 * gather
	// tooMuch is what one reader may take for a round of all sockets, and
	// ledBatches how much it reads of each of the others: a flood must not keep
	// it from its own.
	tooMuch    = 4 * time.Millisecond
	ledBatches = 4
)

// A pace knows how busy a socket is. Any reader counts, the rest is its own one's.
type pace struct {
	count atomic.Int64 // datagrams since since
	since time.Duration
	busy  bool
}

// look is told a moment of a monotonic clock and says whether the socket is to
// be left alone for a while.
func (p *pace) look(now time.Duration) bool {
	if d := now - p.since; d >= measure {
		n := p.count.Swap(0)
		// After a silence the count says nothing of what comes now.
		p.busy = d < 2*measure && n*int64(time.Second) > busyRate*int64(d)
		p.since = now
	}
	return p.busy
}
