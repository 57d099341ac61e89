package media

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// BenchmarkRelayedCalls measures what a relayed G.711 call costs this process:
// the phones live in a child process, so that the CPU time is the relay's
// alone. Read it with -benchtime 1x.
//
//	go test ./media -run '^$' -bench RelayedCalls -benchtime 1x
func BenchmarkRelayedCalls(b *testing.B) {
	for _, calls := range []int{100, 300, 600} {
		b.Run(strconv.Itoa(calls), func(b *testing.B) {
			for b.Loop() {
				relayedCalls(b, calls)
			}
		})
	}
}

const phonesEnv = "STROWGER_TEST_PHONES"

func relayedCalls(b *testing.B, calls int) {
	r, err := New(Options{PortMin: 20000, PortMax: 20000 + 8*calls, Loops: loopsForBench()})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	local := netip.MustParseAddr("127.0.0.1")
	if os.Getenv("BENCH_WILDCARD") != "" {
		local = netip.IPv6Unspecified()
	}

	child := exec.Command(os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), phonesEnv+"="+strconv.Itoa(2*calls))
	child.Stderr = os.Stderr
	in, _ := child.StdinPipe()
	out, _ := child.StdoutPipe()
	if err := child.Start(); err != nil {
		b.Fatal(err)
	}
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	loop := netip.MustParseAddr("127.0.0.1")
	var ports []string
	var ends []*Endpoint
	for i, p := range strings.Fields(line) {
		port, _ := strconv.Atoi(p)
		e, err := r.Open(local)
		if err != nil {
			b.Fatal(err)
		}
		e.SetRemote(Remote{RTP: netip.AddrPortFrom(loop, uint16(port)), Signalling: loop, Formats: g711})
		ends = append(ends, e)
		ports = append(ports, strconv.Itoa(e.Port()))
		if i%2 == 1 {
			Bridge(ends[i-1], e)
		}
	}
	fmt.Fprintln(in, strings.Join(ports, " "))
	time.Sleep(1500 * time.Millisecond)
	const secs = 5
	var before, after syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &before)
	n0 := r.Counters().Sent
	time.Sleep(secs * time.Second)
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &after)
	sent := r.Counters().Sent - n0
	in.Close()
	res, _ := io.ReadAll(lines)
	_ = child.Wait()
	cpu := func(u *syscall.Rusage) float64 { return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e3 }
	us := cpu(&after) - cpu(&before)
	var p50, p99, most, loss float64
	fmt.Sscan(string(res), &p50, &p99, &most, &loss)
	b.ReportMetric(100*us/(secs*1e6)/float64(calls), "%core/call")
	b.ReportMetric(us/float64(sent), "µs/packet")
	user := float64(after.Utime.Nano()-before.Utime.Nano()) / 1e3
	b.ReportMetric(user/float64(sent), "user-µs/packet")
	b.ReportMetric(p50, "p50-µs")
	b.ReportMetric(p99, "p99-µs")
	b.ReportMetric(most, "max-µs")
	b.ReportMetric(loss, "lost")
	b.ReportMetric(0, "ns/op")
}

func loopsForBench() int {
	n, _ := strconv.Atoi(os.Getenv("BENCH_LOOPS"))
	return n
}

var g711 = []Format{{PT: 0, Name: "PCMU", Rate: 8000, Channels: 1}, {PT: 8, Name: "PCMA", Rate: 8000, Channels: 1}}

// phones is the child: n sockets that send 50 packets a second each, spread
// over the 20 ms, and time what comes back.
func phones(n int) {
	runtime.LockOSThread()
	ep, _ := syscall.EpollCreate1(0)
	fds := make([]int, n)
	var names []string
	for i := range fds {
		fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_NONBLOCK, 0)
		if err != nil {
			panic(err)
		}
		if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
			panic(err)
		}
		sa, _ := syscall.Getsockname(fd)
		names = append(names, strconv.Itoa(sa.(*syscall.SockaddrInet4).Port))
		ev := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(fd)}
		_ = syscall.EpollCtl(ep, syscall.EPOLL_CTL_ADD, fd, &ev)
		fds[i] = fd
	}
	fmt.Println(strings.Join(names, " "))
	in := bufio.NewReader(os.Stdin)
	line, _ := in.ReadString('\n')
	for i, p := range strings.Fields(line) {
		port, _ := strconv.Atoi(p)
		_ = syscall.Connect(fds[i], &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: port})
	}
	stop := make(chan struct{})
	go func() { _, _ = io.Copy(io.Discard, in); close(stop) }()
	lat := make(chan []int64)
	go func() {
		runtime.LockOSThread()
		var all []int64
		evs := make([]syscall.EpollEvent, 256)
		var buf [2048]byte
		for {
			k, _ := syscall.EpollWait(ep, evs, 100)
			if k <= 0 {
				select {
				case <-stop:
					lat <- all
					return
				default:
				}
			}
			for i := range max(k, 0) {
				m, _, e := syscall.RawSyscall6(syscall.SYS_RECVFROM, uintptr(evs[i].Fd), uintptr(unsafe.Pointer(&buf[0])), 2048, 0, 0, 0)
				if e == 0 && m >= 32 {
					all = append(all, mono()-int64(binary.BigEndian.Uint64(buf[12:])))
				}
			}
		}
	}()
	var pkt [172]byte
	pkt[0] = 0x80
	next := time.Now()
	sent := 0
run:
	for k := 0; ; k++ {
		select {
		case <-stop:
			break run
		default:
		}
		next = next.Add(time.Millisecond)
		if d := time.Until(next); d > 0 {
			nanosleep(int64(d))
		}
		for i := k % 20; i < n; i += 20 {
			binary.BigEndian.PutUint16(pkt[2:], uint16(k/20))
			binary.BigEndian.PutUint32(pkt[4:], uint32(k/20*160))
			binary.BigEndian.PutUint32(pkt[8:], uint32(i+1))
			binary.BigEndian.PutUint64(pkt[12:], uint64(mono()))
			_, _, e := syscall.RawSyscall(syscall.SYS_WRITE, uintptr(fds[i]), uintptr(unsafe.Pointer(&pkt[0])), 172)
			if e == 0 {
				sent++
			}
		}
	}
	got := <-lat
	slices.Sort(got)
	if len(got) == 0 {
		got = []int64{0}
	}
	at := func(q float64) float64 { return float64(got[int(q*float64(len(got)-1))]) / 1e3 }
	fmt.Println(at(.5), at(.99), at(1), sent-len(got))
}

func TestMain(m *testing.M) {
	if n, err := strconv.Atoi(os.Getenv(phonesEnv)); err == nil {
		phones(n)
		return
	}
	os.Exit(m.Run())
}
