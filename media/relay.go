package media

import (
	"fmt"
	"log/slog"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// A Relay hands out endpoints and moves packets between them.
type Relay struct {
	log   *slog.Logger
	wall  func() time.Time
	loops []*loop
	ports *ports
	done  sync.WaitGroup // the loops

	telling sync.WaitGroup // callbacks that run

	// mu orders what signalling says with what a loop learns from a packet (a
	// new source); no packet of an established stream takes it. Nothing waits
	// while holding it.
	mu     sync.Mutex
	open   map[*Endpoint]struct{}
	past   Counters // of endpoints closed
	closed bool
	told   bool // Close waits for callbacks, or has done so

	playbacks atomic.Int64
}

// New starts the loops. Close ends them.
func New(o Options) (*Relay, error) {
	if o.PortMin == 0 && o.PortMax == 0 {
		o.PortMin, o.PortMax = 16384, 32767
	}
	if o.PortMin < 1 || o.PortMax > 65535 || o.PortMin+o.PortMin&1+1 > o.PortMax {
		return nil, fmt.Errorf("media: ports %d-%d hold no pair", o.PortMin, o.PortMax)
	}
	if o.Log == nil {
		o.Log = discard
	}
	if o.Now == nil {
		o.Now = defaultWall
	}
	if o.Loops <= 0 {
		// One loop moves thousands of calls; fewer loops serve more packets
		// per wake-up.
		o.Loops = (runtime.GOMAXPROCS(0) + 1) / 2
	}
	r := &Relay{log: o.Log, wall: o.Now, open: make(map[*Endpoint]struct{})}
	for range o.Loops {
		l, err := newLoop(r)
		if err != nil {
			r.closeLoops()
			return nil, err
		}
		r.loops = append(r.loops, l)
	}
	r.ports = newPorts(o.PortMin, o.PortMax, r.loops)
	for _, l := range r.loops {
		r.done.Go(l.run)
	}
	return r, nil
}

// Open takes a port pair bound on local; the unspecified address means every
// address of both families.
func (r *Relay) Open(local netip.Addr) (*Endpoint, error) {
	if !local.IsValid() {
		local = netip.IPv6Unspecified()
	}
	r.mu.Lock()
	closed := r.closed
	r.mu.Unlock()
	if closed {
		return nil, ErrClosed
	}
	q, err := r.ports.take(local)
	if err != nil {
		return nil, err
	}
	e := newEndpoint(r, q)
	r.mu.Lock()
	if closed = r.closed; !closed {
		r.open[e] = struct{}{}
		q.ep.Store(e)
	}
	r.mu.Unlock()
	if closed {
		r.ports.give(q)
		return nil, ErrClosed
	}
	return e, nil
}

// Counters are exact for endpoints closed and a moment's view of those open.
func (r *Relay) Counters() Counters {
	r.mu.Lock()
	c := r.past
	c.EndpointsOpen = len(r.open)
	for e := range r.open {
		e.count(&c)
	}
	r.mu.Unlock()
	for _, l := range r.loops {
		c.Refused += l.strays.Load()
	}
	r.ports.mu.Lock()
	c.PairsFree, c.PairsBound = r.ports.free(), r.ports.bound
	r.ports.mu.Unlock()
	c.PlaybacksRunning = int(r.playbacks.Load())
	return c
}

// Close ends every endpoint and the loops, waits for callbacks, and gives all
// ports back. No callback may call it.
func (r *Relay) Close() error {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		r.done.Wait()
		return nil
	}
	r.closed = true
	open := make([]*Endpoint, 0, len(r.open))
	for e := range r.open {
		open = append(open, e)
	}
	r.mu.Unlock()
	for _, l := range r.loops {
		l.stop()
	}
	r.done.Wait()
	for _, e := range open {
		e.Close()
	}
	r.mu.Lock()
	r.told = true
	r.mu.Unlock()
	r.telling.Wait()
	for i := range r.ports.pairs {
		r.ports.unbind(&r.ports.pairs[i])
	}
	r.closeLoops()
	return nil
}

func (r *Relay) closeLoops() {
	for _, l := range r.loops {
		syscall.Close(l.wake)
		syscall.Close(l.ep)
	}
}

var (
	discard     = slog.New(slog.DiscardHandler)
	defaultWall = time.Now
)
