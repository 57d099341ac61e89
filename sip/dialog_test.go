package sip_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"strowger/media/dtmf"
	"strowger/sip/siptest"
)

func deadline() <-chan time.Time { return time.After(within) }

// talking is a call from Anna to Ben.
func talking(t *testing.T, o options) (x *exchange, out, in *siptest.Call) {
	t.Helper()
	x, _ = newExchange(t, o)
	out, in = talkingOn(t, x)
	return x, out, in
}

func talkingOn(t *testing.T, x *exchange) (out, in *siptest.Call) {
	t.Helper()
	anna, ben := x.phone("anna"), x.phone("ben")
	out = x.dial(anna, "102")
	in = rings(t, ben)
	in.Respond(200, "OK", answer(40010))
	final(t, out, 200)
	waitFor(t, in.Acked, "the ACK")
	return out, in
}

func next(t *testing.T, c *siptest.Call) *gosip.Request {
	t.Helper()
	select {
	case req := <-c.Requests:
		return req
	case <-deadline():
		t.Fatal("no request came")
		return nil
	}
}

func held(body []byte) []byte {
	return bytes.Replace(bytes.Replace(body, []byte("a=sendrecv"), []byte("a=sendonly"), 1), []byte("o=- 1 1"), []byte("o=- 1 2"), 1)
}

func TestHoldAndResume(t *testing.T) {
	x, out, in := talking(t, options{})
	in.Answers(func(req *gosip.Request) (int, []byte) {
		if req.Method != gosip.INVITE {
			return 0, nil
		}
		return 200, bytes.Replace(bytes.Replace(answer(40010), []byte("a=sendrecv"), []byte("a=recvonly"), 1), []byte("o=- 2 2"), []byte("o=- 2 3"), 1)
	})
	res := out.Request(gosip.INVITE, held([]byte(offer(40000))))
	if res.StatusCode != 200 || !strings.Contains(string(res.Body()), "a=recvonly") {
		t.Fatalf("hold: %d\n%s", res.StatusCode, res.Body())
	}
	req := next(t, in)
	if req.Method != gosip.INVITE || !strings.Contains(string(req.Body()), "a=sendonly") {
		t.Fatalf("Ben was not put on hold:\n%s", req.String())
	}
	calls := x.server.ActiveCalls("default")
	if len(calls) != 1 || calls[0].Legs[0].State != "held" {
		t.Errorf("the call is not shown as held: %+v", calls)
	}
	in.Answers(func(req *gosip.Request) (int, []byte) {
		return 200, bytes.Replace(answer(40010), []byte("o=- 2 2"), []byte("o=- 2 4"), 1)
	})
	res = out.Request(gosip.INVITE, bytes.Replace([]byte(offer(40000)), []byte("o=- 1 1"), []byte("o=- 1 3"), 1))
	if res.StatusCode != 200 || !strings.Contains(string(res.Body()), "a=sendrecv") {
		t.Fatalf("resume: %d\n%s", res.StatusCode, res.Body())
	}
	in.Answers(nil)
	out.Bye()
	ended(t, in)
}

func TestRefreshIsAnsweredHere(t *testing.T) {
	_, out, in := talking(t, options{})
	// The same body again is no change: nobody else is asked.
	res := out.Request(gosip.INVITE, []byte(offer(40000)))
	if res.StatusCode != 200 || len(res.Body()) == 0 {
		t.Fatalf("refresh: %d", res.StatusCode)
	}
	if res := out.Request(gosip.UPDATE, nil); res.StatusCode != 200 {
		t.Fatalf("UPDATE: %d", res.StatusCode)
	}
	select {
	case req := <-in.Requests:
		t.Errorf("Ben was bothered with\n%s", req.String())
	default:
	}
	out.Bye()
}

// A re-INVITE that is refused changes nothing: media, hold and session
// description stay as they were (RFC 3261 §14.1).
func TestRefusedReinviteChangesNothing(t *testing.T) {
	for _, status := range []int{488, 491, 503, 606} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			x, _ := newExchange(t, options{})
			anna, ben := x.phone("anna"), x.phone("ben")
			out, in, ma, mb := speaking(t, x, anna, ben, "102")
			shown := in.Invite.Body()
			in.Answers(func(req *gosip.Request) (int, []byte) {
				if req.Method == gosip.INVITE {
					return status, nil
				}
				return 0, nil
			})
			// Anna asks to move to a port where nobody listens, and to hold.
			if res := out.Request(gosip.INVITE, held([]byte(offer(40000)))); res.StatusCode != status {
				t.Fatalf("got %d, want Ben's %d", res.StatusCode, status)
			}
			in.Answers(nil)
			calls := x.server.ActiveCalls("default")
			if len(calls) != 1 || calls[0].Legs[0].State != "answered" || calls[0].Legs[1].State != "answered" {
				t.Errorf("the call is shown as %+v", calls)
			}
			ma.forget()
			mb.forget()
			ma.hears(700)
			mb.hears(400)
			// What Ben is shown next is what he was shown before the refusal.
			if res := in.Request(gosip.INVITE, nil); !bytes.Equal(res.Body(), shown) {
				t.Errorf("Ben was shown\n%s\nand is now shown\n%s", shown, res.Body())
			}
			out.Bye()
			ended(t, in)
		})
	}
}

