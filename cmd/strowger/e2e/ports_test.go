package e2e

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Ports are taken below the kernel's ephemeral range, so that no outgoing
// socket of another process sits on one between the look and the use, and each
// test process starts at another place.
const (
	firstPort = 10000
	lastPort  = 16383
	firstRTP  = 16384 // the exchange's own, below
	lastRTP   = 32767
	rtpShare  = 1024 // ports of one exchange
)

var ports = struct {
	sync.Mutex
	next, nextRTP int
}{
	next:    firstPort + os.Getpid()*97%(lastPort-firstPort),
	nextRTP: os.Getpid(),
}

// freePorts answers the first of n successive ports that are free for UDP and
// TCP on ip. The first is even.
func freePorts(t testing.TB, ip string, n int) int {
	t.Helper()
	ports.Lock()
	defer ports.Unlock()
	for range (lastPort - firstPort) / n {
		first := (ports.next + 1) &^ 1
		if first+n > lastPort {
			first = firstPort
		}
		ports.next = first + n
		if allFree(ip, first, n) {
			return first
		}
	}
	t.Fatalf("no %d free ports on %s", n, ip)
	return 0
}

func freePort(t testing.TB, ip string) int { return freePorts(t, ip, 2) }

func allFree(ip string, first, n int) bool {
	for port := first; port < first+n; port++ {
		at := fmt.Sprintf("%s:%d", ip, port)
		udp, err := net.ListenPacket("udp", at)
		if err != nil {
			return false
		}
		udp.Close()
		tcp, err := net.Listen("tcp", at)
		if err != nil {
			return false
		}
		tcp.Close()
	}
	return true
}

// rtpRange gives each exchange its own media ports.
func rtpRange() (first, last int) {
	ports.Lock()
	defer ports.Unlock()
	shares := (lastRTP + 1 - firstRTP) / rtpShare
	first = firstRTP + ports.nextRTP%shares*rtpShare
	ports.nextRTP++
	return first, first + rtpShare - 1
}

// bound tells whether a socket of some process is bound to the address. It
// reads the kernel's table, because trying to bind would itself be in the way.
func bound(network, addr string) error {
	at := netip.MustParseAddrPort(addr)
	table, err := os.ReadFile("/proc/net/" + network)
	if err != nil {
		return err
	}
	ip := at.Addr().As4() // in the table: little endian
	here := fmt.Sprintf("%02X%02X%02X%02X:%04X", ip[3], ip[2], ip[1], ip[0], at.Port())
	any := fmt.Sprintf("00000000:%04X", at.Port())
	for line := range strings.Lines(string(table)) {
		fields := strings.Fields(line)
		if len(fields) < 4 || fields[1] != here && fields[1] != any {
			continue
		}
		if network == "udp" || fields[3] == "0A" { // listening
			return nil
		}
	}
	return fmt.Errorf("nobody is bound to %s %s", network, addr)
}

// boundBetween counts the UDP sockets that are bound to ports of a range.
func boundBetween(first, last int) (n int, err error) {
	for _, table := range []string{"/proc/net/udp", "/proc/net/udp6"} {
		b, err := os.ReadFile(table)
		if err != nil {
			return 0, err
		}
		for line := range strings.Lines(string(b)) {
			fields := strings.Fields(line)
			if len(fields) < 2 {
				continue
			}
			_, hex, _ := strings.Cut(fields[1], ":")
			port, err := strconv.ParseUint(hex, 16, 16)
			if err == nil && int(port) >= first && int(port) <= last {
				n++
			}
		}
	}
	return n, nil
}
