package media

import (
	"encoding/binary"
	"net/netip"
	"runtime"
	"syscall"
	"testing"
	"unsafe"
)

// still is a relay whose loops do not run by themselves: tests and benchmarks
// call pass.
func still(tb testing.TB, pairs int) *Relay {
	tb.Helper()
	return stillAt(tb, 30000, pairs)
}

func stillAt(tb testing.TB, low, pairs int) *Relay {
	tb.Helper()
	r := &Relay{open: make(map[*Endpoint]struct{})}
	r.wall, r.log = defaultWall, discard
	l, err := newLoop(r)
	if err != nil {
		tb.Fatal(err)
	}
	r.loops = []*loop{l}
	r.ports = newPorts(low, low+2*pairs-1, r.loops)
	tb.Cleanup(func() { _ = r.Close() })
	return r
}

// BenchmarkForward is what the relay itself spends on a packet: epoll_wait,
// recvfrom, everything between, and sendto; no wake-up of anybody.
func BenchmarkForward(b *testing.B) {
	for _, c := range []struct{ name, local string }{{"v4", "127.0.0.1"}, {"dual", "::"}} {
		b.Run(c.name, func(b *testing.B) { benchForward(b, netip.MustParseAddr(c.local)) })
	}
}

func benchForward(b *testing.B, local netip.Addr) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const calls = 64
	r := still(b, 4*calls)
	l := r.loops[0]
	lo := netip.MustParseAddr("127.0.0.1")
	var fds []int
	var to []*syscall.SockaddrInet4
	var ends []*Endpoint
	for i := range 2 * calls {
		fd, err := bindSocketAny(lo)
		if err != nil {
			b.Fatal(err)
		}
		defer syscall.Close(fd)
		sa, _ := syscall.Getsockname(fd)
		e, err := r.Open(local)
		if err != nil {
			b.Fatal(err)
		}
		e.SetRemote(Remote{RTP: netip.AddrPortFrom(lo, uint16(sa.(*syscall.SockaddrInet4).Port)), Formats: g711})
		fds, ends = append(fds, fd), append(ends, e)
		to = append(to, &syscall.SockaddrInet4{Port: e.Port(), Addr: [4]byte{127, 0, 0, 1}})
		if i%2 == 1 {
			Bridge(ends[i-1], e)
		}
	}
	var pkt [172]byte
	pkt[0] = 0x80
	var spent int64
	var n, k int
	var buf [2048]byte
	for b.Loop() {
		n++
		if n%batch != 0 {
			continue
		}
		for i := range batch {
			k++
			binary.BigEndian.PutUint16(pkt[2:], uint16(k/len(fds)))
			binary.BigEndian.PutUint32(pkt[4:], uint32(k/len(fds)*160))
			j := (k + i) % len(fds)
			if err := syscall.Sendto(fds[j], pkt[:], 0, to[j]); err != nil {
				b.Fatal(err)
			}
		}
		t := threadCPU()
		for left := batch; left > 0; {
			m := epollPoll(l.ep, l.evs[:])
			if m == 0 {
				break
			}
			l.pass(m)
			left -= m
		}
		spent += threadCPU() - t
		for _, fd := range fds {
			for {
				if _, _, err := syscall.Recvfrom(fd, buf[:], syscall.MSG_DONTWAIT); err != nil {
					break
				}
			}
		}
	}
	b.ReportMetric(float64(spent)/float64(n)/1e3, "µs/packet")
	b.ReportMetric(0, "ns/op")
	c := r.Counters()
	if c.Sent == 0 || c.Received != c.Sent {
		b.Fatalf("%+v", c)
	}
}

func bindSocketAny(a netip.Addr) (int, error) {
	fd, _, err := listen(a, 0, false)
	return fd, err
}

// BenchmarkCall is what one anchored call costs in here besides its packets:
// two endpoints, two answers each, a bridge, and their end.
func BenchmarkCall(b *testing.B) {
	r := still(b, 2000)
	p := Remote{RTP: netipPort("127.0.0.2:4000"), Signalling: relayHost, Formats: g711}
	for range 2000 { // bind every pair once
		e, err := r.Open(relayHost)
		if err != nil {
			b.Fatal(err)
		}
		defer e.Close()
	}
	for e := range r.open {
		e.Close()
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	b.ReportAllocs()
	t := threadCPU()
	for b.Loop() {
		x, _ := r.Open(relayHost)
		y, _ := r.Open(relayHost)
		for range 2 {
			x.SetRemote(p)
			y.SetRemote(p)
		}
		Bridge(x, y)
		x.Stats()
		y.Stats()
		x.Close()
		y.Close()
	}
	b.ReportMetric(float64(threadCPU()-t)/float64(b.N)/1e3, "µs-CPU/call")
}

// threadCPU is the CPU time of this thread in nanoseconds.
func threadCPU() int64 {
	var ts syscall.Timespec
	const clockThreadCPU = 3
	_, _, _ = syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clockThreadCPU, uintptr(unsafe.Pointer(&ts)), 0)
	return ts.Nano()
}
