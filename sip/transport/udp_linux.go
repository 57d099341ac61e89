//go:build linux && (amd64 || arm64)

package transport

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"syscall"
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

// batchSocket is one of the SO_REUSEPORT sockets of a listener.
//
// Its system calls never wait, so they are made without telling the runtime:
// its watcher thread, woken by every call it is told of, took an eighth of all
// CPU at some thousand messages a second.
type batchSocket struct {
	c  *net.UDPConn
	rc syscall.RawConn
	fd int

	mu     sync.RWMutex // held to read while fd is in use
	closed bool
}

func (s *batchSocket) sendTo(b []byte, from *packetEnd, to netip.AddrPort) error {
	switch errno := s.sendNow(b, from.oob, to); errno {
	case 0:
		return nil
	case unix.EBADF:
		return ErrClosed
	case unix.EAGAIN: // the send buffer is full: wait as others do
		_, _, err := s.c.WriteMsgUDPAddrPort(b, from.oob, to)
		return err
	default:
		return os.NewSyscallError("sendmsg", errno)
	}
}

func (s *batchSocket) sendNow(b, oob []byte, to netip.AddrPort) syscall.Errno {
	var name unix.RawSockaddrInet6
	size := putSockaddr(&name, to)
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return unix.EBADF
	}
	for {
		var errno syscall.Errno
		if len(oob) == 0 {
			_, _, errno = syscall.RawSyscall6(unix.SYS_SENDTO, uintptr(s.fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)),
				unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, uintptr(unsafe.Pointer(&name)), uintptr(size))
		} else {
			iov := unix.Iovec{Base: unsafe.SliceData(b)}
			iov.SetLen(len(b))
			m := unix.Msghdr{Name: (*byte)(unsafe.Pointer(&name)), Namelen: size, Iov: &iov, Control: &oob[0]}
			m.SetIovlen(1)
			m.SetControllen(len(oob))
			_, _, errno = syscall.RawSyscall(unix.SYS_SENDMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&m)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
		}
		if errno != unix.EINTR {
			return errno
		}
	}
}

// putSockaddr writes a as the kernel wants it for a socket of its family.
func putSockaddr(n *unix.RawSockaddrInet6, a netip.AddrPort) (size uint32) {
	port := (*[2]byte)(unsafe.Pointer(&n.Port)) // the same place in both families
	binary.BigEndian.PutUint16(port[:], a.Port())
	ip := a.Addr().Unmap()
	if ip.Is4() {
		n.Family = unix.AF_INET
		(*unix.RawSockaddrInet4)(unsafe.Pointer(n)).Addr = ip.As4()
		return unix.SizeofSockaddrInet4
	}
	n.Family = unix.AF_INET6
	n.Addr = ip.As16()
	if zone := ip.Zone(); zone != "" {
		n.Scope_id = scope(zone)
	}
	return unix.SizeofSockaddrInet6
}

// scope is the number of the interface that a link-local address is of.
func scope(zone string) uint32 {
	if n, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return uint32(n)
	}
	if i, err := net.InterfaceByName(zone); err == nil {
		return uint32(i.Index)
	}
	return 0
}

func (s *batchSocket) close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	return s.c.Close()
}

// listenUDP opens n sockets on addr. The first is bound alone, so that a port
// that anybody else has is refused, and only then made sharable.
func (l *Layer) listenUDP(addr netip.AddrPort, n int) (*packetListener, error) {
	network := "udp4"
	if addr.Addr().Is6() {
		network = "udp6"
	}
	var pl *packetListener
	for i := range n {
		lc := net.ListenConfig{Control: func(_, _ string, rc syscall.RawConn) error {
			return control(rc, func(fd int) error {
				if i > 0 {
					if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
						return os.NewSyscallError("setsockopt SO_REUSEPORT", err)
					}
				}
				return prepare(fd, addr.Addr())
			})
		}}
		pc, err := lc.ListenPacket(context.Background(), network, addr.String())
		if err != nil {
			if pl != nil && i > 0 {
				l.log.Warn("udp: sharing a port failed, going on with fewer sockets", "addr", addr, "sockets", i, "err", err)
				break
			}
			return nil, err
		}
		c := pc.(*net.UDPConn)
		rc, err := c.SyscallConn()
		if err == nil && i == 0 && n > 1 {
			err = control(rc, func(fd int) error {
				return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
			})
		}
		if err != nil {
			c.Close()
			if pl != nil {
				pl.close()
			}
			return nil, err
		}
		if pl == nil {
			addr = netip.AddrPortFrom(addr.Addr(), c.LocalAddr().(*net.UDPAddr).AddrPort().Port())
			pl = newPacketListener(l, addr)
		}
		bs := &batchSocket{c: c, rc: rc}
		if err := control(rc, func(fd int) error { bs.fd = fd; return nil }); err != nil {
			c.Close()
			pl.close()
			return nil, err
		}
		pl.sockets = append(pl.sockets, bs)
	}
	return pl, nil
}

