//go:build unix

package transaction

import (
	"strings"
	"testing"
)

// A busy shard lets what is new wait up to a limit, and what belongs to calls up
// to a higher one.
func TestBacklog(t *testing.T) {
	drops := 0
	l, f := mute(t, Options{Shards: 1, Dropped: func(reason string) {
		if reason != "backlog" {
			t.Errorf("dropped for %q", reason)
		}
		drops++
	}})
	s := l.Shards()[0]
	invite := []byte(sample)
	bye := []byte(strings.NewReplacer("INVITE sip", "BYE sip", "1 INVITE", "1 BYE", "To: <sip:202@example.com>", "To: <sip:202@example.com>;tag=made-up").Replace(sample))
	ok := []byte("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n")
	waiting := func(msg []byte, most int) {
		t.Helper()
		drops = 0
		for range most + 1 {
			feed(l, f, msg)
		}
		if drops == 0 {
			t.Errorf("%d wait, all of %q", len(s.queue), firstOf(msg))
		}
	}
	s.Post(func() {
		waiting(invite, maxBacklogNew>>12)
		news := len(s.queue)
		waiting(bye, maxBacklog>>12)
		all := len(s.queue)
		waiting(ok, 1)
		waiting(invite, 1)
		if news < 8000 || all < news+news/2 || all > maxBacklog>>12 {
			t.Errorf("%d new ones wait, %d in all", news, all)
		}
		if len(s.queue) != all {
			t.Errorf("%d wait, then %d", all, len(s.queue))
		}
	})
	if s.backlog != 0 || len(s.queue) != 0 {
		t.Errorf("%d bytes wait, %d messages", s.backlog, len(s.queue))
	}
	s.Post(func() {
		drops = 0
		feed(l, f, invite)
		if drops > 0 || len(s.queue) != 1 {
			t.Error("nothing new is let in after all is done")
		}
	})
}

func firstOf(msg []byte) string {
	line, _, _ := strings.Cut(string(msg), "\r\n")
	return line
}
