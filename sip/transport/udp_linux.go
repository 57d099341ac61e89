//go:build linux && (amd64 || arm64)

package transport

import (
	"fmt"
	"net/netip"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	batch      = 32      // datagrams a system call
	slot       = 1 << 16 // bytes kept for each; pages never written cost nothing
	rcvBuffer  = 8 << 20 // holds a burst while the collector runs
	sndBuffer  = 4 << 20
	controlLen = 64
)

// mmsghdr is struct mmsghdr of recvmmsg(2) on 64-bit systems.
type mmsghdr struct {
	hdr unix.Msghdr
	n   uint32
	_   [4]byte
}

// listenUDP opens n sockets on addr. The first is bound alone, so that a port
// that anybody else has is refused, and only then made sharable.
func (l *Layer) listenUDP(addr netip.AddrPort, n int) (*packetListener, error) {
	var pl *packetListener
	for i := range n {
		s, err := openBatch(addr, i > 0)
		if err == nil && i == 0 {
			if n > 1 {
				err = s.share()
			}
			var at netip.AddrPort
			if err == nil {
				at, err = s.local()
			}
			if err != nil {
				s.close()
			} else {
				addr = netip.AddrPortFrom(addr.Addr(), at.Port())
				pl = newPacketListener(l, addr)
			}
		}
		if err != nil {
			if pl != nil {
				l.log.Warn("udp: sharing a port failed, going on with fewer sockets", "addr", addr, "sockets", i, "err", err)
				break
			}
			return nil, err
		}
		pl.sockets = append(pl.sockets, s)
	}
	return pl, nil
}

// reader is the memory of one socket's receive loop.
type reader struct {
	msgs  [batch]mmsghdr
	iovs  [batch]unix.Iovec
	names [batch]unix.RawSockaddrInet6
	oobs  [batch][controlLen]byte
	data  []byte
	head  Head
}

func newReader() *reader {
	r := &reader{data: make([]byte, batch*slot)}
	for i := range r.msgs {
		r.iovs[i].Base = &r.data[i*slot]
		r.iovs[i].SetLen(slot)
		m := &r.msgs[i].hdr
		m.Name = (*byte)(unsafe.Pointer(&r.names[i]))
		m.Iov = &r.iovs[i]
		m.SetIovlen(1)
	}
	return r
}

func (l *packetListener) start() {
	for i, s := range l.sockets {
		l.layer.wg.Add(1)
		switch s := s.(type) {
		case *batchSocket:
			go l.readBatches(i, s)
		case plainSocket:
			go l.readPlain(s.c)
		}
	}
}

// readBatches is the reader of the listener's i-th socket.
func (l *packetListener) readBatches(i int, s *batchSocket) {
	defer l.layer.wg.Done()
	l.layer.waitGate()
	r := newReader()
	for {
		began := time.Since(l.layer.began)
		s.turn.Lock()
		n, errno := l.serve(s, r)
		s.turn.Unlock()
		if errno != 0 && errno != unix.EAGAIN {
			if l.closed.Load() || l.layer.readFailed(l.addr, fmt.Errorf("recvmmsg: %w", errno)) {
				return
			}
			continue
		}
		switch {
		case l.closed.Load():
			return
		case n == batch: // more waits
		case s.pace.look(time.Since(l.layer.began)) || i == 0 && l.othersRest():
			if i == 0 {
				l.lead(began, r)
			}
			s.resting.Store(true)
			time.Sleep(l.rest(i))
			s.resting.Store(false)
		case n == 0:
			if err := s.await(); err != nil { // closed
				if !l.closed.Load() {
					l.layer.log.Error("udp: listener stopped", "addr", l.addr, "err", err)
				}
				return
			}
		}
	}
}

// serve hands on a batch of what has come to s, whose turn the caller holds, so
// that the order stays.
func (l *packetListener) serve(s *batchSocket, r *reader) (int, syscall.Errno) {
	wild := l.addr.Addr().IsUnspecified()
	n, errno := s.receive(r, wild)
	if errno != 0 {
		return 0, errno
	}
	fixed := l.end(l.addr.Addr())
	for i := range n {
		m := &r.msgs[i]
		from, ok := sockaddr(&r.names[i])
		if !ok {
			continue
		}
		end := fixed
		if wild {
			end = l.end(destination(r.oobs[i][:m.hdr.Controllen]))
		}
		at := i * slot
		l.layer.datagram(Flow{end, from}, &r.head, r.data[at:at+int(m.n)])
	}
	s.pace.count.Add(int64(n))
	return n, 0
}

// othersRest says whether a reader but the first rests: its socket is busy and
// counts on the first to look.
func (l *packetListener) othersRest() bool {
	for _, o := range l.sockets[1:] {
		if o, ok := o.(*batchSocket); ok && o.resting.Load() {
			return true
		}
	}
	return false
}

// lead looks at the sockets whose readers rest, for the reader of the first
// socket, which began its own round at that time. When it has too much to do, it
// leaves them alone for a second.
func (l *packetListener) lead(began time.Duration, r *reader) {
	if began < l.leadFrom {
		return
	}
	full := false
	for _, o := range l.sockets[1:] {
		o, ok := o.(*batchSocket)
		if !ok || !o.resting.Load() || !o.turn.TryLock() {
			continue
		}
		n := batch
		for i := 0; n == batch && i < ledBatches; i++ {
			n, _ = l.serve(o, r) // its own reader meets an error as well
		}
		full = full || n == batch
		o.turn.Unlock()
	}
	now := time.Since(l.layer.began)
	if full || now-began > tooMuch {
		l.leadFrom = now + time.Second
		return
	}
	l.ledAt.Store(int64(now))
}

// rest is how long the reader of the i-th socket, a busy one, leaves it alone.
func (l *packetListener) rest(i int) time.Duration {
	if at := l.ledAt.Load(); i > 0 && at != 0 && time.Since(l.layer.began)-time.Duration(at) < 2*gather+tooMuch {
		return led
	}
	return gather
}
