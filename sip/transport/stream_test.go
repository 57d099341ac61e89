package transport_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"strowger/sip/siptest"
	"strowger/sip/transport"
)

func message(id string, body string) string {
	return "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK" + id + "\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:a>\r\nCall-ID: " + id +
		"\r\nCSeq: 1 OPTIONS\r\nContent-Length: " + fmt.Sprint(len(body)) + "\r\n\r\n" + body
}

// heard is what a handler was given.
type heard struct {
	mu  sync.Mutex
	ids []string
	bad []string
	got [][]byte
	f   transport.Flow
}

func (x *heard) handle(f transport.Flow, h *transport.Head, data []byte) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.f = f
	x.ids = append(x.ids, string(h.CallID))
	if h.Bad != "" {
		x.bad = append(x.bad, h.Bad)
	}
	x.got = append(x.got, bytes.Clone(data))
	if h.Bad != "" {
		_ = f.Send([]byte("refused"))
	}
}

func (x *heard) list() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return strings.Join(x.ids, " ")
}

var at = netip.MustParseAddrPort("10.0.0.1:5060")

// bubble runs a layer on an in-memory network and dials it once.
func bubble(t *testing.T, f func(t *testing.T, l *transport.Layer, x *heard, c net.Conn)) {
	synctest.Test(t, func(t *testing.T) {
		n := siptest.NewNet(1)
		l := transport.New(n.Options())
		x := &heard{}
		l.Serve(x.handle)
		if _, err := l.Listen("tcp://" + at.String()); err != nil {
			t.Fatal(err)
		}
		c, err := n.DialStream(context.Background(), netip.AddrPort{}, at)
		if err != nil {
			t.Fatal(err)
		}
		f(t, l, x, c)
		c.Close()
		l.Close()
	})
}

// gone waits for the peer to hang up and returns what it said before.
func gone(c net.Conn) string {
	b, _ := io.ReadAll(c)
	return string(b)
}

func TestFraming(t *testing.T) {
	stream := "\r\n" + message("1", "") + message("2", "hello") + "\r\n\r\n" + message("3", strings.Repeat("x", 20000)) + message("4", "")
	for _, piece := range []int{1, 7, 100, 4096, 1 << 20} {
		t.Run(fmt.Sprint(piece), func(t *testing.T) {
			bubble(t, func(t *testing.T, l *transport.Layer, x *heard, c net.Conn) {
				pongs := make(chan string, 1)
				go func() { pongs <- gone(c) }()
				for s := stream; s != ""; {
					n := min(piece, len(s))
					if _, err := io.WriteString(c, s[:n]); err != nil {
						t.Fatal(err)
					}
					s = s[n:]
				}
				synctest.Wait()
				if got := x.list(); got != "1 2 3 4" {
					t.Errorf("heard %q", got)
				}
				if len(x.got) == 4 && (!bytes.HasSuffix(x.got[1], []byte("hello")) || len(x.got[2]) != len(message("3", strings.Repeat("x", 20000)))) {
					t.Error("a body is not whole")
				}
				c.Close()
				if got := <-pongs; got != "\r\n" {
					t.Errorf("the ping was answered by %q", got)
				}
			})
		})
	}
}

func TestUnframeableIsAnsweredAndEnded(t *testing.T) {
	good := message("1", "")
	for name, msg := range map[string]string{
		"negative":    strings.Replace(good, "Length: 0", "Length: -1", 1),
		"missing":     strings.Replace(good, "Content-Length: 0\r\n", "", 1),
		"two":         strings.Replace(good, "Content-Length: 0", "Content-Length: 0\r\nl: 9", 1),
		"huge":        strings.Replace(good, "Length: 0", "Length: 999999999", 1),
		"header 64 K": "OPTIONS sip:a SIP/2.0\r\nCall-ID: 1\r\nSubject: " + strings.Repeat("x", 65536),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, l *transport.Layer, x *heard, c net.Conn) {
				go func() { _, _ = io.WriteString(c, msg+message("2", "")) }()
				start := time.Now()
				if got := gone(c); got != "refused" {
					t.Errorf("said %q", got)
				}
				if d := time.Since(start); d > 3*time.Second {
					t.Errorf("ended after %v", d)
				}
				synctest.Wait()
				if len(x.bad) != 1 || x.list() != "1" {
					t.Errorf("heard %q, bad %q", x.list(), x.bad)
				}
			})
		})
	}
	bubble(t, func(t *testing.T, l *transport.Layer, x *heard, c net.Conn) {
		go func() { _, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n") }()
		if got := gone(c); got != "" || x.list() != "" {
			t.Errorf("HTTP is answered by %q", got)
		}
	})
}

