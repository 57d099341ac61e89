package media

import (
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// rest is how long a pair is left alone after a call, so that what is still on
// its way to the old call finds nobody. Under pressure it is less: refusing a
// call is worse.
const rest = 2 * time.Second

// A pair is an even port for RTP and the odd one above it for RTCP. Its
// sockets stay bound and watched while it rests: the loop throws away what
// comes, and the next call saves a dozen system calls.
type pair struct {
	ep    atomic.Pointer[Endpoint]
	fd    [3]atomic.Int32 // RTP, RTCP, and RTP to one peer; -1 not bound
	index int
	port  uint16
	loop  *loop

	// the owner's, or under ports.mu while the pair is free
	local   netip.Addr
	family  int
	freedAt int64 // monotonic; 0 never used

	wiredTo source // what fd[wired] is connected to; under relay.mu
}

// ports hands out pairs, the one that was free the longest first: those never
// bound, then those that are, by when they were given back.
type ports struct {
	mu      sync.Mutex
	pairs   []pair
	unbound queue
	resting queue // bound
	bound   int
	keep    int // pairs to bind before resting ones are used first
}

// A queue is a ring with room for every pair there is.
type queue struct {
	ring  []int32 // indexes into pairs
	head  int
	count int
}

func (q *queue) push(i int) {
	at := q.head + q.count
	if at >= len(q.ring) {
		at -= len(q.ring)
	}
	q.ring[at] = int32(i)
	q.count++
}

func (q *queue) pop() int {
	i := q.ring[q.head]
	if q.head++; q.head == len(q.ring) {
		q.head = 0
	}
	q.count--
	return int(i)
}

func (q *queue) first() int { return int(q.ring[q.head]) }

func newPorts(low, high int, loops []*loop) *ports {
	low += low & 1
	n := (high + 1 - low) / 2
	p := &ports{pairs: make([]pair, n), unbound: queue{ring: make([]int32, n)}, resting: queue{ring: make([]int32, n)}, keep: keepBound(n)}
	for i := range p.pairs {
		q := &p.pairs[i]
		q.index, q.port, q.loop = i, uint16(low+2*i), loops[i%len(loops)]
		for j := range q.fd {
			q.fd[j].Store(-1)
		}
		p.unbound.push(i)
	}
	return p
}

// manyBound is how many pairs are bound before one that has rested is used
// again: more would cost kernel memory and a dozen system calls each, for a
// rest longer than anybody needs.
const manyBound = 1024

// keepBound leaves half of the process's file descriptors to everybody else.
func keepBound(pairs int) int {
	pairs = min(pairs, manyBound)
	var lim syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &lim); err != nil || lim.Cur > uint64(pairs)*6 {
		return pairs
	}
	return int(lim.Cur / 6)
}

// next takes the pair that is used next: one never bound, but once keep pairs
// are bound, or the last one could not be, rather the one that has rested the
// longest.
func (p *ports) next(refused bool) *pair {
	p.mu.Lock()
	defer p.mu.Unlock()
	rested := p.resting.count > 0 && mono()-p.pairs[p.resting.first()].freedAt >= int64(rest)
	switch {
	case p.unbound.count > 0 && !(rested && p.bound >= p.keep) && !(refused && p.resting.count > 0):
		return &p.pairs[p.unbound.pop()]
	case p.resting.count > 0:
		return &p.pairs[p.resting.pop()]
	}
	return nil
}

// free counts the pairs that a call could have.
func (p *ports) free() int { return p.unbound.count + p.resting.count }

func (q *pair) isBound() bool { return q.fd[even].Load() >= 0 }

// take binds the oldest free pair on local. A pair that another program holds
// goes to the end of the queue.
func (p *ports) take(local netip.Addr) (*pair, error) {
	for tries := range p.pairs {
		q := p.next(tries > 0)
		if q == nil {
			break
		}
		if q.isBound() && q.local == local {
			if mono()-q.freedAt < int64(rest) {
				q.drain()
			}
			return q, nil
		}
		err := p.rebind(q, local)
		if err == nil {
			return q, nil
		}
		p.give(q)
		if !errors.Is(err, syscall.EADDRINUSE) && !errors.Is(err, syscall.EACCES) {
			return nil, err
		}
	}
	return nil, ErrNoPorts
}

// give returns a pair whose endpoint is gone, to the end of the queue.
func (p *ports) give(q *pair) {
	p.mu.Lock()
	defer p.mu.Unlock()
	q.freedAt = mono()
	if q.isBound() {
		p.resting.push(q.index)
	} else {
		p.unbound.push(q.index)
	}
}

// rebind opens both sockets of a pair that is nobody's, and has its loop watch
// them.
func (p *ports) rebind(q *pair, local netip.Addr) error {
	if !p.unbind(q) {
		return syscall.EADDRINUSE
	}
	media, family, err := listen(local, q.port, false)
	if err != nil {
		return err
	}
	control, _, err := listen(local, q.port+1, false)
	if err != nil {
		syscall.Close(media)
		return err
	}
	p.mu.Lock()
	q.local, q.family = local, family
	q.fd[even].Store(int32(media))
	q.fd[odd].Store(int32(control))
	p.bound++
	p.mu.Unlock()
	if err = q.loop.watch(media, q.index, even); err == nil {
		err = q.loop.watch(control, q.index, odd)
	}
	if err != nil {
		p.unbind(q)
	}
	return err
}

// unbind closes the sockets of a pair that nobody uses. A loop may still be
// inside a packet that it began while the pair had an endpoint, and the number
// of a closed descriptor is soon somebody else's: so the numbers are taken away
// first, and the loops must have gone on since. It fails when they do not.
func (p *ports) unbind(q *pair) bool {
	if !q.isBound() {
		return true
	}
	var fds [len(q.fd)]int32
	for i := range q.fd {
		fds[i] = q.fd[i].Swap(-1)
	}
	if !q.loop.relay.quiesce() {
		for i := range q.fd {
			q.fd[i].Store(fds[i])
		}
		return false
	}
	q.wiredTo = source{}
	p.mu.Lock()
	p.bound--
	p.mu.Unlock()
	for _, fd := range fds {
		if fd >= 0 {
			syscall.Close(int(fd))
		}
	}
	return true
}

// drain throws away what lies in the sockets of a pair that had no rest before it
// serves a new call. The loop does so all the time; this closes the gap of its
// last round.
func (q *pair) drain() {
	var buf [16]byte
	var from syscall.RawSockaddrInet6
	for i := range q.fd {
		for n := 0; n < 4096; n++ {
			if _, errno := recvFrom(q.fd[i].Load(), buf[:], &from); errno != 0 && errno != syscall.ECONNREFUSED {
				break
			}
		}
	}
}
