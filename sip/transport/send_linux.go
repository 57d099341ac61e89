//go:build linux && (amd64 || arm64)

package transport

import (
	"encoding/binary"
	"net/netip"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// sender is the memory of one sendmsg(2) with a source address; the net package
// allocates for each.
type sender struct {
	msg   unix.Msghdr
	iov   unix.Iovec
	name  unix.RawSockaddrInet6 // holds an IPv4 one too
	errno syscall.Errno
	do    func(fd uintptr) bool
}

var senders = sync.Pool{New: func() any {
	s := new(sender)
	s.msg.Name = (*byte)(unsafe.Pointer(&s.name))
	s.msg.Iov = &s.iov
	s.msg.SetIovlen(1)
	s.do = s.sendmsg
	return s
}}

// sendmsg is false when the socket's buffer is full: the runtime then waits.
func (s *sender) sendmsg(fd uintptr) bool {
	for {
		_, _, s.errno = syscall.Syscall(unix.SYS_SENDMSG, fd, uintptr(unsafe.Pointer(&s.msg)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
		switch s.errno {
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
			return false
		}
		return true
	}
}

// sendFrom sends b to to from the address that oob names.
func (s *batchSocket) sendFrom(b, oob []byte, to netip.AddrPort) error {
	if len(b) == 0 {
		return nil
	}
	x := senders.Get().(*sender)
	x.iov.Base = &b[0]
	x.iov.SetLen(len(b))
	x.msg.Control = &oob[0]
	x.msg.SetControllen(len(oob))
	if a := to.Addr(); a.Is4() {
		n := (*unix.RawSockaddrInet4)(unsafe.Pointer(&x.name))
		*n = unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: a.As4()}
		binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(&n.Port))[:], to.Port())
		x.msg.Namelen = unix.SizeofSockaddrInet4
	} else {
		x.name = unix.RawSockaddrInet6{Family: unix.AF_INET6, Addr: a.As16(), Scope_id: scope(a)}
		binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(&x.name.Port))[:], to.Port())
		x.msg.Namelen = unix.SizeofSockaddrInet6
	}
	err := s.rc.Write(x.do)
	if err == nil && x.errno != 0 {
		err = x.errno
	}
	x.iov.Base, x.msg.Control = nil, nil
	senders.Put(x)
	return err
}

// scope is the interface of a link-local address; its zone is the number that
// the reader put there.
func scope(a netip.Addr) uint32 {
	var n uint32
	for _, c := range []byte(a.Zone()) {
		if c < '0' || c > '9' {
			return 0
		}
		n = n*10 + uint32(c-'0')
	}
	return n
}
