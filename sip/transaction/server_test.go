package transaction_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"

	. "strowger/sip/transaction"
	"strowger/sip/transport"
)

const b1 = "z9hG4bK-one"

func TestInviteAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, ourAddr, nil, Options{})
		p := newPeer(t, w.net, peerAddr)
		var tx *Server
		requests, acks := 0, 0
		end := EndReason(99)
		w.h.request = func(x *Server, req *sip.Request) {
			requests++
			tx = x
			tx.OnEnd(func(r EndReason) { end = r })
		}
		w.h.ack = func(_ transport.Flow, req *sip.Request) {
			acks++
			tx.Acked()
		}
		p.send(ourAddr, text("INVITE", "c1", b1))
		trying := p.want(time.Second, "SIP/2.0 100 Trying")
		if v := field(trying, "Via"); !strings.Contains(v, "received=10.0.0.2") || !strings.Contains(v, "rport=5060") {
			t.Errorf("Via of the 100: %s", v)
		}
		p.send(ourAddr, text("INVITE", "c1", b1)) // a retransmission gets the same again
		if again := p.next(time.Second); again != trying {
			t.Errorf("retransmission got %q", again)
		}
		req := tx.Request()
		w.on("c1", func(*Shard) { _ = tx.Respond(NewResponse(req, 180, "", "us")) })
		p.want(time.Second, "SIP/2.0 180 Ringing")
		w.on("c1", func(*Shard) { _ = tx.Respond(NewResponse(req, 200, "", "us")) })
		// The 2xx comes at 0, 0.5, 1.5, 3.5, 7.5, 11.5 s … until the ACK.
		for i, wait := range []time.Duration{0, 500, 1000, 2000, 4000, 4000} {
			start := time.Now()
			ok := p.want(5*time.Second, "SIP/2.0 200 OK")
			if d := time.Since(start); d != wait*time.Millisecond {
				t.Errorf("2xx number %d after %v, want %v ms", i, d, int(wait))
			}
			if field(ok, "To") != "<sip:202@example.com>;tag=us" {
				t.Errorf("To %q", field(ok, "To"))
			}
		}
		p.send(ourAddr, text("ACK", "c1", "z9hG4bK-two", "tag=us"))
		p.wantNothing(10 * time.Second)
		p.send(ourAddr, text("INVITE", "c1", b1)) // late: swallowed (RFC 6026)
		p.wantNothing(30 * time.Second)
		if requests != 1 || acks != 1 || end != EndAcked {
			t.Errorf("%d requests, %d ACKs, end %v", requests, acks, end)
		}
		if err := tx.Respond(NewResponse(req, 200, "", "us")); err != ErrEnded {
			t.Errorf("a second final: %v", err)
		}
		if n := w.l.Kept(); n != 0 {
			t.Errorf("%d transactions kept", n)
		}
	})
}

// A 100 is for those who would wait: it comes 200 ms after the INVITE, at once
// when the peer repeats itself before that, and not at all once there is more to
// say.
func TestTrying(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, ourAddr, nil, Options{})
		p := newPeer(t, w.net, peerAddr)
		var tx *Server
		w.h.request = func(x *Server, _ *sip.Request) { tx = x }

		start := time.Now()
		p.send(ourAddr, text("INVITE", "slow", b1))
		p.want(time.Second, "SIP/2.0 100 Trying")
		if d := time.Since(start); d != 200*time.Millisecond {
			t.Errorf("the 100 came after %v", d)
		}
		p.wantNothing(time.Second)

		p.send(ourAddr, text("INVITE", "impatient", b1))
		p.wantNothing(50 * time.Millisecond)
		p.send(ourAddr, text("INVITE", "impatient", b1))
		p.want(time.Millisecond, "SIP/2.0 100 Trying")
		p.wantNothing(time.Second)

		p.send(ourAddr, text("INVITE", "quick", b1))
		p.wantNothing(50 * time.Millisecond)
		w.on("quick", func(*Shard) { _ = tx.Respond(NewResponse(tx.Request(), 180, "", "us")) })
		p.want(time.Millisecond, "SIP/2.0 180 Ringing")
		p.wantNothing(time.Second)
	})
}

