package media

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"
)

// dscpEF marks voice for expedited forwarding (RFC 3246) in the TOS byte.
const dscpEF = 0xb8

// listen binds one non-blocking UDP socket on local:port. The unspecified
// address means both address families where the system has both. A shared port
// is one that a socket of ours already has.
func listen(local netip.Addr, port uint16, shared bool) (fd, family int, err error) {
	wild := !local.IsValid() || local.IsUnspecified() && !local.Is4()
	family = syscall.AF_INET6
	if local.Is4() || local.Is4In6() {
		family = syscall.AF_INET
	}
	fd, err = bindSocket(family, local, port, wild, shared)
	if wild && (errors.Is(err, syscall.EAFNOSUPPORT) || errors.Is(err, syscall.EADDRNOTAVAIL)) {
		family = syscall.AF_INET // a kernel without IPv6
		fd, err = bindSocket(family, netip.IPv4Unspecified(), port, false, shared)
	}
	if err != nil {
		return -1, 0, fmt.Errorf("media: bind UDP %s: %w", netip.AddrPortFrom(local, port), err)
	}
	return fd, family, nil
}

func bindSocket(family int, local netip.Addr, port uint16, dual, shared bool) (int, error) {
	fd, err := syscall.Socket(family, syscall.SOCK_DGRAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	if shared {
		if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
			syscall.Close(fd)
			return -1, err
		}
	}
	if family == syscall.AF_INET {
		// A refused TOS (some containers) is no reason to refuse a call.
		_ = syscall.SetsockoptInt(fd, syscall.IPPROTO_IP, syscall.IP_TOS, dscpEF)
		err = syscall.Bind(fd, &syscall.SockaddrInet4{Port: int(port), Addr: local.Unmap().As4()})
	} else {
		only := 1
		if dual {
			only = 0
			_ = syscall.SetsockoptInt(fd, syscall.IPPROTO_IP, syscall.IP_TOS, dscpEF)
		}
		_ = syscall.SetsockoptInt(fd, syscall.IPPROTO_IPV6, syscall.IPV6_TCLASS, dscpEF)
		if err = syscall.SetsockoptInt(fd, syscall.IPPROTO_IPV6, syscall.IPV6_V6ONLY, only); err == nil {
			sa := &syscall.SockaddrInet6{Port: int(port)}
			if local.IsValid() {
				sa.Addr, sa.ZoneId = local.As16(), scopeOf(local.Zone())
			}
			err = syscall.Bind(fd, sa)
		}
	}
	if err != nil {
		syscall.Close(fd)
		return -1, err
	}
	return fd, nil
}

// scopeOf is the interface index that an IPv6 zone names, 0 for none.
func scopeOf(zone string) uint32 {
	if zone == "" {
		return 0
	}
	if n, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return uint32(n)
	}
	if i, err := net.InterfaceByName(zone); err == nil {
		return uint32(i.Index)
	}
	return 0
}
