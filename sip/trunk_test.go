package sip_test

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"strowger/sip/siptest"
	"strowger/sip/trunk"
	"strowger/store"
)

// from is a call from the carrier.
func (x *exchange) from(carrier *siptest.Agent, to string, headers ...gosip.Header) *siptest.Call {
	x.t.Helper()
	return carrier.Dial(x.flow(carrier), x.addr.String(), to, []byte(offer(40200)), headers...)
}

func TestInboundByDID(t *testing.T) {
	x, carrier := newExchange(t, options{})
	ben := x.phone("ben")
	out := x.from(carrier, "+12025550102", gosip.NewHeader("P-Asserted-Identity", `"Zoe" <sip:+13125550123@carrier.test>`))
	in := rings(t, ben)
	if got := in.Invite.From().Address.User; got != "+13125550123" {
		t.Errorf("Ben is shown %q, want the asserted number of a trusted carrier", got)
	}
	in.Respond(200, "OK", answer(40010))
	final(t, out, 200)
	out.Bye()
	ended(t, in)
	if r := x.record(); r.Direction != store.DirInbound || r.From != "+13125550123" || r.To != "+12025550102" {
		t.Errorf("record: %+v", r)
	}
}

func TestOutboundIdentity(t *testing.T) {
	for _, c := range []struct {
		name    string
		line    string // Anna's outbound block
		headers []gosip.Header
		from    string
		pai     string
		privacy string
	}{
		{"her number", `"caller_ids":["+12025550101"]`, nil, "+12025550101", "+12025550101", ""},
		{"the company's", `"caller_ids":[]`, nil, "+12025550100", "+12025550100", ""},
		{"anonymous line", `"caller_ids":["+12025550101"],"anonymous":true`, nil, "anonymous", "+12025550101", "id"},
		{"anonymous call", `"caller_ids":["+12025550101"]`, []gosip.Header{gosip.NewHeader("Privacy", "id")}, "anonymous", "+12025550101", "id"},
		{"a lie", `"caller_ids":["+12025550101"]`, []gosip.Header{gosip.NewHeader("P-Asserted-Identity", "<sip:+19005551234@acme.test>"), gosip.NewHeader("P-Preferred-Identity", "<sip:+19005551234@acme.test>")}, "+12025550101", "+12025550101", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, carrier := newExchange(t, options{extra: `{"contact_methods":[{"id":"l1","user_id":"u1","kind":"sip_account","sip_account":{"username":"anna"},"inbound":{"internal_numbers":["101"]},"outbound":{"external_enabled":true,` + c.line + `}}]}`})
			anna := x.phone("anna")
			out := x.dial(anna, "3125550123", c.headers...)
			in := rings(t, carrier)
			if got := in.Invite.Recipient.User; got != "+13125550123" {
				t.Errorf("the carrier is asked for %q", got)
			}
			if got := in.Invite.From().Address.User; got != c.from {
				t.Errorf("From %q, want %q", got, c.from)
			}
			if got := header(in.Invite, "P-Asserted-Identity"); !strings.Contains(got, c.pai) {
				t.Errorf("P-Asserted-Identity %q, want %s", got, c.pai)
			}
			if got := header(in.Invite, "Privacy"); got != c.privacy {
				t.Errorf("Privacy %q, want %q", got, c.privacy)
			}
			if c.privacy != "" && strings.Contains(strings.ToLower(in.Invite.From().String()+header(in.Invite, "Contact")), "anna") {
				t.Errorf("an anonymous call names the caller:\n%s", in.Invite.String())
			}
			if strings.Contains(in.Invite.String(), "9005551234") {
				t.Error("the phone's own claim went out")
			}
			in.Respond(404, "Not Found", nil)
			final(t, out, 404)
		})
	}
}

