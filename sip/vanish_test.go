package sip_test

import (
	"strings"
	"testing"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"strowger/store"
)

// A phone that lost its power says nothing any more: the call ends after 15 s
// without media, on both sides.
func TestVanishedPhone(t *testing.T) {
	if testing.Short() {
		t.Skip("waits 15 s")
	}
	t.Parallel()
	x, out, in := talking(t, options{})
	in.Agent.Close()
	select {
	case <-out.Ended:
	case <-deadlineIn(30):
		t.Fatal("Anna was never told")
	}
	if r := x.record(); r.Outcome.Result != store.ResultAnswered || r.Outcome.HungUpBy != "exchange" {
		t.Errorf("record: %+v", r.Outcome)
	}
}

// On hold nobody needs to send.
func TestHeldCallLives(t *testing.T) {
	if testing.Short() {
		t.Skip("waits 20 s")
	}
	t.Parallel()
	x, out, in := talking(t, options{})
	in.Answers(func(*gosip.Request) (int, []byte) { return 200, inactive(string(answer(40010))) })
	if res := out.Request(gosip.INVITE, inactive(offer(40000))); res.StatusCode != 200 {
		t.Fatalf("hold: %d", res.StatusCode)
	}
	in.Answers(nil)
	<-deadlineIn(20)
	if n := len(x.server.ActiveCalls("default")); n != 1 {
		t.Errorf("%d live calls after 20 s on hold, want 1", n)
	}
	out.Bye()
}

func inactive(body string) []byte {
	return []byte(strings.NewReplacer("a=sendrecv", "a=inactive", "o=- 1 1", "o=- 1 2", "o=- 2 2", "o=- 2 3").Replace(body))
}

func deadlineIn(seconds int) <-chan time.Time {
	return time.After(time.Duration(seconds) * time.Second)
}
