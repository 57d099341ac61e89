//go:build unix

package transport

import (
	"io"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// rawConn gives the socket itself, so that an idle connection needs no buffer
// and a write that fits needs no goroutine.
func rawConn(c net.Conn) syscall.RawConn {
	t, ok := c.(*net.TCPConn)
	if !ok {
		return nil
	}
	rc, err := t.SyscallConn()
	if err != nil {
		return nil
	}
	return rc
}

// writeNow writes what fits without waiting.
func writeNow(rc syscall.RawConn, b []byte) (int, error) {
	var n int
	var inner error
	err := rc.Write(func(fd uintptr) bool {
		for n < len(b) {
			m, err := unix.Write(int(fd), b[n:])
			switch err {
			case nil:
				n += m
			case unix.EINTR:
			case unix.EAGAIN:
				return true
			default:
				inner = err
				return true
			}
		}
		return true
	})
	if err == nil {
		err = inner
	}
	return n, err
}

func (f *framer) fillRaw() error {
	var n int
	var inner error
	err := f.s.rc.Read(func(fd uintptr) bool {
		if f.buf == nil {
			f.buf = getBuffer(0)
		}
		for {
			n, inner = unix.Read(int(fd), f.buf[f.have:])
			if inner != unix.EINTR {
				break
			}
		}
		if inner == unix.EAGAIN {
			if f.have == 0 {
				putBuffer(f.buf)
				f.buf = nil
			}
			return false
		}
		return true
	})
	switch {
	case err != nil:
		return err
	case inner != nil:
		return inner
	case n <= 0:
		return io.EOF
	}
	f.have += n
	return nil
}