func TestOutsideIsForThoseWhoMay(t *testing.T) {
	x, carrier := newExchange(t, options{})
	ben := x.phone("ben")
	out := x.dial(ben, "3125550123")
	// A spoken reason, then 403.
	if res := provisional(t, out, 183); len(res.Body()) == 0 {
		t.Error("the 183 carries no media")
	}
	final(t, out, 403)
	quiet(t, carrier)
	// An emergency call always passes.
	out = x.dial(ben, "911")
	in := rings(t, carrier)
	if in.Invite.Recipient.User != "911" {
		t.Errorf("the carrier is asked for %q", in.Invite.Recipient.User)
	}
	in.Respond(200, "OK", answer(40010))
	final(t, out, 200)
	out.Bye()
}

func TestFailover(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer int
		ringed bool
		second bool // the second carrier is asked
		want   int
	}{
		{"503", 503, false, true, 200},
		{"500", 500, false, true, 200},
		{"408", 408, false, true, 200},
		{"busy is the callee's", 486, false, false, 486},
		{"unknown is the callee's", 404, false, false, 404},
		{"declined is the callee's", 603, false, false, 603},
		{"not after it rang", 503, true, false, 480},
	} {
		t.Run(c.name, func(t *testing.T) {
			second, err := siptest.NewAgent(siptest.AgentOptions{Listen: "udp://127.0.0.4:0", User: "second"})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(second.Close)
			x, carrier := newExchange(t, options{extra: fmt.Sprintf(`{"trunks":[{"id":"second","name":"Second","host":"127.0.0.4","port":%d,"transport":"udp","auth":{"mode":"address"},"priority":9}]}`, second.Addr().Port())})
			anna := x.phone("anna")
			out := x.dial(anna, "3125550123")
			in := rings(t, carrier)
			if c.ringed {
				in.Respond(180, "Ringing", nil)
			}
			in.Respond(c.answer, "No", nil)
			if c.second {
				again := rings(t, second)
				again.Respond(200, "OK", answer(40011))
				final(t, out, 200)
				out.Bye()
				ended(t, again)
				return
			}
			res, err := out.Final(within)
			if err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != c.want && !(c.ringed && res.StatusCode >= 480) {
				t.Errorf("answered %d, want %d", res.StatusCode, c.want)
			}
			quiet(t, second)
		})
	}
}

func TestSilentCarrier(t *testing.T) {
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		second, err := siptest.NewAgent(siptest.AgentOptions{Listen: "udp://127.0.0.4:0", User: "second", Transport: x.net})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(second.Close)
		x.apply(fmt.Sprintf(`{"trunks":[
		{"id":"a-dead","name":"Dead","host":"127.0.0.9","port":5999,"transport":"udp","auth":{"mode":"address"},"prefixes":["+1312"]},
		{"id":"b-second","name":"Second","host":"127.0.0.4","port":%d,"transport":"udp","auth":{"mode":"address"},"prefixes":["+1312"],"priority":9}]}`, second.Addr().Port()))
		anna := x.phone("anna")
		began := time.Now()
		out := x.dial(anna, "3125550123")
		in := rings(t, second)
		if waited := time.Since(began); waited < 3*time.Second || waited >= 4*time.Second {
			t.Errorf("the next carrier was asked after %v, want 3 s", waited)
		}
		in.Respond(200, "OK", answer(40011))
		final(t, out, 200)
		out.Bye()
		ended(t, in)
	})
}

// hosts is a DNS of addresses alone.
type hosts map[string][]netip.Addr

func (hosts) SRV(context.Context, string) ([]trunk.SRV, error) { return nil, nil }

func (h hosts) Addresses(_ context.Context, host string) ([]netip.Addr, error) { return h[host], nil }

