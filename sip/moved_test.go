package sip_test

import (
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"strowger/sip/siptest"
)

// rebound lets the NAT of a phone give it another port.
func (x *exchange) rebound(a *siptest.Agent) {
	x.wire.Rebind(a.Addr(), netip.AddrPortFrom(a.Addr().Addr(), a.Addr().Port()+7000))
}

func registersAgain(t *testing.T, x *exchange, a *siptest.Agent) {
	t.Helper()
	if res, err := a.Register(x.flow(a), "acme.test", 300); err != nil || res.StatusCode != 200 {
		t.Fatalf("register again: %v %v", res, err)
	}
}

// A NAT that was restarted gives a phone another port in the middle of its call.
// The phone's next registration says where it is; what is sent to the old port
// is lost, and with it a hang-up or the refresh of the session.
func TestPhoneMovesDuringItsCall(t *testing.T) {
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		out, in := onHold(t, x, nil, nil)
		time.Sleep(time.Second)
		x.rebound(in.Agent)
		registersAgain(t, x, in.Agent)
		if res := out.Bye(); res.StatusCode != 200 {
			t.Fatalf("BYE: %d", res.StatusCode)
		}
		ended(t, in)

		out, in = onHold(t, x, nil, nil)
		time.Sleep(time.Second)
		x.rebound(out.Agent)
		registersAgain(t, x, out.Agent)
		in.Bye()
		ended(t, out)
	})
}

// A phone that says something in the dialog says where it is, too.
func TestPhoneSpeaksFromElsewhere(t *testing.T) {
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		out, in := onHold(t, x, nil, nil)
		for _, c := range []*siptest.Call{out, in} {
			x.rebound(c.Agent)
			if res := c.Request(gosip.OPTIONS, nil); res.StatusCode != 200 {
				t.Fatalf("OPTIONS from elsewhere: %d", res.StatusCode)
			}
		}
		out.Bye()
		ended(t, in)

		out, in = onHold(t, x, nil, nil)
		x.rebound(out.Agent)
		out.Request(gosip.OPTIONS, nil)
		in.Bye()
		ended(t, out)
	})
}

// Of two phones with one Contact, each behind a NAT of its own, nobody knows
// which has moved: the dialog stays where it was.
func TestTwoPhonesWithOneContact(t *testing.T) {
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		out, in := onHold(t, x, nil, nil)
		time.Sleep(time.Second)
		twin, err := siptest.NewAgent(siptest.AgentOptions{Listen: "udp://127.0.0.5:0", User: "ben", Password: "pw-of-ben", Transport: x.net})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(twin.Close)
		contact := func(a *siptest.Agent, instance string) gosip.Header {
			return gosip.NewHeader("Contact", in.Agent.Contact()+`;+sip.instance="<urn:uuid:00000000-0000-4000-8000-00000000000`+instance+`>"`)
		}
		for instance, a := range map[string]*siptest.Agent{"1": in.Agent, "2": twin} {
			if res, err := a.Register(x.flow(a), "acme.test", 300, contact(a, instance)); err != nil || res.StatusCode != 200 {
				t.Fatalf("register: %v %v", res, err)
			}
		}
		out.Bye()
		ended(t, in)
	})
}

// A carrier need not keep a connection for the length of a call: the BYE then
// goes by a new one.
func TestCarrierDropsItsConnectionDuringACall(t *testing.T) {
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		carrier, err := siptest.NewAgent(siptest.AgentOptions{Listen: "tcp://127.0.0.4:5070", User: "carrier", Transport: x.net})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(carrier.Close)
		x.apply(`{"trunks":[{"id":"a-tcp","name":"TCP","host":"127.0.0.4","port":5070,"transport":"tcp","auth":{"mode":"address"},"prefixes":["+1312"]}]}`)
		anna := x.phone("anna")
		out := anna.Dial(x.flow(anna), "acme.test", "3125550123", inactive(offer(40000)))
		in := rings(t, carrier)
		in.Respond(200, "OK", inactive(string(answer(40010))))
		final(t, out, 200)
		waitFor(t, in.Acked, "the ACK")

		in.Flow.HangUp()
		synctest.Wait()
		in.Answers(func(*gosip.Request) (int, []byte) { return 200, inactive(string(answer(40012))) })
		if res := out.Request(gosip.INVITE, []byte(strings.Replace(string(held([]byte(offer(40000)))), "o=- 1 2", "o=- 1 3", 1))); res.StatusCode != 200 {
			t.Fatalf("re-INVITE by a new connection: %d", res.StatusCode)
		}
		next(t, in)
		out.Bye()
		ended(t, in)
	})
}
