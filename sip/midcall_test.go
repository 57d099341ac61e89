package sip_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"strowger/sip/siptest"
)

// digestCarrier lets the company's carrier challenge what it gets.
func (x *exchange) digestCarrier(carrier *siptest.Agent) {
	x.t.Helper()
	x.apply(fmt.Sprintf(`{"trunks":[{"id":"carrier","name":"Carrier","host":"127.0.0.3","port":%d,"transport":"udp","auth":{"mode":"digest","username":"acme","password":"trunk-secret"},"addresses":["127.0.0.3/32"],"trusted_identity":true}]}`, carrier.Addr().Port()))
}

const proves = `username="acme", realm="carrier"`

// challenging lets a carrier's call answer every request inside the dialog by
// 407 until it comes with credentials; with them, as answer says.
func challenging(c *siptest.Call, answer func(*gosip.Request) (int, []byte)) {
	c.Answers(func(req *gosip.Request) (int, []byte) {
		if !strings.Contains(header(req, "Proxy-Authorization"), proves) {
			return 407, nil
		}
		return answer(req)
	})
	c.AnswerHeaders(func(_ *gosip.Request, status int) []gosip.Header {
		if status != 407 {
			return nil
		}
		return []gosip.Header{gosip.NewHeader("Proxy-Authenticate", `Digest realm="carrier", nonce="n", algorithm=MD5, qop="auth"`)}
	})
}

func always(status int, body []byte) func(*gosip.Request) (int, []byte) {
	return func(*gosip.Request) (int, []byte) { return status, body }
}

// provenNext are the next two requests of a method: one challenged, and the
// same again with credentials under the next number.
func provenNext(t *testing.T, c *siptest.Call, method gosip.RequestMethod) *gosip.Request {
	t.Helper()
	first, second := next(t, c), next(t, c)
	if first.Method != method || second.Method != method {
		t.Fatalf("got %s and %s, want %s twice", first.Method, second.Method, method)
	}
	if second.CSeq().SeqNo != first.CSeq().SeqNo+1 || !strings.Contains(header(second, "Proxy-Authorization"), proves) {
		t.Errorf("the challenged\n%s\nwas followed by\n%s", first.String(), second.String())
	}
	if string(first.Body()) != string(second.Body()) || header(first, "Reason") != header(second, "Reason") {
		t.Errorf("not the same request again:\n%s\n%s", first.String(), second.String())
	}
	return second
}

// outside is a call from Anna to somebody outside, on hold so that nobody has
// to send, by a carrier that challenges what comes inside the dialog.
func outside(t *testing.T, x *exchange, carrier *siptest.Agent, callee ...gosip.Header) (out, in *siptest.Call) {
	t.Helper()
	x.digestCarrier(carrier)
	anna := x.phone("anna")
	out = anna.Dial(x.flow(anna), "acme.test", "3125550123", inactive(offer(40000)))
	in = rings(t, carrier)
	in.Respond(200, "OK", inactive(string(answer(40010))), callee...)
	final(t, out, 200)
	waitFor(t, in.Acked, "the ACK")
	return out, in
}

// A carrier may challenge whatever reaches it, also inside a dialog. A BYE that
// is not answered for leaves its side up, and billed.
func TestChallengedBYE(t *testing.T) {
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		out, in := outside(t, x, x.carrier)
		challenging(in, always(200, nil))
		if res := out.Bye(); res.StatusCode != 200 {
			t.Fatalf("Anna's BYE: %d", res.StatusCode)
		}
		provenNext(t, in, gosip.BYE)
		synctest.Wait()
		if n := len(x.server.ActiveCalls("default")); n != 0 {
			t.Errorf("%d live calls", n)
		}
	})
}

// What does not help is not said again.
func TestRefusedCredentialsAreSentOnce(t *testing.T) {
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		out, in := outside(t, x, x.carrier)
		challenging(in, always(407, nil))
		out.Bye()
		provenNext(t, in, gosip.BYE)
		time.Sleep(time.Minute)
		if n, req := drained(in, gosip.BYE); n > 0 {
			t.Errorf("refused credentials were sent again:\n%s", req.String())
		}
	})
}