// One silent address does not make a carrier silent, and the next call does not
// begin with it.
func TestSilentAddress(t *testing.T) {
	for _, proto := range []string{"udp", "tcp"} {
		dns := hosts{"carrier.example": {netip.MustParseAddr("127.0.0.9"), netip.MustParseAddr("127.0.0.4")}}
		inBubble(t, options{dns: dns}, func(t *testing.T, x *exchange) {
			living, err := siptest.NewAgent(siptest.AgentOptions{Listen: proto + "://127.0.0.4:5070", User: "living", Transport: x.net})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(living.Close)
			x.apply(fmt.Sprintf(`{"trunks":[
			{"id":"a-two","name":"Two","host":"carrier.example","port":5070,"transport":%q,"auth":{"mode":"address"},"prefixes":["+1312"]}]}`, proto))
			anna := x.phone("anna")
			for _, most := range []time.Duration{2 * time.Second, 100 * time.Millisecond} {
				began := time.Now()
				out := x.dial(anna, "3125550123")
				in := rings(t, living)
				if waited := time.Since(began); waited >= most {
					t.Errorf("%s: the living address was asked after %v, want less than %v", proto, waited, most)
				}
				in.Respond(200, "OK", answer(40011))
				final(t, out, 200)
				out.Bye()
				ended(t, in)
			}
		})
	}
}

// A carrier that is known to be down is asked last, but it is asked.
func TestCarrierThatIsDown(t *testing.T) {
	inBubble(t, options{}, func(t *testing.T, x *exchange) {
		second, err := siptest.NewAgent(siptest.AgentOptions{Listen: "udp://127.0.0.4:0", User: "second", Transport: x.net})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(second.Close)
		x.apply(fmt.Sprintf(`{"trunks":[
		{"id":"a-dead","name":"Dead","host":"127.0.0.9","port":5999,"transport":"udp","auth":{"mode":"address"},"prefixes":["+1312"],"options_ping_s":10},
		{"id":"b-second","name":"Second","host":"127.0.0.4","port":%d,"transport":"udp","auth":{"mode":"address"},"prefixes":["+1312"],"priority":9},
		{"id":"carrier","name":"Carrier","host":"127.0.0.8","port":5999,"transport":"udp","auth":{"mode":"address"},"prefixes":["+44"]}]}`, second.Addr().Port()))
		anna := x.phone("anna")
		time.Sleep(time.Minute)
		began := time.Now()
		out := x.dial(anna, "3125550123")
		in := rings(t, second)
		if waited := time.Since(began); waited >= time.Second {
			t.Errorf("the carrier that is up was asked after %v", waited)
		}
		in.Respond(503, "Service Unavailable", nil)
		finalIn(t, out, 10*time.Second, 503)
		trace, err := x.store.Trace(t.Context(), "default", x.record().ID)
		if err != nil {
			t.Fatal(err)
		}
		if said := fmt.Sprint(trace.Decisions); !strings.Contains(said, "a-dead is down and asked last") || !strings.Contains(said, "trunk a-dead failed") {
			t.Errorf("the trace says %s", said)
		}
	})
}

func TestForwardOutside(t *testing.T) {
	const forward = `{"contact_methods":[{"id":"l2","user_id":"u2","kind":"sip_account","sip_account":{"username":"ben"},"inbound":{"internal_numbers":["102"],"did_numbers":["+12025550102"],"when_unavailable":{"action":"forward","forward_to":"3125550123"}}}]}`
	for _, c := range []struct {
		identity  string
		from      string
		diversion string
	}{
		{"diversion", "+14155550199", "+12025550102"},
		{"original", "+14155550199", ""},
		{"forwarder", "+12025550102", ""},
	} {
		t.Run(c.identity, func(t *testing.T) {
			x, carrier := newExchange(t, options{extra: forward})
			storeTrunkIdentity(t, x, carrier, c.identity)
			out := x.from(carrier, "+12025550102", gosip.NewHeader("P-Asserted-Identity", "<sip:+14155550199@carrier.test>"))
			provisional(t, out, 181)
			in := rings(t, carrier)
			if got := in.Invite.From().Address.User; got != c.from {
				t.Errorf("From %q, want %q", got, c.from)
			}
			if got := header(in.Invite, "Diversion"); (c.diversion == "") != (got == "") || !strings.Contains(got, c.diversion) {
				t.Errorf("Diversion %q, want %q", got, c.diversion)
			}
			if c.identity == "forwarder" && strings.Contains(in.Invite.String(), "4155550199") {
				t.Errorf("the original caller's number went out:\n%s", in.Invite.String())
			}
			in.Respond(200, "OK", answer(40010))
			final(t, out, 200)
			out.Bye()
			ended(t, in)
		})
	}
}