func TestInviteNeverAcked(t *testing.T) {
	for _, status := range []int{200, 486} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, ourAddr, nil, Options{})
			p := newPeer(t, w.net, peerAddr)
			end := EndReason(99)
			var took time.Duration
			w.h.request = func(tx *Server, req *sip.Request) {
				start := time.Now()
				tx.OnEnd(func(r EndReason) { end, took = r, time.Since(start) })
				_ = tx.Respond(NewResponse(req, status, "", ""))
			}
			p.send(ourAddr, text("INVITE", "c1", b1))
			n := 0
			for p.next(time.Minute) != "" {
				n++
			}
			// At 0, .5, 1.5, 3.5 and then every 4 s up to 31.5: no 100 before an
			// answer that is there at once.
			if n != 11 {
				t.Errorf("%d: sent %d times, want 11", status, n)
			}
			if end != EndNoAck || took < 32*time.Second || took > 33*time.Second {
				t.Errorf("%d: ended by %v after %v", status, end, took)
			}
		})
	}
}

func TestInviteRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, ourAddr, nil, Options{})
		p := newPeer(t, w.net, peerAddr)
		end := EndReason(99)
		w.h.ack = func(transport.Flow, *sip.Request) { t.Error("the ACK of a 486 reached the handler") }
		w.h.request = func(tx *Server, req *sip.Request) {
			tx.OnEnd(func(r EndReason) { end = r })
			_ = tx.Respond(NewResponse(req, 486, "", "us"))
		}
		p.send(ourAddr, text("INVITE", "c1", b1))
		busy := p.want(time.Second, "SIP/2.0 486 Busy Here")
		p.send(ourAddr, text("INVITE", "c1", b1))
		if p.next(100*time.Millisecond) != busy {
			t.Error("a retransmission of the INVITE does not get the 486 again")
		}
		p.send(ourAddr, text("ACK", "c1", b1, "tag=us"))
		p.send(ourAddr, text("ACK", "c1", b1, "tag=us"))
		p.wantNothing(4 * time.Second)
		if end != EndAcked || w.l.Kept() != 1 {
			t.Errorf("end %v, %d kept within T4", end, w.l.Kept())
		}
		p.wantNothing(2 * time.Second)
		if w.l.Kept() != 0 {
			t.Error("kept beyond T4")
		}
	})
}

func TestNonInvite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, ourAddr, nil, Options{})
		p := newPeer(t, w.net, peerAddr)
		n := 0
		w.h.request = func(tx *Server, req *sip.Request) {
			n++
			_ = tx.Respond(NewResponse(req, 200, "", "us"))
		}
		p.send(ourAddr, text("OPTIONS", "c1", b1))
		first := p.want(time.Second, "SIP/2.0 200 OK")
		for range 5 {
			p.send(ourAddr, text("OPTIONS", "c1", b1))
			if p.next(time.Second) != first {
				t.Fatal("a retransmission gets another answer")
			}
		}
		p.send(ourAddr, text("BYE", "c1", b1, "cseq=2")) // same branch, other transaction
		p.want(time.Second, "SIP/2.0 200 OK")
		if n != 2 {
			t.Errorf("%d requests handled, want 2", n)
		}
		p.wantNothing(40 * time.Second)
		if w.l.Kept() != 0 {
			t.Error("kept beyond 64*T1")
		}
	})
}

func TestCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, ourAddr, nil, Options{})
		p := newPeer(t, w.net, peerAddr)
		told := 0
		w.h.request = func(tx *Server, req *sip.Request) {
			_ = tx.Respond(NewResponse(req, 180, "", tx.Tag()))
			if req.CSeq().SeqNo == 1 { // the second is left to the layer
				tx.OnCancel(func(cancel *sip.Request) {
					told++
					if v, _ := Header(cancel, "Reason"); v != "SIP;cause=200" {
						t.Errorf("Reason %q", v)
					}
					_ = tx.Respond(NewResponse(req, 487, "", tx.Tag()))
				})
			}
		}
		for cseq := 1; cseq <= 2; cseq++ {
			n := "cseq=" + string(rune('0'+cseq))
			p.send(ourAddr, text("INVITE", "c1", b1, n))
			ringing := p.want(time.Second, "SIP/2.0 180")
			p.send(ourAddr, text("CANCEL", "c1", b1, n, "Reason: SIP;cause=200"))
			ok := p.want(time.Second, "SIP/2.0 200 OK")
			if field(ok, "CSeq") != string(rune('0'+cseq))+" CANCEL" || field(ok, "To") != field(ringing, "To") {
				t.Errorf("200 of the CANCEL: %q %q, 180 had %q", field(ok, "CSeq"), field(ok, "To"), field(ringing, "To"))
			}
			gone := p.want(time.Second, "SIP/2.0 487 Request Terminated")
			if field(gone, "To") != field(ringing, "To") {
				t.Error("the 487 has another tag")
			}
			p.send(ourAddr, text("CANCEL", "c1", b1, n))
			if again := p.next(100 * time.Millisecond); again != ok {
				t.Errorf("the CANCEL again gets %q", firstLine(again))
			}
			p.send(ourAddr, text("ACK", "c1", b1, n))
			p.wantNothing(time.Second)
		}
		if told != 1 {
			t.Errorf("told %d times", told)
		}
		p.send(ourAddr, text("CANCEL", "c1", "z9hG4bK-other"))
		p.want(time.Second, "SIP/2.0 481")
		// The same from somewhere else is somebody else's.
		x := newPeer(t, w.net, mustAddr("10.0.0.66:5060"))
		p.send(ourAddr, text("INVITE", "c2", b1))
		p.want(time.Second, "SIP/2.0 180")
		x.send(ourAddr, text("CANCEL", "c2", b1))
		x.want(time.Second, "SIP/2.0 481")
		p.wantNothing(time.Second)
	})
}

func TestMergedRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, ourAddr, nil, Options{})
		p := newPeer(t, w.net, peerAddr)
		n := 0
		w.h.request = func(tx *Server, req *sip.Request) {
			if n++; req.CSeq().SeqNo == 2 {
				_ = tx.Respond(NewResponse(req, 407, "", ""))
			}
		}
		p.send(ourAddr, text("INVITE", "c1", b1))
		p.want(time.Second, "SIP/2.0 100")
		p.send(ourAddr, text("INVITE", "c1", "z9hG4bK-other-way"))
		p.want(time.Second, "SIP/2.0 482")
		p.send(ourAddr, text("ACK", "c1", "z9hG4bK-other-way"))
		// A phone that repeats its challenged request with the same CSeq is
		// forgiven: the first one is over.
		p.send(ourAddr, text("INVITE", "c2", b1, "cseq=2"))
		p.want(time.Second, "SIP/2.0 407")
		p.send(ourAddr, text("ACK", "c2", b1, "cseq=2"))
		p.send(ourAddr, text("INVITE", "c2", "z9hG4bK-again", "cseq=2"))
		p.want(time.Second, "SIP/2.0 407")
		if n != 3 {
			t.Errorf("%d requests handled, want 3", n)
		}
	})
}

func TestReliableProvisional(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, ourAddr, nil, Options{})
		p := newPeer(t, w.net, peerAddr)
		var tx *Server
		gaveUp := 0
		w.h.request = func(x *Server, req *sip.Request) {
			if req.Method == sip.PRACK {
				tx.PRACKed()
				_ = x.Respond(NewResponse(req, 200, "", ""))
				return
			}
			tx = x
			_ = tx.Reliable(NewResponse(req, 183, "", "us"), func() {
				gaveUp++
				_ = tx.Respond(NewResponse(req, 504, "", "us"))
			})
		}
		p.send(ourAddr, text("INVITE", "c1", b1))
		for _, wait := range []time.Duration{0, 500, 1000, 2000} {
			start := time.Now()
			p.want(3*time.Second, "SIP/2.0 183")
			if d := time.Since(start); d != wait*time.Millisecond {
				t.Errorf("183 after %v, want %d ms", d, wait)
			}
		}
		p.send(ourAddr, text("PRACK", "c1", "z9hG4bK-p", "tag=us", "cseq=2"))
		p.want(time.Second, "SIP/2.0 200")
		p.wantNothing(time.Minute)
		if gaveUp != 0 {
			t.Error("gave up on what was acknowledged")
		}
		p.send(ourAddr, text("INVITE", "c2", b1))
		for m := p.next(time.Minute); strings.HasPrefix(m, "SIP/2.0 183"); m = p.next(time.Minute) {
		}
		if gaveUp != 1 {
			t.Errorf("gave up %d times", gaveUp)
		}
	})
}

