package transport

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
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

// Sockets that are read in gathers, by their own reader or by another, lose
// nothing and keep the order of each peer, and close while their readers wait.
func TestBusySocketsKeepOrder(t *testing.T) {
	const peers, each, window = 8, 1500, 3
	l := New(Options{Sockets: 2})
	defer l.Close()
	var next [peers]atomic.Int64
	var under [peers]chan struct{} // way: so few that batches are not full, and the readers rest
	for p := range peers {
		under[p] = make(chan struct{}, window)
	}
	var left sync.WaitGroup
	left.Add(peers * each)
	l.Serve(func(_ Flow, h *Head, _ []byte) {
		defer left.Done()
		peer, number, _ := strings.Cut(string(h.CallID), "-")
		p, err := strconv.Atoi(peer)
		if err != nil || p >= peers {
			t.Errorf("a message with the Call-ID %q", h.CallID)
			return
		}
		<-under[p]
		if want := next[p].Add(1) - 1; number != strconv.FormatInt(want, 10) {
			t.Errorf("message %s of peer %d came where %d was due", number, p, want)
		}
	})
	addr, err := l.Listen("udp://127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	for p := range peers {
		c, err := net.Dial("udp", addr.String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		go func() {
			for i := range each {
				under[p] <- struct{}{}
				if _, err := fmt.Fprintf(c, "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK%d\r\nFrom: <sip:b>;tag=1\r\nTo: <sip:a>\r\nCall-ID: %d-%d\r\nCSeq: 1 OPTIONS\r\n\r\n", i, p, i); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	left.Wait()
}
