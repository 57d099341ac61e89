package store

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// What is added is read back, across chunks and beyond their size.
func TestLadder(t *testing.T) {
	var l Ladder
	at := time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)
	peers := []netip.AddrPort{netip.MustParseAddrPort("192.0.2.7:5060"), netip.MustParseAddrPort("[2001:db8::1%eth0]:65535"), netip.MustParseAddrPort("10.0.0.1:1")}
	var want []LadderStep
	for i := range 300 {
		peer, sent := peers[i%3], i%2 == 0
		line := fmt.Sprintf("INVITE sip:%d@example.com SIP/2.0", i)
		summary := fmt.Sprintf("INVITE sip:%d@example.com", i)
		if i%5 == 0 {
			line, summary = "SIP/2.0 180 Ringing", "180 Ringing"
		}
		body := strings.Repeat("x", []int{0, 1, 100, 127, 128, 5000, 70000}[i%7])
		l.Add(at, peer, sent, []byte(line+"\r\n"+body))
		s := LadderStep{At: at, From: peer.String(), To: Here, Summary: summary, Message: line + "\r\n" + body}
		if sent {
			s.From, s.To = s.To, s.From
		}
		want = append(want, s)
		at = at.Add(time.Millisecond)
	}
	got := l.Steps()
	if len(got) != len(want) {
		t.Fatalf("%d steps, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("step %d:\n%.200v\nwant\n%.200v", i, got[i], want[i])
		}
	}
	var none Ladder
	if s := none.Steps(); s == nil || len(s) != 0 {
		t.Errorf("an empty ladder: %v", s)
	}
	for range 2 * ladderLimit {
		none.Add(at, peers[0], true, []byte("OPTIONS sip:a@b SIP/2.0"))
	}
	if n := len(none.Steps()); n != ladderLimit {
		t.Errorf("%d steps of a call that never stops talking, want %d", n, ladderLimit)
	}
	none.Reset()
	none.Add(at, peers[0], true, []byte("OPTIONS sip:a@b SIP/2.0"))
	if n := len(none.Steps()); n != 1 {
		t.Errorf("%d steps in a ladder that is used again, want 1", n)
	}
}

func BenchmarkLadder(b *testing.B) {
	msg := []byte("INVITE sip:102@example.com SIP/2.0\r\n" + strings.Repeat("x", 600))
	peer, now := netip.MustParseAddrPort("192.0.2.7:5060"), time.Now()
	var out []byte
	b.ReportAllocs()
	for b.Loop() {
		var l Ladder
		for range 16 {
			l.Add(now, peer, true, msg)
		}
		out = l.appendTo(out[:0])
		l.Reset()
	}
}