func TestRefusedWithoutTransaction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, ourAddr, nil, Options{})
		p := newPeer(t, w.net, peerAddr)
		w.h.request = func(tx *Server, req *sip.Request) { _ = tx.Respond(NewResponse(req, 200, "", "")) }
		broken := strings.Replace(text("OPTIONS", "c1", b1), "CSeq: 1 OPTIONS", "CSeq: 1 INVITE", 1)
		p.send(ourAddr, broken)
		res := p.want(time.Second, "SIP/2.0 400 Bad Request")
		if !strings.Contains(field(res, "Via"), "rport=5060") || field(res, "Call-ID") != "c1" || !strings.Contains(field(res, "To"), ";tag=") {
			t.Errorf("the 400 is no answer to the request:\n%s", res)
		}
		p.send(ourAddr, broken)
		if p.next(time.Second) != res {
			t.Error("the same request gets another 400")
		}
		p.send(ourAddr, strings.Replace(text("ACK", "c1", b1), "CSeq: 1 ACK", "CSeq: x", 1))
		p.send(ourAddr, "\r\n\r\n")
		p.send(ourAddr, "SIP/2.0 200 OK\r\n\r\n")
		p.send(ourAddr, "GET / HTTP/1.1\r\n\r\n")
		p.wantNothing(time.Second)
		for range 200 {
			p.send(ourAddr, broken)
		}
		n := 0
		for p.next(time.Second) != "" {
			n++
		}
		if n < 55 || n > 62 {
			t.Errorf("%d of 200 broken requests answered, want about 60", n)
		}
		p.send(ourAddr, text("OPTIONS", "c9", b1)) // valid ones still are
		p.want(time.Second, "SIP/2.0 200")
	})
}

// Beyond a number of transactions nothing new begins, and calls go on.
func TestFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, ourAddr, nil, Options{Shards: 1, MaxServers: 2})
		p := newPeer(t, w.net, peerAddr)
		w.h.request = func(tx *Server, req *sip.Request) { _ = tx.Respond(NewResponse(req, 200, "", "")) }
		for _, id := range []string{"c1", "c2"} {
			p.send(ourAddr, text("OPTIONS", id, b1))
			p.want(time.Second, "SIP/2.0 200")
		}
		p.send(ourAddr, text("OPTIONS", "c3", b1))
		if res := p.want(time.Second, "SIP/2.0 503"); field(res, "Retry-After") != "10" {
			t.Errorf("Retry-After %q", field(res, "Retry-After"))
		}
		p.send(ourAddr, text("BYE", "c1", b1, "tag=x"))
		p.want(time.Second, "SIP/2.0 200")
		p.send(ourAddr, text("OPTIONS", "c1", b1)) // a retransmission is nothing new
		p.want(time.Second, "SIP/2.0 200")
		p.wantNothing(40 * time.Second)
		p.send(ourAddr, text("OPTIONS", "c3", b1))
		p.want(time.Second, "SIP/2.0 200")
	})
}