func TestSlowloris(t *testing.T) {
	bubble(t, func(t *testing.T, l *transport.Layer, x *heard, c net.Conn) {
		start := time.Now()
		go func() {
			for _, b := range []byte(message("1", "")) {
				if _, err := c.Write([]byte{b}); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}()
		gone(c)
		if d := time.Since(start); d > 31*time.Second {
			t.Errorf("cut after %v", d)
		}
		time.Sleep(2 * time.Second) // for the writer to notice
	})
	bubble(t, func(t *testing.T, l *transport.Layer, x *heard, c net.Conn) {
		start := time.Now() // says nothing at all
		gone(c)
		if d := time.Since(start); d != 30*time.Second {
			t.Errorf("a silent connection is cut after %v", d)
		}
	})
	bubble(t, func(t *testing.T, l *transport.Layer, x *heard, c net.Conn) {
		_, _ = io.WriteString(c, message("1", "")) // a phone may be silent for long
		time.Sleep(2 * time.Hour)
		if _, err := io.WriteString(c, message("2", "")); err != nil {
			t.Error("a registered phone is cut")
		}
		synctest.Wait()
		if x.list() != "1 2" || l.Streams() != 1 {
			t.Errorf("heard %q", x.list())
		}
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		if l.Streams() != 0 {
			t.Error("a connection is kept for ever")
		}
	})
}

// A busy stream whose reads end in the midst of messages, one after the other, is
// not slow: each message has its own time.
func TestBusyStreamIsNotSlow(t *testing.T) {
	bubble(t, func(t *testing.T, l *transport.Layer, x *heard, c net.Conn) {
		var want []string
		next := message("0", "")
		for i := range 20 {
			want = append(want, fmt.Sprint(i))
			after := message(fmt.Sprint(i+1), "")
			if _, err := io.WriteString(c, next+after[:100]); err != nil {
				t.Fatalf("cut after message %d: %v", i, err)
			}
			next = after[100:]
			time.Sleep(10 * time.Second)
		}
		synctest.Wait()
		if got := x.list(); got != strings.Join(want, " ") {
			t.Errorf("heard %q", got)
		}
		start := time.Now() // 10 s after the last message began
		gone(c)
		if d := time.Since(start); d != 20*time.Second {
			t.Errorf("the message that never ends is cut after %v", d)
		}
	})
	bubble(t, func(t *testing.T, l *transport.Layer, x *heard, c net.Conn) {
		m := message("1", "")
		_, _ = io.WriteString(c, m[:100])
		time.Sleep(10 * time.Second)
		_, _ = io.WriteString(c, m[100:])
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if l.Streams() != 1 {
			t.Error("a stream is cut that was slow once")
		}
	})
}

func TestSlowReaderIsCut(t *testing.T) {
	bubble(t, func(t *testing.T, l *transport.Layer, x *heard, c net.Conn) {
		closed := 0
		l.OnClosed(func(transport.Flow) { closed++ })
		_, _ = io.WriteString(c, message("1", ""))
		synctest.Wait()
		b := make([]byte, 1000)
		for range 10 {
			if err := x.f.Send(b); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(25 * time.Second)
		synctest.Wait()
		if x.f.Alive() || closed != 1 {
			t.Errorf("alive %v, closed told %d times", x.f.Alive(), closed)
		}
		if err := x.f.Send(b); err != transport.ErrClosed {
			t.Errorf("send on a dead flow: %v", err)
		}
		if _, ok := l.FlowByID(x.f.ID()); ok {
			t.Error("a dead flow is found")
		}
	})
	bubble(t, func(t *testing.T, l *transport.Layer, x *heard, c net.Conn) {
		_, _ = io.WriteString(c, message("1", ""))
		synctest.Wait()
		var err error
		n := 0
		for ; err == nil && n < 1000; n++ {
			err = x.f.Send(make([]byte, 1000))
		}
		if err != transport.ErrFull || n > 66 {
			t.Errorf("%d kB queued: %v", n, err)
		}
	})
}

func TestConnectionsAreCapped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := siptest.NewNet(1)
		o := n.Options()
		o.MaxConns = 40
		refused := 0
		var mu sync.Mutex
		o.Dropped = func(why string) {
			mu.Lock()
			defer mu.Unlock()
			if why == "conn_limit" {
				refused++
			}
		}
		l := transport.New(o)
		l.Serve((&heard{}).handle)
		if _, err := l.Listen("tcp://" + at.String()); err != nil {
			t.Fatal(err)
		}
		open := func(from string, count int) {
			for range count {
				if _, err := n.DialStream(context.Background(), netip.MustParseAddrPort(from), at); err != nil {
					t.Fatal(err)
				}
			}
			synctest.Wait()
		}
		open("10.1.0.1:0", 30)
		if got := l.Streams(); got != 10 {
			t.Errorf("%d connections of one source, want a quarter of all", got)
		}
		for i := range 10 {
			open(fmt.Sprintf("10.2.0.%d:0", i+1), 10)
		}
		if got := l.Streams(); got != 40 {
			t.Errorf("%d connections, want 40", got)
		}
		mu.Lock()
		if refused != 20+70 {
			t.Errorf("%d refused", refused)
		}
		mu.Unlock()
		time.Sleep(31 * time.Second) // none said a word
		synctest.Wait()
		if got := l.Streams(); got != 0 {
			t.Errorf("%d left", got)
		}
		l.Close()
	})
}

