//go:build linux && (amd64 || arm64)

package transport

import (
	"fmt"
	"net/netip"
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

func (l *packetListener) start() {
	for _, s := range l.sockets {
		l.layer.wg.Add(1)
		switch s := s.(type) {
		case *batchSocket:
			go l.readBatches(s)
		case plainSocket:
			go l.readPlain(s.c)
		}
	}
}

func (l *packetListener) readBatches(s *batchSocket) {
	defer l.layer.wg.Done()
	wild := l.addr.Addr().IsUnspecified()
	fixed := l.end(l.addr.Addr())
	r := &reader{data: make([]byte, batch*slot)}
	for i := range r.msgs {
		r.iovs[i].Base = &r.data[i*slot]
		r.iovs[i].SetLen(slot)
		m := &r.msgs[i].hdr
		m.Name = (*byte)(unsafe.Pointer(&r.names[i]))
		m.Iov = &r.iovs[i]
		m.SetIovlen(1)
	}
	var p pace
	for {
		n, errno := s.receive(r, wild)
		switch errno {
		case 0:
		case unix.EAGAIN:
			if err := s.await(); err != nil { // closed
				if !l.closed.Load() {
					l.layer.log.Error("udp: listener stopped", "addr", l.addr, "err", err)
				}
				return
			}
			continue
		default:
			if l.closed.Load() || l.layer.readFailed(l.addr, fmt.Errorf("recvmmsg: %w", errno)) {
				return
			}
			continue
		}
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
		if d := p.pause(time.Since(l.layer.began), n); d > 0 && n < batch {
			time.Sleep(d)
		}
	}
}
