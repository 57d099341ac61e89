package transaction_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"

	"strowger/sip/siptest"
	. "strowger/sip/transaction"
	"strowger/sip/transport"
)

func mustAddr(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

// told collects what a client transaction says.
type told struct {
	status []int
	tags   []string
	err    error
	ends   int
	at     time.Time
}

func (x *told) on(res *sip.Response, err error) {
	if err != nil {
		x.err, x.at = err, time.Now()
		x.ends++
		return
	}
	x.status = append(x.status, res.StatusCode)
	x.tags = append(x.tags, ToTag(res))
	if res.StatusCode >= 200 {
		x.ends++
	}
}

func TestNobodyAnswers(t *testing.T) {
	for _, c := range []struct {
		method string
		sent   int
	}{{"INVITE", 7}, {"OPTIONS", 11}} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, ourAddr, nil, Options{})
			p := newPeer(t, w.net, peerAddr)
			var x told
			start := time.Now()
			w.send(newRequest(c.method, "c1"), peerAddr, x.on)
			n := 0
			for p.next(time.Minute) != "" {
				n++
			}
			if n != c.sent {
				t.Errorf("%s: sent %d times, want %d (RFC 3261 §17.1)", c.method, n, c.sent)
			}
			if !errors.Is(x.err, ErrTimeout) || x.at.Sub(start) != 32*time.Second || x.ends != 1 {
				t.Errorf("%s: %v after %v", c.method, x.err, x.at.Sub(start))
			}
			if w.l.Kept() != 0 {
				t.Error("kept")
			}
		})
	}
}

func TestInviteClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, ourAddr, nil, Options{})
		p := newPeer(t, w.net, peerAddr)
		var x told
		w.send(newRequest("INVITE", "c1"), peerAddr, x.on)
		inv := p.want(time.Second, "INVITE sip:202@example.com SIP/2.0")
		if v := field(inv, "Via"); !strings.HasPrefix(v, "SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK") || !strings.HasSuffix(v, ";rport") {
			t.Errorf("Via %q", v)
		}
		p.send(ourAddr, answer(inv, "100 Trying", ""))
		p.send(ourAddr, answer(inv, "180 Ringing", "t1"))
		p.wantNothing(5 * time.Minute) // it may ring: the caller decides how long
		// Two branches answer; both are told, repetitions too (RFC 6026 §7.2).
		p.send(ourAddr, answer(inv, "200 OK", "t1"))
		p.send(ourAddr, answer(inv, "200 OK", "t2"))
		p.send(ourAddr, answer(inv, "200 OK", "t1"))
		p.send(ourAddr, answer(inv, "486 Busy Here", "t3"))
		p.wantNothing(time.Second)
		if got := strings.Join(x.tags, ","); got != ",t1,t1,t2,t1" {
			t.Errorf("tags told: %s", got)
		}
		strays := 0
		w.h.stray = func(_ transport.Flow, res *sip.Response) { strays++ }
		p.wantNothing(33 * time.Second)
		p.send(ourAddr, answer(inv, "200 OK", "t2"))
		p.wantNothing(time.Second)
		if strays != 1 || w.l.Kept() != 0 {
			t.Errorf("%d strays, %d kept after Timer M", strays, w.l.Kept())
		}
		// Nobody but us can make up a branch of ours.
		ours := field(inv, "Via")
		_, ours, _ = strings.Cut(ours, "branch=")
		ours, _, _ = strings.Cut(ours, ";")
		for _, forged := range []string{"z9hG4bK", "z9hG4bK1324923", ours[:len(ours)-1], ours + "0", ours[:len(ours)-1] + "w", "z9hG4bL" + ours[7:], ours[:8] + "zz" + ours[10:]} {
			p.send(ourAddr, strings.ReplaceAll(answer(inv, "200 OK", "t2"), ours, forged))
		}
		p.wantNothing(time.Second)
		if strays != 1 {
			t.Errorf("%d of the responses to forged branches were taken for strays", strays-1)
		}
	})
}

func TestRefusalIsAcknowledged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, ourAddr, nil, Options{})
		p := newPeer(t, w.net, peerAddr)
		var x told
		req := newRequest("INVITE", "c1")
		req.AppendHeader(&sip.RouteHeader{Address: sip.Uri{Scheme: "sip", Host: "10.0.0.9", UriParams: sip.HeaderParams{{K: "lr"}}}})
		w.send(req, peerAddr, x.on)
		inv := p.want(time.Second, "INVITE")
		for range 3 {
			p.send(ourAddr, answer(inv, "486 Busy Here", "t1"))
			ack := p.want(time.Second, "ACK sip:202@example.com SIP/2.0")
			for _, h := range []string{"Via", "From", "Call-ID", "Route"} {
				if field(ack, h) != field(inv, h) {
					t.Errorf("%s of the ACK %q, of the INVITE %q", h, field(ack, h), field(inv, h))
				}
			}
			if field(ack, "CSeq") != "1 ACK" || !strings.HasSuffix(field(ack, "To"), ";tag=t1") {
				t.Errorf("ACK: CSeq %q To %q", field(ack, "CSeq"), field(ack, "To"))
			}
		}
		if len(x.status) != 1 || x.status[0] != 486 {
			t.Errorf("told %v", x.status)
		}
	})
}

func TestClientCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, ourAddr, nil, Options{})
		p := newPeer(t, w.net, peerAddr)
		var x told
		c := w.send(newRequest("INVITE", "c1"), peerAddr, x.on)
		inv := p.want(time.Second, "INVITE")
		w.on("c1", func(*Shard) { c.Cancel(`SIP;cause=200;text="Call completed elsewhere"`); c.Cancel("") })
		p.want(time.Second, "INVITE") // no CANCEL before a provisional (RFC 3261 §9.1)
		p.send(ourAddr, answer(inv, "180 Ringing", "t1"))
		can := p.want(100*time.Millisecond, "CANCEL sip:202@example.com SIP/2.0")
		if field(can, "Via") != field(inv, "Via") || field(can, "CSeq") != "1 CANCEL" || field(can, "To") != field(inv, "To") ||
			field(can, "Reason") != `SIP;cause=200;text="Call completed elsewhere"` {
			t.Errorf("CANCEL:\n%s\nINVITE:\n%s", can, inv)
		}
		p.send(ourAddr, answer(can, "200 OK", "t1"))
		p.send(ourAddr, answer(inv, "487 Request Terminated", "t1"))
		p.want(time.Second, "ACK")
		p.wantNothing(time.Minute)
		if x.ends != 1 || x.status[len(x.status)-1] != 487 {
			t.Errorf("told %+v", x)
		}

		// A peer that swallows the CANCEL does not hold us for ever.
		x = told{}
		c = w.send(newRequest("INVITE", "c2"), peerAddr, x.on)
		inv = p.want(time.Second, "INVITE")
		p.send(ourAddr, answer(inv, "180 Ringing", "t1"))
		p.wantNothing(100 * time.Millisecond)
		start := time.Now()
		w.on("c2", func(*Shard) { c.Cancel("") })
		for p.next(time.Minute) != "" {
		}
		if !errors.Is(x.err, ErrTimeout) || x.at.Sub(start) != 32*time.Second || w.l.Kept() != 0 {
			t.Errorf("told %+v after %v", x, x.at.Sub(start))
		}

		// The 200 crosses the CANCEL: it is told, and the caller hangs up.
		x = told{}
		c = w.send(newRequest("INVITE", "c3"), peerAddr, x.on)
		inv = p.want(time.Second, "INVITE")
		p.send(ourAddr, answer(inv, "180 Ringing", "t1"))
		p.wantNothing(100 * time.Millisecond)
		w.on("c3", func(*Shard) { c.Cancel("") })
		can = p.want(time.Second, "CANCEL")
		p.send(ourAddr, answer(inv, "200 OK", "t1"))
		p.send(ourAddr, answer(can, "481 No", "t1"))
		p.wantNothing(time.Minute)
		if x.err != nil || x.ends != 1 || x.status[1] != 200 {
			t.Errorf("told %+v", x)
		}
	})
}

func TestSlowNonInvite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, ourAddr, nil, Options{})
		p := newPeer(t, w.net, peerAddr)
		var x told
		w.send(newRequest("BYE", "c1"), peerAddr, x.on)
		bye := p.want(time.Second, "BYE")
		p.send(ourAddr, answer(bye, "100 Trying", ""))
		p.want(600*time.Millisecond, "BYE") // Timer E was set already
		start := time.Now()
		p.want(5*time.Second, "BYE")
		if d := time.Since(start); d != 4*time.Second {
			t.Errorf("in Proceeding repeated after %v, want T2", d)
		}
		p.send(ourAddr, answer(bye, "200 OK", "t"))
		p.send(ourAddr, answer(bye, "200 OK", "t"))
		p.wantNothing(6 * time.Second)
		if x.ends != 1 || w.l.Kept() != 0 {
			t.Errorf("told %+v, %d kept beyond T4", x, w.l.Kept())
		}
	})
}

func TestStreamEndsTransactionsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, ourAddr, nil, Options{})
		l, err := w.net.ListenStream(peerAddr)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		conns := make(chan net.Conn, 1)
		go func() {
			c, err := l.Accept()
			if err == nil {
				conns <- c
			}
		}()
		f, err := w.tp.Dial(context.Background(), transport.TCP, peerAddr)
		if err != nil {
			t.Fatal(err)
		}
		var xs [3]told
		for i, id := range []string{"c1", "c2", "c3"} {
			w.on(id, func(s *Shard) { s.Send(f, newRequest("INVITE", id), xs[i].on) })
		}
		c := <-conns
		buf := make([]byte, 4096)
		n, _ := c.Read(buf)
		if !strings.Contains(string(buf[:n]), "Via: SIP/2.0/TCP 10.0.0.1:5060;branch=") {
			t.Errorf("over TCP: %q", buf[:n])
		}
		start := time.Now()
		c.Close()
		synctest.Wait()
		for i := range xs {
			if !errors.Is(xs[i].err, ErrTransport) || xs[i].ends != 1 {
				t.Errorf("told %+v", xs[i])
			}
		}
		if time.Since(start) != 0 || f.Alive() || w.l.Kept() != 0 {
			t.Errorf("after %v, alive %v, %d kept", time.Since(start), f.Alive(), w.l.Kept())
		}
		// And a request over a dead flow fails without waiting.
		var x told
		w.on("c4", func(s *Shard) { s.Send(f, newRequest("OPTIONS", "c4"), x.on) })
		synctest.Wait()
		if !errors.Is(x.err, ErrTransport) {
			t.Errorf("told %+v", x)
		}
		if _, err := w.tp.Dial(context.Background(), transport.TCP, mustAddr("10.0.0.7:5060")); err == nil {
			t.Error("a refused connection is no error")
		}
	})
}

func TestShardRunsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, ourAddr, siptest.NewNet(1), Options{Shards: 3})
		s := w.l.ShardOf("x")
		var got []int
		s.Post(func() {
			got = append(got, 1)
			s.Post(func() { got = append(got, 3) }) // never within other work
			s.After(20*time.Millisecond, func() { got = append(got, 6) })
			s.After(10*time.Millisecond, func() { got = append(got, 5) })
			stopped := s.After(15*time.Millisecond, func() { t.Error("a stopped timer fired") })
			stopped.Stop()
			stopped.Stop()
			got = append(got, 2)
		})
		s.Post(func() { got = append(got, 4); panic("one call") })
		time.Sleep(time.Second)
		synctest.Wait()
		s.Post(func() { got = append(got, 7) })
		for i, n := range got {
			if n != i+1 {
				t.Fatalf("order %v", got)
			}
		}
		if len(got) != 7 || w.l.Panics() != 1 {
			t.Errorf("order %v, %d panics", got, w.l.Panics())
		}
		for _, s := range w.l.Shards() {
			seen := map[string]bool{}
			for range 100 {
				id := s.NewCallID()
				if w.l.ShardOf(id) != s || seen[id] || len(id) < 20 {
					t.Fatalf("Call-ID %q", id)
				}
				seen[id] = true
			}
		}
	})
}

func TestPanicIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, ourAddr, nil, Options{})
		p := newPeer(t, w.net, peerAddr)
		w.h.request = func(tx *Server, req *sip.Request) { panic("a bug") }
		p.send(ourAddr, text("INVITE", "c1", b1))
		p.want(time.Second, "SIP/2.0 500")
		p.send(ourAddr, text("ACK", "c1", b1))
		w.h.request = func(tx *Server, req *sip.Request) { _ = tx.Respond(NewResponse(req, 200, "", "")) }
		p.send(ourAddr, text("OPTIONS", "c1", b1))
		p.want(time.Second, "SIP/2.0 200")
	})
}

// A response that nobody waits for goes no further than the first look.
func TestUnwantedResponses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		traced, counted := 0, 0
		w := newWorld(t, ourAddr, nil, Options{
			Unwanted: func(branch []byte) bool { return strings.HasPrefix(string(branch), "z9hG4bKka.") },
			Trace:    func(transport.Flow, bool, string, []byte) { traced++ },
			Count:    func(out bool, method string, status int) { counted += status },
		})
		peer, err := w.net.Listen(peerAddr)
		if err != nil {
			t.Fatal(err)
		}
		defer peer.Close()
		answer := func(branch string) {
			msg := "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=" + branch + "\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: ka\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
			if _, err := peer.WriteToUDPAddrPort([]byte(msg), ourAddr); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		answer("z9hG4bKka.1")
		if traced != 0 || counted != 200 {
			t.Errorf("the unwanted one was seen %d times and counted as %d; want 0 and 200", traced, counted)
		}
		answer("z9hG4bKother")
		if traced != 1 || counted != 400 {
			t.Errorf("another was seen %d times and counted as %d; want 1 and 400", traced, counted)
		}
	})
}