// What comes before the exchange is ready waits, and is heard then; one that never
// becomes ready ends all the same.
func TestGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := siptest.NewNet(1)
		gate := make(chan struct{})
		for _, opens := range []bool{true, false} {
			o := n.Options()
			o.Gate = gate
			l := transport.New(o)
			x := &heard{}
			l.Serve(x.handle)
			for _, scheme := range []string{"udp", "tcp"} {
				if _, err := l.Listen(scheme + "://" + at.String()); err != nil {
					t.Fatal(err)
				}
			}
			p, err := n.Listen(netip.MustParseAddrPort("10.0.0.2:5060"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.WriteToUDPAddrPort([]byte(message("datagram", "")), at); err != nil {
				t.Fatal(err)
			}
			c, err := n.DialStream(context.Background(), netip.AddrPort{}, at)
			if err != nil {
				t.Fatal(err)
			}
			go io.WriteString(c, message("stream", ""))
			synctest.Wait()
			if got := x.list(); got != "" {
				t.Errorf("heard %q before the gate opened", got)
			}
			if opens {
				close(gate)
				synctest.Wait()
				if got := x.list(); !strings.Contains(got, "datagram") || !strings.Contains(got, "stream") {
					t.Errorf("heard only %q after the gate opened", got)
				}
				gate = make(chan struct{})
			}
			c.Close()
			p.Close()
			l.Close()
		}
	})
}

