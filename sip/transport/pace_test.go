package transport

import (
	"fmt"
	"net"
	"strconv"
	"testing"
	"time"
)

// steady counts one datagram every step from at on, for so long; it returns the
// end and how often the reader was told to wait.
func steady(p *pace, at, step, long time.Duration) (end time.Duration, waits int) {
	for end = at; end < at+long; end += step {
		p.count.Add(1)
		if p.look(end) {
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
	// The first message after a silence is alone, whatever was before.
	p.count.Add(1)
	if p.look(now + time.Minute) {
		t.Error("after a silence a message waits")
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
