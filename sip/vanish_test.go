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
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		out, in := talkingOn(t, x)
		in.Agent.Close()
		select {
		case <-out.Ended:
		case <-deadlineIn(30):
			t.Fatal("Anna was never told")
		}
		if r := x.record(); r.Outcome.Result != store.ResultAnswered || r.Outcome.HungUpBy != "exchange" {
			t.Errorf("record: %+v", r.Outcome)
		}
	})
}

// Who is silent and says that it has no such call ends it at once.
func TestSilentPhoneWithoutTheCall(t *testing.T) {
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		out, in := talkingOn(t, x)
		began := time.Now()
		in.Answers(func(req *gosip.Request) (int, []byte) {
			if req.Method == gosip.OPTIONS {
				return 481, nil
			}
			return 0, nil
		})
		select {
		case <-out.Ended:
		case <-deadlineIn(30):
			t.Fatal("Anna was never told")
		}
		if lived := time.Since(began); lived >= 15*time.Second || lived < 10*time.Second {
			t.Errorf("ended after %v, want it at the 481, after 10 s", lived)
		}
	})
}

// On hold nobody needs to send.
func TestHeldCallLives(t *testing.T) {
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		out, in := talkingOn(t, x)
		in.Answers(func(*gosip.Request) (int, []byte) { return 200, inactive(string(answer(40010))) })
		if res := out.Request(gosip.INVITE, inactive(offer(40000))); res.StatusCode != 200 {
			t.Fatalf("hold: %d", res.StatusCode)
		}
		in.Answers(nil)
		time.Sleep(20 * time.Minute)
		if n := len(x.server.ActiveCalls("default")); n != 1 {
			t.Errorf("%d live calls after 20 min on hold, want 1", n)
		}
		out.Bye()
	})
}

func inactive(body string) []byte {
	return []byte(strings.NewReplacer("a=sendrecv", "a=inactive", "o=- 1 1", "o=- 1 2", "o=- 2 2", "o=- 2 3").Replace(body))
}

func deadlineIn(seconds int) <-chan time.Time {
	return time.After(time.Duration(seconds) * time.Second)
}