func TestListenErrors(t *testing.T) {
	l := transport.New(transport.Options{Sockets: 2})
	l.Serve((&heard{}).handle)
	defer l.Close()
	for url, want := range map[string]string{
		"tls://127.0.0.1:0":      "not built in yet",
		"wss://127.0.0.1:0":      "not built in yet",
		"sctp://127.0.0.1:0":     "unknown transport",
		"udp://example.com:0":    "not an IP address",
		"udp://127.0.0.1:99999":  "99999",
		"udp://127.0.0.1:0/path": "nothing may follow",
		"127.0.0.1:5060":         "udp://HOST:PORT",
	} {
		if _, err := l.Listen(url); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), url) {
			t.Errorf("%s: %v", url, err)
		}
	}
	for _, scheme := range []string{"udp", "tcp"} {
		a, err := l.Listen(scheme + "://127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		// SO_REUSEPORT must not let a second exchange in.
		other := transport.New(transport.Options{Sockets: 2})
		other.Serve((&heard{}).handle)
		if _, err := other.Listen(scheme + "://" + a.String()); err == nil {
			t.Errorf("%s: a taken port is taken again", scheme)
		}
		other.Close()
	}
}

func TestRealSockets(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "[::1]", ""} {
		t.Run("host "+host, func(t *testing.T) {
			got := make(chan string, 100)
			l := transport.New(transport.Options{Sockets: 2})
			l.Serve(func(f transport.Flow, h *transport.Head, data []byte) {
				_ = f.Send(append([]byte("echo "), h.CallID...))
				got <- fmt.Sprint(f.Proto(), " ", f.Local().Addr(), " ", l.Shown(f))
			})
			defer l.Close()
			a, err := l.Listen("udp://" + host + ":0")
			if err != nil {
				t.Skip(err)
			}
			port := netip.MustParseAddrPort(a.String()).Port()
			b, err := l.Listen("tcp://" + host + ":0")
			if err != nil {
				t.Fatal(err)
			}
			targets := []string{strings.Trim(host, "[]")}
			if host == "" {
				targets = []string{"127.0.0.1", "127.0.0.5", "::1"}
			}
			for _, target := range targets {
				for _, network := range []string{"udp", "tcp"} {
					to := netip.AddrPortFrom(netip.MustParseAddr(target), port)
					if network == "tcp" {
						to = netip.AddrPortFrom(to.Addr(), netip.MustParseAddrPort(b.String()).Port())
					}
					c, err := net.Dial(network, to.String())
					if err != nil {
						t.Fatal(err)
					}
					_ = c.SetDeadline(time.Now().Add(5 * time.Second))
					_, _ = io.WriteString(c, message("x", "")) // a connected socket hears only from where it spoke to
					buf := make([]byte, 100)
					n, err := c.Read(buf)
					if err != nil || string(buf[:n]) != "echo x" {
						t.Errorf("%s to %v: %q, %v", network, to, buf[:n], err)
						continue
					}
					if g, want := <-got, fmt.Sprint(network, " ", target, " ", to); g != want {
						t.Errorf("flow %q, want %q", g, want)
					}
					c.Close()
				}
			}
			if !l.OurHost(targets[0]) || !l.OurHost("["+targets[0]+"]") || l.OurHost("192.0.2.77") || l.OurHost("example.com") {
				t.Error("OurHost does not know us")
			}
		})
	}
}

func TestFlowsAreComparable(t *testing.T) {
	flows := make(chan transport.Flow, 1)
	l := transport.New(transport.Options{Sockets: 2})
	l.Serve(func(f transport.Flow, h *transport.Head, data []byte) { flows <- f })
	defer l.Close()
	a, err := l.Listen("udp://:0")
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("udp", fmt.Sprintf("127.0.0.1:%d", a.(*net.UDPAddr).Port))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, _ = io.WriteString(c, message("x", ""))
	f := <-flows
	if g, ok := l.UDPTo(f.Remote()); !ok || g != f {
		t.Errorf("UDPTo gives %+v, the message came by %+v", g, f)
	}
	if f.ID() != 0 || !f.Alive() || (transport.Flow{}).Valid() {
		t.Error("a UDP flow has an id or is dead")
	}
	b := []byte("x")
	if n := testing.AllocsPerRun(100, func() { _ = f.Send(b) }); n != 0 {
		t.Errorf("%v allocations to send a datagram", n)
	}
}

