package sip_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"strowger/sip/siptest"
	"strowger/store"
)

// three phones of Ben's, all ringing.
func forked(t *testing.T, o options) (x *exchange, out *siptest.Call, in []*siptest.Call) {
	x, _ = newExchange(t, o)
	anna := x.phone("anna")
	var bens []*siptest.Agent
	for range 3 {
		bens = append(bens, x.phone("ben"))
	}
	out = x.dial(anna, "102")
	for _, b := range bens {
		c := rings(t, b)
		c.Respond(180, "Ringing", nil)
		in = append(in, c)
	}
	return x, out, in
}

func TestFirstAnswerWins(t *testing.T) {
	x, out, in := forked(t, options{})
	in[1].Respond(200, "OK", answer(40011))
	final(t, out, 200)
	waitFor(t, in[1].Acked, "the winner's ACK")
	ended(t, in[0])
	ended(t, in[2])
	out.Bye()
	ended(t, in[1])
	if r := x.record(); len(r.Legs) != 4 {
		t.Errorf("legs: %d, want 4", len(r.Legs))
	}
}

func TestSecondAnswerIsHungUp(t *testing.T) {
	x, out, in := forked(t, options{})
	in[1].Deaf.Store(true)
	in[0].Respond(200, "OK", answer(40011))
	final(t, out, 200)
	// It answers in the moment in which it is cancelled: it gets ACK and BYE.
	in[1].Respond(200, "OK", answer(40012))
	waitFor(t, in[1].Acked, "the ACK of the second answer")
	ended(t, in[1])
	if n := len(x.server.ActiveCalls("default")); n != 1 {
		t.Errorf("%d live calls, want the one", n)
	}
	out.Bye()
	ended(t, in[0])
}

func TestCancelledBranchesAreToldWhy(t *testing.T) {
	_, out, in := forked(t, options{})
	reasons := make(chan string, 1)
	in[2].OnCancel(func(req *gosip.Request) { reasons <- header(req, "Reason") })
	in[0].Respond(200, "OK", answer(40011))
	final(t, out, 200)
	if got := <-reasons; !strings.Contains(got, "SIP;cause=200") || !strings.Contains(got, "Call completed elsewhere") {
		t.Errorf("Reason of the CANCEL: %q", got)
	}
	out.Bye()
}

func TestRejectScope(t *testing.T) {
	for _, c := range []struct {
		scope  string
		status int
		ends   bool // the others stop ringing
	}{
		{"rfc", 603, true},
		{"rfc", 600, true},
		{"rfc", 486, false},
		{"all", 486, true},
		{"all", 603, true},
		{"all", 408, false}, // a phone that could not be reached rejects nothing
		{"all", 503, false},
		{"branch", 603, false},
		{"branch", 486, false},
	} {
		t.Run(c.scope+" "+gosip.NewResponse(c.status, "").StartLine(), func(t *testing.T) {
			_, out, in := forked(t, options{extra: `{"users":[{"id":"u2","first_name":"Ben","reject_scope":"` + c.scope + `"}]}`})
			in[0].Respond(c.status, "No", nil)
			if c.ends {
				ended(t, in[1])
				ended(t, in[2])
				want := 486
				if c.status == 603 {
					want = 603
				}
				final(t, out, want)
				return
			}
			in[1].Respond(200, "OK", answer(40011))
			final(t, out, 200)
			out.Bye()
		})
	}
}

func TestCausesCountInTheirOrder(t *testing.T) {
	for _, c := range []struct {
		answers [3]int
		want    int
	}{
		{[3]int{480, 503, 486}, 486}, // busy before failure and absent
		{[3]int{486, 480, 603}, 603}, // declined before busy (scope branch: none ends the others)
		{[3]int{480, 404, 430}, 480},
	} {
		_, out, in := forked(t, options{extra: `{"users":[{"id":"u2","first_name":"Ben","reject_scope":"branch"}]}`})
		for i, status := range c.answers {
			in[i].Respond(status, "No", nil)
		}
		final(t, out, c.want)
	}
}

func TestEarlyMediaOfTheFirst(t *testing.T) {
	_, out, in := forked(t, options{})
	provisional(t, out, 180)
	in[0].Respond(183, "Session Progress", answer(40011))
	early := provisional183(t, out)
	in[1].Respond(183, "Session Progress", answer(40012))
	in[0].Respond(200, "OK", answer(40011))
	res := final(t, out, 200)
	if string(early.Body()) != string(res.Body()) {
		t.Errorf("the answer changed between 183 and 200 of one dialog:\n%s\n%s", early.Body(), res.Body())
	}
	if early.To().Params.GetOr("tag", "") != res.To().Params.GetOr("tag", "x") {
		t.Error("the same answer came in another dialog")
	}
	out.Bye()
}