// A 200 that crosses the caller's CANCEL after the call has ended is hung up,
// with credentials too.
func TestChallengedBYEOfACallThatIsOver(t *testing.T) {
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		x.digestCarrier(x.carrier)
		anna := x.phone("anna")
		out := x.dial(anna, "3125550123")
		in := rings(t, x.carrier)
		in.Deaf.Store(true)
		challenging(in, always(200, nil))
		in.Respond(180, "Ringing", nil)
		provisional(t, out, 180)
		out.Cancel()
		final(t, out, 487)
		x.idle()
		in.Respond(200, "OK", answer(40010))
		provenNext(t, in, gosip.BYE)
	})
}

func TestChallengedHold(t *testing.T) {
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		out, in := outside(t, x, x.carrier)
		challenging(in, always(200, inactive(string(answer(40012)))))
		res := out.Request(gosip.INVITE, []byte(strings.Replace(string(held([]byte(offer(40000)))), "o=- 1 2", "o=- 1 3", 1)))
		if res.StatusCode != 200 {
			t.Fatalf("hold: %d", res.StatusCode)
		}
		req := provenNext(t, in, gosip.INVITE)
		synctest.Wait()
		if ack := in.Ack(); ack.CSeq().SeqNo != req.CSeq().SeqNo || header(ack, "Proxy-Authorization") != header(req, "Proxy-Authorization") {
			t.Errorf("the ACK does not carry the credentials of its INVITE (RFC 3261 §22.1):\n%s", ack.String())
		}
		out.Bye()
		provenNext(t, in, gosip.BYE)
	})
}

// By UPDATE or by re-INVITE: what is challenged is no sign that the session is
// refreshed.
func TestChallengedRefresh(t *testing.T) {
	for _, method := range []gosip.RequestMethod{gosip.UPDATE, gosip.INVITE} {
		t.Run(string(method), func(t *testing.T) {
			inBubble(t, options{}, func(t *testing.T, x *exchange) {
				var refresher []gosip.Header
				if method == gosip.INVITE {
					refresher = []gosip.Header{gosip.NewHeader("Allow", "INVITE, ACK, CANCEL, BYE")}
				}
				out, in := outside(t, x, x.carrier, refresher...)
				challenging(in, always(200, inactive(string(answer(40010)))))
				for range 2 {
					time.Sleep(901 * time.Second)
					if req := provenNext(t, in, method); !strings.HasSuffix(header(req, "Session-Expires"), ";refresher=uac") {
						t.Errorf("not a refresh:\n%s", req.String())
					}
					if n, req := drained(in, method); n > 0 {
						t.Errorf("and again:\n%s", req.String())
					}
				}
				out.Bye()
				provenNext(t, in, gosip.BYE)
			})
		})
	}
}

// An ACK is that of the 200 whose INVITE's number it bears. One that comes again
// late says nothing about a newer 200, and brings no answer to its offer.
func TestAckOfAnEarlierAnswer(t *testing.T) {
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		out, in := onHold(t, x, nil, nil)
		out.LateAck.Store(true)
		results, _ := out.Begin(gosip.INVITE, nil)
		res := <-results
		if res.StatusCode != 200 || len(res.Body()) == 0 {
			t.Fatalf("re-INVITE without an offer: %d\n%s", res.StatusCode, res.Body())
		}
		out.SendAck(out.Invite.CSeq().SeqNo, nil)
		select {
		case <-results:
		case <-deadline():
			t.Error("the 200 is repeated no more, and its ACK never came")
		}
		out.SendAck(res.CSeq().SeqNo, []byte(strings.Replace(offer(40002), "o=- 1 1", "o=- 1 3", 1)))
		if req := next(t, in); req.Method != gosip.INVITE || !strings.Contains(string(req.Body()), "a=sendrecv") {
			t.Errorf("Ben got\n%s\nwant to be taken off hold", req.String())
		}
	})
}