// Who is dismissed gets one answer a datagram, and is forgotten at once.
func TestDismissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, ourAddr, nil, Options{})
		p := newPeer(t, w.net, peerAddr)
		ends := 0
		w.h.ack = func(transport.Flow, *sip.Request) { t.Error("the ACK of a 407 reached the handler") }
		w.h.request = func(tx *Server, req *sip.Request) {
			tx.OnEnd(func(EndReason) { ends++ })
			if err := tx.Dismiss(NewResponse(req, 407, "", tx.Tag())); err != nil {
				t.Error(err)
			}
			if err := tx.Respond(NewResponse(req, 200, "", "")); err != ErrEnded {
				t.Errorf("a second final: %v", err)
			}
		}
		for _, method := range []string{"INVITE", "MESSAGE"} {
			p.send(ourAddr, text(method, "c1", b1))
			first := p.want(time.Second, "SIP/2.0 407")
			p.wantNothing(40 * time.Second)
			p.send(ourAddr, text(method, "c1", b1))
			if again := p.next(time.Second); again != first {
				t.Errorf("a retransmission of the %s gets %q", method, again)
			}
			_, tag, _ := strings.Cut(field(first, "To"), ";tag=")
			if method == "INVITE" {
				p.send(ourAddr, text("ACK", "c1", b1, "tag="+tag))
				p.send(ourAddr, text("ACK", "c1", b1, "tag="+tag))
				p.send(ourAddr, text("CANCEL", "c1", b1)) // too late
				p.want(time.Second, "SIP/2.0 481")
			}
			p.wantNothing(time.Second)
			if n := w.l.Kept(); n != 0 {
				t.Errorf("%s: %d transactions kept", method, n)
			}
		}
		if ends != 4 {
			t.Errorf("%d of 4 ended", ends)
		}
		// The same request again by another way, its first over, is no merged one.
		p.send(ourAddr, text("INVITE", "c1", "z9hG4bK-other-way"))
		p.want(time.Second, "SIP/2.0 407")

		c, err := w.net.DialStream(t.Context(), peerAddr, ourAddr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		buf := make([]byte, 4096)
		for range 2 {
			go c.Write([]byte(strings.Replace(text("INVITE", "c2", b1), "SIP/2.0/UDP", "SIP/2.0/TCP", 1)))
			n, err := c.Read(buf)
			if err != nil || !strings.HasPrefix(string(buf[:n]), "SIP/2.0 407") {
				t.Fatalf("on a stream: %q, %v", firstLine(string(buf[:n])), err)
			}
			_, tag, _ := strings.Cut(field(string(buf[:n]), "To"), ";tag=")
			if _, err := c.Write([]byte(text("ACK", "c2", b1, "tag="+tag))); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if n := w.l.Kept(); n != 0 {
				t.Errorf("on a stream: %d transactions kept", n)
			}
		}
	})
}

func TestTags(t *testing.T) {
	tag := NewTag()
	if !IsTag(tag) || !IsTag([]byte(tag)) {
		t.Errorf("%q is not known as ours", tag)
	}
	for _, made := range []string{"", "as7f3k", strings.Repeat("0", len(tag)), tag[1:] + tag[:1], tag + "0"} {
		if IsTag(made) {
			t.Errorf("%q passes for ours", made)
		}
	}
}

func TestWhereAnswersGo(t *testing.T) {
	for _, c := range []struct {
		name, via string
		to        string
	}{
		{"rport", "10.0.0.2:9999;rport;branch=" + b1, "10.0.0.2:6000"},
		{"behind a NAT, no rport", "192.168.7.7:5060;branch=" + b1, "10.0.0.2:6000"},
		{"a name", "phone.example.com;branch=" + b1, "10.0.0.2:6000"},
		{"no NAT, sends from another port", "10.0.0.2:5070;branch=" + b1, "10.0.0.2:5070"},
		{"no NAT, no port", "10.0.0.2;branch=" + b1, "10.0.0.2:5060"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, ourAddr, nil, Options{})
				w.h.request = func(tx *Server, req *sip.Request) { _ = tx.Respond(NewResponse(req, 200, "", "")) }
				p := newPeer(t, w.net, mustAddr("10.0.0.2:6000"))
				at := p
				if c.to != "10.0.0.2:6000" {
					at = newPeer(t, w.net, mustAddr(c.to))
				}
				p.send(ourAddr, strings.Replace(text("OPTIONS", "c1", b1), "10.0.0.2:5060;branch="+b1+";rport", c.via, 1))
				at.want(time.Second, "SIP/2.0 200")
			})
		})
	}
}

func TestRegisterNeedsNoTransaction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handled := true
		n := 0
		w := newWorld(t, ourAddr, nil, Options{Register: func(f transport.Flow, req *sip.Request) bool {
			if !handled {
				return false
			}
			n++
			_ = Reply(f, NewResponse(req, 200, "", "us"))
			return true
		}})
		w.h.request = func(tx *Server, req *sip.Request) { _ = tx.Respond(NewResponse(req, 403, "", "")) }
		p := newPeer(t, w.net, peerAddr)
		p.send(ourAddr, text("REGISTER", "c1", b1))
		p.want(time.Second, "SIP/2.0 200")
		if n != 1 || w.l.Kept() != 0 {
			t.Errorf("%d handled, %d kept", n, w.l.Kept())
		}
		handled = false
		p.send(ourAddr, text("REGISTER", "c2", b1))
		p.want(time.Second, "SIP/2.0 403")
	})
}
