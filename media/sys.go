package media

import (
	"encoding/binary"
	"net/netip"
	"syscall"
	"time"
	"unsafe"
)

// A source is a transport address in the form in which the packet path
// compares them: IPv4 is kept as IPv4-mapped IPv6, so that what a dual-stack
// socket reports equals what signalling said. The zero source is none.
type source struct {
	hi, lo uint64
	scope  uint32 // of a link-local address, else 0
	port   uint16
}

func sourceOf(a netip.AddrPort) source {
	s := hostOf(a.Addr())
	if s != (source{}) {
		s.port = a.Port()
	}
	return s
}

// hostOf is a without a port.
func hostOf(a netip.Addr) source {
	if !a.IsValid() || a.IsUnspecified() {
		return source{}
	}
	b := a.As16()
	s := source{hi: binary.BigEndian.Uint64(b[:8]), lo: binary.BigEndian.Uint64(b[8:])}
	if a.IsLinkLocalUnicast() && a.Is6() {
		s.scope = scopeOf(a.Zone())
	}
	return s
}

func (s source) sameHost(o source) bool { return s.hi == o.hi && s.lo == o.lo }

// usable reports whether packets can be sent to s.
func (s source) usable() bool { return s.port != 0 && (s.hi != 0 || s.lo != 0) }

func (s source) is4() bool { return s.hi == 0 && s.lo>>32 == 0xffff }

// read takes what recvfrom wrote.
func (s *source) read(sa *syscall.RawSockaddrInet6) {
	if sa.Family == syscall.AF_INET {
		v4 := (*syscall.RawSockaddrInet4)(unsafe.Pointer(sa))
		s.hi, s.scope = 0, 0
		s.lo = 0xffff<<32 | uint64(binary.BigEndian.Uint32(v4.Addr[:]))
		s.port = ntohs(v4.Port)
		return
	}
	s.hi = binary.BigEndian.Uint64(sa.Addr[:8])
	s.lo = binary.BigEndian.Uint64(sa.Addr[8:])
	s.scope = 0
	if s.hi>>54 == 0xfe80>>6 {
		s.scope = sa.Scope_id
	}
	s.port = ntohs(sa.Port)
}

// ntohs turns a port as the kernel keeps it, big endian in memory, into a number.
func ntohs(p uint16) uint16 {
	b := (*[2]byte)(unsafe.Pointer(&p))
	return uint16(b[0])<<8 | uint16(b[1])
}

// A sockaddr is ready for sendto.
type sockaddr struct {
	raw syscall.RawSockaddrInet6 // holds a RawSockaddrInet4 as well
	len uint32
}

// sockaddr renders s for a socket of family (AF_INET or AF_INET6); ok is false
// where that socket can't reach it.
func (s source) sockaddr(family int) (sa sockaddr, ok bool) {
	if family == syscall.AF_INET {
		if !s.is4() {
			return sa, false
		}
		v4 := (*syscall.RawSockaddrInet4)(unsafe.Pointer(&sa.raw))
		v4.Family = syscall.AF_INET
		v4.Port = ntohs(s.port)
		binary.BigEndian.PutUint32(v4.Addr[:], uint32(s.lo))
		sa.len = syscall.SizeofSockaddrInet4
		return sa, true
	}
	sa.raw.Family = syscall.AF_INET6
	sa.raw.Port = ntohs(s.port)
	binary.BigEndian.PutUint64(sa.raw.Addr[:8], s.hi)
	binary.BigEndian.PutUint64(sa.raw.Addr[8:], s.lo)
	sa.raw.Scope_id = s.scope
	sa.len = syscall.SizeofSockaddrInet6
	return sa, true
}

// start is the zero of the monotonic clock that the package counts in.
var start = time.Now()

// mono is nanoseconds since start.
func mono() int64 { return int64(time.Since(start)) }

// hurry lets this thread run before others of the machine, where we may say so
// (CAP_SYS_NICE), until what it returns is called.
func hurry() (calm func()) {
	tid := syscall.Gettid()
	was, err := syscall.Getpriority(syscall.PRIO_PROCESS, tid)
	if err != nil || syscall.Setpriority(syscall.PRIO_PROCESS, tid, urgency) != nil {
		return func() {}
	}
	// What the kernel says is 20 less the value that it takes.
	return func() { _ = syscall.Setpriority(syscall.PRIO_PROCESS, tid, 20-was) }
}

// The sockets never block, so their calls go around the scheduler's
// bookkeeping; what may sleep (epoll_wait, nanosleep) goes through it.

func recvFrom(fd int32, buf []byte, from *syscall.RawSockaddrInet6) (int, syscall.Errno) {
	size := uint32(syscall.SizeofSockaddrInet6)
	n, _, errno := syscall.RawSyscall6(syscall.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)),
		syscall.MSG_DONTWAIT|syscall.MSG_TRUNC, uintptr(unsafe.Pointer(from)), uintptr(unsafe.Pointer(&size)))
	return int(n), errno
}

func sendTo(fd int32, buf []byte, to *sockaddr) syscall.Errno {
	_, _, errno := syscall.RawSyscall6(syscall.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)),
		syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL, uintptr(unsafe.Pointer(&to.raw)), uintptr(to.len))
	return errno
}

// sendOn sends on a connected socket.
func sendOn(fd int32, buf []byte) syscall.Errno {
	_, _, errno := syscall.RawSyscall6(syscall.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)),
		syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL, 0, 0)
	return errno
}

func connectTo(fd int32, to *sockaddr) syscall.Errno {
	_, _, errno := syscall.RawSyscall(syscall.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&to.raw)), uintptr(to.len))
	return errno
}

// disconnect takes the peer from a socket, and the local address that was chosen
// for it.
func disconnect(fd int32) {
	nobody := sockaddr{len: syscall.SizeofSockaddrInet6}
	nobody.raw.Family = syscall.AF_UNSPEC
	connectTo(fd, &nobody)
}

func epollPoll(ep int, evs []syscall.EpollEvent) int {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, uintptr(ep), uintptr(unsafe.Pointer(&evs[0])), uintptr(len(evs)), 0, 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}

func epollSleep(ep int, evs []syscall.EpollEvent, ms int) int {
	n, _, errno := syscall.Syscall6(syscall.SYS_EPOLL_PWAIT, uintptr(ep), uintptr(unsafe.Pointer(&evs[0])), uintptr(len(evs)), uintptr(ms), 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}

func nanosleep(ns int64) {
	ts := syscall.NsecToTimespec(ns)
	syscall.Nanosleep(&ts, nil)
}