func control(rc syscall.RawConn, f func(fd int) error) error {
	var inner error
	if err := rc.Control(func(fd uintptr) { inner = f(int(fd)) }); err != nil {
		return err
	}
	return inner
}

func prepare(fd int, ip netip.Addr) error {
	// A smaller buffer than wished for is no reason to stop.
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, rcvBuffer) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, rcvBuffer)
	}
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, sndBuffer) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, sndBuffer)
	}
	if ip.Is6() {
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1); err != nil {
			return os.NewSyscallError("setsockopt IPV6_V6ONLY", err)
		}
	}
	if !ip.IsUnspecified() {
		return nil
	}
	// A wildcard must answer from the address that was spoken to.
	if ip.Is4() {
		return os.NewSyscallError("setsockopt IP_PKTINFO", unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_PKTINFO, 1))
	}
	return os.NewSyscallError("setsockopt IPV6_RECVPKTINFO", unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1))
}

// sourceControl is the control message that makes sendmsg use ip as source.
func sourceControl(ip netip.Addr) []byte {
	if ip.Is4() {
		b := make([]byte, unix.CmsgSpace(unix.SizeofInet4Pktinfo))
		h := (*unix.Cmsghdr)(unsafe.Pointer(&b[0]))
		h.Level, h.Type = unix.IPPROTO_IP, unix.IP_PKTINFO
		h.SetLen(unix.CmsgLen(unix.SizeofInet4Pktinfo))
		a := ip.As4()
		copy(b[unix.CmsgLen(0)+4:], a[:]) // ipi_spec_dst
		return b
	}
	b := make([]byte, unix.CmsgSpace(unix.SizeofInet6Pktinfo))
	h := (*unix.Cmsghdr)(unsafe.Pointer(&b[0]))
	h.Level, h.Type = unix.IPPROTO_IPV6, unix.IPV6_PKTINFO
	h.SetLen(unix.CmsgLen(unix.SizeofInet6Pktinfo))
	a := ip.As16()
	copy(b[unix.CmsgLen(0):], a[:])
	return b
}

// destination reads which address of ours a datagram came to.
func destination(oob []byte) netip.Addr {
	if len(oob) < unix.SizeofCmsghdr {
		return netip.Addr{}
	}
	h := (*unix.Cmsghdr)(unsafe.Pointer(&oob[0]))
	data := oob[unix.CmsgLen(0):]
	switch {
	case h.Level == unix.IPPROTO_IP && h.Type == unix.IP_PKTINFO && len(data) >= unix.SizeofInet4Pktinfo:
		return netip.AddrFrom4([4]byte(data[4:8]))
	case h.Level == unix.IPPROTO_IPV6 && h.Type == unix.IPV6_PKTINFO && len(data) >= unix.SizeofInet6Pktinfo:
		return netip.AddrFrom16([16]byte(data[:16]))
	}
	return netip.Addr{}
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
	var n int
	var errno syscall.Errno
	receive := func(fd uintptr) bool {
		for {
			for i := range r.msgs {
				m := &r.msgs[i].hdr
				m.Namelen = unix.SizeofSockaddrInet6
				if wild {
					m.Control = &r.oobs[i][0]
					m.SetControllen(controlLen)
				}
			}
			got, _, e := syscall.RawSyscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&r.msgs[0])), batch, unix.MSG_DONTWAIT, 0, 0)
			n, errno = int(got), e
			switch e {
			case syscall.EINTR:
				continue
			case syscall.EAGAIN:
				return false
			}
			return true
		}
	}
	for {
		if err := s.rc.Read(receive); err != nil { // closed
			if !l.closed.Load() && !errors.Is(err, net.ErrClosed) {
				l.layer.log.Error("udp: listener stopped", "addr", l.addr, "err", err)
			}
			return
		}
		if errno != 0 {
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
	}
}

func sockaddr(n *unix.RawSockaddrInet6) (netip.AddrPort, bool) {
	port := binary.BigEndian.Uint16((*[2]byte)(unsafe.Pointer(&n.Port))[:])
	switch n.Family {
	case unix.AF_INET:
		v4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(n))
		return netip.AddrPortFrom(netip.AddrFrom4(v4.Addr), port), true
	case unix.AF_INET6:
		a := netip.AddrFrom16(n.Addr).Unmap()
		if n.Scope_id != 0 && a.IsLinkLocalUnicast() {
			a = a.WithZone(strconv.Itoa(int(n.Scope_id)))
		}
		return netip.AddrPortFrom(a, port), true
	}
	return netip.AddrPort{}, false
}