func storeTrunkIdentity(t *testing.T, x *exchange, carrier *siptest.Agent, identity string) {
	t.Helper()
	x.apply(fmt.Sprintf(`{"trunks":[{"id":"carrier","name":"Carrier","host":"127.0.0.3","port":%d,"transport":"udp","auth":{"mode":"address"},"addresses":["127.0.0.3/32"],"trusted_identity":true,"forwarded_identity":%q}]}`, carrier.Addr().Port(), identity))
}

func TestForwardLoop(t *testing.T) {
	x, _ := newExchange(t, options{extra: `{"contact_methods":[
		{"id":"l2","user_id":"u2","kind":"sip_account","sip_account":{"username":"ben"},"inbound":{"internal_numbers":["102"],"when_unavailable":{"action":"forward","forward_to":"103"}}},
		{"id":"l3","user_id":"u3","kind":"sip_account","sip_account":{"username":"cleo"},"inbound":{"internal_numbers":["103"],"when_unavailable":{"action":"forward","forward_to":"102"}}}]}`})
	anna := x.phone("anna")
	final(t, x.dial(anna, "102"), 482)
}

func TestDigestTrunk(t *testing.T) {
	x, carrier := newExchange(t, options{})
	x.apply(fmt.Sprintf(`{"trunks":[{"id":"carrier","name":"Carrier","host":"127.0.0.3","port":%d,"transport":"udp","auth":{"mode":"digest","username":"acme","password":"trunk-secret"},"trusted_identity":true}]}`, carrier.Addr().Port()))
	anna := x.phone("anna")
	out := x.dial(anna, "3125550123")
	in := rings(t, carrier)
	in.Respond(407, "Proxy Authentication Required", nil, gosip.NewHeader("Proxy-Authenticate", `Digest realm="carrier", nonce="abc", algorithm=MD5, qop="auth"`))
	in = rings(t, carrier)
	if got := header(in.Invite, "Proxy-Authorization"); !strings.Contains(got, `username="acme"`) || strings.Contains(got, "trunk-secret") {
		t.Errorf("Proxy-Authorization: %q", got)
	}
	in.Respond(200, "OK", answer(40010))
	final(t, out, 200)
	out.Bye()
	ended(t, in)
}

func TestPhonesNeverGetCredentials(t *testing.T) {
	x, _ := newExchange(t, options{})
	anna, ben := x.phone("anna"), x.phone("ben")
	out := x.dial(anna, "102")
	in := rings(t, ben)
	in.Respond(407, "Proxy Authentication Required", nil, gosip.NewHeader("Proxy-Authenticate", `Digest realm="strowger", nonce="abc", algorithm=MD5, qop="auth"`))
	if res := final(t, out, 480); header(res, "Proxy-Authenticate") != "" {
		t.Error("Ben's challenge went on to Anna")
	}
	quiet(t, ben)
}

