package sip_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"strowger/media"
	"strowger/sip/siptest"
	"strowger/store"
)

// inBubble runs f with an exchange on an in-memory network, where time stands
// still while anybody has something to do. Only the media's sockets are real;
// no packet comes through them, so calls have to be on hold to live.
func inBubble(t *testing.T, o options, f func(t *testing.T, x *exchange)) {
	t.Helper()
	relay, err := media.New(media.Options{PortMin: 35000, PortMax: 35999, Loops: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer relay.Close()
	o.relay = relay
	synctest.Test(t, func(t *testing.T) {
		wire := siptest.NewNet(1)
		o.net = wire.Options()
		x, _ := newExchange(t, o)
		x.wire = wire
		f(t, x)
	})
}

// onHold is a call between Anna and Ben in which nobody has to send.
func onHold(t *testing.T, x *exchange, caller, callee []gosip.Header) (out, in *siptest.Call) {
	t.Helper()
	anna, ben := x.phone("anna"), x.phone("ben")
	out = anna.Dial(x.flow(anna), "acme.test", "102", inactive(offer(40000)), caller...)
	in = rings(t, ben)
	in.Respond(200, "OK", inactive(string(answer(40010))), callee...)
	final(t, out, 200)
	waitFor(t, in.Acked, "the ACK")
	return out, in
}

func expires(v string) []gosip.Header {
	return []gosip.Header{gosip.NewHeader("Supported", "timer"), gosip.NewHeader("Session-Expires", v)}
}

// drained are the requests of one method that came so far.
func drained(c *siptest.Call, method gosip.RequestMethod) (n int, last *gosip.Request) {
	for {
		select {
		case req := <-c.Requests:
			if req.Method == method {
				n, last = n+1, req
			}
		default:
			return n, last
		}
	}
}

// Who promised to refresh the session and does not is gone (RFC 4028 §10): the
// call ends before the interval does, on both sides.
func TestSilentPeerOfASessionTimer(t *testing.T) {
	for _, c := range []struct {
		name           string
		caller, callee []gosip.Header
	}{
		{"the caller", expires("90;refresher=uac"), nil},
		{"the callee", nil, expires("90;refresher=uas")},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, options{}, func(t *testing.T, x *exchange) {
				out, in := onHold(t, x, c.caller, c.callee)
				began := time.Now()
				select {
				case <-out.Ended:
				case <-deadlineIn(90):
					t.Fatal("the session outlived its interval")
				}
				ended(t, in)
				if lived := time.Since(began); lived < 45*time.Second {
					t.Errorf("ended after %v, before the peer had to refresh", lived)
				}
				for _, phone := range []*siptest.Call{out, in} {
					if _, bye := drained(phone, gosip.BYE); bye == nil || !strings.Contains(header(bye, "Reason"), "SIP;cause=408") {
						t.Errorf("Reason of the BYE: %v", bye)
					}
				}
				if r := x.record(); r.Outcome.Result != store.ResultAnswered || r.Outcome.HungUpBy != "exchange" || r.Outcome.Reason != "session timer expired" {
					t.Errorf("outcome: %+v", r.Outcome)
				}
			})
		})
	}
}

// Who refreshes in time, by UPDATE or by re-INVITE, keeps the call.
func TestRefreshesKeepTheSession(t *testing.T) {
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		out, in := onHold(t, x, expires("90;refresher=uac"), expires("90;refresher=uas"))
		for i := range 10 {
			time.Sleep(45 * time.Second)
			if res := out.Request(gosip.UPDATE, nil, expires("90;refresher=uac")...); res.StatusCode != 200 {
				t.Fatalf("Anna's refresh %d: %d", i, res.StatusCode)
			}
			if res := in.Request(gosip.INVITE, inactive(string(answer(40010))), expires("90;refresher=uac")...); res.StatusCode != 200 {
				t.Fatalf("Ben's refresh %d: %d", i, res.StatusCode)
			}
		}
		if n := len(x.server.ActiveCalls("default")); n != 1 {
			t.Errorf("%d live calls, want 1", n)
		}
		out.Bye()
		ended(t, in)
	})
}

// Where refreshing is ours we do it at half the interval, and a peer that does
// not answer is gone.
func TestOurRefreshes(t *testing.T) {
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		out, in := onHold(t, x, expires("600;refresher=uas"), nil)
		time.Sleep(301 * time.Second)
		if n, req := drained(out, gosip.UPDATE); n != 0 {
			t.Errorf("Anna, who did not say that she knows UPDATE, got\n%s", req.String())
		}
		time.Sleep(300 * time.Second)
		if n := len(x.server.ActiveCalls("default")); n != 1 {
			t.Fatalf("%d live calls, want 1", n)
		}
		// Ben's interval is ours to choose: half an hour, so refreshed after 15 min.
		time.Sleep(301 * time.Second)
		if n, req := drained(in, gosip.UPDATE); n != 1 || !strings.HasSuffix(header(req, "Session-Expires"), ";refresher=uac") {
			t.Errorf("Ben got %d refreshes by UPDATE, want 1: %v", n, req)
		}
		out.Agent.Close()
		select {
		case <-in.Ended:
		case <-deadlineIn(600):
			t.Fatal("Ben was never told")
		}
		if r := x.record(); r.Outcome.HungUpBy != "exchange" || r.Outcome.Reason != "the session refresh was not answered" {
			t.Errorf("outcome: %+v", r.Outcome)
		}
	})
}