// A re-INVITE that is given up ends with what the other side makes of the
// CANCEL; the call goes on.
func TestCancelledReinvite(t *testing.T) {
	x, out, in := talking(t, options{})
	open := make(chan struct{})
	in.Answers(func(req *gosip.Request) (int, []byte) {
		close(open)
		return 100, nil
	})
	res, cancel := out.Begin(gosip.INVITE, held([]byte(offer(40000))))
	waitFor(t, open, "the re-INVITE at Ben's")
	in.Answers(nil)
	cancel()
	if res := <-res; res.StatusCode != 487 {
		t.Errorf("the cancelled re-INVITE: %d, want 487", res.StatusCode)
	}
	if n := len(x.server.ActiveCalls("default")); n != 1 {
		t.Errorf("%d live calls, want the one", n)
	}
	in.Answers(func(*gosip.Request) (int, []byte) { return 200, answer(40010) })
	if res := out.Request(gosip.INVITE, held([]byte(offer(40002)))); res.StatusCode != 200 {
		t.Errorf("the next re-INVITE: %d", res.StatusCode)
	}
	in.Answers(nil)
	out.Bye()
	ended(t, in)
}

// What waits for the other side when the call ends gets an answer all the same
// (RFC 3261 §15.1.2): a transaction without one would stay for ever.
func TestRequestsThatTheEndOvertakes(t *testing.T) {
	for _, method := range []gosip.RequestMethod{gosip.INVITE, gosip.UPDATE, gosip.INFO} {
		t.Run(string(method), func(t *testing.T) {
			x, out, in := talking(t, options{})
			open := make(chan struct{})
			in.Answers(func(req *gosip.Request) (int, []byte) {
				if req.Method == gosip.BYE {
					return 200, nil
				}
				close(open)
				return 100, nil
			})
			res, _ := out.Begin(method, held([]byte(offer(40000))))
			waitFor(t, open, "the request at Ben's")
			in.Begin(gosip.BYE, nil)
			if res := <-res; res.StatusCode != 487 {
				t.Errorf("answered %d, want 487", res.StatusCode)
			}
			x.idle()
		})
	}
}

func TestGlare(t *testing.T) {
	_, out, in := talking(t, options{})
	// Ben offers while Anna's offer to him is open: both meet a 491.
	got := make(chan int, 1)
	in.Answers(func(req *gosip.Request) (int, []byte) {
		if req.Method == gosip.INVITE {
			go func() { got <- in.Request(gosip.INVITE, held([]byte(offer(40012)))).StatusCode }()
			return 491, nil
		}
		return 0, nil
	})
	res := out.Request(gosip.INVITE, held([]byte(offer(40000))))
	if res.StatusCode != 491 {
		t.Errorf("Anna got %d, want 491", res.StatusCode)
	}
	<-got // 491 or, when the 491 to us came first, served: both are right
	in.Answers(nil)
	if res := out.Bye(); res.StatusCode != 200 {
		t.Errorf("BYE: %d", res.StatusCode)
	}
	ended(t, in)
}

func TestReinviteWithoutOffer(t *testing.T) {
	_, out, in := talking(t, options{})
	res := out.Request(gosip.INVITE, nil)
	if res.StatusCode != 200 || !strings.Contains(string(res.Body()), "m=audio") {
		t.Fatalf("%d\n%s", res.StatusCode, res.Body())
	}
	out.Bye()
	ended(t, in)
}

func TestLateOffer(t *testing.T) {
	x, _ := newExchange(t, options{})
	anna, ben := x.phone("anna"), x.phone("ben")
	out := anna.Dial(x.flow(anna), "acme.test", "102", nil)
	out.AckWith(func(*gosip.Response) []byte { return answer(40001) })
	in := rings(t, ben)
	if len(in.Invite.Body()) != 0 {
		t.Errorf("Ben was offered something:\n%s", in.Invite.Body())
	}
	in.Respond(200, "OK", []byte(offer(40010)))
	res := final(t, out, 200)
	if !strings.Contains(string(res.Body()), "m=audio") || strings.Contains(string(res.Body()), "40010") {
		t.Errorf("the late offer:\n%s", res.Body())
	}
	waitFor(t, in.Acked, "the ACK")
	if body := string(in.Ack().Body()); !strings.Contains(body, "m=audio") || strings.Contains(body, "40001") {
		t.Errorf("the late answer:\n%s", body)
	}
	out.Bye()
	ended(t, in)
}

