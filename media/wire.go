package media

import "syscall"

// Most of what relaying costs is sending, and a sixth of that is to find the way
// to the peer, for each packet anew. A connected socket knows it. So the port of
// a stream that goes on gets a second socket, connected to where the stream goes:
// what comes from there arrives at it, and all else still at the first, which
// hears a phone whose NAT has given it another port.

const (
	even, odd, wired = 0, 1, 2 // sockets of a pair: RTP, RTCP, and RTP with one peer

	// A stream is wired after wireAfter packets, one second, so that short ones
	// do not pay for it; where it could not be, it is tried again wireAgain
	// packets later. wireAgain is a power of two.
	wireAfter = 50
	wireAgain = 256
)

// went counts a packet that was sent.
func (e *Endpoint) went(now int64) {
	e.lastSent.Store(now)
	if e.sent.Add(1)%wireAgain == wireAfter {
		e.wire()
	}
}

// wire has RTP sent on a connected socket from here on, if that can be.
func (e *Endpoint) wire() {
	r := e.relay
	r.mu.Lock()
	defer r.mu.Unlock()
	if t := e.target.Load(); e.gone || t == nil || t.wired {
		return
	}
	if e.pair.wire(e.heading()) {
		e.aim()
	}
}

// unwire goes back to the first socket: the second can't send any more, because
// the machine has lost the address that it speaks from.
func (e *Endpoint) unwire() {
	r := e.relay
	r.mu.Lock()
	defer r.mu.Unlock()
	if !e.gone {
		e.pair.wiredTo = source{}
		e.aim()
	}
}

// wire connects the second socket of a pair to a peer. Under relay.mu, by the
// owner.
func (q *pair) wire(to source) bool {
	sa, ok := to.sockaddr(q.family)
	if !ok {
		return false
	}
	q.wiredTo = source{}
	fd := q.fd[wired].Load()
	if fd >= 0 {
		disconnect(fd) // the address that it speaks from is to be chosen anew
		if connectTo(fd, &sa) != 0 {
			return false
		}
		q.wiredTo = to
		return true
	}
	first := int(q.fd[even].Load())
	if first < 0 {
		return false
	}
	// Both must want to share the port while the second is bound. At any other
	// time nobody else may have it.
	_ = syscall.SetsockoptInt(first, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1)
	second, _, err := listen(q.local, q.port, true)
	_ = syscall.SetsockoptInt(first, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 0)
	if err != nil {
		return false
	}
	if connectTo(int32(second), &sa) != 0 || q.loop.watch(second, q.index, wired) != nil {
		syscall.Close(second)
		return false
	}
	q.fd[wired].Store(int32(second))
	q.wiredTo = to
	return true
}

// send sends one packet of RTP, or of RTCP that shares its port.
func (t *target) send(e *Endpoint, b []byte) syscall.Errno {
	if !t.wired {
		return sendTo(t.fd, b, &t.to)
	}
	errno := sendOn(t.fd, b)
	switch errno {
	case 0, syscall.EAGAIN:
		return errno
	case syscall.ECONNREFUSED:
		// That is about an earlier packet: the peer's port was closed.
		return sendOn(t.fd, b)
	}
	e.unwire()
	if t = e.target.Load(); t == nil || t.wired {
		return errno
	}
	return sendTo(t.fd, b, &t.to)
}