// Who never acknowledges a re-INVITE's 200 is gone (RFC 3261 §13.3.1.4): an offer
// in it must not stay open for ever.
func TestReinviteIsNeverAcknowledged(t *testing.T) {
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		out, in := onHold(t, x, nil, nil)
		out.LateAck.Store(true)
		results, _ := out.Begin(gosip.INVITE, nil)
		<-results
		select {
		case <-in.Ended:
		case <-deadlineIn(40):
			t.Fatal("the call goes on")
		}
		ended(t, out)
		if r := x.record(); r.Outcome.HungUpBy != "exchange" {
			t.Errorf("outcome: %+v", r.Outcome)
		}
	})
}

// A re-INVITE of ours that gets a 1xx and nothing more is given up after 64*T1:
// who waits for it is refused, and may try again.
func TestReinviteWithoutAnEnd(t *testing.T) {
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		out, in := onHold(t, x, nil, nil)
		in.Answers(always(100, nil))
		began := time.Now()
		results, _ := out.Begin(gosip.INVITE, []byte(strings.Replace(offer(40002), "o=- 1 1", "o=- 1 3", 1)))
		select {
		case res := <-results:
			if waited := time.Since(began); res.StatusCode != 504 || waited < 30*time.Second {
				t.Fatalf("refused with %d after %v, want 504 after 64*T1", res.StatusCode, waited)
			}
		case <-deadlineIn(60):
			t.Fatal("Anna waits for ever")
		}
		in.Answers(always(200, inactive(string(answer(40010)))))
		if res := out.Request(gosip.INVITE, []byte(strings.Replace(offer(40002), "o=- 1 1", "o=- 1 4", 1))); res.StatusCode != 200 {
			t.Errorf("the next try: %d", res.StatusCode)
		}
		in.Answers(nil)
		out.Bye()
		ended(t, in)
	})
}

// A session whose refresh is never answered is over (RFC 4028 §10): nothing else
// notices that a peer on hold has gone.
func TestRefreshWithoutAnEnd(t *testing.T) {
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		out, in := onHold(t, x, nil, []gosip.Header{gosip.NewHeader("Allow", "INVITE, ACK, CANCEL, BYE")})
		in.Answers(func(req *gosip.Request) (int, []byte) {
			if req.Method == gosip.INVITE {
				return 100, nil
			}
			return 0, nil
		})
		select {
		case <-out.Ended:
		case <-deadlineIn(1800):
			t.Fatal("the call outlives its session")
		}
		if r := x.record(); r.Outcome.Reason != "the session refresh was not answered" {
			t.Errorf("outcome: %+v", r.Outcome)
		}
	})
}

// Who finds every interval too small gets no third one. The session ends when
// its time is up.
func TestRefreshIsNeverLongEnough(t *testing.T) {
	for _, c := range []struct {
		name  string
		grows bool
		tries int
	}{
		{"asks for more each time", true, 3},
		{"asks for what it got", false, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, options{}, func(t *testing.T, x *exchange) {
				out, in := onHold(t, x, nil, nil)
				minSE := 1800
				in.Answers(func(req *gosip.Request) (int, []byte) {
					if req.Method == gosip.UPDATE {
						return 422, nil
					}
					return 0, nil
				})
				in.AnswerHeaders(func(_ *gosip.Request, status int) []gosip.Header {
					if status != 422 {
						return nil
					}
					if c.grows {
						minSE += 60
					}
					return []gosip.Header{gosip.NewHeader("Min-SE", fmt.Sprint(minSE))}
				})
				began := time.Now()
				time.Sleep(910 * time.Second)
				if n, _ := drained(in, gosip.UPDATE); n != c.tries {
					t.Errorf("%d refreshes, want %d", n, c.tries)
				}
				// Anna's own leg is refreshed by re-INVITEs that she answers.
				select {
				case <-out.Ended:
				case <-deadlineIn(1000):
					t.Fatal("the call outlives its session")
				}
				if lived := time.Since(began); lived < 1760*time.Second || lived > 1800*time.Second {
					t.Errorf("ended after %v, want shortly before half an hour", lived)
				}
				if r := x.record(); r.Outcome.Reason != "session timer expired" {
					t.Errorf("outcome: %+v", r.Outcome)
				}
			})
		})
	}
}