func TestPrack(t *testing.T) {
	x, _ := newExchange(t, options{})
	anna, ben := x.phone("anna"), x.phone("ben")
	out := x.dial(anna, "102", gosip.NewHeader("Supported", "100rel"))
	in := rings(t, ben)
	in.Respond(183, "Session Progress", answer(40010), gosip.NewHeader("Require", "100rel"), gosip.NewHeader("RSeq", "7"))
	if req := next(t, in); req.Method != gosip.PRACK || header(req, "RAck") != "7 1 INVITE" {
		t.Fatalf("Ben's 183 was not acknowledged:\n%s", req.String())
	}
	res := provisional(t, out, 183)
	if !strings.Contains(header(res, "Require"), "100rel") {
		t.Fatal("Anna, who knows 100rel, got an unreliable 183 for a reliable one")
	}
	in.Respond(200, "OK", answer(40010))
	if res := out.Request(gosip.PRACK, nil, gosip.NewHeader("RAck", "99 1 INVITE")); res.StatusCode != 481 {
		t.Errorf("a PRACK for nothing: %d, want 481", res.StatusCode)
	}
	rack := header(res, "RSeq") + " " + strings.Fields(header(res, "CSeq"))[0] + " INVITE"
	if res := out.Request(gosip.PRACK, nil, gosip.NewHeader("RAck", rack)); res.StatusCode != 200 {
		t.Errorf("PRACK: %d", res.StatusCode)
	}
	final(t, out, 200)
	out.Bye()
	ended(t, in)
}

func TestSessionTimer(t *testing.T) {
	x, _ := newExchange(t, options{})
	anna, ben := x.phone("anna"), x.phone("ben")
	out := x.dial(anna, "102", gosip.NewHeader("Supported", "timer"), gosip.NewHeader("Session-Expires", "30"))
	res := final(t, out, 422)
	if header(res, "Min-SE") != "90" {
		t.Errorf("Min-SE %q", header(res, "Min-SE"))
	}
	quiet(t, ben)
	out = x.dial(anna, "102", gosip.NewHeader("Supported", "timer"), gosip.NewHeader("Session-Expires", "600;refresher=uac"))
	in := rings(t, ben)
	if got := header(in.Invite, "Session-Expires"); !strings.HasPrefix(got, "1800") {
		t.Errorf("Ben is asked for %q", got)
	}
	// Ben wants longer intervals: we ask again.
	in.Respond(422, "Session Interval Too Small", nil, gosip.NewHeader("Min-SE", "3600"))
	in = rings(t, ben)
	if got := header(in.Invite, "Session-Expires"); !strings.HasPrefix(got, "3600") {
		t.Errorf("Ben is asked for %q after his 422", got)
	}
	in.Respond(200, "OK", answer(40010))
	res = final(t, out, 200)
	if got := header(res, "Session-Expires"); got != "600;refresher=uac" {
		t.Errorf("Anna's timer: %q", got)
	}
	out.Bye()
	ended(t, in)
}

func TestDialogIsRefused(t *testing.T) {
	x, out, in := talking(t, options{})
	if res := out.Request(gosip.REFER, nil, gosip.NewHeader("Refer-To", "<sip:103@acme.test>")); res.StatusCode != 405 {
		t.Errorf("REFER: %d, want 405", res.StatusCode)
	}
	if res := out.Request(gosip.OPTIONS, nil); res.StatusCode != 200 {
		t.Errorf("OPTIONS: %d", res.StatusCode)
	}
	out.Bye()
	ended(t, in)
	if res := out.Request(gosip.INVITE, []byte(offer(40000))); res.StatusCode != 481 {
		t.Errorf("a re-INVITE after the end: %d, want 481", res.StatusCode)
	}
	x.idle()
}

func TestInfoIsRelayed(t *testing.T) {
	_, out, in := talking(t, options{})
	res := out.Request(gosip.INFO, dtmf.InfoBody('5', 160), gosip.NewHeader("Content-Type", dtmf.TypeRelay))
	if res.StatusCode != 200 {
		t.Fatalf("INFO: %d", res.StatusCode)
	}
	if req := next(t, in); req.Method != gosip.INFO || header(req, "Content-Type") != dtmf.TypeRelay || !strings.Contains(string(req.Body()), "Signal=5") {
		t.Errorf("Ben got\n%s", req.String())
	}
	out.Bye()
}

// Telephony rules, "Divert": the last hop that is allowed is used, and who is
// told that there are too many is the caller.
func TestMaxForwards(t *testing.T) {
	x, _ := newExchange(t, options{extra: `{"contact_methods":[{"id":"l2","user_id":"u2","kind":"sip_account","sip_account":{"username":"ben"},"inbound":{"internal_numbers":["102"],"when_unavailable":{"action":"forward","forward_to":"103"}}}]}`})
	anna, ben, cleo := x.phone("anna"), x.phone("ben"), x.phone("cleo")
	for _, c := range []struct {
		hops, want int
	}{{70, 69}, {12, 11}, {1, 0}} {
		out := anna.Dial(x.flow(anna), "acme.test", "102", []byte(offer(40000)), siptest.MaxForwards(c.hops))
		in := rings(t, ben)
		if got := in.Invite.MaxForwards(); got == nil || int(*got) != c.want {
			t.Errorf("%d became %v, want %d", c.hops, got, c.want)
		}
		in.Respond(200, "OK", answer(40010))
		final(t, out, 200)
		out.Bye()
		ended(t, in)
	}
	final(t, anna.Dial(x.flow(anna), "acme.test", "102", []byte(offer(40000)), siptest.MaxForwards(0)), 483)
	quiet(t, ben)
	quiet(t, cleo)
}