func TestMaxCalls(t *testing.T) {
	x, carrier := newExchange(t, options{})
	x.apply(fmt.Sprintf(`{"trunks":[{"id":"carrier","name":"Carrier","host":"127.0.0.3","port":%d,"transport":"udp","auth":{"mode":"address"},"addresses":["127.0.0.3/32"],"trusted_identity":true,"max_calls":1}]}`, carrier.Addr().Port()))
	anna, ben := x.phone("anna"), x.phone("ben")
	first := x.from(carrier, "+12025550102")
	in := rings(t, ben)
	in.Respond(200, "OK", answer(40010))
	final(t, first, 200)
	final(t, x.from(carrier, "+12025550102"), 503)
	final(t, x.dial(anna, "3125550123"), 503)
	quiet(t, carrier)
	first.Bye()
	ended(t, in)
	x.idle()
	out := x.dial(anna, "3125550123")
	again := rings(t, carrier)
	again.Respond(486, "Busy Here", nil)
	final(t, out, 486)
}

func TestLargeInviteGoesOverTCP(t *testing.T) {
	x, _ := newExchange(t, options{})
	carrier, err := siptest.NewAgent(siptest.AgentOptions{Listen: "tcp://127.0.0.3:0", User: "carrier"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(carrier.Close)
	x.apply(fmt.Sprintf(`{"trunks":[{"id":"carrier","name":"Carrier","host":"127.0.0.3","port":%d,"transport":"udp","auth":{"mode":"address"}}]}`, carrier.Addr().Port()))
	anna := x.phone("anna")
	large := offer(40000)
	for i := range 40 {
		large += fmt.Sprintf("a=fmtp:0 something=%040d\r\n", i)
	}
	out := anna.Dial(x.flow(anna), "acme.test", "3125550123", []byte(large))
	in := rings(t, carrier)
	if via := header(in.Invite, "Via"); !strings.HasPrefix(via, "SIP/2.0/TCP") {
		t.Errorf("Via: %s", via)
	}
	in.Respond(200, "OK", answer(40010))
	final(t, out, 200)
	out.Bye()
	ended(t, in)
}

// A SIP forwarding that may redirect is followed, but not into this machine or a
// private network on the word of somebody outside of it.
func TestRedirect(t *testing.T) {
	for _, c := range []struct {
		name     string
		may      bool
		contact  string // %d is the port of where the call may go
		followed bool
	}{
		{"followed", true, "<sip:zoe@127.0.0.4:%d>", true},
		{"not allowed", false, "<sip:zoe@127.0.0.4:%d>", false},
		{"to many", true, "<sip:zoe@224.0.0.1:%d>", false},
		{"to nowhere", true, "<sip:zoe@0.0.0.0:%d>", false},
		{"to a telephone", true, "<tel:+19005551234;%d>", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var agents []*siptest.Agent
			for _, at := range []string{"127.0.0.5", "127.0.0.4"} {
				a, err := siptest.NewAgent(siptest.AgentOptions{Listen: "udp://" + at + ":0", User: "zoe"})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(a.Close)
				agents = append(agents, a)
			}
			elsewhere, target := agents[0], agents[1]
			x, _ := newExchange(t, options{extra: fmt.Sprintf(`{
				"contact_methods":[{"id":"s3","user_id":"u3","kind":"sip_forwarding","sip_forwarding":{"username":"zoe","domain":"127.0.0.5","port":%d,"transport":"udp","process_30x":%v}}],
				"users":[{"id":"u3","first_name":"Cleo","routing":{"mode":"ring_all","contact_method_ids":["l3","s3"]}}],
				"internal_numbers":[{"number":"133","owner":{"kind":"user","id":"u3"}}]}`, elsewhere.Addr().Port(), c.may)})
			anna := x.phone("anna")
			out := x.dial(anna, "133")
			rings(t, elsewhere).Respond(302, "Moved Temporarily", nil, gosip.NewHeader("Contact", fmt.Sprintf(c.contact, target.Addr().Port())))
			if !c.followed {
				final(t, out, 480)
				quiet(t, target)
				return
			}
			in := rings(t, target)
			in.Respond(200, "OK", answer(40010))
			final(t, out, 200)
			out.Bye()
			ended(t, in)
		})
	}
}

// Telephony rules, "Divert": hops that a call made before it came to us count,
// by Diversion or by History-Info.
func TestArrivingDiversions(t *testing.T) {
	diversion := func(counters ...int) (all []gosip.Header) {
		for i, n := range counters {
			all = append(all, gosip.NewHeader("Diversion", fmt.Sprintf("<sip:+1312555%04d@carrier.test>;reason=user-busy;counter=%d", i, n)))
		}
		return all
	}
	history := func(entries int) []gosip.Header {
		var all []string
		index := "1"
		for i := range entries {
			all = append(all, fmt.Sprintf("<sip:+1312555%04d@carrier.test>;index=%s", i, index))
			index += ".1"
		}
		return []gosip.Header{gosip.NewHeader("History-Info", strings.Join(append(all, "<sip:+12025550102@carrier.test>;index="+index), ", "))}
	}
	for _, c := range []struct {
		name    string
		headers []gosip.Header
		want    int // 0: it is forwarded
	}{
		{"none", nil, 0},
		{"four by one header", diversion(4), 0},
		{"four by two headers", diversion(3, 1), 0},
		{"five", diversion(5), 480},
		{"three and two", diversion(3, 2), 480},
		{"four by History-Info", history(4), 0},
		{"five by History-Info", history(5), 480},
		{"the line itself", []gosip.Header{gosip.NewHeader("Diversion", "<sip:+12025550102@acme.test>;reason=no-answer;counter=1")}, 482},
		{"garbage", []gosip.Header{gosip.NewHeader("Diversion", "<<;counter=x"), gosip.NewHeader("History-Info", ",,<")}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, carrier := newExchange(t, options{extra: `{"contact_methods":[{"id":"l2","user_id":"u2","kind":"sip_account","sip_account":{"username":"ben"},"inbound":{"internal_numbers":["102"],"did_numbers":["+12025550102"],"when_unavailable":{"action":"forward","forward_to":"103"}}}]}`})
			cleo := x.phone("cleo")
			out := x.from(carrier, "+12025550102", c.headers...)
			if c.want > 0 {
				final(t, out, c.want)
				quiet(t, cleo)
				return
			}
			in := rings(t, cleo)
			if got := header(in.Invite, "Diversion"); !strings.Contains(got, "+12025550102@") {
				t.Errorf("the newest Diversion is %q, want Ben's", got)
			}
			in.Respond(486, "Busy Here", nil)
			final(t, out, 486)
		})
	}
}

