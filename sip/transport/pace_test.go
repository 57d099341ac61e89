package transport

import (
	"fmt"
	"net"
	"strconv"
	"testing"
	"time"
)

// steady serves one datagram every step from at on, for so long; it returns the
// end and how often the reader was told to wait.
func steady(p *pace, at, step, long time.Duration) (end time.Duration, waits int) {
	for end = at; end < at+long; end += step {
		if p.pause(end, 1) > 0 {
			waits++
		}
	}
	return end, waits
}

func TestPace(t *testing.T) {
	var p pace
	now, waits := steady(&p, time.Hour, 20*time.Millisecond, time.Second) // 50 a second
	if waits != 0 {
		t.Errorf("a quiet socket was left alone %d times", waits)
	}
	now, waits = steady(&p, now, 500*time.Microsecond, time.Second) // 2,000 a second
	if waits < 1700 {
		t.Errorf("a busy socket was left alone only %d times of 2000", waits)
	}
	if d := p.pause(now, 1); d <= 0 || d > gather {
		t.Errorf("a busy socket is left alone for %v, want at most %v", d, gather)
	}
	if at := now + p.pause(now, 1); at%gather != 0 {
		t.Errorf("the next look is at %v, want where those of other sockets are", at)
	}
	// The first message after a silence is alone, whatever was before.
	if d := p.pause(now+time.Minute, 1); d != 0 {
		t.Errorf("after a silence a message waits %v", d)
	}
}

// A socket that is read in gathers loses nothing and keeps the order, and closes
// while its reader waits.
func TestBusySocketKeepsOrder(t *testing.T) {
	l := New(Options{})
	defer l.Close()
	const sent = 5000
	next, done := 0, make(chan struct{})
	l.Serve(func(_ Flow, h *Head, _ []byte) {
		if want := strconv.Itoa(next); string(h.CallID) != want {
			t.Errorf("message %s came where %s was due", h.CallID, want)
		}
		if next++; next == sent {
			close(done)
		}
	})
	addr, err := l.Listen("udp://127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("udp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for i := range sent {
		if _, err := fmt.Fprintf(c, "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK%d\r\nFrom: <sip:b>;tag=1\r\nTo: <sip:a>\r\nCall-ID: %d\r\nCSeq: 1 OPTIONS\r\n\r\n", i, i); err != nil {
			t.Fatal(err)
		}
	}
	<-done
}
