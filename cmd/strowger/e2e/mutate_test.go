package e2e

import (
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestMutations spoils messages in every way it knows and sends them while
// calls are up: none may end or fall silent, and every good request between two
// bad ones is answered. STROWGER_MUTATIONS says how many there are to be; `make
// mutations` sends a million.
func TestMutations(t *testing.T) {
	t.Parallel()
	total := 20000
	if raceDetector {
		total = 4000
	}
	if s := os.Getenv("STROWGER_MUTATIONS"); s != "" {
		var err error
		if total, err = strconv.Atoi(s); err != nil || total <= 0 {
			t.Fatalf("STROWGER_MUTATIONS: %q is no number of messages", s)
		}
	}
	packets := captures(t)
	s := newSite()
	const pairs = 3
	for i := range 2 * pairs {
		s.phone(fmt.Sprint(1000 + i))
	}
	s.trunk("carrier", "127.0.0.9", 5060)["addresses"] = []string{"127.31.0.0/16"}
	x := newExchange(t, s, "--log-level", "warn")
	var calls [pairs][2]*uaCall
	for i := range calls {
		a := mustUA(t, x, accountOf(fmt.Sprint(1000+2*i))).mustRegister(t)
		b := mustUA(t, x, accountOf(fmt.Sprint(1001+2*i))).mustRegister(t)
		calls[i][0], calls[i][1] = connect(t, a, b, b.Ext)
		calls[i][0].media.Say(500)
		calls[i][1].media.Say(700)
	}
	talk := func() {
		for _, c := range calls {
			c[0].media.mustHear(t, 700)
			c[1].media.mustHear(t, 500)
		}
	}
	talk()

	seed := rand.Uint64()
	t.Logf("%d messages, seed %d", total, seed)
	var left atomic.Int64
	left.Store(int64(total))
	var busy sync.WaitGroup
	for worker := range 4 {
		v := &vandal{x: x, r: rand.New(rand.NewPCG(seed, uint64(worker))), packets: packets}
		// Strangers are challenged; what a carrier sends goes on to routing.
		v.net = byte(30 + worker%2)
		busy.Go(func() {
			for left.Load() > 0 {
				n, err := v.burst()
				if err != nil {
					t.Error(err)
					return
				}
				left.Add(-int64(n))
			}
		})
	}
	busy.Wait()

	for _, c := range calls {
		for _, side := range c {
			if side.Ended() {
				t.Errorf("the call with %s is gone:\n%s", side.to, side.Cause.text)
			}
			side.media.steady(t)
			side.media.forget() // what is heard from now on counts
		}
	}
	if t.Failed() {
		return
	}
	talk()
	for _, c := range calls {
		if res, err := c[0].Request("INVITE", "", c[0].media.sdp(2, "sendrecv")); err != nil || res.status() != 200 {
			t.Errorf("re-INVITE: %v %s", err, res.start)
		}
		c[0].mustHangUp(t)
		c[1].mustEnd(t, 10*time.Second)
	}
	x.idle()
}

// A vandal sends spoiled messages. Each burst comes from an address of its own,
// because a source of many is soon not answered any more.
type vandal struct {
	x       *exchange
	r       *rand.Rand
	packets [][]byte
	net     byte // 127.net.0.0/16
}

// burst sends some spoiled messages, each followed by a good one that must be
// answered, and answers how many.
func (v *vandal) burst() (int, error) {
	from := net.IPv4(127, v.net, byte(v.r.IntN(256)), byte(1+v.r.IntN(254)))
	to := net.ParseIP(v.x.ip)
	conn, err := net.DialUDP("udp4", &net.UDPAddr{IP: from}, &net.UDPAddr{IP: to, Port: v.x.port})
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	buf := make([]byte, 65536)
	const datagrams = 40
	for range datagrams {
		bad := mutate(v.r, v.packets)
		good, branch := fenceAfter(nil, "UDP", conn.LocalAddr())
		for _, b := range [][]byte{bad, good} {
			if _, err := conn.Write(b); err != nil {
				return 0, err
			}
		}
		_ = conn.SetReadDeadline(time.Now().Add(slow(20 * time.Second)))
		for {
			n, err := conn.Read(buf)
			if err != nil {
				return 0, fmt.Errorf("no answer behind %q: %w", bad, err)
			}
			if m := parseMessage(string(buf[:n])); m.branch() == branch {
				if err := fenced(m); err != nil {
					return 0, fmt.Errorf("behind %q: %w", bad, err)
				}
				break
			}
		}
	}
	// On a stream the good one may belong to the bad one's body, so only the
	// end of the connection is waited for.
	stream, err := net.DialTCP("tcp4", &net.TCPAddr{IP: from}, &net.TCPAddr{IP: to, Port: v.x.port})
	if err != nil {
		return 0, err
	}
	defer stream.Close()
	_ = stream.SetDeadline(time.Now().Add(slow(20 * time.Second)))
	bad := mutate(v.r, v.packets)
	if _, err := stream.Write(append(bad, mutate(v.r, v.packets)...)); err == nil {
		_ = stream.CloseWrite()
		if _, err := io.Copy(io.Discard, stream); isTimeout(err) {
			return 0, fmt.Errorf("a connection still stands behind %q", bad)
		}
	}
	return datagrams + 2, nil
}

func isTimeout(err error) bool {
	ne, ok := err.(net.Error)
	return ok && ne.Timeout()
}

// mutate spoils a message in one of the ways that wires and attackers do.
func mutate(r *rand.Rand, packets [][]byte) []byte {
	b := append([]byte(nil), packets[r.IntN(len(packets))]...)
	for range 1 + r.IntN(4) {
		if len(b) < 2 {
			break
		}
		at := r.IntN(len(b))
		switch r.IntN(7) {
		case 0:
			b[at] = byte(r.Uint32())
		case 1:
			b[at] ^= 1 << r.IntN(8)
		case 2:
			b = b[:at]
		case 3: // a line doubled
			lines := strings.SplitAfter(string(b), "\n")
			i := r.IntN(len(lines))
			b = []byte(strings.Join(lines[:i+1], "") + strings.Join(lines[i:], ""))
		case 4: // a line gone
			lines := strings.SplitAfter(string(b), "\n")
			i := r.IntN(len(lines))
			b = []byte(strings.Join(append(lines[:i:i], lines[i+1:]...), ""))
		case 5: // two messages in one
			other := packets[r.IntN(len(packets))]
			b = append(b[:at:at], other[r.IntN(len(other)):]...)
		case 6:
			b = append(b[:at:at], append([]byte(strings.Repeat(string(rune('0'+r.IntN(75))), 1+r.IntN(3000))), b[at:]...)...)
		}
	}
	return b[:min(len(b), 60000)]
}

// captures collects the messages of RFC 4475 and RFC 5118 that the project
// keeps, and a few of our own.
func captures(t testing.TB) [][]byte {
	t.Helper()
	packets := [][]byte{
		[]byte("OPTIONS sip:1000@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKa\r\nFrom: <sip:x@y>;tag=1\r\nTo: <sip:1000@y>\r\nCall-ID: a@b\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"),
		[]byte("INVITE sip:1000@127.0.0.1 SIP/2.0\r\nv: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKb;rport\r\nf: <sip:x@y>;tag=1\r\nt: <sip:1000@y>\r\ni: c@b\r\nCSeq: 1 INVITE\r\nm: <sip:x@127.0.0.1>\r\nc: application/sdp\r\nl: 90\r\n\r\nv=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"),
		[]byte("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKc\r\nFrom: <sip:x@y>;tag=1\r\nTo: <sip:1000@y>;tag=2\r\nCall-ID: d@b\r\nCSeq: 1 INVITE\r\nContact: <sip:x@127.0.0.1>\r\nContent-Length: 0\r\n\r\n"),
		[]byte("REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKd\r\nFrom: <sip:x@y>;tag=1\r\nTo: <sip:x@y>\r\nCall-ID: e@b\r\nCSeq: 1 REGISTER\r\nContact: *\r\nExpires: 0\r\nContent-Length: 0\r\n\r\n"),
		[]byte("BYE sip:1000@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKe\r\nFrom: <sip:x@y>;tag=1\r\nTo: <sip:1000@y>;tag=2\r\nCall-ID: f@b\r\nCSeq: 2 BYE\r\nContent-Length: 0\r\n\r\n"),
	}
	found := 0
	err := filepath.WalkDir("../../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if !d.IsDir() && filepath.Ext(path) == ".dat" && strings.Contains(path, "testdata") {
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if len(b) > 0 {
				packets = append(packets, b)
				found++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d captured messages to spoil", found)
	return packets
}

func TestMutate(t *testing.T) {
	t.Parallel()
	packets := captures(t)
	r := rand.New(rand.NewPCG(1, 2))
	for range 10000 {
		if b := mutate(r, packets); len(b) > 60000 {
			t.Fatalf("%d bytes do not fit a datagram", len(b))
		}
	}
}