// Calls come and go while an administrator saves trunks: both go on.
func TestTrunksAreSavedDuringCalls(t *testing.T) {
	x, carrier := newExchange(t, options{})
	stop := make(chan struct{})
	var callers sync.WaitGroup
	defer callers.Wait()
	defer close(stop)
	for range 4 {
		callers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				res, err := x.from(carrier, "+12025550177").Final(within)
				if err != nil || res.StatusCode != 404 {
					t.Errorf("a call to nobody: %v %v", res, err)
					return
				}
			}
		})
	}
	for n := range 40 {
		trunks := []string{fmt.Sprintf(`{"id":"carrier","name":"Carrier","host":"127.0.0.3","port":%d,"transport":"udp","auth":{"mode":"address"},"addresses":["127.0.0.3/32"]}`, carrier.Addr().Port())}
		for i := range 8 {
			if (i+n)%3 > 0 { // some come, some go
				trunks = append(trunks, fmt.Sprintf(`{"id":"t%d","host":"127.0.0.3","port":%d,"transport":"udp","auth":{"mode":"register","username":"u%d","password":"pw"},"options_ping_s":30}`, i, carrier.Addr().Port(), n))
			}
		}
		site, err := store.ParseSite([]byte(`{"trunks":[` + strings.Join(trunks, ",") + `]}`))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := x.store.ApplySite(t.Context(), "default", store.Author{Who: "test"}, site, true, false); err != nil {
			t.Fatal(err)
		}
		x.eventually("the exchange to follow", func() bool { return x.server.Followed() >= x.store.Revision() })
	}
}
