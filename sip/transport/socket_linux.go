//go:build linux && (amd64 || arm64)

package transport

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// batchSocket is one of the SO_REUSEPORT sockets of a listener.
//
// Its system calls never wait, so they are made without telling the runtime:
// its watcher thread, woken by every call it is told of, took an eighth of all
// CPU at some thousand messages a second.
//
// The runtime's poller does not know the socket, or its thread would be woken by
// every datagram, wanted or not. It knows an epoll that has the socket in it, and
// that is told of the next datagram only when the reader has nothing left to do.
type batchSocket struct {
	fd      int
	epoll   *os.File
	waiting syscall.RawConn // of epoll

	pace    pace
	resting atomic.Bool // its reader sleeps: another may look
	turn    sync.Mutex  // whose holder reads and hands on

	mu     sync.RWMutex // held to read while fd is in use
	closed bool
}

// A full send buffer is waited for, fullTries times fullWait at most.
const (
	fullWait  = 10 // ms
	fullTries = 10
)

func (s *batchSocket) sendTo(b []byte, from *packetEnd, to netip.AddrPort) error {
	for try := 0; ; try++ {
		switch errno := s.sendNow(b, from.oob, to); {
		case errno == 0:
			return nil
		case errno == unix.EBADF:
			return ErrClosed
		case errno == unix.EAGAIN && try < fullTries:
			_, _ = unix.Poll([]unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLOUT}}, fullWait)
		default:
			return os.NewSyscallError("sendmsg", errno)
		}
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

// close ends the reader, too: it is woken, and finds its wait closed.
func (s *batchSocket) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	return errors.Join(s.epoll.Close(), os.NewSyscallError("close", unix.Close(s.fd)))
}

// openBatch makes one socket of addr; a shared one may be bound beside others.
func openBatch(addr netip.AddrPort, shared bool) (*batchSocket, error) {
	family := unix.AF_INET
	if addr.Addr().Is6() {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	s := &batchSocket{fd: fd}
	if err = s.bind(addr, shared); err == nil {
		err = s.watch()
	}
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	return s, nil
}

func (s *batchSocket) bind(addr netip.AddrPort, shared bool) error {
	if shared {
		if err := s.share(); err != nil {
			return err
		}
	}
	if err := prepare(s.fd, addr.Addr()); err != nil {
		return err
	}
	var name unix.RawSockaddrInet6
	size := putSockaddr(&name, addr)
	if _, _, errno := syscall.Syscall(unix.SYS_BIND, uintptr(s.fd), uintptr(unsafe.Pointer(&name)), uintptr(size)); errno != 0 {
		return os.NewSyscallError("bind", errno)
	}
	return nil
}

// watch makes the epoll that the runtime's poller watches in the socket's place.
func (s *batchSocket) watch() error {
	ep, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return os.NewSyscallError("epoll_create1", err)
	}
	if err = unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, s.fd, &unix.EpollEvent{}); err == nil {
		err = unix.SetNonblock(ep, true) // or os.NewFile would not have it watched
	}
	if err != nil {
		unix.Close(ep)
		return os.NewSyscallError("epoll_ctl", err)
	}
	s.epoll = os.NewFile(uintptr(ep), "epoll")
	if s.waiting, err = s.epoll.SyscallConn(); err != nil {
		s.epoll.Close()
	}
	return err
}

func (s *batchSocket) share() error {
	return os.NewSyscallError("setsockopt SO_REUSEPORT", unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1))
}

// local is the address that the socket is bound to.
func (s *batchSocket) local() (netip.AddrPort, error) {
	var name unix.RawSockaddrInet6
	size := uint32(unix.SizeofSockaddrInet6)
	if _, _, errno := syscall.Syscall(unix.SYS_GETSOCKNAME, uintptr(s.fd), uintptr(unsafe.Pointer(&name)), uintptr(unsafe.Pointer(&size))); errno != 0 {
		return netip.AddrPort{}, os.NewSyscallError("getsockname", errno)
	}
	a, _ := sockaddr(&name)
	return a, nil
}

// await returns when there is something to read; it fails once s is closed.
func (s *batchSocket) await() error {
	ev := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLONESHOT}
	armed := false
	var failed error
	err := s.waiting.Read(func(ep uintptr) bool {
		if !armed {
			armed = true
			if _, _, errno := syscall.RawSyscall6(unix.SYS_EPOLL_CTL, ep, unix.EPOLL_CTL_MOD, uintptr(s.fd), uintptr(unsafe.Pointer(&ev)), 0, 0); errno != 0 {
				failed = os.NewSyscallError("epoll_ctl", errno)
				return true
			}
		}
		var got unix.EpollEvent
		n, _, _ := syscall.RawSyscall6(unix.SYS_EPOLL_PWAIT, ep, uintptr(unsafe.Pointer(&got)), 1, 0, 0, 0)
		return n == 1
	})
	return errors.Join(err, failed)
}

// receive reads what has come, a batch at most.
func (s *batchSocket) receive(r *reader, wild bool) (int, syscall.Errno) {
	for i := range r.msgs {
		m := &r.msgs[i].hdr
		m.Namelen = unix.SizeofSockaddrInet6
		if wild {
			m.Control = &r.oobs[i][0]
			m.SetControllen(controlLen)
		}
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return 0, unix.EAGAIN // await says so
	}
	for {
		n, _, errno := syscall.RawSyscall6(unix.SYS_RECVMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&r.msgs[0])), batch, unix.MSG_DONTWAIT, 0, 0)
		if errno != unix.EINTR {
			return int(n), errno
		}
	}
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