func TestAnotherAnswerIsAnotherDialog(t *testing.T) {
	_, out, in := forked(t, options{})
	in[0].Respond(183, "Session Progress", answer(40011))
	early := provisional183(t, out)
	in[1].Respond(200, "OK", []byte(strings.NewReplacer("RTP/AVP 0 101", "RTP/AVP 8 101", "a=rtpmap:0 PCMU", "a=rtpmap:8 PCMA").Replace(string(answer(40012)))))
	res := final(t, out, 200)
	if early.To().Params.GetOr("tag", "") == res.To().Params.GetOr("tag", "") {
		t.Error("a different answer came under the tag of the 183")
	}
	waitFor(t, in[1].Acked, "the ACK")
	out.Bye()
	ended(t, in[1])
}

// provisional183 skips to the first answer with a body.
func provisional183(t *testing.T, c *siptest.Call) *gosip.Response {
	t.Helper()
	for {
		select {
		case res := <-c.Responses:
			if res.StatusCode == 183 && len(res.Body()) > 0 {
				return res
			}
			if res.StatusCode >= 200 {
				t.Fatalf("got %d before a 183", res.StatusCode)
			}
		case <-deadline():
			t.Fatal("no 183 came")
		}
	}
}

// flowOf registers one flow of a phone of Ben's that has several (RFC 5626).
func flowOf(t *testing.T, x *exchange, regID int) *siptest.Agent {
	t.Helper()
	a, err := siptest.NewAgent(siptest.AgentOptions{Listen: "udp://127.0.0.1:0", User: "ben", Password: "pw-of-ben", Transport: x.net})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	aor := gosip.Uri{Scheme: "sip", User: "ben", Host: "acme.test"}
	res, err := a.Do(x.flow(a), gosip.REGISTER, gosip.Uri{Scheme: "sip", Host: "acme.test"}, aor, aor,
		gosip.NewHeader("Contact", fmt.Sprintf(`%s;reg-id=%d;+sip.instance="<urn:uuid:00000000-0000-1000-8000-0000000000be>"`, a.Contact(), regID)),
		gosip.NewHeader("Expires", "300"), gosip.NewHeader("Supported", "path, outbound"))
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("register flow %d: %v %v", regID, res, err)
	}
	return a
}

// The flows of one phone ring one after the other, never beside each other.
func TestFlowsOfOnePhone(t *testing.T) {
	x, _ := newExchange(t, options{})
	anna, old, fresh := x.phone("anna"), flowOf(t, x, 1), flowOf(t, x, 2)
	out := x.dial(anna, "102")
	in := rings(t, fresh)
	quiet(t, old)
	in.Respond(430, "Flow Failed", nil)
	again := rings(t, old)
	again.Respond(180, "Ringing", nil)
	provisional(t, out, 180)
	again.Respond(200, "OK", answer(40010))
	final(t, out, 200)
	out.Bye()
	ended(t, again)
	if r := x.record(); r.Outcome.Result != store.ResultAnswered || len(r.Legs) != 3 || r.Legs[1].Code != 430 {
		t.Errorf("record: %+v", r)
	}
	// What the phone itself refuses is refused.
	out = x.dial(anna, "102")
	rings(t, fresh).Respond(486, "Busy Here", nil)
	final(t, out, 486)
	quiet(t, old)
	// All flows dead is a phone that is absent.
	out = x.dial(anna, "102")
	rings(t, fresh).Respond(430, "Flow Failed", nil)
	rings(t, old).Respond(430, "Flow Failed", nil)
	final(t, out, 480)
}

// A flow that says nothing is given up while there is time to ring the next;
// what it says later is hung up.
func TestSilentFlow(t *testing.T) {
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		anna, old, dead := x.phone("anna"), flowOf(t, x, 1), flowOf(t, x, 2)
		dead.Close()
		began := time.Now()
		out := x.dial(anna, "102")
		in := rings(t, old)
		if waited := time.Since(began); waited != 3*time.Second {
			t.Errorf("the next flow rang after %v, want 3 s", waited)
		}
		in.Respond(200, "OK", answer(40010))
		final(t, out, 200)
		out.Bye()
		ended(t, in)
	})
}

// A phone that answers in the moment in which the caller gives up is
// acknowledged and hung up, though the call is over (RFC 3261 §9.1).
func TestAnswerCrossesCancel(t *testing.T) {
	x, _ := newExchange(t, options{})
	anna, ben := x.phone("anna"), x.phone("ben")
	out := x.dial(anna, "102")
	in := rings(t, ben)
	in.Deaf.Store(true)
	cancelled := make(chan struct{})
	in.OnCancel(func(*gosip.Request) { close(cancelled) })
	in.Respond(180, "Ringing", nil)
	provisional(t, out, 180)
	out.Cancel()
	final(t, out, 487)
	waitFor(t, cancelled, "the CANCEL")
	x.idle()
	in.Respond(200, "OK", answer(40010))
	waitFor(t, in.Acked, "the ACK")
	ended(t, in)
	if r := x.record(); r.Outcome.Result != store.ResultCancelled {
		t.Errorf("outcome: %+v", r.Outcome)
	}
}