func TestAdvertise(t *testing.T) {
	o := siptest.NewNet(1).Options()
	o.Advertise = netip.MustParseAddr("203.0.113.9")
	l := transport.New(o)
	l.Serve((&heard{}).handle)
	defer l.Close()
	if _, err := l.Listen("udp://10.0.0.1:5060"); err != nil {
		t.Fatal(err)
	}
	for remote, want := range map[string]string{
		"8.8.8.8:5060":       "203.0.113.9:5060",
		"192.168.1.4:5060":   "10.0.0.1:5060",
		"172.16.0.1:5060":    "10.0.0.1:5060",
		"127.0.0.1:5060":     "10.0.0.1:5060",
		"169.254.3.3:5060":   "10.0.0.1:5060",
		"198.51.100.77:5060": "203.0.113.9:5060",
	} {
		f, ok := l.UDPTo(netip.MustParseAddrPort(remote))
		if remote == "127.0.0.1:5060" && !ok {
			continue
		}
		if got := l.Shown(f).String(); got != want {
			t.Errorf("%s is shown %s, want %s", remote, got, want)
		}
		if got := l.ShownIP(f.Remote().Addr()).String() + ":5060"; got != want {
			t.Errorf("%s is shown %s in SDP, want %s", remote, got, want)
		}
	}
	if !l.OurHost("203.0.113.9") || !l.OurHost("10.0.0.1") || l.OurHost("10.0.0.2") {
		t.Error("OurHost")
	}
	if _, ok := l.UDPTo(netip.MustParseAddrPort("[2001:db8::1]:5060")); ok {
		t.Error("an IPv4 listener reaches IPv6")
	}
}

func TestBannedSourceIsNotHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := siptest.NewNet(1)
		l := transport.New(n.Options())
		x := &heard{}
		l.Serve(x.handle)
		if _, err := l.Listen("udp://" + at.String()); err != nil {
			t.Fatal(err)
		}
		p, _ := n.Listen(netip.MustParseAddrPort("10.0.0.2:5060"))
		say := func(s string) {
			_, _ = p.WriteToUDPAddrPort([]byte(s), at)
			synctest.Wait()
		}
		say(message("1", ""))
		for range 10 {
			l.Penalize(netip.MustParseAddr("10.0.0.2"), transport.AuthFailed)
		}
		say(message("2", ""))
		// A call under way is not cut, but no password is tried by a tag.
		say(strings.Replace(message("3", ""), "To: <sip:a>", "To: <sip:a>;tag=x", 1))
		say(strings.ReplaceAll(strings.Replace(message("4", ""), "To: <sip:a>", "To: <sip:a>;tag=x", 1), "OPTIONS", "REGISTER"))
		say("SIP/2.0 200 OK\r\nCall-ID: 5\r\n\r\n")
		time.Sleep(15 * time.Minute)
		say(message("6", ""))
		if got := x.list(); got != "1 3 5 6" {
			t.Errorf("heard %q", got)
		}
		p.Close()
		l.Close()
	})
}

// TestIdleConnectionsAreSmall measures what a registered TCP phone costs.
func TestIdleConnectionsAreSmall(t *testing.T) {
	l := transport.New(transport.Options{})
	var wg sync.WaitGroup
	l.Serve(func(transport.Flow, *transport.Head, []byte) { wg.Done() })
	defer l.Close()
	a, err := l.Listen("tcp://127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	const n = 300
	var before, after runtime.MemStats
	conns := make([]net.Conn, 0, n)
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range n {
		c, err := net.Dial("tcp", a.String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		conns = append(conns, c)
		wg.Add(1)
		_, _ = io.WriteString(c, message("x", ""))
	}
	wg.Wait()
	runtime.GC()
	runtime.GC() // the second empties the pools
	runtime.ReadMemStats(&after)
	per := (int64(after.HeapAlloc+after.StackInuse) - int64(before.HeapAlloc+before.StackInuse)) / n
	t.Logf("%d bytes a connection, the test's own end included", per)
	if per > 16<<10 {
		t.Errorf("%d bytes a connection", per)
	}
	runtime.KeepAlive(conns)
}
